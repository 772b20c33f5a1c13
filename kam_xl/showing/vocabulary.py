"""What the keys in the frames are called in a workbook, and how each name looks there."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import pandas as pd

from kam_xl.core import (
    health,
    history,
    indicators,
    planning,
    relationships,
    reminders,
    rfm,
    risk_states,
    service,
    severity,
    sheets,
    versions,
    visits,
)
from kam_xl.core import whitespace as offers
from kam_xl.core.policy import Policy
from kam_xl.core.rule_settings import ROLES, WHOSE
from kam_xl.core.sections import STAGES
from kam_xl.core.words import Words
from kam_xl.core.worlds import FIGURES
from kam_xl.showing import fields, theme
from kam_xl.showing.telling import LEVELS, SEVERITIES
from kam_xl.showing.theme import Look

#: Kinds of risks and of actions.
KINDS = (*WHOSE, planning.MATTER, planning.VISIT, planning.DATE, planning.OWN)
PRODUCT = "*"  # the columns of the product grid, each named by a product
CLOSED = "closed"  # a risk that is gone, among the changes
STANDINGS = ("overdue", "open", "done", "postponed")  # of an action, as a meeting asks
QUIET = ("none", "match")  # good, but so frequent that their colour would hide the others


class Speaker(Protocol):
    """Whatever names things: an assessment, or what looks back on many nights."""

    @property
    def policy(self) -> Policy:
        """Names tiers and rules."""

    @property
    def words(self) -> Words:
        """Names all else, in their language."""


@dataclass(frozen=True)
class Vocabulary:
    """The names of one column's keys, the looks of these names, and what stands where there is no key."""

    names: Mapping[Any, str]
    looks: Mapping[str, Look] = dataclasses.field(default_factory=dict)
    unknown: str = theme.UNKNOWN

    def of(self, keys: pd.Series) -> pd.Series:
        """Every key's name; a key without a name stands for itself."""
        return pd.Series(self.each(keys), keys.index, dtype="str")

    def each(self, keys: pd.Series) -> list[str]:
        """The names alone."""
        known = keys.tolist()
        names = {key: self.names.get(key, str(key)) for key in set(known)}
        return [self.unknown if absent else names[key] for key, absent in zip(known, keys.isna().tolist(), strict=True)]


def vocabularies(speaker: Speaker) -> dict[str, Vocabulary]:
    """The vocabulary of every field that holds keys."""
    words = speaker.words
    tier, level, colour, stage = tiers(speaker), levels(words), colours(words), stages(words)
    match = ("match", "score_differs", "tier_differs", "unrecorded", "unknown")
    status = ("done", "partial", "running", "not_started", "delayed", "cancelled")
    case = _terms(words, "case_state", service.STATES, theme.CASE_VERDICTS)
    contact = _terms(words, "contact_state", relationships.STATES, theme.CONTACT_VERDICTS)
    yes_or_no = _flag(words("terms.yes"), words("terms.no"))
    return {
        "computed_tier": tier,
        **dict.fromkeys(("recorded_tier", "kpis.tier"), Vocabulary(tier.names)),
        **dict.fromkeys(("before", "after"), Vocabulary({**tier.names, **level.names, **colour.names, **stage.names})),
        **{name: yes_or_no for name, field in fields.fields().items() if field.kind == "flag"},
        "overdue": _flag(words("master.overdue"), words("master.not_overdue"), bad=words("master.overdue")),
        "level": level,
        "health_colour": colour,
        "health_cap": _terms(words, "health_cap", health.CAPS, theme.CAP_VERDICTS),
        "visit_for": _terms(words, "visit_for", planning.VISIT_FOR, {}),
        "kind": _terms(words, "kind", KINDS, {}),
        "health_trend": _terms(words, "trend", ("up", "down", "flat"), theme.TREND_VERDICTS),
        "lifecycle": stage,
        "rfm_class": _terms(words, "rfm", tuple(rfm.CLASSES.values()), theme.RFM_VERDICTS),
        "severity": _terms(words, "severity", SEVERITIES, theme.SEVERITY_VERDICTS),
        "status": _terms(words, "status", status, theme.STATUS_VERDICTS),
        "verdict": _terms(words, "verdict", match, theme.MATCH_VERDICTS),
        "moves.figure": Vocabulary({name: words(f"bridge.figure.{name}") for name in ("there", *FIGURES)}),
        "change": _terms(words, "change", (*history.CHANGES, CLOSED), theme.CHANGE_VERDICTS),
        "outcome": outcomes(words),
        "nature": Vocabulary({nature: words(f"master.nature.{nature}") for nature in ("differs", "language")}),
        "rule": rules(speaker),
        "actions.source": sources(speaker),
        "state": states(words),
        "field": Vocabulary({name: field.header(words.lang) for name, field in fields.fields().items()}),
        **dict.fromkeys(("response_state", "resolution_state"), case),
        "cases.stage": _terms(words, "case_stage", service.STAGES, {}),
        **dict.fromkeys(ROLES, contact),
        "shift": _terms(words, "shift", visits.SHIFTS, theme.SHIFT_VERDICTS),
        "load": _terms(words, "load", ("over", "within"), theme.LOAD_VERDICTS),
        "basis": _terms(words, "basis", offers.BASES, {}),
        PRODUCT: _terms(
            words, "product", (offers.BUYS, offers.OFFERED, offers.PROPOSED), theme.PRODUCT_VERDICTS, unknown=""
        ),
        "indicator": Vocabulary({row.key: words(f"kpi.name.{row.key}") for row in indicators.INDICATORS}),
        "kpis.period": _terms(words, "period", ("quarter", "half", "year"), {}),
        "kpis.verdict": results(words),
        "unit": _terms(words, "unit", ("share", "points", "score", "count", "nps"), {}),
        **_choices(words),
    }


def _choices(words: Words) -> dict[str, Vocabulary]:
    """The columns of the optional sheets in which people choose a word."""
    looks = {"service.severity": {"major": "bad"}, "tasks.status": theme.TASK_VERDICTS}
    return {
        key: _terms(words, key, column.choices, looks.get(key, {}))
        for sheet in sheets.OPTIONAL
        for column in sheet.columns
        if column.choices
        for key in [sheets.named(sheet.kind, column.field)]
    }


def outcomes(words: Words) -> Vocabulary:
    """What became of a file of the teams' folder."""
    return _terms(words, "outcome", ("used", *versions.OUTCOMES, "quarantined", "skipped"), theme.OUTCOME_VERDICTS)


def colours(words: Words) -> Vocabulary:
    """The colours of the health, worst first."""
    return _terms(words, "colour", health.COLOURS, theme.COLOUR_VERDICTS)


def stages(words: Words) -> Vocabulary:
    """The stages of a customer's life."""
    names = {stage: words(f"lifecycle.stage.{stage}") for stage in STAGES}
    return Vocabulary(names, _looks(names, theme.STAGE_VERDICTS))


def states(words: Words) -> Vocabulary:
    """What became of a risk since the last run, news first."""
    return _terms(words, "state", risk_states.STATES, theme.STATE_VERDICTS)


def results(words: Words) -> Vocabulary:
    """How an indicator stands to its target."""
    return _terms(words, "result", ("good", "watch", "bad", "none"), theme.RESULT_VERDICTS)


def tiers(speaker: Speaker) -> Vocabulary:
    """The tiers by the policy's names; ``unknown`` is a customer without a score."""
    words = speaker.words
    names = speaker.policy.tier_names(words.lang)
    looks = {name: Look(theme.TIER_INKS[key], theme.TIER_COLOURS[key]) for key, name in names.items()}
    return Vocabulary({**names, "unknown": words("terms.unknown_tier")}, looks, words("terms.unknown_tier"))


def levels(words: Words) -> Vocabulary:
    """The risk levels, worst first."""
    return _terms(words, "level", LEVELS, theme.LEVEL_VERDICTS)


def rules(speaker: Speaker) -> Vocabulary:
    """The risk rules by their titles."""
    return Vocabulary({key: rule.title(speaker.words.lang) for key, rule in speaker.policy.rules.items()})


def sources(speaker: Speaker) -> Vocabulary:
    """Why something is to be done: the risk rules, the reminders, the routine visit, a mark somebody left."""
    reminded = {
        key: speaker.words(f"calendar.title.{key}") for key in (planning.VISIT, planning.OWN, *reminders.REMINDERS)
    }
    return Vocabulary({**rules(speaker).names, **reminded, planning.MARKED: speaker.words("master.marked")})


def standings(words: Words) -> Vocabulary:
    """How an action stands, what is overdue first."""
    return _terms(words, "standing", STANDINGS, theme.STANDING_VERDICTS)


def severities(words: Words) -> Vocabulary:
    """How strictly an evaluator marks."""
    return _terms(words, "severity_verdict", severity.VERDICTS, theme.SEVERE_VERDICTS)


def shares(words: Words) -> Vocabulary:
    """The verdicts of the share check."""
    return _terms(words, "share", ("low", "on_target", "high"), theme.SHARE_VERDICTS)


def _terms(
    words: Words, kind: str, keys: Iterable[str], verdicts: Mapping[str, str], unknown: str = theme.UNKNOWN
) -> Vocabulary:
    names = {key: words(f"terms.{kind}.{key}") for key in keys}
    return Vocabulary(names, _looks(names, verdicts), unknown)


def _looks(names: Mapping[str, str], verdicts: Mapping[str, str]) -> dict[str, Look]:
    """The look of every name whose key amounts to a verdict."""
    return {name: theme.VERDICTS[verdicts[key]] for key, name in names.items() if key in verdicts and key not in QUIET}


def _flag(yes: str, no: str, bad: str | None = None) -> Vocabulary:
    return Vocabulary({True: yes, False: no}, {bad: theme.VERDICTS["bad"]} if bad else {})
