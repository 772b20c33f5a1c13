"""What the cells of one column look like: IDs, names of companies or people, phones, days, amounts; by a sample, in shares."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from kam_xl.core import raw
from kam_xl.core.amounts import UNITS, Unit
from kam_xl.core.books import Formatted
from kam_xl.core.entries import is_nothing
from kam_xl.core.texts import narrow

#: So many cells of a column are looked at; a longer text is no value of any of these.
_SAMPLE, _LONGEST = 200, 120
_YUAN = Unit(UNITS["元"])

_ID = re.compile(r"[A-Za-z]{0,8}[-_/.]?\d[\w./-]{0,24}|[A-Z]{3,10}|[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?", re.ASCII)
_MOBILE = re.compile(r"(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}")
_PHONE = re.compile(r"\+?[\d() /.-]{7,25}(?:(?:转|ext\.?|x)\s?\d{1,6})?", re.IGNORECASE)
_PARTED = re.compile(r"\d[) -]|\+|-")
_COMPANY = re.compile(
    r"公司|集团|企业|工厂|厂$|商行|商店|超市|酒店|银行|学校|大学|医院|研究[院所]|设计院|中心$|合作社|[部店行社局院所]$"
    r"|\b(?:co|company|corp|corporation|inc|llc|ltd|limited|plc|gmbh|ag|group|holdings?|bank|university|hospital|sons|bros"
    r"|industries|trading|technolog(?:y|ies)|systems|solutions|services|partners|s\.?a\.?|pty|kg|oy|ab|bv|nv|spa|srl)\b",
    re.IGNORECASE,
)
_PERSON = re.compile(
    r"[\u3400-\u9fff]{1,3}(?:某{1,2}|先生|女士|小姐|经理|总|工)|[\u3400-\u9fff·]{2,4}|[A-Z][a-z'’.-]+(?: [A-Z][a-z'’.-]*){1,2}"
)
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_DIGITS = 7


class Glance(NamedTuple):
    """Shares of a column's cells that hold something: 0 to 1; `filled` is of all its rows, `held` how many were looked at."""

    held: int
    filled: float
    unlike: float  # cells that say what no other says
    ids: float
    companies: float
    people: float
    phones: float
    days: float
    numbers: float
    texts: float  # neither numbers nor days nor phones
    counts_rows: bool  # 1, 2, 3 …

    @property
    def tells(self) -> bool:
        """True where there is enough to look at."""
        return self.held > 1


def glance(cells: Sequence[object]) -> Glance:
    """What a column's cells look like; blank ones and words for nothing are passed over."""
    held = [cell for cell in cells if not (cell == "" or (type(cell) is str and is_nothing(cell[:_LONGEST])))]
    some = held[:_SAMPLE]
    texts = [narrow(raw.text(cell)[: _LONGEST + 1]) for cell in some]
    days = [_is_day(cell) for cell in some]
    phones = [is_phone(text) for text in texts]
    numbers = [_is_number(cell, text) for cell, text in zip(some, texts, strict=True)]
    plain = [not (day or phone or number) for day, phone, number in zip(days, phones, numbers, strict=True)]
    words = [text for text, one in zip(texts, plain, strict=True) if one and not _MAIL.fullmatch(text)]
    every = len(some) or 1
    return Glance(
        held=len(some),
        filled=len(held) / (len(cells) or 1),
        unlike=len(set(texts)) / every,
        ids=sum(map(_is_id, texts, days)) / every,
        companies=sum(map(is_company, words)) / every,
        people=sum(bool(_PERSON.fullmatch(text)) and not is_company(text) for text in words) / every,
        phones=sum(phones) / every,
        days=sum(days) / every,
        numbers=sum(numbers) / every,
        texts=sum(plain) / every,
        counts_rows=len(some) > 2 and [raw.text(cell) for cell in some] == [str(n) for n in range(1, len(some) + 1)],
    )


def is_company(text: str) -> bool:
    """True for a text that reads like a company's name."""
    return len(text) <= _LONGEST and _COMPANY.search(text) is not None


def is_phone(text: str) -> bool:
    """True for a text that reads like a phone number and like nothing else: a mobile one, or digits that something parts."""
    if len(text) > _LONGEST:
        return False
    digits = sum(map(str.isdigit, text))
    if _MOBILE.fullmatch(text):
        return True
    return digits >= _DIGITS and bool(_PHONE.fullmatch(text) and _PARTED.search(text)) and raw.day(text)[0] is None


def _is_id(text: str, day: bool) -> bool:
    return not day and len(text) <= _LONGEST and _ID.fullmatch(text) is not None and not _MOBILE.fullmatch(text)


def _is_day(cell: object) -> bool:
    """True for a day held as one, or typed with its year, month and day parted; 45000 may be anything."""
    if type(cell) is str:
        return len(cell) <= _LONGEST and not cell.strip().isdigit() and raw.day(cell)[0] is not None
    return not isinstance(cell, bool | int | float) and raw.day(cell)[0] is not None


def _is_number(cell: object, text: str) -> bool:
    if isinstance(cell, Formatted) and cell.text:
        return False
    return (isinstance(cell, int | float) and not isinstance(cell, bool)) or (
        len(text) <= _LONGEST and not is_phone(text) and raw.money(text, _YUAN)[0] is not None
    )
