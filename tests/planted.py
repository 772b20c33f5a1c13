"""Numbers of people planted wherever somebody can type, and whether any of them can be read in what was made of it."""

from __future__ import annotations

import datetime as dt
import html
import itertools
import logging
import random
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd
import xlsxwriter

from kam_xl import nightly
from kam_xl.core import sheets
from tests import files

#: Ways to write a number; its own digits are eight from 3 to 9, which no date and no amount of the tests has in a row.
SPELLINGS = (
    "138—{0}—{1}", "138\u00a0{0}\u00a0{1}", "13{0} {1}6", "（138）{0}{1}", "+86 138 - {0} - {1}", "0138_{0}_{1}", "１３８{0}{1}",
    "138{0}{1}", "021－{0}{1}", "021{0}{1}转801", "400-{0}-888", "852-{0}{1}", "(415) 7{0} {1}", "0044 20 {0} {1}",
    "02-{0}-{1}", "电话{0}{1}", "37{0}19790808{1}", "6222 {0} {1} {0} 123", "zhang{0}{1}@corp.cn",
)  # fmt: skip
LOCAL = "{0}{1}"  # that eight digits are a phone only its header tells
SHORT = "138-{0}-{1}"
EACH = 3  # spellings a column
TELLING = 7  # digits in a row that tell a number
#: When the workbooks were saved: a midnight, since a time of day is a fraction of many digits in a cell, like any number.
SAVED = dt.datetime(2026, 11, 20)
_OURS = re.compile(r"\b(?=[0-9]*[a-f])[0-9a-f]{12,64}\b")  # keys of actions, fingerprints of files

GOOD: dict[str, dict[str, object]] = {
    "info": files.CUSTOMER,
    "evaluation": files.EVALUATION | {"value": 95, "potential": 95, "demand": 95, "composite": 95, "tier": "战略客户"},
    "tracking": files.TRACKING,
    "indicators": {"customer_id": "C001"},
    "service": {"customer_id": "C001", "kind": "投诉", "severity": "重大", "category": "质量", "reported": dt.date(2026, 11, 20)},
    "contacts": {"customer_id": "C001", "name": "王小明", "role": "采购", "title": "总监"},
    "renewals": {"customer_id": "C001", "kind": "续约", "product": "A产品", "renewal_date": dt.date(2026, 12, 20)},
    "tasks": {"action_id": "A-1", "customer_id": "C001", "action": "回访", "due": dt.date(2026, 11, 20)},
    "orders": {"customer_id": "C001", "ordered_on": dt.date(2026, 10, 20), "amount": 52000},
}  # fmt: skip


class Planted:
    """Numbers given out one by one, each remembered by where it was planted."""

    def __init__(self) -> None:
        self._random = random.Random(8)
        self._spellings = itertools.cycle(SPELLINGS)
        self._places: dict[str, str] = {}

    def __call__(self, place: str, spelling: str | None = None) -> str:
        """The next number, in the next spelling."""
        number = "".join(self._random.choices("3456789", k=8))
        text = (spelling or next(self._spellings)).format(number[:4], number[4:])
        self.remember(text, place)
        return text

    def remember(self, text: str, place: str) -> None:
        """Look for the number in a text, too."""
        digits = "".join(char for char in unicodedata.normalize("NFKC", text) if char.isdecimal())
        self._places.update(dict.fromkeys(_parts(digits), f"{place}: {text}"))

    def leaks(self, texts: Iterable[tuple[str, str]]) -> list[str]:
        """Which of the named texts show seven digits of a number in a row, whatever stands between them."""
        return sorted({f"{name} ← {self._places[part]}" for name, text in texts for part in self._readable(text)})

    def _readable(self, text: str) -> Iterator[str]:
        folded = re.sub(r"[^\w*]|_", "", _OURS.sub("x", unicodedata.normalize("NFKC", text)))
        return (part for run in re.findall(r"\d+", folded) for part in _parts(run) if part in self._places)


def _parts(digits: str) -> Iterator[str]:
    return (digits[i : i + TELLING] for i in range(len(digits) - TELLING + 1))


# --- workbooks -------------------------------------------------------------------------------------------------------


def rows_of(kind: str, planted: Planted) -> list[dict[str, object]]:
    """A good row, and rows of which one cell holds a number, some for each column but that of the customers' own IDs."""
    rows = [dict(GOOD[kind])]
    for column in sheets.BY_KIND[kind].columns:
        for n in range(EACH if (kind, column.field) != ("info", "customer_id") else 0):
            text = planted(f"{kind}.{column.field}")
            told = f"拖欠，王总 {text}" if column.kind in ("text", "contact") and n % 2 else text
            rows.append(rows[0] | {column.field: told})
    for n, row in enumerate(rows, 1):  # so that every customer has a score, a strategy and a manager
        for key in {"customer_id", "customer"} & {field for field in row if row[field] == GOOD[kind].get(field)}:
            row[key] = f"C{n:03d}"
    return rows


def workbook(path: Path, planted: Planted) -> Path:
    """A workbook of every kind of sheet with numbers in every place that a person can type into."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        book.set_properties({"created": SAVED})
        for kind, standard in sheets.BY_KIND.items():
            sheet = book.add_worksheet(standard.zh)
            for number, cells in enumerate(_lines(kind, planted)):
                sheet.write_row(number, 0, cells)
        book.add_worksheet(f"备忘{planted('sheet name', SHORT)}").write(0, 0, planted("another sheet"))
    return path


def _lines(kind: str, planted: Planted) -> Iterator[list[object]]:
    """A line above the table, headers, rows, own columns, rows without an ID, a footer."""
    fields, columns = sheets.BY_KIND[kind].fields, sheets.BY_KIND[kind].columns
    own = ("座机号", "身份证号码", "QQ")
    yield [f"填表人：张三 {planted(f'above {kind}')}"]
    yield [*(column.zh for column in columns), *own, f"备用{planted(f'header in {kind}')}"]
    for row in rows_of(kind, planted):
        more = [*(planted(f"{header} in {kind}", LOCAL) for header in own), planted(f"own column in {kind}")]
        yield [*(row.get(field, "") for field in fields), *more]
    key = sheets.BY_KIND[kind].key
    yield ["" if field == key else planted(f"row without ID in {kind}") for field in fields]
    yield [
        "" if field == key else planted(f"row without ID in {kind}", LOCAL) if field == "phone" else "无"
        for field in fields
    ]
    yield [f"制表：李四 {planted(f'footer of {kind}')}"]


# --- what was made of them -------------------------------------------------------------------------------------------


def _files(out: Path) -> list[Path]:
    """What a night writes for people; its store holds what teams typed, for its owner alone (`tests/hosts/test_store.py`)."""
    found = sorted(path for path in out.rglob("*") if path.is_file() and path.name != ".kam_xl.lock")
    return [path for path in found if not path.is_relative_to(out / "store")]


def everything(out: Path) -> Iterator[tuple[str, str]]:
    """Every file of an output folder: its name, and all that can be read in it and in its name."""
    for path in _files(out):
        yield path.name, f"{_parted(str(path.relative_to(out)))}\n{text_of(path)}"


def inside(out: Path) -> Iterator[Path]:
    """The files of an output folder that hold phones where the policy keeps them: the master, the teams' own, the archive."""
    yield out / nightly.MASTER
    yield from (path for folder in (nightly.TEAMS, nightly.ARCHIVE) for path in sorted((out / folder).iterdir()))


def outside(out: Path) -> Iterator[tuple[str, str]]:
    """`everything` of an output folder but those."""
    kept = {path.relative_to(out).as_posix() for path in inside(out)}
    for path in _files(out):
        if path.relative_to(out).as_posix() not in kept:
            yield path.name, text_of(path)


def text_of(path: Path) -> str:
    """What a person can read in a file."""
    if path.suffix == ".parquet":
        return pd.read_parquet(path).to_csv(sep="x", lineterminator="x", index=False)  # numbers of two cells are none
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as parts:
            return "\n".join(_without_tags(parts.read(name).decode("utf-8", "replace")) for name in parts.namelist())
    text = path.read_text("utf-8").replace("\r\n ", "")  # how a calendar goes on in the next line
    return _without_tags(text) if path.suffix == ".html" else _parted(text) if path.suffix == ".json" else text


#: What logging measures itself: any digits, and none that anybody typed.
_MEASURED = {"created", "msecs", "relativeCreated", "thread", "process"}


def logged(records: Iterable[logging.LogRecord]) -> str:
    """All that a log's records hold of what they were given."""
    told = [{name: fact for name, fact in vars(record).items() if name not in _MEASURED} for record in records]
    return "\n".join(map(str, told))


def _without_tags(text: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", " x ", text))


def _parted(name: str) -> str:
    """A file's name as one sees it: a line stands there for a star."""
    return name.replace("_", "x")
