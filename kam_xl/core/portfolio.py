"""What all workbooks together hold: the frames of a portfolio, whose they are, and where each value stands."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from kam_xl.core import frames
from kam_xl.core.validation import LettersBySheet

#: (book, kind of sheet) → name of the sheet → field → letter of its column.
Letters = dict[tuple[str, str], LettersBySheet]

#: Kinds of sheet that evaluate a customer.
EVALUATED = ("evaluation", "indicators")


@dataclass(frozen=True)
class Portfolio:
    """Everything the workbooks hold, consolidated. The columns of each frame are listed at the function that makes it.

    The frames of the optional sheets, `indicators` to `orders`, have no rows where no workbook has such a sheet; their
    columns are listed at `consolidation.consolidate`. `proposals` are rows that name nobody for sure and the customers
    they may be of: of these, what such a row would tell is unknown (`may_have_more`).
    """

    customers: pd.DataFrame
    records: pd.DataFrame
    evaluations: pd.DataFrame
    tracking: pd.DataFrame
    conflicts: pd.DataFrame
    duplicates: pd.DataFrame
    origins: pd.DataFrame
    findings: pd.DataFrame
    sources: pd.DataFrame
    indicators: pd.DataFrame
    service: pd.DataFrame
    contacts: pd.DataFrame
    renewals: pd.DataFrame
    tasks: pd.DataFrame
    orders: pd.DataFrame
    letters: Letters = field(default_factory=dict)
    proposals: pd.DataFrame = field(default_factory=functools.partial(frames.empty, frames.PORTFOLIO["proposals"]))

    def members(self) -> pd.DataFrame:
        """One row a team and customer: team, customer_id."""
        return self._members

    @functools.cached_property
    def _members(self) -> pd.DataFrame:
        return self.records[["team", "customer_id"]].drop_duplicates(ignore_index=True)

    def cells(self, rows: pd.DataFrame, kind: str, name: str) -> pd.Series:
        """Where a field stands in the book of each row; see `cells`."""
        return cells(self.letters, rows, kind, name)

    def books_with(self, kind: str) -> list[str]:
        """The workbooks that have a sheet of a kind, maybe an empty one."""
        return [book for book, sheet in self.letters if sheet == kind]

    def told_by(self, kind: str, customer_id: pd.Series, books: Collection[str] | None = None) -> np.ndarray:
        """True for the customers of the teams that keep a kind of sheet: of them, what is not recorded there is not so.

        ``books`` are those of their workbooks that count.
        A customer who may have more rows there than are known to be its own (`may_have_more`) is told by nobody.
        """
        desks = {desk(book) for book in (self.books_with(kind) if books is None else books)}
        theirs = self.records.loc[self.records["book"].map(desk).isin(desks), "customer_id"]
        told = pd.Index(theirs.unique()).get_indexer(customer_id) >= 0
        return told & ~self.may_have_more(customer_id, kind)

    def may_have_more(self, customer_id: pd.Series, *kinds: str) -> np.ndarray:
        """True for customers of whom rows of these kinds of sheet may be that name nobody for sure (`proposals`).

        For lack of what such a row would tell, nothing is wrong with the customer (handbook §11).
        """
        if self.proposals.empty:
            return np.zeros(len(customer_id), dtype=bool)
        maybe = self.proposals.loc[self.proposals["kind"].isin(kinds), "customer_id"]
        return pd.Index(maybe.unique()).get_indexer(customer_id) >= 0


def cells(letters: Letters, rows: pd.DataFrame, kind: str, name: str) -> pd.Series:
    """Where a field stands in the book of each row: ``I17``; where the sheet lacks the column, the row's first cell.

    Rows that do not all stand in a sheet of the one `kind` say in ``sheet_kind`` in which each does.
    """
    if rows.empty:  # most rules cite nothing in most nights
        return pd.Series(index=rows.index, dtype="str")
    kinds = rows["sheet_kind"].tolist() if "sheet_kind" in rows else itertools.repeat(kind)
    places = list(zip(rows["book"].tolist(), kinds, rows["sheet"].tolist(), strict=False))
    column = {at: letters.get(at[:2], {}).get(at[2], {}).get(name, "A") for at in set(places)}
    texts = [f"{column[at]}{row}" for at, row in zip(places, rows["row"].tolist(), strict=True)]
    return pd.Series(texts, rows.index, dtype="str")


def spans(letters: Letters, rows: pd.DataFrame, kind: str, name: str) -> pd.Series:
    """Where a field stands from the ``row`` to the ``last_row`` of a sheet: ``F3:F41``, of one row ``F3``."""
    first, last = (cells(letters, rows.assign(row=rows[end]), kind, name) for end in ("row", "last_row"))
    return first.where(rows["row"] == rows["last_row"], first + ":" + last)


def desk(book: str) -> str:
    """Whose a workbook is: a folder's workbooks are one team's, and so is a workbook that lies in none."""
    return book.rpartition("/")[0] or book
