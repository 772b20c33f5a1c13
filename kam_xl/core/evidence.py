"""Facts in columns → the sentences people read: numbers, shares, dates and quotations as they are always shown."""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable
from itertools import repeat

import numpy as np
import pandas as pd

from kam_xl.core import scoring
from kam_xl.core.words import Words

QUOTED = 60  # characters of a typed text that a sentence quotes


def sentences(template: str, facts: pd.DataFrame, words: Words) -> pd.Series:
    """One sentence a row out of a template with {names} and the columns of those names."""
    parts: list[Iterable[str]] = [repeat("", len(facts))]
    for literal, fact, _, _ in string.Formatter().parse(template):
        parts.append(repeat(literal))
        if fact is not None:
            parts.append(_said(facts[fact], words("terms.unknown")))
    return pd.Series(["".join(said) for said in zip(*parts, strict=False)], facts.index, dtype=str)


def _said(column: pd.Series, unknown: str) -> Iterable[str]:
    """Facts as people read them: ISO dates, numbers with at most one decimal, a dash for what is unknown."""
    if pd.api.types.is_datetime64_any_dtype(column):
        codes, days = pd.factorize(column.to_numpy("datetime64[D]"))
        return _each([*np.datetime_as_string(days).tolist(), unknown], codes)
    if pd.api.types.is_numeric_dtype(column):
        codes, numbers = pd.factorize(column)
        return _each([*map(_number, numbers.tolist()), unknown], codes)
    said, known = column.astype(str).tolist(), column.notna()
    return said if known.all() else (text if there else unknown for text, there in zip(said, known, strict=True))


def _each(texts: list[str], codes: np.ndarray) -> list[str]:
    """Texts by their places, of which few differ; the last stands at −1."""
    each: list[str] = np.array(texts, dtype=object)[codes].tolist()
    return each


def _number(value: float) -> str:
    return f"{value:,.1f}".removesuffix(".0")


def percent(share: pd.Series) -> pd.Series:
    """A share with at most one decimal: 12.5%, 60%; unknown stays unknown."""
    return share.map("{:.1%}".format, na_action="ignore").astype("str").str.replace(".0%", "%")


def points(score: pd.Series) -> pd.Series:
    """A score as it is always shown, with its decimal: 55.0; unknown stays unknown."""
    return scoring.round_half_away(score, scoring.DECIMALS).map("{:.1f}".format, na_action="ignore").astype("str")


def signed(change: pd.Series, shown: Callable[[pd.Series], pd.Series]) -> pd.Series:
    """A change with its sign and its size as it is ``shown`` (`points`, `percent`): +7.5, −15.0, 0%; unknown stays unknown."""
    size = shown(change.abs())
    sign = pd.Series(np.where(change > 0, "+", "−"), change.index, dtype="str")
    return (sign + size).where(size.str.contains("[1-9]", na=False), size)


def moment(time: pd.Series) -> pd.Series:
    """A moment to the minute; exactly midnight is a day whose time nobody wrote down (service log)."""
    day = time.dt.strftime("%Y-%m-%d")
    return day.where(time == time.dt.normalize(), time.dt.strftime("%Y-%m-%d %H:%M")).astype("str")


def short(text: pd.Series) -> pd.Series:
    """Typed text as far as a sentence quotes it, on one line."""
    return text.map(_quoted, na_action="ignore").astype(str)


def _quoted(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= QUOTED else text[:QUOTED] + "…"


def listed(texts: Iterable[str], words: Words) -> str:
    """Texts as a list in words, each once, in their order."""
    return words("terms.list_separator").join(dict.fromkeys(texts))
