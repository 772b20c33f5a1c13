"""The risk summary: one HTML page that a director reads on a phone, at a desk or on paper (handbook §7).

The page stays small whatever the portfolio: beyond the limits below it counts the rest and names the master's sheet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from kam_xl.core import history
from kam_xl.core.assessment import Assessment
from kam_xl.core.words import Words
from kam_xl.reports import paper
from kam_xl.reports.headline import headline, key_figures, night
from kam_xl.reports.run import Run
from kam_xl.reports.telling import SEVERITIES, matrix, of_finding, policy_verdict, rank, with_reasons

CUSTOMERS_SHOWN = 30
RISKS_EACH = 3
CHANGES_EACH = 8
TEAMS_SHOWN = 60
KINDS_SHOWN = 20
NOTES_SHOWN = 40
BOOKS_SHOWN = 40


@dataclass(frozen=True)
class Excerpt:
    """The first rows of a table; the page leaves the ``rest`` to the master workbook."""

    rows: pd.DataFrame | list
    total: int

    @property
    def rest(self) -> int:
        """How many rows are left out."""
        return self.total - len(self.rows)


@dataclass(frozen=True)
class Account:
    """One customer of the risk list: its row of the customers, and its worst risks."""

    customer: pd.Series
    risks: Excerpt


@dataclass(frozen=True)
class Kind:
    """One kind of finding: how often, the first one's sentence and place, and what to do about it."""

    severity: str
    count: int
    sentence: str
    place: str
    remedy: str


def render(assessment: Assessment, words: Words, run: Run) -> str:
    """The whole page in the language of ``words``, complete in itself: no script, no network, no phone number."""
    sources = assessment.portfolio.sources
    shown_teams = teams(assessment)
    return paper.page(
        "risk_summary.html.j2",
        assessment,
        words,
        run.started,
        title=words("summary.title"),
        run=run,
        headline=headline(assessment, words),
        figures=key_figures(assessment, words),
        night=night(assessment, words) if assessment.previous else None,
        accounts=list(worst(assessment)),
        changes=changes(assessment),
        matrix=matrix(assessment),
        teams=shown_teams,
        team_tiers=_by(assessment.team_tiers[assessment.team_tiers["team"].isin(shown_teams.rows["team"])], "team"),
        kinds=excerpt(list(kinds(assessment, words)), KINDS_SHOWN),
        policy_verdict=policy_verdict(assessment, words),
        notes=excerpt(assessment.policy_notes, NOTES_SHOWN),
        outcomes=sources["outcome"].value_counts(),
        severities=assessment.portfolio.findings["severity"].value_counts(),
        quarantined=excerpt(with_reasons(sources[sources["outcome"] == "quarantined"], words), BOOKS_SHOWN),
        sources=excerpt(sources, BOOKS_SHOWN),
    )


def excerpt(rows: pd.DataFrame | list, limit: int) -> Excerpt:
    """The first ``limit`` rows of a table or a list."""
    return Excerpt(rows[:limit], len(rows))


def _by(frame: pd.DataFrame, field: str) -> dict[str, pd.DataFrame]:
    return dict(list(frame.groupby(field)))


def worst(assessment: Assessment) -> Iterator[Account]:
    """The customers at risk from the worst down, as many as the page shows; ``late`` marks what is past its date."""
    risks = assessment.risks.assign(late=assessment.risks["due"] < pd.Timestamp(assessment.today))
    shown = risks["customer_id"].drop_duplicates().head(CUSTOMERS_SHOWN)
    customers = assessment.customers.set_index("customer_id", drop=False)
    for customer_id, rows in risks[risks["customer_id"].isin(shown)].groupby("customer_id", sort=False):
        yield Account(customers.loc[customer_id], excerpt(rows, RISKS_EACH))


def changes(assessment: Assessment) -> dict[str, Excerpt]:
    """The changes since the last run by kind, what got worse first; a kind without changes is left out."""
    by_kind = _by(assessment.changes, "change")
    return {kind: excerpt(by_kind[kind], CHANGES_EACH) for kind in history.CHANGES if kind in by_kind}


def teams(assessment: Assessment) -> Excerpt:
    """The teams, those with most customers at high risk first."""
    worst_first = ["high_risk", "medium_risk", "customers"]
    return excerpt(assessment.teams.sort_values(worst_first, ascending=False, kind="stable"), TEAMS_SHOWN)


def kinds(assessment: Assessment, words: Words) -> Iterator[Kind]:
    """The findings by kind, errors first and the most frequent first, each with one example and its place."""
    findings = assessment.portfolio.findings
    counts = findings.groupby("code")["code"].transform("size")
    ranks = rank(findings["severity"], SEVERITIES)
    firsts = findings.assign(count=counts, rank=ranks).drop_duplicates("code")
    for row in firsts.sort_values(["rank", "count", "code"], ascending=[True, False, True]).itertuples():
        place = " · ".join(part for part in (row.book, row.sheet, row.cell) if pd.notna(part))
        yield Kind(row.severity, row.count, _told(row, "text", words), place, _told(row, "remedy", words))


def _told(finding: tuple, part: str, words: Words) -> str:
    """One finding's ``text`` or ``remedy`` in words; what was typed in a personal column is masked."""
    typed, detail = paper.shown(finding.typed_value), paper.shown(finding.detail)
    return of_finding(words, part, finding.code, finding.field, typed, detail, keep_phones=False)
