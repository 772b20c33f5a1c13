"""Who keeps a team's workbook: what is so, and how it is typed, with the habits and slips of its team."""

from __future__ import annotations

import datetime as dt
import functools
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd

from kam_xl.core import headings, scoring, sheets, texts, tiering
from kam_xl.core.policy import DIMENSIONS, Policy, Tier

Pair = list[str]  # the Chinese and the English
Row = dict[str, Any]  # field → what is typed


@functools.cache
def told() -> dict:
    """What people of the demo type, in both languages, as ``teams.toml`` has it."""
    return tomllib.loads((Path(__file__).parent / "teams.toml").read_text("utf-8"))


@dataclass(frozen=True)
class Team:
    """A team and how it keeps its workbook; ``teams.toml`` explains the habits."""

    name: str
    lang: str = "zh-CN"
    headers: str = "official"
    shuffled: bool = False
    listing: bool = False
    one_plan: bool = False
    keeps: tuple[str, ...] = ()
    stories: tuple[str, ...] = ()

    def say(self, pair: Pair) -> str:
        """The Chinese or the English of a pair."""
        return pair[self.lang == "en"]

    def spelt(self, text: str) -> str:
        """A header or a sheet's name in the team's script."""
        return texts.traditional(text) if self.headers == "traditional" else text


@dataclass(frozen=True)
class Customer:
    """What is so, before anybody types it."""

    id: str
    facts: Row
    tier: Tier
    marks: dict[str, int]
    since: int  # days ago
    amount: float  # 万元

    @property
    def unseen(self) -> int:
        """For how many days nobody has been in touch, for sure: some customers are due a visit."""
        own = Random(self.id)
        return own.randint(60, 95) if own.random() < 0.15 else 0


@dataclass(frozen=True)
class Clerk:
    """Who keeps one team's workbook, habits and slips included."""

    team: Team
    policy: Policy
    today: dt.date
    rng: Random
    dealt: dict[str, int] = field(default_factory=dict)  # customer → days since the last deal, as it is typed

    def tables(self, customers: list[Customer]) -> dict[str, list[Row]]:
        """The rows of the three standard sheets, by kind of sheet."""
        return {
            "info": self._slipped([self._info(customer) for customer in customers]),
            "evaluation": self._evaluations(customers),
            "tracking": [self._plan(customer) for customer in customers if self._now_and_then(self._care(customer))],
        }

    def _care(self, customer: Customer) -> float:
        """How often a customer has a strategy under way: nearly always in the two highest tiers."""
        return 0.95 if customer.tier in self.policy.tiers[:2] else 0.7

    def _now_and_then(self, share: float) -> bool:
        return self.rng.random() < share

    def _pick(self, pairs: list[Pair]) -> str:
        return self.team.say(self.rng.choice(pairs))

    def _often(self, *spans: tuple[int, int, int]) -> int:
        """A number of days from one of the spans (weight, low, high)."""
        ((_, low, high),) = self.rng.choices(spans, [span[0] for span in spans])
        return self.rng.randint(low, high)

    def phone(self) -> str:
        """A number that nobody has, as the team types numbers."""
        return phone(self.team, self.rng)

    def date(self, days_ago: int) -> dt.date | str | int:
        """Mostly a date cell, at times text or a bare serial number."""
        day = self.today - dt.timedelta(days_ago)
        if self._now_and_then(0.8):
            return day
        spelt = self.team.say([f"{day.year}年{day.month}月{day.day}日", f"{day.day} {day:%B %Y}"])
        return self.rng.choice((f"{day}", f"{day:%Y/%m/%d}", spelt, (day - dt.date(1899, 12, 30)).days))

    def amount(self, amount: float) -> float | str:
        """Mostly a number in 万元; at times with separators, its unit, in full-width digits, or only about."""
        if self._now_and_then(0.85):
            return round(amount, 1)
        wide = "".join(chr(ord(digit) + 0xFEE0) for digit in f"{amount:.0f}")
        if self._now_and_then(0.1):
            return self.team.say([f"约{amount:.0f}万", f"about {amount:.0f}"])
        return self.rng.choice((f"{amount:,.1f}", wide, self.team.say([f"{amount:.0f}万", f"{amount:.1f}"])))

    def _info(self, customer: Customer) -> Row:
        quiet = max(self._often((80, 3, 60), (15, 60, 120), (5, 150, 420)), customer.unseen)
        self.dealt[customer.id] = min(quiet, customer.since)
        row = customer.facts | {
            "since": self.date(customer.since),
            "last_deal": self.date(self.dealt[customer.id]),
            "amount": self.amount(customer.amount * self.rng.uniform(0.8, 1.2)),
            "remarks": self._pick(told()["remarks"]) if self._now_and_then(0.12) else "",
        }
        slips = {"phone": self.phone(), "industry": self._pick(told()["other_industries"])}
        return row | {field: slip for field, slip in slips.items() if self._now_and_then(0.04)}

    def _slipped(self, rows: list[Row]) -> list[Row]:
        """The slips every book has: IDs in small or wide letters, a row twice, a company twice under two IDs."""
        words = told()
        small, wide, again, twin = self.rng.sample(range(2, len(rows)), 4)
        rows[small]["customer_id"] = rows[small]["customer_id"].lower()
        rows[wide]["customer_id"] = rows[wide]["customer_id"].replace("C", "Ｃ")
        rows.append(rows[again])
        if self.team.listing:
            name = rows[twin]["name"].replace(self.team.say(words["ending"]), self.team.say(words["other_ending"]))
            rows.append(rows[twin] | {"customer_id": rows[twin]["customer_id"].replace("C", "K"), "name": name})
        return rows

    def _evaluations(self, customers: list[Customer]) -> list[Row]:
        """What was evaluated, with the score and tier that the rules give it, and what was recorded instead at times."""
        done = [each for customer in customers for each in self._evaluated(customer)]
        marks = pd.DataFrame([marks for _, marks, _ in done])
        value, potential, demand = (marks[field] for field in DIMENSIONS)
        scores = scoring.composite(value, potential, demand, self.policy.weights)
        tiers = tiering.tiers(scores, self.policy)
        recorded = [self._recorded(each[0], *given) for each, *given in zip(done, scores, tiers, strict=True)]
        return [self._evaluation(*each, *pair) for each, pair in zip(done, recorded, strict=True)]

    def _evaluated(self, customer: Customer) -> list[tuple[str, dict[str, int], int]]:
        """The evaluation that counts, as ID, marks and days ago; at times none, at times one more half a year before."""
        days_ago, shift = self._often((90, 5, 165), (10, 190, 400)), self.rng.randint(-6, 14)
        before = bounded({field: mark + shift for field, mark in customer.marks.items()})
        earlier, latest = (customer.id, before, days_ago + 180), (customer.id, customer.marks, days_ago)
        if customer.id in told()["example"] or self._now_and_then(0.82):
            return [latest]
        return [earlier, latest] if self._now_and_then(0.7) else []

    def _recorded(self, customer_id: str, score: float, tier: str) -> tuple[float, str]:
        """Mostly the score and tier the marks give; for the source's own example those it prints."""
        if customer_id in told()["example"]:
            return told()["example"][customer_id]["printed"]
        slips = (score, tier), (round(score * 0.97, 1), tier), (score, self.policy.tiers[0].key)
        return self.rng.choices(slips, (93, 4, 3))[0]

    def _evaluation(self, customer_id: str, marks: dict[str, int], days_ago: int, score: float, tier: str) -> Row:
        return {
            "customer_id": customer_id,
            **{field: self._mark(field, mark) for field, mark in marks.items()},
            "composite": score,
            "tier": self.policy.tier_names(self.team.lang)[tier],
            "evaluated_on": self.date(days_ago),
            "evaluator": self._pick(told()["people"]) + self._pick(told()["evaluator_titles"]),
        }

    def _mark(self, field: str, mark: int) -> int | str:
        reason = self.team.say(told()["reasons"][field][mark >= 60])
        return self.team.say([f"{mark}（{reason}）", f"{mark} ({reason})"]) if self._now_and_then(0.3) else mark

    def _plan(self, customer: Customer) -> Row:
        words, say = told(), self.team.say
        plan = words["one_plan"] if self.team.one_plan else self.rng.choice(words["tier"][customer.tier.key]["plans"])
        (course,) = self.rng.choices(words["course"], [course["often"] for course in words["course"]])
        start, end = (self.today + dt.timedelta(days + self.rng.randint(-9, 9)) for days in course["days"])
        hitch = self.rng.choice(words["problems"]) if self._now_and_then(0.2) else {}
        return {
            "customer": f"{customer.id}/{customer.facts['name']}",
            "period": self._pick([[f"{start}至{end}", f"{start} to {end}"], [f"{start:%Y.%m.%d}~{end:%Y.%m.%d}"] * 2]),
            "status": self._pick(course["status"]),
            "tracker": self._pick(words["people"]) + say(words["tracker_title"]),
            "tracked_on": self.date(max(self.rng.randint(1, 40), customer.unseen)),
            **{field: say(pair) for field, pair in plan.items()},
            **{field: say(hitch.get(field, ["", ""])) for field in ("problem", "improvement")},
        }

    def headers(self, sheet: sheets.Sheet) -> dict[str, str]:
        """Field → header as this team writes it, in its own order."""
        columns = self.rng.sample(sheet.written, len(sheet.written)) if self.team.shuffled else sheet.written
        if self.team.headers != "mixed":
            return {column.field: self.team.spelt(column.header(self.team.lang)) for column in columns}
        names = {column.field: (column.zh, column.en, *column.aliases) for column in columns}
        known = {
            field: [name for name in some if headings.field_of(sheet.kind, name) == field]
            for field, some in names.items()
        }
        return {field: self.rng.choice(some) for field, some in known.items()}

    def grid(self, headers: dict[str, str], rows: list[Row]) -> list[list]:
        """The cells from A1 on; a listing has a title, gaps between its parts, and sums of amounts below them."""
        say, words = self.team.say, told()
        if not self.team.listing:
            return [list(headers.values()), *([row[field] for field in headers] for row in rows)]
        half = len(rows) // 2
        cells = [[say(words["title"])], [], list(headers.values())]
        for part in (rows[:half], rows[half:]):
            cells += [[row[field] for field in headers] for row in part]
            cells += [_sums(say(words["subtotal"]), headers, part), []]
        return [*cells, _sums(say(words["total"]), headers, rows)]


def phone(team: Team, rng: Random) -> str:
    """A number that nobody has."""
    if team.lang == "en":
        return f"+1 202 555 01{rng.randrange(100):02}"
    return rng.choice((f"010-5550{rng.randrange(10_000):04}", f"138000{rng.randrange(100_000):05}"))


def bounded(marks: dict[str, float]) -> dict[str, int]:
    """Marks as people give them: whole, from 0 to 100."""
    return {field: round(min(max(mark, 0), 100)) for field, mark in marks.items()}


def _sums(label: str, headers: dict[str, str], rows: list[Row]) -> list:
    """A row of sums as people type it: the label first, the sum below the amounts; none where there are no amounts."""
    if "amount" not in headers:
        return []
    total = round(sum(row["amount"] for row in rows if isinstance(row["amount"], float)), 1)
    return [label, *(total if field == "amount" else "" for field in list(headers)[1:])]
