"""What of Windows' DLLs cannot be compiled: python3.dll as a list of names, and Wine's C runtime with functions handed on.

dlls.py names DLL NAME          a .def file in which NAME.dll hands every name on to DLL
dlls.py handed_on DLL TO NEW    DLL as NEW, with every name that the DLL TO exports as kam_NAME handed on to it
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import pefile

_OURS = "kam_"
_DIRECTORY = struct.Struct("<IIHHIIIIIII")  # winnt.h: IMAGE_EXPORT_DIRECTORY
_SECTION = struct.Struct("<8sIIIIIIHHI")  # IMAGE_SECTION_HEADER
_READ_ONLY_DATA = 0x40000040
_SECTIONS_AT, _SIZE_AT = 2, 56  # in the file header, and in the optional one
#: Wine takes a file with this word in it for its own, and loads its own instead.
_BUILTIN, _FOREIGN = b"Wine builtin DLL", b"KAM XL's for now"


def names(path: Path, name: str) -> str:
    """A module definition that hands every name of a DLL on to it."""
    handed = [f"  {each}={path.stem}.{each}" for each in _exported(pefile.PE(path))]
    return "\n".join([f"LIBRARY {name}.dll", "EXPORTS", *handed, ""])


def _exported(of: pefile.PE) -> list[str]:
    return [each.name.decode() for each in of.DIRECTORY_ENTRY_EXPORT.symbols if each.name]


def handed_on(path: Path, to: Path) -> bytes:
    """A DLL with an export table in a section of its own, in which the functions that another one has lead there."""
    whole = pefile.PE(path)
    start = _up(max(each.VirtualAddress + each.Misc_VirtualSize for each in whole.sections), whole)
    ours = {name.removeprefix(_OURS): f"{to.stem}.{name}" for name in _exported(pefile.PE(to))}
    return _with_section(whole, start, _table(whole, start, ours))


def _up(size: int, whole: pefile.PE, *, in_file: bool = False) -> int:
    step = whole.OPTIONAL_HEADER.FileAlignment if in_file else whole.OPTIONAL_HEADER.SectionAlignment
    return -(-size // step) * step


def _table(whole: pefile.PE, start: int, ours: dict[str, str]) -> bytes:
    """The export table as it stands at `start`; what is handed on stands behind it, as text, as the loader wants it."""
    told, image = whole.DIRECTORY_ENTRY_EXPORT.struct, whole.get_memory_mapped_image()
    read = lambda kind, count, at: list(struct.unpack_from(f"<{count}{kind}", image, at))  # noqa: E731
    functions = read("I", told.NumberOfFunctions, told.AddressOfFunctions)
    texts = read("I", told.NumberOfNames, told.AddressOfNames)
    places = read("H", told.NumberOfNames, told.AddressOfNameOrdinals)
    text = lambda at: image[at : image.index(b"\0", at)].decode()  # noqa: E731
    leads = {i: text(at) for i, at in enumerate(functions) if _is_text(whole, at)}
    leads |= {i: ours[text(at)] for at, i in zip(texts, places, strict=True) if text(at) in ours}
    at_functions = start + _DIRECTORY.size
    at_texts = at_functions + 4 * len(functions)
    at_places = at_texts + 4 * len(texts)
    tail = bytearray()
    for i, lead in leads.items():
        functions[i] = at_places + 2 * len(places) + len(tail)
        tail += lead.encode() + b"\0"
    counts = told.Base, len(functions), len(texts)
    head = _DIRECTORY.pack(0, 0, 0, 0, told.Name, *counts, at_functions, at_texts, at_places)
    lists = (("I", functions), ("I", texts), ("H", places))
    return head + b"".join(struct.pack(f"<{len(each)}{kind}", *each) for kind, each in lists) + bytes(tail)


def _is_text(whole: pefile.PE, at: int) -> bool:
    """True for an address inside the old table: no function, but the name of one elsewhere."""
    old = whole.OPTIONAL_HEADER.DATA_DIRECTORY[0]
    return old.VirtualAddress <= at < old.VirtualAddress + old.Size


def _with_section(whole: pefile.PE, start: int, table: bytes) -> bytes:
    data = whole.write()
    header = whole.sections[-1].get_file_offset() + _SECTION.size
    if any(data[header : header + _SECTION.size]):
        raise ValueError("no room for the header of another section")
    at, long = _up(len(data), whole, in_file=True), _up(len(table), whole, in_file=True)
    _SECTION.pack_into(data, header, b".exports", len(table), start, long, at, 0, 0, 0, 0, _READ_ONLY_DATA)
    counted = whole.FILE_HEADER.get_file_offset() + _SECTIONS_AT
    struct.pack_into("<H", data, counted, len(whole.sections) + 1)
    sized = whole.OPTIONAL_HEADER.get_file_offset() + _SIZE_AT
    struct.pack_into("<I", data, sized, _up(start + len(table), whole))
    struct.pack_into("<II", data, whole.OPTIONAL_HEADER.DATA_DIRECTORY[0].get_file_offset(), start, len(table))
    return bytes(data.ljust(at, b"\0") + table.ljust(long, b"\0")).replace(_BUILTIN, _FOREIGN)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["names", path, name]:
            sys.stdout.write(names(Path(path), name))
        case ["handed_on", path, to, new]:
            Path(new).write_bytes(handed_on(Path(path), Path(to)))
        case _:
            sys.exit(__doc__)
