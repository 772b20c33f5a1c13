"""An assessment as plain text tables, for reading beside the portfolio."""

from __future__ import annotations

import unicodedata

import pandas as pd

from kam_xl.core.assessment import Assessment

_PARTS = ("scale", "interaction", "complaints", "satisfaction", "execution")
#: Frame → the columns shown.
_SHOWN = {
    "customers": ("customer_id", "name", "teams", "amount", "score", "computed_tier", "lifecycle", "health", "health_colour",
                  "health_coverage", *(f"health_{part}" for part in _PARTS), "health_before", "health_trend", "level",
                  "risk_score", "last_contact", "next_visit", "planned_visit", "manager", "quality"),
    "risks": ("customer_id", "rule", "level", "state", "since", "due", "evidence", "book", "sheet", "cell"),
    "closed": ("customer_id", "rule", "level", "since", "days"),
    "changes": ("customer_id", "change", "before", "after"),
    "cases": ("customer_id", "kind", "category", "severity", "reported", "limit_hours", "response_hours", "response_state",
              "resolution_limit_hours", "resolution_hours", "resolution_state", "stage"),
    "repeats": ("customer_id", "category", "count", "customers", "first", "last"),
    "roles": ("customer_id", "purchasing", "user", "technical", "executive", "contact_count", "covered", "known"),
    "whitespace": ("customer_id", "product", "buyers", "similar", "share", "open", "rank"),
    "goals": ("customer_id", "strategy", "metric", "baseline", "target", "deadline", "missing", "cell"),
    "actions": ("due", "customer_id", "source", "status", "postponed_to", "overdue", "planned", "manager", "owner", "action"),
    "visits": ("planned", "customer_id", "due", "shift", "manager", "agenda"),
    "utilisation": ("manager", "week", "planned", "capacity", "share"),
    "kpis": ("team", "indicator", "verdict", "said"),
    "quality_books": ("book", "completeness", "validity", "consistency", "freshness", "quality"),
    "repairs": ("manager", "customer_id", "book", "sheet", "cell", "typed_value", "code", "severity", "proposal"),
    "questions": ("team", "kind"),
}  # fmt: skip


def text(assessed: Assessment) -> str:
    """Every table under its name; columns are padded, so that a change of one line is one line."""
    tables = [f"== {name} ==\n{_table(getattr(assessed, name)[list(columns)])}" for name, columns in _SHOWN.items()]
    return "\n\n".join(tables) + "\n"


def _table(frame: pd.DataFrame) -> str:
    rows = [list(frame), *([_shown(cell) for cell in row] for row in frame.itertuples(index=False))]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)) for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def _shown(cell: object) -> str:
    if pd.isna(cell):
        return "-"
    if isinstance(cell, pd.Timestamp):
        return str(cell).removesuffix(" 00:00:00")
    return f"{cell:.6g}" if isinstance(cell, float) else str(cell)


def _width(text: str) -> int:
    """Columns on a screen: Chinese characters are two wide."""
    return sum(1 + (unicodedata.east_asian_width(char) in "WF") for char in text)
