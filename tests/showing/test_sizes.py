"""How wide a column stands: measured as a whole, as if its texts were measured one by one."""

from hypothesis import given
from hypothesis import strategies as st

from kam_xl.showing import sizes
from kam_xl.showing.columns import ReadyColumn
from kam_xl.showing.theme import VERDICTS

CELLS = st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]) | st.sampled_from("a中é\n"), max_size=12
)


@given(st.lists(st.none() | CELLS, max_size=12))
def test_a_column_of_texts_is_as_wide_as_nine_in_ten_of_them_need(values):
    widths = sorted(max(map(sizes.text_width, text.split("\n"))) for text in values if text is not None) or [0]

    found = sizes.width(ReadyColumn("name", "h", values))

    assert found == min(max(widths[int(0.9 * len(widths))] + sizes.PADDING, 8), 40)


def test_figures_and_days_are_as_wide_as_they_show():
    assert (
        sizes.width(ReadyColumn("amount", "h", [1.0, "—", None, 123456789.0], kind="amount"))
        == len("123,456,789.0") + 2
    )
    assert sizes.width(ReadyColumn("due", "h", [46000.0, 46001.0, "—"], kind="date")) == len("2026-11-29") + 2


@given(st.floats(-1e18, 1e18) | st.sampled_from([9.95, 99.95, 999.95, 9.949999999999999, -0.0, -0.01, 1e15]))
def test_a_figure_is_as_long_as_it_shows(value):
    found = sizes.width(ReadyColumn("amount", "h", [value], kind="amount"))

    assert found == min(max(len(f"{value:,.1f}") + sizes.PADDING, 8), 40)


@given(st.lists(CELLS, max_size=8, unique=True), st.floats(0.5, 12))
def test_which_texts_need_several_lines_is_seen_of_all_as_of_each(texts, room):
    each = {text: count for text in texts if (count := sizes.lines_of(text, room)) > 1}

    assert sizes.longer(texts, room) == each


def test_a_word_with_a_look_shows_whole_though_it_stands_once_among_a_thousand():
    wide = "a word of some length"
    words = ["high"] * 999
    words.insert(501, wide)

    assert sizes.width(ReadyColumn("level", "h", words, looks={"high": VERDICTS["bad"]})) == len(wide) + sizes.PADDING
    assert sizes.width(ReadyColumn("level", "h", words)) < len(wide)
