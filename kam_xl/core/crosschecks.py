"""What the sheets say against each other: customers nobody evaluated, evaluations outlived, sums of which a part is unknown."""

from __future__ import annotations

import pandas as pd

from kam_xl.core.evaluations import outdated
from kam_xl.core.findings import Finding, text_or_none
from kam_xl.core.frames import each_row
from kam_xl.core.portfolio import EVALUATED, Letters, cells, desk


def across_sheets(
    customers: pd.DataFrame,
    evaluations: pd.DataFrame,
    proposals: pd.DataFrame,
    ties: pd.DataFrame,
    indicators: pd.DataFrame,
    letters: Letters,
) -> list[tuple[str, Finding]]:
    """Customers without an evaluation, undecided ties, and evaluations that newer ones replaced.

    That a team keeps no evaluations at all is said once, of its workbook.
    """
    kept = customers["book"].map(desk).isin({desk(book) for book, kind in letters if kind in EVALUATED})
    missing = kept & ~_may_be_evaluated(customers, evaluations, proposals, indicators)
    checks = [
        ("evaluation_missing", "info", "customer_id", customers[missing]),
        ("evaluation_superseded", "evaluation", "evaluated_on", outdated(evaluations)),
        ("evaluation_undated", "evaluation", "evaluated_on", evaluations[evaluations["evaluated_on"].isna()]),
        ("evaluation_tie", "evaluation", "evaluated_on", ties[~ties["current"]]),
    ]
    return [
        (row.book, Finding(code, row.sheet, cell, name, customer_id=text_or_none(row.customer_id)))
        for code, kind, name, rows in checks
        if len(rows)
        for row, cell in zip(each_row(rows), cells(letters, rows, kind, name), strict=True)
    ] + _partial_amounts(customers, letters)


def _may_be_evaluated(
    customers: pd.DataFrame, evaluations: pd.DataFrame, proposals: pd.DataFrame, indicators: pd.DataFrame
) -> pd.Series:
    """True for the customers with an evaluation, with indicators that stand in for one, or with a row that may be one."""
    maybe = proposals.loc[proposals["kind"].isin(EVALUATED), "customer_id"]
    known = pd.concat([evaluations["customer_id"], _computable(indicators, customers), maybe])
    return customers["customer_id"].isin(known)


def _computable(indicators: pd.DataFrame, customers: pd.DataFrame) -> pd.Series:
    """The customers whose deciding indicators are complete: marks computed from them stand in for an evaluation (§3)."""
    started = indicators["customer_id"].isin(customers.loc[customers["since"].notna(), "customer_id"])
    tenure = indicators["tenure"].notna() | (started & indicators["as_of"].notna())
    complete = indicators[list(_INPUTS)].notna().all(axis=1) & tenure & indicators["current"]
    return indicators.loc[complete, "customer_id"]


#: Indicators no other sheet knows; how long the cooperation lasts, the customer sheet may.
_INPUTS = ("profit", "growth", "open_needs", "total_needs", "service_sensitivity", "price_sensitivity")


def _partial_amounts(customers: pd.DataFrame, letters: Letters) -> list[tuple[str, Finding]]:
    """Customers whose amount is the sum of some teams only: an unknown part must not pass for 0."""
    rows = customers[(customers["amount_gaps"] > 0) & (customers["amount_parts"] > 0)]
    where = cells(letters, rows, "info", "amount")
    return [
        (
            row.book,
            Finding(
                "amount_partial", row.sheet, cell, "amount", customer_id=row.customer_id, detail=str(row.amount_gaps)
            ),
        )
        for row, cell in zip(each_row(rows), where, strict=True)
    ]
