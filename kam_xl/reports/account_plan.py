"""The account plan: everything a team agrees on for one customer, on one A4 page (S0; S3 step 3).

Names of contacts may stand on it, for it is the team's own page; phones and birthdays never do (handbook §10). What does
not fit on the page is counted.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from kam_xl.core import explaining, frames, health, planning
from kam_xl.core.assessment import Assessment
from kam_xl.core.failures import is_missing
from kam_xl.core.findings import text_or_none
from kam_xl.core.outside import of_customers
from kam_xl.core.policy import DIMENSIONS, Policy
from kam_xl.core.risk import UNCLEAR
from kam_xl.core.rule_settings import ROLES
from kam_xl.core.words import Words
from kam_xl.reports import origin, paper, plan_orders
from kam_xl.reports.figures import Figure, money, number, told
from kam_xl.reports.grids import Grid, Pen
from kam_xl.reports.headline import KeyFigure, both_nights
from kam_xl.reports.waterfalls import Waterfall, of_customer, worth_drawing
from kam_xl.showing import vocabulary
from kam_xl.showing.telling import needs, or_dash
from kam_xl.showing.theme import COLOUR_VERDICTS, LEVEL_VERDICTS

#: How many lines of each table the page has room for.
ROOM = {"contacts": 5, "strategies": 3, "actions": 7, "matters": 5, "cases": 3, "deals": 3, "offers": 3, "moves": 4}
_PLAIN = re.compile(r"[A-Z0-9_\-]{1,60}")
_UNSAFE = re.compile(r"[^\w-]+")
_LONGEST = 60  # characters of an ID in a file name
_DEVICES = re.compile(r"CON|PRN|AUX|NUL|(COM|LPT)\d")  # no names for files on Windows
_FRAMES = ("customers", "matters", "cases", "roles", "goals", "whitespace", "visits", "actions", "deals", "confidence",
           "members", "moves", "move_parts")  # fmt: skip
_SHEETS = ("tracking", "contacts")  # of the portfolio


@dataclass(frozen=True)
class PlanBlock:
    """One part of the page: facts as (label, value), a sentence, a table; each may be missing."""

    key: str
    facts: tuple[tuple[str, object], ...] = ()
    said: str = ""
    grid: Grid | None = None
    picture: Waterfall | None = None


def customers(assessment: Assessment) -> list[str]:
    """The IDs of the customers that get a page: the policy's tiers, the worst at risk first, up to the policy's number."""
    plan = assessment.policy.plan
    rows = assessment.customers[assessment.customers["computed_tier"].isin(plan.page_tiers)]
    return (
        rows.sort_values(["risk_score", "customer_id"], ascending=[False, True])["customer_id"]
        .head(plan.pages)
        .tolist()
    )


def pages(assessment: Assessment) -> Iterator[tuple[str, str]]:
    """File name and page of every customer of `customers`; a page or a part of one that cannot be made says so."""
    chosen = customers(assessment)
    found = _narrowed(assessment, chosen)
    there = {name: frame for name, frame in found.items() if not is_missing(frame)}
    nothing = found | {name: frame.iloc[:0] for name, frame in there.items()}
    parts = {name: dict(list(frame.groupby("customer_id"))) for name, frame in there.items()}
    pen = _pen(assessment)
    for customer_id in chosen:
        own = {name: parts.get(name, {}).get(customer_id, nothing[name]) for name in found}
        page = assessment.failures.attempt("plan", customer_id, functools.partial(_page, assessment, own, pen), None)
        name = file_name(customer_id)
        yield name, page or paper.apology(assessment, assessment.words("plan_page.title"), origin.mark(name))


def render(assessment: Assessment, customer_id: str) -> str:
    """The page of one customer, complete in itself; `KeyError` where the portfolio has no such customer."""
    if customer_id not in set(assessment.customers["customer_id"]):
        raise KeyError(customer_id)
    return _page(assessment, _narrowed(assessment, [customer_id]), _pen(assessment))


def file_name(customer_id: str) -> str:
    """A name for a customer's page that every system takes, and that no other ID has."""
    if _PLAIN.fullmatch(customer_id) and not _DEVICES.fullmatch(customer_id):
        return f"{customer_id}.html"
    own = hashlib.blake2s(customer_id.encode("utf-8", "replace"), digest_size=4).hexdigest()
    return f"{_UNSAFE.sub('_', customer_id)[:_LONGEST]}-{own}.html"


def _pen(assessment: Assessment) -> Pen:
    return Pen(assessment, {"standing": vocabulary.standings(assessment.words)})


def _narrowed(assessment: Assessment, customer_ids: list[str]) -> dict[str, pd.DataFrame]:
    """Every frame the page shows, with the rows of some customers only; these with their score and health explained."""
    found = {name: of_customers(assessment, name, customer_ids) for name in _FRAMES}
    found |= {name: of_customers(assessment.portfolio, name, customer_ids) for name in _SHEETS}
    rows = found["customers"]
    unknown = rows.assign(**dict.fromkeys(("next_tier", "missing_points", "score_said", "health_said"), np.nan))
    found["customers"] = assessment.failures.attempt(
        "plan_block", "score", lambda: _explained(rows, assessment.policy, assessment.words), unknown
    )
    return found


def _explained(rows: pd.DataFrame, policy: Policy, words: Words) -> pd.DataFrame:
    value, potential, demand = (rows[key] for key in DIMENSIONS)
    parts = explaining.breakdown(value, potential, demand, policy)
    return rows.assign(
        next_tier=parts["next_tier"],
        missing_points=parts["missing"],
        score_said=explaining.breakdown_sentences(value, potential, demand, policy, words),
        health_said=health.explained(rows, policy, words),
    )


def _page(assessment: Assessment, own: Mapping[str, pd.DataFrame], pen: Pen) -> str:
    customer = own["customers"].iloc[0]
    view = _View(assessment, own, pen)
    return paper.page(
        "account_plan.html.j2",
        assessment,
        title=assessment.words("plan_page.title"),
        mark=origin.mark(file_name(customer["customer_id"])),
        led_by=_led_by(assessment, customer),
        kin=assessment.failures.attempt("plan_block", "group", lambda: _kin(view), ""),
        customer=customer,
        figures=assessment.failures.attempt("plan_block", "figures", lambda: _figures(view), []),
        columns=[[_block(view, key, part) for key, part in side.items() if _is_there(view, key)] for side in _SIDES],
    )


def _led_by(assessment: Assessment, customer: pd.Series) -> str:
    """Who manages the customer, and to whom it is escalated."""
    named = {"manager": customer["manager"], "escalation": customer["escalation"]}
    return assessment.words("plan_page.led_by", **{name: or_dash(one) for name, one in named.items()})


def _kin(view: _View) -> str:
    """Of which group the customer is, and what that comes to; nothing where it is of none."""
    own, groups = view.own["members"], view.assessment.groups
    if is_missing(own) or is_missing(groups) or own.empty:
        return ""
    group = groups[groups["group"] == own["group"].iat[0]].iloc[0]
    n, high, amount = int(group["customers"]), int(group["high_risk"]), money(group["amount"], view.words)
    return told(view.words, "plan_page.group", of=group["group"], group=group["group"], n=n, high=high, money=amount)


def _is_there(view: _View, key: str) -> bool:
    """False for what changed where nothing did, or nobody knows the night before, and for the orders of who has none."""
    if key == "orders":
        return bool(pd.notna(view.customer["order_days"]))
    return key != "moves" or is_missing(view.own[key]) or len(view.own[key]) > 0


def _block(view: _View, key: str, part: Callable[[_View], PlanBlock]) -> PlanBlock:
    """One part of the page, or a note in its place."""
    note = PlanBlock(key, said=view.words("failure.says"))
    return view.assessment.failures.attempt("plan_block", key, functools.partial(part, view), note)


@dataclass(frozen=True)
class _View:
    """One customer's rows, and what is needed to tell them."""

    assessment: Assessment
    own: Mapping[str, pd.DataFrame]
    pen: Pen

    @property
    def policy(self) -> Policy:
        return self.assessment.policy

    @property
    def words(self) -> Words:
        return self.assessment.words

    @functools.cached_property
    def customer(self) -> pd.Series:
        return self.own["customers"].iloc[0]

    def fact(self, key: str, value: object) -> tuple[str, object]:
        return self.words(f"plan_page.fact.{key}"), value

    def block(self, key: str, rows: pd.DataFrame, fields: str, sheet: str, said: str = "") -> PlanBlock:
        """A table of the first rows there is room for; a sentence where there are none."""
        if rows.empty:
            return PlanBlock(key, said=said or self.words(f"plan_page.none.{key}"))
        return PlanBlock(key, said=said, grid=self.pen.grid(rows, fields, ROOM[key], sheet))


def _figures(view: _View) -> list[KeyFigure]:
    """What to read first: score, health, risks, cases, amount, next visit."""
    customer, words = view.customer, view.words
    above = view.policy.tier_names(words.lang).get(customer["next_tier"])
    missing = (
        told(words, "plan_page.missing", of=customer["customer_id"], points=customer["missing_points"], tier=above)
        if above
        else ""
    )
    colour, trend = customer["health_colour"], customer["health_trend"]
    health_note = (
        words(f"terms.trend.{trend}") if pd.notna(trend) else told(words, "plan_page.coverage", share=_coverage(view))
    )
    late = view.own["actions"]["overdue"].sum()
    to_do = view.own["actions"]["waiting"]
    found = [
        KeyFigure(words("plan_page.figure.score"), number(customer["score"]), missing, "plain"),
        KeyFigure(words("plan_page.figure.health"), number(customer["health"]), health_note, COLOUR_VERDICTS.get(colour, "plain")),
        KeyFigure(words("plan_page.figure.matters"), number(len(view.own["matters"])), words(f"terms.level.{customer['level']}"),
                  LEVEL_VERDICTS.get(customer["level"], "plain")),
        KeyFigure(words("plan_page.figure.cases"), number(float(customer["open_cases"])) if pd.isna(customer["open_cases"]) else number(int(customer["open_cases"])), "", "plain"),
        KeyFigure(words("plan_page.figure.amount"), number(customer["amount"]), text_or_none(customer["amount_typed"]) or "", "plain"),
        KeyFigure(words("plan_page.figure.actions"), number(int(to_do.sum())), told(words, "plan_page.overdue", of=customer["customer_id"], n=int(late)), "bad" if late else "plain"),
    ]  # fmt: skip
    return [replace(one, of=customer["customer_id"]) for one in found]


def _coverage(view: _View) -> Figure:
    share = f"{view.customer['health_coverage']:.0%}"
    return Figure(share, view.words("plan_page.coverage", share=""), of=view.customer["customer_id"])


# --- the parts of the page -------------------------------------------------------------------------------------------


def _score(view: _View) -> PlanBlock:
    """The score with its parts, what is missing to the next tier, and how sure the present one is."""
    said, told = view.customer["score_said"], view.own["confidence"]
    if is_missing(told) or told.empty:
        return PlanBlock("score", said=said)
    sure = told.iloc[0]
    facts = {"chances": sure["said"], "spread": number(sure["spread"])}
    return PlanBlock("score", said=view.words("plan_page.tier_said", said=said, **facts))


def _moves(view: _View) -> PlanBlock:
    """What is not as it was the night before, and why; drawn where a number has several causes."""
    own, words = view.own["moves"], view.words
    facts = tuple(
        (words(f"bridge.figure.{row.figure}"), words("bridge.because", said=row.said, why=row.why))
        for row in frames.each_row(own.head(ROOM["moves"]))
    )
    drawn = worth_drawing(of_customer(own, view.own["move_parts"], both_nights(view.assessment), words))
    return PlanBlock("moves", facts, picture=drawn[0] if drawn else None)


def _health(view: _View) -> PlanBlock:
    """The health with its parts and its trend."""
    return PlanBlock("health", said=view.customer["health_said"])


def _tier_plan(view: _View) -> PlanBlock:
    """What the policy provides for the tier: strategy, measures, who, resources, targets."""
    tier = next((one for one in view.policy.tiers if one.key == view.customer["computed_tier"]), None)
    if tier is None:
        return PlanBlock("tier_plan", said=view.words("plan_page.none.tier_plan"))
    lang = view.words.lang
    texts = {
        "strategy": tier.strategy(lang), "measures": tier.measures(lang), "goals": tier.goals(lang),
        "owner": tier.owner(lang), "departments": tier.departments(lang), "support": tier.support(lang),
    }  # fmt: skip
    return PlanBlock("tier_plan", tuple(view.fact(key, text) for key, text in texts.items()))


def _strategies(view: _View) -> PlanBlock:
    """The strategies under way, the last ones to end first, each with what its plan lacks."""
    rows = view.own["goals"]
    rows = rows[rows["open"] | rows["status"].isna()]
    rows = rows.sort_values("deadline", ascending=False, kind="stable")
    rows = rows.assign(missing=[needs(text, view.words) for text in rows["missing"].fillna("")])
    return view.block("strategies", rows, "strategy status deadline owner:tracker missing", "goals")


def _actions(view: _View) -> PlanBlock:
    """What is to be done, the earliest first; what is done comes last."""
    rows = view.own["actions"]
    rows = rows[rows["source"] != planning.MARKED]
    rows = rows.assign(standing=rows["status"].mask(rows["overdue"], "overdue"), _done=~rows["waiting"])
    rows = rows.sort_values(["_done", "day"], kind="stable")
    return view.block("actions", rows, "day:on subject action owner standing", "matters")


def _matters(view: _View) -> PlanBlock:
    """The matters, the most pressing first, with the day each happened on and the day it is due."""
    said = view.words("plan_page.none.unclear") if view.customer["level"] == UNCLEAR else ""
    return view.block("matters", view.own["matters"], "level subject evidence happened due", "matters", said)


def _people(view: _View) -> PlanBlock:
    """Who we know in each role, and where nobody is."""
    roles, contacts = view.own["roles"], view.own["contacts"]
    contacts = contacts[~contacts["left"].fillna(False).astype(bool)]
    contacts = contacts.sort_values("last_contact", ascending=False, kind="stable").rename(
        columns={"name": "contacts.name"}
    )
    facts: tuple[tuple[str, object], ...] = ()
    if len(roles) and bool(roles["known"].iloc[0]):
        state = roles.iloc[0]
        facts = tuple((view.words(f"terms.contacts.role.{role}"), state[role]) for role in ROLES)
    fields = "contacts.name title role:contacts.role last_contact:contacts.last_contact"
    block = view.block("contacts", contacts, fields, "roles")
    return PlanBlock("contacts", facts, block.said, block.grid)


def _cases(view: _View) -> PlanBlock:
    """The cases that are open, the next to be due on top."""
    rows = view.own["cases"]
    rows = rows[rows["open"]].sort_values("by", kind="stable")
    return view.block("cases", rows, "category stage:cases.stage resolve_by resolution_state", "cases")


def _deals(view: _View) -> PlanBlock:
    """Renewals, opportunities and trials that are open, the soonest first."""
    rows = view.own["deals"]
    rows = rows[rows["open"]].sort_values("ends", kind="stable")
    fields = "ends:on kind:renewals.kind product amount:renewals.amount stage:renewals.stage"
    return view.block("deals", rows, fields, "deals")


def _orders(view: _View) -> PlanBlock:
    """How often the customer orders and what is to come, the year beside the one before, what a year is worth."""
    return PlanBlock("orders", tuple(plan_orders.facts(view.assessment, view.customer)))


def _offers(view: _View) -> PlanBlock:
    """What similar customers buy and this one does not yet."""
    rows = view.own["whitespace"]
    return view.block("offers", rows[~rows["open"]], "product share:whitespace.share buyers similar", "offers")


def _visit(view: _View) -> PlanBlock:
    """The next visit: when, who goes, what to talk about."""
    rows = view.own["visits"]
    if rows.empty:
        return PlanBlock("visit", said=view.words("plan_page.none.visit"))
    visit = rows.iloc[0]
    facts = {
        "planned": _day(visit["planned"]),
        "due": _day(visit["due"]),
        "manager": visit["manager"],
        "agenda": visit["agenda"],
    }
    return PlanBlock("visit", tuple(view.fact(key, value) for key, value in facts.items()))


def _day(day: pd.Timestamp) -> object:
    return day if pd.isna(day) else f"{day:%Y-%m-%d}"


_SIDES = (
    {
        "score": _score,
        "moves": _moves,
        "tier_plan": _tier_plan,
        "strategies": _strategies,
        "actions": _actions,
        "matters": _matters,
    },
    {
        "visit": _visit,
        "contacts": _people,
        "health": _health,
        "orders": _orders,
        "cases": _cases,
        "deals": _deals,
        "offers": _offers,
    },
)
