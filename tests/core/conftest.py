"""Small portfolios for the rules' tests: name only what matters, the rest is a quiet customer of one team."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

import kam_xl
from kam_xl.core import consolidation
from kam_xl.core import policy as policies
from kam_xl.core import words as wordbook
from kam_xl.core.assessment import Assessment, assess
from kam_xl.core.consolidation import Portfolio
from kam_xl.core.policy import Policy
from kam_xl.core.sheets import BY_KIND, OPTIONAL
from kam_xl.core.words import Words

PACKAGE = Path(kam_xl.__file__).parent
TODAY = dt.date(2024, 3, 1)

_PLACE = {"team": "华东", "book": "华东.xlsx"}
_CUSTOMER = {
    "customer_id": "C001", "name": "某科技", "industry": None, "size": None, "contact": None, "phone": None, "since": None,
    "last_deal": dt.date(2024, 2, 20), "amount": 100.0, "products": None, "tags": None, "remarks": None,
    "teams": "华东", "amount_parts": 1, "amount_gaps": 0, "team_count": 1, "modified": dt.datetime(2024, 2, 28), "sheet": "客户基础信息表", "as_typed": None,
}  # fmt: skip
_EVALUATION = {
    "customer_id": "C001", "value": 60.0, "potential": 60.0, "demand": 60.0, "value_reason": None,
    "potential_reason": None, "demand_reason": None, "composite": 60.0, "tier": "regular",
    "evaluated_on": dt.date(2024, 1, 15), "evaluator": "李总监", "sheet": "客户多维度分层评估表", "as_typed": None, "current": True,
}  # fmt: skip
_TRACKING = {
    "customer_id": "C001", "name": "某科技", "strategy": "季度回访", "period": None, "start": dt.date(2024, 1, 1),
    "end": dt.date(2024, 12, 31), "actions": None, "status": "running", "effect": None, "problem": None,
    "improvement": None, "tracker": None, "tracked_on": dt.date(2024, 2, 20), "sheet": "客户策略执行效果跟踪表", "as_typed": None,
    "extras": None,
}  # fmt: skip
_FINDING = {
    "code": "amount_unparsed", "severity": "error", "book": "华东.xlsx", "sheet": "客户基础信息表", "cell": "I2",
    "customer_id": "C001", "field": "amount", "typed_value": "很多", "detail": None,
}  # fmt: skip
_SOURCE = {
    "book": "华东.xlsx", "team": "华东", "outcome": "used", "finding_count": 0, "modified": dt.datetime(2024, 2, 28),
}  # fmt: skip

_KINDS = {
    **dict.fromkeys(("since", "last_deal", "evaluated_on", "start", "end", "tracked_on", "modified"), "datetime64[s]"),
    **dict.fromkeys(("amount", "value", "potential", "demand", "composite"), "float64"),
    **dict.fromkeys(("row", "team_count", "amount_parts", "amount_gaps", "finding_count"), "int64"),
    **dict.fromkeys(("current", "repeated"), "bool"),
}


def _frame(rows: Sequence[dict], default: dict) -> pd.DataFrame:
    filled = [{**default, "row": number, **row} for number, row in enumerate(rows, start=2)]
    frame = pd.DataFrame(filled, columns=[*default, "row"])
    return frame.astype({column: _KINDS.get(column, "str") for column in frame})


def optional_rows(kind: str, rows: Sequence[dict] = ()) -> pd.DataFrame:
    """Rows of an optional sheet as `consolidation` makes them; what a row does not name is unknown."""
    frame = consolidation.empty(kind).drop(columns=["modified", "repeated"])
    types = frame.dtypes.to_dict() | ({"current": "bool"} if kind == "indicators" else {})
    place = {"customer_id": "C001", **_PLACE, "sheet": BY_KIND[kind].zh, "current": True}
    filled = [{**place, "row": number, **row} for number, row in enumerate(rows, start=2)]
    return pd.DataFrame(filled, columns=list(types)).astype(types)


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
    return Portfolio(
        customers=_frame(customers, _CUSTOMER | {"book": _PLACE["book"]}),
        records=_frame(customers if records is None else records, _CUSTOMER | _PLACE | {"repeated": False}),
        evaluations=_frame(each if evaluations is None else evaluations, _EVALUATION | _PLACE),
        tracking=_frame(each if tracking is None else tracking, _TRACKING | _PLACE),
        conflicts=pd.DataFrame(),
        duplicates=pd.DataFrame(),
        origins=pd.DataFrame(),
        findings=_frame(findings, _FINDING),
        sources=_frame([{}] if sources is None else sources, _SOURCE),
        **{sheet.kind: optional_rows(sheet.kind, optional.pop(sheet.kind, ())) for sheet in OPTIONAL},
        **optional,
        letters=_by_sheet(letters)
        or {("华东.xlsx", kind): {} for kind in (("info",) if tracking == [] else ("info", "tracking"))},
    )


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

    Rules that hold one customer against the others (`risk._TOGETHER`) are tried alone.
    """

    def run(variants: Sequence[dict], **how: object) -> list[Part]:
        whole = assessed(**side_by_side(variants), **how)
        frames = (whole.customers, whole.risks, whole.actions)
        return [Part(*(alone(frame, number) for frame in frames)) for number in range(len(variants))]

    return run
