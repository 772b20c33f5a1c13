"""The sheet "Why it changed" of a team's own workbook: its rows as a night writes them, and as a desk reads them back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from kam_xl import resources
from kam_xl.core import adding_up, outside, raw
from kam_xl.core.frames import READER
from kam_xl.core.privacy import masked
from kam_xl.core.texts import heading
from kam_xl.core.words import LANGUAGES, Words
from kam_xl.core.worlds import FIGURES
from kam_xl.showing.fields import Field, listed

TABLE = "tblTeamMoves"
FIELDS = (  # in this order
    "customer_id name figure:moves.figure said:moves.said why:moves.why cites:moves.cites nights:moves.nights since:moves.since"
)
#: In which order a customer's changes are told, what people act on first.
ORDER = ("there", "tier", "level", "colour", "lifecycle", "score", "amount", "health")
_PLACES = {figure: place for place, figure in enumerate(ORDER)}
#: How far down the header is looked for, and what it must have: what else is missing stays blank.
_DEPTH, _NEEDED = 20, frozenset({"customer_id", "figure", "said", "nights"})


#: What of a change stands in no row that says that there was none.
_SAID = ("customer_id", "name", "figure", "said", "why", "cites")


def nights(then: Any, now: Any, words: Words) -> str:
    """The two nights that are compared, as they are named wherever a change is told."""
    return words("bridge.page.nights", then=day(then), now=day(now))


def day(moment: Any) -> str:
    """A day as these sentences name it."""
    return f"{moment:%Y-%m-%d}"


# --- written by a night --------------------------------------------------------------------------------------------------


def rows(part: Any) -> pd.DataFrame:
    """Every change of a team's customers, or of several teams' (`core.by_team`): last night's `by_weight`, then night by night back.

    Of a team of which nothing moved last night, but before, a row says so.
    """
    found, tonight = part.night_moves, pd.Timestamp(part.now).normalize()
    last, before = found[found["last"]], found[~found["last"]]
    team = found[READER] if READER in found else pd.Series(0, found.index)
    none = before[~team[before.index].isin(team[last.index]) & ~team[before.index].duplicated()]
    none = none.assign(**dict.fromkeys(_SAID), then=part.against, on=tonight)
    none = none.assign(why=still(part.against, part.now, part.words)) if len(none) else none
    before = before.assign(what=before["figure"].map(_PLACES)).sort_values(
        ["on", "customer_id", "what"], ascending=[False, True, True], kind="stable"
    )
    every = pd.concat([none.astype(found.dtypes), by_weight(last), before.drop(columns="what")])
    pairs = zip(every["then"], every["on"], strict=True)
    return every.assign(nights=pd.Series([nights(*pair, part.words) for pair in pairs], every.index, dtype="str"))


def nothing(part: Any) -> str:
    """Why there is no change to tell: there was none, or nobody compared."""
    if part.against is None:
        return str(part.words("bridge.page.uncompared", now=day(part.now)))
    return still(part.moved_since, part.now, part.words)


def still(then: Any, now: Any, words: Words) -> str:
    """That nothing moved between two nights."""
    return words("bridge.page.nothing", nights=nights(then, now, words))


def by_weight(moves: pd.DataFrame) -> pd.DataFrame:
    """Moves by customer, those first of whom most changed, each one's in `ORDER`."""
    who = moves["customer_id"].map({one: place for place, one in enumerate(largest(moves))})
    ordered = moves.assign(who=who, what=moves["figure"].map(_PLACES)).sort_values(["who", "what"], kind="stable")
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
    """What nights told of a team's customers: a row a change (the columns of `FIELDS`, ``figure`` as its key, ``then`` and ``on`` its nights).

    Sentences are in the language of ``words``. Where the last night told of nothing, ``note`` is the sentence that stands there.
    ``then`` and ``on`` are that night's, ``since`` the day since which all is told; NaT where that does not stand there.
    """

    rows: pd.DataFrame
    note: str
    words: Words
    then: pd.Timestamp
    on: pd.Timestamp
    since: pd.Timestamp

    @property
    def last(self) -> pd.DataFrame:
        """What the last night told."""
        return self.rows[~(self.rows["on"] < self.on)].reset_index(drop=True)

    def known_since(self, customer_id: str) -> pd.Timestamp | None:
        """The day since which all that moved of a customer is told; None where that does not stand there."""
        own = self.rows.loc[self.rows["customer_id"] == customer_id, "since"].max()
        return next((known for known in (own, self.since, self.then) if pd.notna(known)), None)

    def added_up(self, customer_id: str, since: pd.Timestamp, words: Words) -> pd.DataFrame:
        """A customer's changes since a day, added up (`adding_up.since`), with the nights that they lie between."""
        own = self.rows[self.rows["customer_id"] == customer_id]
        return adding_up.since(own, since, self.words, words).assign(nights=nights(since, self.on, words))

    def added_up_all(self, since: pd.Timestamp, words: Words) -> ToldMoves:
        """The same of every customer of whom so much is told, in their order, as what one night would have told."""
        found = [self.rows.iloc[:0].astype(object)]
        for customer_id, own in self.rows.groupby("customer_id", sort=False):
            if own["since"].max() <= since:
                added = self.added_up(str(customer_id), since, words)
                found.append(added.assign(customer_id=customer_id, name=own["name"].iloc[0], since=since))
        rows = pd.concat(found, ignore_index=True).astype(self.rows.dtypes)
        return replace(self, rows=rows, note=still(since, self.on, words), words=words, then=since, since=since)


def read(cells: Sequence[Sequence]) -> ToldMoves | None:
    """What such a sheet says, in whichever language, as a desk may show it (§10); None where its headers are not there.

    Only what names a figure is a change: a heading or a header further down is none.
    """
    for at, row in enumerate(cells[:_DEPTH]):
        for words in map(resources.words, LANGUAGES):
            columns = _columns(row, words)
            if columns:
                return _told(cells[at + 1 :], columns, words)
    return None


def unlisted(customer_id: str, between: str, words: Words) -> str:
    """That of the changes told none is of this customer: nothing of it changed, or no night knows it."""
    return words("bridge.page.unlisted", id=customer_id, nights=between)


def _columns(header: Sequence, words: Words) -> dict[str, int]:
    """Where each column stands, by the headers of a language; none where this is no header of the sheet."""
    texts = [heading(raw.text(cell)) for cell in header]
    known = {column: heading(field.header(words.lang)) for column, field in _fields()}
    found = {column: texts.index(text) for column, text in known.items() if text in texts}
    return found if found.keys() >= _NEEDED else {}


def _fields() -> list[tuple[str, Field]]:
    return [(column or field.name, field) for column, field in listed(FIELDS)]


def _told(body: Sequence[Sequence], columns: dict[str, int], words: Words) -> ToldMoves:
    cells = {column: [raw.text(_at(row, columns.get(column))) for row in body] for column, _ in _fields()}
    days = [raw.day(_at(row, columns.get("since")))[0] for row in body]
    frame = pd.DataFrame(cells, dtype="str").assign(since=pd.Series(days, dtype="datetime64[s]"))
    frame = frame.join(_pairs(frame["nights"], words))
    keys = frame["figure"].map(_keys())
    found = frame.assign(figure=keys.astype("str"))[keys.notna()].reset_index(drop=True)
    on = frame["on"].max()
    last = frame[frame["on"] == on]
    rows = outside.frame(found, frozenset(found["customer_id"]))
    return ToldMoves(rows, _note(frame, keys.notna()), words, last["then"].max(), on, frame["since"].min())


def _note(frame: pd.DataFrame, changes: pd.Series) -> str:
    """The sentence that says that the last night told of nothing; "" where it told of anything."""
    if not changes.any():
        return masked(next((text for text in frame["customer_id"] if text), ""))
    said = frame[~changes & (frame["on"] == frame["on"].max())]
    return masked(next(iter(said["why"]), ""))


def _pairs(texts: pd.Series, words: Words) -> pd.DataFrame:
    """The two nights that each text names (`nights`); unknown where it names none."""
    found = texts.str.extract(
        re.escape(words("bridge.page.nights", then=_THEN, now=_NOW)).replace(_THEN, _DAY).replace(_NOW, _DAY)
    )
    return found.set_axis(["then", "on"], axis=1).apply(pd.to_datetime, errors="coerce").astype("datetime64[s]")


#: What stands for the days of a sentence, and what finds them.
_THEN, _NOW, _DAY = "THEN", "NOW", r"(\d{4}-\d{2}-\d{2})"


def _at(row: Sequence, place: int | None) -> object:
    """A cell of a row; blank where there is none."""
    return row[place] if place is not None and place < len(row) else None


def _keys() -> dict[str, str]:
    """What a figure is called in either language → its key."""
    words = [resources.words(lang) for lang in LANGUAGES]
    return {one(f"bridge.figure.{key}"): key for one in words for key in ORDER}
