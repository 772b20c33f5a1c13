"""Orders of a database are read at night like any export; a base that is away is told in one sentence, and the night goes on."""

from __future__ import annotations

import contextlib
import sqlite3

import pytest

from kam_xl.hosts.databases import Base
from kam_xl.hosts.settings import Settings
from kam_xl.nightly import ordering
from kam_xl.resources import words
from kam_xl.showing import telling
from tests import files
from tests.nights import night

pytestmark = pytest.mark.usefixtures("quiet_log", "readers_in_this_process")
QUERY = 'SELECT customer AS "客户ID", day AS "订单日期", amount AS "金额（元）" FROM orders'


@pytest.fixture
def teams(tmp_path):
    files.team(tmp_path / "teams" / "华东.xlsx")
    return tmp_path / "teams"


def base(tmp_path, name="erp.db"):
    with contextlib.closing(sqlite3.connect(tmp_path / "erp.db")) as made, made:
        made.execute("CREATE TABLE orders (customer, day, amount)")
        made.executemany(
            "INSERT INTO orders VALUES (?, ?, ?)", [("C001", "2026-01-05", 30000), ("C001", "2026-02-06", 12000)]
        )
    return Settings(base=Base(f"sqlite:///{tmp_path / name}", QUERY))


def test_orders_of_a_database_stand_beside_those_of_workbooks(teams, tmp_path):
    done = night(teams, tmp_path, settings=base(tmp_path))

    orders = done.found.portfolio.orders
    assert orders[["customer_id", "amount", "book"]].to_numpy().tolist() == [
        ["C001", 3.0, ordering.NAME], ["C001", 1.2, ordering.NAME],
    ]  # fmt: skip
    assert done.code == 0
    assert sorted(path.name for path in teams.iterdir()) == ["华东.xlsx"]


def test_a_base_that_is_away_costs_the_night_nothing_else(teams, tmp_path):
    done = night(teams, tmp_path, settings=base(tmp_path, "away.db"))

    sources = done.found.portfolio.sources
    told = telling.with_reasons(sources[sources["outcome"] == "quarantined"], words("zh-CN"))
    assert told[["book", "reason"]].to_numpy().tolist() == [[ordering.NAME, "数据库连不上，或不让进（sqlite）"]]
    assert done.code == 1
    assert done.names == {"C001": files.CUSTOMER["name"]}
    assert "away.db" not in "".join(path.read_text("utf-8") for path in done.out.glob("*.html"))
