"""What tells who somebody is: customers' IDs, alone or with a name, and phone numbers (handbook §2)."""

from __future__ import annotations

import datetime as dt
import hashlib
import re

from kam_xl.core.entries import is_nothing, unwrapped
from kam_xl.core.texts import folded, narrow, normal

_ID_AND_NAME = re.compile(
    r"^(?P<id>[A-Za-z]{0,8}[-_]?\d[\w-]*)(?:\s*[/|、,:;\s]\s*|\s*(?=\()|-(?=[^\x00-\x7f]))(?P<name>\S.*)$",
    re.ASCII | re.DOTALL,
)

_ID = re.compile(r"^[A-Za-z]{0,8}[-_]?\d[\w-]*$", re.ASCII)

#: Most IDs are in their normal form already; no word for nothing looks like one.
NORMAL = re.compile(r"[A-Z]{1,8}[0-9]+")

_DIGITS_TO_NINES = str.maketrans("0123456789", "9" * 10)


def parse_id(text: str) -> tuple[str | None, str | None]:
    """A customer ID after width, case and blank normalisation: `` ｃ００1`` → C001."""
    if NORMAL.fullmatch(text):
        return text, None
    if is_nothing(text):
        return None, "id_missing"
    return normal("".join(narrow(text).split()).upper()), None  # an accent may find its letter where a blank was


_LETTERS = str.maketrans("0123456789abcdef", "ABCDEFGHJKLMNPQR")


def made_of(name: str) -> str:
    """The ID of a customer who has none of its own, made of its name: the same for the same name, blank for none.

    Of letters alone, so that nobody takes it for a phone number or a date.
    """
    said = folded(name)
    return f"N-{hashlib.blake2s(said.encode(), digest_size=6).hexdigest().translate(_LETTERS)}" if said else ""


def parse_id_name(text: str) -> tuple[str | None, str | None, str | None]:
    """``C001/某科技`` → ("C001", "某科技"); an ID or a name alone leaves the other unknown."""
    typed = narrow(text)
    if not _is_one_number(typed) and (match := _ID_AND_NAME.match(typed)):  # no word for nothing looks like one
        name = unwrapped(match["name"])
        return match["id"].upper(), None if is_nothing(name) else name, None
    if _ID.match(typed):
        return typed.upper(), None, None
    return (None, None, "customer_missing") if is_nothing(typed) else (None, typed, None)


def _is_one_number(text: str) -> bool:
    """True for so many digits, with blanks or dashes between them, that they are a phone's rather than an ID and a name: 138 0000 1234."""
    return _DIGITS_APART.fullmatch(text) is not None and sum(map(str.isdigit, text)) >= _OF_A_PHONE


_DIGITS_APART, _OF_A_PHONE = re.compile(r"[\d+][\d\s()+-]*", re.ASCII), 9


def id_shape(customer_id: str) -> str:
    """The form of an ID with every digit as 9: C001 → C999."""
    return customer_id.translate(_DIGITS_TO_NINES)


_DAMAGED_PHONE = re.compile(r"^\d(\.\d+)?e\+?\d+$", re.IGNORECASE)


def parse_phone(text: str) -> tuple[str | None, str | None]:
    """A phone number as text; one that a spreadsheet turned into 1.38E+10 is lost and reported."""
    typed = narrow(text)
    if is_nothing(text):
        return None, None
    if _DAMAGED_PHONE.match(typed):
        return None, "phone_damaged"
    if typed.endswith(".0") and typed[:-2].isdigit():
        return typed[:-2], None
    return typed, "phone_masked" if "*" in typed else None


#: What a spreadsheet or an export makes of a long number: 9.13E+17, 9.13E17. 1E5 may be an ID.
_E_NOTATION = re.compile(r"\d(?:\.\d+E\+?|E\+)\d{1,3}(?![\w.])", re.IGNORECASE | re.ASCII)
_DIGITS_KEPT = 1e15  # a spreadsheet keeps no more than 15 digits of a number


def is_damaged(cell: object) -> bool:
    """True for an ID that a spreadsheet took for a number or a date: its digits are lost (§12)."""
    if isinstance(cell, str):
        return not cell[:1].isalpha() and _E_NOTATION.match(narrow(cell)) is not None
    return isinstance(cell, dt.date | dt.time) or (isinstance(cell, int | float) and abs(cell) >= _DIGITS_KEPT)


def named_behind(text: str) -> str | None:
    """What stands behind a damaged ID in its cell: the name of 9.13E+17/某科技."""
    spoilt = _E_NOTATION.match(narrow(text))
    return (spoilt and narrow(text)[spoilt.end() :].strip("/|、,:;-() \n")) or None
