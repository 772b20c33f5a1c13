"""What a value in the policy file must be, as a test and in words, and how a table of such values is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NoReturn

from kam_xl.core.errors import PolicyError

LEVELS = ("high", "medium", "low")
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


def same(text: str) -> Text:
    """A text that is the same in both languages, such as a list of keys."""
    return Text(text, text)


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _word(value: object) -> bool:
    return isinstance(value, str) and value.strip() != ""


def _within(low: float, high: float) -> Callable[[Any], bool]:
    return lambda value: _number(value) and low <= value <= high


def _range(high: float) -> Callable[[Any], bool]:
    """A pair of numbers in order, both from 0 to ``high``."""
    fits = _within(0, high)
    return lambda value: isinstance(value, list) and len(value) == 2 and all(map(fits, value)) and value[0] <= value[1]


def choice(*allowed: str) -> Kind:
    """One of the allowed texts."""
    return Kind(same(" | ".join(allowed)), lambda value: value in allowed)


def some_of(*allowed: str) -> Kind:
    """A list of the allowed texts, at least one of them."""
    return Kind(
        Text(f"由 {' | '.join(allowed)} 组成的列表", f"a list of {' | '.join(allowed)}"),
        lambda value: isinstance(value, list) and bool(value) and all(item in allowed for item in value),
        tuple,
    )


def table_of(kind: Kind, *keys: str, whole: bool = True) -> Kind:
    """A table with ``keys`` (all of them when ``whole``), each value of one kind."""
    names = (" 和 ".join(keys), " and ".join(keys)) if whole else (" 或 ".join(keys), " or ".join(keys))
    return Kind(
        Text(f"含 {names[0]} 的表，每项为{kind.allowed.zh}", f"a table with {names[1]}, each {kind.allowed.en}"),
        lambda value: (
            isinstance(value, dict)
            and (set(value) == set(keys) if whole else set(value) <= set(keys))
            and all(map(kind.holds, value.values()))
        ),
        lambda value: {key: kind.keep(item) for key, item in value.items()},
    )


def parts_of_one(*keys: str) -> Kind:
    """A table of weights, one for each key, that sum to 1."""
    weights = table_of(WEIGHT, *keys)
    return Kind(
        Text(f"{weights.allowed.zh}，合计为 1", f"{weights.allowed.en}, with a sum of 1"),
        lambda value: weights.holds(value) and abs(sum(value.values()) - 1) <= TOLERANCE,
        weights.keep,
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


def _words(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_word, value))


WORD = Kind(Text("一段文字", "a text"), _word)
BOOL = Kind(same("true | false"), lambda value: isinstance(value, bool))
TEXT = Kind(
    Text("含 zh 和 en 两种语言的文字", "a text in zh and in en"),
    lambda value: isinstance(value, dict) and set(value) == {"zh", "en"} and all(map(_word, value.values())),
    lambda value: Text(**value),
)
WORDS = Kind(Text("文字列表", "a list of texts"), _words, tuple)
RANKS = Kind(
    Text("职务列表的列表", "a list of lists of titles"),
    lambda value: isinstance(value, list) and all(map(_words, value)),
    lambda value: tuple(map(tuple, value)),
)
SHARE = Kind(Text("0 到 1 之间的占比", "a share from 0 to 1"), _within(0, 1))
SHARES = Kind(
    Text("占比区间 [低, 高]，在 0 到 1 之间", "a range of shares, [low, high], from 0 to 1"), _range(1), tuple
)
WEIGHT = Kind(Text("0 到 1 之间的权重", "a weight from 0 to 1"), _within(0, 1))
MARK = Kind(Text("0 到 100 之间的数字", "a number from 0 to 100"), _within(0, 100))
MARKS = Kind(
    Text("分数区间 [低, 高]，在 0 到 100 之间", "a range of marks, [low, high], from 0 to 100"), _range(100), tuple
)
FACTOR = Kind(Text("不小于 1 的数字", "a number, 1 or more"), _within(1, float("inf")))
LEVEL = choice(*LEVELS)
TABLE = Kind(Text("一张表", "a table"), lambda value: isinstance(value, dict))
TABLES = Kind(
    Text("每个键一张表", "one table for each key"),
    lambda value: isinstance(value, dict) and all(isinstance(table, dict) for table in value.values()),
)


def refuse(key: str, value: object, allowed: Text) -> NoReturn:
    """Raise the `PolicyError` that names a key, its value and what is allowed."""
    raise PolicyError(
        f"The policy has {key} = {value!r}; allowed: {allowed.en}.",
        f"政策文件中 {key} = {value!r} 无效；允许：{allowed.zh}。",
    )


def values_of(path: str, table: Mapping[str, Any], kinds: Mapping[str, Kind]) -> dict[str, Any]:
    """The values of one table as they are kept; an unknown, a missing or a wrong key is refused."""
    for key in [*table, *kinds]:
        place = f"{path}.{key}" if path else key
        if key not in kinds:
            known = ", ".join(kinds)
            refuse(place, table[key], Text(f"没有这个键，已知的键有 {known}", f"no such key; known are {known}"))
        if key not in table:
            allowed = kinds[key].allowed
            raise PolicyError(
                f"The policy lacks {place}; allowed: {allowed.en}.", f"政策文件缺少 {place}；允许：{allowed.zh}。"
            )
        if not kinds[key].holds(table[key]):
            refuse(place, table[key], kinds[key].allowed)
    return {key: kind.keep(table[key]) for key, kind in kinds.items()}
