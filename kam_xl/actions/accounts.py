"""The account as a whole: how healthy each customer is, who knows whom there, what to sell next, one customer's plan."""

from __future__ import annotations

import pandas as pd

from kam_xl.actions import leaflet, result_sheets, results, selection
from kam_xl.actions.request import Request
from kam_xl.core import health as rules
from kam_xl.core import sheets
from kam_xl.core.errors import KamError
from kam_xl.core.relationships import PRESENT
from kam_xl.core.rule_settings import ROLES
from kam_xl.core.words import Words
from kam_xl.reports import account_plan as leaf
from kam_xl.showing import vocabulary
from kam_xl.showing.telling import rank

_NAMED = 3  # customers named in a sentence
_HEALTH = "health_colour computed_tier customer_id name health lifecycle"
_WHY = "health_coverage open_cases health_why"
_ROLES = "computed_tier customer_id name"
_KNOWN = "covered contact_count"
_PROPOSED = "computed_tier customer_id name rank product buyers similar whitespace.share basis whitespace.open"
_BUYERS = "computed_tier customer_id name"


def health(request: Request) -> str:
    """One row a customer: its colour, the number, the stage of its life, the five parts, and why, the worst first."""
    assessed, words = request.customers(), request.words
    customers = assessed.customers
    frame = customers.assign(health_why=rules.explained(customers, request.policy, words))
    frame = frame.assign(_colour=rank(frame["health_colour"], rules.COLOURS), _tier=_rank(request, frame))
    frame = frame.sort_values(["_colour", "_tier", "health", "customer_id"], kind="stable")
    counts = customers["health_colour"].value_counts().reindex(list(rules.COLOURS), fill_value=0)
    unknown = int(customers["health_colour"].isna().sum())
    sentence = words("message.health", n=len(frame), unknown=unknown, **counts)
    worst = frame[frame["health_colour"] == rules.COLOURS[0]]
    sentence += words("message.health_first", customers=_first(worst, words)) if len(worst) else ""
    block = results.block(request, frame, f"{_HEALTH} {' '.join(rules.PARTS.values())} {_WHY}")
    result_sheets.show(request.book, results.page(request, "health", sentence, [block]), words)
    return sentence


def relationships(request: Request) -> str:
    """Who is known at each close customer, by the four roles of the buying centre, the largest gap first."""
    assessed, words = request.customers(), request.words
    if assessed.portfolio.contacts.empty:
        raise KamError(words("message.sheet_empty", sheet=sheets.CONTACTS.name(words.lang)))
    own = assessed.customers.set_index("customer_id")[["name", "computed_tier"]]
    frame = assessed.roles.join(own, on="customer_id")
    frame = frame.assign(_tier=_rank(request, frame))
    frame = frame.sort_values(["covered", "_tier", "customer_id"], kind="stable", ignore_index=True)
    told = frame[frame["known"]]
    full = int((told["covered"] == len(ROLES)).sum())
    stale = int((told[list(ROLES)].isin(PRESENT) & (told[list(ROLES)] != PRESENT[0])).any(axis=1).sum())
    sentence = words("message.relations", n=len(frame), full=full, lacking=len(told) - full, stale=stale)
    block = results.block(request, frame, f"{_ROLES} {' '.join(ROLES)} {_KNOWN}")
    result_sheets.show(request.book, results.page(request, "relationships", sentence, [block]), words)
    return sentence


def whitespace(request: Request) -> str:
    """What to offer each customer next, and which close customer buys which product."""
    assessed, words = request.customers(), request.words
    if assessed.customers["product_count"].isna().all():
        raise KamError(words("message.no_products"))
    found = assessed.whitespace
    free = found[~found["open"]]
    best = free.sort_values(["share", "buyers"], ascending=False, kind="stable").head(1)
    key = "message.proposed" if len(free) else "message.proposed_none"
    sentence = words(key, n=len(free), customers=free["customer_id"].nunique(), **_best(best))
    proposals = results.block(request, found, _PROPOSED, words("result.proposals"))
    result_sheets.show(request.book, results.page(request, "whitespace", sentence, [proposals, _grid(request)]), words)
    return sentence


def account_plan(request: Request) -> str:
    """The selected customer's plan on one page, in the browser."""
    assessed, words = request.customers(), request.words
    customer = selection.customer(request)
    page = leaflet.written(f"plan.{words.lang}.html", leaf.render(assessed, customer))
    name = assessed.customers.set_index("customer_id")["name"][customer]
    who = " ".join(text for text in (customer, name) if isinstance(text, str))
    return words("message.plan_opened" if leaflet.opened(page) else "message.plan_written", customer=who, file=page)


def _rank(request: Request, frame: pd.DataFrame) -> pd.Series:
    return rank(frame["computed_tier"], request.policy.tier_keys)


def _first(frame: pd.DataFrame, words: Words) -> str:
    return words("terms.list_separator").join(frame["customer_id"].head(_NAMED))


def _best(best: pd.DataFrame) -> dict[str, object]:
    """The proposal most similar customers speak for, as the sentence names it."""
    if best.empty:
        return {}
    row = best.iloc[0]
    return {"customer": row["customer_id"], "product": row["product"], "share": f"{row['share']:.0%}"}


def _grid(request: Request) -> result_sheets.ResultTable:
    """The close customers × the products most bought; a product is its own header."""
    grid, words = request.assessed.product_grid, request.words
    products = [name for name in grid if name not in _BUYERS.split()]
    own = results.block(request, grid, _BUYERS, words("result.grid"))
    states = vocabulary.vocabularies(request.assessed)[vocabulary.PRODUCT]
    return results.extended(own, [results.named(request, grid[name], name, states) for name in products])
