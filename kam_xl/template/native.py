"""Score, tier and hint of an evaluation as plain formulas, generated from the policy: for workbooks that run no macros.

The formulas give what the rules give, or nothing. Of texts they read what the input check lets pass, a mark alone or with
its reason in brackets, 92（高利润+长合作）; the nightly job reads more, and a formula that cannot leaves the score unknown.
No formula knows the tier of the night before, so a policy's hysteresis is left to the nightly job. What is used here was
in Excel 2010 and is in WPS Office and LibreOffice.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence

from kam_xl.core import computed, sheets
from kam_xl.core.numbers import NOTED
from kam_xl.core.policy import DIMENSIONS, Policy
from kam_xl.core.scoring import DECIMALS
from kam_xl.core.words import LANGUAGES, Words
from kam_xl.showing import theme

_TYPED = sheets.EVALUATION.columns[: 1 + len(DIMENSIONS)]  # the customer and three marks
_SAID = tuple(column for column in sheets.EVALUATION.columns if column.field in ("evaluated_on", "evaluator"))
#: The evaluation as the workbook without macros has it: what is recorded elsewhere is computed here, under headers of its own.
EVALUATION = dataclasses.replace(
    sheets.EVALUATION, columns=(*_TYPED, *computed.RESULTS, *_SAID, *computed.NUMBERS, *computed.MARKS)
)

_LONGEST = 12  # characters of a mark
#: What may stand beside a number in brackets that is a second mark, 92（95分）, and no reason.
_UNITS = (")", "分", "%", "/100", "points", "point", "pts", "pt", " ")
#: The name of the characters that make a number doubtful (`numbers.NOTED`).
FOOTNOTES = "kam_footnotes"
_DIGITS = ",".join(f'"{character}"' for character in "0123456789.")


def number(typed: str) -> str:
    """What of a typed cell should be the number: of a text what stands before its bracket, else the cell itself."""
    text = _narrow(typed)
    before = f'TRIM(LEFT({text},FIND("(",{text}&"(")-1))'
    return f'IF(ISTEXT({typed}),{before},IF(ISBLANK({typed}),"",{typed}))'


def mark(number: str, typed: str) -> str:
    """The mark, where a cell with a `number` holds one; "" where it does not.

    From 0 to 100, and no fraction: a sheet shows 0.92 where 92% was typed. A text of a number has digits and at most one
    point between them, no second mark beside it, and no raised or circled digit, which may belong to a number.
    """
    text = _narrow(typed)
    aside = f'MID({text},FIND("(",{text}&"(")+1,{2 * _LONGEST})'
    for unit in _UNITS:
        aside = f'SUBSTITUTE({aside},"{unit}","")'
    of_text = (
        f"LEN({number})<={_LONGEST}",
        f'SUMPRODUCT(LEN({number})-LEN(SUBSTITUTE({number},{{{_DIGITS}}},"")))=LEN({number})',
        f'LEN({number})-LEN(SUBSTITUTE({number},".",""))<2',
        f'LEFT({number})<>"."',
        f'RIGHT({number})<>"."',
        f"ISERROR(VALUE({aside}))",
        f"SUMPRODUCT(--ISNUMBER(FIND({FOOTNOTES},{typed})))=0",
    )
    is_number = f"OR(ISNUMBER({number}),AND({','.join(of_text)}))"
    on_scale = f"OR(VALUE({number})=0,AND(VALUE({number})>=1,VALUE({number})<=100))"
    return f'IFERROR(IF(AND({is_number},{on_scale}),VALUE({number}),""),"")'


def footnotes() -> str:
    """The characters of `FOOTNOTES`, as a formula names them."""
    found = (chr(code) for code in range(0x10000) if NOTED.search(f"1{chr(code)}"))
    return "{" + ",".join(f'"{character}"' for character in found) + "}"


def _narrow(cell: str) -> str:
    """A cell as text, its wide digits and brackets narrow."""
    return f'SUBSTITUTE(ASC({cell}),"（","(")'


def score(marks: Sequence[str], policy: Policy, blank: str) -> str:
    """The composite score of three cells with marks, rounded as the rules round; a dash where one is unknown.

    Nothing where ``blank`` holds: nothing was typed there.
    """
    weights = (getattr(policy.weights, key) for key in DIMENSIONS)
    total = "+".join(f"{weight!r}*{mark}" for weight, mark in zip(weights, marks, strict=True))
    shift = 10**DECIMALS
    known = f"INT(({total})*{shift}+0.5+0.000000001)/{shift}"
    return f'IF({blank},"",IF(COUNT({",".join(marks)})={len(marks)},{known},"{theme.UNKNOWN}"))'


def tier(score: str, policy: Policy, lang: str) -> str:
    """The tier of a cell with a score; where it holds none, what it holds."""
    names = policy.tier_names(lang)
    found = f'"{theme.UNKNOWN}"'
    for one in sorted(policy.tiers, key=lambda one: one.low):
        found = f'IF({score}>={one.low!r},"{names[one.key]}",{found})'
    return f"IF(ISNUMBER({score}),{found},{score})"


def hint(customer: str, typed: Sequence[str], marks: Sequence[str], blank: str, words: Words) -> str:
    """What is missing for a score, or cannot be read; nothing where nothing is, or where ``blank`` holds."""
    told = [f'IF(ISBLANK({customer}),"{words("plain.hint.no_id")}","")']
    for name, cell, known in zip(DIMENSIONS, typed, marks, strict=True):
        dimension = words(f"terms.dimension.{name}")
        missing, unread = (words(f"plain.hint.{key}", dimension=dimension) for key in ("missing", "unread"))
        told.append(f'IF(ISNUMBER({known}),"",IF(ISBLANK({cell}),"{missing}","{unread}"))')
    whole = f"AND(NOT(ISBLANK({customer})),COUNT({','.join(marks)})={len(marks)})"
    return f'IF(OR({blank},{whole}),"","{theme.SIGNS["bad"]}"&{"&".join(told)})'


def formulas(policy: Policy, words: Mapping[str, Words]) -> Callable[[sheets.Column, str], str | None]:
    """A column of the evaluation and a language → how the column is computed; None for one that is typed."""
    known = {lang: _formulas(policy, words[lang]) for lang in LANGUAGES}
    return lambda column, lang: known[lang].get(column)


def _formulas(policy: Policy, words: Words) -> dict[sheets.Column, str]:
    def cell(column: sheets.Column) -> str:
        return f"{EVALUATION.table}[@[{column.header(words.lang)}]]"

    customer, *typed = map(cell, _TYPED)
    numbers, marks = (list(map(cell, columns)) for columns in (computed.NUMBERS, computed.MARKS))
    blank = "AND(" + ",".join(f"ISBLANK({one})" for one in (customer, *typed)) + ")"
    score_here, tier_here, hint_here = computed.RESULTS
    return {
        score_here: score(marks, policy, blank),
        tier_here: tier(cell(score_here), policy, words.lang),
        hint_here: hint(customer, typed, marks, blank, words),
        **{column: number(one) for column, one in zip(computed.NUMBERS, typed, strict=True)},
        **{column: mark(*pair) for column, *pair in zip(computed.MARKS, numbers, typed, strict=True)},
    }
