"""One customer taken out of all that is kept below the output folder, so that the chain still fits and says that it was done.

Entries are written anew under another name, snapshots under their own, and what the last night wrote is written once more:
all of it appears at once with the record of it, or none does.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import hashlib
import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pandas as pd

import kam_xl
from kam_xl import resources
from kam_xl.core import chain, leaving_out
from kam_xl.core.chain import Forgotten, Replaced
from kam_xl.core.errors import KamError
from kam_xl.core.ids import parse_id
from kam_xl.core.leaving_out import Whom
from kam_xl.core.nights import AskedFor, Night
from kam_xl.core.words import Words
from kam_xl.hosts import arrow_books, arrow_frames, outputs, snapshots, store
from kam_xl.hosts.store import Store
from kam_xl.nightly import again, past_nights, writing
from kam_xl.nightly.past_nights import Inputs
from kam_xl.reports.run import RECORD


class Gone(NamedTuple):
    """What was done: its record, the workbooks that still name the customer, and files below the output folder that do."""

    record: Forgotten
    workbooks: tuple[str, ...]
    files: tuple[str, ...]


@dataclass
class _Work:
    """What is written anew on the way, in a folder of its own, beside what it replaces."""

    out: Path
    staged: Path
    who: Whom
    number: int
    entries: dict[str, Replaced] = field(default_factory=dict)
    snapshots: dict[str, Replaced] = field(default_factory=dict)
    rows: Counter[str] = field(default_factory=Counter)
    texts: int = 0
    outdated: list[Path] = field(default_factory=list)


def forget(out: Path, customer_id: str, by: str, now: dt.datetime, words: Words) -> Gone:
    """Take a customer out of the store, the history and the last night's outputs; `KamError` says why it cannot be done."""
    with outputs.locked(out, words), outputs.writing(out, words), outputs.staging(out) as staged:
        kept = Store(out)
        night, own, asked = _last(kept, words)
        who = _whom(kept, out, customer_id, words)
        number = 1 + sum(isinstance(record, Forgotten) for record, _ in kept.records())
        work, made = _Work(out, staged / "kept", who, number), staged / "made"
        made.mkdir()
        _entries(work, kept)
        _snapshots(work)
        dropped = tuple(_dropped(work, kept, own, words))
        record = Forgotten(
            now.isoformat(), number, by, kam_xl.__version__, own, work.entries, work.snapshots, {}, dict(work.rows),
            work.texts, dropped, kept.newest(),
        )  # fmt: skip
        then = _then(kept, asked, record)
        hashes = _made(work, made, chain.now(night, own, [record]), asked, then, words)
        record = dataclasses.replace(record, outputs=hashes, snapshots=work.snapshots | _own_snapshot(out, hashes))
        store.write_record(work.staged / kept.place_of(now, store.FORGOTTEN), record)
        _merge(work.staged, made)
        new = {path.relative_to(made) for path in made.rglob("*") if path.is_file()}
        outputs.publish(made, out, words, [*work.outdated, *writing.outdated(out)], Path(RECORD))
        still = tuple(seen.path for seen in night.books if seen.entry in work.entries)
        return Gone(record, still, tuple(_still(work, new)))


def _own_snapshot(out: Path, hashes: dict[str, str]) -> dict[str, Replaced]:
    """The snapshot that the last night left is the one it leaves when it is written anew."""
    return {
        name: Replaced(_sha256(out / name), name, sha256)
        for name, sha256 in hashes.items()
        if name.startswith(f"{snapshots.FOLDER}/")
    }


def _merge(folder: Path, into: Path) -> None:
    """What stands in a folder put beside what stands in another, which is the newer one."""
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        place = into / path.relative_to(folder)
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            path.replace(place)


def _last(kept: Store, words: Words) -> tuple[Night, str, AskedFor]:
    """The last night, its hash, and how it was asked for; what it wrote must be written anew, so it must be one that can be."""
    last = kept.last()
    if last is None or last[0].asked is None:
        raise KamError(words("ledger.forget.no_night", folder=kept.folder.parent))
    return *last, last[0].asked


# --- who it is --------------------------------------------------------------------------------------------------------


def _whom(kept: Store, out: Path, customer_id: str, words: Words) -> Whom:
    """The customer with every name in what is kept; `KamError` where nothing is kept of them."""
    known = parse_id(customer_id)[0] or ""
    called = [pair for pair in _called(kept, known) if all(pair)]
    for path in snapshots.files(out):
        called += _in_snapshot(path)
    if known not in {one for one, _ in called}:
        raise KamError(words("ledger.forget.unknown", customer=customer_id, folder=out))
    return leaving_out.whom(known, called)


def _called(kept: Store, customer_id: str) -> Iterator[tuple[str, str]]:
    alone = Whom(customer_id, frozenset())
    for path in sorted(kept.books.glob("*")):
        content = _packed(path)
        if content and alone.may_be_in(arrow_books.as_text(content)):
            yield from leaving_out.names(arrow_frames.unpacked([content])[0])


def _in_snapshot(path: Path) -> list[tuple[str, str]]:
    rows = _frame(path)
    if rows is None:
        return []
    return [*rows[["customer_id", "name"]].fillna("").itertuples(index=False, name=None)]


def _packed(path: Path) -> bytes | None:
    """An entry that can be unpacked by this version."""
    try:
        content = path.read_bytes()
        arrow_books.check(content)
    except (OSError, ValueError):
        return None
    return content


def _frame(path: Path) -> pd.DataFrame | None:
    """A snapshot as it lies there; None where it is none."""
    try:
        rows = pd.read_parquet(io.BytesIO(path.read_bytes()))
    except Exception:  # noqa: BLE001 (a foreign file may make a reader raise anything)
        return None
    return rows if {"customer_id", "name"} <= {*rows.columns} else None


# --- what is written anew ---------------------------------------------------------------------------------------------


def _entries(work: _Work, kept: Store) -> None:
    """Every entry that names the customer, without them; one that nobody can read is taken away, for they may be in it."""
    for path in sorted(kept.books.glob("*")):
        content = _packed(path)
        if content and not work.who.may_be_in(arrow_books.as_text(content)):
            continue
        left = _left(work, content) if content else b""
        if left == content:
            continue
        name = f"{path.name}.{work.number}" if left else None
        if name:
            store.write(work.staged / store.FOLDER / store.BOOKS / name, left)
        work.entries[path.name] = Replaced(_sha256(path), name, hashlib.sha256(left).hexdigest() if left else None)
        work.outdated.append(path.relative_to(work.out))


def _left(work: _Work, content: bytes) -> bytes:
    """An entry without the customer, packed; the same one where it does not name them after all."""
    kept = leaving_out.without(arrow_frames.unpacked([content])[0], work.who)
    if not kept.rows and not kept.texts:
        return content
    work.rows.update(kept.rows)
    work.texts += kept.texts
    return arrow_books.packed(kept.content)


def _snapshots(work: _Work) -> None:
    """Every snapshot that names the customer, without them; one that nobody can read is taken away."""
    for path in snapshots.files(work.out):
        rows, name = _frame(path), path.relative_to(work.out)
        if rows is None:
            work.outdated.append(name)
            work.snapshots[name.as_posix()] = Replaced(_sha256(path), None, None)
            continue
        left, texts = leaving_out.without_rows(rows, work.who)
        if len(left) < len(rows) or texts:
            snapshots.write(work.staged / name, left.reset_index(drop=True))
            work.snapshots[name.as_posix()] = Replaced(_sha256(path), name.as_posix(), _sha256(work.staged / name))
            work.texts += texts


def _dropped(work: _Work, kept: Store, newest: str, words: Words) -> Iterator[str]:
    """The hashes of records that name the customer in a file's name: of each nothing but its link is left."""
    for path in kept.places():
        if path.suffix != store.NIGHT:
            continue
        record, link = chain.read(path.read_bytes().decode("utf-8"))
        if not (isinstance(record, Night) and any(map(work.who.is_in, _texts(record)))):
            continue
        if link.own == newest:
            raise KamError(words("ledger.forget.named", folder=work.out))
        if link.content:
            store.write(
                work.staged / path.relative_to(work.out).with_suffix(store.LINK), chain.link_text(link).encode()
            )
            yield link.own
        work.outdated.append(path.relative_to(work.out))


def _texts(night: Night) -> Iterator[str]:
    """What of a record people have named."""
    for seen in night.books:
        yield from filter(None, (seen.path, seen.team, seen.detail))
    yield from night.outputs


class _Both(Store):
    """A store with what is written anew beside it."""

    def __init__(self, out: Path, staged: Path) -> None:
        super().__init__(out)
        self.new = Store(staged)

    def held(self, entry: str, sha256: str | None = None) -> bytes:
        """An entry, the new one where there is one."""
        return self.new.held(entry, sha256) if (self.new.books / entry).is_file() else super().held(entry, sha256)


def _then(kept: Store, asked: AskedFor, record: Forgotten) -> Night | None:
    """The night that the last one was explained against, as it stands without the customer; None where it is gone."""
    found = ((night, own) for night, own in kept.nights() if night.moment == asked.against)
    return next((chain.now(night, own, [record]) for night, own in found), None)


def _compared(work: _Work, then: Night | None, words: Words) -> Inputs | None:
    """What that night judged; None where any of it is lost: the last night is written without why, then."""
    if then is None:
        return None
    with contextlib.suppress(LookupError, OSError, ValueError):
        past = past_nights.snapshots(then, work.staged)
        return past_nights.compared(then, _Both(work.out, work.staged), past, words)
    return None


def _made(work: _Work, made: Path, night: Night, asked: AskedFor, then: Night | None, words: Words) -> dict[str, str]:
    """What the last night wrote, written without the customer; its hashes."""
    needed = {**asked.snapshots, **(then.asked.snapshots if then and then.asked else {})}
    beside = [work.staged / name for name in needed if not (work.staged / name).exists()]
    try:
        for path in beside:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes((work.out / path.relative_to(work.staged)).read_bytes())
        past = past_nights.snapshots(night, work.staged)
        inputs = past_nights.judged(night, _Both(work.out, work.staged), past, resources.words(night.lang))
        hashes = again.remade(made, inputs, asked, past, _compared(work, then, inputs.words))
    except (LookupError, OSError, ValueError) as error:
        raise KamError(words("ledger.forget.lost", folder=work.out)) from error
    for path in beside:
        path.unlink()
    return hashes


# --- what is left of them ---------------------------------------------------------------------------------------------


def _still(work: _Work, new: set[Path]) -> Iterator[str]:
    """Files below the output folder that nobody wrote anew and that name the customer: of other nights, or put there."""
    for path in sorted(path for path in work.out.rglob("*") if path.is_file()):
        name = path.relative_to(work.out)
        if name not in new and name.parts[:2] not in _LOOKED_AT and any(map(work.who.is_in, _said(path))):
            yield name.as_posix()


#: What `_entries` and `_dropped` have seen to.
_LOOKED_AT = ((store.FOLDER, store.BOOKS), (store.FOLDER, store.NIGHTS))


def _said(path: Path) -> Iterator[str]:
    """What a file says: of a workbook each of its parts."""
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as parts:
                yield from (parts.read(name).decode("utf-8", "replace") for name in parts.namelist())
        else:
            yield path.read_bytes().decode("utf-8", "replace")
    except (OSError, zipfile.BadZipFile, zlib.error):  # nothing we may read
        return


def _sha256(path: Path) -> str | None:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None
