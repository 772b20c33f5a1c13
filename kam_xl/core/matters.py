"""What a person must deal with: each matter with its subject, its own deadline, who it is for and what is at stake (§11)."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from kam_xl.core import causes, frames, tasks, workdays
from kam_xl.core.customers import beside
from kam_xl.core.evidence import percent, sentences
from kam_xl.core.kinds import LEVELS, PLACES
from kam_xl.core.policy import Policy
from kam_xl.core.risk_view import View
from kam_xl.core.texts import names
from kam_xl.core.words import Words

MATTERS = tuple(frames.ASSESSMENT["matters"])


def told(view: View, found: pd.DataFrame, hits: causes.Hits) -> pd.DataFrame:
    """The findings with ``common``, true for what is told once, and their ``cause`` (`causes`); ``hits`` are all customers'."""
    if found.empty:
        return found.assign(common=pd.Series(dtype="bool"), cause=pd.Series(dtype="str"))
    common = causes.told_once(hits, view.of_all.customers, view.of_all.members, view.policy.matters)
    found = found.assign(common=causes.are_common(found, common, view.portfolio.members()))
    return found.assign(cause=causes.causes(found))


def finished(view: View, found: pd.DataFrame) -> pd.DataFrame:
    """Findings with key, cause and state as the risks of an assessment (`frames.ASSESSMENT`): whose, by when, how much.

    ``due`` is the day typed in the action list, else the deadline of the matter itself, the workday before where that is
    none; without one it is so many days after it was first seen, the workday after, as it was promised: a workbook alone
    knows no earlier nights but by its action list. ``manager`` is the person who deals with it: typed in the action list, named
    by the record, else the customer's manager, else the team's; ``owner`` names the tier's role where there is none.
    """
    calendar, today = view.policy.calendar, view.today
    typed = tasks.decided(view.portfolio).reindex(found["key"]).set_axis(found.index)
    promised = found["due"].where(found["promised"], typed["proposed_due"]).fillna(found["due"])
    given = workdays.next_workday(promised, calendar)
    own = workdays.last_workday(found["deadline"].dt.normalize(), calendar)
    due = typed["due"].fillna(own).fillna(given)
    passed = found["passed"].astype(bool) & typed["due"].isna()
    late = (due < today) | passed
    manager = _manager(view, found, typed["owner"])
    days_late = workdays.workdays_between(due, today, calendar).clip(lower=0).where(late, 0)
    role = beside(view.customers, "escalation", found)
    at_once = (found["level"] == LEVELS[0]) & (found["computed_tier"] == view.policy.tier_keys[0])
    escalated = at_once | (days_late > view.policy.matters.escalate_days)
    return found.assign(
        due=due,
        late=late,
        days_late=days_late,
        manager=manager,
        owner=manager.fillna(role),
        escalated_to=role.where(escalated),
        money=found["money"].fillna(beside(view.customers, "amount", found)),
    )


def _manager(view: View, found: pd.DataFrame, typed: pd.Series) -> pd.Series:
    """The person who deals with each finding, by the order of handbook §11; unknown where nobody is named anywhere."""
    of_team = view.of_all.managers
    teams = view.portfolio.members().assign(lead=lambda rows: rows["team"].map(of_team))
    of_customer = teams.dropna().drop_duplicates("customer_id").set_index("customer_id")["lead"]
    people = (
        typed,
        found["person"],
        beside(view.customers, "manager", found),
        found["team"].map(of_team),
        found["customer_id"].map(of_customer),
    )
    manager = pd.Series(None, index=found.index, dtype="str")
    for person in people:
        manager = manager.fillna(person.astype("str"))
    return names(manager)


def are_matters(risks: pd.DataFrame) -> pd.Series:
    """True for the risks that are matters themselves."""
    return risks["cause"].notna() & (risks["cause"] == risks["key"])


def rooted(risks: pd.DataFrame) -> pd.DataFrame:
    """The matters among some risks, each with the worst level of what belongs to it."""
    worst = risks["level"].map(PLACES).groupby(risks["cause"]).transform("min").map(dict(enumerate(LEVELS)))
    own = are_matters(risks)
    return risks[own].assign(level=worst[own].astype("str"))


def high(risks: pd.DataFrame) -> pd.DataFrame:
    """The matters of the highest level: what puts a customer at high risk, be it by what follows from one."""
    rows = rooted(risks)
    return rows[rows["level"] == LEVELS[0]]


def listed(risks: pd.DataFrame, policy: Policy, words: Words) -> pd.DataFrame:
    """The matters (`frames.ASSESSMENT`), in their order: severity, then money, then days overdue.

    Each has the worst level of what belongs to it, and says its ``consequences``.
    """
    rows = rooted(risks)
    titles = {key: rule.title(words.lang) for key, rule in policy.rules.items()}
    behind = risks[risks["cause"].notna() & ~are_matters(risks)]
    behind = behind.loc[behind["level"].map(PLACES).sort_values(kind="stable").index]
    behind = behind.assign(title=behind["rule"].map(titles)).drop_duplicates(["cause", "title"])
    said = behind.groupby("cause")["title"].agg(words("terms.list_separator").join)
    rows = rows.assign(consequences=rows["key"].map(said).astype("str"))
    return frames.typed(in_order(rows), frames.ASSESSMENT["matters"])


def in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """By severity, then money, then days overdue, then customer and key so that the order is stable."""
    order = urgency(rows).join(rows[["customer_id", "key"]])
    return rows.loc[order.sort_values([*order.columns], kind="stable").index].reset_index(drop=True)


def urgency(rows: pd.DataFrame) -> pd.DataFrame:
    """What rows with level, money and days_late are ordered by, the most pressing lowest: height, money, late (§11)."""
    height = rows["level"].map(PLACES).fillna(len(PLACES))
    return pd.DataFrame({"height": height, "money": -rows["money"].fillna(-1), "late": -rows["days_late"]})


_NAMED = 3  # customers of a common cause to begin with


def _largest(risks: pd.DataFrame, common: pd.DataFrame, view: View) -> pd.Series:
    """The customers of each common cause at whom most money is at stake, to begin with: their names, the largest first."""
    hits = risks[["customer_id", "name", "rule", "money"]].drop_duplicates(["customer_id", "rule"])
    hits = hits.assign(name=hits["name"].fillna(hits["customer_id"]))
    each = common[["rule", "team"]].reset_index().merge(hits, on="rule")
    served = pd.MultiIndex.from_frame(view.portfolio.members()[["customer_id", "team"]])
    own = each["team"].isna() | pd.MultiIndex.from_frame(each[["customer_id", "team"]]).isin(served)
    each = each[own].sort_values(["money", "customer_id"], ascending=[False, True], na_position="last")
    return each.groupby("index").head(_NAMED).groupby("index")["name"].agg(view.words("terms.list_separator").join)


class _Told(NamedTuple):
    """What is said of a common cause: its title, the likely reason as a template, its kind and level."""

    title: str
    reason: str
    kind: str
    level: str


def _told(view: View, source: str) -> _Told:
    """Of a risk rule by the policy, of a reminder by the words."""
    rule = view.policy.rules.get(source)
    if rule is None:
        return _Told(
            view.words(f"calendar.title.{source}"), view.words(f"matters.reason.{source}"), "housekeeping", "none"
        )
    lang = view.words.lang
    return _Told(rule.title(lang), rule.common(lang), rule.kind, rule.severity)


def common(view: View, found: pd.DataFrame) -> pd.DataFrame:
    """What is told once (`frames.ASSESSMENT`), of most customers first and housekeeping last.

    Each says how many are hit, the likely reason, and at whom to begin. ``found`` are the risks, and reminders as
    findings (`reminders.upkeep`).
    """
    rows = causes.first_causes(causes.common(found, view.portfolio.members(), view.policy.matters))
    rows = rows.reset_index(drop=True)
    said = {source: _told(view, source) for source in rows["rule"].unique()}
    reasons = [sentences(told.reason, rows[rows["rule"] == source], view.words) for source, told in said.items()]
    facts = rows.assign(title=rows["rule"].map({source: told.title for source, told in said.items()}))
    facts["portion"] = percent(facts["share"])
    whole = rows["team"].isna()
    subject = sentences(view.words("matters.common"), facts, view.words)
    subject = subject.mask(whole, sentences(view.words("matters.common_to_all"), facts, view.words))
    director = view.policy.tiers[0].owner(view.words.lang)
    rows = rows.assign(
        kind=rows["rule"].map({source: told.kind for source, told in said.items()}),
        level=rows["rule"].map({source: told.level for source, told in said.items()}),
        subject=subject,
        reason=pd.concat(reasons).astype("str") if reasons else "",
        begin_with=_largest(found, rows, view),
        owner=rows["team"].map(view.of_all.managers).astype("str").fillna(director),
    )
    rows = rows.assign(kept=rows["kind"] == "housekeeping")
    by = ["kept", "customers", "rule", "team"]
    rows = rows.sort_values(by, ascending=[True, False, True, True], ignore_index=True)
    return frames.in_full(rows, frames.ASSESSMENT["common"])
