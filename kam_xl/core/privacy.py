"""What is personal in a text, and how it is shown outside the master: the one place that masks (handbook §10)."""

from __future__ import annotations

import re

#: 1975-05-03, 19750503, 1975年5月3日 00:00
_A_DAY = re.compile(r"\s*(?:19|20)\d\d\s*(?:[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}|(?:0[1-9]|1[0-2])[0-3]\d)(?!\d)")


def mask_phone(phone: str) -> str:
    """A phone number fit for a report: the first three and last four digits stay, ``138****0000``.

    A text that is a day, as a birthday typed among the phones or any other personal cell may be, shows no digit.
    """
    digits = [i for i, char in enumerate(phone) if char.isdigit()]
    if len(digits) < 8 or _A_DAY.match(phone):
        return re.sub(r"\d", "*", phone)
    hidden = set(digits[3:-4])
    return "".join("*" if i in hidden else char for i, char in enumerate(phone))


_COUNTRY = r"(?P<country>(?:\+?86|0086)[ -]?)?"
# A dot counts only at both places: 138.00001234 is a number, 138.0000.1234 is not.
_GROUPS = (r"[ -]?\d{4}[ -]?\d{4}", r"\.\d{4}\.\d{4}", r"\d[ -]?\d{3}[ -]?\d{4}", r"\d\.\d{3}\.\d{4}")
_MOBILE = rf"{_COUNTRY}[1１][3-9３-９]\d(?:{'|'.join(_GROUPS)})"
_LANDLINE = r"(?:0\d{2,3}|(?<=86[ -])\d{2,3})[)） -]{1,2}\d{3,4}[ -]?\d{4}"
_ABROAD = r"\+(?!86)\d{1,3}(?:[ -]?\(?\d{2,4}\)?){2,4}"
_PHONE = re.compile(rf"(?<![\d+])(?:{_MOBILE}|{_LANDLINE}|{_ABROAD})(?!\d)")


def mask_phones(text: str) -> str:
    """A text with the phone numbers in it masked as `mask_phone` does."""
    return _PHONE.sub(_hidden, text)


def _hidden(phone: re.Match[str]) -> str:
    country = phone["country"] or ""
    return country + mask_phone(phone[0].removeprefix(country))


def mask_birthday(birthday: str) -> str:
    """A birthday fit for a report: not one digit of it."""
    return re.sub(r"\d", "*", birthday)
