"""A glance never overlooks what the patterns of `odd_cells` find, and overlooks nothing it is asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_xl.hosts import glances, odd_cells

PIECES = st.lists(
    st.sampled_from(
        ["<v>", '<c r="', '"', "'", " ", "1", "9999", "99999", "A", "AB", "xyz", "é", "<f", ":f", 't="e"', "r =", "r= ", "r='"]
    ), max_size=12,
).map("".join).map(str.encode)  # fmt: skip


@given(PIECES)
def test_what_a_pattern_finds_a_glance_does_not_deny(content: bytes) -> None:
    assert glances.may_hold_far_cell(content) or not odd_cells._FAR.search(content)
    for marks in (odd_cells._ODD_CELL, odd_cells._ODDLY):
        assert glances.holds(content, marks) == any(mark in content for mark in marks)


@pytest.mark.parametrize("shift", range(-12, 3))
@pytest.mark.parametrize("far", [b'r="ABC1"', b'r="A50000"'])
def test_nothing_hides_where_two_pieces_meet(far: bytes, shift: int) -> None:
    content = b"<c ".ljust(glances._PIECE + shift) + far

    assert glances.may_hold_far_cell(content)
    assert glances.holds(content, (far[-2:],))


@pytest.mark.parametrize(
    "plain", [b'<c r="AB9999" s="1"><v>45282.125</v></c><c r="E8"><v>-7</v></c>', b"", b"<", b"v>"]
)
def test_a_glance_clears_what_nearly_every_part_holds(plain: bytes) -> None:
    assert not glances.may_hold_far_cell(plain)
    assert not glances.holds(plain, (b"<f", b"r='"))
