"""One table of columns: every header is recognised in three scripts, and no header means two things."""

from collections import Counter
from collections.abc import Callable

import pytest
from opencc import OpenCC

from kam_xl.core import headings, sheets
from kam_xl.core.headings import kind_of_sheet
from kam_xl.core.own_sheets import PRODUCT
from kam_xl.core.sheets import BY_KIND, OPTIONAL, STANDARD
from kam_xl.core.texts import heading
from kam_xl.core.words import LANGUAGES

TRADITIONAL = OpenCC("s2t")
EVERY_COLUMN = [
    pytest.param(sheet.kind, column, id=f"{sheet.kind}-{column.field}")
    for sheet in BY_KIND.values()
    for column in sheet.columns
]


@pytest.mark.parametrize(("kind", "column"), EVERY_COLUMN)
def test_every_header_is_recognised_in_three_scripts(kind: str, column: sheets.Column) -> None:
    for text in (*column.headers, TRADITIONAL.convert(column.zh), column.en.upper()):
        assert headings.field_of(kind, text) == column.field


@pytest.mark.parametrize("sheet", BY_KIND.values(), ids=lambda sheet: sheet.kind)
def test_no_header_of_a_sheet_means_two_fields(sheet: sheets.Sheet) -> None:
    claims = {(heading(text), c.field) for c in sheet.columns for text in c.headers}
    assert [text for text, count in Counter(text for text, _ in claims).items() if count > 1] == []
    assert "" not in {text for text, _ in claims}
    assert sheet.column(sheet.key).required


def test_every_field_has_a_header_in_both_languages() -> None:
    for field, column in sheets.columns().items():
        assert sheets.header(field, "zh-CN") == column.zh
        assert sheets.header(field, "en") == column.en
        assert column.zh.strip()
        assert column.en.strip()


def test_a_field_shared_with_a_standard_sheet_has_its_typed_header() -> None:
    assert sheets.header("customer_id", "zh-CN") == "客户ID"
    assert sheets.header("tier", "en") == "Tier"


def test_an_optional_sheets_field_has_its_own_header_under_its_kind() -> None:
    for sheet in OPTIONAL:
        for column in sheet.columns:
            assert sheets.columns()[sheets.named(sheet.kind, column.field)] is column
            assert column.field in sheets.columns()
    for sheet in STANDARD:
        for column in sheet.columns:
            assert sheets.columns()[sheets.named(sheet.kind, column.field)].header("en") == column.en
    assert sheets.header("renewals.amount", "zh-CN") == "预计金额（万元）"
    assert sheets.header("amount", "zh-CN") == "累计交易额（万元）"


def test_fields_stand_once_in_their_table() -> None:
    for sheet in STANDARD + OPTIONAL:
        assert len(set(sheet.fields)) == len(sheet.columns)
        assert BY_KIND[sheet.kind] is sheet
        assert kind_of_sheet(sheet.name("zh-CN")) == kind_of_sheet(sheet.name("en")) == sheet.kind


def test_no_two_sheets_share_a_name() -> None:
    names = [heading(name) for sheet in BY_KIND.values() for name in (sheet.zh, sheet.en, *sheet.aliases)]
    assert [name for name, count in Counter(names).items() if count > 1] == []


def test_only_phones_and_birthdays_are_personal() -> None:
    personal = {(sheet.kind, column.field) for sheet in BY_KIND.values() for column in sheet.columns if column.personal}
    assert personal == {("info", "phone"), ("contacts", "phone"), ("contacts", "birthday")}
    by_name = {name for name, column in sheets.columns().items() if column.personal}
    assert by_name == {"phone", "birthday", "contacts.phone", "contacts.birthday"}


def test_every_choice_has_its_words(words_in: Callable) -> None:
    for sheet in BY_KIND.values():
        for column in sheet.columns:
            assert (column.kind == "choice") == bool(column.choices)
            for lang in LANGUAGES:
                texts = [words_in(lang)(f"terms.{sheet.kind}.{column.field}.{key}") for key in column.choices]
                assert len(set(texts)) == len(texts)


def test_no_sheet_of_the_products_own_is_taken_for_data() -> None:
    names = [name for pair in PRODUCT.values() for name in set(pair)]
    assert [name for name in names if kind_of_sheet(name)] == []
    assert [name for name, count in Counter(names).items() if count > 1] == []
