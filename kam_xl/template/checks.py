"""What a cell of the data sheets accepts, with its prompt and its error in the user's language.

A check guides; it never stands between people and the truth. Where the nightly job reads more than the check's form
(another way to write a period, a new industry), Excel asks and lets it pass.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from kam_xl.core import sheets
from kam_xl.core.amounts import UNITS
from kam_xl.core.policy import Policy
from kam_xl.core.words import Words

ROOM = 2000  # the last row of a data sheet that checks and colours reach

_FIRST_BIRTH, _LAST_DAY = dt.date(1900, 1, 1), dt.date(2100, 12, 31)
_TODAY = "=kam_as_of"
_TONIGHT = "=kam_as_of+1"

Rule = Callable[[str, Policy], dict]  # the cell (A5), the policy → the rule as XlsxWriter takes it


@dataclass(frozen=True)
class EntryRule:
    """The rule of a cell, the key of its texts, and whether Excel refuses what breaks it or only asks."""

    texts: str
    rule: Rule
    asks: bool = False


def _custom(formula: str) -> Rule:
    return lambda cell, _policy: {"validate": "custom", "value": formula.replace("CELL", cell)}


def _list(name: str) -> Rule:
    return lambda _cell, _policy: {"validate": "list", "source": f"=lst_{name}"}


def _between(validate: str, low: object, high: object) -> Rule:
    return lambda _cell, _policy: _range(validate, low, high)


def _range(validate: str, low: object, high: object) -> dict:
    return {"validate": validate, "criteria": "between", "minimum": low, "maximum": high}


def _since_earliest(high: object) -> Rule:
    return lambda _cell, policy: _range("date", dt.date(policy.earliest_year, 1, 1), high)


def _money(_cell: str, policy: Policy) -> dict:
    return _range("decimal", 0, policy.amount_limit)


def _paid(_cell: str, policy: Policy) -> dict:
    most = round(policy.amount_limit / UNITS["元"])
    return _range("decimal", -most, most)


def _grade(_cell: str, policy: Policy) -> dict:
    return _range("integer", 1, policy.indicators.top_level)


def _any(_cell: str, _policy: Policy) -> dict:
    return {"validate": "any"}


_MARK = 'VALUE(LEFT(CELL,FIND("(",SUBSTITUTE(CELL,"（","(")&"(")-1))'  # 92（高利润+长合作） → 92
_PERIOD = "DATEVALUE(LEFT(TRIM(CELL),10))<=DATEVALUE(RIGHT(TRIM(CELL),10))"
_PAST = EntryRule("past", _since_earliest(_TODAY))
_FUTURE = EntryRule("future", _since_earliest(_LAST_DAY))
_TOLD = EntryRule("told", _custom("=FALSE"))  # what a button writes
_ID = _custom(f"=COUNTIF($A$5:$A${ROOM},CELL)=1")
_KNOWN = _custom('=COUNTIF(lst_customer,TRIM(LEFT(CELL,FIND("/",CELL&"/")-1)))>0')

#: (kind of sheet, field) → its check, where the kind of the column does not decide.
OF_FIELD = {
    ("info", "customer_id"): EntryRule("customer_id", _ID),
    ("info", "industry"): EntryRule("industry", _list("industry"), asks=True),
    ("tracking", "effect"): EntryRule("effect", _any),
    ("contacts", "birthday"): EntryRule("birthday", _between("date", _FIRST_BIRTH, _TODAY)),
    ("renewals", "renewal_date"): _FUTURE,
    ("renewals", "trial_expiry"): _FUTURE,
    ("service", "nps"): EntryRule("nps", _between("integer", 0, 10)),
    ("tasks", "action_id"): EntryRule("action_id", _any),
    ("tasks", "owner"): EntryRule("task_owner", _any),
    ("tasks", "subject"): _TOLD,
    ("tasks", "evidence"): _TOLD,
    ("tasks", "due"): _FUTURE,
    ("tasks", "postponed_to"): _FUTURE,
    **{("orders", field): EntryRule("paid", _paid) for field in ("amount", "cost", "profit")},
    ("orders", "quantity"): EntryRule("quantity", _between("decimal", -1_000_000_000, 1_000_000_000)),
}
#: Kind of a column → its check.
OF_KIND = {
    "id": EntryRule("known_id", _list("customer"), asks=True),
    "id_name": EntryRule("id_name", _KNOWN, asks=True),
    "size": EntryRule("size", _any),
    "contact": EntryRule("contact", _any),
    "phone": EntryRule("phone", _any),
    "date": _PAST,
    "datetime": EntryRule("datetime", _since_earliest(_TONIGHT)),
    "amount": EntryRule("amount", _money, asks=True),
    "score": EntryRule("score", _custom(f"=IFERROR(AND({_MARK}>=0,{_MARK}<=100),FALSE)")),
    "period": EntryRule("period", _custom(f"=IFERROR(AND(LEN(TRIM(CELL))>20,{_PERIOD}),FALSE)"), asks=True),
    "status": EntryRule("choice", _list("status")),
    "flag": EntryRule("choice", _list("yes_no")),
    "grade": EntryRule("grade", _grade),
    "count": EntryRule("count", _between("integer", 0, 1_000_000)),
    "number": EntryRule("number", _between("decimal", 0, 1_000_000)),
    "share": EntryRule("share", _between("decimal", -1, 10)),
    "currency": EntryRule("currency", _any),
}


def of(sheet: sheets.Sheet, column: sheets.Column) -> EntryRule | None:
    """The check of a typed column; None for free text."""
    if column.choices:
        return EntryRule("choice", _list(f"{sheet.kind}_{column.field}"))
    return OF_FIELD.get((sheet.kind, column.field)) or OF_KIND.get(column.kind)


def options(check: EntryRule, cell: str, words: Words, policy: Policy, choices: tuple[str, ...] = ()) -> dict:
    """The check as XlsxWriter takes it; ``cell`` is the first cell it guards (``B5``), ``choices`` what its texts list."""
    facts = {
        "year": policy.earliest_year,
        "top": policy.indicators.top_level,
        "choices": words("terms.list_separator").join(choices),
    }
    said = {
        part: words(f"template.check.{check.texts}.{part}", **facts)
        for part in ("title", "prompt", "error")
        if f"template.check.{check.texts}.{part}" in words
    }
    told = {"input_title": said["title"], "input_message": said["prompt"]}
    if "error" in said:
        told |= {"error_title": said["title"], "error_message": said["error"]}
    return {**check.rule(cell, policy), **told, "error_type": "warning" if check.asks else "stop"}
