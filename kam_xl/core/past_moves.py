"""What moved tonight and on the nights before, night by night: as far back as each night was explained against the one before.

So whatever moved since one of these nights is what moved in between, added up (`adding_up`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import pandas as pd

from kam_xl.core import frames, kept_moves, moves
from kam_xl.core.assessment import Assessment
from kam_xl.core.privacy import masked

#: Columns of a snapshot that are looked at.
KEPT = ("customer_id", "name", "teams", "moves", "moved_since", "on")


class NightByNight(NamedTuple):
    """What moved (`frames.NIGHT_MOVES`), the newest night first, and since which day it is known of whom nothing moved."""

    rows: pd.DataFrame
    since: pd.Timestamp


def told(assessed: Assessment, earlier: Iterable[pd.DataFrame]) -> NightByNight:
    """Tonight's moves and those of the ``earlier`` snapshots, the newest first; of these no more are taken than are needed.

    Nothing is told of a night when a customer was served by other teams than tonight, nor of any before it.
    """
    assert assessed.against is not None  # noqa: S101 (whoever asks has explained the night)
    back = _Back(assessed, pd.Timestamp(assessed.against).normalize())
    tonight = assessed.moves.assign(then=back.reach, on=pd.Timestamp(assessed.today), last=True)
    every = pd.concat([tonight, *back.nights(earlier)], ignore_index=True)
    since = back.since.reindex(every["customer_id"]).set_axis(every.index).fillna(back.reach)
    return NightByNight(every.assign(since=since)[list(frames.NIGHT_MOVES)].astype(frames.NIGHT_MOVES), back.reach)


class _Back:
    """How far back it is told: in all, of each customer, and how many rows of each team's are told already."""

    def __init__(self, assessed: Assessment, reach: pd.Timestamp) -> None:
        self.assessed, self.reach = assessed, reach
        known = assessed.customers.drop_duplicates("customer_id").set_index("customer_id")["teams"].astype("str")
        shown = {text: masked(text) for text in known.dropna().unique()}
        self.teams = known.map(shown)
        self.since = pd.Series(pd.NaT, self.teams.index, dtype="datetime64[s]")
        tonight = assessed.moves["customer_id"].map(self.teams).value_counts()
        self._rows = tonight.reindex(self.teams.dropna().unique(), fill_value=0)

    def nights(self, earlier: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        """What moved on each night before, as long as no night is missing between and any team's sheet has room."""
        most = self.assessed.policy.moves.team_rows
        for snapshot in earlier:
            before, on = snapshot["moved_since"].max(), snapshot["on"].max()
            if on != self.reach or pd.isna(before):
                return
            yield self._night(snapshot.set_index("customer_id"), most).assign(then=before, on=on, last=False)
            self.reach = before
            if (self._rows > most).all():
                return

    def _night(self, snapshot: pd.DataFrame, most: int) -> pd.DataFrame:
        """What moved that night of customers whom the same teams serve tonight."""
        teams = self.teams.reindex(snapshot.index)
        others = snapshot.index[teams.notna() & (teams != snapshot["teams"])]
        self.since.loc[others] = self.since.loc[others].fillna(self.reach)
        here = teams.map(self._rows) <= most
        own = snapshot[here & snapshot["moves"].fillna("").ne("") & self.since.reindex(snapshot.index).isna()]
        kept, parts = kept_moves.frames_of(own["name"], own["moves"])
        counts = kept["customer_id"].map(self.teams).value_counts()
        self._rows = self._rows.add(counts, fill_value=0)
        return moves.in_words(kept, parts, self.assessed.policy, self.assessed.words)


def of_team(parts: Any, rows: pd.DataFrame) -> pd.DataFrame:
    """What moved of teams' customers (``parts`` as in `by_team`): of each team whole nights, as many as its sheet has room for."""
    found = moves.of_team(parts, rows)
    sizes = found.groupby([found.index.rename("team"), "on"]).size().rename("rows").reset_index()
    sizes = sizes.sort_values(["team", "on"], ascending=[True, False], ignore_index=True)
    room = sizes.groupby("team")["rows"].cumsum() <= parts.teams.whole.policy.moves.team_rows
    out = sizes[~room & sizes.duplicated("team")].drop_duplicates("team").set_index("team")["on"]
    left = out.reindex(found.index)
    since = found["since"].where(~(left > found["since"]), left)
    return found.assign(since=since)[(left.isna() | (found["on"] > left)).to_numpy()]
