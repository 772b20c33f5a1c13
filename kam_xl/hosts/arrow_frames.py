"""What `arrow_books` packed, as it was read: the tables of many workbooks out of one frame a kind, which is much cheaper."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from kam_xl.core.findings import Finding
from kam_xl.core.read_books import Content, ReadTable
from kam_xl.hosts import arrow_books


def unpacked(contents: Iterable[bytes]) -> list[Content]:
    """What was packed, each by itself."""
    opened = [_opened(content) for content in contents]
    found = _tables(
        [(about, rows) for one, tables in opened for about, rows in zip(one.get("tables", ()), tables, strict=True)]
    )
    return [_content(about, found) for about, _ in opened]


def _opened(content: bytes) -> tuple[dict[str, Any], list[pa.StructArray]]:
    """What stands beside the rows, and the rows of each table."""
    batch = pa.ipc.open_stream(arrow_books.unsealed(content)).read_next_batch()
    about, *tables = batch.columns
    return json.loads(about[0].as_py().decode("utf-8", "surrogatepass")), [rows.values for rows in tables]


def _content(about: dict[str, Any], tables: Iterator[pd.DataFrame]) -> Content:
    if "refused" in about:
        return Content(refused=tuple(about["refused"]))
    parts = tuple(_table(one, next(tables)) for one in about["tables"])
    saved = about["saved"] and dt.datetime.fromisoformat(about["saved"])
    return Content(_findings(about["findings"]), parts, saved)


def _table(about: dict[str, Any], rows: pd.DataFrame) -> ReadTable:
    shown = {name: dict(texts) for name, texts in about["shown"].items()}
    told = {name: about[name] for name in arrow_books.BESIDE if name in about}  # an older version told less
    bounds = {name: (low, high) for name, (low, high) in about["bounds"].items()}
    called_off = tuple(map(tuple, about.get("called_off", ())))
    beside = {"shown": shown, "bounds": bounds, "foreign": tuple(about["foreign"]), "called_off": called_off}
    return ReadTable(**told | {"columns": rows, "findings": _findings(about["findings"])} | beside)


def _tables(tables: list[tuple[dict[str, Any], pa.StructArray]]) -> Iterator[pd.DataFrame]:
    """The rows of each table, in order: those of one kind cut out of one frame."""
    by_kind: dict[str, list[int]] = {}
    for place, (about, _) in enumerate(tables):
        by_kind.setdefault(about["kind"], []).append(place)
    found: dict[int, pd.DataFrame] = {}
    for places in by_kind.values():
        whole, start = _stacked([tables[place] for place in places]), 0
        for place in places:
            end = start + tables[place][0]["rows"]
            found[place] = whole.iloc[start:end]
            found[place].index = pd.RangeIndex(end - start)
            start = end
    return (found[place] for place in range(len(tables)))


def _stacked(tables: list[tuple[dict[str, Any], pa.StructArray]]) -> pd.DataFrame:
    """The rows of tables of one kind under one another, typed as `ReadTable.rows` types them."""
    abouts = [about for about, _ in tables]
    own = [dict(zip((field.name for field in rows.type), rows.flatten(), strict=True)) for _, rows in tables]
    held = {}
    for name in abouts[0]["columns"]:
        if any(name in one for one in own):
            parts = [
                one[name] if name in one else _repeated(name, about) for one, about in zip(own, abouts, strict=True)
            ]
            held[name] = _typed(name, pa.chunked_array(parts).combine_chunks())
        else:
            held[name] = _same(name, abouts)
    return pd.DataFrame(held, copy=False)


def _repeated(name: str, about: dict[str, Any]) -> pa.Array:
    """The one text of a column, in every row of its table."""
    return pa.repeat(pa.scalar(about["same"][name], pa.large_string()), about["rows"])


def _same(name: str, abouts: list[dict[str, Any]]) -> pd.arrays.StringArray:
    """A column of which every table says the same in all its rows."""
    texts: dict[str | None, Any] = {None: np.nan}
    each = [texts.setdefault(text, text) for text in (about["same"][name] for about in abouts)]
    return _as_texts(each).take(np.arange(len(each)).repeat([about["rows"] for about in abouts]))


def _typed(name: str, column: pa.Array) -> Any:
    """A column as a frame has it."""
    if pa.types.is_large_string(column.type):
        return _texts(column)
    if pa.types.is_boolean(column.type) and name not in arrow_books.SURE:
        return pd.array(column.to_pylist(), dtype="boolean")
    return column.to_numpy(zero_copy_only=False)


def _texts(column: pa.Array) -> pd.arrays.StringArray:
    """Texts, equal ones as one object: most columns repeat theirs."""
    met = column.dictionary_encode()
    each = [*met.dictionary.to_pylist(), np.nan]
    return _as_texts(each).take(met.indices.fill_null(len(each) - 1).to_numpy(zero_copy_only=False))


def _as_texts(cells: list[Any]) -> pd.arrays.StringArray:
    """Texts and NaN as a column of a frame."""
    return pd.arrays.StringArray(np.array(cells, dtype=object), dtype=_TEXT)  # type: ignore[call-arg]  # not in the stubs yet


_TEXT = pd.StringDtype("python", np.nan)


def _findings(told: Iterable[list]) -> tuple[Finding, ...]:
    return tuple(Finding(*one) for one in told)
