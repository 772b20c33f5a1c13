"""Facts in columns → the sentences people read: numbers, shares, dates and quotations as they are always shown."""

from __future__ import annotations

import string
from collections.abc import Iterable

import numpy as np
import pandas as pd

from kam_xl.core import scoring
from kam_xl.core.words import Words

QUOTED = 60  # characters of a typed text that a sentence quotes


def sentences(template: str, facts: pd.DataFrame, words: Words) -> pd.Series:
    """One sentence a row out of a template with {names} and the columns of those names."""
    text = pd.Series("", index=facts.index, dtype="str")
    for literal, fact, _, _ in string.Formatter().parse(template):
        text = text + literal
        if fact is not None:
            text = text + _said(facts[fact], words)
    return text


def _said(column: pd.Series, words: Words) -> pd.Series:
    """Facts as people read them: ISO dates, numbers with at most one decimal, a dash for what is unknown."""
    if pd.api.types.is_datetime64_any_dtype(column):
        days = np.datetime_as_string(column.to_numpy("datetime64[D]"))
        column = pd.Series(days, index=column.index, dtype="str").where(column.notna())
    elif pd.api.types.is_numeric_dtype(column):
        column = column.map("{:,.1f}".format, na_action="ignore").astype("str").str.removesuffix(".0")
    return column.astype("str").fillna(words("terms.unknown"))


def percent(share: pd.Series) -> pd.Series:
    """A share with at most one decimal: 12.5%, 60%; unknown stays unknown."""
    return share.map("{:.1%}".format, na_action="ignore").astype("str").str.replace(".0%", "%")


def points(score: pd.Series) -> pd.Series:
    """A score as it is always shown, with its decimal: 55.0; unknown stays unknown."""
    return scoring.round_half_away(score, scoring.DECIMALS).map("{:.1f}".format, na_action="ignore").astype("str")


def moment(time: pd.Series) -> pd.Series:
    """A moment to the minute; exactly midnight is a day whose time nobody wrote down (service log)."""
    day = time.dt.strftime("%Y-%m-%d")
    return day.where(time == time.dt.normalize(), time.dt.strftime("%Y-%m-%d %H:%M")).astype("str")


def short(text: pd.Series) -> pd.Series:
    """Typed text as far as a sentence quotes it, on one line."""
    text = text.str.replace(r"\s+", " ", regex=True).str.strip()
    return text.str.slice(0, QUOTED).where(text.str.len() <= QUOTED, text.str.slice(0, QUOTED) + "…")


def listed(texts: Iterable[str], words: Words) -> str:
    """Texts as a list in words, each once, in their order."""
    return words("terms.list_separator").join(dict.fromkeys(texts))
