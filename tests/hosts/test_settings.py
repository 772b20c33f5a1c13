"""The configuration file: what it may say, and that whatever is wrong is named without its value."""

import pytest

from kam_xl.core.errors import KamError
from kam_xl.hosts import settings
from kam_xl.hosts.databases import Base
from kam_xl.hosts.settings import Settings
from kam_xl.resources import words

MAIL = "mailtos://kam:{env:KAM_MAIL}@example.com?to=lead@example.com"


@pytest.fixture
def read(tmp_path):
    def from_text(text, lang="en"):
        path = tmp_path / "kam_xl.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return settings.read(path, words(lang))

    return from_text


def test_everything_can_be_set(read):
    found = read(f'notify = [" {MAIL} ", "feishu://{{env:KAM_BOT}}", "{MAIL}"]\nrisks_told = 3\nattach_summary = false')

    assert found == Settings((MAIL, "feishu://{env:KAM_BOT}"), 3, attach_summary=False)


@pytest.mark.parametrize("text", ["", "\ufeff# nothing", "notify = []"])
def test_what_is_not_set_has_a_default(read, text):
    assert read(text) == Settings((), 5, attach_summary=True)


def test_the_file_of_the_working_folder_counts_where_there_is_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert settings.read(None, words("en")) == Settings()

    (tmp_path / "kam_xl.toml").write_text("risks_told = 9")
    assert settings.read(None, words("en")).risks_told == 9


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('notfy = ["x"]', "notfy, which is no key; known are notify, risks_told, attach_summary"),
        ('notify = "feishu://abc"', "notify must be a list of addresses"),
        ("notify = [1]", "notify must be a list of addresses"),
        ('notify = [" "]', "notify must be a list of addresses"),
        ("risks_told = 0", "risks_told must be a whole number, 1 or more"),
        ("risks_told = true", "risks_told must be a whole number, 1 or more"),
        ("risks_told = 2.0", "risks_told must be a whole number, 1 or more"),
        ("attach_summary = 1", "attach_summary must be true or false"),
        ("notify = [", "is not valid TOML"),
        (b"# \xff", "is not saved as UTF-8"),
    ],
)
def test_what_is_wrong_is_one_sentence_that_names_the_key(read, text, named):
    with pytest.raises(KamError, match=named) as caught:
        read(text)

    assert str(caught.value).endswith(".")
    assert "abc" not in str(caught.value)


def test_a_secret_in_the_file_is_refused_with_the_way_to_write_it(read):
    with pytest.raises(KamError) as caught:
        read(f'notify = ["{MAIL}", "wecombot://topsecret"]')

    assert "topsecret" not in str(caught.value)
    assert "address 2 of notify (wecombot://***) holds a secret in plain text" in str(caught.value)
    assert "{env:NAME}" in str(caught.value)


@pytest.mark.parametrize(
    ("address", "zh"),
    [
        ("wecombot://abc", "含有明文密钥"),
        ("wecombot://{abc}", "花括号里只能写 {env:变量名}"),
        ("x@y.z", "不是可用的地址"),
    ],
)
def test_in_chinese_too(read, address, zh):
    with pytest.raises(KamError, match=r"notify 的第 1 个地址（.*）") as caught:
        read(f'notify = ["{address}"]', "zh-CN")

    assert zh in str(caught.value)
    assert str(caught.value).endswith("。")


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(KamError, match="cannot be read"):
        settings.read(tmp_path, words("en"))


# --- a database of orders -------------------------------------------------------------------------------------------------

QUERY = 'orders_query = "SELECT * FROM orders"'


def test_a_base_is_set_by_its_address_and_one_query(read):
    found = read(f'orders = "postgresql://kam:{{env:KAM_DB}}@host/erp"\n{QUERY}')

    assert found.base == Base("postgresql://kam:{env:KAM_DB}@host/erp", "SELECT * FROM orders")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('orders = "sqlite:///erp.db"', "go together"), (QUERY, "go together"), (f'orders = "erp.db"\n{QUERY}', "no address"),
        (f'orders = "postgresql://kam:plain-one@host/erp"\n{QUERY}', "holds a password in plain text"),
        ('orders = "sqlite:///erp.db"\norders_query = "DROP TABLE orders"', "one query that only reads"),
    ],
)  # fmt: skip
def test_a_base_told_by_halves_or_with_its_secret_is_refused(read, text, said):
    with pytest.raises(KamError, match=said) as refused:
        read(text)
    assert "plain-one" not in str(refused.value)
