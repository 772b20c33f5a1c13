"""The template workbooks of a desk: built from what is installed, and never put over one that somebody changed."""

from __future__ import annotations

import itertools
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from kam_xl.core.errors import KamError
from kam_xl.core.words import Words
from kam_xl.desk.record import Inventory, Made, digest

if TYPE_CHECKING:
    from kam_xl.template.build import Customers

#: File → the language of the template it holds; one without macros ends in .xlsx.
BOOKS = {
    "KAM_Template.xlsm": "zh-CN",
    "KAM_Template.en.xlsm": "en",
    "KAM_Template.plain.xlsx": "zh-CN",
    "KAM_Template.plain.en.xlsx": "en",
}


def build(lang: str, conf: dict[str, str] | None, customers: Customers | None = None) -> bytes:
    """The template in one language with the macros of the xlwings that runs this; `conf` replaces configuration rows.

    `customers` stand in it in place of the samples.
    """
    from kam_xl.template import build as template
    from kam_xl.template import macros

    return template.template(
        lang, macros.modules(template.code_names(), macros.installed_xlwings(lang)), conf, customers
    )


def build_plain(lang: str) -> bytes:
    """The template without macros in one language; there is nothing in it to configure."""
    from kam_xl.template import plain

    return plain.workbook(lang)


def has_macros(book: str | Path) -> bool:
    """Whether a template of this name runs macros."""
    return Path(book).suffix == ".xlsm"


def place(new: Path, folder: Path, of: str, record: Inventory, words: Words) -> Path:
    """Move a new template to its place in a folder, or beside it where somebody changed the old one; note and return it."""
    fresh = digest(new)
    target = free(folder / new.name, fresh, record)
    try:
        new.replace(target)
    except OSError as error:
        raise KamError(words("desk.book_in_use", file=target)) from error
    record.note(Made("book", str(target), fresh, of))
    return target


def free(path: Path, fresh: str, record: Inventory) -> Path:
    """The path itself, or the first ``name (2)`` after it, that no changed workbook takes."""
    for number in itertools.count(1):
        place = path if number == 1 else path.with_name(f"{path.stem} ({number}){path.suffix}")
        now, noted = digest(place), record.of(place)
        untouched = not os.path.lexists(place) or now == fresh or (noted and now == noted.digest)
        if untouched and not place.is_symlink():  # a link is somebody's own doing
            return place
    raise AssertionError  # count() does not end


if __name__ == "__main__":  # python -m kam_xl.desk.templates LANG FILE CONF-AS-JSON, run by the installed environment
    lang, file, configuration = sys.argv[1:]
    Path(file).write_bytes(build(lang, json.loads(configuration)) if has_macros(file) else build_plain(lang))
