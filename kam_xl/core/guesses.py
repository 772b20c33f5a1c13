"""Which column of a list holds which field of a customer: by what its header says, and by what its cells look like.

Words outweigh looks: a header that is known is worth more than anything the cells can show, so that the columns can be
given away one by one, the strongest claim first. What a better plan for all of them together would change are columns
that nothing but their look speaks for, and these are asked about anyway.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kam_xl.core import headings
from kam_xl.core.amounts import names_unit
from kam_xl.core.books import letter
from kam_xl.core.column_looks import Glance
from kam_xl.core.intake import Holding, Intake, Program
from kam_xl.core.list_words import ID_WORDS, NAME_WORDS, OFFICIAL_IDS, PARTIES
from kam_xl.core.sheets import INFO
from kam_xl.core.texts import heading, simplified

#: How sure a guess is: known words · near words, or a look that speaks for itself · only people know.
SURE, LIKELY, ASKS = "sure", "likely", "asks"

#: What speaks for a column, by weight. A header the company named itself, one of a program, one everybody knows, one
#: that lists of anything have, one that is nearly a known one; then cells that look like it.
_OWN_WORD, _PROGRAM, _WORD, _PLAIN, _NEAR, _LOOKS = 130, 110, 100, 80, 55, 40
_AGREES, _CONTRADICTS = 20, -60
#: From this weight on a column is given to a field at all.
_ENOUGH = 35
#: Two headers are near where so much of them is the same (0-100), and both are this long.
_ALIKE, _LONG = 86, 3
#: A header that holds a known one is near it where that is so much of it.
_PART = 0.5
#: A header with which known ones of one field begin is near them from this length on: 首次成交 of 首次成交日期.
_BEGINS = 4


class Reason(NamedTuple):
    """Why a column is taken for a field: a key of ``words/intake.toml``, and what it names."""

    key: str
    detail: str = ""


@dataclass(frozen=True)
class Guess:
    """One column of a list: what it is taken for, None for a column that is kept as it is, how sure, and why."""

    at: int
    header: str
    target: Holding | None = None
    sureness: str = ""  # one of SURE, LIKELY, ASKS; blank for a column that is kept as it is
    reasons: tuple[Reason, ...] = ()

    @property
    def field(self) -> str | None:
        """The field it is taken for."""
        return self.target.field if self.target else None

    @property
    def letter(self) -> str:
        """The letter of its column."""
        return letter(self.at)


class _Claim(NamedTuple):
    """What speaks for one column to hold one field."""

    weight: int
    at: int
    field: str
    sureness: str
    reasons: tuple[Reason, ...]
    rank: int  # the place of the header among those of the field: of equals the better has it


def guesses(
    headers: Sequence[str], looks: Sequence[Glance], intake: Intake, program: Program | None
) -> tuple[Guess, ...]:
    """Every column that has a header or holds something, each field at most once."""
    claims = [
        claim
        for at, (text, look) in enumerate(zip(headers, looks, strict=True))
        for claim in _claims(at, text, look, intake, program)
    ]
    given: dict[int, _Claim] = {}
    taken: set[str] = set()
    for claim in sorted(claims, key=lambda one: (-one.weight, one.rank, one.at, one.field)):
        if claim.at not in given and claim.field not in taken:
            given[claim.at] = claim
            taken.add(claim.field)
    sure = any(one.sureness == SURE and one.field in _REQUIRED for one in given.values())
    columns = [at for at, text in enumerate(headers) if text or looks[at].held]
    return tuple(_guess(at, headers[at], given.get(at), sure=sure) for at in columns)


_REQUIRED = [column.field for column in INFO.columns if column.required]


def _guess(at: int, text: str, claim: _Claim | None, *, sure: bool) -> Guess:
    """What a column is taken for; beside a sure ID or name a plain header such as 备注 is as sure."""
    if claim is None:
        return Guess(at, text)
    plain = claim.sureness == LIKELY and claim.reasons[0].key == "word" and claim.field not in _REQUIRED
    return Guess(at, text, Holding(claim.field), SURE if plain and sure else claim.sureness, claim.reasons)


def _claims(at: int, text: str, look: Glance, intake: Intake, program: Program | None) -> list[_Claim]:
    """What speaks for one column, of every field that anything speaks for."""
    said = _said(text, intake, program)
    found = []
    for field in INFO.fields:
        word, reasons = said.get(field, (0, ()))
        shown, why = _shown(field, look, asked=bool(word))
        weight = word + shown
        if weight >= _ENOUGH or word >= _PLAIN:
            rank = _rank(text, field) if word else _LAST
            found.append(_Claim(weight, at, field, _sureness(word, shown), (*reasons, *why), rank))
    return found


#: The rank of a column that only its cells speak for.
_LAST = 999


def _rank(text: str, field: str) -> int:
    """The place of a known header among those of its field."""
    known = headings.meaning("info", text)
    return known.rank if known and known.field == field else 0


def _sureness(word: int, shown: int) -> str:
    if shown == _CONTRADICTS:
        return ASKS
    if word >= _WORD or (word >= _PLAIN and shown > 0):
        return SURE
    return LIKELY if word or shown > _LOOKS else ASKS


# --- what a header says -------------------------------------------------------------------------------------------------


def _said(text: str, intake: Intake, program: Program | None) -> Mapping[str, tuple[int, tuple[Reason, ...]]]:
    """Field → how much the header speaks for it, and how that is told."""
    folded = heading(text)
    if not folded:
        return {}
    if own := intake.words.get(folded):
        return {own: (_OWN_WORD, (Reason("own_word"),))}
    if program and (field := program.columns.get(folded)):
        return {field: (_PROGRAM, (Reason("program", program.name),))}
    if known := headings.meaning("info", text):
        return {known.field: (_WORD if known.telling else _PLAIN, (Reason("word"),))}
    return _near(folded) or _made_up("".join(simplified(text).split()))


@functools.cache
def _known() -> dict[str, str]:
    """Folded header → field, of all that are not of lists of anything; the official ones first."""
    found: dict[str, str] = {}
    for column in INFO.columns:
        for text in column.headers:
            if (known := headings.meaning("info", text)) and known.telling:
                found.setdefault(heading(text), column.field)
    return found


@functools.lru_cache(maxsize=4096)
def _near(folded: str) -> dict[str, tuple[int, tuple[Reason, ...]]]:
    """The field whose header is nearly this one, stands in it, or begins with it."""
    known = _known()
    if len(folded) < _LONG:
        return {}
    inside = [one for one in known if one in folded and len(one) >= _PART * len(folded)]
    if inside:
        best = max(inside, key=len)
        return {known[best]: (_NEAR, (Reason("near", best),))}
    longer = [one for one in known if len(folded) >= _BEGINS and one.startswith(folded)]
    if len({known[one] for one in longer}) == 1:
        return {known[longer[0]]: (_NEAR, (Reason("near", longer[0]),))}
    from rapidfuzz import fuzz, process  # here: our own workbooks need no guess

    found = process.extractOne(folded, known.keys(), scorer=fuzz.ratio, score_cutoff=_ALIKE)
    return {known[found[0]]: (_NEAR, (Reason("near", found[0]),))} if found else {}


def _either(words: Sequence[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


#: A header that says whose ID or name it is, in other words than those we know: 客户唯一编码, Acct #.
_OF_A_PARTY = re.compile(
    rf"(?:{_either(PARTIES)}).{{0,6}}?(?:(?P<id>{_either(ID_WORDS)}|#)|(?P<name>{_either(NAME_WORDS)}))\.?"
)


def _made_up(text: str) -> dict[str, tuple[int, tuple[Reason, ...]]]:
    """The field that a header puts into words of its own."""
    if heading(text) in OFFICIAL_IDS:
        return {"customer_id": (_NEAR - 1, (Reason("official_id"),))}
    found = _OF_A_PARTY.fullmatch(text[:_LONGEST])
    if not found or len(text) > _LONGEST:
        return {}
    return {"customer_id" if found["id"] else "name": (_NEAR, (Reason("near", found[0]),))}


#: No header is longer that says no more than whose ID or name it is.
_LONGEST = 30


# --- what the cells show ------------------------------------------------------------------------------------------------

#: Shares of cells that show a field, that deny it, and that speak for it without any word.
_MOST, _FEW, _NEARLY_ALL = 0.6, 0.3, 0.95


def _shown(field: str, look: Glance, *, asked: bool) -> tuple[int, tuple[Reason, ...]]:
    """How much the cells speak for a field, or against the one that the header names."""
    if not look.tells:
        return 0, ()
    if asked:
        agrees, denies = _ASKED.get(INFO.column(field).kind, _never)(look)
        key = field if field in _TOLD else INFO.column(field).kind
        if denies:
            return _CONTRADICTS, (Reason(f"not_{key}"),)
        return (_AGREES, (Reason(f"looks_{key}"),)) if agrees else (0, ())
    weight = _ALONE.get(field, _silent)(look)
    return (weight, (Reason(f"looks_{field}"),)) if weight else (0, ())


def _never(_: Glance) -> tuple[bool, bool]:
    return False, False


def _like_ids(look: Glance) -> tuple[bool, bool]:
    apart = look.unlike >= _NEARLY_ALL and look.filled >= _NEARLY_ALL
    return apart and look.ids >= _MOST and not look.counts_rows, look.unlike < _MOST or look.days >= _MOST


def _like_texts(look: Glance) -> tuple[bool, bool]:
    return look.texts >= _MOST and look.unlike > _FEW, look.texts < _FEW


#: Kind of a column → what its cells show of it: (agree, deny).
_ASKED: dict[str, Callable[[Glance], tuple[bool, bool]]] = {
    "id": _like_ids,
    "text": _like_texts,
    "contact": _like_texts,
    "phone": lambda look: (look.phones >= _MOST, look.days >= _MOST or look.texts >= _MOST),
    "date": lambda look: (look.days >= _MOST, look.texts >= _MOST),
    "amount": lambda look: (look.numbers >= _MOST, look.days >= _MOST or look.phones >= _MOST or look.texts >= _MOST),
}
#: Fields that have words of their own for what their cells show.
_TOLD = ("name",)


def _silent(_: Glance) -> int:
    return 0


def _ids_alone(look: Glance) -> int:
    apart = look.unlike == 1 and look.filled >= _NEARLY_ALL and look.ids >= _NEARLY_ALL
    return _LOOKS if apart and not look.counts_rows and not look.phones and not look.days else 0


def _names_alone(look: Glance) -> int:
    if look.companies >= _MOST and look.unlike >= _MOST:
        return _LOOKS + _AGREES
    return 0


#: Field → how much cells speak for it where the header says nothing: enough to propose it, never to be sure.
_ALONE: dict[str, Callable[[Glance], int]] = {
    "customer_id": _ids_alone,
    "name": _names_alone,
    "phone": lambda look: _LOOKS + _AGREES if look.phones >= _NEARLY_ALL else 0,
}


def unit_is_open(guess: Guess) -> bool:
    """True for a column of amounts of which neither header nor anybody has said the unit."""
    return guess.field == "amount" and not (guess.target and guess.target.unit) and not names_unit(guess.header)
