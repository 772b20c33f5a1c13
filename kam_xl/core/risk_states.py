"""What was known of a risk before: its memory in a snapshot, its state tonight, and the risks that are gone (§7).

A risk already known is not news, and one is only gone where tonight somebody could have said that it is still there.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter

import numpy as np
import pandas as pd

from kam_xl.core import frames
from kam_xl.core.kinds import LEVELS
from kam_xl.core.risk_view import View

STATES = ("new", "worse", "continuing", "eased")  # news first
CLOSED = tuple(frames.ASSESSMENT["closed"])
_FIELDS = ("key", "rule", "level", "due", "since", "changed")
_DATES = ("due", "since", "changed")
_KNOWN = frames.text("customer_id key rule level") | frames.day(" ".join(_DATES))


def remembered(past: pd.DataFrame | None) -> pd.DataFrame:
    """Every risk that a snapshot knows, one row each: customer_id, key, rule, level, due, since, changed.

    ``since`` is the day it was first seen, ``changed`` the day it reached its level. A snapshot of an older version
    knows key and due date only: the day of the snapshot stands for the others.
    """
    if past is None or not {"risks", "due"} & {*past.columns}:
        return frames.empty(_KNOWN)
    column, names = ("due", ("key", "due")) if "due" in past else ("risks", _FIELDS)
    past = past.loc[past[column].fillna("") != "", ["customer_id", "on", column]]
    if past.empty:
        return frames.empty(_KNOWN)
    texts = past[column].tolist()
    each, keys, which, fields = _read(texts, names)
    seen = past["on"].to_numpy("datetime64[s]").repeat(each)
    days = {name: _days(fields[name])[which] if name in fields else seen for name in _DATES}
    days |= {name: np.where(np.isnat(days[name]), seen, days[name]) for name in ("since", "changed")}
    told = {name: fields.get(name, np.full(len(which), None))[which] for name in ("rule", "level")}
    known = {"customer_id": past["customer_id"].to_numpy().repeat(each), "key": keys, **told, **days}
    return frames.made(known, _KNOWN, pd.RangeIndex(len(keys))).drop_duplicates("key", ignore_index=True)


def _read(
    texts: list[str], names: Sequence[str]
) -> tuple[list[int], list[str | None], np.ndarray, dict[str, np.ndarray]]:
    """How many risks each text holds; their keys; and all else as a number among the few that differ, with the fields of these.

    `ValueError` where one has other fields than these names, the key's first.
    """
    met: dict[str, int] = {}
    each, keys, which = [], list[str | None](), []
    for text in texts:
        risks = text.split(" ")
        each.append(len(risks))
        for risk in risks:
            key, _, rest = risk.partition("=")
            keys.append(key or None)
            which.append(met.setdefault(rest, len(met)))
    columns = zip(*(rest.split("=") for rest in met), strict=True)
    fields = {
        name: np.array([text or None for text in column], dtype=object)
        for name, column in zip(names[1:], columns, strict=True)
    }
    return each, keys, np.array(which), fields


def _days(texts: np.ndarray) -> np.ndarray:
    """Days as texts; an unknown one is none."""
    return pd.Series(texts, dtype="str").fillna("").to_numpy("str").astype("datetime64[D]").astype("datetime64[s]")


def as_text(known: pd.DataFrame) -> pd.Series:
    """Customer → its risks as a snapshot holds them: ``key=rule=level=due=since=changed``, a blank between."""
    columns = [_as_texts(known[name]) if name in _DATES else known[name].fillna("").tolist() for name in _FIELDS]
    found: dict[str, list[str]] = {}
    for customer_id, fields in zip(known["customer_id"].tolist(), zip(*columns, strict=True), strict=True):
        found.setdefault(customer_id, []).append("=".join(fields))
    return pd.Series({customer_id: " ".join(texts) for customer_id, texts in found.items()}, dtype="str")


def _as_texts(days: pd.Series) -> list[str]:
    """Days as texts; an unknown one is none."""
    texts: list[str] = np.where(days.isna(), "", np.datetime_as_string(days.to_numpy("datetime64[D]"))).tolist()
    return texts


def promises(texts: pd.Series) -> pd.Series:
    """Of risks as a snapshot holds them (`as_text`) what later nights' days rest on, in one order: key, due, since."""
    of = itemgetter(*(_FIELDS.index(name) for name in ("key", "due", "since")))
    return texts.map(lambda text: sorted(of(risk.split("=")) for risk in text.split(" ")), na_action="ignore").astype(
        "str"
    )


def with_state(risks: pd.DataFrame, known: pd.DataFrame, today: pd.Timestamp) -> pd.DataFrame:
    """Risks with the due date promised before (``promised``), and state, since, changed, days (since it reached its level) and age.

    The state tells tonight from the night before (`STATES`): worse and eased are moves of the level; the night after
    they are continuing, and ``days`` goes on counting from the move.
    """
    before = known.set_index("key").reindex(risks["key"]).set_axis(risks.index)
    step = (_height(risks["level"]) - _height(before["level"])).fillna(0)
    is_new, rose, fell = (one.to_numpy() for one in (before["since"].isna(), step > 0, step < 0))
    state = pd.Series(
        np.select([is_new, rose, fell], ["new", "worse", "eased"], "continuing"), risks.index, dtype="str"
    )
    since = before["since"].fillna(today)
    changed = before["changed"].where(state == "continuing", today)
    days = (today - changed).dt.days.astype("int64")
    due = before["due"].fillna(risks["due"])
    age = (today - since).dt.days.astype("int64")
    promised = before["due"].notna()
    return risks.assign(due=due, promised=promised, state=state, since=since, changed=changed, days=days, age=age)


def _height(levels: pd.Series) -> pd.Series:
    return levels.map({level: place for place, level in enumerate(reversed(LEVELS))}).astype("float64")


def closed(view: View, known: pd.DataFrame, risks: pd.DataFrame, reads: dict[str, tuple[str, ...]]) -> pd.DataFrame:
    """The known risks that are gone tonight (`CLOSED`), the longest known first; ``days`` is how long each was known.

    ``reads`` names what each rule of tonight must know. A risk is not gone where its rule is switched off, its customer
    is not in the portfolio, or nobody's sheet could tell tonight (`View.recorded`): then it stays as known.
    """
    if known.empty:
        return frames.empty(frames.ASSESSMENT["closed"])
    gone = known[pd.Index(risks["key"]).get_indexer(known["key"]) < 0]
    place = pd.Index(view.customers["customer_id"]).get_indexer(gone["customer_id"])
    gone, place = gone[place >= 0], place[place >= 0]
    told = gone["rule"].isin(list(reads)).to_numpy()
    for kind in {kind for kinds in reads.values() for kind in kinds}:
        needed = gone["rule"].isin([rule for rule, kinds in reads.items() if kind in kinds])
        told = told & (~needed.to_numpy() | view.recorded(kind).to_numpy()[place])
    gone = gone[told]
    names = view.customers["name"].set_axis(view.customers["customer_id"])
    days = (view.today - gone["since"]).dt.days.astype("int64")
    gone = gone.assign(name=gone["customer_id"].map(names).astype("str"), days=days)
    return in_order(gone)[list(CLOSED)]


def in_order(gone: pd.DataFrame) -> pd.DataFrame:
    """The longest known first."""
    return gone.sort_values(["days", "customer_id", "rule"], ascending=[False, True, True], ignore_index=True)
