"""Made-up computers: a Windows and a macOS desk in a folder, whose programs only pretend."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kam_xl import resources
from kam_xl.desk import folders, install, places, record, source, templates, traps
from kam_xl.desk.machine import Machine, Ran
from kam_xl.desk.record import Made, digest

XLWINGS = "0.37.8"
REQUIREMENTS = ["pandas>=3", f"xlwings=={XLWINGS}"]
EXCEL = '"C:\\Program Files\\Microsoft Office\\Root\\Office16\\EXCEL.EXE" /automation'
CLSID = "{00024500-0000-0000-C000-000000000046}"
SHELL = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders"


class Registry:
    """A registry in memory: key → values by name; keys are told apart without regard to case, as Windows does."""

    def __init__(self, keys: Mapping[str, Mapping[str, str | int]] = ()) -> None:
        self.keys = {key.casefold(): dict(values) for key, values in dict(keys).items()}
        self.spelled = {key.casefold(): key for key in dict(keys)}

    def read(self, key, name=""):
        values = {known.casefold(): value for known, value in self.keys.get(key.casefold(), {}).items()}
        return values.get(name.casefold())

    def names(self, key):
        start = key.casefold() + "\\"
        below = {self.spelled[known][len(start) :].split("\\")[0] for known in self.keys if known.startswith(start)}
        return tuple(sorted(below))

    def write(self, key, values):
        self.spelled.setdefault(key.casefold(), key)
        self.keys.setdefault(key.casefold(), {}).update(values)

    def delete(self, key):
        self.keys.pop(key.casefold(), None)


@dataclass
class Fake:
    """A computer in a folder, and everything that was asked of it."""

    folder: Path
    system: str
    registry: Registry
    machine: Machine = None
    ran: list[tuple[str, ...]] = field(default_factory=list)
    left: list[tuple[str, ...]] = field(default_factory=list)
    opened: list[Path] = field(default_factory=list)
    marks: dict[Path, str] = field(default_factory=dict)
    running: tuple[str, ...] = ()
    fails: str = ""  # a word of the command that fails
    template: Callable[[str, str], bytes] = lambda lang, conf: f"template {lang} {conf}".encode()
    dlls: tuple[str, ...] = install.dll_names(XLWINGS)
    seconds: str = "0.2"
    python: str = "3.12.4"
    built: dict[str, Path] = field(default_factory=dict)  # what a wheel was built from

    @property
    def home(self) -> Path:
        """The user's own folder."""
        return self.folder / "home"

    @property
    def places(self) -> places.Places:
        """Where KAM XL lies here."""
        return places.of(self.machine)

    def run(self, command, *_):
        """Do what the program would do to the files, as far as the desk looks at it."""
        words = tuple(str(part) for part in command)
        self.ran.append(words)
        if self.fails and self.fails in words:
            return Ran(1, "one line\nthe last line\n")
        if words[1:3] == ("-m", "kam_xl"):
            return Ran(0, "handed over\n")
        for mark, act in self._programs().items():
            if mark in words:
                return act(words)
        return Ran(0, f"{self.python}\n")

    def _programs(self):
        return {
            "venv": self._venv, "pip": self._pip, "kam_xl.desk.templates": self._books, install.RUNPYTHON: self._runpython,
            traps.IMPORT: lambda words: Ran(0, f"{self.seconds}\n"),
        }  # fmt: skip

    def _venv(self, *_):
        venv = self.places.venv
        self.places.python.parent.mkdir(parents=True, exist_ok=True)
        self.places.python.write_text("python")
        packages = {"windows": "Lib/site-packages"}.get(self.system, "lib/python3.12/site-packages")
        (venv / packages).mkdir(parents=True, exist_ok=True)
        (venv / "pyvenv.cfg").write_text(f"home = {self.machine.base_python.parent}\nversion = {self.python}\n")
        return Ran(0, "")

    def _pip(self, words):
        """Pip passes over a version that is there already, unless it comes from a folder or must be installed anyhow."""
        asked, site = words[-1], self.places.site_packages
        if not asked.startswith("xlwings==") and (Path(asked).is_dir() or "--force-reinstall" in words or not (site / "kam_xl").exists()):  # fmt: skip
            self._package(Path(self.built.get(asked, asked)) / "kam_xl", asked)
        if not (site / "xlwings").exists():
            self._xlwings()
        if self.system == "windows":
            for name in self.dlls:
                (self.places.venv / name).write_text(name)
        return Ran(0, "")

    def _package(self, package, asked):
        site = self.places.site_packages
        shutil.rmtree(site / "kam_xl", ignore_errors=True)
        shutil.copytree(package, site / "kam_xl", ignore=shutil.ignore_patterns("__pycache__"))
        (site / "udfs.py").touch()
        listed = site / "kam_xl-0.1.0.dist-info"
        listed.mkdir(exist_ok=True)
        requires = "".join(f"Requires-Dist: {one}\n" for one in REQUIREMENTS)
        (listed / "METADATA").write_text(f"Metadata-Version: 2.4\nName: kam-xl\nVersion: 0.1.0\n{requires}")
        (listed / "direct_url.json").write_text(json.dumps({"url": asked}))

    def _xlwings(self):
        site = self.places.site_packages
        listed = site / f"xlwings-{XLWINGS}.dist-info"
        (site / "xlwings").mkdir()
        (site / "xlwings" / f"xlwings-{XLWINGS}.applescript").write_text("on VbaHandler")
        listed.mkdir()
        (listed / "RECORD").write_text("".join(f"../../{name},sha256=x,1\n" for name in install.dll_names(XLWINGS)))

    def _books(self, words):
        lang, path, conf = words[-3:]
        Path(path).write_bytes(self.template(lang, conf))
        return Ran(0, "")

    def _runpython(self, *_):
        name = f"xlwings-{XLWINGS}.applescript"
        target = self.home / install.APPLESCRIPTS / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self.places.site_packages / "xlwings" / name, target)
        return Ran(0, "")

    def desk(self, project: Path, lang: str = "en") -> install.Installing:
        """What the steps of an installation from a project need, or from where the package is installed."""
        words, what = resources.words(lang), source.of(project / "kam_xl")
        return install.Installing(self.machine, self.places, record.read(self.places.record, words), words, what)


def windows(folder: Path, **env: str) -> Fake:
    """A Windows computer with desktop Excel of 64 bits."""
    home = folder / "home"
    fake = Fake(folder, "windows", Registry({
        r"HKCR\Excel.Application\CLSID": {"": CLSID},
        rf"HKCR\CLSID\{CLSID}\LocalServer32": {"": EXCEL},
        r"HKLM\SOFTWARE\Microsoft\Office\ClickToRun\Configuration": {"Platform": "x64"},
        SHELL: {"Personal": r"%USERPROFILE%\Documents"},
    }))  # fmt: skip
    known = {
        "LocalAppData": str(home / "AppData" / "Local"), "APPDATA": str(home / "AppData" / "Roaming"),
        "ProgramData": str(folder / "ProgramData"), "USERPROFILE": str(home), "USERDOMAIN": "FIRM", "USERNAME": "zhang", **env,
    }  # fmt: skip
    return _made(fake, known)


def macos(folder: Path) -> Fake:
    """A Mac."""
    return _made(Fake(folder, "macos", Registry()), {})


def linux(folder: Path) -> Fake:
    """A computer without Excel."""
    return _made(Fake(folder, "linux", Registry()), {})


def _made(fake: Fake, env: Mapping[str, str]) -> Fake:
    python = fake.folder / "Python312" / "python.exe"
    for path in (python.parent, fake.home / "Documents", fake.home / "AppData" / "Local", fake.folder / "ProgramData"):
        path.mkdir(parents=True, exist_ok=True)
    python.touch()
    fake.machine = Machine(
        system=fake.system, env=env, home=fake.home, python=python, base_python=python, version=(3, 12, 4),
        code_page="cp936" if fake.system == "windows" else "utf-8", registry=fake.registry,
        run=fake.run, leave=lambda command: fake.left.append(tuple(str(part) for part in command)),
        mark=lambda path: fake.marks.get(path, ""), running=lambda folder: fake.running,
        start=fake.opened.append,
    )  # fmt: skip
    return fake


def project(folder: Path) -> Path:
    """A small project to install from."""
    for name, text in {
        "kam_xl/__init__.py": '__version__ = "0.1.0"\n', "kam_xl/words/desk.toml": "", "kam_xl/guide/guide.md": "",
        "udfs.py": "", "pyproject.toml": f"[project]\ndependencies = {json.dumps(REQUIREMENTS)}\n",
    }.items():  # fmt: skip
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def renewed(project: Path, text: str = "# new") -> None:
    """A new version of the program."""
    (project / "kam_xl" / "new.py").write_text(text)


def older(fake: Fake, project: Path) -> None:
    """An installation as earlier versions made it: the program in a folder beside an environment with its packages."""
    desk = fake.desk(project)
    for step in (install._root(desk), install._environment(desk)):
        step.do()
    app = fake.places.app
    for name in ("kam_xl/__init__.py", "udfs.py", "docs/guide.md"):
        (app / name).parent.mkdir(parents=True, exist_ok=True)
        (app / name).write_text("old")
    desk.record.note(Made("folder", str(app), files=folders.tree(app, ("kam_xl", "udfs.py", "docs"))))
    fake._xlwings()
    (fake.places.site_packages / "kam_xl.pth").write_text(f"{app}\n")
    fake.places.stamp.write_text("the digest of its requirements.txt")
    install._books_folder(desk).do()
    for name, lang in templates.BOOKS.items():
        if not templates.has_macros(name):
            continue
        made = fake.places.books / name
        made.write_text("old template")
        desk.record.note(Made("book", str(made), digest(made), f"{lang} old"))
