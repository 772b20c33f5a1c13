"""Words of closed lists mean their keys in either script and in English, and nothing else does (handbook §2)."""

from collections.abc import Callable

import pytest
from opencc import OpenCC

from kam_xl.core.choices import CHOICES, STATUS, _choice_key, parse_choice, parse_status, parse_tier, tier_names
from kam_xl.core.policy import Policy
from kam_xl.core.sheets import OPTIONAL
from kam_xl.core.words import LANGUAGES


@pytest.mark.parametrize("word", STATUS)
def test_every_status_word_is_read_in_any_case_and_with_a_remark(word: str) -> None:
    key = STATUS[word]
    assert parse_status(word.upper()) == (key, None)
    assert parse_status(f" {word}。（王总确认）") == (key, None)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("进行中（60%）", "running"), ("進行中", "running"), ("In progress", "running"), ("IN_PROGRESS", "running"), ("已 完成", "done"),
        ("已完成（延期2天）", "done"), ("已完成（100%）", "done"), ("部分完成（80%）", "partial"), ("未開始", "not_started"), ("１００％", "done"), ("-", None),
    ],
)  # fmt: skip
def test_a_status(text: str, key: str | None) -> None:
    assert parse_status(text) == (key, None)


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
    assert parse_status(text) == (None, "status_unparsed")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("战略客户", "strategic"), ("战略", "strategic"), ("戰略客戶", "strategic"), ("战略级客户", "strategic"), ("STRATEGIC", "strategic"),
        ("Strategic customer", "strategic"), ("重点客户（升级）", "key"), (" 普通 ", "regular"), ("potential", "potential"), ("待优化", "optimize"),
        ("", None), ("-", None),
    ],
)  # fmt: skip
def test_a_tier_by_any_of_its_names(policy: Policy, text: str, key: str | None) -> None:
    names = tier_names({tier.key: (tier.zh, tier.en) for tier in policy.tiers})
    assert parse_tier(text, names) == (key, None)


@pytest.mark.parametrize(
    "text", ["A类", "A", "VIP", "重点/战略", "非战略客户", "一般客户", "重点客户→战略客户", "（战略客户）"]
)
def test_an_unknown_tier(policy: Policy, text: str) -> None:
    names = tier_names({tier.key: (tier.zh, tier.en) for tier in policy.tiers})
    assert parse_tier(text, names) == (None, "tier_unparsed")


@pytest.mark.parametrize("name", CHOICES)
def test_no_word_means_two_choices(name: str) -> None:
    found = [_choice_key(word) for words in CHOICES[name].values() for word in words]
    assert len(found) == len(set(found))


def test_the_words_of_the_lists_mean_their_choices_in_every_script(words_in: Callable) -> None:
    fields = [(sheet.kind, column) for sheet in OPTIONAL for column in sheet.columns if column.choices]
    assert {f"{kind}.{column.field}" for kind, column in fields} | {"flag"} == CHOICES.keys()
    for lang in LANGUAGES:
        said = {f"{kind}.{c.field}": {key: f"terms.{kind}.{c.field}.{key}" for key in c.choices} for kind, c in fields}
        for name, keys in (said | {"flag": {key: f"terms.{key}" for key in ("yes", "no")}}).items():
            assert keys.keys() == CHOICES[name].keys()
            for key, term in keys.items():
                word = words_in(lang)(term)
                for text in (word, OpenCC("s2t").convert(word), word.upper()):
                    assert parse_choice(text, name) == (key, None)


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
    assert parse_choice(text, name) == reading
