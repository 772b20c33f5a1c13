"""What is known to go wrong with a machine, each with how to find out; the workbook's own traps are in `book_traps`."""

from __future__ import annotations

import importlib.metadata
import os
import re
from pathlib import Path

import kam_xl
from kam_xl import resources
from kam_xl.core.errors import KamError
from kam_xl.desk import install, trust
from kam_xl.desk.machine import Machine
from kam_xl.desk.scene import (
    EVERYWHERE,
    LINUX,
    MACOS,
    WINDOWS,
    WITH_EXCEL,
    Diagnosis,
    Scene,
    Trap,
    bad,
    ok,
    unknown,
    warn,
)

_OLDEST_PYTHON = (3, 11)
#: Seconds that importing the functions may take before people notice, and before they complain.
_QUICK, _SLOW = 1.0, 3.0
#: Prints how many seconds the functions took to load.
IMPORT = "import sys, time; sys.path.insert(0, sys.argv[1]); t = time.perf_counter(); import udfs; print(time.perf_counter() - t)"
_IMPORT_SECONDS = 60

_DEFENDER = r"Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\Rules"
_RULES = (rf"HKLM\SOFTWARE\Policies\{_DEFENDER}", rf"HKLM\SOFTWARE\{_DEFENDER}")
_MANAGED = r"HKLM\SOFTWARE\Microsoft\PolicyManager\current\device\Defender"
#: Defender's rules that stop Office from starting a program, and macros from calling Windows.
_CHILDREN = "d4f940ab-401b-4efc-aadc-ad5f3c50688a"
_CALLS = "92e97fa1-2edf-4476-bdd6-9dd0b4dddc7b"
_BLOCKS, _WARNS = "1", "6"

#: Excel's macro setting: only signed ones run, or none.
_SIGNED, _NONE = 3, 4


# --- the environment --------------------------------------------------------------------------------------------------


def _python(scene: Scene) -> Diagnosis:
    asked = scene.machine.run((scene.python, "-c", "import platform; print(platform.python_version())"), 30)
    told = asked.output.strip().splitlines()[-1:] or [""]
    version = re.match(r"(\d+)\.(\d+)", told[0])
    if asked.code or not version:
        return bad("none", place=scene.python)
    old = (int(version[1]), int(version[2])) < _OLDEST_PYTHON
    return (bad if old else ok)("old" if old else "ok", version=told[0], place=scene.python)


def _installed(scene: Scene) -> Diagnosis:
    if install.not_ours(scene.places, scene.record):
        return bad("not_ours", place=scene.places.root)
    if not scene.record.made:
        return bad("missing", place=scene.places.root)
    gone = [made.place for made in scene.record.made if made.kind == "folder" and not Path(made.place).is_dir()]
    if gone:
        return bad("incomplete", places=", ".join(gone))
    told = re.search(r'__version__ = "(.*?)"', _text(scene.program / "kam_xl" / "__init__.py"))
    version = told[1] if told else "?"
    if version != kam_xl.__version__:
        return warn("other", version=version, this=kam_xl.__version__)
    return ok(version=version, place=scene.places.root)


def _xlwings(scene: Scene) -> Diagnosis:
    version = scene.places.xlwings() if scene.installed else _own_xlwings()
    if version is None:
        return bad("missing", place=scene.python)
    if version != scene.pinned():
        return bad("other", version=version, pinned=scene.pinned())
    return ok(version=version)


def _own_xlwings() -> str | None:
    try:
        return importlib.metadata.version("xlwings")
    except importlib.metadata.PackageNotFoundError:
        return None


def _dll(scene: Scene) -> Diagnosis:
    """The DLL of the version and width that Excel will ask for, where it will look."""
    if not scene.installed:
        return unknown()
    version, bits = scene.places.xlwings() or scene.pinned(), excel_bits(scene.machine)
    name = install.dll_name(version, bits)
    if found := install.find_dll(scene.places, name):
        return ok(name=name, place=found.parent)
    if stray := install.stray_dll(scene.machine, name):
        return bad("elsewhere", name=name, stray=stray.parent, place=scene.places.venv)
    beside = (path.name for folder in (scene.places.venv, scene.python.parent) for path in folder.glob("xlwings*.dll"))
    others = sorted(other for other in beside if other.startswith(f"xlwings{bits}-"))
    if others:
        return bad("version", name=name, others=", ".join(others))
    return bad("missing", name=name, place=scene.places.venv)


def _antivirus(scene: Scene) -> Diagnosis:
    """A DLL that pip lists among what it wrote, and that is gone, was taken away by somebody else."""
    listed = next(scene.places.site_packages.glob("xlwings-*.dist-info/RECORD"), None)
    if listed is None:
        return unknown()
    names = set(re.findall(r"xlwings\d\d-[\w.]+\.dll", _text(listed)))
    gone = sorted(name for name in names if not install.find_dll(scene.places, name))
    return bad("removed", names=", ".join(gone)) if gone else ok()


def _user_site(scene: Scene) -> Diagnosis:
    """``pip install --user`` puts the DLL where no macro looks."""
    users = install.users_packages(scene.machine)
    found = sorted({path.parent for path in users.glob("**/site-packages/xlwings-*.dist-info")})
    if found and not scene.installed:
        return bad("only", place=found[0])
    return warn("also", place=found[0]) if found else ok()


def _store_python(scene: Scene) -> Diagnosis:
    home = re.search(r"^home\s*=\s*(.+)$", _text(scene.places.venv / "pyvenv.cfg"), re.MULTILINE)
    place = scene.machine.expanded(home[1].strip()) if home else scene.machine.base_python
    return bad("store", place=place) if install.from_store(place) else ok(place=place)


def _place(scene: Scene) -> Diagnosis:
    """Windows: plain ASCII, for xlwings hands paths over in the ANSI way. macOS: no blank, for it puts no quotes round it."""
    root = str(scene.places.root)
    if scene.machine.windows and not root.isascii():
        return bad("not_ascii", place=root)
    if scene.machine.macos and " " in root:
        return bad("blank", place=root)
    return ok(place=root)


def _functions(scene: Scene) -> Diagnosis:
    asked = scene.machine.run((scene.python, "-B", "-c", IMPORT, scene.program), _IMPORT_SECONDS)
    last = (asked.output.strip().splitlines() or ["?"])[-1]
    try:
        seconds = float(last) if asked.code == 0 else None
    except ValueError:
        seconds = None
    if seconds is None:
        return bad("fails", reason=last, place=scene.program)
    told = f"{seconds:.1f}"
    if seconds > _SLOW:
        return warn("slow", seconds=told)
    return ok("ok" if seconds <= _QUICK else "fair", seconds=told)


def _policy(scene: Scene) -> Diagnosis:
    path = scene.program / "kam_xl" / "policy.toml"
    try:
        policy = resources.policy(path)
    except (KamError, OSError) as error:
        reason = error.told(scene.words.lang) if isinstance(error, KamError) else str(error)
        return bad("unreadable", reason=reason, place=path)
    return ok(name=policy.name(scene.words.lang), version=policy.version)


# --- Excel and its company --------------------------------------------------------------------------------------------


def _server(machine: Machine) -> str | None:
    """The program that Windows starts for ``Excel.Application``."""
    identity = machine.registry.read(r"HKCR\Excel.Application\CLSID")
    keys = (rf"HKCR\CLSID\{identity}\LocalServer32", rf"HKCR\WOW6432Node\CLSID\{identity}\LocalServer32")
    found = (machine.registry.read(key) for key in keys if identity)
    return next((str(server) for server in found if server), None)


def excel_bits(machine: Machine) -> int:
    """The width of the installed Excel, 64 where nothing tells."""
    told = (
        machine.registry.read(r"HKLM\SOFTWARE\Microsoft\Office\ClickToRun\Configuration", "Platform"),
        machine.registry.read(r"HKLM\SOFTWARE\Microsoft\Office\16.0\Outlook", "Bitness"),
    )
    known = next((str(platform) for platform in told if platform), "")
    return 32 if known == "x86" or (not known and "program files (x86)" in (_server(machine) or "").casefold()) else 64


def _excel(scene: Scene) -> Diagnosis:
    if scene.machine.macos:
        app = Path("/Applications/Microsoft Excel.app")
        return ok("mac", place=app) if app.exists() else bad("missing")
    server = _server(scene.machine)
    if server is None:
        return bad("missing")
    if re.search(r"wps|kingsoft|\bet\.exe", server, re.IGNORECASE):
        return bad("wps", place=server)
    return ok(place=server, bits=excel_bits(scene.machine))


def _store_office(scene: Scene) -> Diagnosis:
    registered = scene.machine.registry.read(r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\excel.exe")
    places = [str(place) for place in (_server(scene.machine), registered) if place]
    store = next((place for place in places if "windowsapps" in place.casefold()), None)
    if store:
        return bad("store", place=store)
    return ok() if places else unknown()


def _child_processes(scene: Scene) -> Diagnosis:
    states = {rule: rule_state(scene.machine, rule) for rule in (_CHILDREN, _CALLS)}
    for state, answer in ((_BLOCKS, bad), (_WARNS, warn)):
        for rule, code in ((_CHILDREN, "children"), (_CALLS, "calls")):
            if states[rule] == state:
                return answer(code, rule=rule.upper())
    return ok()


def rule_state(machine: Machine, rule: str) -> str | None:
    """What the company set one of Defender's attack-surface rules to: "1" blocks, "2" only watches, "6" asks."""
    for key in _RULES:
        for name in (rule, rule.upper()):
            if (state := machine.registry.read(key, name)) is not None:
                return str(state)
    managed = str(machine.registry.read(_MANAGED, "AttackSurfaceReductionRules") or "")
    told = re.search(rf"{rule}\}}?=(\d)", managed, re.IGNORECASE)
    return told[1] if told else None


def _macros(scene: Scene) -> Diagnosis:
    registry = scene.machine.registry
    if not trust.forbidden(registry) and trust.trusts(registry, scene.places.books):
        return ok("trusted", place=scene.places.books)
    company = registry.read(rf"HKCU\{trust.POLICIES}\Excel\Security", "VBAWarnings")
    setting = company or registry.read(rf"HKCU\{trust.OFFICE}\Excel\Security", "VBAWarnings")
    if setting in (_SIGNED, _NONE):
        return bad("company" if company else "off", place=scene.places.books)
    return ok()


def _documents(scene: Scene) -> Diagnosis:
    cloud = cloud_folder(scene.machine, scene.places.books)
    return warn("cloud", place=scene.places.books, cloud=cloud) if cloud else ok(place=scene.places.books)


def cloud_folder(machine: Machine, path: Path) -> Path | None:
    """The synchronised folder that holds a path; Excel gives a workbook in it an address instead of a path."""
    told = (machine.env.get(name) for name in ("OneDriveCommercial", "OneDriveConsumer", "OneDrive"))
    folders = [Path(folder.replace("\\", os.sep)) for folder in told if folder]
    folders.append(machine.home / "Library" / "CloudStorage")
    return next((folder for folder in folders if path.is_relative_to(folder)), None)


def _runpython(scene: Scene) -> Diagnosis:
    script = install.applescript(scene.machine, scene.places.xlwings() or scene.pinned())
    return ok(place=script) if script.exists() else bad("missing", place=script)


def _libreoffice(scene: Scene) -> Diagnosis:
    from kam_xl.hosts import libreoffice

    try:
        place = libreoffice.installed(scene.words)
    except KamError as error:
        return (bad if scene.machine.system == "linux" else warn)("missing", reason=error)
    return ok(place=place)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""


TRAPS = (
    Trap("installed", WITH_EXCEL, _installed),
    Trap("python", EVERYWHERE, _python),
    Trap("store_python", WINDOWS, _store_python),
    Trap("place", WITH_EXCEL, _place),
    Trap("xlwings", EVERYWHERE, _xlwings),
    Trap("user_site", WITH_EXCEL, _user_site),
    Trap("dll", WINDOWS, _dll),
    Trap("antivirus", WINDOWS, _antivirus),
    Trap("runpython", MACOS, _runpython),
    Trap("functions", EVERYWHERE, _functions),
    Trap("policy", EVERYWHERE, _policy),
    Trap("excel", WITH_EXCEL, _excel),
    Trap("store_office", WINDOWS, _store_office),
    Trap("child_processes", WINDOWS, _child_processes),
    Trap("macros", WINDOWS, _macros),
    Trap("documents", WITH_EXCEL, _documents),
    Trap("libreoffice", (*LINUX, *MACOS), _libreoffice),
)
