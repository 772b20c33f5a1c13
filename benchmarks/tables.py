"""Results as tables: on the console, and in both READMEs between marks that say where they stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from benchmarks.lines import HEADLINES
from benchmarks.results import Result

ROOT = Path(__file__).parents[1]
#: Where a table stands, and in which languages.
PLACES = {"README.md": ("zh-CN", "en"), "benchmarks/README.md": ("en",)}
HEADS = {"zh-CN": ("比什么", "我们", "对方", "比值"), "en": ("measure", "ours", "theirs", "ratio")}


def printed(results: Sequence[Result]) -> Table:
    """For the console."""
    table = Table("measure", "ours", "theirs", "ratio", "aim")
    for result in results:
        aim = "" if result.line.aim is None else f"≤ {result.line.aim:.3g}"
        table.add_row(*_cells(result, "en"), aim)
    return table


def markdown(results: Sequence[Result], lang: str, *, whole: bool) -> str:
    """The table of a README; where it is not ``whole``, of the `HEADLINES`."""
    shown = [one for one in results if whole or one.key in HEADLINES]
    rows = [HEADS[lang], ("---",) * 4, *(_cells(one, lang) for one in shown)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def renew(results: Sequence[Result]) -> None:
    """Put the tables in their places."""
    for name, languages in PLACES.items():
        path, whole = ROOT / name, name != "README.md"
        text = path.read_text("utf-8")
        for lang in languages:
            text = placed(text, lang, markdown(results, lang, whole=whole))
        path.write_text(text, "utf-8")


def placed(text: str, lang: str, table: str) -> str:
    """A text with a table between its marks."""
    begin, end = f"<!-- measured {lang} -->", "<!-- /measured -->"
    assert begin in text, begin
    return re.sub(
        f"({begin}\n).*?({end})", lambda found: f"{found[1]}\n{table}\n\n{found[2]}", text, count=1, flags=re.DOTALL
    )


def _cells(result: Result, lang: str) -> tuple[str, str, str, str]:
    unit = result.line.unit
    theirs = "" if result.theirs is None else f"{_figure(result.theirs)} {unit}"
    ratio = "" if result.theirs is None else _ratio(result.ratio)
    return result.line.said(lang), f"{_figure(result.ours)} {unit}", theirs, ratio


def _ratio(ratio: float) -> str:
    """Dearer as times, cheaper as a fraction: ``2.4 ×``, ``1 / 3.1``."""
    return f"{_figure(ratio)} ×" if ratio >= 1 else f"1 / {_figure(1 / ratio)}" if ratio > 0 else "0"


def _figure(number: float) -> str:
    """Two or three figures that count."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}" if number >= 10 else f"{number:.2g}"
