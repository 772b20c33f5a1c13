"""What to do for each customer, who does it and by when: strategy, cadence, next visit, the list of actions (§8)."""

from __future__ import annotations

import typing
from collections.abc import Collection
from typing import Literal

import numpy as np
import pandas as pd

from kam_xl.core import causes, contact, frames, matters, reminders, tasks, visits, whitespace, workdays
from kam_xl.core.customers import beside
from kam_xl.core.evidence import sentences
from kam_xl.core.policy import Policy, Tier
from kam_xl.core.portfolio import Portfolio
from kam_xl.core.risk import keys
from kam_xl.core.risk_rules import silent_customer
from kam_xl.core.risk_view import View
from kam_xl.core.texts import names
from kam_xl.core.words import Words

_ACTION = frames.ASSESSMENT["actions"]
ACTIONS = tuple(_ACTION)
NOTHING = frames.empty(_ACTION)
#: As long as an action is not `dated`, its flags are unknown.
_TYPES = {name: kind for name, kind in _ACTION.items() if kind not in ("bool", "int64")}
#: Why a visit is due: the cadence, or what brings it forward.
Forward = Literal["complaint", "high"]
VISIT_FOR = ("cadence", *typing.get_args(Forward))
# Kinds of action: a matter's remedy, a visit, a date that comes by itself, a line of the team's own, upkeep of a workbook.
MATTER, VISIT, DATE, HOUSEKEEPING = "matter", "visit", "date", "housekeeping"
MARKED = "marked"  # the source of an action that only a mark still tells of
OWN = "own"  # the source of an action that a team added to its list itself
Told = frozenset[tuple[str, str]]  # what is told once, by rule and team; of all where none is named
OF_TIER = ("class", "core_strategy", "measures", "escalation", "cadence_days", "sla_hours")


def playbook(policy: Policy, lang: str) -> pd.DataFrame:
    """What each tier gets, one row a tier, highest first, indexed by its key; texts in ``lang``, budget as shares."""
    return pd.DataFrame([_play(tier, lang) for tier in policy.tiers], index=list(policy.tier_keys))


def _play(tier: Tier, lang: str) -> dict[str, object]:
    return {
        "class": tier.class_,
        "core_strategy": tier.strategy(lang),
        "measures": tier.measures(lang),
        "departments": tier.departments(lang),
        "support": tier.support(lang),
        "goals": tier.goals(lang),
        "escalation": tier.owner(lang),
        "cadence_days": float(tier.cadence_days),
        "sla_hours": float(tier.sla_hours),
        "budget_low": tier.budget_low,
        "budget_high": tier.budget_high,
    }


def plan(customers: pd.DataFrame, portfolio: Portfolio, policy: Policy, today: pd.Timestamp, lang: str) -> pd.DataFrame:
    """The scored customers with `OF_TIER` and last_contact, next_visit, manager, product_count.

    next_visit is the last contact plus the cadence (past when overdue); risks may bring it forward (`with_visits`).
    Without a tier only who it is escalated to is known: the policy names one for customers that have no score yet.
    """
    planned = customers.join(playbook(policy, lang)[list(OF_TIER)], on="computed_tier")
    last_contact = contact.last(contact.contacts(portfolio, today), customers["customer_id"])
    visit = next_visit(last_contact, planned["computed_tier"], policy)
    never_seen = last_contact.isna() & planned["cadence_days"].notna()  # nobody knows of a contact: go today
    return planned.assign(
        escalation=planned["escalation"].fillna(policy.unscored_owner(lang)),
        last_contact=last_contact,
        next_visit=visit.mask(never_seen, workdays.next_workday(pd.Series([today]), policy.calendar)[0]),
        manager=managers(customers, portfolio.tracking, today),
        product_count=whitespace.counts(customers["products"]),
    )


def with_visits(customers: pd.DataFrame, risks: pd.DataFrame, cases: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """The customers with next_visit as risks bring it forward, and ``visit_for`` (`VISIT_FOR`).

    An open major complaint and a high risk ask for a visit within the policy's workdays of it, or of our contact since
    (§11).
    """
    visit = customers["next_visit"]
    asked_for = pd.Series("cadence", index=customers.index, dtype="str")
    for reason, since in _brought_forward(risks, cases).items():
        day = since.reindex(customers["customer_id"]).set_axis(customers.index).astype("datetime64[s]")
        day = day.mask(customers["last_contact"] > day, customers["last_contact"])
        due = workdays.after_workdays(day, policy.matters.visit_within[reason], policy.calendar)
        sooner = due.notna() & ~(visit <= due)
        visit, asked_for = visit.mask(sooner, due), asked_for.mask(sooner, reason)
    return customers.assign(next_visit=visit, visit_for=asked_for.where(visit.notna()))


def _brought_forward(risks: pd.DataFrame, cases: pd.DataFrame) -> dict[Forward, pd.Series]:
    """Reason for an earlier visit → by customer, since when it stands."""
    severe = cases[cases["open"].astype(bool) & (cases["kind"] == "complaint") & (cases["severity"] == "major")]
    return {
        "complaint": severe.groupby("customer_id")["reported"].min().dt.normalize(),
        "high": matters.high(risks).groupby("customer_id")["since"].min(),
    }


def as_known(portfolio: Portfolio, known: pd.DataFrame, policy: Policy, today: pd.Timestamp) -> pd.DataFrame:
    """The customers as `visits_asked` asks of them, of whom tier, next_visit and last_contact are ``known``, by ID."""
    own = portfolio.customers.join(known[["computed_tier", "next_visit", "last_contact"]], on="customer_id")
    cadence = own["computed_tier"].map({tier.key: float(tier.cadence_days) for tier in policy.tiers})
    return own.assign(cadence_days=cadence.astype("float64"), manager=managers(own, portfolio.tracking, today))


def visits_asked(customers: pd.DataFrame, portfolio: Portfolio) -> pd.DataFrame:
    """What `visits.spread` asks of each customer, and ``agreed``, the day that people marked for its visit.

    A visit marked as done is not planned again until its contact is on record.
    """
    decided = tasks.decided(portfolio)
    keys_of = _visit_keys(customers) if len(decided) else customers.index  # of ten thousands of visits they are dear
    marked = decided.reindex(keys_of).set_axis(customers.index)
    agreed = marked["postponed_to"].where(marked["status"] == tasks.POSTPONED).fillna(marked["due"])
    team = customers["book"].map(portfolio.sources.drop_duplicates("book").set_index("book")["team"])
    return customers[["customer_id", "computed_tier", "cadence_days"]].assign(
        next_visit=customers["next_visit"].mask(marked["status"] == tasks.DONE),
        # a workbook that names nobody is taken for one manager's
        who=("@" + marked["owner"].fillna(customers["manager"])).fillna(team).fillna(customers["teams"]),
        agreed=agreed,
    )


def _visit_keys(customers: pd.DataFrame) -> list[str]:
    """A visit is named by the contact it follows: a tier that changes moves its day, and it stays the same visit."""
    after = customers["last_contact"].dt.strftime("%Y-%m-%d").astype("str").fillna("")
    return keys(customers["customer_id"], pd.Series(VISIT, index=customers.index), after)


def managers(customers: pd.DataFrame, tracking: pd.DataFrame, today: pd.Timestamp) -> pd.Series:
    """The manager that a list names for each customer, else who tracks its newest strategy that names anybody.

    Rows without a date, or of a day to come, are the oldest.
    """
    named = tracking[tracking["tracker"].notna()]
    named = named.assign(on=named["tracked_on"].where(named["tracked_on"] <= today))
    newest = named.sort_values(["on", "end", "book", "row"], kind="stable", na_position="first")
    trackers = newest.drop_duplicates("customer_id", keep="last").set_index("customer_id")["tracker"]
    tracking_it = customers["customer_id"].map(names(trackers)).astype("str")
    return names(customers["named_manager"]).fillna(tracking_it)


def next_visit(last: pd.Series, tier: pd.Series, policy: Policy) -> pd.Series:
    """The day of the next visit: the workday not after the last contact plus the tier's cadence; unknown where either is."""
    cadence = tier.map({one.key: float(one.cadence_days) for one in policy.tiers}).astype("float64")
    due = (last + pd.to_timedelta(cadence, unit="D")).astype("datetime64[s]")
    return workdays.last_workday(due, policy.calendar)


def calendar(customers: pd.DataFrame, risks: pd.DataFrame, portfolio: Portfolio, policy: Policy, today: pd.Timestamp,
             words: Words) -> pd.DataFrame:  # fmt: skip
    """The frame of planned visits (`visits.VISITS`), each with its agenda: open risks, renewals and trials due soon."""
    deals = reminders.deals_due(portfolio, policy, today)
    deals = deals.assign(item=sentences(words("plan.deal"), _deal_facts(deals, words), words))
    return visits.calendar(customers, visits.agenda(risks, deals, words), policy, today)


def _deal_facts(deals: pd.DataFrame, words: Words) -> pd.DataFrame:
    kinds = {kind: words(f"terms.renewals.kind.{kind}") for kind in ("renewal", "trial")}
    return deals.assign(kind=deals["kind"].map(kinds))


def actions(found: pd.DataFrame, risks: pd.DataFrame, reminded: pd.DataFrame, told: Told, view: View) -> pd.DataFrame:
    """What is overdue or due soon (`ACTIONS`): each matter's remedy, visits, `reminders`, what teams added, housekeeping.

    ``found`` are the matters (`matters.listed`), ``reminded`` what is `reminded`, and ``told`` what of it once. ``key`` names an action for good: a risk's own key, or one made of what
    the action is about. What people typed in the action list wins (`tasks`): owner, date, status, note; what is done stays
    done, what is postponed is not overdue before its new date and stands there (`dated`). Of visits those within the
    policy's horizon are listed, and everything marked. What is told of a matter's own row is not told again by a reminder, nor a
    visit beside the silence it ends. A mark whose action is gone is listed with the source `MARKED` if it decided anything
    or carries a note, a line that a team added itself with the source `OWN`.
    """
    today, horizon = view.today, _horizon(view)
    visits_due = view.failures.attempt("action", VISIT, lambda: _visits(view, found), NOTHING)
    every = pd.concat(
        [_remedies(found, MATTER), visits_due, _each(reminded, view, told), _kept(risks)], ignore_index=True
    )
    every = _as_typed(every, view)
    always = every["kind"].isin((MATTER, HOUSEKEEPING)) | every["source"].isin(reminders.REMINDERS)
    soon = (every["due"] <= horizon) | (every["planned"] <= horizon) | always
    listed = every[soon | (every["status"] != tasks.OPEN) | every["note"].notna()]
    marked_only = view.failures.attempt("action", OWN, lambda: _marked(every["key"], view), NOTHING)
    every = dated(pd.concat([listed, marked_only], ignore_index=True), view.policy, today)
    return frames.typed(_in_order(every), _ACTION)


def _horizon(view: View) -> pd.Timestamp:
    """Up to which day what is to be done is listed."""
    return view.today + pd.Timedelta(days=view.policy.action_horizon_days)


def owed(risks: pd.DataFrame, view: View, told: Told) -> pd.DataFrame:
    """The matters and the upkeep among the `actions` of these risks, with ``by``, ``waiting`` and ``overdue``; see `upkeep_told`."""
    found = matters.rooted(risks)
    upkeep = _each(reminded(risks, view, reminders.HOUSEKEEPING), view, told)
    every = pd.concat([_remedies(found, MATTER), upkeep, _kept(risks)], ignore_index=True)
    return _with_state(_as_typed(every, view), view.today)


def upkeep_told(reminded: pd.DataFrame, view: View) -> Told:
    """The upkeep that so many workbooks need that it is told once (`matters.common`), and of which team; of all where none is named."""
    upkeep = _upkeep(reminded).assign(happened=lambda rows: rows["due"])
    told = causes.common(upkeep, view.portfolio.members(), view.policy.matters)
    return frozenset(zip(told["rule"], told["team"].fillna(""), strict=True))


def _upkeep(reminded: pd.DataFrame) -> pd.DataFrame:
    """The reminders of upkeep as findings."""
    return reminded[reminded["kind"] == HOUSEKEEPING].assign(rule=lambda rows: rows["source"])


def _each(reminded: pd.DataFrame, view: View, told: Told) -> pd.DataFrame:
    """The reminders that are told of each customer, and those of which the action list says something."""
    rules = pd.DataFrame([(rule, team or None) for rule, team in sorted(told)], columns=["rule", "team"], dtype="str")
    once = causes.are_common(_upkeep(reminded), rules, view.portfolio.members())
    once = once.reindex(reminded.index, fill_value=False)
    return reminded[~once | reminded["key"].isin(tasks.decided(view.portfolio).index)]


def _kept(risks: pd.DataFrame) -> pd.DataFrame:
    """The upkeep that risk rules ask for."""
    return _remedies(risks[(risks["kind"] == HOUSEKEEPING) & ~risks["common"]], HOUSEKEEPING)


def _as_typed(actions: pd.DataFrame, view: View) -> pd.DataFrame:
    """The actions with what the action list says of them; without a person they are the customer's manager's, or the role's."""
    typed = tasks.decided(view.portfolio).reindex(actions["key"]).set_axis(actions.index)
    manager = names(typed["owner"]).fillna(actions["manager"]).fillna(beside(view.customers, "manager", actions))
    role = actions["owner"].fillna(beside(view.customers, "escalation", actions))
    return actions.assign(
        manager=manager,
        owner=manager.fillna(role),
        due=typed["due"].fillna(actions["due"]),
        status=typed["status"].fillna(tasks.OPEN),
        postponed_to=typed["postponed_to"].where(typed["status"] == tasks.POSTPONED),
        note=typed["note"],
    )


def _in_order(actions: pd.DataFrame) -> pd.DataFrame:
    """Matters first and housekeeping last, by the day to do them, each day's in the order of `matters.in_order`."""
    order = pd.DataFrame({"kind": actions["kind"] == HOUSEKEEPING, "day": actions["day"]})
    order = order.join(matters.urgency(actions))
    return actions.loc[order.sort_values([*order.columns], kind="stable").index].reset_index(drop=True)


def dated(actions: pd.DataFrame, policy: Policy, today: pd.Timestamp) -> pd.DataFrame:
    """The actions with ``by``, ``day``, ``waiting``, ``overdue``, ``days_late``, ``now``, ``this_week``, ``ahead``.

    ``by`` is the day an action is owed on, the one it was postponed to, else ``due``; ``day`` the one to do it on: a
    visit's planned day, a matter's within the person's day (`visits.within_the_day`), else ``by``. ``waiting`` is what
    nobody has done yet, ``overdue`` what of it is past ``by``. ``now``, ``this_week`` and ``ahead`` are to be done on the
    next workday, today where it is one, by the week's last Sunday, and within the policy's days.
    """
    actions = _with_state(actions, today)
    by, waiting = actions["by"], actions["waiting"]
    _, sunday = workdays.this_week(today)
    late = workdays.workdays_between(by, today, policy.calendar).where(actions["overdue"], 0)
    actions = actions.assign(days_late=late)
    planned = actions["planned"].fillna(
        visits.within_the_day(actions[waiting & _asks_for_a_day(actions)], policy, today)
    )
    day = planned.fillna(by)
    return actions.assign(
        planned=planned,
        day=day,
        now=waiting & (day <= workdays.next_workday(pd.Series([today]), policy.calendar)[0]),
        this_week=day <= sunday,
        ahead=day <= today + pd.Timedelta(days=policy.plan.soon_days),
    )


def _with_state(actions: pd.DataFrame, today: pd.Timestamp) -> pd.DataFrame:
    by = actions["postponed_to"].fillna(actions["due"])
    waiting = (actions["status"] != tasks.DONE) & (actions["source"] != MARKED)
    return actions.assign(by=by, waiting=waiting, overdue=waiting & (by < today))


def _asks_for_a_day(actions: pd.DataFrame) -> pd.Series:
    """True for what takes a place in a person's day: neither a visit, which has its own, nor housekeeping."""
    return actions["planned"].isna() & (actions["kind"] != HOUSEKEEPING) & actions["by"].notna()


def _remedies(risks: pd.DataFrame, kind: str) -> pd.DataFrame:
    columns = {name: risks.get(name) for name in _TYPES} | {
        "source": risks["rule"],
        "action": risks["remedy"],
        "kind": kind,
    }
    return frames.made(columns, _TYPES, risks.index)


def _visits(view: View, found: pd.DataFrame) -> pd.DataFrame:
    """Every customer's next visit within the horizon, or of which the action list says something; not the silent's: theirs is the matter itself."""
    customers, decided = view.customers, tasks.decided(view.portfolio)
    silent = found.loc[found["rule"] == silent_customer.__name__, "customer_id"]
    there = customers["next_visit"].notna() & ~customers["customer_id"].isin(silent)
    soon = customers[["next_visit", "planned_visit"]].min(axis=1) <= _horizon(view)
    if len(decided):
        soon |= pd.Index(_visit_keys(customers)).isin(decided.index)
    due = customers[there & soon]
    due = due.assign(key=pd.array(_visit_keys(due), dtype="str"))
    due = due.rename(columns={"next_visit": "due", "planned_visit": "planned", "teams": "team"})
    facts = due[["cadence_days", "last_contact"]].set_axis(["cadence", "last"], axis=1)
    said = [
        sentences(view.words(f"matters.visit.{reason}"), facts[due["visit_for"] == reason], view.words)
        for reason in VISIT_FOR
    ]
    action = pd.concat(said).reindex(due.index).astype("str")
    found = due.assign(
        source=VISIT,
        kind=VISIT,
        level="none",
        action=action,
        money=due["amount"],
        subject=view.words("calendar.title.visit"),
    )
    return frames.in_full(found, _TYPES)


def reminded(risks: pd.DataFrame, view: View, sources: Collection[str] | None = None) -> pd.DataFrame:
    """The reminders as actions, but for those of a stranger and of a row that a matter is about already."""
    found, told = reminders.remind(view, sources), risks[matters.are_matters(risks)]
    there = pd.Index(view.customers["customer_id"]).get_indexer(found["customer_id"]) >= 0
    again = found["thing"].isin(told.loc[told["thing"] != "", "thing"])
    found = found[(found["customer_id"].isna() | there) & ~again].reset_index(drop=True)
    found["kind"] = found["source"].isin(reminders.HOUSEKEEPING).map({True: HOUSEKEEPING, False: DATE})
    found["key"] = pd.array(keys(found["customer_id"].fillna(""), found["source"], found["identity"]), dtype="str")
    found["manager"] = names(found["manager"])
    found = found.assign(
        level="none", **{name: beside(view.customers, name, found) for name in ("name", "computed_tier")}
    )
    return frames.in_full(found, _TYPES)


def _marked(asked: pd.Series, view: View) -> pd.DataFrame:
    """The marks whose action is not asked for: what a team added itself, and what once was asked for and is decided."""
    rows = tasks.without_action(view.portfolio, asked).rename(columns={"action_id": "key"})
    said = rows[["action", "due", "postponed_to"]].notna().any(axis=1)
    rows = rows[rows["own"] & said | (rows["status"] != tasks.OPEN) | rows["note"].notna()]
    if rows.empty:
        return frames.empty(_TYPES)
    rows = rows.assign(
        source=np.where(rows["own"], OWN, MARKED),
        kind=OWN,
        level="none",
        subject=view.words(f"calendar.title.{OWN}"),
        postponed_to=rows["postponed_to"].where(rows["status"] == tasks.POSTPONED),
        **{name: beside(view.customers, name, rows) for name in ("name", "computed_tier")},
    )
    rows["manager"] = names(rows["owner"]).fillna(beside(view.customers, "manager", rows))
    rows["owner"] = rows["manager"].fillna(beside(view.customers, "escalation", rows))
    return frames.in_full(rows, _TYPES)
