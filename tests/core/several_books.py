"""What teams write, for the tests of what their workbooks hold together."""

from __future__ import annotations

import datetime as dt

OLD, NEW = dt.datetime(2026, 1, 1), dt.datetime(2026, 6, 1)


def info(customer_id="C001", name="甲公司", **cells):
    return {"customer_id": customer_id, "name": name, **cells}


def evaluation(customer_id="C001", value=80, potential=70, demand=60, on=dt.date(2026, 3, 1), **cells):
    return {
        "customer_id": customer_id,
        "value": value,
        "potential": potential,
        "demand": demand,
        "evaluated_on": on,
        **cells,
    }


def codes(portfolio):
    return portfolio.findings["code"].tolist()
