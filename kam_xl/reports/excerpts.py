"""What an HTML page shows of the accounts, short: health by tier, what is owed, this week by manager, what is measured.

The frames stay small whatever the portfolio: a page counts the rest and names the master's sheet.
"""

from __future__ import annotations

import pandas as pd

from kam_xl.core import health, indicators
from kam_xl.core.assessment import Assessment
from kam_xl.core.sections import STAGES
from kam_xl.showing.telling import by_tier, rank

NEWS = ("new", "worse")  # states of a risk that nobody has been told of yet
COLOURS = (*health.COLOURS, "unknown")


def health_by_tier(assessment: Assessment) -> pd.DataFrame:
    """Customers by tier (rows, highest first; without a tier last) and colour of health (`COLOURS`)."""
    return by_tier(assessment, assessment.customers["health_colour"].fillna("unknown"), COLOURS)


def red(assessment: Assessment) -> pd.DataFrame:
    """The customers of red health, the highest tiers first, in each the least healthy."""
    found = assessment.customers[assessment.customers["health_colour"] == "red"]
    keyed = found.assign(_tier=rank(found["computed_tier"], assessment.policy.tier_keys))
    return keyed.sort_values(["_tier", "health", "customer_id"], ignore_index=True)


def lifecycle(assessment: Assessment) -> dict[str, int]:
    """How many customers are in each stage of life; a stage that nobody is in is left out."""
    counts = assessment.customers["lifecycle"].value_counts()
    return {stage: int(counts[stage]) for stage in STAGES if stage in counts}


def owed(assessment: Assessment) -> pd.DataFrame:
    """The open cases, past their limit first, then the next to be due."""
    rows = assessment.cases[assessment.cases["open"]]
    return rows.sort_values(["late", "by", "customer_id"], ascending=[False, True, True], ignore_index=True)


def by_manager(assessment: Assessment) -> pd.DataFrame:
    """One row for everybody who has something to do this week: who, visits, capacity, share, overdue, due.

    Where no manager is named the team stands for one. Those with most overdue actions come first.
    """
    load = assessment.utilisation[assessment.utilisation["this_week"]]
    visits = load.assign(who=load["manager"].fillna(load["team"])).groupby("who")[["planned", "capacity"]].sum()
    actions = assessment.actions[assessment.actions["waiting"]]
    due = ~actions["overdue"] & actions["this_week"]
    who = actions["manager"].fillna(actions["team"])
    counts = pd.DataFrame({"overdue": actions["overdue"], "due": due}).groupby(who).sum()
    found = visits.join(counts, how="outer")
    found = found.assign(share=found["planned"] / found["capacity"]).fillna({"planned": 0, "overdue": 0, "due": 0})
    found = found[(found[["planned", "overdue", "due"]] > 0).any(axis=1)].rename_axis("who").reset_index()
    found = found.astype(dict.fromkeys(("planned", "overdue", "due"), "int64"))
    return found.sort_values(
        ["overdue", "share", "due", "who"], ascending=[False, False, False, True], ignore_index=True
    )


def measured(assessment: Assessment) -> pd.DataFrame:
    """The indicators of all teams together that have data: name, actual and target in words, and the verdict."""
    found = assessment.kpis[assessment.kpis["team"].isna() & (assessment.kpis["verdict"] != "none")]
    names = {key: assessment.words(f"kpi.name.{key}") for key in found["indicator"]}
    texts = {
        name: [indicators.figure(assessment.words, *row) for row in zip(found["unit"], found[name], strict=True)]
        for name in ("actual", "target")
    }
    return found.assign(name=found["indicator"].map(names), **texts)


def unmeasured(assessment: Assessment) -> dict[str, list[str]]:
    """What the indicators without data need → their names."""
    found = assessment.kpis[assessment.kpis["team"].isna() & (assessment.kpis["verdict"] == "none")]
    names = found["indicator"].map({key: assessment.words(f"kpi.name.{key}") for key in found["indicator"]})
    return names.groupby(found["needs"], sort=False).agg(list).to_dict()


def questions(assessment: Assessment) -> pd.DataFrame:
    """One row an optional sheet that some team does not keep: sheet, question, teams (how many)."""
    found = assessment.questions
    return found.groupby(["kind", "sheet", "question"], sort=False).agg(teams=("team", "nunique")).reset_index()
