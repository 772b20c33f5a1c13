"""Looks a desk over: every known trap, whether it was found, and what to do about it."""

from __future__ import annotations

import datetime as dt
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kam_xl import resources
from kam_xl.core.errors import KamError
from kam_xl.core.privacy import masked
from kam_xl.core.words import Words
from kam_xl.desk import book_traps, machine, places, record, templates, traps
from kam_xl.desk.machine import Machine
from kam_xl.desk.scene import Diagnosis, Scene, State, Trap, unknown
from kam_xl.showing import theme

CHECKLIST = "checklist.{lang}.md"
#: What each state amounts to; what does not apply is neither good nor bad.
VERDICTS = {State.OK: "good", State.WARN: "watch", State.BAD: "bad"}
#: The checklist's heading of one system, and which machine it is for.
_HEADINGS = {"windows": "## Windows", "macos": "## macOS"}


@dataclass(frozen=True)
class Check:
    """One trap looked at: what was found, in a sentence, and what to do where that is not well; fit to be sent on."""

    key: str
    name: str
    state: State
    found: str
    remedy: str = ""

    def __post_init__(self) -> None:
        """Mask what paths and names of workbooks hold that is personal."""
        for part in ("name", "found", "remedy"):
            object.__setattr__(self, part, masked(getattr(self, part)))


def report(lang: str, this: Machine | None = None, workbook: str | None = None) -> tuple[Check, ...]:
    """Every check of this machine, then those of one workbook, or of the installed templates with macros where none is named."""
    scene = _scene(this or machine.this(), resources.words(lang))
    checks = [_check(scene, trap.name, _looked(trap, scene)) for trap in traps.TRAPS]
    made = [one.place for one in scene.record.made if one.kind == "book" and templates.has_macros(one.place)]
    books = [workbook] if workbook else made
    for told in books:
        if workbook or Path(told).exists():
            checks += _book_checks(scene, told)
    return tuple(checks)


def _scene(this: Machine, words: Words) -> Scene:
    where = places.of(this)
    try:
        made = record.read(where.record, words)
    except KamError:  # a damaged record is what the check of the installation says
        made = record.Inventory(where.record)
    return Scene(this, where, made, words)


def _looked(trap: Trap, scene: Scene, *book: object) -> Diagnosis:
    return trap.look(scene, *book) if scene.machine.system in trap.systems else unknown()


def _book_checks(scene: Scene, told: str) -> list[Check]:
    """The checks of one workbook; those that need its contents only where it can be read."""
    book, readable = book_traps.look(scene, told)
    label = Path(told).name or told
    checks = [_check(scene, "book", readable, label)]
    if book.contents is not None and book.contents.ours:
        checks += [_check(scene, trap.name, _looked(trap, scene, book), label) for trap in book_traps.TRAPS]
    return checks


def _check(scene: Scene, key: str, diagnosis: Diagnosis, label: str = "") -> Check:
    words = scene.words
    name = words(f"doctor.{key}.name") + (f" · {label}" if label else "")
    if diagnosis.state is State.NOT_APPLICABLE:
        return Check(key, name, diagnosis.state, words("doctor.not_applicable"))
    found = words(f"doctor.{key}.{diagnosis.code}.found", **diagnosis.values)
    if diagnosis.state is State.OK:
        return Check(key, name, diagnosis.state, found)
    return Check(key, name, diagnosis.state, found, words(f"doctor.{key}.{diagnosis.code}.remedy", **diagnosis.values))


def healthy(checks: Sequence[Check]) -> bool:
    """True when nothing was found wrong."""
    return all(check.state in (State.OK, State.NOT_APPLICABLE) for check in checks)


def as_markdown(checks: Sequence[Check], lang: str, this: Machine, now: dt.datetime) -> str:
    """A file to send: this machine, every check, and the list of what only a person at Excel can tick off."""
    words = resources.words(lang)
    facts = {"when": f"{now:%Y-%m-%d %H:%M}", "system": platform.platform(), "python": ".".join(map(str, this.version))}
    lines = [f"# {words('doctor.title')}", "", words("doctor.facts", **facts), ""]
    lines += ["| " + " | ".join(words(f"doctor.column.{name}") for name in ("state", "name", "found", "remedy")) + " |"]
    lines += ["|---|---|---|---|"]
    lines += [f"| {' | '.join(_cell(text) for text in _row(check, words))} |" for check in checks]
    return "\n".join([*lines, "", *_checklist(lang, this.system)]) + "\n"


def signed(state: State, words: Words) -> str:
    """A state as people read it: its sign and its word."""
    sign = theme.SIGNS.get(VERDICTS.get(state, ""), theme.UNKNOWN)
    return f"{sign} {words(f'doctor.state.{state}')}"


def _row(check: Check, words: Words) -> tuple[str, ...]:
    return signed(check.state, words), check.name, check.found, check.remedy


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _checklist(lang: str, system: str) -> list[str]:
    """The part of the checklist for this system; all of it where it has no part of its own."""
    text = (resources.GUIDE / CHECKLIST.format(lang=lang)).read_text("utf-8").rstrip().split("\n")
    others = [heading for name, heading in _HEADINGS.items() if name != system]
    if system not in _HEADINGS:
        return text
    kept, inside = [], True
    for line in text:
        if line.startswith("## "):
            inside = line not in others
        if inside:
            kept.append(line)
    return kept
