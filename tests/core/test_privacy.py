"""What is personal in a text is hidden however it is written, and what is not personal stays readable (handbook §10)."""

import datetime as dt
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kam_xl import resources
from kam_xl.core import moves
from kam_xl.core.privacy import masked, masked_below, masked_birthday, masked_cell, without_numbers

WORDS = resources.words("zh-CN")


def readable(shown: str) -> int:
    """The most digits that can be read in one go, whatever stands between them."""
    runs = re.sub(r"[^\d*]", "", shown).split("*")
    return max(map(len, runs))


# --- numbers of people -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("13800001234", "138****1234"),
        ("王总138-0000-1234，周五", "王总138-****-1234，周五"),
        ("138—0000—1234", "138—****—1234"),
        ("138－0000－1234", "138－****－1234"),
        ("138‑0000‑1234", "138‑****‑1234"),
        ("138–0000–1234", "138–****–1234"),
        ("138 - 0000 - 1234", "138 - **** - 1234"),
        ("138\u00a00000\u00a01234", "138\u00a0****\u00a01234"),
        ("138\u30000000\u30001234", "138\u3000****\u30001234"),
        ("138  0000  1234", "138  ****  1234"),
        ("138\t0000\n1234", "138\t****\n1234"),
        ("138·0000·1234", "138·****·1234"),
        ("138\u200b0000\u200b1234", "138\u200b****\u200b1234"),
        ("138_0000_1234", "138_****_1234"),
        ("138/0000/1234", "138/****/1234"),
        ("138,0000,1234", "138,****,1234"),
        ("138~0000~1234", "138~****~1234"),
        ("138.0000.1234", "138.****.1234"),
        ("138.00001234", "138.****1234"),
        ("138一0000一1234", "138******1234"),
        ("13800 001234", "138** **1234"),
        ("1380 000 1234", "138* *** 1234"),
        ("1 3 8 0 0 0 0 1 2 3 4", "1 3 8 * * * * 1 2 3 4"),
        ("（138）00001234", "（138）****1234"),
        ("１３８００００１２３４", "１３８****１２３４"),
        ("一三八零零零零一二三四", "一三八****一二三四"),
        ("013800001234", "013*****1234"),
        ("+86 138 0000 1234", "+86 138 **** 1234"),
        ("+8613800001234", "+86138****1234"),
        ("008613800001234", "008********1234"),
        ("微信 wx13800001234", "微信 wx138****1234"),
        ("C001 13800001234", "C001 138****1234"),
        ("C001/138 0000 1234", "C001/138 **** 1234"),
        ("C001-138 0000 1234", "C001-138 **** 1234"),
        ("M138 0000 1234", "M138 **** 1234"),
        ("SO13800001234", "SO138****1234"),
        ("13800001234元旦联系", "138****1234元旦联系"),
        ("13800001234/13900005678", "138****1234/139****5678"),
        ("王总13800001234 2023-10-01", "王总138****1234 2023-10-01"),
        ("13800001234.0", "138****1234.0"),
    ],
)  # fmt: skip
def test_a_mobile_number_is_hidden_however_it_is_spelt(typed: str, shown: str) -> None:
    assert masked(typed) == shown


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("021-88885675", "021-****5675"),
        ("021－88885675", "021－****5675"),
        ("02188885675", "021****5675"),
        ("（021）58880000", "（021）****0000"),
        ("0755-1234-5678", "075*-****-5678"),
        ("86-21-58880000", "86-21-****0000"),
        ("021-58880000 转 8012", "021-****0000 转 ****"),
        ("021-58880000-801", "021-*******0-801"),
        ("021 20231001", "021 ****1001"),
        ("wang021-88885675", "wang021-****5675"),
        ("400-810-8888", "40*-***-8888"),
        ("8008108888", "80****8888"),
        ("852-91234567", "852-****4567"),
        ("+853 6123 4567", "+853 **** 4567"),
        ("02-2555-0101", "02-****-0101"),
        ("0912-345-678", "09**-**5-678"),
        ("(415) 555-2671", "(41*) ***-2671"),
        ("4155552671", "41****2671"),
        ("+1 202 555 0100", "+1 20* *** 0100"),
        ("0044 20 7946 0958", "004* ** **** 0958"),
        ("020 7946 0958", "020 **** 0958"),
        ("TEL02188885675", "TEL021****5675"),
        ("C001/021 8888 5675", "C001/021 **** 5675"),
        ("C001-021 8888 5675", "C001-021 **** 5675"),
        ("T021 8888 5675", "T021 **** 5675"),
    ],
)
def test_a_landline_and_a_number_abroad_are_hidden(typed: str, shown: str) -> None:
    assert masked(typed) == shown


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("电话88885675", "电话****5675"),
        ("座机：8888-5675", "座机：****-5675"),
        ("請致電李姐 88885675", "請致電李姐 ****5675"),
        ("Tel.: 8888 5675", "Tel.: **** 5675"),
        ("call Mr Wang on 5551234", "call Mr Wang on *******"),
        ("88885675（办公）", "****5675（办公）"),
        ("88885675转801", "****5675转***"),
        ("8888 5675 ext. 12", "**** 5675 ext. **"),
        ("+6591234", "+*******"),
        ("QQ 12345678", "QQ ****5678"),
        ("TEL88885675", "TEL****5675"),
        ("电话20231001", "电话****1001"),
        ("请联系王总 1380000…", "请联系王总 *******…"),
    ],
)
def test_fewer_digits_are_hidden_where_something_calls_them_a_phone(typed: str, shown: str) -> None:
    assert masked(typed) == shown


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("310101199001011234", "310***********1234"),
        ("31010119900101123X", "310**********1123X"),
        ("310101 19900101 123x", "310*** *******1 123x"),
        ("310101900101123", "310********1123"),
        ("身份证 A1234567", "身份证 A*******"),
        ("6222 0212 3456 7890 123", "622* **** **** ***0 123"),
        ("wang.xm@example.com", "w******@example.com"),
        ("邮箱wang＠example．com", "邮箱w***＠example．com"),
        ("a@b.cn", "*@b.cn"),
        ("13800001234@qq.com", "1**********@qq.com"),
        ("生日5月3日", "生日*月*日"),
        ("出生日期=1990-05-03", "出生日期=****-**-**"),
        ("Birthday: 1990/5/3", "Birthday: ****/*/*"),
    ],
)
def test_papers_cards_mails_and_birthdays_are_hidden(typed: str, shown: str) -> None:
    assert masked(typed) == shown


@pytest.mark.parametrize(
    "text", ["电话 88881234 won", "call 88881234 try again", "call 88881234 real soon", "致电88881234usda"]
)
def test_a_word_that_is_a_currency_elsewhere_makes_no_money_of_a_phone(text: str) -> None:
    assert "****1234" in masked(text)


# --- numbers of things -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "5,200,000", "520,000,000.50 元", "1,234,567.8", "12345678元", "1234567890元", "¥1234567890", "RMB 1234567890",
        "1234567890 SGD", "1234567890日圓", "1234567890加元", "₩1234567890", "NT$1234567890",
        "1.9 亿元, 32 %", "0.30000000000000004", "1234567.891234",
        "2023-10-01至2024-01-01", "2023-10-01-2024-01-01", "2023.10.1-12.31", "2023-10~2024-01", "2023-2024", "20231001",
        "20231001-20231231", "1/10/2023 2/11/2023", "2023年10月1日", "2026-11-28 02:00:00", "2026-11-28T02:00", "2021 2022 2023",
        "08:00-18:00 09:00-12:00", "最近联系 20231001", "上次联系2025.9-2026.3", "2025-10-01, 2025-11-02, 2025-12-03",
        "92/88/85/90/76", "95 92 90 93.1", "89.4 → 70.0", "30%，目标50%", "500-1000人/5-10亿元", "10000-50000人",
        "C2023000001", "SO20231101000123", "PO-2023-0001234", "PO-2023-0001234 2023-10-01", "合同 HT-2023-000123456", "20231001000123", "C001, C002, C003",
        "客户信息!A1048576:L1048576", "第13800001次", "88885675", "8888-5675", "1234567", "", "王总", "138****1234",
    ],
)  # fmt: skip
def test_what_is_no_number_of_a_person_stays(text: str) -> None:
    assert masked(text) == text


@pytest.mark.parametrize(
    "text", ["13800001234", "C001/13800001234", "见 1380000-1234。", "KA-2024-13800001234", "91310115123456789"]
)
def test_the_customers_own_ids_stay(text: str) -> None:
    ids = {"13800001234", "1380000-1234", "KA-2024-13800001234", "91310115123456789"}

    assert masked(text, ids) == text
    assert masked(text) != text
    assert masked("13900001234", ids) == "139****1234"


# --- laws --------------------------------------------------------------------------------------------------------

PHONES = st.one_of(
    st.from_regex(r"1[3-9]\d{9}", fullmatch=True),
    st.from_regex(r"0(10|2[0-9]|[3-9]\d{2})[2-8]\d{7}", fullmatch=True),
    st.from_regex(r"[48]00[1-9]\d{6}", fullmatch=True),
    st.from_regex(r"(852[2-9]|8536)\d{7}", fullmatch=True),
    st.from_regex(r"[2-9]\d{2}[2-9]\d{6}", fullmatch=True),
    st.from_regex(r"(00|\+)(86|44|1|81|886)[1-9]\d{8,10}", fullmatch=True),
    st.from_regex(r"[1-8]\d{5}(19[4-9]\d|20[01]\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d)\d{3}[\dX]", fullmatch=True),
    st.from_regex(r"62\d{14,17}", fullmatch=True),
)
BETWEEN = st.sampled_from([" ", "  ", "\u00a0", "\u3000", "\t", "-", "－", "—", "–", "‑", " - ", ".", "·", "•", "_", "/", "~", "～",
                           "\u200b", "\u200d", ")", "）", "("])  # fmt: skip
DIGITS = st.sampled_from(["0123456789", "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗"])


@st.composite
def spellings(draw: st.DrawFn) -> str:
    """A made-up number set apart every three or four digits, in digits of any width."""
    phone, between, digits = draw(PHONES), draw(BETWEEN), draw(DIGITS)
    group = draw(st.sampled_from([3, 4, 20]))
    parts = [phone[i : i + group] for i in range(0, len(phone), group)]
    return between.join(parts).translate({ord(str(n)): digit for n, digit in enumerate(digits)})


@given(spellings(), st.sampled_from(["", "王总 ", "请联系：", "C001/", "拖欠货款，", "2026-11-28 ", "5,200,000元，"]))
def test_no_spelling_of_a_number_leaves_seven_digits_readable(spelling: str, before: str) -> None:
    shown = masked(before + spelling)

    assert shown.startswith(before.rstrip())
    assert readable(shown[len(before) :]) < 7


@given(st.text())
def test_a_text_without_digits_and_mails_stays(text: str) -> None:
    plain = re.sub(r"[\d@＠﹫〇零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖貳參陸²³¹⁰-₉①-⑨]", "", text)

    assert masked(plain) == plain


@given(st.text("0123456789-—－ ()./,:+*X一电话生日@ab元C…转、", max_size=60))
def test_masking_again_changes_nothing_and_never_the_length(text: str) -> None:
    shown = masked(text)

    assert masked(shown) == shown
    assert len(shown) == len(text)
    assert all(new in (old, "*") for old, new in zip(text, shown, strict=True))


@given(st.dates(dt.date(1990, 1, 1), dt.date(2049, 12, 31)), st.dates(dt.date(1990, 1, 1), dt.date(2049, 12, 31)))
def test_days_and_spans_of_them_stay(first: dt.date, last: dt.date) -> None:
    plain = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d/%m/%Y", "%Y-%m-%d %H:%M:%S")
    for form in (*(f"{{:{one}}}" for one in plain), "{0:%Y}年{0:%m}月{0:%d}日"):
        for to in ("至", " - ", "~", " to ", "、"):
            text = form.format(first) + to + form.format(last)
            assert masked(text) == text


@given(st.floats(0, 9e7), st.floats(0, 9e7), st.sampled_from(["amount", "score", "health"]))
@example(1388.31, 153.75, "amount")  # with the digits of a mobile number
def test_what_a_figure_was_and_is_and_by_how_much_it_changed_stays(before: float, after: float, figure: str) -> None:
    said = moves.step(before, after, figure, WORDS)
    assert masked(said) == said


@given(st.floats(-1e9, 1e9), st.sampled_from(["", "元", "万元", " CNY"]))
def test_amounts_as_we_write_them_stay(amount: float, unit: str) -> None:
    for text in (f"{amount:,.1f}{unit}", f"{amount:,.0f}{unit}", f"{amount:.1f}{unit}"):
        assert masked(text) == text


# --- cells and columns -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13800138000", "138****8000"), ("138-0013-8000", "138-****-8000"), ("+86 138 0013 8000", "+86 138 **** 8000"),
        ("010-12345678", "010-****5678"), ("1234567", "*******"), ("12345678", "****5678"), ("138****8000", "***********"),
        ("wang@example.com", "w***@example.com"), ("", ""),
    ],
)  # fmt: skip
def test_a_cell_of_a_phone_column_is_one_number(phone: str, shown: str) -> None:
    assert masked_cell(phone) == shown


@pytest.mark.parametrize("day", ["1975-05-03", "1975年5月3日", "19750503", "1975/5/3 00:00:00", "5月3日", "５-３"])
def test_a_day_among_personal_data_shows_no_digit(day: str) -> None:
    assert not any(char.isdigit() for char in masked_cell(day) + masked_birthday(day))


@given(st.text("0123456789-+ ()转*", max_size=30))
def test_a_cell_keeps_its_length_and_shows_few_digits(phone: str) -> None:
    shown = masked_cell(phone)

    assert len(shown) == len(phone)
    assert sum(char.isdigit() for char in shown) <= 9  # 86 and seven more


@given(st.text("0123456789-+ ()\u3000", max_size=30))
def test_of_a_bare_number_that_is_covered_nothing_is_left_to_be_hidden(phone: str) -> None:
    assert masked(masked_cell(phone)) == masked_cell(phone)


@pytest.mark.parametrize(
    ("header", "text", "shown"),
    [
        ("座机", "88885675", "****5675"),
        ("身份证号", "A1234567", "A*******"),
        ("生日", "1990-05-03", "****-**-**"),
        ("Mobile Phone", "9123 4567", "**** 4567"),
        ("数量", "88885675", "88885675"),
    ],
)
def test_a_header_tells_what_stands_below_it(header: str, text: str, shown: str) -> None:
    assert masked_below(header, text) == shown


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("使用率30%，目标50%", "使用率30%，目标50%"),
        ("电话 138 0000 1234，目标50%", "电话              ，目标50%"),
        ("电话88885675转801", "电话"),
    ],
)
def test_numbers_of_people_can_be_left_out(text: str, left: str) -> None:
    assert without_numbers(text).rstrip() == left


@pytest.mark.parametrize(
    "text",
    ["1", " ", "1 ", "12-", "138-", "(", ",", "A", "a1", "一", "@", "a@", "生日", "电话", "2023-", "1:", "1.", "*"],
)
def test_time_is_linear_in_the_length(text: str) -> None:
    long = (text * 40_000)[:40_000]
    times = []
    for size in (10_000, 40_000):
        started = dt.datetime.now()
        masked(long[:size])
        times.append((dt.datetime.now() - started).total_seconds())

    assert times[1] < 20 * times[0] + 0.5  # four times as long; quadratic would be sixteen, at seconds
