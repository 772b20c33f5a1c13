"""A portfolio cut into portions by customer, and what is found of the portions put together again (see `judging`)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import fields, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from kam_xl.core import history, quality, risk, risk_states
from kam_xl.core.failures import Failures, is_missing
from kam_xl.core.judging import Judged, Portion, Tonight
from kam_xl.core.parts import by_customer, joined, places
from kam_xl.core.portfolio import Portfolio


def cut(portfolio: Portfolio, past: pd.DataFrame | None, failures: Failures, count: int) -> Iterator[Portion]:
    """A portfolio in so many parts, cut by customer; what is told of nobody stands in the first.

    A line of the action list goes with its customer; where the lines of one action name several, or none, every part has
    them all: only of its own customers' actions does it ask.
    """
    if count == 1:
        yield Portion(portfolio, past, failures)
        return
    whole = {one.name: getattr(portfolio, one.name) for one in fields(portfolio)}
    frames_of = {
        name: frame for name, frame in whole.items() if isinstance(frame, pd.DataFrame) and "customer_id" in frame
    }
    place_of = {name: places(frame["customer_id"], count) for name, frame in frames_of.items()}
    everywhere = _of_several(portfolio.tasks)
    of_past = None if past is None else places(past["customer_id"], count)
    for place in range(count):
        own = {name: place_of[name] == place for name in frames_of}
        own["tasks"] = own["tasks"] | everywhere
        some = {name: frame[own[name]].reset_index(drop=True) for name, frame in frames_of.items()}
        before = past if past is None or of_past is None else past[of_past == place].reset_index(drop=True)
        yield Portion(replace(portfolio, **some), before, failures)


def _of_several(tasks: pd.DataFrame) -> np.ndarray:
    """True for the lines of actions that name several customers, or none."""
    who = tasks["customer_id"].fillna("")
    several = who.groupby(tasks["action_id"]).transform("nunique") > 1
    return (several | (who == "")).to_numpy(bool)


def _joined_up(parts: Sequence[Judged], name: str, in_order: Callable[[pd.DataFrame], pd.DataFrame]) -> Any:
    """A frame of all parts; `Missing` where that of one is."""
    found = [part.found.pop(name) for part in parts]  # of a large portfolio nothing is held twice
    missing = [one for one in found if is_missing(one)]
    return missing[0] if missing else joined(found, in_order)


def whole(parts: Sequence[Judged], night: Tonight, portfolio: Portfolio, failures: Failures) -> dict[str, Any]:
    """The frames of an assessment of all parts, and the findings about what is recorded, ``wrong``."""
    worst_first = partial(risk.in_order, policy=night.policy)
    orders: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
        "risks": worst_first, "closed": risk_states.in_order, "changes": history.in_order,
        "wrong": lambda rows: rows, "counts": lambda rows: rows,
    }  # fmt: skip
    found = {name: _joined_up(parts, name, orders.get(name, by_customer)) for name in list(parts[0].found)}
    counts = found.pop("counts")
    return found | {
        "customers": pd.concat([portfolio.customers, found["customers"].drop(columns="customer_id")], axis=1),
        "quality_books": failures.part("quality", lambda: quality.books(counts, portfolio.sources, night.policy)),
    }


def only(whole: Portion, customer_ids: Collection[str]) -> Portion:
    """Some customers of a portion with all their rows; with the ID "" what is told of nobody."""
    held = {one.name: getattr(whole.portfolio, one.name) for one in fields(whole.portfolio)}
    own: dict[str, Any] = {
        name: frame[_theirs(name, frame, customer_ids)].reset_index(drop=True)
        for name, frame in held.items()
        if isinstance(frame, pd.DataFrame) and "customer_id" in frame
    }
    past = whole.past if whole.past is None else whole.past[whole.past["customer_id"].isin(customer_ids)]
    return Portion(replace(whole.portfolio, **own), past, whole.failures)


def _theirs(name: str, frame: pd.DataFrame, customer_ids: Collection[str]) -> pd.Series:
    """True for the rows that some customers' part has (`cut`)."""
    own = frame["customer_id"].isin(customer_ids)
    own = own | frame["customer_id"].isna() if "" in customer_ids else own
    return own | _of_several(frame) if name == "tasks" and len(frame) else own
