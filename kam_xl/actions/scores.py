"""Score and tier every evaluation, hold recorded ones beside computed ones, explain one customer's score."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pandas as pd

from kam_xl.actions import result_sheets, results, selection
from kam_xl.actions.request import Request
from kam_xl.core import explaining, planning, sheets
from kam_xl.core.books import NativeTable, letter
from kam_xl.core.errors import KamError
from kam_xl.core.located import Located
from kam_xl.core.policy import DIMENSIONS
from kam_xl.hosts import excel
from kam_xl.showing.fields import header
from kam_xl.showing.telling import rank

#: Recorded beside computed, what differs first.
_VERDICTS = ("tier_differs", "score_differs", "unknown", "unrecorded", "match")
_AUDIT = "verdict customer_id name evaluated_on evaluator composite:recorded_score score tier:recorded_tier computed_tier cell"
_NAMED = 10  # customers named in a sentence


# --- score all ---------------------------------------------------------------------------------------------------


def score_all(request: Request) -> str:
    """Fill empty score and tier cells with their formulas; whatever was typed stays."""
    places = _evaluations(request)
    rows = request.checked.tables["evaluation"].rows
    complete = rows[list(DIMENSIONS)].notna().all(axis=1)
    request.tell("scoring")
    filled = 0
    for place in places:
        held = [place.has_row(sheet, row) for sheet, row in zip(rows["sheet"], rows["row"], strict=True)]
        mine = pd.Series(held, rows.index, dtype="bool")
        with excel.writing(place.sheet.name, request.words), excel.still(request.book):
            filled += _fill_all(request, place, rows.loc[mine, "row"], rows.loc[mine & complete, "row"])
    words = request.words
    sentence = words("message.scored", rows=len(rows), scored=int(complete.sum()), filled=filled)
    if (~complete).any():
        names = _named(rows.loc[~complete, "customer_id"], words("terms.list_separator"))
        sentence += words("message.marks_missing", n=int((~complete).sum()), customers=names)
    return sentence


def _fill_all(request: Request, table: Located, rows: pd.Series, complete: pd.Series) -> int:
    """Write the formulas that rows lack, of a score where the marks are complete; how many were written."""
    filled = _fill(request, table, "composite", complete)
    scored = {int(row) for row in rows if _typed(table, "composite", int(row)) != ""} | filled
    return len(filled) + len(_fill(request, table, "tier", scored))


def _evaluations(request: Request) -> tuple[Located, ...]:
    """All places of the evaluation table, each with three marks and a column to fill; `KamError` says what is missing."""
    words, sheet = request.words, sheets.EVALUATION
    if "evaluation" not in request.checked.tables:
        raise KamError(words("message.sheet_missing", sheet=sheet.name(words.lang)))
    places = request.located["evaluation"].parts
    for place in places:
        missing = [field for field in DIMENSIONS if field not in place.columns]
        missing += [] if {"composite", "tier"} & set(place.columns) else ["composite"]
        if missing:
            names = words("terms.list_separator").join(sheet.column(field).header(words.lang) for field in missing)
            raise KamError(words("message.columns_missing", sheet=place.sheet.name, columns=names))
    return places


def _typed(table: Located, field: str, row: int) -> object:
    """What a row's cell shows; blank where the table lacks the column."""
    cells = table.sheet.rows[row - 1]
    column = table.columns.get(field)
    return "" if column is None or column >= len(cells) else cells[column]


def _fill(request: Request, table: Located, field: str, rows: Iterable[int]) -> set[int]:
    """Write the formula of a field into those of the rows (1-based) whose cell is empty; returns them."""
    if field not in table.columns:
        return set()
    column = table.columns[field] + 1
    sheet = request.book.sheets[table.sheet.name]
    empty = sorted(int(row) for row in rows if _typed(table, field, int(row)) == "")
    filled: set[int] = set()
    for first, last in _stretches(empty):
        cells = sheet.range((first, column), (last, column))
        typed = [line[0] for line in excel.formulas(cells)]
        for row, text in enumerate(typed, first):
            if not text:  # a formula that shows nothing is nobody's gap
                sheet.range((row, column)).formula = _formula(request, table, field, row)
                filled.add(row)
    return filled


def _stretches(rows: list[int]) -> Iterator[tuple[int, int]]:
    """Rows that follow each other, as (first, last)."""
    start = 0
    for i in range(1, len(rows) + 1):
        if i == len(rows) or rows[i] != rows[i - 1] + 1:
            yield rows[start], rows[i - 1]
            start = i


def _formula(request: Request, table: Located, field: str, row: int) -> str:
    """``=KAM_SCORE(…)`` or ``=KAM_TIER(…)`` over the row's own cells; by header where they stand in a native table."""
    given = DIMENSIONS if field == "composite" else ("composite",)
    name = {"composite": "KAM_SCORE", "tier": "KAM_TIER"}[field]
    native = next((t.name for t in request.raw.tables if _stands_at(t, table)), None)
    if native and row > request.book.sheets[table.sheet.name].tables[native].range.last_cell.row:
        native = None  # typed below the table, which does not grow in LibreOffice
    return f"={name}({','.join(_reference(table, native, one, row) for one in given)})"


def _stands_at(native: NativeTable, table: Located) -> bool:
    return (native.sheet, native.row) == (table.sheet.name, table.header_row)


def _reference(table: Located, native: str | None, field: str, row: int) -> str:
    column = table.columns[field]
    if native is None:
        return f"{letter(column)}{row}"
    header = str(table.sheet.rows[table.header_row][column])
    return f"{native}[[#This Row],[{_escaped(header)}]]"


def _escaped(header: str) -> str:
    """A header inside a structured reference: an apostrophe before each character that means something there."""
    return "".join("'" + char if char in "[]#'@" else char for char in header)


def _named(ids: pd.Series, separator: str) -> str:
    """The first customers of a list by their IDs, … for the rest."""
    known = list(dict.fromkeys(ids.dropna()))
    return separator.join(known[:_NAMED]) + ("…" if len(known) > _NAMED else "")


# --- audit -------------------------------------------------------------------------------------------------------


def audit(request: Request) -> str:
    """Every evaluation's recorded score and tier beside the computed ones, differences first; nothing is changed."""
    _needs_evaluations(request)
    assessed, words = request.assessed, request.words
    names = assessed.customers.set_index("customer_id")["name"]
    frame = assessed.evaluations
    cells = assessed.portfolio.cells(frame, "evaluation", "composite")
    frame = frame.assign(name=frame["customer_id"].map(names), cell=cells, _rank=rank(frame["verdict"], _VERDICTS))
    frame = frame.sort_values(["_rank", "customer_id", "evaluated_on"], ascending=[True, True, False], kind="stable")
    counts = frame["verdict"].value_counts().reindex(list(_VERDICTS), fill_value=0)
    differ = int(counts["tier_differs"] + counts["score_differs"])
    sentence = words(
        "message.audited",
        rows=len(frame), differ=differ, match=counts["match"], unrecorded=counts["unrecorded"], unknown=counts["unknown"],
    )  # fmt: skip
    result_sheets.show(
        request.book, results.page(request, "audit", sentence, [results.block(request, frame, _AUDIT)]), words
    )
    return sentence


def _needs_evaluations(request: Request) -> None:
    if request.assessed.evaluations.empty:
        raise KamError(request.words("message.no_evaluations"))


# --- explain -----------------------------------------------------------------------------------------------------


def explain(request: Request) -> str:
    """The selected customer: points by dimension, the way to each tier, risks, strategy."""
    assessed, words = request.customers(), request.words
    customer = selection.customer(request)
    row = assessed.customers[assessed.customers["customer_id"] == customer].reset_index(drop=True)
    value, potential, demand = (row[key] for key in DIMENSIONS)
    who = " ".join(text for text in (customer, row["name"][0]) if isinstance(text, str))
    sentence = words(
        "message.explained",
        customer=who,
        text=explaining.breakdown_sentences(value, potential, demand, request.policy, words)[0],
    )
    blocks = [_points(request, row), _ways(request, row), _risks(request, customer), _strategy(request, row)]
    title = words("result.explanation_of", customer=who)
    result_sheets.show(request.book, results.page(request, "explanation", sentence, blocks, title), words)
    return sentence


def _points(request: Request, customer: pd.DataFrame) -> result_sheets.ResultTable:
    """Each dimension's mark, weight, points and the reason its evaluator gave; the score last."""
    words, policy = request.words, request.policy
    value, potential, demand = (customer[key] for key in DIMENSIONS)
    parts = explaining.breakdown(value, potential, demand, policy)
    evaluations = request.assessed.evaluations
    deciding = evaluations[evaluations["current"] & (evaluations["customer_id"] == customer["customer_id"][0])]
    rows = [
        (
            sheets.EVALUATION.column(key).header(words.lang),
            customer[key][0],
            getattr(policy.weights, key),
            parts[f"{key}_points"][0],
            deciding[f"{key}_reason"].iloc[0] if len(deciding) else None,
        )
        for key in DIMENSIONS
    ]
    rows.append((header("score", words.lang), None, 1.0, parts["score"][0], None))
    frame = pd.DataFrame(rows, columns=["dimension", "mark", "weight", "points", "reason_given"])
    frame = frame.astype({"dimension": "str", "reason_given": "str", "mark": "float64", "points": "float64"})
    return results.block(request, frame, "dimension reason_given mark weight points", words("result.points"))


def _ways(request: Request, customer: pd.DataFrame) -> result_sheets.ResultTable:
    """The smallest change of marks that leads to each tier."""
    keys = list(request.policy.tier_keys)
    value, potential, demand = (pd.Series([customer[key][0]] * len(keys), dtype="float64") for key in DIMENSIONS)
    wanted = pd.Series(keys, dtype="str")
    way = explaining.path(value, potential, demand, wanted, request.policy)
    told = explaining.path_sentences(value, potential, demand, wanted, request.policy, request.words)
    frame = pd.DataFrame({"computed_tier": wanted, "way": told, "score_after": way["score"]})
    return results.block(request, frame, "computed_tier way score_after", request.words("result.ways"))


def _risks(request: Request, customer: str) -> result_sheets.ResultTable:
    risks = request.assessed.matters
    fields = "level subject evidence consequences due cell remedy owner"
    return results.block(request, risks[risks["customer_id"] == customer], fields, request.words("result.risks_of"))


def _strategy(request: Request, customer: pd.DataFrame) -> result_sheets.ResultTable:
    """What the customer's tier gets, item by item."""
    words = request.words
    tier = customer["computed_tier"][0]
    plays = planning.playbook(request.policy, words.lang)
    play = plays.loc[tier] if tier in plays.index else pd.Series(dtype="object")
    rows = [(words(f"result.strategy.{item}"), play.get(item)) for item in
            ("core_strategy", "measures", "departments", "support", "goals")]  # fmt: skip
    rows.append((header("escalation", words.lang), customer["escalation"][0]))
    rows.append((header("cadence_days", words.lang), _whole(customer["cadence_days"][0])))
    rows.append((header("next_visit", words.lang), _day(customer["next_visit"][0])))
    frame = pd.DataFrame(rows, columns=["item", "content"]).astype("str")
    return results.block(request, frame, "item content", words("result.strategy_of"))


def _whole(number: float) -> str | None:
    return None if pd.isna(number) else f"{number:.0f}"


def _day(day: pd.Timestamp) -> str | None:
    return None if pd.isna(day) else f"{day:%Y-%m-%d}"
