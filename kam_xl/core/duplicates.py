"""Customers under different IDs whose names are nearly the same: suggested, never merged."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process

from kam_xl.core import frames
from kam_xl.core.texts import simplified

_SIMILAR, _NEIGHBOURS = 90.0, 5

_LONGEST_NAME = 200  # characters; to compare two longer ones takes the product of their lengths

_LEGAL_FORM = re.compile(
    r"(股份有限公司|有限责任公司|有限公司|公司|集团|厂|co\.?,? ?ltd\.?|limited|ltd\.?|inc\.?|llc|gmbh|corporation|corp\.?|company)"
)


def possible_duplicates(customers: pd.DataFrame) -> pd.DataFrame:
    """Customers under different IDs whose names are nearly the same: suggested, never merged.

    Names are sorted forwards and backwards and each compared with its neighbours, so 50,000 stay quick.
    Columns: customer_id, name, other_id, other_name, similarity (0-1).
    """
    typed = [(place, _folded_name(name)) for place, name in enumerate(customers["name"]) if isinstance(name, str)]
    usable = [(place, name) for place, name in typed if 2 <= len(name) <= _LONGEST_NAME and "*" not in name]
    places, folded = np.array([place for place, _ in usable], int), np.array([name for _, name in usable], object)
    left, right = _neighbours(folded)
    a, b = folded[left].tolist(), folded[right].tolist()
    alike = process.cpdist(a, b, scorer=fuzz.ratio, score_cutoff=_SIMILAR) if a else np.array([])
    keep = [i for i in np.flatnonzero(alike) if not _differ_in_numbers(a[i], b[i])]
    one, two = customers.iloc[places[left[keep]]], customers.iloc[places[right[keep]]]
    return pd.DataFrame(
        {
            "customer_id": one["customer_id"].to_numpy(),
            "name": one["name"].to_numpy(),
            "other_id": two["customer_id"].to_numpy(),
            "other_name": two["name"].to_numpy(),
            "similarity": alike[keep] / 100 if keep else np.array([], float),
        }
    ).astype(frames.PORTFOLIO["duplicates"])


def _neighbours(names: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of places whose names stand near each other when sorted forwards or backwards, each pair once."""
    count = len(names)
    keys = ([*names], [name[::-1] for name in names])
    orders = [np.array(sorted(range(count), key=key.__getitem__), int) for key in keys]
    pairs = [(order[:-step], order[step:]) for order in orders for step in range(1, min(_NEIGHBOURS, count - 1) + 1)]
    each = [np.minimum(*pair) * count + np.maximum(*pair) for pair in pairs]
    ordered = np.sort(np.concatenate([np.array([], int), *each]))  # several times faster than ``np.unique``
    return np.divmod(ordered[np.diff(ordered, prepend=-1) > 0], max(count, 1))


def _folded_name(name: str) -> str:
    folded = simplified(name)
    return _LEGAL_FORM.sub("", folded).replace(" ", "") or folded


def _differ_in_numbers(one: str, two: str) -> bool:
    """True for names such as 第一分店1 and 第一分店2: a series, no slip of the pen."""
    return one != two and re.sub(r"\d", "", one) == re.sub(r"\d", "", two)
