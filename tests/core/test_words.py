"""Every word the product says exists in both languages and names the same values in both."""

import string
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import kam_xl
from kam_xl.core import words

TOMLS = sorted((Path(kam_xl.__file__).parent / "words").glob("*.toml"))
HELLO = '[job.hello]\nzh = "你好，{name}"\nen = "Hello {name}"'


def leaves(path: str, table: dict) -> Iterator[tuple[str, dict]]:
    """Every innermost table by its dotted path."""
    if any(isinstance(value, str) for value in table.values()):
        yield path, table
    else:
        for name, value in table.items():
            yield from leaves(f"{path}.{name}" if path else name, value)


def named(text: str) -> set[str]:
    """The values a text asks for."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("path", TOMLS, ids=lambda path: path.stem)
def test_every_leaf_speaks_both_languages_of_the_same_values(path: Path) -> None:
    for key, leaf in leaves("", tomllib.loads(path.read_text("utf-8"))):
        assert set(leaf) == {"zh", "en"}, key
        assert leaf["zh"].strip(), key
        assert leaf["en"].strip(), key
        assert named(leaf["zh"]) == named(leaf["en"]), key


def test_all_files_together_have_each_key_once() -> None:
    tomls = [path.read_text("utf-8") for path in TOMLS]
    chinese, english = (words.parse(lang, tomls) for lang in words.LANGUAGES)
    assert chinese.texts.keys() == english.texts.keys()
    assert chinese.zh
    assert not english.zh


@pytest.mark.parametrize(("lang", "said"), [("zh-CN", "你好，王总"), ("en", "Hello 王总")])
def test_a_text_is_filled_in(lang: str, said: str) -> None:
    assert words.parse(lang, [HELLO])("job.hello", name="王总") == said


def test_what_is_not_there_is_an_error() -> None:
    hello = words.parse("en", [HELLO])
    assert "job.hello" in hello
    assert "job" not in hello
    with pytest.raises(KeyError):
        hello("job.bye")
    with pytest.raises(KeyError):
        hello("job.hello", other=1)
    with pytest.raises(ValueError, match="twice"):
        words.parse("en", [HELLO, HELLO])
    with pytest.raises(ValueError, match="zh-CN, en"):
        words.parse("fr", [HELLO])
