"""Findings, refused files and risks by tier, told in words: what the master and the summary both say, said once."""

from __future__ import annotations

import re

import pandas as pd

from kam_xl.core import cells, sheets
from kam_xl.core.assessment import Assessment
from kam_xl.core.words import Words
from kam_xl.reports.theme import UNKNOWN

SEVERITIES = ("error", "warn", "info")
LEVELS = ("high", "medium", "low", "none")

_MOBILE = r"[1１][3-9３-９]\d[ -]?\d{4}[ -]?\d{4}"
_LANDLINE = r"(?:0\d{2,3}|(?<=86[ -])\d{2,3})[)） -]{1,2}\d{3,4}[ -]?\d{4}"
_ABROAD = r"\+(?!86)\d{1,3}(?:[ -]?\(?\d{2,4}\)?){2,4}"
_PHONE = re.compile(rf"(?<![\d+])(?:{_MOBILE}|{_LANDLINE}|{_ABROAD})(?!\d)")


def masked(text: str) -> str:
    """A text with the phone numbers in it masked (handbook §10): 13800001234 → 138****1234."""
    return _PHONE.sub(lambda phone: cells.mask_phone(phone[0]), text)


def or_dash(value: object) -> object:
    """The value, or a dash where it is unknown."""
    return UNKNOWN if pd.isna(value) else value


def of_finding(words: Words, part: str, code: str, field: object, typed_value: object, detail: object) -> str:
    """One finding's ``text`` or ``remedy``; `field` is named by its header."""
    column = sheets.columns().get(field)
    name = column.header(words.lang) if column else or_dash(field)
    return words(f"finding.{code}.{part}", field=name, value=or_dash(typed_value), detail=or_dash(detail))


def with_reasons(sources: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Sources with ``reason`` and ``remedy`` as sentences; both stay missing where nothing went wrong."""
    rows = list(zip(sources["outcome"], sources["reason"], sources["detail"], strict=True))
    reasons = pd.Series([_reason(words, *row) for row in rows], sources.index, dtype="str")
    remedies = pd.Series([_refusal(words, "remedy", *row[1:]) for row in rows], sources.index, dtype="str")
    return sources.assign(reason=reasons, remedy=remedies)


def _reason(words: Words, outcome: str, reason: object, detail: object) -> str | None:
    if outcome == "copy":
        return words("master.copy_of", book=detail)
    return _refusal(words, "text", reason, detail)


def _refusal(words: Words, part: str, reason: object, detail: object) -> str | None:
    """Why a file was not used, or what to do; what it looks like instead of a workbook is a key of its own."""
    if pd.isna(reason):
        return None
    look = f"refusal.looks_like.{detail}"
    return words(f"refusal.{reason}.{part}", detail=words(look) if look in words else or_dash(detail))


def matrix(assessment: Assessment) -> pd.DataFrame:
    """Customers by tier (rows, highest first; those without a tier last) and risk level (columns, worst first)."""
    tiers = assessment.customers["computed_tier"].fillna("unknown")
    rows = [*assessment.policy.tier_keys, *(["unknown"] if (tiers == "unknown").any() else [])]
    counts = pd.crosstab(tiers, assessment.customers["level"])
    return counts.reindex(index=rows, columns=list(LEVELS), fill_value=0)
