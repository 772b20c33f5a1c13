"""The policy file's text → a checked, frozen `Policy`: every number and text the business may change (handbook §5)."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from kam_xl.core.conversion import Currency
from kam_xl.core.errors import PolicyError
from kam_xl.core.kinds import (
    TOLERANCE,
    Days,
    Factor,
    Hours,
    Kind,
    Level,
    Mark,
    Marks,
    Record,
    Share,
    Shares,
    Text,
    Weight,
    adds_up,
    completed,
    keys,
    record,
    refuse,
    refuse_unknown,
    same,
    whole,
)
from kam_xl.core.order_settings import Orders
from kam_xl.core.rule_settings import Risk, RiskRule
from kam_xl.core.sections import (
    TIER_KEYS,
    Calendar,
    Calibration,
    Evaluators,
    Health,
    History,
    Lifecycle,
    Matters,
    Moves,
    Plan,
    Quality,
    Retention,
    Service,
    Targets,
    TierKey,
    Units,
    Versions,
    Worth,
)
from kam_xl.core.texts import simplified


@dataclass(frozen=True)
class Weights(Record):
    """The weight of each dimension in the composite score; they sum to 1."""

    value: Weight
    potential: Weight
    demand: Weight

    def check(self, place: str) -> None:
        """They sum to 1."""
        adds_up(place, dataclasses.asdict(self))


DIMENSIONS = keys(Weights)


@dataclass(frozen=True)
class Indicators(Record):
    """How raw indicators make each dimension: the weight of every term; the terms of one dimension sum to 1 (§3)."""

    value: Annotated[dict[Literal["profit", "tenure"], Weight], adds_up]
    potential: Annotated[dict[Literal["growth", "needs"], Weight], adds_up]
    demand: Annotated[dict[Literal["service", "price"], Weight], adds_up]
    top_level: Annotated[int, whole(2, "levels")]  # sensitivities are levels from 1 to this
    #: What a customer's profit is measured by.
    profit_base: Literal["enterprise_total", "largest_customer", "percentile"]


@dataclass(frozen=True)
class Sla(Record):
    """Hours within which a complaint is answered, by its severity; the tier's own limit counts beside it (§7)."""

    major_hours: Hours
    ordinary_hours: Hours


@dataclass(frozen=True)
class Named(Record):
    """What has a name in both languages."""

    zh: str
    en: str

    def name(self, lang: str) -> str:
        """The name in ``zh-CN`` or ``en``."""
        return self.zh if lang == "zh-CN" else self.en


@dataclass(frozen=True)
class TierTable(Named):
    """What the file says of a tier: where its band begins, its target share, what its customers get (handbook §4, §8)."""

    low: Mark
    target_low: Share
    target_high: Share
    class_: str
    cadence_days: Days
    sla_hours: Hours
    profile: dict[str, Marks]  # value, potential → the marks that fit the tier's description
    strategy: Text
    measures: Text
    departments: Text
    support: Text
    goals: Text
    owner: Text

    def check(self, place: str) -> None:
        """The range of its share is in order; its profile is one of marks that describe a customer."""
        _check_order(place, self.target_low, self.target_high, "target_low", "target_high")
        for dimension, marks in self.profile.items():
            if dimension not in ("value", "potential"):
                refuse_unknown(f"{place}.profile.{dimension}", list(marks), ("value", "potential"))


@dataclass(frozen=True)
class Budget(Record):
    """A pool of the budget: the tiers that share it, and the range of its share."""

    tiers: tuple[TierKey, ...]
    low: Share
    high: Share

    def check(self, place: str) -> None:
        """The range is in order."""
        _check_order(place, self.low, self.high, "low", "high")


@dataclass(frozen=True)
class Tier(TierTable):
    """One tier: its band [low, high), top inclusive, and its budget; tiers of one pool share its range."""

    key: TierKey
    high: float
    budget_pool: str
    budget_low: float
    budget_high: float


@dataclass(frozen=True)
class Preset(Named):
    """Weights and target shares for one business situation (handbook §5)."""

    weights: Weights
    targets: dict[TierKey, Shares]


@dataclass(frozen=True)
class _Settings(Record):
    """What the file says and the policy keeps as it is."""

    version: str
    name: Text
    #: Key of the preset in force, or "".
    preset: Annotated[
        str,
        Kind(Text("空文字或某个预设的键", '"" or the key of a preset'), lambda value: isinstance(value, str)),
    ]
    amount_rule: Literal["sum", "latest", "largest"]
    keep_phones: bool
    evaluator_rank: Annotated[
        tuple[tuple[str, ...], ...],
        Kind(
            Text("职务列表的列表", "a list of lists of titles"),
            lambda value: (
                isinstance(value, list)
                and all(isinstance(titles, list) and titles for titles in value)
                and all(isinstance(title, str) and title.strip() for titles in value for title in titles)
            ),
            lambda value: tuple(map(tuple, value)),
        ),
    ]
    hysteresis: Mark
    amount_limit: Factor  # 万元; a larger amount is taken for a typing slip
    earliest_year: Annotated[int, whole(1900, "years")]  # an earlier date is taken for a typing slip
    years_ahead: Annotated[int, whole(1, "years")]  # a date further ahead is taken for a typing slip
    youngest_contact: Annotated[int, whole(0, "years")]  # a birthday after that lost its year
    action_horizon_days: Days
    unscored_owner: Text
    weights: Weights
    indicators: Indicators
    evaluators: Evaluators
    sla: Sla
    calendar: Calendar
    service: Service
    plan: Plan
    matters: Matters
    lifecycle: Lifecycle
    health: Health
    targets: Targets
    quality: Quality
    history: History
    store: Retention
    moves: Moves
    worth: Worth
    versions: Versions
    units: Units
    currency: Currency
    orders: Orders
    calibration: Calibration
    risk_points: dict[Level, Annotated[int, whole(0, "points")]]
    risk: Risk
    presets: dict[str, Preset]


@dataclass(frozen=True)
class _File(_Settings):
    """The file's own shape: tiers and budget pools are tables by key."""

    tier: dict[TierKey, TierTable]
    budget: dict[str, Budget]


#: What a customer comes to in all may be so many times what one line of a document does.
_LINES_OF_ALL = 100


@dataclass(frozen=True)
class Policy(_Settings):
    """Everything the business decides; tiers stand from the highest down."""

    tiers: tuple[Tier, ...]

    @property
    def tier_keys(self) -> tuple[str, ...]:
        """The tiers' keys, highest first."""
        return tuple(tier.key for tier in self.tiers)

    @functools.cached_property
    def rules(self) -> dict[str, RiskRule]:
        """What is said of each risk rule, by its key."""
        return {key: getattr(self.risk, key) for key in keys(Risk)}

    @functools.cached_property
    def fingerprint(self) -> str:
        """The same for policies that say the same, whatever their files look like."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:16]

    def largest(self, unit: str | None) -> float:
        """The largest amount in 万元 that is no typing slip: of a line of a document, which is in 元, a hundredth of the limit.

        So the number of a phone in a column of amounts is none.
        """
        return self.amount_limit / (_LINES_OF_ALL if unit == "元" else 1)

    def tier_names(self, lang: str) -> dict[str, str]:
        """Tier key → name, highest first."""
        return {tier.key: tier.name(lang) for tier in self.tiers}

    def rank(self, evaluator: str) -> int | None:
        """The rank of the evaluator's title, 0 the highest; the longest title found counts (副总经理 is no 总经理)."""
        typed = simplified(evaluator)
        found = [
            (len(title), -rank)
            for rank, titles in enumerate(self.evaluator_rank)
            for title in titles
            if simplified(title) in typed
        ]
        return -max(found)[1] if found else None

    def with_preset(self, key: str) -> Policy:
        """The same policy with one preset's weights and target shares; an unknown key raises `PolicyError`."""
        if key not in self.presets:
            refuse("preset", key, same(" | ".join(self.presets)))
        preset = self.presets[key]
        tiers = tuple(
            dataclasses.replace(tier, target_low=preset.targets[tier.key][0], target_high=preset.targets[tier.key][1])
            for tier in self.tiers
        )
        return dataclasses.replace(self, preset=key, weights=preset.weights, tiers=tiers)


def typed_weights(value: float, potential: float, demand: float) -> Weights:
    """Weights as people type them: fractions that sum to 1, or percentages that sum to 100 (50, 30, 20).

    Both cannot hold at once, so nothing is guessed. `PolicyError` says in both languages what is wrong.
    """
    numbers = (value, potential, demand)
    total = sum(numbers)
    for full in (1, 100):
        if min(numbers) >= 0 and abs(total - full) <= TOLERANCE * full:
            return Weights(*(number / full for number in numbers))
    typed = tuple(f"{number:g}" for number in numbers)
    raise PolicyError(
        f"The weights {', '.join(typed)} sum to {total:g}; allowed: three weights of 0 or more that sum to 1 or 100.",
        f"权重 {'、'.join(typed)} 合计 {total:g}，无效；允许：三个不小于 0 的权重，合计为 1 或 100。",
    )


@functools.lru_cache(maxsize=8)
def parse(text: str) -> Policy:
    """The policy in a TOML text; `PolicyError` names the first key that is wrong, its value and what is allowed.

    Of one text there is one policy.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"The policy is not valid TOML: {error}.", f"政策文件不是有效的 TOML：{error}。") from None
    return _checked(raw)


def remembered(text: str, shipped: str) -> Policy:
    """The policy that a past night was run under, maybe of an earlier version: what it did not have yet is as shipped.

    `PolicyError` where it cannot be used all the same, `ValueError` where it is no TOML.
    """
    return _checked(tables(text, shipped))


def tables(text: str, shipped: str) -> dict[str, Any]:
    """The tables of a policy file, maybe of an earlier version, with the keys of this one (`remembered`)."""
    return completed(_File, tomllib.loads(text), tomllib.loads(shipped))


def _checked(raw: Mapping[str, Any]) -> Policy:
    file = record(_File, raw)
    _check_bands(file.tier)
    _check_pools(file.budget)
    _check_hysteresis(file)
    kept = {key: value for key, value in vars(file).items() if key not in ("tier", "budget")}
    policy = Policy(**kept | {"preset": ""}, tiers=_tiers(file))
    return policy.with_preset(file.preset) if file.preset else policy


def _tiers(file: _File) -> tuple[Tier, ...]:
    """The tiers from the highest down, each with its budget's pool and range."""
    pools = {key: (name, pool) for name, pool in file.budget.items() for key in pool.tiers}
    highs = _highs(file.tier)
    return tuple(
        Tier(**vars(tier), key=key, high=highs[key], budget_pool=pools[key][0],
             budget_low=pools[key][1].low, budget_high=pools[key][1].high)
        for key, tier in file.tier.items()
    )  # fmt: skip


def _highs(tiers: Mapping[TierKey, TierTable]) -> dict[TierKey, float]:
    """Where each tier's band ends: where the one above begins."""
    return dict(zip(tiers, [100, *(tier.low for tier in tiers.values())], strict=False))


def _check_bands(tiers: Mapping[TierKey, TierTable]) -> None:
    """Refuse a band that ends before it begins, and a last one that does not begin at 0."""
    for key, high in _highs(tiers).items():
        if tiers[key].low >= high:
            allowed = Text(f"小于 {high}，即本层级区间的上限", f"less than {high}, where the band ends")
            refuse(f"tier.{key}.low", tiers[key].low, allowed)
    if tiers[key].low != 0:
        refuse(f"tier.{key}.low", tiers[key].low, Text("0，使每个得分都有层级", "0, so that every score has a tier"))


def _check_hysteresis(file: _File) -> None:
    """Refuse a hysteresis that could skip a tier."""
    highs = _highs(file.tier)
    narrowest = min(highs[key] - tier.low for key, tier in file.tier.items())
    if file.hysteresis >= narrowest:
        allowed = Text(f"小于最窄的分层区间 {narrowest:g}", f"less than the narrowest band, {narrowest:g}")
        refuse("hysteresis", file.hysteresis, allowed)


def _check_pools(pools: Mapping[str, Budget]) -> None:
    """Refuse a tier in two pools, or in none."""
    found: set[str] = set()
    for name, pool in pools.items():
        for key in pool.tiers:
            if key in found:
                refuse(f"budget.{name}.tiers", key, Text("每个层级只能属于一个预算池", "every tier in one pool only"))
            found.add(key)
    for key in TIER_KEYS:
        if key not in found:
            allowed = Text(f"每个层级都有预算池，{key} 没有", f"a pool for every tier; {key} has none")
            refuse("budget", list(pools), allowed)


def _check_order(place: str, low: float, high: float, *keys: str) -> None:
    """Refuse a range whose lower end lies above its upper."""
    if low > high:
        allowed = Text(f"不大于 {place}.{keys[1]}，即 {high}", f"at most {place}.{keys[1]}, {high}")
        refuse(f"{place}.{keys[0]}", low, allowed)
