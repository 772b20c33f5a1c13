"""The template as people get it: what stands on its sheets, that its figures are right, that nothing is left to chance."""

import datetime as dt
import io
import re
import zipfile
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import openpyxl
import pandas as pd
import pytest

import kam_xl
from kam_xl import actions, resources
from kam_xl.core import assessment, consolidation, planning, scoring, sheets, tiering, validation
from kam_xl.core.choices import STATUS_NAMES
from kam_xl.core.rule_settings import OPEN_STATUSES
from kam_xl.core.scores import parse_score
from kam_xl.core.words import LANGUAGES
from kam_xl.doors import udfs
from kam_xl.engines.office_file import opc, vba
from kam_xl.hosts import workbooks
from kam_xl.template import build, checks, data, hidden, macros, samples, values
from kam_xl.template.layout import DATA, ORDER, Page, sheet_name

NAMES = {"kam_lang", "kam_as_of", "kam_xl_version", "kam_workbook_id", "kam_team", "kam_team_folder", "kam_master_folder",
         "kam_budget", "kam_weights", "kam_message", "kam_i18n"}  # fmt: skip
OF_EXCEL = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")
in_each_language = pytest.mark.parametrize("lang", LANGUAGES)


@pytest.fixture(scope="module")
def package():
    """``package("en")`` → the workbook as built now."""
    built = {lang: build.template(lang) for lang in LANGUAGES}
    return built.__getitem__


@pytest.fixture(scope="module")
def book(package):
    """``book("en")`` → the workbook, read by another library: its formulas, or with ``values=True`` what they show."""
    read = {
        (lang, shown): openpyxl.load_workbook(io.BytesIO(package(lang)), data_only=shown)
        for lang in LANGUAGES
        for shown in (False, True)
    }
    return lambda lang, values=False: read[lang, values]


@pytest.fixture(scope="module")
def parts(package):
    """``parts("en")`` → its parts by name."""
    read = {}
    for lang in LANGUAGES:
        with zipfile.ZipFile(io.BytesIO(package(lang))) as archive:
            read[lang] = {name: archive.read(name) for name in archive.namelist()}
    return read.__getitem__


def xml(part):
    return ET.fromstring(part)  # noqa: S314 (our own files)


def sheet_of(workbook, key, lang):
    return workbook[sheet_name(key, lang)]


def formulas(workbook):
    """Every formula of a workbook as (sheet, cell, text)."""
    for sheet in workbook:
        for row in sheet.iter_rows():
            for cell in row:
                text = getattr(cell.value, "text", cell.value)
                if isinstance(text, str) and text.startswith("="):
                    yield sheet.title, cell.coordinate, text


def table_rows(workbook, sheet, lang):
    """The rows of a native table as dictionaries by field."""
    page = workbook[sheet.name(lang)]
    _, *rows = page[page.tables[sheet.table].ref]
    return [
        dict(zip((column.field for column in sheet.written), (cell.value for cell in row), strict=True)) for row in rows
    ]


# --- the file ---------------------------------------------------------------------------------------------------------


@in_each_language
def test_building_again_gives_the_same_bytes(package, lang):
    assert build.template(lang) == package(lang)


@in_each_language
def test_the_committed_file_is_what_the_source_builds(package, lang):
    assert build.current(build.FILES[lang], package(lang)), "run  python -m kam_xl.template.build"


def test_a_file_that_is_missing_or_old_is_not_current(package, tmp_path):
    old = tmp_path / "old.xlsm"
    old.write_bytes(opc.replaced(package("en"), {"docProps/custom.xml": b"<x/>"}))

    assert not build.current(old, package("en"))
    assert not build.current(tmp_path / "none.xlsm", package("en"))


def test_the_check_names_the_file_that_is_old(package, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(build, "FILES", {"en": tmp_path / "gone.xlsm"})
    monkeypatch.setattr(build, "PLAIN", {"en": tmp_path / "gone.xlsx"})
    for builder, name in ((build, "template"), (build.plain, "workbook")):  # each takes a second
        monkeypatch.setattr(builder, name, package)

    assert build.main(["--check"]) == 2
    told = capsys.readouterr().err
    assert "gone.xlsm" in told
    assert "gone.xlsx" in told
    assert build.main([]) == 0
    assert build.main(["--check"]) == 0


@in_each_language
@pytest.mark.parametrize("installed", [False, True], ids=["as committed", "with the installed xlwings"])
def test_the_validator_has_nothing_against_it(package, lang, installed, ooxml_errors, tmp_path):
    path = tmp_path / "template.xlsm"
    with_xlwings = macros.modules(build.code_names(), macros.installed_xlwings()) if installed else None
    path.write_bytes(build.template(lang, with_xlwings) if installed else package(lang))

    assert ooxml_errors(path) == []


@in_each_language
def test_it_needs_no_other_file(parts, lang):
    relations = [content for name, content in parts(lang).items() if name.endswith(".rels")]

    assert not any("externalLink" in name for name in parts(lang))
    assert not any(b'TargetMode="External"' in content for content in relations)


@in_each_language
def test_excel_keeps_the_cached_values_when_it_opens(parts, lang):
    settings = xml(parts(lang)["xl/workbook.xml"]).find(f"{OF_EXCEL}calcPr")

    assert settings.get("fullCalcOnLoad") is None
    assert int(settings.get("calcId")) >= 191029


def test_it_says_which_version_made_it(book):
    found = {prop.name: prop.value for prop in book("en").custom_doc_props.props}

    assert found == {"kam_version": kam_xl.__version__, "kam_schema_version": build.SCHEMA}


@in_each_language
def test_macros_and_ribbon_are_those_of_the_folder(package, parts, lang):
    expected = macros.modules(build.code_names())

    assert vba.modules(parts(lang)["xl/vbaProject.bin"]) == expected
    assert parts(lang)["customUI/customUI.xml"] == build.RIBBON.read_bytes()
    assert tuple(opc.code_names(opc.unpacked(package(lang)))) == build.code_names()


def test_macros_and_configuration_can_be_given(tmp_path):
    given = macros.modules(build.code_names())[:-1]
    path = tmp_path / "book.xlsm"
    path.write_bytes(build.template("en", given, {"Interpreter_Mac": "/opt/python"}))
    workbook = openpyxl.load_workbook(path)

    assert dict(workbook["xlwings.conf"].values)["Interpreter_Mac"] == "/opt/python"
    with zipfile.ZipFile(path) as archive:
        assert vba.modules(archive.read("xl/vbaProject.bin")) == given


# --- sheets, tables, names --------------------------------------------------------------------------------------------


@in_each_language
def test_the_sheets_stand_in_order_and_two_are_hidden(book, lang):
    workbook = book(lang)

    assert workbook.sheetnames == [sheet_name(key, lang) for key in ORDER]
    assert [sheet.title for sheet in workbook if sheet.sheet_state != "visible"] == ["_i18n", "xlwings.conf"]
    assert workbook.active.title == sheet_name("start", lang)


@in_each_language
@pytest.mark.parametrize("sheet", DATA, ids=lambda sheet: sheet.kind)
def test_a_data_sheet_is_one_native_table_with_the_official_headers(book, lang, sheet):
    page = book(lang)[sheet.name(lang)]
    table = page.tables[sheet.table]

    assert list(page.tables) == [sheet.table]
    assert table.ref.startswith("A4:")
    assert table.column_names == [column.header(lang) for column in sheet.written]
    assert [cell.value for cell in page[4]] == table.column_names
    assert not any(cell.value for cell in page[3])
    assert page.max_row == data.HEADER_ROW + 1 + len(samples.rows(sheet.kind, resources.words(lang)))
    assert page.freeze_panes.endswith("5")


@in_each_language
def test_what_the_last_button_said_stays_in_view(book, lang):
    workbook = book(lang)
    name, place = next(workbook.defined_names["kam_message"].destinations)
    assert int(re.search(r"\d+", workbook[name].freeze_panes)[0]) > int(re.search(r"\d+", place)[0])


@in_each_language
def test_the_names_that_programs_look_for_exist(book, lang):
    workbook = book(lang)

    assert set(workbook.defined_names) >= NAMES
    for name in NAMES - {"kam_weights", "kam_i18n"}:
        ((sheet, cell),) = workbook.defined_names[name].destinations
        assert workbook[sheet][cell] is not None
    ((sheet, cells_),) = workbook.defined_names["kam_weights"].destinations
    assert [cell.value for cell in workbook[sheet][cells_][0]] == [0.5, 0.3, 0.2]


@in_each_language
def test_no_name_hides_a_function(book, lang):
    assert not {name.upper() for name in book(lang).defined_names} & set(udfs.FUNCTIONS)


@in_each_language
def test_what_actions_write_and_people_set_is_where_it_is_looked_for(book, lang):
    workbook = book(lang, values=True)
    place = {name: next(workbook.defined_names[name].destinations) for name in NAMES}
    value = {name: workbook[sheet][cell].value for name, (sheet, cell) in place.items() if ":" not in cell}

    assert (value["kam_lang"], value["kam_xl_version"]) == (lang, kam_xl.__version__)
    assert value["kam_as_of"].date() == samples.as_of()
    assert place["kam_message"][0] == sheet_name("actions", lang)
    assert {value[name] for name in ("kam_team", "kam_team_folder", "kam_budget", "kam_workbook_id")} == {None}


@in_each_language
def test_every_sheet_prints_on_a4_across_with_its_header_and_a_footer(book, lang):
    for key in ORDER[:-2]:
        page = sheet_of(book(lang), key, lang)
        assert (page.page_setup.orientation, int(page.page_setup.paperSize)) == ("landscape", 9)
        assert page.sheet_properties.pageSetUpPr.fitToPage
        assert int(page.page_setup.fitToWidth or 1) == 1
        assert kam_xl.__version__ in page.oddFooter.left.text
        assert "&P" in page.oddFooter.right.text
    assert {book(lang)[sheet.name(lang)].print_title_rows for sheet in DATA} == {"$4:$4"}


def test_typed_and_calculated_cells_have_excels_own_styles(book):
    page = book("zh-CN")["客户多维度分层评估表"]

    assert [page[cell].style for cell in ("B5", "E5", "F5")] == ["Input", "Calculation", "Calculation"]
    assert book("zh-CN")._named_styles["Input"].builtinId == 20
    assert book("zh-CN")._named_styles["Calculation"].builtinId == 22
    assert not page["B5"].protection.locked


# --- texts ------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@in_each_language
def test_i18n_holds_every_text_that_sheets_and_vba_look_up(book, lang):
    words = {each: resources.words(each).texts for each in LANGUAGES}
    header, *rows = (row[:3] for row in book(lang)["_i18n"].values)  # beside them macros note where their user was
    found = {key: pair for key, *pair in rows}

    assert header == ("key", *LANGUAGES)
    assert len(found) == len(rows)
    for key in words["en"]:
        if key.startswith(("ribbon.", "message.")) or re.match(r"functions\.\w+\.(description|arguments)", key):
            due = str(resources.policy().plan.soon_days)
            assert found[key] == [words[each][key].replace("{soon_days}", due) for each in LANGUAGES]
    used = {key for *_, text in formulas(book(lang)) for key in re.findall(r'MATCH\("([^"]+)",kam_i18n_keys', text)}
    assert used <= set(found)
    assert all(text for pair in found.values() for text in pair)


def test_a_functions_description_stands_right_before_its_arguments():
    keys = list(hidden.texts(resources.policy()))
    for name in udfs.FUNCTIONS:
        first = keys.index(f"functions.{name}.description")
        mine = [key for key in keys if key.startswith(f"functions.{name}.arguments.")]
        assert keys[first + 1 : first + 1 + len(mine)] == mine


def test_the_configuration_begins_in_the_first_cell_and_has_no_gap(book):
    rows = list(book("en")["xlwings.conf"].values)
    keys = [row[0] for row in rows]

    assert len(keys) == len({key.upper() for key in keys}) == len(hidden.CONFIGURATION)
    assert all(keys)
    assert all(isinstance(value, str) for _, value in rows if value is not None)
    assert dict(rows)["ADD_WORKBOOK_TO_PYTHONPATH"] == "False"


# --- input checks -----------------------------------------------------------------------------------------------------


@in_each_language
@pytest.mark.parametrize("sheet", DATA, ids=lambda sheet: sheet.kind)
def test_every_typed_column_with_a_form_is_checked_and_says_so(book, lang, sheet):
    workbook = book(lang)
    found = {str(one.sqref).split(":")[0]: one for one in workbook[sheet.name(lang)].data_validations.dataValidation}
    for index, column in enumerate(sheet.written):
        cell = f"{openpyxl.utils.get_column_letter(index + 1)}5"
        is_checked = bool(checks.of(sheet, column)) and not data.formula_of(column, lang)
        assert (cell in found) == is_checked, column.field
        if is_checked:
            check = found[cell]
            assert check.promptTitle, column.field
            assert check.prompt, column.field
            assert check.error or check.type in (None, "none"), column.field
            if check.type == "list":
                assert check.formula1 in workbook.defined_names


@pytest.mark.parametrize(
    ("kind", "typed", "passes"),
    [
        ("score", "92", True),
        ("score", "'92（高利润+长合作）", True),
        ("score", "'92 (high margin)", True),
        ("score", "0", True),
        ("score", "100", True),
        ("score", "100.5", False),
        ("score", "-1", False),
        ("score", "'高利润", False),
        ("score", "'约92", False),
        ("period", "'2026-01-01至2026-06-30", True),
        ("period", "'2026-01-01 to 2026-06-30", True),
        ("period", "'2026-06-30至2026-01-01", False),
        ("period", "'2026-01-01", False),
        ("period", "'明年", False),
        ("id_name", "'C001/澜汐科技有限公司", True),
        ("id_name", "'C001", True),
        ("id_name", "'C009/别家", False),
    ],
)
def test_a_check_takes_what_people_may_type(live, kind, typed, passes):
    """Calc itself evaluates the check's formula on a cell that holds the text."""
    sheet = live("zh-CN").sheets["参数"]
    rule = checks.OF_KIND[kind].rule("$Z$90", resources.policy())["value"]
    sheet["Z90"].formula = f'="{typed[1:]}"' if typed.startswith("'") else f"={typed}"
    sheet["Z91"].formula = f"=IF({rule[1:]},1,0)"

    assert sheet["Z91"].value == passes


def test_texts_that_excel_would_cut_are_refused():
    book = SimpleNamespace(data_validation=lambda *_: -2)
    page = SimpleNamespace(sheet=book)

    with pytest.raises(ValueError, match="no such input check"):
        Page.check(page, (4, 9), 0, {})


# --- samples ----------------------------------------------------------------------------------------------------------


@in_each_language
def test_the_handbooks_customers_are_there_as_it_gives_them(book, lang):
    rows = {row["customer_id"]: row for row in table_rows(book(lang, values=True), sheets.EVALUATION, lang)}
    names = resources.policy().tier_names(lang)

    assert [parse_score(str(rows["C001"][name]))[0] for name in ("value", "potential", "demand")] == [92, 88, 85]
    assert all(parse_score(str(rows["C001"][name]))[1] for name in ("value", "potential", "demand"))
    assert (rows["C001"]["composite"], rows["C001"]["tier"]) == (89.4, names["key"])
    assert [rows["C002"][name] for name in ("value", "potential", "demand")] == [55, 45, 70]
    assert (rows["C002"]["composite"], rows["C002"]["tier"]) == (55.0, names["regular"])
    assert {row["tier"] for row in rows.values()} == set(names.values())


@in_each_language
def test_scores_and_tiers_are_the_cores_own(book, lang):
    rows = pd.DataFrame(table_rows(book(lang, values=True), sheets.EVALUATION, lang))
    policy = resources.policy()
    marks = [rows[name].map(lambda typed: parse_score(str(typed))[0]) for name in ("value", "potential", "demand")]
    scores = scoring.composite(*marks, policy.weights)

    assert rows["composite"].tolist() == scores.tolist()
    assert rows["tier"].tolist() == tiering.tiers(scores, policy).map(policy.tier_names(lang)).tolist()


@in_each_language
def test_score_and_tier_are_formulas_of_their_table(book, lang):
    sheet = sheets.EVALUATION
    columns = book(lang)[sheet.name(lang)].tables[sheet.table].tableColumns
    formula = {column.name: column.calculatedColumnFormula for column in columns}
    score = formula[sheet.column("composite").header(lang)].attr_text
    tier = formula[sheet.column("tier").header(lang)].attr_text

    marks = ",".join(
        f"tblEvaluation[[#This Row],[{sheet.column(name).header(lang)}]]" for name in ("value", "potential", "demand")
    )
    assert score == f"KAM_SCORE({marks})"
    assert tier == f"KAM_TIER(tblEvaluation[[#This Row],[{sheet.column('composite').header(lang)}]])"
    for row, cells_ in enumerate(table_rows(book(lang), sheet, lang), start=5):
        assert (cells_["composite"], cells_["tier"]) == (f"={score}", f"={tier}"), row


@in_each_language
def test_sample_rows_are_whole_and_nobodys_phone(lang):
    words = resources.words(lang)
    known = {row["customer_id"] for row in samples.rows("info", words)}

    assert len(known) == 6
    for sheet in DATA:
        for row in samples.rows(sheet.kind, words):
            assert set(row) | set(data.CALCULATED) >= {column.field for column in sheet.written}
            assert str(row.get("customer_id") or row["customer"]).split("/")[0] in known
            assert re.fullmatch(r"010-5550\d{4}|\+1 202 555 01\d\d", row.get("phone") or "010-55500000")


@in_each_language
def test_what_is_typed_in_the_samples_passes_the_nightly_checks(package, lang, tmp_path):
    (tmp_path / "team.xlsm").write_bytes(package(lang))
    read = validation.validate(workbooks.read(tmp_path, "team.xlsm"), resources.policy(), samples.as_of())

    assert read.findings == ()
    assert read.tables.keys() == {sheet.kind for sheet in DATA}


@in_each_language
def test_what_the_samples_mark_is_what_the_rules_ask_for(package, lang, tmp_path):
    (tmp_path / "team.xlsm").write_bytes(package(lang))
    policy, words, day = resources.policy(), resources.words(lang), samples.as_of()
    read = validation.validate(workbooks.read(tmp_path, "team.xlsm"), policy, day)
    now = dt.datetime.combine(day, dt.time())
    asked = assessment.assess(consolidation.consolidate([read], policy), policy, now, words).actions.set_index("key")

    for row in samples.rows("tasks", words):
        told = ["customer_id", "subject", "action", "evidence", "owner"]
        assert asked.loc[row["action_id"], told].tolist() == [row[field] for field in told]
        assert asked["source"][row["action_id"]] != planning.MARKED


# --- formulas ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def as_built():
    """Errors and formulas aside, what two values of a cell have in common."""

    def same(now, then):
        if isinstance(now, int | float) and isinstance(then, int | float):
            return abs(now - then) < 1e-9
        return (now or None) == (then or None)

    return same


@pytest.fixture
def live(template_book):
    """``live("en")`` → the committed workbook open in LibreOffice, on the samples' day, everything calculated anew."""

    def opened(lang):
        book = template_book(lang)
        book.names["kam_as_of"].refers_to_range.value = dt.datetime.combine(samples.as_of(), dt.time())
        book.app.calculate()
        return book

    return opened


def in_tiers(running, lang):
    """The customers that the dashboard counts in each tier, highest first; its labels are in ``lang``."""
    rows = running.sheets[1]["B20:D40"].value
    counts = {row[0]: row[2] for row in rows}
    return [counts[name] for name in resources.policy().tier_names(lang).values()]


@in_each_language
def test_every_cached_value_is_what_the_formula_gives(live, book, as_built, lang):
    running, shown = live(lang), book(lang, values=True)
    as_of = {shown.defined_names["kam_as_of"].attr_text.split("!")[1].replace("$", "")}
    wrong = {}
    for sheet, cell, text in formulas(book(lang)):
        if sheet == sheet_name("start", lang) and cell in as_of:
            continue
        now, then = running.sheets[sheet][cell].value, shown[sheet][cell].value
        if isinstance(then, dt.datetime) or as_built(now, then):
            continue
        wrong[sheet, cell] = (text, then, now)

    (ready,) = wrong.values()  # Python answers now; in the file the functions have not been asked yet
    assert ready[1] == resources.words(lang)("template.start.macros_off")
    assert ready[2] == resources.words(lang)("template.start.macros_on", version=kam_xl.__version__)


@in_each_language
def test_labels_follow_the_language(live, lang):
    running = live(lang)
    other = next(each for each in LANGUAGES if each != lang)
    names = resources.policy().tier_names(other)
    running.names["kam_lang"].refers_to_range.value = other
    running.api.calculateAll()  # no cell of KAM_TIER's arguments has changed
    dashboard = running.sheets[sheet_name("dashboard", lang)]
    texts = [text for row in dashboard["A1:M75"].value for text in row if isinstance(text, str)]

    assert resources.words(other)("template.dash.overdue") in texts
    assert not any(key in texts for key in resources.policy().tier_names(lang).values())
    assert in_tiers(running, other) == [1] * 5, "a tier counts in either language"
    evaluation = running.sheets[sheets.EVALUATION.name(lang)]
    assert evaluation["F5"].value == names["key"]


@in_each_language
def test_an_empty_workbook_shows_no_error(live, lang):
    running = live(lang)
    for sheet in DATA:
        page = running.sheets[sheet.name(lang)]
        width = len(sheet.written)
        page.range((5, 1), (5 + len(samples.rows(sheet.kind, resources.words(lang))), width)).clear_contents()
    running.app.calculate()
    dashboard = running.sheets[sheet_name("dashboard", lang)]
    shown = [value for row in dashboard["A1:O75"].value for value in row]

    assert resources.words(lang)("template.dash.head_none") in shown
    assert not [value for value in shown if isinstance(value, str) and value.startswith(("#", "Err:"))]
    assert in_tiers(running, lang) == [0] * 5


def test_a_later_evaluation_decides_and_an_unknown_one_counts_nobody(live):
    running = live("zh-CN")
    dashboard, evaluation = running.sheets["仪表盘"], running.sheets["客户多维度分层评估表"]
    before = in_tiers(running, "zh-CN")
    evaluation["G8"].value = dt.datetime(2026, 1, 1)  # C003's newer evaluation, strategic, becomes the older one
    evaluation["B10"].value = None  # C005 loses a mark
    running.app.calculate()

    assert before == [1, 1, 1, 1, 1]
    assert in_tiers(running, "zh-CN") == [0, 2, 1, 1, 0]
    shown = [cell for row in dashboard["A1:M12"].value for cell in row]
    assert "● 2 家未评估" in shown


def test_an_amount_that_is_a_text_and_a_tier_that_is_blank_are_said(live):
    running = live("zh-CN")
    dashboard = running.sheets["仪表盘"]
    running.sheets["客户基础信息表"]["I5"].value = "3200万"
    running.sheets["客户多维度分层评估表"]["F6"].value = ""  # C002's
    running.app.calculate()

    shown = [str(cell) for row in dashboard.used_range.value for cell in row if cell is not None]
    assert "▲ 1 个是文字或外币，未计入" in shown
    assert shown.count("未评估") == 2  # C002 beside C006


def test_a_strategy_is_open_in_formulas_where_it_is_for_the_rules(live, book):
    """The tile of the overdue ones and the colour of the period, for every status, another word and none (handbook §8)."""
    name, tracking = sheet_name("tracking", "zh-CN"), sheets.BY_KIND["tracking"].fields
    running = live("zh-CN")
    sheet, tile = running.sheets[name], running.sheets["仪表盘"]["H7"]
    period, status, spare = (
        f"{openpyxl.utils.get_column_letter(at + 1)}5" for at in (*map(tracking.index, ("period", "status")), 25)
    )
    (painted,) = (
        text
        for area in book("zh-CN")[name].conditional_formatting
        for rule in area.rules
        for text in rule.formula
        if "DATEVALUE" in text
    )
    sheet[period].value, sheet[spare].formula = "2020-01-01至2020-06-30", f"=IF({painted},1,0)"
    words = resources.words("zh-CN")
    typed = {words(f"terms.status.{key}"): key in OPEN_STATUSES for key in STATUS_NAMES} | {"说不清": False, "": False}
    told = {}
    for text in typed:
        sheet[status].value = text
        running.app.calculate()
        told[text] = (sheet[spare].value, tile.value)
    closed = told[""][1]
    assert told == {text: (int(is_open), closed + is_open) for text, is_open in typed.items()}


def test_values_of_functions_come_as_cells_hold_them():
    assert values.call("KAM_SCORE", 92, 88, 85) == 89.4
    assert values.call("KAM_SCORE", None, 88, 85) == "#N/A"
    assert values.call("KAM_SCORE", "x", 88, 85) == "#VALUE!"
    table = values.call("KAM_SHARE", (("战略客户",), ("重点客户",)), "zh-CN")
    assert isinstance(table, tuple)
    assert len(table) > 1


# --- drawings ---------------------------------------------------------------------------------------------------------


def shapes(parts):
    """Every drawn button: macro, text, the cell its text follows, alt text, shape."""
    for name, content in parts.items():
        if re.fullmatch(r"xl/drawings/drawing\d+\.xml", name):
            for shape in xml(content).iterfind(".//{*}sp"):
                yield SimpleNamespace(
                    macro=shape.get("macro"),
                    link=shape.get("textlink"),
                    text="".join(text.text for text in shape.iterfind(".//{*}t")),
                    alt=shape.find(".//{*}cNvPr").get("descr"),
                    geometry=shape.find(".//{*}prstGeom").get("prst"),
                )


@in_each_language
def test_every_action_has_a_button_whose_macro_exists(parts, book, lang):
    found = {shape.macro: shape for shape in shapes(parts(lang))}
    subs = {
        name
        for module in macros.modules([])
        for name in re.findall(r"^Public Sub (\w+)\(\)", module.text, re.MULTILINE)
    }
    words = resources.words(lang)

    assert {macro.removeprefix("[0]!") for macro in found} == {action.sub for action in actions.ACTIONS.values()}
    for macro, shape in found.items():
        sub = macro.removeprefix("[0]!")
        sheet, cell = shape.link.replace("'", "").replace("$", "").split("!")
        assert sub in subs
        assert shape.text == words(f"ribbon.{sub}.label") == book(lang, values=True)[sheet][cell].value
        assert shape.alt
        assert shape.geometry == "roundRect"


@in_each_language
def test_every_chart_has_alt_text_and_knows_its_figures(parts, lang):
    frames = [
        frame
        for name, content in parts(lang).items()
        if name.startswith("xl/drawings/drawing")
        for frame in xml(content).iterfind(".//{*}graphicFrame")
    ]
    charts = [content.decode() for name, content in parts(lang).items() if re.match(r"xl/charts/chart\d", name)]

    assert len(frames) == len(charts) == 3
    assert all(frame.find(".//{*}cNvPr").get("descr") for frame in frames)
    assert all("<c:v>5600.0</c:v>" in chart or "<c:v>0.2</c:v>" in chart for chart in charts)


# --- with a real Excel ------------------------------------------------------------------------------------------------


def test_excel_itself_can_make_the_project(monkeypatch, tmp_path):
    """On Windows Excel imports the same modules; here a stand-in notes what it is asked to do."""
    told = []
    code = SimpleNamespace(
        CountOfLines=3, DeleteLines=lambda *_: None, AddFromString=lambda text: told.append(("code", text))
    )

    class Components:
        def __call__(self, name):
            return SimpleNamespace(name=name, CodeModule=code)

        def Remove(self, component):  # noqa: N802 (as Excel calls it)
            told.append(("removed", component.name))

        def Import(self, file):  # noqa: N802
            told.append(("imported", Path(file).read_text("ascii").splitlines()[0]))

    project = SimpleNamespace(VBComponents=Components())
    opened = SimpleNamespace(api=SimpleNamespace(VBProject=project), save=lambda: told.append(("saved", "")))

    class App:
        def __init__(self, **_):
            self.api, self.books = SimpleNamespace(), SimpleNamespace(open=lambda _path: opened)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

    monkeypatch.setattr("xlwings.App", App)
    build.with_excel(tmp_path / "book.xlsm")

    standard = [module for module in macros.modules([]) if module.kind == "standard"]
    assert [what for what, _ in told].count("imported") == len(standard)
    assert ("imported", 'Attribute VB_Name = "xlwings_udfs"') in told
    assert not any(text.startswith("Attribute") for what, text in told if what == "code")
    assert told[-1] == ("saved", "")
