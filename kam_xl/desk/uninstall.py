"""Taking KAM XL off a desk: exactly what the record lists, and never a workbook that somebody changed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from kam_xl.core.errors import KamError
from kam_xl.desk.install import Desk, refused_running
from kam_xl.desk.record import Made, digest
from kam_xl.desk.steps import Step


def steps(desk: Desk) -> tuple[Step, ...]:
    """One step a thing that was made, the last one first; `KamError` where nothing was."""
    if not desk.record.made:
        raise KamError(desk.words("desk.not_installed", place=desk.places.own))
    if sentence := refused_running(desk):
        raise KamError(sentence)
    return tuple(_step(desk, made) for made in reversed(desk.record.made))


def _step(desk: Desk, made: Made) -> Step:
    kept = made.kind in ("book", "file") and _changed(made)

    def do() -> None:
        if made.kind == "place":  # the record may lie in it
            desk.record.forget(made)
            _remove_empty(Path(made.place))
            return
        if not kept:
            _REMOVE[made.kind](desk, made)
        desk.record.forget(made)

    says = desk.words(f"desk.remove.{'kept' if kept else made.kind}", place=made.place)
    return Step(says, lambda: False, do)


def _changed(made: Made) -> bool:
    return bool(made.digest) and digest(Path(made.place)) not in ("", made.digest)


def _folder(desk: Desk, made: Made) -> None:
    """Remove a folder; Windows lets no program remove the Python it runs on, so another one is left to do that."""
    folder = Path(made.place)
    if desk.machine.windows and desk.machine.python.is_relative_to(folder):
        remover = Path(__file__).with_name("remover.py").read_text("utf-8")
        desk.machine.leave((desk.machine.base_python, "-c", remover, folder, desk.places.root))
    elif folder.exists():
        shutil.rmtree(folder)


def _remove_empty(folder: Path) -> None:
    """Remove a folder that nobody put anything else in."""
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def _file(desk: Desk, made: Made) -> None:
    Path(made.place).unlink(missing_ok=True)


def _registry(desk: Desk, made: Made) -> None:
    desk.machine.registry.delete(made.place)


_REMOVE: dict[str, Callable[[Desk, Made], None]] = {
    "folder": _folder, "file": _file, "book": _file, "registry": _registry,
}  # fmt: skip
