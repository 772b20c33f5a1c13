"""What people type is read as they mean it, and where it could mean two things it is unknown (handbook §2)."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opencc import OpenCC

from kam_xl.core import cells
from kam_xl.core.findings import SEVERITY
from kam_xl.core.policy import Policy
from kam_xl.core.sheets import OPTIONAL
from kam_xl.core.texts import narrow
from kam_xl.core.words import LANGUAGES

D = dt.date


def day(text: str | None) -> dt.date | None:
    return text and D.fromisoformat(text)


# --- nothing, amounts --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["", " ", "\u3000", "\u200b", "-", "－", "——", "/", "／", "无", "无 ", "暂无", "N/A", "n/a", "NaN", "Null", "#N/A"],
)
def test_words_for_nothing(text: str) -> None:
    assert cells.is_nothing(text)


@pytest.mark.parametrize("text", ["0", "无流失", "没有了", "nano", "N", "--5", "."])
def test_words_for_something(text: str) -> None:
    assert not cells.is_nothing(text)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("520", 520), ("520.5", 520.5), ("0", 0), ("+520", 520), ("-12.5", -12.5), ("－12.5", -12.5), (" 520 ", 520),
        ("'520", 520), ("１２３", 123), ("５２０．５", 520.5), ("1,234", 1234), ("1，234，567.5", 1234567.5), ("1e5", 100000),
        ("1E+05", 100000), ("(12.5)", -12.5), ("（12.5万）", -12.5), ("520万", 520), ("520萬", 520), ("520 万元", 520),
        ("520\n万", 520), ("520W", 520), ("520万元整", 520), ("人民币520万元整", 520), ("520万元人民币", 520),
        ("520 万元 人民币", 520), ("RMB 520万", 520), ("￥520万", 520), ("¥3,200,000元", 320), ("3,200,000元整", 320),
        ("1,234.50元", 0.12345), ("1,234.50 yuan", 0.12345), ("5千", 0.5), ("5千元", 0.5), ("100K", 10), ("10 百万", 1000),
        ("3.2百万元", 320), ("5.2千万", 5200), ("1.5M", 150), ("1.5 million", 150), ("0.12亿", 1200), ("5億元", 50000),
    ],
)  # fmt: skip
def test_an_amount_that_leaves_no_doubt(text: str, amount: float) -> None:
    assert cells.parse_amount(text) == (amount, None)


@pytest.mark.parametrize(
    "text",
    [
        "≈300", "约300万", "300左右", ">500万", "500万+", "500-800", "500~800万", "五百万", "1亿2000万", "很多", "待定",
        "$100", "USD 100", "100美元", "港币100万", "HK$100万", "￥3,200,000", "RMB520.00", "1.234,50", "12,34", "1,2345", "1 234 567",
        "1'234", "520.", "520.0.0", "1_000", "20%", "1/2", "½", "520①", "520²", "520万①", "5²", "2023-10-20", "520万/年", "inf", "--5",
    ],
)  # fmt: skip
def test_an_amount_that_could_be_another_is_unknown(text: str) -> None:
    assert cells.parse_amount(text) == (None, "amount_unparsed")


@pytest.mark.parametrize("text", ["", "-", "N/A", "无"])
def test_no_amount_is_missing_not_zero(text: str) -> None:
    assert cells.parse_amount(text) == (None, "amount_missing")


def test_a_bare_number_is_in_the_headers_unit_and_a_typed_unit_outranks_it() -> None:
    assert cells.parse_amount("5200000", 1e-4) == (520, None)
    assert cells.parse_amount("520万", 1e-4) == (520, None)
    assert cells.parse_amount("520", None) == (None, "amount_unparsed")
    assert cells.parse_amount("520万", None) == (520, None)


@pytest.mark.parametrize(
    ("header", "factor"),
    [
        ("累计交易额（万元）", 1), ("累計交易額（萬元）", 1), ("累计交易额", 1), ("累计交易额\n(万元)", 1), ("累计交易额（万\n元）", 1),
        ("累计交易额（单位：万元）", 1), ("累计交易额（人民币万元）", 1), ("累计交易额（万元", 1), ("Cumulative amount (10k CNY)", 1),
        ("累计交易额(元)", 1e-4), ("累计交易额（元，含税）", 1e-4), ("累计交易额（含税）（元）", 1e-4), ("累计交易额【元】", 1e-4),
        ("累计交易额｛元｝", 1e-4), ("累计交易额〔元〕", 1e-4), ("累计交易额「元」", 1e-4), ("Amount (RMB)", 1e-4), ("累计交易额（千元）", 0.1),
        ("累计交易额（亿元）", 1e4), ("累计交易额（美元）", None), ("累计交易额（万美元）", None), ("Amount (USD)", None),
        ("累计交易额（元/万元）", None), ("累计交易额（2023年）", None), ("累计交易额（含税）", 1), ("Amount (incl. VAT)", 1),
    ],
)  # fmt: skip
def test_the_unit_in_a_header(header: str, factor: float | None) -> None:
    assert cells.unit_factor(header, "万元") == factor


@pytest.mark.parametrize(
    ("header", "named"), [("累计金额", False), ("累计金额（含税）", False), ("累计金额（元）", True), ("累计金额（美元）", True), ("Total (tax", True)]
)  # fmt: skip
def test_whether_a_header_names_a_unit(header: str, named: bool) -> None:
    assert cells.names_unit(header) is named


def test_a_sign_of_money_agrees_with_a_column_of_yuan_only() -> None:
    assert cells.parse_amount("￥1,234.50", 1e-4) == (0.12345, None)
    assert cells.parse_amount("￥1,234.50", 1) == (None, "amount_unparsed")


def test_a_header_without_a_unit_and_a_column_without_one() -> None:
    assert cells.unit_factor("数量", None) is None


@given(st.decimals(0, 10**8, places=2))
def test_so_many_wan_are_so_many(number: Decimal) -> None:
    assert cells.parse_amount(f"{number}万") == (float(number), None)
    assert cells.parse_amount(f"{number:,}万元") == (float(number), None)


# --- scores ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "mark", "reason"),
    [
        ("92", 92, None), ("92.5分", 92.5, None), ("９２", 92, None), ("'92", 92, None), ("92%", 92, None), ("92/100", 92, None), ("0", 0, None),
        ("100", 100, None), ("92（）", 92, None), ("92（高利润+长合作）", 92, "高利润+长合作"), ("９２(高利润)", 92, "高利润"),
        ("92【高利润】", 92, "高利润"), ("92〔高〕", 92, "高"), ("92［高］", 92, "高"), ("92｛高｝", 92, "高"), ("92「高」", 92, "高"),
        ("92『高』", 92, "高"), ("92〈高〉", 92, "高"), ("92《高》", 92, "高"), ("92〖高〗", 92, "高"), ("92<高>", 92, "高"),
        ("92 (high margin)", 92, "high margin"), ("92\n（高）", 92, "高"), ("92，高利润", 92, "高利润"), ("92: 高", 92, "高"),
        ("92 高利润", 92, "高利润"), ("92（80%毛利）", 92, "80%毛利"), ("92（高）（好）", 92, "（高）（好）"), ("92（高利润", 92, "（高利润"),
        ("高利润（92）", 92, "高利润"), ("高利润：92分", 92, "高利润"), ("92（㎡）", 92, "m2"), ("92（ＡＢ）", 92, "ＡＢ"),
    ],
)  # fmt: skip
def test_a_mark_and_the_reason_beside_it(text: str, mark: float, reason: str | None) -> None:
    assert cells.parse_score(text) == (mark, reason, None)


@pytest.mark.parametrize(
    "text",
    [
        "九十二", "92-95", "90~95", "92±3", "约92", "≈92", ">90", "90+", "90以上", "90 以上", "90 左右", "90 或 95", "90 or 95", "90 to 95",
        "92（95）", "92(95分)", "92、85", "92,5", "9/10", "1e2", "A", "优", "毛利：30%", "占比（30%）", "92①", "9②", "inf", "92.",
    ],
)  # fmt: skip
def test_a_mark_that_could_be_another_is_unknown_and_kept(text: str) -> None:
    assert cells.parse_score(text) == (None, text, "score_unparsed")


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("", (None, None, "score_missing")),
        ("－", (None, None, "score_missing")),
        ("-5", (None, None, "score_out_of_range")),
        ("100.1（好）", (None, "好", "score_out_of_range")),
        ("0.92", (None, None, "score_fraction")),
        ("1", (1, None, None)),
    ],
)
def test_marks_outside_the_scale(text: str, reading: tuple) -> None:
    assert cells.parse_score(text) == reading


# --- dates and periods -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "2023-10-20", "2023/10/20", "2023.10.20", "2023年10月20日", "2023 年 10 月 20 号", "20231020", "20231020.0",
        "２０２３－１０－２０", "'2023-10-20", "2023-10-20 00:00:00", "2023-10-20T08:00:00Z", "2023-10-20T08:00:00+08:00",
        "2023/10/20 8:30", "2023-10-20 10:20 AM", "2023-10-20 周五", "2023年10月20日（星期五）", "民国112年10月20日", "民國112/10/20",
        "20/10/2023", "10/20/2023", "20.10.2023", "20 Oct 2023", "20-Oct-2023", "Oct 20, 2023", "October 20th, 2023",
        "45219", "45219.0", "45219.75",
    ],
)  # fmt: skip
def test_one_day_in_every_usual_form(text: str) -> None:
    assert cells.parse_date(text) == (D(2023, 10, 20), None)


@pytest.mark.parametrize("text", ["2023/10", "2023-10", "2023年10月", "2023.10", "２０２３年１０月"])
def test_a_month_alone_is_its_first_day_and_reported(text: str) -> None:
    assert cells.parse_date(text) == (D(2023, 10, 1), "date_month_only")


@pytest.mark.parametrize(
    "text",
    [
        "2023-02-30", "2023-13-01", "2023/00/10", "0000-01-01", "20230230", "8888-88-88", "23.10.20", "23-10-20", "112/10/20", "2023",
        "10月20日", "10-20", "待定", "至今", "2023年Q4", "2023年10月中旬", "约2023-10-20", "2023-10-20前", "19999", "80000", "20-Oct-23",
        "20 Foo 2023", "2023-10-2O",
    ],
)  # fmt: skip
def test_a_date_that_cannot_be_told_is_unknown(text: str) -> None:
    assert cells.parse_date(text) == (None, "date_unparsed")


@pytest.mark.parametrize("text", ["05/06/2023", "1.2.2023", "12-11-2023"])
def test_a_date_that_could_be_two_days_is_neither(text: str) -> None:
    assert cells.parse_date(text) == (None, "date_ambiguous")


def test_the_fifth_of_may_is_one_day() -> None:
    assert cells.parse_date("5/5/2023") == (D(2023, 5, 5), None)


@pytest.mark.parametrize("text", ["", "-", "无"])
def test_no_date_is_no_mistake(text: str) -> None:
    assert cells.parse_date(text) == (None, None)


@pytest.mark.parametrize(
    ("serial", "date1904", "expected"),
    [
        (45219, False, "2023-10-20"), (43757, True, "2023-10-20"), (45219.99, False, "2023-10-20"), (20000, False, "1954-10-03"),
        (19999, False, None), (79999, False, "2119-01-10"), (80000, False, None), (79999, True, None), (0, False, None), (-1, True, None),
    ],
)  # fmt: skip
def test_a_serial_number_in_both_date_systems(serial: float, date1904: bool, expected: str | None) -> None:
    assert cells.from_serial(serial, date1904) == day(expected)


def test_a_serial_number_typed_as_text_knows_the_date_system() -> None:
    assert cells.parse_date("43757", date1904=True) == (D(2023, 10, 20), None)


FORMS = [
    "{0:%Y-%m-%d}", "{0:%Y/%m/%d}", "{0.year}.{0.month}.{0.day}", "{0.year}年{0.month}月{0.day}日", "{0:%Y%m%d}", "{0:%d %b %Y}",
    "{0:%B} {0.day}, {0.year}", "{0:%Y-%m-%d} 23:59:59", "民国{1}年{0.month}月{0.day}日", "{2}",
]  # fmt: skip


@given(date=st.dates(D(1954, 10, 3), D(2099, 12, 31)), form=st.sampled_from(FORMS))
def test_a_date_reads_back_as_itself(date: dt.date, form: str) -> None:
    text = form.format(date, date.year - 1911, (date - D(1899, 12, 30)).days)
    assert cells.parse_date(text) == (date, None)


@pytest.mark.parametrize(
    "text",
    [
        "2023-10-01至2024-01-01", "2023-10-01 至 2024-01-01", "2023-10-01~2024-01-01", "2023-10-01～2024-01-01", "2023-10-01-2024-01-01",
        "2023-10-01 - 2024-01-01", "2023-10-01—2024-01-01", "2023-10-01——2024-01-01", "2023-10-01–2024-01-01", "2023-10-01 to 2024-01-01",
        "2023-10-01→2024-01-01", "2023-10-01->2024-01-01", "2023.10.1到2024.1.1", "20231001-20240101", "２０２３－１０－０１至２０２４－０１－０１",
        "2023年10月1日\n至\n2024年1月1日", "民國112年10月1日至民國113年1月1日", "Oct 1, 2023 to Jan 1, 2024", "1 Oct 2023 - 1 Jan 2024",
        "2023-10-01（周日）至2024-01-01", "2023-10-01 00:00:00至2024-01-01 00:00:00",
    ],
)  # fmt: skip
def test_one_period_in_every_usual_form(text: str) -> None:
    assert cells.parse_period(text) == (D(2023, 10, 1), D(2024, 1, 1), None)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2023.10.1-12.31", "2023-10-01", "2023-12-31"), ("2023/10/1-10/31", "2023-10-01", "2023-10-31"),
        ("2023年10月1日至12月31日", "2023-10-01", "2023-12-31"), ("2023年10月至12月", "2023-10-01", "2023-12-31"),
        ("2023年10-12月", "2023-10-01", "2023-12-31"), ("2023年10月-2024年2月", "2023-10-01", "2024-02-29"),
        ("2023-10至2024-01", "2023-10-01", "2024-01-31"), ("2023Q4", "2023-10-01", "2023-12-31"),
        ("2023年第一季度", "2023-01-01", "2023-03-31"), ("2023年二季度", "2023-04-01", "2023-06-30"),
        ("2023-10-01至2023-10-01", "2023-10-01", "2023-10-01"),
    ],
)  # fmt: skip
def test_a_shortened_end_or_a_quarter(text: str, start: str, end: str) -> None:
    assert cells.parse_period(text) == (day(start), day(end), None)


@pytest.mark.parametrize(
    "text",
    [
        "2023-10-01至今",
        "2023-10-01起",
        "自2023-10-01起",
        "从2023年10月1日开始",
        "2023-10-01",
        "2023-10-01～",
        "2023-10-01 to present",
    ],
)
def test_a_period_without_an_end(text: str) -> None:
    assert cells.parse_period(text) == (D(2023, 10, 1), None, "period_open_ended")


@pytest.mark.parametrize(
    "text",
    [
        "3个月", "长期", "2023年", "2023H1", "2023Q5", "0000Q1", "~2024-01-01", "截至2024-01-01", "2023-02-30至2023-03-01", "2023.10-12",
        "05/06/2023 to 05/07/2023", "99999", "0000-01-01至2023-01-01", "至",
    ],
)  # fmt: skip
def test_a_period_that_cannot_be_told_is_unknown(text: str) -> None:
    assert cells.parse_period(text) == (None, None, "period_unparsed")


def test_a_period_that_ends_before_it_starts() -> None:
    assert cells.parse_period("2024-01-01至2023-10-01") == (D(2024, 1, 1), D(2023, 10, 1), "period_reversed")
    assert cells.parse_period("-") == (None, None, None)


def test_an_end_whose_year_cannot_be_told_is_unknown() -> None:
    assert cells.parse_period("2023.11.1-2.28") == (D(2023, 11, 1), None, "period_reversed")


# --- identity ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["C001 ", " c001", "ｃ００１", "Ｃ００１", "C 001", "C001\n", "C\u00a0001", "C001\u200b", "\ufeffC001"]
)
def test_an_id_after_width_case_and_blanks(text: str) -> None:
    assert cells.parse_id(text) == ("C001", None)


@pytest.mark.parametrize("text", ["C001", "1", "001", "C-001", "客户001", "C001/某科技"])
def test_an_id_is_otherwise_left_alone(text: str) -> None:
    assert cells.parse_id(text) == (text, None)


@pytest.mark.parametrize("text", ["", " ", "-", "无", "\u200b"])
def test_no_id(text: str) -> None:
    assert cells.parse_id(text) == (None, "id_missing")
    assert cells.parse_id_name(text) == (None, None, "customer_missing")


@pytest.mark.parametrize(
    ("text", "customer_id", "name"),
    [
        ("C001/某科技", "C001", "某科技"), ("c001／某科技", "C001", "某科技"), ("C001 / 某科技 ", "C001", "某科技"), ("C001 某科技", "C001", "某科技"),
        ("C001、某科技", "C001", "某科技"), ("C001：某科技", "C001", "某科技"), ("C001|某科技", "C001", "某科技"), ("C001\n某科技", "C001", "某科技"),
        ("C001（某科技）", "C001", "某科技"), ("C001 (某科技)", "C001", "某科技"), ("C001-某科技", "C001", "某科技"), ("\ufeffC001/某科技", "C001", "某科技"),
        ("C001/某科技（上海）有限公司", "C001", "某科技（上海）有限公司"), ("C001/某科技/分公司", "C001", "某科技/分公司"), ("C001/-", "C001", None),
        ("KH2023-0001/某", "KH2023-0001", "某"), ("001/某", "001", "某"), ("C001", "C001", None), ("kh-001", "KH-001", None), ("12", "12", None),
        ("某科技", None, "某科技"), ("3M公司", None, "3M公司"), ("360科技", None, "360科技"), ("A4纸业", None, "A4纸业"), ("C001某科技", None, "C001某科技"),
    ],
)  # fmt: skip
def test_an_id_a_name_or_both(text: str, customer_id: str | None, name: str | None) -> None:
    found = cells.parse_id_name(text)
    assert (found[0], found[1] and narrow(found[1]), found[2]) == (customer_id, name and narrow(name), None)


@pytest.mark.parametrize(("customer_id", "shape"), [("C001", "C999"), ("C01", "C99"), ("1", "9"), ("KH-20", "KH-99")])
def test_the_shape_of_an_id(customer_id: str, shape: str) -> None:
    assert cells.id_shape(customer_id) == shape


# --- vocabulary --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", cells.STATUS)
def test_every_status_word_is_read_in_any_case_and_with_a_remark(word: str) -> None:
    key = cells.STATUS[word]
    assert cells.parse_status(word.upper()) == (key, None)
    assert cells.parse_status(f" {word}。（王总确认）") == (key, None)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("进行中（60%）", "running"), ("進行中", "running"), ("In progress", "running"), ("IN_PROGRESS", "running"), ("已 完成", "done"),
        ("已完成（延期2天）", "done"), ("已完成（100%）", "done"), ("部分完成（80%）", "partial"), ("未開始", "not_started"), ("１００％", "done"), ("-", None),
    ],
)  # fmt: skip
def test_a_status(text: str, key: str | None) -> None:
    assert cells.parse_status(text) == (key, None)


@pytest.mark.parametrize(
    "text",
    [
        "完成80%",
        "已完成80%",
        "完成（80%）",
        "已完成（部分）",
        "完成(未验收)",
        "Done (partly)",
        "未完成",
        "尚未完成",
        "不完成",
        "待完成",
        "80%",
        "√",
        "1",
        "（",
        "正常",
    ],
)
def test_a_status_that_is_not_surely_done_is_unknown(text: str) -> None:
    assert cells.parse_status(text) == (None, "status_unparsed")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("战略客户", "strategic"), ("战略", "strategic"), ("戰略客戶", "strategic"), ("战略级客户", "strategic"), ("STRATEGIC", "strategic"),
        ("Strategic customer", "strategic"), ("重点客户（升级）", "key"), (" 普通 ", "regular"), ("potential", "potential"), ("待优化", "optimize"),
        ("", None), ("-", None),
    ],
)  # fmt: skip
def test_a_tier_by_any_of_its_names(policy: Policy, text: str, key: str | None) -> None:
    names = cells.tier_names({tier.key: (tier.zh, tier.en) for tier in policy.tiers})
    assert cells.parse_tier(text, names) == (key, None)


@pytest.mark.parametrize(
    "text", ["A类", "A", "VIP", "重点/战略", "非战略客户", "一般客户", "重点客户→战略客户", "（战略客户）"]
)
def test_an_unknown_tier(policy: Policy, text: str) -> None:
    names = cells.tier_names({tier.key: (tier.zh, tier.en) for tier in policy.tiers})
    assert cells.parse_tier(text, names) == (None, "tier_unparsed")


# --- the rest of a customer's row --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("A产品、B服务", ["A产品", "B服务"]), ("A，B,C；D;E/F／G", ["A", "B", "C", "D", "E", "F", "G"]), ("A\nB", ["A", "B"]), ("A、A、", ["A"]),
        (" A 产品 ", ["A 产品"]), ("", []), ("、", []),
    ],
)  # fmt: skip
def test_a_list(text: str, items: list[str]) -> None:
    assert cells.split_list(text) == items


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
    assert cells.parse_phone(text) == reading


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("2026-11-20 14:30", (dt.datetime(2026, 11, 20, 14, 30), None)),
        ("2026年11月20日14时30分", (dt.datetime(2026, 11, 20, 14, 30), None)),
        ("2026年11月20日 下午2点", (dt.datetime(2026, 11, 20, 14), None)),
        ("2026-11-20 上午12:10", (dt.datetime(2026, 11, 20, 0, 10), None)),
        ("Nov 20, 2026 2:30 PM", (dt.datetime(2026, 11, 20, 14, 30), None)),
        ("２０２６/11/20　14：30", (dt.datetime(2026, 11, 20, 14, 30), None)),
        ("2026-11-20", (dt.datetime(2026, 11, 20), None)),
        ("46346.604166667", (dt.datetime(2026, 11, 20, 14, 30), None)),
        ("2026-11-20 晚上12点", (None, "date_unparsed")),
        ("2026-11-20 25:00", (None, "date_unparsed")),
        ("2026-11-20 14:60", (None, "date_unparsed")),
        ("2026-11-20 14", (None, "date_unparsed")),
        ("14:30", (None, "date_unparsed")),
        ("2026年11月", (None, "date_unparsed")),
        ("05/06/2026 10:00", (None, "date_ambiguous")),
        ("无", (None, None)),
    ],
)
def test_a_moment(text: str, reading: tuple) -> None:
    assert cells.parse_moment(text) == reading


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        *((text, (dt.date(1904, 5, 3), None)) for text in ("5月3日", "５月3号", "05-03", "--05-03", "May 3", "3rd May", "3-May")),
        ("13/5", (dt.date(1904, 5, 13), None)),
        ("5/5", (dt.date(1904, 5, 5), None)),
        ("2月29日", (dt.date(1904, 2, 29), None)),
        ("1975-05-03", (dt.date(1975, 5, 3), None)),
        ("19750503", (dt.date(1975, 5, 3), None)),
        ("5/3", (None, "date_ambiguous")),
        ("5.3", (None, "date_ambiguous")),
        ("2月30日", (None, "date_unparsed")),
        ("1975年5月", (None, "date_unparsed")),
        ("农历五月初三", (None, "date_unparsed")),
        ("-", (None, None)),
    ],
)  # fmt: skip
def test_a_birthday_may_lack_its_year(text: str, reading: tuple) -> None:
    assert cells.parse_birthday(text) == reading


@pytest.mark.parametrize(
    ("text", "unit", "reading"),
    [
        ("6", "年", (6, None)), ("6.5 years", "年", (6.5, None)), ("18個月", "年", (1.5, None)), ("1,200", None, (1200, None)),
        ("4级", None, (4, None)), ("9分", None, (9, None)), ("6年", None, (None, "number_unparsed")),
        ("6-7", "年", (None, "number_unparsed")), ("6①", None, (None, "number_unparsed")), ("暂无", None, (None, None)),
    ],
)  # fmt: skip
def test_a_number(text: str, unit: str | None, reading: tuple) -> None:
    assert cells.parse_number(text, unit) == reading


@pytest.mark.parametrize(
    ("text", "plain", "percent"),
    [
        ("8%", (0.08, None), (0.08, None)),
        ("－3.5％", (-0.035, None), (-0.035, None)),
        ("150%", (1.5, None), (1.5, None)),
        ("0.08", (0.08, None), (None, "share_ambiguous")),
        ("8", (None, "share_ambiguous"), (0.08, None)),
        ("-1", (None, "share_ambiguous"), (-0.01, None)),
        ("0", (0, None), (0, None)),
        ("约8%", (None, "number_unparsed"), (None, "number_unparsed")),
        ("", (None, None), (None, None)),
    ],
)
def test_a_share(text: str, plain: tuple, percent: tuple) -> None:
    assert cells.parse_share(text) == plain
    assert cells.parse_share(text, percent=True) == percent


@pytest.mark.parametrize("name", cells.CHOICES)
def test_no_word_means_two_choices(name: str) -> None:
    found = [cells._choice_key(word) for words in cells.CHOICES[name].values() for word in words]
    assert len(found) == len(set(found))


def test_the_words_of_the_lists_mean_their_choices_in_every_script(words_in: Callable) -> None:
    fields = [(sheet.kind, column) for sheet in OPTIONAL for column in sheet.columns if column.choices]
    assert {f"{kind}.{column.field}" for kind, column in fields} | {"flag"} == cells.CHOICES.keys()
    for lang in LANGUAGES:
        said = {f"{kind}.{c.field}": {key: f"terms.{kind}.{c.field}.{key}" for key in c.choices} for kind, c in fields}
        for name, keys in (said | {"flag": {key: f"terms.{key}" for key in ("yes", "no")}}).items():
            assert keys.keys() == cells.CHOICES[name].keys()
            for key, term in keys.items():
                word = words_in(lang)(term)
                for text in (word, OpenCC("s2t").convert(word), word.upper()):
                    assert cells.parse_choice(text, name) == (key, None)


@pytest.mark.parametrize(
    ("text", "name", "reading"),
    [
        ("已离职", "flag", ("yes", None)),
        ("√", "flag", ("yes", None)),
        ("0", "flag", ("no", None)),
        ("或许", "flag", (None, "flag_unparsed")),
        ("Closed/Won", "renewals.stage", (None, "choice_unparsed")),
        ("closed won", "renewals.stage", ("won", None)),
        ("無", "service.kind", (None, None)),
    ],
)
def test_a_choice(text: str, name: str, reading: tuple) -> None:
    assert cells.parse_choice(text, name) == reading


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("500-1000人/5-10亿元", (500, 1000, 50000, 100000)), ("５００～１０００人／５～１０億元", (500, 1000, 50000, 100000)),
        ("500人", (500, 500, None, None)), ("1,000-2,000人", (1000, 2000, None, None)), ("约500人/5亿", (500, 500, 50000, 50000)),
        ("1000+人", (1000, 1000, None, None)), ("1万人以上", (10000, 10000, None, None)), ("1-2万人", (10000, 20000, None, None)),
        ("500万人", (5000000, 5000000, None, None)), ("5-10亿元", (None, None, 50000, 100000)), ("5000万-1亿元", (None, None, 5000, 10000)),
        ("500万元人民币", (None, None, 500, 500)), ("1-2千万", (None, None, 1000, 2000)), ("5000万/200人", (200, 200, 5000, 5000)),
        ("员工500人，营收5亿元", (500, 500, 50000, 50000)), ("500 employees / CNY 5-10 x100m", (500, 500, 50000, 100000)),
    ],
)  # fmt: skip
def test_a_size(text: str, bounds: tuple) -> None:
    assert cells.parse_size(text) == (*bounds, None)


@pytest.mark.parametrize("text", ["大型", "500-1000", "3M公司", "1 000人", "世界500强"])
def test_a_size_without_people_or_money(text: str) -> None:
    assert cells.parse_size(text) == (None, None, None, None, "size_unparsed")


@pytest.mark.parametrize("text", ["", "-"])
def test_no_size(text: str) -> None:
    assert cells.parse_size(text) == (None, None, None, None, None)


@pytest.mark.parametrize(
    ("text", "actual", "target"),
    [
        ("自助使用率30%，目标50%", 0.3, 0.5), ("使用率30％（目標：50％）", 0.3, 0.5), ("actual 30%, target 50%", 0.3, 0.5), ("从10%提升到30%，目标50%", 0.3, 0.5),
        ("下降-5%，目标10%", -0.05, 0.1), ("增长5%（目标≥10%）", 0.05, 0.1), ("满意度90分，目标95分", 90, 95), ("完成120万，目标200万", 120, 200),
        ("销售额1,200万，目标2,000万", 1200, 2000), ("2023年30%，目标50%", 0.3, 0.5),
    ],
)  # fmt: skip
def test_an_effect_and_its_target(text: str, actual: float, target: float) -> None:
    assert cells.parse_effect(text) == pytest.approx((actual, target))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "销售额增长15%",
        "目标50%",
        "30%，目标50",
        "120万，目标2亿",
        "5-10%，目标20%",
        "30%，目标50-60%",
        "30%，目标未定",
    ],
)
def test_an_effect_without_two_comparable_numbers(text: str) -> None:
    assert cells.parse_effect(text) == (None, None)


# --- laws --------------------------------------------------------------------------------------------------------

HOSTILE = "0123456789０９٣²①½.,，-－–—~～至到年月日/／()（）[]【「%％万亿元千¥ \n\t\u3000\u200b'’eE+±:：;CkmRMBabT民国民國周一人名目标完成未无战略合计"
texts = (
    st.text(max_size=12)
    | st.text(HOSTILE, max_size=24)
    | st.from_regex(r"[0-9０-９]{1,4}[-/.年至~ ]{0,2}[0-9]{0,4}[-月人万%（]?.{0,4}", fullmatch=True)
)
ONE, TEXT = (float, int, type(None)), (str, type(None))
DAY = (dt.date, type(None))
SHAPES = {
    cells.parse_amount: (ONE, TEXT),
    cells.parse_score: (ONE, TEXT, TEXT),
    cells.parse_date: (DAY, TEXT),
    cells.parse_period: (DAY, DAY, TEXT),
    cells.parse_id: (TEXT, TEXT),
    cells.parse_id_name: (TEXT, TEXT, TEXT),
    cells.parse_status: (TEXT, TEXT),
    cells.parse_phone: (TEXT, TEXT),
    cells.parse_size: (ONE, ONE, ONE, ONE, TEXT),
    cells.parse_effect: (ONE, ONE),
}


@pytest.mark.parametrize("parse", SHAPES, ids=lambda parse: parse.__name__)
@given(text=texts)
def test_any_text_is_read_without_an_error(parse, text: str) -> None:
    found = parse(text)
    assert len(found) == len(SHAPES[parse])
    assert all(isinstance(value, kinds) for value, kinds in zip(found, SHAPES[parse], strict=True))
    assert parse is cells.parse_effect or found[-1] is None or found[-1] in SEVERITY


@given(texts)
def test_a_mark_is_never_outside_the_scale(text: str) -> None:
    number, reason, code = cells.parse_score(text)
    assert number is None or 0 <= number <= 100
    assert number is not None or code
    assert reason is None or reason.strip()


@given(texts)
def test_other_texts_are_read_without_an_error(text: str) -> None:
    cells.parse_tier(text, {"战略": "strategic"})
    cells.unit_factor(text, "万元")
    cells.split_list(text)


@given(texts)
def test_a_number_a_share_a_moment_and_a_choice_are_read_without_an_error(text: str) -> None:
    for number, code in (
        cells.parse_number(text),
        cells.parse_number(text, "年"),
        cells.parse_share(text, percent=True),
    ):
        assert number is None or code is None
    for moment, code in (cells.parse_moment(text), cells.parse_birthday(text)):
        assert moment is None or code is None


@given(st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2060, 1, 1)))
def test_a_moment_is_read_back_however_it_is_written(moment: dt.datetime) -> None:
    moment = moment.replace(microsecond=0)
    for form in ("%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y年%m月%d日 %H时%M分%S秒"):
        assert cells.parse_moment(moment.strftime(form)) == (moment, None)
    serial = (moment - dt.datetime(1899, 12, 30)) / dt.timedelta(days=1)
    assert cells.moment_from_serial(serial, date1904=False) == moment
    assert cells.moment_from_serial(serial - 1462, date1904=True) == moment


@given(texts)
@settings(max_examples=50)
def test_an_id_in_normal_form_stays(text: str) -> None:
    normal, _ = cells.parse_id(text)
    if normal:
        assert cells.parse_id(normal) == (normal, None)


@pytest.mark.parametrize(
    ("moment", "second"),
    [
        (dt.datetime(2026, 10, 20, 8, 0, 0, 499_999), dt.datetime(2026, 10, 20, 8)),
        (dt.datetime(2026, 10, 20, 8, 59, 59, 500_000), dt.datetime(2026, 10, 20, 9)),
        (dt.datetime.max, dt.datetime(9999, 12, 31, 23, 59, 59)),
    ],
)
def test_a_moment_is_told_to_the_second_and_stays_within_the_calendar(moment, second):
    assert cells.to_second(moment) == second


@pytest.mark.parametrize("serial", [float("nan"), float("inf"), float("-inf"), 1e300, -1e300])
def test_a_number_that_is_no_serial_number_is_no_day_and_no_moment(serial):
    assert cells.from_serial(serial, date1904=False) is cells.moment_from_serial(serial, date1904=True) is None


@pytest.mark.parametrize("digits", ["1e999", "-1e999", "9" * 400])
def test_a_number_no_cell_can_hold_is_unknown(digits):
    assert cells.parse_amount(f"{digits}万") == (None, "amount_unparsed")
    assert cells.parse_number(digits) == (None, "number_unparsed")
    assert cells.parse_share(f"{digits}%") == (None, "number_unparsed")
    assert cells.parse_size(f"{digits}人") == (None, None, None, None, "size_unparsed")
    assert cells.parse_effect(f"增长{digits}%，目标{digits}%") == (None, None)
