"""What waits for each person as a calendar file (.ics) that Outlook, DingTalk, WeCom or a phone can take in."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterator
from typing import Any

import pandas as pd
from icalendar import Alarm, Calendar, Event

from kam_xl.core.assessment import Assessment
from kam_xl.core.failures import is_missing
from kam_xl.core.planning import HOUSEKEEPING, VISIT
from kam_xl.core.texts import printable
from kam_xl.core.words import Words
from kam_xl.reports import excerpts, file_names, origin

_TITLE, _TEXT = 200, 2_000  # characters of an event's title and of its description


def calendars(assessment: Assessment) -> dict[str, bytes]:
    """File name → calendar, one a person, of what waits for them; for whom nothing waits there is no file.

    What is to be done is an all-day event on the day there is room for it, or that it is due on: no day holds more matters
    or visits than the policy gives a person (`planning.dated`), and what is overdue is spread over the days to come. The
    upkeep of workbooks is one event, which counts it. An event has the action's key as its UID, so that taking the next
    file in moves it instead of doubling it. Titles name the matter and the customer, no person; what it rests on, what to
    do and a visit's agenda stand in the description. However much was typed, a text has an end, and a file the policy's
    number of events, the earliest ones; an event of today counts the others. An action or a person for whom it fails costs
    no other.
    """
    visits = assessment.visits
    rows = excerpts.waiting(assessment)
    known = pd.Series(dtype="str") if is_missing(visits) else visits.set_index("customer_id")["agenda"]
    rows = rows.assign(
        at=rows["day"].fillna(pd.Timestamp(assessment.workday)),
        agenda=known.reindex(rows["customer_id"]).set_axis(rows.index).where(rows["source"] == VISIT),
    )
    rows = rows.sort_values(["person", "at", "key"], kind="stable")
    names = file_names.of(sorted(rows["person"].unique()), ".ics", f"{assessment.words('calendar.file')}-")
    own = {str(person): part for person, part in rows.groupby("person", sort=True)}
    made = {
        names[person]: assessment.failures.attempt(
            "calendar", names[person], functools.partial(_file, names[person], person, part, assessment), None
        )
        for person, part in own.items()
    }
    return {name: file for name, file in made.items() if file}


def _file(name: str, manager: str, rows: pd.DataFrame, assessment: Assessment) -> bytes:
    words, most = assessment.words, assessment.policy.plan.calendar_events
    calendar = Calendar()
    calendar.add("prodid", f"-//KAM XL//{words.lang}")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-kam-xl", origin.mark(name))
    calendar.add("x-wr-calname", words("calendar.name", manager=_shown(manager, file_names.LONGEST)))
    upkeep = rows["kind"] == HOUSEKEEPING
    if upkeep.any():
        calendar.add_component(_upkeep(manager, int(upkeep.sum()), assessment))
    rows = rows[~upkeep]
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


def _upkeep(manager: str, count: int, assessment: Assessment) -> Event:
    """What asks for the upkeep of the workbooks, counted; the page of the person lists it."""
    event = _all_day(f"upkeep-{file_names.digest(manager)}", assessment.workday, assessment.now)
    event.add("summary", assessment.words("calendar.upkeep", n=count))
    event.add("description", assessment.words("calendar.upkeep_where"))
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
    """One action; ``row`` has the columns of the actions, and ``at``, the day it stands on, and agenda."""
    day = row.at.date()
    words = assessment.words
    event = _all_day(row.key, day, assessment.now)
    summary = words("calendar.summary", title=row.subject, customer=_customer(row, words))
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
    """What is known of it, what is to be done, what was noted; a visit's agenda; by when, and how late it is."""
    said = [text for text in (row.evidence, row.action, row.note) if isinstance(text, str)]
    yield from said or [words("calendar.unsaid")]
    if isinstance(row.agenda, str):
        yield words("calendar.agenda", agenda=row.agenda)
    if row.overdue:
        yield words("calendar.overdue", due=f"{row.by:%Y-%m-%d}", n=row.days_late)
    elif pd.notna(row.by):
        yield words("calendar.by", due=f"{row.by:%Y-%m-%d}")
    if pd.isna(row.day):
        yield words("calendar.undated")


def _shown(text: str, longest: int) -> str:
    """A text as other programs take it: no longer than that, and without half a character."""
    whole = printable(text)
    return whole if len(whole) <= longest else whole[: longest - 1] + "…"


def _customer(row: Any, words: Words) -> str:
    known = [text for text in (row.customer_id, row.name) if isinstance(text, str)]
    return " ".join(known) or words("calendar.several")
