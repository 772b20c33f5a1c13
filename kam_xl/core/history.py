"""What changed between two nights, and what of tonight is kept to compare with (handbook §4, §10)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Protocol

import numpy as np
import pandas as pd

from kam_xl.core import deals, frames, health, kept_moves, risk_states, versions, waiting
from kam_xl.core.kinds import LEVELS
from kam_xl.core.policy import Policy
from kam_xl.core.portfolio import Portfolio
from kam_xl.core.privacy import masked
from kam_xl.core.risk_view import half_read
from kam_xl.core.sections import STAGES

#: What got worse comes first.
CHANGES = ("tier_down", "risk_up", "health_down", "lost", "silent", "unread", "gone", "new", "tier_up", "risk_down",
           "health_up")  # fmt: skip
COLUMNS = ("customer_id", "name", "change", "before", "after")
SLIPS = ("silent", "lost")  # stages of life that are news when a customer slips into them
#: Columns of the customers → their names in a snapshot, as every version has written them.
KEPT = {
    "customer_id": "customer_id",
    "name": "name",
    "computed_tier": "tier",
    "score": "score",
    "level": "level",
    "risk_score": "risk_score",
    "amount": "amount",
    "value": "value",
    "potential": "potential",
    "demand": "demand",
    "team_count": "team_count",
    "teams": "teams",
    "amount_parts": "amount_parts",
}
TEXTS = ("customer_id", "name", "tier", "level", "teams")  # of these; the others are numbers
#: What later versions keep besides, under the customers' own names; unknown in older snapshots.
LATER = {
    **dict.fromkeys(
        ("health", "health_coverage", "satisfaction", "nps", "product_count", "open_cases", "freshness"), "float64"
    ),
    **dict.fromkeys(("health_colour", "lifecycle"), "str"),
    **dict.fromkeys(("last_deal", "last_contact", "next_visit"), "datetime64[s]"),
}
#: Made for the snapshot: renewals, the highest amount remembered and its day, the risks as `risk_states.as_text`, the
#: last day on which all of the customer's teams were read, the policy that counted (`Policy.fingerprint`), what of
#: all customers was told once, the same in each row (rule and team, as JSON), what waits of the customer (`waiting`), what
#: moved of it that night (`kept_moves`), and since which day: unknown in each row where nobody could compare.
MADE = {
    **dict.fromkeys(("renewals_open", "renewals_won", "renewals_lost", "renewal_amount", "amount_high"), "float64"),
    **dict.fromkeys(("next_renewal", "amount_high_on", "whole_on", "moved_since"), "datetime64[s]"),
    **dict.fromkeys(("risks", "policy", "common", "moves"), "str"),
    **dict.fromkeys(waiting.COUNTS, "float64"),
}
#: Every column → its kind.
_KINDS = {
    **dict.fromkeys(KEPT.values(), "float64"), **dict.fromkeys(TEXTS, "str"),
    **LATER, **MADE, "on": "datetime64[s]",
}  # fmt: skip
#: Of a customer only some of whose teams could be read: what they do not know in full stays as it was known.
AS_KNOWN = ("amount", "team_count", "amount_parts", "whole_on", "tier", "score", "level", "health", "health_coverage",
            "health_colour", "lifecycle")  # fmt: skip


class Assessed(Protocol):
    """Whatever has customers, risks and what they were found in, the moment, and the snapshot compared with."""

    @property
    def portfolio(self) -> Portfolio:
        """The rows of all sheets."""

    @property
    def policy(self) -> Policy:
        """The policy it was judged by."""

    @property
    def customers(self) -> pd.DataFrame:
        """One row a customer."""

    @property
    def risks(self) -> pd.DataFrame:
        """One row a risk."""

    @property
    def told_once(self) -> tuple[tuple[str, str], ...]:
        """What of all customers is told once: rule and team."""

    @property
    def counts(self) -> pd.DataFrame | None:
        """What waits of each customer (`waiting.counted`)."""

    @property
    def moves(self) -> pd.DataFrame:
        """One row a figure of a customer that is another one than the night before."""

    @property
    def move_parts(self) -> pd.DataFrame:
        """What each factor has to do with it."""

    @property
    def against(self) -> dt.datetime | None:
        """The moment of the night before; None where nobody compared."""

    @property
    def closed(self) -> pd.DataFrame:
        """One row a risk of the last run that is none any more."""

    @property
    def today(self) -> dt.date:
        """The day that counts."""

    @property
    def past(self) -> pd.DataFrame | None:
        """The snapshot compared with; None on the first night."""


def snapshot(assessment: Assessed) -> pd.DataFrame:
    """One row a customer, no contacts, no typed texts: `KEPT`, `LATER`, `MADE`, and ``on``, the day.

    The assessment is the one that is shown `outside`: names of customers and teams stand in it without phone numbers.
    Customers of a workbook that could not be read stay as they were known, for the policy's ``unread_days``: the night
    it is readable again nothing about them is new.
    """
    today = pd.Timestamp(assessment.today)
    kept = assessment.customers.reindex(columns=[*KEPT, *LATER]).rename(columns=KEPT)
    kept = kept.join(_renewals(assessment.portfolio.renewals, today), on="customer_id")
    texts = risk_states.as_text(pd.concat([assessment.risks, _kept_risks(assessment)]))
    counts = None if assessment.counts is None else assessment.counts.reindex(kept["customer_id"]).fillna(0.0)
    waits = {name: np.nan if counts is None else counts[name].to_numpy() for name in waiting.COUNTS}
    kept = kept.assign(risks=kept["customer_id"].map(texts), whole_on=today, on=today, **waits)
    past = assessment.past
    if past is not None:
        kept = _with_unread(kept, complete(past), assessment, today)
        kept = kept.assign(**_high(kept, past, assessment.policy.risk.amount_fell.remember_days, today))
    moved = kept_moves.as_texts(assessment.moves, assessment.move_parts)
    since = None if assessment.against is None else pd.Timestamp(assessment.against).normalize()
    kept = kept.assign(moves=kept["customer_id"].map(moved), moved_since=pd.Series(since, kept.index, "datetime64[s]"))
    common = [(rule, masked(team)) for rule, team in assessment.told_once]
    return complete(kept.assign(policy=assessment.policy.fingerprint, common=json.dumps(common, ensure_ascii=False)))


#: What a night came to as later nights rest on it: its customers by ID, what was told once.
Came = tuple[pd.DataFrame, frozenset[tuple[str, str]]]


def whole(snapshot: pd.DataFrame) -> Came | None:
    """What a night came to, of its snapshot; None where that does not say all: an older one, or some team was not read."""
    if not {"common", *waiting.COUNTS} <= {*snapshot.columns} or snapshot.empty:
        return None
    told, counted = snapshot["common"].iloc[0], snapshot[list(waiting.COUNTS)].notna().all(axis=None)
    if not (isinstance(told, str) and counted) or (snapshot["whole_on"] != snapshot["on"]).any():
        return None
    customers = snapshot.rename(columns={"tier": "computed_tier"}).set_index("customer_id")
    return customers, frozenset((rule, team) for rule, team in json.loads(told))


def rules_of(came: pd.DataFrame, customer_ids: Collection[str]) -> frozenset[str]:
    """Which rules hit any of some customers on the night that they came to (`Came`)."""
    return frozenset(risk_states.remembered(came[came.index.isin(customer_ids)].reset_index())["rule"])


def known(found: pd.DataFrame, made: dt.date) -> pd.DataFrame:
    """What a file of the history made on a day holds, as a snapshot (`complete`); `ValueError` where it is none of ours.

    Whoever put it there: columns of another kind, a customer twice or without an ID, another day, risks that cannot be
    read would each stop the nights that compare with it.
    """
    _refuse_foreign(found, made, KEPT.values())
    snapshot = complete(found.reset_index(drop=True))
    risk_states.remembered(snapshot)
    return snapshot


def in_part(found: pd.DataFrame, made: dt.date, columns: Sequence[str]) -> pd.DataFrame:
    """Some columns of a file of the history, unknown where it did not keep them; `ValueError` where it is none of ours."""
    _refuse_foreign(found, made, set(columns) & set(KEPT.values()))
    some = found.reset_index(drop=True).reindex(columns=[*columns])
    some = some.astype({name: _KINDS[name] for name in columns})
    return some.assign(whole_on=some["whole_on"].fillna(some["on"])) if "whole_on" in columns else some


def _refuse_foreign(found: pd.DataFrame, made: dt.date, needed: Iterable[str]) -> None:
    if not {*needed, "on"} <= {*found.columns}:
        raise ValueError("a column is missing")
    for name in {*found.columns} & _KINDS.keys():
        if not (found[name].isna().all() or _IS[_KINDS[name]](found[name])):
            raise ValueError(f"{name} is of another kind")
    ids, on = found["customer_id"], found["on"]
    if ids.isna().any() or (ids == "").any() or ids.duplicated().any():
        raise ValueError("a customer is there twice or has no ID")
    if len(found) and (on.isna().any() or on.max().date() != made):
        raise ValueError("it is of another day")


def _finite(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and bool(np.isfinite(column.dropna().to_numpy("float64")).all())


def _days(column: pd.Series) -> bool:
    return pd.api.types.is_datetime64_dtype(column) and bool(column.dropna().between(*_EVER).all())


_EVER = (pd.Timestamp("1900-01-01"), pd.Timestamp("2200-01-01"))
_IS: dict[str, Callable[[pd.Series], bool]] = {
    "str": pd.api.types.is_string_dtype, "float64": _finite, "datetime64[s]": _days,
}  # fmt: skip


def complete(snapshot: pd.DataFrame) -> pd.DataFrame:
    """A snapshot of any version with every column of this one; what it did not keep is unknown.

    Names of customers and teams are masked, as older versions did in part only.
    """
    kinds = LATER | MADE
    others = {name: kind for name, kind in kinds.items() if name not in snapshot or snapshot[name].dtype != kind}
    snapshot = snapshot.assign(**frames.in_full(snapshot, others))
    on, amount = snapshot["on"].astype("datetime64[s]"), snapshot["amount"].astype("float64")
    order = {name: None for name in (*KEPT.values(), *LATER, *MADE, "on") if name in snapshot}
    return snapshot[[*(order | dict.fromkeys(snapshot))]].assign(
        **{name: _masked(snapshot[name]) for name in ("name", "teams") if name in snapshot},
        whole_on=snapshot["whole_on"].fillna(on),
        amount_high=snapshot["amount_high"].fillna(amount),
        amount_high_on=snapshot["amount_high_on"].fillna(on.where(amount.notna())),
    )


def _masked(texts: pd.Series) -> pd.Series:
    """Names masked, each looked at once: hardly any is another then."""
    hidden = {text: shown for text in texts.dropna().unique().tolist() if (shown := masked(text)) != text}
    return texts.map(lambda text: hidden.get(text, text)).astype(texts.dtype) if hidden else texts


def _kept_risks(assessment: Assessed) -> pd.DataFrame:
    """Risks of the night before that tonight's workbooks can neither confirm nor deny: they stay as they were known."""
    known = risk_states.remembered(assessment.past)
    settled = pd.Index(pd.concat([assessment.risks["key"], assessment.closed["key"]]))
    here = pd.Index(assessment.customers["customer_id"])
    on = [key for key, rule in assessment.policy.rules.items() if rule.enabled]
    stays = (settled.get_indexer(known["key"]) < 0) & (here.get_indexer(known["customer_id"]) >= 0)
    return known[stays & known["rule"].isin(on).to_numpy()]


def _with_unread(kept: pd.DataFrame, past: pd.DataFrame, assessment: Assessed, today: pd.Timestamp) -> pd.DataFrame:
    """Tonight's rows, and last night's of customers of whom nothing could be read; shared ones keep the unread team."""
    unread = unread_of(past, assessment.portfolio.sources)
    if not unread:
        return kept
    fresh = today - past["whole_on"] <= pd.Timedelta(days=assessment.policy.history.unread_days)
    lost = past[fresh & _of_teams(past["teams"], unread)].set_index("customer_id")
    half = kept["customer_id"].isin(lost.index)
    before = lost.reindex(kept.loc[half, "customer_id"])
    both = [
        "、".join(sorted({*now.split("、"), *(unread & {*then.split("、")})}))
        for now, then in zip(kept.loc[half, "teams"], before["teams"], strict=True)
    ]
    for name in AS_KNOWN:
        kept.loc[half, name] = before[name].to_numpy()
    kept.loc[half, "teams"] = both
    absent = lost[~lost.index.isin(kept["customer_id"])].reset_index()
    return pd.concat([kept, absent], ignore_index=True)[list(kept)]


def _high(kept: pd.DataFrame, past: pd.DataFrame, days: int, today: pd.Timestamp) -> dict[str, pd.Series]:
    """The highest amount and its day, so that a fall is not forgotten the night after.

    It is remembered for some days, and given up when a team or its figure no longer counts towards the amount.
    """
    known = complete(past).set_index("customer_id").reindex(kept["customer_id"]).set_axis(kept.index)
    fewer = (kept["team_count"] < known["team_count"]) | (kept["amount_parts"] < known["amount_parts"])
    holds = (today - known["amount_high_on"] <= pd.Timedelta(days=days)) & ~fewer
    stays = holds & ~(kept["amount"] >= known["amount_high"])
    on = kept["on"].where(kept["amount"].notna())
    return {
        "amount_high": known["amount_high"].where(stays, kept["amount"]),
        "amount_high_on": known["amount_high_on"].where(stays, on),
    }


def _renewals(renewals: pd.DataFrame, today: pd.Timestamp) -> pd.DataFrame:
    """By customer, its contracts open, won and lost, what the open ones amount to (万元), and the next date."""
    rows = renewals[renewals["kind"].eq("renewal").fillna(False) & renewals["customer_id"].notna()]
    stage = rows["stage"].astype("str")
    open_ = deals.is_open(stage)
    table = pd.DataFrame(
        {
            "renewals_open": open_.astype("float64"),
            "renewals_won": stage.eq("won").astype("float64"),
            "renewals_lost": stage.eq("lost").astype("float64"),
        }
    )
    by_customer = table.groupby(rows["customer_id"]).sum()
    ahead = rows["renewal_date"].where(open_ & (rows["renewal_date"] >= today))
    return by_customer.assign(
        renewal_amount=rows["amount"].where(open_).groupby(rows["customer_id"]).sum(min_count=1),
        next_renewal=ahead.groupby(rows["customer_id"]).min(),
    )


def day_of(past: pd.DataFrame) -> dt.date:
    """The day of a snapshot."""
    return past["on"].max().date()


def compared_day(rhythm: str, today: dt.date, policy: Policy) -> dt.date:
    """The day whose snapshot, or the newest before it, a page of a rhythm compares with (§9: weekly, monthly …)."""
    back: dict[str, pd.Timedelta | pd.DateOffset] = {
        "weekly": pd.Timedelta(days=7),
        "monthly": pd.DateOffset(months=1),
        "quarterly": pd.Timedelta(days=policy.targets.quarter_days),
        "half_yearly": pd.Timedelta(days=policy.targets.half_days),
    }
    return (pd.Timestamp(today) - back[rhythm]).date()


def changes(
    now: pd.DataFrame, past: pd.DataFrame | None, policy: Policy, unread: frozenset[str] = frozenset()
) -> pd.DataFrame:
    """What is different from the snapshot before (`COLUMNS`), by `CHANGES`, then customer; nothing when there is none.

    A tier or level that was or is unknown has not changed. ``before`` and ``after`` are tier or level keys. A customer
    of a team in ``unread``, whose workbook could not be read tonight, is not gone but unread, or, where another team of theirs was read, as known: nothing of theirs has moved.
    """
    if past is None:
        return in_order(pd.DataFrame(columns=list(COLUMNS)))
    compared = ["customer_id", "name", "tier", "level", "health_colour", "lifecycle"]
    tonight = now.rename(columns={"computed_tier": "tier"}).reindex(columns=compared)
    last_night = past.reindex(columns=[*compared, "teams"])
    both = tonight.merge(last_night, on="customer_id", how="outer", suffixes=("", "_before"), indicator="seen")
    both["name"] = both["name"].fillna(both["name_before"].astype("str"))  # who is gone has a name of last night only
    whole = both[~both["customer_id"].isin(half_read(past, unread))]
    found = [
        _moved(whole, "tier", [*reversed(policy.tier_keys)], up="tier_up", down="tier_down"),
        _moved(whole, "level", ["none", *reversed(LEVELS)], up="risk_up", down="risk_down"),
        _moved(whole, "health_colour", health.COLOURS, up="health_up", down="health_down"),
        _slipped(whole),
        both[both["seen"] == "left_only"].assign(change="new", before=np.nan, after=np.nan),
        _absent(both[both["seen"] == "right_only"], unread),
    ]
    return in_order(pd.concat(found))


def read_teams(sources: pd.DataFrame) -> frozenset[str]:
    """The teams that have a usable workbook among the files of tonight, and none of orders that is not, by their names in a snapshot."""
    half_read = sources.loc[sources["orders"] & (sources["outcome"] == "quarantined"), "team"]
    read = sources.loc[sources["outcome"].isin(["used", *versions.OUTCOMES]), "team"]
    return frozenset(map(masked, read)) - frozenset(map(masked, half_read))


def unread_teams(past: pd.DataFrame | None, read: frozenset[str]) -> frozenset[str]:
    """The teams of the snapshot before that are not whole tonight (`read_teams`): damaged, locked, or no longer there."""
    if past is None:
        return frozenset()
    return frozenset(team for teams in past["teams"].dropna().unique() for team in teams.split("、")) - read


def unread_of(past: pd.DataFrame | None, sources: pd.DataFrame) -> frozenset[str]:
    """The teams of the snapshot before that are not whole among the files of tonight (`unread_teams`)."""
    return unread_teams(past, read_teams(sources))


def age(written: dt.datetime, today: dt.date, policy: Policy) -> tuple[int, bool]:
    """How many days ago a master was written, and whether that is told to be old (`History.old_days`)."""
    days = (today - written.date()).days
    return days, days >= policy.history.old_days


def _absent(rows: pd.DataFrame, unread: frozenset[str]) -> pd.DataFrame:
    lost = _of_teams(rows["teams"], unread)
    return rows.assign(change=np.where(lost, "unread", "gone"), before=np.nan, after=np.nan)


def _of_teams(teams: pd.Series, some: frozenset[str]) -> pd.Series:
    """True where one of a customer's teams is among some."""
    return teams.fillna("").str.split("、").map(lambda names: not some.isdisjoint(names)).astype(bool)


def _slipped(both: pd.DataFrame) -> pd.DataFrame:
    """The customers who fell silent or were lost since the night before."""
    before, after = both["lifecycle_before"], both["lifecycle"]
    order = {stage: place for place, stage in enumerate(STAGES)}
    moved = both.assign(change=after, before=before, after=after)
    return moved[after.isin(SLIPS) & (after.map(order).astype("float64") > before.map(order).astype("float64"))]


def _moved(both: pd.DataFrame, column: str, order: Sequence[str], *, up: str, down: str) -> pd.DataFrame:
    """The customers whose place in ``order`` (lowest first) is known on both nights and differs."""
    before, after = both[f"{column}_before"], both[column]
    height = {key: place for place, key in enumerate(order)}
    step = after.map(height).astype("float64") - before.map(height).astype("float64")
    moved = both.assign(change=np.where(step > 0, up, down), before=before, after=after)
    return moved[step.notna() & (step != 0)]


def in_order(found: pd.DataFrame) -> pd.DataFrame:
    """Changes by their kind (`CHANGES`), then customer."""
    worst_first = found["change"].map({change: place for place, change in enumerate(CHANGES)})
    found = found.assign(order=worst_first).sort_values(["order", "customer_id"], ignore_index=True)
    return found[list(COLUMNS)].astype("str")
