"""Contact: plan, silence, health and lifecycle see the same last contact, whatever record it stands in."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from kam_xl.core import contact, workdays
from kam_xl.core.assessment import Assessment

LONG_AGO, DAY, TOMORROW = dt.date(2023, 6, 4), dt.date(2024, 2, 20), dt.date(2024, 3, 2)  # today is 2024-03-01


def at(day: dt.date, hour: int = 9) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour))


#: What a customer's sheets say besides a deal of long ago → whether there was a contact on `DAY`.
RECORDS: dict[str, tuple[dict[str, dict], bool]] = {
    "a deal": ({"customers": {"last_deal": DAY}}, True),
    "an order": ({"orders": {"ordered_on": DAY, "amount": 1.0}}, True),
    "a return": ({"orders": {"ordered_on": DAY, "amount": -1.0}}, False),
    "a visit": ({"service": {"kind": "visit", "reported": at(DAY)}}, True),
    "a survey": ({"service": {"kind": "survey", "reported": at(DAY)}}, True),
    "a talk with a person": ({"contacts": {"last_contact": DAY}}, True),
    "a talk with one who left": ({"contacts": {"last_contact": DAY, "left": True}}, True),
    "a complaint answered": ({"service": {"kind": "complaint", "reported": at(LONG_AGO), "answered": at(DAY)}}, True),
    "a request answered": ({"service": {"kind": "request", "reported": at(LONG_AGO), "answered": at(DAY)}}, True),
    "a complaint solved at once": ({"service": {"kind": "complaint", "resolved": at(DAY)}}, True),
    "a solution confirmed": ({"service": {"kind": "complaint", "answered": at(LONG_AGO), "confirmed": at(DAY)}}, True),
    "a complaint": ({"service": {"kind": "complaint", "severity": "major", "reported": at(DAY)}}, False),
    "a request": ({"service": {"kind": "request", "reported": at(DAY)}}, False),
    "solved later": ({"service": {"kind": "complaint", "answered": at(LONG_AGO), "resolved": at(DAY)}}, False),
    "a tracking row": ({"tracking": {"tracked_on": DAY}}, False),
    "tomorrow's visit": ({"service": {"kind": "visit", "reported": at(TOMORROW)}}, False),
    "a visit without a date": ({"service": {"kind": "visit"}}, False),
    "nothing": ({}, False),
}  # fmt: skip
IN_DOUBT = {
    "no kind": ({"service": {"reported": at(DAY)}}, True),
    "no kind, long before": ({"service": {"reported": at(LONG_AGO)}}, False),
    "no kind, no date": ({"service": {}}, False),
}


def portfolio_of(records: dict[str, tuple[dict[str, dict], bool]]) -> dict[str, list[dict]]:
    """Rows in which each of the records is a customer of its own, named by it."""
    deal = {"since": dt.date(2020, 1, 1), "last_deal": LONG_AGO}
    rows: dict[str, list[dict]] = {"customers": [], "tracking": [], "service": [], "contacts": [], "orders": []}
    for name, (told, _) in records.items():
        for kind, row in ({"customers": {}, "tracking": {"tracked_on": None}} | told).items():
            rows[kind].append({"customer_id": name} | (deal if kind == "customers" else {}) | row)
    return rows


def readers(of: Assessment) -> dict[str, dict[str, bool]]:
    """Customer → reader → whether it saw a contact on `DAY`: the policy's cadence is 180 days, silence 270."""
    due = workdays.last_workday(pd.Series([pd.Timestamp(DAY) + pd.Timedelta(days=180)]), of.policy.calendar)[0]
    silent = set(of.risks.loc[of.risks["rule"] == "silent_customer", "customer_id"])
    return {
        row.customer_id: {
            "last contact": row.last_contact == pd.Timestamp(DAY),
            # a risk that brings the visit forward leaves nothing to read off it
            "plan": row.next_visit == due if row.visit_for == "cadence" else row.last_contact == pd.Timestamp(DAY),
            "silence": row.customer_id not in silent,
            "health": row.health_interaction > 60,
            "lifecycle": row.lifecycle != "silent",
        }
        for row in of.customers.itertuples()
    }


@pytest.fixture(scope="module")
def seen(assessed) -> dict[str, dict[str, bool]]:
    return readers(assessed(**portfolio_of(RECORDS)))


def test_every_reader_sees_the_same_last_contact(seen) -> None:
    wrong = {name: found for name, found in seen.items() if set(found.values()) != {RECORDS[name][1]}}
    assert (set(seen), wrong) == (set(RECORDS), {})


def test_nobody_is_silent_for_lack_of_a_kind(assessed) -> None:
    of = assessed(**portfolio_of(IN_DOUBT))
    found = readers(of)
    assert {name: row["silence"] for name, row in found.items()} == {
        name: doubt for name, (_, doubt) in IN_DOUBT.items()
    }
    assert all(row["silence"] == row["lifecycle"] for row in found.values())
    assert not any(row["plan"] for row in found.values())  # it may have been a complaint, which postpones nothing
    assert of.customers["health_interaction"].isna().tolist() == [doubt for _, doubt in IN_DOUBT.values()]


def test_a_contact_is_cited_where_it_stands(a_portfolio) -> None:
    portfolio = a_portfolio(**portfolio_of(RECORDS))
    found = contact.contacts(portfolio, pd.Timestamp("2024-03-01"))
    newest = found[found["day"] == pd.Timestamp(DAY)].set_index("customer_id")[["sheet_kind", "field"]]
    assert set(map(tuple, newest.to_numpy())) == set(contact.PLACES)
