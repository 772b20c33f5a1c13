"""Taking KAM XL off a desk: exactly what the record lists, and never a file that somebody changed or put there.

The program that does it may lie in what is to go, and so may its Python. So both go last, and nothing here reads a file
of the program after the first step.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from kam_xl.core.errors import KamError
from kam_xl.desk import folders, remover
from kam_xl.desk.install import Installing, refused_running, runs_from
from kam_xl.desk.record import Made, digest
from kam_xl.desk.steps import Step

#: What goes first. The places are last: the record lies in one.
_ORDER = ("registry", "book", "file", "folder", "place")


def steps(desk: Installing) -> tuple[Step, ...]:
    """One step a thing that was made, the last one of a kind first; `KamError` where nothing was."""
    if not desk.record.made:
        raise KamError(desk.words("desk.not_installed", place=desk.places.own))
    if sentence := refused_running(desk):
        raise KamError(sentence)
    made = [one for kind in _ORDER for one in reversed(desk.record.made) if one.kind == kind]
    held = [one for one in made if _held(desk, one)]
    if not held:
        return tuple(_step(desk, one) for one in made)
    held += [one for one in made if one.place in (str(desk.places.root), str(desk.places.own))]
    return (*(_step(desk, one) for one in made if one not in held), _later(desk, held))


def _held(desk: Installing, made: Made) -> bool:
    """True for a folder that Windows would not let go of while this runs."""
    return desk.machine.windows and made.kind == "folder" and runs_from(desk, Path(made.place))


def _step(desk: Installing, made: Made) -> Step:
    place, kept = Path(made.place), _kept(made)

    def do() -> None:
        if made.kind == "place":  # the record may lie in it
            desk.record.forget(made)
            remover.remove_empty(place)
            return
        if place not in kept:
            _REMOVE[made.kind](desk, made, kept)
        desk.record.forget(made)

    if place in kept:
        return Step(desk.words("desk.remove.kept", place=place), lambda: False, do)
    return Step(desk.words(f"desk.remove.{made.kind}", place=place) + _but(desk, kept), lambda: False, do)


def _later(desk: Installing, held: list[Made]) -> Step:
    """Leave what holds this program to the Python outside, for when this has ended; the record stays until it is gone."""
    program = Path(remover.__file__).read_text("utf-8")
    going = [one for one in held if one.kind == "folder"]
    kept = tuple(path for one in going for path in _kept(one))

    def do() -> None:
        told = {
            "folders": [one.place for one in going if Path(one.place) not in kept],
            "keep": [str(path) for path in kept],
            "places": [one.place for one in held if one.kind == "place"],
            "record": str(desk.record.path),
            "digest": digest(desk.record.path),
        }
        for one in going:
            _packaged(Path(one.place), kept)
        desk.machine.leave((desk.machine.base_python, "-c", program, json.dumps(told)))

    says = desk.words("desk.remove.later", places=", ".join(one.place for one in going)) + _but(desk, kept)
    return Step(says, lambda: False, do)


def _kept(made: Made) -> tuple[Path, ...]:
    """What of a thing stays: the thing itself where somebody changed it, in a folder each file that is somebody else's."""
    place = Path(made.place)
    if made.kind == "folder":
        return (place,) if remover.linked(place) or place.is_file() else folders.strangers(made)
    changed = made.digest and (remover.linked(place) or digest(place) not in ("", made.digest))
    return (place,) if changed else ()


def _but(desk: Installing, kept: tuple[Path, ...]) -> str:
    return desk.words("desk.remove.but", files=", ".join(str(path) for path in kept)) if kept else ""


def _folder(_desk: Installing, made: Made, kept: tuple[Path, ...]) -> None:
    if Path(made.place).exists():
        _packaged(Path(made.place), kept)
        remover.remove(Path(made.place), kept)


def _packaged(folder: Path, kept: tuple[Path, ...]) -> None:
    """Remove packages' own workbooks while the packages' lists are there to tell them from somebody's: a removal may break off."""
    for path in folders.workbooks(folder):
        if path not in kept:
            path.unlink(missing_ok=True)


def _file(_desk: Installing, made: Made, _kept: tuple[Path, ...]) -> None:
    Path(made.place).unlink(missing_ok=True)


def _registry(desk: Installing, made: Made, _kept: tuple[Path, ...]) -> None:
    desk.machine.registry.delete(made.place)


_REMOVE: dict[str, Callable[[Installing, Made, tuple[Path, ...]], None]] = {
    "folder": _folder, "file": _file, "book": _file, "registry": _registry,
}  # fmt: skip
