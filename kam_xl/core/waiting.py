"""What waits of each customer, counted: matters overdue, cases past their limit, visits of this week, upkeep of workbooks."""

from __future__ import annotations

import pandas as pd

from kam_xl.core import planning, workdays
from kam_xl.core.portfolio import Portfolio

#: What is counted, as pages name it.
COUNTS = ("overdue", "past_limit", "visits", "upkeep")
#: Whose the rows are that name no customer.
NOBODY = ""


def strangers(portfolio: Portfolio) -> list[str]:
    """Whose cases and strategies are told that are no customer's: IDs, and `NOBODY`."""
    told = pd.concat([portfolio.service["customer_id"], portfolio.tracking["customer_id"]]).dropna()
    return [NOBODY, *sorted(told[~told.isin(portfolio.customers["customer_id"])].unique())]


def counted(actions: pd.DataFrame, cases: pd.DataFrame, planned: pd.Series, today: pd.Timestamp) -> pd.DataFrame:
    """Customer ID → how many of each (`COUNTS`), of everybody of whom there is any.

    ``actions`` are a night's, or what is `planning.owed`; ``cases`` as in `service.cases`; ``planned`` is the day of each
    customer's next visit, by ID. Cases and upkeep may be of IDs that are no customer's, or of `NOBODY`.
    """
    kind, (_, sunday) = actions["kind"], workdays.this_week(today)
    rows = {
        "overdue": actions.loc[(kind == planning.MATTER) & actions["overdue"], "customer_id"],
        "past_limit": cases.loc[cases["late"], "customer_id"],
        "visits": planned.index[planned <= sunday].to_series(),
        "upkeep": actions.loc[(kind == planning.HOUSEKEEPING) & actions["waiting"], "customer_id"],
    }
    counts = {name: ids.fillna(NOBODY).value_counts() for name, ids in rows.items()}
    return pd.DataFrame(counts, columns=list(COUNTS)).fillna(0.0).astype("float64").rename_axis("customer_id")
