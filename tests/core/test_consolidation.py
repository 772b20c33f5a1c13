"""Many workbooks → one portfolio: sums, extremes, unions, conflicts, ties, copies, and where every value comes from."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kam_xl.core.books import Book, RawSheet
from kam_xl.core.consolidation import consolidate, questions
from kam_xl.core.nights import Source
from kam_xl.core.sheets import OPTIONAL
from kam_xl.core.validation import validate
from tests.builders import TODAY, in_parts, team_book
from tests.core.several_books import NEW, OLD, codes, evaluation, info


class TestSameText:
    """Traditional and Simplified, full and half width, capitals and blanks: one text (handbook §12)."""

    def test_one_customer_typed_in_two_scripts_contradicts_nothing_and_buys_each_product_once(self, gather):
        portfolio = gather(
            a={
                "info": [
                    info(
                        name="华为电子",
                        industry="电子制造",
                        products="云平台、数据服务、CRM",
                        tags="战略客户",
                        amount=1,
                    )
                ]
            },
            b={
                "info": [
                    info(name="華為 電子", industry="電子製造", products="雲平臺、crm、備件", tags="戰略客戶", amount=2)
                ]
            },
        )

        assert portfolio.conflicts.empty
        assert portfolio.customers[["products", "tags"]].to_numpy().tolist() == [
            ["云平台、数据服务、CRM、備件", "战略客户"]
        ]

    def test_capitals_alone_are_one_name_of_which_the_spelling_is_to_be_agreed(self, gather):
        portfolio = gather(a={"info": [info(name="Silis", amount=1)]}, b={"info": [info(name="SILIS", amount=2)]})

        assert portfolio.conflicts["typed_value"].tolist() == ["Silis", "SILIS"]
        assert portfolio.duplicates.empty

    def test_a_strategy_that_names_the_customer_in_the_other_script_finds_it(self, gather):
        tracking = [{"customer": "華為電子", "strategy": "x"}, {"customer": "C002/華為", "strategy": "x"}]
        portfolio = gather(a={"info": [info(name="华为电子"), info("C002", "华为")], "tracking": tracking})

        assert portfolio.tracking["customer_id"].tolist() == ["C001", "C002"]
        assert "tracking_unknown_customer" not in codes(portfolio)

    def test_a_row_said_twice_in_two_scripts_counts_once(self, gather):
        said = [[info(name=name, remarks=remarks, amount=5)] for name, remarks in (("华为", "很好"), ("華為", " 很好"))]

        portfolio = gather(a={"info": said[0]}, b={"info": said[1]})

        assert portfolio.customers[["name", "amount"]].to_numpy().tolist() == [["华为", 5.0]]
        assert codes(portfolio).count("duplicate_row_exact") == 1

    def test_one_name_in_two_scripts_under_two_ids_may_be_one_customer(self, gather):
        portfolio = gather(a={"info": [info(name="華為電子集團"), info("C002", "华为电子集团有限公司")]})

        assert portfolio.duplicates[["customer_id", "other_id"]].to_numpy().tolist() == [["C001", "C002"]]

    def test_an_evaluators_title_ranks_in_either_script(self, policy):
        assert policy.rank("李總監") == policy.rank("李总监") is not None


def test_files_that_could_not_be_used_are_accounted_for(policy):
    lost = Source("b.xlsx", "b", None, 0, None, "quarantined", "damaged", "CRC")

    portfolio = consolidate([team_book(policy, "a.xlsx", info=[info()])], policy, [lost])

    assert portfolio.sources[["book", "outcome"]].values.tolist() == [["a.xlsx", "used"], ["b.xlsx", "quarantined"]]


def test_no_books_make_an_empty_portfolio(policy):
    portfolio = consolidate([], policy)

    assert [len(frame) for frame in (portfolio.customers, portfolio.evaluations, portfolio.tracking)] == [0, 0, 0]


class TestWhatMustNotDecide:
    def test_an_evaluation_after_today_decides_nothing(self, gather):
        portfolio = gather(
            a={"info": [info()], "evaluation": [evaluation(value=80)]},
            b={"evaluation": [evaluation(value=10, on=dt.date(2062, 3, 1))]},
        )

        assert portfolio.evaluations.query("current")["value"].tolist() == [80.0]
        assert "date_not_yet" in codes(portfolio)

    def test_a_deal_after_today_does_not_outdo_the_true_one(self, gather):
        portfolio = gather(
            a={"info": [info(amount=1, last_deal=dt.date(2025, 1, 1))]},
            b={"info": [info(amount=2, last_deal=dt.date(2027, 1, 1))]},
        )

        assert portfolio.customers["last_deal"].dt.year.tolist() == [2025]

    def test_a_repeated_row_of_a_book_adds_neither_dates_nor_products(self, gather):
        rows = [info(last_deal=dt.date(2026, 1, 1), products="A"), info(last_deal=dt.date(2026, 6, 1), products="B")]

        customer = gather(a={"info": rows}).customers.iloc[0]

        assert (customer["last_deal"].month, customer["products"]) == (1, "A")

    def test_the_older_format_of_a_teams_book_does_not_count(self, policy):
        books = [
            team_book(policy, "华东.xls", modified=OLD, info=[info(amount=5)]),
            team_book(policy, "华东.xlsx", modified=NEW, info=[info(amount=7)]),
        ]

        portfolio = consolidate(books, policy)

        assert portfolio.customers["amount"].tolist() == [7.0]
        assert portfolio.sources["outcome"].tolist() == ["superseded", "used"]
        assert "superseded" in codes(portfolio)


def test_an_unknown_part_of_a_sum_is_said(gather):
    portfolio = gather(a={"info": [info(amount=100)]}, b={"info": [info(amount="约100")]})

    customer = portfolio.customers.iloc[0]
    assert (customer["amount"], customer["amount_parts"], customer["amount_gaps"]) == (100.0, 1, 1)
    assert "amount_partial" in codes(portfolio)


def test_a_team_whose_row_equals_anothers_still_serves_the_customer(gather):
    customer = gather(a={"info": [info(amount=5)]}, b={"info": [info(amount=5)]}).customers.iloc[0]

    assert (customer["amount"], customer["teams"], customer["team_count"]) == (5.0, "a、b", 2)


def test_marks_unknown_in_both_evaluations_are_no_tie(gather):
    rows = [evaluation(demand="", evaluator="王经理"), evaluation(demand="", evaluator="张经理")]

    portfolio = gather(a={"info": [info()], "evaluation": rows})

    assert not {"evaluation_tie", "evaluation_superseded"} & set(codes(portfolio))


@pytest.mark.parametrize("name", ["3M 中国", "360 集团", "7-11"])
def test_a_name_that_reads_like_an_id_is_looked_up_whole(gather, name):
    portfolio = gather(a={"info": [info(name=name)], "tracking": [{"customer": name, "strategy": "x"}]})

    assert portfolio.tracking["customer_id"].tolist() == ["C001"]


def test_an_empty_portfolio_has_columns_of_the_usual_kinds(policy):
    usual = consolidate([team_book(policy, info=[info(amount=1)])], policy)
    empty = consolidate([team_book(policy, info=[])], policy)

    for name in ("customers", "records", "evaluations", "tracking"):
        kinds = [
            getattr(portfolio, name).dtypes.map(lambda dtype: dtype.kind).to_dict() for portfolio in (usual, empty)
        ]
        assert kinds[0] == kinds[1]


class TestOptionalSheets:
    def test_rows_of_every_kind_are_gathered_with_their_place_and_types(self, policy, gather):
        row = {
            "indicators": {"profit": 5.0, "as_of": dt.date(2026, 1, 1)},
            "service": {"kind": "投诉", "reported": dt.datetime(2026, 1, 1, 9, 30)},
            "contacts": {"name": "王", "left": "否"},
            "renewals": {"kind": "续约", "renewal_date": dt.date(2027, 1, 1)},
            "tasks": {"action_id": "A-1", "status": "已完成"},
            "orders": {"ordered_on": dt.date(2026, 1, 1), "amount": 100},
        }
        full = gather(a={"info": [info()], **{kind: [{"customer_id": "C001", **cells}] for kind, cells in row.items()}})
        none = consolidate([], policy)

        for sheet in OPTIONAL:
            frame = getattr(full, sheet.kind)
            assert frame[["customer_id", "team", "book", "sheet", "row"]].to_numpy().tolist() == [
                ["C001", "a", "a.xlsx", sheet.zh, 2]
            ]
            assert frame.dtypes.to_dict() == getattr(none, sheet.kind).dtypes.to_dict()
            assert set(sheet.fields) < set(frame.columns)
        assert full.sources["optional_rows"].tolist() == [6]
        assert codes(full).count("customer_unknown") == 0

    def test_a_field_is_traced_to_its_cell(self, gather):
        portfolio = gather(
            a={"info": [info()], "service": [{"customer_id": "C001"}, {"customer_id": "C001", "nps": 9}]}
        )

        rows = portfolio.service[portfolio.service["nps"] == 9]
        assert portfolio.cells(rows, "service", "nps").tolist() == ["J3"]

    def test_a_row_said_by_two_teams_counts_once_and_is_reported(self, gather):
        record = {"customer_id": "C001", "kind": "投诉", "reported": dt.datetime(2026, 1, 1, 9)}
        portfolio = gather(b={"info": [info()], "service": [record]}, a={"service": [record], "info": [info(amount=1)]})

        assert portfolio.service[["team", "row"]].to_numpy().tolist() == [["a", 2]]
        again = portfolio.findings[portfolio.findings["code"] == "duplicate_row_exact"]
        assert again[["book", "sheet", "cell", "detail"]].to_numpy().tolist() == [
            ["b.xlsx", "服务记录", "A2", "a.xlsx!服务记录!2"]
        ]

    def test_flags_and_blanks_are_compared_too(self, gather):
        rows = [{"customer_id": "C001", "name": "王", "left": left} for left in ("", "是", "否")]
        portfolio = gather(a={"info": [info()], "contacts": rows}, b={"contacts": rows, "info": [info(amount=1)]})

        assert portfolio.contacts["left"].isna().tolist() == [True, False, False]
        assert len(portfolio.contacts) == 3

    @pytest.mark.parametrize(
        ("rows", "team"),
        [
            ([("a", dt.date(2025, 1, 1)), ("b", dt.date(2026, 1, 1))], "b"),
            ([("b", dt.date(2026, 1, 1)), ("a", dt.date(2026, 1, 1))], "a"),
            ([("a", ""), ("b", dt.date(2020, 1, 1))], "b"),
            ([("a", ""), ("b", "")], "a"),
        ],
    )
    def test_the_latest_indicators_decide_then_the_first_team(self, gather, rows, team):
        books = {
            name: {"info": [info(amount=n)], "indicators": [{"customer_id": "C001", "profit": n, "as_of": day}]}
            for n, (name, day) in enumerate(rows)
        }
        indicators = gather(**books).indicators

        assert indicators.loc[indicators["current"], "team"].tolist() == [team]
        assert indicators["current"].tolist() == [True, False]

    def test_a_customer_nobody_knows_is_reported_once_a_sheet_and_its_rows_are_kept(self, gather):
        rows = [{"customer_id": "C909", "nps": n} for n in range(3)] + [{"customer_id": "C001"}]
        portfolio = gather(a={"info": [info()], "service": rows, "tasks": [{"action_id": "A-1"}]})

        found = portfolio.findings[portfolio.findings["code"] == "customer_unknown"]
        columns = ["sheet", "cell", "field", "typed_value", "customer_id", "detail"]
        assert found[columns].to_numpy().tolist() == [["服务记录", "A2", "service.customer_id", "C909", "C909", "3"]]
        assert len(portfolio.service) == 4

    @pytest.mark.parametrize(
        ("changes", "missing"),
        [
            ({}, False),
            ({"profit": ""}, True),
            ({"tenure": ""}, True),
            ({"tenure": "", "since": dt.date(2020, 1, 1)}, False),
            ({"tenure": "", "since": dt.date(2020, 1, 1), "as_of": ""}, True),
        ],
    )
    def test_complete_indicators_stand_in_for_an_evaluation(self, gather, changes, missing):
        complete = {
            "customer_id": "C001", "profit": 5, "tenure": 3, "growth": "8%", "open_needs": 1, "total_needs": 2,
            "service_sensitivity": 4, "price_sensitivity": 2, "as_of": dt.date(2026, 1, 1),
        }  # fmt: skip
        since = changes.pop("since", "")
        portfolio = gather(a={"info": [info(since=since)], "indicators": [complete | changes]})

        assert ("evaluation_missing" in codes(portfolio)) == missing


class TestQuestions:
    def test_each_kind_a_team_has_no_sheet_of_is_a_question(self, gather, words_in):
        others = {sheet.kind: [{"customer_id": "C001", sheet.key: "C001"}] for sheet in OPTIONAL}
        contacts = {"contacts": [{"customer_id": "C001"}]}
        portfolio = gather(a={"info": [info()], **others}, b={"info": [info(amount=1)], **contacts})

        asked = questions(portfolio, words_in("en"))

        assert asked[["team", "kind", "sheet"]].to_numpy().tolist() == [
            ["b", sheet.kind, sheet.en] for sheet in OPTIONAL if sheet.kind != "contacts"
        ]
        assert asked["question"].str.len().min() > 20

    def test_a_file_that_could_not_be_used_asks_nothing(self, policy, words_in):
        lost = Source("b.xlsx", "b", None, 0, None, "quarantined", "damaged", "CRC")
        portfolio = consolidate([team_book(policy, "a.xlsx", info=[info()])], policy, [lost])

        assert set(questions(portfolio, words_in("zh-CN"))["team"]) == {"a"}
        assert questions(consolidate([], policy), words_in("en")).empty


class TestSeveralSheetsOfOneKind:
    HEAD = ("客户ID", "客户名称", "累计交易额（万元）")

    def consolidated(self, policy, **sheets):
        raw = tuple(RawSheet(name, [list(row) for row in rows]) for name, rows in sheets.items())
        return consolidate([validate(Book("华东.xlsx", "华东", raw), policy, TODAY)], policy)

    def test_amounts_of_one_customer_in_two_sheets_are_a_conflict_with_both_places_and_never_added(self, policy):
        other = ("客户名称", "客户ID", "累计交易额（万元）")
        portfolio = self.consolidated(
            policy, 张三=[self.HEAD, ("C001", "甲", 5.0)], 李四=[other, ("乙", "C002", 6.0), ("甲", "C001", 7.0)]
        )

        assert portfolio.customers["amount"].tolist() == [5.0, 6.0]
        assert portfolio.customers["sheet"].tolist() == ["张三", "李四"]
        told = portfolio.conflicts[["field", "typed_value", "sheet", "cell", "shown"]].to_numpy().tolist()
        assert told == [["amount", "5.0", "张三", "C2", True], ["amount", "7.0", "李四", "C3", False]]

    def test_evaluations_of_all_sheets_are_one_history(self, policy):
        marks = ("客户ID", "价值", "潜力", "需求", "评估日期")
        quarters = {
            f"2026Q{n}评估": [marks, ("C001", 50.0 + n, 60.0, 70.0, dt.date(2026, 3 * n, 1))] for n in (3, 1, 2)
        }
        portfolio = self.consolidated(policy, 客户=[self.HEAD, ("C001", "甲", 5.0)], **quarters)

        assert portfolio.evaluations[["value", "sheet", "current"]].to_numpy().tolist() == [
            [53.0, "2026Q3评估", True], [52.0, "2026Q2评估", False], [51.0, "2026Q1评估", False],
        ]  # fmt: skip

    @pytest.mark.parametrize(("rows", "told"), [(9, "duplicate_row_exact"), (10, "rows_repeated")])
    def test_rows_that_stand_in_two_sheets_count_once_and_many_are_told_at_once(self, policy, rows, told):
        same = [self.HEAD, *((f"C{n:03}", f"客户{n}", float(n)) for n in range(rows))]
        portfolio = self.consolidated(policy, 甲=same, 乙=same)

        assert portfolio.customers["amount"].sum() == sum(range(rows))
        found = portfolio.findings[portfolio.findings["code"].isin(["duplicate_row_exact", "rows_repeated"])]
        assert found["code"].tolist() == [told] * (rows if told == "duplicate_row_exact" else 1)
        assert found["sheet"].unique().tolist() == ["乙"]

    def test_that_nobody_is_evaluated_is_said_once_where_no_sheet_of_evaluations_is_kept(self, gather):
        customers = [info(f"C{n:03}", f"客户{n}") for n in range(20)]
        assert "evaluation_missing" not in codes(gather(a={"info": customers}))
        assert codes(gather(a={"info": customers})).count("sheet_missing") == 2
        assert codes(gather(a={"info": customers, "evaluation": []})).count("evaluation_missing") == 20


#: What people type for a few customers: forms of one ID, damaged ones, an ID with a name, names alone, nobody.
_TYPED = ("C001", "c001", " C001", "C002", "C002/乙公司", "9.1E+17", "C009", "甲公司", "丙", "C001、C002", "")
_NAMES = ("甲公司", "甲 公司", "乙公司", "丙", "")
_WHO = st.tuples(st.sampled_from(_TYPED), st.sampled_from(_NAMES), st.sampled_from(("5", "7.5", "约五百", "")))
_TEAM = st.fixed_dictionaries(
    {kind: st.lists(_WHO, max_size=6) for kind in ("info", "evaluation", "tracking", "tasks", "contacts")}
)


def _rows(kind, drawn):
    """Rows of one kind of sheet about whom somebody typed."""
    key = "customer" if kind == "tracking" else "customer_id"
    told = {
        "info": ("name", "amount"), "evaluation": (None, "value"), "tracking": ("strategy", None),
        "tasks": ("note", None), "contacts": ("name", None),
    }[kind]  # fmt: skip
    rows = [{key: who} | {told[0]: name, told[1]: number} for who, name, number in drawn]
    return [{field: text for field, text in row.items() if field} for row in rows]


@pytest.mark.slow
@settings(max_examples=10)
@given(st.lists(_TEAM, min_size=1, max_size=3), st.integers(2, 5))
def test_in_whatever_parts_the_customers_are_consolidated_it_is_the_same(policy, drawn, count):
    books = [
        team_book(policy, f"{number}/团队.xlsx", **{kind: _rows(kind, rows) for kind, rows in team.items()})
        for number, team in enumerate(drawn)
    ]

    whole, parts = consolidate(books, policy), consolidate(books, policy, laid_out=in_parts(count))

    assert [
        name for name, frame in vars(whole).items() if name != "letters" and not frame.equals(vars(parts)[name])
    ] == []


def test_whoever_only_judges_does_without_conflicts_and_likely_duplicates(policy):
    books = [
        team_book(
            policy, "华东/团队.xlsx", info=[info(name="华为电子", amount=1), info("C002", "上海华盛科技有限公司")]
        ),
        team_book(policy, "华南/团队.xlsx", info=[info(name="中兴", amount=2), info("C003", "上海华盛科技有限公司")]),
    ]

    whole, judged = consolidate(books, policy), consolidate(books, policy, judged_only=True)

    other = [name for name, frame in vars(whole).items() if name != "letters" and not frame.equals(vars(judged)[name])]
    assert other == ["conflicts", "duplicates"]
    assert judged.conflicts.empty
    assert judged.duplicates.empty
