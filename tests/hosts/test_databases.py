"""Orders come out of an SQLite file and out of a real PostgreSQL: nothing is changed there, and no secret is told."""

from __future__ import annotations

import contextlib
import csv
import os
import shutil
import sqlite3
import subprocess
import time

import pytest

from kam_xl.core.errors import Refused
from kam_xl.hosts import databases
from kam_xl.hosts.databases import Base, Bounds
from tests.hosts import postgres

QUERY = (
    'SELECT customer AS "客户ID", day AS "订单日期", amount AS "金额（元）", product AS "产品" FROM orders ORDER BY day'
)
ROWS = [("C001", "2026-01-05", 3000.5, "甲,乙"), ("C002", "2026-02-06", -1200, None)]
ANSWER = [["客户ID", "订单日期", "金额（元）", "产品"], ["C001", "2026-01-05", "3000.5", "甲,乙"]]


BOUNDS = Bounds()


def fetched(base, folder, bounds=BOUNDS):
    databases.fetch(base, folder / "orders.csv", bounds)
    with (folder / "orders.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def reason(base, folder, bounds=BOUNDS):
    with pytest.raises(Refused) as refused:
        databases.fetch(base, folder / "orders.csv", bounds)
    return refused.value.reason, refused.value.detail


@pytest.fixture
def sqlite(tmp_path):
    path = tmp_path / "erp.db"
    with contextlib.closing(sqlite3.connect(path)) as base, base:
        base.execute("CREATE TABLE orders (customer, day, amount, product)")
        base.executemany("INSERT INTO orders VALUES (?, ?, ?, ?)", ROWS)
    return f"sqlite:///{path}"


def test_an_sqlite_file_answers_and_stays_as_it_is(sqlite, tmp_path):
    before = (tmp_path / "erp.db").read_bytes()

    assert fetched(Base(sqlite, QUERY), tmp_path)[:2] == ANSWER
    assert fetched(Base(sqlite, QUERY), tmp_path)[2] == ["C002", "2026-02-06", "-1200", ""]
    assert reason(Base(sqlite, "DELETE FROM orders"), tmp_path)[0] == "database_query"
    assert (tmp_path / "erp.db").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["erp.db", "orders.csv"]


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT {} FROM n"


def test_rows_and_time_have_bounds(sqlite, tmp_path):
    assert reason(Base(sqlite, ENDLESS.format("i")), tmp_path, Bounds(rows=1000)) == ("database_too_much", "1,000")
    assert reason(Base(sqlite, ENDLESS.format("i")), tmp_path, Bounds(text_bytes=1000))[0] == "database_too_much"
    began = time.monotonic()
    assert reason(Base(sqlite, ENDLESS.format("max(i)")), tmp_path, Bounds(seconds=0.2)) == ("database_slow", "0.2")
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("address", "query", "told"),
    [
        ("sqlite:////nowhere/erp.db", QUERY, "database_unreachable"), ("sqlite:///{here}", "SELECT nothing FROM orders", "database_query"),
        ("nosuchbase://host/x", QUERY, "database_no_driver"), ("postgresql://kam:{{env:KAM_NOT_SET}}@host/x", QUERY, "database_secret"),
        ("postgresql://kam@127.0.0.1:9/x", QUERY, "database_unreachable"),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_one_reason(sqlite, tmp_path, address, query, told):
    pytest.importorskip("sqlalchemy")
    base = Base(address.format(here=sqlite.removeprefix("sqlite:///")), query)

    assert reason(base, tmp_path)[0] == told


@pytest.mark.parametrize(
    ("address", "query", "fault"),
    [
        ("sqlite:///a.db", "SELECT 1", None), ("postgresql://kam:{env:P}@h/b", "with x as (select 1) select * from x;", None),
        ("mssql+pyodbc://@ERP", "SELECT 1", None), ("{keyring:kam/erp}", "SELECT 1", None), ("erp.db", "SELECT 1", "address"),
        ("postgresql://kam:plain@h/b", "SELECT 1", "secret"), ("mssql+pyodbc://@h/b?PWD=plain", "SELECT 1", "secret"),
        ("sqlite:///a.db", "DELETE FROM orders", "query"), ("sqlite:///a.db", "SELECT 1; DELETE FROM orders", "query"),
    ],
)  # fmt: skip
def test_a_base_is_looked_at_before_any_night(address, query, fault):
    assert databases.fault(Base(address, query)) == fault


# --- a real PostgreSQL ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server():
    pytest.importorskip("pg8000")
    if postgres.programs() is None:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL is missing: apt-get install postgresql")
        pytest.skip("no PostgreSQL: apt-get install postgresql")
    with postgres.server() as place:
        os.environ["KAM_TEST_DB"] = postgres.PASSWORD
        asked("CREATE TABLE orders (customer text, day date, amount numeric, product text)", place)
        asked(
            "CREATE SEQUENCE numbers; INSERT INTO orders VALUES ('C001', '2026-01-05', 3000.5, '甲,乙'), ('C002', '2026-02-06', -1200, NULL)",
            place,
        )
        yield place
        del os.environ["KAM_TEST_DB"]


def asked(sql, place):
    """What the server is told besides, by its own program."""
    command = [shutil.which("psql"), "-q", "-A", "-t", "-d", f"postgresql://kam@{place}", "-c", sql]
    done = subprocess.run(
        command, env={**os.environ, "PGPASSWORD": postgres.PASSWORD}, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def at(place):
    return f"postgresql://kam:{{env:KAM_TEST_DB}}@{place}"


@pytest.mark.programs
def test_a_postgresql_answers_and_nothing_in_it_can_be_changed(server, tmp_path):
    assert fetched(Base(at(server), QUERY), tmp_path)[:2] == ANSWER
    assert fetched(Base(at(server), QUERY + ";"), tmp_path)[2] == ["C002", "2026-02-06", "-1200", ""]
    changes = "WITH gone AS (DELETE FROM orders RETURNING *) SELECT * FROM gone"
    assert databases.fault(Base(at(server), changes)) is None
    assert reason(Base(at(server), changes), tmp_path)[0] == "database_query"
    assert reason(Base(at(server), "SELECT nextval('numbers')"), tmp_path) == ("database_query", "25006")  # read only
    assert asked("SELECT count(*) FROM orders", server) == "2"


@pytest.mark.programs
def test_what_a_postgresql_says_no_to_is_told_by_its_code_and_never_with_a_secret(server, tmp_path, monkeypatch):
    assert reason(Base(at(server), "SELECT nothing FROM orders"), tmp_path) == ("database_query", "42703")
    assert reason(Base(at(server), "SELECT pg_sleep(60)"), tmp_path, Bounds(seconds=0.5))[0] == "database_slow"
    endless = ENDLESS.format("i")
    assert reason(Base(at(server), endless), tmp_path, Bounds(rows=1000)) == ("database_too_much", "1,000")
    monkeypatch.setenv("KAM_TEST_DB", "wrong-and-secret")
    with pytest.raises(Refused) as refused:
        databases.fetch(Base(at(server), QUERY), tmp_path / "orders.csv", Bounds())
    assert (refused.value.reason, refused.value.detail) == ("database_unreachable", "28P01")
    assert "secret" not in str(refused.value)
