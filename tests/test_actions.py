"""Every action, started as its button starts it: the workbook's own VBA, in a running LibreOffice, on the real template."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter
import xlwings as xw

from kam_xl import actions, resources
from kam_xl.actions import leaflet, result_sheets
from kam_xl.actions.request import asked
from kam_xl.actions.team import hand_in
from kam_xl.core import (
    assessment,
    budgets,
    consolidation,
    health,
    own_sheets,
    planning,
    quality,
    sheets,
    tasks,
    validation,
)
from kam_xl.core.assessment import Assessment
from kam_xl.core.errors import KamError
from kam_xl.desk.doctor import Check
from kam_xl.desk.scene import State
from kam_xl.doors import libreoffice
from kam_xl.engines.calc import engine
from kam_xl.hosts import excel, workbooks
from kam_xl.nightly import Job, run
from kam_xl.reports import data_sheets
from kam_xl.showing import fields, theme
from tests import files
from tests.conftest import assessed_once

DAY = dt.datetime(2026, 11, 20)
HEADER = 4
ZH, EN = resources.words("zh-CN"), resources.words("en")
INFO, EVALUATION, TRACKING = (sheet.zh for sheet in sheets.STANDARD)
MARKS = [sheets.EVALUATION.column(key).zh for key in ("value", "potential", "demand")]

Press = Callable[[xw.Book, str], str]


@pytest.fixture(scope="module", autouse=True)
def each_state_of_a_workbook_assessed_once() -> Iterator[None]:
    """Most tests here press a button on the six samples as they are."""
    with assessed_once():
        yield


@pytest.fixture
def press(office: libreoffice.Office) -> Press:
    """Click the button of an action; the sentence in kam_message."""

    def pressed(book: xw.Book, action: str) -> str:
        office.run(book, actions.ACTIONS[action].sub)
        assert book.app.calculation == "automatic"
        return excel.value(book, "kam_message")

    return pressed


@pytest.fixture
def book(template_book: Callable[..., xw.Book]) -> xw.Book:
    """The Chinese template with its six samples, on the day of the samples."""
    return on_the_day(template_book())


def on_the_day(book: xw.Book) -> xw.Book:
    excel.put(book, "kam_as_of", DAY)
    return book


@pytest.fixture(scope="module")
def kept(office: libreoffice.Office, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], xw.Book]]:
    """The book of `shared`, opened anew where its LibreOffice died."""
    opened: list[xw.Book] = []

    def of_now() -> xw.Book:
        if not opened or opened[-1].impl.app is not office.app:
            path = tmp_path_factory.mktemp("shared") / "KAM_Template.xlsm"
            shutil.copyfile(Path(__file__).parents[1] / "workbook" / path.name, path)
            opened.append(on_the_day(office.open(path)))
        return opened[-1]

    yield of_now
    for book in opened:
        book.close()


@pytest.fixture
def shared(kept: Callable[[], xw.Book]) -> xw.Book:
    """One such workbook for actions that leave the data alone."""
    return kept()


@pytest.fixture(scope="module")
def nightly() -> Assessment:
    """What the nightly job makes of the same file: read from disk, not from the open workbook."""
    folder = Path(__file__).parents[1] / "workbook"
    policy = resources.policy()
    read = validation.validate(workbooks.read(folder, "KAM_Template.xlsm"), policy, DAY.date())
    return assessment.assess(consolidation.consolidate([read], policy), policy, DAY, ZH)


def product(book: xw.Book, key: str, lang: str = "zh-CN") -> xw.Sheet:
    return book.sheets[result_sheets.name_of(key, lang)]


def table(sheet: xw.Sheet, row: int = HEADER) -> pd.DataFrame:
    """The table whose header stands in a row, down to the first blank one; what the cells show."""
    width = sheet.used_range.last_cell.column
    header = [cell for cell in excel.values(sheet.range((row, 1), (row, width)))[0] if cell != ""]
    rows = excel.values(sheet.range((row + 1, 1), (sheet.used_range.last_cell.row + 1, len(header))))
    end = next(i for i, cells in enumerate(rows) if all(cell == "" for cell in cells))
    return pd.DataFrame(rows[:end], columns=header)


def row_of(sheet: xw.Sheet, text: str) -> int:
    """The row in which a text begins."""
    column = [row[0] for row in excel.values(sheet.range((1, 1), (sheet.used_range.last_cell.row, 1)))]
    return column.index(text) + 1


def header(field: str) -> str:
    return fields.header(field, "zh-CN")


def days(column: pd.Series) -> list:
    """A column of dates as texts, with a dash for none."""
    return [f"{day:%Y-%m-%d}" if isinstance(day, dt.date) and not pd.isna(day) else "—" for day in column]


# --- the buttons themselves ---------------------------------------------------------------------------------------


def test_every_action_knows_its_words() -> None:
    for words in (ZH, EN):
        for action in actions.ACTIONS.values():
            assert f"ribbon.{action.sub}.label" in words


def test_the_callbacks_give_the_texts_of_the_workbooks_language(book: xw.Book, press: Press) -> None:
    add_to_the_project(book)
    assert ask(book, "GetLabel", "KamXl_ScoreAll") == ZH("ribbon.KamXl_ScoreAll.label")
    assert ask(book, "GetScreentip", "KamXl_ScoreAll") == ZH("ribbon.KamXl_ScoreAll.screentip")
    assert ask(book, "GetSupertip", "KamXl_ScoreAll") == ZH("ribbon.KamXl_ScoreAll.supertip")
    assert ask(book, "GetLabel", "KamXl_Unknown") == "ribbon.KamXl_Unknown.label"
    press(book, "language")
    assert ask(book, "GetLabel", "KamXl_Tab") == EN("ribbon.KamXl_Tab.label")


def test_a_click_on_the_ribbon_runs_the_action(book: xw.Book) -> None:
    add_to_the_project(book)
    book.impl.run("TestRibbon.Click", ("KamXl_About",))
    assert excel.value(book, "kam_message").startswith("KAM XL ")


def add_to_the_project(book: xw.Book) -> None:
    """Two modules that do what the ribbon does: hand a control with an ID to a callback."""
    libraries = book.impl.api.BasicLibraries
    library = libraries.getByName(libraries.ProjectName)
    library.insertByName("TestControl", "Option VBASupport 1\nOption ClassModule\nPublic ID As String\n")
    callbacks = "\n".join(
        f'If part = "{part}" Then KamXl_{part} control, told' for part in ("GetLabel", "GetScreentip", "GetSupertip")
    )
    library.insertByName(
        "TestRibbon",
        "Option VBASupport 1\nPublic Function Ask(part, id)\nDim control As New TestControl, told\ncontrol.ID = id\n"
        f"{callbacks}\nAsk = told\nEnd Function\n"
        "Public Sub Click(id)\nDim control As New TestControl\ncontrol.ID = id\nKamXl_OnAction control\nEnd Sub\n",
    )


def ask(book: xw.Book, part: str, control: str) -> str:
    return book.impl.run("TestRibbon.Ask", (part, control))


def test_without_python_the_button_says_what_to_do(office: libreoffice.Office, tmp_path: Path) -> None:
    path = tmp_path / "KAM_Template.xlsm"
    shutil.copyfile(Path(__file__).parents[1] / "workbook" / path.name, path)
    book = xw.Book(impl=office.app.books.load(path, macros=engine.ALWAYS))  # and nobody connects it
    book.impl.run("KamXl_About")
    sentence = excel.value(book, "kam_message")
    assert sentence.startswith(f"▲ {ZH('message.no_python')} (")
    assert "python -m kam_xl install" in sentence  # the reason that VBA was given
    assert book.impl.api.isAutomaticCalculationEnabled()
    book.close()


# --- score --------------------------------------------------------------------------------------------------------


def test_score_all_fills_what_is_empty_and_nothing_else(book: xw.Book, press: Press) -> None:
    sheet = book.sheets[EVALUATION]
    sheet.range("E5:F5").value = [89.6, "战略客户"]  # typed by hand, and wrong
    sheet.range("E6:F6").clear_contents()
    sheet.range("F7").clear_contents()
    sheet.range("B8").clear_contents()
    sheet.range("E8:F8").clear_contents()
    sentence = press(book, "score_all")
    assert sentence == ZH("message.scored", rows=6, scored=5, filled=3) + ZH(
        "message.marks_missing", n=1, customers="C003"
    )
    assert excel.formulas(sheet.range("E5:F5")) == [["89.6", "战略客户"]]
    of_row = ",".join(f"tblEvaluation[[#This Row],[{mark}]]" for mark in MARKS)
    assert excel.formulas(sheet.range("E6:F6")) == [
        [f"=KAM_SCORE({of_row})", "=KAM_TIER(tblEvaluation[[#This Row],[综合得分]])"]
    ]
    assert sheet.range("E6:F6").value == [55.0, "普通客户"]
    assert sheet.range("F7").value == "重点客户"
    assert excel.formulas(sheet.range("E8:F8")) == [["", ""]]


def test_score_all_follows_an_alias_and_names_a_header_it_does_not_know(book: xw.Book, press: Press) -> None:
    sheet = book.sheets[EVALUATION]
    sheet.range("B4").value = "价值得分"
    sheet.range("E5").clear_contents()
    press(book, "score_all")
    assert excel.formulas(sheet.range("E5"))[0][0].startswith("=KAM_SCORE(tblEvaluation[[#This Row],[价值得分]],")
    assert sheet.range("E5").value == 89.4
    sheet.range("B4").value = "随便写写"
    sentence = press(book, "score_all")
    assert sentence == "▲ " + ZH("message.columns_missing", sheet=EVALUATION, columns=MARKS[0])


def test_score_all_says_that_the_sheet_is_protected_or_missing(book: xw.Book, press: Press) -> None:
    book.sheets[EVALUATION].range("E5").clear_contents()
    book.sheets[EVALUATION].impl.api.protect("secret")
    assert press(book, "score_all") == "▲ " + ZH("message.sheet_locked", sheet=EVALUATION)
    book.sheets[EVALUATION].impl.api.unprotect("secret")
    book.sheets[EVALUATION].delete()
    assert press(book, "score_all") == "▲ " + ZH("message.sheet_missing", sheet=EVALUATION)


def test_the_audit_puts_recorded_beside_computed_differences_first(book: xw.Book, press: Press) -> None:
    sheet = book.sheets[EVALUATION]
    sheet.range("E6:F6").value = [56.5, "普通客户"]  # what the source document prints for C002
    sheet.range("E5:F5").value = [89.6, "战略客户"]  # and for C001
    sheet.range("E10:F10").clear_contents()
    sentence = press(book, "audit")
    assert sentence == ZH("message.audited", rows=6, differ=2, match=3, unrecorded=1, unknown=0)
    found = table(product(book, "audit"))
    assert found[header("verdict")].tolist() == ["层级不一致", "得分不一致", "未记录", "一致", "一致", "一致"]
    assert found[header("customer_id")].tolist()[:3] == ["C001", "C002", "C005"]
    assert found[header("recorded_score")].tolist()[:3] == [89.6, 56.5, "—"]
    assert found[header("score")].tolist()[:3] == [89.4, 55.0, 24.2]
    assert found[header("recorded_tier")].tolist()[:3] == ["战略客户", "普通客户", "—"]
    assert found[header("computed_tier")].tolist()[:3] == ["重点客户", "普通客户", "待优化客户"]
    assert excel.formulas(sheet.range("E5:F6")) == [["89.6", "战略客户"], ["56.5", "普通客户"]]
    link = excel.formulas(product(book, "audit").range((HEADER + 1, 10)))[0][0]
    assert link == f'=HYPERLINK("#\'{EVALUATION}\'!E5","E5")'


def test_explain_tells_of_the_customer_in_the_selected_row(shared: xw.Book, press: Press) -> None:
    shared.sheets[TRACKING].range("D6").select()
    customer = shared.sheets[TRACKING].range("A6").value.split("/")[0]
    assert press(shared, "explain").startswith(f"{customer} ")
    shared.sheets[EVALUATION].range("B6").select()
    sentence = press(shared, "explain")
    assert sentence.startswith(
        "C002 穹屿贸易有限公司：价值 55×50%=27.5 + 潜力 45×30%=13.5 + 需求 70×20%=14.0 = 55.0 分，普通客户"
    )
    sheet = product(shared, "explanation")
    assert sheet.range("A1").value == "得分说明 · C002 穹屿贸易有限公司 · 2026-11-20 · KAM XL"
    points = table(sheet, row_of(sheet, ZH("result.points")) + 1)
    assert points.iloc[:, 0].tolist() == [*MARKS, header("score")]
    assert points[fields.header("points", "zh-CN")].tolist() == [27.5, 13.5, 14.0, 55.0]
    ways = table(sheet, row_of(sheet, ZH("result.ways")) + 1)
    assert ways.iloc[:, 0].tolist() == ["战略客户", "重点客户", "普通客户", "潜力客户", "待优化客户"]
    assert ways[fields.header("score_after", "zh-CN")].tolist()[2] == 55.0
    strategy = table(sheet, row_of(sheet, ZH("result.strategy_of")) + 1)
    assert dict(strategy.to_numpy().tolist())[ZH("result.strategy.core_strategy")] == "标准化运营，降本增效"


def test_explain_takes_the_customer_of_a_row_of_an_optional_sheet(shared: xw.Book, press: Press) -> None:
    for sheet, customer in ((sheets.SERVICE, "C001"), (sheets.CONTACTS, "C003"), (sheets.TASKS, "C003")):
        shared.sheets[sheet.zh].range("B5").select()
        assert press(shared, "explain").startswith(f"{customer} ")
    shared.sheets[sheets.SERVICE.zh].range("B200").select()
    told = ZH("message.row_without_customer", sheet=sheets.SERVICE.zh, row=200)
    assert press(shared, "explain") == "▲ " + told


def test_explain_takes_the_customer_of_a_result_row(shared: xw.Book, press: Press) -> None:
    press(shared, "risk_list")
    product(shared, "risks").range((HEADER + 2, 7)).select()
    customer = product(shared, "risks").range((HEADER + 2, 3)).value
    assert press(shared, "explain").startswith(f"{customer} ")


def test_explain_does_not_take_another_customer_for_an_empty_row(shared: xw.Book, press: Press) -> None:
    shared.sheets[INFO].range("A200").select()
    assert press(shared, "explain") == "▲ " + ZH("message.row_without_customer", sheet=INFO, row=200)


# --- the sheet with the buttons, which lists nobody ---------------------------------------------------------------


def to_the_buttons(book: xw.Book, lang: str = "zh-CN", *, past: Sequence[str] = ()) -> None:
    """Come to the front with the sheet of the buttons, past other sheets."""
    for key in (*past, "actions"):
        book.sheets[own_sheets.PRODUCT[key][lang == "en"]].activate()


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_a_button_takes_the_customer_selected_last_and_says_which(
    template_book: Callable[..., xw.Book], press: Press, lang: str
) -> None:
    book = on_the_day(template_book(lang))
    book.sheets[sheets.INFO.name(lang)].range("B5").select()
    book.sheets[sheets.EVALUATION.name(lang)].range("B8").select()
    to_the_buttons(book, lang, past=["dashboard", "start"])
    sentence = press(book, "explain")
    assert sentence.startswith("C003 ")
    assert " C003 " in product(book, "explanation", lang).range("A1").value
    to_the_buttons(book, lang)
    assert press(book, "explain") == sentence  # the result in between names no other
    assert book.sheets[sheets.EVALUATION.name(lang)].range("A8").value == "C003"


def test_a_button_asks_where_nobody_was_selected(book: xw.Book, press: Press, opened: list[str]) -> None:
    to_the_buttons(book)
    for action in ("explain", "account_plan"):
        assert press(book, action) == "▲ " + ZH("message.which_customer", sheet=INFO)
    assert book.sheets.active.name == own_sheets.PRODUCT["actions"][0]
    assert not opened


def test_a_button_asks_where_the_last_selection_was_nobody(book: xw.Book, press: Press) -> None:
    book.sheets[INFO].range("B5").select()
    book.sheets[TRACKING].range("B4").select()  # its header
    to_the_buttons(book)
    assert press(book, "explain") == "▲ " + ZH("message.row_without_customer", sheet=TRACKING, row=4)


# --- risk ---------------------------------------------------------------------------------------------------------


def test_scan_lists_every_matter_the_nightly_job_finds_and_upkeep_apart(
    shared: xw.Book, press: Press, nightly: Assessment
) -> None:
    sentence = press(shared, "scan")
    matters, kept = nightly.matters, nightly.housekeeping
    levels = nightly.customers["level"].value_counts()
    assert sentence == ZH(
        "message.scanned", customers=6, at_risk=matters["customer_id"].nunique(), matters=len(matters),
        high=levels.get("high", 0), medium=levels.get("medium", 0), low=levels.get("low", 0),
    ) + ZH("message.scanned_kept", n=len(kept))  # fmt: skip
    assert shared.sheets.active.name == "风险清单"
    sheet = product(shared, "risks")
    found = table(sheet)
    for field in ("customer_id", "subject", "evidence", "remedy", "owner", "cell"):
        assert found[header(field)].tolist() == matters[field].fillna("—").tolist()
    assert found[header("consequences")].tolist() == matters["consequences"].fillna("").tolist()
    assert days(found[header("due")]) == days(matters["due"])
    assert found[header("level")].tolist() == [ZH(f"terms.level.{level}") for level in matters["level"]]
    apart = table(sheet, row_of(sheet, ZH("result.housekeeping")) + 1)
    for field in ("owner", "customer_id", "subject", "action"):
        assert apart[header(field)].tolist() == kept[field].fillna("—").tolist()
    assert row_of(sheet, ZH("result.common")) > HEADER + len(found)  # and before what the workbook needs
    assert row_of(sheet, ZH("result.common")) < row_of(sheet, ZH("result.housekeeping"))


def test_the_risk_list_has_one_row_a_customer_the_worst_first(
    shared: xw.Book, press: Press, nightly: Assessment
) -> None:
    press(shared, "risk_list")
    found = table(product(shared, "risks"))
    points = nightly.customers.set_index("customer_id")["risk_score"]
    worst = nightly.matters.drop_duplicates("customer_id")
    worst = worst.iloc[(-points[worst["customer_id"]]).argsort(kind="stable")]
    assert worst["customer_id"].tolist() == ["C001", "C002", "C003", "C005"]
    assert found[header("customer_id")].tolist() == worst["customer_id"].tolist()
    assert found[fields.header("worst_evidence", "zh-CN")].tolist() == worst["evidence"].tolist()
    assert found[header("risk_score")].tolist() == points[worst["customer_id"]].tolist()
    assert found[header("risk_score")].is_monotonic_decreasing


def test_check_says_what_the_nightly_job_would_say(shared: xw.Book, press: Press, nightly: Assessment) -> None:
    press(shared, "check")
    found = table(product(shared, "check"))
    expected = data_sheets.findings(nightly)
    expected = expected[expected["code"] != "contains_our_macros"]
    assert found[header("finding")].tolist() == expected["finding"].tolist()
    assert found[header("cell")].tolist() == expected["cell"].fillna("—").tolist()


def test_check_names_the_cell_and_leads_there(book: xw.Book, press: Press) -> None:
    book.sheets[EVALUATION].range("C6").value = "很高"
    book.sheets[INFO].range("I7").value = "说不清"
    sentence = press(book, "check")
    assert sentence == ZH("message.checked", error=2, warn=1, info=2)  # the score of C6 has no answer any more
    sheet = product(book, "check")
    found = table(sheet)
    assert found.iloc[:2, :3].to_numpy().tolist() == [["错误", INFO, "I7"], ["错误", EVALUATION, "C6"]]
    assert excel.formulas(sheet.range("C5"))[0][0] == f'=HYPERLINK("#\'{INFO}\'!I7","I7")'
    assert sheet.range("A5").color is not None


def test_a_text_stays_a_text_whatever_it_looks_like(book: xw.Book, press: Press) -> None:
    for cell, text in (("B5", "=1+1"), ("B7", "007"), ("B9", "2026-01-02")):
        book.sheets[INFO].range(cell).number_format = "@"
        book.sheets[INFO].range(cell).value = text
    press(book, "strategies")
    names = dict(table(product(book, "strategies")).iloc[:, 1:3].to_numpy().tolist())
    assert (names["C001"], names["C003"], names["C005"]) == ("=1+1", "007", "2026-01-02")
    typed = excel.formulas(product(book, "strategies").range("C5:C10"))
    assert ["=1+1"] in typed or ["'=1+1"] in typed
    assert product(book, "strategies").range("C6").value == "=1+1"


def test_a_sentence_that_begins_like_a_formula_stays_a_text(book: xw.Book, press: Press) -> None:
    for sheet, cell in ((INFO, "A5"), (EVALUATION, "A5")):
        book.sheets[sheet].range(cell).number_format = "@"
        book.sheets[sheet].range(cell).value = "=1+1"
    book.sheets[INFO].range("A5").select()
    excel.named(book, "kam_message").number_format = "General"  # as in a workbook made with an older template
    sentence = press(book, "explain")
    assert sentence.startswith("=1+1 ")
    cells = excel.named(book, "kam_message")
    assert cells.value == sentence
    assert cells.impl.api.queryFormulaCells(7).Count == 0
    assert cells.number_format == "@"


# --- plan ---------------------------------------------------------------------------------------------------------


def test_strategies_follow_the_tiers(shared: xw.Book, press: Press, nightly: Assessment) -> None:
    sentence = press(shared, "strategies")
    assert sentence.endswith(ZH("message.unscored", n=1))
    found = table(product(shared, "strategies"))
    customers = nightly.customers.set_index("customer_id")
    assert found[header("computed_tier")].tolist() == [
        "战略客户",
        "重点客户",
        "普通客户",
        "潜力客户",
        "待优化客户",
        "未评估",
    ]
    ids = found[header("customer_id")].tolist()
    assert sorted(ids) == sorted(customers.index)
    plays = planning.playbook(nightly.policy, "zh-CN")
    for row in found.to_dict("records"):
        customer = customers.loc[row[header("customer_id")]]
        play = plays.loc[customer["computed_tier"]] if pd.notna(customer["computed_tier"]) else None
        assert row[header("core_strategy")] == (play["core_strategy"] if play is not None else "—")
        assert row[header("escalation")] == customer["escalation"]
        assert days([row[header("next_visit")]]) == days([customer["next_visit"]])


def test_due_this_week_lists_what_falls_due_within_seven_days(book: xw.Book, press: Press) -> None:
    for row in range(5, 11):
        book.sheets[INFO].range((row, 8)).value = DAY - dt.timedelta(days=400)  # nobody has been seen for long
    book.sheets[TRACKING].range("J5:J12").clear_contents()
    for sheet in (sheets.SERVICE, sheets.CONTACTS):
        book.sheets[sheet.zh].range("A5:L11").clear_contents()
    sentence = press(book, "due_week")
    found = table(product(book, "due"))
    assert (pd.to_datetime(found[header("day")]) <= pd.Timestamp(DAY) + pd.Timedelta(days=7)).all()
    later = pd.to_datetime(found[header("postponed_to")].replace("—", None))
    due = later.fillna(pd.to_datetime(found[header("due")]))
    overdue = found[header("overdue")] == ZH("master.overdue")
    assert overdue.tolist() == (due < pd.Timestamp(DAY)).tolist()
    assert overdue.sum() > 0
    people = found[header("owner")].tolist()
    counts = "、".join(f"{who} {people.count(who)} 项" for who in list(dict.fromkeys(people))[:3])
    assert sentence.startswith(
        f"7 天内到期或已逾期的行动 {len(found)} 项，其中 {overdue.sum()} 项已过截止日期；{counts}。"
    )
    assert people == sorted(people, key=lambda who: (-people.count(who), people.index(who)))
    assert not {"—", ""} & {*people, *found[header("subject")]}


def test_the_upkeep_of_the_workbook_is_due_apart(shared: xw.Book, press: Press, nightly: Assessment) -> None:
    sentence = press(shared, "due_week")
    soon = nightly.actions[nightly.actions["waiting"] & (nightly.actions["overdue"] | nightly.actions["ahead"])]
    kept = soon[soon["kind"] == planning.HOUSEKEEPING]
    assert len(kept) > 0
    assert sentence.endswith(ZH("message.due_kept", n=len(kept)))
    sheet = product(shared, "due")
    assert sorted(table(sheet)[header("subject")]) == sorted(soon.drop(kept.index)["subject"])
    apart = table(sheet, row_of(sheet, ZH("result.housekeeping")) + 1)
    assert sorted(apart[header("subject")]) == sorted(kept["subject"])


def test_what_is_done_is_not_due_and_what_is_postponed_waits(book: xw.Book, press: Press) -> None:
    press(book, "due_week")
    before = table(product(book, "due"))
    assert days(before[before[header("customer_id")] == "C003"][header("due")])[0] == "2026-11-23"
    cells(book, "status", 5).value = ZH("terms.tasks.status.done")
    cells(book, "status", 6).value = ZH("terms.tasks.status.postponed")
    cells(book, "postponed_to", 6).value = DAY + dt.timedelta(days=3)
    press(book, "due_week")
    after = table(product(book, "due"))
    assert len(after) == len(before)  # one is done, one comes back on its new day
    moved = after[after[header("postponed_to")] != "—"]
    assert (moved[header("customer_id")].tolist(), days(moved[header("postponed_to")])) == (["C001"], ["2026-11-23"])
    assert moved[header("overdue")].tolist() == [ZH("master.not_overdue")]


def test_the_budget_is_split_and_says_why(book: xw.Book, press: Press) -> None:
    excel.put(book, "kam_budget", 1000)
    sentence = press(book, "budget")
    assert sentence == ZH("message.split", total="1,000.0", why=budgets.why(resources.policy(), ZH))
    found = table(product(book, "budget"))
    assert found.iloc[:, 0].tolist() == ["战略客户", "重点客户", "普通客户、待优化客户", "潜力客户"]
    assert found[fields.header("part", "zh-CN")].tolist() == pytest.approx([0.38, 0.29, 0.14, 0.19])
    assert found[fields.header("budget_amount", "zh-CN")].tolist() == [380.0, 290.0, 140.0, 190.0]
    assert found[fields.header("tier_customers", "zh-CN")].tolist() == [1, 1, 2, 1]


def test_a_budget_may_be_a_number_that_is_text(book: xw.Book, press: Press) -> None:
    for typed in ("1,000", "１０００", "1000万"):
        book.names["kam_budget"].refers_to_range.number_format = "@"
        excel.put(book, "kam_budget", typed)
        assert press(book, "budget") == ZH("message.split", total="1,000.0", why=budgets.why(resources.policy(), ZH))


def test_a_budget_that_is_no_amount_is_asked_for(book: xw.Book, press: Press) -> None:
    for typed, key in ((None, "no_budget"), ("很多", "no_budget"), (-5, "bad_budget")):
        excel.put(book, "kam_budget", typed)
        assert press(book, "budget") == "▲ " + ZH(f"message.{key}", typed="—" if typed is None else typed)
    assert result_sheets.name_of("budget", "zh-CN") not in [sheet.name for sheet in book.sheets]


def test_a_budget_formatted_as_currency_counts(book: xw.Book, press: Press, monkeypatch: pytest.MonkeyPatch) -> None:
    excel.put(book, "kam_budget", 1000)
    read = engine.Engine.clean_value_data

    def as_excel_reads_currency(*asked_for: object) -> list[list]:
        rows = read(*asked_for)
        return [[Decimal(str(cell)) if isinstance(cell, float) else cell for cell in row] for row in rows]

    monkeypatch.setattr(engine.Engine, "clean_value_data", staticmethod(as_excel_reads_currency))
    assert press(book, "budget").startswith("预算 1,000.0 万元已分配")


# --- account ------------------------------------------------------------------------------------------------------


def test_health_shows_the_worst_first_and_why(shared: xw.Book, press: Press, nightly: Assessment) -> None:
    sentence = press(shared, "health")
    assert sentence == ZH("message.health", n=6, red=1, yellow=3, green=1, unknown=1) + ZH(
        "message.health_first", customers="C003"
    )
    found = table(product(shared, "health"))
    colours = [ZH(f"terms.colour.{colour}") for colour in health.COLOURS]
    assert found[header("health_colour")].tolist() == [colours[0], *[colours[1]] * 3, colours[2], "—"]
    known = nightly.customers.set_index("customer_id")
    told = health.explained(nightly.customers, nightly.policy, ZH).set_axis(known.index)
    for row in found.to_dict("records"):
        customer = row[header("customer_id")]
        number = known["health"][customer]
        assert row[header("health")] == (number if pd.notna(number) else "—")
        assert row[header("health_why")] == told[customer]
    assert found[header("lifecycle")].tolist()[-1] == ZH("lifecycle.stage.new")


def test_service_shows_what_is_open_with_its_clocks(book: xw.Book, press: Press) -> None:
    log = book.sheets[sheets.SERVICE.zh]
    sentence = press(book, "service")
    assert sentence == ZH("message.service", n=1, severe=1, late=1, confirm=1)
    sheet = product(book, "cases")
    found = table(sheet, HEADER + 1)
    assert found[header("customer_id")].tolist() == ["C003", "C005"]
    assert found[header("response_state")].tolist() == [ZH("terms.case_state.met")] * 2
    assert found[header("resolution_state")].tolist()[0] == ZH("terms.case_state.breached")
    assert found[header("answer_by")].tolist()[0] == dt.datetime(2026, 11, 17, 11, 15)
    assert f"#'{sheets.SERVICE.zh}'!E6" in excel.formulas(sheet.range((HEADER + 2, len(found.columns))))[0][0]
    for row in (5, 7, 8, 9, 10):  # one problem at five customers
        log.range((row, 1), (row, 3)).value = [f"C00{row - 4}", ZH("terms.service.kind.request"), "交付延期"]
        log.range((row, 5)).value = DAY - dt.timedelta(days=2)
        log.range((row, 6), (row, 8)).clear_contents()
    assert press(book, "service").endswith(ZH("message.repeats", n=1))
    again = table(sheet, row_of(sheet, ZH("result.repeats")) + 1)
    assert again.iloc[0].tolist()[:4] == ["交付延期", 5, 5, ZH("result.several")]


def test_the_clocks_run_until_the_moment_of_the_click(book: xw.Book) -> None:
    log = book.sheets[sheets.SERVICE.zh]
    log.range("F6").clear_contents()  # nobody has answered the major complaint of 17 November, 09:15: 2 hours
    excel.named(book, "kam_as_of").formula = "=TODAY()"
    morning, later = dt.datetime(2026, 11, 17, 10, 0), dt.datetime(2026, 11, 17, 11, 30)
    states = [
        asked(book, now).assessed.cases.set_index("customer_id")["response_state"]["C003"] for now in (morning, later)
    ]
    assert states == ["running", "breached"]
    assert asked(book, later).today == later.date()
    for typed in (DAY, morning):
        excel.put(book, "kam_as_of", typed)
        assert asked(book, later).now == typed


def test_relationships_show_the_four_roles(book: xw.Book, press: Press) -> None:
    assert press(book, "relationships") == ZH("message.relations", n=3, full=1, lacking=2, stale=0)
    found = table(product(book, "relationships"))
    assert found[header("customer_id")].tolist() == ["C001", "C002", "C003"]
    roles = found[[header(role) for role in ("purchasing", "user", "technical", "executive")]].to_numpy().tolist()
    fresh, left, missing = (ZH(f"terms.contact_state.{state}") for state in ("fresh", "left", "missing"))
    assert roles == [[fresh, left, missing, missing], [fresh, missing, missing, missing], [fresh] * 4]
    assert product(book, "relationships").range("E5").color is not None
    book.sheets[sheets.CONTACTS.zh].range("A5:I11").clear_contents()
    assert press(book, "relationships") == "▲ " + ZH("message.sheet_empty", sheet=sheets.CONTACTS.zh)


def test_cross_selling_shows_proposals_and_the_grid(shared: xw.Book, press: Press, nightly: Assessment) -> None:
    free = nightly.whitespace[~nightly.whitespace["open"]]
    sentence = press(shared, "whitespace")
    assert sentence.startswith(f"为 {free['customer_id'].nunique()} 家客户找到 {len(free)} 项推荐")
    sheet = product(shared, "whitespace")
    found = table(sheet, HEADER + 1)
    assert found[header("product")].tolist() == nightly.whitespace["product"].tolist()
    assert found[header("whitespace.share")].tolist() == pytest.approx(nightly.whitespace["share"].tolist())
    grid = table(sheet, row_of(sheet, ZH("result.grid")) + 1)
    assert grid.columns.tolist()[3:] == nightly.product_grid.columns.tolist()[3:]
    assert set(grid.iloc[:, 3:].to_numpy().ravel()) == {
        "",
        *(ZH(f"terms.product.{key}") for key in ("buys", "proposed")),
    }


def test_the_account_plan_of_the_selected_customer_opens(shared: xw.Book, press: Press, opened: list[str]) -> None:
    shared.sheets[EVALUATION].range("B5").select()
    sentence = press(shared, "account_plan")
    assert [Path(address).name for address in opened] == ["plan.zh-CN.html"]
    file = Path(opened[0].removeprefix("file://"))
    assert sentence == ZH("message.plan_opened", customer="C001 澜汐科技有限公司", file=file)
    page = file.read_text("utf-8")
    assert "澜汐科技有限公司" in page
    assert not re.search(r"(src|href)=.https?:", page)  # nothing from the network


# --- the action list ----------------------------------------------------------------------------------------------


def listed(book: xw.Book, lang: str = "zh-CN") -> pd.DataFrame:
    """The table of the action list by field, blank cells as None."""
    body = book.sheets[sheets.TASKS.name(lang)].tables[sheets.TASKS.table].data_body_range
    return pd.DataFrame(excel.values(body), columns=sheets.TASKS.fields).replace("", None)


THEIRS = [column.field for column in sheets.TASKS.columns if not column.ours]
AT = {field: "ABCDEFGHIJKL"[place] for place, field in enumerate(sheets.TASKS.fields)}  # field → its column


def cells(book: xw.Book, field: str, first: int, last: int | None = None) -> xw.Range:
    """Cells of one field of the action list, by their rows."""
    return book.sheets[sheets.TASKS.zh].range(f"{AT[field]}{first}:{AT[field]}{last or first}")


def test_the_action_list_gets_what_it_lacks_and_nothing_twice(book: xw.Book, press: Press) -> None:
    before = listed(book)
    expected = asked(book, DAY).assessed.actions
    sentence = press(book, "action_list")
    after = listed(book)
    new = after.iloc[len(before) :]
    assert sentence.startswith(f"“行动清单”新增 {len(new)} 项，更新 0 行；")
    assert after.iloc[: len(before)][THEIRS].equals(before[THEIRS])
    assert after["action_id"].tolist() == list(dict.fromkeys([*before["action_id"], *expected["key"]]))
    known = expected.set_index("key")
    assert new["owner"].tolist() == known["manager"].fillna(known["owner"])[new["action_id"]].tolist()
    assert days(new["due"]) == days(known["due"][new["action_id"]])
    assert set(new["status"]) == {ZH("terms.tasks.status.open")}
    assert new[["postponed_to", "note"]].isna().all(axis=None)
    for row in (5, 8, 4 + len(after)):  # of the samples, the first new one, the last
        lines = [getattr(cells(book, "owner", row).impl.api, f"{side}Border") for side in ("Top", "Left", "Bottom")]
        assert {(line.Color, bool(line.OuterLineWidth)) for line in lines} == {(int(theme.LINE[1:], 16), True)}
    assert new["proposed_owner"].equals(new["owner"])
    assert days(new["proposed_due"]) == days(new["due"])
    assert book.sheets.active.name == sheets.TASKS.zh
    assert press(book, "action_list").startswith("“行动清单”已是最新")
    assert listed(book).equals(after)


def test_every_line_says_what_it_is_about_and_no_two_say_the_same(book: xw.Book, press: Press) -> None:
    press(book, "action_list")
    lines = listed(book)
    assert lines["subject"].notna().all()
    assert not lines.duplicated(["customer_id", "subject", "action", "evidence"]).any()
    matters = asked(book, DAY).assessed.matters.set_index("key")
    told = lines.set_index("action_id").loc[matters.index]
    assert len(told) > 5
    for field in ("subject", "evidence"):
        assert told[field].tolist() == matters[field][told.index].tolist()


def test_the_upkeep_of_the_workbook_stands_after_what_else_is_to_be_done(book: xw.Book, press: Press) -> None:
    before = len(listed(book))
    press(book, "action_list")
    kinds = asked(book, DAY).assessed.actions.set_index("key")["kind"]
    kept = (kinds[listed(book)["action_id"][before:]] == planning.HOUSEKEEPING).tolist()
    assert kept == sorted(kept)
    assert {*kept} == {False, True}


def test_nobody_sees_the_numbers_that_the_button_knows_a_line_by(book: xw.Book) -> None:
    columns = book.sheets[sheets.TASKS.zh].impl.api.Columns
    hidden = [field for place, field in enumerate(sheets.TASKS.fields) if not columns.getByIndex(place).IsVisible]
    assert hidden == ["action_id", "proposed_owner", "proposed_due"]


def test_who_and_by_when_as_somebody_typed_them_stay_and_count(book: xw.Book, press: Press) -> None:
    press(book, "action_list")
    later = DAY + dt.timedelta(days=40)
    cells(book, "owner", 8).value = "赵六"
    cells(book, "due", 9).value = later
    sentence = press(book, "action_list")
    assert sentence.startswith("“行动清单”已是最新")
    after = listed(book)
    assert [after["owner"][3], after["due"][4]] == ["赵六", later]
    told = tasks.decided(asked(book, DAY).inside.portfolio)
    assert told.loc[after["action_id"][3], "owner"] == "赵六"
    assert told.loc[after["action_id"][4], "due"] == pd.Timestamp(later)
    assert told.loc[after["action_id"][5:], ["owner", "due"]].isna().all(axis=None)


def test_what_nobody_typed_is_renewed(book: xw.Book, press: Press) -> None:
    press(book, "action_list")
    before = listed(book)
    cells(book, "owner", 8).value = cells(book, "proposed_owner", 8).value = "以前的人"  # as the button wrote it
    cells(book, "evidence", 9).value = "以前的依据"
    cells(book, "subject", 10).clear_contents()
    cells(book, "evidence", 6).value = "已推迟的一行"  # decided: it says on what
    assert press(book, "action_list").startswith("“行动清单”新增 0 项，更新 3 行；")
    after = listed(book)
    assert after["evidence"][1] == "已推迟的一行"
    assert after.drop(index=1).equals(before.drop(index=1))


def test_what_people_wrote_in_the_action_list_stays_whatever_they_wrote(book: xw.Book, press: Press) -> None:
    sheet = book.sheets[sheets.TASKS.zh]
    cells(book, "owner", 5).value = "换人了"
    cells(book, "status", 5).value = "随便写写"
    cells(book, "due", 5).clear_contents()
    cells(book, "customer_id", 8).value, cells(book, "action", 8).value = "C004", "自己加的一行"  # below the table
    typed = [excel.formulas(cells(book, field, 4, 8)) for field in THEIRS if field != "due"]
    press(book, "action_list")
    press(book, "action_list")
    assert [excel.formulas(cells(book, field, 4, 8)) for field in THEIRS if field != "due"] == typed
    found = listed(book)
    assert found["action"].tolist()[3] == "自己加的一行"
    assert found["action"].tolist().count("自己加的一行") == 1
    assert found["action_id"].dropna().is_unique
    assert "446ad2197040" not in found["action_id"].tolist()[4:]
    assert sheet.tables[sheets.TASKS.table].range.last_cell.row == 4 + len(found)


def test_the_action_list_begins_in_its_blank_row_and_in_any_order_of_columns(book: xw.Book, press: Press) -> None:
    sheet = book.sheets[sheets.TASKS.zh]
    sheet.range("A5:L7").clear_contents()
    head = sheet.range("A4:L4").value
    sheet.range("A4:L4").value = [head[9], *head[1:9], head[0], *head[10:]]  # the numbers moved to the front
    sheet.impl.api.Columns.getByIndex(9).IsVisible = True
    press(book, "action_list")
    rows = excel.values(sheet.range("A5:J5"))
    assert re.fullmatch("[0-9a-f]{12}", rows[0][0])
    assert rows[0][9].startswith("C00")
    assert sheet.tables[sheets.TASKS.table].range.last_cell.row == 4 + len(asked(book, DAY).assessed.actions)
    assert press(book, "action_list").startswith("“行动清单”已是最新")


def test_the_promised_date_of_an_action_stays(book: xw.Book, press: Press) -> None:
    press(book, "action_list")
    excel.put(book, "kam_as_of", DAY + dt.timedelta(days=2))
    promised = listed(book).set_index("action_id")["due"]
    known = asked(book, DAY).assessed.matters.set_index("key")["due"]
    assert len(known) > 5
    assert days(known) == days(promised[known.index])


def test_a_workbook_without_the_action_list_says_what_to_do(book: xw.Book, press: Press) -> None:
    book.sheets[sheets.TASKS.zh].delete()  # as in one made with an older template and upgraded
    assert press(book, "action_list") == "▲ " + ZH("message.no_action_list", sheet=sheets.TASKS.zh)
    assert press(book, "due_week").startswith("7 天内到期或已逾期的行动")


def test_a_protected_action_list_is_said(book: xw.Book, press: Press) -> None:
    book.sheets[sheets.TASKS.zh].impl.api.protect("secret")
    assert press(book, "action_list") == "▲ " + ZH("message.sheet_locked", sheet=sheets.TASKS.zh)


# --- repairs and targets ------------------------------------------------------------------------------------------


def test_repairs_name_the_cell_what_stands_there_and_what_should(book: xw.Book, press: Press) -> None:
    info = book.sheets[INFO]
    info.range("I5").value = "3200万"
    info.range("F5").number_format = "@"
    sentence = press(book, "repairs")
    sheet = product(book, "repairs")
    found = table(sheet)
    expected = quality.repairs(asked(book, DAY).assessed.portfolio, asked(book, DAY).assessed.customers)
    assert sentence.startswith(f"{expected['manager'].nunique()} 位客户经理共有 {len(expected)} 个单元格要修正")
    assert found[header("cell")].tolist() == expected["cell"].tolist()
    amount = found[found[header("cell")] == "I5"].iloc[0]
    assert amount[header("typed_value")] == "3200万"
    assert amount[header("proposal")] == "3200"
    assert amount[header("finding")] == ZH("message.typed_as_text")
    place = HEADER + 1 + found.index[found[header("cell")] == "I5"][0]
    assert excel.formulas(sheet.range((place, 4)))[0][0] == f'=HYPERLINK("#\'{INFO}\'!I5","I5")'


def test_targets_stand_beside_the_figures_and_stages_add_up(shared: xw.Book, press: Press, nightly: Assessment) -> None:
    sentence = press(shared, "measures")
    kpis = nightly.kpis[nightly.kpis["team"].isna()]
    counts = kpis["verdict"].value_counts()
    told = {result: int(counts.get(result, 0)) for result in ("good", "watch", "bad", "none")}
    assert sentence == ZH("message.measured", n=len(kpis), **told)
    sheet = product(shared, "measures")
    found = table(sheet, HEADER + 1)
    assert sorted(found[header("said")]) == sorted(kpis["said"])
    assert found[header("kpis.verdict")].tolist()[0] == ZH("terms.result.bad")
    stages = table(sheet, row_of(sheet, ZH("result.life")) + 1)
    assert stages[header("customers")].sum() == len(nightly.customers)


# --- team ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def team(book: xw.Book, tmp_path: Path) -> Path:
    """The folder of the teams, known to the workbook of team 华东, whose samples are cleared but for one real customer."""
    folder = tmp_path / "teams"
    folder.mkdir()
    excel.put(book, "kam_team", "华东")
    excel.put(book, "kam_team_folder", str(folder))
    return folder


def test_validate_says_ready(shared: xw.Book, press: Press) -> None:
    sentence = press(shared, "validate")
    assert sentence == ZH("message.ready_with_findings", customers=6, others=1) + ZH("message.samples_left", n=6)
    assert product(shared, "check").range("A1").value == "提交前检查 · 2026-11-20 · KAM XL"


def test_validate_puts_first_what_would_lose_rows(book: xw.Book, press: Press) -> None:
    book.sheets[EVALUATION].range("C6").value = "很高"  # a value lost, no row
    book.sheets[INFO].range("A7").clear_contents()
    sentence = press(book, "validate")
    assert sentence.startswith("还不能提交：1 处必须先修改")
    first = table(product(book, "check")).iloc[0]
    assert first[header("sheet")] == INFO
    assert first[header("cell")].startswith("A7")


def test_hand_in_copies_the_saved_workbook_whole(book: xw.Book, press: Press, team: Path) -> None:
    book.sheets[INFO].range("L5").value = "刚刚写下"
    sentence = press(book, "hand_in")
    target = team / "华东.xlsm"
    assert sentence == ZH("message.handed_in", file=target, customers=6, rows=6) + ZH("message.samples_left", n=5)
    assert [path.name for path in team.iterdir()] == ["华东.xlsm"]
    assert target.read_bytes() == Path(book.fullname).read_bytes()
    read = workbooks.read(team, "华东.xlsm")
    rows = next(sheet.rows for sheet in read.sheets if sheet.name == INFO)
    assert rows[4][11] == "刚刚写下"
    assert excel.value(book, "kam_workbook_id").startswith("KAM-")
    book.sheets[INFO].range("L5").value = "第二次"
    before = target.read_bytes()
    assert press(book, "hand_in") == sentence  # its own file is replaced
    assert target.read_bytes() != before


def test_hand_in_saves_before_python_holds_calculation(book: xw.Book, press: Press, team: Path) -> None:
    seen = []
    listener = book.impl.app.program.answering(
        "com.sun.star.document.XDocumentEventListener",
        documentEventOccured=lambda event: seen.append((event.EventName, document.isAutomaticCalculationEnabled())),
        disposing=lambda _: None,
    )
    document = book.impl.api
    document.addDocumentEventListener(listener)
    press(book, "hand_in")
    document.removeDocumentEventListener(listener)
    assert [automatic for event, automatic in seen if event == "OnSave"] == [True]
    assert (team / "华东.xlsm").exists()


def test_hand_in_gives_every_workbook_an_id_of_its_own_and_keeps_it(book: xw.Book, press: Press, team: Path) -> None:
    ids = []
    for _ in range(2):
        excel.put(book, "kam_workbook_id", None)
        press(book, "hand_in")
        ids.append(excel.value(book, "kam_workbook_id"))
        (team / "华东.xlsm").unlink()
    assert all(re.fullmatch(r"KAM-\d{8}-\d{6}-[0-9A-F]{10}", each) for each in ids)
    assert ids[0] != ids[1]
    press(book, "hand_in")
    assert excel.value(book, "kam_workbook_id") == ids[1]


def test_hand_in_says_that_the_workbook_cannot_be_saved(
    office: libreoffice.Office, press: Press, tmp_path: Path
) -> None:
    path = tmp_path / "taken away" / "KAM_Template.xlsm"
    path.parent.mkdir()
    shutil.copyfile(Path(__file__).parents[1] / "workbook" / path.name, path)
    book = office.open(path)
    shutil.rmtree(path.parent)
    path.parent.write_text("a file where its folder was")
    excel.put(book, "kam_team", "华东")
    excel.put(book, "kam_team_folder", str(tmp_path))
    assert press(book, "hand_in") == "▲ " + ZH("message.cannot_save", file=path.name)
    book.close()
    assert not (tmp_path / "华东.xlsm").exists()


def test_hand_in_without_an_id_is_refused(book: xw.Book, press: Press, team: Path) -> None:
    with pytest.raises(KamError, match=re.escape(ZH("message.no_id"))):
        hand_in(asked(book, DAY))  # as where VBA could not write into the sheet
    book.names["kam_workbook_id"].delete()
    assert press(book, "hand_in") == "▲ " + ZH("message.name_missing", name="kam_workbook_id")
    assert not list(team.iterdir())


def test_hand_in_refuses_a_file_that_is_not_what_is_open(book: xw.Book, team: Path) -> None:
    expected = ZH("message.not_what_is_open", file="KAM_Template.xlsm")
    excel.put(book, "kam_workbook_id", "KAM-1")  # Python alone does not save: the file has no ID
    with pytest.raises(KamError, match=re.escape(expected)):
        hand_in(asked(book, DAY))
    book.save()
    excel.put(book, "kam_workbook_id", "KAM-2")
    with pytest.raises(KamError, match=re.escape(expected)):
        hand_in(asked(book, DAY))
    assert not list(team.iterdir())


def test_hand_in_never_replaces_another_teams_workbook(book: xw.Book, press: Press, team: Path) -> None:
    press(book, "hand_in")
    before = (team / "华东.xlsm").read_bytes()
    excel.put(book, "kam_workbook_id", "KAM-another")
    assert press(book, "hand_in") == "▲ " + ZH("message.target_is_anothers", file="华东.xlsm", team="华东")
    assert (team / "华东.xlsm").read_bytes() == before
    (team / "华东.xlsm").write_bytes(b"no workbook")
    assert press(book, "hand_in") == "▲ " + ZH("message.target_unreadable", file="华东.xlsm")
    assert [path.name for path in team.iterdir()] == ["华东.xlsm"]


def test_hand_in_refuses_to_lose_rows_and_says_which(book: xw.Book, press: Press, team: Path) -> None:
    book.sheets[INFO].range("A7").clear_contents()
    sentence = press(book, "hand_in")
    assert sentence.startswith(f"▲ 没有提交：1 处会丢失数据行（{INFO}!A7")
    assert not list(team.iterdir())


def test_hand_in_says_what_is_missing(book: xw.Book, press: Press, team: Path) -> None:
    for name, typed, key in (
        ("kam_team_folder", "/no/such/folder", "no_folder"),
        ("kam_team_folder", "https://example.com/teams", "folder_is_url"),
        ("kam_team_folder", None, "no_team_folder"),
        ("kam_team", "华东/华南", "bad_team"),
        ("kam_team", None, "no_team"),
    ):
        excel.put(book, name, typed)
        assert press(book, "hand_in") == "▲ " + ZH(f"message.{key}", team=typed, folder=typed)
    assert not list(team.iterdir())


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_hand_in_into_a_protected_folder_leaves_nothing(book: xw.Book, press: Press, team: Path) -> None:
    team.chmod(0o500)
    sentence = press(book, "hand_in")
    team.chmod(0o700)
    assert sentence == "▲ " + ZH("message.cannot_deliver", folder=team, file="华东.xlsm")
    assert not list(team.iterdir())


def test_last_night_opens_the_master_or_says_what_is_missing(
    book: xw.Book, press: Press, tmp_path: Path, office: libreoffice.Office
) -> None:
    assert press(book, "last_night") == "▲ " + ZH("message.no_master_folder")
    excel.put(book, "kam_master_folder", str(tmp_path / "out"))
    assert press(book, "last_night") == "▲ " + ZH("message.no_folder", folder=tmp_path / "out")
    (tmp_path / "out").mkdir()
    assert press(book, "last_night") == "▲ " + ZH("message.no_master", folder=tmp_path / "out", file="KAM_Master.xlsx")
    master = tmp_path / "out" / "KAM_Master.xlsx"
    with xlsxwriter.Workbook(master) as made:
        made.add_worksheet("风险摘要").write("A1", "昨夜")
    night = dt.datetime(2026, 11, 20, 2, 3)
    os.utime(master, (night.timestamp(), night.timestamp()))
    assert press(book, "last_night") == ZH("message.opened", file=master, written="2026-11-20 02:03", days=0)
    opened = next(one for one in office.app.books if one.name == "KAM_Master.xlsx")
    assert opened.api.isReadonly()
    opened.close()
    os.utime(master, ((night - dt.timedelta(days=5)).timestamp(),) * 2)
    sentence = press(book, "last_night")
    assert sentence == ZH("message.opened_old", file=master, written="2026-11-15 02:03", days=5)
    next(one for one in office.app.books if one.name == "KAM_Master.xlsx").close()


# --- why it changed -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The outputs of two nights of the team 华东, before the second of which a mark and an amount were typed anew."""
    work = tmp_path_factory.mktemp("told")
    for day, (mark, amount) in ((19, (95, 180)), (20, (60, 80))):
        people = [
            {"customer_id": f"C00{one}", "name": f"公司{one}", "amount": amount if one == 2 else 520}
            for one in (1, 2, 3)
        ]
        marks = [
            {"customer_id": "C003", "value": 95, "potential": mark, "demand": 95, "evaluated_on": dt.date(2026, 9, 1)}
        ]
        night = dt.datetime(2026, 11, day, 2)
        files.team(work / "teams" / "华东.xlsx", saved=night, info=people, evaluation=marks)
        if day == 20:
            shutil.copytree(work / "out", work / "first")
        assert run(Job(work / "teams", work / "out"), night)[0] == 0
    return work


@pytest.fixture
def looking(book: xw.Book, told: Path) -> xw.Book:
    """A workbook of that team that knows where the nights write."""
    excel.put(book, "kam_team", "华东")
    excel.put(book, "kam_master_folder", str(told / "out"))
    return book


NIGHTS = "2026-11-19 到 2026-11-20"


def test_why_it_changed_tells_of_the_selected_customer_then_of_the_others(
    looking: xw.Book, press: Press, told: Path
) -> None:
    looking.sheets[INFO].range("B7").select()
    sentence = press(looking, "changes")
    nights = pd.read_parquet(told / "out" / "archive" / "moves.parquet").set_index(["customer_id", "figure"])
    sheet = product(looking, "changes")
    own, others = table(sheet), table(sheet, row_of(sheet, ZH("result.others")) + 1)
    kept = own.set_index(header("moves.figure"))
    for figure in ("tier", "score"):
        row = kept.loc[ZH(f"bridge.figure.{figure}")]
        assert [row[header(f"moves.{one}")] for one in ("said", "why", "cites")] == list(
            nights.loc[("C003", figure), ["said", "why", "cites"]]
        )
    assert own[header("customer_id")].unique().tolist() == ["C003"]
    assert set(own[header("moves.nights")]) == {NIGHTS}
    assert others[header("customer_id")].unique().tolist()[0] == "C002"
    assert sentence == ZH(
        "message.changed_of", customer="C003 公司3", nights=NIGHTS, figure="层级", n=len(own),
        first=ZH("bridge.because", said=nights.loc[("C003", "tier"), "said"], why="自身数据"),
    )  # fmt: skip


def test_why_it_changed_tells_of_the_team_where_nobody_is_selected_and_cells_take_one_of_them(
    looking: xw.Book, press: Press
) -> None:
    looking.sheets[INFO].range("B4").select()
    sentence = press(looking, "changes")
    rows = table(product(looking, "changes"))
    who = rows[header("customer_id")]
    assert sentence == ZH("message.changed", nights=NIGHTS, customers=who.nunique(), n=len(rows))
    assert who[0] == "C003"
    scratch = looking.sheets.add("scratch")
    own = rows[who == "C002"].iloc[:, 2:7]
    area = scratch.range((1, 1), (len(own) + 1, len(own.columns)))
    area.formula_array = '=KAM_CHANGE("C002",为何变化!A:H)'
    assert area.options(ndim=2, empty="").value[1:] == own.to_numpy().tolist()


def test_why_it_changed_says_what_is_missing_and_what_it_cannot_know(
    book: xw.Book, press: Press, told: Path, tmp_path: Path
) -> None:
    assert press(book, "changes") == "▲ " + ZH("message.no_team")
    excel.put(book, "kam_team", "华东")
    assert press(book, "changes") == "▲ " + ZH("message.no_master_folder")
    excel.put(book, "kam_master_folder", str(tmp_path))
    assert press(book, "changes") == "▲ " + ZH("message.no_returned", folder=tmp_path, file="teams/华东.xlsx")
    own = tmp_path / "华东.xlsx"
    with xlsxwriter.Workbook(own) as made:
        made.add_worksheet("别的").write("A1", "客户ID")
    assert press(book, "changes") == "▲ " + ZH("message.not_told", file=own)
    own.write_bytes(b"PK")
    assert press(book, "changes").startswith("▲ " + ZH("refusal.damaged.text")[:4])
    shutil.copyfile(told / "first" / "teams" / "华东.xlsx", own)
    assert press(book, "changes") == ZH("bridge.page.uncompared", now="2026-11-19")
    assert table(product(book, "changes")).iloc[0, 0] == ZH("bridge.page.uncompared", now="2026-11-19")
    shutil.copyfile(told / "out" / "teams" / "华东.xlsx", own)
    book.sheets[INFO].range("B9").select()
    assert press(book, "changes") == ZH("bridge.page.unlisted", nights=NIGHTS, id="C005")
    os.utime(own, ((DAY - dt.timedelta(days=5)).timestamp(),) * 2)
    assert press(book, "changes").endswith(ZH("message.told_old", days=5))


# --- a list taken in ----------------------------------------------------------------------------------------------


CSV = "客户代号,客户名,电话,累计交易额,城市\nHD-1,甲辰机电有限公司,021-55550001,5200000,上海\nHD-2,乙巳贸易有限公司,021-55550002,900000,苏州\n合计,,,6100000,\n"


def test_a_list_is_shown_answered_and_adopted_as_the_command_would(
    shared: xw.Book, press: Press, tmp_path: Path
) -> None:
    path = tmp_path / "客户.csv"
    path.write_text(CSV, "utf-8")
    assert press(shared, "adopt") == "▲ " + ZH("adopt.sheet.none")  # its user picked none

    excel.put(shared, "kam_list", str(path))
    asked_of = press(shared, "adopt")
    sheet = product(shared, "adopt")
    shown = table(sheet)

    assert "标着“要问您”的 1 处" in asked_of
    assert excel.value(shared, "kam_list") is None
    assert sheet.range("B3").value == str(path)
    assert shown[ZH("adopt.head.column")].tolist() == ["", "A", "B", "C", "D", "E"]
    assert shown[ZH("adopt.head.field")].tolist()[:3] == ["累计交易额（万元）", "客户ID", "客户名称"]
    assert "021-****0001" in shown[ZH("adopt.head.example")].tolist()
    assert [one.name for one in tmp_path.iterdir()] == [path.name]

    row = HEADER + 1 + shown[ZH("adopt.head.column")].tolist().index("D")
    sheet.range((row, 7)).value = "没有这一列"
    assert press(shared, "adopt").startswith("▲ 看不懂回答“没有这一列”")
    sheet.range((row, 7)).value = "累计交易额（元）"
    done = press(shared, "adopt")

    target = tmp_path / "客户.xlsm"
    assert done.startswith(ZH("adopt.done", customers=2, left_out=1, file=target))
    kept = workbooks.read(tmp_path, target.name)
    info = validation.validate(kept, resources.policy(), DAY.date()).tables["info"].rows
    assert info[["customer_id", "amount"]].to_numpy().tolist() == [["HD-1", 520.0], ["HD-2", 90.0]]
    assert "amount（元）" in (tmp_path / "intake.toml").read_text("utf-8")
    assert sheet.range("B3").value is None  # the next click asks for another list
    assert path.read_text("utf-8") == CSV


def test_customers_without_ids_get_them_of_their_names_where_that_is_answered(
    shared: xw.Book, press: Press, tmp_path: Path
) -> None:
    path = tmp_path / "名单.csv"
    path.write_text("客户名,城市\n甲辰机电有限公司,上海\n乙巳贸易有限公司,苏州\n", "utf-8")
    excel.put(shared, "kam_list", str(path))
    press(shared, "adopt")
    sheet = product(shared, "adopt")

    assert press(shared, "adopt") == "▲ " + ZH("adopt.sheet.open")
    sheet.range((HEADER + 1, 7)).value = " 名稱 "

    assert press(shared, "adopt").startswith("2 家客户已写入")


def test_a_list_that_cannot_be_read_is_told_and_nothing_is_shown(shared: xw.Book, press: Press, tmp_path: Path) -> None:
    excel.put(shared, "kam_list", str(tmp_path / "away.csv"))
    assert press(shared, "adopt") == "▲ " + ZH("adopt.sheet.missing", file=tmp_path / "away.csv")
    (tmp_path / "damaged.xlsx").write_bytes(b"PK\x03\x04" + bytes(200))
    excel.put(shared, "kam_list", str(tmp_path / "damaged.xlsx"))
    assert press(shared, "adopt").startswith("▲ " + str(tmp_path / "damaged.xlsx") + " 读不了")


# --- view and help ------------------------------------------------------------------------------------------------


def test_refresh_shows_the_dashboard(shared: xw.Book, press: Press) -> None:
    shared.sheets[INFO].activate()
    assert press(shared, "refresh") == ZH("message.refreshed", customers=6)
    assert shared.sheets.active.name == result_sheets.name_of("dashboard", "zh-CN")


def test_refresh_shows_the_dashboard_of_a_workbook_built_in_the_other_language(book: xw.Book, press: Press) -> None:
    press(book, "language")
    book.sheets[INFO].activate()

    assert press(book, "refresh") == EN("message.refreshed", customers=6)
    assert book.sheets.active.name == result_sheets.name_of("dashboard", "zh-CN")


def test_the_language_changes_for_everything_that_follows(book: xw.Book, press: Press) -> None:
    press(book, "audit")
    assert press(book, "language") == EN("message.switched")
    assert excel.value(book, "kam_lang") == "en"
    assert book.sheets[EVALUATION].range("F5").value == "Key"  # computed cells speak it too
    assert press(book, "audit") == EN("message.audited", rows=6, differ=0, match=6, unrecorded=0, unknown=0)
    names = [sheet.name for sheet in book.sheets]
    assert "Score audit" in names
    assert "评分核对" not in names
    assert product(book, "audit", "en").range("A4").value == fields.header("verdict", "en")
    assert press(book, "language") == ZH("message.switched")


def captions(book: xw.Book) -> dict[str, str]:
    """What stands on the drawn buttons, by their macros."""
    pages = [sheet.impl.api.DrawPage for sheet in book.sheets]
    shapes = [page.getByIndex(number) for page in pages for number in range(page.Count)]
    return {shape.Name: shape.String for shape in shapes if shape.Name.startswith("KamXl_")}


def test_the_buttons_and_the_legend_speak_the_language(book: xw.Book, press: Press) -> None:
    for words in (EN, ZH):
        press(book, "language")
        found = captions(book)
        assert found.keys() == {action.sub for action in actions.ACTIONS.values()}
        assert found == {macro: words(f"ribbon.{macro}.label") for macro in found}
        dashboard = book.sheets[own_sheets.PRODUCT["dashboard"][0]]
        assert legend(dashboard) == [words(f"template.dash.{end}") for end in ("target_low", "target_high")]


def legend(sheet: xw.Sheet) -> list[str]:
    """The names of the series of the first chart's lines, from the cells that they are names of."""
    diagram = sheet.impl.api.Charts.getByIndex(0).EmbeddedObject.getFirstDiagram()
    kinds = [kind for system in diagram.getCoordinateSystems() for kind in system.getChartTypes()]
    lines = [kind for kind in kinds if kind.getChartType().endswith("LineChartType")]
    labels = [one.getDataSequences()[0].getLabel() for kind in lines for one in kind.getDataSeries()]
    return [
        sheet.range(label.getSourceRangeRepresentation().rpartition(".")[2].replace("$", "")).value for label in labels
    ][-2:]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """The addresses handed to the browser; pages go to a folder of the test."""
    addresses: list[str] = []
    monkeypatch.setattr(leaflet.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr("webbrowser.open", lambda address: bool(addresses.append(address) or True))
    return addresses


def test_the_guide_opens_as_a_page_with_its_pictures(
    shared: xw.Book, press: Press, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, opened: list[str]
) -> None:
    docs = tmp_path / "docs"
    (docs / "pictures").mkdir(parents=True)
    text = "# 指南\n\n![首页](pictures/start.png)\n\n[函数](#函数) [网站](https://example.com)\n\n## 函数\n\n| a | b |\n|---|---|\n| <1> | 2 |\n"
    (docs / "guide.zh-CN.md").write_text(text, "utf-8")
    monkeypatch.setattr(resources, "GUIDE", docs)
    assert press(shared, "guide") == ZH("message.guide_opened")
    page = Path(tmp_path / "kam_xl" / "guide.zh-CN.html")
    assert opened == [page.as_uri()]
    html = page.read_text("utf-8")
    assert f'src="{(docs / "pictures" / "start.png").as_uri()}"' in html
    assert 'href="https://example.com"' in html
    assert '<h2 id="函数">' in html
    assert "<td>&lt;1&gt;</td>" in html


def test_a_guide_that_is_not_there_is_said(
    shared: xw.Book, press: Press, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, opened: list[str]
) -> None:
    monkeypatch.setattr(resources, "GUIDE", tmp_path)
    assert press(shared, "guide") == "▲ " + ZH("message.no_guide", file=tmp_path / "guide.zh-CN.md")
    assert not opened


def test_the_doctor_names_the_first_thing_to_do(
    shared: xw.Book, press: Press, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, opened: list[str]
) -> None:
    checks = (Check("a", "甲", State.OK, "正常"), Check("b", "乙", State.BAD, "<缺少>。", "请安装。"))
    monkeypatch.setattr(leaflet.doctor, "report", lambda lang, workbook: checks)
    page = tmp_path / "kam_xl" / "doctor.zh-CN.html"
    assert press(shared, "doctor") == ZH("message.unhealthy", n=1, found="<缺少>。", remedy="请安装。", file=page)
    assert "&lt;缺少&gt;" in page.read_text("utf-8")
    monkeypatch.setattr(leaflet.doctor, "report", lambda lang, workbook: checks[:1])
    assert press(shared, "doctor") == ZH("message.healthy", n=1, file=page)
    assert len(opened) == 2


def test_about_names_version_and_policy(shared: xw.Book, press: Press) -> None:
    sentence = press(shared, "about")
    assert resources.policy().version in sentence
    assert "KAM XL" in sentence


# --- the samples --------------------------------------------------------------------------------------------------


def test_clearing_the_samples_leaves_one_blank_row_and_its_formulas(book: xw.Book, press: Press) -> None:
    sentence = press(book, "clear_samples")
    for sheet in (*sheets.STANDARD, *sheets.OPTIONAL):
        body = book.sheets[sheet.zh].tables[sheet.table].data_body_range
        assert body.shape[0] == 1
        typed = excel.formulas(body)[0]
        assert all(not text or text.startswith("=KAM_") for text in typed), sheet.kind
    assert sentence == ZH("message.samples_cleared", n=70)
    assert press(book, "clear_samples") == ZH("message.samples_gone")


def test_clearing_the_samples_takes_the_actions_about_them_that_nobody_marked(book: xw.Book, press: Press) -> None:
    press(book, "action_list")
    added = listed(book).iloc[3:].reset_index(drop=True)
    cells(book, "note", 9).value = "我来办"
    press(book, "clear_samples")
    left = listed(book)
    assert left["action_id"].tolist() == [added["action_id"][1]]
    assert left["note"].tolist() == ["我来办"]


def test_what_anybody_typed_stays(book: xw.Book, press: Press) -> None:
    info = book.sheets[INFO]
    info.range("L6").value = "我们的备注"  # C002 is somebody's now
    table_range = info.tables["tblCustomers"].range
    new = table_range.last_cell.row + 1
    info.range((new, 1), (new, 2)).value = ["K100", "我们的客户"]
    info.tables["tblCustomers"].resize(info.range((4, 1), (new, table_range.shape[1])))
    sentence = press(book, "clear_samples")
    assert sentence.endswith(ZH("message.samples_kept", n=1))
    body = info.tables["tblCustomers"].data_body_range
    assert [row[:2] for row in excel.values(body)] == [["C002", "穹屿贸易有限公司"], ["K100", "我们的客户"]]


def test_what_anybody_typed_into_a_column_of_their_own_stays(book: xw.Book, press: Press) -> None:
    info = book.sheets[INFO]
    old = info.tables["tblCustomers"].range
    last, own = old.last_cell.row, old.last_cell.column + 1
    info.tables["tblCustomers"].resize(info.range((4, 1), (last, own)))
    info.range((4, own)).value = "我们的列"
    info.range((6, own)).value = "别删"
    info.range((7, own)).formula = "=1+1"  # a column's formula fills itself
    press(book, "clear_samples")
    body = info.tables["tblCustomers"].data_body_range
    assert [(row[0], row[-1]) for row in excel.values(body)] == [("C002", "别删")]


def test_a_result_prints_one_page_wide_with_its_header_on_every_page(book: xw.Book, press: Press) -> None:
    book.sheets[INFO].range("A5").select()
    for action, sheet, repeated in (("scan", "risks", 4), ("explain", "explanation", 2)):
        press(book, action)
        found = product(book, sheet).impl.api
        page = book.impl.api.StyleFamilies.getByName("PageStyles").getByName(found.PageStyle)
        assert (page.IsLandscape, page.ScaleToPagesX, page.ScaleToPagesY) == (True, 1, 0)
        assert (found.PrintTitleRows, found.TitleRows.StartRow) == (True, repeated - 1)
    assert book.sheets[INFO].impl.api.PageStyle != found.PageStyle


# --- broken workbooks ---------------------------------------------------------------------------------------------


def test_a_teams_own_sheet_is_never_taken(book: xw.Book, press: Press) -> None:
    own = book.sheets.add("风险清单", after=book.sheets[INFO])
    own.range("A1").value = "我们自己的清单"
    press(book, "scan")
    press(book, "scan")
    names = [sheet.name for sheet in book.sheets]
    assert names.count("风险清单 (KAM XL)") == 1
    assert own.range("A1").value == "我们自己的清单"
    assert own.used_range.shape == (1, 1)


def test_without_evaluations_the_rest_still_works(book: xw.Book, press: Press) -> None:
    book.sheets[EVALUATION].delete()
    book.sheets[sheets.INDICATORS.zh].delete()  # marks would be computed from them
    assert press(book, "audit") == "▲ " + ZH("message.no_evaluations")
    assert press(book, "scan").startswith("6 家客户中")
    assert press(book, "strategies").endswith(ZH("message.unscored", n=6))
    book.sheets[INFO].range("A5").select()
    assert press(book, "explain").startswith("C001 ")


def test_without_any_table_it_says_so(book: xw.Book, press: Press) -> None:
    for sheet in (*sheets.STANDARD, sheets.ORDERS):  # orders are read without the others
        book.sheets[sheet.zh].delete()
    expected = "▲ " + ZH("refusal.no_standard_sheet.text", detail="")
    for action in ("score_all", "audit", "explain", "scan", "check", "strategies", "validate"):
        told = press(book, action)
        assert told.startswith(expected.rstrip("。"))
        assert f"“{sheets.CONTACTS.zh}”" in told  # the nearest of what is left


def test_blank_tables_are_no_failure_of_ours(book: xw.Book, press: Press, team: Path) -> None:
    press(book, "clear_samples")
    assert press(book, "score_all") == ZH("message.scored", rows=0, scored=0, filled=0)
    assert press(book, "audit") == "▲ " + ZH("message.no_evaluations")
    for action in (
        "explain",
        "scan",
        "strategies",
        "due_week",
        "validate",
        "hand_in",
        "health",
        "action_list",
        "repairs",
    ):
        assert press(book, action) == "▲ " + ZH("message.no_customers")
    assert not list(team.iterdir())


def test_a_protected_result_sheet_is_said(book: xw.Book, press: Press) -> None:
    press(book, "scan")
    product(book, "risks").impl.api.protect("secret")
    assert press(book, "scan") == "▲ " + ZH("message.sheet_locked", sheet="风险清单")


def test_a_failure_of_ours_is_one_sentence_and_a_trace_in_the_log(
    shared: xw.Book, press: Press, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(request: actions.Request) -> str:
        raise ZeroDivisionError(request.book.name)

    monkeypatch.setitem(actions.ACTIONS, "about", actions.Action("help", "KamXl_About", broken))
    assert press(shared, "about") == "▲ " + ZH("message.bug", kind="ZeroDivisionError", file=actions.LOG)
    assert "in broken" in caplog.text
    assert shared.name not in caplog.text


def test_every_action_speaks_english_and_changes_no_other_sheet(
    template_book: Callable[..., xw.Book], press: Press, opened: list[str]
) -> None:
    book = on_the_day(template_book("en"))
    excel.put(book, "kam_budget", 1000)
    book.sheets[sheets.INFO.en].range("A5").select()
    expected_to_fail = {"hand_in", "last_night", "changes", "guide", "adopt"}
    may_write = ("score_all", "hand_in", "clear_samples", "guide", "doctor")
    before = typed(book)
    for key in [*(key for key in actions.ACTIONS if key not in (*may_write, "language")), *may_write]:
        if key == may_write[0]:
            assert typed(book) == before
        book.sheets[sheets.INFO.en].range("B5").select()  # a customer to explain and to plan for
        sentence = press(book, key)
        assert sentence.startswith("▲") <= (key in expected_to_fail), sentence
        assert not any("\u4e00" <= char <= "\u9fff" for char in sentence), sentence
    for sheet in book.sheets:
        if str(sheet.range("A1").value).endswith("KAM XL"):
            header_row = [cell for cell in excel.values(sheet.range("A4:L4"))[0] if cell]
            assert not any("\u4e00" <= char <= "\u9fff" for cell in header_row for char in str(cell))


def typed(book: xw.Book) -> dict[str, list[list[str]]]:
    """What stands in the team's sheets, in capitals: LibreOffice 7.4 now and then spells our functions without."""
    cells = {sheet.en: excel.formulas(book.sheets[sheet.en].used_range) for sheet in sheets.STANDARD}
    return {name: [[text.upper() for text in row] for row in rows] for name, rows in cells.items()}


def test_every_message_and_heading_is_said_somewhere() -> None:
    host, package = Path(excel.__file__), Path(actions.__file__).parent
    vba = Path(__file__).parents[1] / "kam_xl" / "template" / "vba"
    files = (*package.glob("*.py"), host, host.with_name("handing_in.py"), *vba.iterdir())
    code = "\n".join(path.read_text("utf-8") for path in files)
    keys = [key for key in ZH.texts if key.startswith(("message.", "result."))]
    assert [key for key in keys if key.rpartition(".")[2] not in code] == []
