"""The optional sheets of the demo's workbooks: indicators, service log, contacts, renewals, action list, orders.

A few customers of each team have a story that ``teams.toml`` tells (a major complaint, a contract that may be lost); the
others live an ordinary year. A team that keeps none of these sheets has none.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random

import pandas as pd

from kam_xl.core import sheets, tasks
from kam_xl.core.choices import CHOICES
from kam_xl.core.entries import split_list
from kam_xl.core.risk import keys
from kam_xl.core.risk_view import identity
from kam_xl.demo import order_book
from kam_xl.demo.clerk import Clerk, Customer, Row

_STAGES = ("reported", "answered", "resolved", "confirmed")
_YEAR = 365


@dataclass(frozen=True)
class Accounts:
    """What one team knows of its customers besides the three standard sheets; ``clerk`` types it, slips included."""

    clerk: Clerk
    words: dict
    dealt: dict[str, int]  # customer → days since the last deal
    deals: list[Row] = field(default_factory=list)  # renewals and trials to come, as they are meant

    def tables(self, customers: list[Customer]) -> dict[str, list[Row]]:
        """The rows of the optional sheets that the team keeps, by kind of sheet."""
        told = self._told(customers)
        made: dict[str, Callable[[], list[Row]]] = {
            "indicators": lambda: [self._indicators(one) for one in customers if self._now_and_then(0.75)],
            "service": lambda: self._of_all(self._service, told),
            "contacts": lambda: self._of_all(self._contacts, told),
            "renewals": lambda: self._of_all(self._renewals, told),
            "tasks": self._tasks,
            "orders": lambda: self._of_all(self._orders, told),
        }
        rows = {kind: made[kind]() for kind in made if kind in self.clerk.team.keeps}
        return {kind: [self._whole(kind, row) for row in some] for kind, some in rows.items() if some}

    def _told(self, customers: list[Customer]) -> list[tuple[Customer, dict]]:
        """Each customer with the rows its story gives it; most have none."""
        stories: dict[str, dict] = {}
        for name in self.clerk.team.stories:
            story = self.words["story"][name]
            free = (one for one in customers if one.tier.key in story["tiers"] and one.id not in stories)
            one = next((one for one in free if one.id not in self.words["example"]), None)
            if one:
                stories[one.id] = story
        return [(one, stories.get(one.id, {})) for one in customers]

    def _of_all(self, make: Callable[[Customer, dict], Iterable[Row]], told: list[tuple[Customer, dict]]) -> list[Row]:
        return list(itertools.chain.from_iterable(make(one, story) for one, story in told))

    def _whole(self, kind: str, row: Row) -> Row:
        """The row with every column of its sheet, empty where nothing is typed."""
        return dict.fromkeys(sheets.BY_KIND[kind].fields, "") | row

    # --- how a clerk types ---

    @property
    def _rng(self) -> Random:
        return self.clerk.rng

    def _now_and_then(self, share: float) -> bool:
        return self._rng.random() < share

    def _say(self, pair: list[str]) -> str:
        return self.clerk.team.say(pair)

    def _pick(self, pairs: list[list[str]]) -> str:
        return self._say(self._rng.choice(pairs))

    def _word(self, name: str, key: str) -> str:
        """The label of a choice in the team's language, now and then another word for it."""
        chinese, english, *others = CHOICES[name][key]
        label = self._say([chinese, english])
        alike = [word for word in others if word.isascii() == label.isascii()]
        return self._rng.choice(alike) if alike and self._now_and_then(0.15) else label

    def _moment(self, moment: dt.datetime) -> dt.datetime | dt.date | str:
        """Mostly a date and time, at times only the day, or text."""
        text = self._rng.choice((f"{moment:%Y-%m-%d %H:%M}", f"{moment:%Y/%m/%d %H:%M}"))
        (typed,) = self._rng.choices((moment, moment.date(), text), (80, 8, 12))
        return typed

    def _day(self, days_ago: int) -> dt.date:
        return self.clerk.today - dt.timedelta(days_ago)

    def _person(self) -> str:
        """Somebody of the customer's, by surname only."""
        surname = self._rng.choice(self.words["people"])
        return self._say(self._rng.choice(self.words["forms_of_address"])).format(self._say(surname))

    def _colleague(self) -> str:
        return self._pick(self.words["people"]) + self._say(self.words["tracker_title"])

    # --- the sheets ---

    def _indicators(self, customer: Customer) -> Row:
        growth, total = self._rng.randint(-4, 22) / 100, self._rng.randint(3, 12)
        grades = {name: self._rng.randint(1, 5) for name in ("service_sensitivity", "price_sensitivity")}
        row = {
            "customer_id": customer.id,
            "profit": self.clerk.amount(customer.amount * self._rng.uniform(0.05, 0.25)),
            "tenure": round(customer.since / _YEAR, 1),
            "growth": growth if self._now_and_then(0.7) else f"{growth:.0%}",
            "open_needs": self._rng.randint(0, total),
            "total_needs": total,
            "as_of": self.clerk.date(self._rng.randint(5, 80)),
            **grades,
        }
        slips = {"profit": self._say(["待财务提供", "ask finance"]), "service_sensitivity": 6, "growth": ""}
        return row | {name: slip for name, slip in slips.items() if self._now_and_then(0.03)}

    def _service(self, customer: Customer, story: dict) -> list[Row]:
        """A year of visits, and of surveys and cases where the story does not tell them, the oldest first; of some, nothing."""
        if not story and self._now_and_then(0.12):
            return []
        mood = self._rng.choices(self.words["mood"], [mood["often"] for mood in self.words["mood"]])[0]
        visits = round(_YEAR / customer.tier.cadence_days * self._rng.uniform(0.5, 1.3))
        events: list[Row] = [
            {"kind": "visit", "days": self._rng.randint(customer.unseen + 2, 360)} for _ in range(visits)
        ]
        events += story.get("service") or [one for one in self._year(mood) if one["days"] >= customer.unseen]
        events.sort(key=lambda event: -event["days"])
        return [{"customer_id": customer.id} | self._event(event) for event in events]

    def _year(self, mood: dict) -> list[dict]:
        """What a customer of that mood says in a year, as a story would tell it."""
        low, high = mood["satisfaction"]
        surveys = [
            {
                "kind": "survey", "days": self._rng.randint(5, 200), "satisfaction": self._rng.randint(low, high),
                "nps": self._rng.randint(*mood["nps"]),
            }
            for _ in range(self._now_and_then(0.6))
        ]  # fmt: skip
        cases = [
            {
                "kind": self._rng.choices(("complaint", "request"), (mood["complains"], 1))[0],
                "category": self._rng.choice(list(self.words["category"])),
                "severity": "major" if self._now_and_then(0.08) else "ordinary",
                "days": self._rng.choice((0, 1, 4)) if self._now_and_then(0.06) else self._rng.randint(7, 330),
                "late": self._now_and_then(mood["late"]),
            }
            for _ in range(self._rng.randint(*mood["cases"]))
        ]
        fresh = {0: 0, 1: 1, 4: 2}  # days ago → the stage a case has reached by then
        return surveys + [case | {"stage": _STAGES[fresh.get(case["days"], 3)]} for case in cases]

    def _event(self, event: dict) -> Row:
        """One line of the service log: moments of the stages it reached, in office hours of a weekday."""
        clock = dt.time(self._rng.randint(9, 15), self._rng.choice((0, 10, 20, 30, 45)))
        day = self._day(event["days"])
        day -= dt.timedelta(max(day.weekday() - 4, 0))
        reported = dt.datetime.combine(day, clock)
        row = {"kind": self._word("service.kind", event["kind"]), "handler": self._colleague()}
        if event["kind"] == "visit":
            return row | {"reported": self._moment(reported), "description": self._pick(self.words["visit_notes"])}
        if event["kind"] == "survey":
            satisfaction = f"{event['satisfaction']}分" if self._slips_in_chinese() else event["satisfaction"]
            answers = {"satisfaction": satisfaction, "nps": 11 if self._now_and_then(0.01) else event["nps"]}
            return row | {"reported": self._moment(reported)} | answers
        wait = dt.timedelta(days=4) if event.get("late") else dt.timedelta(minutes=self._rng.randint(15, 100))
        steps = [dt.timedelta(0), wait, dt.timedelta(days=self._rng.randint(1, 3)), dt.timedelta(days=2)]
        moments = [reported + passed for passed in itertools.accumulate(steps)]
        reached = _STAGES[: _STAGES.index(event["stage"]) + 1]
        category = self.words["category"][event["category"]]
        return row | {
            "category": self._say(category["name"]),
            "severity": self._word("service.severity", event["severity"]),
            "description": self._pick(category["said"]),
            **{stage: self._moment(moment) for stage, moment in zip(reached, moments, strict=False)},
        }

    def _slips_in_chinese(self) -> bool:
        return self.clerk.team.lang != "en" and self._now_and_then(0.08)

    def _contacts(self, customer: Customer, story: dict) -> list[Row]:
        known = story.get("contacts")
        if known is None:
            low, high = self.words["tier"][customer.tier.key]["contacts"]
            roles = self._rng.sample(list(self.words["titles"]), min(self._rng.randint(low, high), 4))
            known = [{"role": role, "left": self._now_and_then(0.04)} for role in roles]
        return [{"customer_id": customer.id} | self._contact(one, customer.unseen) for one in known]

    def _contact(self, known: dict, unseen: int) -> Row:
        title = self._pick(self.words["titles"][known["role"]])
        row = {
            "name": self._person(),
            "title": title,
            "role": self._word("contacts.role", known["role"]),
            "phone": self.clerk.phone(),
            "last_contact": self.clerk.date(unseen + self._rng.randint(3, 150)) if self._now_and_then(0.9) else "",
            "left": self._word("flag", "yes" if known.get("left") else "no") if self._now_and_then(0.5) else "",
        }
        if known.get("left"):
            row["left"] = self._word("flag", "yes")
        if known.get("birthday_in") is not None or self._now_and_then(0.4):
            row["birthday"] = self._birthday(known.get("birthday_in", self._rng.randint(0, _YEAR - 1)))
        return row

    def _birthday(self, in_days: int) -> dt.date | str:
        """A birthday so many days from today; now and then without its year, which tells nothing."""
        day = self._day(-in_days)
        if self._now_and_then(0.04):
            return self._say([f"{day.month}月{day.day}日", f"{day.day} {day:%B}"])
        return day.replace(year=self._rng.randint(1966, 1994), day=min(day.day, 28))

    def _renewals(self, customer: Customer, story: dict) -> list[Row]:
        deals = story.get("renewals") or self._deals(customer)
        return [{"customer_id": customer.id} | self._deal(customer, deal) for deal in deals]

    def _deals(self, customer: Customer) -> list[dict]:
        often = self.words["tier"][customer.tier.key]["deals"]
        chosen = [kind for kind, share in often.items() if self._now_and_then(share)]
        return [{"kind": kind} | self._rng.choice(self.words["deal"][kind]) for kind in chosen]

    def _deal(self, customer: Customer, deal: dict) -> Row:
        own = split_list(str(customer.facts["products"]))
        product = own[0] if deal["kind"] == "renewal" else self._pick(self.words["offers"])
        ends = self._day(-deal["days"] - self._rng.randint(-6, 6))
        typed = ends if self._now_and_then(0.9) else f"{ends:%Y/%m/%d}"
        meant = {"customer_id": customer.id, "kind": deal["kind"], "product": product, "ends": ends}
        self.deals.append(meant | {"stage": deal["stage"]})
        return {
            "kind": self._word("renewals.kind", deal["kind"]),
            "product": product,
            "amount": self.clerk.amount(customer.amount * self._rng.uniform(0.08, 0.4)),
            "stage": self._word("renewals.stage", deal["stage"]),
            "owner": self._colleague(),
            "trial_expiry" if deal["kind"] == "trial" else "renewal_date": typed,
            "remarks": self._pick(self.words["deal_notes"]) if self._now_and_then(0.2) else "",
        }

    def _orders(self, customer: Customer, _story: dict) -> list[Row]:
        return order_book.of(customer, self.clerk.team.name, self.dealt[customer.id], self.clerk.today)

    def _tasks(self) -> list[Row]:
        """What was marked on the action list: reminders of deals by their own number, and a line of the team's own."""
        due = [deal for deal in self.deals if deal["stage"] not in ("won", "lost") and self._steps(deal)]
        rows = [self._mark(deal, self._rng.choices(self.words["mark"], (4, 3, 3))[0]) for deal in due]
        own = self.words["own_action"]
        return [*rows, {"action_id": own["id"].format(self.clerk.team.name), "action": self._say(own["action"]), "owner": self._colleague(),
                        "due": self._day(-9), "status": self._word("tasks.status", tasks.OPEN),
                        "note": self._say(own["note"])}]  # fmt: skip

    def _steps(self, deal: Row) -> list[float]:
        """The reminders of a deal that have come: days before it."""
        left = (deal["ends"] - self.clerk.today).days
        plan = self.clerk.policy.plan
        days = plan.renewal_days if deal["kind"] == "renewal" else (plan.trial_days,)
        return [float(step) for step in days if 0 <= left <= step and deal["kind"] != "opportunity"]

    def _mark(self, deal: Row, mark: dict) -> Row:
        about = [deal["product"], pd.Timestamp(deal["ends"])]
        if deal["kind"] == "renewal":
            about.append(str(self._steps(deal)[-1]))
        named = identity(*(pd.Series([part]) for part in about))
        (key,) = keys(pd.Series([deal["customer_id"]]), pd.Series([deal["kind"]]), named)
        status = mark["status"]
        return {
            "action_id": key,
            "customer_id": deal["customer_id"],
            "subject": self._say(self.words["marked_subject"][deal["kind"]]).format(deal["product"]),
            "action": self._say(self.words["marked_action"][deal["kind"]]).format(deal["product"]),
            "owner": self._colleague(),
            "due": deal["ends"],
            "status": self._word("tasks.status", status),
            "postponed_to": self._day(-self._rng.randint(10, 25)) if status == tasks.POSTPONED else "",
            "note": self._say(mark["note"]),
        }
