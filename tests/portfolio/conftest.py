"""The worked portfolio assessed again in memory, whatever was changed in it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence

import pandas as pd
import pytest

from kam_xl import resources
from kam_xl.core import assessment, consolidation, history, validation
from kam_xl.core.assessment import Assessment
from kam_xl.core.parts import LaidOut, in_one
from kam_xl.hosts import isolation
from tests import builders
from tests.portfolio import worked
from tests.portfolio.worked import LANGUAGES, Nights, Teams

LANG = "zh-CN"
#: Rules that compare customers with each other: what they say of one copy of the portfolio depends on the others.
TOGETHER = ("concentration", "same_strategy")

#: Customer and rule of every risk, and how often.
Risks = Counter[tuple[str, str]]


@pytest.fixture(scope="session")
def nights_in(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Nights]:
    """Language → its nights, each run once; what children do is tried in tests/hosts."""
    found: dict[str, Nights] = {}

    def nights(lang: str) -> Nights:
        if lang not in found:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(isolation, "read_one", isolation._answer)
                found[lang] = worked.run_nights(tmp_path_factory.mktemp(lang), lang)
        return found[lang]

    return nights


@pytest.fixture(params=LANGUAGES)
def lang(request: pytest.FixtureRequest) -> str:
    """Both languages in turn."""
    return request.param


@pytest.fixture
def nights(nights_in: Callable[[str], Nights], lang: str) -> Nights:
    """The nights of one language."""
    return nights_in(lang)


def _assess(teams: Teams, now: dt.datetime, past: pd.DataFrame | None = None, laid_out: LaidOut = in_one) -> Assessment:
    """Sheets → their assessment, without a file."""
    policy, words = resources.policy(None), resources.words(LANG)
    books = []
    for team, sheets in teams.items():
        book = builders.raw_book(f"{worked.words(LANG)[team]}.xlsx", lang=LANG, **worked.cells(sheets, LANG))
        books.append(validation.validate(book, policy, now.date()))
    portfolio = consolidation.consolidate(books, policy, (), laid_out)
    return assessment.assess(portfolio, policy, now, words, past, laid_out=laid_out)


@pytest.fixture(scope="session")
def whole() -> Callable[..., Assessment]:
    """In what parts → tonight's assessment after last night's, and with the marks on the action list."""
    past = history.snapshot(_assess(worked.last_night(), worked.LAST_NIGHT))
    return lambda laid_out=in_one: _assess(worked.tonight(), worked.TONIGHT, past, laid_out)


@pytest.fixture(scope="session")
def again() -> Callable[[Teams], Risks]:
    """Sheets → tonight's risks after last night's; their action list is left out."""
    past = history.snapshot(_assess(worked.last_night(), worked.LAST_NIGHT))

    def run(teams: Teams) -> Risks:
        risks = _assess(worked.without_marks(teams), worked.TONIGHT, past).risks
        return Counter(zip(risks["customer_id"], risks["rule"], strict=True))

    return run


@pytest.fixture(scope="session")
def twice() -> Callable[..., tuple[Assessment, Assessment]]:
    """Sheets → their assessment, and that of the same, or of others, at the same moment by somebody who knows the first."""

    def run(teams: Teams, then: Teams | None = None) -> tuple[Assessment, Assessment]:
        first = _assess(worked.without_marks(teams), worked.TONIGHT)
        again = worked.without_marks(teams if then is None else then)
        return first, _assess(again, worked.TONIGHT, history.snapshot(first))

    return run


@pytest.fixture(scope="session")
def side_by_side() -> Callable[[Sequence[Teams]], list[Risks]]:
    """Many variants of the portfolio → the risks of each, but for the rules that compare customers (`TOGETHER`).

    They are assessed at once, each with customers of its own, which takes little longer than one of them alone.
    """

    def run(variants: Sequence[Teams]) -> list[Risks]:
        past = history.snapshot(_assess(_joined([worked.last_night()] * len(variants)), worked.LAST_NIGHT))
        risks = _assess(_joined([worked.without_marks(one) for one in variants]), worked.TONIGHT, past).risks
        found: list[Risks] = [Counter() for _ in variants]
        for customer, rule in zip(risks["customer_id"], risks["rule"], strict=True):
            if rule not in TOGETHER:
                found[int(customer[1:]) // 1000][f"C{customer[-3:]}", rule] += 1
        return found

    return run


def _joined(variants: Sequence[Teams]) -> Teams:
    """The variants in one: customer C001 of variant 7 is C0007001, and nobody has a name to be taken for another's."""
    joined: Teams = {}
    for number, teams in enumerate(variants):
        for team, sheets in teams.items():
            for kind, rows in sheets.items():
                key = "customer" if kind == "tracking" else "customer_id"
                own = [row | {key: f"{row[key][0]}{number:04}{row[key][1:]}"} for row in rows]
                if kind == "info":
                    own = [row | {"name": ""} for row in own]
                joined.setdefault(team, {}).setdefault(kind, []).extend(own)
    return joined
