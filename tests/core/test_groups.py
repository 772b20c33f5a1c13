"""Customers count within the group of the parent they name, and a group's line is a view of theirs (handbook §12)."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kam_xl import resources
from kam_xl.core import groups, validation
from kam_xl.core.books import Book
from kam_xl.core.consolidation import consolidate
from tests.core.one_book import TODAY, info

POLICY = resources.policy()
HEAD = ["客户ID", "客户名称", "累计交易额（万元）", "所属集团"]


def customers(*rows: tuple) -> pd.DataFrame:
    """Customers of (ID, name, group), or (ID, name, group, amount, level)."""
    full = [(*row, 1.0, "none")[:5] if len(row) == 3 else row for row in rows]
    frame = pd.DataFrame(full, columns=["customer_id", "name", "group", "amount", "level"])
    texts = dict.fromkeys(("customer_id", "name", "group", "level"), "str")
    return frame.assign(teams="华东").astype(texts | {"teams": "str", "amount": "float64"})


def of(*rows: tuple) -> dict[str, str]:
    found = groups.members(customers(*rows))
    return dict(zip(found["customer_id"], found["group"], strict=True))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("1", "甲", "某集团"), ("2", "乙", "某集团")], {"1": "某集团", "2": "某集团"}),
        ([("1", "甲", "某 集團"), ("2", "乙", "某集团"), ("3", "丙", "某集团")], {"1": "某集团", "2": "某集团", "3": "某集团"}),  # spellings
        ([("1", "母公司", None), ("2", "乙", "母公司")], {"1": "母公司", "2": "母公司"}),  # the parent is a customer
        ([("K1", "母公司", None), ("2", "乙", "ｋ1")], {"K1": "母公司", "2": "母公司"}),  # named by its ID
        ([("K1", "母公司", None), ("2", "乙", "K1/母公司")], {"K1": "母公司", "2": "母公司"}),
        ([("K1", None, None), ("2", "乙", "K1")], {"K1": "K1", "2": "K1"}),
        ([("1", "甲", "甲"), ("2", "乙", "甲")], {"1": "甲", "2": "甲"}),  # a parent may name itself
        ([("1", "甲", "上集团"), ("2", "乙", "甲"), ("3", "丙", "乙")], dict.fromkeys("123", "上集团")),  # up to the top
        ([("1", "甲", "某集团"), ("2", "乙", None)], {}),  # a group of one is none
        ([("1", "甲", "甲")], {}),
        ([("1", "甲", None), ("2", "乙", None)], {}),
    ],
)  # fmt: skip
def test_who_is_of_which_group(rows: list[tuple], expected: dict[str, str]) -> None:
    assert of(*rows) == expected


def test_parents_in_a_circle_are_one_group_and_told() -> None:
    lines = [["C1", "甲", 1.0, "乙"], ["C2", "乙", 2.0, "甲"], ["C3", "丙", 3.0, "乙"], ["C4", "丁", 3.0, ""]]
    book = validation.validate(Book("华东.xlsx", "华东", (info(HEAD, *lines),)), POLICY, TODAY)
    portfolio = consolidate([book], POLICY)
    told = portfolio.findings[portfolio.findings["code"] == "group_circle"]
    assert told[["customer_id", "cell", "detail"]].to_numpy().tolist() == [
        ["C1", "D2", "甲 → 乙"],
        ["C2", "D3", "甲 → 乙"],
    ] or (told["detail"].tolist() == ["乙 → 甲", "乙 → 甲"])
    assert set(groups.members(portfolio.customers)["customer_id"]) == {"C1", "C2", "C3"}


@pytest.mark.parametrize(("second", "told"), [("别的集团", {"某集团", "别的集团"}), ("某 集團", set())])
def test_two_workbooks_that_name_different_groups_are_a_conflict(second: str, told: set[str]) -> None:
    books = [
        validation.validate(Book(f"{team}.xlsx", team, (info(HEAD, ["C1", "甲", amount, group]),)), POLICY, TODAY)
        for team, amount, group in (("华东", 1.0, "某集团"), ("华南", 2.0, second))
    ]
    conflicts = consolidate(books, POLICY).conflicts
    assert set(conflicts.loc[conflicts["field"] == "group", "typed_value"]) == told


def test_a_group_comes_to_what_its_customers_do() -> None:
    rows = customers(
        ("1", "甲", "A集团", 100.0, "high"), ("2", "乙", "A集团", 20.0, "high"), ("3", "丙", "A集团", None, "none"),
        ("4", "丁", "B集团", 500.0, "medium"), ("5", "戊", "B集团", 80.0, "none"), ("6", "己", None, 300.0, "high"),
    )  # fmt: skip
    found = groups.rolled_up(rows, groups.members(rows))
    columns = ["group", "level", "customers", "high_risk", "medium_risk", "gaps", "amount", "high_amount", "members"]
    assert found[columns].fillna(-1).to_numpy().tolist() == [
        ["A集团", "high", 3, 2, 0, 1, 120.0, 120.0, "甲、乙、丙"],
        ["B集团", "medium", 2, 0, 1, 0, 580.0, -1, "丁、戊"],
    ]
    assert found["share"].tolist() == pytest.approx([0.12, 0.58])


def test_without_groups_there_is_no_line() -> None:
    rows = customers(("1", "甲", None), ("2", "乙", None))
    assert groups.rolled_up(rows, groups.members(rows)).empty


NAMES = st.sampled_from([None, "A集团", "B集团", "甲", "乙", "1", "2", "3", "4"])


@settings(max_examples=60)
@given(st.lists(st.tuples(NAMES, st.one_of(st.none(), st.integers(0, 1000))), min_size=1, max_size=6))
def test_groups_and_the_others_come_to_the_whole(typed: list[tuple]) -> None:
    called = "甲乙丙丁戊己"
    rows = customers(*((str(i), called[i], group, amount, "none") for i, (group, amount) in enumerate(typed)))
    of_whom = groups.members(rows)
    found = groups.rolled_up(rows, of_whom)
    others = rows[~rows["customer_id"].isin(of_whom["customer_id"])]
    assert found["amount"].sum() + others["amount"].sum() == pytest.approx(rows["amount"].sum())
    assert found["customers"].sum() + len(others) == len(rows)
    assert not of_whom["customer_id"].duplicated().any()
    assert (found["customers"] > 1).all()
