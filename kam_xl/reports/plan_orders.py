"""What the orders of one customer tell, as facts of its account plan: rhythm, next order, the year, what is to come."""

from __future__ import annotations

import pandas as pd

from kam_xl.core.assessment import Assessment
from kam_xl.showing import vocabulary

#: Key of the words → the figures that they name.
_TOLD = {
    "rhythm": ("rhythm", "rhythm_spread", "order_days", "last_order"),
    "next_order": ("next_order",),
    "late": ("order_late",),
    "year": ("amount_year", "order_days_year"),
    "growth": ("growth", "amount_before", "best_share"),
    "margin": ("margin",),
    "value": ("value_next", "value_low", "value_high"),
}


def _said(value: object, name: str) -> str:
    """A figure of the orders as a sentence names it."""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    form = {"growth": "{:+.0%}", "best_share": "{:.0%}", "margin": "{:.1%}"}.get(name, "{:,.1f}")
    return form.format(value).removesuffix(".0")


def facts(assessment: Assessment, customer: pd.Series) -> list[tuple[str, str]]:
    """Label and text of what is known of the orders of a customer, a row of the assessment's."""
    words = assessment.words
    sure = f"{assessment.policy.orders.value_sure:.0%}"
    texts = {
        key: words(f"plan_page.orders.{key}", sure=sure, **{name: _said(customer[name], name) for name in names})
        for key, names in _TOLD.items()
        if customer[list(names)].notna().all() and (key != "late" or customer["order_late"] > 0)
    }
    known = vocabulary.vocabularies(assessment)
    keyed = {"trend": "health_trend", "rfm_class": "rfm_class"}
    texts |= {key: known[of].names[customer[key]] for key, of in keyed.items() if pd.notna(customer[key])}
    return [(words(f"plan_page.fact.{key}"), text) for key, text in texts.items()]
