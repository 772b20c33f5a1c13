"""What of a customer's own rows is not as it was on another night: which cell, in which file, from what to what.

Rows have no number of their own. What stands there word for word as before is the same row, wherever it stands now; of the
others those pair that differ in fewest fields.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from kam_xl.core import frames
from kam_xl.core.portfolio import Portfolio, cells
from kam_xl.core.quotes import TYPED
from kam_xl.core.sheets import BY_KIND

COLUMNS = frames.text("customer_id kind field was now how team book sheet cell")
#: Rows of one customer and kind that are held against each other one by one; of more only the first are.
_MOST = 60
#: Of a customer's sheet what says who it is, not how it stands.
_WHO = ("name", "industry", "size", "contact", "phone")


class _Row(NamedTuple):
    """One row: what its fields say, and its place."""

    said: tuple[str, ...]
    place: int


class _Cell(NamedTuple):
    """One field that differs: its number among the fields, what it said and says, and the row it is cited of."""

    field: int
    was: str
    now: str
    how: str
    place: int


def edits(then: Portfolio, now: Portfolio, customer_ids: Collection[str]) -> pd.DataFrame:
    """Every cell of these customers that differs (`COLUMNS`): ``how`` is changed, added or removed, with its row.

    Of a row that is there anew, or no more, each field that says something. ``cell`` is that of the later portfolio, of what
    was removed that of the earlier. Fields that say who a customer is are left out.
    """
    found = [_of_kind(kind, then, now, customer_ids) for kind in BY_KIND]
    return pd.concat(found, ignore_index=True)


def _of_kind(kind: str, then: Portfolio, now: Portfolio, customer_ids: Collection[str]) -> pd.DataFrame:
    """The cells of one kind of sheet."""
    old, new = (_own(portfolio, kind, customer_ids) for portfolio in (then, now))
    fields = [name for name in BY_KIND[kind].fields if name in new and name not in ("customer_id", *_who(kind))]
    old_said, new_said = (_said(rows, fields) for rows in (old, new))
    differing = _other(old, old_said, new, new_said)
    before, after = (_by_customer(rows, said, differing) for rows, said in ((old, old_said), (new, new_said)))
    found = [
        cell
        for customer_id in differing
        for one, other in _paired(*_leftover(before.get(customer_id, []), after.get(customer_id, [])))
        for cell in _cells(one, other)
    ]
    return _placed(kind, fields, found, (then, old), (now, new))


def _who(kind: str) -> tuple[str, ...]:
    return _WHO if kind == "info" else ()


def _other(old: pd.DataFrame, old_said: pd.DataFrame, new: pd.DataFrame, new_said: pd.DataFrame) -> list[str]:
    """The customers whose rows are not the same, whatever their order."""
    sums = [
        pd.util.hash_pandas_object(said, index=False).groupby(rows["customer_id"]).sum()
        for rows, said in ((old, old_said), (new, new_said))
    ]
    both = pd.concat(sums, axis=1)
    return both.index[both.isna().any(axis=1) | (both.iloc[:, 0] != both.iloc[:, 1])].tolist()


def _own(portfolio: Portfolio, kind: str, customer_ids: Collection[str]) -> pd.DataFrame:
    rows: pd.DataFrame = getattr(portfolio, TYPED[kind])
    return rows[rows["customer_id"].isin(customer_ids)].reset_index(drop=True)


def _said(rows: pd.DataFrame, fields: list[str]) -> pd.DataFrame:
    """What each field of each row says, as a text; "" where it says nothing."""
    return pd.DataFrame({name: _texts(rows[name]) for name in fields}, rows.index)


def _texts(column: pd.Series) -> pd.Series:
    """A column as people write it: days without a time where there is none, numbers without needless noughts."""
    if pd.api.types.is_datetime64_dtype(column):
        whole = column.dt.strftime("%Y-%m-%d %H:%M").str.removesuffix(" 00:00")
        return whole.astype("str").fillna("")
    if pd.api.types.is_float_dtype(column):
        return column.map("{:.12g}".format, na_action="ignore").astype("str").fillna("")
    return column.astype("str").fillna("").replace("<NA>", "")


def _by_customer(rows: pd.DataFrame, said: pd.DataFrame, customer_ids: Collection[str]) -> dict[str, list[_Row]]:
    """The rows of some customers, by customer."""
    found: dict[str, list[_Row]] = {}
    some = rows["customer_id"].isin(customer_ids).to_numpy()
    columns = [said[name][some].tolist() for name in said]
    texts = zip(*columns, strict=True) if columns else [()] * int(some.sum())
    for customer_id, place, row in zip(
        rows.loc[some, "customer_id"], np.flatnonzero(some).tolist(), texts, strict=True
    ):
        found.setdefault(customer_id, []).append(_Row(row, place))
    return found


def _leftover(before: list[_Row], after: list[_Row]) -> tuple[list[_Row], list[_Row]]:
    """The rows of a customer that the other night does not have word for word, each as often as it is there."""
    left, after = [], [*after]
    for row in before:
        twin = next((other for other in after if other.said == row.said), None)
        if twin is None:
            left.append(row)
        else:
            after.remove(twin)
    return left, after


def _paired(before: list[_Row], after: list[_Row]) -> Iterator[tuple[_Row | None, _Row | None]]:
    """The rows that are like each other, those first that differ least; then what is there no more, and what is new."""
    close = sorted(
        (differing, one.place, other.place)
        for one in before[:_MOST]
        for other in after[:_MOST]
        if 2 * (differing := _differing(one, other)) <= len(one.said)
    )
    olds, news = {row.place: row for row in before}, {row.place: row for row in after}
    for _, one, other in close:
        if one in olds and other in news:
            yield olds.pop(one), news.pop(other)
    yield from ((row, None) for row in olds.values())
    yield from ((None, row) for row in news.values())


def _differing(one: _Row, other: _Row) -> int:
    return sum(text != now for text, now in zip(one.said, other.said, strict=True))


def _cells(before: _Row | None, after: _Row | None) -> Iterator[_Cell]:
    """The cells in which two rows differ; of a row alone all that say something."""
    row = after or before
    if row is None:
        return
    how = "changed" if before and after else "added" if after else "removed"
    nothing = ("",) * len(row.said)
    pairs = zip(before.said if before else nothing, after.said if after else nothing, strict=True)
    for field, (was, now) in enumerate(pairs):
        if was != now:
            yield _Cell(field, was, now, how, row.place)


def _placed(
    kind: str,
    fields: list[str],
    found: list[_Cell],
    then: tuple[Portfolio, pd.DataFrame],
    now: tuple[Portfolio, pd.DataFrame],
) -> pd.DataFrame:
    """Cells with whose they are and where they stand (`COLUMNS`)."""
    if not found:
        return frames.empty(COLUMNS)
    told = pd.DataFrame(found, columns=list(_Cell._fields))
    told = told.assign(kind=kind, field=np.array(fields, dtype=object)[told["field"]])
    gone = told["how"] == "removed"
    placed = [
        _beside(portfolio, kind, cells_of, rows)
        for (portfolio, rows), some in ((then, gone), (now, ~gone))
        for _, cells_of in told[some].groupby("field", sort=False)
    ]
    return frames.typed(pd.concat(placed).sort_index(), COLUMNS)


def _beside(portfolio: Portfolio, kind: str, told: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Cells of one field beside their rows."""
    shown = rows[[name for name in ("customer_id", "team", "book", "sheet", "row", "sheet_kind") if name in rows]]
    own = shown.take(told["place"].to_numpy("int64")).set_axis(told.index)
    where = cells(portfolio.letters, own, kind, str(told["field"].iloc[0]))
    return told.assign(cell=where, **{name: own[name] for name in ("customer_id", "team", "book", "sheet")})
