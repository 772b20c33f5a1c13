"""What a strategy promises is read as typed, and what its plan lacks is named with its cell (S0, S3)."""

import datetime as dt
import time

import pandas as pd
import pytest

from kam_xl.core import goals
from kam_xl.core.goals import Goal
from kam_xl.core.policy import Policy

D = dt.date


@pytest.mark.parametrize(
    ("text", "goal"),
    [
        ("6个月内将战略客户的复购率从60%提升至75%", Goal("复购率", 0.6, 0.75, months=6)),
        ("六個月內將戰略客戶的復購率從60%提升至75%", Goal("復購率", 0.6, 0.75, months=6)),
        ("raise the repurchase rate from 60% to 75% by 2026-06-30", Goal("repurchase rate", 0.6, 0.75, deadline=D(2026, 6, 30))),
        ("自助使用率30%，目标50%", Goal("自助使用率", 0.3, 0.5)),
        ("Sales 12%, target 15%", Goal("Sales", 0.12, 0.15)),
        ("合作额增长22%，目标20%", Goal("合作额", 0.22, 0.2, relative=True)),
        ("服务成本下降8%，目标20%", Goal("服务成本", -0.08, -0.2, relative=True)),
        ("NPS 40→60", Goal("NPS", 40, 60)),
        ("将响应时间从8小时缩短至2小时", Goal("响应时间", 8, 2)),
        ("在2026年12月31日前把客户的使用率由30％提高到50％", Goal("使用率", 0.3, 0.5, deadline=D(2026, 12, 31))),
        ("销售额增长15%", Goal("销售额", None, 0.15, relative=True)),
        ("复购率+15%", Goal("复购率", None, 0.15, relative=True)),
        ("服务成本−20%", Goal("服务成本", None, -0.2, relative=True)),
        ("成本下降20%", Goal("成本", None, -0.2, relative=True)),
        ("sales up 15%", Goal("sales", None, 0.15, relative=True)),
        ("increase sales by 15% within 2 quarters", Goal("sales", None, 0.15, relative=True, months=6)),
        ("2026年2月底前客单价提升10个百分点", Goal("客单价", None, 0.1, relative=True, deadline=D(2026, 2, 28))),
        ("满意度≥95", Goal("满意度", None, 95)),
        ("满意度达到95分", Goal("满意度", None, 95)),
        ("流失率降至10%以下", Goal("流失率", None, 0.1)),
        ("目标：复购率75%", Goal("复购率", None, 0.75)),
        ("年采购额达到1,200万元", Goal("采购额", None, 1200)),
        ("自助使用率30%", Goal("自助使用率", 0.3)),
        ("巩固关系；满意度从90提高到95", Goal("满意度", 90, 95)),  # the clause that says most
        ("深度绑定，生态共建", Goal()),
        ("三周内拜访", Goal(days=21)),
        ("到2026-06-00完成30%", Goal("完成", 0.3)),  # no day of the calendar is no deadline, nor a figure
        ("by 0000-05-01 30%", Goal()),
        ("到2926-05-01满意度达到95，3个月内", Goal("满意度", None, 95, months=3)),
        ("99999个月内销售额增长30%", Goal("销售额", None, 0.3, relative=True)),
        ("within 9999999999 days sales up 3%", Goal("sales", None, 0.03, relative=True)),
        ("满意度　 达到  95", Goal("满意度", None, 95)),
        ("复购率达到75%" + "，继续" * 999, Goal("复购率", None, 0.75)),
        ("好" * 193 + "，满意度达到95分", Goal()),  # not the 9 up to which it is read
        ("2026年13月底前完成", Goal()),
        ("3家", Goal()),  # a number of nothing
        ("", Goal()),
    ],
)  # fmt: skip
def test_a_goal_as_typed(text: str, goal: Goal) -> None:
    assert goals.parse(text) == goal


@pytest.mark.parametrize(
    "unit", ["提", "提升 ", "a", " ", "从", "1 ", "1,", "1;", "从" * 199 + ";", "目标1", "2026年", "within "]
)
def test_the_longest_text_a_cell_may_hold_is_read_at_once(unit: str) -> None:
    text = "1" + (unit * 32767)[:32766]
    goals.parse("1")
    began = time.perf_counter()
    goals.parse(text)
    assert time.perf_counter() - began < 0.5


WHOLE = {
    "strategy": "深度绑定", "effect": "复购率从60%提升至75%", "actions": "成立专项小组", "tracker": "李四",
    "start": D(2024, 1, 31), "end": D(2024, 12, 31),
}  # fmt: skip
LETTERS = {
    ("华东.xlsx", "tracking"): {"strategy": "B", "effect": "F", "period": "C", "actions": "D", "tracker": "I"},
}  # fmt: skip


@pytest.fixture
def checked(a_portfolio, policy: Policy):
    """One tracking row → its check."""

    def run(**row: object) -> pd.Series:
        return goals.check(a_portfolio(tracking=[WHOLE | row], letters=LETTERS), policy).iloc[0]

    return run


def test_a_whole_plan_lacks_nothing(checked) -> None:
    row = checked()
    assert row[["metric", "baseline", "target", "owner", "missing", "cell"]].tolist() == [
        "复购率", 0.6, 0.75, "李四", "", "B2",
    ]  # fmt: skip
    assert row["deadline"] == pd.Timestamp("2024-12-31")
    assert tuple(row.index) == goals.COLUMNS


@pytest.mark.parametrize(
    ("row", "missing", "cell"),
    [
        ({"effect": "销售额增长15%"}, "baseline", "F2"),
        ({"effect": None}, "metric baseline target", "F2"),
        ({"effect": None, "strategy": None}, "goal metric baseline target", "B2"),
        ({"effect": "自助使用率30%"}, "target", "F2"),
        ({"actions": "成立专项小组", "tracker": "无"}, "owner", "I2"),
        ({"end": None}, "deadline", "C2"),
        ({"actions": "拜访高层"}, "resources", "D2"),
        ({"actions": None}, "measures resources", "D2"),
        ({"actions": "拜访高层", "extras": "预算=5万"}, "", "B2"),
        ({"actions": "Weekly steam cleaning"}, "resources", "D2"),  # steam is no team
        ({"end": None, "strategy": "6个月内深度绑定"}, "", "B2"),
    ],
)
def test_what_is_missing_is_named_with_its_cell(row: dict, missing: str, cell: str, checked) -> None:
    assert checked(**row)[["missing", "cell"]].tolist() == [missing, cell]


def test_the_strategy_may_state_the_goal(checked) -> None:
    row = checked(effect="进展顺利", strategy="6个月内将复购率从60%提升至75%")
    assert row[["metric", "baseline", "target", "missing"]].tolist() == ["复购率", 0.6, 0.75, ""]
    assert row["deadline"] == pd.Timestamp("2024-07-31")
    assert checked(strategy="1个月内" + WHOLE["effect"])["deadline"] == pd.Timestamp("2024-02-29")  # no 31st
    assert pd.isna(
        checked(strategy="6个月内深度绑定", start=None, end=None)["deadline"]
    )  # stated, from nobody knows when
    assert checked(strategy="6个月内深度绑定", start=None, end=None)["missing"] == ""


def test_the_number_of_a_phone_is_no_goal(checked) -> None:
    found = checked(strategy="联系王总 电话98983378", effect=None)
    assert found[["baseline", "target"]].isna().all()


def test_a_deadline_in_another_century_is_unknown(checked) -> None:
    assert checked(strategy="99999个月内深度绑定", end=None)["missing"] == "deadline"
    row = checked(strategy="60个月内深度绑定", start=D(2199, 1, 1), end=None)
    assert pd.isna(row["deadline"])


def test_no_tracking_no_goals(a_portfolio, policy: Policy) -> None:
    assert goals.check(a_portfolio(tracking=[]), policy).columns.tolist() == list(goals.COLUMNS)
