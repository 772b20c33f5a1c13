"""The account plan: who gets a page, what stands on it, that it fits on one sheet of paper, and its file's name."""

import dataclasses
import re

import pandas as pd
import pytest

from kam_xl.core import frames, planning
from kam_xl.reports import account_plan
from kam_xl.resources import policy
from tests import builders
from tests.reports import accounts
from tests.reports.test_summary import HOSTILE, LANGUAGES, Outline

IN_BOTH = pytest.mark.parametrize("lang", LANGUAGES)


def page(lang="zh-CN", customer_id="C001", assessment=None):
    return account_plan.render(assessment or accounts.assessed(lang), customer_id)


def main(text):
    return text[text.index("<main>") : text.index("</main>")]


def part(text, key):
    """One part of the page as plain text."""
    found = re.search(rf'<section id="{key}">.*?</section>', text, re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[0]))


@IN_BOTH
def test_the_page_is_the_golden_one(golden, lang):
    golden(f"account_plan.{lang}.html", main(page(lang)))


@IN_BOTH
def test_the_page_is_complete_in_itself_and_holds_no_phone_and_no_birthday(lang):
    text = page(lang)
    outline = Outline(text)

    assert ("lang", lang) in outline.attributes
    assert not {"script", "link", "img", "iframe", "base", "form"} & set(outline.tags)
    assert not re.search(r"url\(|@import|https?:", text)
    assert outline.open == []
    assert accounts.PHONE not in text
    assert "1980" not in text


def test_hostile_texts_stay_text():
    whole = accounts.assessed("en")
    hostile = accounts.with_frames(
        whole,
        customers=whole.customers.assign(name=HOSTILE, manager=HOSTILE),
        matters=whole.matters.assign(evidence=HOSTILE),
        goals=whole.goals.assign(strategy=HOSTILE),
    )

    outline = Outline(page("en", assessment=hostile))

    assert "script" not in outline.tags
    assert HOSTILE in outline.text


def test_the_page_says_what_a_team_needs_for_its_customer():
    text = page()

    assert "最高层级" in part(text, "score")
    assert "深度绑定，生态共建" in part(text, "tier_plan")
    assert "优先预算、专属客服通道" in part(text, "tier_plan")
    assert "联合实验室1 进行中 2027-01-19 赵敏 资源" in part(text, "strategies")
    assert "采购 联系正常 使用部门 缺失 技术 缺失 高层 久未联系" in part(text, "contacts")
    assert "陈伟" in part(text, "contacts")
    assert "交期延误" in part(text, "cases")
    assert "2026-12-30 续约 年度维保 80.0 谈判" in part(text, "deals")
    assert "超过服务时限" in part(text, "matters")
    assert "客户经理 赵敏 · 升级至 销售总监" in text
    assert "议题" in part(text, "visit")


@pytest.mark.slow
def test_a_customer_without_tier_contacts_or_deals_says_what_is_missing():
    whole = accounts.assessed("zh-CN", optional=False)
    unknown = whole.customers.assign(
        computed_tier=pd.Series([None] * len(whole.customers), dtype="str"), value=float("nan")
    )
    bare = accounts.with_frames(whole, customers=unknown, visits=whole.visits.iloc[:0], actions=whole.actions.iloc[:0])

    text = page(customer_id="C005", assessment=bare)

    assert "还没有层级" in part(text, "tier_plan")
    assert "没有执行中的策略" in part(text, "strategies")
    assert "没有联系人记录" in part(text, "contacts")
    assert "没有计划拜访" in part(text, "visit")
    assert "近期没有行动" in part(text, "actions")


def test_who_has_left_is_no_contact():
    assert "吴刚" not in page(customer_id="C002")


def test_what_there_is_no_room_for_is_counted():
    whole = accounts.assessed("zh-CN")
    matters = whole.matters[whole.matters["customer_id"] == "C001"].head(1)
    many = accounts.with_frames(whole, matters=pd.concat([matters] * 9))

    assert f"另有 {9 - account_plan.ROOM['matters']} 条" in part(page(assessment=many), "matters")


def test_an_action_past_its_day_is_told_to_be_overdue():
    assert re.search("超过服务时限.*已逾期", part(page(), "actions"))


def test_only_what_is_still_to_be_done_is_counted_as_an_action():
    whole = accounts.assessed("zh-CN")
    own = whole.actions[whole.actions["customer_id"] == "C001"].head(1)
    kinds = [("visit", "open"), ("visit", "postponed"), ("visit", "done"), ("marked", "open"), ("marked", "postponed")]
    rows = pd.concat([own.assign(source=source, status=status) for source, status in kinds])
    rows = planning.dated(rows, whole.policy, pd.Timestamp(whole.today))

    text = page(assessment=accounts.with_frames(whole, actions=rows))

    assert re.search(r"待办行动\s+2\s", re.sub(r"<[^>]+>", " ", text))


def test_a_stranger_has_no_page():
    with pytest.raises(KeyError, match="C999"):
        page(customer_id="C999")


# --- who gets a page --------------------------------------------------------------------------------------------------


def test_the_policys_tiers_get_a_page_those_most_at_risk_first():
    whole = accounts.assessed("zh-CN")

    found = account_plan.customers(whole)

    assert set(found) == {"C001", "C002", "C008"}
    assert found[0] == whole.customers.set_index("customer_id")["risk_score"].idxmax()


def test_no_more_pages_are_made_than_the_policy_says():
    rules = policy()
    one = dataclasses.replace(rules, plan=dataclasses.replace(rules.plan, pages=1, page_tiers=("key", "strategic")))
    few = dataclasses.replace(accounts.assessed("zh-CN"), policy=one)

    assert [name for name, _ in account_plan.pages(few)] == [
        account_plan.file_name(customer_id) for customer_id in account_plan.customers(few)
    ]
    assert len(account_plan.customers(few)) == 1


def test_a_page_of_many_is_the_page_of_one():
    pages = dict(account_plan.pages(accounts.assessed("en")))

    assert pages["C001.html"] == page("en")


@pytest.mark.parametrize("customer_id", ["C001", "KH-2024_7"])
def test_a_plain_id_names_its_file(customer_id):
    assert account_plan.file_name(customer_id) == f"{customer_id}.html"


@pytest.mark.parametrize(
    "customer_id", ["../C001", "c001", "CON", "LPT1", "客户/1", "A" * 200, "C:1", "a.b ", "C001\n", ""]
)
def test_any_other_id_has_a_safe_name_of_its_own(customer_id):
    name = account_plan.file_name(customer_id)

    assert re.fullmatch(r"[\w-]{0,60}-[0-9a-f]{8}\.html", name)
    assert name != account_plan.file_name(customer_id + " ")


# --- on paper ---------------------------------------------------------------------------------------------------------

LONG = {"zh-CN": "这是一段非常长的说明文字用来检验页面", "en": "quite a long explanation of what goes on here "}


def crowded(lang):
    """An assessment whose C001 has far too much of everything, in long sentences."""
    whole, long = accounts.assessed(lang), LONG[lang] * 20

    def many(frame, **texts):
        own = frame[frame["customer_id"] == "C001"] if (frame["customer_id"] == "C001").any() else frame.head(1)
        return pd.concat([own.head(1)] * 30).assign(customer_id="C001", **texts)

    sheets = whole.portfolio
    portfolio = dataclasses.replace(
        sheets, tracking=many(sheets.tracking), contacts=many(sheets.contacts, name=long, title=long, left=False),
        renewals=many(sheets.renewals, product=long, stage="lead"),
    )  # fmt: skip
    offers = pd.DataFrame(
        [{"customer_id": "C001", "product": long, "share": 0.4, "buyers": 2.0, "similar": 5.0, "open": False}] * 9
    )
    return accounts.with_frames(
        whole, portfolio=portfolio, whitespace=offers,
        customers=whole.customers.assign(name=long[:60], manager=long[:40], teams=long[:40]),
        matters=many(whole.matters, evidence=long, subject=long), cases=many(whole.cases, category=long),
        goals=many(whole.goals, strategy=long, missing="goal metric baseline target measures owner deadline resources"),
        visits=whole.visits.assign(agenda=long, manager=long[:40]), actions=many(whole.actions, action=long),
    )  # fmt: skip


def test_the_health_says_what_the_trend_of_its_scale_goes_by(an_assessment):
    told = {lang: part(page(lang, "C003", an_assessment(lang)), "health") for lang in LANGUAGES}

    assert "规模走势看订单：近十二个月 10.5 万元，此前十二个月 15 万元，−30%，计 −18.0 分" in told["zh-CN"]
    assert "by the orders: 10.5 in the last twelve months after 15 in the twelve before (10k CNY), −30%" in told["en"]


@IN_BOTH
@pytest.mark.parametrize("full", [True, False])
def test_the_plan_prints_on_one_page(tmp_path, as_png, lang, full):
    path = tmp_path / "plan.html"
    path.write_text(page(lang, assessment=crowded(lang) if full else None), "utf-8")

    assert len(as_png(path)) == 1


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("zh-CN", "层级并不确定：重点 64% · 战略 36%（今天由另一位评估人重评，得分可能差 ±1.8 分）"),
        (
            "en",
            "The tier is not sure: 重点 64% · 战略 36% (judged again today by somebody else, the score may differ by ±1.8)",
        ),
    ],
)
def test_a_tier_that_is_not_sure_is_told_beside_the_score_and_no_other(lang, said):
    told = {"customer_id": "C001", "tier": "key", "chance": 0.64, "other": "strategic", "other_chance": 0.36, "spread": 1.8,
            "said": "重点 64% · 战略 36%"}  # fmt: skip
    whole = accounts.with_frames(
        accounts.assessed(lang), confidence=builders.frame(frames.ASSESSMENT["confidence"], [told])
    )

    assert said in part(page(lang, assessment=whole), "score")
    assert said not in part(page(lang), "score")
