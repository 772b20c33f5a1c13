"""What `kam-xl why` does: why figures are not what they were on an earlier night, in a table and on a page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

from rich.table import Column, Table
from rich.text import Text

from kam_xl.core import frames, moves
from kam_xl.core.words import Words
from kam_xl.doors.exits import DONE
from kam_xl.doors.terminal import console, say, widen
from kam_xl.hosts import outputs
from kam_xl.nightly import bridging
from kam_xl.reports import bridge_page
from kam_xl.reports.bridge_page import Explanation


def why(out: Path, customer: str | None, since: dt.date | None, page: Path | None, words: Words) -> int:
    """Tell why the last night of an output folder is not what an earlier one was, of all customers or of one."""
    found = bridging.since(out, since, words, customer)
    told = bridge_page.told(found.bridge, found.assessed, customer)
    widen(console)
    say(console, told.lead, "bold")
    _show(told, words, whole=customer is None)
    if page is not None:
        text = bridge_page.render(found.bridge, found.assessed, customer)
        outputs.put(page.parent, {page.name: text}, words)
        say(console, words("bridge.page.written", file=page))
    return DONE


def _show(told: Explanation, words: Words, *, whole: bool) -> None:
    """The figures that head a page, then the customers' changes, as many as a list shows; then what differs."""
    heads = [words(f"bridge.page.{name}") for name in ("figure", "said", "why")]
    if whole and len(told.sums):
        rows = [(moves.name(row.figure, words), row.said, row.why) for row in frames.each_row(told.sums)]
        console.print(_table(words("bridge.page.headline"), heads, rows))
    if len(told.rows):
        rows = [
            ((f"{row.name} {row.customer_id}" if row.opens else "",) if whole else ())
            + (words(f"bridge.figure.{row.figure}"), row.said, row.why, row.cites)
            for row in frames.each_row(told.rows)
        ]
        title, first = (words("bridge.page.largest"), [words("bridge.figure.there")]) if whole else ("", [])
        console.print(_table(title, [*first, *heads, words("bridge.page.cites")], rows))
    if told.rest:
        say(console, words("bridge.page.rest", n=told.rest), "dim")
    for row in frames.each_row(told.facts):
        say(console, f"{words('bridge.factor.' + row.factor)}: {row.said}", "dim")


def _table(title: str, heads: list[str], rows: Iterable[tuple[str, ...]]) -> Table:
    table = Table(*(Column(head, overflow="fold") for head in heads), title=title or None, title_justify="left")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table
