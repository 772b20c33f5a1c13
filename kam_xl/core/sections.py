"""The policy's sections on the account model: each a frozen record whose fields are the keys of its table."""

from __future__ import annotations

import datetime as dt
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from kam_xl.core.kinds import (
    Days,
    Factor,
    Hours,
    Kind,
    Mark,
    Marks,
    Months,
    NotNegative,
    Number,
    Record,
    Share,
    Text,
    Weight,
    Words,
    adds_up,
    curve,
    refuse,
    some_of,
    whole,
)
from kam_xl.core.sheets import INFO, STANDARD

TierKey = Literal["strategic", "key", "regular", "potential", "optimize"]
TIER_KEYS = typing.get_args(TierKey)
Severity = Literal["major", "ordinary"]  # of a complaint


def _is_time(value: object) -> bool:
    """A time of day, two digits each: 09:00."""
    try:
        return isinstance(value, str) and dt.time.fromisoformat(value).isoformat("minutes") == value
    except ValueError:
        return False


_Time = Annotated[dt.time, Kind(Text('"09:00" 这样的时间', 'a time such as "09:00"'), _is_time, dt.time.fromisoformat)]
_Dates = Annotated[
    tuple[dt.date, ...],
    Kind(
        Text("日期列表，如 [2026-10-08]", "a list of dates such as [2026-10-08]"),
        lambda value: isinstance(value, list) and all(type(day) is dt.date for day in value),
        tuple,
    ),
]
_Weekdays = Annotated[
    tuple[int, ...],
    Kind(
        Text("1（周一）到 7（周日）的列表", "a list of days from 1 (Monday) to 7 (Sunday)"),
        lambda value: (
            isinstance(value, list) and bool(value) and all(type(day) is int and 1 <= day <= 7 for day in value)
        ),
        tuple,
    ),
]


@dataclass(frozen=True)
class Calendar(Record):
    """When people work, and which hours the limits count (handbook §7)."""

    clock: Literal["working", "calendar"]
    #: Whose public holidays are off and make-up days worked; "" for no country's.
    country: Annotated[str, Kind(Text('"CN" 或 ""', '"CN" or ""'), lambda value: value in ("CN", ""))]
    weekdays: _Weekdays  # worked
    opens: _Time
    closes: _Time
    days_off: _Dates
    extra_workdays: _Dates

    def check(self, place: str) -> None:
        """People begin before they stop; no day is off and worked."""
        if self.opens >= self.closes:
            opens, closes = self.opens.isoformat("minutes"), self.closes.isoformat("minutes")
            allowed = Text(f"早于 {place}.closes {closes}", f"before {place}.closes, {closes}")
            refuse(f"{place}.opens", opens, allowed)
        for day in self.days_off:
            if day in self.extra_workdays:
                allowed = Text("不同时列在 extra_workdays 中的日期", "a day that extra_workdays does not name too")
                refuse(f"{place}.days_off", day.isoformat(), allowed)


_Answer = Annotated[
    int,
    Kind(
        Text("0 到 10 之间的整数", "a whole number from 0 to 10"), lambda value: type(value) is int and 0 <= value <= 10
    ),
]
_Cases = Annotated[int, whole(2, "cases")]


@dataclass(frozen=True)
class Service(Record):
    """How complaints, requests and surveys are counted (handbook §6, §7)."""

    resolve_hours: dict[Severity, Hours]
    repeat_days: Days
    repeat_customer: _Cases  # of one category of one customer
    repeat_across: _Cases  # of one category of several customers
    repeat_across_share: Share  # × all customers, where that is more
    complaint_months: Months
    complaint_weights: dict[Severity, Factor]  # what one complaint counts
    open_weight: Factor  # × while it is open
    promoter_from: _Answer
    detractor_to: _Answer

    def check(self, place: str) -> None:
        """A detractor is no promoter."""
        if self.detractor_to >= self.promoter_from:
            promoter = f"{place}.promoter_from {self.promoter_from}"
            refuse(f"{place}.detractor_to", self.detractor_to, Text(f"小于 {promoter}", f"less than {promoter}"))


_DaysDown = Annotated[
    tuple[int, ...],
    Kind(
        Text("由大到小的天数列表，每项为不小于 1 的整数", "a list of whole days, 1 or more, the most first"),
        lambda value: (
            isinstance(value, list)
            and bool(value)
            and all(type(days) is int and days >= 1 for days in value)
            and value == sorted(set(value), reverse=True)
        ),
        tuple,
    ),
]
_Products = Annotated[int, whole(1, "products")]
_DAYS_UP = Kind(
    Text("由小到大的天数列表，每项为不小于 1 的整数", "a list of whole days, 1 or more, the least first"),
    lambda value: (
        isinstance(value, list)
        and bool(value)
        and all(type(days) is int and days >= 1 for days in value)
        and value == sorted(set(value))
    ),
    tuple,
)
_BETWEEN = Kind(
    Text("大于 0、小于 1 的小数", "a number above 0 and below 1"),
    lambda value: isinstance(value, float) and 0 < value < 1,
)


@dataclass(frozen=True)
class Plan(Record):
    """What visits, reminders, relationships, cross-selling and goals are planned by (handbook §8)."""

    visits_per_day: Annotated[int, whole(1, "visits")]  # what one manager can do on a workday
    early_share: Share  # of the cadence: how much earlier than due a visit may be planned
    trial_days: Days
    renewal_days: _DaysDown
    birthday_days: Days
    tracking_days: Days
    root_cause_days: Days
    root_cause_owner: Text
    close_tiers: tuple[TierKey, ...]  # whose relationships are looked after: anniversaries, the grids
    similar_at_least: Annotated[int, whole(1, "customers")]
    share_at_least: Share
    soon_days: Days  # an action due within these is due this week
    near_days: Days  # what is due within these the dashboard marks
    proposals: _Products
    grid_products: _Products
    page_tiers: tuple[TierKey, ...]  # whose customers get an account plan of one page each
    pages: Annotated[int, whole(1, "pages")]
    master_rows: Annotated[int, whole(1, "rows")]  # of one table of the master workbook
    calendar_events: Annotated[int, whole(1, "actions")]  # of one manager's calendar file
    resource_words: Words


#: The stages of a customer's life, in their order (handbook §8).
Stage = Literal["new", "active", "deepening", "silent", "lost"]
STAGES = typing.get_args(Stage)
#: The inputs of a customer's health (handbook §6).
HealthPart = Literal["scale", "interaction", "complaints", "satisfaction", "execution"]
HEALTH_PARTS = typing.get_args(HealthPart)
Curve = tuple[tuple[float, float], ...]  # points (x, y) of a line, x ascending
_Rising = Annotated[Curve, curve(0, 100, rising=True)]
_Falling = Annotated[Curve, curve(0, 100, rising=False)]


@dataclass(frozen=True)
class Matters(Record):
    """Who does what today: how much a page and a day hold, what is escalated, what is told once (handbook §11)."""

    first_page: Annotated[int, whole(1, "customers")]
    per_day: Annotated[int, whole(1, "matters")]
    escalate_days: Annotated[int, whole(0, "days")]  # working days
    common_share: Share
    common_at_least: Annotated[int, whole(2, "customers")]
    visit_within: dict[Literal["complaint", "high"], Annotated[int, whole(0, "days")]]  # working days


@dataclass(frozen=True)
class Lifecycle(Record):
    """Where the stages of a customer's life begin and end (handbook §8)."""

    new_days: Days
    lost_days: Days
    deepening_days: Days
    deepening_products: Annotated[int, whole(2, "products")]
    tags: dict[Stage, Words]  # the tags that name a stage

    def check(self, place: str) -> None:
        """No tag names two stages."""
        named = [tag for tags in self.tags.values() for tag in tags]
        for tag in named:
            if named.count(tag) > 1:
                refuse(f"{place}.tags", tag, Text("一个标签只属于一个阶段", "every tag in one stage only"))


@dataclass(frozen=True)
class Health(Record):
    """How health is made of its parts; curves lead from a part's figure to its mark, 0 to 100 (handbook §6)."""

    weights: Annotated[dict[HealthPart, Weight], adds_up]
    yellow: Marks  # from the first up to the second, which is green already
    coverage_at_least: Share
    knockout: Literal["red", "yellow", "off"]  # the best colour a severe open complaint leaves
    risk_cap: Literal["red", "yellow", "off"]  # the best colour a high risk or silence leaves
    trend_points: Mark
    peers_at_least: Annotated[int, whole(2, "customers")]
    amount: _Rising
    amount_change: Annotated[Curve, curve(-100, 100, rising=True)]  # leads to points that are added to the mark
    recency: _Falling
    interaction_days: Days
    frequency: _Rising
    complaints: _Falling
    satisfaction: _Rising
    nps: _Rising
    execution_days: Days


@dataclass(frozen=True)
class Target(Record):
    """What one indicator should reach: at least (``up``) or at most (``down``), short by ``tolerance`` being to watch."""

    target: Number  # shares and growth as fractions
    direction: Literal["up", "down"]
    tolerance: NotNegative


#: The indicators of the effect evaluation; `indicators.INDICATORS` says how each is measured.
Indicator = Literal[
    "retention", "execution", "satisfaction", "nps", "renewal", "depth", "visits", "response", "high_value_rise",
    "amount_growth", "conversion", "ltv_growth", "cac_decline", "strategic_growth", "strategic_satisfaction",
    "key_repurchase_rise", "key_amount_growth", "regular_cost_decline", "regular_churn", "optimize_share",
]  # fmt: skip
INDICATOR_KEYS = typing.get_args(Indicator)


@dataclass(frozen=True)
class Targets(Record):
    """How long the periods of the effect evaluation are, and what each indicator should reach (handbook §8, §9)."""

    quarter_days: Days
    half_days: Days
    year_days: Days
    snapshot_days: Annotated[int, whole(0, "days")]  # how far from the day wanted a snapshot may lie
    high_value: tuple[TierKey, ...]  # the tiers whose customers are of high value
    of: dict[Indicator, Target]


def _fields_of_their_sheets(place: str, required: Mapping[str, tuple[str, ...]]) -> None:
    """Refuse a field that its kind of sheet does not have."""
    for sheet in STANDARD:
        kind = some_of(*(field for field in sheet.fields if field != "customer"))
        if not kind.holds([*required[sheet.kind]]):
            refuse(f"{place}.{sheet.kind}", [*required[sheet.kind]], kind.allowed)


QualityPart = Literal["completeness", "validity", "consistency", "freshness"]
QUALITY_PARTS = typing.get_args(QualityPart)


@dataclass(frozen=True)
class Quality(Record):
    """How the quality of the data is marked, and what the monthly sample holds (handbook §10)."""

    weights: Annotated[dict[QualityPart, Weight], adds_up]
    #: The fields a row of each kind of sheet should have.
    required: Annotated[dict[Literal["info", "evaluation", "tracking"], Words], _fields_of_their_sheets]
    late_days: Annotated[int, whole(0, "days")]  # an interaction recorded more days later than this is late
    seed: str
    sample_share: Share
    sample_least: Annotated[int, whole(1, "customers")]
    sample_fields: Annotated[tuple[str, ...], some_of(*INFO.fields)]


@dataclass(frozen=True)
class History(Record):
    """What is remembered from night to night."""

    #: How long a customer stays as known while its workbook cannot be read.
    unread_days: Annotated[int, whole(0, "days")]
    old_days: Days  # a master this old is told to be


@dataclass(frozen=True)
class Evaluators(Record):
    """How it is told how strictly each evaluator marks, and how sure a tier is (handbook §3, §4)."""

    within_days: Days  # evaluations of one customer so close to its latest are held against each other
    at_least: Annotated[int, whole(2, "customers")]  # shared with others, for an evaluator's severity to be told
    known_from: Annotated[int, whole(2, "comparisons")]  # for a variance to be estimated
    interval: Annotated[float, _BETWEEN]  # how sure it is to hold the true severity
    mark_step: Factor  # marks are given in steps of so many points
    pooled_weight: Factor  # how many comparisons of a customer's own weigh as much as those of all
    again_days: Days  # evaluations by the same person so far apart tell how marks age
    drift_year: NotNegative  # by how many points a score drifts in a year, where too few evaluations tell
    show_below: Share  # a tier that is as sure is not told to be unsure


@dataclass(frozen=True)
class Worth(Record):
    """How it is told which alarms were worth it, and what is proposed of it (handbook §7)."""

    windows: Annotated[tuple[int, ...], _DAYS_UP]  # within so many days something comes of an alarm; the first decides
    gap_days: Annotated[int, whole(0, "days")]  # an alarm that is back within these never went
    at_least: Annotated[int, whole(1, "alarms")]  # known ones, below which nothing is told
    interval: Annotated[float, _BETWEEN]  # how sure it is to hold the true share
    lift_at_least: Factor  # × the share of those not flagged: less is no better than chance
    false_week: NotNegative  # more alarms a week of which nothing came are too many
    lead_days: Days  # alarms with less time ahead come late
    step: Annotated[float, _BETWEEN]  # how far a threshold is proposed to move


@dataclass(frozen=True)
class Retention(Record):
    """How long is kept what nights have read; whoever keeps it can look at such a night again."""

    all_days: Annotated[int, whole(1, "days")]  # every night of so many days
    month_ends: Annotated[int, whole(0, "months")]  # and of so many months the last one


@dataclass(frozen=True)
class Moves(Record):
    """How far back a team's own workbook tells what moved of its customers, night by night."""

    back_days: Days
    team_rows: Annotated[int, whole(1, "rows")]  # whole nights that come to no more, the newest always


@dataclass(frozen=True)
class Versions(Record):
    """When two workbooks of the same customers are versions of one book (handbook §12)."""

    same_share: Share  # of the smaller book's customers, in both
    same_customers: Annotated[int, whole(1, "customers")]  # at least so many, where the file names differ
    own_share: Share  # how far what a team alone knows agrees: 0 as by chance, 1 throughout
    named_share: Share  # the same where the file names are alike
    amount_factor: Factor  # amounts at most so many times each other lie close


@dataclass(frozen=True)
class Units(Record):
    """When an amount of which nobody said the unit is one of 万元 (handbook §12)."""

    factor: Factor  # at most so many times another team's median, or its fraction
    alone_below: Factor  # the median, where no other team's tells


def _between(low: float, high: float) -> Callable[[object], bool]:
    return lambda value: isinstance(value, float) and low <= value <= high


_Sure = Annotated[float, Kind(Text("0.5 到 0.999 之间的小数", "a fraction from 0.5 to 0.999"), _between(0.5, 0.999))]
_Step = Annotated[float, Kind(Text("0.01 到 0.25 之间的小数", "a fraction from 0.01 to 0.25"), _between(0.01, 0.25))]


@dataclass(frozen=True)
class Calibration(Record):
    """What weights are tried, and how many customers must have been lost before any are proposed (handbook §4)."""

    after_days: Days  # marks at least so old are held against who has been lost since
    at_least: Annotated[int, whole(2, "customers")]  # lost, and stayed
    sure: _Sure  # how often an interval holds the truth
    folds: Annotated[int, whole(2, "parts")]  # each judged by weights found without it
    step: _Step  # between two weights that are tried
    least: Weight
    most: Weight

    def check(self, place: str) -> None:
        """Some weights lie within the bounds."""
        if not self.least <= 1 / 3 <= self.most:
            refuse(f"{place}.least", self.least, Text("least ≤ 1/3 ≤ most", "least ≤ 1/3 ≤ most"))
