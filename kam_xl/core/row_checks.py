"""What the cells of one row say against each other: days and steps in the wrong order, actions half told."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from kam_xl.core.doubts import Doubting
from kam_xl.core.raw import text
from kam_xl.core.sheets import RULED_ACTION


def _dates_in_order(doubting: Doubting) -> None:
    deals, starts = (doubting.rows[name].to_numpy("datetime64[D]") for name in ("last_deal", "since"))
    for i in np.flatnonzero(deals < starts).tolist():
        doubting.report("dates_reversed", i, "last_deal", str(deals[i]), str(starts[i]))


#: Step of a service record → the steps it cannot come before.
_ORDER = {"answered": ("reported",), "resolved": ("reported",), "confirmed": ("resolved", "reported")}


def _moments_in_order(doubting: Doubting) -> None:
    """A step before the one it follows is reported and becomes unknown; two of one day may lack their time."""
    for name, earlier in _ORDER.items():
        for before in earlier:
            moment, base = doubting.rows[name], doubting.rows[before]
            wrong = (moment < base) & ~(moment.eq(moment.dt.normalize()) & moment.eq(base.dt.normalize()))
            for i in np.flatnonzero(wrong).tolist():
                doubting.report("moments_reversed", i, name, text(moment.iat[i]), text(base.iat[i]))
            if wrong.any():
                doubting.rows = doubting.rows.assign(**{name: moment.mask(wrong)})


#: What makes a line of the action list more than an ID that awaits its action.
_SAID = ["action", "owner", "due", "status", "postponed_to", "note"]


def _actions_in_full(doubting: Doubting) -> None:
    """Half-filled lines of the action list count as they are: what they leave open is unknown, and said."""
    frame = doubting.rows
    own = ~frame["action_id"].str.fullmatch(RULED_ACTION).fillna(value=True).astype(bool)
    own &= frame[_SAID].notna().any(axis=1)
    postponed = frame["status"] == "postponed"
    lacking = {
        ("action_unsaid", "action"): own & frame["action"].isna(),
        ("action_undated", "due"): own & frame["due"].isna() & (frame["status"] != "done"),
        ("action_postponed_nowhere", "postponed_to"): postponed & frame["postponed_to"].isna(),
    }
    ids = frame["action_id"].tolist()
    told = {finding.cell for finding in doubting.findings}  # a cell that cannot be read is no blank one
    for (code, name), lacks in lacking.items():
        for i in np.flatnonzero(lacks).tolist():
            if name not in doubting.part.letters or doubting.cell(i, name) not in told:
                doubting.report(code, i, name, "", ids[i])


#: Kind of sheet → the checks of its rows.
ROW_CHECKS: dict[str, tuple[Callable[[Doubting], None], ...]] = {
    "info": (_dates_in_order,),
    "service": (_moments_in_order,),
    "tasks": (_actions_in_full,),
}
