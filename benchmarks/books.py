"""Team workbooks for the measurements: realistic cells, any number of books and customers, always the same."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from pathlib import Path

from xlsxwriter import Workbook

from kam_xl.core.sheets import STANDARD

_SYLLABLES = "华盛恒信达远通宏瑞科创联智汇德诚安泰博宇新光明海天元"
_PLACES = ("上海", "苏州", "深圳", "杭州", "成都", "武汉", "天津", "青岛")
_TRADES = ("科技", "医疗", "零售", "金融", "通信", "物流", "能源", "制造")
_REASONS = ("高利润+长合作", "中等利润+短合作", "行业增长快+扩容计划", "行业稳定+增量需求少", "定制化需求+低价格敏感")
PRODUCTS = ("A产品", "B服务", "C平台", "D方案", "E耗材")
_TIERS = ("战略客户", "重点客户", "普通客户", "潜力客户", "待优化客户")
_BANDS = (90, 70, 50, 30, 0)
_TODAY = dt.date(2026, 11, 21)


def make(folder: Path, books: int, customers: int) -> list[Path]:
    """`books` workbooks of `customers` rows in each of the three sheets; one customer in ten is served by two teams."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"team_{number:03}.xlsx" for number in range(books)]
    for number, path in enumerate(paths):
        if not path.exists():
            _write(path, number, customers)
    return paths


def change(paths: list[Path], customers: int, seed: str = "changed") -> None:
    """The same customers in these workbooks, and of each something else, with another seed again something else."""
    for path in paths:
        _write(path, int(path.stem.rpartition("_")[2]), customers, seed=seed)


def first_of(number: int, customers: int) -> int:
    """The number of the first customer in a workbook."""
    return number * customers * 9 // 10


def named(number: int) -> str:
    """The ID of a customer by its number."""
    return f"C{number:06}"


def _write(path: Path, number: int, customers: int, seed: str = "") -> None:
    chance = random.Random(f"{seed}{number}" if seed else number)
    first = first_of(number, customers)
    rows = {"info": _info, "evaluation": _evaluation, "tracking": _tracking}
    with Workbook(
        path, {"constant_memory": True, "strings_to_numbers": False, "default_date_format": "yyyy-mm-dd"}
    ) as book:
        for standard in STANDARD:
            sheet = book.add_worksheet(standard.zh)
            sheet.write_row(0, 0, [column.zh for column in standard.columns])
            for row in range(customers):
                sheet.write_row(row + 1, 0, list(rows[standard.kind](named(first + row), chance)))


def _ago(chance: random.Random, most: int) -> dt.date:
    return _TODAY - dt.timedelta(days=chance.randrange(most))


def _seldom(chance: random.Random, text: str) -> str:
    return text if chance.random() < 0.15 else ""


def _name(customer_id: str) -> str:
    own = random.Random(customer_id)
    return own.choice(_PLACES) + "".join(own.choices(_SYLLABLES, k=3)) + own.choice(_TRADES) + "有限公司"


def _info(customer_id: str, chance: random.Random) -> Iterator[object]:
    people = chance.randrange(20, 5000)
    yield customer_id
    yield _name(customer_id)
    yield chance.choice(_TRADES)
    yield f"{people}-{people * 2}人/{people / 100:.1f}-{people / 50:.1f}亿元"
    yield f"{chance.choice('王李张刘陈')}总（采购总监）"
    yield f"010-5550{chance.randrange(10000):04}"
    since = _ago(chance, 2500)
    yield since
    yield max(since, _ago(chance, 120))
    yield round(chance.lognormvariate(3, 1.5), 4)
    yield "、".join(chance.sample(PRODUCTS, 2))
    yield chance.choice(_TIERS)
    yield _seldom(chance, chance.choice(("2026年计划扩容", "竞争对手报价更低", "无流失风险")))


def _evaluation(customer_id: str, chance: random.Random) -> Iterator[object]:
    marks = [chance.randrange(20, 100) for _ in range(3)]
    yield customer_id
    for mark in marks:
        yield f"{mark}（{chance.choice(_REASONS)}）"
    score = (5 * marks[0] + 3 * marks[1] + 2 * marks[2]) / 10
    yield score
    yield next(tier for tier, low in zip(_TIERS, _BANDS, strict=True) if score >= low)
    yield _ago(chance, 200)
    yield "李总监（销售）"


def _tracking(customer_id: str, chance: random.Random) -> Iterator[object]:
    start = _ago(chance, 200)
    passed = (_TODAY - start).days / 180
    problem = _seldom(chance, "客户对操作不熟悉")
    yield f"{customer_id}/{_name(customer_id)}"
    yield f"{chance.choice(PRODUCTS)}推广计划{chance.randrange(900)}"
    yield f"{start}至{start + dt.timedelta(days=180)}"
    yield "完成2次高层拜访，定制方案已交付"
    yield "已完成" if passed > 0.8 else "部分完成" if passed > 0.4 else "进行中"
    yield f"自助使用率{chance.randrange(10, 50)}%，目标50%"
    yield problem
    yield problem and "增加线上培训视频"
    yield "王专员（客服）"
    yield max(start, _ago(chance, 40))
