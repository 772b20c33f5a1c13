"""The first sheet of the master workbook: what happened, who needs action today, and where the rest stands.

A sheet to read, not to filter: fourteen columns of one width, every block a few of them wide.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.chart import Chart
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range_abs
from xlsxwriter.worksheet import Worksheet

from kam_xl.core.assessment import Assessment
from kam_xl.core.words import Words
from kam_xl.reports import native_tables
from kam_xl.reports.headline import KeyFigure, headline, key_figures
from kam_xl.showing import columns, sizes, theme, vocabulary
from kam_xl.showing.fields import header
from kam_xl.showing.telling import matrix, or_dash, policy_verdict, with_reasons
from kam_xl.showing.theme import Look
from kam_xl.showing.vocabulary import Vocabulary

CUSTOMERS_SHOWN = 15
BOOKS_SHOWN = 30
FIRST, LAST = 1, 14  # the columns in use
MARGIN, WIDTH = 2, 11.5  # characters
LINE, PAD, HEADING = 15, 6, 27  # points
TILE = (18, 30, 20)  # the heights of a key figure's label, value and change
CHART_COLUMN, CHART_WIDTH = 7, 660  # the second half of the sheet, in pixels
_FAILED = object()
NEUTRAL = Look(theme.INK, theme.WHITE)


def add(workbook: Workbook, assessment: Assessment, chapters: Sequence[Chapter], order: pd.Series, footer: str) -> None:
    """Add the risk summary; ``order`` is the customers' IDs as their sheet lists them, for the links to their rows."""
    words = assessment.words
    worksheet = workbook.add_worksheet(words("master.sheet.summary"))
    worksheet.set_column(0, 0, MARGIN)
    worksheet.set_column(FIRST, LAST, WIDTH)
    cover = _Cover(workbook, worksheet, words)
    blocks: dict[str, Callable[[], object]] = {
        "headline": lambda: _headline(cover, assessment),
        "figures": lambda: _figures(cover, key_figures(assessment)),
        "risks": lambda: _worst(cover, assessment, chapters[0], order),
        "tiers": lambda: _tiers(cover, assessment),
        "lost": lambda: _left_out(cover, assessment, chapters),
        "policy": lambda: _policy_notes(cover, assessment),
    }
    for key, block in blocks.items():
        if assessment.failures.attempt("cover", key, block, _FAILED) is _FAILED:
            cover.next(LINE)
            cover.text(words("failure.says"), font_color=theme.VERDICTS["bad"].text)
    _contents(cover, chapters)
    native_tables.print_setup(worksheet, footer)
    worksheet.print_area(0, 0, cover.row, LAST)
    worksheet.set_tab_color(theme.HEADER_FILL)


def _headline(cover: _Cover, assessment: Assessment) -> None:
    words, previous = cover.words, assessment.previous
    form = "first" if previous is None else "compared"
    dates = words(f"master.summary.{form}", today=assessment.today, previous=previous)
    cover.text(f"{words('master.title')} · {dates}", font_color=theme.MUTED, font_size=theme.NOTE_SIZE)
    cover.text(headline(assessment), 36, font_color=theme.INK, font_size=theme.TITLE_SIZE, bold=True)
    outcomes = assessment.portfolio.sources["outcome"].value_counts()
    for outcome, key in (("quarantined", "lost"), ("undecided", "undecided"), ("superseded", "superseded")):
        if outcome in outcomes:
            look = theme.VERDICTS[theme.OUTCOME_VERDICTS[outcome]]
            text = words(f"master.summary.some_{key}", n=outcomes[outcome])
            cover.text(text, font_color=look.text, bg_color=look.fill, indent=1)
    if len(assessment.failures):
        bad = theme.VERDICTS["bad"]
        notice = words("failure.notice", n=len(assessment.failures))
        cover.text(notice, font_color=bad.text, bg_color=bad.fill, indent=1)
    cover.next(PAD)


def _figures(cover: _Cover, figures: Sequence[KeyFigure]) -> None:
    """The key figures side by side: label, value, change."""
    span, rest = divmod(LAST - FIRST + 1, len(figures))
    starts = [FIRST + number * span + max(0, number - len(figures) + rest) for number in range(len(figures) + 1)]
    sizes = (theme.NOTE_SIZE, theme.FIGURE_SIZE, theme.NOTE_SIZE)
    for part, (height, size) in enumerate(zip(TILE, sizes, strict=True)):
        for number, figure in enumerate(figures):
            text = (figure.label, figure.value_text, figure.change_text)[part]
            cover.put(starts[number], starts[number + 1] - 1, text, _tile(cover, figure, size, part))
        cover.next(height if part < 2 else max(height, _change_height(figures, span)))


def _change_height(figures: Sequence[KeyFigure], span: int) -> float:
    """The height that the longest change needs in a tile over ``span`` columns, in points."""
    scale = theme.NOTE_SIZE / theme.FONT_SIZE
    return max(_lines(figure.change_text, span / scale) for figure in figures) * LINE * scale + PAD


def _tile(cover: _Cover, figure: KeyFigure, size: int, part: int) -> Format:
    """The look of one part of a tile: its value is loud, and only its change may take several lines."""
    is_value, is_change = part == 1, part == 2
    verdict = theme.VERDICTS.get(figure.verdict)
    ink = (verdict.text if verdict else theme.INK) if is_value else theme.MUTED
    edge = verdict.text if verdict else theme.HEADER_FILL
    return cover.format(
        font_size=size,
        font_color=ink,
        bold=is_value,
        bg_color=theme.SURFACE,
        left=5,
        left_color=edge,
        indent=1,
        text_wrap=is_change,
        shrink=not is_change,
    )


def _worst(cover: _Cover, assessment: Assessment, customers: Chapter, order: pd.Series) -> None:
    """The worst customers, each with its worst risk and a link to its row."""
    words, risks = cover.words, assessment.risks
    counts = risks.groupby("customer_id").size()
    shown = risks.drop_duplicates("customer_id").head(CUSTOMERS_SHOWN)
    cover.heading(words("master.summary.risks"))
    if shown.empty:
        cover.text(words("master.summary.no_risks"))
        return
    shown = shown.assign(more=shown["customer_id"].map(counts) - 1)
    spans = {
        "customer_id": 1,
        "name": 2,
        "computed_tier": 1,
        "level": 1,
        "evidence": 4,
        "remedy": 2,
        "owner": 2,
        "due": 1,
    }
    cover.header(*(Cell(header(field, words.lang), span) for field, span in spans.items()))
    places = dict(zip(order, range(len(order)), strict=True))
    names = vocabulary.vocabularies(assessment)
    for risk in shown.itertuples():
        link = _row_link(customers, places.get(risk.customer_id, 0))
        cover.line(*_risk_cells(words, names, risk, link))
    if len(counts) > len(shown):
        rest = words("master.summary.risks_rest", total=len(counts), shown=len(shown))
        cover.text(rest, font_color=theme.MUTED, font_size=theme.NOTE_SIZE)


def _risk_cells(words: Words, names: Mapping[str, Vocabulary], risk: Any, link: str | None) -> list[Cell]:
    rule = names["rule"].names.get(risk.rule, risk.rule)
    form = "more" if risk.more else "only"
    return [
        Cell(risk.customer_id),
        Cell(or_dash(risk.name), 2, link=link),
        _tier(names["computed_tier"], risk.computed_tier),
        _named(names["level"], risk.level),
        Cell(words(f"master.summary.{form}", rule=rule, evidence=risk.evidence, n=risk.more), 4),
        Cell(risk.remedy, 2),
        Cell(or_dash(risk.owner), 2),
        Cell(theme.UNKNOWN if pd.isna(risk.due) else f"{risk.due:%Y-%m-%d}"),
    ]


def _row_link(customers: Chapter, place: int) -> str | None:
    """The link to a customer's row, in the sheet it fell into; None where there is no such row."""
    if customers.rows is None:
        return None
    name, rows = next((name, rows) for name, rows in customers.parts if place < rows.stop)
    return f"internal:'{name}'!A{place - rows.start + 2}"


def _tiers(cover: _Cover, assessment: Assessment) -> None:
    """Tier distribution and risk matrix one below the other, the chart of the first beside both."""
    words = cover.words
    cover.worksheet.set_h_pagebreaks([cover.row])  # on paper the chart and its tables stay together
    cover.heading(words("master.summary.tiers"))
    top, depth = cover.row, cover.depth
    _distribution(cover, assessment)
    tiers_shown = len(assessment.policy.tiers)
    chart = _chart(cover, assessment, top + 1, top + tiers_shown)
    cover.next(PAD)
    _matrix(cover, assessment)
    title = _chart_title(assessment)
    chart.set_size({"width": CHART_WIDTH, "height": round((cover.depth - depth) * 4 / 3) - 8})
    place = {"x_offset": 16, "y_offset": 6, "object_position": 2, "description": words("master.chart.alt", title=title)}
    cover.worksheet.insert_chart(top, CHART_COLUMN, chart, place)


def _distribution(cover: _Cover, assessment: Assessment) -> None:
    words, names, verdicts = cover.words, vocabulary.tiers(assessment), vocabulary.shares(cover.words)
    titles = [*(header(field, words.lang) for field in ("computed_tier", "customers", "share")),
              *(words(f"master.summary.{title}") for title in ("target_low", "target_high", "check"))]  # fmt: skip
    cover.header(Cell(titles[0]), *(Cell(title, num_format="0") for title in titles[1:5]), Cell(titles[5]))
    for tier in assessment.tiers.itertuples():
        shares = (tier.share, tier.target_low, tier.target_high)
        cover.line(
            _tier(names, tier.tier),
            Cell(tier.customers, num_format=theme.NUMBER_FORMATS["count"]),
            *(
                Cell(or_dash(share), num_format=theme.NUMBER_FORMATS[kind])
                for share, kind in zip(shares, ("measured", "share", "share"), strict=True)
            ),
            _named(verdicts, tier.verdict),
        )


def _matrix(cover: _Cover, assessment: Assessment) -> None:
    """Customers by tier and risk level; what is high or medium and not zero is coloured."""
    words, names, levels = cover.words, vocabulary.tiers(assessment), vocabulary.levels(cover.words)
    counts = matrix(assessment)
    cover.text(words("master.summary.matrix"), bold=True, font_color=theme.HEADER_FILL)
    shown = [*counts.columns]
    columns = [*(levels.names[level] for level in shown), words("master.summary.total")]
    cover.header(Cell(header("computed_tier", words.lang)), *(Cell(title, num_format="0") for title in columns))
    for tier, row in counts.iterrows():
        total = Cell(int(row.sum()), num_format=theme.NUMBER_FORMATS["count"], bold=True)
        cover.line(_tier(names, tier), *(_count(row[level], level) for level in shown), total)


def _count(count: int, level: str) -> Cell:
    """A number of customers at one level: a bad or doubtful one is coloured, none at all is muted."""
    verdict = theme.LEVEL_VERDICTS.get(level, "")
    alarming = count and verdict in ("bad", "watch")
    look = theme.VERDICTS[verdict] if alarming else Look(theme.INK if count else theme.MUTED, theme.WHITE)
    return Cell(int(count), look=look, num_format=theme.NUMBER_FORMATS["count"], bold=bool(alarming))


def _chart(cover: _Cover, assessment: Assessment, first: int, last: int) -> Chart:
    """Actual shares as columns in the tiers' colours, the target's two ends as dashes."""
    words, sheet = cover.words, cover.worksheet.get_name()

    def reference(column: int) -> str:
        return f"='{sheet}'!{xl_range_abs(first, FIRST + column, last, FIRST + column)}"

    chart = cover.workbook.add_chart({"type": "column"})
    chart.add_series({
        "name": words("master.chart.share"), "categories": reference(0), "values": reference(2), "gap": 180,
        "points": [{"fill": {"color": theme.TIER_COLOURS[key]}} for key in assessment.policy.tier_keys],
    })  # fmt: skip
    targets = cover.workbook.add_chart({"type": "line"})
    for column, name in ((3, "target_low"), (4, "target_high")):
        marker = {"type": "long_dash", "size": 24, "border": {"color": theme.WHITE}, "fill": {"color": theme.INK}}
        targets.add_series({
            "name": words(f"master.summary.{name}"), "categories": reference(0), "values": reference(column),
            "line": {"none": True}, "marker": marker,
        })  # fmt: skip
    chart.combine(targets)
    return _dressed(chart, _chart_title(assessment))


def _dressed(chart: Chart, title: str) -> Chart:
    font = {"color": theme.MUTED, "size": theme.NOTE_SIZE}
    chart.set_title({"name": title, "name_font": {"size": 11, "bold": True, "color": theme.INK}, "overlay": False})
    chart.set_x_axis({"num_font": font, "line": {"color": theme.LINE}, "major_tick_mark": "none"})
    chart.set_y_axis({"num_font": font, "num_format": "0%", "min": 0, "line": {"none": True}, "major_tick_mark": "none",
                      "major_gridlines": {"visible": True, "line": {"color": theme.LINE, "width": 0.75}}})  # fmt: skip
    chart.set_legend({"position": "bottom", "font": font, "delete_series": [0]})
    chart.set_chartarea({"border": {"none": True}})
    return chart


def _chart_title(assessment: Assessment) -> str:
    """The finding the chart shows: how many tiers are on target, and the one furthest off."""
    words = assessment.words
    tiers = assessment.tiers.dropna(subset=["share", "target_low"])
    if tiers.empty:
        return words("master.chart.empty")
    off = pd.concat([tiers["target_low"] - tiers["share"], tiers["share"] - tiers["target_high"]], axis=1).max(axis=1)
    on_target = int((tiers["verdict"] == "on_target").sum())
    if on_target == len(tiers):
        return words("master.chart.all_on_target")
    worst = tiers.loc[off.idxmax()]
    shares = {"share": worst["share"], "low": worst["target_low"], "high": worst["target_high"]}
    name = vocabulary.tiers(assessment).names[worst["tier"]]
    return words(
        "master.chart.off", n=len(tiers), ok=on_target, tier=name, **{k: f"{v:.0%}" for k, v in shares.items()}
    )


def _left_out(cover: _Cover, assessment: Assessment, chapters: Sequence[Chapter]) -> None:
    """Every workbook that could not be used: why, and what to do."""
    words, sources = cover.words, assessment.portfolio.sources
    lost = sources[sources["outcome"] == "quarantined"]
    cover.heading(words("master.summary.lost"))
    if lost.empty:
        cover.text(words("master.summary.none_lost"))
        return
    spans = {"book": 4, "reason": 5, "remedy": 5}
    cover.header(*(Cell(header(field, words.lang), span) for field, span in spans.items()))
    for source in with_reasons(lost.head(BOOKS_SHOWN), words).itertuples():
        reason, remedy = or_dash(source.reason), or_dash(source.remedy)
        cover.line(Cell(source.book, 4, bold=True), Cell(reason, 5, theme.VERDICTS["bad"]), Cell(remedy, 5))
    if len(lost) > BOOKS_SHOWN:
        name = next(chapter.name for chapter in chapters if chapter.key == "sources")
        cover.text(words("master.summary.lost_rest", n=len(lost) - BOOKS_SHOWN, sheet=name), font_color=theme.MUTED)


def _policy_notes(cover: _Cover, assessment: Assessment) -> None:
    cover.heading(cover.words("master.summary.policy"))
    cover.text(policy_verdict(assessment))
    for _, note in assessment.policy_notes:
        cover.text(f"● {note}")


