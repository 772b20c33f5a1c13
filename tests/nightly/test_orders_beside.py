"""A team's orders may lie beside its workbook as CSV or Parquet: the figures are those of a sheet Orders, and the team is one."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pandas.testing import assert_frame_equal

from kam_xl import resources
from kam_xl.core import frames, history
from kam_xl.hosts import archives
from kam_xl.showing import telling
from tests import files
from tests.nights import NIGHT, Night, night

pytestmark = pytest.mark.usefixtures("quiet_log", "readers_in_this_process")

#: Every 30 days for three years, until half a year ago; the last year's are smaller.
ORDERS = [
    {
        "customer_id": "C001",
        "order_no": f"X{n}",
        "ordered_on": dt.date(2023, 6, 1) + dt.timedelta(days=30 * n),
        "product": "甲",
        "quantity": n % 3 + 1.0,
        "amount": 30_000.5 if n < 24 else 9_000.25,
        "cost": 5_000.0,
    }
    for n in range(36)
]
CUSTOMER = {name: cell for name, cell in files.CUSTOMER.items() if name not in ("amount", "last_deal")}
HEADERS = ("客户ID", "订单号", "下单日期", "产品/服务", "数量", "金额（元）", "成本（元）")


def _csv(path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([HEADERS, *(order.values() for order in ORDERS)])


def _parquet(path: Path) -> None:
    columns = zip(*(order.values() for order in ORDERS), strict=True)
    pq.write_table(pa.table(dict(zip(HEADERS, columns, strict=True))), path)


def _of(work: Path, name: str) -> Night:
    teams = work / "teams"
    beside = {} if name else {"orders": ORDERS}
    files.team(teams / "华东" / "华东.xlsx", info=[CUSTOMER], **beside)
    if name:
        {".csv": _csv, ".parquet": _parquet}[Path(name).suffix](teams / "华东" / name)
    return night(teams, work, workers=1)


@pytest.fixture(scope="module")
def in_a_sheet(tmp_path_factory: pytest.TempPathFactory) -> Night:
    return _of(tmp_path_factory.mktemp("sheet"), "")


@pytest.mark.parametrize("name", ["orders.csv", "orders.parquet"])
def test_orders_beside_the_workbook_tell_what_those_in_it_would(name: str, tmp_path: Path, in_a_sheet: Night) -> None:
    beside = _of(tmp_path, name)

    columns = [*frames.ADDED["orders"], "amount", "since", "last_deal", "products", "teams", "team_count", "level"]
    assert_frame_equal(beside.found.customers[columns], in_a_sheet.found.customers[columns])
    told = ["customer_id", "rule", "evidence", "team"]
    assert_frame_equal(beside.found.risks[told], in_a_sheet.found.risks[told])
    assert {"order_overdue", "year_fell"} <= set(beside.found.risks["rule"])
    assert set(beside.found.portfolio.orders["book"]) == {f"华东/{name}"}
    assert [path.name for path in (beside.out / "teams").iterdir()] == ["华东_华东.xlsx"]


def test_orders_that_two_teams_workbooks_lie_beside_are_neithers(tmp_path: Path) -> None:
    teams = tmp_path / "teams"
    files.team(teams / "华东.xlsx", info=[CUSTOMER])
    files.team(teams / "华北.xlsx", info=[{**CUSTOMER, "customer_id": "C002", "name": "另一家"}])
    _parquet(teams / "orders.parquet")

    found = night(teams, tmp_path, workers=1).found

    assert set(found.portfolio.orders["team"]) == {"orders"}
    assert found.customers.set_index("customer_id")["order_count"].dropna().to_dict() == {"C001": 36.0}


@pytest.mark.usefixtures("nights_in_short")
def test_a_damaged_workbook_that_was_orders_is_its_teams_as_long_as_it_stays_damaged(tmp_path: Path) -> None:
    teams, damaged = tmp_path / "teams", b"PK\x03\x04" + b"x" * 100
    files.team(teams / "华东" / "华东.xlsx", info=[CUSTOMER])
    pd.DataFrame([order.values() for order in ORDERS], columns=HEADERS).to_excel(teams / "华东" / "订单.xlsx")
    night(teams, tmp_path, workers=1)
    (teams / "华东" / "订单.xlsx").write_bytes(damaged)
    files.team(teams / "华北" / "华北.xlsx", info=[{**CUSTOMER, "customer_id": "C002", "name": "另一家"}])
    (teams / "华北" / "新.xlsx").write_bytes(damaged)

    for days in (1, 2):
        done = night(teams, tmp_path, NIGHT + dt.timedelta(days), workers=1)
        lost = done.found.portfolio.sources.query("outcome == 'quarantined'").set_index("book")["team"]
        assert lost.to_dict() == {
            "华东/订单.xlsx": "华东/华东",
            "华北/新.xlsx": "华北/新",
        }  # what that one held nobody knows
        assert history.unread_teams(done.found.past, history.read_teams(done.found.portfolio.sources)) == {"华东/华东"}
    told = telling.with_reasons(done.found.portfolio.sources, resources.words("zh-CN")).set_index("book")["reason"]
    assert told["华东/订单.xlsx"].startswith("团队“华东/华东”的订单今晚没有读到")


def test_our_own_archive_among_the_workbooks_is_skipped_and_other_tables_are_no_news(tmp_path: Path) -> None:
    teams = tmp_path / "teams"
    files.team(teams / "华东.xlsx")
    mine = pd.DataFrame({"customer_id": ["C001"], "ordered_on": [pd.Timestamp("2026-01-05")], "amount": [1.0]})
    archives.write(teams / "archive", [("orders", mine)])
    pq.write_table(pa.table({"产品": ["甲"], "库存": [5]}), teams / "stock.parquet")

    done = night(teams, tmp_path, workers=1)

    sources = done.found.portfolio.sources.set_index("book")[["outcome", "reason"]]
    assert sources.loc["archive/orders.parquet"].tolist() == ["skipped", "own_output"]
    assert sources.loc["stock.parquet"].tolist() == ["skipped", "no_workbook_name"]
    assert done.found.portfolio.orders.empty
    assert done.code == 0
