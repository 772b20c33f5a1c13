"""What one team sees of an assessment: its own rows, of its customers what the whole knows of them, and nobody else's word."""

import dataclasses
import datetime as dt

import pandas as pd
import pytest

from kam_xl import resources
from kam_xl.core import by_team, frames
from kam_xl.core.assessment import Assessment, assess
from kam_xl.core.consolidation import consolidate
from kam_xl.core.failures import Failures, Missing
from kam_xl.core.quotes import TYPED
from kam_xl.core.sheets import BY_KIND
from kam_xl.core.teams import SHARED as SHARED_FIELDS
from kam_xl.core.teams import Teams
from tests import builders, files
from tests.builders import team_book

POLICY = resources.policy()
WORDS = resources.words("zh-CN")
NIGHT = dt.datetime(2026, 11, 21, 2)
EAST, SOUTH = "华东", "华南"
SHARED = "S001"


def cells(kind: str, team: str, customer_id: str) -> dict:
    """A full row of which every free text is the team's own."""
    row = dict(files.FILLED[kind])
    free = [
        one.field
        for one in BY_KIND[kind].columns
        if one.kind in ("text", "list", "contact") or one.field == "action_id"
    ]
    row |= {field: f"{team}{kind}{field}语" for field in free if isinstance(row.get(field), str) and field != "effect"}
    row["customer" if kind == "tracking" else "customer_id"] = customer_id
    return row


def rows(team: str, *customer_ids: str) -> dict:
    return {kind: [cells(kind, team, one) | ({"action_id": f"{team}-{one}"} if kind == "tasks" else {}) for one in customer_ids]
            for kind in files.FILLED}  # fmt: skip


@pytest.fixture(scope="module")
def whole() -> Assessment:
    """Two teams with no text in common: each with two customers of its own, and one whom both serve."""
    east, south = rows(EAST, "E001", "E002", SHARED), rows(SOUTH, "G001", "G002", SHARED)
    for book, amount in ((east, 111.25), (south, 777.75)):
        for row in [*book["info"], *book["indicators"]]:
            row["amount" if "amount" in row else "profit"] = amount
    books = [team_book(POLICY, f"{EAST}.xlsx", **east), team_book(POLICY, f"{SOUTH}.xlsx", **south)]
    return assess(consolidate(books, POLICY), POLICY, NIGHT, WORDS)


@pytest.fixture(scope="module")
def parts(whole):
    return {part.team: part for part in by_team.parts(Teams(whole))}


def everything(part) -> dict[str, pd.DataFrame]:
    """Every frame that a part answers with."""
    found = {}
    for name in frames.ASSESSMENT:
        try:
            found[name] = getattr(part, name)
        except AttributeError:
            continue
    return found | {f"portfolio.{name}": getattr(part.portfolio, name) for name in frames.PORTFOLIO}


def texts(frame: pd.DataFrame) -> set[str]:
    return {*map(str, frame), *(str(value) for name in frame for value in frame[name].dropna())}


@pytest.mark.parametrize(("team", "other", "ids"), [(EAST, SOUTH, ("G001", "G002")), (SOUTH, EAST, ("E001", "E002"))])
def test_nothing_that_another_team_typed_and_none_of_its_customers_is_in_a_part(parts, team, other, ids):
    told = {name: texts(frame) for name, frame in everything(parts[team]).items()}

    leaks = {
        (name, text) for name, found in told.items() for text in found
        if (other in text and "语" in text) or any(one in text for one in ids)
    }  # fmt: skip
    assert leaks == set()
    own, others = (111.25, 777.75) if team == EAST else (777.75, 111.25)
    figures = {text for found in told.values() for text in found}
    assert str(own) in figures
    assert not [text for text in figures if str(others) in text or "889.0" in text]


def test_every_row_that_a_team_typed_is_in_its_part(whole, parts):
    for team, part in parts.items():
        for kind, name in TYPED.items():
            typed = getattr(whole.portfolio, name)
            typed = typed[typed["team"] == team].reset_index(drop=True)
            assert len(typed) == 3
            if kind == "tracking":
                typed["name"] = [*typed["name"][:2], f"{team}infoname语"]
            pd.testing.assert_frame_equal(getattr(part.portfolio, name), typed, obj=kind)


def test_every_frame_of_an_assessment_is_somebodys_but_those_of_whole_portfolios(parts):
    assert {*frames.ASSESSMENT} - {*everything(parts[EAST])} == {
        "tiers",
        "bought_together",
        "severity",
        "groups",
        "members",
        "move_sums",
        "move_sum_parts",
    }
    with pytest.raises(AttributeError):
        _ = parts[EAST].past


def test_a_customer_of_two_teams_has_the_portfolios_level_and_the_teams_own_values(whole, parts):
    all_in = whole.customers.set_index("customer_id").loc[SHARED]
    for team, amount in ((EAST, 111.25), (SOUTH, 777.75)):
        own = parts[team].customers.set_index("customer_id").loc[SHARED]
        assert own["amount"] == amount
        assert (own["level"], own["computed_tier"], own["health"], own["teams"]) == (
            all_in["level"], all_in["computed_tier"], all_in["health"], f"{EAST}、{SOUTH}",
        )  # fmt: skip
        assert own["remarks"] == f"{team}inforemarks语"
        assert own["book"] == f"{team}.xlsx"


def test_what_the_portfolio_knows_of_a_customer_of_two_teams_both_see(whole, parts):
    assert {*SHARED_FIELDS} <= frames.ASSESSMENT["customers"].keys()
    known = list(SHARED_FIELDS)
    all_in = whole.customers.set_index("customer_id", drop=False).loc[[SHARED], known]
    people = ["manager"]  # a team is not told whom only others name
    for team in (EAST, SOUTH):
        own = parts[team].customers.set_index("customer_id", drop=False).loc[[SHARED], known]
        pd.testing.assert_frame_equal(own.drop(columns=people), all_in.drop(columns=people), check_dtype=False)


def test_a_customer_of_one_team_is_as_the_portfolio_has_it(whole, parts):
    mine = parts[EAST].customers.set_index("customer_id").loc[["E001", "E002"]]

    pd.testing.assert_frame_equal(
        mine, whole.customers.set_index("customer_id").loc[["E001", "E002"]], check_dtype=False
    )


def test_a_risk_of_the_whole_customer_is_told_to_both_without_the_others_place(parts):
    for team, part in parts.items():
        own = part.risks[part.risks["customer_id"] == SHARED]
        assert "no_running_strategy" not in set(own["rule"])
        assert len(own) > 2
        assert set(own["book"].dropna()) <= {f"{team}.xlsx"}


def test_a_conflict_names_the_team_that_typed_something_else_and_not_what(parts):
    conflicts = parts[EAST].portfolio.conflicts

    industry = conflicts[(conflicts["customer_id"] == SHARED) & (conflicts["field"] == "industry")]
    assert industry[["typed_value", "other_teams"]].to_numpy().tolist() == [[f"{EAST}infoindustry语", SOUTH]]


def test_a_part_made_with_others_is_the_part_made_alone(whole, parts):
    teams = Teams(whole)

    assert [*parts] == teams.names == sorted((EAST, SOUTH))
    for team, part in parts.items():
        alone = everything(by_team.part(teams, team))
        for name, found in everything(part).items():
            pd.testing.assert_frame_equal(found, alone[name], obj=name)


def test_a_teams_rows_on_which_we_fail_cost_no_other_teams(whole, monkeypatch):
    def quoting(_customer_id, team, _sentence):
        return 1 / (team != EAST) < 0

    teams = Teams(whole)
    monkeypatch.setattr(teams.quotes, "quoting", quoting)
    east, south = (part for team in (EAST, SOUTH) for part in by_team.parts(teams) if part.team == team)

    with pytest.raises(ZeroDivisionError):
        _ = east.risks
    assert len(south.risks)


def test_what_could_not_be_computed_is_missing_in_a_part_too(whole):
    broken = dataclasses.replace(whole, cases=Missing("cases"), failures=Failures())

    assert isinstance(by_team.part(Teams(broken), EAST).cases, Missing)


def test_what_the_second_team_sees_takes_no_second_look_at_the_rows_of_all(whole, monkeypatch):
    looks = []
    for name in ("_by_owner", "_by_customer"):
        really = getattr(Teams, name)
        monkeypatch.setattr(
            Teams, name, lambda self, rows, really=really: looks.append(len(rows)) or really(self, rows)
        )

    def seen(team):
        part = by_team.part(teams, team)
        rows = [
            getattr(of, name, None) for of in (part, part.portfolio) for name in (*frames.ASSESSMENT, *frames.PORTFOLIO)
        ]
        assert sum(frame is not None and len(frame) > 0 for frame in rows) > 20
        return len(looks)

    teams = Teams(whole)
    first = seen(EAST)

    assert first > 20
    assert seen(SOUTH) == first


def test_a_row_that_two_teams_typed_alike_is_seen_by_both():
    same = {"info": [dict(files.CUSTOMER)]}
    other = {"customer_id": "C777", "name": "丙公司", "amount": 5}
    books = [
        team_book(POLICY, f"{EAST}.xlsx", info=[files.CUSTOMER, other]),
        team_book(POLICY, f"{SOUTH}.xlsx", info=[*same["info"], other | {"customer_id": "C888", "name": "丁公司"}]),
    ]
    found = Teams(assess(consolidate(books, POLICY), POLICY, NIGHT, WORDS))

    for team, own in ((EAST, "C777"), (SOUTH, "C888")):
        customers = by_team.part(found, team).customers
        assert customers["customer_id"].tolist() == ["C001", own]
        assert customers["name"].tolist()[0] == "某科技"
        assert customers["amount"].tolist()[0] == 520


def test_a_row_that_may_mean_another_teams_customer_does_not_name_it():
    track = files.TRACKING | {"customer": "K900/海天机械有限公司"}
    books = [
        team_book(POLICY, f"{EAST}.xlsx", info=[files.CUSTOMER], tracking=[track]),
        team_book(POLICY, f"{SOUTH}.xlsx", info=[{"customer_id": "K009", "name": "海天机械有限公司", "amount": 1}]),
    ]
    whole = assess(consolidate(books, POLICY), POLICY, NIGHT, WORDS)

    assert "K009" in set(whole.portfolio.findings["detail"])
    part = by_team.part(Teams(whole), EAST)
    told = [*part.portfolio.findings["detail"].dropna(), *part.repairs["proposal"].dropna()]
    assert "K009" not in told
    assert WORDS("team.somebody") in told
    assert part.portfolio.proposals.empty


def test_an_older_version_is_told_to_the_team_whose_file_counts():
    info = [files.CUSTOMER | {"customer_id": f"C{n:03}", "name": f"客户{n}公司", "amount": n} for n in range(1, 9)]
    books = [
        team_book(POLICY, "华东 2026-10.xlsx", info=info, modified=dt.datetime(2026, 10, 1)),
        team_book(POLICY, "华东 2026-11.xlsx", info=[*info, files.CUSTOMER | {"customer_id": "C099", "name": "新客户"}],
                  modified=dt.datetime(2026, 11, 1)),
    ]  # fmt: skip
    whole = assess(consolidate(books, POLICY), POLICY, NIGHT, WORDS)
    teams = Teams(whole)

    assert dict(zip(whole.portfolio.sources["book"], whole.portfolio.sources["outcome"], strict=True)) == {
        "华东 2026-10.xlsx": "superseded", "华东 2026-11.xlsx": "used",
    }  # fmt: skip
    assert len(teams.names) == 1
    assert len(by_team.part(teams, teams.names[0]).portfolio.sources) == 2


def test_a_common_cause_is_told_to_its_team_and_one_of_all_to_everybody_but_for_others_customers(whole):
    rows = [
        {"rule": "strategy_overdue", "team": EAST, "begin_with": f"{EAST}infoname语", "owner": "东经理"},
        {"rule": "strategy_overdue", "team": SOUTH, "begin_with": f"{SOUTH}infoname语", "owner": "南经理"},
        {
            "rule": "silent_customer",
            "team": None,
            "begin_with": f"{EAST}infoname语、{SOUTH}infoname语",
            "owner": "总监",
        },
    ]
    told = dataclasses.replace(whole)
    vars(told)["common"] = builders.frame(frames.ASSESSMENT["common"], rows)

    found = by_team.part(Teams(told), EAST).common

    assert found["rule"].tolist() == ["strategy_overdue", "silent_customer"]
    assert found["begin_with"].fillna("").tolist() == [f"{EAST}infoname语", ""]
    assert found["owner"].tolist() == ["东经理", "总监"]


def test_an_amount_nobody_knows_hides_no_sentence():
    """Written out it would be "nan", which stands in many a word."""
    books = [
        team_book(POLICY, f"{EAST}.xlsx", info=[{"customer_id": "C001", "name": "Alpha", "remarks": "financial trouble, lawsuit"}]),
        team_book(POLICY, f"{SOUTH}.xlsx", info=[{"customer_id": "C001", "name": "Beta", "industry": "贸易"}]),
    ]  # fmt: skip
    whole = assess(consolidate(books, POLICY), POLICY, NIGHT, WORDS)
    quoted = whole.risks.loc[whole.risks["rule"] == "warning_words", "evidence"].tolist()

    assert len(quoted) == 1
    own = by_team.part(Teams(whole), EAST).risks
    assert own.loc[own["rule"] == "warning_words", "evidence"].tolist() == quoted


def test_only_what_the_team_sells_itself_is_offered_to_its_customers(whole):
    sells, others = f"{EAST}infoproducts语", f"{SOUTH}infoproducts语"
    offers = [{"customer_id": "E001", "product": product} for product in (sells, others)]
    told = dataclasses.replace(whole)
    vars(told)["whitespace"] = builders.frame(frames.ASSESSMENT["whitespace"], offers)
    grid = builders.frame(frames.ASSESSMENT["product_grid"], [{"customer_id": one} for one in ("E001", "G001")])
    vars(told)["product_grid"] = grid.assign(**{sells: "buys", others: "proposed"})

    part = by_team.part(Teams(told), EAST)

    assert part.whitespace["product"].tolist() == [sells]
    assert list(part.product_grid)[3:] == [sells]
    assert part.product_grid["customer_id"].tolist() == ["E001"]
