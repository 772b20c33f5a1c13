"""What XlsxWriter cannot write, added to the finished package: named cell styles, and buttons that start macros."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from kam_xl.engines.office_file import opc
from kam_xl.showing import theme
from kam_xl.template.layout import Draft

STYLES = "xl/styles.xml"
SHEET = re.compile(r"xl/worksheets/sheet\d+\.xml")
DRAWING = re.compile(r"xl/drawings/drawing\d+\.xml")
#: Buttons that undo something are drawn in outline, so that nobody takes them for the way on.
CAUTIOUS = frozenset({"KamXl_ClearSamples"})

#: A formula whose cached value is a blank text, which XlsxWriter gives the form of one never calculated.
_BLANK = re.compile(rb'(<c r="[A-Z]+\d+"(?: s="\d+")?)(><f>[^<]*</f><v></v></c>)')
_XF = re.compile(r"<xf [^>]*?(?:/>|>.*?</xf>)")
_SHAPE = re.compile(r'<xdr:sp macro="" textlink="(?P<link>[^"]*)">(?P<inside>.*?)</xdr:sp>', re.DOTALL)
_PROPERTIES = re.compile(r'<xdr:cNvPr id="(?P<id>\d+)" name="[^"]*"(?P<rest>[^>]*?)/?>')
_TEXT = re.compile(r"<a:t>(?P<macro>[^<]*)</a:t>")
_FRAME = re.compile(r"<a:xfrm.*?</a:xfrm>", re.DOTALL)

_BUTTON = (
    '<xdr:sp macro="[0]!{macro}" textlink={link}>'
    '<xdr:nvSpPr><xdr:cNvPr id="{id}" name={name}{rest}/><xdr:cNvSpPr/></xdr:nvSpPr>'
    '<xdr:spPr>{frame}<a:prstGeom prst="roundRect"><a:avLst><a:gd name="adj" fmla="val 22000"/></a:avLst></a:prstGeom>'
    '<a:solidFill><a:srgbClr val="{fill}"/></a:solidFill><a:ln w="9525"><a:solidFill><a:srgbClr val="{edge}"/></a:solidFill></a:ln>'
    "</xdr:spPr>"
    '<xdr:txBody><a:bodyPr vertOverflow="clip" wrap="square" lIns="36000" tIns="18000" rIns="36000" bIns="18000" anchor="ctr"/>'
    '<a:lstStyle/><a:p><a:pPr algn="ctr"/>'
    '<a:fld id="{{B8ADDEFE-BF52-4FD4-8C5D-6B85EF6FF707}}" type="TxLink"><a:rPr lang="{lang}" sz="1000" b="1">{run}</a:rPr>'
    '<a:pPr algn="ctr"/><a:t>{text}</a:t></a:fld><a:endParaRPr lang="{lang}" sz="1000" b="1">{run}</a:endParaRPr></a:p></xdr:txBody>'
    "</xdr:sp>"
)
_RUN = '<a:solidFill><a:srgbClr val="{ink}"/></a:solidFill><a:latin typeface="{font}"/><a:ea typeface="{font}"/>'


def completed(written: bytes, draft: Draft) -> bytes:
    """The workbook as XlsxWriter wrote it, with its cell styles named, its buttons drawn, and blank answers being texts."""
    styled = {
        name: [made.xf_index for made in formats if made.xf_index is not None] for name, formats in draft.styled.items()
    }
    parts = opc.unpacked(written)
    blank = {name: _BLANK.sub(rb'\1 t="str"\2', part) for name, part in parts.items() if SHEET.fullmatch(name)}
    return opc.replaced(written, finished(parts, styled, draft.buttons, draft.lang) | blank)


def finished(
    parts: Mapping[str, bytes], styled: Mapping[str, Sequence[int]], buttons: Mapping[str, str], lang: str
) -> dict[str, bytes]:
    """The parts to replace: the style sheet and every drawing with buttons.

    ``styled`` gives the cell formats (their index) of each built-in style, ``buttons`` the label of each macro's button.
    """
    changed = {STYLES: _with_cell_styles(parts[STYLES].decode(), styled).encode()}
    for name, content in parts.items():
        if DRAWING.fullmatch(name):
            text = content.decode()
            drawn = _SHAPE.sub(lambda shape: _button(shape, buttons, lang), text)
            if drawn != text:
                changed[name] = drawn.encode()
    return changed


def _button(shape: re.Match, buttons: Mapping[str, str], lang: str) -> str:
    """One text box of XlsxWriter as a rounded button."""
    inside = shape["inside"]
    macro = _found(_TEXT, inside)["macro"]
    known = _found(_PROPERTIES, inside)
    fill, ink, edge = _colours(macro)
    return _BUTTON.format(
        macro=macro,
        link=quoteattr(shape["link"].lstrip("=")),
        id=known["id"],
        name=quoteattr(macro),
        rest=known["rest"],
        frame=_found(_FRAME, inside)[0],
        fill=fill,
        edge=edge,
        lang=lang,
        run=_RUN.format(ink=ink, font=theme.WORKBOOK_FONTS[lang]),
        text=escape(buttons[macro]),
    )


def _found(pattern: re.Pattern[str], text: str) -> re.Match[str]:
    """Where a pattern stands that XlsxWriter always writes."""
    found = pattern.search(text)
    if not found:
        raise ValueError(f"XlsxWriter writes it otherwise now: {pattern.pattern}")
    return found


def _colours(macro: str) -> tuple[str, str, str]:
    """Fill, ink and edge of a button, without the #."""
    bad = theme.VERDICTS["bad"]
    fill, ink, edge = (
        (theme.WHITE, bad.text, bad.text)
        if macro in CAUTIOUS
        else (theme.TIER_COLOURS["key"], theme.WHITE, theme.HEADER_FILL)
    )
    return fill.lstrip("#"), ink.lstrip("#"), edge.lstrip("#")


def _with_cell_styles(sheet: str, styled: Mapping[str, Sequence[int]]) -> str:
    """The style sheet with Excel's built-in styles declared, and their cell formats pointing at them."""
    whole, inside = _block(sheet, "cellXfs")
    formats = _XF.findall(inside)
    base, base_inside = _block(sheet, "cellStyleXfs")
    named, named_inside = _block(sheet, "cellStyles")
    roots, names = _XF.findall(base_inside), re.findall(r"<cellStyle [^>]*/>", named_inside)
    for name, indices in styled.items():
        root = re.sub(r' xfId="\d+"', "", formats[indices[0]].split(">")[0].rstrip("/")) + "/>"
        for index in indices:
            formats[index] = formats[index].replace('xfId="0"', f'xfId="{len(roots)}"', 1)
        builtin = theme.CELL_STYLES[name].builtin
        names.append(f'<cellStyle name="{name}" xfId="{len(roots)}" builtinId="{builtin}" customBuiltin="1"/>')
        roots.append(re.sub(r'numFmtId="\d+"', 'numFmtId="0"', root))
    for old, tag, items in ((whole, "cellXfs", formats), (base, "cellStyleXfs", roots), (named, "cellStyles", names)):
        sheet = sheet.replace(old, f'<{tag} count="{len(items)}">{"".join(items)}</{tag}>', 1)
    return sheet


def _block(sheet: str, tag: str) -> tuple[str, str]:
    """An element of the style sheet: whole, and what is inside."""
    found = _found(re.compile(rf"<{tag} [^>]*>(.*?)</{tag}>", re.DOTALL), sheet)
    return found[0], found[1]
