"""Values as VBA hands them to COM and gets them back: pywin32 cannot hand over the errors of cells, so this does it bare."""

from __future__ import annotations

import ctypes
import datetime as dt
from collections.abc import Callable
from ctypes import wintypes
from dataclasses import dataclass

#: What a cell's error is to COM, and an argument that was left out.
ERRORS = {"#N/A": -2146826246, "#DIV/0!": -2146826281, "<left out>": -2147352572}
_EMPTY, _NULL, _NUMBER, _DATE, _TEXT, _ERROR, _TRUTH, _VARIANT, _ARRAY = 0, 1, 5, 7, 8, 10, 11, 12, 0x2000
_DAY_0 = dt.datetime(1899, 12, 30)
_METHOD = 1  # DISPATCH_METHOD
_NO_IID = (ctypes.c_byte * 16)()


class _Content(ctypes.Union):
    _fields_ = (
        ("number", ctypes.c_double), ("at", ctypes.c_void_p), ("error", ctypes.c_int32), ("truth", ctypes.c_int16),
        ("size", ctypes.c_byte * 16),
    )  # fmt: skip


class Variant(ctypes.Structure):
    """VARIANT of oaidl.h: a kind and a content."""

    _anonymous_ = ("content",)
    _fields_ = (("kind", ctypes.c_uint16), ("reserved", ctypes.c_uint16 * 3), ("content", _Content))


class _Bound(ctypes.Structure):
    _fields_ = (("count", ctypes.c_uint32), ("first", ctypes.c_int32))


class _Arguments(ctypes.Structure):  # DISPPARAMS
    _fields_ = (
        ("values", ctypes.POINTER(Variant)), ("names", ctypes.c_void_p), ("count", ctypes.c_uint), ("named", ctypes.c_uint),
    )  # fmt: skip


_ole = ctypes.OleDLL("oleaut32")
for _name in ("SafeArrayCreate", "SysAllocStringLen"):
    getattr(_ole, _name).restype = ctypes.c_void_p
_ole.SafeArrayGetDim.restype = ctypes.c_uint


def handed_over(value: object) -> Variant:
    """A cell's value; rows of cells as an array of two dimensions; a list as one of one; None as nothing."""
    made = Variant()
    match value:
        case None:
            made.kind = _EMPTY
        case bool():
            made.kind, made.truth = _TRUTH, -value
        case float() | int():
            made.kind, made.number = _NUMBER, value
        case dt.datetime():
            made.kind, made.number = _DATE, (value - _DAY_0) / dt.timedelta(days=1)
        case str() if value in ERRORS:
            made.kind, made.error = _ERROR, ERRORS[value]
        case str():
            long = len(value.encode("utf-16-le")) // 2
            made.kind, made.at = _TEXT, _ole.SysAllocStringLen(ctypes.c_wchar_p(value), long)
        case list():
            made.kind, made.at = _ARRAY | _VARIANT, _array([len(value)], 0, {(i,): one for i, one in enumerate(value)})
        case tuple():
            cells = {(i, j): cell for i, row in enumerate(value, 1) for j, cell in enumerate(row, 1)}
            made.kind, made.at = _ARRAY | _VARIANT, _array([len(value), len(value[0])], 1, cells)
        case _:
            raise TypeError(value)
    return made


def _array(counts: list[int], first: int, cells: dict[tuple[int, ...], object]) -> int:
    bounds = (_Bound * len(counts))(*[(count, first) for count in counts])
    array = _ole.SafeArrayCreate(_VARIANT, len(counts), bounds)
    for place, cell in cells.items():
        if cell is None:  # as the array was made
            continue
        one = handed_over(cell)
        _ole.SafeArrayPutElement(ctypes.c_void_p(array), (ctypes.c_int32 * len(place))(*place), ctypes.byref(one))
    return array


def taken(given: Variant) -> object:
    """The value; an array as a tuple, one of two dimensions as a tuple of rows."""
    return _TAKEN[given.kind](given)


def _cells(array: int) -> tuple:
    at = ctypes.c_void_p(array)
    ranges = [range(_bound("L", at, i), _bound("U", at, i) + 1) for i in range(1, _ole.SafeArrayGetDim(at) + 1)]
    if len(ranges) == 1:
        return tuple(_cell(at, i) for i in ranges[0])
    return tuple(tuple(_cell(at, i, j) for j in ranges[1]) for i in ranges[0])


def _bound(which: str, array: ctypes.c_void_p, dimension: int) -> int:
    found = ctypes.c_int32()
    getattr(_ole, f"SafeArrayGet{which}Bound")(array, dimension, ctypes.byref(found))
    return found.value


def _cell(array: ctypes.c_void_p, *place: int) -> object:
    cell = Variant()
    _ole.SafeArrayGetElement(array, (ctypes.c_int32 * len(place))(*place), ctypes.byref(cell))
    return taken(cell)


#: The kinds of answers, and the value of each.
_TAKEN = {
    _EMPTY: lambda given: None, _NULL: lambda given: None, _NUMBER: lambda given: given.number, _ERROR: lambda given: given.error,
    _DATE: lambda given: _DAY_0 + dt.timedelta(seconds=round(given.number * 86400)),
    _TEXT: lambda given: ctypes.wstring_at(given.at), _TRUTH: lambda given: bool(given.truth),
    _ARRAY | _VARIANT: lambda given: _cells(given.at),
}  # fmt: skip


@dataclass
class Server:
    """An object behind IDispatch, called as VBA does where it knows no more of it than names."""

    at: int

    def prepared(self, method: str, *values: object) -> Callable[[], object]:
        """A call with its values ready; making it gives what the method answers, or OSError where COM or the method fails."""
        given = (Variant * len(values))(*map(handed_over, reversed(values)))  # the last one first
        return lambda: self._called(method, _Arguments(given, None, len(values), 0))

    def _called(self, method: str, arguments: _Arguments) -> object:
        ident = ctypes.WINFUNCTYPE(
            ctypes.HRESULT, ctypes.c_void_p, ctypes.POINTER(ctypes.c_wchar_p), ctypes.c_uint, wintypes.LCID, ctypes.POINTER(ctypes.c_int32)
        )(5, "GetIDsOfNames")  # fmt: skip
        number, here = ctypes.c_int32(), ctypes.c_void_p(self.at)
        ident(here, _NO_IID, ctypes.byref(ctypes.c_wchar_p(method)), 1, 0, ctypes.byref(number))
        invoke = ctypes.WINFUNCTYPE(
            ctypes.HRESULT, ctypes.c_int32, ctypes.c_void_p, wintypes.LCID, ctypes.c_uint16,
            ctypes.POINTER(_Arguments), ctypes.POINTER(Variant), ctypes.c_void_p, ctypes.c_void_p,
        )(6, "Invoke")  # fmt: skip
        answer = Variant()
        invoke(here, number, _NO_IID, 0, _METHOD, ctypes.byref(arguments), ctypes.byref(answer), None, None)
        return taken(answer)
