"""Parquet is read as the text it would have been exported as; what is ours, too large, or no Parquet at all is refused."""

from __future__ import annotations

import contextlib
import datetime as dt
import decimal
import io
import math
import sys

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_xl import hosts
from kam_xl.core import history, raw
from kam_xl.core.books import Unreadable
from kam_xl.core.errors import Refused
from kam_xl.hosts import archives, parquet_tables, snapshots, workbooks


def written(columns: dict) -> bytes:
    whole = io.BytesIO()
    pq.write_table(pa.table(columns), whole)
    return whole.getvalue()


def column(cells: object, kind: pa.DataType | None = None) -> list:
    """What is read of one column."""
    read = parquet_tables.read(written({"x": pa.array(cells, kind)}), "orders")
    return [row[0] for row in read.sheets[0].rows[1:]]


def refused(data: bytes) -> tuple[str, str]:
    with pytest.raises(Refused) as caught:
        parquet_tables.read(data, "x")
    return caught.value.reason, caught.value.detail


def test_a_file_is_one_sheet_of_its_name_with_its_columns_for_headers() -> None:
    (sheet,) = parquet_tables.read(written({"客户ID": ["C001", None], "金额": [1.5, 2.0]}), "orders").sheets

    assert (sheet.name, sheet.rows) == ("orders", [["客户ID", "金额"], ["C001", 1.5], ["", 2.0]])


SHANGHAI = pa.timestamp("us", tz="Asia/Shanghai")


@pytest.mark.parametrize(
    ("cells", "kind", "expected"),
    [
        ([1, None], pa.int32(), [1, ""]),
        ([2**62, -1], None, [str(2**62), "-1"]),
        ([2**64 - 1], pa.uint64(), [str(2**64 - 1)]),
        ([decimal.Decimal("1200.50")], None, [1200.5]),
        ([decimal.Decimal(100200300400500600)], None, ["100200300400500600"]),
        ([dt.date(2026, 1, 5)], None, ["2026-01-05"]),
        ([dt.datetime(2026, 1, 5), None], pa.timestamp("ns"), ["2026-01-05", ""]),
        (
            [dt.datetime(2026, 1, 5), dt.datetime(2026, 1, 6, 9)],
            pa.timestamp("s"),
            ["2026-01-05 00:00:00", "2026-01-06 09:00:00"],
        ),
        ([dt.datetime(2026, 1, 5, 9, 30, 1, 7)], pa.timestamp("ns"), ["2026-01-05 09:30:01"]),
        ([dt.datetime(2026, 1, 4, 17, tzinfo=dt.UTC)], SHANGHAI, ["2026-01-05 01:00:00"]),
        ([True, None], None, [True, ""]),
        (pa.array(["甲", "甲", None]).dictionary_encode(), None, ["甲", "甲", ""]),
        ([None, None], None, ["", ""]),
    ],
)
def test_cells_are_what_a_sheet_could_hold(cells: object, kind: pa.DataType | None, expected: list) -> None:
    assert column(cells, kind) == expected


@pytest.mark.parametrize(
    ("cells", "kind"),
    [([["甲", "乙"]], None), ([b"\xff"], None), ([dt.datetime(2026, 1, 5)], pa.timestamp("s", tz="Nowhere/Else"))],
)
def test_what_no_cell_can_hold_is_unreadable_and_the_other_columns_are_read(cells: list, kind: pa.DataType) -> None:
    data = written({"x": pa.array([*cells, None], kind), "y": ["a", "b"]})

    rows = parquet_tables.read(data, "x").sheets[0].rows[1:]

    assert [type(row[0]) for row in rows] == [Unreadable, str]
    assert [row[1] for row in rows] == ["a", "b"]


_CELLS = st.one_of(
    st.lists(st.none() | st.text(st.characters(codec="utf-8"), max_size=5), min_size=1),
    st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), min_size=1),
    st.lists(st.none() | st.floats(allow_nan=False, allow_infinity=False), min_size=1),
    st.lists(st.none() | st.dates(), min_size=1),
)


@given(cells=_CELLS)
def test_whatever_a_column_holds_shows_as_the_same_text(cells: list) -> None:
    # a long whole number is an ID and keeps every digit, where a workbook's cell would not
    expected = [str(cell) if type(cell) is int else raw.text(cell) for cell in cells]
    assert [raw.text(cell) for cell in column(cells)] == expected


def test_a_file_of_our_archive_or_history_is_no_list_whatever_its_name_is(tmp_path) -> None:
    orders = pd.DataFrame({"customer_id": ["C001"], "ordered_on": [pd.Timestamp("2026-01-05")], "amount": [1.0]})
    archives.write(tmp_path / "archive", [("orders", orders)])
    kept = pd.DataFrame({name: ["C001"] for name in history.KEPT.values()})
    snapshots.write(tmp_path / "history" / "1.parquet", kept)

    for path in sorted(tmp_path.rglob("*.parquet")):
        assert refused(path.read_bytes())[0] == "own_output", path
    assert parquet_tables.SNAPSHOT <= set(history.KEPT.values())


def test_more_rows_than_a_sheet_has_are_refused_before_any_is_unpacked(monkeypatch) -> None:
    monkeypatch.setattr(pq.ParquetFile, "iter_batches", None)

    assert refused(written({"x": pa.repeat("a", parquet_tables.ROWS + 1)})) == ("too_many_rows", "1,048,576")


def test_more_bytes_than_a_workbook_unpacks_to_are_refused_before_any_is_unpacked(monkeypatch) -> None:
    monkeypatch.setattr(pq.ParquetFile, "iter_batches", None)
    monkeypatch.setattr(parquet_tables, "UNPACKED_BYTES", 10)

    assert refused(written({"x": ["abcdefghijklmnop"]}))[0] == "unpacks_too_large"


def test_a_file_cut_short_or_changed_anywhere_is_damaged_or_another_table() -> None:
    whole = written({"客户ID": ["C001", "C002"] * 9, "金额": [1.5] * 18})

    for size in range(4, len(whole), 7):
        assert refused(whole[:size])[0] == "damaged", size
    for place in range(4, len(whole), 7):
        broken = whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :]
        with contextlib.suppress(Refused):  # whatever else it raised would be our bug
            parquet_tables.read(broken, "x")


def test_what_begins_like_parquet_is_parquet_whatever_its_name_is(tmp_path) -> None:
    (tmp_path / "a.xlsx").write_bytes(written({"客户ID": ["C001"], "n": [math.pi]}))
    (tmp_path / "b.parquet").write_bytes(b"PARE" + b"locked")

    assert workbooks.read(tmp_path, "a.xlsx").sheets[0].rows[1] == ["C001", math.pi]
    with pytest.raises(Refused, match="encrypted"):
        workbooks.read(tmp_path, "b.parquet")


def test_a_desk_that_lacks_what_reads_it_says_so(tmp_path, monkeypatch) -> None:
    (tmp_path / "a.parquet").write_bytes(written({"客户ID": ["C001"]}))
    monkeypatch.delitem(sys.modules, "kam_xl.hosts.parquet_tables")
    monkeypatch.delattr(hosts, "parquet_tables")
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    with pytest.raises(Refused) as caught:
        workbooks.read(tmp_path, "a.parquet")
    assert (caught.value.reason, caught.value.detail) == ("no_parquet_here", "pyarrow")
