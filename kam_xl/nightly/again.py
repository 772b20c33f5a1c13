"""A past night's master and pages made anew, out of the store and the history alone, and held against what was written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import kam_xl
from kam_xl import resources
from kam_xl.core import chain
from kam_xl.core.chain import Forgotten
from kam_xl.core.errors import KamError
from kam_xl.core.nights import UNEXPLAINED, AskedFor, Night
from kam_xl.core.outside import outside
from kam_xl.core.words import Words
from kam_xl.hosts import log, outputs, reader_version
from kam_xl.hosts.snapshots import Snapshots
from kam_xl.hosts.store import Store
from kam_xl.nightly import bridging, past_nights, recording, writing
from kam_xl.nightly.past_nights import Inputs
from kam_xl.reports.run import RECORD, Run


@dataclass(frozen=True)
class Chosen:
    """A night to make again, as it stands now; ``lacking`` are the numbers of those who were forgotten since."""

    night: Night
    asked: AskedFor
    lacking: tuple[int, ...]

    @property
    def changed(self) -> dict[str, tuple[str, str]]:
        """Which versions are others now than they were then: (then, now)."""
        now = {"product": kam_xl.__version__, "reader": reader_version.current(), "code": reader_version.code()}
        then = {"product": self.night.product, "reader": self.night.reader, "code": self.asked.code}
        return {name: (then[name], now[name]) for name in now if then[name] != now[name]}


def chosen(out: Path, moment: str, words: Words) -> Chosen:
    """The last night that began at a moment, or on a day; `KamError` where there is none that can be made again."""
    kept, later = Store(out), list[Forgotten]()
    for record, link in kept.records():
        if isinstance(record, Forgotten):
            later.insert(0, record)
        elif moment and record.moment.startswith(moment):
            if record.asked is None:
                raise KamError(words("ledger.again.before", night=record.moment))
            night, lacking = _as_it_stands(record, link.own, later)
            return Chosen(night, night.asked or record.asked, lacking)
    raise KamError(words("ledger.again.no_night", night=moment, folder=out, nights=_told(kept, words)))


def _as_it_stands(night: Night, own: str, later: list[Forgotten]) -> tuple[Night, tuple[int, ...]]:
    """A night after what was forgotten, and by which of it anything of the night was touched."""
    lacking = []
    for one in later:
        before, night = night, chain.now(night, own, [one])
        if night != before:
            lacking.append(one.number)
    return night, tuple(lacking)


def _told(kept: Store, words: Words) -> str:
    """From when to when there are nights."""
    moments = [night.moment for night, _ in kept.nights()]
    return words("ledger.again.nights", first=moments[-1], last=moments[0]) if moments else words("ledger.none")


def again(found: Chosen, out: Path, folder: Path, words: Words) -> list[str]:
    """Write a night's outputs into a folder; which of them differ from those of that night.

    `KamError` says what is lost of what it rested on.
    """
    if folder.resolve() == out.resolve():
        raise KamError(words("ledger.again.same", folder=folder))
    try:
        inputs = past_nights.inputs(found.night, out, resources.words(found.night.lang))
        past, then = past_nights.snapshots(found.night, out), compared(found.asked, out, inputs.words)
    except (LookupError, OSError, ValueError) as error:
        raise KamError(words("ledger.again.lost", what=str(error.args[0] if error.args else error))) from error
    with outputs.locked(folder, words), outputs.writing(folder, words), outputs.staging(folder) as staged:
        hashes = remade(staged, inputs, found.asked, past, then)
        outputs.publish(staged, folder, words, writing.outdated(folder), Path(RECORD))
    return sorted(_differing(found.night.outputs, hashes))


def compared(asked: AskedFor, out: Path, words: Words) -> Inputs | None:
    """What the night judged that a night was explained against; `LookupError` where its record is gone."""
    if asked.against in ("", *UNEXPLAINED):
        return None
    kept = Store(out)
    then = next((night for night, _ in kept.nights() if night.moment == asked.against), None)
    if then is None:
        raise LookupError(asked.against)
    return past_nights.compared(then, kept, past_nights.snapshots(then, out), words)


def remade(
    staged: Path, inputs: Inputs, asked: AskedFor, past: Snapshots, then: Inputs | None = None
) -> dict[str, str]:
    """Every output of a night, written as that night wrote it, and their hashes; the record beside them has no seconds.

    ``then`` is what the night judged that it was explained against.
    """
    found = past_nights.assessed(inputs)
    if then is None:
        found = replace(found, unexplained=asked.against)
    else:
        work = partial(bridging.explained, found, inputs.books, inputs.others, then, past)
        found = found.failures.attempt("part", "moves", work, found)
    assessed = outside(found)
    lang, version = inputs.words.lang, inputs.policy.version
    place = (asked.teams_dir, asked.teams_from_out)
    facts = Run(assessed.now, *place, version, kam_xl.__version__, lang, asked.workers, asked.options)
    passed_over = {name: type(kind, (Exception,), {})() for name, kind in asked.passed_over.items()}
    try:
        code = writing.write(staged, assessed, facts, asked.views, past, lambda: passed_over)
        return recording.write(staged, facts, recording.Took({}, {}), assessed, code)
    finally:
        log.failures(assessed.failures)


def _differing(then: dict[str, str], now: dict[str, str]) -> Iterator[str]:
    yield from (name for name in then.keys() | now.keys() if then.get(name) != now.get(name))
