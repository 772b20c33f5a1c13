"""Whether a strategy says what a plan needs: goal, measures, owner, deadline, resources (S0); a SMART goal (S3).

What people type as the goal of a strategy → metric, baseline, target, deadline: ``6个月内将战略客户的复购率从60%提升至75%``,
``自助使用率30%，目标50%``, ``销售额增长15%``, ``raise repurchases from 60% to 75% by 2026-06-30``.
"""

from __future__ import annotations

import calendar
import datetime as dt
import functools
import re
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from kam_xl.core.entries import is_nothing
from kam_xl.core.policy import Policy
from kam_xl.core.portfolio import Portfolio
from kam_xl.core.privacy import without_numbers
from kam_xl.core.quantities import parse_effect
from kam_xl.core.strategies import are_open
from kam_xl.core.texts import narrow, simplified

#: What a plan needs → the field whose cell lacks it.
NEEDS = {
    "goal": "strategy",
    "metric": "effect",
    "baseline": "effect",
    "target": "effect",
    "measures": "actions",
    "owner": "tracker",
    "deadline": "period",
    "resources": "actions",
}
COLUMNS = ("customer_id", "strategy", "status", "open", "metric", "baseline", "target", "relative", "deadline", "owner", "missing",
           "team", "book", "sheet", "cell")  # fmt: skip


class Goal(NamedTuple):
    """What one text says of a goal; percentages are fractions.

    ``relative``: the target is a change, not a level. The deadline is a day, or so many months or days from the start.
    """

    metric: str | None = None
    baseline: float | None = None
    target: float | None = None
    relative: bool = False
    deadline: dt.date | None = None
    months: int | None = None
    days: int | None = None


def check(portfolio: Portfolio, policy: Policy) -> pd.DataFrame:
    """One row a tracking row (`COLUMNS`): the goal it states, and in ``missing`` what the plan lacks.

    ``open`` is what is under way; ``missing`` lists keys of `NEEDS`, joined by blanks; empty where nothing is. The goal stands in the effect or the
    strategy, whichever says more; a deadline also in the period; resources are named by a word of the policy. ``cell``
    is where the first missing part belongs, or the strategy's.
    """
    rows = portfolio.tracking
    goals = _stated(rows)
    deadline = goals["deadline"].fillna(_after(rows["start"], goals)).fillna(rows["end"])
    lacks = pd.DataFrame(
        {
            "goal": _blank(rows["strategy"]) & goals["metric"].isna(),
            "metric": goals["metric"].isna(),
            "baseline": goals["baseline"].isna(),
            "target": goals["target"].isna(),
            "measures": _blank(rows["actions"]),
            "owner": _blank(rows["tracker"]),
            "deadline": deadline.isna() & goals["months"].isna() & goals["days"].isna(),
            "resources": ~_names_resources(rows, policy),
        }
    )
    missing = _listed(lacks)
    at = missing.map({text: NEEDS.get(text.partition(" ")[0], "strategy") for text in missing.unique()})
    cells = [portfolio.cells(rows[at == field], "tracking", field) for field in at.unique()]
    found = rows.assign(**goals[["metric", "baseline", "target", "relative"]], deadline=deadline, owner=rows["tracker"])
    found = found.assign(missing=missing, cell=pd.concat([_NO_CELL, *cells]), open=are_open(rows["status"]))
    return found[list(COLUMNS)].reset_index(drop=True)


_NO_CELL = pd.Series(dtype="str")


def _listed(flags: pd.DataFrame) -> pd.Series:
    """The names of the columns that are true in each row, joined by blanks."""
    patterns = flags.to_numpy("int64") @ (1 << np.arange(flags.shape[1]))
    each, rows = np.unique(patterns, return_inverse=True)
    texts = [" ".join(name for place, name in enumerate(map(str, flags)) if pattern >> place & 1) for pattern in each]
    return pd.Series(np.array(texts, dtype=object)[rows], flags.index, dtype="str")


def _stated(rows: pd.DataFrame) -> pd.DataFrame:
    """The goal of each row as columns: its effect's, or its strategy's where that says more; a deadline of either."""
    effect, strategy = (_columns(rows[name]) for name in ("effect", "strategy"))
    fuller = effect[_PARTS].notna().sum(axis=1) >= strategy[_PARTS].notna().sum(axis=1)
    goals = effect.where(fuller, strategy)
    for name in ("deadline", "months", "days"):
        goals[name] = effect[name].fillna(strategy[name])
    return goals.astype(_KINDS)


_KINDS = {
    "metric": "str", "baseline": "float64", "target": "float64", "relative": "boolean", "deadline": "datetime64[s]",
    "months": "float64", "days": "float64",
}  # fmt: skip
_PARTS = ["metric", "baseline", "target"]  # the more of them a text states, the more it says


def _columns(texts: pd.Series) -> pd.DataFrame:
    codes, unique = pd.factorize(texts)
    goals = [
        *map(parse, map(without_numbers, unique)),
        Goal(),
    ]  # 电话88885675 is no baseline; the last is for unknown, whose code is -1
    table = pd.DataFrame(goals, columns=list(_KINDS)).astype(_KINDS)
    return table.iloc[codes].set_axis(texts.index)


def _after(start: pd.Series, goals: pd.DataFrame) -> pd.Series:
    """The day so many months and days after the start; unknown where none are stated or it is past `_YEARS`."""
    day = start.to_numpy("datetime64[D]")
    months = goals["months"].fillna(0).to_numpy("timedelta64[M]")
    first = day.astype("datetime64[M]")
    begun = first + months
    last = (begun + np.timedelta64(1, "M")).astype("datetime64[D]") - np.timedelta64(1, "D")
    moved = np.minimum(begun.astype("datetime64[D]") + (day - first.astype("datetime64[D]")), last)
    moved = moved + goals["days"].fillna(0).to_numpy("timedelta64[D]")
    stated = (goals["months"].notna() | goals["days"].notna()) & (moved < np.datetime64(str(_YEARS.stop)))
    return pd.Series(moved.astype("datetime64[s]"), index=start.index).where(stated)


def _blank(text: pd.Series) -> pd.Series:
    nothing = {typed: is_nothing(typed) for typed in text.dropna().unique()}
    return text.map(nothing).astype("boolean").fillna(True).astype(bool)


def _names_resources(rows: pd.DataFrame, policy: Policy) -> pd.Series:
    """True where the measures, the strategy or another column of the row name resources."""
    words = _any_of(policy.plan.resource_words)
    named = pd.Series(False, index=rows.index)
    for name in ("actions", "strategy", "extras"):
        found = {text: words.search(simplified(text)) is not None for text in rows[name].dropna().unique()}
        named |= rows[name].map(found).astype("boolean").fillna(False).astype(bool)
    return named


@functools.cache
def _any_of(words: tuple[str, ...]) -> re.Pattern:
    return re.compile("|".join(rf"\b{re.escape(w)}\b" if w.isascii() else re.escape(w) for w in map(simplified, words)))


# --- one text ----------------------------------------------------------------------------------------------------

_NUMBER = r"(?<![\d.])[+-]?\d+(?:,\d{3})*(?:\.\d+)?"
_UNIT = r"(?:万元?|亿元?|元|小时|分钟|天|分|家|人|次|个|\b(?:hours?|days?|points?|h)\b)?"
_A, _B = (rf"(?P<{name}>{_NUMBER})\s*(?P<{name}_unit>%|个?百分点|percentage points?)?{_UNIT}" for name in "ab")
_METRIC = r"(?P<metric>[^\d,，:]*?)\s*"
_UP = r"提升|提高|增长|增加|上升|上涨|扩大|升|增|涨|\b(?:raised?|increased?|improved?|grow|grown|grew|growth|up|rises?|rose|lifted?)\b"
_DOWN = r"下降|降低|降到|减少|缩短|压缩|降|减|\b(?:reduced?|decreased?|cut|lower(?:ed)?|shorten(?:ed)?|down|falls?|fell|drops?|dropped)\b"
_TO = r"(?:至|到|为|\bto\b|→|-+>)"
_LEVEL = r"(?:>=|<=|≥|≤|>|<|≧|≦|不低于|不少于|不超过|不高于|达到|达|至|到|为|\bto\b|\bat least\b|\bat most\b)"
#: How a goal that names its target is written, the fullest form first; a is the baseline, b the target.
_FORMS = tuple(
    map(
        re.compile,
        (
            rf"{_METRIC}(?:从|由|自|\bfrom\b)\s*{_A}\s*(?:{_UP}|{_DOWN})?\s*{_TO}\s*{_B}",
            rf"{_METRIC}{_A}\s*(?:→|-+>)\s*{_B}",
            rf"{_METRIC}(?:{_UP}|{_DOWN})?\s*{_LEVEL}\s*{_B}",
            rf"{_METRIC}(?:目标值?|\b(?:target|goal)\b)\s*(?:是|为|\bis\b|\bof\b|:)?\s*{_B}",
            rf"(?:目标值?|\b(?:target|goal)\b)\s*(?:是|为|:)?\s*{_METRIC}{_B}",
        ),
    )
)
#: How a change is written: 销售额增长15% · sales up 15% · increase sales by 15% · 复购率+15%.
_CHANGES = tuple(
    map(
        re.compile,
        (
            rf"{_METRIC}(?:{_UP}|(?P<down>{_DOWN}))\s*(?:了|约|幅度)?\s*{_LEVEL}?\s*(?:\bby\b)?\s*{_B}",
            rf"(?:{_UP}|(?P<down>{_DOWN}))\s+(?P<metric>[a-z][a-z /-]*?)\s+by\s+{_B}",
            rf"{_METRIC}(?:\+|(?P<down>[-−]))\s*(?P<b>\d+(?:\.\d+)?)\s*(?P<b_unit>%)",
        ),
    )
)
_MOVED = re.compile(rf"(?:{_UP}|(?P<down>{_DOWN}))\s*(?:了|约|\bby\b)?\s*$")
_ACTUAL = re.compile(rf"{_METRIC}(?:为|是|:)?\s*{_A}")
_WITHIN = re.compile(
    r"(?P<n>\d+|[一二两三四五六七八九十])\s*个?(?P<span>月|季度|周|天|日|年)(?:之内|以内|内)"
    r"|\bwithin\s+(?P<m>\d+)\s+(?P<unit>month|week|day|year|quarter)s?"
)
_DAY = r"(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})(?:\s*[-/.月]\s*(?P<day>\d{1,2}))?\s*[月日]?"
_BY = re.compile(
    rf"(?:\b(?:by|until|before)\s+|到|至|于|在){_DAY}|{_DAY.replace('P<', 'P<x')}\s*(?:之前|以前|前|底前|底|末|止)"
)
_NUMERAL = re.compile(r"[\d一二两兩三四五六七八九十]")
_TARGET = re.compile("目标|target|goal|plan")  # what `parse_effect` looks for
_NUMERALS = {text: number for number, text in enumerate("一二三四五六七八九十", start=1)} | {"两": 2}
_MONTHS = {"月": 1, "季度": 3, "年": 12, "month": 1, "quarter": 3, "year": 12}
_DAYS = {"周": 7, "天": 1, "日": 1, "week": 7, "day": 1}
#: Deadlines beyond these are slips of the finger.
_YEARS = range(1900, 2200)
_LONGEST = {"months": 999, "days": 9999}
_MOST_READ, _MOST_OF_CLAUSE = 1000, 200
_BLANKS = re.compile(r"[^\S\n]+")
_LAST_NUMBER = re.compile(r"\d[\d\s.,/年月-]*\D{0,20}$")
#: What stands before and after the name of the metric.
_HEAD = re.compile(
    r"^(?:.*[将把让]|年|(?:目标|计划|预期|target|goal|plan)s?\s*[:是为]?|(?:to\s+)?"
    r"(?:raise|increase|improve|grow|reduce|cut|lower|lift|shorten|bring)\s+|(?:the|our|their)\s+|\s+)+"
)
_TAIL = re.compile(rf"(?:{_UP}|{_DOWN}|目标值?|幅度|\b(?:target|goal|is|by|to)\b|[:(、是为的\s])+$")


def parse(text: str) -> Goal:
    """The goal a text states; of several clauses the one that says most, and the deadline wherever it stands.

    Of a long text the first `_MOST_READ` characters are read, of each clause the first `_MOST_OF_CLAUSE`, runs of blanks
    being one: the patterns take time by the square of the length.
    """
    text = _begun(_BLANKS.sub(" ", text), _MOST_READ)
    if not _NUMERAL.search(text):
        return Goal()
    folded = simplified(text)
    deadline, rest = _deadline(folded)
    clauses = [_clause(_begun(clause, _MOST_OF_CLAUSE)) for clause in re.split(r"[;；。\n]", rest)]
    best = min(clauses, key=lambda goal: goal[: len(_PARTS)].count(None))
    return best._replace(metric=_as_typed(best.metric, folded, text), **deadline)


def _begun(text: str, most: int) -> str:
    """The first characters of a text; the number at their end, which may go on, does not count."""
    return text if len(text) <= most else _LAST_NUMBER.sub("", text[:most])


def _as_typed(metric: str | None, folded: str, text: str) -> str | None:
    """The metric in the script and case of the text; folding changes characters, hardly ever their number."""
    typed = narrow(text)
    if metric is None or len(typed) != len(folded) or metric not in folded:
        return metric
    start = folded.index(metric)
    return typed[start : start + len(metric)]


def _clause(text: str) -> Goal:
    actual, target = parse_effect(text) if _TARGET.search(text) else (None, None)
    if actual is not None and target is not None:
        before = re.split(r"\d", text, maxsplit=1)[0]
        moved = _MOVED.search(before)  # 销售额增长12%，目标15%: both are changes
        sign = -1 if moved and moved["down"] else 1
        return Goal(_metric(before), sign * actual, sign * target, relative=moved is not None)
    for form in _FORMS:
        if match := form.search(text):
            named = match.groupdict()
            baseline = _value(named["a"], named["a_unit"] or named["b_unit"]) if named.get("a") else None
            return Goal(_metric(named["metric"]), baseline, _value(named["b"], named["b_unit"]))
    for form in _CHANGES:
        if match := form.search(text):
            size = _value(match["b"], match["b_unit"])
            return Goal(_metric(match["metric"]), None, -size if match["down"] else size, relative=True)
    if (match := _ACTUAL.search(text)) and (metric := _metric(match["metric"])):
        return Goal(metric, _value(match["a"], match["a_unit"]))
    return Goal()


def _value(number: str, unit: str | None) -> float:
    """A number, a percentage as a fraction."""
    value = float(number.replace(",", ""))
    return round(value / 100, 12) if unit else value


def _metric(text: str) -> str | None:
    """What is measured, out of the words before the numbers: 将战略客户的复购率 → 复购率."""
    return _TAIL.sub("", _HEAD.sub("", text)).rpartition("的")[2].strip() or None


def _deadline(text: str) -> tuple[dict[str, Any], str]:
    """The deadline a text states, and the text without it; no day of the calendar and no span of centuries is one."""
    if match := _BY.search(text):
        year, month, day = (match[name] or match[f"x{name}"] for name in ("year", "month", "day"))
        text = text[: match.start()] + text[match.end() :]
        if int(year) in _YEARS and 1 <= int(month) <= 12:
            last = calendar.monthrange(int(year), int(month))[1]
            if 1 <= int(day or last) <= last:
                return {"deadline": dt.date(int(year), int(month), int(day or last))}, text
    if match := _WITHIN.search(text):
        typed, span = (match["n"], match["span"]) if match["n"] else (match["m"], match["unit"])
        count = _NUMERALS.get(typed) or int(typed)
        text = text[: match.start()] + text[match.end() :]
        name, size = ("months", count * _MONTHS[span]) if span in _MONTHS else ("days", count * _DAYS[span])
        return ({name: size} if size <= _LONGEST[name] else {}), text
    return {}, text
