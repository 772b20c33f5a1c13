"""Small portfolios for the rules' tests: name only what matters, the rest is a quiet customer of one team."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

import kam_xl
from kam_xl.core import frames, validation
from kam_xl.core import policy as policies
from kam_xl.core import words as wordbook
from kam_xl.core.assessment import Assessment, assess
from kam_xl.core.books import Book, RawSheet
from kam_xl.core.consolidation import consolidate
from kam_xl.core.findings import Finding
from kam_xl.core.policy import Policy, Risk
from kam_xl.core.portfolio import Portfolio
from kam_xl.core.sheets import BY_KIND, OPTIONAL, STANDARD, named
from kam_xl.core.validation import TeamBook
from kam_xl.core.words import Words
from tests import builders
from tests.core import one_book

PACKAGE = Path(kam_xl.__file__).parent
TODAY = dt.date(2024, 3, 1)
#: Rules that hold one customer against the others.
TOGETHER = ("concentration", "same_strategy")

#: What each frame says of the one quiet customer.
_PLACE = {"team": "华东", "book": "华东.xlsx"}
_KNOWN = {"customer_id": "C001", "name": "某科技", "last_deal": dt.date(2024, 2, 20), "amount": 100.0, "sheet": "客户基础信息表"}  # fmt: skip
_USUAL = {
    "customers": {**_KNOWN, "book": "华东.xlsx", "teams": "华东", "amount_parts": 1, "team_count": 1,
                  "modified": dt.datetime(2024, 2, 28)},
    "records": _KNOWN | _PLACE,
    "evaluations": {**_PLACE, "customer_id": "C001", "value": 60.0, "potential": 60.0, "demand": 60.0, "composite": 60.0,
                    "tier": "regular", "evaluated_on": dt.date(2024, 1, 15), "evaluator": "李总监",
                    "sheet": "客户多维度分层评估表", "current": True},
    "tracking": {**_PLACE, "customer_id": "C001", "name": "某科技", "strategy": "季度回访", "start": dt.date(2024, 1, 1),
                 "end": dt.date(2024, 12, 31), "status": "running", "tracked_on": dt.date(2024, 2, 20),
                 "sheet": "客户策略执行效果跟踪表"},
    "findings": {"code": "amount_unparsed", "severity": "error", "book": "华东.xlsx", "sheet": "客户基础信息表", "cell": "I2",
                 "customer_id": "C001", "field": "amount", "typed_value": "很多"},
    "sources": {**_PLACE, "outcome": "used", "modified": dt.datetime(2024, 2, 28)},
    **{sheet.kind: {**_PLACE, "customer_id": "C001", "sheet": sheet.zh} for sheet in OPTIONAL},
}  # fmt: skip
_USUAL["indicators"]["current"] = True


#: What a row may name though its frame does without: what a customer's records and sources are told apart by.
_ANYWHERE = {"team", *frames.PORTFOLIO["customers"]}


def rows_of(name: str, rows: Sequence[dict] = ()) -> pd.DataFrame:
    """A frame of a portfolio; what a row does not name is as of the quiet customer."""
    schema = frames.PORTFOLIO[name]
    known = [{one: row[one] for one in row if one in schema or one not in _ANYWHERE} for row in rows]
    return builders.frame(schema, known, **_USUAL.get(name, {}))


def portfolio(
    customers: list[dict] | None = None,
    evaluations: list[dict] | None = None,
    tracking: list[dict] | None = None,
    findings: Sequence[dict] = (),
    sources: list[dict] | None = None,
    records: list[dict] | None = None,
    letters: dict | None = None,
    **optional: Sequence[dict],
) -> Portfolio:
    """A portfolio out of rows that name only what differs; without arguments one quiet customer.

    The optional sheets' rows go by kind: ``service=[{"kind": "complaint", "reported": dt.datetime(2024, 2, 1, 9)}]``.
    Letters go by book and kind: ``letters={("华东.xlsx", "info"): {"amount": "I"}}``.
    """
    customers = [{}] if customers is None else customers
    each = [{"customer_id": row.get("customer_id", "C001")} for row in customers]
    given = {
        "customers": customers,
        "records": customers if records is None else records,
        "evaluations": each if evaluations is None else evaluations,
        "tracking": each if tracking is None else tracking,
        "findings": findings,
        "sources": [{}] if sources is None else sources,
        **{sheet.kind: optional.pop(sheet.kind, ()) for sheet in OPTIONAL},
    }
    made = {name: rows_of(name, given.get(name, ())) for name in frames.PORTFOLIO}
    kinds = ("info",) if tracking == [] else ("info", "tracking")
    return Portfolio(**made | optional, letters=_by_sheet(letters) or {("华东.xlsx", kind): {} for kind in kinds})


def _by_sheet(letters: dict | None) -> dict:
    """Letters by book and kind → by the one sheet of that kind's name besides."""
    return {(book, kind): {BY_KIND[kind].zh: fields} for (book, kind), fields in (letters or {}).items()}


@pytest.fixture(scope="session")
def a_portfolio() -> Callable[..., Portfolio]:
    """See `portfolio`."""
    return portfolio


@pytest.fixture(scope="session")
def policy_text() -> str:
    """The text of the shipped policy."""
    return (PACKAGE / "policy.toml").read_text("utf-8")


@pytest.fixture(scope="session")
def policy(policy_text: str) -> Policy:
    """The shipped policy."""
    return policies.parse(policy_text)


@pytest.fixture(scope="session")
def words_in() -> Callable[[str], Words]:
    """Language → the product's words."""
    tomls = [path.read_text("utf-8") for path in sorted((PACKAGE / "words").glob("*.toml"))]
    return {lang: wordbook.parse(lang, tomls) for lang in wordbook.LANGUAGES}.__getitem__


@pytest.fixture(scope="session")
def assessed(policy: Policy, words_in: Callable[[str], Words]) -> Callable[..., Assessment]:
    """Rows as for `portfolio`, and maybe ``lang``, ``past``, ``policy`` → their assessment on `TODAY`."""

    def run(
        *, lang: str = "zh-CN", past: pd.DataFrame | None = None, policy: Policy = policy, **rows: object
    ) -> Assessment:
        return assess(portfolio(**rows), policy, TODAY, words_in(lang), past)

    return run


@pytest.fixture(scope="session")
def calm(policy: Policy) -> Policy:
    """The shipped policy with every risk rule switched off: half the work where nobody looks at risks."""
    off = Risk(**{key: dataclasses.replace(rule, enabled=False) for key, rule in policy.rules.items()})
    return dataclasses.replace(policy, risk=off)


# --- many portfolios in one run -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """What one of many portfolios came to: its own rows, under the names it was given."""

    customers: pd.DataFrame
    risks: pd.DataFrame
    actions: pd.DataFrame

    def of(self, rule: str) -> pd.DataFrame:
        """The findings of one rule."""
        return self.risks[self.risks["rule"] == rule]


def side_by_side(variants: Sequence[dict]) -> dict:
    """Rows as for `portfolio`, many times → the rows of one portfolio in which each has a workbook of its own."""
    joined: dict = {"letters": {}}
    for number, given in enumerate(variants):
        customers = given.get("customers", [{}])
        ids = [{"customer_id": row.get("customer_id", "C001")} for row in customers]
        kinds = ("info",) if given.get("tracking") == [] else ("info", "tracking")
        usual = {"customers": customers, "records": customers, "evaluations": ids, "tracking": ids, "sources": [{}],
                 "letters": {("华东.xlsx", kind): {} for kind in kinds}}  # fmt: skip
        rows = usual | given
        joined["letters"] |= {(_apart(book, number), kind): own for (book, kind), own in rows.pop("letters").items()}
        for name, own in rows.items():
            if isinstance(own, pd.DataFrame):
                ids = pd.array([_apart(one, number) for one in own["customer_id"]], dtype="str")
                joined[name] = pd.concat([joined.get(name), own.assign(customer_id=ids)])
            else:
                joined.setdefault(name, []).extend(_moved(row, place, number) for place, row in enumerate(own, start=2))
    return joined


def _moved(row: dict, place: int, number: int) -> dict:
    """A row with all that is blank in it but where it stands, which is as in the workbook of its own."""
    given = {"row": place, "book": "华东.xlsx", "customer_id": "C001", **row}
    return given | {name: _apart(given[name], number) for name in ("book", "customer_id")}


def _apart(name: str | None, number: int) -> str | None:
    """The name of a customer or a workbook as no other portfolio has it; nobody stays nobody."""
    return name and f"{number}/{name}"


def number_of(customer_id: str) -> int:
    """Which of the portfolios a customer is of."""
    return int(customer_id.partition("/")[0])


def alone(frame: pd.DataFrame, number: int) -> pd.DataFrame:
    """The rows of one of the portfolios, with the names it was given."""
    own = frame[frame["customer_id"].str.startswith(f"{number}/", na=False)].reset_index(drop=True)
    names = [name for name in ("customer_id", "book") if name in own]
    return own.assign(**{name: own[name].str.removeprefix(f"{number}/") for name in names})


@pytest.fixture(scope="session")
def together(assessed: Callable[..., Assessment]) -> Callable[..., list[Part]]:
    """Rows as for `portfolio`, many times → what each comes to, in one run over all of them.

    Rules that hold one customer against the others (`TOGETHER`) are tried alone.
    """

    def run(variants: Sequence[dict], **how: object) -> list[Part]:
        whole = assessed(**side_by_side(variants), **how)
        frames = (whole.customers, whole.risks, whole.actions)
        return [Part(*(alone(frame, number) for frame in frames)) for number in range(len(variants))]

    return run


# --- workbooks, from their sheets on ------------------------------------------------------------------------------------


@pytest.fixture
def gather(policy):
    """Books by name → their portfolio."""

    def consolidated(**books):
        return consolidate(
            [builders.team_book(policy, f"{name}.xlsx", **sheets) for name, sheets in books.items()], policy
        )

    return consolidated


@pytest.fixture(scope="session")
def read(policy: Policy) -> Callable[..., TeamBook]:
    """Sheets, and what else a book may have → the validated book."""

    def run(*sheets: RawSheet, **more: object) -> TeamBook:
        return validation.validate(Book("华东.xlsx", "华东", sheets, **more), policy, one_book.TODAY)

    return run


@pytest.fixture(scope="session")
def read_cell(read: Callable) -> Callable[..., tuple[pd.Series, list[Finding]]]:
    """One cell below the header of one field → its row and the findings about its column."""

    def run(
        kind: str, field: str, cell: object, header: str | None = None, **more: object
    ) -> tuple[pd.Series, list[Finding]]:
        standard = BY_KIND[kind]
        heads = [header if column.field == field and header else column.zh for column in standard.columns]
        row = ["" for _ in standard.columns]
        row[standard.fields.index(standard.key)] = one_book.ID.get(kind, "C001")
        row[standard.fields.index(field)] = cell
        sheets = () if standard in STANDARD else (one_book.info(one_book.HEAD, one_book.ROW),)
        book = read(*sheets, one_book.sheet(standard.zh, heads, row), **more)
        rows = book.tables[kind].rows
        return rows.iloc[0] if len(rows) else rows, [f for f in book.findings if f.field in (named(kind, field), None)]

    return run
