"""Workbooks as read ↔ bytes that anybody with Arrow can read: one stream with one row, a column for each table, under Zstandard.

The column ``about`` holds what stands beside the rows, as JSON; each other one a table, as a list of rows. Columns of text
that say the same in every row stand there once. Behind the stream, in a frame that every reader of Zstandard skips, stand
the SHA-256 of all before it and the size of the stream.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd
import pyarrow as pa

from kam_xl.core.findings import Finding
from kam_xl.core.read_books import Content, ReadTable

#: The frame behind the stream: how it begins, and what it holds.
_SKIPPED = b"\x50\x2a\x4d\x18"
_SEAL_SIZE = 8 + 9 + 64 + 1 + 12
_ZSTD = pa.Codec("zstd", 3)
_ABOUT = "about"
#: Columns of yes and no in which nothing is unknown.
_SURE = frozenset({"repeated"})


# --- to bytes ---------------------------------------------------------------------------------------------------------


def packed(content: Content) -> bytes:
    """What the bytes of a file say, or that nobody can use them, whenever it is asked."""
    if content.refused:
        return _sealed({"refused": content.refused}, {})
    parts = content.parts
    tables = [_split(part.rows) for part in parts]
    about = {
        "saved": content.saved and content.saved.isoformat(),
        "findings": content.findings,
        "tables": [_beside(part, same) for part, (same, _) in zip(parts, tables, strict=True)],
    }
    return _sealed(
        about, {f"{n} {part.kind}": own for n, (part, (_, own)) in enumerate(zip(parts, tables, strict=True))}
    )


def _split(rows: pd.DataFrame) -> tuple[dict[str, str | None], dict[str, pa.Array]]:
    """The texts that stand in every row of a column, and the other columns as Arrow holds them."""
    columns = {str(name): _array(column) for name, column in rows.items()}
    same = {name: text for name, column in columns.items() if (text := _of_all(column)) is not _DIFFER}
    return same, {name: column for name, column in columns.items() if name not in same}


def _array(column: pd.Series) -> pa.Array:
    kind = pa.large_string() if column.dtype == "str" else None
    held = pa.array(column, type=kind, from_pandas=True)
    return held.combine_chunks() if isinstance(held, pa.ChunkedArray) else held


def _of_all(column: pa.Array) -> Any:
    """The one text of a column; `_DIFFER` where there are several, or none."""
    if not pa.types.is_large_string(column.type) or not len(column):
        return _DIFFER
    if column.null_count:
        return None if column.null_count == len(column) else _DIFFER
    first = column[0]
    return first.as_py() if pa.compute.all(pa.compute.equal(column, first)).as_py() else _DIFFER


_DIFFER = object()


def _beside(part: ReadTable, same: dict[str, str | None]) -> dict[str, Any]:
    told = {name: getattr(part, name) for name in _BESIDE}
    shown = {name: [*texts.items()] for name, texts in part.shown.items()}
    return {**told, "shown": shown, "columns": list(part.rows.columns), "same": same, "rows": len(part.rows)}


_BESIDE = ("kind", "sheet", "letters", "headers", "findings", "found_before", "bounds", "damaged", "plain", "foreign")


def _sealed(about: dict[str, Any], tables: dict[str, dict[str, pa.Array]]) -> bytes:
    """The stream, and what tells that no byte of it is another."""
    told = json.dumps(about, ensure_ascii=False).encode("utf-8", "surrogatepass")
    columns: dict[str, pa.Array] = {_ABOUT: pa.array([told], pa.large_binary())}
    for name, own in tables.items():
        fields = [pa.field(field, column.type, nullable=field not in _SURE) for field, column in own.items()]
        rows = pa.StructArray.from_arrays(list(own.values()), fields=fields)
        columns[name] = pa.LargeListArray.from_arrays(pa.array([0, len(rows)], pa.int64()), rows)
    batch, sink = pa.record_batch(columns), pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as stream:
        stream.write_batch(batch)
    whole = sink.getvalue()
    frame = _ZSTD.compress(whole, asbytes=True)
    seal = _seal(frame, f"{whole.size:012}".encode())
    return frame + seal


def _seal(frame: bytes, size: bytes) -> bytes:
    seal = b"kam_xl 1 " + hashlib.sha256(frame + size).hexdigest().encode() + b" " + size
    return _SKIPPED + len(seal).to_bytes(4, "little") + seal


# --- from bytes -------------------------------------------------------------------------------------------------------


def check(content: bytes) -> None:
    """`ValueError` where any byte is another than was packed, or it was packed in another way."""
    if content[-_SEAL_SIZE:] != _seal(content[:-_SEAL_SIZE], content[-12:]):
        raise ValueError("its hash does not fit")


def unpacked(contents: Iterable[bytes]) -> list[Content]:
    """What was packed, each by itself; the tables of one kind are made of one frame, which is much cheaper."""
    opened = [_opened(content) for content in contents]
    frames = _frames(
        [(about, rows) for one, tables in opened for about, rows in zip(one.get("tables", ()), tables, strict=True)]
    )
    return [_content(about, frames) for about, _ in opened]


def as_text(content: bytes) -> str:
    """Every text that was packed, one after the other, for whoever looks for one; between them what is none."""
    return _stream(content).to_pybytes().decode("utf-8", "replace")


def _stream(content: bytes) -> pa.Buffer:
    size = int(content[-12:])
    return _ZSTD.decompress(pa.py_buffer(content).slice(0, len(content) - _SEAL_SIZE), size)


def _opened(content: bytes) -> tuple[dict[str, Any], list[pa.StructArray]]:
    """What stands beside the rows, and the rows of each table."""
    batch = pa.ipc.open_stream(_stream(content)).read_next_batch()
    about, *tables = batch.columns
    return json.loads(about[0].as_py().decode("utf-8", "surrogatepass")), [rows.values for rows in tables]


def _content(about: dict[str, Any], frames: Iterator[pd.DataFrame]) -> Content:
    if "refused" in about:
        return Content(refused=tuple(about["refused"]))
    parts = tuple(_table(one, next(frames)) for one in about["tables"])
    saved = about["saved"] and dt.datetime.fromisoformat(about["saved"])
    return Content(_findings(about["findings"]), parts, saved)


def _table(about: dict[str, Any], rows: pd.DataFrame) -> ReadTable:
    shown = {name: dict(texts) for name, texts in about["shown"].items()}
    told = {name: about[name] for name in _BESIDE}
    bounds = {name: (low, high) for name, (low, high) in about["bounds"].items()}
    beside = {"shown": shown, "bounds": bounds, "foreign": tuple(about["foreign"])}
    return ReadTable(**told | {"rows": rows, "findings": _findings(about["findings"])} | beside)


def _frames(tables: list[tuple[dict[str, Any], pa.StructArray]]) -> Iterator[pd.DataFrame]:
    """The rows of each table, in order: those of one kind cut out of one frame."""
    by_kind: dict[str, list[int]] = {}
    for place, (about, _) in enumerate(tables):
        by_kind.setdefault(about["kind"], []).append(place)
    found: list[pd.DataFrame] = [pd.DataFrame()] * len(tables)
    for places in by_kind.values():
        whole, start = _stacked([tables[place] for place in places]), 0
        for place in places:
            end = start + tables[place][0]["rows"]
            found[place] = whole.iloc[start:end].set_axis(pd.RangeIndex(end - start))
            start = end
    return iter(found)


def _stacked(tables: list[tuple[dict[str, Any], pa.StructArray]]) -> pd.DataFrame:
    """The rows of tables of one kind under one another, typed as `typed_tables` types them."""
    each = [_columns(about, rows) for about, rows in tables]
    columns = {name: pa.chunked_array([one[name] for one in each]).combine_chunks() for name in tables[0][0]["columns"]}
    return pd.DataFrame({name: _typed(name, column) for name, column in columns.items()}, copy=False)


def _columns(about: dict[str, Any], rows: pa.StructArray) -> dict[str, pa.Array]:
    own = dict(zip((field.name for field in rows.type), rows.flatten(), strict=True))
    return own | {name: _repeated(text, about["rows"]) for name, text in about["same"].items()}


def _repeated(text: str | None, count: int) -> pa.Array:
    """One text in every row of a column."""
    return pa.nulls(count, pa.large_string()) if text is None else pa.repeat(pa.scalar(text, pa.large_string()), count)


def _typed(name: str, column: pa.Array) -> Any:
    """A column of a frame as it was before it was packed."""
    if pa.types.is_large_string(column.type):
        return pd.array(column.to_pandas(), dtype="str")
    if pa.types.is_boolean(column.type) and name not in _SURE:
        return pd.array(column.to_pylist(), dtype="boolean")
    return column.to_numpy(zero_copy_only=False)


def _findings(told: Iterable[list]) -> tuple[Finding, ...]:
    return tuple(Finding(*one) for one in told)
