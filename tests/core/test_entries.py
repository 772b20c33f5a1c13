"""What counts as nothing, what a list holds; and that no text, however odd, stops those that read it (handbook §2)."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kam_xl.core.amounts import parse_amount, unit_of
from kam_xl.core.choices import parse_status, parse_tier
from kam_xl.core.dates import parse_birthday, parse_date, parse_moment
from kam_xl.core.entries import is_nothing, split_list
from kam_xl.core.findings import SEVERITY
from kam_xl.core.ids import parse_id, parse_id_name, parse_phone
from kam_xl.core.numbers import parse_number, parse_share
from kam_xl.core.periods import parse_period
from kam_xl.core.quantities import parse_effect, parse_size
from kam_xl.core.scores import parse_score


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\u3000",
        "\u200b",
        "-",
        "－",
        "——",
        "/",
        "／",
        "无",
        "无 ",
        "無\u200b\u200b\u200b\u200b\u200b",
        "暂无",
        "N/A",
        "n/a",
        "NaN",
        "Null",
        "＃N/A",
    ],
)
def test_words_for_nothing(text: str) -> None:
    assert is_nothing(text)


@pytest.mark.parametrize("text", ["0", "无流失", "没有了", "nano", "N", "--5", "."])
def test_words_for_something(text: str) -> None:
    assert not is_nothing(text)


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("A产品、B服务", ["A产品", "B服务"]), ("A，B,C；D;E/F／G", ["A", "B", "C", "D", "E", "F", "G"]), ("A\nB", ["A", "B"]), ("A、A、", ["A"]),
        (" A 产品 ", ["A 产品"]), ("", []), ("、", []),
    ],
)  # fmt: skip
def test_a_list(text: str, items: list[str]) -> None:
    assert split_list(text) == items


HOSTILE = "0123456789０９٣²①½.,，-－–—~～至到年月日/／()（）[]【「%％万亿元千¥ \n\t\u3000\u200b'’eE+±:：;CkmRMBabT民国民國周一人名目标完成未无战略合计"


texts = (
    st.text(max_size=12)
    | st.text(HOSTILE, max_size=24)
    | st.from_regex(r"[0-9０-９]{1,4}[-/.年至~ ]{0,2}[0-9]{0,4}[-月人万%（]?.{0,4}", fullmatch=True)
)


ONE, TEXT = (float, int, type(None)), (str, type(None))


DAY = (dt.date, type(None))


SHAPES = {
    parse_amount: (ONE, TEXT),
    parse_score: (ONE, TEXT, TEXT),
    parse_date: (DAY, TEXT),
    parse_period: (DAY, DAY, TEXT),
    parse_id: (TEXT, TEXT),
    parse_id_name: (TEXT, TEXT, TEXT),
    parse_status: (TEXT, TEXT),
    parse_phone: (TEXT, TEXT),
    parse_size: (ONE, ONE, ONE, ONE, TEXT),
    parse_effect: (ONE, ONE),
}


@pytest.mark.parametrize("parse", SHAPES, ids=lambda parse: parse.__name__)
@given(text=texts)
def test_any_text_is_read_without_an_error(parse, text: str) -> None:
    found = parse(text)
    assert len(found) == len(SHAPES[parse])
    assert all(isinstance(value, kinds) for value, kinds in zip(found, SHAPES[parse], strict=True))
    assert parse is parse_effect or found[-1] is None or found[-1] in SEVERITY


@given(texts)
def test_a_mark_is_never_outside_the_scale(text: str) -> None:
    number, reason, code = parse_score(text)
    assert number is None or 0 <= number <= 100
    assert number is not None or code
    assert reason is None or reason.strip()


@given(texts)
def test_other_texts_are_read_without_an_error(text: str) -> None:
    parse_tier(text, {"战略": "strategic"})
    unit_of(text, "万元")
    split_list(text)


@given(texts)
def test_a_number_a_share_a_moment_and_a_choice_are_read_without_an_error(text: str) -> None:
    for number, code in (
        parse_number(text),
        parse_number(text, "年"),
        parse_share(text, percent=True),
    ):
        assert number is None or code is None
    for moment, code in (parse_moment(text), parse_birthday(text)):
        assert moment is None or code is None


@given(texts)
@settings(max_examples=50)
def test_an_id_in_normal_form_stays(text: str) -> None:
    normal, _ = parse_id(text)
    if normal:
        assert parse_id(normal) == (normal, None)


@pytest.mark.parametrize("digits", ["1e999", "-1e999", "9" * 400])
def test_a_number_no_cell_can_hold_is_unknown(digits):
    assert parse_amount(f"{digits}万") == (None, "amount_unparsed")
    assert parse_number(digits) == (None, "number_unparsed")
    assert parse_share(f"{digits}%") == (None, "number_unparsed")
    assert parse_size(f"{digits}人") == (None, None, None, None, "size_unparsed")
    assert parse_effect(f"增长{digits}%，目标{digits}%") == (None, None)
