"""Why figures are not what they were on another night: a page with waterfalls, the customers that changed most, what differs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from kam_xl.core import frames, moves
from kam_xl.core.assessment import Assessment
from kam_xl.core.bridges import Bridge
from kam_xl.core.outside import frame as masked
from kam_xl.core.words import Words
from kam_xl.reports import paper
from kam_xl.reports.moves_sheet import by_weight, largest, nights
from kam_xl.reports.waterfalls import Waterfall, of_customer, of_headline

#: So many customers a list of them shows.
SHOWN = 20


@dataclass(frozen=True)
class Explanation:
    """What a page and a terminal tell of a bridge: one sentence, figures that head a page, customers' changes, what differs."""

    lead: str
    sums: pd.DataFrame
    rows: pd.DataFrame
    rest: int
    facts: pd.DataFrame


def told(bridge: Bridge, assessment: Assessment, customer_id: str | None = None) -> Explanation:
    """What to tell of a bridge, of all customers or of one; ``assessment`` is the later night's, as it is shown outside."""
    words, own, parts = assessment.words, assessment.moves, assessment.move_parts
    if customer_id is not None:
        own, parts = (rows[rows["customer_id"] == customer_id] for rows in (own, parts))
    ids = largest(own)
    rows = own[own["customer_id"].isin(ids[:SHOWN])]
    between = nights(bridge.then, bridge.now, words)
    lead = words("bridge.page.lead" if ids else "bridge.page.nothing", n=len(ids), nights=between)
    if customer_id is not None and len(rows):
        lead = words("bridge.page.of_one", name=rows["name"].iloc[0], id=customer_id, nights=between)
    lead = _with_cause(lead, parts, words, one=customer_id is not None)
    facts = masked(moves.facts(bridge, assessment.policy, words), frozenset(own["customer_id"]))
    return Explanation(lead, moves.headline(bridge, words), _ordered(rows), max(len(ids) - SHOWN, 0), facts)


def _with_cause(lead: str, parts: pd.DataFrame, words: Words, *, one: bool) -> str:
    """The first sentence with what has most to do with it."""
    cause = moves.main_cause(parts)
    if cause is None:
        return lead
    factor, count = cause
    form = "main_of_one" if one else "main"
    return words(f"bridge.page.{form}", lead=lead, factor=words(f"bridge.factor.{factor}"), n=count)


def _ordered(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows in the order of `by_weight`; ``opens`` is true of a customer's first.

    What is cited of several of a customer's changes is told with the first.
    """
    ordered = by_weight(rows).reset_index(drop=True)
    again = ordered.duplicated(["customer_id", "cites"])
    opens = ~ordered["customer_id"].duplicated()
    return ordered.assign(opens=opens, cites=ordered["cites"].mask(again, ""))


def render(bridge: Bridge, assessment: Assessment, customer_id: str | None = None) -> str:
    """The whole page, complete in itself."""
    found = told(bridge, assessment, customer_id)
    return paper.page(
        "bridge.html.j2",
        assessment,
        title=assessment.words("bridge.page.title"),
        lead=found.lead,
        whole=customer_id is None,
        pictures=list(_pictures(bridge, assessment, customer_id)),
        rows=list(frames.each_row(found.rows)),
        rest=found.rest,
        facts=list(frames.each_row(found.facts)),
    )


def _pictures(bridge: Bridge, assessment: Assessment, customer_id: str | None) -> Iterator[Waterfall]:
    """A waterfall for each figure of the first page, or for each number of the one customer."""
    words = assessment.words
    ends = [words("bridge.page.before", night=f"{night:%Y-%m-%d}") for night in (bridge.then, bridge.now)]
    if customer_id is not None:
        own, parts = (rows[rows["customer_id"] == customer_id] for rows in (assessment.moves, assessment.move_parts))
        yield from of_customer(own, parts, ends, words)
        return
    yield from of_headline(assessment, ends)
