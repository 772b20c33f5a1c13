"""What a value of the policy file may be, in words and as a test, and how a table of the file becomes a typed record.

A record's fields are the keys of its table, each named once; the type of a field says what its value may be: a
``Literal`` one of its texts, a tuple a list of them, a ``dict`` or another record a table of its own. ``Annotated`` adds
a `Kind`, or what is checked of the value read. What is wrong is refused in both languages by what the type says.
"""

from __future__ import annotations

import dataclasses
import functools
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any, Literal, NoReturn, TypeVar

from kam_xl.core.errors import PolicyError

TOLERANCE = 1e-9  # how far weights may miss a sum of 1


@dataclass(frozen=True)
class Text:
    """A text in both languages; calling it with a language gives the one to show."""

    zh: str
    en: str

    def __call__(self, lang: str) -> str:
        """The text in ``zh-CN`` or ``en``."""
        return self.zh if lang == "zh-CN" else self.en


@dataclass(frozen=True)
class Kind:
    """What one key's value must be, in words and as a test, and how it is kept."""

    allowed: Text
    holds: Callable[[Any], bool]
    keep: Callable[[Any], Any] = lambda value: value


@dataclass(frozen=True)
class Record:
    """What one table of the file says; a frozen dataclass below it names the keys (``class_`` is the key ``class``)."""

    def check(self, place: str) -> None:
        """Refuse values that contradict each other, at the table's place in the file."""


R = TypeVar("R", bound=Record)


def same(text: str) -> Text:
    """A text that is the same in both languages, such as a list of keys."""
    return Text(text, text)


# --- kinds -------------------------------------------------------------------------------------------------------


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _word(value: object) -> bool:
    return isinstance(value, str) and value.strip() != ""


def _words(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_word, value))


def _within(low: float, high: float) -> Callable[[Any], bool]:
    return lambda value: _number(value) and low <= value <= high


def _range(high: float) -> Callable[[Any], bool]:
    """A pair of numbers in order, both from 0 to ``high``."""
    fits = _within(0, high)
    return lambda value: isinstance(value, list) and len(value) == 2 and all(map(fits, value)) and value[0] <= value[1]


def _choice(*allowed: str) -> Kind:
    """One of the allowed texts."""
    return Kind(same(" | ".join(allowed)), lambda value: value in allowed)


def some_of(*allowed: str) -> Kind:
    """A list of the allowed texts, at least one of them."""
    return Kind(
        Text(f"由 {' | '.join(allowed)} 组成的列表", f"a list of {' | '.join(allowed)}"),
        lambda value: isinstance(value, list) and bool(value) and all(item in allowed for item in value),
        tuple,
    )


def curve(low: float, high: float, *, rising: bool) -> Kind:
    """Points [x, y] of a line that never falls (or never rises): x in ascending order, y from ``low`` to ``high``.

    Between two points the line is straight; outside it goes on level.
    """
    way = Text("不下降", "never falls") if rising else Text("不上升", "never rises")
    within = _within(low, high)

    def holds(value: object) -> bool:
        if not isinstance(value, list) or len(value) < 2:
            return False
        if not all(isinstance(point, list) and len(point) == 2 and _number(point[0]) for point in value):
            return False
        pairs = list(pairwise(value))
        climbs = all(y <= then if rising else y >= then for (_, y), (_, then) in pairs)
        return climbs and all(x < then for (x, _), (then, _) in pairs) and all(within(y) for _, y in value)

    allowed = Text(
        f"至少两个点 [x, y]，x 递增，y 在 {low:g} 到 {high:g} 之间且{way.zh}",
        f"two or more points [x, y], x ascending, y from {low:g} to {high:g} and {way.en}",
    )
    return Kind(allowed, holds, lambda value: tuple(map(tuple, value)))


def whole(low: int, what: str) -> Kind:
    """A whole number of something, not below ``low``."""
    allowed = Text(f"不小于 {low} 的整数", f"a whole number of {what}, {low} or more")
    return Kind(allowed, lambda value: type(value) is int and value >= low)


_TABLE = Kind(Text("一张表", "a table"), lambda value: isinstance(value, dict))
#: What a field of a plain type may be.
_PLAIN = {
    str: Kind(Text("一段文字", "a text"), _word),
    bool: Kind(same("true | false"), lambda value: isinstance(value, bool)),
    Text: Kind(
        Text("含 zh 和 en 两种语言的文字", "a text in zh and in en"),
        lambda value: isinstance(value, dict) and set(value) == {"zh", "en"} and all(map(_word, value.values())),
        lambda value: Text(**value),
    ),
}

Level = Literal["high", "medium", "low"]
LEVELS: tuple[Level, ...] = typing.get_args(Level)
PLACES: dict[str, int] = {level: place for place, level in enumerate(LEVELS)}  # the worst is first
Number = Annotated[float, Kind(Text("数字", "a number"), _number)]
NotNegative = Annotated[float, Kind(Text("不小于 0 的数字", "a number, 0 or more"), _within(0, float("inf")))]
Factor = Annotated[float, Kind(Text("不小于 1 的数字", "a number, 1 or more"), _within(1, float("inf")))]
Share = Annotated[float, Kind(Text("0 到 1 之间的占比", "a share from 0 to 1"), _within(0, 1))]
Weight = Annotated[float, Kind(Text("0 到 1 之间的权重", "a weight from 0 to 1"), _within(0, 1))]
Mark = Annotated[float, Kind(Text("0 到 100 之间的数字", "a number from 0 to 100"), _within(0, 100))]
Shares = Annotated[
    tuple[float, float],
    Kind(Text("占比区间 [低, 高]，在 0 到 1 之间", "a range of shares, [low, high], from 0 to 1"), _range(1), tuple),
]
Marks = Annotated[
    tuple[float, float],
    Kind(
        Text("分数区间 [低, 高]，在 0 到 100 之间", "a range of marks, [low, high], from 0 to 100"), _range(100), tuple
    ),
]
Words = Annotated[tuple[str, ...], Kind(Text("文字列表", "a list of texts"), _words, tuple)]
Days = Annotated[int, whole(1, "days")]
Hours = Annotated[int, whole(1, "hours")]
Months = Annotated[int, whole(1, "months")]

# --- reading -----------------------------------------------------------------------------------------------------


def record(kind: type[R], table: Mapping[str, Any]) -> R:
    """The whole file's table as a record; `PolicyError` names the first key that is wrong, its value, what is allowed."""
    return _read(kind, "", table)


def completed(kind: Any, table: Mapping[str, Any], whole: Mapping[str, Any]) -> dict[str, Any]:
    """A record's table as an earlier version kept it, with the keys of this one: what it lacks is ``whole``'s, no other key stays."""
    hints = _fields(kind)
    return {key: _completed(hints[key], table[key], whole[key]) if key in table else whole[key] for key in hints}


def _completed(hint: Any, value: Any, whole: Any) -> Any:
    """One value of such a table; of a table with free keys nothing is added and nothing left out."""
    plain = hint.__origin__ if typing.get_origin(hint) is Annotated else hint
    if not (isinstance(value, dict) and isinstance(whole, dict)):
        return value
    if isinstance(plain, type) and issubclass(plain, Record):
        return completed(plain, value, whole)
    if typing.get_origin(plain) is not dict:
        return value
    names, each = typing.get_args(plain)
    named = typing.get_args(names) or tuple(value)
    kept = {key: _completed(each, one, whole.get(key, one)) for key, one in value.items() if key in named}
    return kept | {key: whole[key] for key in named if key not in value}


def keys(kind: type[Record]) -> tuple[str, ...]:
    """The keys of a record's table, in their order."""
    return tuple(map(_key, dataclasses.fields(kind)))


def refuse(key: str, value: object, allowed: Text) -> NoReturn:
    """Raise the `PolicyError` that names a key, its value and what is allowed."""
    raise PolicyError(
        f"The policy has {key} = {value!r}; allowed: {allowed.en}.",
        f"政策文件中 {key} = {value!r} 无效；允许：{allowed.zh}。",
    )


def refuse_unknown(key: str, value: object, known: Mapping[str, Any] | tuple[str, ...]) -> NoReturn:
    """Refuse a key that its table does not have."""
    keys = ", ".join(known)
    refuse(key, value, Text(f"没有这个键，已知的键有 {keys}", f"no such key; known are {keys}"))


def adds_up(place: str, weights: Mapping[str, float]) -> None:
    """Refuse weights that do not sum to 1."""
    total = sum(weights.values())
    if abs(total - 1) > TOLERANCE:
        refuse(" + ".join(f"{place}.{key}" for key in weights), round(total, 12), Text("合计为 1", "a sum of 1"))


def _read(hint: Any, place: str, value: Any) -> Any:
    """The value at one place as its type keeps it."""
    plain, checks = (hint.__origin__, hint.__metadata__) if typing.get_origin(hint) is Annotated else (hint, ())
    kind = _kind(hint)
    if not kind.holds(value):
        refuse(place, value, kind.allowed)
    kept = kind.keep(value) if kind is not _TABLE else _table(plain, place, value)
    for check in checks:
        if check is not kind:
            check(place, kept)
    return kept


def _kind(hint: Any) -> Kind:
    """What a field's type admits."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        return next((mark for mark in hint.__metadata__ if isinstance(mark, Kind)), None) or _kind(args[0])
    if origin is Literal:
        return _choice(*args)
    if origin is tuple:
        return some_of(*typing.get_args(args[0]))
    return _PLAIN.get(hint, _TABLE)


def _table(hint: Any, place: str, table: Mapping[str, Any]) -> Any:
    """A record, or the values of a ``dict`` by key, whose keys are free unless their type names them."""
    if typing.get_origin(hint) is dict:
        keys, each = typing.get_args(hint)
        return _values(place, table, dict.fromkeys(typing.get_args(keys) or table, each))
    values = _values(place, table, _fields(hint))
    made = hint(**{field.name: values[_key(field)] for field in dataclasses.fields(hint)})
    made.check(place)
    return made


@functools.cache
def _fields(kind: type[Record]) -> dict[str, Any]:
    """The keys of a record's table → their types."""
    hints = typing.get_type_hints(kind, include_extras=True)
    return {_key(field): hints[field.name] for field in dataclasses.fields(kind)}


def _key(field: dataclasses.Field[Any]) -> str:
    return field.name.rstrip("_")  # `class` is a word of Python


def _values(place: str, table: Mapping[str, Any], hints: Mapping[str, Any]) -> dict[str, Any]:
    """The values of one table as they are kept; an unknown, a missing or a wrong key is refused."""
    at = f"{place}." if place else ""
    for key in [*table, *hints]:
        if key not in hints:
            refuse_unknown(f"{at}{key}", table[key], hints)
        if key not in table:
            allowed = _kind(hints[key]).allowed
            raise PolicyError(
                f"The policy lacks {at}{key}; allowed: {allowed.en}.", f"政策文件缺少 {at}{key}；允许：{allowed.zh}。"
            )
    return {key: _read(hint, f"{at}{key}", table[key]) for key, hint in hints.items()}
