"""intake.toml says what it remembers, and is refused by the place where it cannot be understood."""

import pytest

from kam_xl.core import intake
from kam_xl.core.intake import AdoptedList, Holding, IntakeError

LIST = AdoptedList(
    "客户导出_202610.csv", "客户导出_202610.xlsm", ("代号", '名"称', "销售额\\月", "城市"),
    {"代号": Holding("customer_id"), '名"称': Holding("name"), "销售额\\月": Holding("amount", "元")},
)  # fmt: skip
LINE = 'headers = ["a", "b"]\ncolumns = { "a" = "customer_id", "b" = "name" }\n'


@pytest.mark.parametrize("by_name", [False, True])
def test_what_is_written_is_read_again(by_name):
    one = AdoptedList(LIST.file, LIST.workbook, LIST.headers, LIST.columns, by_name)

    assert intake.parse(intake.written(LIST) + "\n" + intake.written(one)).lists == (LIST, one)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("customer_id", Holding("customer_id")),
        ("客户ID", Holding("customer_id")),
        ("Customer name", Holding("name")),
        ("amount", Holding("amount")),
        ("amount（元）", Holding("amount", "元")),
        ("累计交易额 (万元)", Holding("amount", "万元")),
        ("amount（两）", Holding("amount")),
        ("联系方式（工作电话）", Holding("phone")),
        ("天气", None),
    ],
)
def test_what_a_column_holds_is_said_by_a_fields_key_or_any_of_its_headers(text, meant):
    assert intake.holding(text) == meant


@pytest.mark.parametrize(
    ("text", "reason", "place"),
    [
        ("a = [", "not_toml", ""),
        ("x = 1", "unknown_key", "x"),
        ("words = 1", "wrong", "words"),
        ('[words]\n"大类" = "天气"', "unknown_field", "words.大类"),
        ("list = 1", "wrong", "list"),
        ("[[list]]\n" + LINE + "x = 1", "unknown_key", "list 1: x"),
        ("[[list]]\nheaders = []", "wrong", "list 1: headers"),
        ('[[list]]\nheaders = ["a"]\ncolumns = { "a" = "name" }', "lacks", "list 1: columns"),
        ('[[list]]\nheaders = ["a"]\ncolumns = { "a" = "天气" }', "unknown_field", "list 1: a"),
        ("[[list]]\nfile = 1\n" + LINE, "wrong", "list 1"),
    ],
)
def test_what_cannot_be_understood_is_named_with_its_place(text, reason, place):
    with pytest.raises(IntakeError) as caught:
        intake.parse(text)
    assert (caught.value.reason, caught.value.place) == (reason, place)


def test_next_months_list_is_the_same_list():
    assert LIST.is_of("客户导出_202611.csv")
    assert LIST.is_of("客户导出.csv")
    assert not LIST.is_of("华南客户.csv")


def test_a_program_is_known_by_three_of_its_headers_with_the_customer_among_them():
    programs = intake.parse_programs(
        '[x]\nname = "X"\nsource = "s"\ncolumns = { "KEY" = "customer_id", "LABEL" = "name" }\nsigns = ["P", "Q", "R"]'
    )
    assert intake.program_of(["KEY", "P", "Q"], programs) == programs[0]
    assert intake.program_of(["KEY", "P", "z"], programs) is None
    assert intake.program_of(["P", "Q", "R"], programs) is None
