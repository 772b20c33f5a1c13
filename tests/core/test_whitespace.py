"""What similar customers buy, counted so that anybody can count again (handbook §8)."""

import dataclasses

import pandas as pd
import pytest

from kam_xl.core import whitespace
from kam_xl.core.policy import Policy


def customers(*rows: tuple) -> pd.DataFrame:
    """Rows of (products, tier, industry), the last two as wished."""
    filled = [(*row, *("key", "制造")[len(row) - 1 :]) for row in rows]
    table = pd.DataFrame(filled, columns=["products", "computed_tier", "industry"], dtype="str")
    ids = [f"C{number}" for number in range(len(rows))]
    return table.assign(customer_id=pd.array(ids, dtype="str"), name=pd.array(["甲"] * len(rows), dtype="str"))


def deals(*rows: tuple) -> pd.DataFrame:
    """Rows of (customer_id, product, kind, stage)."""
    return pd.DataFrame(rows, columns=["customer_id", "product", "kind", "stage"], dtype="str")


@pytest.fixture
def small(policy: Policy) -> Policy:
    """The policy with two similar customers as enough."""
    return dataclasses.replace(policy, plan=dataclasses.replace(policy.plan, similar_at_least=2, proposals=2))


def said(found: pd.DataFrame, customer_id: str) -> list[tuple]:
    rows = found[found["customer_id"] == customer_id]
    return list(rows[["product", "buyers", "similar", "rank"]].itertuples(index=False, name=None))


def test_the_likeliest_come_first_and_no_more_than_the_policy_says(small: Policy) -> None:
    table = customers(("甲、乙",), ("甲、丙",), ("甲、丙、丁",), ("乙",))
    found = whitespace.proposals(table, deals(), small)
    assert found.columns.tolist() == list(whitespace.WHITESPACE)
    assert said(found, "C3") == [("甲", 3, 3, 1), ("丙", 2, 3, 2)]
    assert said(found, "C0") == [("丙", 2, 3, 1), ("丁", 1, 3, 2)]
    assert said(found, "C2") == [("乙", 2, 3, 1)]
    assert found["share"].equals(found["buyers"] / found["similar"])


def test_width_case_script_and_blanks_make_no_other_product(small: Policy) -> None:
    table = customers(("ＣＲＭ 平台，终端",), ("crm平台",), ("CRM平台；終端",), ("CRM平台、终端",))
    pairs = whitespace.bought(table)
    assert sorted(set(pairs["product"])) == ["CRM平台", "终端"]
    assert said(whitespace.proposals(table, deals(), small), "C1") == [("终端", 3, 3, 1)]
    assert whitespace.bought(customers(("CRM+",), ("CRM",)))["product"].nunique() == 2


def test_who_is_similar(policy: Policy) -> None:
    plan = dataclasses.replace(policy.plan, similar_at_least=2)
    narrow = dataclasses.replace(policy, plan=plan)
    table = customers(
        ("甲",), ("乙",), ("乙",),  # key, 制造: two others
        ("甲", "key", "零售"), ("甲", "regular", "制造"), ("甲", None, None),
    )  # fmt: skip
    found = whitespace.proposals(table, deals(), narrow).set_index("customer_id")
    assert found.loc["C0", ["product", "buyers", "similar", "basis"]].tolist() == ["乙", 2, 2, "tier_industry"]
    assert found.loc["C3", ["product", "buyers", "similar", "basis"]].tolist() == ["乙", 2, 3, "tier"]
    assert found.loc["C4", ["product", "buyers", "similar", "basis"]].tolist() == ["乙", 2, 5, "all"]
    assert found.loc["C5", ["product", "buyers", "similar", "basis"]].tolist() == ["乙", 2, 5, "all"]


@pytest.mark.parametrize(("least", "found"), [(3, 4), (4, 0)])
def test_too_few_similar_customers_propose_nothing(policy: Policy, least: int, found: int) -> None:
    plan = dataclasses.replace(policy.plan, similar_at_least=least)
    table = customers(("甲",), ("乙",), ("甲",), ("乙",), (None,), ("无",))  # of two nobody knows what they buy
    assert len(whitespace.proposals(table, deals(), dataclasses.replace(policy, plan=plan))) == found


@pytest.mark.parametrize(("share", "found"), [(0.25, 1), (0.26, 0)])
def test_too_small_a_share_proposes_nothing(policy: Policy, share: float, found: int) -> None:
    plan = dataclasses.replace(policy.plan, similar_at_least=2, share_at_least=share)
    table = customers(("甲",), ("甲",), ("甲",), ("甲",), ("甲、乙",))
    rows = whitespace.proposals(table, deals(), dataclasses.replace(policy, plan=plan))
    assert len(rows[rows["customer_id"] == "C0"]) == found


@pytest.mark.parametrize(
    ("deal", "marked"),
    [
        (("C3", " 甲 ", "opportunity", "lead"), True),
        (("C3", "甲", "trial", None), True),
        (("C3", "甲", "opportunity", "lost"), False),
        (("C3", "甲", "renewal", "lead"), False),
        (("C2", "甲", "opportunity", "lead"), False),
        (("X9", "甲", "opportunity", "lead"), False),
    ],
)
def test_what_is_offered_already_is_marked_not_proposed(small: Policy, deal: tuple, marked: bool) -> None:
    table = customers(("甲、乙",), ("甲、丙",), ("甲、丙、丁",), ("乙",))
    rows = whitespace.proposals(table, deals(deal), small)
    rows = rows[rows["customer_id"] == "C3"].set_index("product")
    assert rows.loc["甲", "open"] == marked
    assert rows["rank"].dropna().tolist() == [1, 2]
    assert ("丁" in rows.index) == marked  # it moves up


def test_one_customer_with_very_many_products_costs_the_others_nothing(policy: Policy, monkeypatch) -> None:
    many, popular, compared = "、".join(f"产品{number}" for number in range(1000)), whitespace._popular, []

    def counted(*given: object) -> pd.DataFrame:
        compared.append(popular(*given))
        return compared[-1]

    monkeypatch.setattr(whitespace, "_popular", counted)
    found = whitespace.proposals(customers((many,), *[("甲、乙",), ("甲",)] * 2000), deals(), policy)
    assert len(compared[0]) <= 2 * len(whitespace.BASES)
    assert len(found) == 2000 + 2  # who buys 甲 alone is proposed 乙, who buys neither both


def test_the_order_of_rows_does_not_matter(small: Policy) -> None:
    table = customers(("甲、乙",), ("甲、丙",), ("甲、丙、丁",), ("乙",), ("丙、ｄ",), ("D、甲",))
    one, other = (whitespace.proposals(rows, deals(), small) for rows in (table, table.iloc[::-1]))
    pd.testing.assert_frame_equal(one, other)


def test_the_grid_has_the_close_tiers_and_the_most_bought(small: Policy) -> None:
    plan = dataclasses.replace(small.plan, grid_products=3)
    policy = dataclasses.replace(small, plan=plan)
    table = customers(("甲、乙",), ("甲、丙",), ("甲、丙、丁",), ("乙",), ("丁、乙", "regular", "制造"))
    open_deals = deals(("C0", "丙", "opportunity", "lead"))
    grid = whitespace.grid(table, open_deals, whitespace.proposals(table, open_deals, policy), policy)
    assert grid.columns.tolist() == ["customer_id", "name", "computed_tier", "乙", "甲", "丁"]
    assert grid.fillna("").to_numpy()[:, 3:].tolist() == [
        ["buys", "buys", "proposed"], ["proposed", "buys", "proposed"], ["proposed", "buys", "buys"], ["buys", "proposed", ""],
    ]  # fmt: skip


def test_a_product_called_what_a_column_is_has_none(policy: Policy) -> None:
    table = customers(("name、甲、customer_id",))
    grid = whitespace.grid(table, deals(), whitespace.proposals(table, deals(), policy), policy)
    assert grid.columns.tolist() == ["customer_id", "name", "computed_tier", "甲"]


def test_nothing_known_nothing_proposed(policy: Policy) -> None:
    empty = whitespace.proposals(customers((None,), (None,)), deals(), policy)
    assert empty.empty
    assert whitespace.grid(customers((None,)), deals(), empty, policy)["customer_id"].tolist() == ["C0"]
    assert whitespace.grid(customers(), deals(), empty, policy).empty


def test_products_are_counted_once(policy: Policy) -> None:
    products = pd.Series(["甲、乙", "甲，ａ,A", None, "无", "/"], dtype="str")
    assert whitespace.counts(products).fillna(-1).tolist() == [2, 2, -1, -1, -1]
