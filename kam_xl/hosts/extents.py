"""Which part of a sheet is read, where a few cells stand so far from the rest that all between would be blank.

The reader keeps every place of the smallest rectangle around a sheet's cells, so that a stray full stop in its last row
takes as much memory as a million rows. What is read follows the cells that hold something.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

#: So many places are no trouble (a quarter of a gigabyte); more only where one in so many of them holds something.
BEARABLE, _BLANK_FOR_ONE = 8_000_000, 4
#: So many blank rows, or columns, part a table from what no longer belongs to it.
_ROWS_APART, _COLUMNS_APART = 1000, 100


@dataclass(frozen=True)
class Extent:
    """The rows and columns of a sheet that are read; 0-based."""

    rows: range
    columns: range

    @property
    def places(self) -> int:
        """How many places are kept for it: rows start with its first one, and in column A."""
        return len(self.rows) * self.columns.stop

    def __contains__(self, place: tuple[int, int]) -> bool:
        row, column = place
        return row in self.rows and column in self.columns


def main_block(rows: Counter[int], columns: Counter[int]) -> Extent | None:
    """The block around most of the cells, given how many there are in each row and column; None where all is read.

    An empty one where even that holds next to nothing.
    """
    bearable = max(BEARABLE, _BLANK_FOR_ONE * rows.total())
    if not rows or Extent(_span(rows), _span(columns)).places <= bearable:
        return None
    block = Extent(_fullest(rows, _ROWS_APART), _fullest(columns, _COLUMNS_APART))
    return block if block.places <= bearable else Extent(range(0), range(0))


def _span(counts: Counter[int]) -> range:
    return range(min(counts), max(counts) + 1)


def _fullest(counts: Counter[int], apart: int) -> range:
    """The run of numbers with the most cells, of those that are more than so many blank ones apart; the first of two."""
    return max(_runs(counts, apart), key=lambda run: sum(counts[number] for number in run))


def _runs(counts: Counter[int], apart: int) -> Iterator[range]:
    numbers = sorted(counts)
    first = last = numbers[0]
    for number in numbers:
        if number - last > apart:
            yield range(first, last + 1)
            first = number
        last = number
    yield range(first, last + 1)
