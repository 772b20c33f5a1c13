"""What puts a customer at risk: every finding of every rule, in words and with its place, worst first (handbook §7).

The rules stand in `risk_rules`, `order_rules` and `relation_rules`, what they look at in `risk_view`, what was known before in
`risk_states`, whose matter it is and by when in `matters`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from kam_xl.core import causes, frames, health, matters, order_rules, relation_rules, risk_rules, risk_states
from kam_xl.core.evidence import sentences
from kam_xl.core.failures import Failure
from kam_xl.core.kinds import LEVELS
from kam_xl.core.policy import Policy
from kam_xl.core.risk_view import View
from kam_xl.core.rule_settings import RiskRule

COLUMNS = tuple(frames.ASSESSMENT["risks"])
#: What a rule decides, and what tells its hits about one customer apart.
_DECIDED = frames.text("customer_id rule kind level identity evidence remedy team book sheet cell") | frames.day("due")
#: What a rule may know of the matter itself: what it is about and the row that is, when it happened, its own deadline and
#: whether that has passed already, who deals with it, and the money at stake where it is not all of the customer's.
OF_THE_MATTER = (
    frames.text("subject thing person")
    | frames.day("happened deadline")
    | frames.yes("passed")
    | frames.number("money")
)
_FOUND = _DECIDED | OF_THE_MATTER
_NOTHING = frames.empty(_FOUND)

#: Rule → what must be known of a customer for the rule to tell anything (`View.recorded`).
_READS: dict[Callable[[View, Any], pd.DataFrame], tuple[str, ...]] = {  # each takes the settings of its own kind
    risk_rules.silent_customer: ("info", "evaluation"),
    risk_rules.amount_fell: ("info",),
    risk_rules.concentration: ("total",),
    order_rules.order_overdue: ("orders",),
    order_rules.year_fell: ("orders",),
    risk_rules.warning_words: ("info",),
    risk_rules.data_quality: ("info",),
    risk_rules.evaluation_stale: ("evaluation",),
    risk_rules.recorded_differs: ("evaluation",),
    risk_rules.score_fell: ("evaluation",),
    risk_rules.profile_contradiction: ("evaluation",),
    risk_rules.strategy_overdue: ("tracking",),
    risk_rules.strategy_behind: ("tracking",),
    risk_rules.problem_without_improvement: ("tracking",),
    risk_rules.no_running_strategy: ("tracking", "evaluation"),
    risk_rules.same_strategy: ("tracking",),
    relation_rules.case_past_limit: ("service",),
    relation_rules.repeated_problem: ("service",),
    relation_rules.satisfaction_low: ("service", "evaluation"),
    relation_rules.nps_detractor: ("service",),
    relation_rules.health_red: ("health",),
    relation_rules.renewal_at_risk: ("renewals", "health"),
    relation_rules.renewal_overdue: ("renewals",),
    relation_rules.trial_expired: ("renewals",),
    relation_rules.key_contact_left: ("contacts",),
    relation_rules.single_threaded: ("contacts", "evaluation"),
    relation_rules.missing_role: ("contacts", "evaluation"),
}
RULES = {rule.__name__: rule for rule in _READS}
_NEEDS = {rule.__name__: kinds for rule, kinds in _READS.items()}
#: Rules → the part of the account that they look at in the customers' own columns.
_REST_ON = {
    "satisfaction_low": "voice",
    "nps_detractor": "voice",
    "health_red": "health",
    "renewal_at_risk": "health",
    "order_overdue": "orders",
    "year_fell": "orders",
}
UNCLEAR = "unclear"  # the level of who has no risk as far as the rules could be computed


def before_health(told: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Of what is told once, by rule and team, what the `first` rules find."""
    return frozenset((rule, team) for rule, team in told if _REST_ON.get(rule) != "health")


def first(view: View) -> pd.DataFrame:
    """What the rules find that do not rest on the health, in the language of the view's words.

    Findings on customers that are not in the portfolio (tracking rows of a stranger) are dropped. A rule that fails for a
    few customers is noted and stands for the others; one that fails altogether tells nothing, and the other rules stand.
    """
    return _asked(view, {key: rule for key, rule in _enabled(view) if _REST_ON.get(key) != "health"})


def agreed(view: View, first: pd.DataFrame, hits: causes.Hits) -> pd.DataFrame:
    """The customers, their health in agreement with what the `first` rules found; ``hits`` is what they found of all."""
    high = matters.high(matters.told(view, first, hits))
    silent = first.loc[first["rule"] == risk_rules.silent_customer.__name__, "customer_id"]
    return health.agreeing(view.customers, high["customer_id"], silent, view.policy)


def rest(view: View) -> pd.DataFrame:
    """What the rules find that rest on the health, once it agrees with what the others found."""
    return _asked(view, {key: rule for key, rule in _enabled(view) if _REST_ON.get(key) == "health"})


def settled(view: View, found: pd.DataFrame, hits: causes.Hits) -> pd.DataFrame:
    """All that was found as risks (`COLUMNS`), worst customer first; ``hits`` is what was found of all customers."""
    every = matters.finished(view, matters.told(view, found, hits))
    return frames.typed(in_order(every, view.policy), frames.ASSESSMENT["risks"])


def _enabled(view: View) -> list[tuple[str, RiskRule]]:
    return [(key, rule) for key, rule in view.policy.rules.items() if rule.enabled]


def _asked(view: View, rules: Mapping[str, RiskRule]) -> pd.DataFrame:
    """What some rules find, each finding with its key and its state."""
    tried = [_tried(view, key, rule) for key, rule in rules.items()]
    found = [findings for findings in tried if len(findings)] or [_NOTHING]
    customers = view.customers[["customer_id", "name", "computed_tier"]].set_index("customer_id")
    every = pd.concat(found, ignore_index=True).join(customers, on="customer_id", how="inner")
    every = every.reset_index(drop=True)
    every["key"] = pd.array(keys(every["customer_id"], every["rule"], every["identity"]), dtype="str")
    return risk_states.with_state(every, known(view), view.today)


def known(view: View) -> pd.DataFrame:
    """The risks that were known before."""
    return risk_states.remembered(view.past) if view.known is None else view.known


def _tried(view: View, key: str, rule: RiskRule) -> pd.DataFrame:
    """One rule's findings, without those customers for whom it fails."""

    def findings(customer_ids: list[str]) -> pd.DataFrame:
        view.failures.require(_REST_ON.get(key))
        some = view if len(customer_ids) == len(view.customers) else view.only(customer_ids)
        hits = RULES[key](some, rule)
        return _findings(some, key, rule, hits) if len(hits) else _NOTHING

    everybody = view.customers["customer_id"].tolist()
    return view.failures.among("rule", key, everybody, findings, _NOTHING)


def closed(view: View, risks: pd.DataFrame) -> pd.DataFrame:
    """The risks of the night before that are gone (`risk_states.CLOSED`); ``risks`` are tonight's, of `scan`.

    What a rule that failed tonight knew is not gone.
    """
    failed = {(one.subject, one.customer_id) for one in view.failures if one.kind == "rule"}
    reads = {
        key: kinds for key, kinds in _NEEDS.items() if view.policy.rules[key].enabled and (key, None) not in failed
    }
    gone = risk_states.closed(view, known(view), risks, reads)
    unclear = [pair in failed for pair in zip(gone["rule"], gone["customer_id"], strict=True)]
    return gone[~np.array(unclear, dtype=bool)].reset_index(drop=True)


def keys(customer_id: pd.Series, source: pd.Series, identity: pd.Series | None = None) -> list[str]:
    """A name for each risk or action that stays the same night after night: customer, source, what tells it apart.

    ``identity`` tells a customer's hits of one source apart (`risk_view.identity`); among true equals their number
    does. No cell address is in it: a row inserted above must not make an old risk a new one.
    """
    own = customer_id + "|" + source
    if identity is not None:
        own = own.where(identity == "", own + "|" + identity)
    met: dict[str, int] = {}
    found = []
    for name in own.tolist():
        number = met.get(name, 0)
        found.append(hashlib.blake2s(f"{name}|{number}".encode(), digest_size=6).hexdigest())
        met[name] = number + 1
    return found


def of_customers(
    risks: pd.DataFrame, customer_id: pd.Series, policy: Policy, failures: Iterable[Failure] = ()
) -> pd.DataFrame:
    """Each customer's level (the worst matter's, or ``none``), risk_score (a weighted sum) and risk_count, of its matters.

    What follows from a matter counts with it, once; housekeeping and what is common to many say nothing of the customer
    (§11). Who has no matter has none only where no rule has failed for them, else the level is `UNCLEAR`.
    """
    risks = matters.rooted(risks)
    points = risks["level"].map(policy.risk_points).astype("int64")
    order = _rank(risks["level"], LEVELS)
    by_customer = pd.DataFrame({"points": points, "order": order}).groupby(risks["customer_id"])
    worst = customer_id.map(by_customer["order"].min())
    failed = {one.customer_id for one in failures if one.kind == "rule"}
    unclear = (None in failed) | customer_id.isin(failed)
    none = pd.Series(np.where(unclear, UNCLEAR, "none"), index=customer_id.index, dtype="str")
    return pd.DataFrame(
        {
            "level": worst.map(dict(enumerate(LEVELS))).astype("str").fillna(none),
            "risk_score": customer_id.map(by_customer["points"].sum()).fillna(0).astype(int),
            "risk_count": customer_id.map(by_customer.size()).fillna(0).astype(int),
        }
    )


# --- from hits to findings ---------------------------------------------------------------------------------------


def _findings(view: View, key: str, rule: RiskRule, hits: pd.DataFrame) -> pd.DataFrame:
    """One rule's hits with their evidence in words, and what they are about: the rule's title and its own subject."""
    lang = view.words.lang
    told = {name: hits[name] for name in hits if name in _FOUND}
    unsaid = {**dict.fromkeys(OF_THE_MATTER), "passed": False, "thing": "", "level": rule.severity, "identity": ""}
    own = {
        "rule": key,
        "kind": rule.kind,
        "subject": _subject(view, rule.title(lang), hits["subject"]) if "subject" in hits else rule.title(lang),
        "evidence": sentences(rule.evidence(lang), hits, view.words),
        "remedy": rule.remedy(lang),
        "due": view.today + pd.Timedelta(days=rule.due_days),
    }
    return frames.made(unsaid | told | own, _FOUND, hits.index)


def _subject(view: View, title: str, about: pd.Series) -> pd.Series:
    """A rule's title, with what each hit is about where the rule says it."""
    facts = pd.DataFrame({"title": title, "about": about})
    return sentences(view.words("matters.subject"), facts, view.words).where(about.notna() & (about != ""), title)


def in_order(found: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Worst first: by the customer's risk score, then tier and ID so that a customer's findings stay together, level, rule, place."""
    each = matters.rooted(found)
    points = each["level"].map(policy.risk_points).astype("int64").groupby(each["customer_id"]).sum()
    order = pd.DataFrame(
        {
            "score": -points.reindex(found["customer_id"]).set_axis(found.index).fillna(0),
            "tier": _rank(found["computed_tier"], policy.tier_keys),
            "customer_id": found["customer_id"],
            "level": _rank(found["level"], LEVELS),
            "rule": _rank(found["rule"], tuple(policy.rules)),
            **found[["book", "sheet", "cell"]],
        }
    )
    return found.loc[order.sort_values([*order.columns]).index].reset_index(drop=True)


def _rank(keys: pd.Series, order: tuple[str, ...]) -> pd.Series:
    return keys.map({key: rank for rank, key in enumerate(order)}).astype("float64")
