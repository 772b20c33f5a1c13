"""The dashboard's grid: where its blocks stand, the values of its tiles, how its tables look."""

from __future__ import annotations

from dataclasses import dataclass

from xlsxwriter.format import Format

from kam_xl.core.policy import Tier
from kam_xl.showing import theme
from kam_xl.template.figures import Figures, Samples
from kam_xl.template.layout import FIRST, LAST, Draft, Formula, ReadingSheet

TILES = ("customers", "amount", "top_share", "overdue", "cases", "renewals")
CHART_ROWS, CHART_ROW = 10, 18.75  # how many rows a chart covers, and their height in points
#: Columns of the tables that hold figures.
_FIGURES = ("customers", "share", "target_low", "target_high", "amount_short", "amount_share", "each", "off", "row")
#: Columns of the tier table: what stands in them → the first grid column.
COLUMNS = {"tier": FIRST, "customers": 3, "share": 4, "target_low": 5, "target_high": 6, "check": 7, "amount": 9,
           "amount_share": 10, "each": 11, "off": LAST + 2}  # fmt: skip
SOURCE = LAST + 2  # what the blocks count with, outside the printed page


@dataclass
class Board:
    """The dashboard being written. Its rows are known beforehand: the headline looks at what stands below it."""

    grid: ReadingSheet
    figures: Figures

    def __post_init__(self) -> None:
        self.value_row = self.grid.row + 3  # below the headline, a gap and the tiles' labels
        self.chart_row = self.value_row + 3
        self.tier_row = self.chart_row + CHART_ROWS + 3

    @property
    def draft(self) -> Draft:
        """The workbook."""
        return self.grid.draft

    @property
    def known(self) -> Samples:
        """The sample data."""
        return self.figures.known

    @property
    def tiers(self) -> tuple[Tier, ...]:
        """The policy's tiers, highest first."""
        return self.draft.policy.tiers

    @property
    def scored(self) -> int:
        """How many of the samples have a tier."""
        return sum(len(self.known.in_tier(tier.key)) for tier in self.tiers)

    def at(self, row: int, column: int) -> str:
        """The address of a cell."""
        return self.grid.cell(row, column)

    def of_tiers(self, column: str) -> str:
        """A column of the tier table as a range."""
        last = self.tier_row + len(self.tiers) - 1
        return f"{self.at(self.tier_row, COLUMNS[column])}:{self.at(last, COLUMNS[column])}"

    def value(self, name: str) -> Formula:
        """A tile's value, by its cell."""
        values = {
            "customers": len(self.known.customers),
            "amount": self.known.amount,
            "overdue": self.figures.overdue().value,
            "cases": self.figures.cases().value,
        }
        return Formula(self.at(self.value_row, FIRST + 2 * TILES.index(name)), values[name])

    def unscored(self) -> Formula:
        """How many customers have no tier."""
        customers = self.value("customers")
        return Formula(f"({customers.text}-SUM({self.of_tiers('customers')}))", customers.value - self.scored)

    def note(self, key: str, **facts: Formula) -> Formula:
        """A sentence of the dashboard."""
        return self.draft.sentence(f"template.dash.{key}", **facts)

    def header(self, spans: dict[str, int], column: int = FIRST) -> None:
        """The header of a table: figures right, words left."""
        for name, span in spans.items():
            look = self.draft.format(
                bold=True,
                font_color=theme.MUTED,
                font_size=theme.NOTE_SIZE,
                bottom=1,
                bottom_color=theme.MUTED,
                align="right" if name in _FIGURES else "left",
                indent=1,
            )
            self.grid.put(self.grid.row, column, self.draft.label(f"template.dash.{name}"), look, span=span)
            column += span

    def line(self, kind: str = "", /, **more: object) -> Format:
        """The look of a table's cell: a hairline below, figures right."""
        look = {"bottom": 1, "bottom_color": theme.LINE, "indent": 1, "align": "right" if kind else "left"}
        if kind:
            look["num_format"] = theme.NUMBER_FORMATS[kind]
        return self.draft.format(**(look | more))

    def source(self, **more: object) -> Format:
        """The look of what the blocks count with."""
        look = {"font_color": theme.MUTED, "font_size": theme.NOTE_SIZE, "align": "right", "indent": 1}
        return self.draft.format(**(look | more))

    def finding(self) -> Format:
        """The look of a chart's title: what there is to see in it."""
        return self.draft.format(bold=True, font_color=theme.INK, font_size=11)
