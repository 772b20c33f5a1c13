"""What the keys in the frames are called in a workbook, and how each name looks there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from kam_xl.core import history, sheets
from kam_xl.core.assessment import Assessment
from kam_xl.core.words import Words
from kam_xl.reports import theme
from kam_xl.reports.tables import Look
from kam_xl.reports.telling import LEVELS, SEVERITIES

QUIET = ("none", "match")  # good, but so frequent that their colour would hide the others


@dataclass(frozen=True)
class Vocabulary:
    """The names of one column's keys, the looks of these names, and what stands where there is no key."""

    names: Mapping[object, str]
    looks: Mapping[str, Look] = field(default_factory=dict)
    unknown: str = theme.UNKNOWN

    def of(self, keys: pd.Series) -> pd.Series:
        """Every key's name; a key without a name stands for itself."""
        names = {key: self.names.get(key, str(key)) for key in keys.dropna().unique()}
        return keys.map(names).astype("str").fillna(self.unknown)


def vocabularies(assessment: Assessment, words: Words) -> dict[str, Vocabulary]:
    """The vocabulary of every field that holds keys."""
    tier, level = tiers(assessment, words), levels(words)
    change = _terms(words, "change", history.CHANGES, theme.CHANGE_VERDICTS)
    match = ("match", "score_differs", "tier_differs", "unrecorded", "unknown")
    status = ("done", "partial", "running", "not_started", "delayed", "cancelled")
    outcome = ("used", "copy", "quarantined", "skipped")
    return {
        "computed_tier": tier,
        "recorded_tier": Vocabulary(tier.names),
        **dict.fromkeys(("before", "after"), Vocabulary({**tier.names, **level.names})),
        **dict.fromkeys(
            ("current", "shown", "profile_contradiction", "repeated"), _flag(words("terms.yes"), words("terms.no"))
        ),
        "overdue": _flag(words("master.overdue"), words("master.not_overdue"), bad=words("master.overdue")),
        "level": level,
        "severity": _terms(words, "severity", SEVERITIES, theme.SEVERITY_VERDICTS),
        "status": _terms(words, "status", status, theme.STATUS_VERDICTS),
        "verdict": _terms(words, "verdict", match, theme.MATCH_VERDICTS),
        "change": change,
        "outcome": _terms(words, "outcome", outcome, theme.OUTCOME_VERDICTS),
        "nature": Vocabulary({nature: words(f"master.nature.{nature}") for nature in ("differs", "language")}),
        "rule": rules(assessment, words),
        "field": Vocabulary({name: column.header(words.lang) for name, column in sheets.columns().items()}),
    }


def tiers(assessment: Assessment, words: Words) -> Vocabulary:
    """The tiers by the policy's names; ``unknown`` is a customer without a score."""
    names = assessment.policy.tier_names(words.lang)
    looks = {name: Look(theme.TIER_INKS[key], theme.TIER_COLOURS[key]) for key, name in names.items()}
    return Vocabulary({**names, "unknown": words("terms.unknown_tier")}, looks, words("terms.unknown_tier"))


def levels(words: Words) -> Vocabulary:
    """The risk levels, worst first."""
    return _terms(words, "level", LEVELS, theme.LEVEL_VERDICTS)


def rules(assessment: Assessment, words: Words) -> Vocabulary:
    """The risk rules by their titles, and the routine visit, which stands among them as a reason to act."""
    titles = {key: rule.title(words.lang) for key, rule in assessment.policy.risk.items()}
    return Vocabulary({**titles, "visit": words("master.visit")})


def shares(words: Words) -> Vocabulary:
    """The verdicts of the share check."""
    return _terms(words, "share", ("low", "on_target", "high"), theme.SHARE_VERDICTS)


def _terms(words: Words, kind: str, keys: Iterable[str], verdicts: Mapping[str, str]) -> Vocabulary:
    names = {key: words(f"terms.{kind}.{key}") for key in keys}
    looks = {
        name: Look(*theme.VERDICTS[verdicts[key]])
        for key, name in names.items()
        if key in verdicts and key not in QUIET
    }
    return Vocabulary(names, looks)


def _flag(yes: str, no: str, bad: str | None = None) -> Vocabulary:
    return Vocabulary({True: yes, False: no}, {bad: Look(*theme.VERDICTS["bad"])} if bad else {})
