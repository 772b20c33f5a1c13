"""Whether a workbook's macros are KAM XL's own: a workbook comes from anywhere, and only ours may run.

What is compared is what LibreOffice itself would run, read from the workbook opened with its macros switched off.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from kam_xl.core.errors import KamError
from kam_xl.doors.libreoffice import bridge
from kam_xl.template import macros

#: The only kind of file that holds our VBA and nothing else that runs.
_FILTER = "Calc MS Excel 2007 VBA XML"
#: What LibreOffice adds to a module's text, each a whole line and nothing else.
_ADDED = re.compile(r"Rem Attribute VBA_ModuleType=VBA(Document|Class)?Module|Option (VBASupport 1|ClassModule)")
#: What it leaves out when it reads VBA; any other line of the kind is code to it, and may run more behind a colon.
_LEFT_OUT = "Attribute "
_BLANKS = re.compile(r"[ \t]+")


def has_macros(document: Any) -> bool:
    """True where the document holds code of any kind."""
    libraries = document.BasicLibraries
    return any(
        _code(libraries.getByName(name).getByName(module))
        for name in libraries.getElementNames()
        for module in libraries.getByName(name).getElementNames()
    )


def is_ours(document: Any) -> bool:
    """True where the document's VBA project holds our modules and no others, as this version of KAM XL writes them."""
    if next((each.Value for each in document.Args if each.Name == "FilterName"), "") != _FILTER:
        return False
    libraries = document.BasicLibraries
    library = libraries.ProjectName
    others = [name for name in libraries.getElementNames() if name != library]
    if any(libraries.getByName(name).getElementNames() for name in others):
        return False
    if any(
        document.DialogLibraries.getByName(name).hasElements() for name in document.DialogLibraries.getElementNames()
    ):
        return False
    modules = libraries.getByName(library)
    found = {name.casefold(): _code(modules.getByName(name)) for name in modules.getElementNames()}
    return any(_matches(found, ours) for ours in _ours())


def _matches(found: Mapping[str, tuple[str, ...]], ours: Mapping[str, tuple[str, ...]]) -> bool:
    """True where every module of ours is there, and nothing besides but the empty modules of sheets."""
    return all(found.get(name) == code for name, code in ours.items()) and not any(
        code for name, code in found.items() if name not in ours
    )


def _ours() -> Iterator[dict[str, tuple[str, ...]]]:
    """Our modules, with the stub of xlwings, the installed one, and ours that a file not yet mended was saved with."""
    stub = {module.name.casefold(): _read_in(module.text) for module in macros.modules(())}
    yield stub
    yield stub | {bridge.NAME: _code(bridge.TEXT)}
    with contextlib.suppress(KamError):  # xlwings is not installed whole
        yield stub | {module.name.casefold(): _read_in(module.text) for module in macros.installed_xlwings()}


def _read_in(text: str) -> tuple[str, ...]:
    """A module of ours as LibreOffice reads it in."""
    return _code("\n".join(line for line in text.splitlines() if not line.startswith(_LEFT_OUT)))


def _code(text: str) -> tuple[str, ...]:
    """A module's lines as VBA means them: it minds neither capitals nor blanks, and Excel changes both.

    Nothing else is forgiven: another control character or letter could mean something to Basic that it does not to us.
    """
    lines = [line for line in text.replace("\r\n", "\n").split("\n") if not _ADDED.fullmatch(line)]
    told = (_BLANKS.sub(" ", line).strip(" ") for line in lines)
    return tuple(line.lower() if line.isascii() else line for line in told if line)
