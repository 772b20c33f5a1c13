"""Which findings say one thing: what follows from what, and what so many customers share that it is told once (handbook §11)."""

from __future__ import annotations

import functools
from collections.abc import Collection, Sequence
from typing import NamedTuple

import pandas as pd

from kam_xl.core import frames
from kam_xl.core.kinds import PLACES
from kam_xl.core.sections import Matters

#: Rule → the rules it follows from at the same customer, the likeliest first: the late complaint makes the health red and
#: explains the satisfaction. No rule follows from itself by any way.
FOLLOWS: dict[str, tuple[str, ...]] = {
    "satisfaction_low": ("case_past_limit", "repeated_problem"),
    "nps_detractor": ("case_past_limit", "repeated_problem", "satisfaction_low"),
    "single_threaded": ("key_contact_left",),
    "order_overdue": ("silent_customer",),
    "year_fell": ("order_overdue",),
    "health_red": (
        "case_past_limit", "silent_customer", "repeated_problem", "satisfaction_low", "nps_detractor", "strategy_overdue",
        "order_overdue", "year_fell", "amount_fell",
    ),
}  # fmt: skip
_PAIRS = pd.DataFrame(
    [(rule, cause, place) for rule, causes in FOLLOWS.items() for place, cause in enumerate(causes)],
    columns=["rule", "cause", "place"],
)
#: A finding about the row of a sheet is the matter before what is only said of the row's words.
_SAID_OF = ("problem_without_improvement", "warning_words")
#: As many steps as the longest way through `FOLLOWS`, and the one from a row's finding to the matter it belongs to.
_STEPS = 4
_COMMON = {name: frames.ASSESSMENT["common"][name] for name in ("rule", "team", "count", "customers", "of", "share",
                                                                "oldest", "newest")}  # fmt: skip


class Hits(NamedTuple):
    """How many findings of each rule there are, of how many customers, and from when to when; of all, and by team."""

    whole: pd.DataFrame  # rule → count, customers, oldest, newest
    teams: pd.DataFrame  # rule and team → the same


def hits(found: pd.DataFrame, members: pd.DataFrame) -> Hits:
    """What was found of some customers; ``found`` has customer_id, rule, happened, ``members`` a row a team and customer."""
    each = found[["customer_id", "rule", "happened"]]
    if each.empty:
        return _no_hits()
    return Hits(_counted(each, ["rule"]), _counted(each.merge(members, on="customer_id"), ["rule", "team"]))


@functools.cache
def _no_hits() -> Hits:
    none = frames.empty(frames.text("customer_id rule team") | frames.day("happened"))
    return Hits(_counted(none, ["rule"]), _counted(none, ["rule", "team"]))


def total(parts: Sequence[Hits]) -> Hits:
    """What was found of all parts of the customers together."""
    if len(parts) == 1:
        return parts[0]
    how = {"count": "sum", "customers": "sum", "oldest": "min", "newest": "max"}
    return Hits(*(pd.concat(some).groupby(level=some[0].index.names).agg(how) for some in zip(*parts, strict=True)))


def as_told(told: Collection[tuple[str, str]], customers: int, members: pd.Series) -> Hits:
    """Hits of which just these are told once: rule and team, of all customers where none is named; see `told_once`."""
    of_all = {rule: customers * (team == "") for rule, team in sorted(told)}
    of_teams = {(rule, team): int(members.get(team, 0)) for rule, team in sorted(told) if team}
    by_team = pd.MultiIndex.from_tuples(list(of_teams), names=["rule", "team"]) if of_teams else _no_hits().teams.index
    return Hits(
        _as_many(list(of_all.values()), pd.Index(list(of_all), name="rule")), _as_many(list(of_teams.values()), by_team)
    )


def _as_many(customers: list[int], by: pd.Index) -> pd.DataFrame:
    """So many findings of so many customers, nobody knows from when to when."""
    whole = pd.DataFrame({"count": customers, "oldest": pd.NaT, "newest": pd.NaT, "customers": customers}, by)
    return whole.astype({"count": "int64", "customers": "int64", "oldest": "datetime64[s]", "newest": "datetime64[s]"})


def common(found: pd.DataFrame, members: pd.DataFrame, policy: Matters) -> pd.DataFrame:
    """What is told once (`told_once`) of findings of all customers; ``members`` is one row a team and customer."""
    of = members["customer_id"].nunique()
    return told_once(hits(found, members), of, members.groupby("team").size(), policy)


def told_once(hits: Hits, customers: int, members: pd.Series, policy: Matters) -> pd.DataFrame:
    """What is told once (`_COMMON`): the rules that hit the policy's share of all ``customers``, or of one team's.

    ``members`` is how many customers each team serves; of a team that serves none nothing is told. The team is unknown where
    the cause is common to all; then it is told of no team.
    """
    if not (hits.whole["customers"] >= policy.common_at_least).any():
        return frames.empty(_COMMON)
    whole = hits.whole.reset_index().assign(of=customers)
    whole = whole.assign(team=pd.Series(None, whole.index, dtype="str"))
    whole = whole[_are_common(whole, policy)]
    teams = hits.teams.reset_index()
    teams = teams[~teams["rule"].isin(whole["rule"]) & teams["team"].isin(members.index)]
    teams = teams.assign(of=teams["team"].map(members).astype("int64"))
    told = pd.concat([whole, teams[_are_common(teams, policy)]], ignore_index=True)
    return frames.in_full(told.assign(share=told["customers"] / told["of"]), _COMMON)


def first_causes(told: pd.DataFrame) -> pd.DataFrame:
    """What is common, without what follows from something else that is common to the same customers."""
    after = told[["rule", "team"]].reset_index().merge(_PAIRS, on="rule")
    causes = told[["rule", "team"]].rename(columns={"rule": "cause", "team": "scope"})
    both = after.merge(causes, on="cause")
    same = both["scope"].isna() | (both["scope"] == both["team"])
    return told[~told.index.isin(both.loc[same, "index"])]


def _counted(found: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """How many findings and customers each has, and from when to when they are."""
    each = found.groupby(by)
    days = each["happened"]
    customers = each["customer_id"].nunique(dropna=False)
    return pd.DataFrame({"count": each.size(), "oldest": days.min(), "newest": days.max(), "customers": customers})


def _are_common(counted: pd.DataFrame, policy: Matters) -> pd.Series:
    share = (counted["customers"] / counted["of"]).round(9)
    return (counted["customers"] >= policy.common_at_least) & (share >= policy.common_share)


def are_common(found: pd.DataFrame, told: pd.DataFrame, members: pd.DataFrame) -> pd.Series:
    """True for the findings that are told once: of a rule common to all, or to every team that serves the customer.

    So is what follows from nothing else at the customer.
    """
    if told.empty:
        return pd.Series(False, found.index)
    common = _of_common_rules(found, told, members)
    sides = found[["customer_id", "rule"]].assign(common=common).rename(columns={"rule": "cause"})
    after = (
        found[["customer_id", "rule"]].reset_index().merge(_PAIRS, on="rule").merge(sides, on=["customer_id", "cause"])
    )
    only = after.groupby("index")["common"].all()
    return common | only.reindex(found.index, fill_value=False).astype(bool)


def _of_common_rules(found: pd.DataFrame, told: pd.DataFrame, members: pd.DataFrame) -> pd.Series:
    everywhere = found["rule"].isin(told.loc[told["team"].isna(), "rule"])
    of_teams = told.loc[told["team"].notna(), ["rule", "team"]]
    some = found.loc[found["rule"].isin(of_teams["rule"]), ["customer_id", "rule"]]
    if some.empty:
        return everywhere
    each = some.drop_duplicates().merge(members, on="customer_id")
    each = each.merge(of_teams.assign(told=True), on=["rule", "team"], how="left")
    untold = each.loc[each["told"].isna(), ["customer_id", "rule"]].drop_duplicates().assign(untold=True)
    told_to_all = some.merge(untold, on=["customer_id", "rule"], how="left")["untold"].isna().set_axis(some.index)
    told_to_all &= some["customer_id"].isin(members["customer_id"])
    return everywhere | told_to_all.reindex(found.index, fill_value=False)


def causes(found: pd.DataFrame) -> pd.Series:
    """The key of the matter each finding belongs to, its own where it is one; unknown where it makes none.

    ``found`` has key, customer_id, rule, level, thing, happened, kind and common. Housekeeping and what is common make no
    matter. What several rules say of one row is one matter, the worst; then `FOLLOWS` says what follows from what, but
    nothing from what happened after it.
    """
    makes = found[(found["kind"] != "housekeeping") & ~found["common"]]
    makes = makes.assign(
        height=makes["level"].map(PLACES),
        said=makes["rule"].isin(_SAID_OF),
        after=makes["rule"].map({rule: place for place, rule in enumerate(FOLLOWS)}).fillna(-1),
    )
    makes = makes.sort_values(["height", "said", "after"], kind="stable")
    thing = makes["thing"].where(makes["thing"] != "", makes["key"])
    root = makes.groupby([makes["customer_id"], thing])["key"].transform("first")
    roots = makes[makes["key"] == root]
    if not roots["rule"].isin(FOLLOWS).any():
        return root.astype("str").reindex(found.index)
    above = roots[["customer_id", "rule", "key", "height", "happened"]]
    above = above.set_axis(["customer_id", "cause", "of", "above", "before"], axis=1)
    after = roots[["customer_id", "rule", "key", "happened"]].merge(_PAIRS, on="rule")
    after = after.merge(above, on=["customer_id", "cause"])
    after = after[~(after["happened"].dt.normalize() < after["before"].dt.normalize())]
    first = after.sort_values(["above", "place"], kind="stable").drop_duplicates("key").set_index("key")["of"]
    for _ in range(_STEPS):
        root = root.map(first).astype("str").fillna(root)
    return root.reindex(found.index)
