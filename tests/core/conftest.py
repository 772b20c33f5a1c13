"""Small portfolios for the rules' tests: name only what matters, the rest is a quiet customer of one team."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
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
