"""The frames that rules hand to each other: name → column → type. Whoever makes one without rows makes it of this table.

A frame has these columns and no others, in this order unless a reader puts them in its own. `tests/core/test_frames.py`
holds what an assessment is made of to it.
"""

from __future__ import annotations

import functools
from collections import namedtuple
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import pandas as pd
from pandas.api.types import pandas_dtype

from kam_xl.core.rule_settings import ROLES
from kam_xl.core.sections import HEALTH_PARTS
from kam_xl.core.sheets import BY_KIND, OPTIONAL

Schema = dict[str, str]
#: A column beside those of a frame whose rows several teams read: which of them each row is for (`core.by_team`).
READER = "reader"

# Texts are held as Python's own, on a desk without pyarrow and at night with it alike: a cell answers what the night
# counts, out of the same kind of frame; and a rule over few rows takes three quarters of the time.
pd.options.mode.string_storage = "python"


def _columns(kind: str, names: str) -> Schema:
    return dict.fromkeys(names.split(), kind)


text = functools.partial(_columns, "str")
number = functools.partial(_columns, "float64")  # whatever may be unknown, counts too
count = functools.partial(_columns, "int64")
day = functools.partial(_columns, "datetime64[s]")  # and moments
moment = functools.partial(_columns, "datetime64[us]")  # when a file was saved, as exactly as it says
yes = functools.partial(_columns, "bool")
maybe = functools.partial(_columns, "boolean")  # yes, no or unknown

#: Kind of a sheet's column → the type of what is read below it; all others are text.
READ_AS = {
    **dict.fromkeys(("date", "datetime"), "datetime64[s]"),
    **dict.fromkeys(("amount", "score", "composite", "number", "share", "count", "grade"), "float64"),
    "flag": "boolean",
}
_SIZES = number("employees_low employees_high revenue_low revenue_high")
#: Kind of sheet and field of its amounts → the unit a bare number is in, by default.
AMOUNTS = {
    (kind, column.field): column.unit or "万元"
    for kind, sheet in BY_KIND.items()
    for column in sheet.columns
    if column.kind == "amount"
}
#: Field → what reading one cell of it adds beside or instead of it.
_READ_BESIDE: Mapping[str, Schema] = {
    "size": text("size") | _SIZES,
    "customer": text("customer_id name"),
    "period": text("period") | day("start end"),
    "effect": text("effect") | number("effect_actual effect_target"),
    **{one: number(one) | text(f"{one}_reason") for one in ("value", "potential", "demand")},
    **{one: number(one) | text(f"{one}_typed") for _, one in AMOUNTS},
}
_TYPED = text("sheet") | count("row") | text("as_typed extras")
PLACE = text("team book sheet") | count("row")


def of_sheet(kind: str) -> Schema:
    """The rows of one kind of sheet as consolidation leaves them."""
    read = [_READ_BESIDE.get(one.field, {one.field: READ_AS.get(one.kind, "str")}) for one in BY_KIND[kind].columns]
    return functools.reduce(Schema.__or__, read) | _TYPED | text("team book")


_CUSTOMER = of_sheet("info") | text("teams") | count("team_count amount_parts amount_gaps") | moment("modified")
_RECORDED = {name: kind for name, kind in _CUSTOMER.items() if name not in ("team", "as_typed", "extras")}
_SCORED = number("score") | text("computed_tier verdict")
_SHARES = count("customers") | number("share target_low target_high") | text("verdict")

#: What each part of the account adds to the customers; unknown where it fails.
ADDED = {
    "voice": number("satisfaction nps") | count("open_cases severe_open") | day("satisfaction_on nps_on"),
    "lifecycle": text("lifecycle") | yes("lifecycle_typed"),
    "health": number("health") | text("health_colour") | number("health_coverage")
              | {f"health_{part}": "float64" for part in HEALTH_PARTS}
              | text("health_cap") | number("health_before") | text("health_trend scale_by") | number("scale_now scale_before"),
    "quality": number("quality freshness"),
    "orders": number("orders_amount orders_gaps order_count order_days") | day("first_order last_order")
              | number("order_days_year order_days_before amount_year amount_before growth best_share rhythm rhythm_spread")
              | day("next_order") | number("order_late") | maybe("order_overdue") | text("trend") | number("margin")
              | number("value_next value_low value_high"),
    "rfm": text("rfm rfm_class"),
}  # fmt: skip

#: The frames of a portfolio (`portfolio.Portfolio`).
PORTFOLIO: dict[str, Schema] = {
    "customers": _RECORDED,
    "records": of_sheet("info") | yes("repeated"),
    "evaluations": of_sheet("evaluation") | yes("current"),
    "tracking": of_sheet("tracking"),
    "conflicts": text("customer_id field typed_value team book sheet cell") | yes("shown") | text("nature"),
    "duplicates": text("customer_id name other_id other_name") | number("similarity"),
    "origins": text("customer_id book sheet field cell"),
    "findings": text("code severity book sheet cell customer_id field typed_value detail"),
    "sources": text("book team sha256") | count("size_bytes") | day("modified") | text("outcome reason detail")
               | count("info_rows evaluation_rows tracking_rows finding_count optional_rows") | yes("orders"),
    **{sheet.kind: of_sheet(sheet.kind) for sheet in OPTIONAL},
    "indicators": of_sheet("indicators") | yes("current"),
    "proposals": text("kind customer_id book sheet") | count("row") | text("typed_value"),
}  # fmt: skip

_RISK = (
    text("customer_id name computed_tier rule kind level subject evidence remedy manager owner escalated_to") | day("happened due")
    | number("money") | text("team book sheet cell key state") | day("since changed") | count("days age") | yes("late")
    | count("days_late") | text("thing")
)  # fmt: skip
#: The frames of an assessment (`assessment.Assessment`).
ASSESSMENT: dict[str, Schema] = {
    "customers": _RECORDED
                 | number("value potential demand score") | text("computed_tier") | number("recorded_score")
                 | text("recorded_tier") | day("evaluated_on") | text("evaluator verdict") | yes("profile_contradiction")
                 | text("class core_strategy measures escalation") | number("cadence_days sla_hours")
                 | day("last_contact next_visit") | text("manager") | number("product_count")
                 | ADDED["orders"] | ADDED["voice"] | ADDED["lifecycle"] | ADDED["health"]
                 | text("level") | count("risk_score risk_count") | text("visit_for") | day("planned_visit")
                 | yes("visit_agreed") | ADDED["quality"] | ADDED["rfm"],
    "evaluations": PORTFOLIO["evaluations"] | text("sheet_kind computed_dimensions") | _SCORED,
    "risks": _RISK | yes("common") | text("cause"),
    "matters": _RISK | text("consequences"),
    "common": text("rule kind level team") | count("count customers of") | number("share") | day("oldest newest")
              | text("subject reason begin_with owner"),
    "closed": text("customer_id name rule level") | day("since") | count("days") | text("key"),
    "cases": PORTFOLIO["service"] | text("name computed_tier")
             | number("limit_hours response_hours") | text("response_state") | day("answer_by")
             | number("resolution_limit_hours resolution_hours") | text("resolution_state") | day("resolve_by")
             | text("stage") | yes("open") | number("days_to_answer days_to_resolve days_to_confirm")
             | text("clock") | day("by") | yes("late ahead"),
    "repeats": text("customer_id category") | count("count customers") | day("first last") | PLACE,
    "roles": text("customer_id") | dict.fromkeys(ROLES, "str") | number("contact_count covered") | yes("known"),
    "quality_books": text("book team") | count("customers")
                     | number("completeness validity consistency freshness quality coverage"),
    "changes": text("customer_id name change before after"),
    "moves": text("customer_id name figure") | number("before after") | text("was now said why cites"),
    "move_sums": text("figure") | number("before after") | text("said why"),
    "move_sum_parts": text("figure factor") | number("part"),
    "move_parts": text("customer_id figure factor") | number("part") | text("role"),
    "visits": text("customer_id name computed_tier manager team") | day("due planned") | text("visit_for shift agenda")
              | yes("this_week ahead"),
    "utilisation": text("manager team week") | count("planned") | number("capacity share") | yes("this_week ahead"),
    "actions": text("key") | day("due")
               | text("customer_id name computed_tier source kind level subject evidence action owner escalated_to team")
               | number("money") | yes("overdue") | count("days_late") | text("manager status") | day("postponed_to")
               | text("note") | day("planned by day") | yes("waiting now this_week ahead"),
    "deals": PORTFOLIO["renewals"] | text("name computed_tier") | day("ends") | yes("open") | number("step") | yes("due"),
    "strategies": PORTFOLIO["tracking"] | text("computed_tier") | yes("open missed ended"),
    "goals": text("customer_id strategy status") | yes("open") | text("metric") | number("baseline target") | maybe("relative")
             | day("deadline") | text("owner missing team book sheet cell"),
    "whitespace": text("customer_id name computed_tier product") | number("buyers similar share") | text("basis")
                  | yes("open") | number("rank"),
    "bought_together": text("product other") | count("count of") | number("share lift"),
    "product_grid": text("customer_id name computed_tier"),  # and a text for each product
    "kpis": text("team indicator period tier") | number("actual target") | text("unit") | number("deviation")
            | text("verdict said needs") | count("counted") | day("since"),
    "tiers": text("tier") | _SHARES,
    "members": text("customer_id group"),
    "groups": text("group level") | count("customers high_risk medium_risk gaps") | number("amount share high_amount")
              | text("members teams"),
    "teams": text("team") | count("customers") | number("amount")
             | count("strategic key high_risk medium_risk finding_count"),
    "team_tiers": text("team tier") | _SHARES,
    "confidence": text("customer_id tier") | number("chance") | text("other") | number("other_chance spread") | text("said"),
    "severity": text("evaluator") | count("group customers") | number("severity low high") | text("verdict"),
    "sample": text("seed team customer_id name book sheet cell field typed_value"),
    "repairs": text("manager customer_id team book sheet cell field typed_value code severity proposal"),
    "questions": text("team kind sheet question"),
}  # fmt: skip


F = TypeVar("F", pd.Series, pd.DataFrame)


def empty(schema: Schema) -> pd.DataFrame:
    """A frame of a schema without rows."""
    return _made(tuple(schema.items())).copy()


@functools.cache
def _made(columns: tuple[tuple[str, str], ...]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns})


def made(columns: Mapping[str, Any] | pd.DataFrame, schema: Schema, index: pd.Index) -> pd.DataFrame:
    """A frame of a schema out of columns, of values that every row has, and of None where nothing is known."""
    return pd.DataFrame({name: _of_kind(columns[name], _kind(kind), index) for name, kind in schema.items()}, index)


def _of_kind(column: Any, kind: Any, index: pd.Index) -> Any:
    if isinstance(column, pd.Series):
        return column.array.astype(kind, copy=False)
    return pd.Series(column, index, dtype=kind)


def typed(rows: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """Rows with the columns of a schema, each of its type."""
    return made(rows, schema, rows.index)


def in_full(rows: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """Rows with the columns of a schema, each of its type; what they do not have is unknown."""
    return made({name: rows.get(name) for name in schema}, schema, rows.index)


@functools.cache
def _kind(name: str) -> Any:
    """The type of a name: pandas looks through all it knows whenever it is told one, which over few rows takes the most time."""
    return pandas_dtype(name)


def differ(one: F, other: F) -> F:
    """Where two columns, or two frames of the same columns, differ; both unknown is no difference."""
    return one.ne(other) & ~(one.isna() & other.isna())


def misfits(frame: pd.DataFrame, schema: Schema) -> dict[str, tuple[str | None, str | None]]:
    """Column → its type in the frame and the type it should have, where they differ; None where there is no such column."""
    found = {str(name): str(kind) for name, kind in frame.dtypes.items()}
    names = [*found, *(name for name in schema if name not in found)]
    return {name: (found.get(name), schema.get(name)) for name in names if found.get(name) != schema.get(name)}


#: What moved night by night (`past_moves`): the two nights of each change, the day since which all of a customer's are told, and
#: whether it was the last night.
NIGHT_MOVES = ASSESSMENT["moves"] | day("then on since") | yes("last")


def each_row(frame: pd.DataFrame) -> Iterator[Any]:
    """The rows one by one, their columns as attributes; what these hold the schema tells, and no annotation can."""
    columns = [column.tolist() for _, column in frame.items()]  # pandas' own way asks for each text by itself
    return map(_row_type(tuple(map(str, frame)))._make, zip(*columns, strict=True))


@functools.cache
def _row_type(names: tuple[str, ...]) -> type[Any]:
    """What rows of these columns are; to make such a type is dear."""
    return namedtuple("Row", names, rename=True)  # noqa: PYI024 (its names are known when it is made)
