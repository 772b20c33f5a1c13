"""Look for risks, rank the customers at risk, check what was typed and say what to type instead."""

from __future__ import annotations

import pandas as pd

from kam_xl.actions import result_sheets, results
from kam_xl.actions.request import Request
from kam_xl.reports import data_sheets
from kam_xl.showing import vocabulary

_RISKS = "level customer_id name computed_tier rule evidence remedy owner due sheet cell"
_CUSTOMERS = "level risk_score customer_id name computed_tier risk_count worst_evidence owner due"
_FINDINGS = "severity sheet cell customer_id finding remedy"
_REPAIRS = "manager severity sheet cell customer_id finding typed_value proposal"
_PLACE = ["book", "sheet", "cell", "field", "code"]


def scan(request: Request) -> str:
    """Every risk finding, the worst customer first, with evidence and remedy."""
    assessed, words = request.customers(), request.words
    levels = assessed.customers["level"].value_counts()
    at_risk = int((assessed.customers["level"] != "none").sum())
    counts = {level: int(levels.get(level, 0)) for level in ("high", "medium", "low")}
    sentence = words(
        "message.scanned", customers=len(assessed.customers), at_risk=at_risk, risks=len(assessed.risks), **counts
    )
    blocks = [results.block(request, assessed.risks, _RISKS)]
    result_sheets.show(request.book, results.page(request, "risks", sentence, blocks), words)
    return sentence


def risk_list(request: Request) -> str:
    """The customers at risk, one row each: level, score, worst evidence, owner, earliest date."""
    assessed, words = request.customers(), request.words
    first = assessed.risks.drop_duplicates("customer_id").set_index("customer_id")  # the worst comes first
    due = assessed.risks.groupby("customer_id")["due"].min()
    customers = assessed.customers[assessed.customers["level"] != "none"]
    frame = customers.assign(
        worst_evidence=customers["customer_id"].map(first["evidence"]), due=customers["customer_id"].map(due)
    )
    frame = frame.set_index("customer_id", drop=False).loc[list(first.index)]
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
