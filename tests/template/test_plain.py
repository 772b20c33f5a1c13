"""The workbook without macros as people get it: no program behind it, no error on a blank sheet, and read by night as any workbook."""

import datetime as dt
import functools
import io
import re
import zipfile
from xml.etree import ElementTree as ET

import openpyxl
import pytest

from kam_xl import resources
from kam_xl.core import computed, headings, sheets, validation
from kam_xl.core.words import LANGUAGES
from kam_xl.doors import udfs
from kam_xl.hosts import workbooks
from kam_xl.template import build, data, data_health, native, plain, samples
from kam_xl.template.layout import sheet_name
from tests.nights import night

#: The functions that Excel 2010 has, WPS Office and LibreOffice too, and that we use; newer ones are not to be added.
OF_2010 = frozenset(
    "AND ASC COUNT COUNTA COUNTIF COUNTIFS DATEVALUE EDATE FIND IF IFERROR INDEX INT ISBLANK ISERROR ISNA ISNUMBER ISTEXT LEFT LEN "
    "MATCH MAX MID NOT OR REPT RIGHT ROUND ROW SMALL SUBSTITUTE SUM SUMIF SUMIFS SUMPRODUCT T TEXT TODAY TRIM VALUE ABS FALSE TRUE".split()
)  # fmt: skip
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
FORMULAS = ("f", "calculatedColumnFormula", "formula", "formula1", "formula2", "definedName")
TYPED = {"customer_id": "C001", "name": "甲公司", "amount": 520.0, "last_deal": dt.date(2026, 10, 1)}
MARKS = {"customer_id": "C001", "value": 92, "potential": 88, "demand": 85, "evaluated_on": dt.date(2026, 10, 1)}
STRATEGY = {"customer": "C001/甲公司", "period": "2026-01-01至2026-12-31", "status": "进行中"}
DAY = dt.datetime.combine(samples.as_of(), dt.time())

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*(extension is not supported|Print area cannot):UserWarning"),
    pytest.mark.slow,  # the workbook is built several times, and each of its cells computes
]
in_each_language = pytest.mark.parametrize("lang", LANGUAGES)


@pytest.fixture(scope="module")
def package():
    """``package("en")`` → the workbook as built now."""
    built = {lang: plain.workbook(lang) for lang in LANGUAGES}
    return built.__getitem__


@pytest.fixture(scope="module")
def filled():
    """``filled("en")`` → the same with the samples typed into it."""

    @functools.cache
    def made(lang):
        rows = {kind: samples.rows(kind, resources.words(lang)) for kind in plain.TABLES}
        return plain.workbook(lang, rows=rows, room=20)

    return made


@pytest.fixture
def calculated(office, tmp_path):
    """``calculated(content)`` → the workbook open in LibreOffice on the samples' day, everything calculated anew."""

    def opened(content):
        path = tmp_path / "华东.xlsx"
        path.write_bytes(content)
        book = office.open(path)
        book.names["kam_as_of"].refers_to_range.value = DAY
        book.api.calculateAll()
        return book

    return opened


def texts_of_formulas(content):
    """Every formula of a package, wherever it stands: in cells, tables, names, checks, colours and charts."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if name.endswith(".xml"):
                for element in ET.fromstring(archive.read(name)).iter():  # noqa: S314 (our own file)
                    if element.tag.rpartition("}")[2] in FORMULAS and element.text:
                        yield element.text


def shown(book, name):
    """What a sheet shows, row by row."""
    sheet = book.sheets[name]
    return sheet.range((1, 1), sheet.used_range.last_cell.address).value


def value_at(rows, cell):
    """What stands in the rows that are shown where a cell of another file stands; None beyond them."""
    return rows[cell.row - 1][cell.column - 1] if cell.row <= len(rows) and cell.column <= len(rows[0]) else None


# --- the file ---------------------------------------------------------------------------------------------------------


@in_each_language
def test_the_committed_file_is_what_the_source_builds(package, lang):
    assert build.current(build.PLAIN[lang], package(lang)), "run  python -m kam_xl.template.build"
    assert plain.workbook(lang) == package(lang)


@in_each_language
def test_the_validator_has_nothing_against_it(package, lang, ooxml_errors, tmp_path):
    path = tmp_path / "plain.xlsx"
    path.write_bytes(package(lang))
    assert ooxml_errors(path) == []


@in_each_language
def test_there_is_no_program_in_it_nor_anything_that_needs_one(package, lang):
    with zipfile.ZipFile(io.BytesIO(package(lang))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert not [
        name for name in parts if re.search(r"vba|customUI|externalLink|connections|macro", name, re.IGNORECASE)
    ]
    assert not [name for name, part in parts.items() if name.endswith(".rels") and b'TargetMode="External"' in part]
    everything = b"".join(parts.values()).decode("utf-8", "ignore")
    assert "KAM_" not in everything
    assert 'macro="[' not in everything


@in_each_language
def test_every_function_is_one_that_excel_2010_has(package, lang):
    used = set()
    for text in texts_of_formulas(package(lang)):
        used |= set(re.findall(r"([A-Z][A-Z0-9._]*)\(", re.sub(r'"[^"]*"', '""', text)))
        assert "_xlfn" not in text
        assert "_xlws" not in text
        assert not re.search(r"[A-Z]\d+#", text), "a spilled range"
    assert used <= OF_2010, used - OF_2010
    assert len(used) > 20
    assert not used & set(udfs.FUNCTIONS)


@in_each_language
def test_no_formula_is_longer_than_excel_takes(package, lang):
    assert max(map(len, texts_of_formulas(package(lang)))) < 8192


@in_each_language
def test_no_header_of_a_computed_column_is_taken_for_a_record(lang):
    assert set(computed.COLUMNS) < set(native.EVALUATION.columns)
    for column in computed.COLUMNS:
        assert [kind for kind in sheets.BY_KIND if headings.field_of(kind, column.header(lang))] == []


# --- what it shows ----------------------------------------------------------------------------------------------------


@in_each_language
def test_a_blank_workbook_is_calm_and_shows_what_is_calculated(package, calculated, lang):
    book = calculated(package(lang))
    cached = openpyxl.load_workbook(io.BytesIO(package(lang)), data_only=True)
    for name in (sheet_name(key, lang) for key in plain.ORDER):
        now = shown(book, name)
        assert not [one for row in now for one in row if isinstance(one, str) and one.startswith(("#", "Err:"))]
        for row in cached[name].iter_rows(max_row=40):
            for cell in row:
                there = value_at(now, cell)
                assert (there or None) == (cell.value or None) or getattr(cell, "is_date", False), (
                    name,
                    cell.coordinate,
                )
    none = resources.words(lang)("plain.template.quality.none")
    assert book.sheets[sheet_name("quality", lang)]["B4"].value == none
    assert "0%" not in [cell.getString() for cell in texts(book, sheet_name("dashboard", lang), "B1:M45") if low(cell)]


def low(cell):
    """Not the end of a target, which may be 0 %."""
    return cell.CellAddress.Column not in (4, 5, 6)


def texts(book, name, area):
    """The cells of an area, as LibreOffice knows them."""
    found = book.api.Sheets.getByName(name).getCellRangeByName(area)
    size = found.RangeAddress
    return [
        found.getCellByPosition(column, row)
        for row in range(size.EndRow - size.StartRow + 1)
        for column in range(size.EndColumn - size.StartColumn + 1)
    ]


@in_each_language
def test_its_dashboard_shows_what_the_other_workbooks_does(filled, calculated, lang):
    name = sheet_name("dashboard", lang)
    other = openpyxl.load_workbook(io.BytesIO(build.sheets(lang)), data_only=True)[name]
    there = shown(calculated(filled(lang)), name)
    for row in other.iter_rows(min_row=3, max_col=13):
        for cell in row:
            now = value_at(there, cell)
            if isinstance(cell.value, float | int) and not getattr(cell, "is_date", False):
                assert now == pytest.approx(cell.value), cell.coordinate
            elif not getattr(cell, "is_date", False):
                assert (now or None) == (cell.value or None), cell.coordinate


WRONG = {
    ("info", "no_id"): {"info": [TYPED, {"name": "乙公司"}]},
    ("info", "twice"): {"info": [TYPED, TYPED | {"customer_id": " c001"}]},
    ("info", "no_name"): {"info": [TYPED | {"name": None}]},
    ("info", "amount"): {"info": [TYPED | {"amount": "520万"}]},
    ("info", "day"): {"info": [TYPED | {"last_deal": dt.date(2027, 1, 1)}]},
    ("info", "not_evaluated"): {"info": [TYPED, TYPED | {"customer_id": "C002"}]},
    ("evaluation", "no_id"): {"evaluation": [MARKS | {"customer_id": None}, MARKS]},
    ("evaluation", "unknown_id"): {"evaluation": [MARKS, MARKS | {"customer_id": "C009"}]},
    ("evaluation", "no_mark"): {"evaluation": [MARKS | {"potential": None}]},
    ("evaluation", "bad_mark"): {"evaluation": [MARKS | {"potential": 101, "demand": "高"}]},
    ("evaluation", "no_day"): {"evaluation": [MARKS | {"evaluated_on": None}]},
    ("evaluation", "day"): {"evaluation": [MARKS | {"evaluated_on": "去年"}]},
    ("tracking", "unknown_id"): {"tracking": [STRATEGY, STRATEGY | {"customer": "C009/乙公司"}]},
    ("tracking", "no_period"): {"tracking": [STRATEGY | {"period": "明年"}]},
    ("tracking", "no_status"): {"tracking": [STRATEGY | {"status": None}]},
}
#: The row of the sheet in which the wrong cell stands; the first one where it does not matter.
IN_ROW = {
    ("info", "no_id"): 6,
    ("info", "twice"): 6,
    ("info", "not_evaluated"): 6,
    ("evaluation", "unknown_id"): 6,
    ("tracking", "unknown_id"): 6,
}
RIGHT = {"info": [TYPED], "evaluation": [MARKS], "tracking": [STRATEGY]}


def test_each_check_finds_what_it_is_for_and_nothing_else(calculated):
    assert [(check.kind, check.key) for check in data_health.CHECKS] == list(WRONG)
    book = calculated(plain.workbook("zh-CN", rows=RIGHT, room=3))
    counts = health(book)
    assert counts == dict.fromkeys(WRONG, (0, None))
    assert book.sheets["数据健康"]["B4"].value == resources.words("zh-CN")("plain.template.quality.well")
    for check, rows in WRONG.items():
        type_in(book, RIGHT | rows)
        found = {key: told for key, told in health(book).items() if told[0]}
        assert found == {check: (1, IN_ROW.get(check, 5))}
        type_in(book, RIGHT)


def type_in(book, rows):
    """Type rows into the data sheets, and blanks below them; what is computed beside them stays."""
    for kind in rows:
        sheet, columns = book.sheets[plain.TABLES[kind].name("zh-CN")], plain.TABLES[kind].columns
        typed = [at for at, column in enumerate(columns) if column not in computed.COLUMNS]
        for first, last in ((typed[0], 3), (typed[typed.index(3) + 1], typed[-1])):
            cells = [
                [as_typed(row.get(column.field)) for column in columns[first : last + 1]] for row in three(rows[kind])
            ]
            sheet.range((data.FIRST_ROW + 1, first + 1)).value = cells
    book.api.calculateAll()


def three(rows):
    """Rows, and blank ones after them."""
    return [*rows, {}, {}, {}][:3]


def as_typed(value):
    """A value as a cell takes it."""
    return dt.datetime.combine(value, dt.time()) if isinstance(value, dt.date) else value


def health(book):
    """Check → how often it found something, and the first row."""
    rows = book.sheets["数据健康"].range((7, 9), (6 + len(WRONG), 10)).value
    return {key: (int(count), first and int(first)) for key, (count, first) in zip(WRONG, rows, strict=True)}


# --- at night ---------------------------------------------------------------------------------------------------------


@in_each_language
@pytest.mark.usefixtures("readers_in_this_process", "nights_in_short")
def test_the_nightly_job_reads_it_as_any_workbook_also_when_libreoffice_saved_it(
    filled, calculated, office, lang, tmp_path
):
    teams = tmp_path / "teams"
    teams.mkdir()
    (teams / "华东.xlsx").write_bytes(filled(lang))
    nights = [night(teams, tmp_path / "a", DAY)]
    if lang == "zh-CN":
        (tmp_path / "other").mkdir()
        book = calculated(filled(lang))
        book.save(tmp_path / "other" / "华东.xlsx")
        book.close()
        nights.append(night(tmp_path / "other", tmp_path / "b", DAY))
    for one in nights:
        assert one.code == 0
        assert one.codes <= {"evaluation_missing", "evaluation_superseded"}
        assert one.found.portfolio.conflicts.empty
        assert one.found.portfolio.evaluations[["composite", "tier"]].isna().all(axis=None)
        assert len(one.names) == 6
        scores = one.found.customers.set_index("customer_id")["score"].dropna().to_dict()
        assert scores == {"C001": 89.4, "C002": 55.0, "C003": 93.6, "C004": 42.2, "C005": 24.2}


@pytest.mark.usefixtures("readers_in_this_process", "nights_in_short")
def test_a_policy_changed_since_it_was_built_contradicts_nothing(filled, tmp_path):
    """Its scores are of an older policy then; the night computes by the new one and finds no record that differs."""
    teams = tmp_path / "teams"
    teams.mkdir()
    (teams / "华东.xlsx").write_bytes(filled("zh-CN"))
    policy = tmp_path / "policy.toml"
    weights = "[weights]\nvalue = {}\npotential = 0.3\ndemand = {}"
    changed = resources.policy_text().replace(weights.format(0.5, 0.2), weights.format(0.2, 0.5))
    policy.write_text(changed, "utf-8")
    done = night(teams, tmp_path, DAY, policy_file=policy)
    assert done.found.customers.set_index("customer_id")["score"]["C001"] == 87.3
    assert not done.codes & {"composite_mismatch", "tier_mismatch"}


@in_each_language
def test_a_blank_one_holds_no_customer(package, lang, tmp_path):
    (tmp_path / "华东.xlsx").write_bytes(package(lang))
    read = validation.validate(workbooks.read(tmp_path, "华东.xlsx"), resources.policy(), DAY.date())
    assert read.tables == {} or not any(len(table.rows) for table in read.tables.values())
