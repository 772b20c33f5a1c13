"""The numbers that pages state: each marked with what it is, of whom and of when, so that nothing says a thing in two ways.

A text of ours is a `str` everywhere; on a page its figures stand in ``<data>`` and what people typed in ``<bdi>``. A test
walks these marks over every page of a night and fails where one label has two values.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Self

import numpy as np
from markupsafe import Markup, escape

from kam_xl.core.words import Words

#: What ends a clause of a sentence, and what begins one that only says something together with the one before.
_BETWEEN = re.compile(r"[，；。]|[,;.](?=\s|$)")
_RELATIVE = ("其中", "另有", "另", "占", "（", "of which", "without", "besides", "with", "(")
_PLACE = "_"
_MARK = Markup('<data value="{}" data-figure="{}"{}>{}</data>')
_WHEN, _WHOSE = Markup(' data-window="{}"'), Markup(' data-of="{}"')


class Figure(str):
    """A number as it is written, and what it is: its ``label``, the ``window`` of time it counts, ``of`` whom it is."""

    label: str
    window: str
    of: str

    def __new__(cls, text: str, label: str, window: str = "", of: str = "") -> Self:
        """A figure as the text it is elsewhere."""
        made = super().__new__(cls, text)
        made.label, made.window, made.of = label, window, of
        return made

    def __html__(self) -> Markup:
        """The figure with its mark."""
        window = _WHEN.format(self.window) if self.window else ""
        of = _WHOSE.format(self.of) if self.of else ""
        return _MARK.format(str(self), self.label, window + of, str(self))


class Told(str):
    """A sentence, on a page with its figures and with what was typed marked."""

    html: Markup

    def __new__(cls, text: str, html: Markup) -> Self:
        """A sentence as the text it is elsewhere."""
        made = super().__new__(cls, text)
        made.html = html
        return made

    def __html__(self) -> Markup:
        """The sentence with its marks."""
        return self.html


def told(words: Words, key: str, *, window: str = "", of: str = "", **facts: object) -> Told:
    """A sentence of the words; every number in it is a figure, labelled by the clause it stands in."""
    template = words(key)
    written = {name: fact if isinstance(fact, str) else number(fact) for name, fact in facts.items()}  # type: ignore[arg-type]
    typed = {name: fact for name, fact in facts.items() if isinstance(fact, str)}
    plain = {name: text for name, text in typed.items() if not hasattr(text, "__html__")}
    marked = {
        name: _typed(typed[name]) if name in typed else Figure(text, _label(template, name, plain), window, of)
        for name, text in written.items()
    }
    return Told(template.format_map(written), escape(template).format_map(marked))


def joined(words: Words, parts: Sequence[str]) -> Told:
    """Sentences or figures one after the other."""
    between = words("terms.list_separator")
    return Told(between.join(parts), escape(between).join(parts))


def _typed(text: str) -> object:
    return text if hasattr(text, "__html__") else Markup("<bdi>{}</bdi>").format(text)


def _label(template: str, name: str, typed: dict[str, str]) -> str:
    """The clause a number stands in, without the numbers; the whole sentence where the clause alone says too little."""
    clause = next((part for part in _BETWEEN.split(template) if f"{{{name}}}" in part), template)
    if clause.strip().startswith(_RELATIVE):
        clause = template
    others = dict.fromkeys(re.findall(r"{(\w+)}", template), "…")
    return clause.strip().format_map(others | typed | {name: _PLACE})


def number(value: float) -> str:
    """A count without decimals, anything else with one; unknown is a dash, never 0."""
    if isinstance(value, int | np.integer):
        return f"{value:,}"
    return "—" if math.isnan(value) else f"{value:,.1f}"


def signed(value: float) -> str:
    """A difference with its sign, by the same rule as `number`."""
    return ("+" if value > 0 else "−") + number(abs(value))


_LARGE, _MILLION = 10_000, 100  # 万元 of 1 亿元, of a million yuan


def money(amount: float, words: Words) -> str:
    """An amount of 万元 as it is said in a sentence: 1.9 亿元, CNY 190.0 million."""
    if math.isnan(amount):
        return "—"
    if words.zh:
        large = amount >= _LARGE
        return words("money.large" if large else "money.small", n=number(amount / _LARGE if large else float(amount)))
    large = amount >= _MILLION
    return words(
        "money.large" if large else "money.small", n=number(amount / _MILLION if large else float(amount * 10))
    )
