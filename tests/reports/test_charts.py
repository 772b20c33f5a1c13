"""The pictures say in their label what they draw, and draw what they say."""

import re

import pytest

from kam_xl.reports import charts

UNKNOWN = float("nan")


@pytest.mark.parametrize(
    ("shares", "end"),
    [([], 0.1), ([0.0], 0.1), ([0.1], 0.1), ([0.11], 0.2), ([0.3, 0.6], 0.6), ([1.0], 1.0), ([UNKNOWN, 0.25], 0.3)],
)
def test_the_scale_ends_at_the_next_ten_percent(shares, end):
    assert end == charts.scale_end(shares)


def test_a_bar_stands_over_its_target_range():
    bar = charts.share_bar(0.12, 0.10, 0.15, 0.5, "#123456", "strategic 12%, target 10%–15%")

    assert 'role="img" aria-label="strategic 12%, target 10%–15%"' in bar
    assert '<rect x="20.00%" y="1" width="10.00%"' in bar
    assert '<rect x="0.00%" y="7" width="24.00%" height="10" fill="#123456"/>' in bar
    assert re.findall(r'<line x1="([\d.]+%)"', bar) == ["20.00%", "30.00%"]


def test_a_bar_without_a_target_has_no_marks():
    assert "<line" not in charts.share_bar(0.12, UNKNOWN, UNKNOWN, 0.5, "#123456", "not scored 12%")


def test_a_label_cannot_break_out_of_its_attribute():
    assert 'aria-label="&#34;&gt;&lt;script&gt;"' in charts.share_bar(
        0.5, UNKNOWN, UNKNOWN, 1.0, "#123456", '"><script>'
    )
