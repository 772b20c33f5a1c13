"""A small company with every kind of sheet, assessed as in a night, for the tests of the meeting pages and the plans."""

from __future__ import annotations

import copy
import datetime as dt
import functools

import pandas as pd

from kam_xl import resources
from kam_xl.core import consolidation, history
from kam_xl.core.assessment import Assessment, assess
from tests.builders import team_book

NOW = dt.datetime(2026, 11, 20, 14)  # a Friday
PHONE = "13812345678"


def day(ahead: int) -> dt.date:
    """A day so many days after the night's."""
    return NOW.date() + dt.timedelta(days=ahead)


def moment(ahead: int, hour: int = 10) -> dt.datetime:
    """The same with an hour."""
    return dt.datetime.combine(day(ahead), dt.time(hour))


def _customer(number: int, **cells: object) -> dict[str, object]:
    return {
        "customer_id": f"C{number:03}", "name": f"客户{number}公司", "industry": "制造", "since": day(-700),
        "last_deal": day(-20), "amount": 100 * number, "products": "控制器、传感器", **cells,
    }  # fmt: skip


def _evaluation(number: int, mark: float, **cells: object) -> dict[str, object]:
    marks = dict.fromkeys(("value", "potential", "demand", "composite"), mark)
    return {"customer_id": f"C{number:03}", **marks, "evaluated_on": day(-60), "evaluator": "李总监", **cells}


def _strategy(number: int, **cells: object) -> dict[str, object]:
    return {
        "customer": f"C{number:03}/客户{number}公司", "strategy": f"联合实验室{number}", "actions": "每月例会",
        "period": f"{day(-100)}至{day(60)}", "status": "进行中", "effect": "复购率从60%提升至75%", "tracker": "赵敏",
        "tracked_on": day(-5), **cells,
    }  # fmt: skip


INFO = [
    *(_customer(number) for number in range(1, 8)),
    _customer(8, products="控制器", remarks=f"竞争对手在接触，电话 {PHONE}"),
]
EVALUATION = [_evaluation(1, 95), _evaluation(2, 92), _evaluation(3, 75), _evaluation(4, 60), _evaluation(5, 60),
              _evaluation(6, 40, value=20, potential=80), _evaluation(7, 20), _evaluation(8, 91, evaluated_on=day(-300))]  # fmt: skip
TRACKING = [
    _strategy(1),
    _strategy(2, period=f"{day(-200)}至{day(-30)}", problem="资源不足", improvement="增加人手"),
    _strategy(3, period=f"{day(-200)}至{day(-10)}", tracker="钱进"),
    _strategy(4, status="已完成", period=f"{day(-200)}至{day(-40)}"),
]
OPTIONAL = {
    "service": [
        {"customer_id": "C001", "kind": "投诉", "category": "交期延误", "severity": "重大", "reported": moment(-3, 9), "handler": "客服小周"},
        {"customer_id": "C003", "kind": "请求", "category": "培训", "severity": "普通", "reported": moment(0, 9), "answered": moment(0, 10)},
        {"customer_id": "C001", "kind": "满意度调查", "reported": moment(-30), "satisfaction": 96, "nps": 9},
        {"customer_id": "C002", "kind": "满意度调查", "reported": moment(-30), "satisfaction": 80, "nps": 5},
    ],
    "contacts": [
        {"customer_id": "C001", "name": "陈伟", "title": "采购经理", "role": "采购", "phone": PHONE, "birthday": dt.date(1980, 11, 25), "last_contact": day(-10)},
        {"customer_id": "C001", "name": "周芳", "title": "总经理", "role": "高层", "last_contact": day(-200)},
        {"customer_id": "C002", "name": "吴刚", "title": "工程师", "role": "技术", "left": "是"},
    ],
    "renewals": [
        {"customer_id": "C001", "kind": "续约", "product": "年度维保", "amount": 80, "renewal_date": day(40), "stage": "谈判", "owner": "赵敏"},
        {"customer_id": "C006", "kind": "试用", "product": "数据平台", "trial_expiry": day(5), "stage": "方案", "owner": "钱进"},
    ],
}  # fmt: skip


@functools.cache
def assessed(lang: str = "zh-CN", *, optional: bool = True, marked: bool = False) -> Assessment:
    """The night's assessment; ``marked`` has one action marked as done and one as postponed."""
    sheets = {"info": INFO, "evaluation": EVALUATION, "tracking": TRACKING, **(OPTIONAL if optional else {})}
    if marked:
        keys = assessed(lang).actions["key"].tolist()
        sheets["tasks"] = [
            {"action_id": keys[0], "customer_id": "C001", "status": "已完成"},
            {"action_id": keys[1], "customer_id": "C001", "status": "已推迟", "postponed_to": day(3)},
        ]
    policy = resources.policy()
    book = team_book(policy, "华东.xlsx", modified=NOW, **sheets)
    return assess(consolidation.consolidate([book], policy), policy, NOW, resources.words(lang))


def tonight(lang: str = "zh-CN") -> pd.DataFrame:
    """What the night keeps; a copy to change something in."""
    return _kept(lang).copy()


@functools.cache
def _kept(lang: str) -> pd.DataFrame:
    return history.snapshot(assessed(lang))


def earlier(days: int = 190) -> pd.DataFrame:
    """A snapshot of so many days ago: C002 was a tier lower, C003 one higher, C009 there, C008 not yet; no risks known."""
    past = tonight().assign(on=pd.Timestamp(day(-days)), risks="")
    past = past[past["customer_id"] != "C008"].reset_index(drop=True)
    at = past.set_index("customer_id").index
    for customer_id, tier, mark in (("C002", "key", 80.0), ("C003", "strategic", 92.0)):
        past.loc[at == customer_id, ["tier", "value", "potential", "demand", "score"]] = [tier, mark, mark, mark, mark]
    gone = past.iloc[[3]].assign(customer_id="C009", name="离开公司")
    past.loc[at == "C001", ["satisfaction", "nps", "health_colour"]] = [90.0, 6.0, "green"]
    return pd.concat([past, gone], ignore_index=True)


def with_frames(assessed: Assessment, **frames: pd.DataFrame) -> Assessment:
    """The assessment with other frames, those that are computed on demand too."""
    other = copy.copy(assessed)
    vars(other).update(frames)
    return other
