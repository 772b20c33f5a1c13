"""A frame's columns as people see them, and what a workbook's cells hold of each: numbers, texts, or nothing."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kam_xl.core.words import Words
from kam_xl.showing import fields, theme
from kam_xl.showing.fields import Field
from kam_xl.showing.theme import Look
from kam_xl.showing.vocabulary import Vocabulary

LONGEST_TEXT = 32_767  # of one cell, in UTF-16 units

ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MARKUP = re.compile(r"\A<r>.*</r>\Z", re.DOTALL)  # XlsxWriter would pass such a text on as markup
_FIRST_SERIAL = 61  # 1900-03-01: Excel counts the days before it differently, and none before 1900
_EPOCH = np.datetime64("1899-12-30", "us")
_ONE_DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class Shown:
    """One column of a frame beside what it is to people; ``terms`` names its values where these are keys."""

    field: Field
    values: pd.Series
    terms: Vocabulary | None = None

    @property
    def kind(self) -> str:
        """The kind of its values; a date that is masked has become a text."""
        return "text" if self.field.kind in theme.DATES and self.values.dtype == "str" else self.field.kind

    @property
    def named(self) -> pd.Series:
        """The values, keys by their names."""
        return self.terms.of(self.values) if self.terms else self.values


def shown(frame: pd.DataFrame, names: str, known: Mapping[str, Vocabulary]) -> Iterator[Shown]:
    """The fields of a list (see `fields.listed`) with their values, and their terms among those ``known`` by field."""
    for column, field in fields.listed(names):
        yield Shown(field, field.of(frame, column), known.get(field.name))


@dataclass(frozen=True)
class ReadyColumn:
    """One column ready to write: numbers, texts, or None for a cell that stays empty; ``looks`` by word.

    ``links`` are where the cells lead, beside the values; None where one leads nowhere.
    """

    field: str
    header: str
    values: Sequence[float | str | None]
    kind: str = "text"
    wrapped: bool = False
    looks: Mapping[str, Look] = dataclasses.field(default_factory=dict)
    links: Sequence[str | None] = ()

    @property
    def is_figure(self) -> bool:
        """True for numbers that people compare, which stand right; dates are read like words."""
        return self.kind in theme.NUMBER_FORMATS and self.kind not in theme.DATES

    def rows(self, rows: slice) -> ReadyColumn:
        """The column with some of its rows."""
        values, links = self.values[rows], self.links[rows]
        return ReadyColumn(self.field, self.header, values, self.kind, self.wrapped, self.looks, links)


def columns(frame: pd.DataFrame, names: str, known: Mapping[str, Vocabulary], words: Words) -> list[ReadyColumn]:
    """The fields of a list as columns of a workbook's table."""
    return [column(one, words) for one in shown(frame, names, known)]


def column(one: Shown, words: Words) -> ReadyColumn:
    """One column as the cells of a workbook hold it."""
    field, looks = one.field, one.terms.looks if one.terms else {}
    return ReadyColumn(
        field.name, field.header(words.lang), _cells(one, words("master.cut")), one.kind, field.wrapped, looks
    )


def _cells(one: Shown, cut_mark: str) -> Sequence[float | str | None]:
    """The cells of one column, by its kind."""
    if one.terms is None and one.kind in theme.DATES:
        return dates(one.values)
    if one.terms is None and one.kind in theme.NUMBER_FORMATS:
        return numbers(one.values)
    values = one.terms.each(one.values) if one.terms else one.values
    return texts(values, cut_mark, None if one.field.optional else theme.UNKNOWN)


def legal(text: str, cut_mark: str) -> str:
    """A text as a cell can hold it: forbidden characters show as �, and what is too long ends with ``cut_mark``."""
    text = ILLEGAL.sub("\ufffd", text)
    if _MARKUP.match(text):
        text += " "
    units = text.encode("utf-16-le")
    if len(units) <= 2 * LONGEST_TEXT:
        return text
    kept = units[: 2 * (LONGEST_TEXT - len(cut_mark))]
    return kept.decode("utf-16-le", "ignore") + cut_mark


def texts(column: pd.Series | list[str], cut_mark: str, missing: str | None = theme.UNKNOWN) -> list[str | None]:
    """The texts of a column as cells can hold them; ``missing`` stands where there is none."""
    values = column if isinstance(column, list) else column.to_numpy(dtype=object, na_value="").tolist()
    if _suspicious({*values}):
        values = [legal(value, cut_mark) for value in values]
    return [value or missing for value in values]


def _suspicious(values: Collection[str]) -> bool:
    """True when any of the texts needs `legal`: one look at all of them instead of one at each cell."""
    whole = "".join(values)
    longest = max(map(len, values), default=0)
    illegal = not whole.isprintable() and ILLEGAL.search(whole)
    return bool(illegal) or "<r>" in whole or longest > LONGEST_TEXT // 2


def numbers(series: pd.Series | np.ndarray) -> list[float | str]:
    """The numbers of a column; what is unknown or infinite is a dash."""
    values = series.to_numpy(dtype=float, na_value=np.nan) if isinstance(series, pd.Series) else series
    finite = np.isfinite(values)
    return values.tolist() if finite.all() else np.where(finite, values.astype(object), theme.UNKNOWN).tolist()


def dates(series: pd.Series) -> list[float | str]:
    """The dates of a column as Excel's day numbers; a date before Excel's calendar is a text."""
    serials = (series.to_numpy(dtype="datetime64[us]") - _EPOCH) / _ONE_DAY
    values = numbers(serials)
    if (serials < _FIRST_SERIAL).any():
        early = series[serials < _FIRST_SERIAL].dt.strftime("%Y-%m-%d")
        for row, text in zip(np.flatnonzero(serials < _FIRST_SERIAL), early, strict=True):
            values[row] = text
    return values
