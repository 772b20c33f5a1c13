"""Each indicator is what the sheets say it is, said beside its target, and unknown where they do not say (handbook §9)."""

import datetime as dt
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kam_xl.core import indicators
from kam_xl.core import policy as policies
from kam_xl.core.errors import PolicyError
from kam_xl.core.indicator_view import IndicatorView, days
from kam_xl.core.indicators import INDICATORS
from kam_xl.core.policy import Policy
from kam_xl.core.sections import INDICATOR_KEYS

TODAY = pd.Timestamp("2024-03-01")
D = dt.date
_CUSTOMER = {
    "customer_id": "C001", "computed_tier": "regular", "lifecycle": "active", "amount": 100.0, "amount_parts": 1,
    "satisfaction": np.nan, "satisfaction_on": None, "nps": np.nan, "nps_on": None, "product_count": np.nan,
    "cadence_days": 180.0, "since": D(2020, 1, 1), "value_next": np.nan,
}  # fmt: skip
_PAST = {
    "customer_id": "C001", "teams": "华东", "tier": "regular", "lifecycle": "active", "amount": 80.0, "amount_parts": 1,
}  # fmt: skip
_TYPES = dict.fromkeys(("satisfaction_on", "nps_on", "since"), "datetime64[s]") | dict.fromkeys(
    ("amount", "satisfaction", "nps", "product_count", "cadence_days"), "float64"
)


def customers(*rows: dict) -> pd.DataFrame:
    """Customers as they are once everything is known about them."""
    filled = [_CUSTOMER | {"customer_id": f"C{i:03}"} | row for i, row in enumerate(rows, start=1)]
    return pd.DataFrame(filled, columns=list(_CUSTOMER)).astype(_TYPES)


def past(*rows: dict, on: str | None = None) -> pd.DataFrame:
    """A snapshot of an earlier day; without one, of the day its period began."""
    filled = [_PAST | {"customer_id": f"C{i:03}"} | row for i, row in enumerate(rows, start=1)]
    return pd.DataFrame(filled).assign(on=pd.Timestamp(on))


@pytest.fixture(scope="module")
def measured(policy: Policy, words_in: Callable, a_portfolio: Callable) -> Callable[..., pd.DataFrame]:
    """Customers, snapshots by period and rows of sheets → the indicators."""

    def run(now: pd.DataFrame, *, lang: str = "en", pasts: dict | None = None, cases: list[dict] = (),
            records: list[dict] | None = None, **rows: list[dict]) -> pd.DataFrame:  # fmt: skip
        own = records if records is not None else [{"customer_id": key} for key in now["customer_id"]]
        portfolio = a_portfolio(
            customers=own, records=own, evaluations=[], tracking=rows.pop("tracking", []),
            sources=[{"book": f"{team}.xlsx", "team": team} for team in sorted({row.get("team", "华东") for row in own})],
            **rows,
        )  # fmt: skip
        log = pd.DataFrame(list(cases), columns=["team", "customer_id", "reported", "response_state"])
        log["reported"] = pd.to_datetime(log["reported"])
        began = days(TODAY.date(), policy)
        thens = {period: then.fillna({"on": pd.Timestamp(began[period])}) for period, then in (pasts or {}).items()}
        return indicators.measure(IndicatorView(portfolio, now, log, policy, TODAY, words_in(lang), thens))

    return run


def overall(found: pd.DataFrame, key: str) -> pd.Series:
    return found[found["team"].isna() & (found["indicator"] == key)].iloc[0]


def test_the_table_and_the_policy_name_the_same_indicators() -> None:
    assert tuple(row.key for row in INDICATORS) == INDICATOR_KEYS


def test_without_data_nothing_is_0_and_everything_says_what_it_needs(measured: Callable) -> None:
    found = measured(customers({"computed_tier": None, "lifecycle": None, "amount": np.nan}))
    assert list(found.columns) == list(indicators.COLUMNS)
    assert found["actual"].isna().all()
    assert found["deviation"].isna().all()
    assert (found["verdict"] == "none").all()
    assert found["needs"].notna().all()
    assert found["said"].str.contains("no data; needs").all()
    assert set(found["team"].dropna()) == {"华东"}


def test_a_portfolio_without_customers_has_every_indicator_too(measured: Callable) -> None:
    found = measured(customers(), records=[])
    assert len(found) == len(INDICATORS)
    assert found["actual"].isna().all()


def test_retention_counts_who_was_there_then_and_is_not_lost_now(measured: Callable) -> None:
    now = customers({}, {"lifecycle": "lost"}, {"lifecycle": None}, {"lifecycle": "new"})
    before = past({}, {}, {}, {"lifecycle": "lost"}, {}, {"lifecycle": None})  # C005, C006 are gone
    row = overall(measured(now, pasts={"quarter": before}), "retention")
    assert row["actual"] == pytest.approx(1 / 3)  # C001 stayed, C002 is lost, C005 gone; the others are not known
    assert row["counted"] == 3
    assert row["since"] == pd.Timestamp("2023-12-01")
    assert row["verdict"] == "bad"
    assert row["said"] == (
        "Customer retention 33.3%, target at least 90.0%: short by 56.7 points "
        "(2023-12-01 to 2024-03-01, against that day's snapshot, customers: 3)"
    )


def test_a_customer_of_an_unread_team_is_not_gone(measured: Callable) -> None:
    row = overall(measured(customers({}), pasts={"quarter": past({}, {"teams": "华东、华南"})}), "retention")
    assert (row["actual"], row["counted"]) == (1, 1)


def test_an_older_snapshot_without_a_lifecycle_leaves_retention_unknown(measured: Callable) -> None:
    row = overall(measured(customers({}), pasts={"quarter": past({}).drop(columns="lifecycle")}), "retention")
    assert row["verdict"] == "none"
    assert "lifecycle" in row["needs"]


def test_execution_is_what_was_done_of_what_was_due(measured: Callable) -> None:
    due = D(2024, 2, 29)
    rows = [
        {"end": due, "status": "done"}, {"end": due, "status": "delayed"}, {"end": due, "status": "cancelled"},
        {"end": due, "status": None}, {"end": D(2024, 3, 1), "status": "running"}, {"end": D(2023, 12, 1), "status": "done"},
        {"end": D(2023, 11, 30), "status": "running"},
    ]  # fmt: skip
    row = overall(measured(customers({}), tracking=rows), "execution")
    assert row["actual"] == pytest.approx(2 / 3)
    assert row["counted"] == 3
    assert row["since"] == pd.Timestamp("2023-12-01")


def test_surveys_and_answers_of_the_period_count(measured: Callable) -> None:
    now = customers(
        {"satisfaction": 96, "satisfaction_on": D(2023, 12, 1), "nps": 9, "nps_on": D(2024, 1, 1), "computed_tier": "strategic"},
        {"satisfaction": 80, "satisfaction_on": D(2024, 3, 1), "nps": 6, "nps_on": D(2024, 1, 1)},
        {"satisfaction": 10, "satisfaction_on": D(2023, 11, 30), "nps": 0, "nps_on": D(2023, 11, 30)},
        {"nps": 10, "nps_on": D(2024, 1, 1)},
    )  # fmt: skip
    found = measured(now)
    assert overall(found, "satisfaction")[["actual", "counted", "verdict"]].tolist() == [88, 2, "watch"]
    assert overall(found, "strategic_satisfaction")[["actual", "verdict"]].tolist() == [96, "good"]
    assert overall(found, "nps")[["actual", "counted"]].tolist() == [pytest.approx(100 / 3), 3]


def test_renewals_due_and_still_open_are_not_won(measured: Callable) -> None:
    due = D(2024, 2, 29)
    rows = [{"kind": "renewal", "renewal_date": due, "stage": stage} for stage in ("won", "won", "lost", "proposal")]
    rows += [
        {"kind": "opportunity", "renewal_date": due, "stage": "lost"},
        {"kind": "renewal", "renewal_date": D(2024, 3, 1), "stage": "lead"},
        {"kind": "renewal", "renewal_date": due},
    ]
    row = overall(measured(customers({}), renewals=rows), "renewal")
    assert (row["actual"], row["counted"]) == (0.5, 4)


def test_depth_is_the_mean_number_of_products(measured: Callable) -> None:
    row = overall(measured(customers({"product_count": 3}, {"product_count": 2}, {})), "depth")
    assert (row["actual"], row["verdict"], row["deviation"]) == (2.5, "good", 0.5)


def test_visits_are_held_against_the_cadence(measured: Callable) -> None:
    now = customers(
        {"cadence_days": 90},
        {"cadence_days": 90},
        {"cadence_days": 90, "since": D(2024, 2, 1)},
        {"cadence_days": 365},
        {},
    )
    log = [
        {"customer_id": "C001", "kind": "visit", "reported": dt.datetime(2023, 12, 2)},
        {"customer_id": "C002", "kind": "visit", "reported": dt.datetime(2023, 12, 1, 23)},
        {"customer_id": "C002", "kind": "request", "reported": dt.datetime(2024, 2, 1)},
        {"customer_id": "C005", "kind": "visit", "reported": dt.datetime(2024, 4, 1)},  # has not happened
    ]
    row = overall(measured(now, service=log), "visits")
    assert (row["actual"], row["counted"]) == (0.5, 2)  # C003 is new; for 365 and 180 days the log is too young


def test_a_team_that_logs_no_visits_says_nothing_about_them(measured: Callable) -> None:
    now = customers({"cadence_days": 90}, {"cadence_days": 90})
    records = [{"customer_id": "C001", "team": "华东"}, {"customer_id": "C002", "team": "华北"}]
    log = [
        {"customer_id": "C001", "team": "华东", "kind": "visit", "reported": dt.datetime(2023, 11, 1)},
        {"customer_id": "C002", "team": "华北", "kind": "complaint", "reported": dt.datetime(2023, 11, 1)},
    ]
    found = measured(now, service=log, records=records)
    assert (overall(found, "visits")["actual"], overall(found, "visits")["counted"]) == (0.0, 1)


def test_responses_that_are_decided_count(measured: Callable) -> None:
    on = D(2024, 1, 1)
    log = [{"team": "华东", "customer_id": "C001", "reported": on, "response_state": state}
           for state in ("met", "met", "met", "breached", "running", "unknown")]  # fmt: skip
    row = overall(measured(customers({}), cases=[*log, log[3] | {"reported": D(2023, 1, 1)}]), "response")
    assert (row["actual"], row["counted"]) == (0.75, 4)


def test_the_rise_of_the_high_value_share_is_in_points(measured: Callable) -> None:
    now = customers({"computed_tier": "strategic"}, {"computed_tier": "key"}, {}, {}, {"computed_tier": None})
    before = past({}, {"tier": "key"}, {}, {}, {"tier": None})
    row = overall(measured(now, pasts={"half": before}), "high_value_rise")
    assert (row["actual"], row["verdict"]) == (0.25, "good")
    assert "25.0 points, target at least 1.0 points" in row["said"]
    assert "better by 24.0 points" in row["said"]


def test_growth_compares_the_amounts_of_two_periods_of_the_same_customers(measured: Callable) -> None:
    now = customers(
        {"amount": 135}, {"amount": 110}, {"amount": 900}, {"amount": np.nan}, {"amount": 100, "amount_parts": 1}
    )
    half = past({"amount": 100}, {"amount": 100}, {"amount": np.nan}, {}, {"amount": 300, "amount_parts": 2})
    year = past({"amount": 70}, {"amount": 90}, {"amount": 50}, {}, {"amount": 200, "amount_parts": 2})
    row = overall(measured(now, pasts={"half": half, "year": year}), "amount_growth")
    assert row["actual"] == pytest.approx(45 / 40 - 1)
    assert row["counted"] == 2


def test_growth_needs_two_snapshots_and_names_the_one_that_is_missing(measured: Callable) -> None:
    row = overall(measured(customers({}), pasts={"half": past({})}), "amount_growth")
    assert row["verdict"] == "none"
    assert row["needs"].startswith("a snapshot from about 2023-03-02")


def test_repurchase_counts_customers_whose_amount_rose(measured: Callable) -> None:
    now = customers({"amount": 2}, {"amount": 2})
    half, year = past({"amount": 1, "tier": "key"}, {"amount": 1, "tier": "key"}), past({"amount": 0}, {"amount": 1})
    row = overall(measured(now, pasts={"half": half, "year": year}), "key_repurchase_rise")
    assert (row["actual"], row["verdict"], row["tier"]) == (0.5, "good", "key")


def test_conversion_is_of_those_who_were_potential(measured: Callable) -> None:
    now = customers(
        {"computed_tier": "key"}, {"computed_tier": "potential"}, {"computed_tier": "key"}, {"computed_tier": None}
    )
    before = past(
        {"tier": "potential"}, {"tier": "potential"}, {"tier": "regular"}, {"tier": "potential"}, {"tier": "potential"}
    )
    row = overall(measured(now, pasts={"half": before}), "conversion")
    assert row["actual"] == pytest.approx(1 / 3)  # the fifth is gone, the fourth has no tier


@pytest.mark.parametrize(("lost", "verdict"), [(10, "good"), (11, "watch"), (12, "watch"), (13, "bad")])
def test_a_target_downwards_is_met_from_below(measured: Callable, lost: int, verdict: str) -> None:
    now = customers(*({"lifecycle": "lost"} for _ in range(lost)), *({} for _ in range(100 - lost)))
    row = overall(measured(now, pasts={"year": past(*({} for _ in range(100)))}), "regular_churn")
    assert row["actual"] == pytest.approx(lost / 100)
    assert row["verdict"] == verdict


@pytest.mark.parametrize(("satisfied", "verdict"), [(90, "good"), (89.9, "watch"), (85, "watch"), (84.9, "bad")])
def test_a_verdict_changes_at_the_target_and_at_the_tolerance(
    measured: Callable, satisfied: float, verdict: str
) -> None:
    now = customers({"satisfaction": satisfied, "satisfaction_on": D(2024, 2, 1)})
    assert overall(measured(now), "satisfaction")["verdict"] == verdict


def test_each_team_has_its_own_and_the_sentence_names_the_one_farthest_off(measured: Callable) -> None:
    now = customers({"product_count": 2}, {"product_count": 1}, {"product_count": 0})
    own = [{"customer_id": "C001", "team": "华东"}, {"customer_id": "C002", "team": "华东"}, {"customer_id": "C002", "team": "华南"},
           {"customer_id": "C003", "team": "华南"}]  # fmt: skip
    found = measured(now, records=own, lang="zh-CN")
    depth = found[found["indicator"] == "depth"].fillna({"team": "all"}).set_index("team")
    assert depth["actual"].to_dict() == {"all": 1.0, "华东": 1.5, "华南": 0.5}
    assert depth["said"]["all"] == (
        "合作深度（产品/服务种类） 1.0 种，目标不低于 2.0 种，距目标还差 1.0 种（2024-03-01，3 家客户）；差距最大的是“华南”（0.5 种）"
    )
    assert "差距最大" not in depth["said"]["华南"]
    alike = measured(now.assign(product_count=1.0), records=own, lang="zh-CN")
    assert "差距最大" not in overall(alike, "depth")["said"]


def test_days_are_counted_back_from_today(policy: Policy) -> None:
    assert days(D(2024, 3, 1), policy) == {
        "quarter": D(2023, 12, 1), "half": D(2023, 9, 1), "year": D(2023, 3, 2), "two_years": D(2022, 3, 2)
    }  # fmt: skip


@pytest.mark.slow
@given(st.lists(st.sampled_from(["active", "lost", None]), min_size=1, max_size=3))
@settings(max_examples=15)
def test_losing_a_customer_never_raises_retention(measured: Callable, states: list[str | None]) -> None:
    before = past(*({} for _ in states))
    first = overall(
        measured(customers(*({"lifecycle": state} for state in states)), pasts={"quarter": before}), "retention"
    )
    fewer = customers(*({"lifecycle": state} for state in ["lost", *states[1:]]))
    second = overall(measured(fewer, pasts={"quarter": before}), "retention")
    assert not second["actual"] > first["actual"]


@pytest.mark.parametrize(
    ("typed", "wrong", "key"),
    [
        ('nps = { target = 30, direction = "up"', 'nps = { target = 30, direction = "sideways"', "targets.of"),
        ("depth = { target = 2,", 'depth = { target = "2",', "targets.of"),
        ("retention = {", "retained = {", "targets.of"),
        ("quarter_days = 91", "quarter_days = 0", "targets.quarter_days"),
        ("completeness = 0.4", "completeness = 0.5", "quality.weights"),
        ('tracking = ["strategy"', 'tracking = ["stratagem"', "quality.required"),
    ],
)
def test_a_target_or_weight_that_cannot_be_is_refused(policy_text: str, typed: str, wrong: str, key: str) -> None:
    assert policy_text.count(typed) == 1
    with pytest.raises(PolicyError, match=key):
        policies.parse(policy_text.replace(typed, wrong))


@pytest.mark.parametrize(
    ("on", "taken"), [("2023-11-16", True), ("2023-11-15", False), ("2023-12-16", True), ("2023-12-17", False)]
)
def test_a_snapshot_of_another_time_is_none(measured: Callable, on: str, taken: bool) -> None:
    row = overall(measured(customers({}), pasts={"quarter": past({}, on=on)}), "retention")
    assert (row["verdict"] == "good") == taken
    assert row["since"] == pd.Timestamp(on if taken else "2023-12-01")


# --- by orders ---------------------------------------------------------------------------------------------------------


def sold(who: str, *days: str, amount: float = 1.0) -> list[dict]:
    return [{"customer_id": who, "ordered_on": pd.Timestamp(day), "amount": amount} for day in days]


OLD = sold("C001", "2021-06-01")  # from when on orders are known


def test_growth_retention_and_repurchase_are_measured_by_orders_without_a_snapshot(measured: Callable) -> None:
    rows = [*OLD, *sold("C001", "2023-05-01", amount=4.0), *sold("C001", "2023-12-01", amount=5.0),
            *sold("C002", "2023-06-01", amount=4.0)]  # fmt: skip

    found = measured(customers({"computed_tier": "key"}, {"computed_tier": "key"}), orders=rows)
    own = found[found["team"].isna()].set_index("indicator")

    assert own.loc["amount_growth", "actual"] == pytest.approx(5 / 8 - 1)  # of the half-years up to 09-01 and 03-01
    assert own.loc["key_repurchase_rise", "actual"] == pytest.approx(1 / 2 - 1)
    assert own.loc["retention", "actual"] == 1.0
    assert "by the orders" in own.loc["amount_growth", "said"]


def test_orders_of_too_few_customers_do_not_speak_for_a_team(measured: Callable) -> None:
    rows = [*OLD, *sold("C001", "2023-05-01"), *sold("C001", "2023-12-01")]

    found = measured(customers({}, {}, {}), orders=rows)

    assert found.loc[found["indicator"] == "amount_growth", "actual"].isna().all()
