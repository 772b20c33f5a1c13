"""The demo books: always the same bytes, sheets and headers that the product knows, and the dirt it promises."""

import dataclasses
import datetime as dt
import itertools
import re
import zipfile

import pytest
import python_calamine

from kam_xl import demo, resources
from kam_xl.core import assessment, consolidation, headings, history, sheets, validation
from kam_xl.core.headings import kind_of_sheet
from kam_xl.core.ids import parse_id
from kam_xl.core.rows import sort_out
from kam_xl.core.scores import parse_score
from kam_xl.hosts import workbooks
from tests import attention, builders


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("teams")


@pytest.fixture(scope="module")
def paths(folder):
    return demo.make(folder)


@pytest.fixture(scope="module")
def tables(paths):
    """(team, kind of sheet) → its rows as field → cell, as far as they belong to a customer."""
    found = {}
    for path in paths[:8]:
        book = python_calamine.CalamineWorkbook.from_path(path)
        for name in book.sheet_names:
            kind = kind_of_sheet(name)
            found[path.stem, kind] = _rows(kind, book.get_sheet_by_name(name).to_python())
    return found


def _rows(kind, grid):
    wanted = {column.field for column in sheets.BY_KIND[kind].written}
    fields = [[headings.field_of(kind, str(cell)) for cell in row] for row in grid]
    top = next(number for number, known in enumerate(fields) if set(known) == wanted)
    columns = {field: column for column, field in enumerate(fields[top])}
    kept = sort_out(grid[top + 1 :], top + 1, kind, columns).kept
    return [dict(zip(fields[top], row, strict=True)) for _, row in kept]


def _all(tables, kind):
    return list(itertools.chain.from_iterable(rows for (_, one), rows in tables.items() if one == kind))


def test_the_same_arguments_give_the_same_bytes(paths, tmp_path):
    again = demo.make(tmp_path)

    assert [path.name for path in again] == [path.name for path in paths]
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in paths]


def test_another_seed_gives_other_customers(paths, tmp_path):
    assert demo.make(tmp_path, seed=8, teams=1)[0].read_bytes() != paths[0].read_bytes()


def test_dates_follow_the_given_day(tmp_path):
    (book, *_) = demo.make(tmp_path, teams=1, customers=20, today=dt.date(2031, 3, 1))

    grid = python_calamine.CalamineWorkbook.from_path(book).get_sheet_by_index(0).to_python()
    deals = [row["last_deal"] for row in _rows("info", grid)]
    assert max(day for day in deals if isinstance(day, dt.date)) > dt.date(2031, 1, 1)
    assert max(day for day in deals if isinstance(day, dt.date)) < dt.date(2031, 3, 1)


def test_what_lies_beside_the_books(paths):
    copy, lock, broken = paths[8:]

    assert copy.read_bytes() == paths[0].read_bytes()
    assert lock.name.startswith("~$")
    assert not zipfile.is_zipfile(broken)


def test_every_team_has_the_three_sheets_with_every_column(tables):
    assert sum(kind in {"info", "evaluation", "tracking"} for _, kind in tables) == 24


def test_every_optional_sheet_is_kept_by_some_team_and_two_teams_keep_none(tables):
    kept = {team: {kind for one, kind in tables if one == team} for team, _ in tables}

    assert set.union(*kept.values()) == set(sheets.BY_KIND)
    assert [team for team, kinds in kept.items() if len(kinds) == 3] == ["西南", "EMEA"]


def test_each_team_serves_about_forty_customers_and_shares_some(tables):
    ids = {
        team: {parse_id(row["customer_id"])[0] for row in rows}
        for (team, kind), rows in tables.items()
        if kind == "info"
    }

    assert all(40 <= len(mine) <= 41 for mine in ids.values())
    assert len(set.union(*ids.values())) == pytest.approx(8 * 32 + 16, abs=6)


def test_tiers_are_spread_about_as_the_policy_aims(tables):
    policy = resources.policy()
    names = [row["tier"] for row in _all(tables, "evaluation")]

    for tier in policy.tiers:
        share = sum(name in (tier.zh, tier.en) for name in names) / len(names)
        assert tier.target_low - 0.04 <= share <= tier.target_high + 0.04, tier.key


def test_the_sources_own_example_is_there_with_what_it_printed(tables):
    first, second = tables["华东", "evaluation"][:2]

    marks = [[parse_score(f"{row[field]}")[0] for field in ("value", "potential", "demand")] for row in (first, second)]
    assert marks == [[92, 88, 85], [55, 45, 70]]
    assert [(row["composite"], row["tier"]) for row in (first, second)] == [(89.6, "战略客户"), (56.5, "普通客户")]


@pytest.mark.parametrize(
    ("kind", "field", "dirt"),
    [
        ("info", "customer_id", r"c\d+"),
        ("info", "customer_id", r"Ｃ\d+"),
        ("info", "amount", r"\d+万"),
        ("info", "amount", r"约\d+万"),
        ("info", "amount", r"[０-９]+"),
        ("info", "last_deal", r"\d{4}年\d+月\d+日"),
        ("info", "last_deal", r"\d{5}\.0"),
        ("info", "name", r".+股份有限公司"),
        ("info", "remarks", "无流失风险.*"),
        ("evaluation", "value", r"\d+（.+）"),
        ("evaluation", "value", r"\d+ \(.+\)"),
        ("tracking", "problem", "竞争对手.*"),
        ("tracking", "status", "Ongoing"),
        ("indicators", "growth", r"-?\d+%"),
        ("indicators", "service_sensitivity", r"6(\.0)?"),
        ("service", "reported", r"\d{4}-\d\d-\d\d \d\d:\d\d"),
        ("service", "reported", r"\d{4}/\d\d/\d\d \d\d:\d\d"),
        ("service", "kind", "客诉|抱怨"),
        ("service", "satisfaction", r"\d+分"),
        ("contacts", "left", "离职|已离职|是"),
        ("contacts", "birthday", ""),
        ("renewals", "stage", "报价|已签约|意向"),
        ("renewals", "renewal_date", r"\d{4}/\d\d/\d\d"),
        ("tasks", "action_id", "华北-01"),
    ],
)
def test_the_usual_dirt_is_there(tables, kind, field, dirt):
    assert any(re.fullmatch(dirt, str(row[field])) for row in _all(tables, kind))


def test_nobody_has_these_phone_numbers(tables):
    fictitious = re.compile(r"010-5550\d{4}|138000\d{5}|\+1 202 555 01\d\d")

    assert all(fictitious.fullmatch(row["phone"]) for kind in ("info", "contacts") for row in _all(tables, kind))


NOW = dt.datetime.combine(demo.TODAY, dt.time(8))


@pytest.fixture(scope="module")
def books(folder, paths):
    policy = resources.policy()
    return [validation.validate(workbooks.read(folder, path.name), policy, demo.TODAY) for path in paths[:8]]


@pytest.fixture(scope="module")
def portfolio(books):
    return consolidation.consolidate(books, resources.policy())


@pytest.fixture(scope="module")
def assessed(portfolio):
    policy, words = resources.policy(), resources.words("zh-CN")
    return assessment.assess(portfolio, policy, NOW, words)


def test_health_shows_in_every_colour_and_one_customer_is_knocked_out(assessed):
    assert set(assessed.customers["health_colour"].dropna()) == {"green", "yellow", "red"}
    assert (assessed.customers["health_cap"] == "severe").any()
    assert assessed.customers["health"].isna().any()  # of teams that keep too little


def test_every_frame_is_as_the_table_of_frames_says(assessed):
    assert builders.misfits(assessed) == {}


@pytest.mark.slow
def test_in_whatever_parts_the_customers_are_judged_it_is_the_same(books, portfolio, assessed):
    """On a first night, and on the next, of which a team's workbook cannot be read; `tests/portfolio` has other parts."""
    policy, words, laid_out = resources.policy(), resources.words("zh-CN"), builders.in_parts(3)
    together = consolidation.consolidate(books, policy, laid_out=laid_out)
    sources = portfolio.sources
    lost = dataclasses.replace(portfolio, sources=sources.assign(outcome=["quarantined", *sources["outcome"][1:]]))
    night = (lost, policy, NOW + dt.timedelta(days=1), words, history.snapshot(assessed))

    assert builders.differing(assessed, assessment.assess(together, policy, NOW, words, laid_out=laid_out)) == []
    assert builders.differing(assessment.assess(*night), assessment.assess(*night, laid_out=laid_out)) == []


def test_the_stories_are_found(assessed):
    told = {
        "case_past_limit", "repeated_problem", "nps_detractor", "satisfaction_low", "health_red", "renewal_at_risk",
        "renewal_overdue", "trial_expired", "key_contact_left", "single_threaded", "missing_role",
    }  # fmt: skip

    assert told <= set(assessed.risks["rule"])
    assert {"visit", "trial", "renewal", "birthday", "root_cause"} <= set(assessed.actions["source"])
    assert len(assessed.whitespace) > 0


def test_what_people_marked_finds_its_action(assessed):
    marked = assessed.actions[assessed.actions["status"] != "open"]

    assert set(marked["status"]) == {"done", "postponed"}
    assert set(marked["source"]) == {"renewal", "trial"}  # the keys of the demo are those of the rules
    assert set(assessed.actions.loc[assessed.actions["source"] == "own", "key"]) == {"华东-01", "华北-01", "APAC-01"}


@pytest.mark.parametrize("day", [dt.date(2026, 10, 4), dt.date(2028, 2, 29)])  # in a holiday week; a leap day
def test_any_day_will_do(tmp_path, day):
    assert len(demo.make(tmp_path, customers=10, today=day)) == 11


def test_the_books_are_valid(paths, ooxml_errors):
    assert [error for path in paths[:8] for error in ooxml_errors(path)] == []


# --- who does what today ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("law", attention.LAWS, ids=lambda law: law.__name__)
def test_what_people_are_asked_to_do_keeps_the_laws(assessed, law):
    assert len(assessed.matters) > 100
    assert law(assessed) == []


@pytest.fixture(scope="module")
def next_night(folder, assessed):
    """The same night again, knowing of the first, after some edits of the workbooks as read."""
    policy, words = resources.policy(), resources.words("zh-CN")
    past = history.snapshot(assessed)

    def night(edit=lambda book: None):
        books = [workbooks.read(folder, name) for name in sorted(set(assessed.portfolio.sources["book"]))]
        for book in books:
            edit(book)
        teams = [validation.validate(book, policy, demo.TODAY) for book in books]
        now = dt.datetime.combine(demo.TODAY, dt.time(8))
        return assessment.assess(consolidation.consolidate(teams, policy), policy, now, words, past)

    return night


@pytest.mark.slow
def test_the_same_workbooks_again_are_no_news(assessed, next_night):
    again = next_night()

    assert set(again.matters["state"]) == {"continuing"}
    for name in ("matters", "housekeeping"):
        assert getattr(again, name)["key"].tolist() == getattr(assessed, name)["key"].tolist()
    assert again.actions[["key", "day", "owner"]].equals(assessed.actions[["key", "day", "owner"]])
    assert again.closed.empty


@pytest.mark.slow
def test_ten_edits_are_news_of_ten_customers(assessed, next_night):
    calm = assessed.customers[(assessed.customers["level"] == "none") & (assessed.customers["team_count"] == 1)]
    words = assessed.common[assessed.common["rule"] == "warning_words"]
    quiet = calm[~calm["teams"].isin(words["team"])]
    edited = set(quiet.groupby("teams").head(3)["customer_id"].head(10))  # of one team they would be told once

    def edit(book):
        rows = book.sheets[0].rows
        fields = [[headings.field_of("info", str(cell)) for cell in row] for row in rows]
        top = next(place for place, known in enumerate(fields) if "remarks" in known)
        customer, remarks = fields[top].index("customer_id"), fields[top].index("remarks")
        for row in rows[top + 1 :]:
            if parse_id(str(row[customer]))[0] in edited:
                row[remarks] = "客户准备停止采购"

    after = next_night(edit)
    assert len(edited) == 10
    assert attention.moved(assessed, after) == edited
