"""Each part of health at the points of its curve, what is left out, the knock-out, the trend, and the words (§6)."""

import dataclasses
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kam_xl.core import frames, health, orders, together
from kam_xl.core import policy as policies
from kam_xl.core.errors import PolicyError
from kam_xl.core.policy import Policy
from kam_xl.core.portfolio import Portfolio
from kam_xl.core.sections import HEALTH_PARTS

NOW = pd.Timestamp("2026-11-21 15:00")
TODAY = NOW.normalize()
CUSTOMER = {
    "customer_id": "C001", "amount": 100.0, "computed_tier": "key", "cadence_days": 90.0, "since": 1000, "last_deal": None,
    "satisfaction": None, "nps": None, "severe_open": 0, "team_count": 1, "amount_parts": 1,
    "manager": None, "amount_year": None, "amount_before": None, "growth": None,
}  # fmt: skip
TRACKING = {"customer_id": "C001", "status": "running", "start": 100, "end": -100, "tracked_on": None}
SERVICE = {
    "customer_id": "C001", "kind": "complaint", "category": None, "severity": "ordinary", "reported": 30, "answered": 29,
    "resolved": 28, "confirmed": None, "satisfaction": None, "nps": None, "book": "华东/a.xlsx",
}  # fmt: skip
CONTACT = {"customer_id": "C001", "last_contact": None}
DATES = (
    "since",
    "last_deal",
    "start",
    "end",
    "tracked_on",
    "reported",
    "answered",
    "resolved",
    "confirmed",
    "last_contact",
)
NUMBERS = ("amount", "amount_year", "amount_before", "growth", "cadence_days", "satisfaction", "nps")


def frame(rows: list[dict], default: dict) -> pd.DataFrame:
    """Rows that name only what differs; dates by how many days ago they are."""
    table = pd.DataFrame([default | row for row in rows], columns=list(default))
    for name in table:
        if name in DATES:
            table[name] = (TODAY - pd.to_timedelta(pd.to_numeric(table[name]), unit="D")).astype("datetime64[s]")
        elif name in NUMBERS:
            table[name] = table[name].astype("float64")
        elif name not in ("severe_open", "team_count", "amount_parts"):
            table[name] = table[name].astype("str")
    return table


def assessed(
    policy: Policy,
    customers: list[dict],
    *,
    tracking: list[dict] = (),
    service: list[dict] = (),
    contacts: list[dict] = (),
    logs: tuple[str, ...] = (),
    past: list[dict] | None = None,
    half_read: tuple[str, ...] = (),
    maybe: tuple[tuple[str, str], ...] = (),
) -> pd.DataFrame:
    """The health of a few customers, all in the workbook 华东/a.xlsx; ``logs`` are the workbooks with a service log."""
    rows = frame(customers, CUSTOMER)
    told = {
        "records": rows[["customer_id", "last_deal"]].assign(book="华东/a.xlsx", repeated=False),
        "tracking": frame(list(tracking), TRACKING),
        "service": frame(list(service), SERVICE),
        "contacts": frame(list(contacts), CONTACT),
        "letters": {(book, "service"): {} for book in logs},
        "proposals": pd.DataFrame(maybe, columns=["kind", "customer_id"]),
    }
    for name in ("records", "tracking", "service", "contacts"):
        told[name] = told[name].reindex(columns=list(frames.PORTFOLIO[name]))
    portfolio = Portfolio(**{name: frames.empty(schema) for name, schema in frames.PORTFOLIO.items()} | told)
    before = None if past is None else pd.DataFrame(past)
    of_all = together.counted(rows, portfolio)
    return rows.join(health.assess(rows, portfolio, policy, NOW, of_all, before, half_read))


def mark(policy: Policy, part: str, customer: dict | None = None, **sheets: object) -> float:
    return assessed(policy, [customer or {}], **sheets)[f"health_{part}"].iloc[0]


# --- scale -------------------------------------------------------------------------------------------------------


OTHERS = [{"customer_id": "C002"}, {"customer_id": "C003"}, {"customer_id": "C004", "amount": None}]


def scale(policy: Policy, amount: float | None, **details: object) -> float:
    """The mark of an amount among two customers of its tier that have 100."""
    return assessed(policy, [{"amount": amount}, *OTHERS], **details)["health_scale"].iloc[0]


@pytest.mark.parametrize(
    ("amount", "expected"), [(0, 0), (50, 50), (75, 60), (100, 70), (150, 85), (200, 100), (500, 100), (-10, 0)]
)
def test_the_amount_is_measured_by_the_median_of_its_tier(policy: Policy, amount: float, expected: float) -> None:
    assert scale(policy, amount) == expected


def test_an_amount_with_too_few_of_its_tier_to_compare_with_is_unknown(policy: Policy) -> None:
    assert np.isnan(scale(policy, None))
    assert np.isnan(assessed(policy, [{}, {"customer_id": "C002"}])["health_scale"].iloc[0])
    for same in ({"computed_tier": None}, {"amount": 0}):
        rows = [same | {"customer_id": key} for key in ("C001", "C002", "C003")]
        assert assessed(policy, rows)["health_scale"].isna().all()


LAST_NIGHT = {"customer_id": "C001", "amount": 100.0, "team_count": 1, "amount_parts": 1, "health": np.nan}


@pytest.mark.parametrize(
    ("amount", "past", "expected"),
    [
        (100, {}, 70),
        (100, {"amount": 200.0}, 40),
        (100, {"amount": 125.0}, 58),
        (100, {"amount": 80.0}, 77.5),
        (200, {}, 100),
        (10, {"amount": 100.0}, 0),
        (100, {"amount": 200.0, "team_count": 2}, 70),
        (100, {"amount": 200.0, "amount_parts": 2}, 70),
        (100, {"amount": 100.0, "amount_high": 125.0}, 58),  # it fell some nights ago
        (100, {"amount": 0.0}, 70),
        (100, {"amount": np.nan}, 70),
        (100, {"customer_id": "C999", "amount": 200.0}, 70),
    ],
)
def test_a_change_since_last_time_adds_or_takes_points(
    policy: Policy, amount: float, past: dict, expected: float
) -> None:
    assert scale(policy, amount, past=[LAST_NIGHT | past]) == expected


def ordered(year: float | None, before: float | None) -> dict:
    """What orders tell of a customer (`orders.figures`): both years, and growth where both are known."""
    growth = year / before - 1 if year is not None and before else None
    return {"amount_year": year, "amount_before": before, "growth": growth}


DEVELOPS = ["health_scale", "scale_by", "scale_now", "scale_before"]


def developed(policy: Policy, customer: dict, **details: object) -> list:
    """The mark of a customer's scale, by what its trend is told, what that comes to now, and what it is held against."""
    return assessed(policy, [customer, *OTHERS], **details).loc[0, DEVELOPS].tolist()


@pytest.mark.parametrize(
    ("year", "before", "expected"),
    [
        (40, 40, 70), (60, 40, 85), (59.99, 40, 85), (59.6, 40, 84.7), (400, 40, 85), (30, 40, 55), (20, 40, 40),
        (20.4, 40, 40.6), (0, 40, 40), (-5, 40, 40),
    ],
)  # fmt: skip
def test_the_years_orders_add_or_take_points_up_to_the_ends_of_the_curve(
    policy: Policy, year: float, before: float, expected: float
) -> None:
    """+50 % is +15 points and no more, −50 % −30 and no less; in between 0.3 a percent up, 0.6 a percent down."""
    assert developed(policy, ordered(year, before)) == [expected, "orders", year, before]


def test_the_orders_are_asked_before_the_amount_remembered_even_where_they_say_the_opposite(policy: Policy) -> None:
    fell = {"past": [LAST_NIGHT | {"amount": 200.0}]}
    assert developed(policy, ordered(60, 40), **fell) == [85, "orders", 60, 40]
    assert developed(policy, {}, **fell) == [40, "remembered", 100, 200]
    rose = {"past": [LAST_NIGHT | {"amount": 50.0}]}
    assert developed(policy, ordered(20, 40), **rose) == [40, "orders", 20, 40]
    fewer = {"past": [LAST_NIGHT | {"amount": 200.0, "team_count": 2}]}
    assert developed(policy, ordered(20, 40), **fewer) == [40, "orders", 20, 40]


@pytest.mark.parametrize(
    ("year", "before"),
    [
        (60, 0),  # a year before without orders
        (60, None),  # orders are not known so far back
        (None, 40),  # an amount of this year is unknown
    ],
)
def test_where_the_orders_do_not_tell_both_years_the_amount_remembered_does(
    policy: Policy, year: float | None, before: float | None
) -> None:
    remembered = {"past": [LAST_NIGHT | {"amount": 125.0}]}
    assert developed(policy, ordered(year, before), **remembered) == [58, "remembered", 100, 125]
    first_night = developed(policy, ordered(year, before))
    assert first_night[0] == 70
    assert pd.isna(first_night[1:]).all()


def test_of_an_order_that_may_be_the_customers_no_growth_is_known(policy: Policy) -> None:
    remembered = {"past": [LAST_NIGHT | {"amount": 125.0}], "maybe": (("orders", "C001"),)}
    assert developed(policy, ordered(20, 40), **remembered) == [58, "remembered", 100, 125]


def test_where_the_scale_is_unknown_nothing_is_said_of_how_it_develops(policy: Policy) -> None:
    past = {"past": [LAST_NIGHT | {"amount": 125.0}]}
    for customer, details in (
        (ordered(60, 40) | {"amount": None}, {}),
        (ordered(60, 40) | {"computed_tier": None}, past),
        ({}, past | {"half_read": ("C001",)}),
    ):
        assert pd.isna(developed(policy, customer, **details)).all()


def of_lines(policy: Policy, *lines: tuple[int, float], began: int) -> dict:
    """What orders of so many days ago, in 万元, tell of a customer; the team's are known from so many days ago on."""
    ago, amounts = zip(*lines, strict=True)
    days = (TODAY - pd.to_timedelta(ago, unit="D")).astype("datetime64[s]")
    rows = pd.DataFrame({"customer_id": "C001", "order_no": None, "ordered_on": days, "amount": amounts,
                         "cost": np.nan, "profit": np.nan, "book": "a.xlsx"})  # fmt: skip
    asked = pd.DataFrame({"customer_id": ["C001"], "last_deal": pd.Series([None], dtype="datetime64[s]")})
    since = {"a.xlsx": TODAY - pd.Timedelta(days=began)}
    return orders.figures(rows, asked, policy.orders, TODAY, since).loc[0, list(ordered(None, None))].to_dict()


def test_whose_orders_began_less_than_a_year_ago_has_no_growth_and_keeps_its_mark(policy: Policy) -> None:
    for began in (300, 900):  # the team's orders begin with them, or long before
        assert developed(policy, of_lines(policy, (300, 10.0), (20, 90.0), began=began))[0] == 70
    whole = of_lines(policy, (400, 40.0), (300, 10.0), (20, 20.0), began=900)
    assert developed(policy, whole) == [55, "orders", 30, 40]
    within_the_year_before = of_lines(policy, (400, 40.0), (20, 30.0), began=400)
    assert developed(policy, within_the_year_before)[0] == 70


# --- interaction -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "expected"), [(0, 100), (45, 85), (90, 70), (135, 40), (270, 0), (900, 0), (-1, np.nan), (None, np.nan)]
)
def test_recency_is_measured_by_the_cadence(policy: Policy, days: int | None, expected: float) -> None:
    for sheets in (
        {"customer": {"last_deal": days}},
        {"contacts": [{"last_contact": days}]},
        {"service": [{"reported": None, "answered": days, "resolved": None}]},
        {"service": [{"kind": "survey", "reported": days, "answered": None, "resolved": None}]},
    ):
        assert mark(policy, "interaction", **sheets) == pytest.approx(expected, nan_ok=True)


def test_the_latest_contact_counts_and_a_complaint_is_none(policy: Policy) -> None:
    unanswered = {"reported": 0, "answered": None, "resolved": None}
    rows = {"contacts": [{"last_contact": 135}, {"last_contact": 90}], "service": [unanswered]}
    assert mark(policy, "interaction", {"last_deal": 900}, **rows) == 70
    assert np.isnan(mark(policy, "interaction", service=[unanswered], tracking=[{"tracked_on": 0}]))


def test_without_a_tier_there_is_no_cadence_to_measure_by(policy: Policy) -> None:
    assert np.isnan(mark(policy, "interaction", {"computed_tier": None, "cadence_days": None, "last_deal": 5}))


def visits(*days: int, **details: object) -> list[dict]:
    return [{"kind": "visit", "reported": day, "answered": None, "resolved": None} | details for day in days]


def test_frequency_counts_where_visits_are_logged(policy: Policy) -> None:
    customer = {"since": 360, "cadence_days": 90.0}  # four visits are asked for
    assert mark(policy, "interaction", customer, service=visits(0)) == 60  # 100 for recency, 1 of 4 is 20
    assert mark(policy, "interaction", customer, service=visits(0, 100)) == 70  # 2 of 4 is 40
    assert mark(policy, "interaction", customer, service=visits(0, 0, 100, 100)) == 70  # two on one day are one
    assert mark(policy, "interaction", customer, service=visits(0, 100, 200, 300)) == 100
    assert mark(policy, "interaction", customer, service=visits(0, 100, 200, 300, 350)) == 100


def test_frequency_looks_one_year_back(policy: Policy) -> None:
    assert mark(policy, "interaction", {"cadence_days": 365.0}, service=visits(364)) == 85  # recency 70.08, 1 of 1
    assert mark(policy, "interaction", {"cadence_days": 365.0}, service=visits(365)) == 35  # recency 70, none of 1


def test_a_cadence_of_two_years_is_looked_at_over_two_years(policy: Policy) -> None:
    customer = {"cadence_days": 730.0}
    assert mark(policy, "interaction", customer, service=visits(700)) == 85.6  # recency 71.23, 1 of 1
    assert mark(policy, "interaction", customer, service=visits(730)) == 35  # recency 70, none of 1


def test_frequency_is_unknown_before_the_first_visit_is_due_or_without_a_start(policy: Policy) -> None:
    assert mark(policy, "interaction", {"since": 89, "last_deal": 90}, service=visits(90)) == 70
    assert mark(policy, "interaction", {"since": None, "last_deal": 90}, service=visits(90)) == 70
    assert mark(policy, "interaction", {"since": 90, "last_deal": 90}, service=visits(90)) == 85  # once is enough


def test_a_team_that_logs_visits_knows_that_there_was_none(policy: Policy) -> None:
    customers = [{}, {"customer_id": "C002"}]
    logged = assessed(policy, customers, service=visits(5, customer_id="C002"))
    assert logged["health_interaction"].iloc[0] == 0
    other_team = assessed(policy, customers, service=visits(5, customer_id="C002", book="华南/b.xlsx"))
    assert np.isnan(other_team["health_interaction"].iloc[0])


# --- complaints, satisfaction, execution -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], 100),
        ([{}], 80),
        ([{}, {}], 60),
        ([{"severity": "major"}], 40),
        ([{"resolved": None}], 60),
        ([{"severity": "major", "resolved": None}], 0),
        ([{"reported": 400, "resolved": 390}], 100),
        ([{"kind": "request"}], 100),
    ],
)
def test_complaints_by_weight(policy: Policy, rows: list[dict], expected: float) -> None:
    assert mark(policy, "complaints", service=rows, logs=("华东/a.xlsx",)) == expected


def test_no_complaint_is_known_only_where_a_team_keeps_a_service_log(policy: Policy) -> None:
    assert np.isnan(mark(policy, "complaints"))
    assert np.isnan(mark(policy, "complaints", logs=("华南/b.xlsx",)))
    assert mark(policy, "complaints", logs=("华东/other.xlsx",)) == 100
    assert mark(policy, "complaints", service=[{}]) == 80


@pytest.mark.parametrize(
    ("satisfaction", "nps", "expected"),
    [
        (95, None, 100), (85, None, 70), (70, None, 40), (60, None, 20), (50, None, 0), (0, None, 0), (100, 0, 100),
        (None, 10, 100), (None, 9, 85), (None, 8, 65), (None, 7, 50), (None, 6, 35), (None, 0, 0), (None, None, np.nan),
    ],
)  # fmt: skip
def test_satisfaction_or_else_nps(policy: Policy, satisfaction: float, nps: float, expected: float) -> None:
    customer = {"satisfaction": satisfaction, "nps": nps}
    assert mark(policy, "satisfaction", customer) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], np.nan),
        ([{}], 100),
        ([{"end": 0}], 100),
        ([{"end": 1}], 0),
        ([{"end": None}], np.nan),
        ([{"status": None}], np.nan),
        ([{"status": "cancelled"}], np.nan),
        ([{"status": "not_started", "start": -1}], np.nan),
        ([{"status": "not_started", "start": 0}], 100),
        ([{"status": "delayed"}], 0),
        ([{"status": "delayed", "end": None}], 0),
        ([{"status": "partial", "end": 800, "start": 900}], 0),
        ([{"status": "done", "end": 365}], 100),
        ([{"status": "done", "end": 366}], np.nan),
        ([{"status": "done", "end": None}], 100),
        ([{"status": "done"}, {"end": 1}, {}], 66.7),
    ],
)
def test_execution_is_the_share_done_or_on_time(policy: Policy, rows: list[dict], expected: float) -> None:
    assert mark(policy, "execution", tracking=rows) == pytest.approx(expected, nan_ok=True)


# --- the whole ---------------------------------------------------------------------------------------------------


def combined(policy: Policy, severe_open: int = 0, **marks: float) -> pd.Series:
    row = pd.DataFrame([dict.fromkeys(HEALTH_PARTS) | marks], dtype="float64")
    return health.combined(row, pd.Series([severe_open]), policy).iloc[0]


def test_the_parts_are_averaged_by_weight(policy: Policy) -> None:
    found = combined(policy, scale=80, interaction=60, complaints=100, satisfaction=70, execution=50)
    assert (found["health"], found["health_colour"], found["health_coverage"]) == (73.5, "green", 1.0)


def test_a_missing_part_leaves_its_weight_to_the_others(policy: Policy) -> None:
    found = combined(policy, scale=80, execution=50)
    assert (found["health"], found["health_colour"], found["health_coverage"]) == (68.8, "yellow", 0.4)  # 68.75


def test_under_the_least_coverage_health_is_unknown(policy: Policy) -> None:
    found = combined(policy, interaction=80, execution=50)
    assert found["health_coverage"] == 0.35
    assert found[["health", "health_colour"]].isna().all()
    nothing = combined(policy)
    assert nothing["health_coverage"] == 0
    assert nothing[["health", "health_colour"]].isna().all()


def test_parts_without_weight_are_no_health(policy: Policy) -> None:
    weights = dict.fromkeys(HEALTH_PARTS, 0.0) | {"scale": 1.0}
    rules = dataclasses.replace(policy.health, weights=weights, coverage_at_least=0.0)
    assert np.isnan(combined(dataclasses.replace(policy, health=rules), execution=50)["health"])


@pytest.mark.parametrize(
    ("marks", "colour"), [(70, "green"), (69.95, "green"), (69.94, "yellow"), (40, "yellow"), (39.9, "red"), (0, "red")]
)
def test_the_rounded_number_is_coloured(policy: Policy, marks: float, colour: str) -> None:
    assert combined(policy, **dict.fromkeys(HEALTH_PARTS, marks))["health_colour"] == colour


def knocked(policy: Policy, cap: str) -> Policy:
    return dataclasses.replace(policy, health=dataclasses.replace(policy.health, knockout=cap))


@pytest.mark.parametrize(
    ("cap", "mark", "colour"),
    [
        ("red", 95, "red"), ("red", 50, "red"), ("red", 10, "red"), ("red", None, "red"),
        ("yellow", 95, "yellow"), ("yellow", 50, "yellow"), ("yellow", 10, "red"), ("yellow", None, None),
        ("off", 95, "green"), ("off", None, None),
    ],
)  # fmt: skip
def test_a_severe_open_complaint_cannot_be_averaged_away(policy: Policy, cap: str, mark: float, colour: str) -> None:
    found = combined(knocked(policy, cap), severe_open=1, **dict.fromkeys(HEALTH_PARTS, mark))
    assert (found["health_cap"] == "severe") == (cap != "off")
    assert found["health_colour"] == colour or (colour is None and pd.isna(found["health_colour"]))
    assert found["health"] == mark or (mark is None and pd.isna(found["health"]))


@pytest.mark.parametrize(
    ("before", "trend"), [(65.0, "flat"), (64.9, "up"), (75.0, "flat"), (75.1, "down"), (70.0, "flat"), (np.nan, None)]
)
def test_the_trend_is_a_change_by_more_than_the_points(policy: Policy, before: float, trend: str | None) -> None:
    customer = {"satisfaction": 85, "last_deal": 90}  # two parts of 70
    found = assessed(policy, [customer], past=[LAST_NIGHT | {"health": before, "amount": np.nan}])
    assert found["health"].tolist() == [70.0]
    assert found["health_before"].equals(pd.Series([before]))
    assert found["health_trend"].fillna("?").tolist() == [trend or "?"]


@pytest.mark.parametrize(("coverage", "trend"), [(0.4, "up"), (0.41, None), (np.nan, "up")])
def test_there_is_no_trend_where_less_is_known_than_last_time(policy: Policy, coverage: float, trend: str) -> None:
    customer = {"satisfaction": 85, "last_deal": 90}
    past = LAST_NIGHT | {"health": 60.0, "amount": np.nan, "health_coverage": coverage}
    assert assessed(policy, [customer], past=[past])["health_trend"].fillna("?").tolist() == [trend or "?"]


def test_without_an_earlier_night_there_is_no_trend(policy: Policy) -> None:
    customer = {"satisfaction": 85, "last_deal": 90}
    old = pd.DataFrame([LAST_NIGHT]).drop(columns="health").to_dict("records")
    for past in (None, old):
        found = assessed(policy, [customer], past=past)
        assert found[["health_before", "health_trend"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("kind", "unknown"),
    [
        ("service", ["health_complaints", "health_interaction"]),
        ("tracking", []),
        ("contacts", ["health_interaction"]),
        ("renewals", []),
    ],
)
def test_where_a_row_may_be_the_customers_what_it_would_tell_is_unknown(
    policy: Policy, kind: str, unknown: list[str]
) -> None:
    parts = ["health_complaints", "health_interaction"]
    both = [{"last_deal": 10}, {"customer_id": "C002", "last_deal": 10}]
    rows = assessed(policy, both, logs=("华东/a.xlsx",), maybe=((kind, "C001"),))[parts]

    assert rows.loc[0, parts].index[rows.loc[0, parts].isna()].tolist() == unknown
    assert rows.loc[1].notna().all()


def test_of_a_customer_that_is_half_read_only_what_stands_alone_is_known(policy: Policy) -> None:
    customer = {"last_deal": 5, "satisfaction": 85, "severe_open": 1}
    sheets = {"tracking": [{}], "service": [{"resolved": None}], "half_read": ("C001",)}
    found = assessed(policy, [customer], **sheets).iloc[0]
    assert found[["health_scale", "health_interaction", "health_complaints", "health"]].isna().all()
    assert found[["health_satisfaction", "health_execution"]].tolist() == [70, 100]
    assert (found["health_cap"], found["health_colour"]) == ("severe", "red")


def test_no_customers_have_no_health_but_every_column(policy: Policy) -> None:
    found = assessed(policy, [])
    assert found.columns.tolist() == [*CUSTOMER, *health.COLUMNS]
    kinds = found.dtypes.astype("str")
    assert kinds[["health", "health_coverage", "health_scale", "health_before"]].eq("float64").all()
    assert kinds[["health_colour", "health_trend"]].eq("str").all()
    assert kinds["health_cap"] == "str"


# --- laws --------------------------------------------------------------------------------------------------------

tenths = st.integers(0, 1000).map(lambda number: number / 10)
marks = st.fixed_dictionaries(dict.fromkeys(HEALTH_PARTS, st.one_of(st.none(), tenths)))


@pytest.mark.slow
@given(marks=marks, part=st.sampled_from(HEALTH_PARTS), by=tenths, severe=st.integers(0, 1))
def test_a_higher_mark_never_lowers_health(policy: Policy, marks: dict, part: str, by: float, severe: int) -> None:
    before = combined(policy, severe, **marks)
    known = None if marks[part] is None else min(100, marks[part] + by)
    after = combined(policy, severe, **marks | {part: known})
    assert 0 <= after["health_coverage"] <= 1
    assert after["health_coverage"] == before["health_coverage"]
    assert pd.isna(after["health"]) == pd.isna(before["health"])
    if not pd.isna(before["health"]):
        assert 0 <= before["health"] <= after["health"] <= 100
        assert health.COLOURS.index(before["health_colour"]) <= health.COLOURS.index(after["health_colour"])


ages = st.one_of(st.none(), st.integers(-3, 800))
log_rows = st.lists(
    st.fixed_dictionaries(
        {
            "customer_id": st.sampled_from(["C001", "C002", "C003"]),
            "kind": st.sampled_from(["complaint", "visit"]),
            "severity": st.sampled_from(["major", "ordinary", None]),
            "reported": ages,
            "resolved": ages,
        }
    ),
    max_size=4,
)
three = st.tuples(
    *[st.fixed_dictionaries({"amount": st.one_of(st.none(), tenths), "since": ages, "last_deal": ages})] * 3
)


def named(rows: tuple[dict, ...]) -> list[dict]:
    return [{"customer_id": f"C00{number}", "satisfaction": 80} | row for number, row in enumerate(rows, start=1)]


@pytest.mark.slow
@settings(max_examples=15)
@given(rows=three, log=log_rows, severity=st.sampled_from(["major", "ordinary", None]), reported=ages, resolved=ages)
def test_a_complaint_never_raises_health_beyond_a_request_that_was_dealt_with_alike(
    policy: Policy, rows: tuple, log: list[dict], severity: str | None, reported: int | None, resolved: int | None
) -> None:
    one = {"severity": severity, "reported": reported, "answered": None, "resolved": resolved}
    before, after = (
        assessed(policy, named(rows), service=[*log, one | {"kind": kind}], logs=("华东/a.xlsx",))["health"]
        for kind in ("request", "complaint")
    )
    assert before.isna().equals(after.isna())
    assert (after <= before).where(before.notna(), True).all()


@pytest.mark.slow
@settings(max_examples=15)
@given(rows=three, log=log_rows, order=st.permutations([0, 1, 2]))
def test_the_order_of_customers_and_rows_does_not_matter(
    policy: Policy, rows: tuple, log: list[dict], order: list[int]
) -> None:
    customers = named(rows)
    columns = ["customer_id", *health.COLUMNS]
    one = assessed(policy, customers, service=log)[columns].sort_values("customer_id", ignore_index=True)
    other = assessed(policy, [customers[place] for place in order], service=log[::-1])[columns]
    pd.testing.assert_frame_equal(one, other.sort_values("customer_id", ignore_index=True))


# --- in words ----------------------------------------------------------------------------------------------------


def said(policy: Policy, words: object, severe_open: int = 0, before: float = np.nan, **marks: float) -> str:
    row = pd.DataFrame([dict.fromkeys(HEALTH_PARTS) | marks], dtype="float64")
    severe = pd.Series([severe_open])
    found = health.combined(row, severe, policy).assign(severe_open=severe, health_before=before)
    trend = {95.0: "down", 50.0: "up"}.get(before)
    found["health_trend"] = pd.Series([trend], dtype="str")
    found = found.assign(scale_by=pd.Series([None], dtype="str"), scale_now=np.nan, scale_before=np.nan)
    return health.explained(found, policy, words).iloc[0]


def test_the_whole_sum_is_said(policy: Policy, words_in) -> None:
    marks = {"scale": 80, "interaction": 60, "complaints": 100, "satisfaction": 70, "execution": 50}
    assert said(policy, words_in("zh-CN"), **marks) == (
        "健康度 73.5（绿）= 合作规模 80.0×0.25 + 互动频率 60.0×0.2 + 投诉 100.0×0.2 + 满意度 70.0×0.2 + 策略执行 50.0×0.15。"
    )
    assert said(policy, words_in("en"), **marks) == (
        "Health 73.5 (green) = scale 80.0×0.25 + interaction 60.0×0.2 + complaints 100.0×0.2 + satisfaction 70.0×0.2 + "
        "execution 50.0×0.15."
    )


def test_what_is_missing_the_knock_out_and_the_trend_are_said(policy: Policy, words_in) -> None:
    marks = {"scale": 80, "execution": 50}
    assert said(policy, words_in("zh-CN"), 2, 95.0, **marks) == (
        "健康度 68.8（红）=（合作规模 80.0×0.25 + 策略执行 50.0×0.15）÷ 数据覆盖率 40%；缺少：互动频率、投诉、满意度；"
        "2 起重大投诉未解决，不论平均分多少，状态不高于红；较上次 95.0 下降。"
    )
    assert said(policy, words_in("en"), 2, 50.0, **marks) == (
        "Health 68.8 (red) = (scale 80.0×0.25 + execution 50.0×0.15) ÷ coverage 40%; missing: interaction, complaints, "
        "satisfaction; open major complaints: 2, so red at best, whatever the average; up from 50.0 last time."
    )


@pytest.mark.parametrize(
    ("customer", "past", "zh", "en"),
    [
        (
            ordered(30, 40),
            [LAST_NIGHT | {"amount": 80.0}],
            "；规模走势看订单：近十二个月 30 万元，此前十二个月 40 万元，−25%，计 −15.0 分。",
            "by the orders: 30 in the last twelve months after 40 in the twelve before (10k CNY), −25%: −15.0 points.",
        ),
        (
            ordered(400, 40),
            None,
            "；规模走势看订单：近十二个月 400 万元，此前十二个月 40 万元，+900%，计 +15.0 分。",
            "by the orders: 400 in the last twelve months after 40 in the twelve before (10k CNY), +900%: +15.0 points.",
        ),
        (
            {},
            [LAST_NIGHT | {"amount": 80.0}],
            "；规模走势看以往最高金额：现为 100 万元，最高 80 万元，+25%，计 +7.5 分。",
            "; trend of the scale by the highest amount remembered: 100 now after 80 (10k CNY), +25%: +7.5 points.",
        ),
        (
            {},
            [LAST_NIGHT],
            "；规模走势看以往最高金额：现为 100 万元，最高 100 万元，0%，计 0.0 分。",
            "; trend of the scale by the highest amount remembered: 100 now after 100 (10k CNY), 0%: 0.0 points.",
        ),
        ({}, None, "；缺少：互动频率、投诉、满意度、策略执行。", "; missing: interaction, complaints, satisfaction, execution."),
    ],
)  # fmt: skip
def test_by_what_the_scale_went_up_or_down_is_said_with_its_figures(
    policy: Policy, words_in, customer: dict, past: list[dict] | None, zh: str, en: str
) -> None:
    found = assessed(policy, [customer, *OTHERS], past=past)
    assert health.explained(found, policy, words_in("zh-CN")).iloc[0].endswith(zh)
    assert health.explained(found, policy, words_in("en")).iloc[0].endswith(en)


def test_an_unknown_health_says_what_is_known(policy: Policy, words_in) -> None:
    assert said(policy, words_in("zh-CN"), scale=80) == (
        "健康度未知：数据覆盖率 25%，低于 40%；已知：合作规模 80.0×0.25；缺少：互动频率、投诉、满意度、策略执行。"
    )
    assert said(policy, words_in("en")) == (
        "Health unknown: coverage 0%, below 40%; known: nothing; missing: scale, interaction, complaints, satisfaction, "
        "execution."
    )


def test_the_parts_are_listed_with_weight_and_need(policy: Policy, words_in) -> None:
    table = health.parts(policy, words_in("zh-CN"))
    assert table["part"].tolist() == list(HEALTH_PARTS)
    assert table["name"].tolist() == ["合作规模", "互动频率", "投诉", "满意度", "策略执行"]
    assert table["weight"].sum() == pytest.approx(1)
    assert table["needs"].iloc[2] == "服务记录表"


# --- the policy --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("scale = 0.25 ", "scale = 0.35 ", " + health.weights.execution = 1.1; allowed: a sum of 1"),
        ("scale = 0.25 ", "scale = -0.25 ", "health.weights.scale = -0.25; allowed: a weight from 0 to 1"),
        ("scale = 0.25 ", "size = 0.25 ", "health.weights.size = 0.25; allowed: no such key; known are scale, interaction, complaints, satisfaction"),
        ("yellow = [40, 70]", "yellow = [70, 40]", "health.yellow = [70, 40]; allowed: a range of marks"),
        ('knockout = "red"', 'knockout = "green"', "health.knockout = 'green'; allowed: red | yellow | off"),
        ("coverage_at_least = 0.4", "coverage_at_least = 40", "health.coverage_at_least = 40"),
        ("amount = [[0, 0], [0.5, 50]", "amount = [[0, 0], [0, 50]", "health.amount = [[0, 0], [0, 50], [1, 70], [2, 100]]"),
        ("amount = [[0, 0], [0.5, 50]", "amount = [[0, 0], [0.5, 80]", "x ascending, y from 0 to 100 and never falls"),
        ("recency = [[0, 100]", "recency = [[0, 60]", "x ascending, y from 0 to 100 and never rises"),
        ("recency = [[0, 100]", "recency = [[0, 101]", "health.recency"),
        ("frequency = [[0, 0], [0.5, 40], [1, 100]]", "frequency = [[0, 0]]", "two or more points [x, y]"),
        ("frequency = [[0, 0], [0.5, 40], [1, 100]]", "frequency = [[0, 0], 1]", "two or more points [x, y]"),
        ("frequency = [[0, 0], [0.5, 40], [1, 100]]", "frequency = 1", "two or more points [x, y]"),
        ("amount_change = [[-0.5, -30]", "amount_change = [[-0.5, -101]", "y from -100 to 100 and never falls"),
    ],
)  # fmt: skip
def test_a_slip_in_the_policy_is_refused_by_name(policy_text: str, old: str, new: str, sentence: str) -> None:
    assert old in policy_text
    with pytest.raises(PolicyError, match=re.escape(sentence)):
        policies.parse(policy_text.replace(old, new, 1))
