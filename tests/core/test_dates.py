"""Days, moments and birthdays are read as people mean them, and where they could be two they are unknown (§2)."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_xl.core.dates import from_serial, moment_from_serial, parse_birthday, parse_date, parse_moment, to_second

D = dt.date


def day(text: str | None) -> dt.date | None:
    return text and D.fromisoformat(text)


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
    assert parse_date(text) == (D(2023, 10, 20), None)


@pytest.mark.parametrize("text", ["2023/10", "2023-10", "2023年10月", "2023.10", "２０２３年１０月"])
def test_a_month_alone_is_its_first_day_and_reported(text: str) -> None:
    assert parse_date(text) == (D(2023, 10, 1), "date_month_only")


@pytest.mark.parametrize(
    "text",
    [
        "2023-02-30", "2023-13-01", "2023/00/10", "0000-01-01", "20230230", "8888-88-88", "23.10.20", "23-10-20", "112/10/20", "2023",
        "10月20日", "10-20", "待定", "至今", "2023年Q4", "2023年10月中旬", "约2023-10-20", "2023-10-20前", "19999", "80000", "20-Oct-23",
        "20 Foo 2023", "2023-10-2O",
    ],
)  # fmt: skip
def test_a_date_that_cannot_be_told_is_unknown(text: str) -> None:
    assert parse_date(text) == (None, "date_unparsed")


@pytest.mark.parametrize("text", ["05/06/2023", "1.2.2023", "12-11-2023"])
def test_a_date_that_could_be_two_days_is_neither(text: str) -> None:
    assert parse_date(text) == (None, "date_ambiguous")


def test_the_fifth_of_may_is_one_day() -> None:
    assert parse_date("5/5/2023") == (D(2023, 5, 5), None)


@pytest.mark.parametrize("text", ["", "-", "无"])
def test_no_date_is_no_mistake(text: str) -> None:
    assert parse_date(text) == (None, None)


@pytest.mark.parametrize(
    ("serial", "date1904", "expected"),
    [
        (45219, False, "2023-10-20"), (43757, True, "2023-10-20"), (45219.99, False, "2023-10-20"), (20000, False, "1954-10-03"),
        (19999, False, None), (79999, False, "2119-01-10"), (80000, False, None), (79999, True, None), (0, False, None), (-1, True, None),
    ],
)  # fmt: skip
def test_a_serial_number_in_both_date_systems(serial: float, date1904: bool, expected: str | None) -> None:
    assert from_serial(serial, date1904) == day(expected)


def test_a_serial_number_typed_as_text_knows_the_date_system() -> None:
    assert parse_date("43757", date1904=True) == (D(2023, 10, 20), None)


FORMS = [
    "{0:%Y-%m-%d}", "{0:%Y/%m/%d}", "{0.year}.{0.month}.{0.day}", "{0.year}年{0.month}月{0.day}日", "{0:%Y%m%d}", "{0:%d %b %Y}",
    "{0:%B} {0.day}, {0.year}", "{0:%Y-%m-%d} 23:59:59", "民国{1}年{0.month}月{0.day}日", "{2}",
]  # fmt: skip


@given(date=st.dates(D(1954, 10, 3), D(2099, 12, 31)), form=st.sampled_from(FORMS))
def test_a_date_reads_back_as_itself(date: dt.date, form: str) -> None:
    text = form.format(date, date.year - 1911, (date - D(1899, 12, 30)).days)
    assert parse_date(text) == (date, None)


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
    assert parse_moment(text) == reading


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
    assert parse_birthday(text) == reading


@given(st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2060, 1, 1)))
def test_a_moment_is_read_back_however_it_is_written(moment: dt.datetime) -> None:
    moment = moment.replace(microsecond=0)
    for form in (
        "{:%Y-%m-%d %H:%M:%S}",
        "{:%Y/%m/%d %H:%M:%S}",
        "{:%Y-%m-%dT%H:%M:%S}",
        "{0:%Y}年{0:%m}月{0:%d}日 {0:%H}时{0:%M}分{0:%S}秒",
    ):
        assert parse_moment(form.format(moment)) == (moment, None)
    serial = (moment - dt.datetime(1899, 12, 30)) / dt.timedelta(days=1)
    assert moment_from_serial(serial, date1904=False) == moment
    assert moment_from_serial(serial - 1462, date1904=True) == moment


@pytest.mark.parametrize(
    ("moment", "second"),
    [
        (dt.datetime(2026, 10, 20, 8, 0, 0, 499_999), dt.datetime(2026, 10, 20, 8)),
        (dt.datetime(2026, 10, 20, 8, 59, 59, 500_000), dt.datetime(2026, 10, 20, 9)),
        (dt.datetime.max, dt.datetime(9999, 12, 31, 23, 59, 59)),
    ],
)
def test_a_moment_is_told_to_the_second_and_stays_within_the_calendar(moment, second):
    assert to_second(moment) == second


@pytest.mark.parametrize("serial", [float("nan"), float("inf"), float("-inf"), 1e300, -1e300])
def test_a_number_that_is_no_serial_number_is_no_day_and_no_moment(serial):
    assert from_serial(serial, date1904=False) is moment_from_serial(serial, date1904=True) is None
