"""A frame as a Parquet file, written some rows at a time: as a whole it would be held once more."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

ROWS_AT_ONCE = 20_000


def write(path: Path, frame: pd.DataFrame, about: Mapping[bytes, bytes] | None = None) -> None:
    """Write a frame whose columns are all typed, be there rows or none; ``about`` is told in the file besides."""
    schema = pa.Schema.from_pandas(frame.head(0), preserve_index=False)
    schema = schema.with_metadata({**schema.metadata, **(about or {})})
    with (
        path.open("wb") as file,
        pq.ParquetWriter(file, schema) as whole,
    ):  # pyarrow itself opens no path that is no text
        for first in range(0, max(len(frame), 1), ROWS_AT_ONCE):
            rows = frame.iloc[first : first + ROWS_AT_ONCE]
            whole.write_table(pa.Table.from_pandas(rows, schema, preserve_index=False))
    pa.default_memory_pool().release_unused()
