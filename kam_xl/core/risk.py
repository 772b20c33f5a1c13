"""What puts a customer at risk, rule by rule, with the evidence in words and its place (handbook §7).

A rule is a function from the `View` and its own policy to a frame of hits: customer_id, the facts its evidence names,
and team, book, sheet, cell of what it saw. Missing data never fires a rule.
"""

from __future__ import annotations

import functools
import hashlib
import re
import string
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from opencc import OpenCC

from kam_xl.core import cells, consolidation, scoring, sheets, tiering
from kam_xl.core.consolidation import Portfolio
from kam_xl.core.policy import LEVELS, OPEN_STATUSES, Policy, RiskRule
from kam_xl.core.words import Words

COLUMNS = ("customer_id", "name", "computed_tier", "rule", "level", "evidence", "remedy", "owner", "due",
           "team", "book", "sheet", "cell", "key")  # fmt: skip
PLACE = ("team", "book", "sheet", "cell")
_LATIN = re.compile("[a-z0-9]")
QUOTED = 60  # characters of a typed text that an evidence quotes


@dataclass(frozen=True)
class View:
    """What the rules look at; ``customers`` and ``evaluations`` are scored, tiered and planned."""

    portfolio: Portfolio
    customers: pd.DataFrame
    evaluations: pd.DataFrame
    policy: Policy
    today: pd.Timestamp
    words: Words
    past: pd.DataFrame | None = None

    @functools.cached_property
    def current(self) -> pd.DataFrame:
        """The evaluations that decide, one a customer."""
        return self.evaluations[self.evaluations["current"]]

    @functools.cached_property
    def open_tracking(self) -> pd.DataFrame:
        """The tracking rows whose strategy is known to be neither done nor cancelled."""
        return self.portfolio.tracking[self.portfolio.tracking["status"].isin(OPEN_STATUSES)]


def scan(view: View) -> pd.DataFrame:
    """Every risk finding (`COLUMNS`), worst customer first; texts in the language of the view's words.

    Findings on customers that are not in the portfolio (tracking rows of a stranger) are dropped.
    """
    found = [_findings(view, rule) for rule in view.policy.risk.values() if rule.enabled]
    customers = view.customers.set_index("customer_id")[["name", "computed_tier", "owner"]]
    every = pd.concat([_nothing(), *found], ignore_index=True).join(customers, on="customer_id", how="inner")
    every = _worst_first(every.reset_index(drop=True), view.policy)
    every["key"] = pd.array(keys(every["customer_id"], every["rule"]), dtype="str")
    every["due"] = _promised(view.past).reindex(every["key"]).set_axis(every.index).fillna(every["due"])
    return every[list(COLUMNS)]


def keys(customer_id: pd.Series, source: pd.Series) -> list[str]:
    """A name for each risk or action that stays the same night after night: customer, source, and its number there.

    No cell address is in it: a row inserted above must not make an old risk a new one.
    """
    identity = customer_id + "|" + source
    identity = identity + "|" + identity.groupby(identity).cumcount().astype("str")
    return [hashlib.blake2s(text.encode(), digest_size=6).hexdigest() for text in identity]


def _promised(past: pd.DataFrame | None) -> pd.Series:
    """Key → due date of every risk that was open in the snapshot before: a risk that goes on keeps its date."""
    if past is None or "due" not in past:
        return pd.Series(dtype="datetime64[s]")
    pairs = past["due"].dropna().str.split().explode().str.split("=", expand=True)
    if pairs.shape[1] < 2:
        return pd.Series(dtype="datetime64[s]")
    return pd.Series(pd.to_datetime(pairs[1]).to_numpy("datetime64[s]"), index=pairs[0].to_numpy())


def of_customers(risks: pd.DataFrame, customer_id: pd.Series, policy: Policy) -> pd.DataFrame:
    """Each customer's level (the worst finding's, or ``none``), risk_score (a weighted sum) and risk_count."""
    points = risks["level"].map(policy.risk_points).astype("int64")
    order = _rank(risks["level"], LEVELS)
    by_customer = pd.DataFrame({"points": points, "order": order}).groupby(risks["customer_id"])
    worst = customer_id.map(by_customer["order"].min())
    return pd.DataFrame(
        {
            "level": worst.map(dict(enumerate(LEVELS))).astype("str").fillna("none"),
            "risk_score": customer_id.map(by_customer["points"].sum()).fillna(0).astype(int),
            "risk_count": customer_id.map(by_customer.size()).fillna(0).astype(int),
        }
    )


def sentences(template: str, facts: pd.DataFrame, words: Words) -> pd.Series:
    """One sentence a row out of a template with {names} and the columns of those names."""
    text = pd.Series("", index=facts.index, dtype="str")
    for literal, fact, _, _ in string.Formatter().parse(template):
        text = text + literal
        if fact is not None:
            text = text + _said(facts[fact], words)
    return text


def _said(column: pd.Series, words: Words) -> pd.Series:
    """Facts as people read them: ISO dates, numbers with at most one decimal, a dash for what is unknown."""
    if pd.api.types.is_datetime64_any_dtype(column):
        days = np.datetime_as_string(column.to_numpy("datetime64[D]"))
        column = pd.Series(days, index=column.index, dtype="str").where(column.notna())
    elif pd.api.types.is_numeric_dtype(column):
        column = column.map("{:,.1f}".format, na_action="ignore").astype("str").str.removesuffix(".0")
    return column.astype("str").fillna(words("terms.unknown"))


def _percent(share: pd.Series) -> pd.Series:
    return share.map("{:.1%}".format).astype("str").str.replace(".0%", "%")


def _points(score: pd.Series) -> pd.Series:
    """A score as it is always shown, with its decimal: 55.0; unknown stays unknown."""
    return scoring.round_half_away(score, scoring.DECIMALS).map("{:.1f}".format, na_action="ignore").astype("str")


def _short(text: pd.Series) -> pd.Series:
    """Typed text as far as an evidence quotes it, on one line."""
    text = text.str.replace(r"\s+", " ", regex=True).str.strip()
    return text.str.slice(0, QUOTED).where(text.str.len() <= QUOTED, text.str.slice(0, QUOTED) + "…")


# --- from hits to findings ---------------------------------------------------------------------------------------


def _findings(view: View, rule: RiskRule) -> pd.DataFrame:
    """One rule's hits with their evidence in words."""
    hits = RULES[rule.key](view, rule)
    found = hits.assign(
        rule=rule.key,
        level=hits.get("level", rule.severity),
        evidence=sentences(rule.evidence(view.words.lang), hits, view.words),
        remedy=rule.remedy(view.words.lang),
        due=view.today + pd.Timedelta(days=rule.due_days),
    )
    nothing = _nothing()
    return found[list(nothing)].astype(nothing.dtypes)


def _nothing() -> pd.DataFrame:
    """No findings, with every column a rule decides, each of its kind."""
    texts = ("customer_id", "rule", "level", "evidence", "remedy", *PLACE)
    return pd.DataFrame({name: pd.Series(dtype="str") for name in texts} | {"due": pd.Series(dtype="datetime64[us]")})


def _worst_first(found: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """By the customer's risk score, then tier and ID so that a customer's findings stay together, level, rule, place."""
    points = found["level"].map(policy.risk_points).astype("int64")
    order = pd.DataFrame(
        {
            "score": -points.groupby(found["customer_id"]).transform("sum"),
            "tier": _rank(found["computed_tier"], policy.tier_keys),
            "customer_id": found["customer_id"],
            "level": _rank(found["level"], LEVELS),
            "rule": _rank(found["rule"], tuple(policy.risk)),
            **found[["book", "sheet", "cell"]],
        }
    )
    return found.loc[order.sort_values(list(order)).index].reset_index(drop=True)


def _rank(keys: pd.Series, order: tuple[str, ...]) -> pd.Series:
    return keys.map({key: rank for rank, key in enumerate(order)}).astype("float64")


def _cited(view: View, rows: pd.DataFrame, kind: str, field: str, /, **facts: object) -> pd.DataFrame:
    """Rows of one kind of sheet as hits: the place of ``field`` in each, and the facts beside it."""
    place = {"team": rows["team" if "team" in rows else "teams"], "book": rows["book"], "sheet": rows["sheet"]}
    columns = {
        "customer_id": rows["customer_id"],
        **place,
        "cell": consolidation.cells(view.portfolio.letters, rows, kind, field),
    }
    return pd.DataFrame(columns).assign(**facts)


# --- customers: silence, amounts, concentration ------------------------------------------------------------------


def silent_customer(view: View, rule: RiskRule) -> pd.DataFrame:
    """No deal or contact for longer than the tier's cadence times a factor."""
    rows, factor = view.customers, rule["silence_factor"]
    rows = rows.assign(days=(view.today - rows["last_contact"]).dt.days)
    rows = rows[rows["days"] > factor * rows["cadence_days"]]
    facts = {"days": rows["days"], "last": rows["last_contact"], "cadence": rows["cadence_days"], "factor": factor}
    return _cited(view, rows, "info", "last_deal", **facts)


def amount_fell(view: View, rule: RiskRule) -> pd.DataFrame:
    """The amount is lower than in the snapshot before, though no team and no team's figure is missing this time."""
    rows = view.customers
    rows = rows.assign(before=_before(view, "amount"), teams_before=_before(view, "team_count"))
    rows["fall"] = (1 - rows["amount"] / rows["before"].where(rows["before"] > 0)).round(9)
    fewer = (rows["team_count"] < rows["teams_before"]) | (rows["amount_parts"] < _before(view, "amount_parts"))
    rows = rows[(rows["fall"] >= rule["fall_share"]) & ~fewer]
    facts = {"before": rows["before"], "now": rows["amount"], "fall": _percent(rows["fall"])}
    return _cited(view, rows, "info", "amount", **facts)


def _before(view: View, column: str) -> pd.Series:
    """A column of the snapshot before, beside the customers; unknown where there is none."""
    if view.past is None or column not in view.past:
        return pd.Series(np.nan, index=view.customers.index)
    return view.customers["customer_id"].map(view.past.set_index("customer_id")[column])


def concentration(view: View, rule: RiskRule) -> pd.DataFrame:
    """One customer makes up much of the portfolio's amount."""
    rows, limit = view.customers, rule["share_above"]
    total = rows["amount"].sum()
    rows = rows.assign(share=(rows["amount"] / (total if total > 0 else np.nan)).round(9))
    rows = rows[rows["share"] > limit]
    facts = {"amount": rows["amount"], "share": _percent(rows["share"]), "limit": f"{limit:.0%}"}
    return _cited(view, rows, "info", "amount", **facts)


# --- strategies being executed -----------------------------------------------------------------------------------


def strategy_overdue(view: View, rule: RiskRule) -> pd.DataFrame:
    """An open strategy is past its end."""
    rows = view.open_tracking
    rows = rows[rows["end"] < view.today]
    facts = {"days": (view.today - rows["end"]).dt.days, **_strategy(view, rows)}
    return _cited(view, rows, "tracking", "period", **facts)


def strategy_behind(view: View, rule: RiskRule) -> pd.DataFrame:
    """More of an open strategy's period is gone than its status is worth."""
    rows = view.open_tracking
    rows = rows[(rows["start"] <= view.today) & (view.today <= rows["end"]) & (rows["start"] < rows["end"])]
    elapsed = (view.today - rows["start"]) / (rows["end"] - rows["start"])
    behind = (elapsed - rows["status"].map(rule["progress"]).astype(float)).round(9) >= rule["gap"]
    rows = rows[behind]
    return _cited(view, rows, "tracking", "status", elapsed=_percent(elapsed[behind]), **_strategy(view, rows))


def _strategy(view: View, rows: pd.DataFrame) -> dict[str, pd.Series]:
    names = {status: view.words(f"terms.status.{status}") for status in OPEN_STATUSES}
    return {"strategy": _short(rows["strategy"]), "status": rows["status"].map(names), "end": rows["end"]}


def problem_without_improvement(view: View, rule: RiskRule) -> pd.DataFrame:
    """A problem is recorded, and nothing to improve it."""
    rows = view.portfolio.tracking
    rows = rows[_stated(rows["problem"], rule["nothing"])]
    rows = rows[~_stated(rows["improvement"])]
    facts = {"strategy": _short(rows["strategy"]), "problem": _short(rows["problem"])}
    return _cited(view, rows, "tracking", "problem", **facts)


def _stated(text: pd.Series, nothing: tuple[str, ...] = ()) -> pd.Series:
    """True where a text says something: neither blank nor a word for nothing."""
    folded = text.str.strip().str.rstrip("。.!！").str.lower()
    return text.notna() & ~folded.isin([*cells.NOTHING, *map(str.lower, nothing)])


def no_running_strategy(view: View, rule: RiskRule) -> pd.DataFrame:
    """A customer of a high tier has no strategy under way, though a team of theirs keeps a tracking sheet, maybe empty.

    A tracking row without a status may be under way, so it counts as such.
    """
    tracking, records = view.portfolio.tracking, view.portfolio.records
    rows = view.customers[view.customers["computed_tier"].isin(rule["tiers"])]
    may_run = tracking["status"].isin(rule["running"]) | tracking["status"].isna()
    strategies = may_run.astype("int64").groupby(tracking["customer_id"]).agg(["sum", "size"])
    sheets_kept = {_desk(book) for book, kind in view.portfolio.letters if kind == "tracking"}
    tracked = records.loc[records["book"].map(_desk).isin(sheets_kept), "customer_id"].unique()
    own = strategies.reindex(rows["customer_id"], fill_value=0)
    rows = rows.assign(running=own["sum"].to_numpy(), strategies=own["size"].to_numpy())
    rows = rows[(rows["running"] == 0) & rows["customer_id"].isin(tracked)]
    facts = {"tier": _tier_names(view, rows["computed_tier"]), "strategies": rows["strategies"]}
    return _cited(view, rows, "info", "customer_id", **facts)


def _desk(book: str) -> str:
    """Whose workbook it is: a folder's workbooks are one team's, and so is a workbook that lies in none."""
    return book.rpartition("/")[0] or book


def _tier_names(view: View, keys: pd.Series) -> pd.Series:
    return keys.map(view.policy.tier_names(view.words.lang))


def same_strategy(view: View, rule: RiskRule) -> pd.DataFrame:
    """One text serves as the strategy in several tiers, or for most customers that have one."""
    rows = view.portfolio.tracking
    rows = rows.assign(customer=pd.Index(view.customers["customer_id"]).get_indexer(rows["customer_id"]))
    rows = rows[rows["strategy"].notna() & (rows["customer"] >= 0)]
    rows["tier"] = view.customers["computed_tier"].to_numpy()[rows["customer"]]
    rows["text"] = _alike(rows["strategy"])
    uses = rows.drop_duplicates(["customer", "text"])
    by_text = uses.groupby("text")
    uses = uses.assign(
        customers=by_text["customer"].transform("size"),
        tiers=by_text["tier"].transform("nunique"),
    )
    share = uses["customers"] / uses["customer"].nunique()
    common = (uses["tiers"] >= rule["tiers_at_least"]) | (share > rule["share_above"])
    uses = uses[common & (uses["customers"] >= rule["customers_at_least"])]
    facts = {"strategy": _short(uses["strategy"]), "share": _percent(share[uses.index]), **uses[["customers", "tiers"]]}
    return _cited(view, uses, "tracking", "strategy", **facts)


def _alike(text: pd.Series) -> np.ndarray:
    """The same number for texts that differ only in width, case, blanks and punctuation."""
    codes, texts = pd.factorize(text)
    folded = [re.sub(r"[\W_]+", "", cells.narrow(raw).casefold()) for raw in texts]
    return pd.factorize(np.array(folded, dtype=object))[0][codes]


# --- evaluations -------------------------------------------------------------------------------------------------


def evaluation_stale(view: View, rule: RiskRule) -> pd.DataFrame:
    """The evaluation that decides is older than some months."""
    rows, months = view.current, rule["months"]
    rows = rows[rows["evaluated_on"] < view.today - pd.DateOffset(months=months)]
    facts = {"evaluated_on": rows["evaluated_on"], "months": float(months)}
    return _cited(view, rows, "evaluation", "evaluated_on", **facts)


def recorded_differs(view: View, rule: RiskRule) -> pd.DataFrame:
    """The recorded tier or score is not the computed one; a score alone weighs less."""
    rows = view.current[view.current["verdict"].isin(["tier_differs", "score_differs"])]
    levels = {"tier_differs": rule.severity, "score_differs": rule["score_only_severity"]}
    facts = {
        "recorded_score": _points(rows["composite"]),
        "recorded_tier": _tier_names(view, rows["tier"]),
        "score": _points(rows["score"]),
        "tier": _tier_names(view, rows["computed_tier"]),
        "level": rows["verdict"].map(levels),
    }
    return _cited(view, rows, "evaluation", "composite", **facts)


def score_fell(view: View, rule: RiskRule) -> pd.DataFrame:
    """The score is some points lower than in the same team's evaluation before."""
    rows = view.current.join(_evaluations_before(view), on="customer_id")
    rows["fall"] = (rows["before"] - rows["score"]).round(scoring.DECIMALS)
    rows = rows[rows["fall"] >= rule["points"]]
    facts = {
        "before": _points(rows["before"]),
        "before_on": rows["before_on"],
        "now": _points(rows["score"]),
        "now_on": rows["evaluated_on"],
        "fall": _points(rows["fall"]),
    }
    return _cited(view, rows, "evaluation", "evaluated_on", **facts)


def _evaluations_before(view: View) -> pd.DataFrame:
    """By customer, ``before`` and ``before_on``: the deciding team's latest scored evaluation older than its last."""
    deciding = view.current[["customer_id", "team", "evaluated_on"]].rename(columns={"evaluated_on": "decided_on"})
    scored = view.evaluations[view.evaluations["score"].notna()].merge(deciding, on=["customer_id", "team"])
    older = scored[scored["evaluated_on"] < scored["decided_on"]]
    latest = older.sort_values(["evaluated_on", "score"]).drop_duplicates("customer_id", keep="last")
    return latest.set_index("customer_id")[["score", "evaluated_on"]].set_axis(["before", "before_on"], axis=1)


def profile_contradiction(view: View, rule: RiskRule) -> pd.DataFrame:
    """The marks do not fit the description of the tier that the score gives."""
    rows = view.current
    rows = rows[tiering.profile_contradictions(rows["value"], rows["potential"], rows["computed_tier"], view.policy)]
    tier = _tier_names(view, rows["computed_tier"])
    return _cited(
        view, rows, "evaluation", "tier", score=_points(rows["score"]), tier=tier, **rows[["value", "potential"]]
    )


# --- what people wrote -------------------------------------------------------------------------------------------


def data_quality(view: View, rule: RiskRule) -> pd.DataFrame:
    """Cells of the customer's rows could not be used; the place is the first one's."""
    findings = view.portfolio.findings
    errors = findings[(findings["severity"] == "error") & findings["customer_id"].notna()]
    names = {field: column.header(view.words.lang) for field, column in sheets.columns().items()}
    fields = errors["field"].map(names).fillna(view.words("terms.unknown"))
    teams = view.portfolio.sources.drop_duplicates("book").set_index("book")["team"]
    first = errors.drop_duplicates("customer_id").set_index("customer_id")
    return first.assign(
        team=first["book"].map(teams),
        count=errors["customer_id"].value_counts(),
        fields=fields.groupby(errors["customer_id"]).agg(lambda texts: _listed(texts, view.words)),
    ).reset_index()


def _listed(texts: Iterable[str], words: Words) -> str:
    """Texts as a list in words, each once, in their order."""
    return words("terms.list_separator").join(dict.fromkeys(texts))


def warning_words(view: View, rule: RiskRule) -> pd.DataFrame:
    """A word of warning stands in a remark, a problem or an effect, and nothing beside it takes it back."""
    records, tracking = view.portfolio.records, view.portfolio.tracking
    places = ((records, "info", "remarks"), (tracking, "tracking", "problem"), (tracking, "tracking", "effect"))
    return pd.concat([_warned(view, rule, *place) for place in places])


def _warned(view: View, rule: RiskRule, rows: pd.DataFrame, kind: str, field: str) -> pd.DataFrame:
    signal, said = _signals(*(rule[name] for name in ("words", "negations", "fillers", "joiners", "harmless_after")))
    folded = rows[field].str.normalize("NFKC").str.lower()
    folded = folded[folded.str.contains(signal, na=False)]  # most texts end here
    found = folded.map({text: _listed(filter(None, said.findall(text)), view.words) for text in folded.unique()})
    rows = rows.loc[found.index[found != ""]].drop_duplicates(["customer_id", field])
    facts = {"field": sheets.header(field, view.words.lang), "found": found[rows.index], "text": _short(rows[field])}
    return _cited(view, rows, kind, field, **facts)


@functools.cache
def _signals(
    words: tuple[str, ...],
    negations: tuple[str, ...],
    fillers: tuple[str, ...],
    joiners: tuple[str, ...],
    harmless_after: tuple[str, ...],
) -> tuple[str, re.Pattern]:
    """A plain pattern for "may contain a warning word", and the exact one, whose group 1 is a word that counts.

    The exact one swallows negated words first: ``无`` fillers ``拖欠`` joiner ``逾期``, then ``流失`` ``率下降``.
    """
    word, filler = _one_of(words), _one_of(fillers)
    # blanks join words in English only: 无 at the end of one phrase or line takes nothing back in the next
    gap = rf"(?:{filler}|(?<=[a-z0-9])[ \t]+)*"
    negated = rf"{_one_of(negations)}{gap}{word}(?:[ \t]*{_one_of(joiners)}{gap}{word})*"
    harmless = rf"{word}\s*{_one_of(harmless_after)}"
    return "|".join(map(re.escape, _spellings(words))), re.compile(rf"{negated}|{harmless}|({word})")


def _one_of(texts: tuple[str, ...]) -> str:
    """A pattern for any of the texts, the longest first; Latin letters and digits only as whole words."""
    return f"(?:{'|'.join(map(_whole, _spellings(texts)))})"


def _whole(text: str) -> str:
    start = "(?<![a-z0-9.])" if _LATIN.match(text[0]) else ""
    end = "(?![a-z0-9])" if _LATIN.match(text[-1]) else ""
    return start + re.escape(text) + end


def _spellings(texts: tuple[str, ...]) -> list[str]:
    """The texts in lower case, in Simplified and in Traditional Chinese, the longest first."""
    lower = {unicodedata.normalize("NFKC", text).lower() for text in texts}
    return sorted(lower | set(map(OpenCC("s2t").convert, lower)), key=lambda text: (-len(text), text))


RULES: dict[str, Callable[[View, RiskRule], pd.DataFrame]] = {
    rule.__name__: rule
    for rule in (
        silent_customer,
        amount_fell,
        strategy_overdue,
        strategy_behind,
        problem_without_improvement,
        no_running_strategy,
        same_strategy,
        evaluation_stale,
        recorded_differs,
        score_fell,
        concentration,
        warning_words,
        profile_contradiction,
        data_quality,
    )
}
