"""The ledger's chain: every record names the one before by its hash, so whoever changes, adds or takes out one breaks it.

A record is a night (`nights.Night`) or that a customer was forgotten. What a night's record says is swept in time; its link
stays: when it was, the record before, the hash of its snapshot and that of all else it said. So the chain is whole from its
first night on, however little of the old ones is kept.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from kam_xl.core.nights import AskedFor, Night, Seen, Stamp

#: Where a night's snapshot stands among its outputs.
_HISTORY = "history/"


class Link(NamedTuple):
    """What of a record holds it to the one before; ``own`` is the hash of the other four.

    ``content`` is None in a record that was made before there was a ledger: all of it is hashed as one, and no other
    record is held to it.
    """

    moment: str
    before: str | None
    snapshot: Mapping[str, str]
    content: str | None
    own: str


class Replaced(NamedTuple):
    """A file that was written anew without a customer: its hash before; its name and hash since, None where it is gone."""

    before: str | None
    name: str | None
    now: str | None


@dataclass(frozen=True)
class Forgotten:
    """The record that a customer was taken out of everything that is kept, by whom, and what was touched.

    ``number`` counts the customers who were forgotten: who it was stands nowhere. ``entries`` of the store and
    ``snapshots`` are named as they were before; ``outputs`` are those of the newest ``night`` since. ``rows`` counts what
    was taken out, by kind of sheet, and ``texts`` the others that named the customer. ``dropped`` are the records that
    named them in a file's name: nothing but their links is left.
    """

    moment: str
    number: int
    by: str
    product: str
    night: str
    entries: dict[str, Replaced]
    snapshots: dict[str, Replaced]
    outputs: dict[str, str]
    rows: dict[str, int]
    texts: int
    dropped: tuple[str, ...]
    before: str | None


Record = Night | Forgotten


# --- to text and back -------------------------------------------------------------------------------------------------


def written(record: Record) -> tuple[str, Link]:
    """A record as it is kept, and its link: that is the first line, all else that it says the second, each one JSON object."""
    told = dataclasses.asdict(record)
    moment, before = told.pop("moment"), told.pop("before")
    content = _text(told)
    link = _link(moment, before, _snapshot(told), _sha256(content))
    return f"{link_text(link)}\n{content}", link


def read(text: str) -> tuple[Record, Link]:
    """A record and its link out of its text; `ValueError` where its hash does not fit, or it is no record."""
    first, _, content = text.partition("\n")
    try:
        if first == "{":
            return _before_the_ledger(text)
        link, told = read_link(first), json.loads(content)
        if _sha256(content) != link.content or _snapshot(told) != link.snapshot:
            raise ValueError("its hash does not fit")
        record = (_forgotten if "number" in told else _night)(told | {"moment": link.moment, "before": link.before})
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError("it is no record") from error
    return record, link


def link_text(link: Link) -> str:
    """A link as it is kept, also where nothing else is left of a record."""
    return _text(link._asdict())


def read_link(text: str) -> Link:
    """A link out of its text; `ValueError` where its hash does not fit, or it is none."""
    try:
        link = Link(**json.loads(text))
        if link.content is None or link != _link(*link[:-1]) or link_text(link) != text:
            raise ValueError("its hash does not fit")
    except (AttributeError, TypeError) as error:
        raise ValueError("it is no link") from error
    return link


def _link(moment: str, before: str | None, snapshot: Mapping[str, str], content: str | None) -> Link:
    link = Link(moment, before, snapshot, content, "")
    return link._replace(own=_sha256(_text({name: value for name, value in link._asdict().items() if name != "own"})))


def _snapshot(told: Mapping[str, Any]) -> dict[str, str]:
    """The snapshot that a night left in the history, with its hash: it outlives the record."""
    outputs = {} if "number" in told else told["outputs"]
    return {name: sha256 for name, sha256 in outputs.items() if name.startswith(_HISTORY)}


def _text(told: Mapping[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _night(told: dict[str, Any]) -> Night:
    books = tuple(Seen(**{**one, "stamp": one["stamp"] and Stamp(*one["stamp"])}) for one in told["books"])
    asked = told.get("asked")
    return Night(**{**told, "books": books, "asked": asked and AskedFor(**asked | {"views": tuple(asked["views"])})})


def _forgotten(told: dict[str, Any]) -> Forgotten:
    replaced = {part: {name: Replaced(*one) for name, one in told[part].items()} for part in ("entries", "snapshots")}
    return Forgotten(**{**told, **replaced, "dropped": tuple(told["dropped"])})


def _before_the_ledger(text: str) -> tuple[Night, Link]:
    """A record as it was kept before: one JSON object over many lines, its own hash last."""
    told = json.loads(text)
    if json.dumps(told, ensure_ascii=False, indent=1) != text:
        raise ValueError("it is not written as a record was")
    own = told.pop("own")
    if own != _sha256(json.dumps(told, ensure_ascii=False, sort_keys=True)):
        raise ValueError("its hash does not fit")
    night = _night(told)
    return night, Link(night.moment, night.before, {}, None, own)


# --- what became of it since ------------------------------------------------------------------------------------------


def now(night: Night, own: str, later: Sequence[Forgotten]) -> Night:
    """A night as it stands after what was forgotten later, the oldest first: its entries, snapshots and outputs."""
    for one in later:
        outputs = one.outputs if one.night == own else _renamed(night.outputs, one.snapshots)
        asked = night.asked and dataclasses.replace(
            night.asked, snapshots=_renamed(night.asked.snapshots, one.snapshots)
        )
        books = tuple(_seen(seen, one.entries) for seen in night.books)
        night = dataclasses.replace(night, books=books, outputs=dict(outputs), asked=asked)
    return night


def _seen(seen: Seen, entries: Mapping[str, Replaced]) -> Seen:
    found = entries.get(seen.entry or "")
    return dataclasses.replace(seen, entry=found.name, content=found.now) if found else seen


def _renamed(hashes: Mapping[str, str], replaced: Mapping[str, Replaced]) -> dict[str, str]:
    """Files with the hashes they have since; those that are gone left out."""
    found = {name: replaced[name].now if name in replaced else sha256 for name, sha256 in hashes.items()}
    return {name: sha256 for name, sha256 in found.items() if sha256}


def since(hashes: Mapping[str, str], later: Iterable[Forgotten]) -> dict[str, str]:
    """Snapshots with the hashes they have after what was forgotten later."""
    for one in later:
        hashes = _renamed(hashes, one.snapshots)
    return dict(hashes)


def swept_before(nights: Iterable[tuple[dt.date, int]]) -> dt.date:
    """The day before which a night may have been swept: (day, days of which all nights are kept) of every night there is."""
    return max((day - dt.timedelta(days=kept) for day, kept in nights), default=dt.date.min)


def mark(own: str) -> str:
    """A record's hash as people note it down: its beginning, in letters alone, so that nothing looks like a phone number."""
    return own[:_MARK].translate(_LETTERS)


_MARK, _LETTERS = 24, str.maketrans("0123456789", "ghijklmnop")


def digest(files: Mapping[str, str]) -> str:
    """One hash for a folder of files, each by its name with its own."""
    return _sha256(json.dumps(files, ensure_ascii=False, sort_keys=True))
