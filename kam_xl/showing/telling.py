"""What the master and the summary both say, said once: findings, refused files, risks by tier, the policy check."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from kam_xl import resources
from kam_xl.core import versions
from kam_xl.core.assessment import Assessment
from kam_xl.core.errors import Refused
from kam_xl.core.failures import Failure
from kam_xl.core.policy import Policy
from kam_xl.core.risk import UNCLEAR
from kam_xl.core.words import Words
from kam_xl.showing.fields import fields
from kam_xl.showing.theme import UNKNOWN

SEVERITIES = ("error", "warn", "info")
LEVELS = ("high", "medium", "low", "none", UNCLEAR)

INFORMATION = ("highest_reached",)  # policy notes that tell a fact and object to nothing


def or_dash(value: Any) -> object:
    """The value, or a dash where it is unknown."""
    return UNKNOWN if pd.isna(value) else value


def rank(keys: pd.Series, order: Sequence[str]) -> pd.Series:
    """Each key's place in ``order``; keys that are not in it come last."""
    return keys.map({key: place for place, key in enumerate(order)}).fillna(len(order))


def of_finding(words: Words, part: str, code: str, field: object, typed_value: object, detail: object) -> str:
    """One finding's ``text`` or ``remedy``; `field` is named by its header."""
    known = fields().get(field) if isinstance(field, str) else None
    name = known.header(words.lang) if known else or_dash(field)
    return words(f"finding.{code}.{part}", field=name, value=or_dash(typed_value), detail=or_dash(detail))


def with_reasons(sources: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Sources with ``reason`` and ``remedy`` as sentences; both stay missing where nothing went wrong."""
    rows = list(zip(sources["outcome"], sources["reason"], sources["detail"], strict=True))
    reasons = [_reason(words, *row) for row in rows]
    lost = (sources["orders"] & (sources["outcome"] == "quarantined")).tolist()
    told = zip(lost, sources["team"], reasons, strict=True)
    reasons = [words("refusal.of_orders", team=team, reason=why) if own else why for own, team, why in told]
    remedies = pd.Series([_refusal(words, "remedy", *row[1:]) for row in rows], sources.index, dtype="str")
    return sources.assign(reason=pd.Series(reasons, sources.index, dtype="str"), remedy=remedies)


def _reason(words: Words, outcome: str, reason: object, detail: object) -> str | None:
    if outcome in versions.OUTCOMES:
        return words(f"master.{outcome}", book=detail)
    return _refusal(words, "text", reason, detail)


def _refusal(words: Words, part: str, reason: Any, detail: Any) -> str | None:
    """Why a file was not used, or what to do."""
    return None if pd.isna(reason) else resources.refusal(Refused(str(reason), str(or_dash(detail))), words, part)


def needs(text: str, words: Words) -> str:
    """What a plan lacks, keys parted by blanks (`goals.check`), by name; that nothing is missing where there are none."""
    missing = [words(f"terms.need.{key}") for key in text.split()]
    return words("terms.list_separator").join(missing) or words("master.complete")


def failed(failure: Failure, policy: Policy, words: Words) -> str:
    """What could not be computed or written, in one sentence; which one it was is named as people know it."""
    named = {
        "rule": lambda key: policy.rules[key].title(words.lang),
        "view": lambda key: words(f"views.{key}.title"),
        "indicator": lambda key: words(f"kpi.name.{key}"),
    }
    sheets = ("master.sheet.{}",)
    places = {"sheet": sheets, "team_sheet": sheets, "section": ("summary.{}.section", "views.{}.section", "failure.section.{}"),
              "action": ("failure.action.{}", "calendar.title.{}"), "plan_block": ("plan_page.part.{}", "failure.section.{}")}  # fmt: skip
    keys = [place.format(failure.subject) for place in places.get(failure.kind, (f"failure.{failure.kind}.{{}}",))]
    known = next((words(key) for key in keys if key in words), failure.subject)
    subject = named[failure.kind](failure.subject) if failure.kind in named else known
    form = "rule_for" if failure.customer_id else failure.kind
    return words(f"failure.kind.{form}", subject=subject, customer_id=failure.customer_id)


def matrix(assessment: Assessment) -> pd.DataFrame:
    """Customers by tier (rows, highest first; those without a tier last) and risk level (columns, worst first).

    The last column, for levels that a rule that failed leaves open, is there only where there is one.
    """
    columns = LEVELS if unclear(assessment) else LEVELS[: LEVELS.index(UNCLEAR)]
    return by_tier(assessment, assessment.customers["level"], columns)


def by_tier(assessment: Assessment, states: pd.Series, columns: Sequence[str]) -> pd.DataFrame:
    """How many customers of each tier (rows, highest first; without a tier last) are in each state (columns)."""
    tiers = assessment.customers["computed_tier"].fillna("unknown")
    rows = [*assessment.policy.tier_keys, *(["unknown"] if (tiers == "unknown").any() else [])]
    return pd.crosstab(tiers, states).reindex(index=rows, columns=list(columns), fill_value=0)


def unscored(assessment: Assessment) -> bool:
    """True when there are customers and none of them has a tier: nothing found then means nothing looked at."""
    tiers = assessment.customers["computed_tier"]
    return not tiers.empty and bool(tiers.isna().all())


def unclear(assessment: Assessment) -> bool:
    """True where a rule that failed leaves open whether somebody is at risk."""
    return bool((assessment.customers["level"] == UNCLEAR).any())


def policy_verdict(assessment: Assessment) -> str:
    """The policy check in one sentence: how many contradictions, none, or that nobody's score allows to look for any."""
    contradictions = sum(code not in INFORMATION for code, _ in assessment.policy_notes)
    checked = assessment.customers["computed_tier"].notna().any()
    form = "finding" if contradictions else "clean" if checked else "unchecked"
    return assessment.words(f"summary.policy.{form}", n=contradictions)
