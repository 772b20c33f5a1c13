"""A waterfall on a first sheet: a native chart of the steps' own figures, in columns nobody sees."""

import zipfile

import openpyxl
import pandas as pd
import pytest
import xlsxwriter

from kam_xl import resources
from kam_xl.reports import waterfall_chart
from kam_xl.reports.first_sheet import FirstSheet
from kam_xl.reports.waterfalls import waterfall

WORDS = resources.words("zh-CN")
PARTS = pd.DataFrame({"figure": "high", "factor": ["own", "calendar"], "part": [4.0, -1.0]})


@pytest.fixture
def sheet(tmp_path):
    """A first sheet with one waterfall: 2, own data +4, the calendar −1, 5."""
    with xlsxwriter.Workbook(tmp_path / "one.xlsx") as workbook:
        first = FirstSheet(workbook, "封面", WORDS)
        waterfall_chart.add(first, waterfall("high", 2.0, 5.0, PARTS, ["昨晚", "今晚"], WORDS))
        first.close("")
    with zipfile.ZipFile(tmp_path / "one.xlsx") as made:
        assert b"plotVisOnly" not in made.read("xl/charts/chart1.xml")  # which would leave hidden cells out
    return openpyxl.load_workbook(tmp_path / "one.xlsx")["封面"]


def test_each_step_has_its_figures_in_hidden_columns(sheet):
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(2, 5, 17, 22)]
    assert rows == [
        ["昨晚  2", 0, 2, None, None, None],
        ["自身数据  +4", 2, None, None, 4, None],  # more at high risk is bad
        ["日历  −1", 5, None, 1, None, None],
        ["今晚  5", 0, 5, None, None, None],
    ]
    assert sheet.column_dimensions["Q"].hidden
    assert "Q" not in sheet.print_area.split(":")[-1]


def test_the_chart_stacks_what_stands_there_and_shows_hidden_cells(sheet):
    (chart,) = sheet._charts
    assert (chart.type, chart.grouping, chart.barDir) == ("bar", "stacked", "bar")
    assert [one.val.numRef.f for one in chart.series] == [f"封面!${x}$2:${x}$5" for x in "RSTUV"]
    assert {one.cat.strRef.f for one in chart.series} == {"封面!$Q$2:$Q$5"}
    assert (chart.y_axis.scaling.min, chart.y_axis.scaling.max) == (0.0, 6.0)
