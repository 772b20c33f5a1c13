"""Why figures changed: what the command says and writes, of all customers and of one, and what it cannot say."""

import datetime as dt
import shutil

import pytest

from kam_xl import nightly
from kam_xl.hosts import isolation
from tests import files
from tests.commands import call
from tests.nights import in_short

pytestmark = [pytest.mark.usefixtures("quiet_log"), pytest.mark.slow]
FIRST = dt.datetime(2026, 11, 27, 2)
PHONE = "13800001234"
MARKS = {"value": 80, "potential": 70, "demand": 60, "evaluated_on": dt.date(2026, 9, 1)}


def typed(folder, amount, value):
    """One team's workbook: the amount of its first customer, the mark of its second."""
    people = [("C001", f"甲公司 {PHONE}", amount), ("C002", "乙公司", 300), ("C003", "丙公司", 200)]
    info = [
        {"customer_id": who, "name": name, "amount": money, "last_deal": dt.date(2026, 10, 20)}
        for who, name, money in people
    ]
    marks = [{"customer_id": who, **MARKS, **({"value": value} if who == "C002" else {})} for who, _, _ in people]
    files.team(folder / "华东.xlsx", saved=FIRST, info=info, evaluation=marks)


@pytest.fixture(scope="module")
def two_nights(tmp_path_factory):
    """The outputs of two nights; between them an amount and a mark were changed."""
    work = tmp_path_factory.mktemp("why")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(isolation, "read_one", isolation._answer)
        in_short(patch.setattr)
        for days, (amount, value) in enumerate([(520, 80), (400.5, 30)]):
            typed(work / "teams", amount, value)
            nightly.run(nightly.Job(work / "teams", work / "out", workers=1), FIRST + dt.timedelta(days=days))
    return work / "out"


def everything(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != ".kam_xl.lock"}


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("zh-CN", ["520 → 400.5（−119.5）", "自身数据 −119.5", "华东.xlsx 客户基础信息表!I2 累计交易额（万元）：520 → 400.5", "重点客户 → 潜力客户"]),
        ("en", ["520 → 400.5 (−119.5)", "own data −119.5", "华东.xlsx 客户基础信息表!I2 Cumulative amount (10k CNY): 520 → 400.5", "Key → Potential"]),
    ],
)  # fmt: skip
def test_all_that_changed_is_told_with_why(two_nights, lang, said):
    before = everything(two_nights)
    ended = call("why", two_nights, "--lang", lang)

    assert ended.exit_code == 0
    assert [one for one in said if one not in ended.stdout] == []
    assert PHONE not in ended.stdout
    assert ended.stdout.count("客户基础信息表!I2") == 1
    assert ("主要原因：自身数据（2 家）" if lang == "zh-CN" else "mainly own data (2 of them)") in ended.stdout
    assert everything(two_nights) == before


def test_one_customer_is_told_and_drawn(two_nights, tmp_path):
    ended = call("why", two_nights, "C002", "--since", "2026-11-27", "--page", tmp_path / "why.html")

    page = (tmp_path / "why.html").read_text("utf-8")
    assert ended.exit_code == 0
    assert "自身数据 −25.0" in ended.stdout
    assert "520" not in ended.stdout
    assert page.count("<svg") >= 3
    assert "综合得分：73.0 → 48.0（−25.0）" in page
    assert 'class="n bad">−25.0<' in page


def test_the_page_of_all_shows_the_figures_of_the_first_page(two_nights, tmp_path):
    call("why", two_nights, "--page", tmp_path / "why.html")

    page = (tmp_path / "why.html").read_text("utf-8")
    assert "累计交易额（万元）：1,020 → 900.5（−119.5）" in page
    assert PHONE not in page


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("C999",), "这两晚都没有客户 C999"),
        (("--since", "2026-11-01"), "没有 2026-11-01 或更早的一晚；最早的是 2026-11-27"),
        (("--since", "昨天"), "--since 的值无效；应为：日期"),
    ],
)
def test_what_cannot_be_told_is_said(two_nights, asked, said):
    ended = call("why", two_nights, *asked)

    assert (ended.exit_code, said in ended.stderr) == (2, True)


def test_a_store_that_lost_a_night_says_so(two_nights, tmp_path):
    shutil.copytree(two_nights, tmp_path / "out")
    for entry in (tmp_path / "out" / "store" / "books").iterdir():
        entry.unlink()

    ended = call("why", tmp_path / "out")
    nothing = call("why", tmp_path)

    assert (ended.exit_code, "无法再算" in ended.stderr) == (2, True)
    assert (nothing.exit_code, "没有可比较的夜晚" in nothing.stderr) == (2, True)


def test_a_page_that_cannot_be_written_is_told_in_one_sentence(two_nights, tmp_path):
    (tmp_path / "file").touch()

    ended = call("why", two_nights, "--page", tmp_path / "file" / "why.html", "--lang", "en")

    assert ended.exit_code == 2
    assert "cannot be written to. Check the path" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
