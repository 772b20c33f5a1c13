"""Measure what every parser and text rule costs by the length of a text: `python -m benchmarks.parsers [part of a name …]`.

Which there are is asked of the package: every public function of the rules whose first argument is a text, a cell or a
column of texts. Each reads texts of 1,000 to 1,000,000 characters of every filling; the dearest filling counts.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import sys
import time
from collections.abc import Callable

import pandas as pd
from rich.console import Console
from rich.table import Table

from kam_xl import core, resources
from kam_xl.core.choices import tier_names

LENGTHS = (1_000, 10_000, 100_000, 1_000_000)
POLICY = resources.policy()


def _of(unit: str, before: str = "", behind: str = "x") -> Callable[[int], str]:
    """Texts of a length that are one unit again and again, but for how they begin and end."""
    return lambda length: before + (unit * length)[: length - len(before) - len(behind)] + behind


#: What a text may consist of; the beginnings and ends lead a parser on before they disappoint it.
FILLINGS: dict[str, Callable[[int], str]] = {
    "digits": _of("1"),
    "a mark, digits": _of("1", "目标1%", "目标"),
    "blanks": _of(" ", "a"),
    "a day, blanks": _of(" ", "2026-11-20"),
    "a number, blanks": _of(" ", "92"),
    "lines": _of("\n", "1"),
    "brackets": _of("("),
    "closed brackets": _of("()", "9（"),
    "commas": _of(",", "1"),
    "numbers": _of("1,"),
    "thousands": _of(",234", "1"),
    "letters": _of("a"),
    "t": _of("t"),
    "Chinese": _of("户"),
    "Traditional": _of("戶"),
    "dashes": _of("-", "2026-11-20"),
    "quotes": _of("'", "=KAM_TIER("),
    "colons": _of(":", "投诉"),
    "targets": _of("目标", "1%"),
    "negations": _of("无", "", "流失"),
    "joined": _of("、逾期", "无流失"),
    "accents": _of("\u0301\u0316", "e"),
    "months": _of("1月"),
    "mixed": _of("客户A1，3-5万元（约）：Target 30% "),
}

#: What parsers need besides a text, by the name of the argument.
REST: dict[str, object] = {
    "alone": True,
    "called": (("C001", "某科技"), ("C002", "某科技二部")),
    "book": "华东.xlsx",
    "default": "万元",
    "lang": "zh-CN",
    "rule": POLICY.risk.warning_words,
    "year": 2026,
    "name": "flag",
    "text": "13800001234",
    "words": resources.words("zh-CN"),
    "place": "华东.xlsx!客户!A2",
    "names": tier_names({tier.key: (tier.zh, tier.en) for tier in POLICY.tiers}),
}


#: What reads our own files, and what the arguments are called that hold our own words, not what a team typed.
_OURS, _KEYS = (
    frozenset({"words", "kinds", "sections", "rule_settings", "policy", "nights", "chain", "intake"}),
    frozenset({"kind", "field", "letters", "rhythm", "template"}),
)
#: What an argument that holds typed texts is called, where its kind does not tell it from a column of numbers.
_TEXTS = frozenset({"text", "texts", "products"})


def parsers() -> dict[str, Callable[[str], object]]:
    """Name → what reads one text, for every parser and text rule of the package."""
    ladder = core.__doc__.split("\n\n")[1].replace("\n", " ").strip(" .").split(", ")
    floors = [importlib.import_module(f"{core.__name__}.{floor}") for floor in ladder if floor not in _OURS]
    found = {}
    for floor in floors:
        for name, function in vars(floor).items():
            own = (
                callable(function)
                and not name.startswith("_")
                and getattr(function, "__module__", "") == floor.__name__
            )
            if own and inspect.isroutine(inspect.unwrap(function)) and (read := _reader(function)):
                found[f"{floor.__name__.rpartition('.')[2]}.{name}"] = read
    return found


def _reader(function: Callable) -> Callable[[str], object] | None:
    """A function of one text out of one that takes a text, a cell or a column of texts first; None for all others."""
    first, *rest = inspect.signature(function).parameters.values() or (None,)
    if first is None or first.name in _KEYS or not (first.annotation in ("str", "object") or first.name in _TEXTS):
        return None
    needed = [REST[one.name] for one in rest if one.default is one.empty]

    def read(text: str) -> object:
        with contextlib.suppress(LookupError):  # what looks a key up does not know this one
            return function(pd.Series([text], dtype="str") if first.annotation == "pd.Series" else text, *needed)

    return read


def seconds(read: Callable[[str], object], text: str) -> float:
    """Processor time of one reading, so that whatever else the machine does does not count."""
    began = time.process_time()
    read(text)
    return time.process_time() - began


def main(parts: list[str]) -> None:
    """Print how long each parser takes for a text of each length, with the filling that costs it most."""
    table = Table("parser", *(f"{length:,}" for length in LENGTHS), "dearest filling", title="seconds for one text")
    for name, read in parsers().items():
        if parts and not any(part in name for part in parts):
            continue
        read("")  # what is made once is made now
        costs = [{filling: seconds(read, make(length)) for filling, make in FILLINGS.items()} for length in LENGTHS]
        dearest = max(costs[-1], key=costs[-1].get)
        table.add_row(name, *(f"{max(cost.values()):.4f}" for cost in costs), dearest)
    Console().print(table)


if __name__ == "__main__":
    main(sys.argv[1:])
