"""How lists that are not ours are read: a company's own words, the shapes it adopted, the exports of programs; as data.

``intake.toml`` in the teams' folder holds the first two, ``kam_xl/aliases.toml`` the third. A list is known again by its
headers; where a column stands never matters.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from kam_xl.core.amounts import is_unit, names_unit
from kam_xl.core.editions import edition
from kam_xl.core.errors import KamError
from kam_xl.core.headings import field_of
from kam_xl.core.sheets import INFO
from kam_xl.core.texts import heading

FILE = "intake.toml"
#: How a list of this name says that its customers have no IDs of their own, and that those made of their names will do.
BY_NAME = "names"


class IntakeError(KamError):
    """The file of lists cannot be understood: `reason` is a key of ``words/intake.toml``, `place` and `value` what is wrong."""

    def __init__(self, reason: str, place: str = "", value: object = "") -> None:
        super().__init__(f"{FILE}: {reason} {place} {value}".strip())
        self.reason, self.place, self.value = reason, place, str(value)


def is_same_list(file: str, other: str) -> bool:
    """True for two names that differ in nothing but dates, numbers and marks of copies."""
    return edition(file).stem == edition(other).stem


class Holding(NamedTuple):
    """What a column holds: a field of the customers' sheet, and for an amount the unit of its bare numbers, None if unsaid."""

    field: str
    unit: str | None = None

    def __str__(self) -> str:
        """As `holding` reads it."""
        return f"{self.field}（{self.unit}）" if self.unit else self.field


@dataclass(frozen=True)
class Program:
    """How one program heads its lists of customers: folded header → field, blank for one that only tells the program."""

    key: str
    name: str
    source: str
    columns: Mapping[str, str]


@dataclass(frozen=True)
class AdoptedList:
    """A list as it was adopted: its headers, what its columns hold, and the workbook its customers went into."""

    file: str
    workbook: str
    headers: tuple[str, ...]
    columns: Mapping[str, Holding]  # header as typed → what stands below
    by_name: bool = False  # its customers' IDs are made of their names

    @property
    def folded(self) -> frozenset[str]:
        """What its headers say."""
        return frozenset(map(heading, self.headers))

    def is_of(self, file: str) -> bool:
        """True for a file that is this list, or the same list of another day by its name."""
        return is_same_list(file, self.file)


@dataclass(frozen=True)
class Intake:
    """All that is known of lists; by itself nothing."""

    words: Mapping[str, str] = field(default_factory=dict)  # folded header → field, as this company calls it
    lists: tuple[AdoptedList, ...] = ()
    programs: tuple[Program, ...] = ()
    text: str = ""  # of the company's file: what is read of a workbook rests on it


# --- what a column holds, in words --------------------------------------------------------------------------------------

_BRACKET = re.compile(r"[(（\[【]")


def holding(text: str) -> Holding | None:
    """What a field's key or any of its headers means: ``amount（元）``, ``累计交易额（元）``, ``Customer ID``; else None."""
    key = _BRACKET.split(text, maxsplit=1)[0].strip()
    name = key if key in INFO.fields else field_of("info", text)
    if name is None:
        return None
    is_amount = INFO.column(name).kind == "amount"
    return Holding(name, _unit(text)) if is_amount and names_unit(text) else Holding(name)


def _unit(text: str) -> str | None:
    """The unit that the brackets of a text name, as it is written; None for one nobody knows."""
    inside = _BRACKET.split(text, maxsplit=1)[-1].rstrip(")）]】 ")
    return inside if is_unit(inside) else None


# --- the files ------------------------------------------------------------------------------------------------------------


def parse(text: str, programs: tuple[Program, ...] = ()) -> Intake:
    """The company's file; `IntakeError` names what in it cannot be understood."""
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise IntakeError("not_toml", value=error) from None
    for name in told.keys() - {"words", "list"}:
        raise IntakeError("unknown_key", name)
    words = {heading(one): _field(f"words.{one}", said) for one, said in _table("words", told.get("words", {})).items()}
    lists = told.get("list", [])
    if not isinstance(lists, list):
        raise IntakeError("wrong", "list", lists)
    return Intake(words, tuple(_list(f"list {n}", one) for n, one in enumerate(lists, 1)), programs, text)


def parse_programs(text: str) -> tuple[Program, ...]:
    """The programs of ``aliases.toml``; our own file, so that what is wrong in it is our bug."""
    return tuple(
        Program(
            key, one["name"], one["source"], _folded(one["columns"]) | dict.fromkeys(map(heading, one["signs"]), "")
        )
        for key, one in tomllib.loads(text).items()
    )


def _folded(columns: Mapping[str, str]) -> dict[str, str]:
    return {heading(header): name for header, name in columns.items()}


def _table(place: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise IntakeError("wrong", place, value)
    return value


def _field(place: str, value: object) -> str:
    return _target(place, value).field


def _target(place: str, value: object) -> Holding:
    found = holding(value) if isinstance(value, str) else None
    if found is None:
        raise IntakeError("unknown_field", place, value)
    return found


_KEYS = {"file", "workbook", "headers", "columns", "ids"}


def _list(place: str, told: object) -> AdoptedList:
    one = _table(place, told)
    for name in one.keys() - _KEYS:
        raise IntakeError("unknown_key", f"{place}: {name}")
    headers = one.get("headers")
    if not (isinstance(headers, list) and headers and all(isinstance(header, str) for header in headers)):
        raise IntakeError("wrong", f"{place}: headers", headers)
    columns = {
        header: _target(f"{place}: {header}", said)
        for header, said in _table(f"{place}: columns", one.get("columns")).items()
    }
    by_name = one.get("ids") == BY_NAME
    needed = {"name"} if by_name else {"customer_id", "name"}
    if missing := needed - {said.field for said in columns.values()}:
        raise IntakeError("lacks", f"{place}: columns", ", ".join(sorted(missing)))
    texts = [one.get(name, "") for name in ("file", "workbook")]
    if not all(isinstance(text, str) for text in texts):
        raise IntakeError("wrong", place, texts)
    return AdoptedList(texts[0], texts[1], tuple(headers), columns, by_name)


def written(adopted: AdoptedList) -> str:
    """A list as the file holds it, to stand at its end."""
    columns = ", ".join(f"{_quoted(header)} = {_quoted(str(said))}" for header, said in adopted.columns.items())
    lines = [
        "[[list]]",
        f"file = {_quoted(adopted.file)}",
        f"workbook = {_quoted(adopted.workbook)}",
        f"headers = [{', '.join(map(_quoted, adopted.headers))}]",
        f"columns = {{ {columns} }}",
        *([f'ids = "{BY_NAME}"'] if adopted.by_name else []),
    ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


# --- which program ----------------------------------------------------------------------------------------------------------

#: So many headers of a program make a list one of its exports.
_ENOUGH = 3


def program_of(headers: Iterable[str], programs: Iterable[Program]) -> Program | None:
    """The program most of whose headers a list has, one of them naming a customer's ID or name; None for no program's."""
    folded = {*map(heading, headers)} - {""}
    counts = [(len(folded & one.columns.keys()), one) for one in programs if _names_customers(folded, one)]
    count, best = max(counts, key=lambda pair: pair[0], default=(0, None))
    return best if count >= _ENOUGH else None


def _names_customers(folded: set[str], program: Program) -> bool:
    return any(program.columns.get(text) in ("customer_id", "name") for text in folded)
