"""The calendar of visits: every customer's next visit on a workday its manager still has room for (handbook §8)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kam_xl.core import frames, matters, workdays
from kam_xl.core.policy import Policy
from kam_xl.core.sections import Calendar
from kam_xl.core.words import Words

VISITS = ("customer_id", "name", "computed_tier", "manager", "team", "due", "planned", "visit_for", "shift", "agenda",
          "this_week", "ahead")  # fmt: skip
UTILISATION = ("manager", "team", "week", "planned", "capacity", "share", "this_week", "ahead")
#: How the planned day lies to the day the visit is due. ``full``: no free workday was left up to that day.
SHIFTS = ("none", "earlier", "overdue", "full", "postponed")
_PAIRS = 20_000  # rows: a visit beside another of the same person
_ASKED = ("who", "next_visit", "computed_tier", "cadence_days", "agreed")
_DAY = np.timedelta64(1, "D")
_SPARE = 21  # days beyond what a full plan takes: the longest run of days off, and more


def spread(customers: pd.DataFrame, agreed: pd.Series, policy: Policy, today: pd.Timestamp) -> pd.Series:
    """The day each customer's next visit is planned for, so that no manager has more visits a day than the policy's.

    ``customers`` have customer_id, who (whose calendar), next_visit (the due day), computed_tier, cadence_days;
    ``agreed`` is the day a visit was postponed to, where it was. A visit may come earlier than due by a share of its
    cadence, as little as possible and never before today (to the workday before where the due day is off, in any case);
    it is later only when no workday is free up to its due day.
    Overdue visits choose first, then the higher tiers, then who is due earlier. A manager with more visits than
    the longest cadence has room for gets more on every day, and the utilisation says so. Unknown where the due day is.
    """
    rows = customers[customers["next_visit"].notna()]
    if rows.empty:
        return _on_no_day(customers)
    agreed = agreed[rows.index].where(agreed[rows.index] >= today)
    longest = today + pd.Timedelta(days=max(tier.cadence_days for tier in policy.tiers))
    days = _workdays(today, max(rows["next_visit"].max(), agreed.max(), longest), policy.calendar)
    jobs = _jobs(rows, agreed, days, policy, today).sort_values(
        ["who", "free", "on_time", "tier", "due", "customer_id"]
    )
    return _placed(jobs, days, policy.plan.visits_per_day).reindex(customers.index)


def by_customer(asked: pd.DataFrame, policy: Policy, today: pd.Timestamp) -> pd.Series:
    """The day of each visit by ID, `spread` as `planning.visits_asked` asks for it."""
    return spread(asked, asked["agreed"], policy, today).set_axis(asked["customer_id"])


def among(asked: pd.DataFrame, others: pd.DataFrame, days: pd.Series, policy: Policy, today: pd.Timestamp) -> pd.Series:
    """The day of each customer's visit by ID where the visits of all others are asked for as ``others`` says, its own as ``asked`` does.

    Both as `planning.visits_asked`; ``days`` are those of all ``others`` together (`by_customer`). Where so many were asked
    for otherwise that to place one after the other would cost more than the night, they are placed at once.
    """
    before = others.set_index("customer_id")[list(_ASKED)].reindex(asked["customer_id"])
    other = frames.differ(asked[list(_ASKED)], before.set_axis(asked.index)).any(axis=1)
    alone = asked[other & asked["next_visit"].notna()]
    beside = others[others["next_visit"].notna() & others["who"].isin(alone["who"])]
    counts = beside["who"].fillna("").value_counts()
    pairs = alone["who"].fillna("").map(counts).sum()
    each = _one_by_one(alone, beside) if pairs <= _PAIRS else _at_once(alone, beside)
    found = spread(each, each["agreed"], policy, today)[: len(alone)].set_axis(alone["customer_id"])
    same = days.reindex(asked.loc[~other, "customer_id"])
    return pd.concat([found, same]).reindex(asked["customer_id"])


def _one_by_one(alone: pd.DataFrame, beside: pd.DataFrame) -> pd.DataFrame:
    """Each visit first, then for each the others of its person, as if of somebody of its own."""
    paired = beside.merge(alone[["customer_id", "who"]], on="who", suffixes=("", "_of"))
    paired = paired[paired["customer_id"] != paired["customer_id_of"]].assign(who=lambda rows: rows["customer_id_of"])
    return pd.concat([alone.assign(who=alone["customer_id"]), paired[list(alone)]], ignore_index=True)


def _at_once(alone: pd.DataFrame, beside: pd.DataFrame) -> pd.DataFrame:
    """All these visits together, then the others of their persons."""
    others = beside[~beside["customer_id"].isin(alone["customer_id"])]
    return pd.concat([alone, others[list(alone)]], ignore_index=True)


def _placed(jobs: pd.DataFrame, days: np.ndarray, capacity: int) -> pd.Series:
    """The day of each job; the jobs stand by who does them, each one's in the order in which they choose."""
    starts = np.flatnonzero(np.diff(jobs["who"], prepend=-1))
    choices = jobs[["on_time", "first", "last", "fixed"]].to_numpy("int64")
    seats = [_seats(mine, len(days), capacity) for mine in np.split(choices, starts[1:])]
    return pd.Series(days[np.concatenate(seats)].astype("datetime64[s]"), index=jobs.index)


def _workdays(today: pd.Timestamp, last: pd.Timestamp, calendar: Calendar) -> np.ndarray:
    """The workdays from today to the first one not before ``last``."""
    end = workdays.next_workday(pd.Series([last]), calendar)[0]
    every = pd.Series(pd.date_range(today, end, unit="s"))
    return every[workdays.is_workday(every, calendar)].to_numpy("datetime64[D]")


def _jobs(rows: pd.DataFrame, agreed: pd.Series, days: np.ndarray, policy: Policy, today: pd.Timestamp) -> pd.DataFrame:
    """One row a visit in places of ``days``: the first and last place of its window, the agreed one or -1."""
    due = rows["next_visit"].to_numpy("datetime64[D]")
    early = np.floor(rows["cadence_days"].fillna(0).to_numpy() * policy.plan.early_share).astype("int64")
    tiers = {key: rank for rank, key in enumerate(policy.tier_keys)}
    last = np.searchsorted(days, due, side="right") - 1
    fixed = np.searchsorted(days, agreed.fillna(today).to_numpy("datetime64[D]"))
    return pd.DataFrame(
        {
            "who": pd.factorize(rows["who"], sort=True, use_na_sentinel=False)[0],
            "free": agreed.isna(),  # a day agreed on is taken first
            "on_time": ~(due < today.to_datetime64()),
            "tier": rows["computed_tier"].map(tiers).fillna(len(tiers)),
            "due": due,
            "customer_id": rows["customer_id"],
            "first": np.minimum(np.searchsorted(days, due - early * _DAY), np.maximum(last, 0)),
            "last": last,
            "fixed": np.where(agreed.notna(), fixed, -1),
        }
    )


def _seats(choices: np.ndarray, days: int, capacity: int) -> np.ndarray:
    """The place of each of one manager's visits (on_time, first, last, fixed), in the order in which they choose.

    A loop, for each choice depends on all before it; the two tables of pointers make a choice nearly constant work.
    """
    room = [max(capacity, -(-len(choices) // days))] * days
    before, after = list(range(days + 1)), list(range(days + 1))  # places count from 1 in ``before``: 0 is none
    found = np.empty(len(choices), dtype="int64")
    for number, (on_time, first, last, fixed) in enumerate(choices.tolist()):
        place = fixed if fixed >= 0 else _free(before, after, days, on_time=on_time, first=first, last=last)
        found[number] = place
        room[place] -= 1
        if room[place] == 0:
            before[place + 1], after[place] = place, place + 1
    return found


def _free(before: list[int], after: list[int], days: int, *, on_time: bool, first: int, last: int) -> int:
    """An overdue visit's first free place; another's last free one in its window, else the first after it, else any."""
    if on_time and (place := _end(before, last + 1) - 1) >= first:
        return place
    place = _end(after, max(last, 0) if on_time else 0)
    return place if place < days else _end(before, days) - 1


def _end(pointers: list[int], place: int) -> int:
    """Where a chain of pointers ends; the chain is shortened on the way."""
    while pointers[place] != place:
        pointers[place] = pointers[pointers[place]]
        place = pointers[place]
    return place


def within_the_day(actions: pd.DataFrame, policy: Policy, today: pd.Timestamp) -> pd.Series:
    """The day to do each action on, so that no person has more a day than the policy's (§11); beside the actions.

    They have owner, by, overdue, level, money, days_late and key. What is overdue is done first, the most pressing of it
    at once; the rest on its day, or before where that is full, and later only where no workday is left.
    """
    if actions.empty:
        return _on_no_day(actions)
    most = actions.groupby("owner", dropna=False).size().max()
    room = today + pd.Timedelta(days=2 * int(most) // policy.matters.per_day + _SPARE)
    days = _workdays(today, max(actions["by"].max(), room), policy.calendar)
    last = np.searchsorted(days, actions["by"].to_numpy("datetime64[D]"), side="right") - 1
    jobs = pd.DataFrame(
        {
            "who": pd.factorize(actions["owner"], sort=True, use_na_sentinel=False)[0],
            "on_time": ~actions["overdue"],
            "first": 0,
            "last": np.maximum(last, 0),
            "fixed": -1,
            "key": actions["key"],
        },
        index=actions.index,
    )
    urgency = matters.urgency(actions)
    jobs = jobs.join(urgency).sort_values(["who", "on_time", *urgency, "key"])
    return _placed(jobs, days, policy.matters.per_day).reindex(actions.index)


def _on_no_day(rows: pd.DataFrame) -> pd.Series:
    return pd.Series(np.datetime64("NaT"), index=rows.index, dtype="datetime64[s]")


def calendar(customers: pd.DataFrame, agenda: pd.Series, policy: Policy, today: pd.Timestamp) -> pd.DataFrame:
    """One row a planned visit (`VISITS`), earliest first; ``agenda`` by customer ID, ``shift`` one of `SHIFTS`."""
    rows = customers[customers["planned_visit"].notna()].rename(
        columns={"next_visit": "due", "planned_visit": "planned", "teams": "team"}
    )
    shift = np.select(
        [rows["visit_agreed"], rows["due"] < today, rows["planned"] > rows["due"], rows["planned"] < rows["due"]],
        ["postponed", "overdue", "full", "earlier"],
        "none",
    )
    _, sunday = workdays.this_week(today)
    rows = rows.assign(
        agenda=rows["customer_id"].map(agenda).astype("str"),
        shift=pd.array(shift, dtype="str"),
        this_week=rows["planned"] <= sunday,
        ahead=rows["planned"] <= today + pd.Timedelta(days=policy.plan.soon_days),
    )
    return rows.sort_values(["planned", "customer_id"], ignore_index=True)[list(VISITS)]


def agenda(risks: pd.DataFrame, deals: pd.DataFrame, words: Words) -> pd.Series:
    """What to talk about, by customer ID: the customer's own matters, worst first, then ``deals`` (their ``item``).

    Internal matters and housekeeping are no topics (§11).
    """
    own = risks[risks["kind"] == "customer"]
    items = own[["customer_id"]].assign(item=own["subject"])
    items = pd.concat([items, deals[["customer_id", "item"]]]).drop_duplicates()
    return items.groupby("customer_id", sort=False)["item"].agg(words("terms.list_separator").join)


def utilisation(visits: pd.DataFrame, policy: Policy, today: pd.Timestamp) -> pd.DataFrame:
    """Planned visits against capacity, a row a manager and ISO week with visits (`UTILISATION`); share may exceed 1.

    Capacity counts the workdays that are left of the week. Visits that nobody is named for count for their team.
    """
    weeks = visits.assign(team=visits["team"].where(visits["manager"].isna()), week=workdays.week(visits["planned"]))
    planned = weeks.groupby(["manager", "team", "week"], dropna=False, as_index=False).size()
    last = pd.concat([visits["planned"], pd.Series([today])]).max()
    worked = workdays.week(pd.Series(_workdays(today, last + 6 * _DAY, policy.calendar)))
    table = planned.rename(columns={"size": "planned"})
    table["capacity"] = table["week"].map(worked.value_counts()).astype("float64") * policy.plan.visits_per_day
    table["share"] = table["planned"] / table["capacity"]
    now = workdays.week(pd.Series(workdays.this_week(today)))
    near = workdays.week(pd.Series([today, today + pd.Timedelta(days=policy.plan.soon_days)]))
    table = table.assign(this_week=table["week"].isin(now), ahead=table["week"].isin(near))
    return table.sort_values(["week", "manager", "team"], ignore_index=True)[list(UTILISATION)]
