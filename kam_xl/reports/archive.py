"""The archive: everything that was typed and found, whole, one frame a file, for whoever looks for a single row (§10)."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from kam_xl.core import frames
from kam_xl.core.assessment import Assessment
from kam_xl.core.failures import is_missing
from kam_xl.core.outside import inside, outside
from kam_xl.reports.run import ARCHIVE

ENDING = ".parquet"
#: Frames of a portfolio that an assessment has with more columns.
_MORE = frozenset(frames.PORTFOLIO) & frozenset(frames.ASSESSMENT)


def names(assessment: Assessment) -> list[str]:
    """The frames that are kept, those of what was typed first."""
    return [*(name for name in frames.PORTFOLIO if name not in _MORE), *frames.ASSESSMENT]


def file_name(name: str) -> str:
    """The file of a frame, as seen from the outputs' folder."""
    return f"{ARCHIVE}/{name}{ENDING}"


def about(name: str, assessment: Assessment) -> str:
    """What a frame holds, in a sentence."""
    return assessment.words(f"archive.{name}")


def kept(assessment: Assessment) -> Iterator[tuple[str, pd.DataFrame]]:
    """The frames by name, complete; phones stay only if the policy keeps them, as in the master.

    One that could not be computed is left out: its failure is told elsewhere.
    """
    assessment = inside(assessment) if assessment.policy.keep_phones else outside(assessment)
    for name in names(assessment):
        frame = getattr(assessment if name in frames.ASSESSMENT else assessment.portfolio, name)
        if not is_missing(frame):
            yield name, frame
