"""The policy file's text → a checked, frozen `Policy`: every number and text the business may change (handbook §5)."""

from __future__ import annotations

import dataclasses
import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kam_xl.core.errors import PolicyError
from kam_xl.core.kinds import (
    BOOL,
    FACTOR,
    LEVEL,
    LEVELS,
    MARK,
    MARKS,
    RANKS,
    SHARE,
    SHARES,
    TABLE,
    TABLES,
    TEXT,
    TOLERANCE,
    WEIGHT,
    WORD,
    WORDS,
    Kind,
    Text,
    choice,
    refuse,
    same,
    some_of,
    table_of,
    values_of,
    whole,
)
from kam_xl.core.sections import (
    SECTIONS,
    Calendar,
    Health,
    History,
    Lifecycle,
    Plan,
    Quality,
    Service,
    Targets,
    Units,
    Versions,
)
from kam_xl.core.texts import simplified

TIER_KEYS = ("strategic", "key", "regular", "potential", "optimize")
DIMENSIONS = ("value", "potential", "demand")
AMOUNT_RULES = ("sum", "latest", "largest")
PROFIT_BASES = ("enterprise_total", "largest_customer", "percentile")
OPEN_STATUSES = ("not_started", "delayed", "running", "partial")
ROLES = ("purchasing", "user", "technical", "executive")  # of a buying centre (S0)


@dataclass(frozen=True)
class Weights:
    """The weight of each dimension in the composite score; they sum to 1."""

    value: float
    potential: float
    demand: float


@dataclass(frozen=True)
class Indicators:
    """How raw indicators make each dimension: the weight of every term; the terms of one dimension sum to 1 (§3)."""

    value: dict[str, float]  # profit, tenure
    potential: dict[str, float]  # growth, needs
    demand: dict[str, float]  # service, price
    top_level: int  # sensitivities are levels from 1 to this
    profit_base: str  # one of `PROFIT_BASES`: what a customer's profit is measured by


@dataclass(frozen=True)
class Sla:
    """Hours within which a complaint is answered, by its severity; the tier's own limit counts beside it (§7)."""

    major_hours: int
    ordinary_hours: int


@dataclass(frozen=True)
class Tier:
    """One tier: its band [low, high), top inclusive, its target share, and what its customers get (handbook §4, §8)."""

    key: str
    name: Text
    low: float
    high: float
    target_low: float
    target_high: float
    class_: str
    cadence_days: int
    sla_hours: int
    profile: dict[str, tuple[float, float]]  # dimension → the marks that fit the tier's description
    strategy: Text
    measures: Text
    departments: Text
    support: Text
    goals: Text
    owner: Text
    budget_pool: str  # tiers of one pool share its range
    budget_low: float
    budget_high: float

    @property
    def zh(self) -> str:
        """The Chinese name."""
        return self.name.zh

    @property
    def en(self) -> str:
        """The English name."""
        return self.name.en


@dataclass(frozen=True)
class RiskRule:
    """One risk rule's texts and thresholds; ``rule["gap"]`` is a threshold (handbook §7)."""

    key: str
    enabled: bool
    severity: str
    due_days: int
    title: Text
    evidence: Text
    remedy: Text
    settings: dict[str, Any]

    def __getitem__(self, setting: str) -> Any:
        return self.settings[setting]

    @property
    def zh(self) -> str:
        """The Chinese title."""
        return self.title.zh

    @property
    def en(self) -> str:
        """The English title."""
        return self.title.en


@dataclass(frozen=True)
class Preset:
    """Weights and target shares for one business situation (handbook §5)."""

    key: str
    name: Text
    weights: Weights
    targets: dict[str, tuple[float, float]]


@dataclass(frozen=True)
class Policy:
    """Everything the business decides; tiers stand from the highest down."""

    version: str
    name: Text
    preset: str  # key of the preset in force, or ""
    amount_rule: str
    keep_phones: bool
    evaluator_rank: tuple[tuple[str, ...], ...]
    hysteresis: float
    amount_limit: float  # 万元; a larger amount is taken for a typing slip
    earliest_year: int  # an earlier date is taken for a typing slip
    longest_cell: int  # characters; a longer text is no value
    action_horizon_days: int
    unscored_owner: Text
    weights: Weights
    indicators: Indicators
    sla: Sla
    calendar: Calendar
    service: Service
    plan: Plan
    lifecycle: Lifecycle
    health: Health
    targets: Targets
    quality: Quality
    history: History
    versions: Versions
    units: Units
    tiers: tuple[Tier, ...]
    risk_points: dict[str, int]
    risk: dict[str, RiskRule]
    presets: dict[str, Preset]

    @property
    def tier_keys(self) -> tuple[str, ...]:
        """The tiers' keys, highest first."""
        return tuple(tier.key for tier in self.tiers)

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


def parse(text: str) -> Policy:
    """The policy in a TOML text; `PolicyError` names the first key that is wrong, its value and what is allowed."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"The policy is not valid TOML: {error}.", f"政策文件不是有效的 TOML：{error}。") from None
    read = values_of("", raw, _PLAIN | _TABLES)
    policy = Policy(
        **{key: read[key] for key in _PLAIN} | {"preset": ""},
        weights=_weights("weights", read["weights"]),
        indicators=_indicators(read["indicators"]),
        sla=Sla(**values_of("sla", read["sla"], _SLA)),
        **{name: record(**values_of(name, read[name], kinds)) for name, (record, kinds) in SECTIONS.items()},
        tiers=_tiers(read["tier"], _pools(read["budget"])),
        risk_points=values_of("risk_points", read["risk_points"], dict.fromkeys(LEVELS, whole(0, "points"))),
        risk=_rules(read["risk"]),
        presets={key: _preset(key, table) for key, table in read["presets"].items()},
    )
    narrowest = min(tier.high - tier.low for tier in policy.tiers)
    if policy.hysteresis >= narrowest:
        allowed = Text(f"小于最窄的分层区间 {narrowest:g}", f"less than the narrowest band, {narrowest:g}")
        refuse("hysteresis", policy.hysteresis, allowed)
    return policy.with_preset(read["preset"]) if read["preset"] else policy


# --- the tables of the file: key → kind --------------------------------------------------------------------------

_PLAIN = {
    "version": WORD,
    "name": TEXT,
    "preset": Kind(Text("空文字或某个预设的键", '"" or the key of a preset'), lambda value: isinstance(value, str)),
    "amount_rule": choice(*AMOUNT_RULES),
    "keep_phones": BOOL,
    "evaluator_rank": RANKS,
    "hysteresis": MARK,
    "amount_limit": FACTOR,
    "earliest_year": whole(1900, "years"),
    "longest_cell": whole(100, "characters"),
    "action_horizon_days": whole(1, "days"),
    "unscored_owner": TEXT,
}
_TABLES = {
    "weights": TABLE,
    "indicators": TABLE,
    "sla": TABLE,
    "tier": TABLE,
    "budget": TABLES,
    "risk_points": TABLE,
    "risk": TABLE,
    "presets": TABLES,
    **dict.fromkeys(SECTIONS, TABLE),
}
#: Dimension → the terms it is computed from.
_TERMS = {"value": ("profit", "tenure"), "potential": ("growth", "needs"), "demand": ("service", "price")}
_INDICATORS = {"top_level": whole(2, "levels"), "profit_base": choice(*PROFIT_BASES)} | dict.fromkeys(_TERMS, TABLE)
_SLA = {"major_hours": whole(1, "hours"), "ordinary_hours": whole(1, "hours")}
_TIER = {
    "zh": WORD,
    "en": WORD,
    "low": MARK,
    "target_low": SHARE,
    "target_high": SHARE,
    "class": WORD,
    "cadence_days": whole(1, "days"),
    "sla_hours": whole(1, "hours"),
    "profile": table_of(MARKS, "value", "potential", whole=False),
    "strategy": TEXT,
    "measures": TEXT,
    "departments": TEXT,
    "support": TEXT,
    "goals": TEXT,
    "owner": TEXT,
}
_BUDGET = {"tiers": some_of(*TIER_KEYS), "low": SHARE, "high": SHARE}
_PRESET = {"zh": WORD, "en": WORD, "weights": TABLE, "targets": table_of(SHARES, *TIER_KEYS)}
_RULE = {
    "enabled": BOOL,
    "severity": LEVEL,
    "due_days": whole(1, "days"),
    "title": TEXT,
    "evidence": TEXT,
    "remedy": TEXT,
}

#: Risk rule → (its own thresholds, the facts its evidence may name). The rules themselves stand in `risk`.
RISK_RULES: dict[str, tuple[dict[str, Kind], tuple[str, ...]]] = {
    "silent_customer": ({"silence_factor": FACTOR}, ("days", "last", "cadence", "factor")),
    "amount_fell": (
        {"fall_share": SHARE, "remember_days": whole(1, "days")},
        ("before", "before_on", "now", "fall"),
    ),
    "strategy_overdue": ({}, ("strategy", "end", "days", "status")),
    "strategy_behind": (
        {"gap": SHARE, "progress": table_of(SHARE, *OPEN_STATUSES)},
        ("strategy", "elapsed", "end", "status"),
    ),
    "problem_without_improvement": ({"nothing": WORDS}, ("strategy", "problem")),
    "no_running_strategy": (
        {"tiers": some_of(*TIER_KEYS), "running": some_of(*OPEN_STATUSES)},
        ("tier", "strategies"),
    ),
    "same_strategy": (
        {"tiers_at_least": whole(2, "tiers"), "share_above": SHARE, "customers_at_least": whole(2, "customers")},
        ("strategy", "customers", "share", "tiers"),
    ),
    "evaluation_stale": ({"months": whole(1, "months")}, ("evaluated_on", "months")),
    "recorded_differs": ({"score_only_severity": LEVEL}, ("recorded_score", "recorded_tier", "score", "tier")),
    "score_fell": ({"points": MARK}, ("before", "before_on", "now", "now_on", "fall")),
    "concentration": ({"share_above": SHARE, "known_at_least": SHARE}, ("amount", "share", "limit")),
    "case_past_limit": (
        {
            "kinds": some_of("complaint", "request"),
            "ordinary_severity": LEVEL,
            "late_severity": LEVEL,
            "late_days": whole(0, "days"),
        },
        ("kind", "severity", "category", "reported", "clock", "hours", "limit", "stage"),
    ),
    "repeated_problem": ({}, ("category", "count", "first", "last")),
    "satisfaction_low": ({"targets": table_of(MARK, *TIER_KEYS)}, ("satisfaction", "on", "tier", "target")),
    "nps_detractor": ({}, ("nps", "on", "limit")),
    "health_red": ({}, ("health", "coverage", "reason", "parts")),
    "renewal_at_risk": (
        {"days_before": whole(0, "days"), "yellow_severity": LEVEL},
        ("product", "amount", "date", "days", "stage", "health", "colour"),
    ),
    "renewal_overdue": ({}, ("product", "amount", "date", "days", "stage")),
    "trial_expired": ({}, ("product", "date", "days", "stage")),
    "key_contact_left": ({}, ("role", "title")),
    "single_threaded": ({"tiers": some_of(*TIER_KEYS)}, ("tier", "role")),
    "missing_role": (
        {"tiers": some_of(*TIER_KEYS), "roles": some_of(*ROLES)},
        ("tier", "roles", "count"),
    ),
    "warning_words": (
        dict.fromkeys(("words", "negations", "fillers", "joiners", "harmless_after", "answers", "reversals"), WORDS)
        | {"service_days": whole(1, "days")},
        ("field", "found", "text"),
    ),
    "profile_contradiction": ({}, ("score", "tier", "value", "potential")),
    "data_quality": ({}, ("count", "fields")),
}

# --- reading -----------------------------------------------------------------------------------------------------


def _weights(path: str, table: dict) -> Weights:
    return Weights(**_parts_of_one(path, table, DIMENSIONS))


def _indicators(table: dict) -> Indicators:
    read = values_of("indicators", table, _INDICATORS)
    terms = {name: _parts_of_one(f"indicators.{name}", read[name], keys) for name, keys in _TERMS.items()}
    return Indicators(**terms, top_level=read["top_level"], profit_base=read["profit_base"])


def _parts_of_one(path: str, table: dict, keys: tuple[str, ...]) -> dict[str, float]:
    """Weights by key, none negative, that sum to 1."""
    weights = values_of(path, table, dict.fromkeys(keys, WEIGHT))
    total = sum(weights.values())
    if abs(total - 1) > TOLERANCE:
        refuse(" + ".join(f"{path}.{key}" for key in keys), round(total, 12), Text("合计为 1", "a sum of 1"))
    return weights


def _pools(tables: dict) -> dict[str, dict]:
    """Tier → the budget fields of its pool; every tier stands in exactly one pool."""
    found: dict[str, dict] = {}
    for pool, table in tables.items():
        budget = values_of(f"budget.{pool}", table, _BUDGET)
        _check_order(f"budget.{pool}", budget, "low", "high")
        for key in budget["tiers"]:
            if key in found:
                refuse(f"budget.{pool}.tiers", key, Text("每个层级只能属于一个预算池", "every tier in one pool only"))
            found[key] = {"budget_pool": pool, "budget_low": budget["low"], "budget_high": budget["high"]}
    for key in TIER_KEYS:
        if key not in found:
            allowed = Text(f"每个层级都有预算池，{key} 没有", f"a pool for every tier; {key} has none")
            refuse("budget", list(tables), allowed)
    return found


def _tiers(tables: dict, pools: dict[str, dict]) -> tuple[Tier, ...]:
    """The tiers from the highest down; each band ends where the one above begins, the last begins at 0."""
    values_of("tier", tables, dict.fromkeys(TIER_KEYS, TABLE))
    tiers: list[Tier] = []
    for key in TIER_KEYS:
        path = f"tier.{key}"
        values = values_of(path, tables[key], _TIER)
        _check_order(path, values, "target_low", "target_high")
        high = tiers[-1].low if tiers else 100
        if values["low"] >= high:
            allowed = Text(f"小于 {high}，即本层级区间的上限", f"less than {high}, where the band ends")
            refuse(f"{path}.low", values["low"], allowed)
        name = Text(values.pop("zh"), values.pop("en"))
        tiers.append(Tier(key=key, name=name, high=high, class_=values.pop("class"), **values, **pools[key]))
    if tiers[-1].low != 0:
        refuse(
            f"tier.{tiers[-1].key}.low",
            tiers[-1].low,
            Text("0，使每个得分都有层级", "0, so that every score has a tier"),
        )
    return tuple(tiers)


def _rules(tables: dict) -> dict[str, RiskRule]:
    values_of("risk", tables, dict.fromkeys(RISK_RULES, TABLE))
    return {key: _rule(key, tables[key]) for key in RISK_RULES}


def _rule(key: str, table: dict) -> RiskRule:
    own, facts = RISK_RULES[key]
    values = values_of(f"risk.{key}", table, _RULE | own)
    for lang, template in dataclasses.asdict(values["evidence"]).items():
        _check_facts(f"risk.{key}.evidence.{lang}", template, facts)
    return RiskRule(key=key, settings={name: values.pop(name) for name in own}, **values)


def _preset(key: str, table: dict) -> Preset:
    path = f"presets.{key}"
    values = values_of(path, table, _PRESET)
    name = Text(values["zh"], values["en"])
    return Preset(key, name, _weights(f"{path}.weights", values["weights"]), values["targets"])


def _check_order(path: str, values: Mapping[str, float], low: str, high: str) -> None:
    if values[low] > values[high]:
        allowed = Text(f"不大于 {path}.{high}，即 {values[high]}", f"at most {path}.{high}, {values[high]}")
        refuse(f"{path}.{low}", values[low], allowed)


def _check_facts(path: str, template: str, facts: tuple[str, ...]) -> None:
    """Refuse a template with a name in braces that its rule does not know."""
    names = " ".join(f"{{{fact}}}" for fact in facts)
    allowed = Text(f"可含 {names} 的文字", f"text with {names}")
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError:
        refuse(path, template, allowed)
    for _, fact, form, conversion in parts:
        if fact is not None and (fact not in facts or form or conversion):
            refuse(path, template, allowed)
