"""What a night says to people by mail and chat: the headline, the figures, and whatever they were not told before.

Whoever is told by chat reads it outside the company: customers are named, and what the assessment shows outside (§10)
has the name of every contact person that the sheets know masked besides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from markupsafe import Markup

from kam_xl.core.assessment import Assessment
from kam_xl.core.words import Words
from kam_xl.reports import excerpts, paper
from kam_xl.reports.headline import headline, key_figures
from kam_xl.showing import theme
from kam_xl.showing.telling import LEVELS, rank, with_reasons

BOOKS_NAMED = 5
_BOOK = "book:"
_TITLE = re.compile("[（(][^）)]*[）)]?")
_BETWEEN_NAMES = re.compile("[、，,;；/]")
_SHORTEST_NAME = 2  # a single character is no name that could be told apart from any other word


@dataclass(frozen=True)
class Message:
    """One message, finished: ``text`` for a chat, ``html`` for a mail."""

    title: str
    text: str
    html: str


def facts(assessment: Assessment) -> dict[str, str]:
    """What is open tonight: matter's key → level, and ``book:`` and the name of a workbook left out → why."""
    risks, books = assessment.matters, excerpts.left_out(assessment)
    levels = dict(zip(risks["key"], risks["level"], strict=True))
    return levels | dict(zip(_BOOK + books["book"], books["reason"], strict=True))


def heard(assessment: Assessment, already: Mapping[str, str]) -> dict[str, str]:
    """What somebody knows after tonight's message who knew ``already``."""
    return unheard(assessment, already) | facts(assessment)


def unheard(assessment: Assessment, already: Mapping[str, str]) -> dict[str, str]:
    """What somebody knows who could not be reached tonight: nothing new, but what closed is news should it return.

    The same holds for a risk that eased and for a workbook that is read again. A risk that a lost workbook only hides
    is not closed, and no news when it is back.
    """
    tonight, closed = facts(assessment), frozenset(assessment.closed["key"])
    kept = {key: level for key, level in already.items() if key not in closed and _lasts(key, tonight)}
    return kept | {key: tonight[key] for key, level in kept.items() if _height(tonight.get(key)) > _height(level)}


def message(
    assessment: Assessment, already: Mapping[str, str], *, top: int, place: str, room: int | None = None
) -> Message | None:
    """Tonight's message to somebody who was told ``already`` (as `heard` keeps it); None when there is nothing new.

    New is a risk never told, one whose level rose since, and a workbook left out for another reason than before.
    The ``top`` worst of them are told and the rest counted; ``place`` is where the whole summary lies. ``room`` is
    how many UTF-8 bytes title and text may have: as many risks as fit are told.
    """
    news = _new_matters(excerpts.matters(assessment), already)
    books = excerpts.left_out(assessment)
    books = books[(_BOOK + books["book"]).map(already) != books["reason"]]
    if news.empty and books.empty:
        return None
    title = assessment.words("notify.title", headline=headline(assessment))
    shown = _with_masks(news.head(top), assessment)
    reasons = with_reasons(books, assessment.words)
    for count in range(len(shown), -1, -1):
        text = _text(assessment, shown.head(count), len(news) - count, reasons, place)
        if room is None or _size(title, text) <= room:
            break
    return Message(title, _cut(title, text, room), _html(assessment, shown, len(news), reasons, place))


def sentence(title: str, text: str) -> Message:
    """A message of one sentence: that a run could not be done, or a trial."""
    return Message(title, text, Markup("<p>{}</p>").format(text))


def _lasts(key: str, tonight: Mapping[str, str]) -> bool:
    return not key.startswith(_BOOK) or key in tonight


def _height(level: str | None) -> int:
    """A level's place from the worst down; what is no level has none."""
    return LEVELS.index(level) if level in LEVELS else -1


def _new_matters(found: pd.DataFrame, already: Mapping[str, str]) -> pd.DataFrame:
    """The matters to tell, in their order; ``worse`` marks those that were told at a lower level."""
    told = rank(found["key"].map(already), LEVELS)
    worse = found["key"].isin(already.keys()) & (rank(found["level"], LEVELS) < told)
    new = found.assign(worse=worse)[worse | ~found["key"].isin(already.keys())]
    return new.reset_index(drop=True)


def _with_masks(risks: pd.DataFrame, assessment: Assessment) -> pd.DataFrame:
    """The matters with name, subject and evidence as outsiders may read them."""
    names = _contact_names(assessment, frozenset(risks["customer_id"]))
    texts = {
        column: [
            _without(text, names.get(customer_id, ()))
            for customer_id, text in zip(risks["customer_id"], risks[column].fillna(""), strict=True)
        ]
        for column in ("subject", "evidence")
    }
    named = {"name": risks["name"].fillna(""), "owner": risks["owner"].fillna(theme.UNKNOWN)}
    return risks.assign(**texts, **named)


def _contact_names(assessment: Assessment, customer_ids: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """Customer → the names of its contact persons, wherever the sheets have them."""
    customers = assessment.portfolio.records[["customer_id", "contact"]].rename(columns={"contact": "name"})
    known = pd.concat([customers, assessment.portfolio.contacts[["customer_id", "name"]]]).dropna()
    known = known[known["customer_id"].isin(customer_ids)]
    names = known["name"].str.replace(_TITLE, "、", regex=True).str.split(_BETWEEN_NAMES, regex=True)
    known = known.assign(name=names).explode("name")
    known = known.assign(name=known["name"].str.strip())
    known = known[known["name"].str.len() >= _SHORTEST_NAME].drop_duplicates()
    return {str(customer_id): tuple(rows) for customer_id, rows in known.groupby("customer_id")["name"]}


def _without(text: str, names: tuple[str, ...]) -> str:
    """The text with each name's first character left of it: 王小明 → 王**."""
    for name in sorted(names, key=len, reverse=True):
        whole = rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])"  # Li is no part of Limited
        text = re.sub(whole, name[0] + "*" * (len(name) - 1), text)
    return text


def _text(assessment: Assessment, risks: pd.DataFrame, rest: int, books: pd.DataFrame, place: str) -> str:
    words = assessment.words
    figures = (
        words(
            f"notify.{'figure' if figure.change_text else 'plain_figure'}",
            label=figure.label,
            value=figure.value_text,
            change=figure.change_text,
        )
        for figure in key_figures(assessment)
    )
    lines = [*figures, *_about_books(books, words)]
    lines += [_line(row, assessment) for row in risks.itertuples()]
    if rest:
        lines.append(words("notify.rest" if len(risks) else "notify.counted", n=rest))
    return "\n".join([*lines, words("notify.place", place=place)])


def _line(risk: Any, assessment: Assessment) -> str:
    words = assessment.words
    return words(
        "notify.risk",
        level=_level(risk, words),
        customer_id=risk.customer_id,
        name=risk.name,
        why=words("notify.why", title=risk.subject, evidence=risk.evidence),
        who=words("notify.who", owner=risk.owner, due=f"{risk.by:%Y-%m-%d}"),
    )


def _level(risk: Any, words: Words) -> str:
    level = words(f"terms.level.{risk.level}")
    return words("notify.worse", level=level) if risk.worse else level


def _about_books(books: pd.DataFrame, words: Words) -> list[str]:
    """The workbooks left out, the first few by name."""
    named = books.head(BOOKS_NAMED).itertuples()
    lines = [words("notify.book", book=row.book, reason=row.reason) for row in named]
    rest = len(books) - len(lines)
    return [*lines, words("notify.more_books", n=rest)] if rest else lines


def _html(assessment: Assessment, risks: pd.DataFrame, new: int, books: pd.DataFrame, place: str) -> str:
    return paper.page(
        "message.html.j2",
        assessment,
        headline=str(headline(assessment)),
        figures=key_figures(assessment),
        risks=risks,
        levels={row.key: _level(row, assessment.words) for row in risks.itertuples()},
        rest=new - len(risks),
        books=_about_books(books, assessment.words),
        place=place,
    )


def _size(*texts: str) -> int:
    return len("\r\n".join(texts).encode())  # apprise's own way to put a title on top


def _cut(title: str, text: str, room: int | None) -> str:
    """The text at the length a service takes, whatever was typed into names and file names."""
    if room is None:
        return text
    return text.encode()[: max(room - _size(title, ""), 0)].decode(errors="ignore")
