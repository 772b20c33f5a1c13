"""The policy file's text → a checked, frozen `Policy`: every number and text the business may change (handbook §5)."""

from __future__ import annotations

import dataclasses
import string
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from kam_xl.core.errors import PolicyError

TIER_KEYS = ("strategic", "key", "regular", "potential", "optimize")
LEVELS = ("high", "medium", "low")
DIMENSIONS = ("value", "potential", "demand")
AMOUNT_RULES = ("sum", "latest", "largest")
OPEN_STATUSES = ("not_started", "delayed", "running", "partial")
TOLERANCE = 1e-9  # how far weights may miss a sum of 1


@dataclass(frozen=True)
class Text:
    """A text in both languages; calling it with a language gives the one to show."""

    zh: str
    en: str

    def __call__(self, lang: str) -> str:
        """The text in ``zh-CN`` or ``en``."""
        return self.zh if lang == "zh-CN" else self.en


@dataclass(frozen=True)
class Weights:
    """The weight of each dimension in the composite score; they sum to 1."""

    value: float
    potential: float
    demand: float


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
    action_horizon_days: int
    unscored_owner: Text
    weights: Weights
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
        folded = evaluator.casefold()
        found = [
            (len(title), -rank)
            for rank, titles in enumerate(self.evaluator_rank)
            for title in titles
            if title.casefold() in folded
        ]
        return -max(found)[1] if found else None

    def with_preset(self, key: str) -> Policy:
        """The same policy with one preset's weights and target shares; an unknown key raises `PolicyError`."""
        if key not in self.presets:
            _refuse("preset", key, _same(" | ".join(self.presets)))
        preset = self.presets[key]
        tiers = tuple(
            dataclasses.replace(tier, target_low=preset.targets[tier.key][0], target_high=preset.targets[tier.key][1])
            for tier in self.tiers
        )
        return dataclasses.replace(self, preset=key, weights=preset.weights, tiers=tiers)


def parse(text: str) -> Policy:
    """The policy in a TOML text; `PolicyError` names the first key that is wrong, its value and what is allowed."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"The policy is not valid TOML: {error}.", f"政策文件不是有效的 TOML：{error}。") from None
    read = _read("", raw, _PLAIN | _TABLES)
    policy = Policy(
        **{key: read[key] for key in _PLAIN} | {"preset": ""},
        weights=_weights("weights", read["weights"]),
        tiers=_tiers(read["tier"], _pools(read["budget"])),
        risk_points=_read("risk_points", read["risk_points"], dict.fromkeys(LEVELS, _whole(0, "points"))),
        risk=_rules(read["risk"]),
        presets={key: _preset(key, table) for key, table in read["presets"].items()},
    )
    narrowest = min(tier.high - tier.low for tier in policy.tiers)
    if policy.hysteresis >= narrowest:
        allowed = Text(f"小于最窄的分层区间 {narrowest:g}", f"less than the narrowest band, {narrowest:g}")
        _refuse("hysteresis", policy.hysteresis, allowed)
    return policy.with_preset(read["preset"]) if read["preset"] else policy


# --- one value ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Kind:
    """What one key's value must be, in words and as a test, and how it is kept."""

    allowed: Text
    holds: Callable[[Any], bool]
    keep: Callable[[Any], Any] = lambda value: value


def _same(text: str) -> Text:
    return Text(text, text)


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _word(value: object) -> bool:
    return isinstance(value, str) and value.strip() != ""


def _within(low: float, high: float) -> Callable[[Any], bool]:
    return lambda value: _number(value) and low <= value <= high


def _range(high: float) -> Callable[[Any], bool]:
    """A pair of numbers in order, both from 0 to ``high``."""
    fits = _within(0, high)
    return lambda value: isinstance(value, list) and len(value) == 2 and all(map(fits, value)) and value[0] <= value[1]


def _choice(*allowed: str) -> _Kind:
    return _Kind(_same(" | ".join(allowed)), lambda value: value in allowed)


def _some_of(*allowed: str) -> _Kind:
    return _Kind(
        Text(f"由 {' | '.join(allowed)} 组成的列表", f"a list of {' | '.join(allowed)}"),
        lambda value: isinstance(value, list) and bool(value) and all(item in allowed for item in value),
        tuple,
    )


def _table_of(kind: _Kind, *keys: str, whole: bool = True) -> _Kind:
    """A table with ``keys`` (all of them when ``whole``), each value of one kind."""
    names = (" 和 ".join(keys), " and ".join(keys)) if whole else (" 或 ".join(keys), " or ".join(keys))
    return _Kind(
        Text(f"含 {names[0]} 的表，每项为{kind.allowed.zh}", f"a table with {names[1]}, each {kind.allowed.en}"),
        lambda value: (
            isinstance(value, dict)
            and (set(value) == set(keys) if whole else set(value) <= set(keys))
            and all(map(kind.holds, value.values()))
        ),
        lambda value: {key: kind.keep(item) for key, item in value.items()},
    )


def _whole(low: int, what: str) -> _Kind:
    allowed = Text(f"不小于 {low} 的整数", f"a whole number of {what}, {low} or more")
    return _Kind(allowed, lambda value: type(value) is int and value >= low)


def _words(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_word, value))


WORD = _Kind(Text("一段文字", "a text"), _word)
BOOL = _Kind(_same("true | false"), lambda value: isinstance(value, bool))
TEXT = _Kind(
    Text("含 zh 和 en 两种语言的文字", "a text in zh and in en"),
    lambda value: isinstance(value, dict) and set(value) == {"zh", "en"} and all(map(_word, value.values())),
    lambda value: Text(**value),
)
WORDS = _Kind(Text("文字列表", "a list of texts"), _words, tuple)
RANKS = _Kind(
    Text("职务列表的列表", "a list of lists of titles"),
    lambda value: isinstance(value, list) and all(map(_words, value)),
    lambda value: tuple(map(tuple, value)),
)
SHARE = _Kind(Text("0 到 1 之间的占比", "a share from 0 to 1"), _within(0, 1))
SHARES = _Kind(
    Text("占比区间 [低, 高]，在 0 到 1 之间", "a range of shares, [low, high], from 0 to 1"), _range(1), tuple
)
WEIGHT = _Kind(Text("0 到 1 之间的权重", "a weight from 0 to 1"), _within(0, 1))
MARK = _Kind(Text("0 到 100 之间的数字", "a number from 0 to 100"), _within(0, 100))
MARKS = _Kind(
    Text("分数区间 [低, 高]，在 0 到 100 之间", "a range of marks, [low, high], from 0 to 100"), _range(100), tuple
)
FACTOR = _Kind(Text("不小于 1 的数字", "a number, 1 or more"), _within(1, float("inf")))
LEVEL = _choice(*LEVELS)
TABLE = _Kind(Text("一张表", "a table"), lambda value: isinstance(value, dict))
TABLES = _Kind(
    Text("每个键一张表", "one table for each key"),
    lambda value: isinstance(value, dict) and all(isinstance(table, dict) for table in value.values()),
)

# --- the tables of the file: key → kind --------------------------------------------------------------------------

_PLAIN = {
    "version": WORD,
    "name": TEXT,
    "preset": _Kind(Text("空文字或某个预设的键", '"" or the key of a preset'), lambda value: isinstance(value, str)),
    "amount_rule": _choice(*AMOUNT_RULES),
    "keep_phones": BOOL,
    "evaluator_rank": RANKS,
    "hysteresis": MARK,
    "amount_limit": FACTOR,
    "earliest_year": _whole(1900, "years"),
    "action_horizon_days": _whole(1, "days"),
    "unscored_owner": TEXT,
}
_TABLES = {
    "weights": TABLE,
    "tier": TABLE,
    "budget": TABLES,
    "risk_points": TABLE,
    "risk": TABLE,
    "presets": TABLES,
}
_TIER = {
    "zh": WORD,
    "en": WORD,
    "low": MARK,
    "target_low": SHARE,
    "target_high": SHARE,
    "class": WORD,
    "cadence_days": _whole(1, "days"),
    "sla_hours": _whole(1, "hours"),
    "profile": _table_of(MARKS, "value", "potential", whole=False),
    "strategy": TEXT,
    "measures": TEXT,
    "departments": TEXT,
    "support": TEXT,
    "goals": TEXT,
    "owner": TEXT,
}
_BUDGET = {"tiers": _some_of(*TIER_KEYS), "low": SHARE, "high": SHARE}
_PRESET = {"zh": WORD, "en": WORD, "weights": TABLE, "targets": _table_of(SHARES, *TIER_KEYS)}
_RULE = {
    "enabled": BOOL,
    "severity": LEVEL,
    "due_days": _whole(1, "days"),
    "title": TEXT,
    "evidence": TEXT,
    "remedy": TEXT,
}

#: Risk rule → (its own thresholds, the facts its evidence may name). The rules themselves stand in `risk`.
RISK_RULES: dict[str, tuple[dict[str, _Kind], tuple[str, ...]]] = {
    "silent_customer": ({"silence_factor": FACTOR}, ("days", "last", "cadence", "factor")),
    "amount_fell": ({"fall_share": SHARE}, ("before", "now", "fall")),
    "strategy_overdue": ({}, ("strategy", "end", "days", "status")),
    "strategy_behind": (
        {"gap": SHARE, "progress": _table_of(SHARE, *OPEN_STATUSES)},
        ("strategy", "elapsed", "end", "status"),
    ),
    "problem_without_improvement": ({"nothing": WORDS}, ("strategy", "problem")),
    "no_running_strategy": (
        {"tiers": _some_of(*TIER_KEYS), "running": _some_of(*OPEN_STATUSES)},
        ("tier", "strategies"),
    ),
    "same_strategy": (
        {"tiers_at_least": _whole(2, "tiers"), "share_above": SHARE, "customers_at_least": _whole(2, "customers")},
        ("strategy", "customers", "share", "tiers"),
    ),
    "evaluation_stale": ({"months": _whole(1, "months")}, ("evaluated_on", "months")),
    "recorded_differs": ({"score_only_severity": LEVEL}, ("recorded_score", "recorded_tier", "score", "tier")),
    "score_fell": ({"points": MARK}, ("before", "before_on", "now", "now_on", "fall")),
    "concentration": ({"share_above": SHARE}, ("amount", "share", "limit")),
    "warning_words": (
        dict.fromkeys(("words", "negations", "fillers", "joiners", "harmless_after"), WORDS),
        ("field", "found", "text"),
    ),
    "profile_contradiction": ({}, ("score", "tier", "value", "potential")),
    "data_quality": ({}, ("count", "fields")),
}

# --- reading -----------------------------------------------------------------------------------------------------


def _refuse(key: str, value: object, allowed: Text) -> NoReturn:
    raise PolicyError(
        f"The policy has {key} = {value!r}; allowed: {allowed.en}.",
        f"政策文件中 {key} = {value!r} 无效；允许：{allowed.zh}。",
    )


def _read(path: str, table: Mapping[str, Any], kinds: Mapping[str, _Kind]) -> dict[str, Any]:
    """The values of one table as they are kept; an unknown, a missing or a wrong key is refused."""
    for key in [*table, *kinds]:
        place = f"{path}.{key}" if path else key
        if key not in kinds:
            known = ", ".join(kinds)
            _refuse(place, table[key], Text(f"没有这个键，已知的键有 {known}", f"no such key; known are {known}"))
        if key not in table:
            allowed = kinds[key].allowed
            raise PolicyError(
                f"The policy lacks {place}; allowed: {allowed.en}.", f"政策文件缺少 {place}；允许：{allowed.zh}。"
            )
        if not kinds[key].holds(table[key]):
            _refuse(place, table[key], kinds[key].allowed)
    return {key: kind.keep(table[key]) for key, kind in kinds.items()}


def _weights(path: str, table: dict) -> Weights:
    weights = _read(path, table, dict.fromkeys(DIMENSIONS, WEIGHT))
    total = sum(weights.values())
    if abs(total - 1) > TOLERANCE:
        _refuse(" + ".join(f"{path}.{key}" for key in DIMENSIONS), round(total, 12), Text("合计为 1", "a sum of 1"))
    return Weights(**weights)


def _pools(tables: dict) -> dict[str, dict]:
    """Tier → the budget fields of its pool; every tier stands in exactly one pool."""
    found: dict[str, dict] = {}
    for pool, table in tables.items():
        budget = _read(f"budget.{pool}", table, _BUDGET)
        _check_order(f"budget.{pool}", budget, "low", "high")
        for key in budget["tiers"]:
            if key in found:
                _refuse(f"budget.{pool}.tiers", key, Text("每个层级只能属于一个预算池", "every tier in one pool only"))
            found[key] = {"budget_pool": pool, "budget_low": budget["low"], "budget_high": budget["high"]}
    for key in TIER_KEYS:
        if key not in found:
            allowed = Text(f"每个层级都有预算池，{key} 没有", f"a pool for every tier; {key} has none")
            _refuse("budget", list(tables), allowed)
    return found


def _tiers(tables: dict, pools: dict[str, dict]) -> tuple[Tier, ...]:
    """The tiers from the highest down; each band ends where the one above begins, the last begins at 0."""
    _read("tier", tables, dict.fromkeys(TIER_KEYS, TABLE))
    tiers: list[Tier] = []
    for key in TIER_KEYS:
        path = f"tier.{key}"
        values = _read(path, tables[key], _TIER)
        _check_order(path, values, "target_low", "target_high")
        high = tiers[-1].low if tiers else 100
        if values["low"] >= high:
            allowed = Text(f"小于 {high}，即本层级区间的上限", f"less than {high}, where the band ends")
            _refuse(f"{path}.low", values["low"], allowed)
        name = Text(values.pop("zh"), values.pop("en"))
        tiers.append(Tier(key=key, name=name, high=high, class_=values.pop("class"), **values, **pools[key]))
    if tiers[-1].low != 0:
        _refuse(
            f"tier.{tiers[-1].key}.low",
            tiers[-1].low,
            Text("0，使每个得分都有层级", "0, so that every score has a tier"),
        )
    return tuple(tiers)


def _rules(tables: dict) -> dict[str, RiskRule]:
    _read("risk", tables, dict.fromkeys(RISK_RULES, TABLE))
    return {key: _rule(key, tables[key]) for key in RISK_RULES}


def _rule(key: str, table: dict) -> RiskRule:
    own, facts = RISK_RULES[key]
    values = _read(f"risk.{key}", table, _RULE | own)
    for lang, template in dataclasses.asdict(values["evidence"]).items():
        _check_facts(f"risk.{key}.evidence.{lang}", template, facts)
    return RiskRule(key=key, settings={name: values.pop(name) for name in own}, **values)


def _preset(key: str, table: dict) -> Preset:
    path = f"presets.{key}"
    values = _read(path, table, _PRESET)
    name = Text(values["zh"], values["en"])
    return Preset(key, name, _weights(f"{path}.weights", values["weights"]), values["targets"])


def _check_order(path: str, values: Mapping[str, float], low: str, high: str) -> None:
    if values[low] > values[high]:
        allowed = Text(f"不大于 {path}.{high}，即 {values[high]}", f"at most {path}.{high}, {values[high]}")
        _refuse(f"{path}.{low}", values[low], allowed)


def _check_facts(path: str, template: str, facts: tuple[str, ...]) -> None:
    """Refuse a template with a name in braces that its rule does not know."""
    names = " ".join(f"{{{fact}}}" for fact in facts)
    allowed = Text(f"可含 {names} 的文字", f"text with {names}")
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError:
        _refuse(path, template, allowed)
    for _, fact, form, conversion in parts:
        if fact is not None and (fact not in facts or form or conversion):
            _refuse(path, template, allowed)
