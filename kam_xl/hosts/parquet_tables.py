"""Lists that programs hand over as Parquet: one file is one sheet of cells, as if it had been exported as text.

Rows, bytes and columns are bounded before any is unpacked; what a file says of itself and is not so ends its reading.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from kam_xl.core.books import Contents, RawSheet, Unreadable
from kam_xl.core.errors import Refused
from kam_xl.engines.office_file.packages import UNPACKED_BYTES
from kam_xl.hosts.refusing import damaged
from kam_xl.reports import origin

#: No more rows and columns than a sheet of a workbook has.
ROWS, _COLUMNS = 2**20, 2**14
#: So many rows are unpacked at a time.
_AT_A_TIME = 2**16
#: Numbers of so many digits are such as a cell may hold; longer whole ones are IDs, and stay as they are.
_DIGITS = 15
#: Columns by which a snapshot of the history is known, of whatever version (`core.history.KEPT`).
SNAPSHOT = frozenset({"customer_id", "risk_score", "team_count", "amount_parts"})


def read(data: bytes, name: str) -> Contents:
    """The one sheet of a file, called `name`; `Refused` says why it cannot be used, also of one that a night of ours wrote."""
    if data.startswith(b"PARE"):
        raise Refused("encrypted")
    try:
        names, columns = _unpacked(data)
    except MemoryError:
        raise
    except (OSError, ValueError, pa.ArrowException) as error:  # texts that are none are a ValueError
        raise damaged(error) from error
    return Contents((RawSheet(name, [names, *map(list, zip(*columns, strict=True))]),))


def _unpacked(data: bytes) -> tuple[list, list[list]]:
    """The names of the columns, and the cells of each."""
    file = pq.ParquetFile(io.BytesIO(data), thrift_string_size_limit=len(data), thrift_container_size_limit=len(data))
    _bound(file.metadata, file.schema_arrow)
    columns: list[list] = [[] for _ in file.schema_arrow]
    for batch in file.iter_batches(_AT_A_TIME, use_threads=False):
        for cells, column in zip(columns, batch.columns, strict=True):
            cells += ["" if cell is None else cell for cell in _cells(column)]
    return list(file.schema_arrow.names), columns


def _bound(told: pq.FileMetaData, schema: pa.Schema) -> None:
    """Refuse what is ours, and what is more than anybody lists."""
    if origin.IN_PARQUET in (schema.metadata or {}) or SNAPSHOT.issubset(schema.names):
        raise Refused("own_output")
    if told.num_rows > ROWS:
        raise Refused("too_many_rows", f"{ROWS:,}")
    unpacked = sum(told.row_group(number).total_byte_size for number in range(told.num_row_groups))
    if len(schema) > _COLUMNS or unpacked > UNPACKED_BYTES:
        raise Refused("unpacks_too_large", str(UNPACKED_BYTES // 2**20))


# --- cells ------------------------------------------------------------------------------------------------------------


def _cells(column: pa.Array) -> list:
    """A column's cells: numbers as they are, all else as the text of it, and what no cell can hold as unreadable."""
    reads = next((read for fits, read in _READS if fits(column.type)), _texts)
    try:
        return reads(column)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):  # lists, maps, bytes that are no text, an unknown zone
        broken = Unreadable(str(column.type))
        return [broken if known else None for known in column.is_valid().to_pylist()]


def _whole_numbers(column: pa.Array) -> list:
    largest = pc.max(pc.abs(column.cast(pa.float64(), safe=False))).as_py()
    return column.to_pylist() if largest is None or largest < 10**_DIGITS else _texts(column)


def _decimals(column: pa.Array) -> list:
    short = column.type.scale > 0 and column.type.precision <= _DIGITS
    return column.cast(pa.float64()).to_pylist() if short else _texts(column)


def _moments(column: pa.Array) -> list:
    """By the clocks of the column's own zone; days alone where no moment of it is any but midnight."""
    there = (pc.local_timestamp(column) if column.type.tz else column).cast(pa.timestamp("s"), safe=False)
    days = there.cast(pa.date32(), safe=False)
    return _texts(days if days.cast(pa.timestamp("s")).equals(there) else there)


def _texts(column: pa.Array) -> list:
    """As text, each that is said again the same object."""
    found = column.cast(pa.string()).dictionary_encode()
    texts = found.dictionary.to_pylist()
    return [None if place is None else texts[place] for place in found.indices.to_pylist()]


#: Kinds of columns → what makes cells of them, where that is not their text.
_READS: tuple[tuple[Callable[[pa.DataType], bool], Callable[[Any], list]], ...] = (
    (pa.types.is_integer, _whole_numbers),
    (lambda kind: bool(pa.types.is_floating(kind) or pa.types.is_boolean(kind)), pa.Array.to_pylist),
    (pa.types.is_decimal, _decimals),
    (pa.types.is_timestamp, _moments),
)
