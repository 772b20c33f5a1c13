"""The dashboard's charts: native, without a title of their own, since the finding stands in the cell above each."""

from __future__ import annotations

from xlsxwriter.chart import Chart

from kam_xl.showing import theme
from kam_xl.template.board import CHART_ROW, CHART_ROWS, COLUMNS, Board
from kam_xl.template.layout import FIRST, LAST, Formula

HALF = LAST // 2
DASH, HALO = 17, 24  # the sizes of a target's mark, and of the white one below it


def add(board: Board) -> None:
    """The tiers against their targets, and what they bring, side by side."""
    grid, top = board.grid, board.grid.row
    if top != board.chart_row:
        raise ValueError("the charts stand elsewhere than the board says")
    for column, title in ((FIRST, _tier_finding(board)), (FIRST + HALF, _amount_finding(board))):
        grid.put(top, column, title, board.finding(), span=HALF)
    grid.next(22)
    for _ in range(CHART_ROWS):
        grid.next(CHART_ROW)
    size = (HALF * grid.pixels - 16, round(CHART_ROWS * CHART_ROW * 4 / 3) - 10)
    _insert(board, _tier_chart(board), (top + 1, FIRST), size, "alt_tiers")
    rows = (board.tier_row, board.tier_row + len(board.tiers) - 1)
    points = [{"fill": {"color": theme.TIER_COLOURS[tier.key]}} for tier in board.tiers]
    amounts = _bars(board, rows, (COLUMNS["tier"], COLUMNS["amount"]), points=points)
    _insert(board, amounts, (top + 1, FIRST + HALF), size, "alt_amount")


def add_largest(board: Board, rows: tuple[int, int], columns: tuple[int, int], height: float) -> None:
    """The largest customers as bars, beside their table; ``height`` in points."""
    chart = _bars(board, rows, columns, fill={"color": theme.TIER_COLOURS["key"]})
    chart.set_chartarea({"border": {"none": True}})
    size = (HALF * board.grid.pixels - 8, round(height * 4 / 3))
    _insert(board, chart, (rows[0] - 1, FIRST + HALF), size, "alt_top")


def _insert(board: Board, chart: Chart, place: tuple[int, int], size: tuple[int, int], alt: str) -> None:
    chart.set_size({"width": size[0], "height": size[1]})
    text = board.draft.text(f"template.dash.{alt}")
    options = {"x_offset": 4, "y_offset": 3, "object_position": 2, "description": text}
    board.grid.sheet.insert_chart(*place, chart, options)


def _range(board: Board, rows: tuple[int, int], column: int) -> list:
    return [board.grid.name, rows[0], column, rows[1], column]


def _header(board: Board, rows: tuple[int, int], column: int) -> list:
    """The header above some rows of a table, which follows the workbook's language; so does the legend that reads it."""
    return [board.grid.name, rows[0] - 1, column]


def _tier_chart(board: Board) -> Chart:
    """Actual shares as columns in the tiers' colours, the target's two ends as dashes."""
    draft, rows = board.draft, (board.tier_row, board.tier_row + len(board.tiers) - 1)
    tiers = _range(board, rows, COLUMNS["tier"])
    chart = draft.book.add_chart({"type": "column"})
    chart.add_series({
        "name": _header(board, rows, COLUMNS["share"]), "gap": 90, "categories": tiers,
        "values": _range(board, rows, COLUMNS["share"]),
        "points": [{"fill": {"color": theme.TIER_COLOURS[tier.key]}} for tier in board.tiers],
    })  # fmt: skip
    targets = draft.book.add_chart({"type": "line"})
    # on a dark column the white dash shows around the dark one, on white paper the dark one alone
    for color, size in ((theme.WHITE, HALO), (theme.INK, DASH)):
        for name in ("target_low", "target_high"):
            marker = {"type": "long_dash", "size": size, "border": {"color": color}, "fill": {"color": color}}
            targets.add_series({
                "name": _header(board, rows, COLUMNS[name]), "categories": tiers,
                "values": _range(board, rows, COLUMNS[name]), "line": {"none": True}, "marker": marker,
            })  # fmt: skip
    chart.combine(targets)
    _dress(chart)
    chart.set_legend({"position": "bottom", "font": _font(theme.MUTED), "delete_series": [0, 1, 2]})
    return chart


def _bars(board: Board, rows: tuple[int, int], columns: tuple[int, int], **look: object) -> Chart:
    """Amounts as bars that read from the top down, their figures beside them instead of a scale."""
    draft, (names, amounts) = board.draft, columns
    chart = draft.book.add_chart({"type": "bar"})
    chart.add_series({
        "name": _header(board, rows, amounts), "gap": 50,
        "categories": _range(board, rows, names), "values": _range(board, rows, amounts),
        "data_labels": {"value": True, "num_format": theme.NUMBER_FORMATS["count"], "font": _font(theme.INK)}, **look,
    })  # fmt: skip
    _dress(chart)
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}, "min": 0})
    line = {"line": {"color": theme.LINE}, "major_tick_mark": "none"}
    chart.set_y_axis({"reverse": True, "num_font": _font(theme.INK), **line})
    chart.set_legend({"none": True})
    return chart


def _dress(chart: Chart) -> None:
    chart.set_title({"none": True})
    chart.set_x_axis({"num_font": _font(theme.INK), "line": {"color": theme.LINE}, "major_tick_mark": "none"})
    grid = {"visible": True, "line": {"color": theme.LINE, "width": 0.75}}
    scale = {"num_format": theme.NUMBER_FORMATS["share"], "num_font": _font(theme.MUTED), "min": 0}
    chart.set_y_axis({**scale, "line": {"none": True}, "major_tick_mark": "none", "major_gridlines": grid})
    chart.set_chartarea({"border": {"color": theme.LINE}, "fill": {"color": theme.WHITE}})


def _font(color: str) -> dict[str, object]:
    return {"color": color, "size": theme.NOTE_SIZE}


# --- what there is to see ---------------------------------------------------------------------------------------------


def _tier_finding(board: Board) -> Formula:
    """How many tiers are on target, and the one furthest off."""
    off = board.of_tiers("off")
    shares = [len(board.known.in_tier(tier.key)) / max(board.scored, 1) for tier in board.tiers]
    distances = [
        round(max(tier.target_low - share, share - tier.target_high, 0), 9)
        for tier, share in zip(board.tiers, shares, strict=True)
    ]
    furthest = distances.index(max(distances))
    worst = board.tiers[furthest]
    tier, share, low, high = (
        f"INDEX({board.of_tiers(name)},MATCH(MAX({off}),{off},0))"
        for name in ("tier", "share", "target_low", "target_high")
    )
    number = Formula(str(len(board.tiers)), len(board.tiers))
    on_target = Formula(f'COUNTIF({board.of_tiers("check")},"●*")', distances.count(0))
    off_target = board.note(
        "chart_tiers",
        n=number,
        ok=on_target,
        tier=Formula(tier, board.draft.text(f"tier.{worst.key}")),
        share=_percent(share, shares[furthest]),
        low=_percent(low, worst.target_low),
        high=_percent(high, worst.target_high),
    )
    well, none = board.note("chart_tiers_well", n=number), board.note("chart_none")
    some = f"IF({on_target.text}={number.text},{well.text},{off_target.text})"
    value = off_target.value if board.scored else none.value
    return Formula(f"IF(COUNT({board.of_tiers('share')})=0,{none.text},{some})", value)


def _amount_finding(board: Board) -> Formula:
    """The tier that brings most of the whole amount."""
    amounts, total = board.of_tiers("amount"), board.value("amount")
    by_tier = {tier.key: sum(row["amount"] for row in board.known.in_tier(tier.key)) for tier in board.tiers}
    most = max(by_tier, key=by_tier.__getitem__)
    name = Formula(
        f"INDEX({board.of_tiers('tier')},MATCH(MAX({amounts}),{amounts},0))", board.draft.text(f"tier.{most}")
    )
    finding = board.note(
        "chart_amount", tier=name, share=_percent(f"MAX({amounts})/{total.text}", by_tier[most] / (total.value or 1))
    )
    none = board.note("chart_none")
    value = finding.value if by_tier[most] else none.value
    return Formula(f"IF(MAX({amounts})=0,{none.text},{finding.text})", value)


def _percent(formula: str, value: float) -> Formula:
    return Formula(f'TEXT({formula},"0%")', f"{value:.0%}")
