"""Laws of who does what today (handbook §11), over everything that an assessment found: each names the rows that break it."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from kam_xl.core import planning, tasks, workdays
from kam_xl.core.assessment import Assessment
from kam_xl.core.kinds import LEVELS

Broken = list[tuple]


def _off(assessed: Assessment, frame: pd.DataFrame, *columns: str) -> Broken:
    """The rows with a day off in one of some columns, but for what a person typed a day for."""
    typed = tasks.decided(assessed.portfolio)
    typed = typed.index[typed["due"].notna() | typed["postponed_to"].notna()]
    frame = frame[~frame["key"].isin(typed) & ~frame["source"].isin((planning.OWN, planning.MARKED))]
    days = frame[["key", "source", *columns]].melt(["key", "source"]).dropna(subset="value")
    free = days[~workdays.is_workday(days["value"], assessed.policy.calendar)]
    return list(free.itertuples(index=False, name=None))


def days_off(assessed: Assessment) -> Broken:
    """A deadline, or a day to act on, that is no workday."""
    matters = assessed.matters.rename(columns={"rule": "source"})
    return _off(assessed, matters, "due") + _off(assessed, assessed.actions, "due", "by", "day")


def undone(assessed: Assessment) -> Broken:
    """A matter that nobody is asked to do anything about, or on no day."""
    day = assessed.actions.set_index("key")["day"]
    days = assessed.matters["key"].map(day)
    return list(assessed.matters[days.isna()][["customer_id", "rule"]].itertuples(index=False, name=None))


def visits_off(assessed: Assessment) -> Broken:
    """A visit planned for a day off, or later than one its due day would ask for."""
    calendar = assessed.policy.calendar
    visits = assessed.visits
    free = ~workdays.is_workday(visits["planned"], calendar)
    return list(visits[free][["customer_id", "planned"]].itertuples(index=False, name=None))


def said_twice(assessed: Assessment) -> Broken:
    """Two matters of one customer with the same subject and evidence; two lines that tell one person the same."""
    matters = assessed.matters
    again = matters[matters.duplicated(["customer_id", "subject", "evidence"])]
    lines = assessed.actions
    lines = lines[
        lines.duplicated(["customer_id", "team", "subject", "evidence", "action", "due"])
        | lines.duplicated(["key", "customer_id"])
    ]
    return [
        *zip(again["customer_id"], again["subject"], strict=True),
        *zip(lines["key"], lines["subject"], strict=True),
    ]


def without_owner(assessed: Assessment) -> Broken:
    """A matter that is nobody's, or the role's though a person is known to serve the customer."""
    matters = assessed.matters
    served = matters["customer_id"].map(assessed.customers.set_index("customer_id")["manager"])
    bad = (matters["owner"].fillna("") == "") | (matters["manager"].isna() & served.notna())
    bad |= matters["manager"].notna() & (matters["manager"] != matters["owner"])
    return list(matters[bad][["customer_id", "rule", "owner"]].itertuples(index=False, name=None))


def green_in_danger(assessed: Assessment) -> Broken:
    """A customer with a high matter whose health is green; or whose level is not that of its worst matter."""
    worst = assessed.matters["level"].map(LEVELS.index).groupby(assessed.matters["customer_id"]).min()
    customers = assessed.customers.set_index("customer_id")
    height = worst.reindex(customers.index)
    level = height.map(dict(enumerate(LEVELS))).astype("str").fillna("none")
    bad = ((height == 0) & (customers["health_colour"] == "green")) | (level != customers["level"])
    return list(customers[bad][["level", "health_colour"]].itertuples(name=None))


def internal_topics(assessed: Assessment) -> Broken:
    """A visit's agenda with what is no topic for a customer."""
    risks = assessed.risks
    topics = set(risks.loc[risks["kind"] == "customer", "subject"])
    inside = risks[(risks["kind"] != "customer") & ~risks["subject"].isin(topics)]
    subjects = inside.groupby("customer_id")["subject"].agg(set)
    agendas = assessed.visits.dropna(subset="agenda").set_index("customer_id")["agenda"]
    return [
        (customer, subject)
        for customer, agenda in agendas.items()
        for subject in subjects.get(customer, ())
        if subject in agenda
    ]


def overfull_days(assessed: Assessment) -> Broken:
    """A person's day with more matters or visits than the policy's, not counting the days that were agreed on."""
    policy, actions = assessed.policy, assessed.actions
    waiting = actions[actions["waiting"] & actions["postponed_to"].isna() & actions["day"].notna()]
    visit = waiting["kind"] == planning.VISIT
    asked = waiting[~visit & (waiting["kind"] != planning.HOUSEKEEPING)].groupby(["owner", "day"]).size()
    agreed = assessed.customers.loc[assessed.customers["visit_agreed"], "customer_id"]
    visits = assessed.visits[~assessed.visits["customer_id"].isin(agreed)]
    who = visits["manager"].fillna(visits["team"])
    visited = visits.groupby([who, visits["planned"]]).size()
    found = [*asked[asked > policy.matters.per_day].items(), *visited[visited > policy.plan.visits_per_day].items()]
    return [(*place, count) for place, count in found]


def out_of_order(assessed: Assessment) -> Broken:
    """Matters that do not stand by severity, then money, then days overdue."""
    rows = [
        (LEVELS.index(row.level), -row.money if pd.notna(row.money) else 1.0, -row.days_late)
        for row in assessed.matters.itertuples()
    ]
    return [(place, row) for place, (row, right) in enumerate(zip(rows, sorted(rows), strict=True)) if row != right]


#: What must hold of every assessment → the rows where it does not.
LAWS: tuple[Callable[[Assessment], Broken], ...] = (
    days_off, undone, visits_off, said_twice, without_owner, green_in_danger, internal_topics, overfull_days, out_of_order,
)  # fmt: skip


def moved(before: Assessment, after: Assessment) -> set[str]:
    """The customers with a matter that is new or worse after a night, by its state and by comparison with the night before."""
    height = before.matters.set_index("key")["level"].map(LEVELS.index)
    matters = after.matters
    known = matters["key"].map(height)
    worse = known.isna() | (matters["level"].map(LEVELS.index) < known)
    return set(matters.loc[worse | matters["state"].isin(("new", "worse")), "customer_id"])
