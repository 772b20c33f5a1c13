"""However much a portfolio holds, what one person opens has an end, and says what it leaves out."""

import dataclasses
import re
from functools import cache

import pandas as pd
import pytest
from icalendar import Calendar

from kam_xl.core import history, planning
from kam_xl.core.failures import Failures
from kam_xl.core.outside import outside
from kam_xl.core.words import LANGUAGES
from kam_xl.reports import account_plan, calendars, details, managers
from tests.reports import accounts

IN_BOTH = pytest.mark.parametrize("lang", LANGUAGES)
TIMES = 400
REST = {"zh-CN": r"另有 ([\d,]+) 条未列出", "en": r"And ([\d,]+) more in"}


@cache
def large(lang):
    """A portfolio so many times as large, in which everything is nobody's."""
    whole = accounts.assessed(lang)
    names = ("risks", "matters", "actions", "cases", "visits", "changes", "teams", "common")
    many = {name: pd.concat([getattr(whole, name)] * TIMES, ignore_index=True) for name in names}
    for name in ("risks", "actions", "matters"):
        keys = [f"{key}-{number}" for key, number in zip(many[name]["key"], range(len(many[name])), strict=True)]
        many[name] = many[name].assign(key=keys)
    for name in ("actions", "matters", "visits"):
        many[name] = many[name].assign(manager=pd.Series(dtype="str"))
    many["teams"] = many["teams"].assign(team=[f"T{number}" for number in range(len(many["teams"]))])
    many["actions"] = planning.dated(many["actions"].assign(owner="x"), whole.policy, pd.Timestamp(whole.today))
    return accounts.with_frames(whole, **many)


def section(text, key):
    return re.search(rf'<section id="{key}".*?</section>', text, re.DOTALL)[0]


def left_out(text, lang):
    """How many rows a section says that it leaves out."""
    return [int(count.replace(",", "")) for count in re.findall(REST[lang], text)]


@IN_BOTH
def test_the_page_of_one_person(lang):
    ((_, text),) = managers.pages(outside(large(lang)))

    visits = section(text, "visits")
    assert visits.count("<tr") - 1 == managers.WAITING_SHOWN
    assert left_out(visits, lang) == [int(large(lang).visits["this_week"].sum()) - managers.WAITING_SHOWN]
    assert len(text.encode()) < 350_000


@IN_BOTH
def test_the_calendar_of_one_person(lang):
    whole = large(lang)
    most = whole.policy.plan.calendar_events
    each_once = accounts.with_frames(whole, visits=whole.visits.drop_duplicates("customer_id"))
    (file,) = calendars.calendars(outside(each_once)).values()

    events = Calendar.from_ical(file).walk("VEVENT")
    assert len(events) == most + 2  # the upkeep is one, and one counts the rest
    waiting = whole.actions[whole.actions["waiting"]]
    others = int((waiting["kind"] != planning.HOUSEKEEPING).sum()) - most
    assert str(others) in events[-1]["summary"]


@IN_BOTH
def test_the_rows_behind_the_first_page(lang):
    whole = outside(large(lang))
    text = details.render(whole, history.snapshot(whole))

    teams = section(text, "teams")
    assert teams.count("<tr") - 1 == details.TEAMS_SHOWN
    assert left_out(teams, lang) == [len(whole.teams) - details.TEAMS_SHOWN]
    for key in ("overdue", "visits", "upkeep"):
        part = section(text, key)
        assert part.count("<tr") - 1 == details.ROWS_SHOWN
        assert len(left_out(part, lang)) == 1
    assert len(text.encode()) < 3_000_000


@IN_BOTH
def test_what_has_failed(lang):
    whole = outside(dataclasses.replace(accounts.assessed(lang), failures=Failures()))
    for number in range(1000):
        whole.failures.note("calendar", f"{number}.ics", ValueError())
    text = section(details.render(whole, history.snapshot(whole)), "failed")

    assert text.count(".ics") == details.ROWS_SHOWN
    assert "700" in text


def test_the_account_plans_are_as_many_as_the_policy_says():
    whole = large("zh-CN")
    rows = pd.concat([whole.customers] * TIMES, ignore_index=True)
    rows = rows.assign(customer_id=[f"C{number}" for number in range(len(rows))])
    chosen = account_plan.customers(accounts.with_frames(accounts.assessed("zh-CN"), customers=rows))

    assert len(chosen) == whole.policy.plan.pages
