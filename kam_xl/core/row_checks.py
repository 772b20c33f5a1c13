"""What the cells of one row say against each other: days and steps in the wrong order, actions half told."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from kam_xl.core.amounts import unit_factor
from kam_xl.core.doubts import Doubting
from kam_xl.core.findings import Finding
from kam_xl.core.raw import text
from kam_xl.core.reading import SEPARATOR
from kam_xl.core.sheets import BY_KIND, RULED_ACTION, named


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


def _in_own_currency(doubting: Doubting) -> None:
    """Amounts in another currency than the policy's own are unknown, and stay as they were typed (handbook §12)."""
    own, rows = doubting.policy.currencies.own, doubting.rows
    foreign = rows["currency"].notna() & rows["currency"].ne(own)
    if not foreign.any():
        return
    for code, some in rows[foreign].groupby("currency", sort=True):
        cell = doubting.cell(int(np.flatnonzero(rows.index == some.index[0])[0]), "currency")
        place = (doubting.part.sheet, cell, named(doubting.part.kind, "currency"), str(code))
        doubting.findings.append(Finding("currency_without_rate", *place, detail=str(len(some))))
    for name in _MONEY:
        rows = _typed_only(doubting, rows, name, foreign & rows[name].notna())
    doubting.rows = rows


_MONEY = ("amount", "cost", "profit")


def _typed_only(doubting: Doubting, rows: pd.DataFrame, name: str, which: pd.Series) -> pd.DataFrame:
    """The rows, some amounts of one column not as values but as what was typed there."""
    if not which.any():
        return rows
    header = doubting.part.headers[name]
    factor = unit_factor(header, BY_KIND[doubting.part.kind].column(name).unit) or 1.0
    typed = f"{header}=" + (rows.loc[which, name] / factor).round(_DECIMALS).map(text)
    kept = rows.loc[which, "as_typed"]
    kept = kept.mask(~kept.str.contains(f"{header}=", regex=False).fillna(False).astype(bool),
                     (kept + SEPARATOR).fillna("") + typed)  # fmt: skip
    return rows.assign(**{name: rows[name].mask(which), "as_typed": rows["as_typed"].where(~which, kept)})


#: What is typed has at most so many decimals.
_DECIMALS = 6

#: Kind of sheet → the checks of its rows.
ROW_CHECKS: dict[str, tuple[Callable[[Doubting], None], ...]] = {
    "info": (_dates_in_order,),
    "service": (_moments_in_order,),
    "tasks": (_actions_in_full,),
    "orders": (_in_own_currency,),
}
