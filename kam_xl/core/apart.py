"""Figures of all customers as those see them whose own part in them is not the one that was counted, but another.

So what a customer's own data do stays apart from what the others' do: whose own profit becomes the largest has moved by it.
Counted anew are the bases of the indicators, the medians and the total of the amounts; how many customers share a strategy,
or a finding, is left as it was counted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kam_xl.core import frames
from kam_xl.core.portfolio import Portfolio
from kam_xl.core.scoring import Bases, deciding
from kam_xl.core.together import NO_TIER, Together


@dataclass(frozen=True)
class BasesApart(Bases):
    """The bases of the indicators, and what of each customer is counted in them: ``held``, by customer ID."""

    held: pd.DataFrame  # profit, tenure, growth

    def measured(self, profit: pd.Series, base: str) -> tuple[pd.Series, pd.Series]:
        """Profits by customer ID and what each is measured by, each with its own one in place of the one counted."""
        held = _counted(self.held["profit"], profit)
        measured, by = super().measured(profit, base)
        other = frames.differ(profit, held)
        if base == "percentile":
            return measured.mask(other, self._rank(profit, held)).where(profit.notna()), by
        gain, gone = profit.clip(lower=0), held.clip(lower=0)
        if base == "enterprise_total":
            return measured, by.mask(other, by - gone.fillna(0) + gain.fillna(0))
        return measured, by.mask(other, _most(self.held["profit"].clip(lower=0), gone, gain).fillna(0))

    def _rank(self, profit: pd.Series, held: pd.Series) -> pd.Series:
        """Each profit's percentile rank among all others' and itself."""
        below, up_to = (self.profits.searchsorted(profit, side) for side in ("left", "right"))
        below, up_to = below - (held < profit).to_numpy(), up_to - (held <= profit).to_numpy()
        others = len(self.profits) - held.notna().to_numpy()
        return pd.Series((below + up_to + 2) / 2 / (others + 1), profit.index)

    def longest(self, tenure: pd.Series) -> pd.Series:
        """The longest tenure beside each, its own in place of the one counted."""
        return _most(self.held["tenure"], _counted(self.held["tenure"], tenure), tenure)

    def highest(self, growth: pd.Series) -> pd.Series:
        """The highest growth beside each, its own in place of the one counted."""
        return _most(self.held["growth"], _counted(self.held["growth"], growth), growth)


@dataclass(frozen=True)
class TogetherApart(Together):
    """What is known of all customers, and which tier and amounts of each are counted in it: ``held``, by customer ID."""

    held: pd.DataFrame  # tier, amount, amount_year

    def peers(self, customers: pd.DataFrame, at_least: int) -> pd.Series:
        """The median amount of each customer's tier, with its own amount in place of the one counted."""
        found = super().peers(customers, at_least)
        tier, amount = customers["computed_tier"], customers["amount"]
        held_tier, held = (_beside(self.held[name], customers) for name in ("tier", "amount"))
        same = tier.fillna(NO_TIER) == held_tier.fillna(NO_TIER)
        other = (tier.notna() & ~(same & ~frames.differ(amount, held))).to_numpy()
        rows = zip(tier[other], held.where(same)[other], amount[other], strict=True)
        medians = [self._median(str(key), float(gone), float(own), at_least) for key, gone, own in rows]
        found[other] = medians
        return found

    def _median(self, tier: str, gone: float, own: float, at_least: int) -> float:
        """The median of a tier without one amount and with another, either of which may be unknown."""
        amounts = self.amounts.get(tier, np.array([]))
        if not np.isnan(gone):
            amounts = np.delete(amounts, amounts.searchsorted(gone))
        if not np.isnan(own):
            amounts = np.insert(amounts, amounts.searchsorted(own), own)
        count = len(amounts)  # in their order: numpy's median would put them in it for each customer anew
        return float(amounts[(count - 1) // 2] + amounts[count // 2]) / 2 if count >= max(at_least, 1) else np.nan

    def totals(self, customers: pd.DataFrame) -> pd.Series:
        """The sum of all known amounts beside each customer, with its own in place of the one counted."""
        return self._with_own(super().totals(customers), customers, "amount")

    def year_totals(self, customers: pd.DataFrame) -> pd.Series:
        """The sum of what was ordered in the year beside each customer, with its own in place of what was counted."""
        return self._with_own(super().year_totals(customers), customers, "amount_year")

    def _with_own(self, total: pd.Series, customers: pd.DataFrame, name: str) -> pd.Series:
        own, held = customers[name], _beside(self.held[name], customers)
        return total.mask(frames.differ(own, held), total - held.fillna(0) + own.fillna(0))


def bases(of_all: Bases, portfolio: Portfolio) -> BasesApart:
    """The bases of all customers of a portfolio, each of whom may come to have other indicators."""
    held = deciding(portfolio.indicators, portfolio.customers)[["profit", "tenure", "growth"]]
    return BasesApart(of_all.profits, of_all.longest_tenure, of_all.highest_growth, held)


def together(of_all: Together, scored: pd.DataFrame) -> TogetherApart:
    """What is known of these scored customers, each of whom may come to have another tier and amount."""
    counted = scored[["customer_id", "computed_tier", "amount", "amount_year"]].set_index("customer_id")
    held = counted.rename(columns={"computed_tier": "tier"})
    known = {name: getattr(of_all, name) for name in Together.__dataclass_fields__}
    return TogetherApart(**known, held=held)


def _counted(held: pd.Series, own: pd.Series) -> pd.Series:
    """What is counted of each customer, beside figures by customer ID."""
    return held.reindex(own.index)


def _beside(held: pd.Series, customers: pd.DataFrame) -> pd.Series:
    """What is counted of each customer, beside the customers."""
    return held.reindex(customers["customer_id"]).set_axis(customers.index)


def _most(counted: pd.Series, gone: pd.Series, own: pd.Series) -> pd.Series:
    """The greatest of all figures counted but one's own, and of one's own as it is now."""
    first, second = np.append(np.sort(counted.dropna().to_numpy("float64"))[::-1], [np.nan, np.nan])[:2]
    others = pd.Series(np.where(gone == first, second, first), own.index)
    return pd.Series(np.fmax(others, own), own.index)
