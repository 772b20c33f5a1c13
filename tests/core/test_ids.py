"""IDs, names beside them and phones are read as people mean them (handbook §2)."""

import datetime as dt

import pytest

from kam_xl.core.ids import id_shape, is_damaged, named_behind, parse_id, parse_id_name, parse_phone
from kam_xl.core.texts import narrow


@pytest.mark.parametrize(
    "text", ["C001 ", " c001", "ｃ００１", "Ｃ００１", "C 001", "C001\n", "C\u00a0001", "C001\u200b", "\ufeffC001"]
)
def test_an_id_after_width_case_and_blanks(text: str) -> None:
    assert parse_id(text) == ("C001", None)


@pytest.mark.parametrize("text", ["C001", "1", "001", "C-001", "客户001", "C001/某科技"])
def test_an_id_is_otherwise_left_alone(text: str) -> None:
    assert parse_id(text) == (text, None)


@pytest.mark.parametrize("text", ["", " ", "-", "无", "\u200b"])
def test_no_id(text: str) -> None:
    assert parse_id(text) == (None, "id_missing")
    assert parse_id_name(text) == (None, None, "customer_missing")


@pytest.mark.parametrize(
    ("text", "customer_id", "name"),
    [
        ("C001/某科技", "C001", "某科技"), ("c001／某科技", "C001", "某科技"), ("C001 / 某科技 ", "C001", "某科技"), ("C001 某科技", "C001", "某科技"),
        ("C001、某科技", "C001", "某科技"), ("C001：某科技", "C001", "某科技"), ("C001|某科技", "C001", "某科技"), ("C001\n某科技", "C001", "某科技"),
        ("C001（某科技）", "C001", "某科技"), ("C001 (某科技)", "C001", "某科技"), ("C001-某科技", "C001", "某科技"), ("\ufeffC001/某科技", "C001", "某科技"),
        ("C001/某科技（上海）有限公司", "C001", "某科技（上海）有限公司"), ("C001/某科技/分公司", "C001", "某科技/分公司"), ("C001/-", "C001", None),
        ("KH2023-0001/某", "KH2023-0001", "某"), ("001/某", "001", "某"), ("C001", "C001", None), ("kh-001", "KH-001", None), ("12", "12", None),
        ("某科技", None, "某科技"), ("3M公司", None, "3M公司"), ("360科技", None, "360科技"), ("A4纸业", None, "A4纸业"), ("C001某科技", None, "C001某科技"),
        ("138 0000 1234", None, "138 0000 1234"), ("86-138 0000 1234", None, "86-138 0000 1234"), ("1001 360", "1001", "360"), ("100000001/360", "100000001", "360"),
    ],
)  # fmt: skip
def test_an_id_a_name_or_both(text: str, customer_id: str | None, name: str | None) -> None:
    found = parse_id_name(text)
    assert (found[0], found[1] and narrow(found[1]), found[2]) == (customer_id, name and narrow(name), None)


@pytest.mark.parametrize(("customer_id", "shape"), [("C001", "C999"), ("C01", "C99"), ("1", "9"), ("KH-20", "KH-99")])
def test_the_shape_of_an_id(customer_id: str, shape: str) -> None:
    assert id_shape(customer_id) == shape


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("138-0013-8000", ("138-0013-8000", None)),
        ("＋86 138 0013 8000", ("+86 138 0013 8000", None)),
        ("13800138000.0", ("13800138000", None)),
        ("13800138000/13900139000", ("13800138000/13900139000", None)),
        ("138****8000", ("138****8000", "phone_masked")),
        ("138＊＊＊＊8000", ("138****8000", "phone_masked")),
        ("1.38E+10", (None, "phone_damaged")),
        ("1.38e10", (None, "phone_damaged")),
        ("-", (None, None)),
    ],
)
def test_a_phone(text: str, reading: tuple) -> None:
    assert parse_phone(text) == reading


@pytest.mark.parametrize(
    ("cell", "damaged"),
    [
        (9.13101151234567e17, True), (1e15, True), (999999999999999.0, False), (10**15, True), (-1e15, True), ("9.13E+17", True),
        ("9.13e17", True), ("９．１３Ｅ＋１７", True), ("9E+17/某科技", True), ("9E17", False), ("1E5", False), ("9.13E+17A", False), ("KH9.13E+17", False),
        ("913101159999999991", False), (dt.date(2024, 3, 1), True), (dt.datetime(2024, 3, 1, 2), True), (dt.time(8), True), ("2024-03-01", False),
        ("", False),
    ],
)  # fmt: skip
def test_what_a_spreadsheet_spoilt_is_damaged(cell: object, damaged: bool) -> None:
    assert is_damaged(cell) == damaged


@pytest.mark.parametrize(("text", "name"), [("9.13E+17/某科技", "某科技"), ("9.13E+17", None), ("C001/某科技", None)])
def test_the_name_behind_a_damaged_id_is_kept(text: str, name: str | None) -> None:
    assert named_behind(text) == name
