"""What the guide says is so: its examples give what it shows, in Python and in cells; its buttons, commands, links exist.

An example is a row of a table with a column 公式 · Formula, or a formula that is a paragraph of its own, followed by the
table that it answers. ``…`` stands for rows or columns left out, ``{1;2}`` for cells below each other.
"""

from __future__ import annotations

import datetime as dt
import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from kam_xl import resources
from kam_xl.actions import leaflet
from kam_xl.core import moves, own_sheets, sheets
from kam_xl.core.policy import DIMENSIONS
from kam_xl.core.privacy import masked
from kam_xl.core.words import LANGUAGES
from kam_xl.doors import udfs
from kam_xl.engines.calc import values as serials
from kam_xl.reports import moves_sheet
from kam_xl.showing import fields
from kam_xl.template import values
from kam_xl.worksheet import formulas
from tests.commands import COMMANDS, NAMED, options

ROOT = Path(__file__).parents[1]
PATHS = {lang: ROOT / "kam_xl" / "guide" / f"guide.{lang}.md" for lang in LANGUAGES}
TEXTS = {lang: path.read_text("utf-8") for lang, path in PATHS.items()}
#: What the columns of a table of examples are called.
COLUMNS = {
    "zh-CN": {"单元格": "cell", "公式": "formula", "结果": "result", "KAM_WHY 的说明": "why"},
    "en": {"Cell": "cell", "Formula": "formula", "Result": "result", "KAM_WHY says": "why"},
}
TEAM = {"zh-CN": "华东.xlsm", "en": "East.xlsm"}
CUT = "…"  # rows or columns left out

Rows = Sequence[Sequence[str]]


# --- reading the guide ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Table:
    """A table of the guide below its nearest heading; `formula` is the paragraph before it where that is a formula."""

    heading: str
    rows: Rows
    formula: str | None


@dataclass(frozen=True)
class Example:
    """A formula and what it shows: one cell's text, or a table; `why` is what KAM_WHY says about it, `cell` its address."""

    function: str
    formula: str
    result: str | Rows
    cell: str = ""
    why: str = ""


def tokens(lang: str) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(TEXTS[lang])


def plain(inline: Token) -> str:
    """The text of a cell or heading as its reader sees it."""
    return "".join(child.content for child in inline.children if child.type in ("text", "code_inline")).strip()


def headings(lang: str) -> list[tuple[str, str]]:
    found = tokens(lang)
    return [(token.tag, plain(found[at + 1])) for at, token in enumerate(found) if token.type == "heading_open"]


def tables(lang: str) -> Iterator[Table]:
    heading, formula, rows = "", None, []
    for token, after in zip(found := tokens(lang), [*found[1:], None], strict=True):
        if token.type == "heading_open":
            heading = plain(after)
        elif token.type == "paragraph_open":
            formula = lone_formula(after)
        elif token.type == "table_open":
            rows = []
        elif token.type == "tr_open":
            rows.append([])
        elif token.type in ("th_open", "td_open"):
            rows[-1].append(plain(after))
        elif token.type == "table_close":
            yield Table(heading, rows, formula)
            formula = None


def lone_formula(inline: Token) -> str | None:
    """The formula that is all of a paragraph."""
    if len(inline.children) == 1 and inline.children[0].type == "code_inline" and inline.content.startswith("`="):
        return inline.children[0].content
    return None


def function_of(heading: str) -> str:
    return (re.match(r"KAM_[A-Z_]+", heading) or [""])[0]


def examples(lang: str) -> list[Example]:
    return [example for table in tables(lang) for example in _examples(table, lang)]


def _examples(table: Table, lang: str) -> Iterator[Example]:
    function = function_of(table.heading)
    if table.formula:
        yield Example(function, table.formula, table.rows)
        return
    names = [COLUMNS[lang].get(header) for header in table.rows[0]]
    if "formula" in names:
        for row in table.rows[1:]:
            yield Example(function, **{name: cell for name, cell in zip(names, row, strict=True) if name})


EXAMPLES = {lang: examples(lang) for lang in LANGUAGES}
EVERY = [pytest.param(lang, each, id=f"{lang} {each.formula}") for lang in LANGUAGES for each in EXAMPLES[lang]]


def sample_table(kind: str, lang: str) -> tuple[tuple, ...]:
    """A table of the template with its header row, as a formula hands it over."""
    columns = sheets.BY_KIND[kind].columns
    rows = values.rows(kind, resources.words(lang))
    return (tuple(one.header(lang) for one in columns), *(tuple(row.get(one.field) for one in columns) for row in rows))


def changes(lang: str) -> list[list[str]]:
    """The sheet that the button Why it changed writes, after a night on which one mark of C003 was another one."""
    words, tiers = resources.words(lang), resources.policy().tier_names(lang)
    headers = [field.header(lang) for _, field in fields.listed(moves_sheet.FIELDS)]
    marks = {"header": sheets.EVALUATION.column("potential").header(lang), "was": 95, "now": 75}
    place = f"{sheets.EVALUATION.name(lang)}!C7"
    cited = words("bridge.cell.changed", book=TEAM[lang], place=place, **marks)
    own, nights = words("bridge.factor.own"), words("bridge.page.nights", then="2026-11-19", now="2026-11-20")
    told = {
        "tier": (words("bridge.step", before=tiers["strategic"], after=tiers["key"]), own),
        "score": (moves.step(93.6, 87.6, "score", words), words("bridge.part", factor=own, part="−6.0")),
    }
    names = [words(f"bridge.figure.{figure}") for figure in told]
    rows = [
        ["C003", "", name, *one, cited, nights, "2026-11-01"] for name, one in zip(names, told.values(), strict=True)
    ]
    before = (
        moves.step(91.6, 93.6, "score", words),
        words("bridge.part", factor=words("bridge.factor.others"), part="+2.0"),
    )
    earlier = words("bridge.page.nights", then="2026-11-14", now="2026-11-15")
    return [headers, *rows, ["C003", "", names[1], *before, "", earlier, "2026-11-01"]]


# --- what a cell shows ------------------------------------------------------------------------------------------------


def shown(cell: object, written: str) -> str:
    """A cell's value as text, in the format that the guide writes it in: a percentage, a date, or plain."""
    if isinstance(cell, str):
        return {"#!2042": "#N/A", "#!2015": "#VALUE!"}.get(cell[:6], cell)
    if isinstance(cell, float) and re.fullmatch(r"\d{4}-\d\d-\d\d( \d\d:\d\d)?", written):
        cell = serials.moment(cell)
    if isinstance(cell, dt.datetime):
        return f"{cell:%Y-%m-%d %H:%M}" if ":" in written else f"{cell:%Y-%m-%d}"
    if percent := re.fullmatch(r"-?\d+(?:\.(\d+))?%", written):
        return f"{cell:.{len(percent[1] or '')}%}"
    return f"{cell:.12g}"


def assert_shows(answer: object, example: Example) -> None:
    """Hold one answer, a cell or rows of cells, against what the guide shows of it."""
    written = example.result
    if isinstance(written, str) and not written.startswith("{"):
        assert shown(answer, written) == written
        return
    if isinstance(written, str):
        lines, columns = [[text] for text in written.strip("{}").split(";")], [(0, 0)]
    else:
        lines, columns = written, columns_of(written[0], answer[0])
    cells = [[row[column] for _, column in columns] for row in answer]
    wanted = [None if line[0] == CUT else [line[place] for place, _ in columns] for line in lines]
    assert_in_order(wanted, cells)


def columns_of(header: Sequence[str], headers: Sequence) -> list[tuple[int, int]]:
    """Which written column is which of the answer's; … stands wherever some are left out, and nowhere else."""
    shown_ones = [list(headers).index(name) for name in header if name != CUT]
    expected = []
    for before, after in pairwise((-1, *shown_ones, len(headers))):
        expected += ([CUT] if after - before > 1 else []) + [*headers[after : after + 1]]
    assert list(header) == expected
    return [(list(header).index(headers[column]), column) for column in shown_ones]


def assert_in_order(wanted: Sequence[Sequence[str] | None], cells: Sequence[Sequence]) -> None:
    """Every written row is the answer's next one, or a later one after …, which is None here."""
    at, skipping = 0, False
    for line in wanted:
        if line is None:
            skipping = True
            continue
        while skipping and at < len(cells) - 1 and as_written(cells[at], line) != line:
            at += 1
        assert at < len(cells), "there are fewer rows"
        assert as_written(cells[at], line) == line
        at, skipping = at + 1, False
    assert skipping or at == len(cells), "there are more rows"


def as_written(row: Sequence, line: Sequence[str]) -> list[str]:
    return [shown(cell, text) for cell, text in zip(row, line, strict=True)]


# --- asking as Excel does ---------------------------------------------------------------------------------------------


class Sheet:
    """A sheet with the cells of a table of examples: what stands in them, and the way KAM_WHY asks for it."""

    def __init__(self, lang: str, cells: Sequence[Example] = ()) -> None:
        self.lang = lang
        self.formulas = {example.cell: example.formula for example in cells}
        self.book = SimpleNamespace(sheets={"guide": self})

    def range(self, address: str) -> SimpleNamespace:
        address = address.replace("$", "")
        value = lambda **_: SimpleNamespace(value=[[self.value(address)]])  # noqa: E731
        return SimpleNamespace(row=1, column=1, options=value)

    def value(self, address: str) -> object:
        """What a cell shows."""
        return shown(self.ask(self.formulas[address]), "") if address in self.formulas else None

    def ask(self, formula: str) -> object:
        """What udfs.py answers to a formula, its arguments handed over as the wrappers do."""
        call = formulas.call_in(formula)
        assert re.fullmatch(rf"={call.name}\(.*\)", formula), f"{formula} is more than a call"
        return self._asked(call)

    def _asked(self, call: formulas.Call) -> object:
        names = list(inspect.signature(udfs.FUNCTIONS[call.name]).parameters)
        given = [self._given(argument) for argument in call.arguments]
        if call.name == "KAM_WHY":
            address = call.arguments[0].address
            given.insert(1, [["guide", "guide", address, self.formulas[address]]])
        arguments = dict(zip(names, given, strict=False))
        if "lang" in names:
            arguments.setdefault("lang", self.lang)
        return udfs.call(call.name, [arguments.get(name) for name in names])

    def _given(self, argument: formulas.Argument) -> object:
        if isinstance(argument, formulas.Literal):
            return argument.value
        if isinstance(argument, formulas.Call):
            return self._asked(argument)
        if isinstance(argument, formulas.Area):
            return changes(self.lang) if argument.sheet else self.value(argument.address)
        if isinstance(argument, formulas.Name):
            assert argument.name == "kam_weights"
            return [[getattr(resources.policy().weights, key) for key in DIMENSIONS]]
        return self._part(argument)

    def _part(self, part: formulas.Part) -> list:
        kind = next(sheet.kind for sheet in sheets.BY_KIND.values() if sheet.table == part.table)
        headers, *rows = sample_table(kind, self.lang)
        if part.first is None:
            return [headers, *rows] if part.rows == "all" else rows
        column = headers.index(part.first)
        return [[row[column]] for row in rows]


@pytest.fixture
def sheet_of(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Sheet]:
    """``sheet_of("en")`` is a sheet with the guide's cells; KAM_WHY finds it."""

    def sheet(lang: str, cells: Sequence[Example]) -> Sheet:
        made = Sheet(lang, cells)
        monkeypatch.setattr(udfs, "_open_book", lambda _name: made.book)
        return made

    return sheet


# --- functions --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_function_has_a_section_with_an_example(lang):
    sections = [function_of(text) for tag, text in headings(lang) if tag == "h3" and function_of(text)]

    assert sections == list(udfs.FUNCTIONS)
    assert {example.function for example in EXAMPLES[lang]} == set(udfs.FUNCTIONS)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_other_function_is_named(lang):
    assert set(re.findall(r"\bKAM_[A-Z]+(?:_[A-Z]+)*\b", TEXTS[lang])) == set(udfs.FUNCTIONS)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", udfs.FUNCTIONS)
def test_the_section_shows_how_many_arguments_there_are_and_which_may_be_left_out(lang, name):
    section = re.split(r"^#+ ", TEXTS[lang].partition(f"\n### {name}")[2], flags=re.MULTILINE)[0]
    (written,) = re.findall(rf"^`{name}\((.*)\)`", section, re.MULTILINE)
    arguments = [
        one for key, one in inspect.signature(udfs.FUNCTIONS[name]).parameters.items() if key not in udfs.HIDDEN
    ]
    optional = [argument.default is not argument.empty for argument in arguments]

    assert [one.startswith("[") for one in written.split(", ") if one] == optional


@pytest.mark.slow
@pytest.mark.parametrize(("lang", "example"), EVERY)
def test_an_example_gives_what_the_guide_shows(lang, example, sheet_of):
    sheet = sheet_of(lang, [one for one in EXAMPLES[lang] if one.cell])

    assert_shows(sheet.ask(example.formula), example)


@pytest.mark.parametrize(("lang", "example"), [each for each in EVERY if each.values[1].why])
def test_kam_why_tells_the_reason_that_the_guide_shows(lang, example, sheet_of):
    sheet = sheet_of(lang, [Example("", example.formula, "", "B2")])

    assert sheet.ask("=KAM_WHY(B2)") == example.why


def test_the_examples_show_the_same_in_cells_of_the_template(template_book):
    """In one language; above, Python gives them in both."""
    lang = "zh-CN"
    book = template_book(lang)
    told = changes(lang)
    book.sheets.add(name=own_sheets.PRODUCT["changes"][0]).range((4, 1), (3 + len(told), len(told[0]))).value = told
    sheet = book.sheets.add(name="guide")
    python = Sheet(lang, [one for one in EXAMPLES[lang] if one.cell])
    placed = []
    for row, example in enumerate(EXAMPLES[lang]):
        area = _area(sheet, example, 30 + 60 * row, python)
        if len(area) == 1:
            area.formula = example.formula
        else:
            area.formula_array = example.formula
        if example.why:
            area.offset(0, 1).formula = f"=KAM_WHY({area.get_address(False, False)})"
        placed.append((example, area))
    sheet.book.app.calculate()

    for example, area in placed:
        answer = area.options(err_to_str=True).value
        assert_shows([[cell] for cell in answer] if area.shape[1] == 1 and len(area) > 1 else answer, example)
        if example.why:
            assert area.offset(0, 1).value == example.why


def _area(sheet, example, row, python):
    """The cells that an example fills: the address it names, else as many as its answer needs."""
    if example.cell:
        return sheet.range(example.cell)
    if isinstance(example.result, str) and not example.result.startswith("{"):
        return sheet.range((row, 1))
    answer = python.ask(example.formula)
    return sheet.range((row, 1), (row + len(answer) - 1, len(answer[0])))


# --- the first ten minutes --------------------------------------------------------------------------------------------


@pytest.fixture
def said(office, template_book):
    """``said("en", "Audit")`` runs a button on the template and gives the sentence it shows."""

    def run(book, name):
        office.run(book, f"KamXl_{name}")
        return book.names["kam_message"].refers_to_range.value

    return run


MARKS = {"zh-CN": ["C006", "78（首批已交付）", 82, 75], "en": ["C006", "78 (first order delivered)", 82, 75]}
TOP = {"zh-CN": "战略客户", "en": "Strategic"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_first_ten_minutes_go_as_told(lang, template_book, said):
    book, guide = template_book(lang), TEXTS[lang]
    evaluation = book.sheets[sheets.EVALUATION.name(lang)]
    assert str(MARKS[lang][1]) in guide
    state = [
        cell for row in book.sheets[0].used_range.value for cell in row if isinstance(cell, str) and cell[0] == "●"
    ]
    assert any(cell in guide for cell in state if "0.1" in cell)

    evaluation.range("10:10").insert("down")
    evaluation.range("A10").value = MARKS[lang]
    assert said(book, "ScoreAll").split("；")[0].split(";")[0] in guide
    score, tier = evaluation.range("E10:F10").value
    assert f"{score:g}" in guide
    assert tier in guide

    evaluation.activate()
    evaluation.range("B5").select()
    assert said(book, "Explain") in guide

    potential = evaluation.range("C5").value
    evaluation.range("C5").value = None
    evaluation.range("K5").formula = "=KAM_WHY(E5)"
    assert evaluation.range("E5").options(err_to_str=True).value == "#N/A"
    assert evaluation.range("K5").value in guide
    evaluation.range("C5").value = potential
    evaluation.range("K5").clear()

    assert said(book, "ClearSamples") in guide


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_score_recorded_by_hand_stays_and_is_shown_beside_the_computed_one(lang, template_book, said):
    book = template_book(lang)
    evaluation = book.sheets[sheets.EVALUATION.name(lang)]
    evaluation.range("E5:F5").value = [89.6, TOP[lang]]

    said(book, "ScoreAll")
    assert evaluation.range("E5:F5").value == [89.6, TOP[lang]]

    said(book, "Audit")
    told = next(row for row in book.sheets.active.used_range.value if "C001" in row)
    written = next(row for table in tables(lang) for row in table.rows if "C001" in row and "89.6" in row)
    assert set(written) <= {shown(cell, "") for cell in told if cell is not None}

    evaluation.range("E5:F5").clear_contents()
    said(book, "ScoreAll")
    assert evaluation.range("E5").value == 89.4


# --- buttons ----------------------------------------------------------------------------------------------------------


def ribbon(lang: str) -> dict[str, list[str]]:
    """Group → its buttons, by their labels."""
    words = resources.words(lang)
    label = lambda control: words(f"ribbon.{control.get('id')}.label")  # noqa: E731
    groups = ET.parse(ROOT / "kam_xl" / "template" / "ribbon.xml").iterfind(".//{*}group")  # noqa: S314 (our own file)
    return {label(group): [label(button) for button in group.iterfind("{*}button")] for group in groups}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_button_of_the_ribbon_and_of_the_start_sheet_has_its_line(lang):
    words = resources.words(lang)
    (table,) = [table for table in tables(lang) if table.rows[0][1] in ("按钮", "Button")]
    told: dict[str, list[str]] = {}
    for group, button, *_ in table.rows[1:]:
        told.setdefault(group or list(told)[-1], []).append(button)

    start = {own_sheets.PRODUCT["start"][LANGUAGES.index(lang)]: [words("ribbon.KamXl_ClearSamples.label")]}
    assert told == ribbon(lang) | start


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_bold_is_a_button_a_group_or_the_tab(lang):
    """Buttons are bold wherever they are named, so none can be invented."""
    words = resources.words(lang)
    keys = [key for key in words.texts if re.fullmatch(r"ribbon\.\w+\.label", key)]
    other = resources.words(next(one for one in LANGUAGES if one != lang))("ribbon.KamXl_Language.label")

    outside_code = re.sub(r"`[^`\n]*`", "", TEXTS[lang])
    assert set(re.findall(r"\*\*(.+?)\*\*", outside_code)) - {words(key) for key in keys} == {other}


# --- commands ---------------------------------------------------------------------------------------------------------

DESK = ("install", "uninstall", "doctor", "upgrade", "open")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_command_of_the_desk_has_its_line_with_its_options(lang):
    (table,) = [table for table in tables(lang) if table.rows[0][0] in ("命令", "Command")]
    lines = [re.match(rf".*?{NAMED}(.*)", row[0]) for row in table.rows[1:]]
    told = {line[1]: set(re.findall(r"--[a-z-]+", line[2])) for line in lines}

    assert told == {name: options(name) for name in DESK}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_other_command_or_option_is_named(lang):
    text = TEXTS[lang]

    assert set(re.findall(NAMED, text)) <= set(COMMANDS)
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)) <= set().union(*map(options, COMMANDS))


# --- pictures, links, the two languages -------------------------------------------------------------------------------


def targets(lang: str) -> list[str]:
    """Where links and pictures lead, each once."""
    children = [child for token in tokens(lang) for child in token.children or ()]
    found = [child.attrGet("src") or child.attrGet("href") for child in children]
    return list(dict.fromkeys(unquote(str(target)) for target in found if target))


@pytest.mark.parametrize(("lang", "target"), [(lang, target) for lang in LANGUAGES for target in targets(lang)])
def test_a_link_or_picture_leads_somewhere_on_every_desk(lang, target):
    path, _, anchor = target.partition("#")
    if anchor:
        assert f'id="{anchor}"' in leaflet.rendered(TEXTS[lang], PATHS[lang].parent)
        return
    place = (PATHS[lang].parent / path).resolve()

    assert place.is_file()
    assert place.is_relative_to(ROOT / "kam_xl")  # what the wheel carries along


def test_both_guides_hold_the_same():
    zh, en = LANGUAGES

    assert [tag for tag, _ in headings(zh)] == [tag for tag, _ in headings(en)]
    assert [(one.function, one.cell) for one in EXAMPLES[zh]] == [(one.function, one.cell) for one in EXAMPLES[en]]
    assert [len(table.rows) for table in tables(zh)] == [len(table.rows) for table in tables(en)]
    assert [target.replace(zh, en) for target in targets(zh) if "#" not in target] == [
        target for target in targets(en) if "#" not in target
    ]


# --- privacy ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("lang", "heading"), [("zh-CN", "隐私"), ("en", "Privacy")])
def test_the_guide_shows_what_is_masked_as_it_is(lang, heading):
    ((_, *rows),) = [table.rows for table in tables(lang) if table.heading == heading]

    assert [masked(typed) for typed, _ in rows] == [shown for _, shown in rows]
    assert [typed == shown for typed, shown in rows] == [False] * 11 + [True] * 4
