"""The risk summary: one HTML page that a director reads on a phone, at a desk or on paper (handbook §7).

The page stays small whatever the portfolio: beyond the limits below it counts the rest and names the master's sheet.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from kam_xl.core import history, sheets
from kam_xl.core.assessment import Assessment
from kam_xl.core.words import Words
from kam_xl.reports import charts, theme, vocabulary
from kam_xl.reports.headline import headline, key_figures, night, number
from kam_xl.reports.run import Run
from kam_xl.reports.telling import SEVERITIES, masked, matrix, of_finding, policy_verdict, rank, with_reasons

CUSTOMERS_SHOWN = 30
RISKS_EACH = 3
CHANGES_EACH = 8
TEAMS_SHOWN = 60
KINDS_SHOWN = 20
NOTES_SHOWN = 40
BOOKS_SHOWN = 40
LONGEST_TEXT = 400

#: How the page writes values; a share that is held against a target has a decimal, so that its verdict can be seen.
_FORMATS = {
    "number": number,
    "share": "{:.0%}".format,
    "measured": "{:.1%}".format,
    "day": "{:%Y-%m-%d}".format,
    "moment": "{:%Y-%m-%d %H:%M}".format,
}


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
    page = _environment().get_template("risk_summary.html.j2")
    return page.render(
        assessment=assessment,
        words=words,
        run=run,
        header=functools.partial(sheets.header, lang=words.lang),
        names=vocabulary.tiers(assessment, words).names | vocabulary.levels(words).names,
        titles=vocabulary.rules(assessment, words).names,
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
    typed, detail = _shown(finding.typed_value), _shown(finding.detail)
    return of_finding(words, part, finding.code, finding.field, typed, detail, keep_phones=False)


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("kam_xl.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update({name: _or_dash(write) for name, write in _FORMATS.items()})
    environment.filters["css_text"] = _css_text
    environment.globals.update(charts=charts, theme=theme)
    return environment


def _shown(value: object) -> object:
    """Every value on its way into the page: unknown is a dash, phones are masked, an endless text ends."""
    if isinstance(value, Markup):
        return value
    if isinstance(value, str):
        text = masked(value)
        return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "…"
    return theme.UNKNOWN if pd.isna(value) else value


def _or_dash(write: Callable[[object], str]) -> Callable[[object], str]:
    return lambda value: theme.UNKNOWN if pd.isna(value) else write(value)


def _css_text(text: str) -> Markup:
    """A text as a CSS string, every character escaped: nothing in it can end the string or the style."""
    return Markup('"{}"').format(Markup("").join(f"\\{ord(character):06x}" for character in text))
