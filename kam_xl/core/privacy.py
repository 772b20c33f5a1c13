"""What is personal in a text, and what of it is shown outside the master: the one place that masks (handbook §10).

Digits are looked at, not spellings: their width and script, and blanks, dashes, dots, brackets, slashes and the like
between two of them, are folded away first. Hidden are

- mobile numbers of mainland China and identity cards, wherever and however they are written;
- any other nine digits or more: landlines, 400 numbers, numbers abroad, bank cards;
- seven or eight digits that something beside them calls the number of a phone: a word (电话, Tel), a plus sign, an
  extension; or whose text was cut off there;
- the name before the @ of a mail address, the digits of a day that is called a birthday, a number spelt in numerals.

Shown are days, spans of them and times, amounts (thousands set apart, a currency, a decimal point) and what they changed
by, ranges, marks side by side, numbers that begin with a day, what begins with capital letters (orders, contracts, cells),
and the customers' own IDs. Of a hidden number the last four digits stay, and as many of the first three as leave four
between.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from kam_xl.core import currencies
from kam_xl.core.texts import normal

#: Stands for what is hidden; no sheet's name and no file's on Windows can hold one.
STAR = "*"
#: Fewer digits than this are no number of a person; so many are one unless they are something else.
_FEWEST, _MANY = 7, 9

# --- how a text is read ----------------------------------------------------------------------------------------------


class _Fold(dict):
    """Character → the one it is read as, so that places stay: digits of any kind, blanks, dashes, width."""

    def __missing__(self, code: int) -> str:
        self[code] = read_as = _read_as(chr(code))
        return read_as


def _read_as(char: str) -> str:
    digit = unicodedata.digit(char, None)
    if digit is not None:
        return str(digit)
    category = unicodedata.category(char)
    if category[0] in "ZM" or category in ("Cc", "Cf"):  # blanks, and what cannot be seen
        return " "
    folded = "-" if category == "Pd" else normal(char)
    return folded if len(folded) == 1 else char


_FOLD = _Fold()

# --- what is looked for ----------------------------------------------------------------------------------------------

#: Between two digits of one number: a few of all that is no letter, no digit, and does not part what it stands between.
_GAP = r"(?:[^\w、。;|=%…!?*¥$€£&@^<>→←]|[_一]){0,5}"  # 138一0000: a numeral for a dash


def _spelt(pattern: str) -> str:
    """A pattern of digits in which each blank stands for a gap."""
    return pattern.replace(" ", _GAP)


_YEAR, _MONTH, _DAY = r"(?:19|20)\d\d", r"(?:0?[1-9]|1[0-2])", r"(?:0?[1-9]|[12]\d|3[01])"
_COMPACT = rf"{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
# what parts the three numbers of a day does not part it from others as well: 138-2023-10-01 is none
_WHOLE_DAY = "|".join(
    rf"(?<!\d)(?<!\d{mark})(?:{_YEAR}{mark}{_MONTH}{mark}{_DAY}|{_DAY}{mark}{_MONTH}{mark}{_YEAR})(?!\d|{mark}\d)"
    for mark in ("-", "/", r"\.")
)
_CLOCK = r"(?<![\d:])(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?![\d:])"
_MOBILE = _spelt(r"(?<!\d)(?:(?:0 0 )?8 6 |0 )?1 [3-9](?: \d){9}(?!\d)")
_CARD = _spelt(r"(?<!\d)[1-9](?: \d){5} (?:1 [89]|2 0)(?: \d){2} (?:0 [1-9]|1 [0-2]) [0-3](?: \d){4} [\dXx](?![^\W_])")
_NUMERAL = "[〇零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖貳參陸]"
_BORN = r"(?:生日|出生(?:日期|年月日?)?|(?i:birth(?:day| ?date)?|date of birth|dob))[\s:=(是为為]{0,4}"
_MAIL = "[A-Za-z0-9._%+-]"
_PHONE_CODE = r"(?:TEL|PHONE|MOBILE|MOB|CELL|FAX|QQ|WX|VX|[TMPF][-.#]?(?=0\d))[-.#]?\+?\d"

#: The forms, each named by what becomes of it (`_HIDDEN`); of two that begin at one place the first counts.
_FORMS = {
    "mail": rf"(?<!{_MAIL}){_MAIL}++\s{{0,2}}@\s{{0,2}}[A-Za-z0-9-]++(?:\.[A-Za-z0-9-]++)+",
    "birthday": rf"{_BORN}(?:\d{{6,8}}|\d{{1,4}}(?:\s?[-/.年月]\s?\d{{1,4}}){{1,2}})",
    "amount": r"(?<![\d,.])\d{1,3}(?:,\d{3}){1,2}(?:\.\d+)?(?![,\d])",
    "day": rf"{_WHOLE_DAY}|{_CLOCK}",
    "card": _CARD,
    "mobile": _MOBILE,
    "compact": rf"(?<!\d){_COMPACT}(?!\d)",
    "code": rf"(?<![A-Za-z\d])(?!{_PHONE_CODE})[A-Z]{{1,8}}[-_#./]?(?!{_MOBILE}|{_CARD})\d"
    rf"(?:(?:[\dA-Z]|[-_.](?!{_MOBILE}|{_CARD}))*+(?!{_GAP}(?!{_WHOLE_DAY}|{_CLOCK})\d{{3}})|[\dA-Z]*+)",
    "run": rf"(?<!\d)\d(?:{_GAP}(?!{_WHOLE_DAY}|{_CLOCK})\d){{{_FEWEST - 1},}}"
    r"(?P<extension>\s{0,2}(?:转|轉|分机|分機|(?i:ext\.?|extension|x)|#)[\s:.]{0,2}\d{1,6}(?!\d))?",
    "numerals": rf"{_NUMERAL}(?:{_GAP}{_NUMERAL}){{{_FEWEST - 1},}}",
}
_BEGINS = rf"(?=[A-Za-z0-9._%+生出-]|{_NUMERAL})"  # spares most characters ten forms
_FOUND = re.compile(f"{_BEGINS}(?:" + "|".join(f"(?P<{name}>{form})" for name, form in _FORMS.items()) + ")")
_COUNTED = re.compile(rf"[\d²³¹⁰-₉①-⑨⓪❶-❾➀-➈➊-➒]|{_NUMERAL}")
_OTHER_SIGNS = re.compile("[@＠﹫]|生日|出生|(?i:birth|dob)")

#: Words for the number of a phone, a paper or an account; no digit and no stop lies between it and its number.
_PHONE = (
    "电话|電話|手机|手機|座机|座機|固话|固話|热线|熱線|总机|總機|传真|傳真|"
    r"(?i:(?<![A-Z])(?:tel|telephone|phone|mobile|mob|cell|cellphone|fax)(?![A-Z]))"
)
_PAPER = r"证件|證件|身份证|身分證|护照|護照|(?i:(?<![A-Z])(?:passport|id card)(?![A-Z]))"
_CALLED = re.compile(
    rf"(?:{_PHONE}|{_PAPER}|分机|分機|行动|行動|移动|移動|致电|致電|来电|來電|拨|撥|联系|聯繫|联络|聯絡|号码|號碼|微信|卡号|卡號|账号|賬號|帐号|"
    r"帳號|(?i:(?<![A-Z])(?:call|dial|ring|contact|whatsapp|wechat|qq|wx|vx)(?![A-Z])))[^\d*,、。;|…\n]{0,14}$"
    r"|\+[\s(]{0,3}$|…$"
)
_ALSO_CALLED = re.compile(rf"\s?[(\[]\s?(?:{_PHONE}|办公|辦公|(?i:office))|…")
_PHONE_BEFORE = re.compile(rf"(?:{_PHONE})[\s:=.号號码碼是]{{0,4}}$")
_PAPER_BEFORE = re.compile(rf"(?:{_PAPER})[\s:=.号號码碼是]{{0,4}}$")
_LOOK_BACK = 40  # characters before a number

_WHEN = rf"(?:{_COMPACT}|{_YEAR}(?:[-/.]{_MONTH}(?:[-/.]{_DAY})?)?)"
_DAYS = re.compile(rf"{_WHEN}(?:{_GAP}{_WHEN})*")
_MARK = r"(?:100|[1-9]\d)(?:\.\d)?"
_SUM = r"(?:0|[1-9]\d{0,2}(?:,\d{3})*)(?:\.\d{1,2})?"
_CHANGED = re.compile(rf"{_SUM}\([-−+]{_SUM}")  # a figure and by how much it changed: 153.75（−1,234.56）
_OTHER = re.compile(
    rf"{_COMPACT}\d{{4,6}}"  # an order's number
    r"|[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?|0\.\d+|[1-9]\d*\.(?:\d{1,6}|\d{9,})"  # 415.5552671 is a phone
    rf"|{_MARK}(?:(?!\d){_GAP}{_MARK})+"
)
_RANGE = re.compile(r"([1-9]\d{0,6})\s?[-~]\s?([1-9]\d{0,6})")
_PLAIN = re.compile(r"[1-9]\d*(?:\.\d+)?")
_CURRENCY = re.compile(rf"(?:¥|{currencies.pattern()})\s?$")
_MONEY = re.compile(rf"\s?(?:元|万|萬|亿|億|{currencies.pattern()})")
_IS_A_DAY = re.compile(rf"\s*{_YEAR}\s*(?:[-/.年]\s*\d{{1,2}}\s*[-/.月]\s*\d{{1,2}}|(?:0[1-9]|1[0-2])[0-3]\d)(?!\d)")
_TOKEN = re.compile(r"[A-Za-z0-9_./#-]*")

# --- what is shown ---------------------------------------------------------------------------------------------------


def masked(text: str, ids: Collection[str] = frozenset()) -> str:
    """A text as it may be shown outside the master; a number that is one of the ``ids`` stays readable."""
    if not _is_doubtful(text):
        return text
    return _covered(text, [place for _, hidden in _personal(text, ids) for place in hidden])


def is_masked(*names: str) -> bool:
    """True where anything of some names is hidden: what they name cannot be found by them."""
    return any(STAR in name for name in names)


def without_numbers(text: str) -> str:
    """A text with blanks for the numbers of people, for whoever looks for numbers that measure something."""
    return _covered(text, [place for found, _ in _personal(text) for place in range(*found.span())], " ")


def _personal(text: str, ids: Collection[str] = frozenset()) -> Iterator[tuple[re.Match[str], list[int]]]:
    """What is personal in a text, each with the places that are hidden of it."""
    if not _is_doubtful(text):
        return
    for found in _FOUND.finditer(text.translate(_FOLD)):
        if hidden := list(_HIDDEN[found.lastgroup](found, ids)):
            yield found, hidden


def _is_doubtful(text: str) -> bool:
    """Whether anything personal can be in a text at all, as hardly ever."""
    many = len(text) >= _FEWEST and len(_COUNTED.findall(text)) >= _FEWEST
    return many or _OTHER_SIGNS.search(text) is not None


def masked_cell(text: str) -> str:
    """A cell of a column for phones, all its digits as one number; a day, as a birthday typed there, shows none."""
    folded = text.translate(_FOLD)
    digits = _digits(folded, 0, len(folded))
    covered = _covered(text, digits if _IS_A_DAY.match(folded) else _middle(folded, digits))
    return covered if _BARE.fullmatch(text) else masked(covered)  # of a bare number nothing is left to be hidden


_BARE = re.compile(r"[0-9()+\s-]*")


def masked_below(header: str, text: str) -> str:
    """A cell below a header of somebody's own, which tells what its digits are as a word before them would."""
    return masked(f"{header}={text}")[len(header) + 1 :]


def masked_birthday(birthday: str) -> str:
    """A birthday as it may be shown outside the master: not one digit of it."""
    return _COUNTED.sub(STAR, birthday)


#: Kind of a column of personal data → how its cells are shown.
MASKS: dict[str, Callable[[str], str]] = {"phone": masked_cell, "date": masked_birthday}


def _covered(text: str, places: Collection[int], cover: str = STAR) -> str:
    if not places:
        return text
    chars = list(text)
    for place in places:
        chars[place] = cover
    return "".join(chars)


def _digits(text: str, start: int, stop: int) -> list[int]:
    return [start + one.start() for one in _COUNTED.finditer(text[start:stop])]


_WITH_COUNTRY = (12, 13)  # digits of a number that begins with 86


def _middle(text: str, digits: list[int]) -> list[int]:
    """The digits of a number that are hidden: all of a short one, else all but the country's, the first and the last."""
    if len(digits) in _WITH_COUNTRY and "".join(text[place] for place in digits[:2]) == "86":
        digits = digits[2:]
    if len(digits) < 8:
        return digits
    return digits[min(3, len(digits) - 8) : -4]


def _nothing(_found: re.Match[str], _ids: Collection[str]) -> Iterable[int]:
    return ()


def _name(found: re.Match[str], _ids: Collection[str]) -> Iterable[int]:
    """The name of a mail address but for its first character."""
    name = len(found[0].partition("@")[0].rstrip())
    return range(found.start() + (name > 1), found.start() + name)


def _every_digit(found: re.Match[str], _ids: Collection[str]) -> Iterable[int]:
    return _digits(found.string, *found.span())


def _number(found: re.Match[str], ids: Collection[str]) -> Iterable[int]:
    if _is_an_id(found, ids) or _CHANGED.fullmatch(found[0]):
        return ()
    return _middle(found.string, _digits(found.string, *found.span()))


def _compact_day(found: re.Match[str], ids: Collection[str]) -> Iterable[int]:
    """Eight digits that are a day could be the number of a phone too, and are where one is named right before them."""
    return _number(found, ids) if _PHONE_BEFORE.search(_before(found)) else ()


def _code(found: re.Match[str], ids: Collection[str]) -> Iterable[int]:
    """What begins with capitals is the number of a thing, but for that of a passport."""
    digits = _digits(found.string, *found.span())
    return _middle(found.string, digits) if len(digits) >= _FEWEST and _PAPER_BEFORE.search(_before(found)) else ()


def _run(found: re.Match[str], ids: Collection[str]) -> Iterable[int]:
    """A run of digits, with its extension."""
    if _is_an_id(found, ids) or _is_something_else(found):
        return ()
    start, stop = found.span()
    end = found.start("extension") if found["extension"] else stop
    return _middle(found.string, _digits(found.string, start, end)) + _digits(found.string, end, stop)


def _is_something_else(found: re.Match[str]) -> bool:
    """True for a run of digits that is no number of a person, by its form and by what stands beside it."""
    number, before, after = found[0], _before(found), found.string[found.end() : found.end() + _LOOK_BACK]
    if _DAYS.fullmatch(number):
        return True
    few = len(_COUNTED.findall(number)) < _MANY
    money = _PLAIN.fullmatch(number) and (_CURRENCY.search(before) or _MONEY.match(after))
    if found["extension"] or _CALLED.search(before) or _ALSO_CALLED.match(after):
        return bool(money) and few
    return few or bool(money or _OTHER.fullmatch(number) or _CHANGED.fullmatch(number)) or _is_a_range(number)


def _is_a_range(number: str) -> bool:
    """10000-50000: the second number is the larger one, but not by far; 852-91234567 is none."""
    ends = _RANGE.fullmatch(number)
    return ends is not None and int(ends[1]) < int(ends[2]) and len(ends[2]) - len(ends[1]) <= 1


def _before(found: re.Match[str]) -> str:
    return found.string[max(0, found.start() - _LOOK_BACK) : found.start()]


def _token(text: str, start: int = 0) -> str:
    """The letters, digits and signs of an ID that stand from a place on."""
    found = _TOKEN.match(text, start)
    return found[0] if found else ""


def _is_an_id(found: re.Match[str], ids: Collection[str]) -> bool:
    """True for a number that is an ID of ours, by itself or with the letters it is part of."""
    if not ids:
        return False
    start, stop = found.span()
    head = _token(found.string[max(0, start - _LOOK_BACK) : start][::-1])[::-1]
    tail = _token(found.string, stop)
    return any("".join(one.split()).upper() in ids for one in (found[0], head + found[0] + tail))


#: What of each form is hidden.
_HIDDEN: Mapping[str | None, Callable[[re.Match[str], Collection[str]], Iterable[int]]] = {
    "mail": _name,
    "birthday": _every_digit,
    "amount": _nothing,
    "day": _nothing,
    "card": _number,
    "mobile": _number,
    "compact": _compact_day,
    "code": _code,
    "run": _run,
    "numerals": _number,
}
