"""The policy's sections on the account model: each a frozen record, and the table of its keys.

A section of the policy file becomes one attribute of `policy.Policy` of the same name.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from kam_xl.core.kinds import (
    FACTOR,
    MARK,
    MARKS,
    SHARE,
    TEXT,
    WORD,
    WORDS,
    Kind,
    Text,
    choice,
    curve,
    parts_of_one,
    refuse,
    some_of,
    table_of,
    whole,
)
from kam_xl.core.sheets import INFO, STANDARD

SEVERITIES = ("major", "ordinary")  # of a complaint


@dataclass(frozen=True)
class Calendar:
    """When people work, and which hours the limits count (handbook §7)."""

    clock: str  # working | calendar
    country: str  # whose public holidays are off and make-up days worked; "" for no country's
    weekdays: tuple[int, ...]  # worked: 1 is Monday, 7 Sunday
    opens: dt.time
    closes: dt.time
    days_off: tuple[dt.date, ...]
    extra_workdays: tuple[dt.date, ...]

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            opens, closes = self.opens.isoformat("minutes"), self.closes.isoformat("minutes")
            refuse("calendar.opens", opens, Text(f"早于 calendar.closes {closes}", f"before calendar.closes, {closes}"))
        for day in self.days_off:
            if day in self.extra_workdays:
                allowed = Text("不同时列在 extra_workdays 中的日期", "a day that extra_workdays does not name too")
                refuse("calendar.days_off", day.isoformat(), allowed)


@dataclass(frozen=True)
class Service:
    """How complaints, requests and surveys are counted (handbook §6, §7); severities are `SEVERITIES`."""

    resolve_hours: dict[str, int]  # severity → hours
    repeat_days: int
    repeat_customer: int  # cases of one category of one customer
    repeat_across: int  # cases of one category of several customers
    complaint_months: int
    complaint_weights: dict[str, float]  # severity → what one complaint counts
    open_weight: float  # × while it is open
    promoter_from: int
    detractor_to: int

    def __post_init__(self) -> None:
        if self.detractor_to >= self.promoter_from:
            promoter = f"service.promoter_from {self.promoter_from}"
            refuse("service.detractor_to", self.detractor_to, Text(f"小于 {promoter}", f"less than {promoter}"))


def _is_time(value: object) -> bool:
    """A time of day, two digits each: 09:00."""
    try:
        return isinstance(value, str) and dt.time.fromisoformat(value).isoformat("minutes") == value
    except ValueError:
        return False


_TIME = Kind(Text('"09:00" 这样的时间', 'a time such as "09:00"'), _is_time, dt.time.fromisoformat)
_DATES = Kind(
    Text("日期列表，如 [2026-10-08]", "a list of dates such as [2026-10-08]"),
    lambda value: isinstance(value, list) and all(type(day) is dt.date for day in value),
    tuple,
)
_WEEKDAYS = Kind(
    Text("1（周一）到 7（周日）的列表", "a list of days from 1 (Monday) to 7 (Sunday)"),
    lambda value: isinstance(value, list) and bool(value) and all(type(day) is int and 1 <= day <= 7 for day in value),
    tuple,
)
_ANSWER = Kind(
    Text("0 到 10 之间的整数", "a whole number from 0 to 10"), lambda value: type(value) is int and 0 <= value <= 10
)
_CALENDAR = {
    "clock": choice("working", "calendar"),
    "country": Kind(Text('"CN" 或 ""', '"CN" or ""'), lambda value: value in ("CN", "")),
    "weekdays": _WEEKDAYS,
    "opens": _TIME,
    "closes": _TIME,
    "days_off": _DATES,
    "extra_workdays": _DATES,
}
_SERVICE = {
    "resolve_hours": table_of(whole(1, "hours"), *SEVERITIES),
    "repeat_days": whole(1, "days"),
    "repeat_customer": whole(2, "cases"),
    "repeat_across": whole(2, "cases"),
    "complaint_months": whole(1, "months"),
    "complaint_weights": table_of(FACTOR, *SEVERITIES),
    "open_weight": FACTOR,
    "promoter_from": _ANSWER,
    "detractor_to": _ANSWER,
}


@dataclass(frozen=True)
class Plan:
    """What visits, reminders, relationships, cross-selling and goals are planned by (handbook §8)."""

    visits_per_day: int  # what one manager can do on a workday
    early_share: float  # of the cadence: how much earlier than due a visit may be planned
    trial_days: int
    renewal_days: tuple[int, ...]  # the furthest first
    birthday_days: int
    tracking_days: int
    root_cause_days: int
    root_cause_owner: Text
    close_tiers: tuple[str, ...]  # whose relationships are looked after: anniversaries, the grids
    similar_at_least: int
    share_at_least: float
    proposals: int
    grid_products: int
    page_tiers: tuple[str, ...]  # whose customers get an account plan of one page each
    pages: int
    calendar_events: int  # of one manager's calendar file
    resource_words: tuple[str, ...]


_DAYS = Kind(
    Text("由大到小的天数列表，每项为不小于 1 的整数", "a list of whole days, 1 or more, the most first"),
    lambda value: (
        isinstance(value, list)
        and bool(value)
        and all(type(days) is int and days >= 1 for days in value)
        and value == sorted(set(value), reverse=True)
    ),
    tuple,
)
_PLAN = {
    "visits_per_day": whole(1, "visits"),
    "early_share": SHARE,
    "trial_days": whole(1, "days"),
    "renewal_days": _DAYS,
    "birthday_days": whole(1, "days"),
    "tracking_days": whole(1, "days"),
    "root_cause_days": whole(1, "days"),
    "root_cause_owner": TEXT,
    "close_tiers": some_of("strategic", "key", "regular", "potential", "optimize"),
    "similar_at_least": whole(1, "customers"),
    "share_at_least": SHARE,
    "proposals": whole(1, "products"),
    "grid_products": whole(1, "products"),
    "page_tiers": some_of("strategic", "key", "regular", "potential", "optimize"),
    "pages": whole(1, "pages"),
    "calendar_events": whole(1, "actions"),
    "resource_words": WORDS,
}

#: The stages of a customer's life, in their order (handbook §8).
STAGES = ("new", "active", "deepening", "silent", "lost")
#: The inputs of a customer's health (handbook §6).
HEALTH_PARTS = ("scale", "interaction", "complaints", "satisfaction", "execution")
Curve = tuple[tuple[float, float], ...]  # points (x, y) of a line, x ascending


@dataclass(frozen=True)
class Lifecycle:
    """Where the stages of a customer's life begin and end (handbook §8)."""

    new_days: int
    lost_days: int
    deepening_days: int
    deepening_products: int
    tags: dict[str, tuple[str, ...]]  # stage → the tags that name it

    def __post_init__(self) -> None:
        named = [tag for tags in self.tags.values() for tag in tags]
        for tag in named:
            if named.count(tag) > 1:
                refuse("lifecycle.tags", tag, Text("一个标签只属于一个阶段", "every tag in one stage only"))


@dataclass(frozen=True)
class Health:
    """How health is made of its parts; curves lead from a part's figure to its mark, 0 to 100 (handbook §6)."""

    weights: dict[str, float]  # `HEALTH_PARTS`; they sum to 1
    yellow: tuple[float, float]  # from the first up to the second, which is green already
    coverage_at_least: float
    knockout: str  # red | yellow | off: the best colour a severe open complaint leaves
    trend_points: float
    peers_at_least: int
    amount: Curve
    amount_change: Curve  # leads to points that are added to the mark
    recency: Curve
    interaction_days: int
    frequency: Curve
    complaints: Curve
    satisfaction: Curve
    nps: Curve
    execution_days: int


_LIFECYCLE = {
    "new_days": whole(1, "days"),
    "lost_days": whole(1, "days"),
    "deepening_days": whole(1, "days"),
    "deepening_products": whole(2, "products"),
    "tags": table_of(WORDS, *STAGES),
}
_HEALTH = {
    "weights": parts_of_one(*HEALTH_PARTS),
    "yellow": MARKS,
    "coverage_at_least": SHARE,
    "knockout": choice("red", "yellow", "off"),
    "trend_points": MARK,
    "peers_at_least": whole(2, "customers"),
    "amount": curve(0, 100, rising=True),
    "amount_change": curve(-100, 100, rising=True),
    "recency": curve(0, 100, rising=False),
    "interaction_days": whole(1, "days"),
    "frequency": curve(0, 100, rising=True),
    "complaints": curve(0, 100, rising=False),
    "satisfaction": curve(0, 100, rising=True),
    "nps": curve(0, 100, rising=True),
    "execution_days": whole(1, "days"),
}


@dataclass(frozen=True)
class Target:
    """What one indicator should reach: at least (``up``) or at most (``down``), short by ``tolerance`` being to watch."""

    target: float  # shares and growth as fractions
    direction: str
    tolerance: float


@dataclass(frozen=True)
class Targets:
    """How long the periods of the effect evaluation are, and what each indicator should reach (handbook §8, §9)."""

    quarter_days: int
    half_days: int
    year_days: int
    snapshot_days: int  # how far from the day wanted a snapshot may lie
    high_value: tuple[str, ...]  # the tiers whose customers are of high value
    of: dict[str, Target]  # indicator → its target


@dataclass(frozen=True)
class Quality:
    """How the quality of the data is marked, and what the monthly sample holds (handbook §10)."""

    weights: dict[str, float]  # part of `QUALITY_PARTS` → its weight; they sum to 1
    required: dict[str, tuple[str, ...]]  # kind of sheet → the fields a row should have
    late_days: int  # an interaction recorded more days later than this is late
    seed: str
    sample_share: float
    sample_least: int
    sample_fields: tuple[str, ...]


QUALITY_PARTS = ("completeness", "validity", "consistency", "freshness")
#: The indicators of the effect evaluation; `indicators.INDICATORS` says how each is measured.
INDICATOR_KEYS = (
    "retention", "execution", "satisfaction", "nps", "renewal", "depth", "visits", "response", "high_value_rise",
    "amount_growth", "conversion", "ltv_growth", "cac_decline", "strategic_growth", "strategic_satisfaction",
    "key_repurchase_rise", "key_amount_growth", "regular_cost_decline", "regular_churn", "optimize_share",
)  # fmt: skip
_TARGET = Kind(
    Text(
        "含 target（数字）、direction（up 或 down）和 tolerance（不小于 0 的数字）的表",
        "a table with target (a number), direction (up | down) and tolerance (a number, 0 or more)",
    ),
    lambda value: (
        isinstance(value, dict)
        and set(value) == {"target", "direction", "tolerance"}
        and all(type(value[key]) in (int, float) for key in ("target", "tolerance"))
        and value["tolerance"] >= 0
        and value["direction"] in ("up", "down")
    ),
    lambda value: Target(**value),
)
_TARGETS = {
    "quarter_days": whole(1, "days"),
    "half_days": whole(1, "days"),
    "year_days": whole(1, "days"),
    "snapshot_days": whole(0, "days"),
    "high_value": some_of("strategic", "key", "regular", "potential", "optimize"),
    "of": table_of(_TARGET, *INDICATOR_KEYS),
}
_REQUIRED = {sheet.kind: some_of(*(field for field in sheet.fields if field != "customer")) for sheet in STANDARD}
_QUALITY = {
    "weights": parts_of_one(*QUALITY_PARTS),
    "required": Kind(
        Text(
            f"含 {'、'.join(_REQUIRED)} 的表，每项为该表字段的列表",
            f"a table with {', '.join(_REQUIRED)}, each a list of that sheet's fields",
        ),
        lambda value: (
            isinstance(value, dict)
            and set(value) == set(_REQUIRED)
            and all(_REQUIRED[kind].holds(fields) for kind, fields in value.items())
        ),
        lambda value: {kind: tuple(fields) for kind, fields in value.items()},
    ),
    "late_days": whole(0, "days"),
    "seed": WORD,
    "sample_share": SHARE,
    "sample_least": whole(1, "customers"),
    "sample_fields": some_of(*INFO.fields),
}


@dataclass(frozen=True)
class History:
    """What is remembered from night to night."""

    unread_days: int  # how long a customer stays as known while its workbook cannot be read


@dataclass(frozen=True)
class Versions:
    """When two workbooks of the same customers are versions of one book (handbook §12)."""

    same_share: float  # of the smaller book's customers, in both
    same_customers: int  # at least so many, where the file names differ
    own_share: float  # how far what a team alone knows agrees: 0 as by chance, 1 throughout
    named_share: float  # the same where the file names are alike
    amount_factor: float  # amounts at most so many times each other lie close


@dataclass(frozen=True)
class Units:
    """When an amount of which nobody said the unit is one of 万元 (handbook §12)."""

    factor: float  # at most so many times another team's median, or its fraction
    alone_below: float  # the median, where no other team's tells


#: Section of the policy file → (its record, key → kind).
SECTIONS: dict[str, tuple[type, dict[str, Kind]]] = {
    "calendar": (Calendar, _CALENDAR),
    "service": (Service, _SERVICE),
    "plan": (Plan, _PLAN),
    "targets": (Targets, _TARGETS),
    "quality": (Quality, _QUALITY),
    "lifecycle": (Lifecycle, _LIFECYCLE),
    "health": (Health, _HEALTH),
    "history": (History, {"unread_days": whole(0, "days")}),
    "versions": (
        Versions,
        {
            "same_share": SHARE,
            "same_customers": whole(1, "customers"),
            "own_share": SHARE,
            "named_share": SHARE,
            "amount_factor": FACTOR,
        },
    ),
    "units": (Units, {"factor": FACTOR, "alone_below": FACTOR}),
}
