"""The package's own files: every text in both languages with the same blanks, and the policy that ships."""

import string
from pathlib import Path

import pytest

import kam_xl
from kam_xl import resources
from kam_xl.core.errors import PolicyError, Refused
from kam_xl.core.findings import SEVERITY
from kam_xl.core.words import LANGUAGES
from kam_xl.engines.office_file import unusable

REASONS = """
    empty_file not_a_workbook encrypted damaged missing_part repeated_part has_dtd unpacks_too_large file_too_large
    too_many_rows no_parquet_here still_changing vanished too_much_memory too_slow blocked no_reader crashed bug unreadable_cells no_standard_sheet sheets_ambiguous
    key_missing list_changed no_workbook_part bad_name own_output lock_file hidden_file temporary_file no_workbook_name intake_file
    database_secret database_no_driver database_unreachable database_query database_slow database_too_much
""".split()


def blanks(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [("zh-CN", "文件内容不是工作簿，而是其他二进制数据"), ("en", "This is other binary data, not a workbook")],
)
def test_what_a_file_is_instead_of_a_workbook_is_said_in_words(lang, sentence):
    assert resources.refusal(Refused("not_a_workbook", "binary"), resources.words(lang)) == sentence


def test_a_refusal_names_its_detail_and_what_to_do():
    words = resources.words("en")
    assert "xl/theme.xml" in resources.refusal(Refused("has_dtd", "xl/theme.xml"), words)
    assert resources.refusal(Refused("encrypted"), words, "remedy") == words("refusal.encrypted.remedy")


def test_every_text_has_the_same_blanks_in_both_languages():
    zh, en = (resources.words(lang).texts for lang in LANGUAGES)

    assert zh.keys() == en.keys()
    assert {key for key in zh if blanks(zh[key]) != blanks(en[key])} == set()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_reason_and_every_finding_has_its_sentence_and_its_remedy(lang):
    texts = resources.words(lang).texts

    keys = [*(f"refusal.{reason}" for reason in REASONS), *(f"finding.{code}" for code in SEVERITY)]
    assert [key for key in keys if not (texts.get(f"{key}.text") and texts.get(f"{key}.remedy"))] == []


def test_every_reason_that_the_code_gives_is_in_the_list_above():
    code = "".join(path.read_text("utf-8") for path in Path(kam_xl.__file__).parent.rglob("*.py"))

    given = {
        part.split('"')[0] for way in ('Refused("', 'Unusable("', 'reason="') for part in code.split(way)[1:]
    } | unusable.REASONS.keys()
    assert given <= set(REASONS)


def test_the_policy_of_the_package_is_the_default():
    assert resources.policy().version == resources.policy(Path(kam_xl.__file__).parent / "policy.toml").version


def test_a_policy_that_contradicts_itself_is_refused_by_name(tmp_path):
    path = tmp_path / "policy.toml"
    path.write_text("version = 1", "utf-8")

    with pytest.raises(PolicyError):
        resources.policy(path)


def test_a_policy_saved_by_notepad_is_read(tmp_path):
    """Windows editors put a mark in front of UTF-8 that no TOML reader expects."""
    path = tmp_path / "policy.toml"
    path.write_text((Path(kam_xl.__file__).parent / "policy.toml").read_text("utf-8"), "utf-8-sig")

    assert resources.policy(path).version == resources.policy().version


def test_a_policy_in_another_encoding_is_refused_in_a_sentence(tmp_path):
    path = tmp_path / "policy.toml"
    path.write_bytes('name = "大客户"'.encode("gb18030"))

    with pytest.raises(PolicyError, match="UTF-8"):
        resources.policy(path)
