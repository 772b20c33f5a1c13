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


@dataclass(frozen=True)
class Chapter:
    """One kind of data sheet: its key, name, group and rows in all, and (sheet name, rows) of each of its sheets.

    One that could not be made has no rows that anybody knows of.
    """

    key: str
    name: str
    group: str
    rows: int | None
    parts: tuple[tuple[str, slice], ...]


@dataclass(frozen=True)
class Cell:
    """One cell of a line: what stands in it, over how many columns, how it looks, where it leads."""

    value: object
    span: int = 1
    look: Look = NEUTRAL
    bar: str | None = None  # the colour of a bar at its left edge
    num_format: str | None = None
    bold: bool = False
    wrapped: bool = True
    link: str | None = None


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


class _Cover:
    """The sheet being written from the top down; ``row`` is the next free row."""

    def __init__(self, workbook: Workbook, worksheet: Worksheet, words: Words) -> None:
        self.workbook, self.worksheet, self.words = workbook, worksheet, words
        self.row = 0
        self.depth = 0.0  # of the next free row, in points
        self._formats: dict[tuple, Format] = {}

    def format(self, **properties: object) -> Format:
        """One format for the same properties."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.workbook.add_format({"valign": "vcenter", **properties})
        return self._formats[key]

    def text(self, text: str, height: float = LINE + PAD, **properties: Any) -> None:
        """One line of text over the whole width, as many lines high as it needs."""
        size = properties.get("font_size", theme.FONT_SIZE)
        lines = _lines(text, (LAST - FIRST + 1) * theme.FONT_SIZE / size)
        self.put(FIRST, LAST, text, self.format(text_wrap=True, **properties))
        self.next(height + (lines - 1) * LINE * size / theme.FONT_SIZE)

    def heading(self, text: str) -> None:
        """The title of a block, with air above."""
        self.next(LINE)
        look = {"bold": True, "font_size": theme.SECTION_SIZE, "font_color": theme.HEADER_FILL}
        self.put(FIRST, LAST, text, self.format(bottom=2, bottom_color=theme.HEADER_FILL, **look))
        self.next(HEADING)

    def header(self, *cells: Cell) -> None:
        """The header of a table."""
        column = FIRST
        properties = {
            "bold": True,
            "font_color": theme.MUTED,
            "bottom": 1,
            "bottom_color": theme.MUTED,
            "text_wrap": True,
        }
        for cell in cells:
            style = self.format(align="right" if cell.num_format else "left", indent=1, **properties)
            self.put(column, column + cell.span - 1, cell.value, style)
            column += cell.span
        self.next(_height(cells))

    def line(self, *cells: Cell) -> None:
        """One row of a table, as high as its longest text needs."""
        column = FIRST
        for cell in cells:
            self.put(column, column + cell.span - 1, cell.value, self._style(cell), cell.link)
            column += cell.span
        self.next(_height(cells))

    def put(self, first: int, last: int, value: object, style: Format, link: str | None = None) -> None:
        """Write one value over some columns of the row; a text stays a text."""
        if last > first:
            self.worksheet.merge_range(self.row, first, self.row, last, "", style)
        if not isinstance(value, str):
            self.worksheet.write_number(self.row, first, value, style)
            return
        text = columns.legal(value, self.words("master.cut"))
        if link:
            self.worksheet.write_url(self.row, first, link, style, text)
        else:
            self.worksheet.write_string(self.row, first, text, style)

    def next(self, height: float) -> None:
        """Close the row at this height, in points."""
        self.worksheet.set_row(self.row, height)
        self.row += 1
        self.depth += height

    def _style(self, cell: Cell) -> Format:
        properties = {
            "font_color": cell.look.text,
            "bottom": 1,
            "bottom_color": theme.LINE,
            "indent": 1,
            "bold": cell.bold,
        }
        properties |= (
            {"num_format": cell.num_format, "align": "right"} if cell.num_format else {"text_wrap": cell.wrapped}
        )
        if cell.look.fill != theme.WHITE:
            properties["bg_color"] = cell.look.fill
        if cell.bar:
            properties |= {"left": 5, "left_color": cell.bar}
        if cell.link:
            properties |= {"underline": 1, "font_color": theme.LINK}
        return self.format(**properties)


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


def _named(names: Vocabulary, key: Any) -> Cell:
    name = names.unknown if pd.isna(key) else names.names[key]
    return Cell(name, look=names.looks.get(name, NEUTRAL), wrapped=False)


def _tier(names: Vocabulary, key: Any) -> Cell:
    """A tier with a bar in its colour: on a sheet to read, a filled cell would outshout the verdicts."""
    name = names.unknown if pd.isna(key) else names.names[key]
    return Cell(name, bar=theme.TIER_COLOURS.get(key, theme.LINE), wrapped=False)


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


def _contents(cover: _Cover, chapters: Sequence[Chapter]) -> None:
    """The other sheets with their rows and what they hold; a table that needed several sheets says so."""
    words = cover.words
    cover.heading(words("master.summary.sheets"))
    for group, members in itertools.groupby(chapters, key=lambda chapter: chapter.group):
        cover.header(Cell(words(f"master.group.{group}"), LAST))
        for chapter in members:
            link = f"internal:'{chapter.name}'!A1"
            rows = (
                words("failure.short") if chapter.rows is None else words("master.summary.rows", n=f"{chapter.rows:,}")
            )
            cover.line(Cell(chapter.name, 2, link=link), Cell(rows, 2), Cell(words(f"master.about.{chapter.key}"), 10))
    for chapter in chapters:
        if len(chapter.parts) > 1:
            names = words("terms.list_separator").join(name for name, _ in chapter.parts)
            note = words("master.summary.split", sheet=chapter.name, n=len(chapter.parts), names=names)
            cover.text(f"● {note}", font_color=theme.VERDICTS["watch"].text)


def _height(cells: Sequence[Cell]) -> float:
    """The height of a row that shows the whole of its longest text, in points."""
    lines = (_lines(cell.value, cell.span) for cell in cells if isinstance(cell.value, str) and cell.wrapped)
    return max(lines, default=1) * LINE + PAD


def _lines(text: str, columns: float) -> int:
    """How many lines a text needs over some columns."""
    return sizes.lines_of(text, columns * (WIDTH + 1.5) - 2)
