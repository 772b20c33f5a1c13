"""A calendar file that programs take in, once, with no person's name in a title (handbook §8, §10)."""

import datetime as dt
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from icalendar import Calendar

import kam_xl
from kam_xl.core import planning
from kam_xl.core import policy as policies
from kam_xl.core import words as wordbook
from kam_xl.core.failures import Strict
from kam_xl.core.policy import Policy
from kam_xl.core.words import Words
from kam_xl.reports import calendars, file_names

PACKAGE = Path(kam_xl.__file__).parent
NOW = dt.datetime(2024, 3, 1, 7, 30)
D = pd.Timestamp


@pytest.fixture(scope="module")
def policy() -> Policy:
    return policies.parse((PACKAGE / "policy.toml").read_text("utf-8"))


def words(lang: str) -> Words:
    return wordbook.parse(lang, [path.read_text("utf-8") for path in (PACKAGE / "words").glob("*.toml")])


ACTION = {
    "key": "0123456789ab", "due": D("2024-03-10"), "customer_id": "C001", "name": "某科技", "source": "visit",
    "level": "none", "action": "按 90 天的周期回访", "owner": "王经理", "team": "华东", "overdue": False, "manager": "王经理",
    "status": "open", "postponed_to": pd.NaT, "planned": D("2024-03-08"), "note": None, "computed_tier": "key",
    "kind": "visit", "subject": "客户拜访", "evidence": None, "escalated_to": None, "money": 1.0,
}  # fmt: skip
MATTER = {"kind": "matter", "source": "case_past_limit", "subject": "超过服务时限", "action": "立即回复客户",
          "planned": pd.NaT, "due": D("2024-03-11")}  # fmt: skip
VISITS = pd.DataFrame({"customer_id": ["C001"], "agenda": ["策略超期、续约：平台（2024-05-30）"]})


def made(policy: Policy, *rows: dict, lang: str = "zh-CN", visits: pd.DataFrame = VISITS) -> dict[str, bytes]:
    actions = pd.DataFrame([ACTION | row for row in rows], columns=list(planning.ACTIONS))
    actions = actions.astype(dict.fromkeys(("due", "postponed_to", "planned"), "datetime64[s]"))
    actions = planning.dated(actions, policy, D(NOW).normalize())
    night = SimpleNamespace(
        actions=actions,
        visits=visits,
        policy=policy,
        now=NOW,
        today=NOW.date(),
        workday=NOW.date(),
        words=words(lang),
        failures=Strict(),
    )
    return calendars.calendars(night)


def events(files: dict[str, bytes]) -> list:
    return [event for file in files.values() for event in Calendar.from_ical(file).walk("VEVENT")]


def test_an_action_is_an_all_day_event(policy: Policy) -> None:
    files = made(policy, {})
    assert list(files) == ["行动日历-王经理.ics"]
    calendar = Calendar.from_ical(files["行动日历-王经理.ics"])
    assert (calendar["version"], calendar["x-wr-calname"]) == ("2.0", "王经理的客户行动")
    (event,) = calendar.walk("VEVENT")
    assert (event["uid"], event["summary"]) == ("0123456789ab@kam-xl", "客户拜访：C001 某科技")
    assert (event["dtstart"].dt, event["dtend"].dt) == (dt.date(2024, 3, 8), dt.date(2024, 3, 9))
    assert event["dtstamp"].dt == NOW.astimezone(dt.UTC)
    assert event["description"] == "按 90 天的周期回访\n议题：策略超期、续约：平台（2024-05-30）\n期限 2024-03-10"
    (alarm,) = event.walk("VALARM")
    assert (alarm["action"], alarm["trigger"].dt) == ("DISPLAY", dt.timedelta(hours=9))


def test_in_english(policy: Policy) -> None:
    files = made(policy, MATTER | {"subject": "Silent customer", "manager": None}, lang="en")
    assert list(files) == ["actions-Nobody_named.ics"]
    assert events(files)[0]["summary"] == "Silent customer: C001 某科技"


@pytest.mark.parametrize(
    ("action", "day"),
    [
        ({}, dt.date(2024, 3, 8)),
        (MATTER | {"due": D("2024-03-11")}, dt.date(2024, 3, 11)),
        (MATTER | {"status": "postponed", "postponed_to": D("2024-03-20")}, dt.date(2024, 3, 20)),
        ({"status": "postponed", "postponed_to": D("2024-03-24"), "planned": D("2024-03-25")}, dt.date(2024, 3, 25)),
        (MATTER | {"due": D("2024-02-01")}, dt.date(2024, 3, 1)),
    ],
)
def test_the_day_of_an_event(policy: Policy, action: dict, day: dt.date) -> None:
    (event,) = events(made(policy, action))
    assert event["dtstart"].dt == day
    assert ("期限 2024-02-01，逾期 " in event["description"]) == (action.get("due") == D("2024-02-01"))


def test_a_day_holds_no_more_matters_than_the_policy_gives_a_person(policy: Policy) -> None:
    most = policy.matters.per_day
    rows = [MATTER | {"key": f"{number:012x}", "due": D("2024-02-01")} for number in range(3 * most)]
    days = Counter(event["dtstart"].dt for event in events(made(policy, *rows)))
    assert days == dict.fromkeys((dt.date(2024, 3, 1), dt.date(2024, 3, 4), dt.date(2024, 3, 5)), most)


def test_the_upkeep_of_workbooks_is_one_event_that_counts_it(policy: Policy) -> None:
    rows = [MATTER | {"kind": "housekeeping", "key": f"{number:012x}"} for number in range(9)]
    (event,) = events(made(policy, *rows))
    assert event["summary"] == "工作簿维护：9 处"
    assert event["dtstart"].dt == NOW.date()


def test_what_a_matter_rests_on_stands_before_what_to_do(policy: Policy) -> None:
    (event,) = events(made(policy, MATTER | {"evidence": "2 小时未响应", "note": "已约周五"}))
    assert event["summary"] == "超过服务时限：C001 某科技"
    assert event["description"].split("\n") == ["2 小时未响应", "立即回复客户", "已约周五", "期限 2024-03-11"]


UNDATED = {"source": "own", "kind": "own", "subject": "团队自定行动", "due": pd.NaT, "planned": pd.NaT}


@pytest.mark.parametrize(
    ("action", "told"),
    [
        (UNDATED, ["按 90 天的周期回访", "没有截止日期，先排在这一天"]),
        (UNDATED | {"action": None, "note": "记得打电话"}, ["记得打电话", "没有截止日期，先排在这一天"]),
        (UNDATED | {"action": None}, ["没有写明要做什么", "没有截止日期，先排在这一天"]),
        (
            UNDATED | {"status": "postponed", "postponed_to": D("2024-02-20")},
            ["按 90 天的周期回访", "期限 2024-02-20，逾期 8 个工作日"],
        ),
        (UNDATED | {"status": "postponed", "postponed_to": D("2024-03-08")}, ["按 90 天的周期回访", "期限 2024-03-08"]),
    ],
)
def test_a_half_filled_line_says_what_it_lacks(policy: Policy, action: dict, told: list[str]) -> None:
    (event,) = events(made(policy, action))
    assert event["description"].split("\n") == told


def test_an_endless_text_ends(policy: Policy) -> None:
    endless = "长" * 5_000_000
    row = {
        "name": endless,
        "action": endless,
        "manager": endless,
        "note": endless,
        "subject": endless,
        "evidence": endless,
    }
    ((_, file),) = made(policy, row, visits=VISITS.assign(agenda=endless)).items()
    (event,) = events({"": file})
    assert len(file) < 10_000
    assert (len(event["summary"]), len(event["description"])) == (200, 2_000)
    assert event["summary"].endswith("…")


def test_a_calendar_has_an_end_too_and_counts_the_rest(policy: Policy) -> None:
    most = policy.plan.calendar_events
    rows = [{"key": f"{number:012x}", "planned": D("2024-03-08") + pd.Timedelta(days=number)} for number in range(most + 2)]  # fmt: skip
    (file,) = made(policy, *rows).values()
    found = events({"": file})
    assert [event["uid"] for event in found[:most]] == [f"{number:012x}@kam-xl" for number in range(most)]
    assert found[most]["summary"] == "另有 2 项行动未列入本日历"
    assert found[most]["dtstart"].dt == NOW.date()
    assert len(events(made(policy, *rows[:most]))) == most


@pytest.mark.parametrize("action", [{"status": "done"}, {"source": "marked"}])
def test_what_is_done_or_gone_is_no_event(policy: Policy, action: dict) -> None:
    assert made(policy, action) == {}


def test_the_same_night_gives_the_same_bytes_in_whatever_order(policy: Policy) -> None:
    rows = [
        {"key": f"{number:012x}", "planned": D("2024-03-08") - pd.Timedelta(days=number % 3)} for number in range(9)
    ]
    assert made(policy, *rows) == made(policy, *rows[::-1])


def test_a_birthday_is_a_title_without_a_person(policy: Policy) -> None:
    row = {
        "source": "birthday",
        "kind": "date",
        "subject": "联系人关怀",
        "action": "关键联系人（采购·采购总监）的生日：当天致以问候",
        "planned": pd.NaT,
    }
    (event,) = events(made(policy, row))
    assert event["summary"] == "联系人关怀：C001 某科技"
    assert event["description"].split("\n") == [
        row["action"],
        "期限 2024-03-10",
    ]  # a visit's agenda is none of a birthday's


def test_an_action_across_customers(policy: Policy) -> None:
    row = MATTER | {"source": "root_cause", "subject": "根因分析", "customer_id": None, "name": None}
    assert events(made(policy, row))[0]["summary"] == "根因分析：多家客户"


@pytest.mark.parametrize(
    ("manager", "name"),
    [
        ("王/经理:*?", "行动日历-王_经理.ics"),
        ("../../etc", "行动日历-etc.ics"),
        ("CON", "行动日历-CON.ics"),
        ("李 " * 90, "行动日历-" + "李_" * 30 + ".ics"),
    ],
)
def test_a_file_name_that_any_system_takes(policy: Policy, manager: str, name: str) -> None:
    assert list(made(policy, {"manager": manager})) == [name]


def test_names_that_would_be_one_file_are_told_apart(policy: Policy) -> None:
    names = list(made(policy, {"manager": "Li Wei"}, {"manager": "li/wei"}, {"manager": "?"}))
    assert len(set(map(str.casefold, names))) == 3
    assert all(name.startswith("行动日历-") and name.endswith(".ics") for name in names)


def test_a_name_like_a_mark_of_ours_is_told_apart_too(policy: Policy) -> None:
    marked = f"Li_Wei-{file_names.digest('Li Wei')}"
    names = list(made(policy, {"manager": "Li Wei"}, {"manager": "li/wei"}, {"manager": marked}))
    assert len(set(map(str.casefold, names))) == 3


def test_texts_with_commas_and_line_breaks_come_back_whole(policy: Policy) -> None:
    text = "一；二，三;four,five\\six\n" + "长" * 200
    file = made(policy, MATTER | {"action": text, "evidence": None})["行动日历-王经理.ics"]
    assert events({"": file})[0]["description"] == text + "\n期限 2024-03-11"
    assert max(map(len, file.split(b"\r\n"))) <= 75
