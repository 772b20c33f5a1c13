"""How the product looks: every colour, font and number format of the workbooks and the HTML reports, once.

Plain values, so that XlsxWriter, an HTML template and an SVG chart read the same table. A colour never carries a
meaning alone: a word or one of ▲▼● always stands beside it.
"""

from __future__ import annotations

from typing import NamedTuple


class CellStyle(NamedTuple):
    """One of Excel's built-in cell styles by its number, as it looks here."""

    builtin: int
    properties: dict[str, object]


class Look(NamedTuple):
    """How a word shows: its ink and its fill; the ink keeps at least 4.5 : 1 on the fill and on white."""

    text: str
    fill: str


INK = "#1F2937"
MUTED = "#6B7280"
LINE = "#E5E7EB"
SURFACE = "#F9FAFB"
WHITE = "#FFFFFF"
HEADER_FILL = "#1E3A5F"
HEADER_TEXT = WHITE

LINK = "#1D4ED8"
HEADER_LINK = "#C7D7EE"  # a link on the header fill
INPUT_FILL = "#FFFBEB"
INPUT_INK = "#1D4ED8"

#: Tier key → colour: an order from the top down, not a verdict.
TIER_COLOURS = {
    "strategic": "#1E3A5F",
    "key": "#2F6DB5",
    "regular": "#7FA8D6",
    "potential": "#C9A227",
    "optimize": "#9CA3AF",
}
#: Tier key → the text colour that stays readable on the tier's colour.
TIER_INKS = {"strategic": WHITE, "key": WHITE, "regular": INK, "potential": INK, "optimize": INK}

#: Group of sheets in the master → the colour of their tabs.
GROUP_COLOURS = {"today": "#1E3A5F", "accounts": "#2F6DB5", "effect": "#7FA8D6", "data": "#9CA3AF"}

VERDICTS = {
    "good": Look("#2E7D32", "#E8F5E9"),
    "watch": Look("#9A5B00", "#FFF4E0"),
    "bad": Look("#C62828", "#FDECEA"),
}

#: Which verdict each word of an assessment amounts to; a word that is not listed is neutral.
LEVEL_VERDICTS = {"high": "bad", "medium": "watch", "none": "good"}
SEVERITY_VERDICTS = {"error": "bad", "warn": "watch"}
MATCH_VERDICTS = {"match": "good", "score_differs": "watch", "tier_differs": "bad", "unknown": "watch"}
SEVERE_VERDICTS = {"strict": "watch", "generous": "watch"}
SHARE_VERDICTS = {"low": "watch", "on_target": "good", "high": "watch"}
STATUS_VERDICTS = {"done": "good", "partial": "watch", "delayed": "bad"}
CHANGE_VERDICTS = {
    "gone": "watch",
    "unread": "watch",
    "tier_up": "good",
    "tier_down": "bad",
    "risk_up": "bad",
    "risk_down": "good",
    "health_down": "bad",
    "health_up": "good",
    "silent": "watch",
    "lost": "bad",
}
COLOUR_VERDICTS = {"red": "bad", "yellow": "watch", "green": "good"}
CAP_VERDICTS = {"severe": "bad", "high_risk": "watch", "silent": "watch"}
TREND_VERDICTS = {"up": "good", "down": "bad"}
RFM_VERDICTS = {"champions": "good", "to_win_back": "bad", "to_keep": "watch"}
STAGE_VERDICTS = {"silent": "watch", "lost": "bad"}
CASE_VERDICTS = {"met": "good", "breached": "bad", "running": "watch", "unknown": "watch"}
STATE_VERDICTS = {"new": "bad", "worse": "bad", "eased": "good"}
CONTACT_VERDICTS = {"fresh": "good", "stale": "watch", "undated": "watch", "left": "bad", "missing": "bad"}
SHIFT_VERDICTS = {"overdue": "bad", "full": "watch"}
LOAD_VERDICTS = {"over": "bad"}
PRODUCT_VERDICTS = {"buys": "good", "offered": "watch"}
RESULT_VERDICTS = {"good": "good", "watch": "watch", "bad": "bad"}
STANDING_VERDICTS = {"overdue": "bad", "done": "good", "postponed": "watch"}
TASK_VERDICTS = {"done": "good", "postponed": "watch"}
OUTCOME_VERDICTS = {
    "used": "good",
    "copy": "watch",
    "superseded": "watch",
    "undecided": "bad",
    "skipped": "watch",
    "quarantined": "bad",
}

_FRAME = {"border": 1, "border_color": LINE}
#: Excel's name of a cell style → the style: what people type, what is computed.
CELL_STYLES = {
    "Input": CellStyle(20, {**_FRAME, "bg_color": INPUT_FILL, "font_color": INPUT_INK, "locked": False}),
    "Calculation": CellStyle(22, {**_FRAME, "bg_color": SURFACE, "font_color": INK}),
}
#: Verdict → the sign that stands beside its colour.
SIGNS = {"good": "●", "watch": "●", "bad": "▲"}

WORKBOOK_FONTS = {"zh-CN": "微软雅黑", "en": "Calibri"}
FONT_SIZE = 10
TITLE_SIZE = 18
SHEET_TITLE_SIZE = 15
SECTION_SIZE = 12
FIGURE_SIZE = 16
NOTE_SIZE = 9

#: What stands where a value is unknown: never 0, never blank without a reason.
UNKNOWN = "—"

#: Excel number formats by the kind of a column (`kam_xl.core.sheets.Column.kind`).
NUMBER_FORMATS = {
    "amount": "#,##0.0",
    "score": "0.0",
    "composite": "0.0",
    "share": "0%",
    "measured": "0.0%",  # a share held against a target, so that its verdict can be seen
    "count": "#,##0",
    "number": "#,##0.0#",
    "grade": "0",
    "date": "yyyy-mm-dd",
    "datetime": "yyyy-mm-dd hh:mm",
}
#: How values are written in a text, by the same kinds.
WRITTEN = {
    **dict.fromkeys(("amount", "score", "composite", "number"), "{:,.1f}"),
    **dict.fromkeys(("count", "grade"), "{:,.0f}"),
    "share": "{:.0%}",
    "measured": "{:.1%}",
    "date": "{:%Y-%m-%d}",
    "datetime": "{:%Y-%m-%d %H:%M}",
}

DATES = ("date", "datetime")  # kinds whose values are days or moments

#: Column widths in characters (a CJK character counts two): the 90th percentile of the texts, within these bounds.
NARROWEST, WIDEST = 8, 40
