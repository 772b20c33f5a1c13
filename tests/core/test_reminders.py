"""What falls due by itself is said in time, once, and without anybody's birthday (handbook §8, §10)."""

import dataclasses
import datetime as dt

import pandas as pd
import pytest

from kam_xl.core import planning, reminders
from kam_xl.core.assessment import Assessment
from kam_xl.core.policy import Policy

D = dt.date  # today is 2024-03-01
QUIET = {"tracking": [{"status": "done"}]}


def of(assessment: Assessment, source: str) -> pd.DataFrame:
    return assessment.actions[assessment.actions["source"] == source]


def due(assessment: Assessment, source: str) -> list[str]:
    return of(assessment, source)["due"].dt.strftime("%Y-%m-%d").tolist()


# --- deals -------------------------------------------------------------------------------------------------------


TRIALS = [
    (D(2024, 3, 15), "proposal", True),  # the last of 14 days
    (D(2024, 3, 16), "proposal", False),
    (D(2024, 3, 1), None, True),  # today; a stage nobody wrote is not won
    (D(2024, 2, 29), "proposal", False),  # past: the risk speaks
    (D(2024, 3, 10), "won", False),
    (D(2024, 3, 10), "lost", False),
    (None, "proposal", False),
]


def test_a_trial_that_ends_soon(together) -> None:
    trials = [
        {"kind": "trial", "product": "新模块", "trial_expiry": expiry, "stage": stage} for expiry, stage, _ in TRIALS
    ]
    found = [due(part, "trial") for part in together([{"renewals": [trial], **QUIET} for trial in trials])]
    assert found == [[expiry.isoformat()] if listed else [] for expiry, _, listed in TRIALS]


STEPS = [
    (D(2024, 5, 31), None, None),  # 91 days
    (D(2024, 5, 30), "2024-03-29", "90"),  # to be done by the time there are 60: Sunday the 31st
    (D(2024, 5, 1), "2024-03-01", "90"),  # 61: Saturday the 2nd
    (D(2024, 4, 30), "2024-03-29", "60"),
    (D(2024, 3, 31), "2024-03-29", "30"),  # the last step is due on the day itself, a Sunday
    (D(2024, 3, 1), "2024-03-01", "30"),
    (D(2024, 2, 29), None, None),
]


def test_a_renewal_has_three_steps(together) -> None:
    deals = [{"kind": "renewal", "product": "平台", "renewal_date": renewal} for renewal, _, _ in STEPS]
    parts = together([{"renewals": [deal], **QUIET} for deal in deals])
    said = "“平台”将于 {} 续约，已进入 {} 天提醒：确认续约意向、条件和决策人"
    assert [(due(part, "renewal"), of(part, "renewal")["action"].tolist()) for part in parts] == [
        ([due_on], [said.format(renewal, step)]) if due_on else ([], []) for renewal, due_on, step in STEPS
    ]


@pytest.mark.slow
def test_every_step_is_an_action_of_its_own_and_an_opportunity_is_none(assessed) -> None:
    deal = {"kind": "renewal", "product": "平台", "renewal_date": D(2024, 4, 30), "stage": "lead"}
    others = ({}, {"product": "平 台"}, {"product": "终端"}, {"renewal_date": D(2024, 4, 29)}, {"kind": "opportunity"}, {"kind": None})  # fmt: skip
    key, blank, product, earlier, chance, nothing = (
        of(assessed(renewals=[deal | more], **QUIET), "renewal")["key"].tolist() for more in others
    )
    assert key == blank != product
    assert key != earlier
    assert chance == nothing == []


# --- people ------------------------------------------------------------------------------------------------------


BIRTHDAYS = [
    (D(1980, 3, 15), "2024-03-11"),  # a Friday: the Monday of its week
    (D(1980, 3, 3), "2024-03-01"),  # a Sunday whose Monday is gone: today
    (D(1980, 3, 16), None),
    (D(1904, 3, 1), "2024-03-01"),  # the year is unknown
    (D(1980, 2, 29), None),  # yesterday
    (None, None),
]


def test_a_birthday_in_the_next_fortnight_is_told_by_its_week(together) -> None:
    people = [{"name": "王五", "title": "采购总监", "role": "purchasing", "birthday": day} for day, _ in BIRTHDAYS]
    parts = together([{"contacts": [person], **QUIET} for person in people])
    said = "该周有关键联系人（采购·采购总监）过生日：日期见关键联系人表，当天送上祝福"
    assert [(due(part, "birthday"), of(part, "birthday")["action"].tolist()) for part in parts] == [
        ([due_on], [said]) if due_on else ([], []) for _, due_on in BIRTHDAYS
    ]


@pytest.mark.parametrize(
    ("today", "due_on"), [("2024-02-20", "2024-02-29"), ("2023-02-20", "2023-02-28"), ("2023-12-31", "2024-02-29")]
)
def test_a_birthday_on_the_29th_of_february(today: str, due_on: str) -> None:
    days = pd.Series(pd.to_datetime(["1980-02-29", None])).astype("datetime64[s]")
    found = reminders._next(days, pd.Timestamp(today))
    assert found.dt.strftime("%Y-%m-%d").fillna("").tolist() == [due_on, ""]


@pytest.mark.slow
def test_a_birthday_stays_out_of_the_key_and_the_text(assessed) -> None:
    def row(**more: object) -> pd.Series:
        contact = {"name": "王五", "birthday": D(1980, 3, 10)} | more
        rows = of(assessed(contacts=[contact], lang="en", **QUIET), "birthday")
        return rows.iloc[0] if len(rows) else None

    plain, titled = row(), row(title="CTO")
    said = "A key contact ({}) has a birthday that week: see the contacts sheet and send good wishes on the day"
    assert plain["key"] == row(birthday=D(1990, 3, 12))["key"] == titled["key"] != row(name="李四")["key"]
    assert plain["action"] == said.format("—")
    assert titled["action"] == said.format("CTO")
    assert row(role="user")["action"] == said.format("User")
    assert row(left=True) is None
    assert row(left=False) is not None


YEARS = [
    (D(2014, 3, 15), 80, "10"),
    (D(2014, 3, 16), 80, None),
    (D(2014, 3, 1), 80, "10"),
    (D(2024, 3, 1), 80, None),  # no full year yet
    (D(2014, 3, 15), 60, None),  # a regular customer
]


def test_an_anniversary_of_a_close_tier(together) -> None:
    parts = together(
        [
            {
                "customers": [{"since": since}],
                "evaluations": [dict.fromkeys(("value", "potential", "demand"), mark)],
                **QUIET,
            }
            for since, mark, _ in YEARS
        ]
    )
    assert [of(part, "anniversary")["action"].tolist() for part in parts] == [
        [f"合作满 {years} 周年（{since} 起）：致谢并回顾合作成果"] if years else [] for since, _, years in YEARS
    ]


# --- the team's own work -------------------------------------------------------------------------------------------


EVALUATED = [
    (D(2023, 9, 1), "2024-03-01"),
    (D(2023, 9, 30), "2024-03-29"),
    (D(2023, 10, 1), None),  # 1 April, 31 days ahead
    (D(2023, 8, 31), None),  # out of date: the risk speaks
    (None, None),
]


def test_an_evaluation_that_runs_out(together) -> None:
    parts = together([{"evaluations": [{"evaluated_on": day}], **QUIET} for day, _ in EVALUATED])
    assert [due(part, "reevaluation") for part in parts] == [[day] if day else [] for _, day in EVALUATED]


TRACKED = [
    ({"tracked_on": D(2024, 1, 31)}, True),  # 30 days
    ({"tracked_on": D(2024, 2, 1)}, False),
    ({"tracked_on": D(2024, 1, 31), "status": "done"}, False),
    ({"tracked_on": D(2024, 1, 31), "status": None}, False),
    ({"tracked_on": D(2024, 1, 31), "start": D(2024, 3, 2)}, False),  # not begun
    ({"tracked_on": None}, False),
    ({"tracked_on": D(2024, 1, 1), "customer_id": "X9"}, False),  # a stranger
]


def test_a_strategy_nobody_updates(together) -> None:
    parts = together([{"tracking": [{"tracker": "李四 ", **row}]} for row, _ in TRACKED])
    said = ["策略“季度回访”已 30 天没有更新（上次 2024-01-31）：更新完成情况、问题和改进建议", "李四"]
    assert [of(part, "tracking_stale")[["action", "manager"]].values.tolist() for part in parts] == [
        [said] if listed else [] for _, listed in TRACKED
    ]


COMPLAINTS = [
    {"kind": "complaint", "category": "交付延迟", "reported": dt.datetime(2024, 1, day, 9), "customer_id": f"C00{day}"}
    for day in range(1, 6)
]


@pytest.mark.slow
def test_what_repeats_across_customers_asks_for_its_root_cause(assessed, words_in) -> None:
    row = of(assessed(service=COMPLAINTS, **QUIET), "root_cause").iloc[0]
    assert row["action"].startswith("“交付延迟”问题 180 天内在 5 家客户共出现 5 次：")
    assert row[["owner", "level", "due"]].tolist() == ["客服部负责人", "none", pd.Timestamp("2024-01-19")]
    assert pd.isna(row["customer_id"])
    assert of(assessed(service=COMPLAINTS[:4], **QUIET), "root_cause").empty
    later = [*COMPLAINTS[1:], COMPLAINTS[0] | {"reported": dt.datetime(2024, 2, 20, 9)}]
    assert of(assessed(service=later, lang="en", **QUIET), "root_cause")["key"].tolist() == [row["key"]]


@pytest.mark.slow
def test_one_customers_repeats_are_the_risks_unless_it_is_switched_off(assessed, policy: Policy) -> None:
    own = [row | {"customer_id": "C001"} for row in COMPLAINTS[:3]]
    assert of(assessed(service=own, **QUIET), "root_cause").empty
    off = dataclasses.replace(policy.risk.repeated_problem, enabled=False)
    quiet = dataclasses.replace(policy, risk=dataclasses.replace(policy.risk, repeated_problem=off))
    row = of(assessed(service=own, policy=quiet, **QUIET), "root_cause").iloc[0]
    assert row["action"].startswith("“交付延迟”问题在 180 天内出现 3 次：")
    assert row["owner"] == "区域/行业销售团队"


def test_nothing_on_record_reminds_of_nothing(assessed) -> None:
    assert not set(assessed(**QUIET).actions["source"]) & set(reminders.REMINDERS)


@pytest.mark.slow
def test_both_languages_have_the_same_actions(assessed) -> None:
    rows = {
        "contacts": [{"name": "王五", "birthday": D(1980, 3, 10)}],
        "renewals": [{"kind": "trial", "product": "A", "trial_expiry": D(2024, 3, 10)}],
        "service": COMPLAINTS,
    }
    keys = [assessed(lang=lang, **rows).actions["key"].tolist() for lang in ("zh-CN", "en")]
    assert keys[0] == keys[1]
    assert planning.ACTIONS == tuple(assessed(**rows).actions.columns)
