"""What an installation wrote, so that taking it away removes exactly that."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import kam_xl
from kam_xl.core.errors import KamError
from kam_xl.core.words import Words
from kam_xl.hosts.replacing import replacing

#: A folder of ours with all it holds · one we made, that others may use · a file · a workbook · a registry key.
KINDS = ("folder", "place", "file", "book", "registry")


@dataclass(frozen=True)
class Made:
    """One thing an installation wrote; `digest` is its content's then, `of` the program and language a book was built from.

    `files` are those of a folder, each with its digest; none of the environment, which has thousands.
    """

    kind: str
    place: str
    digest: str = ""
    of: str = ""
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Inventory:
    """The list of what was made, in that order; kept in a file after every change."""

    path: Path
    made: list[Made] = field(default_factory=list)

    def note(self, made: Made) -> None:
        """Add one thing; what was noted of the same place before is replaced."""
        self.made = [other for other in self.made if other.place != made.place]
        self.made.append(made)
        self._write()

    def forget(self, made: Made) -> None:
        """Take one thing off; with the last one the file goes too."""
        self.made.remove(made)
        if self.made:
            self._write()
        else:
            self.path.unlink(missing_ok=True)

    def of(self, place: object) -> Made | None:
        """What was noted of a place."""
        return next((made for made in self.made if made.place == str(place)), None)

    def _write(self) -> None:
        text = {"product": "kam_xl", "version": kam_xl.__version__, "made": [asdict(made) for made in self.made]}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(self.path) as new:
            new.write_text(json.dumps(text, ensure_ascii=False, indent=1), "utf-8")


def read(path: Path, words: Words) -> Inventory:
    """The record in a file, an empty one where there is none; `KamError` when it is damaged."""
    try:
        text = json.loads(path.read_text("utf-8"))
        return Inventory(path, [Made(**made) for made in text["made"] if made["kind"] in KINDS])
    except FileNotFoundError:
        return Inventory(path)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise KamError(words("desk.record_damaged", file=path)) from error


def digest(path: Path) -> str:
    """What tells two contents of a file apart; "" for one that is not there."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
