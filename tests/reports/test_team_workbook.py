"""A team's own workbook, read back: everything the team typed is in it, in its place, and nothing of another team."""

import dataclasses
import datetime as dt
import zipfile

import openpyxl
import pandas as pd
import pytest

from kam_xl import resources
from kam_xl.core.assessment import assess
from kam_xl.core.by_team import Teams
from kam_xl.core.consolidation import consolidate
from kam_xl.core.failures import Failures
from kam_xl.reports import origin, team_workbook, workbook
from kam_xl.reports.run import Run
from kam_xl.reports.team_sheets import PAGES
from kam_xl.showing import fields, vocabulary
from tests import files
from tests.builders import team_book
from tests.core.test_by_team import EAST, NIGHT, POLICY, SHARED, SOUTH, rows

LANGUAGES = ("zh-CN", "en")
RUN = Run(dt.datetime(2026, 11, 21, 2), "teams", "../teams", "2026-11", "0.1", "zh-CN", 2, {}, {})


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


def test_the_first_sheet_says_what_this_is_and_leads_to_every_other(written):
    folder, lang = written
    words, book = resources.words(lang), openpyxl.load_workbook(folder / f"{EAST}.xlsx")
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


def test_each_sheet_is_one_native_table_with_its_headers(written):
    folder, lang = written
    words, book = resources.words(lang), openpyxl.load_workbook(folder / f"{EAST}.xlsx")
    pages = {page.name(words): page for page in PAGES}

    assert len(book.sheetnames) > 15
    for sheet in book.worksheets[1:]:
        page = pages[sheet.title]
        expected = [field.header(lang) for _, field in fields.listed(page.fields)]
        assert sheet.tables[page.table].column_names[: len(expected)] == expected
        assert len(set(expected)) == len(expected)


def test_rows_stand_as_they_were_read_with_their_place(written):
    folder, lang = written
    words = resources.words(lang)
    page = next(page for page in PAGES if page.reads == "info")
    sheet = openpyxl.load_workbook(folder / f"{EAST}.xlsx")[page.name(words)]
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

    def failing(path, part, *rest):
        if part.team == EAST:
            path.write_text("half")
            raise ValueError
        really(path, part, *rest)

    monkeypatch.setattr(workbook, "write", failing)
    found = assessed()
    names = list(team_workbook.write(tmp_path, found, RUN))

    assert names == [f"{EAST}.xlsx", f"{SOUTH}.xlsx"]
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
    assert book[words("master.sheet.visits")].max_row > 1
    assert {(one.kind, one.subject) for one in found.failures} == {("team_sheet", "customers")}


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
    part = Teams(found).part(EAST)
    unnamed = {
        (page.key, field.name): missing
        for page in PAGES
        for column, field in fields.listed(page.fields)
        if field.name in known
        and (missing := set(field.of(page.of(part, RUN), column).dropna()) - set(known[field.name].names))
    }

    assert unnamed == {}


@pytest.mark.slow
def test_microsofts_validator_finds_nothing(written, ooxml_errors):
    folder, _ = written
    assert [error for team in (EAST, SOUTH) for error in ooxml_errors(folder / f"{team}.xlsx")] == []
