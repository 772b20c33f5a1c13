"""A team's own workbook, read back: everything the team typed is in it, in its place, and nothing of another team."""

import dataclasses
import datetime as dt
import functools
import gc
import weakref
import zipfile

import openpyxl
import pandas as pd
import pytest

from kam_xl import resources
from kam_xl.core import by_team
from kam_xl.core.assessment import assess
from kam_xl.core.consolidation import consolidate
from kam_xl.core.failures import Failures
from kam_xl.core.teams import Teams
from kam_xl.reports import data_sheets, native_tables, origin, sheet_rows, team_workbook, workbook
from kam_xl.reports.pages import PagesAtOnce
from kam_xl.reports.run import Run
from kam_xl.reports.team_sheets import PAGES
from kam_xl.showing import fields, vocabulary
from tests import files
from tests.builders import team_book
from tests.core.test_by_team import EAST, NIGHT, POLICY, SHARED, SOUTH, rows

pytestmark = pytest.mark.slow  # whole workbooks are written and read back
LANGUAGES = ("zh-CN", "en")
RUN = Run(dt.datetime(2026, 11, 21, 2), "teams", "../teams", "2026-11", "0.1", "zh-CN", 2, {})


def assessed(lang="zh-CN", policy=POLICY, **books):
    """Two teams with no text in common, or the books given."""
    books = books or {EAST: rows(EAST, "E001", "E002", SHARED), SOUTH: rows(SOUTH, "G001", "G002", SHARED)}
    read = [team_book(policy, f"{name}.xlsx", **sheets) for name, sheets in books.items()]
    return assess(consolidate(read, policy), policy, NIGHT, resources.words(lang), failures=Failures())


@pytest.fixture(scope="module", params=LANGUAGES)
def written(request, tmp_path_factory):
    """The folder of two teams' workbooks in a language, and that language."""
    folder = tmp_path_factory.mktemp("teams")
    assert list(team_workbook.write(folder, assessed(request.param), RUN)) == [f"{EAST}.xlsx", f"{SOUTH}.xlsx"]
    return folder, request.param


@pytest.fixture(scope="module")
def opened(written):
    """The first of these workbooks, read by another library, and its language."""
    folder, lang = written
    return openpyxl.load_workbook(folder / f"{EAST}.xlsx"), lang


def unpacked(path):
    """All that can be read in a workbook: cells, shared strings, names of sheets, properties, targets of links."""
    with zipfile.ZipFile(path) as parts:
        return "\n".join(parts.read(name).decode("utf-8") for name in parts.namelist())


@pytest.mark.parametrize(("team", "other", "ids"), [(EAST, SOUTH, ("G001", "G002")), (SOUTH, EAST, ("E001", "E002"))])
def test_no_text_id_or_name_of_another_team_stands_anywhere_in_the_file(written, team, other, ids):
    whole = unpacked(written[0] / f"{team}.xlsx")

    typed = {cell for kind in rows(other, SHARED).values() for row in kind for cell in row.values()
             if isinstance(cell, str) and other in cell}  # fmt: skip
    assert len(typed) > 20
    assert [text for text in typed if text in whole] == []
    assert [one for one in ids if one in whole] == []


def test_every_text_that_the_team_typed_stands_in_its_file(written):
    folder, _ = written
    whole = unpacked(folder / f"{EAST}.xlsx")

    typed = {cell for kind in rows(EAST, "E001", SHARED).values() for row in kind for cell in row.values()
             if isinstance(cell, str) and EAST in cell}  # fmt: skip
    assert [text for text in typed if text not in whole] == []


def test_the_first_sheet_says_what_this_is_and_leads_to_every_other(opened):
    book, lang = opened
    words = resources.words(lang)
    first = book.worksheets[0]
    told = "\n".join(str(cell.value) for row in first.iter_rows() for cell in row if cell.value is not None)
    leads = {cell.hyperlink.location for row in first.iter_rows() for cell in row if cell.hyperlink}

    assert first.title == words("master.sheet.team")
    assert words("team.what", team=EAST, today=NIGHT.date()) in told
    assert words("team.shared", n=1) in told
    assert {f"'{sheet.title}'!A1" for sheet in book.worksheets[1:]} <= leads
    assert (first.page_setup.paperSize, first.page_setup.fitToHeight) == (9, None)
    assert {prop.name: prop.value for prop in book.custom_doc_props.props} == {
        "kam_xl": "team", "kam_xl_file": origin.mark(f"{EAST}.xlsx"),
    }  # fmt: skip


def test_each_sheet_is_one_native_table_with_its_headers(opened):
    book, lang = opened
    words = resources.words(lang)
    pages = {page.name(words): page for page in PAGES}

    assert len(book.sheetnames) > 15
    for sheet in book.worksheets[1:]:
        page = pages[sheet.title]
        known = [
            field for _, field in fields.listed(page.fields) if field.name not in page.spared.split()
        ]  # nobody orders twice
        expected = [field.header(lang) for field in known]
        assert sheet.tables[page.table].column_names[: len(expected)] == expected
        assert len(set(expected)) == len(expected)


def test_rows_stand_as_they_were_read_with_their_place(opened):
    book, lang = opened
    words = resources.words(lang)
    page = next(page for page in PAGES if page.reads == "info")
    sheet = book[page.name(words)]
    header, *found = sheet.iter_rows(values_only=True)
    told = [dict(zip(header, row, strict=True)) for row in found]
    names = [fields.header(name, lang) for name in ("customer_id", "remarks", "book", "row")]

    assert [[row[name] for name in names] for row in told] == [
        [one, f"{EAST}inforemarks语", f"{EAST}.xlsx", at] for at, one in enumerate(("E001", "E002", SHARED), start=2)
    ]


def test_repairs_lead_to_the_cell_in_the_teams_folder_one_step_further(tmp_path):
    list(team_workbook.write(tmp_path, assessed(**{EAST: {"info": [files.CUSTOMER | {"amount": "520万"}]}}), RUN))
    sheet = openpyxl.load_workbook(tmp_path / f"{EAST}.xlsx")[resources.words("zh-CN")("master.sheet.repairs")]
    links = [cell.hyperlink for row in sheet.iter_rows() for cell in row if cell.hyperlink]

    assert links
    assert {link.target.replace("\\", "/") for link in links} == {f"../../teams/{EAST}.xlsx"}


@pytest.mark.parametrize(
    ("seen", "below"), [("../teams", "../../teams"), ("/srv/teams", "/srv/teams"), ("D:/t", "D:/t")]
)
def test_the_teams_folder_as_seen_from_a_folder_of_the_outputs(seen, below):
    assert dataclasses.replace(RUN, teams_from_out=seen).from_below().teams_from_out == below


def test_phones_and_birthdays_obey_the_policy_as_in_the_master(tmp_path):
    books = {EAST: rows(EAST, "E001", "E002")}
    for keep in (True, False):
        (tmp_path / str(keep)).mkdir()
        policy = dataclasses.replace(POLICY, keep_phones=keep)
        list(team_workbook.write(tmp_path / str(keep), assessed(policy=policy, **books), RUN))

    kept, hidden = (unpacked(tmp_path / str(keep) / f"{EAST}.xlsx") for keep in (True, False))
    assert "13800001234" in kept
    assert "021-88886666" in kept
    assert not [one for one in ("13800001234", "88886666", "11月25日") if one in hidden]
    assert "****-**-**" in hidden


def test_a_sheet_without_rows_is_left_out_unless_nothing_is_news(tmp_path):
    list(team_workbook.write(tmp_path, assessed(**{EAST: {"info": [files.CUSTOMER]}}), RUN))
    words, book = resources.words("zh-CN"), openpyxl.load_workbook(tmp_path / f"{EAST}.xlsx")

    assert words("master.sheet.kpis") in book.sheetnames
    assert words("master.sheet.repairs") in book.sheetnames
    assert not {words("master.sheet.conflicts"), words("master.sheet.cases")} & set(book.sheetnames)
    assert book[words("master.sheet.repairs")]["A2"].value == words("master.none")


def test_one_workbook_that_fails_costs_itself(tmp_path, monkeypatch):
    really = workbook.write

    def failing(path, made, binding):
        if made.assessment.team == EAST:
            path.write_text("half")
            raise ValueError
        really(path, made, binding)

    monkeypatch.setattr(workbook, "write", failing)
    found = assessed()
    names = list(team_workbook.write(tmp_path, found, RUN))

    assert names == [f"{SOUTH}.xlsx"]
    assert [path.name for path in tmp_path.iterdir()] == [f"{SOUTH}.xlsx"]
    assert [(one.kind, one.subject) for one in found.failures] == [("team", EAST)]


def test_one_sheet_that_fails_costs_itself_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(team_workbook, "PAGES", tuple(
        dataclasses.replace(page, rows=lambda _: 1 / 0) if page.key == "customers" else page for page in PAGES
    ))  # fmt: skip
    found = assessed()
    list(team_workbook.write(tmp_path, found, RUN))
    book = openpyxl.load_workbook(tmp_path / f"{EAST}.xlsx")
    words = resources.words("zh-CN")

    assert book[words("master.sheet.customers")]["A2"].value == words("failure.says")
    assert book[words("master.sheet.own_visits")].max_row > 1
    assert {(one.kind, one.subject) for one in found.failures} == {("team_sheet", "customers")}


def test_a_sheet_that_fails_of_one_teams_rows_costs_no_other_teams(tmp_path, monkeypatch):
    def failing(part):
        assert f"{EAST}.xlsx" not in set(part.portfolio.records["book"])
        return data_sheets.customers(part)

    monkeypatch.setattr(team_workbook, "PAGES", tuple(
        dataclasses.replace(page, rows=failing) if page.key == "customers" else page for page in PAGES
    ))  # fmt: skip
    list(team_workbook.write(tmp_path, assessed(), RUN))
    words = resources.words("zh-CN")
    east, south = (
        openpyxl.load_workbook(tmp_path / f"{team}.xlsx")[words("master.sheet.customers")] for team in (EAST, SOUTH)
    )

    assert east["A2"].value == words("failure.says")
    assert {south["A2"].value, south["A3"].value, south["A4"].value} == {"G001", "G002", SHARED}


def test_workbooks_whose_sheets_are_made_at_once_are_those_made_one_by_one(written, tmp_path, monkeypatch):
    folder, lang = written
    monkeypatch.setattr(PagesAtOnce, "of", lambda *_: None)
    names = list(team_workbook.write(tmp_path, assessed(lang), RUN))

    assert len(names) == 2
    assert [name for name in names if (tmp_path / name).read_bytes() != (folder / name).read_bytes()] == []


def test_nothing_of_a_workbook_that_is_written_waits_to_be_looked_for(tmp_path, monkeypatch):
    """Two hundred of them would else be held at once, or looked for again and again."""
    held: list[weakref.ref] = []

    def skeleton(options):
        made = sheet_rows.Skeleton(options)
        held.append(weakref.ref(made.workbook))
        return made

    def pages(several, *others):
        held.append(weakref.ref(several))
        return PagesAtOnce(several, *others)

    monkeypatch.setattr(workbook, "Skeleton", skeleton)
    monkeypatch.setattr(team_workbook, "PagesAtOnce", pages)
    gc.disable()
    try:
        assert len(list(team_workbook.write(tmp_path, assessed(), RUN))) == 2
        assert [one() for one in held] == [None] * 3
    finally:
        gc.enable()


def test_a_team_of_which_nothing_could_be_read_is_told_why(tmp_path):
    found = assessed(**{EAST: {"info": [files.CUSTOMER]}})
    lost = found.portfolio.sources.assign(
        book="坏.xlsx", team="西南", outcome="quarantined", reason="encrypted", detail=None
    )
    portfolio = dataclasses.replace(
        found.portfolio, sources=pd.concat([found.portfolio.sources, lost], ignore_index=True)
    )
    list(team_workbook.write(tmp_path, dataclasses.replace(found, portfolio=portfolio), RUN))
    words, first = resources.words("zh-CN"), openpyxl.load_workbook(tmp_path / "西南.xlsx").worksheets[0]
    told = "\n".join(str(cell.value) for row in first.iter_rows() for cell in row if cell.value is not None)

    assert words("team.headline.unread", team="西南") in told
    assert words("refusal.encrypted.remedy") in told


def test_every_key_has_its_word():
    found = assessed()
    known = vocabulary.vocabularies(found)
    part = by_team.part(Teams(found), EAST)
    unnamed = {
        (page.key, field.name): missing
        for page in PAGES
        for column, field in fields.listed(page.fields)
        if field.name in known
        and (missing := set(field.of(page.of(part, RUN), column).dropna()) - set(known[field.name].names))
    }

    assert unnamed == {}


def test_microsofts_validator_finds_nothing(written, ooxml_errors):
    folder, _ = written
    assert [error for team in (EAST, SOUTH) for error in ooxml_errors(folder / f"{team}.xlsx")] == []


# --- the night of the writers' tests ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def night(an_assessment, a_run, tmp_path_factory):
    """``night("华东")`` → that team's workbook of the night of the writers' tests."""
    folder = tmp_path_factory.mktemp("night")
    list(team_workbook.write(folder, an_assessment(), a_run()))
    return functools.cache(lambda team: openpyxl.load_workbook(folder / f"{team}.xlsx"))


def rows_of(sheet):
    """The rows below the header as dictionaries by header."""
    header, *found = sheet.iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in found]


def test_the_product_grid_has_a_column_for_each_product_the_team_sells_whatever_its_name(night, an_assessment):
    sold = {"控制器", "传感器"} | set(an_assessment().portfolio.renewals["product"].dropna())

    for team in ("华北", "华中"):
        sheet = night(team)["产品覆盖"]
        (table,) = sheet.tables.values()
        assert set(table.column_names[3:]) <= sold
        assert table.column_names[3:4] == ["控制器"]
        assert [row["控制器"] for row in rows_of(sheet)] == ["已购"]


def test_relationships_are_told_apart_from_what_nobody_keeps(night):
    north, east = ({row["客户ID"]: row for row in rows_of(night(team)["关系覆盖"])} for team in ("华北", "华东"))

    told = [north["C003"][role] for role in ("采购", "使用部门", "高层", "有联系人表")]
    assert told == ["已离职", "缺失", "联系正常", "是"]
    assert [east["C004"][role] for role in ("采购", "已覆盖角色", "有联系人表")] == ["—", "—", "否"]


def test_repairs_of_a_team_lead_to_their_cell_whatever_the_names(night):
    sheet = night("华东")["修正清单"]
    rows = {row["单元格"]: row for row in rows_of(sheet)}
    links = {cell.value: cell.hyperlink for row in sheet.iter_rows() for cell in row if cell.hyperlink}

    assert rows["I4"]["建议填写"] == "520"
    assert {link.target.replace("\\", "/") for link in links.values()} == {
        "../../团队台账/华东/客户台账_华东.xlsx", "../../团队台账/华东/A%20%231%2050%25%20'甲'.xlsx",
    }  # fmt: skip
    assert links["I4"].location == "'表 ''1''#2'!I4"


def test_a_sheet_has_no_more_links_than_excel_opens(night, an_assessment, a_run, tmp_path, monkeypatch):
    monkeypatch.setattr(native_tables, "MOST_LINKS", 1)
    list(team_workbook.write(tmp_path, an_assessment(), a_run()))
    sheet = openpyxl.load_workbook(tmp_path / "华东.xlsx")["修正清单"]

    assert len([cell for row in sheet.iter_rows() for cell in row if cell.hyperlink]) == 1
    assert len(rows_of(sheet)) == len(rows_of(night("华东")["修正清单"])) > 1


def test_no_text_becomes_a_formula_or_a_link_but_to_the_cells_of_the_teams_folder(night):
    for team in ("华东", "华中", "华北", "华南", "西北"):
        for sheet in night(team):
            cells = [cell for row in sheet.iter_rows() for cell in row]
            assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
            targets = {cell.hyperlink.target for cell in cells if cell.hyperlink and cell.hyperlink.target}
            assert all(target.replace("\\", "/").startswith("../../团队台账/") for target in targets)
