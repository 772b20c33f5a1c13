"""Thirty nights of three small teams whose causes were written down first, in ``story.toml``; no workbook is written."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from kam_xl import resources
from kam_xl.core import assessment, consolidation, history, read_books, validation
from kam_xl.core import policy as policies
from kam_xl.core.assessment import Assessment
from kam_xl.core.outside import outside
from kam_xl.core.policy import Policy
from kam_xl.core.read_books import ReadBook
from kam_xl.core.words import Words
from kam_xl.hosts.amending import amended
from tests import builders

FIRST, NIGHTS = dt.datetime(2026, 11, 1, 2), 30
EVENTS: dict[int, dict[str, Any]] = {
    one["number"]: one for one in tomllib.loads(Path(__file__).with_name("story.toml").read_text("utf-8"))["night"]
}


@dataclass(frozen=True)
class Night:
    """What one night judged by (as `paired.Compared`), what it came to, and what is remembered of it."""

    books: tuple[ReadBook, ...]
    others: tuple[()]
    policy: Policy
    moment: dt.datetime
    last: pd.DataFrame | None
    words: Words
    found: Assessment
    snapshot: pd.DataFrame


def _customer(number: int, deal: dt.date, **cells: object) -> dict[str, object]:
    known = {"since": dt.date(2022, 5, 1), "last_deal": deal, "amount": 100 + number}
    return {"customer_id": f"C{number:03}", "name": f"公司{number}"} | known | cells


def _evaluation(number: int, value: int, potential: int, demand: int) -> dict[str, object]:
    marks = {"value": value, "potential": potential, "demand": demand}
    return {"customer_id": f"C{number:03}", **marks, "evaluated_on": dt.date(2026, 8, 1), "evaluator": "李总监"}


def _indicators(number: int, profit: int) -> dict[str, object]:
    needs = {"open_needs": 3, "total_needs": 5, "service_sensitivity": 4, "price_sensitivity": 2}
    told = {"profit": profit, "tenure": 5, "growth": 0.2, "as_of": dt.date(2026, 10, 1)}
    return {"customer_id": f"C{number:03}", **told, **needs}


def _teams() -> dict[str, dict[str, list[dict[str, object]]]]:
    """What the three teams have typed before the first night."""
    lately, silent = dt.date(2026, 9, 20), dt.date(2026, 11, 28) - dt.timedelta(days=270)
    found = {}
    for team, first in (("华东", 1), ("华南", 11), ("华北", 21)):
        numbers = range(first, first + 5)
        found[team] = {
            "info": [_customer(number, silent if number == 13 else lately) for number in numbers],
            "evaluation": [_evaluation(first, 72, 70, 70), _evaluation(first + 1, 60, 55, 52)],
            "tracking": [
                {"customer": f"C{number:03}/公司{number}", "strategy": f"第{number}号方案", "period": "2026-10-01至2027-06-30",
                 "status": "进行中", "improvement": "无"} for number in numbers
            ],
            "indicators": [_indicators(number, 10 * number) for number in numbers if number % 10 > 2],
            "service": [{"customer_id": f"C{number:03}", "kind": "拜访", "reported": dt.date(2026, 10, 10)} for number in numbers[:2]],
        }  # fmt: skip
    return found


@functools.cache
def nights() -> Sequence[Night]:
    """All of them, the first first."""
    return tuple(_told())


def _told() -> Iterator[Night]:
    teams, names, text, words = _teams(), {}, resources.policy_text(None), resources.words("zh-CN")
    saved = dict.fromkeys(teams, FIRST)
    last: pd.DataFrame | None = None
    for number in range(1, NIGHTS + 1):
        event, moment = EVENTS.get(number, {}), FIRST + dt.timedelta(days=number - 1)
        for team in _typed(teams, event):
            saved[team] = moment
        names |= event.get("renamed", {})
        text = amended(text, event["policy"]) if "policy" in event else text
        present = {team: sheets for team, sheets in teams.items() if team not in event.get("missing", ())}
        books = tuple(
            _book(team, names.get(team, f"{team}.xlsx"), sheets, saved[team]) for team, sheets in present.items()
        )
        night = judged(books, policies.parse(text), moment, last, words)
        yield night
        last = night.snapshot


def _typed(teams: Mapping[str, dict[str, list[dict[str, object]]]], event: Mapping[str, Any]) -> Iterator[str]:
    """What the teams type before a night; the teams that did."""
    for team, kind, customer_id, field, value in event.get("set", ()):
        [row] = (row for row in teams[team][kind] if row["customer_id"] == customer_id)
        row[field] = value
        yield team
    for team, kind, row in event.get("add", ()):
        teams[team].setdefault(kind, []).append(row)
        yield team


def _book(team: str, name: str, sheets: Mapping[str, list[dict[str, object]]], saved: dt.datetime) -> ReadBook:
    copied = {kind: [dict(row) for row in rows] for kind, rows in sheets.items()}
    book = builders.raw_book(name, sha256=f"{team} {saved:%m%d}", modified=saved, **copied)
    return read_books.read(dataclasses.replace(book, team=team))


def judged(
    books: tuple[ReadBook, ...], policy: Policy, moment: dt.datetime, last: pd.DataFrame | None, words: Words
) -> Night:
    """One night over workbooks as they were read."""
    typed = [validation.on_day(book, policy, moment.date()) for book in books]
    found = assessment.assess(consolidation.consolidate(typed, policy), policy, moment, words, last)
    return Night(books, (), policy, moment, last, words, found, history.snapshot(outside(found)))
