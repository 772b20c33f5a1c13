"""What each kind of argument means, cell by cell: marks, scores, tiers, dates, moments, amounts, answers, words of choice.

A reading never guesses: a blank cell is missing (#N/A), one that could mean two things or nothing is wrong (#VALUE!),
and either way the reason is kept. The texts are read by the modules of `core` that read those of a workbook.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable

import numpy as np

from kam_xl import resources
from kam_xl.core import policy as policies
from kam_xl.core import raw
from kam_xl.core.books import CellError
from kam_xl.core.choices import parse_tier, tier_names
from kam_xl.core.entries import LONGEST, is_nothing
from kam_xl.core.errors import PolicyError
from kam_xl.core.policy import DIMENSIONS, Weights
from kam_xl.core.sheets import SERVICE
from kam_xl.core.texts import heading
from kam_xl.core.words import LANGUAGES
from kam_xl.worksheet.exchange import MISSING, WRONG, Argument, Wrong, error_in, plain_all, rows_of
from kam_xl.worksheet.setting import Setting

#: What one text or odd cell means: its value, and the key of the reason where it has none, or of a note.
Reader = Callable[[object], tuple[object, str | None]]

_BLANK = "reason.missing"
_MISSING = frozenset({_BLANK, "finding.score_missing", "finding.amount_missing"})


def marks(typed: list, argument: str, setting: Setting) -> Argument:
    """Marks 0..100, each perhaps with its reason in brackets: ``92（高利润+长合作）`` → 92."""
    return _numbers(typed, argument, setting, _mark, lambda x: (x == 0) | ((x >= 1) & (x <= 100)))


def scores(typed: list, argument: str, setting: Setting) -> Argument:
    """Composite scores 0..100; other than a mark, a score below 1 is nothing unusual."""
    return _numbers(typed, argument, setting, _score, lambda x: (x >= 0) & (x <= 100))


def tiers(typed: list, argument: str, setting: Setting) -> Argument:
    """Tier keys, by any name of the tier that workbooks may use."""
    names = tier_names({tier.key: (tier.zh, tier.en) for tier in setting.policy.tiers})
    return _keys(typed, argument, setting, lambda text: parse_tier(text, names)[0], "finding.tier_unparsed")


def choices(typed: list, argument: str, setting: Setting, default: str | None = None) -> Argument:
    """Keys of the words' table of this name, such as ``what.owner``, by any of their words; a blank is the default."""
    known = _keys(
        typed, argument, setting, lambda text: _names(argument).get(heading(text)), f"reason.{argument}_unknown"
    )
    return _with_default(known, default)


def _with_default(known: Argument, default: object) -> Argument:
    """What is known with a blank cell as the default."""
    blank = {place for place, wrong in known.wrong.items() if wrong.key == _BLANK}
    known.values[list(blank)] = default
    return Argument(
        known.values, {place: wrong for place, wrong in known.wrong.items() if place not in blank}, known.notes
    )


@functools.cache
def _names(table: str) -> dict[str, str]:
    """Folded word → key of one table of the words: the key and its names in both languages, several split by ``|``."""
    prefix = f"{table}."
    found: dict[str, str] = {}
    for lang in LANGUAGES:
        texts = resources.words(lang).texts
        for key in (key for key in texts if key.startswith(prefix)):
            found |= dict.fromkeys(
                map(heading, (key.removeprefix(prefix), *texts[key].split("|"))), key.removeprefix(prefix)
            )
    return found


def _keys(typed: list, argument: str, setting: Setting, key_of: Callable[[str], str | None], unknown: str) -> Argument:
    @functools.cache
    def read(text: str) -> tuple[str | None, str | None]:
        if is_nothing(text):
            return None, _BLANK
        key = key_of(text)
        return key, None if key else unknown

    return _each(typed, argument, setting, lambda cell: read(raw.text(cell)), object)


def weights(argument: object, setting: Setting) -> Weights | Wrong:
    """The policy's weights, or three cells in a row or column for value, potential and demand."""
    typed = plain_all([cell for row in rows_of(argument) for cell in row])
    if typed == [None]:
        return setting.policy.weights
    if len(typed) != len(DIMENSIONS):
        return Wrong(WRONG, "reason.weights_count", "weights", {"value": len(typed)})
    known = numbers(typed, "weights", setting)
    if known.wrong:
        return next(iter(known.wrong.values()))
    try:
        return policies.typed_weights(*known.values.tolist())
    except PolicyError as error:
        return Wrong(WRONG, "reason.weights", "", {"sentence": error.told(setting.words.lang)})


def numbers(typed: list, argument: str, setting: Setting) -> Argument:
    """Plain numbers; a text counts where it is nothing but a number, maybe counted in 个 or 分."""
    return _numbers(typed, argument, setting, _number, np.isfinite)


def amounts(typed: list, argument: str, setting: Setting) -> Argument:
    """Money in 万元; a bare number is in 万元 already, one of another currency is worth what the policy's rate of today makes it."""
    return _numbers(typed, argument, setting, functools.partial(_amount, setting), np.isfinite)


def dates(typed: list, argument: str, setting: Setting, today: np.ndarray | None = None) -> Argument:
    """Days as datetime64[D], a number being a serial date; `today` where each row has a day of its own."""
    return _possible(_each(typed, argument, setting, _day, object), "D", typed, argument, setting, today)


def moments(typed: list, argument: str, setting: Setting, default: dt.datetime | None = None) -> Argument:
    """Moments as datetime64[s]; a day alone is its midnight, a number a serial date, a blank the default if there is one."""
    known = _each(typed, argument, setting, _moment, object)
    known = known if default is None else _with_default(known, default)
    return _possible(known, "s", typed, argument, setting)


#: Argument → the column of a workbook it is held to, where their names differ; any day may be asked about.
_FIELDS = {"last": "last_contact", "as_of": "", "since_day": ""}


def _possible(
    known: Argument, unit: str, typed: list, argument: str, setting: Setting, today: np.ndarray | None = None
) -> Argument:
    """The moments that can be, as a sheet's must; what is odd about the others is a reason or a note."""
    moments = known.values.astype(f"datetime64[{unit}]")
    day = setting.today if today is None else today
    field = _FIELDS.get(argument, argument)
    policy = setting.policy
    codes = raw.doubts(moments.astype("datetime64[D]"), field, policy.earliest_year, policy.years_ahead, day)
    wrong, notes = dict(known.wrong), dict(known.notes)
    for place in map(int, np.flatnonzero(codes != "")):
        doubt = Wrong(WRONG, f"finding.{codes[place]}", argument, {"value": typed[place]})
        (wrong if codes[place] in raw.UNUSABLE else notes)[place] = doubt
    moments[list(wrong)] = np.datetime64("NaT")
    return Argument(moments, wrong, notes)


def answers(typed: list, argument: str, setting: Setting) -> Argument:
    """Answers to a survey, whole numbers from 0 to 10; a blank cell or a word is none, which is no mistake."""
    return _with_default(_numbers(typed, argument, setting, _rating, _is_rating), np.nan)


def ids(typed: list, setting: Setting) -> Argument:
    """Customer IDs as they are typed."""
    if set(map(type, typed)) == {str} and max(map(len, typed)) <= LONGEST:
        return Argument(np.array(typed, dtype=object))
    return _each(typed, "customer_id", setting, lambda cell: (raw.text(cell), None), object)


# --- one cell ----------------------------------------------------------------------------------------------------


def _mark(cell: object) -> tuple[object, str | None]:
    number, _, code = raw.mark(cell)
    return number, code and f"finding.{code}"


def _score(cell: object) -> tuple[object, str | None]:
    if isinstance(cell, float):
        return (cell, None) if 0 <= cell <= 100 else (None, "finding.score_out_of_range")
    return _mark(cell)


def _number(cell: object) -> tuple[object, str | None]:
    number, code = raw.number(cell)
    return number, "reason.not_a_number" if code else _BLANK if number is None else None


def _amount(setting: Setting, cell: object) -> tuple[object, str | None]:
    number, currency, code = raw.money(cell)
    if number is None:
        return None, code and f"finding.{code}"
    converted = setting.policy.currency.worth(number, currency, setting.today)
    return converted, None if converted is not None else "reason.no_rate"


def _day(cell: object) -> tuple[object, str | None]:
    return _told(*raw.day(cell))


def _moment(cell: object) -> tuple[object, str | None]:
    return _told(*raw.moment(cell))


def _told(value: object, code: str | None) -> tuple[object, str | None]:
    """A reading with the key of its reason or note; no value and no code is a word for nothing."""
    return value, f"finding.{code}" if code else _BLANK if value is None else None


def _rating(cell: object) -> tuple[object, str | None]:
    if isinstance(cell, str):
        cell, _ = raw.number(cell)
    if cell is None or isinstance(cell, bool):
        return None, _BLANK
    fits = isinstance(cell, float) and bool(_is_rating(np.asarray(cell)))
    return (cell, None) if fits else (None, "reason.no_rating")


def _is_rating(numbers: np.ndarray) -> np.ndarray:
    low, high = SERVICE.column("nps").scale or (0, np.inf)
    return (numbers >= low) & (numbers <= high) & (numbers % 1 == 0)


# --- a column of cells -------------------------------------------------------------------------------------------


def _numbers(
    typed: list, argument: str, setting: Setting, read: Reader, fits: Callable[[np.ndarray], np.ndarray]
) -> Argument:
    """A column of numbers: at once where every cell is one and `fits`, cell by cell where not."""
    if set(map(type, typed)) != {float}:
        return _each(typed, argument, setting, read, float)
    values = np.array(typed)
    odd = np.flatnonzero(~fits(values))
    if not len(odd):
        return Argument(values)
    wrong = _each([typed[place] for place in odd], argument, setting, read, float).wrong
    values[odd] = np.nan
    return Argument(values, {int(odd[place]): reason for place, reason in wrong.items()})


def _each(typed: list, argument: str, setting: Setting, read: Reader, kind: type) -> Argument:
    """Every cell read on its own; a text longer than any value is not read at all."""
    values: list = [None] * len(typed)
    wrong: dict[int, Wrong] = {}
    notes: dict[int, Wrong] = {}
    for place, cell in enumerate(typed):
        if isinstance(cell, CellError | Wrong):
            wrong[place] = error_in(cell, argument)
            continue
        if isinstance(cell, str) and len(cell) > LONGEST:
            wrong[place] = Wrong(WRONG, "finding.cell_too_long", argument, {"detail": len(cell)})
            continue
        values[place], key = (None, _BLANK) if cell is None else read(cell)
        if key:
            told = wrong if values[place] is None else notes
            told[place] = Wrong(MISSING if key in _MISSING else WRONG, key, argument, {"value": cell})
    return Argument(np.array(values, dtype=kind), wrong, notes)
