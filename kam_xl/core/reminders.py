"""What falls due by itself: trials, renewals, re-evaluations, birthdays, silent tracking rows, root causes (§8).

Each reminder is a frame of customer_id, due, source, identity, action and team, and maybe manager or owner where these
are not the customer's. ``identity`` is what the reminder is about, in no language and without a birthday: it names the
action for good.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np
import pandas as pd

from kam_xl.core import deals, frames, strategies, workdays
from kam_xl.core.customers import beside
from kam_xl.core.evidence import sentences, short
from kam_xl.core.policy import Policy
from kam_xl.core.portfolio import EVALUATED, Portfolio
from kam_xl.core.risk_view import View, identity, row_of
from kam_xl.core.words import Words

COLUMNS = ("customer_id", "due", "source", "identity", "subject", "thing", "action", "team", "manager", "owner")
_KINDS = frames.text(" ".join(COLUMNS)) | frames.day("due")
_NOTHING = frames.empty(_KINDS)
#: What a reminder may leave unsaid.
_MAYBE = ("manager", "owner", "thing")
#: The reminders that ask for the upkeep of a workbook (handbook §11).
HOUSEKEEPING = ("tracking_stale", "reevaluation")
_LEAP_DAY = 29


def remind(view: View, sources: Collection[str] | None = None) -> pd.DataFrame:
    """Every reminder that is due soon, or those of some sources, each within its own days of the policy (`COLUMNS`)."""

    def tried(source: str, rule: Callable[[View], pd.DataFrame]) -> pd.DataFrame:
        return view.failures.attempt("action", source, lambda: _columns(source, rule(view)), _NOTHING)

    asked = REMINDERS if sources is None else {source: REMINDERS[source] for source in sources}
    found = [tried(source, rule) for source, rule in asked.items()]
    return pd.concat([rows for rows in found if len(rows)] or [_NOTHING], ignore_index=True)


def upkeep(view: View) -> pd.DataFrame:
    """The reminders of housekeeping as findings: customer_id, name, rule, happened (the day they were due) and money."""
    found = remind(view, HOUSEKEEPING)
    names = {name: beside(view.customers, name, found) for name in ("name", "amount")}
    found = found.assign(rule=found["source"], happened=found["due"], name=names["name"], money=names["amount"])
    known = pd.Index(view.customers["customer_id"]).get_indexer(found["customer_id"]) >= 0
    return found.loc[known, ["customer_id", "name", "rule", "happened", "money"]].reset_index(drop=True)


def _columns(source: str, found: pd.DataFrame) -> pd.DataFrame:
    if found.empty:
        return _NOTHING
    known = {name: found[name] for name in _KINDS if name not in _MAYBE and name != "source"}
    return frames.made({name: found.get(name) for name in _MAYBE} | known | {"source": source}, _KINDS, found.index)


def deals_due(portfolio: Portfolio, policy: Policy, today: pd.Timestamp) -> pd.DataFrame:
    """The open trials and renewals whose reminder has come (`deals.finished`)."""
    rows = deals.finished(portfolio.renewals, policy, today)
    return rows[rows["due"]]


def trial(view: View) -> pd.DataFrame:
    """A trial ends within the policy's days."""
    rows = deals_due(view.portfolio, view.policy, view.today)
    rows = rows[rows["kind"] == "trial"]
    return _deal(view, "trial", rows, rows["ends"], rows["product"], rows["ends"])


def renewal(view: View) -> pd.DataFrame:
    """A renewal is 90, 60 or 30 days away: each step is to be done by the time the next begins, the last by its day."""
    rows = deals_due(view.portfolio, view.policy, view.today)
    rows = rows[rows["kind"] == "renewal"]
    steps = view.policy.plan.renewal_days
    next_step = rows["step"].map(dict(zip(steps, (*steps[1:], 0), strict=True))).astype("float64")
    due = rows["ends"] - pd.to_timedelta(next_step, unit="D")
    return _deal(view, "renewal", rows, due, rows["product"], rows["ends"], rows["step"].astype("str"))


def _deal(view: View, source: str, rows: pd.DataFrame, due: pd.Series, *parts: pd.Series) -> pd.DataFrame:
    """A reminder of a row of the renewals: it is for whom the row names."""
    about = _about(view, source, rows, due, *parts, subject=short(rows["product"]))
    return about.assign(thing=row_of(rows, "renewals"), manager=rows["owner"])


def birthday(view: View) -> pd.DataFrame:
    """A key contact who has not left has a birthday within the policy's days; neither day nor person is told.

    It is due on the Monday of its week, or today: a birthday is nobody's to read outside the contacts sheet (§10).
    """
    rows = view.portfolio.contacts
    rows = rows[rows["birthday"].notna() & ~rows["left"].fillna(False).astype(bool)]
    if rows.empty:
        return _NOTHING
    day = _next(rows["birthday"], view.today)
    rows = rows.assign(day=day, person=_person(rows, view.words))[_soon(day, view)]
    monday = (rows["day"] - pd.to_timedelta(rows["day"].dt.day_of_week, unit="D")).clip(lower=view.today)
    year = rows["day"].dt.year.astype("str")
    return _about(view, "birthday", rows, monday, rows["name"], year, subject=rows["person"])


def anniversary(view: View) -> pd.DataFrame:
    """Full years of cooperation with a customer of a close tier are reached within the policy's days."""
    rows = view.customers[view.customers["computed_tier"].isin(view.policy.plan.close_tiers)]
    rows = rows[rows["since"].notna()]
    if rows.empty:
        return _NOTHING
    due = _next(rows["since"], view.today)
    years = (due.dt.year - rows["since"].dt.year).astype("float64")
    rows = rows.assign(due=due, years=years, team=rows["teams"])[_soon(due, view) & (years > 0)]
    return _about(view, "anniversary", rows, rows["due"], rows["due"].dt.year.astype("str"))


def reevaluation(view: View) -> pd.DataFrame:
    """The evaluation that decides gets out of date within the list's horizon; once it has, the risk rule speaks."""
    months, rows = view.policy.risk.evaluation_stale.months, view.evaluations[view.evaluations["current"]]
    rows = rows[~view.portfolio.may_have_more(rows["customer_id"], *EVALUATED)]
    due = rows["evaluated_on"] + pd.DateOffset(months=months)
    horizon = view.today + pd.Timedelta(days=view.policy.action_horizon_days)
    rows = rows.assign(months=float(months), due=due)[(view.today <= due) & (due <= horizon)]
    return _about(view, "reevaluation", rows, rows["due"], rows["evaluated_on"])


def tracking_stale(view: View) -> pd.DataFrame:
    """A strategy under way was not updated for the policy's days; who tracks it is asked."""
    rows = view.portfolio.tracking
    rows = rows[strategies.are_open(rows["status"]) & ~(rows["start"] > view.today)]
    due = rows["tracked_on"] + pd.Timedelta(days=view.policy.plan.tracking_days)
    rows = rows.assign(due=due, days=(view.today - rows["tracked_on"]).dt.days)[due <= view.today]
    about = _about(
        view,
        "tracking_stale",
        rows.assign(strategy=short(rows["strategy"])),
        rows["due"],
        rows["strategy"],
        rows["tracked_on"],
        subject=short(rows["strategy"]),
    )
    return about.assign(manager=rows["tracker"])


def root_cause(view: View) -> pd.DataFrame:
    """A problem repeats across customers (S1); one customer's repeats are the risk rule's, unless that is switched off.

    One analysis a category and half-year: the cases in the window change from day to day, the cause does not.
    """
    rows = view.repeats
    across = rows["customer_id"].isna()
    rows = rows[across | (not view.policy.risk.repeated_problem.enabled)]
    if rows.empty:
        return _NOTHING
    across = across[rows.index]
    half = rows["last"].dt.year.astype("str") + "H" + ((rows["last"].dt.month + 5) // 6).astype("str")
    due = rows["last"].dt.normalize() + pd.Timedelta(days=view.policy.plan.root_cause_days)
    rows = rows.assign(days=float(view.policy.service.repeat_days))
    about = _about(view, "root_cause", rows, due, rows["category"], half, subject=short(rows["category"]))
    action = about["action"].where(~across, sentences(view.words("plan.root_cause_across"), rows, view.words))
    owner = pd.Series(view.policy.plan.root_cause_owner(view.words.lang), index=rows.index, dtype="str")
    return about.assign(action=action, owner=owner.where(across))


def _about(
    view: View, source: str, rows: pd.DataFrame, due: pd.Series, *parts: pd.Series, subject: pd.Series | None = None
) -> pd.DataFrame:
    """Reminders that ``rows`` give, told apart by ``parts``; the sentence of ``source`` names their columns.

    A date on which somebody should act is a workday: the one before, or today's next.
    """
    if rows.empty:
        return _NOTHING
    title = view.words(f"calendar.title.{source}")
    about = pd.Series("", index=rows.index, dtype="str") if subject is None else subject.fillna("")
    named = sentences(view.words("matters.subject"), pd.DataFrame({"title": title, "about": about}), view.words)
    return pd.DataFrame(
        {
            "customer_id": rows["customer_id"],
            "due": workdays.last_workday(due, view.policy.calendar),
            "identity": identity(*parts),
            "subject": named.mask(about == "", title),
            "action": sentences(view.words(f"plan.{source}"), rows, view.words),
            "team": rows["team"],
        }
    )


def _person(contacts: pd.DataFrame, words: Words) -> pd.Series:
    """A contact by role and title, as ``采购·采购总监``; never by name."""
    roles = contacts["role"].map(
        {key: words(f"terms.contacts.role.{key}") for key in contacts["role"].dropna().unique()}
    )
    title = contacts["title"]
    both = roles.astype("str") + "·" + title
    return both.fillna(title).fillna(roles.astype("str"))


def _soon(due: pd.Series, view: View) -> pd.Series:
    return due <= view.today + pd.Timedelta(days=view.policy.plan.birthday_days)


def _next(day: pd.Series, today: pd.Timestamp) -> pd.Series:
    """When a day of the year comes next, today included; 29 February falls on the 28th in a common year."""
    this_year = _in_year(day, np.full(len(day), today.year))
    return this_year.where(this_year >= today, _in_year(day, np.full(len(day), today.year + 1)))


def _in_year(day: pd.Series, year: np.ndarray) -> pd.Series:
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    last = (day.dt.month == 2) & (day.dt.day == _LEAP_DAY) & ~leap
    parts = {"year": year, "month": day.dt.month, "day": day.dt.day - last}
    return pd.to_datetime(pd.DataFrame(parts, index=day.index)).astype("datetime64[s]")


#: Source of an action → the reminder that makes it.
REMINDERS: dict[str, Callable[[View], pd.DataFrame]] = {
    rule.__name__: rule for rule in (trial, renewal, birthday, anniversary, reevaluation, tracking_stale, root_cause)
}
