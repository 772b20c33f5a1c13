"""What the button Adopt list does: a list is shown column by column on a sheet, answered there, and adopted at the next click.

What adopting does is that of `kam-xl adopt` (`desk.adoptions`): only where it is shown and asked differs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import xlwings as xw

from kam_xl.actions import result_sheets
from kam_xl.actions.request import Request
from kam_xl.actions.result_sheets import Result, ResultTable
from kam_xl.core import adoption, own_sheets, sheets, texts
from kam_xl.core.adoption import Answers, Unanswerable
from kam_xl.core.errors import KamError
from kam_xl.core.guesses import ASKS
from kam_xl.core.understanding import Looked
from kam_xl.core.words import Words
from kam_xl.desk import adoptions
from kam_xl.desk.adoptions import HEADS, BroughtList, ColumnLine
from kam_xl.hosts import excel
from kam_xl.showing import theme
from kam_xl.showing.columns import ReadyColumn

#: Where the sheet names its list, and where its header stands; macros know by the first that a list is shown.
_LABEL, _LIST, _HEADER = (3, 1), (3, 2), 4
_NAMES = ("names", "名称")  # the answer that makes IDs of the customers' names
_ANSWER = len(HEADS) + 1  # the column that people type in
_NO_ANSWERS = Answers({})
_LOOKS = {"sure": "good", "likely": "watch", "asks": "bad"}
_WRAPPED = ("field", "why", "example")


def adopt(request: Request) -> str:
    """Show the list that was picked, or adopt the one that the sheet in front shows."""
    if excel.named(request.book, "kam_list") is None:  # a workbook from before there was this button
        raise KamError(request.words("message.name_missing", name="kam_list"))
    picked = str(excel.value(request.book, "kam_list") or "").strip()
    if picked:
        excel.put(request.book, "kam_list", "")
        return _show(request, _brought(request, Path(picked)))
    sheet = _in_front(request.book)
    if sheet is None:
        raise KamError(request.words("adopt.sheet.none"))
    return _take(request, _brought(request, Path(str(sheet.range(_LIST).value))), sheet)


def _in_front(book: xw.Book) -> xw.Sheet | None:
    """The sheet in front, where it shows a list."""
    sheet = book.sheets.active
    signed = str(sheet.range("A1").value or "").endswith(own_sheets.SIGNATURE)
    return sheet if signed and sheet.range(_LIST).value else None


def _brought(request: Request, file: Path) -> BroughtList:
    request.tell("reading")
    return adoptions.brought(file, None, request.words)


# --- showing it ----------------------------------------------------------------------------------------------------------


def _show(request: Request, one: BroughtList) -> str:
    words, looked = request.words, adoptions.listing(one, request.words)
    questions = adoption.open_questions(looked, _NO_ANSWERS)
    told = next(text for each, text in zip(one.found.sheets, adoptions.sheet_lines(one.found, words), strict=True)
                if each is looked)  # fmt: skip
    lines = [*_asked(questions, words), *adoptions.column_lines(looked, _NO_ANSWERS, words)]
    asking = sum(line.sure == ASKS for line in lines)
    key = "adopt.sheet.asks" if asking else "adopt.sheet.clear"
    sentence = words(key, sheet=told, n=asking, button=words("ribbon.KamXl_Adopt.label"))
    sheet = _written(request, sentence, lines)
    with excel.writing(sheet.name, words):
        excel.write(sheet.range(_LABEL), [[words("adopt.sheet.list")]])
        excel.write(sheet.range(_LIST), [[str(one.file)]])
        _let_type(sheet, len(lines))
    return sentence


def _written(request: Request, sentence: str, lines: Sequence[ColumnLine]) -> xw.Sheet:
    words = request.words
    table = ResultTable(list(_columns(lines, words)))
    result = Result("adopt", f"{words('result.adopt')} · {request.today}", sentence, [table])
    return result_sheets.show(request.book, result, words)


def _columns(lines: Sequence[ColumnLine], words: Words) -> Iterator[ReadyColumn]:
    """The table that `kam-xl adopt` shows, and a column for answers."""
    looks = {words(f"adopt.sureness.{sure}"): theme.VERDICTS[look] for sure, look in _LOOKS.items()}
    for head in HEADS:
        values = [getattr(line, head) or None for line in lines]
        header = words(f"adopt.head.{head}")
        yield ReadyColumn(head, header, values, wrapped=head in _WRAPPED, looks=looks if head == "sureness" else {})
    yield ReadyColumn("answer", words("adopt.sheet.answer"), [None] * len(lines))


def _asked(questions: Sequence[str], words: Words) -> Iterator[ColumnLine]:
    """A line for each question, before the columns."""
    fields = {"id": "customer_id", "name": "name", "unit": "amount"}
    for question in questions:
        header = sheets.INFO.column(fields[question]).header(words.lang)
        told = words(f"adopt.sheet.{question}")
        yield ColumnLine("", "", header, words(f"adopt.sureness.{ASKS}"), told, "", ASKS)


def _let_type(sheet: xw.Sheet, count: int) -> None:
    """The cells of the answers, as cells look that people type in."""
    cells = sheet.range((_HEADER + 1, _ANSWER), (_HEADER + count, _ANSWER))
    cells.number_format = "@"
    cells.color, cells.font.color = theme.INPUT_FILL, theme.INPUT_INK
    sheet.range((_HEADER, _ANSWER)).column_width = theme.WIDEST // 2


# --- adopting it ---------------------------------------------------------------------------------------------------------


def _take(request: Request, one: BroughtList, sheet: xw.Sheet) -> str:
    words, looked = request.words, adoptions.listing(one, request.words)
    said = _read(sheet, looked, words)
    if {"id", "name"} & {*adoption.open_questions(looked, said)}:
        raise KamError(words("adopt.sheet.open"))
    sentence = " ".join(f"{each}。" if words.zh else f"{each}." for each in adoptions.adopted(one, looked, said, words))
    _written(request, sentence, list(adoptions.column_lines(looked, said, words)))
    return sentence


def _read(sheet: xw.Sheet, looked: Looked, words: Words) -> Answers:
    """What was typed beside the columns and the questions; `KamError` for an answer that says nothing."""
    rows = excel.values(sheet.range((_HEADER + 1, 1), (sheet.used_range.last_cell.row + 1, _ANSWER)))
    typed = [(str(row[0]).strip(), str(row[-1]).strip()) for row in rows if str(row[-1]).strip()]
    by_name = any(not letter and texts.folded(answer) in _NAMES for letter, answer in typed)
    odd = [answer for letter, answer in typed if not letter and texts.folded(answer) not in _NAMES]
    said = adoption.answers([f"{letter}={answer}" for letter, answer in typed if letter], looked, by_name=by_name)
    if odd or isinstance(said, Unanswerable):
        names = words("terms.list_separator").join(column.header(words.lang) for column in sheets.INFO.columns)
        told = odd[0] if odd else said.said.partition("=")[2]  # type: ignore[union-attr]
        raise KamError(words("adopt.sheet.unknown", said=told, fields=names))
    return said
