"""The archive on disk: one Parquet file a frame, whole or not there."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from kam_xl.hosts import parquet_files
from kam_xl.reports import origin
from kam_xl.reports.archive import ENDING


def write(folder: Path, frames: Iterable[tuple[str, pd.DataFrame]]) -> None:
    """Every frame as a file of its name in a new folder; each says inside that it is ours (`origin.mark`)."""
    folder.mkdir()
    for name, frame in frames:
        told = {origin.IN_PARQUET: origin.mark(f"{name}{ENDING}").encode()}
        parquet_files.write(folder / f"{name}{ENDING}", frame, told)


def ours(folder: Path) -> list[Path]:
    """The files of a folder that a night of ours wrote there under the name they have."""
    return [path for path in sorted(folder.glob(f"*{ENDING}")) if _is_ours(path)]


def _is_ours(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            found = pq.read_schema(file).metadata or {}
    except (OSError, ValueError, pa.ArrowException):  # nothing we may read, or no Parquet
        return False
    return bool(found.get(origin.IN_PARQUET) == origin.mark(path.name).encode())
