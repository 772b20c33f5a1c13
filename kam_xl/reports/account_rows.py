"""The rows of the master workbook's sheets about the accounts: service, visits, relationships, offers, goals, repairs.

Each function takes the assessment and returns a frame in the order in which people read it. Where the rows are several
teams' (`frames.READER`), those of each are the same, and in the same order, as if there were no others.
"""

from __future__ import annotations

import pandas as pd

from kam_xl.core import indicators as measured
from kam_xl.core.assessment import Assessment
from kam_xl.core.customers import beside
from kam_xl.core.evidence import sentences
from kam_xl.core.frames import READER
from kam_xl.core.words import Words
from kam_xl.showing.telling import needs, of_finding, rank

#: What the action list says of a matter.
_SAID = ("status", "postponed_to", "note", "overdue")


def matters(assessment: Assessment) -> pd.DataFrame:
    """The matters, the most pressing first, beside what the action list says of each; on the first night none is new."""
    found = assessment.matters
    own = _whose(found, "key")
    said = assessment.actions.drop_duplicates(own)[[*own, *_SAID]]
    found = found.merge(said, on=own, how="left")
    found = found.assign(overdue=found["overdue"].astype("boolean").fillna(False).astype("bool"))
    return found if assessment.previous else found.assign(state=pd.Series(None, found.index, dtype="str"))


def common(assessment: Assessment) -> pd.DataFrame:
    """What so many customers share that it is told once, that of most customers first."""
    found = assessment.common
    return found.assign(team=found["team"].fillna(assessment.words("master.every_team")))


def housekeeping(assessment: Assessment) -> pd.DataFrame:
    """What the workbooks need, by who keeps them, the longest overdue first."""
    by = ["owner", "days_late", "customer_id"]
    return assessment.housekeeping.sort_values(by, ascending=[True, False, True], kind="stable", ignore_index=True)


def cases(assessment: Assessment) -> pd.DataFrame:
    """The complaints and requests: what is open and past its limit first, then what is open, the next to be due on top.

    Of what is closed, what was late comes first, the newest on top.
    """
    found = assessment.cases.sort_values("reported", ascending=False, kind="stable")
    order = found.assign(_urgency=_urgency(found))
    return order.sort_values(["_urgency", "by"], kind="stable", ignore_index=True)


def owed(assessment: Assessment) -> pd.DataFrame:
    """What we owe customers: the cases that are open, those past their limit first, beside their customers' risk level."""
    found = cases(assessment)
    found = found[found["open"]].reset_index(drop=True)
    return found.assign(level=beside(assessment.customers, "level", found))


def _urgency(found: pd.DataFrame) -> pd.Series:
    late = (found["response_state"] == "breached") | (found["resolution_state"] == "breached")
    urgency = pd.Series(3, index=found.index).mask(late, 2).mask(found["open"], 1)
    return urgency.mask(found["late"], 0)


def repeats(assessment: Assessment) -> pd.DataFrame:
    """The problems that repeat, the most frequent first, each with what is asked for."""
    words = assessment.words
    found = assessment.repeats
    across = found["customer_id"].isna()
    facts = found.assign(days=float(assessment.policy.service.repeat_days))
    own, several = (sentences(words(f"plan.{key}"), facts, words) for key in ("root_cause", "root_cause_across"))
    name = beside(assessment.customers, "name", found).mask(across, words("master.across"))
    return found.assign(name=name, action=own.where(~across, several))


def utilisation(assessment: Assessment) -> pd.DataFrame:
    """The planned visits of each manager and week against what there is room for, soonest first."""
    found = assessment.utilisation
    over = (found["share"] > 1).map({True: "over", False: "within"}).astype("str")
    return found.assign(load=over.where(found["share"].notna()))


def roles(assessment: Assessment) -> pd.DataFrame:
    """The roles of each buying centre, by tier, the least covered first."""
    found = assessment.roles
    found = found.assign(**{name: beside(assessment.customers, name, found) for name in ("name", "computed_tier")})
    return _by_tier(found, assessment, "covered", "customer_id")


def offers(assessment: Assessment) -> pd.DataFrame:
    """What to sell next to whom, by tier and customer, the likeliest first."""
    return _by_tier(assessment.whitespace, assessment, "customer_id", "rank")


def product_grid(assessment: Assessment) -> pd.DataFrame:
    """Who buys what and what is proposed, by tier."""
    found = assessment.product_grid
    order = rank(found["computed_tier"], assessment.policy.tier_keys).sort_values(kind="stable").index
    return found.loc[order].reset_index(drop=True)


def renewals(assessment: Assessment) -> pd.DataFrame:
    """Renewals, opportunities and trials, the soonest first, what is won or lost last."""
    return assessment.deals.sort_values(
        ["open", "ends", "customer_id"], ascending=[False, True, True], ignore_index=True
    )


def kpis(assessment: Assessment) -> pd.DataFrame:
    """The indicators, all teams together first; shares and growth as percentages."""
    found = assessment.kpis
    scale = found["unit"].map(measured.SCALE).astype("float64")
    figures = {
        name: found[name].where(scale.isna(), (scale * found[name]).round(9))
        for name in ("actual", "target", "deviation")
    }
    found = found.assign(**figures, _overall=found["team"].notna())
    found = found.sort_values(["_overall", "team"], kind="stable", ignore_index=True)
    return found.assign(team=found["team"].fillna(assessment.words("master.every_team")))


def goals(assessment: Assessment) -> pd.DataFrame:
    """The goal of each strategy and what its plan lacks, the least complete first."""
    found = assessment.goals
    lists = {text: needs(text, assessment.words) for text in found["missing"].dropna().unique()}
    count = found["missing"].str.split().str.len().fillna(0)
    found = found.assign(missing=found["missing"].map(lists).astype("str"), _count=-count)
    found = found.assign(name=beside(assessment.customers, "name", found))
    return found.sort_values(["_count", "customer_id"], kind="stable", ignore_index=True)


def quality(assessment: Assessment) -> pd.DataFrame:
    """The marks of each workbook's data, the worst first."""
    return assessment.quality_books.sort_values(["quality", "book"], kind="stable", ignore_index=True)


def repairs(assessment: Assessment) -> pd.DataFrame:
    """The cells to put right, by manager: what is wrong, what to do, and what to type instead where that is known."""
    found = assessment.repairs
    place = _whose(found, "book", "sheet", "cell", "field", "code")
    details = assessment.portfolio.findings[[*place, "detail"]].drop_duplicates(place)
    found = found.merge(details, on=place, how="left")
    rows = list(zip(*(found[name].tolist() for name in ("code", "field", "typed_value", "detail")), strict=True))
    told = {
        name: pd.Series([_told(row, part, assessment.words) for row in rows], found.index, dtype="str")
        for name, part in (("finding", "text"), ("remedy", "remedy"))
    }
    return found.assign(**told)


def _told(row: tuple, part: str, words: Words) -> str:
    """A finding in words; a cell that was understood though it is not typed as it should be has no code."""
    if pd.isna(row[0]):
        return words(f"master.understood.{part}")
    return of_finding(words, part, *row)


def _whose(rows: pd.DataFrame, *names: str) -> list[str]:
    """The columns by which rows are known, and who reads them where these are several."""
    return [*(name for name in (READER,) if name in rows), *names]


def _by_tier(found: pd.DataFrame, assessment: Assessment, *then: str) -> pd.DataFrame:
    keyed = found.assign(_tier=rank(found["computed_tier"], assessment.policy.tier_keys))
    return keyed.sort_values(["_tier", *then], kind="stable", ignore_index=True)
