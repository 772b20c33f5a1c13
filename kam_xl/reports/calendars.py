"""Each manager's open actions as a calendar file (.ics) that Outlook, DingTalk, WeCom or a phone can take in."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterator
from typing import Any

import pandas as pd
from icalendar import Alarm, Calendar, Event

from kam_xl.core.assessment import Assessment
from kam_xl.core.failures import is_missing
from kam_xl.core.planning import OWN, VISIT
from kam_xl.core.reminders import REMINDERS
from kam_xl.core.words import Words
from kam_xl.reports import file_names, origin

_TITLE, _TEXT = 200, 2_000  # characters of an event's title and of its description


def calendars(assessment: Assessment) -> dict[str, bytes]:
    """File name → calendar, one a manager, of the actions that are not done; who has none has no file.

    An action is an all-day event on the day it is planned, postponed to or due, and today if that is past. It has the
    action's key as its UID, so that taking the next file in moves it instead of doubling it. Titles name the kind of
    action and the customer, no person; a visit's agenda and the sentence of the action stand in the description. Actions
    without a manager share one file. However much was typed, a text has an end, and a file the policy's number of
    events, the earliest ones; an event of today counts the others. An action or a manager for whom it fails costs no
    other.
    """
    actions, visits, words = assessment.actions, assessment.visits, assessment.words
    titles = _titles(assessment)
    rows = actions[actions["waiting"]]
    day = rows["day"].mask(rows["overdue"] & rows["planned"].isna()).fillna(pd.Timestamp(assessment.today))
    known = pd.Series(dtype="str") if is_missing(visits) else visits.set_index("customer_id")["agenda"]
    rows = rows.assign(
        day=day,
        title=rows["source"].map(titles),
        agenda=known.reindex(rows["customer_id"]).set_axis(rows.index).where(rows["source"] == VISIT),
        manager=rows["manager"].fillna(words("calendar.nobody")),
    )
    rows = rows.sort_values(["manager", "day", "key"], kind="stable")
    names = file_names.of(rows["manager"].unique(), ".ics", f"{words('calendar.file')}-")
    made = {
        name: assessment.failures.attempt(
            "calendar", name, functools.partial(_file, name, manager, own, assessment), None
        )
        for manager, own in rows.groupby("manager", sort=True)
        for name in [names[manager]]
    }
    return {name: file for name, file in made.items() if file}


def _titles(assessment: Assessment) -> dict[str, str]:
    """Source of an action → what kind of action it is."""
    own = {source: assessment.words(f"calendar.title.{source}") for source in (VISIT, OWN, *REMINDERS)}
    return {key: rule.title(assessment.words.lang) for key, rule in assessment.policy.rules.items()} | own


def _file(name: str, manager: str, rows: pd.DataFrame, assessment: Assessment) -> bytes:
    words, most = assessment.words, assessment.policy.plan.calendar_events
    calendar = Calendar()
    calendar.add("prodid", f"-//KAM XL//{words.lang}")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-kam-xl", origin.mark(name))
    calendar.add("x-wr-calname", words("calendar.name", manager=_shown(manager, file_names.LONGEST)))
    for row in rows.head(most).itertuples():
        event = assessment.failures.attempt("event", str(row.key), functools.partial(_event, row, assessment), None)
        if event:
            calendar.add_component(event)
    if len(rows) > most:
        calendar.add_component(_rest(manager, len(rows) - most, assessment.now, words))
    return calendar.to_ical()


def _rest(manager: str, left_out: int, now: dt.datetime, words: Words) -> Event:
    """What says that there is more than the calendar holds; it is the same event night after night."""
    event = _all_day(f"more-{file_names.digest(manager)}", now.date(), now)
    event.add("summary", words("calendar.more", n=left_out))
    event.add("description", words("calendar.more_where", sheet=words("master.sheet.matters")))
    return event


def _all_day(uid: str, day: dt.date, now: dt.datetime) -> Event:
    event = Event()
    event.add("uid", f"{uid}@kam-xl")
    event.add("dtstamp", now.astimezone(dt.UTC))
    event.add("sequence", now.toordinal())  # a later night's event replaces this one
    event.add("dtstart", day)
    event.add("dtend", day + dt.timedelta(days=1))
    event.add("transp", "TRANSPARENT")  # something to do on that day, not a day that is taken
    return event


def _event(row: Any, assessment: Assessment) -> Event:
    """One action; ``row`` has the columns of the actions, and day, title and agenda."""
    day = row.day.date()
    words = assessment.words
    event = _all_day(row.key, day, assessment.now)
    summary = words("calendar.summary", title=row.title, customer=_customer(row, words))
    event.add("summary", _shown(summary, _TITLE))
    event.add("description", _shown("\n".join(_lines(row, words)), _TEXT))
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", event["summary"])
    alarm.add(
        "trigger", dt.datetime.combine(day, assessment.policy.calendar.opens) - dt.datetime.combine(day, dt.time())
    )
    event.add_component(alarm)
    return event


def _lines(row: Any, words: Words) -> Iterator[str]:
    """What is to be done, else what was noted instead; a visit's agenda; how late it is."""
    said = [text for text in (row.action, row.note) if isinstance(text, str)]
    yield said[0] if said else words("calendar.unsaid")
    if isinstance(row.agenda, str):
        yield words("calendar.agenda", agenda=row.agenda)
    if row.overdue:
        first = row.postponed_to if pd.isna(row.due) else row.due
        yield words("calendar.overdue", due=f"{first:%Y-%m-%d}")
    if pd.isna(row.due) and pd.isna(row.postponed_to) and pd.isna(row.planned):
        yield words("calendar.undated")


def _shown(text: str, longest: int) -> str:
    """A text as other programs take it: no longer than that, and without half a character."""
    whole = text.encode("utf-8", "replace").decode()
    return whole if len(whole) <= longest else whole[: longest - 1] + "…"


def _customer(row: Any, words: Words) -> str:
    known = [text for text in (row.customer_id, row.name) if isinstance(text, str)]
    return " ".join(known) or words("calendar.several")
