"""The handbook of service standards: what each tier's customers are promised, written from the policy (S3: 客户分层服务标准手册).

A page that Word opens as a document: tables and plain colours, nothing that floats. No figure in it is typed here or in the words.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kam_xl.core import goals, sheets
from kam_xl.core.policy import DIMENSIONS, Policy
from kam_xl.core.standards import SEVERITIES, standards
from kam_xl.core.words import Words
from kam_xl.reports import paper
from kam_xl.reports.figures import Told, told
from kam_xl.reports.run import Rhythm
from kam_xl.showing import theme

_GLANCE = ("class", "scores", "share", "cadence", "answer", "solve", "satisfaction", "budget", "escalation")
_FACTS = ("goals", "measures", "resources", "visits", "cases", "satisfaction", "contacts", "plan", "responsible")


@dataclass(frozen=True)
class Standards:
    """What a handbook of service standards is written from, and what it says part by part."""

    policy: Policy
    words: Words

    def say(self, key: str, **facts: object) -> str:
        """A sentence of the handbook."""
        return self.words(f"standards.{key}", **facts)

    def joined(self, texts: list[str]) -> str:
        """Several things in one line."""
        return self.words("terms.list_separator").join(texts)


def render(policy: Policy, words: Words, made: dt.datetime) -> str:
    """The whole handbook, complete in itself: no script, no network, no customer."""
    book = Standards(policy, words)
    tiers = standards(policy, words.lang)
    rows: list[tuple[str, Any]] = [(str(key), row) for key, row in tiers.iterrows()]
    return paper.review(
        "standards.html.j2", book, made,
        title=book.say("title"), lead=_lead(book, rows), stamp=_stamp(book, made), source=book.say("source"),
        glance=[(key, [_glance(book, tiers, row, column) for column in _GLANCE]) for key, row in rows],
        columns=_GLANCE, tiers=[(key, row, list(_facts(book, tiers, key, row))) for key, row in rows],
        everyone=list(_everyone(book)), needs=list(_needs(book)), meetings=list(Rhythm), made_of=list(_made(book)),
    )  # fmt: skip


def _lead(book: Standards, rows: list[tuple[str, Any]]) -> Told:
    key, first = rows[0]
    return told(
        book.words,
        "standards.lead",
        tiers=len(rows),
        highest=book.policy.tier_names(book.words.lang)[key],
        cadence=int(first["cadence_days"]),
        answer=int(first["answer_major"]),
    )


def _stamp(book: Standards, made: dt.datetime) -> str:
    policy = book.policy
    moment = theme.WRITTEN["datetime"].format(made)
    name = policy.name(book.words.lang)
    return book.say("stamp", name=name, version=policy.version, mark=policy.fingerprint, moment=moment)


def _number(value: float) -> str:
    """A figure of the policy as people write it; unknown is a dash."""
    return theme.UNKNOWN if pd.isna(value) else f"{value:,.10g}"


def _share(value: float) -> str:
    """A share of the policy in percent, with the decimals that it has."""
    return f"{round(value * 100, 6):g}%"


# --- at a glance -----------------------------------------------------------------------------------------------------


def _glance(book: Standards, tiers: pd.DataFrame, row: Any, column: str) -> str:
    """One cell of the first table."""
    if column in ("class", "escalation"):
        return str(row[column])
    if column == "scores":
        shape = "range" if row.name == tiers.index[0] else "below"
        return book.say(shape, low=_number(row["low"]), high=_number(row["high"]))
    if column == "share":
        return book.say("range", low=_share(row["target_low"]), high=_share(row["target_high"]))
    if column == "cadence":
        return book.say("days", n=_number(row["cadence_days"]))
    if column in ("answer", "solve"):
        return book.say("pair", **{one: _number(row[f"{column}_{one}"]) for one in SEVERITIES})
    return _number(row["satisfaction"]) if column == "satisfaction" else _budget(book, tiers, row)


def _budget(book: Standards, tiers: pd.DataFrame, row: Any) -> str:
    """The share of the budget, and with which other tiers it is shared."""
    share = book.say("range", low=_share(row["budget_low"]), high=_share(row["budget_high"]))
    names = book.policy.tier_names(book.words.lang)
    others = [names[str(key)] for key in tiers.index[tiers["pool"] == row["pool"]] if key != row.name]
    return book.say("together", share=share, others=book.joined(others)) if others else share


# --- tier by tier ----------------------------------------------------------------------------------------------------


def _facts(book: Standards, tiers: pd.DataFrame, key: str, row: Any) -> Iterator[tuple[str, list[str]]]:
    """What is promised to one tier: label → sentences."""
    said = {
        "goals": [row["goals"]],
        "measures": [row["measures"]],
        "resources": [
            book.say("says.resources", budget=_budget(book, tiers, row), **row[["departments", "support"]].to_dict())
        ],
        "visits": _visits(book, row),
        "cases": [_cases(book, row, severity) for severity in SEVERITIES],
        "satisfaction": [book.say("says.satisfaction", target=_number(row["satisfaction"]))]
        if pd.notna(row["satisfaction"])
        else [],
        "contacts": _contacts(book, row),
        "plan": _asked(book, row, ("needs_strategy", "plan_page"), "plan"),
        "responsible": [_responsible(book, key, row)],
    }
    yield from ((book.say(f"fact.{name}"), said[name]) for name in _FACTS if said[name])


def _visits(book: Standards, row: Any) -> list[str]:
    said = [book.say("says.visits", cadence=_number(row["cadence_days"]))]
    if pd.notna(row["silent_days"]):
        rule = book.policy.risk.silent_customer.title(book.words.lang)
        said.append(book.say("says.silent", days=_number(row["silent_days"]), rule=rule))
    return said


def _cases(book: Standards, row: Any, severity: str) -> str:
    name = book.words(f"terms.service.severity.{severity}")
    hours = {what: _number(row[f"{what}_{severity}"]) for what in ("answer", "solve")}
    return book.say("says.cases", severity=name, **hours)


def _contacts(book: Standards, row: Any) -> list[str]:
    roles = [book.words(f"terms.contacts.role.{role}") for role in book.policy.risk.missing_role.roles]
    return _asked(book, row, ("needs_contacts", "needs_roles", "close"), "contacts", roles=book.joined(roles))


def _asked(book: Standards, row: Any, asked: tuple[str, ...], otherwise: str, **facts: object) -> list[str]:
    """What is asked of a tier, or what goes for one of which nothing special is asked."""
    said = [book.say(f"says.{one}", **facts) for one in asked if row[one]]
    return said or [book.say(f"says.{otherwise}")]


def _responsible(book: Standards, key: str, row: Any) -> str:
    when = "at_once" if key == book.policy.tier_keys[0] else "late"
    days = book.policy.matters.escalate_days
    return book.say("says.responsible", owner=row["escalation"], when=book.say(f"says.{when}", days=days))


# --- for every customer ----------------------------------------------------------------------------------------------


def _everyone(book: Standards) -> Iterator[str]:
    """What goes for customers of any tier."""
    policy, lang = book.policy, book.words.lang
    service, plan, matters = policy.service, policy.plan, policy.matters
    yield _clock(book)
    yield book.say("everyone.loop")
    yield book.say("everyone.visit_soon", **matters.visit_within)
    yield book.say(
        "everyone.repeated", days=service.repeat_days, customer=service.repeat_customer, within=plan.root_cause_days,
        across=service.repeat_across, share=_share(service.repeat_across_share), owner=plan.root_cause_owner(lang),
    )  # fmt: skip
    yield book.say(
        "everyone.remind", renewal=book.joined([str(days) for days in plan.renewal_days]), trial=plan.trial_days,
        birthday=plan.birthday_days, tracking=plan.tracking_days,
    )  # fmt: skip
    yield book.say("everyone.load", matters=matters.per_day, visits=plan.visits_per_day)
    yield book.say("everyone.life", new=policy.lifecycle.new_days, lost=policy.lifecycle.lost_days)
    yield book.say("everyone.unscored", owner=policy.unscored_owner(lang))


def _clock(book: Standards) -> str:
    calendar = book.policy.calendar
    if calendar.clock == "calendar":
        return book.say("everyone.calendar")
    return book.say(
        "everyone.working",
        weekdays=book.joined([book.say(f"weekday.{day}") for day in calendar.weekdays]),
        opens=calendar.opens.isoformat("minutes"),
        closes=calendar.closes.isoformat("minutes"),
        holidays=book.say("everyone.holidays") if calendar.country else "",
    )


def _needs(book: Standards) -> Iterator[tuple[str, str]]:
    """Each part of a plan, and the column of the tracking sheet that says it."""
    for need, field in goals.NEEDS.items():
        yield book.words(f"terms.need.{need}"), sheets.TRACKING.column(field).header(book.words.lang)


def _made(book: Standards) -> Iterator[str]:
    """How a tier comes about."""
    policy = book.policy
    yield book.say("made.weights", **{one: _share(getattr(policy.weights, one)) for one in DIMENSIONS})
    if policy.preset:
        yield book.say("made.preset", preset=policy.presets[policy.preset].name(book.words.lang))
    months = policy.risk.evaluation_stale.months
    again = "again_late" if policy.hysteresis else "again"
    yield book.say(f"made.{again}", months=months, points=_number(policy.hysteresis))
