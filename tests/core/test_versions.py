"""Versions of one book count once, the newest; teams that serve the same customers are summed; nothing is lost in silence."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kam_xl.core.consolidation import consolidate
from tests.builders import team_book

D = dt.date
OLD, NEW = dt.datetime(2026, 9, 30), dt.datetime(2026, 10, 31)


def customers(count=8, first=1, times=1.0, own=0, **changes):
    """Rows of a book: names and phones are the customers', since, products and remarks the team's (`own`)."""
    rng = random.Random(own)
    return [
        {
            "customer_id": f"C{n:03}",
            "name": f"客户{n}",
            "phone": f"021-5555{n:04}",
            "since": D(2020, 1, 1) + dt.timedelta(days=rng.randrange(2000)) if own is not None else "",
            "products": "、".join(rng.sample("甲乙丙丁戊己庚辛", 2)) if own is not None else "",
            "remarks": f"第{own}组跟进{n}" if own is not None else "",
            "amount": round(n * 10 * times, 4),
            **changes,
        }
        for n in range(first, first + count)
    ]


def thin(amounts):
    """Rows that hold nothing of a team's own but amounts."""
    return [{**row, "amount": amount} for row, amount in zip(customers(len(amounts), own=None), amounts, strict=True)]


@pytest.fixture
def gather(policy):
    """File name → rows of customers, or all of a book's sheets and details → the portfolio of these books."""

    def consolidated(books):
        sheets = {name: one if isinstance(one, dict) else {"info": one} for name, one in books.items()}
        return consolidate([team_book(policy, f"{name}.xlsx", **one) for name, one in sheets.items()], policy)

    return consolidated


def outcomes(portfolio):
    sources = portfolio.sources
    return dict(zip(sources["book"].str.removesuffix(".xlsx"), sources["outcome"], strict=True))


def used(portfolio):
    return sorted(name for name, outcome in outcomes(portfolio).items() if outcome == "used")


def told(portfolio, code, *columns):
    rows = portfolio.findings[portfolio.findings["code"] == code]
    return rows[[*columns]].fillna("").to_numpy().tolist()


class TestWhatAreVersions:
    @pytest.mark.parametrize(
        "older",
        [
            "华东_202609",
            "归档/华东_202609",
            "2026-09/华东",
            "华东 2026年9月（最终版）",
            "華東_202609",
            "华东9月",
        ],
    )
    def test_a_later_month_counts_though_every_amount_moved(self, gather, older):
        portfolio = gather({older: customers(), "华东_202610": customers(times=1.05)})

        assert used(portfolio) == ["华东_202610"]
        assert portfolio.customers["amount"].sum() == pytest.approx(360 * 1.05)
        assert told(portfolio, "superseded", "book", "typed_value", "detail") == [
            [f"{older}.xlsx", "360 → 378", "华东_202610.xlsx"]
        ]

    @pytest.mark.parametrize("other", ["新建 Microsoft Excel 工作表", "存档2/east", "客户清单"])
    def test_another_name_altogether_does_not_make_another_team(self, gather, other):
        older = customers(last_deal=D(2026, 9, 1))
        portfolio = gather({other: older, "华东": customers(times=3, last_deal=D(2026, 10, 1))})

        assert used(portfolio) == ["华东"]

    def test_where_nothing_of_a_teams_own_is_written_close_amounts_tell(self, gather):
        amounts = [5.0, 11.0, 23.0, 60.0, 130.0, 300.0]
        portfolio = gather({"a": thin(amounts), "b": thin([one * 1.1 for one in amounts])})

        assert len(used(portfolio)) == 1

    def test_few_customers_are_enough_where_the_names_say_it(self, gather):
        portfolio = gather({"华东_202609": customers(1), "华东_202610": customers(1, times=2)})

        assert portfolio.customers["amount"].tolist() == [20]

    def test_half_of_the_smaller_book_is_enough_and_less_is_not(self, gather):
        rest = customers(5, first=20)
        half, less = (
            {"华东_1月": customers(5) + rest, "华东_2月": customers(n, times=2) + customers(5, first=40)}
            for n in (5, 4)
        )

        assert used(gather(half)) == ["华东_2月"]
        assert used(gather(less)) == ["华东_1月", "华东_2月"]

    def test_a_book_without_a_customer_sheet_has_versions_too(self, gather):
        rows = [
            [{"customer": f"C{n:03}/客户{n}", "strategy": "回访", "status": status} for n in range(4)]
            for status in ("进行中", "已完成")
        ]
        portfolio = gather(
            {"台账": customers(4, first=0), **{f"跟踪_{n}月": {"tracking": rows[n - 9]} for n in (9, 10)}}
        )

        assert used(portfolio) == ["台账", "跟踪_10月"]
        assert portfolio.tracking["status"].tolist() == ["done"] * 4


class TestWhatAreTeams:
    def test_teams_that_serve_the_same_customers_are_summed(self, gather):
        portfolio = gather(
            {"华东": customers(own=1), "华南": customers(own=2, times=0.5), "华北": customers(own=3, times=4)}
        )

        assert used(portfolio) == ["华东", "华北", "华南"]
        assert portfolio.customers["amount"].tolist() == [55.0 * n for n in range(1, 9)]
        assert not told(portfolio, "resembles", "book")

    def test_where_only_amounts_are_written_and_they_differ_both_count_and_it_is_said(self, gather):
        portfolio = gather({"east": thin([10.0, 500, 3, 70, 900, 20]), "south": thin([400.0, 6, 90, 800, 2, 150])})

        assert used(portfolio) == ["east", "south"]
        assert told(portfolio, "resembles", "book", "detail") == [["south.xlsx", "east.xlsx"]]

    def test_fewer_than_the_policys_customers_are_two_teams(self, gather):
        assert used(gather({"east": thin([10.0, 20, 30, 40]), "south": thin([10.0, 20, 30, 40.5])})) == [
            "east",
            "south",
        ]

    def test_the_same_ids_for_other_customers_are_no_versions(self, gather):
        others = [{**row, "name": f"别家{n}", "phone": f"010-{n}"} for n, row in enumerate(customers())]

        assert len(used(gather({"华东_1月": customers(), "华东_2月": others}))) == 2

    def test_one_name_and_nothing_of_their_own_in_common_are_two_teams(self, gather):
        assert len(used(gather({"客户_1月": customers(own=1), "客户_2月": customers(own=2)}))) == 2

    def test_other_people_who_evaluate_and_track_are_another_team(self, gather):
        books = {
            name: {
                "info": customers(times=n),
                "tracking": [{"customer": f"C00{i}", "strategy": "回访", "tracker": name} for i in range(1, 9)],
            }
            for n, name in enumerate(("张三", "李四"), 1)
        }

        assert used(gather(books)) == ["张三", "李四"]


class TestWhichCounts:
    @pytest.mark.parametrize(
        ("older", "newer"),
        [
            ("华东_202609", "华东_202610"), ("华东_20260901", "华东_20260930"), ("华东_12月", "华东_2027年1月"), ("华东Q2", "华东Q3"),
            ("华东_202609", "华东_202609_v2"), ("华东_v2", "华东_v10"), ("华东", "华东_最终版"), ("华东_最终版", "华东_最终版2"), ("华东_旧", "华东"),
            ("华东_v9", "华东_final"), ("备份/华东", "华东"), ("华东_9月v2", "华东_2026年10月"),
        ],
    )  # fmt: skip
    def test_the_name_says_it_whatever_stands_inside_and_whenever_it_was_saved(self, gather, older, newer):
        portfolio = gather(
            {
                older: {"info": customers(last_deal=D(2026, 11, 1)), "modified": NEW},
                newer: {"info": customers(times=2, last_deal=D(2026, 10, 1)), "modified": OLD},
            }
        )

        assert used(portfolio) == [newer]

    @pytest.mark.parametrize(
        "names", [("华东", "华东_202609"), ("华东_2026", "华东_202609"), ("华东 - 副本", "华东"), ("b", "a")]
    )
    def test_else_the_newest_date_inside(self, gather, names):
        older, newer = names
        portfolio = gather(
            {
                older: {"info": customers(last_deal=D(2026, 10, 1)), "modified": NEW},
                newer: {"info": customers(times=2, last_deal=D(2026, 10, 2)), "modified": OLD},
            }
        )

        assert used(portfolio) == [newer]

    def test_an_evaluation_or_an_update_is_a_date_inside_too(self, gather):
        seen = [{"customer": "C001", "strategy": "回访", "tracked_on": D(2026, 10, 20)}]
        marks = [{"customer_id": "C001", "value": 1, "potential": 1, "demand": 1, "evaluated_on": D(2026, 10, 19)}]
        portfolio = gather(
            {"a": {"info": customers(), "tracking": seen}, "b": {"info": customers(times=2), "evaluation": marks}}
        )

        assert used(portfolio) == ["a"]

    def test_else_the_one_saved_last(self, gather):
        books = {"b": {"info": customers(), "modified": OLD}, "a": {"info": customers(times=2), "modified": NEW}}

        assert used(gather(books)) == ["a"]

    def test_where_nobody_can_tell_one_counts_and_every_difference_is_a_conflict(self, gather):
        portfolio = gather(
            {
                "华东 - 副本": {"info": customers(times=2), "modified": NEW},
                "华东": {"info": customers(), "modified": NEW},
            }
        )

        assert outcomes(portfolio) == {"华东 - 副本": "undecided", "华东": "used"}
        assert portfolio.customers["amount"].sum() == 360
        assert told(portfolio, "version_undecided", "book", "typed_value", "detail") == [
            ["华东 - 副本.xlsx", "720 → 360", "华东.xlsx"]
        ]
        conflicts = portfolio.conflicts[portfolio.conflicts["customer_id"] == "C001"]
        assert conflicts[["field", "typed_value", "book", "cell", "shown"]].to_numpy().tolist() == [
            ["amount", "10.0", "华东.xlsx", "I2", True],
            ["amount", "20.0", "华东 - 副本.xlsx", "I2", False],
        ]

    def test_the_same_content_saved_again_is_a_copy(self, gather):
        portfolio = gather(
            {
                "华东_202609": {"info": customers(), "modified": OLD},
                "华东_202610": {"info": customers(), "modified": NEW},
            }
        )

        assert outcomes(portfolio) == {"华东_202609": "copy", "华东_202610": "used"}
        assert told(portfolio, "copy_of", "detail") == [["华东_202610.xlsx"]]
        assert portfolio.conflicts.empty


class TestFamilies:
    def test_of_three_months_the_last_counts(self, gather):
        portfolio = gather({f"华东_2026{month:02}": customers(times=month) for month in (8, 9, 10)})

        assert used(portfolio) == ["华东_202610"]
        assert {detail for (detail,) in told(portfolio, "superseded", "detail")} == {"华东_202610.xlsx"}

    def test_versions_are_found_by_way_of_others(self, gather):
        """From the first to the last so much was edited that only the one between links them."""
        one, two, three = (customers(12, own=own) for own in (1, 2, 3))
        rows = {"x": one, "y": one[:8] + two[8:], "z": three[:4] + one[4:8] + two[8:]}
        books = {name: {"info": rows[name], "modified": OLD + dt.timedelta(days=n)} for n, name in enumerate("xyz")}

        assert used(gather({name: books[name] for name in "xz"})) == ["x", "z"]
        portfolio = gather(books)
        assert used(portfolio) == ["z"]
        assert {detail for (detail,) in told(portfolio, "superseded", "detail")} == {"z.xlsx"}

    def test_a_book_that_was_split_counts_in_its_parts(self, gather):
        whole = customers(12)
        parts = {
            name: [{**row, "amount": row["amount"] * 2} for row in rows]
            for name, rows in (("上海_10月", whole[:6]), ("江苏_10月", whole[6:]))
        }
        portfolio = gather(
            {
                "华东_9月": {"info": whole, "modified": OLD},
                **{name: {"info": rows, "modified": NEW} for name, rows in parts.items()},
            }
        )

        assert used(portfolio) == ["上海_10月", "江苏_10月"]
        assert portfolio.customers["amount"].sum() == 2 * 780
        assert told(portfolio, "superseded", "typed_value", "detail") == [
            ["780 → 1560", "上海_10月.xlsx、江苏_10月.xlsx"]
        ]
        assert not told(portfolio, "version_lacks", "book")

    def test_books_that_were_joined_count_in_the_whole(self, gather):
        whole = customers(12)
        books = {"上海": {"info": whole[:6], "modified": OLD}, "江苏": {"info": whole[6:], "modified": OLD}}

        assert used(gather({**books, "华东": {"info": whole, "modified": NEW}})) == ["华东"]

    def test_customers_of_the_older_one_alone_are_not_counted_and_are_named(self, gather):
        portfolio = gather({"华东_9月": customers(10), "华东_10月": customers(7) + customers(5, first=20)})

        assert len(portfolio.customers) == 12
        assert told(portfolio, "version_lacks", "book", "typed_value", "detail") == [
            ["华东_9月.xlsx", "C008、C009、C010", "3"]
        ]

    def test_a_total_of_unknown_amounts_is_unknown(self, gather):
        portfolio = gather(
            {"华东_9月": customers(10, amount=None), "华东_10月": customers(10, amount=None, remarks="x")}
        )

        assert told(portfolio, "superseded", "typed_value") == [["— → —"]]

    def test_of_many_some_are_named_and_all_are_counted(self, gather):
        portfolio = gather({"华东_9月": customers(60), "华东_10月": customers(31)})

        ((typed, count),) = told(portfolio, "version_lacks", "typed_value", "detail")
        assert (typed.count("、"), typed[-2:], count) == (19, " …", "29")

    def test_another_team_beside_the_versions_is_still_added(self, gather):
        portfolio = gather({"华东_9月": customers(), "华东_10月": customers(times=2), "华南": customers(own=9)})

        assert portfolio.customers["amount"].sum() == 3 * 360


AMOUNTS = st.floats(0.01, 10_000).map(lambda amount: round(amount, 2))
BOOKS = st.lists(
    st.tuples(st.integers(1, 4), st.integers(5, 9), AMOUNTS), min_size=1, max_size=4, unique_by=lambda one: one[0]
)


def as_books(policy, parts):
    return [
        team_book(policy, f"组{own}.xlsx", info=customers(count, own=own, times=times)) for own, count, times in parts
    ]


def sums(portfolio):
    return dict(zip(portfolio.customers["customer_id"], portfolio.customers["amount"], strict=True))


FEW = settings(max_examples=12, deadline=None)


@pytest.mark.slow
class TestLaws:
    @FEW
    @given(parts=BOOKS, order=st.randoms())
    def test_the_order_of_the_books_never_matters(self, policy, parts, order):
        books = [*as_books(policy, parts), team_book(policy, "组1_旧.xlsx", info=customers(7, own=1, times=0.5))]
        shuffled = order.sample(books, len(books))

        one, other = consolidate(books, policy), consolidate(shuffled, policy)

        assert sums(one) == sums(other)
        assert outcomes(one) == outcomes(other)
        assert one.findings.equals(other.findings)

    @settings(max_examples=15)  # each consolidates twice
    @given(
        parts=BOOKS,
        chosen=st.integers(0, 3),
        times=AMOUNTS,
        name=st.sampled_from(["{}_旧", "{}_2020年", "{}_v0", "归档/{}"]),
    )
    def test_an_older_version_of_a_book_changes_no_sum(self, policy, parts, chosen, times, name):
        own, count, _ = parts[chosen % len(parts)]
        modified = dict.fromkeys([f"组{own}.xlsx"], NEW)
        books = [
            team_book(
                policy,
                f"组{one}.xlsx",
                modified=modified.get(f"组{one}.xlsx", OLD),
                info=customers(many, own=one, times=more),
            )
            for one, many, more in parts
        ]
        older = team_book(
            policy, f"{name.format(f'组{own}')}.xlsx", modified=OLD, info=customers(count, own=own, times=times)
        )

        portfolio = consolidate([*books, older], policy)

        assert sums(portfolio) == sums(consolidate(books, policy))
        assert len(used(portfolio)) == len(parts)

    @FEW
    @given(parts=BOOKS)
    def test_teams_of_the_same_customers_add_up(self, policy, parts):
        total = sum(n * 10 * times for own, count, times in parts for n in range(1, count + 1))

        assert sum(sums(consolidate(as_books(policy, parts), policy)).values()) == pytest.approx(total, rel=1e-4)
