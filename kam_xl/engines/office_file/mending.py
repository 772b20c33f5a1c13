"""What LibreOffice leaves out of a workbook it saves, put back from the workbook as it was opened.

Measured with LibreOffice 7.4: a saved .xlsm has its VBA written anew, and loses the names by which VBA knows the sheets,
the macros behind buttons, the texts for those who cannot see a picture, the style of tables and the formulas of their
columns; one without a window also its frozen panes. Charts are written anew, one kind of them so that Excel would object.
Excel would call such a workbook damaged, and its buttons would do nothing. Not put back: the theme of colours, which are
written out as they were, and a chart that shows other cells than before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from . import opc, packages
from .opc import Parts

_BOOK, _PROJECT = "xl/workbook.xml", "xl/vbaProject.bin"
_ATTRIBUTE = re.compile(r'([\w:]+)="([^"]*)"')
_SHAPE = re.compile(r"<xdr:(sp|pic|graphicFrame|cxnSp)\b([^>]*)>(\s*<xdr:nv\w+>\s*)<xdr:cNvPr\b([^>]*?)(/?)>")
_CHART = re.compile(r'<xdr:graphicFrame\b.*?<xdr:cNvPr\b[^>]*\bname="([^"]*)".*?<c:chart\b[^>]*r:id="(\w+)"', re.DOTALL)
_REFERENCE = re.compile(r"<c:f>(.*?)</c:f>")
_COLUMN = re.compile(r"<tableColumn\b([^>]*?)(?:/>|>(.*?)</tableColumn>)", re.DOTALL)
_COLUMN_FORMULA = re.compile(r"<calculatedColumnFormula\b.*?</calculatedColumnFormula>", re.DOTALL)
_VIEW = re.compile(r"(<sheetView\b[^>]*[^/]>)(.*?)</sheetView>", re.DOTALL)
_NAMED = re.compile(r"\[([^\[\]#@]+)\]")  # the columns of a structured reference
_STYLE = re.compile(r"<tableStyleInfo\b[^>]*/>")
_CODE_NAME = re.compile(r'codeName="(\w+)"')


def mended(saved: bytes, original: bytes) -> bytes:
    """The saved workbook with what LibreOffice left out of the original one."""
    new, old = opc.unpacked(saved), opc.unpacked(original)
    changed = dict(_sheets_and_book(new, old))
    sheets = opc.sheet_parts(old)
    for name, sheet in opc.sheet_parts(new).items():
        if name not in sheets:
            continue
        for kind, put_back in (("drawing", _drawing), ("table", _table)):
            originals = [old[part].decode() for part in _related(old, sheets[name], kind)]
            for part in _related(new, sheet, kind):
                changed[part] = put_back(new[part].decode(), originals).encode()
        before = _charts(old, sheets[name])
        for chart, part in _charts(new, sheet).items():
            if chart in before and _cells(new[part]) == _cells(old[before[chart]]):
                changed[part] = old[before[chart]]
    package = opc.replaced(saved, changed)
    with_macros = _PROJECT in old and _PROJECT in new
    return opc.with_project(package, old[_PROJECT]) if with_macros else package


def _sheets_and_book(new: Parts, old: Parts) -> Iterator[tuple[str, bytes]]:
    """The workbook and its sheets under the names that VBA has for them, and frozen where they were."""
    yield _BOOK, _named(new[_BOOK].decode(), "workbookPr", old[_BOOK].decode()).encode()
    sheets = opc.sheet_parts(old)
    for name, part in opc.sheet_parts(new).items():
        if name in sheets:
            original = old[sheets[name]].decode()
            yield part, _frozen(_named(new[part].decode(), "sheetPr", original), original).encode()


def _frozen(text: str, original: str) -> str:
    """A sheet without panes with those it had."""
    before = _VIEW.search(original)
    if not before or "<pane" not in before[2] or "<pane" in text:
        return text
    return _VIEW.sub(lambda found: f"{found[1]}{before[2]}</sheetView>", text, count=1)


def _named(text: str, element: str, original: str) -> str:
    before = re.search(rf"<{element}\b[^>]*>", original)
    code_name = _CODE_NAME.search(before[0]) if before else None
    if code_name:
        text = re.sub(rf"<{element}\b(?![^>]*codeName)", f"<{element} {code_name[0]}", text, count=1)
    return text


def _drawing(text: str, originals: list[str]) -> str:
    """Every shape with the macro and the description of the one of the same name."""
    before = {}
    for found in (found for original in originals for found in _SHAPE.finditer(original)):
        attributes = dict(_ATTRIBUTE.findall(found[4]))
        before[attributes.get("name")] = dict(_ATTRIBUTE.findall(found[2])).get("macro"), attributes.get("descr")

    def shape(found: re.Match) -> str:
        macro, description = before.get(dict(_ATTRIBUTE.findall(found[4])).get("name"), (None, None))
        outer, inner = found[2], found[4]
        if macro and "macro=" not in outer:
            outer += f' macro="{macro}"'
        if description and "descr=" not in inner:
            inner += f' descr="{description}"'
        return f"<xdr:{found[1]}{outer}>{found[3]}<xdr:cNvPr{inner}{found[5]}>"

    return _SHAPE.sub(shape, text)


def _charts(parts: Parts, sheet: str) -> dict[str, str]:
    """Name of a chart on a sheet → its part."""
    found = {}
    for drawing in _related(parts, sheet, "drawing"):
        targets = packages.related(parts, drawing)
        for name, relation in _CHART.findall(parts[drawing].decode()):
            found[name] = targets[relation][1]
    return found


def _cells(chart: bytes) -> set[str]:
    """The cells that a chart shows; LibreOffice makes texts in it formulas of their own."""
    return {each.replace("'", "") for each in _REFERENCE.findall(chart.decode()) if not each.startswith("&quot;")}


def _table(text: str, originals: list[str]) -> str:
    """A table with the style and the column formulas of the one of the same name."""
    name = _head(text).get("name")
    original = next((each for each in originals if _head(each).get("name") == name), None)
    if original is None:
        return text
    formulas = {
        dict(_ATTRIBUTE.findall(found[1])).get("name"): formula[0]
        for found in _COLUMN.finditer(original)
        if found[2] and (formula := _COLUMN_FORMULA.search(found[2]))
    }

    there = {dict(_ATTRIBUTE.findall(found[1])).get("name") for found in _COLUMN.finditer(text)}

    def column(found: re.Match) -> str:
        formula = formulas.get(dict(_ATTRIBUTE.findall(found[1])).get("name"))
        if formula is None or _COLUMN_FORMULA.search(found[0]) or not set(_NAMED.findall(formula)) <= there:
            return found[0]  # one that names a column since renamed would be a damaged table to Excel
        return f"<tableColumn{found[1]}>{formula}{found[2] or ''}</tableColumn>"

    text = _COLUMN.sub(column, text)
    style = _STYLE.search(original)
    return text if not style or _STYLE.search(text) else text.replace("</table>", f"{style[0]}</table>")


def _head(table: str) -> dict[str, str]:
    return dict(_ATTRIBUTE.findall(table[: table.find(">", table.find("<table "))]))


def _related(parts: Parts, part: str, kind: str) -> list[str]:
    return [target for found, target in packages.related(parts, part).values() if found.endswith(f"/{kind}")]
