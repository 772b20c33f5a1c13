"""Putting KAM XL on a desk: a fixed place, an environment of its own with the package in it, and the template workbooks.

Nothing here imports a package outside the standard library, so a bare Python can do it.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from kam_xl.core.errors import KamError
from kam_xl.core.words import Words
from kam_xl.desk import folders, machine, places, record, source, templates, trust
from kam_xl.desk.machine import Machine
from kam_xl.desk.places import Places
from kam_xl.desk.record import Inventory, Made, digest
from kam_xl.desk.remover import linked, remove
from kam_xl.desk.source import Package
from kam_xl.desk.steps import Step

APPLESCRIPTS = "Library/Application Scripts/com.microsoft.Excel"
#: What the command ``xlwings runpython install`` of macOS does.
RUNPYTHON = "from xlwings import cli; cli.runpython_install(None)"
WIDTHS = (32, 64)  # bits of Excel, each with its own DLL
_PIP = ("-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--quiet")
LONG_SECONDS = 1800
_BUILD_SECONDS = 300


@dataclass(frozen=True)
class Installing:
    """What the steps need: the machine, its places, the record of what was made, and what they install."""

    machine: Machine
    places: Places
    record: Inventory
    words: Words
    source: Package


def this_desk(words: Words) -> Installing:
    """The desk this runs on."""
    this = machine.this()
    where = places.of(this)
    return Installing(this, where, record.read(where.record, words), words, source.running())


def steps(desk: Installing, *, trusted: bool = False) -> tuple[Step, ...]:
    """What an installation on this machine consists of, in order; with `trusted`, Excel trusts the folder of templates."""
    system = {"windows": (_dlls,), "macos": (_runpython,)}[desk.machine.system]
    wanted = tuple(step(desk) for step in (*system, _books_folder))
    books_ = tuple(_book(desk, name) for name in templates.BOOKS)
    return (*environment_steps(desk), *wanted, *books_, *((_trust(desk),) if trusted else ()))


def environment_steps(desk: Installing) -> tuple[Step, ...]:
    """The first of them, up to where the installed environment can do the others itself."""
    venv = desk.places.venv
    found = (_aside(desk, venv),) if _unknown(desk, venv) else ()
    return (_root(desk), *found, _environment(desk), _package(desk), *_older(desk))


def refuse(desk: Installing, *, trusted: bool = False) -> None:
    """`KamError` for what makes an installation on this machine impossible, before anything is touched."""
    for reason in (_refused_system, _refused_python, _refused_place, refused_running):
        if sentence := reason(desk):
            raise KamError(sentence)
    if trusted and (sentence := _refused_trust(desk)):
        raise KamError(sentence)


def _refused_system(desk: Installing) -> str | None:
    return desk.words("desk.no_excel_here") if desk.machine.system == "linux" else None


def _refused_python(desk: Installing) -> str | None:
    machine = desk.machine
    if from_store(machine.base_python):
        return desk.words("desk.store_python", place=machine.base_python)
    if machine.windows and not machine.expanded(places.WINDOWS_ROOTS[0]).is_absolute():
        return desk.words("desk.no_profile")
    return None


def _refused_place(desk: Installing) -> str | None:
    if not_ours(desk.places, desk.record):
        return desk.words("desk.not_ours", place=desk.places.root)
    venv = desk.places.venv
    return desk.words("desk.unknown_inside", place=venv) if _unknown(desk, venv) and runs_from(desk, venv) else None


def not_ours(of: Places, record: Inventory) -> bool:
    """True where something stands in the place among all users that this user's installation did not make."""
    return of.shared and record.of(of.root) is None and os.path.lexists(of.root)


def _unknown(desk: Installing, place: Path) -> bool:
    """True for what stands in a place of ours, and no installation of this user's made."""
    return os.path.lexists(place) and desk.record.of(place) is None


def runs_from(desk: Installing, folder: Path) -> bool:
    """True where this very program, or the Python that runs it, lies below a folder."""
    whole = folder.resolve()
    return any(place.resolve().is_relative_to(whole) for place in (desk.machine.python.parent, desk.source.package))


def refused_running(desk: Installing) -> str | None:
    """The sentence that names the programs at work in the environment; None where there are none."""
    running = desk.machine.running(desk.places.venv)
    return desk.words("desk.running", programs=", ".join(sorted(set(running)))) if running else None


def _refused_trust(desk: Installing) -> str | None:
    if not desk.machine.windows:
        return desk.words("desk.trust_windows_only")
    return desk.words("desk.trust_forbidden") if trust.forbidden(desk.machine.registry) else None


def from_store(python: Path) -> bool:
    """True for a Python from the Microsoft Store, whose writes to the profile no other program sees."""
    return any(part.casefold() == "windowsapps" for part in python.parts)


# --- the steps --------------------------------------------------------------------------------------------------------


def _root(desk: Installing) -> Step:
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


def _make_among_others(desk: Installing) -> None:
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


def _keep_others_out(desk: Installing) -> None:
    """Leave the root to this user, the administrators and the system, so that nobody plants code."""
    env = {name.upper(): value for name, value in desk.machine.env.items()}
    user = rf"{env.get('USERDOMAIN', '.')}\{env.get('USERNAME', '')}"
    rights = [f"{who}:(OI)(CI)F" for who in (user, "*S-1-5-32-544", "*S-1-5-18")]
    _must_run(desk, ("icacls", desk.places.root, "/inheritance:r", "/grant:r", *rights))


def _aside(desk: Installing, place: Path) -> Step:
    """What somebody else made is kept, under another name."""
    kept = folders.beside(place)
    return Step(desk.words("desk.step.aside", place=place, kept=kept), lambda: False, lambda: place.rename(kept))


def _environment(desk: Installing) -> Step:
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


def works(desk: Installing) -> bool:
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


def _package(desk: Installing) -> Step:
    """The package and all that it needs. Of a file whose version is there already pip installs nothing unless it must."""
    stamp, asked = desk.places.stamp, desk.source.asked

    def do() -> None:
        stamp.unlink(missing_ok=True)
        _must_run(desk, (desk.places.python, *_PIP, asked))
        if not _has_files(desk):
            _must_run(desk, (desk.places.python, *_PIP, "--force-reinstall", "--no-deps", asked))
        stamp.write_text(_version(desk))

    return Step(desk.words("desk.step.package", source=asked), lambda: _has_package(desk), do)


def _has_package(desk: Installing) -> bool:
    stamp = desk.places.stamp
    stamped = works(desk) and stamp.exists() and stamp.read_text() == _version(desk)
    return stamped and (_is_its_own(desk) or _has_files(desk))


def _version(desk: Installing) -> str:
    """What tells the package that is being installed from any other."""
    stamp = desk.places.stamp
    return stamp.read_text() if _is_its_own(desk) and stamp.exists() else desk.source.version


def _is_its_own(desk: Installing) -> bool:
    """True where the installed package runs this."""
    return desk.source.package.parent.resolve() == desk.places.site_packages.resolve()


def _has_files(desk: Installing) -> bool:
    files = desk.source.files
    return folders.tree(desk.places.site_packages, tuple(files)) == files


def _older(desk: Installing) -> tuple[Step, ...]:
    """Earlier versions lay in a folder beside the environment, which a line in that named."""
    app = desk.places.app
    made = desk.record.of(app)
    if made is None:
        return ()

    def do() -> None:
        (desk.places.site_packages / "kam_xl.pth").unlink(missing_ok=True)
        if app.is_dir() and not linked(app):
            remove(app, folders.strangers(made))
        desk.record.forget(made)

    return (Step(desk.words("desk.step.older", place=app), lambda: False, do),)


def is_ready(desk: Installing) -> bool:
    """True when the environment works and was given packages, be it those of another version."""
    return works(desk) and desk.places.stamp.exists()


def runs_in_environment(desk: Installing) -> bool:
    """True when the environment's own Python runs this."""
    return desk.machine.python.parent.resolve() == desk.places.python.parent.resolve()


def _dlls(desk: Installing) -> Step:
    """The workbook's macros load the DLL of their very version from beside the interpreter or the folder above."""

    def missing() -> list[str]:
        return [name for name in dll_names(desk.source.xlwings()) if not find_dll(desk.places, name)]

    def do() -> None:
        if not _copied(desk, missing()):
            _must_run(
                desk, (desk.places.python, *_PIP, "--force-reinstall", "--no-deps", f"xlwings=={desk.source.xlwings()}")
            )
        if left := missing():
            raise KamError(desk.words("desk.no_dll", names=", ".join(left), place=desk.places.venv))

    done = lambda: _has_xlwings(desk) and not missing()  # noqa: E731
    return Step(desk.words("desk.step.dlls", version=desk.source.xlwings(), place=desk.places.python.parent), done, do)


def _has_xlwings(desk: Installing) -> bool:
    return works(desk) and desk.places.xlwings() == desk.source.xlwings()


def dll_names(version: str) -> tuple[str, ...]:
    """The DLLs of one version of xlwings, for either width of Excel."""
    return tuple(dll_name(version, bits) for bits in WIDTHS)


def dll_name(version: str, bits: int) -> str:
    """The DLL of one version of xlwings, for Excel of one width."""
    return f"xlwings{bits}-{version}.dll"


def find_dll(of: Places, name: str) -> Path | None:
    """The DLL where the macros look for it."""
    return next((path for folder in (of.python.parent, of.venv) if (path := folder / name).exists()), None)


def _copied(desk: Installing, names: list[str]) -> bool:
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


def _runpython(desk: Installing) -> Step:
    script = applescript(desk.machine, desk.source.xlwings())

    def do() -> None:
        ours = not script.exists()
        _must_run(desk, (desk.places.python, "-c", RUNPYTHON))
        if ours:
            desk.record.note(Made("file", str(script), digest(script)))

    def done() -> bool:
        shipped = desk.places.site_packages / "xlwings" / script.name
        return _has_xlwings(desk) and script.exists() and digest(script) == digest(shipped)

    return Step(desk.words("desk.step.runpython", place=script), done, do)


def applescript(machine: Machine, version: str) -> Path:
    """The script by which the macros of one version of xlwings start Python on macOS."""
    return machine.home / APPLESCRIPTS / f"xlwings-{version}.applescript"


def _books_folder(desk: Installing) -> Step:
    """A folder that was there before is not ours to remove."""
    books_ = desk.places.books

    def do() -> None:
        missing = [folder for folder in (*reversed(books_.parents), books_) if not folder.is_dir()]
        for folder in missing:
            folder.mkdir()
            desk.record.note(Made("place", str(folder)))

    return Step(desk.words("desk.step.books_folder", place=books_), books_.is_dir, do)


def _book(desk: Installing, name: str) -> Step:
    lang, conf = templates.BOOKS[name], json.dumps(desk.places.conf())
    of = f"{lang} {_version(desk)} {conf if templates.has_macros(name) else name}"

    def done() -> bool:
        return any(made.of == of and Path(made.place).exists() for made in desk.record.made)

    def do() -> None:
        with tempfile.TemporaryDirectory(dir=desk.places.books) as folder:  # the same disk, so that a move is one step
            new = Path(folder, name)
            _must_run(desk, (desk.places.python, "-m", "kam_xl.desk.templates", lang, new, conf), _BUILD_SECONDS)
            templates.place(new, desk.places.books, of, desk.record, desk.words)

    return Step(desk.words("desk.step.book", file=desk.places.books / name), done, do)


def _trust(desk: Installing) -> Step:
    registry, folder = desk.machine.registry, desk.places.books

    def do() -> None:
        key = trust.free_key(registry)
        desk.record.note(Made("registry", key))
        trust.add(registry, key, folder)

    return Step(desk.words("desk.step.trust", place=folder), lambda: trust.trusts(registry, folder), do)


def _must_run(desk: Installing, command: tuple[object, ...], seconds: float = LONG_SECONDS) -> None:
    """Run a program; one that fails becomes a sentence, and its whole answer is kept beside the record."""
    ran = desk.machine.run(command, seconds)
    if ran.code:
        log = desk.places.record.with_name("install.log")
        log.write_text(ran.output, "utf-8")
        if not desk.record.of(log):
            desk.record.note(Made("file", str(log)))
        last = ([line for line in ran.output.splitlines() if line.strip()] or ["?"])[-1].strip()
        raise KamError(desk.words("desk.program_failed", program=Path(str(command[0])).name, reason=last, log=log))
