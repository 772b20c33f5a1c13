"""What mail and chat are told: only what is new to them, the worst first, masked, and never more than there is room for."""

import pandas as pd
import pytest

from kam_xl.core.kinds import LEVELS
from kam_xl.core.outside import outside
from kam_xl.reports.message import facts, heard, message, sentence, unheard

BOOK = "book:西南/客户台账 加密.xlsx"
PLACE = "D:/out/risk_summary.html"


@pytest.fixture
def night(an_assessment):
    """``night("en")``: one night, its risks with keys R0, R1 …; the risks can be replaced, keys closed."""

    def made(lang="zh-CN", risks=None, closed=()):
        assessment = an_assessment(lang)
        matters = assessment.matters
        keyed = matters.assign(key=[f"R{n}" for n in range(len(matters))])
        assessment.matters = keyed if risks is None else risks(keyed)
        assessment.closed = pd.DataFrame({"key": closed}, dtype="str")
        assessment.portfolio.contacts = pd.DataFrame({"customer_id": [], "name": []}, dtype="str")
        return assessment

    return made


def told(assessment, already=None, lang="zh-CN", **options):
    return message(outside(assessment), already or {}, **{"top": 3, "place": PLACE} | options)


def without_books(assessment):
    sources = assessment.portfolio.sources
    assessment.portfolio.sources = sources[sources["outcome"] != "quarantined"]
    return assessment


def changed(assessment, **levels):
    """The same night with other levels of some risks."""
    assessment.matters = assessment.matters.assign(
        level=assessment.matters["key"].map(levels).fillna(assessment.matters["level"])
    )
    return assessment


# --- what is new ------------------------------------------------------------------------------------------------------


def test_the_first_message_has_headline_figures_and_the_worst_risks(night):
    said = told(night())

    lines = said.text.splitlines()
    assert said.title == "KAM XL 大客户：1 家战略客户处于高风险，涉及 3,520.0 万元，占全部交易额 44%；比昨晚多 1 家"
    assert lines[0] == "高风险客户：2（较昨晚 +1）"
    assert lines[6] == "工作簿未能使用：西南/客户台账 加密.xlsx（工作簿有打开密码）"
    assert lines[7].startswith("[高] C003 北辰新能源股份有限公司：")
    assert lines[7].endswith(
        "客户沉默。254 天没有成交或接触，超过 135 天（90 天 × 1.5）。负责人：赵敏，期限 2025-11-24"
    )
    assert [line[:11] for line in lines[8:10]] == ["[高] C003 北辰", "[高] C009 东湖"]
    assert lines[10:] == ["另有 4 项新事项，见风险摘要。", f"完整内容：{PLACE}"]


def test_in_english_too(night):
    said = told(night("en"), lang="en")

    assert (
        said.title
        == "KAM XL: 1 strategic customer at high risk, with CNY 35.2 million, 44% of all; 1 more than last night"
    )
    assert "[High] C009 东湖光电: " in said.text
    assert said.text.endswith(f"4 more new matters in the risk summary.\nThe whole summary: {PLACE}")


def test_high_risks_come_before_all_others(night):
    levels = [line[1] for line in told(night(), top=10).text.splitlines() if line.startswith("[")]

    assert levels == ["高"] * 3 + ["中"] * 3 + ["低"]


def test_what_was_told_is_not_told_again(night):
    assert told(night(), heard(night(), {})) is None


def test_a_night_without_any_risk_says_nothing(night):
    assert told(without_books(night(risks=lambda risks: risks.iloc[:0]))) is None


def test_a_new_risk_is_told_and_no_other(night):
    already = {key: level for key, level in heard(night(), {}).items() if key != "R5"}

    said = told(night(), already)

    (line,) = [line for line in said.text.splitlines() if line.startswith("[")]
    assert line.startswith("[中] C005 中原食品加工厂：")
    assert "备注出现“拖欠”" in line
    assert "另有" not in said.text


@pytest.mark.parametrize("lower", [1, 2])
def test_a_risk_that_got_worse_is_news(night, lower):
    already = heard(night(), {}) | {"R0": LEVELS[lower]}

    assert "[高，已加重] C003" in told(night(), already).text
    assert told(night(), already | {"R0": "high"}) is None


def test_a_risk_that_eased_is_no_news_but_is_when_it_rises_again(night):
    knows = heard(changed(night(), R0="low"), heard(night(), {}))

    assert told(changed(night(), R0="low"), heard(night(), {})) is None
    assert "[高，已加重] C003" in told(night(), knows).text


def test_a_risk_that_was_gone_is_news_when_it_is_back(night):
    gone = night(risks=lambda risks: risks[risks["key"] != "R0"], closed=["R0"])

    for knows in (heard, unheard):
        assert "[高] C003" in told(night(), knows(gone, heard(night(), {}))).text


def test_a_risk_that_a_lost_workbook_hid_is_no_news_when_it_is_back(night):
    lost = night(risks=lambda risks: risks[risks["key"] != "R0"])

    for knows in (heard, unheard):
        assert told(night(), knows(lost, heard(night(), {}))) is None


def test_who_could_not_be_reached_hears_it_the_next_night(night):
    assert unheard(night(), {}) == {}
    assert told(night(), unheard(night(), {})).text == told(night()).text


def test_a_risk_that_eased_unheard_is_news_when_it_rises(night):
    knows = unheard(changed(night(), R0="low"), heard(night(), {}))

    assert "[高，已加重] C003" in told(night(), knows).text


def test_a_workbook_that_was_read_again_unheard_is_news_when_it_is_lost(night):
    knows = unheard(without_books(night()), heard(night(), {}))

    assert "客户台账 加密.xlsx" in told(night(), knows).text


def test_a_workbook_left_out_is_told_once_for_each_reason(night):
    already = heard(night(), {})

    assert facts(night())[BOOK] == "encrypted"
    assert "客户台账 加密.xlsx" in told(night(), already | {BOOK: "empty_file"}).text
    assert told(night(), already) is None


def test_many_workbooks_left_out_are_counted(night):
    assessment = night()
    lost = assessment.portfolio.sources[assessment.portfolio.sources["outcome"] == "quarantined"]
    assessment.portfolio.sources = pd.concat([lost.assign(book=f"{n}.xlsx") for n in range(8)], ignore_index=True)

    text = told(assessment).text

    assert text.count("工作簿未能使用：") == 5
    assert "另有 3 个工作簿未能使用。" in text


# --- what outsiders may read ------------------------------------------------------------------------------------------


def test_phones_and_contact_persons_are_masked_in_text_and_mail(night):
    def leaky(risks):
        evidence = ["备注：找王总 13800001234 或 021-58880000，李小明已离职", *risks["evidence"][1:]]
        return risks.assign(evidence=evidence)

    assessment = night(risks=leaky)
    assessment.portfolio.contacts = pd.DataFrame({"customer_id": ["C003", "C003", "C009"],
                                                  "name": ["李小明", None, "东"]})  # fmt: skip
    said = told(assessment)

    for shown in (said.text, said.html):
        assert "备注：找王* 138****1234 或" in shown
        assert "李**已离职" in shown
        assert [secret for secret in ("王总", "李小明", "13800001234", "58880000") if secret in shown] == []
        assert "东湖光电" in shown


def test_a_mail_shows_what_was_typed_and_runs_none_of_it(night):
    html = told(night(risks=lambda rows: rows.assign(name="=cmd|'/c calc'!A1", evidence="<script>")), top=10).html

    assert "<script" not in html
    assert "=cmd|" in html


def test_a_mail_has_its_styles_on_its_elements(night):
    html = told(night()).html

    assert [tag for tag in ("<style", "<link", "<img", "http") if tag in html] == []
    assert "北辰新能源" in html
    assert "另有 4 项新事项" in html
    assert PLACE in html


@pytest.mark.parametrize(
    ("contact", "evidence", "told_as"),
    [
        ("王总（采购总监）", "王总说再看看", "王*说再看看"),
        ("张伟（采购）、李娜（技术）", "李娜接替张伟", "李*接替张*"),
        ("张伟/李娜", "李娜接替张伟", "李*接替张*"),
        ("Li (buyer), Anna Ray", "Li and Anna Ray of Alpine Limited", "L* and A******* of Alpine Limited"),
        ("王（经理）", "王府井店", "王府井店"),
        (None, "王总", "王总"),
    ],
)
def test_a_contact_person_is_masked_however_the_cell_is_written(night, contact, evidence, told_as):
    assessment = night(risks=lambda risks: risks.head(1).assign(evidence=evidence))
    records = assessment.portfolio.records
    assessment.portfolio.records = records.assign(contact=pd.Series([contact] * len(records), dtype="str"))

    said = told(assessment)

    assert f"。{told_as}。" in said.text
    assert told_as in said.html


# --- room -------------------------------------------------------------------------------------------------------------


def size(said):
    return len(f"{said.title}\r\n{said.text}".encode())


@pytest.mark.parametrize("room", [2048, 1400, 1000, 700, 300, 100, 10])
def test_a_message_takes_no_more_room_than_there_is(night, room):
    said = told(night(), top=10, room=room)

    assert size(said) <= max(room, len(said.title.encode()) + 2)


def test_as_many_risks_as_fit_are_told_and_the_rest_counted(night):
    whole = told(night(), top=10)

    assert told(night(), top=10, room=size(whole)).text == whole.text
    less = told(night(), top=10, room=size(whole) - 1).text
    assert less.count("\n[") == 6
    assert "另有 1 项新事项" in less
    assert "新事项 7 项，见风险摘要。" in told(night(), top=10, room=700).text


def test_a_sentence_is_a_message_too():
    said = sentence("标题", "<b>找不到文件夹")

    assert (said.title, said.text) == ("标题", "<b>找不到文件夹")
    assert "&lt;b&gt;找不到文件夹" in said.html
