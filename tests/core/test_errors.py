"""What cannot be done, in the language of whoever reads it."""

import pytest

from kam_xl.core.errors import KamError, PolicyError


@pytest.mark.parametrize(("lang", "sentence"), [("zh-CN", "政策文件无效。"), ("en", "The policy is wrong.")])
def test_a_policy_is_wrong_in_both_languages(lang, sentence):
    assert PolicyError("The policy is wrong.", "政策文件无效。").told(lang) == sentence


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_any_other_sentence_is_in_its_readers_language_already(lang):
    assert KamError("找不到文件夹。").told(lang) == "找不到文件夹。"
