"""What the commands of the ledger do: look whether it is whole, make a past night again, forget a customer; and what each says."""

from __future__ import annotations

import datetime as dt
import getpass
from collections.abc import Iterable
from pathlib import Path

from kam_xl.core import chain
from kam_xl.core.errors import KamError
from kam_xl.core.words import Words
from kam_xl.doors.exits import DONE, IN_PART
from kam_xl.doors.terminal import console, say
from kam_xl.hosts import store
from kam_xl.nightly import again as nights_again
from kam_xl.nightly import forgetting, verifying
from kam_xl.nightly.verifying import Broken, Verified

#: So many of what does not fit are told one by one.
_TOLD = 20


def verify(out: Path, mark: str | None, words: Words) -> int:
    """Whether the ledger is whole, and holds the record that bore a mark; 1 where not."""
    if not (out / store.FOLDER).is_dir():
        raise KamError(words("ledger.verify.no_store", folder=out))
    found = verifying.verify(out)
    _tell_broken(found, words) if found.broken else _tell_whole(found, words)
    known = mark is None or any(chain.mark(own).startswith(mark) for own in found.hashes)
    if mark:
        say(console, words(f"ledger.verify.{'seen' if known else 'unseen'}", mark=mark), None if known else "bold red")
    return DONE if known and not found.broken else IN_PART


def _tell_whole(found: Verified, words: Words) -> None:
    counted = {"nights": found.nights, "swept": found.swept, "forgotten": found.forgotten, "files": found.files}
    say(console, words("ledger.verify.whole", **counted))
    if found.older:
        say(console, words("ledger.verify.older", nights=found.older))
    say(console, words("ledger.verify.older_outputs"))
    if found.newest:
        say(console, words("ledger.mark", mark=chain.mark(found.newest)))


def _tell_broken(found: Verified, words: Words) -> None:
    """The first break, and what else does not fit."""
    first, *others = found.broken
    chained = first.file.startswith(f"{store.FOLDER}/{store.NIGHTS}/")
    say(console, words(f"ledger.verify.{'first' if chained else 'not_chain'}", where=_where(first, words)), "bold red")
    if others:
        say(console, words("ledger.verify.others", count=len(others)))
        _list([_where(one, words) for one in others], words)


def _where(one: Broken, words: Words) -> str:
    what, file = words(f"ledger.broken.{one.what}"), _shown(one.file)
    if not one.record or one.record in one.file:
        return words("ledger.verify.where_alone", file=file, what=what)
    return words("ledger.verify.where", file=file, night=Path(one.record).stem, what=what)


def _shown(file: str) -> str:
    """A file by so much of its name that it can be found: a long name of digits would be taken for a phone number's."""
    name = Path(file).name
    return f"{file[: -len(name)]}{name[:_SHOWN]}…" if len(name) > _LONG else file


_SHOWN, _LONG = 8, 60


def again(out: Path, night: str, folder: Path | None, words: Words) -> int:
    """A night made again in a folder of its own; 1 where anything is not what it was."""
    found = nights_again.chosen(out, night, words)
    for name, (then, now) in found.changed.items():
        told = (then, now) if name == "product" else (chain.mark(then), chain.mark(now))
        facts = dict(zip(("then", "now"), told, strict=True))
        say(console, words("ledger.again.version", name=words(f"ledger.version.{name}"), **facts), "yellow")
    if found.lacking:
        say(console, words("ledger.again.lacking", numbers=", ".join(map(str, found.lacking))), "yellow")
    folder = folder or out.with_name(f"{out.resolve().name}-{store.name(found.night.moment)}")
    differing = nights_again.again(found, out, folder, words)
    facts = {"night": found.night.moment, "folder": str(folder)}
    if differing:
        say(console, words("ledger.again.differs", files=", ".join(differing), **facts), "bold red")
    else:
        say(console, words("ledger.again.same_bytes", count=len(found.night.outputs), **facts))
    return IN_PART if differing else DONE


def forget(out: Path, customer_id: str, words: Words) -> int:
    """A customer taken out of all that is kept; 1 where something is left that people must see to."""
    if not (out / store.FOLDER).is_dir():
        raise KamError(words("ledger.verify.no_store", folder=out))
    gone = forgetting.forget(out, customer_id, _user(), dt.datetime.now(), words)
    record = gone.record
    counted = {"entries": len(record.entries), "snapshots": len(record.snapshots), "texts": record.texts}
    say(console, words("ledger.forget.done", number=record.number, rows=sum(record.rows.values()), **counted))
    if record.dropped:
        say(console, words("ledger.forget.dropped", count=len(record.dropped)), "yellow")
    for key, names in (("workbooks", gone.workbooks), ("files", gone.files)):
        if names:
            say(console, words(f"ledger.forget.{key}"), "yellow")
            _list(names, words)
    say(console, words("ledger.forget.outside"))
    return IN_PART if gone.workbooks or gone.files else DONE


def _list(lines: Iterable[str], words: Words) -> None:
    lines = [*lines]
    for line in lines[:_TOLD]:
        say(console, f"  {line}")
    if len(lines) > _TOLD:
        say(console, words("ledger.verify.more", count=len(lines) - _TOLD))


def _user() -> str:
    """Who is at work, as the system knows them."""
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):  # a container's user may have no name
        return "?"
