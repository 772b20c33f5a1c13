"""What every sheet of the template shares: formats, labels in both languages, the grid of the sheets people read.

In the workbook with macros a label is a formula that looks its text up in sheet `_i18n` by the workbook's language, with
the text of the language it was built in as its cached value, so that Protected View shows it too. In the one without
macros nothing can switch the language, and a label is a text.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from kam_xl import __version__
from kam_xl.core import own_sheets, sheets
from kam_xl.core.policy import Policy
from kam_xl.core.words import Words
from kam_xl.reports import native_tables
from kam_xl.showing import theme

DATA = sheets.STANDARD + sheets.OPTIONAL
#: The sheets in their order: keys of `own_sheets.PRODUCT`, kinds of data sheets.
ORDER = ("start", "dashboard", "actions", *(sheet.kind for sheet in DATA), "lists", "parameters", "i18n", "conf")
READ = ("start", "dashboard", "actions", "parameters")  # the sheets on a grid, linked from every header

FIRST, LAST = 1, 12  # the columns of the grid
MARGIN = 2  # characters
WIDTHS = {"zh-CN": 12, "en": 13}  # of a grid column, in characters, which are narrower in Calibri
BAND, NOTE, PAD, LINE, HEADING = 36, 22, 8, 18, 26  # heights in points


@dataclass(frozen=True)
class Formula:
    """A formula without its equals sign, and the value it has when the workbook is built."""

    text: str
    value: Any  # a text or a number
    is_array: bool = False


@dataclass(frozen=True)
class FixedText(Formula):
    """A text that is known when the workbook is built: a text in its cell, in quotes within a formula."""


def fixed(text: str) -> FixedText:
    """A text as a `FixedText`; one that Excel would not take within a formula is our bug."""
    if len(text) > _LONGEST_FIXED:
        raise ValueError(f"Excel takes no text as long within a formula: {text}")
    doubled = text.replace('"', '""')
    return FixedText(f'"{doubled}"', text)


_LONGEST_FIXED = 255


@dataclass(frozen=True)
class Variant:
    """What sets the workbooks with macros and without apart; their sheets are built of the same parts."""

    order: tuple[str, ...]  # the sheets: keys of `own_sheets.PRODUCT`, kinds of data sheets
    read: tuple[str, ...]  # those of them on a grid, linked from every header
    tables: Mapping[str, sheets.Sheet]  # kind → its table
    formula: Callable[
        [sheets.Column, str], str | None
    ]  # a column and a language → how the column is computed, if it is
    follows_language: bool  # whether labels follow the language that somebody chooses in the workbook


def sheet_name(key: str, lang: str) -> str:
    """The name of a sheet of `ORDER`."""
    if key in own_sheets.PRODUCT:
        return own_sheets.PRODUCT[key][lang == "en"]
    return sheets.BY_KIND[key].name(lang)


#: How the formula of a label begins, whose value is known without any counting.
_LABEL = "INDEX(kam_i18n,MATCH("


def column_in(sheet: sheets.Sheet, name: str, lang: str) -> str:
    """A column of a data sheet as a structured reference: ``tblCustomers[客户ID]``."""
    return f"{sheet.table}[{sheet.column(name).header(lang)}]"


@dataclass
class Draft:
    """The workbook being written: its language, its policy, its day, and the texts that `_i18n` will hold."""

    book: Workbook
    words: Words
    policy: Policy
    as_of: dt.date
    texts: Mapping[str, tuple[str, str]]  # key → Chinese, English
    variant: Variant
    styled: dict[str, list[Format]] = field(default_factory=dict)
    buttons: dict[str, str] = field(default_factory=dict)  # name of a drawn button → the macro it starts
    open: bool = (
        False  # figures have no value until a spreadsheet counts: what stands in their place would be another's
    )
    _formats: dict[tuple, Format] = field(default_factory=dict)

    @property
    def lang(self) -> str:
        """The language it is built in."""
        return self.words.lang

    def format(self, style: str = "", /, **properties: object) -> Format:
        """One format for the same properties; ``style`` is a built-in cell style (`theme.CELL_STYLES`) or none."""
        key = (style, *sorted(properties.items()))
        if key not in self._formats:
            looks = theme.CELL_STYLES[style].properties if style else {}
            made = self.book.add_format({"valign": "vcenter", **looks, **properties})
            self._formats[key] = made
            if style:
                self.styled.setdefault(style, []).append(made)
        return self._formats[key]

    def text(self, key: str) -> str:
        """A text of `_i18n` in the language it is built in."""
        return self.texts[key][self.lang == "en"]

    def label(self, key: str) -> Formula:
        """A text of `_i18n`, which follows the workbook's language where the variant's labels do."""
        if not self.variant.follows_language:
            return fixed(self.text(key))
        return Formula(f'{_LABEL}"{key}",kam_i18n_keys,0),kam_i18n_column)', self.text(key))

    def sentence(self, key: str, **facts: Formula) -> Formula:
        """A text that follows the language, its ``{names}`` filled in with what the facts' formulas give."""
        formula, value = self.label(key).text, self.text(key)
        for name, fact in facts.items():
            formula = f'SUBSTITUTE({formula},"{{{name}}}",{fact.text})'
            value = value.replace(f"{{{name}}}", str(fact.value))
        return Formula(formula, value)

    def column(self, kind: str, name: str) -> str:
        """A column of a data sheet as a structured reference."""
        return column_in(self.variant.tables[kind], name, self.lang)

    def name(self, name: str, sheet: str, first: tuple[int, int], last: tuple[int, int] | None = None) -> None:
        """Give a cell or a range of a sheet a defined name."""
        self.book.define_name(name, f"={self.place(sheet, first, last)}")

    def place(self, sheet: str, first: tuple[int, int], last: tuple[int, int] | None = None) -> str:
        """An absolute reference to a cell or a range of a sheet."""
        cells = xl_range_abs(*first, *(last or first))
        return f"'{sheet_name(sheet, self.lang)}'!{cells}"


def options(lang: str) -> dict[str, object]:
    """How XlsxWriter writes a workbook of ours in a language."""
    font = {"font_name": theme.WORKBOOK_FONTS[lang], "font_size": theme.FONT_SIZE, "font_color": theme.INK}
    return {
        "in_memory": True,
        "default_format_properties": {**font, "font_scheme": "none", "valign": "vcenter"},
        **dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False),
    }


def set_origin(draft: Draft) -> None:
    """Let the file say what it is, of which version, and on which day its samples stand; not when it was built."""
    created = dt.datetime.combine(draft.as_of, dt.time())
    draft.book.set_properties({"title": draft.words("template.title"), "created": created})
    draft.book.set_custom_property("kam_version", __version__)
    draft.book.set_size(1920, 1200)


class Page:
    """One sheet being written."""

    def __init__(self, draft: Draft, key: str, tab: str) -> None:
        self.draft, self.key = draft, key
        self.name = sheet_name(key, draft.lang)
        self.sheet: Worksheet = draft.book.add_worksheet(self.name)
        self.sheet.set_vba_name(f"Sheet{draft.variant.order.index(key) + 1}")
        self.sheet.set_tab_color(tab)
        self.sheet.hide_gridlines(2)

    def put(
        self, row: int, column: int, content: object, look: Format, *, span: int = 1, rows: int = 1, link: str = ""
    ) -> None:
        """Write one content, over some columns and rows; ``link`` is the key of the sheet it leads to."""
        sheet = self.sheet
        if span > 1 or rows > 1:
            if isinstance(content, Formula) and content.is_array:
                raise ValueError("Excel allows no array formula in merged cells")
            sheet.merge_range(row, column, row + rows - 1, column + span - 1, "", look)
        if link:
            target = f"internal:'{sheet_name(link, self.draft.lang)}'!A1"
            sheet.write_url(row, column, target, look, " ")  # the content replaces the text, the link stays
        if self.draft.open and isinstance(content, Formula) and not content.text.startswith(_LABEL):
            content = replace(content, value="")
        self._write(row, column, content, look)

    def _write(self, row: int, column: int, content: object, look: Format) -> None:
        """Write one content into its cell, as what it is."""
        sheet = self.sheet
        match content:
            case FixedText():
                sheet.write_string(row, column, content.value, look)
            case Formula(is_array=True):
                sheet.write_array_formula(row, column, row, column, f"{{={content.text}}}", look, content.value)
            case Formula():
                sheet.write_formula(row, column, f"={content.text}", look, content.value)
            case str():
                sheet.write_string(row, column, content, look)
            case dt.datetime() | dt.date():
                sheet.write_datetime(row, column, content, look)
            case int() | float():
                sheet.write_number(row, column, content, look)
            case _:
                sheet.write_blank(row, column, None, look)

    def label(self, row: int, column: int, key: str, look: Format, *, span: int = 1, link: str = "") -> None:
        """Write a label that follows the workbook's language."""
        self.put(row, column, self.draft.label(key), look, span=span, link=link)

    def band(self, title: object, note: object, column: int = 1, note_column: int = 1) -> None:
        """The head of the sheet: its title over the whole width, a line about it below."""
        draft, sheet = self.draft, self.sheet
        dark = {"bg_color": theme.HEADER_FILL, "font_color": theme.HEADER_TEXT}
        sheet.set_row(0, BAND, draft.format(**dark))
        self.put(0, column, title, draft.format(**dark, bold=True, font_size=theme.SHEET_TITLE_SIZE))
        light = {"bg_color": theme.SURFACE, "font_color": theme.MUTED, "font_size": theme.NOTE_SIZE}
        sheet.set_row(1, NOTE, draft.format(**light))
        self.put(1, note_column, note, draft.format(**light, indent=int(note_column == 0)))

    def band_of_data(self, title: object, note: object) -> None:
        """The head of a data sheet: the way back to the start in the first column, which stays in view."""
        self.band(title, note, 1, 0)
        back = self.draft.format(bg_color=theme.HEADER_FILL, font_color=theme.HEADER_LINK, font_size=theme.NOTE_SIZE,
                                 underline=1, indent=1)  # fmt: skip
        self.label(0, 0, "template.back", back, link="start")
        self.sheet.set_row(2, 6)

    def check(self, rows: tuple[int, int], column: int, options: Mapping[str, object]) -> None:
        """An input check over some rows of a column; one that Excel would not take is our bug."""
        if self.sheet.data_validation(rows[0], column, rows[1], column, dict(options)) != 0:
            raise ValueError(f"Excel takes no such input check: {options}")

    def colour(self, first: tuple[int, int], last: tuple[int, int], formula: str, **look: object) -> None:
        """Cells take a look where a formula holds."""
        rule = {"type": "formula", "criteria": f"={formula}", "format": self.draft.book.add_format(look)}
        if self.sheet.conditional_format(*first, *last, rule) not in (0, None):
            raise ValueError(f"Excel takes no such rule: {formula}")

    def printed(
        self, last: tuple[int, int] | None = None, *, repeated: tuple[int, int] | None = None, pages: int = 0
    ) -> None:
        """A4 landscape, one page wide (``pages`` high), the header repeated, what it is and which page in the footer.

        Without a ``last`` cell everything is printed, as far as rows are added.
        """
        words = self.draft.words
        printed = words("template.printed", version=__version__, policy=self.draft.policy.version)
        native_tables.print_setup(self.sheet, f"&L&8{printed}&C&8&A&R&8{words('template.page')}")
        self.sheet.fit_to_pages(1, pages)
        self.sheet.center_horizontally()
        if last:
            self.sheet.print_area(0, 0, *last)
        if repeated:
            self.sheet.repeat_rows(*repeated)


class ReadingSheet(Page):
    """A sheet to read: twelve columns of one width, a head with links to the other such sheets."""

    def __init__(self, draft: Draft, key: str) -> None:
        super().__init__(draft, key, theme.HEADER_FILL)
        self.sheet.set_column(0, 0, MARGIN)
        self.sheet.set_column(FIRST, LAST, WIDTHS[draft.lang])
        self.pixels = 7 * WIDTHS[draft.lang] + 5  # of a grid column, as XlsxWriter places drawings
        self.sheet.set_column(LAST + 1, LAST + 1, MARGIN)
        self.row = 0

    def head(self, title: object, note: object) -> None:
        """The band with the links; the next free row follows it."""
        self.band(title, note)
        others = [key for key in self.draft.variant.read if key != self.key]
        dark = {"bg_color": theme.HEADER_FILL, "font_color": theme.HEADER_LINK, "align": "right"}
        look = self.draft.format(**dark, font_size=theme.NOTE_SIZE, underline=1)
        for column, key in enumerate(others, start=LAST - len(others) + 1):
            self.label(0, column, f"sheet.{key}", look, link=key)
        self.row = 2
        self.gap()

    def gap(self, height: float = PAD) -> None:
        """An empty row."""
        self.next(height)

    def next(self, height: float = LINE) -> None:
        """Close the row at this height."""
        self.sheet.set_row(self.row, height)
        self.row += 1

    def heading(self, key: str | Formula, first: int = FIRST, last: int = LAST, *, closed: bool = True) -> None:
        """The title of a block over some columns; ``closed`` ends the row."""
        look = {"bold": True, "font_size": theme.SECTION_SIZE, "font_color": theme.HEADER_FILL}
        style = self.draft.format(bottom=2, bottom_color=theme.HEADER_FILL, **look)
        content = key if isinstance(key, Formula) else self.draft.label(key)
        self.put(self.row, first, content, style, span=last - first + 1)
        if closed:
            self.next(HEADING)

    def cell(self, row: int, column: int, *, fixed: bool = True) -> str:
        """The address of a cell on this sheet."""
        return xl_rowcol_to_cell(row, column, row_abs=fixed, col_abs=fixed)

    def button(self, row: int, column: int, macro: str, size: tuple[int, int], offset: tuple[int, int]) -> None:
        """A drawn button that starts a macro; its text is the label in the cell below it."""
        self.sheet.insert_textbox(
            row,
            column,
            macro,  # replaced when the drawing is finished, see `kam_xl.template.package`
            {
                "width": size[0],
                "height": size[1],
                "x_offset": offset[0],
                "y_offset": offset[1],
                "object_position": 2,
                "textlink": f"='{self.name}'!{self.cell(row, column)}",
                "description": f"{self.draft.text(f'ribbon.{macro}.label')}: {self.draft.text(f'ribbon.{macro}.screentip')}",
            },
        )
        self.draft.buttons[macro] = self.draft.text(f"ribbon.{macro}.label")
