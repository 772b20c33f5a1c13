"""New macros and a new ribbon for the KAM workbooks of a folder; no sheet is touched, and a copy is kept beforehand."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import os
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import kam_xl
from kam_xl import resources
from kam_xl.core.errors import KamError, Refused
from kam_xl.core.words import Words
from kam_xl.desk import contents
from kam_xl.desk.contents import PROJECT, RIBBON, BookFacts
from kam_xl.engines.office_file import opc, vba
from kam_xl.hosts.replacing import flush, replacing

#: The nightly job passes over folders whose name starts with a dot, so no copy counts as a team.
BACKUP = ".kam_xl-backup-"
SUFFIX = ".xlsm"
_OURS = ("Kam", "xlwings", "Dictionary")


@dataclass(frozen=True)
class Fresh:
    """What the workbooks get: the ribbon, the modules for given sheets, and what these need of a workbook: texts, sheets."""

    ribbon: bytes
    modules: Callable[[Sequence[str]], tuple[vba.Module, ...]]
    texts: frozenset[str]
    schema: int | None = None


@dataclass(frozen=True)
class Upgraded:
    """What became of one workbook: upgraded, current or skipped; `code` is its sentence's key, `values` what it names."""

    path: Path
    result: str
    code: str
    values: dict[str, object] = field(default_factory=dict)
    missing: int = 0  # texts that the new macros look up and the workbook does not have


class _Skipped(Exception):
    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code, self.values = code, values


def fresh(lang: str) -> Fresh:
    """The ribbon, macros and texts of the installed KAM XL and xlwings."""
    from kam_xl.template import build, macros

    template = contents.of(build.template(lang))
    bridge = macros.installed_xlwings(lang)
    return Fresh(template.ribbon or b"", lambda sheets: macros.modules(sheets, bridge), template.texts, template.schema)


def upgrade(folder: Path, new: Fresh, today: dt.date, words: Words, *, dry_run: bool) -> Iterator[Upgraded]:
    """Upgrade every KAM workbook below a folder, one after the other; other workbooks are passed over in silence."""
    if not folder.is_dir():
        raise KamError(words("job.no_folder", folder=folder))
    for path in _workbooks(folder):
        try:
            outcome = _one(path, folder, new, today, words, dry_run=dry_run)
        except _Skipped as skipped:
            outcome = Upgraded(path, "skipped", skipped.code, skipped.values)
        except Refused as error:
            outcome = Upgraded(path, "skipped", "unreadable", {"reason": resources.refusal(error, words)})
        except OSError as error:
            outcome = Upgraded(path, "skipped", "in_use", {"reason": error.strerror or str(error)})
        if outcome:
            yield outcome


def _workbooks(folder: Path) -> list[Path]:
    """Every .xlsm below the folder that is no lock file and lies in no hidden folder."""
    found = (path for path in folder.rglob("*") if path.suffix.casefold() == SUFFIX and path.is_file())
    hidden = re.compile(r"\.|~")
    return sorted(path for path in found if not any(hidden.match(part) for part in path.relative_to(folder).parts))


def _one(path: Path, folder: Path, new: Fresh, today: dt.date, words: Words, *, dry_run: bool) -> Upgraded | None:
    true = path.resolve()  # a link stays one, and what it leads to is upgraded
    before = true.stat()
    data = true.read_bytes()
    old = contents.of(data)
    if not old.ours:
        return None
    modules = new.modules(tuple(old.code_names))
    missing = len(new.texts - old.texts)
    if is_newer(old.version):
        raise _Skipped("newer", version=old.version, this=kam_xl.__version__)
    if None not in (old.schema, new.schema) and old.schema != new.schema:
        raise _Skipped("layout")
    if old.ribbon == new.ribbon and _same(old.modules, modules):
        return Upgraded(path, "current", "current", missing=missing)
    project = _project(old, modules)
    _refuse(path, true, old, modules)
    upgraded = _swapped(data, new.ribbon, project)
    if not dry_run:
        _keep(path, folder, today)
        _replace(true, upgraded, before)
    return Upgraded(path, "upgraded", "would" if dry_run else "upgraded", missing=missing)


def is_newer(version: str | None) -> bool:
    """True for a workbook made by a later KAM XL than this one."""
    return _numbers(version or "") > _numbers(kam_xl.__version__)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))


# --- what speaks against it -------------------------------------------------------------------------------------------


def _refuse(path: Path, true: Path, old: BookFacts, modules: Sequence[vba.Module]) -> None:
    """`_Skipped` for a workbook that is open, write-protected, has a second name, or holds macros of somebody else."""
    marks = (("~$", ""), (".~lock.", "#"))
    if any(one.with_name(f"{mark}{one.name}{end}").exists() for one in (path, true) for mark, end in marks):
        raise _Skipped("open")
    facts = true.stat()
    if not facts.st_mode & 0o200:
        raise _Skipped("read_only")
    if facts.st_nlink > 1:  # a new file in its place would leave the other name with the old one
        raise _Skipped("two_names")
    if own := _foreign(old.modules, modules):
        raise _Skipped("own_macros", names=", ".join(own))


def _foreign(old: Sequence[vba.Module], new: Sequence[vba.Module]) -> list[str]:
    """Names of modules that would be lost: not ours, or a sheet's with code in it."""
    known = {module.name.casefold() for module in new}
    sheets = [module for module in old if module.kind == "document" and module.name != vba.WORKBOOK]
    others = [module for module in old if module.kind != "document" and not module.name.startswith(_OURS)]
    lost = [module.name for module in (*sheets, *others) if module.name.casefold() not in known]
    return lost + [module.name for module in sheets if _code(module) and module.name not in lost]


def _code(module: vba.Module) -> str:
    """A module's text as VBA understands it; Excel changes blanks and the case of names when it saves."""
    lines = (line for line in module.text.split("\n") if not line.startswith("Attribute "))
    words = re.sub(r"\s+", " ", " \n ".join(lines)).strip().casefold()
    return "" if words == "option explicit" else words


def _same(old: Sequence[vba.Module], new: Sequence[vba.Module]) -> bool:
    return {module.name.casefold(): _code(module) for module in old} == {
        module.name.casefold(): _code(module) for module in new
    }


def _project(old: BookFacts, modules: Sequence[vba.Module]) -> bytes:
    """The new project; `_Skipped` where a sheet's code name cannot stand in it: Excel takes ``列表``, `vba` does not."""
    from kam_xl.template import macros

    try:
        return vba.project(modules, macros.NAME)
    except vba.BadName as error:
        name = next((name for name in old.code_names if name.casefold() == error.name.casefold()), None)
        if name is None:
            raise
        raise _Skipped("code_name", name=name, sheet=old.code_names[name]) from error


# --- swapping ---------------------------------------------------------------------------------------------------------


def _swapped(data: bytes, ribbon: bytes, project: bytes) -> bytes:
    """The workbook with both parts new; where they are listed already, nothing but the two changes."""
    listed = opc.with_ribbon(opc.with_project(data, project), ribbon)
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(io.BytesIO(listed)) as new:
        same = set(old.namelist()) == set(new.namelist()) and RIBBON.encode() in old.read("_rels/.rels")
    return opc.replaced(data, {PROJECT: project, RIBBON: ribbon}) if same else listed


def _keep(path: Path, folder: Path, today: dt.date) -> None:
    """Copy the workbook as it is into the day's backup folder, beside what a first run of the day kept."""
    place = folder / f"{BACKUP}{today:%Y-%m-%d}" / path.relative_to(folder)
    place.parent.mkdir(parents=True, exist_ok=True)
    names = (place.with_stem(place.stem + (f" ({number})" if number > 1 else "")) for number in itertools.count(1))
    shutil.copy2(path, next(name for name in names if not name.exists()))


def _replace(path: Path, data: bytes, before: os.stat_result) -> None:
    """Put the new content in the workbook's place in one step, unless somebody saved it in the meantime."""
    with replacing(path) as new:
        new.write_bytes(data)
        shutil.copymode(path, new)
        flush(new)  # a slow disk is time in which somebody may save
        now = path.stat()
        if (now.st_mtime_ns, now.st_size) != (before.st_mtime_ns, before.st_size):
            raise _Skipped("saved_meanwhile")
