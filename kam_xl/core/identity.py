"""Which customer a cell means: what the customer sheets hold decides, never the shape of what was typed (handbook §11, §12).

A cell may hold an ID, a name, or both in either order. Where that leaves a doubt it means nobody, and the question is
whom it may mean.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from rapidfuzz import process
from rapidfuzz.distance import OSA

from kam_xl.core import texts
from kam_xl.core.customer_cells import ASKED, as_typed, is_unlike_any
from kam_xl.core.ids import NORMAL, parse_id, parse_id_name
from kam_xl.core.texts import narrow

_folded = functools.lru_cache(maxsize=65536)(texts.folded)
_bare = functools.lru_cache(maxsize=65536)(texts.essence)


def _key(text: str) -> str:
    return parse_id(text)[0] or ""


# --- the customers' own IDs --------------------------------------------------------------------------------------


def normal(ids: pd.Series) -> pd.Series:
    """IDs after width, case and blanks; one that is like no other stays."""
    forms = {one: one if is_unlike_any(one) else _key(one) for one in ids.dropna().unique().tolist()}
    return ids.map(forms).astype("str") if any(one != form for one, form in forms.items()) else ids.astype("str")


def settled(ids: pd.Series, typed: pd.Series, names: pd.Series) -> pd.Series:
    """The IDs of customer rows: where forms of one ID carry different names, each row has its own as it was typed (§12).

    Forms that share a name are one customer.
    """
    forms = typed.str.strip()
    if ids.eq(forms).all():
        return ids
    rows = pd.DataFrame({"id": normal(ids), "form": forms, "name": names.map(_folded, na_action="ignore")})
    several = rows.groupby("id")[["form", "name"]].transform("nunique").gt(1).all(axis=1)
    apart = {
        (customer_id, form): own
        for customer_id, group in rows[several].groupby("id")
        for form, own in _apart(zip(group["form"], group["name"], strict=True)).items()
    }
    own = [apart.get(key, key[0]) for key in zip(rows["id"], rows["form"], strict=True)]
    return pd.Series(own, index=ids.index, dtype="str")


def _apart(named: Iterable[tuple[str, object]]) -> dict[str, str]:
    """Form → the form its customer goes by; none where the names tie all forms together."""
    parts: list[tuple[set[str], set[str]]] = []  # forms and names of one customer each
    for form, name in sorted(set(named), key=str):
        names = {name} if isinstance(name, str) else set()
        ours = [part for part in parts if form in part[0] or names & part[1]]
        parts = [part for part in parts if part not in ours]
        parts.append(({form}.union(*(part[0] for part in ours)), names.union(*(part[1] for part in ours))))
    if sum(bool(names) for _, names in parts) <= 1:
        return {}
    return {form: min(forms) for forms, _ in parts for form in forms}


# --- whom a cell means -------------------------------------------------------------------------------------------


class Meant(NamedTuple):
    """Whom a cell means: the customer's ID where that is sure, and what is to be said: a code, and whom it is about."""

    customer_id: str | None = None
    code: str | None = None
    about: tuple[str, ...] = ()


_SEVERAL = re.compile(r"[、，,；;/／|｜&＆+＋\n]|和|与|與|及|\band\b")
_PARTING = frozenset("/|\\、,:;()[]{}<>《》【】〔〕「」『』 \t\n\r")
#: Where an ID may end or begin: at anything but letters and digits, and where one script follows the other.
_EDGE = re.compile(r"(?<=[!-~])(?=[^\W!-~])|(?<=[^\W!-~])(?=[!-~])|[\W_]")
_JOINING = "-_#.·~—–*+=& "  # may stand between an ID and a name, and in either of them
_REACH = 100  # characters of an ID beside a name; a longer one is known only where it stands alone
_LIKE_AN_ID = re.compile(r"[A-Za-z]{0,8}[-_]?\d[\w-]*", re.ASCII)


@dataclass(frozen=True)
class Known:
    """The customers of all customer sheets, by all they are called; `known` makes it."""

    #: Normal form of an ID → its customers: several where its forms or damaged ones stay apart.
    ids: dict[str, tuple[str, ...]]
    named: frozenset[tuple[str, str]]  # (customer, name)
    of_team: frozenset[tuple[str, str]]  # (team, customer)

    @functools.cached_property
    def plainly(self) -> dict[str, str]:
        """What needs no closer look: an ID in its normal form, or ID/name as a customer sheet has them → who is meant."""
        sure = {key: own[0] for key, own in self.ids.items() if len(own) == 1 and NORMAL.fullmatch(key)}
        keys = {one: key for key, one in sure.items()}
        with_name = {f"{keys[one]}/{name}": one for one, name in self.named if name and one in keys}
        return {key: one for key, one in sure.items() if not is_unlike_any(one)} | with_name

    @functools.cached_property
    def names(self) -> dict[str, tuple[str, ...]]:
        """Folded name → its customers."""
        return _by((_folded(name), one) for one, name in self.named)

    @functools.cached_property
    def called(self) -> dict[str, tuple[str, ...]]:
        """Customer → its names, bare."""
        return _by((one, _bare(name)) for one, name in self.named)

    @functools.cached_property
    def customers(self) -> frozenset[str]:
        """Every customer's ID."""
        return frozenset(customer_id for _, customer_id in self.of_team)

    def meant(self, text: str, team: str, beside: str | None = None) -> Meant:
        """Whom a cell of a team means; ``beside`` is the name in the column beside it."""
        typed, _, name = text.partition("/")  # as most are: no need to look further
        if name and len(own := self.ids.get(typed, ())) == 1 and self._is_named(own[0], name):
            return Meant(own[0])
        by_id = self._by_id(text, team)
        if len(by_id) == 1 and not is_unlike_any(by_id[0]):
            return self._confirmed(by_id[0], beside)
        by_name = self._by_name(text, team)
        if len(by_name) == 1:
            return Meant(by_name[0])
        several = self._several(text, team)
        if len(several) > 1:
            return Meant(None, "customers_several", several)
        parted = sorted(self._parted(text, team), reverse=True)
        if parted and parted[0].sure:
            return self._confirmed(parted[0].customer_id, parted[0].name)
        names = (beside, parse_id_name(text)[1])
        named = (one for name in names if name for one in self._by_name(name, team))
        maybe = tuple(dict.fromkeys((*by_id, *by_name, *(one.customer_id for one in parted), *named)))
        return Meant(None, _question(maybe), maybe)

    def may_be_called(self, customer_id: str, name: str) -> bool:
        """True where a name is the customer's, a part of it, or an abbreviation: 中石化 of 中国石油化工."""
        bare = _bare(name)
        names = self.called.get(customer_id, ())
        return self._is_called(customer_id, name) or any(
            _abbreviates(bare, one) or _abbreviates(one, bare) for one in names
        )

    def _by_id(self, text: str, team: str) -> tuple[str, ...]:
        """The customers of an ID: of several, the team's own, else the one typed exactly so."""
        found = self.ids.get(_key(text), ())
        if len(found) > 1:
            own = self._own(found, team)
            found = own if len(own) == 1 else tuple(one for one in own if one == text.strip()) or own
        return found

    def _by_name(self, text: str, team: str) -> tuple[str, ...]:
        return self._own(self.names.get(_folded(text), ()), team)

    def _own(self, found: tuple[str, ...], team: str) -> tuple[str, ...]:
        """Of several the team's own, if there are any: a team means its own customers first."""
        return tuple(one for one in found if (team, one) in self.of_team) or found if len(found) > 1 else found

    def _several(self, text: str, team: str) -> tuple[str, ...]:
        """The customers of a cell that names several; an ID and a name are one customer, or contradict each other."""
        parts = [part.strip() for part in _SEVERAL.split(text)]
        if len(parts) == 1:
            return ()
        by_id = [self._by_id(part, team) or self._surely(part, team) for part in parts]
        by_name = [self._by_name(part, team) for part in parts]
        sure = [dict.fromkeys(one[0] for one in found if len(one) == 1) for found in (by_id, by_name)]
        return tuple(sure[0] or sure[1])

    def _surely(self, text: str, team: str) -> tuple[str, ...]:
        return tuple({one.customer_id for one in self._parted(text, team) if one.sure})

    def _parted(self, text: str, team: str) -> Iterator[_Parted]:
        """Every known ID that may stand beside a name in a text."""
        for typed, between, name in _beside(text):
            found = self._by_id(typed, team)
            if len(found) == 1:
                yield _Parted(self._how_sure(found[0], between, name), len(typed), found[0], name)

    def _how_sure(self, customer_id: str, between: str, name: str) -> int:
        """2: the name is the customer's; 1: it can be nothing but a name; 0: it may be the rest of another ID."""
        plain, parting = narrow(name).strip(_JOINING), (narrow(between) or between) in _PARTING
        if self._is_called(customer_id, name) and (parting or not plain.isascii() or self._is_named(customer_id, name)):
            return 2
        if is_unlike_any(customer_id):
            return 0
        if parting:
            return int(not _LIKE_AN_ID.fullmatch(plain))
        return int(bool(between) and not plain.isascii())

    def _is_named(self, customer_id: str, name: str) -> bool:
        return _bare(name) in self.called.get(customer_id, ())

    def _is_called(self, customer_id: str, name: str) -> bool:
        bare = _bare(name)
        return any(bare == one or (len(min(bare, one, key=len)) > 1 and (bare in one or one in bare))
                   for one in self.called.get(customer_id, ()))  # fmt: skip

    def _confirmed(self, customer_id: str, name: str | None) -> Meant:
        """The customer of an ID; told where the name beside it is another's, or nothing like its own."""
        if not name or not _bare(name) or customer_id not in self.called or self._is_called(customer_id, name):
            return Meant(customer_id)
        others = tuple(one for one in self.names.get(_folded(name), ()) if one != customer_id)
        if others:
            return Meant(customer_id, "customer_contradicts", others)
        return Meant(customer_id, None if self.may_be_called(customer_id, name) else "customer_name_other")


class _Parted(NamedTuple):
    """A text as an ID and a name; the surest is the greatest, then that of the longest ID."""

    sure: int
    length: int
    customer_id: str
    name: str


def _question(maybe: tuple[str, ...]) -> str | None:
    if not maybe:
        return None
    return "customer_meant" if len(maybe) == 1 else "customer_unclear"


def _abbreviates(short: str, name: str) -> bool:
    """True where a name has every character of a shorter one, in order."""
    left = iter(name)
    return len(short) > 1 and all(char in left for char in short)


def _beside(text: str) -> Iterator[tuple[str, str, str]]:
    """Every way to take a text for an ID and a name, in either order: (ID, what stands between, name)."""
    for edge in _EDGE.finditer(text, 0, _REACH):
        yield text[: edge.start()], edge[0], text[edge.end() :]
    for edge in _EDGE.finditer(text, max(len(text) - _REACH, 0)):
        behind = text[edge.end() :]
        yield behind.rstrip(_CLOSING) if edge[0] and edge[0] in _OPENING else behind, edge[0], text[: edge.start()]


_OPENING, _CLOSING = "([{【〔「『（［｛", ")]}】〕」』）］｝ "


def known(records: pd.DataFrame) -> Known:
    """The customers of every customer sheet, from ``customer_id``, ``name`` and ``team`` of their rows."""
    ids, names, teams = (records[name].tolist() for name in ("customer_id", "name", "team"))
    return Known(
        _by((_key(as_typed(one)), one) for one in dict.fromkeys(ids)),
        frozenset(pair for pair in zip(ids, names, strict=True) if isinstance(pair[1], str)),
        frozenset(zip(teams, ids, strict=True)),
    )


def _by(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Key → its different values, in their order."""
    found: dict[str, list[str]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return {key: tuple(sorted(set(own)) if len(own) > 1 else own) for key, own in found.items()}


# --- rows of the other sheets ------------------------------------------------------------------------------------

#: What was asked of a row's cell: what stands in it, of which team, and what stands beside it.
_Cell = tuple[str, str, str | None]


def resolved(rows: pd.DataFrame, who: Known) -> pd.DataFrame:
    """Rows with the ID of the customer each means, and what is to be said of it: ``asked`` (a code) and ``about`` (IDs).

    A row that means nobody for sure keeps the ID that `validation` read in it, unless that is a customer's. Most cells are
    plain; every other is looked at once.
    """
    ids = np.array(list(map(who.plainly.get, rows["customer_typed"].tolist())), dtype=object)
    asked, about = np.full(len(rows), None, dtype=object), np.full(len(rows), None, dtype=object)
    about[:] = [()] * len(rows)
    odd = np.flatnonzero(pd.isna(ids) | rows[ASKED[2]].notna() | (rows["customer_id"] != ids))
    for place, answer in zip(odd, _looked_at(rows.iloc[odd], who) if len(odd) else (), strict=True):
        ids[place], asked[place], about[place] = answer
    return rows.assign(
        customer_id=pd.array(ids, dtype="str"), asked=pd.array(asked, dtype="str"), about=pd.Series(about, rows.index)
    )


def _looked_at(rows: pd.DataFrame, who: Known) -> list[tuple[str | None, str | None, tuple[str, ...]]]:
    """Whom each row means, or the ID that was read in it; the code of what is asked, and whom it is about."""
    columns = (
        rows[name].astype(object).where(rows[name].notna(), None) for name in ("customer_typed", "team", ASKED[2])
    )
    cells = list(zip(*columns, strict=True))
    found = {cell: who.meant(*cell) for cell in dict.fromkeys(cells) if cell[0] is not None}
    found |= _offered([cell for cell, meant in found.items() if meant == Meant()], who)
    each = [_doubted(found.get(cell, Meant()), read) for cell, read in zip(cells, rows["customer_id"], strict=True)]
    nobody = rows["customer_id"].mask(rows["customer_id"].isin(list(who.customers)))
    return [(meant.customer_id or read, *meant[1:]) for meant, read in zip(each, nobody, strict=True)]


def _doubted(meant: Meant, read: object) -> Meant:
    """Of a damaged ID nobody is sure, whoever has the same digits."""
    if meant.customer_id and isinstance(read, str) and is_unlike_any(read):
        return Meant(None, "customer_meant", (meant.customer_id,))
    return meant


def _offered(cells: Sequence[_Cell], who: Known) -> dict[_Cell, Meant]:
    """Cells that mean nobody → the only customer whose ID or name is one letter away, where there is one."""
    read = {cell: parse_id_name(cell[0]) for cell in cells}
    names = {cell: _folded(name or cell[2] or "") for cell, (_, name, _) in read.items()}
    near_ids = _near((_key(one or cell[0]) for cell, (one, _, _) in read.items()), who.ids, _SHORTEST_ID)
    near_names = _near(names.values(), who.names, _SHORTEST_NAME)
    found = {}
    for cell, (typed, _, _) in read.items():
        by_id = {one for one in near_ids.get(_key(typed or cell[0]), ())
                 if not (typed and names[cell]) or who.may_be_called(one, names[cell])}  # fmt: skip
        maybe = tuple(by_id | {*near_names.get(names[cell], ())})
        if len(maybe) == 1:
            found[cell] = Meant(None, "customer_meant", maybe)
    return found


#: A shorter ID or name has too many others one letter away.
_SHORTEST_ID, _SHORTEST_NAME = 3, 4
#: So many different texts are held against all that are known; where more mean nobody, no slip of the pen explains it.
_MOST_ASKED, _AT_A_TIME = 1000, 100


def _near(typed: Iterable[str], choices: dict[str, tuple[str, ...]], shortest: int) -> dict[str, tuple[str, ...]]:
    """Text → the customers of every choice one letter away from it: another, one more, one less, or two exchanged."""
    asked = sorted({text for text in typed if shortest <= len(text) <= _REACH})[:_MOST_ASKED]
    others = list(choices)
    found: dict[str, tuple[str, ...]] = {}
    for start in range(0, len(asked) if others else 0, _AT_A_TIME):
        some = asked[start : start + _AT_A_TIME]
        away = process.cdist(some, others, scorer=OSA.distance, score_cutoff=1, dtype=np.uint8)
        for text, line in zip(some, away, strict=True):
            found[text] = tuple(one for place in np.flatnonzero(line <= 1) for one in choices[others[place]])
    return found
