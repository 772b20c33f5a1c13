"""A cell means the customer whom the customer sheets know by it, whatever its shape; where there is a doubt, nobody."""

import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kam_xl import resources
from kam_xl.core import identity
from kam_xl.core.assessment import assess
from kam_xl.core.consolidation import consolidate
from kam_xl.core.identity import Meant
from kam_xl.core.sheets import OPTIONAL, TRACKING
from tests.builders import TODAY, team_book

POLICY = resources.policy()
CUSTOMERS = {
    "C001": "某科技", "C002": "某贸易", "C001-A": "A公司", "ALFKI": "Alfreds Futterkiste", "HD-KA-001": "华东某科技", "华东-001": "戊公司",
    "KA.2024.001": "丁公司", "#001": "丙公司", "沪001": "上海某贸易", "K009": "海天机械有限公司", "7": "3M中国", "X1": "中国石油化工", "X2": "同名", "X3": "同名",
}  # fmt: skip


def known(customers: dict[str, str], team: str = "a") -> identity.Known:
    frame = pd.DataFrame({"customer_id": list(customers), "name": list(customers.values()), "team": team})
    return identity.known(frame.astype("str"))


def offered(text: str, who: identity.Known, beside: str | None = None) -> Meant:
    rows = pd.DataFrame({"customer_id": [None], "customer_typed": [text], "customer_beside": [beside], "team": ["a"]})
    row = identity.resolved(rows.astype("str"), who).iloc[0]
    sure, asked = (None if pd.isna(cell) else cell for cell in (row["customer_id"], row["asked"]))
    return Meant(sure, asked, row["about"])


WHO = known(CUSTOMERS)


# --- whom a cell means -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("customer_id", CUSTOMERS)
@pytest.mark.parametrize(
    "form", ["{0}", " {0} ", "{0}/{1}", "{0}／{1}", "{1}/{0}", "{1}（{0}）", "{0} ({1})", "{0}、{1}", "{0} - {1}", "{0}\n{1}", "{0}:{1}"]
)  # fmt: skip
def test_an_id_is_known_whatever_its_shape_and_whatever_stands_beside_it(customer_id: str, form: str) -> None:
    assert WHO.meant(form.format(customer_id, CUSTOMERS[customer_id]), "a") == Meant(customer_id)


@pytest.mark.parametrize(
    ("typed", "customer_id"),
    [
        ("c 001", "C001"), ("Ｃ００１", "C001"), ("C 001/某科技", "C001"), ("c001-某科技", "C001"), ("某科技", "C001"), ("某 科技", "C001"),
        ("華東某科技", "HD-KA-001"), ("alfki", "ALFKI"), ("3M中国", "7"), ("C001某科技", "C001"), ("C001/", "C001"), ("C001/-", "C001"),
        ("C001-A公司", "C001-A"), ("X1/中石化", "X1"), ("X1/中国石油化工股份有限公司", "X1"), ("7/3M", "7"), ("X2/同名", "X2"),
    ],
)  # fmt: skip
def test_a_cell_means_one_customer(typed: str, customer_id: str) -> None:
    assert offered(typed, WHO) == Meant(customer_id)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("C001/某贸易", Meant("C001", "customer_contradicts", ("C002",))),
        ("C001/完全不同公司", Meant("C001", "customer_name_other")),
        ("C001、C002", Meant(None, "customers_several", ("C001", "C002"))),
        ("C001/某科技、C002/某贸易", Meant(None, "customers_several", ("C001", "C002"))),
        ("某科技和某贸易", Meant(None, "customers_several", ("C001", "C002"))),
        ("同名", Meant(None, "customer_unclear", ("X2", "X3"))),
        ("K900/海天机械有限公司", Meant(None, "customer_meant", ("K009",))),
        ("K900/海天機械有限公司", Meant(None, "customer_meant", ("K009",))),
        ("K900/海天机戒有限公司", Meant(None, "customer_meant", ("K009",))),
        ("海天机械公有限司", Meant(None, None, ())),
        ("海天机械有限公", Meant(None, "customer_meant", ("K009",))),
        ("HD-KA-0O1", Meant(None, "customer_meant", ("HD-KA-001",))),
        ("K0O9/新公司", Meant()),
        ("C001-B", Meant(None, "customer_meant", ("C001",))),
        ("C001/C999", Meant(None, "customer_meant", ("C001",))),
        ("7天酒店", Meant(None, "customer_meant", ("7",))),
        ("C003", Meant()),
        ("新公司", Meant()),
        ("K900/新公司", Meant()),
    ],
)
def test_what_leaves_a_doubt_is_a_question(typed: str, meant: Meant) -> None:
    assert offered(typed, WHO) == meant


def test_a_name_in_a_column_beside_an_unknown_id_is_asked_about() -> None:
    assert offered("K900", WHO, "海天机械有限公司") == Meant(None, "customer_meant", ("K009",))
    assert offered("C001", WHO, "某贸易") == Meant("C001", "customer_contradicts", ("C002",))
    assert offered("C001", WHO, "某科技") == Meant("C001")


def test_a_team_means_its_own_customer_of_a_name_first() -> None:
    rows = pd.DataFrame({"customer_id": ["A1", "B1"], "name": ["同名", "同名"], "team": ["a", "b"]}).astype("str")
    who = identity.known(rows)

    assert [who.meant("同名", team).customer_id for team in ("a", "b", "c")] == ["A1", "B1", None]


ids = st.from_regex(r"[A-Z沪#]{0,3}[-._]?[0-9]{1,5}", fullmatch=True)
names = st.text("甲乙丙丁戊己庚辛", min_size=4, max_size=6)
between = st.sampled_from(["/", "／", "|", "、", ",", "：", " ", "\n", "-", "_", ".", "·", "——", "；", "\\"])


@pytest.mark.slow
@given(st.dictionaries(ids, names, min_size=1, max_size=6), st.data())
def test_any_known_id_beside_its_name_is_that_customer(customers: dict[str, str], data: st.DataObject) -> None:
    assume(len(set(customers.values())) == len(customers))
    customer_id, separator = data.draw(st.sampled_from(sorted(customers))), data.draw(between)
    pair = [customer_id, customers[customer_id]]

    for text in (separator.join(pair), separator.join(reversed(pair))):
        assert known(customers).meant(text, "a") == Meant(customer_id)


@pytest.mark.parametrize("filling", [" ", "1", "(", "、", "a", "/", "C001、", "某", "C001 "])
def test_time_is_linear_in_the_length_of_a_cell(filling: str) -> None:
    WHO.meant(filling * (200_000 // len(filling)) + "x", "a")


# --- the customers' own IDs --------------------------------------------------------------------------------------


def settled(*rows: tuple[str, str | None]) -> list[str]:
    frame = pd.DataFrame(rows, columns=["form", "name"]).astype("str")
    return identity.settled(identity.normal(frame["form"]), frame["form"], frame["name"]).tolist()


@pytest.mark.parametrize(
    ("rows", "own"),
    [
        ([("c001", "甲"), ("C001", "甲")], ["C001", "C001"]),
        ([("c001", "甲"), ("C001", "乙")], ["c001", "C001"]),
        ([("c001", "甲"), ("C001", None)], ["C001", "C001"]),
        ([("C001 ", "甲"), ("C001", "乙")], ["C001", "C001"]),
        ([("Ｃ００１", "甲"), ("C 001", "乙")], ["Ｃ００１", "C 001"]),
        ([("c001", "Acme"), ("C001", "ＡＣＭＥ")], ["C001", "C001"]),
        ([("c001", "華為"), ("C001", "华为")], ["C001", "C001"]),
        ([("a1", "甲"), ("A1", "甲"), ("Ａ1", "乙")], ["A1", "A1", "Ａ1"]),
        ([("a1", "甲"), ("A1", "甲"), ("A1", "乙"), ("Ａ1", "丙")], ["A1", "A1", "A1", "Ａ1"]),
        ([("a1", "甲"), ("A1", None), ("Ａ1", "乙")], ["a1", "A1", "Ａ1"]),
    ],
)
def test_forms_of_one_id_with_different_names_stay_apart(rows: list, own: list[str]) -> None:
    assert settled(*rows) == own
    assert sorted(settled(*reversed(rows))) == sorted(own)


# --- in workbooks ------------------------------------------------------------------------------------------------

LONG = 9.13101151234567e17


def gather(**books: dict) -> object:
    return consolidate([team_book(POLICY, f"{name}.xlsx", **sheets) for name, sheets in books.items()], POLICY)


def told(portfolio: object, code: str, *columns: str) -> list[list[str]]:
    found = portfolio.findings[portfolio.findings["code"] == code]
    return found[list(columns)].to_numpy().tolist()


ANY_SHEET = {"tracking": "customer", "evaluation": "customer_id", **{sheet.kind: "customer_id" for sheet in OPTIONAL}}
MORE = {"tasks": {"action_id": "A-1", "action": "回访"}}


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(
    st.from_regex(r"[A-Za-zＡ-Ｚ沪#]{1,4}[ ./_-]?[A-Za-z0-9０-９]{1,6}", fullmatch=True),
    st.sampled_from(["", " ", "\u3000"]),
)
def test_an_id_means_its_customer_in_every_sheet_alike(customer_id: str, around: str) -> None:
    assume(customer_id.casefold() not in ("nan", "null", "none", "n/a", "nil", "sum") and customer_id[0] != " ")
    cells = {kind: [{field: around + customer_id + around, **MORE.get(kind, {})}] for kind, field in ANY_SHEET.items()}
    portfolio = gather(a={"info": [{"customer_id": customer_id, "name": "甲乙丙丁"}], **cells})

    (own,) = portfolio.customers["customer_id"]
    frames = {"tracking": portfolio.tracking, "evaluation": portfolio.evaluations}
    for kind in ANY_SHEET:
        assert frames.get(kind, getattr(portfolio, kind, None))["customer_id"].tolist() == [own], kind


@pytest.mark.parametrize("typed", ["C001/某科技", "某科技", "某科技（C001）", "c 001"])
def test_the_id_cell_of_every_sheet_may_hold_a_name_too(typed: str) -> None:
    cells = {kind: [{field: typed, **MORE.get(kind, {})}] for kind, field in ANY_SHEET.items()}
    portfolio = gather(a={"info": [{"customer_id": "C001", "name": "某科技"}], **cells})

    for kind in (kind for kind in ANY_SHEET if kind not in ("tracking", "evaluation")):
        assert getattr(portfolio, kind)[["customer_id", "as_typed"]].to_numpy().tolist() == [
            ["C001", f"客户ID={typed}"]
        ]
    assert portfolio.evaluations["customer_id"].tolist() == portfolio.tracking["customer_id"].tolist() == ["C001"]
    assert not {"customer_unknown", "customer_meant"} & set(portfolio.findings["code"])


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("C001/某科技", None), ("某科技", None), ("C001", None), ("某科技/C001", 1), ("C001/某贸易", 1), ("c001", 1)],
)
def test_what_was_typed_stands_in_its_row_where_the_row_does_not_show_it(typed: str, kept: int | None) -> None:
    customers = [{"customer_id": "C001", "name": "某科技"}, {"customer_id": "C002", "name": "某贸易"}]
    (row,) = gather(a={"info": customers, "tracking": [{"customer": typed, "strategy": "x"}]}).tracking.itertuples()

    assert (row.customer_id, row.name) == ("C001", "某科技")
    assert pd.isna(row.as_typed) if kept is None else row.as_typed == f"{TRACKING.columns[0].zh}={typed}"


@pytest.mark.parametrize("typed", ["C001、C002", "C001/C999", "C001-B"])
def test_a_row_in_doubt_counts_for_nobody_and_keeps_its_text(typed: str) -> None:
    customers = [{"customer_id": "C001", "name": "某科技"}, {"customer_id": "C002", "name": "某贸易"}]
    cells = {kind: [{field: typed, **MORE.get(kind, {})}] for kind, field in ANY_SHEET.items()}
    portfolio = gather(a={"info": customers, **cells})

    assert portfolio.tracking["name"].fillna("").tolist()[0] in (typed, "")
    frames = {"tracking": portfolio.tracking, "evaluation": portfolio.evaluations}
    for kind in ANY_SHEET:
        (row,) = frames.get(kind, getattr(portfolio, kind, None)).itertuples()
        assert row.customer_id not in ("C001", "C002")
        assert typed in (row.customer_id, getattr(row, "name", ""), str(row.as_typed).partition("=")[2])


def test_damaged_ids_of_equal_digits_never_merge() -> None:
    books = {
        name: {"info": [{"customer_id": LONG, "name": company, "amount": 10}]}
        for name, company in (("a", "甲"), ("b", "乙"))
    }
    portfolio = gather(**books)

    assert portfolio.customers["name"].tolist() == ["甲", "乙"]
    assert portfolio.customers["amount"].tolist() == [10, 10]
    assert all(one.startswith("913101151234567000 ← ") for one in portfolio.customers["customer_id"])
    assert told(portfolio, "id_damaged", "severity", "book", "cell", "typed_value") == [
        ["error", "a.xlsx", "A2", "913101151234567000"], ["error", "b.xlsx", "A2", "913101151234567000"],
    ]  # fmt: skip
    assert portfolio.records["as_typed"].tolist() == ["客户ID=913101151234567000"] * 2


@pytest.mark.parametrize(
    ("typed", "about"),
    [("913101151234567000", 1), (LONG, 1), ("9.13E+17/甲公司", 1), ("9.13E+17/乙公司", 0), ("甲公司", None)],
)
def test_a_row_may_be_that_of_a_damaged_id_and_is_only_asked_about(typed: object, about: int | None) -> None:
    portfolio = gather(
        a={"info": [{"customer_id": LONG, "name": "甲公司"}], "tracking": [{"customer": typed, "strategy": "x"}]}
    )

    own = portfolio.customers["customer_id"].tolist()
    if about is None:  # the name is sure enough
        assert portfolio.tracking["customer_id"].tolist() == own
    else:
        assert portfolio.tracking["customer_id"].tolist() != own
        assert portfolio.proposals["customer_id"].tolist() == own * about


def test_forms_that_clash_stay_apart_in_every_sheet() -> None:
    rows = [{"customer_id": "003aB", "name": "甲", "amount": 1}, {"customer_id": "003Ab", "name": "乙", "amount": 2}]
    tracked = [{"customer": one, "strategy": "x"} for one in ("003aB", "003Ab/乙", "003AB")]
    portfolio = gather(a={"info": rows, "tracking": tracked})

    assert portfolio.customers[["customer_id", "amount"]].to_numpy().tolist() == [["003Ab", 2.0], ["003aB", 1.0]]
    assert portfolio.tracking["customer_id"].tolist() == ["003aB", "003Ab", "003AB"]
    assert told(portfolio, "id_clash", "severity", "cell", "customer_id", "detail") == [
        ["error", "A2", "003aB", "003Ab、003aB"], ["error", "A3", "003Ab", "003Ab、003aB"],
    ]  # fmt: skip
    assert told(portfolio, "customer_unclear", "cell", "detail") == [["A4", "003Ab、003aB"]]
    assert "duplicate_id_conflict" not in set(portfolio.findings["code"])


def test_a_team_means_its_own_form_of_an_id_that_clashes() -> None:
    books = {
        name: {"info": [{"customer_id": typed, "name": company}], "service": [{"customer_id": "C001"}]}
        for name, typed, company in (("a", "c001", "甲"), ("b", "C001", "乙"))
    }
    portfolio = gather(**books)

    assert portfolio.service[["team", "customer_id"]].to_numpy().tolist() == [["b", "C001"], ["a", "c001"]]


def test_a_finding_about_a_row_is_about_the_customer_the_row_means() -> None:
    tracked = [{"customer": "某科技/ALFKI", "status": "?"}, {"customer": "ALFKI", "status": "?"}]
    portfolio = gather(a={"info": [{"customer_id": "ALFKI", "name": "某科技"}], "tracking": tracked})

    assert told(portfolio, "status_unparsed", "cell", "customer_id") == [["E2", "ALFKI"], ["E3", "ALFKI"]]


def test_a_question_stands_with_its_proposal() -> None:
    rows = {kind: [{field: "K900/海天机械有限公司", **MORE.get(kind, {})}] for kind, field in ANY_SHEET.items()}
    portfolio = gather(a={"info": [{"customer_id": "K009", "name": "海天机械有限公司"}], **rows})

    assert told(portfolio, "customer_meant", "typed_value", "detail") == [["K900/海天机械有限公司", "K009"]] * len(rows)
    assert sorted(portfolio.proposals["kind"]) == sorted(rows)
    assert set(portfolio.proposals["customer_id"]) == {"K009"}
    assert "evaluation_missing" not in set(portfolio.findings["code"])


@pytest.mark.slow
def test_a_customer_is_not_without_a_strategy_where_a_row_may_be_its_own(words_in) -> None:
    def rules(tracked: str) -> set[str]:
        book = team_book(
            POLICY,
            info=[{"customer_id": "K009", "name": "海天机械有限公司", "last_deal": TODAY}],
            evaluation=[{"customer_id": "K009", "value": 95, "potential": 95, "demand": 95, "evaluated_on": TODAY}],
            tracking=[{"customer": tracked, "strategy": "深度绑定", "status": "进行中"}],
        )
        return set(assess(consolidate([book], POLICY), POLICY, TODAY, words_in("zh-CN")).risks["rule"])

    assert "no_running_strategy" in rules("K900/别的公司")
    assert "no_running_strategy" not in rules("K900/海天机械有限公司")
