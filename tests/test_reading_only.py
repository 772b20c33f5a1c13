"""Reports, buttons and the card read what core found out: none computes with a date, compares two, or takes the earliest.

Whatever pandas can do with a date is watched while they are made, and who asked for it is looked up on the stack:
what core does for them is core's, what they do themselves is told.
"""

import datetime as dt
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import xlwings as xw
from pandas.core.arrays.datetimelike import DatetimeLikeArrayMixin

from kam_xl import actions
from kam_xl.core import by_team, history
from kam_xl.core.assessment import Assessment
from kam_xl.core.sheets import INFO
from kam_xl.core.teams import Teams
from kam_xl.core.words import LANGUAGES
from kam_xl.doors import libreoffice
from kam_xl.hosts import excel
from kam_xl.reports import (
    account_plan,
    calendars,
    details,
    managers,
    master_sheets,
    message,
    summary,
    team_sheets,
    views,
)
from tests.conftest import assessed_once
from tests.reports import accounts
from tests.reports.conftest import make_run
from tests.worksheet import test_tables as sheets

ROOT = Path(__file__).parents[1]
#: What pandas computes of dates: of columns, and of single ones.
COMPUTED = (
    *((DatetimeLikeArrayMixin, name) for name in ("_cmp_method", "__add__", "__radd__", "__sub__", "__rsub__", "min", "max")),
    *((pd.Timestamp, name) for name in ("__lt__", "__le__", "__gt__", "__ge__", "__sub__", "__rsub__", "__add__")),
)  # fmt: skip

#: Writes a date as a cell holds it, the number of days since Excel's first.
WRITER = "kam_xl.showing.columns.dates"


def _asker() -> str:
    """The nearest module of ours on the stack."""
    frame = sys._getframe(2)
    while frame and not frame.f_globals.get("__name__", "").startswith("kam_xl."):
        frame = frame.f_back
    return f"{frame.f_globals['__name__']}.{frame.f_code.co_name}" if frame else ""


@pytest.fixture
def computing(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Which functions outside core have computed with dates, as it goes on."""
    found: set[str] = set()

    def watched(kind: type, name: str) -> None:
        real = getattr(kind, name)

        def watching(*args: object, **options: object) -> object:
            asker = _asker()
            if asker and asker != WRITER and not asker.startswith("kam_xl.core."):
                found.add(f"{asker}: {name}")
            return real(*args, **options)

        monkeypatch.setattr(kind, name, watching)

    for kind, name in COMPUTED:
        watched(kind, name)
    return found


def _whole() -> Assessment:
    """A night with something marked, every part of it computed."""
    night = accounts.assessed("zh-CN", marked=True)
    for name in dir(Assessment):
        if not name.startswith("_"):
            getattr(night, name)
    return night


@pytest.mark.slow
def test_no_report_computes_with_dates(computing: set[str]) -> None:
    night, past, run = _whole(), accounts.earlier(), make_run()
    computing.clear()

    for view in views.VIEWS:
        views.render(view, night, history.snapshot(night), past)
        views.render(view, night, history.snapshot(night), None)
    summary.render(night, run)
    assert list(account_plan.pages(night))
    assert calendars.calendars(night)
    assert list(managers.pages(night))
    assert details.render(night, history.snapshot(night))
    assert message.message(night, {}, top=9, place="x")
    assert all(sheet.of(night, run) is not None for sheet in master_sheets.PAGES)
    part = by_team.part(Teams(night), "华东")
    assert all(sheet.of(part, run) is not None for sheet in team_sheets.PAGES)

    assert computing == set()


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_card_of_a_customer_computes_with_no_dates(computing: set[str], lang: str) -> None:
    told = sheets.ask("KAM_CARD", "C001", *sheets.tables(), sheets.AS_OF, lang, *sheets.optional())

    assert len(told) > 20
    assert computing == set()


#: The buttons that show what was found; the others ask the workbook, its folder or the computer.
SHOWING = sorted(key for key, one in actions.ACTIONS.items() if one.group in ("score", "risk", "account", "plan"))


@pytest.fixture(scope="module")
def book(office: libreoffice.Office, tmp_path_factory: pytest.TempPathFactory) -> Iterator[xw.Book]:
    """The template with its samples, and a budget to split."""
    path = tmp_path_factory.mktemp("book") / "KAM_Template.xlsm"
    shutil.copyfile(ROOT / "workbook" / path.name, path)
    opened = office.open(path)
    excel.put(opened, "kam_budget", 500.0)
    with assessed_once():
        yield opened
    opened.close()


@pytest.mark.parametrize("action", SHOWING)
def test_no_button_computes_with_dates(computing: set[str], book: xw.Book, action: str) -> None:
    book.sheets[INFO.zh].range("B5").select()  # a customer to explain and to plan for

    said = actions.run(action, book, dt.datetime(2026, 11, 20))

    assert not said.startswith(actions.FAILED), said
    assert computing == set()


@pytest.mark.parametrize("code", ["due < now", "due.max()", "now - due", "due.iloc[0] < now", "due.iloc[0] - now"])
def test_a_report_that_computes_is_told(computing: set[str], code: str) -> None:
    names = {
        "due": _whole().actions["due"].dropna(),
        "now": pd.Timestamp(accounts.NOW),
        "__name__": "kam_xl.reports.made",
    }
    computing.clear()
    exec(f"def planted():\n    return {code}\nplanted()", names)  # noqa: S102 (a report that is not there)

    assert {one.split(":")[0] for one in computing} == {"kam_xl.reports.made.planted"}
