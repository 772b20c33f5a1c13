"""Optional sheets for the measurements, as a consolidated portfolio has them: a service log, contacts, deals, always the same."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd

from kam_xl.core import sheets
from kam_xl.core.portfolio import Portfolio

_CATEGORIES = ("交付延迟", "产品质量", "对账开票", "使用咨询", "软件升级", "备件供应")
_PRODUCTS = ("远程运维", "能耗监测", "备件年包", "仓储软件", "传感器")
_MINUTES = 60
_DAY_MINUTES = 24 * 60


def with_sheets(
    portfolio: Portfolio, today: dt.date, logged: int, contacts: int, deals: int, seed: int = 7
) -> Portfolio:
    """The portfolio with so many rows in its service log, contacts and deals, spread over its customers and its books."""
    chance = np.random.default_rng(seed)
    now = pd.Timestamp(today)
    made = {
        "service": _service(portfolio, chance, logged, now),
        "contacts": _contacts(portfolio, chance, contacts, now),
        "renewals": _renewals(portfolio, chance, deals, now),
    }
    books = portfolio.sources.loc[portfolio.sources["outcome"] == "used", "book"]
    letters = {
        (book, kind): {sheets.BY_KIND[kind].zh: dict(zip(sheets.BY_KIND[kind].fields, "ABCDEFGHIJKL", strict=False))}
        for book in books
        for kind in made
    }
    return dataclasses.replace(portfolio, letters=portfolio.letters | letters, **made)


def _rows(portfolio: Portfolio, kind: str, chance: np.random.Generator, count: int, data: dict) -> pd.DataFrame:
    """Rows of one kind: each of a customer, in the customer's book; what is not given is empty, every type as it was."""
    own = portfolio.records.drop_duplicates("customer_id")[["customer_id", "team", "book"]]
    rows = own.iloc[chance.integers(0, len(own), count)].reset_index(drop=True)
    rows = rows.assign(sheet=sheets.BY_KIND[kind].zh, row=np.arange(2, count + 2), **data)
    empty = getattr(portfolio, kind)
    return rows.reindex(columns=empty.columns).astype(empty.dtypes.to_dict())


def _days_ago(chance: np.random.Generator, count: int, least: int, most: int, now: pd.Timestamp) -> pd.Series:
    return pd.Series(now - pd.to_timedelta(chance.integers(least, most, count), unit="D"))


def _service(portfolio: Portfolio, chance: np.random.Generator, count: int, now: pd.Timestamp) -> pd.DataFrame:
    kind = pd.Series(chance.choice(["visit", "survey", "complaint", "request"], count, p=[0.5, 0.15, 0.15, 0.2]))
    case, survey = kind.isin(["complaint", "request"]), kind == "survey"
    opened = _days_ago(chance, count, 1, 500, now)
    opened += pd.to_timedelta(chance.integers(9 * _MINUTES, 17 * _MINUTES, count), unit="min")
    waits = [chance.integers(10, most * _DAY_MINUTES, count) for most in (1, 4, 6)]
    steps = [opened + pd.to_timedelta(wait, unit="min") for wait in np.cumsum(waits, axis=0)]
    reached = pd.Series(chance.choice(4, count, p=[0.01, 0.02, 0.02, 0.95]))
    stages = {
        stage: moment.where(case & (reached > place) & (moment < now))
        for place, (stage, moment) in enumerate(zip(("answered", "resolved", "confirmed"), steps, strict=True))
    }
    return _rows(portfolio, "service", chance, count, {
        "kind": kind,
        "category": pd.Series(chance.choice(_CATEGORIES, count)).where(case),
        "severity": pd.Series(chance.choice(["major", "ordinary"], count, p=[0.1, 0.9])).where(case),
        "reported": opened,
        **stages,
        "satisfaction": pd.Series(chance.integers(50, 101, count)).where(survey),
        "nps": pd.Series(chance.integers(0, 11, count)).where(survey),
        "description": pd.Series(chance.choice(["到货延迟三天", "无流失风险", "竞争对手报价更低"], count)),
    })  # fmt: skip


def _contacts(portfolio: Portfolio, chance: np.random.Generator, count: int, now: pd.Timestamp) -> pd.DataFrame:
    names = np.char.add("联系人", np.arange(count).astype(str))
    return _rows(portfolio, "contacts", chance, count, {
        "name": names,
        "title": chance.choice(["采购总监", "技术经理", "总经理"], count),
        "role": chance.choice(["purchasing", "user", "technical", "executive"], count),
        "birthday": _days_ago(chance, count, 9_000, 20_000, now),
        "last_contact": _days_ago(chance, count, 1, 300, now),
        "left": chance.random(count) < 0.05,
    })  # fmt: skip


def _renewals(portfolio: Portfolio, chance: np.random.Generator, count: int, now: pd.Timestamp) -> pd.DataFrame:
    kind = pd.Series(chance.choice(["renewal", "opportunity", "trial"], count))
    ends = _days_ago(chance, count, -200, 200, now)
    return _rows(portfolio, "renewals", chance, count, {
        "kind": kind,
        "product": chance.choice(_PRODUCTS, count),
        "amount": chance.integers(1, 500, count).astype(float),
        "renewal_date": ends.where(kind != "trial"),
        "trial_expiry": ends.where(kind == "trial"),
        "stage": chance.choice(["lead", "proposal", "negotiation", "won", "lost"], count),
    })  # fmt: skip
