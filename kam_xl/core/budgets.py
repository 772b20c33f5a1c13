"""A budget split over the policy's pools: every share within its range, no pool favoured, the amounts exact (handbook §8)."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal

import pandas as pd

from kam_xl.core.errors import PolicyError
from kam_xl.core.policy import Policy
from kam_xl.core.words import Words

COLUMNS = ("pool", "tiers", "low", "high", "share", "amount")
_TENTH = Decimal("0.1")  # amounts are rounded to this many 万元


def split(total: float, policy: Policy) -> pd.DataFrame:
    """A budget of ``total`` 万元 split over the policy's pools (`COLUMNS`), highest tier first (§8).

    Every pool goes the same part of the way from its minimum to its maximum share, just so far that all sum to 100 %:
    so every share lies in its range, no pool is favoured, and what is missing below the maxima is taken off in
    proportion to each pool's own room. Amounts are whole tenths of 万元 and sum to the total exactly: the tenths left
    over by rounding down go to the pools that lost most by it. ``tiers`` holds tuples of keys. A total that is unknown
    or negative leaves the amounts unknown; `PolicyError` where no split can lie within all ranges.
    """
    every = pools(policy)
    way = part(policy)
    shares = [round(low + way * (high - low), 9) for _, low, high in every.values()]
    amounts = _tenths(total, shares) if 0 <= total < float("inf") else [float("nan")] * len(shares)
    rows = [
        (pool, tiers, low, high, share, amount)
        for (pool, (tiers, low, high)), share, amount in zip(every.items(), shares, amounts, strict=True)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def part(policy: Policy) -> float:
    """How far each pool goes from its minimum (0) to its maximum share (1); `PolicyError` where no split is possible."""
    lows, highs = (
        round(sum(ends), 9) for ends in zip(*((low, high) for _, low, high in pools(policy).values()), strict=True)
    )
    if not lows <= 1 <= highs:
        raise PolicyError(
            f"The budget shares cannot all be met: their lower ends sum to {lows:.0%}, their upper ends to {highs:.0%}, and "
            "100% is not between.",
            f"预算占比无法同时满足：下限合计 {lows:.0%}，上限合计 {highs:.0%}，不含 100%。",
        )
    return (1 - lows) / (highs - lows) if highs > lows else 0.0


def why(policy: Policy, words: Words) -> str:
    """Why the budget is split as `split` does, in one sentence."""
    lows, highs = (sum(ends) for ends in zip(*((low, high) for _, low, high in pools(policy).values()), strict=True))
    return words("plan.budget_why", low=f"{lows:.0%}", high=f"{highs:.0%}", part=f"{part(policy):.0%}")


def pools(policy: Policy) -> dict[str, tuple[tuple[str, ...], float, float]]:
    """Budget pool → (its tiers, its lowest and its highest share), in the order of their highest tiers."""
    found: dict[str, tuple[tuple[str, ...], float, float]] = {}
    for tier in policy.tiers:
        tiers = found[tier.budget_pool][0] if tier.budget_pool in found else ()
        found[tier.budget_pool] = ((*tiers, tier.key), tier.budget_low, tier.budget_high)
    return found


def _tenths(total: float, shares: list[float]) -> list[float]:
    """Amounts by share in whole tenths that sum to the total; what a total has below a tenth stays with the largest."""
    whole = Decimal(str(total))
    exact = [whole * Decimal(str(share)) for share in shares]
    amounts = [amount.quantize(_TENTH, ROUND_DOWN) for amount in exact]
    left = whole - sum(amounts)
    by_loss = sorted(range(len(shares)), key=lambda i: amounts[i] - exact[i])
    for i in by_loss[: int(left / _TENTH)]:
        amounts[i] += _TENTH
    amounts[shares.index(max(shares))] += whole - sum(amounts)
    return [float(amount) for amount in amounts]
