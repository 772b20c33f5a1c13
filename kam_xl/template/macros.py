"""The VBA modules of the workbook: ours from ``vba``, one a sheet, and those of the installed xlwings."""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Sequence
from pathlib import Path

from kam_xl import resources
from kam_xl.core.errors import KamError
from kam_xl.engines.office_file import vba

FOLDER = Path(__file__).parent / "vba"
#: What the project is called.
NAME = "KamXl"


def modules(sheets: Sequence[str], xlwings: Sequence[vba.Module] = ()) -> tuple[vba.Module, ...]:
    """The whole project: the workbook's module, one for each code name in ``sheets``, then the others by name.

    ``xlwings`` (see `installed_xlwings`) takes the place of our stub of that name.
    """
    ours = {
        module.name: module for path in (*FOLDER.glob("*.bas"), *FOLDER.glob("*.cls")) for module in [_module(path)]
    }
    book = ours.pop(vba.WORKBOOK)
    others = ours | {module.name: module for module in xlwings}
    documents = (vba.completed(vba.Module(sheet, "", "document")) for sheet in sheets)
    return (book, *documents, *(others[name] for name in sorted(others)))


def installed_xlwings(lang: str = "zh-CN") -> tuple[vba.Module, ...]:
    """The modules ``xlwings`` and ``Dictionary`` of the installed package, which fit its DLL.

    `KamError` where the package lacks one of them, or its module is of another version than the package.
    """
    say = resources.words(lang)
    installed = importlib.metadata.distribution("xlwings")
    package, version = Path(str(installed.locate_file("xlwings"))), installed.version
    try:
        found = tuple(_module(package / name) for name in ("xlwings.bas", "addin/Dictionary.cls"))
    except OSError as error:
        raise KamError(say("macros.incomplete", file=error.filename)) from error
    told = re.search(r'XLWINGS_VERSION As String = "(.*)"', found[0].text)
    if not told or told[1] != version:
        raise KamError(say("macros.other_version", module=told[1] if told else "?", package=version))
    return found


def _module(path: Path) -> vba.Module:
    """The module of one file, named as the file."""
    kind = "document" if path.stem == vba.WORKBOOK else {".bas": "standard", ".cls": "class"}[path.suffix]
    return vba.completed(vba.Module(path.stem, path.read_text("utf-8"), kind))
