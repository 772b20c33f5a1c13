"""The risk summary: one HTML page that a director reads on a phone, at a desk or on paper (handbook §7).

The page stays small whatever the portfolio: beyond the limits below it counts the rest and names the master's sheet.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import pandas as pd

from kam_xl.core import history
from kam_xl.core.assessment import Assessment
from kam_xl.core.words import Words
from kam_xl.reports import account_rows, excerpts, paper
from kam_xl.reports.headline import headline, keeps_service_log, key_figures, night
from kam_xl.reports.run import Run
from kam_xl.showing import telling
from kam_xl.showing.telling import SEVERITIES, matrix, of_finding, policy_verdict, rank, with_reasons

CUSTOMERS_SHOWN = 20
RISKS_EACH = 3
CHANGES_EACH = 8
TEAMS_SHOWN = 60
KINDS_SHOWN = 12
CASES_SHOWN = 8
CAUSES_SHOWN = 5
RED_SHOWN = 8
MANAGERS_SHOWN = 12
MARKS_SHOWN = 8
NOTES_SHOWN = 40
BOOKS_SHOWN = 40
FAILED_SHOWN = 20
VERSIONS_SHOWN = 3
URGENT = ("high", "medium")  # levels at which a new risk comes before older ones
TURNED = ("health_down", "health_up")  # changes that stand with the health, not among the others

Rows = TypeVar("Rows", pd.DataFrame, list)


@dataclass(frozen=True)
class Excerpt(Generic[Rows]):
    """The first rows of a table or a list; the page leaves the ``rest`` to the master workbook."""

    rows: Rows
    total: int

    @property
    def rest(self) -> int:
        """How many rows are left out."""
        return self.total - len(self.rows)


@dataclass(frozen=True)
class Account:
    """One customer of the risk list: its row of the customers, its worst risks, and whether one of them is news."""

    customer: pd.Series
    risks: Excerpt[pd.DataFrame]
    news: bool


@dataclass(frozen=True)
class FindingKind:
    """One kind of finding: how often, the first one's sentence and place, and what to do about it."""

    severity: str
    count: int
    sentence: str
    place: str
    remedy: str


def render(assessment: Assessment, run: Run) -> str:
    """The whole page in its language, complete in itself: no script, no network, no phone number.

    A part that cannot be made says so in its place, and the page says at its top what failed, here or before.
    """
    known = len(assessment.failures)
    page = _page(assessment, run)
    return page if len(assessment.failures) == known else _page(assessment, run)


def _page(assessment: Assessment, run: Run) -> str:
    words = assessment.words
    sources = assessment.portfolio.sources
    managers = functools.cache(lambda: excerpts.by_manager(assessment))
    values: dict[str, Callable[[], object]] = {
        "headline": lambda: headline(assessment),
        "figures": lambda: key_figures(assessment),
        "night": lambda: night(assessment),
        "accounts": lambda: list(worst(assessment)),
        "states": assessment.risks["state"].value_counts,
        "oldest": assessment.risks["age"].max,
        "changes": lambda: changes(assessment),
        "turned": lambda: turned(assessment),
        "health": lambda: excerpts.health_by_tier(assessment),
        "red": lambda: excerpt(excerpts.red(assessment), RED_SHOWN),
        "lifecycle": lambda: excerpts.lifecycle(assessment),
        "service_log": lambda: keeps_service_log(assessment),
        "owed": lambda: excerpt(excerpts.owed(assessment), CASES_SHOWN),
        "late": lambda: int(assessment.cases["late"].sum()),
        "causes": lambda: excerpt(account_rows.repeats(assessment), CAUSES_SHOWN),
        "week": lambda: assessment.week,
        "managers": lambda: excerpt(managers(), MANAGERS_SHOWN),
        "planned": lambda: int(managers()["planned"].sum()),
        "over": lambda: int((managers()["share"] > 1).sum()),
        "measured": lambda: excerpts.measured(assessment),
        "unmeasured": lambda: excerpts.unmeasured(assessment),
        "marks": lambda: excerpt(account_rows.quality(assessment), MARKS_SHOWN),
        "questions": lambda: excerpts.questions(assessment),
        "matrix": lambda: matrix(assessment),
        "teams": lambda: teams(assessment),
        "team_tiers": lambda: _by(_team_tiers(assessment), "team"),
        "kinds": lambda: excerpt(list(kinds(assessment)), KINDS_SHOWN),
        "policy_verdict": lambda: policy_verdict(assessment),
        "notes": lambda: excerpt(assessment.policy_notes, NOTES_SHOWN),
        "outcomes": sources["outcome"].value_counts,
        "severities": assessment.portfolio.findings["severity"].value_counts,
        "quarantined": lambda: excerpt(
            with_reasons(sources[sources["outcome"] == "quarantined"], words), BOOKS_SHOWN
        ),
        "sources": lambda: excerpt(sources, BOOKS_SHOWN),
        "versions": lambda: _versions(sources),
    }  # fmt: skip
    failed = list(dict.fromkeys(telling.failed(one, assessment.policy, words) for one in assessment.failures))
    return paper.page(
        "risk_summary.html.j2",
        assessment,
        title=words("summary.title"),
        run=run,
        failed=excerpt(failed, FAILED_SHOWN),
        **{name: paper.Later(work) for name, work in values.items()},
    )


def _team_tiers(assessment: Assessment) -> pd.DataFrame:
    """The tiers of the teams that are shown."""
    return assessment.team_tiers[assessment.team_tiers["team"].isin(teams(assessment).rows["team"])]


def _versions(sources: pd.DataFrame) -> dict[str, Excerpt[pd.DataFrame]]:
    """The workbooks of which another version counts, those first of which nobody can tell."""
    return {how: excerpt(sources[sources["outcome"] == how], VERSIONS_SHOWN) for how in ("undecided", "superseded")}


def excerpt(rows: Rows, limit: int) -> Excerpt[Rows]:
    """The first ``limit`` rows of a table or a list."""
    return Excerpt(rows[:limit], len(rows))


def _by(frame: pd.DataFrame, field: str) -> dict[str, pd.DataFrame]:
    return {str(key): rows for key, rows in frame.groupby(field)}


def worst(assessment: Assessment) -> Iterator[Account]:
    """The customers at risk, as many as the page shows: who has news worth acting on, then the others, the worst first.

    On the first night nothing is news. Each customer's news comes first; ``late`` marks what is past its date, ``age``
    is for how many days a risk is known.
    """
    risks, compared = assessment.risks, assessment.previous is not None
    news = risks["state"].isin(excerpts.NEWS) & compared
    urgent = risks.loc[news & risks["level"].isin(URGENT), "customer_id"]
    risks = risks.assign(news=news, first=risks["customer_id"].isin(urgent))
    order = risks.sort_values("first", ascending=False, kind="stable")
    shown = order["customer_id"].drop_duplicates().head(CUSTOMERS_SHOWN)
    customers = assessment.customers[assessment.customers["customer_id"].isin(shown)]
    own = {customer["customer_id"]: customer for _, customer in customers.iterrows()}
    for customer_id, rows in order[order["customer_id"].isin(shown)].groupby("customer_id", sort=False):
        news_first = rows.sort_values("news", ascending=False, kind="stable")
        yield Account(own[customer_id], excerpt(news_first, RISKS_EACH), bool(rows["first"].any()))


def changes(assessment: Assessment) -> dict[str, Excerpt[pd.DataFrame]]:
    """The changes since the last run by kind, what got worse first; a kind without changes is left out, so is health."""
    by_kind = _by(assessment.changes, "change")
    shown = (kind for kind in history.CHANGES if kind in by_kind and kind not in TURNED)
    return {kind: excerpt(by_kind[kind], CHANGES_EACH) for kind in shown}


def turned(assessment: Assessment) -> dict[str, Excerpt[pd.DataFrame]]:
    """The customers whose colour of health changed since the last run: ``health_down``, ``health_up``."""
    by_kind = _by(assessment.changes, "change")
    none = assessment.changes.iloc[:0]
    return {kind: excerpt(by_kind.get(kind, none), CHANGES_EACH) for kind in TURNED}


def teams(assessment: Assessment) -> Excerpt[pd.DataFrame]:
    """The teams, those with most customers at high risk first."""
    worst_first = ["high_risk", "medium_risk", "customers"]
    return excerpt(assessment.teams.sort_values(worst_first, ascending=False, kind="stable"), TEAMS_SHOWN)


def kinds(assessment: Assessment) -> Iterator[FindingKind]:
    """The findings by kind, errors first and the most frequent first, each with one example and its place."""
    findings = assessment.portfolio.findings
    counts = findings.groupby("code")["code"].transform("size")
    ranks = rank(findings["severity"], SEVERITIES)
    firsts = findings.assign(count=counts, rank=ranks).drop_duplicates("code")
    ordered = firsts.sort_values(["rank", "count", "code"], ascending=[True, False, True])
    return (_kind(row, assessment.words) for row in ordered.itertuples())


def _kind(row: Any, words: Words) -> FindingKind:
    """The kind of a finding, one row of the findings with ``count``."""
    place = " · ".join(part for part in (row.book, row.sheet, row.cell) if pd.notna(part))
    finding = (row.code, row.field, row.typed_value, row.detail)
    sentence, remedy = (of_finding(words, part, *finding) for part in ("text", "remedy"))
    return FindingKind(row.severity, row.count, sentence, place, remedy)
