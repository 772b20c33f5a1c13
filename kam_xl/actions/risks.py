"""Look for risks, rank the customers at risk, check what was typed and say what to type instead."""

from __future__ import annotations

import pandas as pd

from kam_xl.actions import result_sheets, results
from kam_xl.actions.request import Request
from kam_xl.reports import data_sheets
from kam_xl.showing import vocabulary

_MATTERS = (
    "level customer_id name computed_tier subject evidence consequences remedy owner due days_late money sheet cell"
)
_COMMON = "subject common.reason begin_with owner"
_HOUSEKEEPING = "owner customer_id name subject evidence action due"
_CUSTOMERS = "level risk_score customer_id name computed_tier risk_count subject worst_evidence owner due"
_FINDINGS = "severity sheet cell customer_id finding remedy"
_REPAIRS = "manager severity sheet cell customer_id finding typed_value proposal"
_PLACE = ["book", "sheet", "cell", "field", "code"]


def scan(request: Request) -> str:
    """Every matter, the most pressing first, with evidence and remedy; what is common; what the workbook itself needs."""
    assessed, words = request.customers(), request.words
    levels = assessed.customers["level"].value_counts()
    at_risk = int((assessed.customers["level"] != "none").sum())
    counts = {level: int(levels.get(level, 0)) for level in ("high", "medium", "low")}
    sentence = words(
        "message.scanned", customers=len(assessed.customers), at_risk=at_risk, matters=len(assessed.matters), **counts
    )
    sentence += words("message.scanned_common", n=len(assessed.common)) if len(assessed.common) else ""
    sentence += words("message.scanned_kept", n=len(assessed.housekeeping)) if len(assessed.housekeeping) else ""
    blocks = [
        results.block(request, assessed.matters, _MATTERS),
        results.block(request, assessed.common, _COMMON, words("result.common")),
        results.block(request, assessed.housekeeping, _HOUSEKEEPING, words("result.housekeeping")),
    ]
    result_sheets.show(request.book, results.page(request, "risks", sentence, blocks), words)
    return sentence


def risk_list(request: Request) -> str:
    """The customers at risk, one row each: level, score, worst matter, who deals with it, earliest date."""
    assessed, words = request.customers(), request.words
    matters = assessed.matters
    first = matters.drop_duplicates("customer_id").set_index("customer_id")  # the most pressing comes first
    customers = assessed.customers.set_index("customer_id", drop=False).loc[list(first.index)]
    due = matters.groupby("customer_id")["due"].min()
    frame = customers.assign(
        subject=first["subject"], worst_evidence=first["evidence"], owner=first["owner"], due=due
    ).sort_values("risk_score", ascending=False, kind="stable")
    key = "message.ranked" if len(frame) else "message.ranked_none"
    sentence = words(
        key, n=len(frame), customers=len(assessed.customers), worst=_worst(frame, words("terms.list_separator"))
    )
    title = words("result.risk_list")
    result_sheets.show(
        request.book,
        results.page(request, "risks", sentence, [results.block(request, frame, _CUSTOMERS)], title),
        words,
    )
    return sentence


def _worst(frame: pd.DataFrame, separator: str) -> str:
    """The first three customers by ID."""
    return separator.join(frame["customer_id"].head(3)) or "—"


def check(request: Request) -> str:
    """Every problem of the data with its cell and remedy, errors first."""
    found = findings(request)
    counts = found["severity"].value_counts()
    numbers = {severity: int(counts.get(severity, 0)) for severity in ("error", "warn", "info")}
    key = "message.checked" if numbers["error"] + numbers["warn"] else "message.checked_clean"
    sentence = request.words(key, **numbers)
    show_findings(request, found, sentence)
    return sentence


def findings(request: Request) -> pd.DataFrame:
    """The findings as sentences with remedies, the most severe first."""
    return data_sheets.findings(request.assessed)


def show_findings(request: Request, found: pd.DataFrame, sentence: str, title: str | None = None) -> None:
    """The findings on the sheet of the data check."""
    blocks = [results.block(request, found, _FINDINGS)]
    result_sheets.show(request.book, results.page(request, "check", sentence, blocks, title), request.words)


def repairs(request: Request) -> str:
    """Every cell to put right, by the manager of its customer: what is wrong with it, what stands there, what should."""
    request.customers()
    found, words = _with_findings(request), request.words
    proposed = int(found["proposal"].notna().sum())
    who = int(found["manager"].nunique())
    key = "message.repaired" if len(found) else "message.repaired_none"
    sentence = words(key, n=len(found), proposed=proposed, managers=who)
    severities = {"severity": vocabulary.vocabularies(request.assessed)["severity"]}
    blocks = [results.block(request, found, _REPAIRS, known=severities)]
    result_sheets.show(request.book, results.page(request, "repairs", sentence, blocks), words)
    return sentence


def _with_findings(request: Request) -> pd.DataFrame:
    """The repairs with their findings as sentences."""
    rows, words = request.assessed.repairs, request.words
    told = findings(request).drop_duplicates(_PLACE)[[*_PLACE, "finding"]]
    rows = rows.merge(told, on=_PLACE, how="left")
    rows["finding"] = rows["finding"].astype("str").fillna(words("message.typed_as_text"))
    return rows
