"""A workbook as read is the same after it was packed and unpacked, anybody can read it, and every damage is seen."""

import dataclasses
import datetime as dt
import json
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from kam_xl.core import read_books
from kam_xl.core.books import CellError
from kam_xl.core.read_books import Content, ReadBook
from kam_xl.hosts import arrow_books, arrow_frames
from tests.core import one_book
from tests.core.test_read_books import workbook

STATED = [
    ["客户ID", "订单号", "下单日期", "金额（元）", "状态"],
    ["C001", "1", "2024-01-05", 5.0, "已取消"],
    ["C001", "2", "2024-01-05", 5.0, "完成"],
]
EVERYTHING = dataclasses.replace(read_books.read(workbook()), saved=dt.datetime(2026, 11, 20, 10, 30))
NOTHING = read_books.read(
    dataclasses.replace(workbook(), sheets=(one_book.info(one_book.HEAD),))  # a header without a row
)
CALLED_OFF = read_books.read(
    dataclasses.replace(
        workbook(), sheets=(one_book.info(one_book.HEAD, one_book.ROW), one_book.sheet("订单", *STATED))
    )
)
ODD = read_books.read(
    dataclasses.replace(workbook(), sheets=(one_book.info(one_book.HEAD, ["C001", "\ud800", CellError("#N/A")]),))
)


def packed(book: ReadBook) -> bytes:
    return arrow_books.packed(Content(book.findings, book.parts, book.saved))


def same(one: ReadBook, content: Content) -> None:
    assert (content.findings, content.saved, content.refused) == (one.findings, one.saved, None)
    assert len(content.parts) == len(one.parts)
    for was, now in zip(one.parts, content.parts, strict=True):
        pd.testing.assert_frame_equal(was.rows, now.rows)
        assert dataclasses.replace(was, columns={}) == dataclasses.replace(now, columns={})


@pytest.mark.parametrize("book", [EVERYTHING, NOTHING, CALLED_OFF], ids=["everything", "nothing", "called off"])
def test_a_workbook_is_the_same_after_it_was_packed(book: ReadBook) -> None:
    same(book, *arrow_frames.unpacked([packed(book)]))


def test_the_orders_that_are_called_off_are_kept_with_the_others() -> None:
    (content,) = arrow_frames.unpacked([packed(CALLED_OFF)])
    assert [part.called_off for part in content.parts] == [(), (("C001", "1"),)]


def test_a_text_that_many_rows_have_is_held_once() -> None:
    many = dataclasses.replace(
        workbook(), sheets=(one_book.info(one_book.HEAD, ["C001", "甲乙丙"], ["C002", "甲乙丙"]),)
    )

    (content,) = arrow_frames.unpacked([packed(read_books.read(many))])
    first, second = content.parts[0].rows["name"]
    assert first == "甲乙丙"
    assert first is second


def test_what_an_older_version_did_not_tell_is_as_if_there_were_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow_books, "BESIDE", tuple(name for name in arrow_books.BESIDE if name != "factors"))
    older = packed(EVERYTHING)
    monkeypatch.undo()

    (content,) = arrow_frames.unpacked([older])
    assert [part.factors for part in content.parts] == [{} for _ in EVERYTHING.parts]


def test_workbooks_unpacked_together_are_as_each_alone() -> None:
    books = [EVERYTHING, NOTHING, EVERYTHING]
    entries = [packed(book) for book in books]
    entries.insert(1, arrow_books.packed(Content(refused=("no_standard_sheet", "表\ta\tb"))))

    first, refused, *rest = arrow_frames.unpacked(entries)

    assert refused == Content(refused=("no_standard_sheet", "表\ta\tb"))
    for book, content in zip(books, [first, *rest], strict=True):
        same(book, content)


def test_the_same_workbook_is_the_same_bytes() -> None:
    assert packed(EVERYTHING) == packed(EVERYTHING)


def test_anybody_with_arrow_and_zstandard_can_read_it(tmp_path: Path) -> None:
    (tmp_path / "entry").write_bytes(packed(EVERYTHING))

    with pa.input_stream(tmp_path / "entry", compression="zstd") as stream:
        row = pa.ipc.open_stream(stream.read()).read_all().to_pylist()[0]

    assert [line["name"] for line in row["0 info"]] == [f"name{place}" for place in range(6)]
    assert next(line["composite"] for line in row["1 evaluation"]) == 89.4
    assert json.loads(row["about"])["tables"][0]["sheet"] == "客户基础信息表"


def test_any_byte_that_is_another_is_seen() -> None:
    content = packed(EVERYTHING)
    arrow_books.check(content)
    places = [*range(0, len(content), 97), *range(len(content) - 110, len(content))]

    for place in places:
        other = bytearray(content)
        other[place] ^= 1
        try:
            arrow_books.check(bytes(other))
        except ValueError:
            continue
        kept = arrow_frames.unpacked([bytes(other)])  # only what parts the frames means nothing
        same(EVERYTHING, *kept)


@pytest.mark.parametrize("content", [b"", b"x", b"x" * 200, packed(NOTHING)[:-1], packed(NOTHING)[1:]])
def test_what_is_not_whole_is_told(content: bytes) -> None:
    with pytest.raises(ValueError, match="hash"):
        arrow_books.check(content)
