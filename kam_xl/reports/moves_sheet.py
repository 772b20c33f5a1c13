"""The sheet "Why it changed" of a team's own workbook: its rows as a night writes them, and as a desk reads them back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kam_xl import resources
from kam_xl.core import outside, raw
from kam_xl.core.privacy import masked
from kam_xl.core.texts import heading
from kam_xl.core.words import LANGUAGES, Words
from kam_xl.core.worlds import FIGURES
from kam_xl.showing.fields import Field, listed

TABLE = "tblTeamMoves"
FIELDS = "customer_id name figure:moves.figure said:moves.said why:moves.why cites:moves.cites nights:moves.nights"  # in this order
#: In which order a customer's changes are told, what people act on first.
ORDER = ("there", "tier", "level", "colour", "lifecycle", "score", "amount", "health")
#: How far down the header is looked for, and what it must have: what else is missing stays blank.
_DEPTH, _NEEDED = 20, frozenset({"customer_id", "figure", "said", "nights"})


def nights(then: Any, now: Any, words: Words) -> str:
    """The two nights that are compared, as they are named wherever a change is told."""
    return words("bridge.page.nights", then=f"{then:%Y-%m-%d}", now=f"{now:%Y-%m-%d}")


# --- written by a night --------------------------------------------------------------------------------------------------


def rows(part: Any) -> pd.DataFrame:
    """Every change of a team's customers, or of several teams' (`core.by_team`), in the order of `by_weight`."""
    found = by_weight(part.moves)
    return found.assign(nights="" if part.against is None else nights(part.against, part.now, part.words))


def nothing(part: Any) -> str:
    """Why there is no change to tell: there was none, or nobody compared."""
    if part.against is None:
        return str(part.words("bridge.page.uncompared", now=f"{part.now:%Y-%m-%d}"))
    return str(part.words("bridge.page.nothing", nights=nights(part.against, part.now, part.words)))


def by_weight(moves: pd.DataFrame) -> pd.DataFrame:
    """Moves by customer, those first of whom most changed, each one's in `ORDER`."""
    who = moves["customer_id"].map({one: place for place, one in enumerate(largest(moves))})
    what = moves["figure"].map({one: place for place, one in enumerate(ORDER)})
    ordered = moves.assign(who=who, what=what).sort_values(["who", "what"], kind="stable")
    return ordered.drop(columns=["who", "what"])


def largest(moves: pd.DataFrame) -> list[str]:
    """The customers of whom anything changed, those first of whom most did: what has no parts, then points, then money."""
    own = moves.drop_duplicates(["customer_id", "figure"])  # of several teams' customers each change counts once
    if own.empty:
        return []
    numbers = own["figure"].map(FIGURES).fillna(False).astype(bool)
    points = (own["after"] - own["before"]).abs().where(own["figure"].isin(["score", "health"]), 0).fillna(0)
    money = (own["after"].fillna(0) - own["before"].fillna(0)).abs().where(own["figure"] == "amount", 0)
    size = pd.DataFrame({"keys": ~numbers, "points": points, "money": money}).groupby(own["customer_id"]).sum()
    return size.sort_values(["keys", "points", "money"], ascending=False, kind="stable").index.tolist()


# --- read back at a desk -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ToldMoves:
    """What a night told of a team's customers: a row a change (the columns of `FIELDS`, ``figure`` as its key).

    Where there is none, ``note`` is the sentence that stands in its place.
    """

    rows: pd.DataFrame
    note: str


def read(cells: Sequence[Sequence]) -> ToldMoves | None:
    """What such a sheet says, in whichever language, as a desk may show it (§10); None where its headers are not there.

    Only what names a figure is a change: a heading or a header further down is none.
    """
    for at, row in enumerate(cells[:_DEPTH]):
        columns = _columns(row)
        if columns:
            return _told(cells[at + 1 :], columns)
    return None


def unlisted(customer_id: str, rows: pd.DataFrame, words: Words) -> str:
    """That of the changes told none is of this customer: nothing of it changed, or that night does not know it."""
    return words("bridge.page.unlisted", id=customer_id, nights=rows["nights"].iloc[0])


def _columns(header: Sequence) -> dict[str, int]:
    """Where each column stands, by the headers of one language; none where this is no header of the sheet."""
    texts = [heading(raw.text(cell)) for cell in header]
    for lang in LANGUAGES:
        known = {column: heading(field.header(lang)) for column, field in _fields()}
        found = {column: texts.index(text) for column, text in known.items() if text in texts}
        if found.keys() >= _NEEDED:
            return found
    return {}


def _fields() -> list[tuple[str, Field]]:
    return [(column or field.name, field) for column, field in listed(FIELDS)]


def _told(body: Sequence[Sequence], columns: dict[str, int]) -> ToldMoves:
    cells = {column: [raw.text(_at(row, columns.get(column))) for row in body] for column, _ in _fields()}
    frame = pd.DataFrame(cells, dtype="str")
    keys = frame["figure"].map(_keys())
    found = frame.assign(figure=keys.astype("str"))[keys.notna()].reset_index(drop=True)
    note = next((text for text in cells["customer_id"] if text), "") if found.empty else ""
    return ToldMoves(outside.frame(found, frozenset(found["customer_id"])), masked(note))


def _at(row: Sequence, place: int | None) -> object:
    """A cell of a row; blank where there is none."""
    return row[place] if place is not None and place < len(row) else None


def _keys() -> dict[str, str]:
    """What a figure is called in either language → its key."""
    words = [resources.words(lang) for lang in LANGUAGES]
    return {one(f"bridge.figure.{key}"): key for one in words for key in ORDER}
