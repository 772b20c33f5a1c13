"""VBA projects (vbaProject.bin): modules as text → the bytes Excel opens, and the modules of a project read back.

The streams and records are those of [MS-OVBA]; where it leaves a choice, what Excel writes is written. Nothing compiled
goes along: the version 0xFFFF of the stream _VBA_PROJECT makes Excel compile the text on opening.
"""

from __future__ import annotations

import io
import re
import struct
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import olefile

from . import compound
from .compression import compressed, decompressed
from .unusable import damaged

WORKBOOK = "ThisWorkbook"
_MOST_BYTES = 16 * 2**20
_CODE_PAGE = 1252
#: Code pages that Excel on a Mac writes and Python knows by other names.
_MAC_PAGES = {10000: "mac_roman", 10001: "shift_jis", 10002: "big5", 10003: "euc_kr", 10008: "gbk"}

#: Kind of a module → its key in the stream PROJECT and what follows its name there, and its MODULETYPE record.
_KINDS = {
    "document": ("Document", "/&H00000000", 0x22),
    "standard": ("Module", "", 0x21),
    "class": ("Class", "", 0x22),
}
#: A designer's layout lies in a storage of its own: such a module can be read here, not made.
_KIND_OF = {key: kind for kind, (key, _, _) in _KINDS.items()} | {"BaseClass": "form"}

_WORKBOOK_CLASS = "00020819-0000-0000-C000-000000000046"
_SHEET_CLASS = "00020820-0000-0000-C000-000000000046"
_PLAIN_CLASS = "FCFB3D2A-A0FA-1068-A738-08002B3371B5"
#: The attributes of a document and of a class module, in Excel's order.
_ATTRIBUTES = ("GlobalNameSpace", "Creatable", "PredeclaredId", "Exposed", "TemplateDerived", "Customizable")
_ATTRIBUTE = re.compile(r"Attribute (VB_\w+) = .*")
_DEFAULTS = {"document": (False, False, True, True, False, True), "class": (False,) * 6}

#: Name → registered library, as a new project of Excel lists them; VBA and Excel themselves need no mention.
_REFERENCES = {
    "stdole": r"*\G{00020430-0000-0000-C000-000000000046}#2.0#0#C:\Windows\System32\stdole2.tlb#OLE Automation",
    "Office": r"*\G{2DF8D04C-5BFA-101B-BDE5-00AA0044DE52}#2.0#0#C:\Program Files\Common Files\Microsoft Shared"
    r"\OFFICE16\MSO.DLL#Microsoft Office 16.0 Object Library",
}


@dataclass(frozen=True)
class Module:
    """One module: `text` with its Attribute lines and plain line feeds; `kind` "standard", "document" or "class"."""

    name: str
    text: str
    kind: str


class BadName(ValueError):
    """A name that VBA would not take for a module or the project."""

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(sentence)
        self.name = name


# --- modules → project ------------------------------------------------------------------------------------------------


def project(modules: Sequence[Module], name: str = "VBAProject") -> bytes:
    """The project of the modules as the bytes of a vbaProject.bin: the same input gives the same bytes.

    Each text is written as `completed` returns it. `BadName` holds the name that VBA would not take, `ValueError` names
    the module whose text it would not.
    """
    modules = [completed(module) for module in modules]
    _check(modules, name)
    identity = "{" + str(uuid.uuid5(uuid.NAMESPACE_URL, name)).upper() + "}"
    streams = {module.name: compressed(_encoded(module.text)) for module in modules}
    return compound.written(
        {
            "VBA": {
                "dir": compressed(b"".join(_directory(modules, name))),
                **streams,
                "_VBA_PROJECT": struct.pack("<HHBH", 0x61CC, 0xFFFF, 0, 0),
            },
            "PROJECT": _encoded("\n".join(_project_lines(modules, name, identity)) + "\n"),
            "PROJECTwm": b"".join(_names(module.name) for module in modules) + b"\0\0",
        }
    )


def completed(module: Module) -> Module:
    """The module with every Attribute line Excel writes for its kind, and without the header of an exported class."""
    lines = module.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines[0].startswith("VERSION "):
        lines = lines[lines.index("END") + 1 :]
    given = {}
    while lines and (found := _ATTRIBUTE.fullmatch(lines[0])):
        given[found[1]] = lines.pop(0)
    attributes = {key: f"Attribute {key} = {value}" for key, value in _attributes(module)} | given
    if not lines or lines[-1]:
        lines.append("")
    return replace(module, text="\n".join([*attributes.values(), *lines]))


def _attributes(module: Module) -> Iterator[tuple[str, object]]:
    yield "VB_Name", f'"{module.name}"'
    if module.kind in _DEFAULTS:
        document = _WORKBOOK_CLASS if module.name == WORKBOOK else _SHEET_CLASS
        yield "VB_Base", f'"0{{{document if module.kind == "document" else _PLAIN_CLASS}}}"'
        yield from zip((f"VB_{key}" for key in _ATTRIBUTES), _DEFAULTS[module.kind], strict=True)


def _check(modules: Iterable[Module], name: str) -> None:
    names = {"dir", "vba", "excel", *(reference.casefold() for reference in _REFERENCES)}
    for text in (name, *(module.name for module in modules)):
        if not re.fullmatch(r"[A-Za-z]\w{0,30}", text, re.ASCII):
            why = f"{text!r}: a name in VBA is a letter and up to 30 letters, digits or underscores, all ASCII"
            raise BadName(text, why)
        if text.casefold() in names:
            why = f"{text}: two modules, or one and the project, a library or a stream, cannot share a name"
            raise BadName(text, why)
        names.add(text.casefold())
    for module in modules:
        _check_text(module)


def _check_text(module: Module) -> None:
    if module.kind not in _KINDS:
        raise ValueError(f"{module.name}: a module is {', '.join(_KINDS)}, not {module.kind!r}")
    for number, line in enumerate(module.text.split("\n"), 1):
        if not re.fullmatch(r"[\t -~]{0,1023}", line):
            raise ValueError(f"{module.name}, line {number}: VBA takes ASCII, 1023 characters a line: {line!r}")
    first = module.text.partition("\n")[0]
    if first != f'Attribute VB_Name = "{module.name}"':
        raise ValueError(f"{module.name}: its text names it otherwise: {first}")


def _encoded(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode("ascii")


def _names(name: str) -> bytes:
    return name.encode("ascii") + b"\0" + name.encode("utf-16-le") + b"\0\0"


def _directory(modules: Sequence[Module], name: str) -> Iterator[bytes]:
    """The records of the stream dir, in order ([MS-OVBA] 2.3.4.2)."""
    yield _record(0x01, _long(3))  # PROJECTSYSKIND: 64-bit Windows
    yield _record(0x4A, _long(3))  # PROJECTCOMPATVERSION: Excel of 2023 wrote 3, of 2024 5
    yield _record(0x02, _long(0x409))  # PROJECTLCID
    yield _record(0x14, _long(0x409))  # PROJECTLCIDINVOKE
    yield _record(0x03, _short(_CODE_PAGE))  # PROJECTCODEPAGE
    yield _record(0x04, name.encode("ascii"))  # PROJECTNAME
    yield _twice(0x05, 0x40, "")  # PROJECTDOCSTRING
    yield _twice(0x06, 0x3D, "")  # PROJECTHELPFILEPATH
    yield _record(0x07, _long(0))  # PROJECTHELPCONTEXT
    yield _record(0x08, _long(0))  # PROJECTLIBFLAGS
    yield struct.pack("<HIIH", 0x09, 4, 1, 1)  # PROJECTVERSION, whose size leaves out its minor number
    yield _twice(0x0C, 0x3C, "")  # PROJECTCONSTANTS
    for reference, library in _REFERENCES.items():
        yield _twice(0x16, 0x3E, reference)  # REFERENCENAME
        yield _record(0x0D, _long(len(library)) + library.encode("ascii") + bytes(6))  # REFERENCEREGISTERED
    yield _record(0x0F, _short(len(modules)))  # PROJECTMODULES
    yield _record(0x13, _short(0xFFFF))  # PROJECTCOOKIE
    for module in modules:
        yield from _listing(module)
    yield _record(0x10)  # end


def _listing(module: Module) -> Iterator[bytes]:
    """The records of one module in the stream dir, in order."""
    yield _record(0x19, module.name.encode("ascii"))  # MODULENAME
    yield _record(0x47, module.name.encode("utf-16-le"))  # MODULENAMEUNICODE
    yield _twice(0x1A, 0x32, module.name)  # MODULESTREAMNAME
    yield _twice(0x1C, 0x48, _description(module))  # MODULEDOCSTRING
    yield _record(0x31, _long(0))  # MODULEOFFSET: nothing compiled stands before the text
    yield _record(0x1E, _long(0))  # MODULEHELPCONTEXT
    yield _record(0x2C, _short(0xFFFF))  # MODULECOOKIE
    yield _record(_KINDS[module.kind][2])  # MODULETYPE
    yield _record(0x2B)  # end of the module


def _description(module: Module) -> str:
    """What the text says of its module as a whole; there it is one line."""
    found = re.search(r'^Attribute VB_Description = "(.*)"$', module.text, re.MULTILINE)
    return found[1].replace('""', '"').replace(r"\r\n", "\r\n") if found else ""


def _record(number: int, content: bytes = b"") -> bytes:
    return struct.pack("<HI", number, len(content)) + content


def _twice(number: int, unicode_number: int, text: str) -> bytes:
    """A text in the code page, then in UTF-16."""
    return _record(number, text.encode("ascii")) + _record(unicode_number, text.encode("utf-16-le"))


def _short(number: int) -> bytes:
    return struct.pack("<H", number)


def _long(number: int) -> bytes:
    return struct.pack("<I", number)


def _project_lines(modules: Sequence[Module], name: str, identity: str) -> Iterator[str]:
    """The stream PROJECT ([MS-OVBA] 2.3.1): no protection, no password, visible, all windows closed."""
    yield f'ID="{identity}"'
    for module in modules:
        key, rest, _ = _KINDS[module.kind]
        yield f"{key}={module.name}{rest}"
    yield f'Name="{name}"'
    yield 'HelpContextID="0"'
    yield 'VersionCompatible32="393222000"'
    for seed, (key, data) in enumerate({"CMG": bytes(4), "DPB": bytes(1), "GC": b"\xff"}.items()):
        yield f'{key}="{_hidden(data, seed * 8, identity).hex().upper()}"'
    yield ""
    yield "[Host Extender Info]"
    yield "&H00000001={3832D640-CF90-11CF-8E43-00A0C911005A};VBE;&H00000000"
    yield ""
    yield "[Workspace]"
    yield from (f"{module.name}=0, 0, 0, 0, C" for module in modules)


def _hidden(data: bytes, seed: int, identity: str) -> bytes:
    """Data the way PROJECT keeps it ([MS-OVBA] 2.4.3): every byte is xored with the ones before it, so none is secret."""
    key = sum(identity.encode("ascii")) & 0xFF
    hidden, plain = [seed, seed ^ 2, seed ^ key], key  # 2 is the version of the method
    for byte in bytes((seed & 6) // 2) + _long(len(data)) + data:  # as many bytes of no meaning as the seed says
        hidden.append(byte ^ (hidden[-2] + plain & 0xFF))
        plain = byte
    return bytes(hidden)


# --- project → modules ------------------------------------------------------------------------------------------------


def modules(project: bytes) -> tuple[Module, ...]:
    """Every module of a project, Excel's own too, in its order; a designer's has the kind "form".

    `Unusable` where the bytes are no project.
    """
    try:
        with olefile.OleFileIO(io.BytesIO(project)) as file:
            records = tuple(_records(decompressed(file.openstream("VBA/dir").read(), _MOST_BYTES)))
            encoding = _encoding(next(content for number, content in records if number == 0x03))
            kinds = _kinds(file.openstream("PROJECT").read().decode(encoding))
            return tuple(
                Module(name, _text(file, stream, offset).decode(encoding).replace("\r\n", "\n"), kinds[name.casefold()])
                for name, stream, offset in _listed(records, encoding)
            )
    except (OSError, ValueError, LookupError, OverflowError, StopIteration, struct.error) as error:
        raise damaged(error) from error


def _encoding(code_page: bytes) -> str:
    number = int.from_bytes(code_page, "little")
    return _MAC_PAGES.get(number, f"cp{number}")


def _records(directory: bytes) -> Iterator[tuple[int, bytes]]:
    """(number, content) of every record of the stream dir."""
    at = 0
    while at < len(directory):
        number, size = struct.unpack_from("<HI", directory, at)
        size += 2 if number == 0x09 else 0  # PROJECTVERSION leaves out its minor number
        yield number, directory[at + 6 : at + 6 + size]
        at += 6 + size


def _listed(records: Iterable[tuple[int, bytes]], encoding: str) -> Iterator[tuple[str, str, int]]:
    """(name, stream, where its text starts there) of every module."""
    fields: dict[int, bytes] = {}
    for number, content in records:
        if number == 0x19:
            fields = {}
        fields[number] = content
        if number == 0x2B:
            yield fields[0x19].decode(encoding), fields[0x1A].decode(encoding), int.from_bytes(fields[0x31], "little")


def _kinds(text: str) -> Mapping[str, str]:
    """Module name, folded → kind, as the stream PROJECT lists them."""
    lines = (line.partition("=") for line in text.splitlines())
    return {name.partition("/")[0].casefold(): _KIND_OF[key] for key, _, name in lines if key in _KIND_OF}


def _text(file: olefile.OleFileIO, stream: str, offset: int) -> bytes:
    return decompressed(file.openstream(["VBA", stream]).read()[offset:], _MOST_BYTES).rstrip(b"\0")
