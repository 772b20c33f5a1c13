"""The risk rules on orders, one function each (handbook §7); see `risk_rules`. Where nobody keeps orders they are silent."""

from __future__ import annotations

import pandas as pd

from kam_xl.core.evidence import percent
from kam_xl.core.risk_view import NO_HITS, View, cited_orders
from kam_xl.core.rule_settings import RiskRule, YearFell
from kam_xl.core.sheets import ORDERS


def order_overdue(view: View, rule: RiskRule) -> pd.DataFrame:
    """No order for longer than the customer's own rhythm allows (`orders.figures`); the place is that of the orders which make it.

    A deal on record after the last order counts as one. Who may have ordered more than is known is not late.
    """
    rows = view.customers
    rows = rows[rows["order_overdue"].fillna(value=False).astype(bool) & view.complete(ORDERS.kind)]
    if rows.empty:
        return NO_HITS
    last = rows[["last_order", "last_deal"]].max(axis=1)
    facts = {
        "last": last,
        "days": (view.today - last).dt.days,
        "rhythm": rows["rhythm"],
        "orders": rows["order_days"],
        "expected": rows["next_order"],
        "happened": rows["next_order"],
        "money": rows["amount_year"],
    }
    orders = view.portfolio.orders
    return cited_orders(view, rows, orders[~(orders["amount"] < 0)], "ordered_on", **facts)


def year_fell(view: View, rule: YearFell) -> pd.DataFrame:
    """The year's orders come to less than those of the year before, by a share; all of both years is known."""
    rows = view.customers
    rows = rows[(-rows["growth"]).round(9).ge(rule.fall_share) & view.complete(ORDERS.kind)]
    if rows.empty:
        return NO_HITS
    facts = {
        "before": rows["amount_before"],
        "now": rows["amount_year"],
        "fall": percent(-rows["growth"]),
        "days": rows["order_days_year"],
        "days_before": rows["order_days_before"],
        "money": rows["amount_before"] - rows["amount_year"],
    }
    orders = view.portfolio.orders
    lately = orders[orders["ordered_on"] > view.today - pd.DateOffset(years=2)]
    return cited_orders(view, rows, lately, "amount", **facts)
