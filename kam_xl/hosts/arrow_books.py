"""Workbooks as read → bytes that anybody with Arrow can read: one stream with one row, a column for each table, under Zstandard.

The column ``about`` holds what stands beside the rows, as JSON; each other one a table, as a list of rows. Columns of text
that say the same in every row stand there once. Behind the stream, in a frame that every reader of Zstandard skips, stand
the SHA-256 of all before it and the size of the stream.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np
import pyarrow as pa

from kam_xl.core.read_books import FLAGS, Content, ReadTable, as_columns
from kam_xl.core.reading import Columns

#: The frame behind the stream: how it begins, and what it holds.
_SKIPPED = b"\x50\x2a\x4d\x18"
_SEAL_SIZE = 8 + 9 + 64 + 1 + 12
_ZSTD = pa.Codec("zstd", 3)
_ABOUT = "about"
#: Columns of yes and no in which nothing is unknown.
SURE = frozenset({"repeated"})


# --- to bytes ---------------------------------------------------------------------------------------------------------


def packed(content: Content) -> bytes:
    """What the bytes of a file say, or that nobody can use them, whenever it is asked."""
    if content.refused:
        return _sealed({"refused": content.refused}, {})
    parts = content.parts
    tables = [_split(as_columns(part.columns)) for part in parts]
    about = {
        "saved": content.saved and content.saved.isoformat(),
        "findings": content.findings,
        "tables": [_beside(part, same) for part, (same, _) in zip(parts, tables, strict=True)],
    }
    return _sealed(
        about, {f"{n} {part.kind}": own for n, (part, (_, own)) in enumerate(zip(parts, tables, strict=True))}
    )


def _split(columns: Columns) -> tuple[dict[str, str | None], dict[str, pa.Array]]:
    """The texts that stand in every row of a column, and the other columns as Arrow holds them."""
    same = {name: cells[0] for name, cells in columns.items() if _is_one_text(name, cells)}
    return same, {name: _array(name, cells) for name, cells in columns.items() if name not in same}


def _array(name: str, cells: Any) -> pa.Array:
    kind = None if isinstance(cells, np.ndarray) else pa.bool_() if name in FLAGS else pa.large_string()
    return pa.array(cells, type=kind, from_pandas=True)


def _is_one_text(name: str, cells: Any) -> bool:
    """True for a column of texts that says the same in every row, or nothing."""
    texts = cells if isinstance(cells, list) and name not in FLAGS else []
    return bool(texts) and texts[0] == texts[-1] and texts.count(texts[0]) == len(texts)


def _beside(part: ReadTable, same: dict[str, str | None]) -> dict[str, Any]:
    told = {name: getattr(part, name) for name in BESIDE}
    shown = {name: [*texts.items()] for name, texts in part.shown.items()}
    names = list(map(str, part.columns))
    return {**told, "shown": shown, "columns": names, "same": same, "rows": len(part.columns["row"])}


BESIDE = (
    "kind",
    "sheet",
    "letters",
    "headers",
    "findings",
    "found_before",
    "bounds",
    "damaged",
    "plain",
    "foreign",
    "factors",
    "called_off",
)


def _sealed(about: dict[str, Any], tables: dict[str, dict[str, pa.Array]]) -> bytes:
    """The stream, and what tells that no byte of it is another."""
    told = json.dumps(about, ensure_ascii=False).encode("utf-8", "surrogatepass")
    columns: dict[str, pa.Array] = {_ABOUT: pa.array([told], pa.large_binary())}
    for name, own in tables.items():
        fields = [pa.field(field, column.type, nullable=field not in SURE) for field, column in own.items()]
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


def as_text(content: bytes) -> str:
    """Every text that was packed, one after the other, for whoever looks for one; between them what is none."""
    return unsealed(content).to_pybytes().decode("utf-8", "replace")


def unsealed(content: bytes) -> pa.Buffer:
    """What was packed, as Arrow reads it."""
    size = int(content[-12:])
    return _ZSTD.decompress(pa.py_buffer(content).slice(0, len(content) - _SEAL_SIZE), size)
