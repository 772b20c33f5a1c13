"""After a run every channel hears what it has not heard before; a small file in the history keeps what it knows."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import logging
from pathlib import Path
from typing import Any

from kam_xl.core import chain
from kam_xl.core.assessment import Assessment
from kam_xl.core.errors import KamError
from kam_xl.core.privacy import masked
from kam_xl.core.words import Words
from kam_xl.hosts import notify, outputs, snapshots
from kam_xl.hosts.notify import Delivery
from kam_xl.hosts.replacing import replacing
from kam_xl.hosts.settings import Settings
from kam_xl.hosts.store import Store
from kam_xl.reports import message
from kam_xl.reports.message import Message

#: What every channel knows, below the output folder: keys of risks and names of workbooks, no customer's data.
FILE = f"{snapshots.FOLDER}/told.json"
_LOG = logging.getLogger("kam_xl")


def after_run(settings: Settings, out: Path, page: Path, assessed: Assessment) -> list[Delivery]:
    """Tell every channel what is new to it; what was said is known from then on, by that channel alone."""
    if not settings.notify:
        return []
    known, place = _known(out), masked(str(page.resolve()))
    if own := Store(out).newest():  # noted down where nobody can reach it who can reach the outputs
        place = assessed.words("ledger.place", place=place, mark=chain.mark(own))

    def compose(address: str, room: int | None) -> Message | None:
        already = known.get(_name(address), {}).get("known", {})
        return message.message(assessed, already, top=settings.risks_told, place=place, room=room)

    outcomes = notify.tell(settings.notify, compose, page if settings.attach_summary else None)
    for address, outcome in zip(settings.notify, outcomes, strict=True):
        memory = known.setdefault(_name(address), {})
        knows = message.unheard if outcome.outcome == "failed" else message.heard
        memory["known"] = knows(assessed, memory.get("known", {}))
    _keep(out, known)
    return outcomes


def after_failure(settings: Settings, out: Path, sentence: str, words: Words, day: dt.date) -> list[Delivery]:
    """Tell every channel that a run could not be done and why: the same reason once a day.

    What was told is kept where no run holds the folder.
    """
    if not settings.notify:
        return []
    known, today, sentence = _known(out), day.isoformat(), masked(sentence)

    def compose(address: str, _room: int | None) -> Message | None:
        if known.get(_name(address), {}).get("failures", {}).get(sentence) == today:
            return None
        return message.sentence(words("notify.not_done"), sentence)

    outcomes = notify.tell(settings.notify, compose)
    told = [address for address, one in zip(settings.notify, outcomes, strict=True) if one.outcome == "sent"]
    if told:
        with contextlib.suppress(KamError), outputs.locked(out, words):
            _keep_failure(out, told, sentence, today)
    return outcomes


def _keep_failure(out: Path, told: list[str], sentence: str, today: str) -> None:
    known = _known(out)
    for address in told:
        memory = known.setdefault(_name(address), {})
        of_today = {told: on for told, on in memory.get("failures", {}).items() if on == today}
        memory["failures"] = of_today | {sentence: today}
    _keep(out, known)


def trial(settings: Settings, words: Words) -> list[Delivery]:
    """Send every channel a sentence that asks for nothing."""
    said = message.sentence(words("notify.trial_title"), words("notify.trial"))
    return notify.tell(settings.notify, lambda _address, _room: said)


def sentence(outcome: Delivery, words: Words) -> str:
    """What became of a channel."""
    reason = words(f"notify.reason.{outcome.reason}", detail=outcome.detail) if outcome.reason else None
    return words(f"notify.outcome.{outcome.outcome}", channel=outcome.channel, reason=reason)


def _name(address: str) -> str:
    """A channel's name in the file: by its address as it is written, which holds no secret."""
    return hashlib.sha256(address.encode()).hexdigest()[:16]


def _known(out: Path) -> dict[str, Any]:
    """What every channel knows; nothing of what is damaged."""
    return {name: memory for name, memory in outputs.recorded(out / FILE).items() if _is_memory(memory)}


def _is_memory(memory: object) -> bool:
    return isinstance(memory, dict) and all(
        isinstance(part, dict) and all(isinstance(said, str) for said in part.values()) for part in memory.values()
    )


def _keep(out: Path, known: dict[str, Any]) -> None:
    path = out / FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as new:
            new.write_text(json.dumps(known, ensure_ascii=False, indent=1, sort_keys=True), "utf-8")
    except OSError as error:  # the night itself is done
        _LOG.warning("what was told is not kept", extra={"error": type(error).__name__})
