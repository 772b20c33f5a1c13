"""Putting KAM XL on a desk: a fixed place, an environment of its own, the program, and the template workbooks.

Nothing here imports a package outside the standard library, so a bare Python can do it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kam_xl.core.errors import KamError
from kam_xl.core.words import LANGUAGES, Words
from kam_xl.desk import books, folders, places, trust
from kam_xl.desk.machine import Machine
from kam_xl.desk.places import Places
from kam_xl.desk.record import Made, Record, digest
from kam_xl.desk.remover import remove
from kam_xl.desk.steps import Step

#: What of the project the installed program consists of.
PROGRAM = ("kam_xl", "udfs.py", "batch.py", "requirements.txt")
APPLESCRIPTS = "Library/Application Scripts/com.microsoft.Excel"
#: What the command ``xlwings runpython install`` of macOS does.
RUNPYTHON = "from xlwings import cli; cli.runpython_install(None)"
WIDTHS = (32, 64)  # bits of Excel, each with its own DLL
_PIP = ("-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--quiet")
LONG_SECONDS = 1800
_BUILD_SECONDS = 300


@dataclass(frozen=True)
class Desk:
    """What the steps need: the machine, its places, the record of what was made, and the project they install from."""

    machine: Machine
    places: Places
    record: Record
    words: Words
    source: Path

    @property
    def requirements(self) -> Path:
        """The requirements of what is being installed."""
        return self.source / "requirements.txt"

    def xlwings(self) -> str:
        """The one version of xlwings that they allow."""
        return places.pinned_xlwings(self.requirements.read_text("utf-8"))


def steps(desk: Desk, *, trusted: bool = False) -> tuple[Step, ...]:
    """What an installation on this machine consists of, in order; with `trusted`, Excel trusts the folder of templates."""
    system = {"windows": (_dlls,), "macos": (_runpython,)}[desk.machine.system]
    wanted = tuple(step(desk) for step in (*system, _books_folder))
    books_ = tuple(_book(desk, lang) for lang in LANGUAGES)
    return (*environment_steps(desk), *wanted, *books_, *((_trust(desk),) if trusted else ()))


def environment_steps(desk: Desk) -> tuple[Step, ...]:
    """The first of them, up to where the installed environment can do the others itself."""
    found = tuple(_aside(desk, place) for place in _unknown(desk))
    return (_root(desk), *found, *(step(desk) for step in PROGRAM_STEPS))


def refuse(desk: Desk, *, trusted: bool = False) -> None:
    """`KamError` for what makes an installation on this machine impossible, before anything is touched."""
    for reason in (_refused_system, _refused_python, _refused_place, refused_running):
        if sentence := reason(desk):
            raise KamError(sentence)
    if trusted and (sentence := _refused_trust(desk)):
        raise KamError(sentence)


def _refused_system(desk: Desk) -> str | None:
    return desk.words("desk.no_excel_here") if desk.machine.system == "linux" else None


def _refused_python(desk: Desk) -> str | None:
    machine = desk.machine
    if from_store(machine.base_python):
        return desk.words("desk.store_python", place=machine.base_python)
    if machine.windows and not machine.expanded(places.WINDOWS_ROOTS[0]).is_absolute():
        return desk.words("desk.no_profile")
    return None


def _refused_place(desk: Desk) -> str | None:
    if not_ours(desk.places, desk.record):
        return desk.words("desk.not_ours", place=desk.places.root)
    inside = next((place for place in _unknown(desk) if runs_from(desk, place)), None)
    return desk.words("desk.unknown_inside", place=inside) if inside else None


def not_ours(of: Places, record: Record) -> bool:
    """True where something stands in the place among all users that this user's installation did not make."""
    return of.shared and record.of(of.root) is None and os.path.lexists(of.root)


def _unknown(desk: Desk) -> list[Path]:
    """What stands where the program and its environment go, and no installation of this user's made."""
    wanted = (desk.places.venv, desk.places.app)
    return [place for place in wanted if os.path.lexists(place) and desk.record.of(place) is None]


def runs_from(desk: Desk, folder: Path) -> bool:
    """True where this very program, or the Python that runs it, lies below a folder."""
    whole = folder.resolve()
    return any(place.resolve().is_relative_to(whole) for place in (desk.machine.python.parent, desk.source))


def refused_running(desk: Desk) -> str | None:
    """The sentence that names the programs at work in the environment; None where there are none."""
    running = desk.machine.running(desk.places.venv)
    return desk.words("desk.running", programs=", ".join(sorted(set(running)))) if running else None


def _refused_trust(desk: Desk) -> str | None:
    if not desk.machine.windows:
        return desk.words("desk.trust_windows_only")
    return desk.words("desk.trust_forbidden") if trust.forbidden(desk.machine.registry) else None


def from_store(python: Path) -> bool:
    """True for a Python from the Microsoft Store, whose writes to the profile no other program sees."""
    return any(part.casefold() == "windowsapps" for part in python.parts)


# --- the steps --------------------------------------------------------------------------------------------------------


def _root(desk: Desk) -> Step:
    root = desk.places.root

    def do() -> None:
        if desk.places.shared:
            desk.record.note(Made("place", str(desk.places.own)))
            _make_among_others(desk)
        else:
            root.mkdir(parents=True)
        desk.record.note(Made("place", str(root)))

    def done() -> bool:  # a folder of this user's that was there before is as good, and not ours to remove
        return root.is_dir() and (desk.record.of(root) is not None or not desk.places.shared)

    return Step(desk.words("desk.step.root", place=root), done, do)


def _make_among_others(desk: Desk) -> None:
    """Make the root where every user may write; it counts as ours once nobody else can put anything in, and nobody has."""
    root = desk.places.root
    root.mkdir(parents=True)
    try:
        _keep_others_out(desk)
    except KamError:
        root.rmdir()
        raise
    if any(root.iterdir()):
        raise KamError(desk.words("desk.not_ours", place=root))


def _keep_others_out(desk: Desk) -> None:
    """Leave the root to this user, the administrators and the system, so that nobody plants code."""
    env = {name.upper(): value for name, value in desk.machine.env.items()}
    user = rf"{env.get('USERDOMAIN', '.')}\{env.get('USERNAME', '')}"
    rights = [f"{who}:(OI)(CI)F" for who in (user, "*S-1-5-32-544", "*S-1-5-18")]
    _must_run(desk, ("icacls", desk.places.root, "/inheritance:r", "/grant:r", *rights))


def _aside(desk: Desk, place: Path) -> Step:
    """What somebody else made is kept, under another name."""
    kept = folders.beside(place)
    return Step(desk.words("desk.step.aside", place=place, kept=kept), lambda: False, lambda: place.rename(kept))


def _environment(desk: Desk) -> Step:
    venv = desk.places.venv

    def do() -> None:
        made = desk.record.of(venv)
        if made and venv.exists():
            remove(venv, folders.strangers(made))
        elif os.path.lexists(venv):  # since the steps were planned
            raise KamError(desk.words("desk.not_ours", place=venv))
        desk.record.note(Made("folder", str(venv)))
        _must_run(desk, (desk.machine.python, "-m", "venv", venv))

    return Step(desk.words("desk.step.environment", place=venv), lambda: works(desk), do)


def works(desk: Desk) -> bool:
    """True when the environment is one that we made, is there, and so is the Python that it leans on."""
    of = desk.places
    if desk.record.of(of.venv) is None:
        return False
    try:
        lines = (of.venv / "pyvenv.cfg").read_text("utf-8").splitlines()
    except OSError:
        return False
    home = next((line.partition("=")[2].strip() for line in lines if line.startswith("home")), "")
    return of.python.exists() and Path(home).is_dir()


def _program(desk: Desk) -> Step:
    app = desk.places.app

    def do() -> None:
        new = folders.beside(app)
        desk.record.note(Made("folder", str(new), files=_files(desk)))
        try:
            _copied_program(desk.source, new)
            _swapped(desk, new, app)
        finally:
            _cleared(desk, new)

    return Step(desk.words("desk.step.program", source=desk.source, place=app), lambda: _has_program(desk), do)


def _copied_program(source: Path, new: Path) -> None:
    new.mkdir()
    for name in PROGRAM:
        path = source / name
        if path.is_dir():
            shutil.copytree(path, new / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(path, new / name)


def _swapped(desk: Desk, new: Path, app: Path) -> None:
    """Put the new program in the place of the old one, with what people saved in that."""
    old = _moved(desk, app, folders.beside(app)) if app.exists() else None
    try:
        _moved(desk, new, app)
    except OSError:
        if old:
            _moved(desk, old, app)
        raise
    if old:
        folders.carry(folders.strangers(desk.record.of(old)), old, app)
        _cleared(desk, old)


def _moved(desk: Desk, place: Path, to: Path) -> Path:
    """Give a folder of ours another place; the record knows it at both meanwhile, since either may become true."""
    made = desk.record.of(place)
    desk.record.note(dataclasses.replace(made, place=str(to)))
    place.rename(to)
    desk.record.forget(made)
    return to


def _cleared(desk: Desk, folder: Path) -> None:
    """Remove a folder that has served, where it is still there."""
    if made := desk.record.of(folder):
        if folder.exists():
            remove(folder, folders.strangers(made))
        desk.record.forget(made)


def _has_program(desk: Desk) -> bool:
    made = desk.record.of(desk.places.app)
    if made is None or desk.source == desk.places.app:
        return made is not None
    files = _files(desk)
    return made.files == files and folders.tree(desk.places.app, tuple(files)) == files


def _files(desk: Desk) -> Mapping[str, str]:
    """What the program consists of: file by file."""
    made = desk.record.of(desk.source)
    return made.files if made else folders.tree(desk.source, PROGRAM)


def _version(desk: Desk) -> str:
    """What tells the program that is being installed from any other."""
    return hashlib.sha256(json.dumps(_files(desk), sort_keys=True).encode()).hexdigest()


def _packages(desk: Desk) -> Step:
    def do() -> None:
        _must_run(desk, (desk.places.python, *_PIP, "-r", desk.requirements), LONG_SECONDS)
        desk.places.stamp.write_text(digest(desk.requirements))

    return Step(desk.words("desk.step.packages", file=desk.requirements), lambda: _has_packages(desk), do)


def _has_packages(desk: Desk) -> bool:
    stamp = desk.places.stamp
    return works(desk) and stamp.exists() and stamp.read_text() == digest(desk.requirements)


def is_ready(desk: Desk) -> bool:
    """True when the environment works and was given packages, be it those of another version."""
    return works(desk) and desk.places.stamp.exists()


def runs_in_environment(desk: Desk) -> bool:
    """True when the environment's own Python runs this."""
    return desk.machine.python.parent.resolve() == desk.places.python.parent.resolve()


def _link(desk: Desk) -> Step:
    """One line in the environment makes the program importable from anywhere, on either system."""

    def line() -> Path:
        return desk.places.site_packages / "kam_xl.pth"

    def done() -> bool:
        return works(desk) and line().exists() and line().read_text("utf-8").strip() == str(desk.places.app)

    def do() -> None:
        line().write_text(f"{desk.places.app}\n", "utf-8")

    return Step(desk.words("desk.step.link", place=desk.places.app), done, do)


def _compiled(desk: Desk) -> Step:
    """Excel starts Python with -B, which never keeps what it compiled: without this, every start compiles it anew."""
    app = desk.places.app

    def do() -> None:
        _must_run(desk, (desk.places.python, "-m", "compileall", "-q", app))

    def done() -> bool:
        return works(desk) and _has_program(desk) and any(app.glob("kam_xl/__pycache__/*.pyc"))

    return Step(desk.words("desk.step.compiled", place=app), done, do)


PROGRAM_STEPS = (_environment, _program, _packages, _link, _compiled)


def _dlls(desk: Desk) -> Step:
    """The workbook's macros load the DLL of their very version from beside the interpreter or the folder above."""

    def missing() -> list[str]:
        return [name for name in dll_names(desk.xlwings()) if not find_dll(desk.places, name)]

    def do() -> None:
        if not _copied(desk, missing()):
            _must_run(desk, (desk.places.python, *_PIP, "--force-reinstall", "--no-deps", f"xlwings=={desk.xlwings()}"))
        if left := missing():
            raise KamError(desk.words("desk.no_dll", names=", ".join(left), place=desk.places.venv))

    done = lambda: _has_packages(desk) and not missing()  # noqa: E731
    return Step(desk.words("desk.step.dlls", version=desk.xlwings(), place=desk.places.python.parent), done, do)


def dll_names(version: str) -> tuple[str, ...]:
    """The DLLs of one version of xlwings, for either width of Excel."""
    return tuple(dll_name(version, bits) for bits in WIDTHS)


def dll_name(version: str, bits: int) -> str:
    """The DLL of one version of xlwings, for Excel of one width."""
    return f"xlwings{bits}-{version}.dll"


def find_dll(of: Places, name: str) -> Path | None:
    """The DLL where the macros look for it."""
    return next((path for folder in (of.python.parent, of.venv) if (path := folder / name).exists()), None)


def _copied(desk: Desk, names: list[str]) -> bool:
    """Copy DLLs from where an installation with other switches put them; True when all were found."""
    found = {name: stray_dll(desk.machine, name) for name in names}
    for name, path in found.items():
        if path:
            shutil.copyfile(path, desk.places.python.parent / name)
    return all(found.values())


def stray_dll(machine: Machine, name: str) -> Path | None:
    """A DLL that stands where no macro looks for it: beside the Python below, or in the user's own packages."""
    users = users_packages(machine)
    folders = (machine.base_python.parent, machine.python.parent, users, *sorted(users.glob("Python3*")))
    return next((path for folder in folders if (path := folder / name).exists()), None)


def users_packages(machine: Machine) -> Path:
    """Where ``pip install --user`` puts things."""
    return machine.expanded(r"%APPDATA%\Python") if machine.windows else machine.home / "Library" / "Python"


def _runpython(desk: Desk) -> Step:
    script = applescript(desk.machine, desk.xlwings())

    def do() -> None:
        ours = not script.exists()
        _must_run(desk, (desk.places.python, "-c", RUNPYTHON))
        if ours:
            desk.record.note(Made("file", str(script), digest(script)))

    def done() -> bool:
        shipped = desk.places.site_packages / "xlwings" / script.name
        return _has_packages(desk) and script.exists() and digest(script) == digest(shipped)

    return Step(desk.words("desk.step.runpython", place=script), done, do)


def applescript(machine: Machine, version: str) -> Path:
    """The script by which the macros of one version of xlwings start Python on macOS."""
    return machine.home / APPLESCRIPTS / f"xlwings-{version}.applescript"


def _books_folder(desk: Desk) -> Step:
    """A folder that was there before is not ours to remove."""
    books_ = desk.places.books

    def do() -> None:
        missing = [folder for folder in (*reversed(books_.parents), books_) if not folder.is_dir()]
        for folder in missing:
            folder.mkdir()
            desk.record.note(Made("place", str(folder)))

    return Step(desk.words("desk.step.books_folder", place=books_), books_.is_dir, do)


def _book(desk: Desk, lang: str) -> Step:
    conf = json.dumps(desk.places.conf())
    of = f"{lang} {_version(desk)} {conf}"

    def done() -> bool:
        return any(made.of == of and Path(made.place).exists() for made in desk.record.made)

    def do() -> None:
        with tempfile.TemporaryDirectory(dir=desk.places.books) as folder:  # the same disk, so that a move is one step
            new = Path(folder, books.NAMES[lang])
            _must_run(desk, (desk.places.python, "-m", "kam_xl.desk.books", lang, new, conf), _BUILD_SECONDS)
            books.place(new, lang, desk.places.books, of, desk.record, desk.words)

    return Step(desk.words("desk.step.book", file=desk.places.books / books.NAMES[lang]), done, do)


def _trust(desk: Desk) -> Step:
    registry, folder = desk.machine.registry, desk.places.books

    def do() -> None:
        key = trust.free_key(registry)
        desk.record.note(Made("registry", key))
        trust.add(registry, key, folder)

    return Step(desk.words("desk.step.trust", place=folder), lambda: trust.trusts(registry, folder), do)


def _must_run(desk: Desk, command: tuple[object, ...], seconds: float = LONG_SECONDS) -> None:
    """Run a program; one that fails becomes a sentence, and its whole answer is kept beside the record."""
    ran = desk.machine.run(command, seconds)
    if ran.code:
        log = desk.places.record.with_name("install.log")
        log.write_text(ran.output, "utf-8")
        if not desk.record.of(log):
            desk.record.note(Made("file", str(log)))
        last = ([line for line in ran.output.splitlines() if line.strip()] or ["?"])[-1].strip()
        raise KamError(desk.words("desk.program_failed", program=Path(str(command[0])).name, reason=last, log=log))
