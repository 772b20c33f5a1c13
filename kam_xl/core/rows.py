"""Which rows of a table hold data, and which are totals, footers, headers said again, or too doubtful to be counted.

A row with a customer's ID is never left out. What looks like a total is one when it has no ID and nothing but numbers, or
when its numbers are sums of the rows above; where that leaves a doubt, the row is set aside with a warning.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from operator import attrgetter, itemgetter
from typing import NamedTuple

from kam_xl.core.amounts import parse_money
from kam_xl.core.books import CellError, NotCalculated, Unreadable
from kam_xl.core.entries import is_nothing
from kam_xl.core.headings import field_of, kind_of_sheet, may_name, meanings
from kam_xl.core.raw import text as shown
from kam_xl.core.sheets import BY_KIND
from kam_xl.core.texts import heading, narrow, simplified

#: What our workbooks compute by formulas; a row that holds nothing else awaits its first entry.
ANSWERS = ("composite", "tier")
#: Cells without a value, and what is reported of them.
BROKEN: dict[type, str] = {CellError: "error_cell", Unreadable: "unreadable_cell", NotCalculated: "not_calculated"}
#: A key cell that starts like this holds an ID, so its row needs no closer look.
_ID_FIRST = re.compile(r"[A-Z]{1,8}\d|\d+\Z", re.ASCII)

#: Without one of these nothing looks like a total, in either script.
_TRACE_OF_TOTAL = re.compile(r"[计計总總汇匯]|平均|均值|本[页頁]|total|sum|average|avg|mean", re.IGNORECASE)
_TOTAL = "合计|小计|总计|共计|总和|总数|汇总|平均|均值"
#: A folded text that says total and nothing else; in English it may be somebody's ID.
_CHINESE_TOTAL = re.compile(rf"(本[页表月季年]|以上|全部|所有|各项|分组|共\d*[家户个条项笔行]?)?({_TOTAL})[数值额分]?")
_ENGLISH_TOTAL = re.compile("(grand|sub|page|overall)?totals?|sums?|averages?|avg|mean")
#: A text that says total of something, or begins or ends like that by chance: 华东小计, Total Energies, 小计量仪器厂.
_LIKE_A_TOTAL = re.compile(
    rf"({_TOTAL}|本页).*|.*({_TOTAL})|(grand |sub-?)?(total|sum|average)s?(?![a-z]).*|.*\btotals?", re.DOTALL
)
#: What may stand beside a total besides numbers.
_COUNT = re.compile("共?\\d+[家户个条项笔行人]?(客户)?")
#: A total may be rounded to one decimal; one row is no sum.
_ROUNDED, _SEVERAL = 0.051, 2

_PAGE = re.compile(
    r"[-–—\s]*(第\s*\d+\s*页|共\s*\d+\s*页|page\s*\d+|\d+\s*/\s*\d+|\d+\s+of\s+\d+)[\s,;/|()共第页of\d]*[-–—]*"
    r"|[-–—]\s*\d+\s*[-–—]"
)
_FOOTER = "制表|填表|填报|审核|复核|批准|审批|编制|打印|列印|导出|生成|统计|报表|备注|说明|注|数据来源|截至|截止"
_FOOTER_EN = (
    "(prepared|reviewed|approved|printed|exported|generated)( by| on| at)?|(print|report) date|source|as of|notes?"
)
_FOOTER_WORD = re.compile(rf"{_FOOTER}|({_FOOTER_EN})\b")
#: A footer's label: its value follows, or stands in the next cell.
_FOOTER_LABEL = re.compile(
    rf"({_FOOTER})(人|者|员|日期|时间|单位|部门)\s*:?|({_FOOTER})(\s|:|\Z)|({_FOOTER_EN})\s*(:|\Z)|\w+ed (by|on) "
)
#: A label and its value in one cell.
_PAIR = re.compile(r"[^\W\d_]{2,12}\s*[:：]")
#: What templates say below a header about its column.
_ABOUT_COLUMNS = frozenset({"必填", "选填", "必填项", "选填项", "非必填", "required", "optional", "mandatory"})
#: So much of a text tells whether it is a footer.
_BEGINNING = 40
#: A cell that stands alone in its row is no ID where it is longer, has more Chinese, or a sentence's marks.
_LONG, _MUCH_CHINESE = 30, 8
_SENTENCE = re.compile("[，。；！？、：,;!?:]")

_SURE, _DOUBTFUL = "non_data_row_skipped", "row_set_aside"


class Left(NamedTuple):
    """A row that was left out, with the code that says why; of one that repeats another, the other's number."""

    code: str
    number: int
    row: list
    first: int | None = None


@dataclass
class Sorted:
    """The rows of a table, each with its number from 1: those kept and those left out."""

    kept: list[tuple[int, list]] = field(default_factory=list)
    left_out: list[Left] = field(default_factory=list)


def sort_out(
    region: Sequence[list], start: int, kind: str, columns: dict[str, int], header: Sequence[str] = ()
) -> Sorted:
    """The rows below a header, of which the first is number `start` + 1; blank ones are passed over.

    `header` are the texts of the header, which a page break may say again.
    """
    key = columns[BY_KIND[kind].key]
    said = header[key] if key < len(header) else ""
    answers = {columns.get(name) for name in ANSWERS}
    found, doubts = Sorted(), []
    for number, row in enumerate(region, start + 1):
        own = row[key]
        if own == said and said and _is_said_again(row, header):
            found.left_out.append(Left(_SURE, number, row))
            continue
        if type(own) is str and _ID_FIRST.match(own) and not (own.isdigit() and _is_total_beside(row, key)):
            found.kept.append((number, row))
            continue
        if row.count("") == len(row):
            continue
        line = _Line(row, key, kind)
        if line.awaits_its_first_entry(answers):
            continue
        if code := _DOUBTFUL if line.has_key and _is_total_beside(row, key) else line.says_no_data():
            found.left_out.append(Left(code, number, row))
        elif line.is_doubtful():
            doubts.append(_Doubt(number, line, len(found.kept)))
        elif code := line.is_unusable():
            found.left_out.append(Left(code, number, row))
        else:
            found.kept.append((number, row))
    if doubts:
        _decide(found, doubts, key)
    return _once(found, key)


#: What a total is called in the cell beside a count that stands where IDs do: 合计 | 3家.
_TOTALS = frozenset("合计 小计 总计 共计 合計 小計 總計 共計 总和 汇总".split())


def _is_total_beside(row: list, key: int) -> bool:
    """True for a total of which the count stands where IDs do, and nothing that a total has not."""
    if _TOTALS.isdisjoint(row) or row[key] in _TOTALS:
        return False
    return all(cell == "" or (type(cell) is str and cell in _TOTALS) or _may_stand_in_a_total(cell) for cell in row)


def _is_said_again(row: list, header: Sequence[str]) -> bool:
    """True for a row that holds the header's texts, word for word."""
    held = [cell for cell in row if cell != ""]
    return 2 * sum(type(cell) is str and cell in header for cell in held) > len(held)


# --- one row ----------------------------------------------------------------------------------------------------------


@dataclass
class _Line:
    """A row whose key cell does not plainly hold an ID."""

    row: list
    key: int
    kind: str

    def __post_init__(self) -> None:
        self.texts = [cell for cell in self.row if type(cell) is str and cell.strip()]
        self.alone = len(self.row) - self.row.count("") == 1
        own = self.row[self.key]
        self.has_key = own != "" and not (type(own) is str and not own.strip())
        self.label = self._label(own)

    def _label(self, own: object) -> str:
        """The text that tells what the row is: in the key's column, or anywhere in a row without a key."""
        if self.has_key:
            return own if type(own) is str else ""
        return next(filter(may_be_total, self.texts), self.texts[0] if self.texts else "")

    @property
    def numbers(self) -> dict[int, float]:
        """Position → number, of the cells that hold one."""
        return {i: cell for i, cell in enumerate(self.row) if _is_number(cell)}

    def awaits_its_first_entry(self, answers: set[int | None]) -> bool:
        """True for a row of blanks, whatever formulas say so."""
        return not (self.has_key or self.texts) and all(
            type(cell) is str or (i in answers and type(cell) in BROKEN) for i, cell in enumerate(self.row)
        )

    def says_no_data(self) -> str | None:
        """The code of a row that says by itself that it is none of data."""
        told = self.label and (
            self._repeats_headers() or self._is_footer() or self._describes_columns() or self._is_title()
        )
        return _SURE if told else None

    def is_unusable(self) -> str | None:
        """The code of a row of data that nobody can be found for: its key is an error, or is missing."""
        own = self.row[self.key]
        if self.kind == "tracking":
            return None
        if type(own) in BROKEN:
            return BROKEN[type(own)]
        return "id_missing" if is_nothing(shown(own)) else None

    def is_doubtful(self) -> bool:
        """True where only the other rows tell whether it is one of data: it stands alone, or may be a total."""
        if not self.label:
            return not (self.has_key or self.texts) and bool(self.numbers)
        return self.alone or may_be_total(self.label)

    def verdict(self, *, adds_up: bool, ids_have_digits: bool) -> str | None:
        """The code of a doubtful row, None for one of data; `adds_up`: its numbers are sums or averages of others."""
        exact = bool(_CHINESE_TOTAL.fullmatch(heading(self.label)))
        english = bool(_ENGLISH_TOTAL.fullmatch(heading(self.label)))
        others = self._others()
        if self.alone and self.label and not (exact or english):
            return _DOUBTFUL if self._is_no_id(ids_have_digits=ids_have_digits) else self.is_unusable()
        if exact or (english and adds_up and len(others) < _SEVERAL):
            return _DOUBTFUL if others else _SURE
        if not others and (adds_up or (english and not self.numbers)):
            return _SURE
        if not others and self._may_be_a_subtotal(english=english):
            return _DOUBTFUL
        return self.is_unusable()

    def _others(self) -> list:
        """What stands beside the label and is neither a number nor a count nor a word for nothing."""
        return [cell for cell in self.row if cell is not self.label and not _may_stand_in_a_total(cell)]

    def _may_be_a_subtotal(self, *, english: bool) -> bool:
        """True for numbers beside 华东小计, which nobody has as an ID; of a tracking row it may be the customer's name."""
        named = english or not any(char.isdigit() for char in self.label) or _CHINESE_TOTAL.search(self.label)
        return self.has_key and bool(named) and bool(self.numbers) and self.kind != "tracking"

    def _is_no_id(self, *, ids_have_digits: bool) -> bool:
        """True for a cell that stands alone and reads like a line of text, or like no other ID of the table."""
        if self.kind == "tracking":
            return bool(_FOOTER_WORD.match(simplified(self.label[:_BEGINNING])))
        text = narrow(self.label)
        strange = ids_have_digits and not any(char.isdigit() for char in text)
        much = sum("\u3400" <= char <= "\u9fff" for char in text) >= _MUCH_CHINESE
        return self.has_key and (strange or much or len(text) > _LONG or _SENTENCE.search(text) is not None)

    def _repeats_headers(self) -> bool:
        """True for a row that begins with a header and consists of them for the most part."""
        if not (may_name([self.label]) and field_of(self.kind, self.label)):
            return False
        known = meanings(self.row, self.kind)
        filled = len(self.row) - self.row.count("")
        return 2 * len(known) > filled and (self.alone or len({one.field for one in known.values()}) > 1)

    def _is_footer(self) -> bool:
        """True for who made the sheet, when, and which page it is."""
        if _is_footer(self.label) or _FOOTER_LABEL.fullmatch(simplified(self.texts[0][:_BEGINNING])):
            return True
        told = _is_page(self.label) or len(self.texts) >= _SEVERAL
        return told and all(_is_page(text) or _PAIR.match(text) for text in self.texts)

    def _describes_columns(self) -> bool:
        return all(simplified(text) in _ABOUT_COLUMNS for text in self.texts)

    def _is_title(self) -> bool:
        """True for the title of the table that follows."""
        return self.alone and kind_of_sheet(self.label) is not None


def _is_number(cell: object) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool) and math.isfinite(cell)


def may_be_total(text: str) -> bool:
    """True for a text that says total, or sum of something, be it by chance."""
    if not _TRACE_OF_TOTAL.search(text):
        return False
    return bool(_LIKE_A_TOTAL.fullmatch(simplified(text)) or _CHINESE_TOTAL.fullmatch(heading(text)))


def _is_footer(text: str) -> bool:
    """True for ``制表人：王某``, ``打印日期 2026-11-28``, ``备注：…``."""
    return _FOOTER_LABEL.match(simplified(text[:_BEGINNING])) is not None


def _is_page(text: str) -> bool:
    """True for ``第1页 共3页``, ``Page 1 of 3``, ``1/3``, ``- 1 -``."""
    return len(text) <= _BEGINNING and _PAGE.fullmatch(simplified(text)) is not None


def _may_stand_in_a_total(cell: object) -> bool:
    if type(cell) is not str:
        return type(cell) in BROKEN or (isinstance(cell, int | float) and not isinstance(cell, bool))
    text = narrow(cell)
    folded = heading(cell)
    if (
        is_nothing(text)
        or _COUNT.fullmatch(text)
        or _CHINESE_TOTAL.fullmatch(folded)
        or _ENGLISH_TOTAL.fullmatch(folded)
    ):
        return True
    return parse_money(text)[0] is not None


# --- what the other rows tell -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Doubt:
    """A doubtful row, and how many rows were kept above it."""

    number: int
    line: _Line
    above: int


def _decide(found: Sorted, doubts: list[_Doubt], key: int) -> None:
    """Keep the doubtful rows or leave them out, by the sums and the IDs of the rows that are not in doubt."""
    sums = _Sums([row for _, row in found.kept], {i for doubt in doubts for i in doubt.line.numbers})
    with_digits = sum(any(char.isdigit() for char in shown(row[key])) for _, row in found.kept)
    ids_have_digits = 2 * with_digits > len(found.kept)
    since = 0
    for doubt in doubts:
        adds_up = sums.give(doubt.line.numbers, ((0, doubt.above), (since, doubt.above), (0, len(sums))))
        code = doubt.line.verdict(adds_up=adds_up, ids_have_digits=ids_have_digits)
        if code in (_SURE, _DOUBTFUL) and doubt.line.numbers:
            since = doubt.above
        if code:
            found.left_out.append(Left(code, doubt.number, doubt.line.row))
        else:
            found.kept.append((doubt.number, doubt.line.row))
    found.kept.sort(key=itemgetter(0))
    found.left_out.sort(key=attrgetter("number"))


class _Sums:
    """Sums and averages of any stretch of rows, for some columns."""

    def __init__(self, rows: list[list], columns: Iterable[int]) -> None:
        self._rows = len(rows)
        self._sums: dict[int, list[float]] = {}
        self._counts: dict[int, list[int]] = {}
        for i in columns:
            cells = [row[i] if _is_number(row[i]) else None for row in rows]
            self._sums[i] = list(accumulate((cell or 0 for cell in cells), initial=0))
            self._counts[i] = list(accumulate((cell is not None for cell in cells), initial=0))

    def __len__(self) -> int:
        return self._rows

    def give(self, numbers: dict[int, float], stretches: Iterable[tuple[int, int]]) -> bool:
        """True where one of the numbers is the sum or the average of its column over one of the stretches."""
        return any(self._gives(i, number, *stretch) for stretch in stretches for i, number in numbers.items())

    def _gives(self, i: int, number: float, first: int, last: int) -> bool:
        count = self._counts[i][last] - self._counts[i][first]
        total = self._sums[i][last] - self._sums[i][first]
        if not number or count < _SEVERAL:
            return False
        return any(math.isclose(number, sought, rel_tol=1e-9, abs_tol=_ROUNDED) for sought in (total, total / count))


def _once(found: Sorted, key: int) -> Sorted:
    """The rows without those that another one repeats cell by cell."""
    again = _repeated(row[key] for _, row in found.kept)
    if not again:
        return found
    said: dict[tuple, int] = {}
    once = Sorted(left_out=found.left_out)
    for number, row in found.kept:
        first = said.setdefault(tuple(row), number) if row[key] in again else number
        if first == number:
            once.kept.append((number, row))
        else:
            once.left_out.append(Left("duplicate_row_exact", number, row, first))
    return once


def _repeated(keys: Iterable[object]) -> set:
    """The keys that occur more than once."""
    keys = list(keys)
    return set() if len(set(keys)) == len(keys) else {key for key, count in Counter(keys).items() if count > 1}
