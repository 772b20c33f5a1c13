"""What pages show of the accounts: what waits for whom, each customer's most pressing matter, what is owed.

Every page counts what it counts here, so that a figure has one meaning. What somebody has marked as done waits no more.
"""

from __future__ import annotations

import pandas as pd

from kam_xl.core import history, planning
from kam_xl.core.assessment import Assessment
from kam_xl.core.kinds import LEVELS
from kam_xl.core.privacy import masked

NEWS = ("new", "worse")  # states of a risk that nobody has been told of yet
VERSIONS = ("undecided", "superseded")  # outcomes of workbooks of which another version counts
_ASKED = ("status", "by", "day", "note", "overdue", "now", "this_week", "waiting")


def matters(assessment: Assessment) -> pd.DataFrame:
    """The matters that wait, in their order, with `person` and with what the action list says of each (`_ASKED`).

    One that falls due beyond the horizon of the list is on no day yet.
    """
    found = assessment.matters.join(assessment.actions.set_index("key")[list(_ASKED)], on="key")
    found = found.assign(
        by=found["by"].fillna(found["due"]),
        overdue=found["overdue"].fillna(found["late"]).astype(bool),
        **{name: found[name].fillna(name == "waiting").astype(bool) for name in ("now", "this_week", "waiting")},
    )
    late = found["days_late"].where(found["overdue"], 0)
    found = found.assign(days_late=late, source=found["rule"], person=person(found, assessment))
    return found[found["waiting"]].reset_index(drop=True)


def person(rows: pd.DataFrame, assessment: Assessment) -> pd.Series:
    """Whose each row is; those of nobody stand together under what nobody is called."""
    return rows["manager"].fillna(assessment.words("calendar.nobody")).astype("str")


def waiting(assessment: Assessment) -> pd.DataFrame:
    """The actions that nobody has done yet, with their `person`."""
    rows = assessment.actions[assessment.actions["waiting"]]
    return rows.assign(person=person(rows, assessment))


def to_do(assessment: Assessment) -> pd.DataFrame:
    """What waits besides visits and upkeep, with `person`: matters in their order, then dates and teams' own lines."""
    rows = waiting(assessment)
    others = rows[rows["kind"].isin([planning.DATE, planning.OWN])]
    found = matters(assessment).rename(columns={"remedy": "action"}).assign(kind=planning.MATTER)
    return pd.concat([found, others], ignore_index=True)


def of_kind(assessment: Assessment, kind: str) -> pd.DataFrame:
    """What waits of one kind of action, with its place in a workbook where a risk knows it."""
    rows = waiting(assessment)
    places = assessment.risks.drop_duplicates("key").set_index("key")[["book", "sheet", "cell"]]
    return rows[rows["kind"] == kind].join(places, on="key").reset_index(drop=True)


def housekeeping(assessment: Assessment) -> pd.DataFrame:
    """What asks for the upkeep of workbooks, keeper by keeper."""
    rows = of_kind(assessment, planning.HOUSEKEEPING)
    return rows.sort_values(["person", "by", "key"], ignore_index=True)


def visits(assessment: Assessment) -> pd.DataFrame:
    """The visits planned for this week, earliest first."""
    rows = assessment.visits[assessment.visits["this_week"]]
    return rows.assign(person=person(rows, assessment)).reset_index(drop=True)


def accounts(assessment: Assessment) -> pd.DataFrame:
    """One row a customer with a matter: its most pressing one, and how many ``more`` there are; in the matters' order."""
    found = matters(assessment)
    more = found.groupby("customer_id")["key"].transform("size") - 1
    return found.assign(more=more).drop_duplicates("customer_id", ignore_index=True)


def largest_visits(assessment: Assessment) -> pd.DataFrame:
    """The visits of this week as things to do, those to the customers with most money first."""
    rows = of_kind(assessment, planning.VISIT)
    rows = rows[rows["this_week"]].assign(more=0)
    return rows.sort_values(["money", "customer_id"], ascending=[False, True], ignore_index=True)


def at_high_risk(assessment: Assessment) -> pd.DataFrame:
    """The customers at high risk, each with its most pressing matter where one waits, those with most money first."""
    found = accounts(assessment).drop(columns=["name", "computed_tier", "level", "manager"])
    high = assessment.customers[assessment.customers["level"] == LEVELS[0]]
    known = ["customer_id", "name", "computed_tier", "level", "manager", "amount", "health_colour"]
    rows = high[known].merge(found, on="customer_id", how="left")
    rows = rows.assign(overdue=rows["overdue"].eq(True))
    return rows.sort_values(["amount", "customer_id"], ascending=[False, True], ignore_index=True)


def owed(assessment: Assessment) -> pd.DataFrame:
    """The open cases, past their limit first, then the next to be due."""
    rows = assessment.cases[assessment.cases["open"]]
    return rows.sort_values(["late", "by", "customer_id"], ascending=[False, True, True], ignore_index=True)


def people(assessment: Assessment) -> pd.DataFrame:
    """One row a person for whom anything waits: matters, what of them is overdue, visits of the week, upkeep.

    Who has most overdue comes first.
    """
    rows, found = waiting(assessment), matters(assessment)
    counts = pd.DataFrame(
        {
            "matters": found.groupby("person").size(),
            "overdue": found.groupby("person")["overdue"].sum(),
            "visits": visits(assessment).groupby("person").size(),
            "any": rows.groupby("person").size(),
            "upkeep": rows[rows["kind"] == planning.HOUSEKEEPING].groupby("person").size(),
        }
    )
    counts = counts.drop(columns="any").fillna(0).astype("int64").rename_axis("person").reset_index()
    return counts.sort_values(["overdue", "matters", "person"], ascending=[False, False, True], ignore_index=True)


def left_out(assessment: Assessment) -> pd.DataFrame:
    """The workbooks that could not be used."""
    return assessment.portfolio.sources[assessment.portfolio.sources["outcome"] == "quarantined"]


def absent(assessment: Assessment) -> list[str]:
    """The teams that an earlier night knew and of which there is no file tonight, not even one that could not be used."""
    if assessment.comparable:
        return []
    sources = assessment.portfolio.sources
    unread = history.unread_of(assessment.past, sources)
    return sorted(unread - {masked(team) for team in sources["team"]})


def worst_teams(assessment: Assessment) -> pd.DataFrame:
    """The teams, those with most customers at high risk first."""
    worst_first = ["high_risk", "medium_risk", "customers"]
    return assessment.teams.sort_values(worst_first, ascending=False, kind="stable", ignore_index=True)
