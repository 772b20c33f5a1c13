"""What fails by itself costs itself: every place is broken on purpose, it is told, and everything else is written."""

import dataclasses
import datetime as dt
import html
import json
import logging
import operator

import openpyxl
import pandas as pd
import pytest

import kam_xl
from kam_xl import resources
from kam_xl.core import assessment, consolidation, history, indicators, reminders, risk
from kam_xl.core.failures import Failures, Missing, NotComputed
from kam_xl.hosts import log
from kam_xl.nightly import job as nightly
from kam_xl.reports import (
    account_plan,
    calendars,
    cover,
    details,
    managers,
    master,
    native_tables,
    pages,
    pressing,
    summary,
    views,
    weekly,
    workbook,
)
from kam_xl.reports.master_sheets import PAGES
from kam_xl.reports.run import Run
from kam_xl.showing import telling
from tests import builders, commands, files
from tests.nights import NIGHT, in_short, night

pytestmark = [pytest.mark.usefixtures("quiet_log"), pytest.mark.slow]  # assessed and written anew for each failure

POLICY = resources.policy()
WORDS = resources.words("en")
WHAT = "13800001234 was typed here"


def broken(*_, **__):
    raise ValueError(WHAT)


def breaking(really, when):
    """The function, that fails where it is given something of a kind."""
    return lambda *given, **more: broken() if when(*given, **more) else really(*given, **more)


def row(kind, customer_id, **cells):
    """A full row about a customer."""
    who = {"customer": customer_id} if kind == "tracking" else {"customer_id": customer_id}
    own = {
        "info": {"name": f"客户{customer_id}公司", "group": "甲集团"},
        "tasks": {"action_id": f"我-{customer_id}"},
    }.get(kind, {})
    return files.FILLED[kind] | who | own | cells


def sheets(*customer_ids, **cells):
    """Every kind of sheet with a row about each customer."""
    return {kind: [row(kind, one, **cells.get(kind, {})) for one in customer_ids] for kind in files.FILLED}


@pytest.fixture(scope="module")
def portfolio():
    books = [
        builders.team_book(POLICY, "华东.xlsx", **sheets("C001", "C002", "C003")),
        builders.team_book(POLICY, "华南.xlsx", **sheets("C011", "C012", "C013")),
    ]
    return consolidation.consolidate(books, POLICY)


def assessed(portfolio, past=None, now=NIGHT):
    return assessment.assess(portfolio, POLICY, now, WORDS, past, None, Failures(log.trace))


def anew(found):
    """The same assessment with nothing of it computed yet that can wait, and nothing failed."""
    return dataclasses.replace(found, failures=Failures(log.trace))


def told(found):
    return [telling.failed(one, POLICY, words) for one in found.failures for words in (WORDS, resources.words("zh-CN"))]


# --- rules ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sound(portfolio):
    return assessed(portfolio)


def pairs(found):
    return set(zip(found.risks["rule"], found.risks["customer_id"], strict=True))


def test_the_data_are_such_that_many_rules_have_something_to_say(sound):
    assert len({rule for rule, _ in pairs(sound)}) >= 9


RULES = [key for key, rule in POLICY.rules.items() if rule.enabled]


@pytest.mark.parametrize("first", [0, 1])
def test_rules_that_fail_leave_the_others_and_nobody_without_a_risk(portfolio, sound, monkeypatch, first):
    """Every second rule fails, then the others do."""
    failing = RULES[first::2]
    for rule in failing:
        monkeypatch.setitem(risk.RULES, rule, broken)

    found = assessed(portfolio)

    assert pairs(found) == {pair for pair in pairs(sound) if pair[0] not in failing}
    assert sorted(one[:2] + one[3:4] for one in found.failures) == sorted(
        ("rule", rule, "ValueError") for rule in failing
    )
    titles = [POLICY.rules[rule].title(lang) for rule in failing for lang in ("en", "zh-CN")]
    assert [title for title in titles if title not in "".join(told(found))] == []


def test_rules_that_fail_for_one_customer_stand_for_the_others(portfolio, sound, monkeypatch):
    there = lambda view, _rule: "C002" in set(view.customers["customer_id"])  # noqa: E731
    failing = RULES
    for rule in failing:
        monkeypatch.setitem(risk.RULES, rule, breaking(risk.RULES[rule], there))

    found = assessed(portfolio)

    assert pairs(found) == {(rule, who) for rule, who in pairs(sound) if who != "C002" or rule not in failing}
    assert sorted(one[:4] for one in found.failures) == sorted(("rule", rule, "C002", "ValueError") for rule in failing)
    assert all("C002" in sentence for sentence in told(found))


def test_who_has_no_risk_as_far_as_the_rules_go_is_not_judged_and_others_are():
    risks = pd.DataFrame({"customer_id": ["C001"], "level": ["low"], "key": ["one"], "cause": ["one"]})
    ids = pd.Series(["C001", "C002", "C003"])
    for_one, for_all = Failures(), Failures()
    for_one.note("rule", "silent_customer", ValueError(), "C002")
    for_all.note("rule", "silent_customer", ValueError())
    for_all.note("part", "goals", ValueError())

    levels = [risk.of_customers(risks, ids, POLICY, failures)["level"].tolist() for failures in ((), for_one, for_all)]

    assert levels == [["low", "none", "none"], ["low", "unclear", "none"], ["low", "unclear", "unclear"]]


@pytest.mark.parametrize("customer_id", [None, "C002"])
def test_what_a_rule_knew_the_night_before_is_not_gone_where_it_fails(portfolio, sound, monkeypatch, customer_id):
    past = assessment.history.snapshot(sound)
    rule = "warning_words"
    fails = lambda view, _rule: customer_id is None or customer_id in set(view.customers["customer_id"])  # noqa: E731
    monkeypatch.setitem(risk.RULES, rule, breaking(risk.RULES[rule], fails))

    found = assessed(portfolio, past, NIGHT + dt.timedelta(days=1))
    again = assessment.history.snapshot(found)
    monkeypatch.undo()
    later = assessed(portfolio, again, NIGHT + dt.timedelta(days=2))

    assert rule not in set(found.closed["rule"])
    states = later.risks[later.risks["rule"] == rule]
    assert set(states["state"]) == {"continuing"}
    assert set(states["since"].dt.date) == {NIGHT.date()}


# --- other parts of an assessment -------------------------------------------------------------------------------------

#: Part → where it is computed, and the rules that cannot be computed without it.
PARTS = {
    "health": ("health.assess", {"health_red", "renewal_at_risk"}),
    "voice": ("service.voice", {"health_red", "renewal_at_risk", "satisfaction_low", "nps_detractor"}),
    "lifecycle": ("lifecycle.stages", set()),
    "cases": ("service.cases", {"case_past_limit"}),
    "repeats": ("service.repeats", {"repeated_problem"}),
    "roles": ("relationships.roles", {"single_threaded", "missing_role"}),
    "quality": ("quality.score", set()),
    "closed": ("risk.closed", set()),
    "changes": ("history.changes", set()),
    "recorded": ("recorded.recorded_wrong", set()),
    "contradictions": ("recorded.with_contradictions", set()),
}


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_fails_leaves_every_rule_that_does_without_it(portfolio, sound, monkeypatch, part):
    place, rules = PARTS[part]
    monkeypatch.setattr(f"kam_xl.core.judging.{place}", broken)

    found = assessed(portfolio)

    failed = {(one.kind, one.subject) for one in found.failures}
    assert ("part", part) in failed
    assert {subject for kind, subject in failed if kind == "rule"} == rules
    others = {pair for pair in pairs(sound) if pair[0] not in rules}
    assert others <= pairs(found) | {(rule, one) for rule, one in others if rule == "recorded_differs"}
    assert not any(WHAT in str(one) for one in found.failures)
    assert all("{" not in sentence and part not in sentence.split("“") for sentence in told(found))


LAZY = {
    "matters": "matters.listed", "common": "matters.common", "visits": "planning.calendar", "utilisation": "spread.utilisation", "actions": "planning.actions",
    "deals": "deals.finished", "strategies": "strategies.finished",
    "goals": "goals.check", "whitespace": "whitespace.proposals", "product_grid": "whitespace.grid",
    "kpis": "indicators.measure", "tiers": "tiering.share_check", "teams": "_teams",
    "team_tiers": "tiering.team_share_check", "policy_notes": "tiering.policy_check", "sample": "quality.sample",
    "repairs": "quality.repairs", "questions": "consolidation.questions", "confidence": "confidence.told",
    "severity": "severity.estimated", "members": "groups.members", "groups": "groups.rolled_up", "bought_together": "baskets.bought_together",
}  # fmt: skip


def test_every_part_that_is_computed_later_is_broken_below():
    made = {name for name, value in vars(assessment.Assessment).items() if type(value).__name__ == "cached_property"}
    # upkeep is among the actions, which of it is told once fails with them, and what waits is counted of them for the snapshot
    assert made - {"_members", "_view", "_reminded", "housekeeping", "upkeep_told", "counts"} == LAZY.keys()


@pytest.mark.parametrize("part", LAZY)
def test_a_part_computed_later_is_missing_and_tells_no_none(sound, monkeypatch, part):
    found = anew(sound)
    monkeypatch.setattr(f"kam_xl.core.assessment.{LAZY[part]}", broken)

    assert isinstance(getattr(found, part), Missing)
    with pytest.raises(NotComputed):
        len(getattr(found, part))
    assert [one[:2] for one in found.failures] == [("part", part)]


@pytest.mark.parametrize("reminder", reminders.REMINDERS)
def test_a_reminder_that_fails_leaves_the_other_actions(sound, monkeypatch, reminder):
    monkeypatch.setitem(reminders.REMINDERS, reminder, broken)

    found = anew(sound)

    assert set(found.actions["key"]) == set(sound.actions.loc[sound.actions["source"] != reminder, "key"])
    assert [one[:2] for one in found.failures] == [("action", reminder)]


@pytest.mark.parametrize(("kind", "place", "source"), [("visit", "_visits", "visit"), ("own", "_marked", "own")])
def test_visits_and_marks_that_fail_leave_the_other_actions(sound, monkeypatch, kind, place, source):
    monkeypatch.setattr(f"kam_xl.core.planning.{place}", broken)

    found = anew(sound)

    assert set(found.actions["key"]) == set(sound.actions.loc[sound.actions["source"] != source, "key"])
    assert [one[:2] for one in found.failures] == [("action", kind)]


def test_an_indicator_that_fails_is_unknown_and_the_others_are_known(sound, monkeypatch):
    one, others = next(row for row in indicators.INDICATORS if not row.back), indicators.INDICATORS
    replaced = [dataclasses.replace(row, measure=broken) if row is one else row for row in others]
    monkeypatch.setattr(indicators, "INDICATORS", replaced)

    found = anew(sound)

    failed = found.kpis["indicator"] == one.key
    assert set(found.kpis.loc[failed, "verdict"]) == {"none"}
    assert found.kpis.loc[failed, "said"].str.contains("tonight it failed").all()
    pd.testing.assert_frame_equal(found.kpis[~failed], sound.kpis[~failed])


# --- the master -------------------------------------------------------------------------------------------------------


def a_run():
    return Run(NIGHT, "teams", "../teams", "1", "1", "en", 1, {})


def written(tmp_path, found):
    master.write(tmp_path / "m.xlsx", found, a_run())
    return openpyxl.load_workbook(tmp_path / "m.xlsx", read_only=True)  # each test looks into a few of the sheets


def everything(sheet):
    return " ".join(str(cell) for line in sheet.iter_rows(values_only=True) for cell in line if cell is not None)


def sheet_of(book, key):
    return book[WORDS(f"master.sheet.{key}")]


@pytest.mark.parametrize("first", [0, 1])
def test_a_sheet_that_fails_says_so_and_so_does_the_index_and_the_others_stand(sound, monkeypatch, tmp_path, first):
    """Every second sheet fails, then the others do."""
    failing = {page.key for page in PAGES[first::2]}
    pages = [dataclasses.replace(page, rows=broken) if page.key in failing else page for page in PAGES]
    monkeypatch.setattr(master, "PAGES", pages)
    found = anew(sound)

    book = written(tmp_path, found)

    assert {one[:4] for one in found.failures} == {("sheet", key, None, "ValueError") for key in failing}
    assert len(book.worksheets) == len(PAGES) + 1
    listed = [[str(cell) for cell in line] for line in book.worksheets[0].iter_rows(values_only=True)]
    for page in PAGES:
        sheet = sheet_of(book, page.key)
        (about,) = [line for line in listed if WORDS(f"master.about.{page.key}") in line]
        assert (WORDS("failure.says") in everything(sheet)) == (page.key in failing)
        assert (WORDS("failure.short") in about) == (page.key in failing)
    assert ("C001" in everything(sheet_of(book, "customers"))) == ("customers" not in failing)


@pytest.mark.parametrize(
    ("place", "part", "fails"),
    [
        (pages.Pages, "columns", lambda _, page, *__: page.key == "visits"),
        (workbook, "_add", lambda _, page, __, columns, *___: page.key == "visits" and len(columns) > 1),
    ],
)
def test_a_sheet_that_fails_while_it_is_written_is_written_anew_without_its_rows(
    sound, monkeypatch, tmp_path, place, part, fails
):
    monkeypatch.setattr(place, part, breaking(getattr(place, part), fails))
    found = anew(sound)

    book = written(tmp_path, found)

    assert [one[:2] for one in found.failures] == [("sheet", "visits")]
    assert WORDS("failure.says") in everything(sheet_of(book, "visits"))
    assert "C001" in everything(sheet_of(book, "customers"))
    assert len(book.worksheets) == len(PAGES) + 1


def test_where_all_sheets_fail_there_is_a_workbook_that_says_so_and_one_that_cannot_even_say_so_is_a_bug(
    sound, monkeypatch, tmp_path
):
    monkeypatch.setattr(master, "PAGES", [dataclasses.replace(page, rows=broken) for page in PAGES])
    book = written(tmp_path, anew(sound))
    assert all(WORDS("failure.says") in everything(sheet_of(book, page.key)) for page in PAGES)

    monkeypatch.setattr(native_tables, "add", broken)
    with pytest.raises(ValueError, match="typed"):
        written(tmp_path, anew(sound))


def test_a_block_of_the_first_sheet_that_fails_leaves_the_others_and_the_index(sound, monkeypatch, tmp_path):
    for block in (
        "_headline",
        "key_figures",
        "add",
        "_common",
        "_tiers",
        "_left_out",
        "policy_verdict",
        "_elsewhere",
    ):
        with monkeypatch.context() as patch:
            patch.setattr(pressing if block == "add" else cover, block, broken)
            found = anew(sound)
            first = everything(written(tmp_path, found).worksheets[0])
        assert [one.kind for one in found.failures] == ["cover"]
        assert first.count(WORDS("failure.says")) == 1
        assert WORDS("master.about.customers") in first


# --- pages ------------------------------------------------------------------------------------------------------------

#: Part of the first page → the value it shows that is broken, by where `summary` looks for it.
SECTIONS = {
    "headline": "headline",
    "figures": "key_figures",
    "matters": "accounts",
    "people": "people",
    "files": "files",
}


@pytest.fixture(scope="module")
def second(portfolio, sound):
    """The night after."""
    return assessed(portfolio, assessment.history.snapshot(sound), NIGHT + dt.timedelta(days=1))


def test_a_first_page_without_a_failure_says_nothing_of_one(second):
    assert WORDS("failure.says") not in summary.render(anew(second), a_run())


@pytest.mark.parametrize("section", SECTIONS)
def test_a_part_of_the_first_page_that_fails_says_so_at_the_top_and_in_its_place(second, monkeypatch, section):
    monkeypatch.setattr(summary, SECTIONS[section], broken)
    found = anew(second)

    page = summary.render(found, a_run())

    assert [one[:2] for one in found.failures] == [("section", section)]
    assert f'<p id="{section}" class="notice bad">{WORDS("failure.says")}</p>' in page
    assert "Not computed or not written" in page
    for other in SECTIONS.keys() - {section, "headline", "figures", "files"}:
        assert f'<section id="{other}"' in page
    assert WHAT not in page


@pytest.mark.parametrize("section", details.SECTIONS)
def test_a_part_of_the_details_that_fails_leaves_the_others_and_is_told_there(second, monkeypatch, section):
    monkeypatch.setitem(details.SECTIONS, section, broken)
    found = anew(second)

    page = details.render(found, assessment.history.snapshot(found))

    assert [one[:2] for one in found.failures] == [("section", section)]
    assert all(f'<section id="{other}"' in page for other in details.SECTIONS)
    assert page.count(WORDS("failure.says")) == 1
    assert section == "failed" or told(found)[0] in html.unescape(page)


@pytest.mark.parametrize("place", ["_today", "_visits", "_later", "_upkeep", "_figures"])
def test_a_part_of_a_persons_page_that_fails_leaves_the_others(second, monkeypatch, place):
    monkeypatch.setattr(managers, place, broken)
    found = anew(second)

    made = dict(managers.pages(found))

    assert {one.kind for one in found.failures} == {"section"}
    assert all('<section id="visits"' in page for page in made.values())


def test_a_persons_page_that_fails_leaves_the_others(second, monkeypatch):
    monkeypatch.setattr(managers, "_page", breaking(managers._page, lambda _, person, *__: person == "张三"))
    found = anew(second)

    made = dict(managers.pages(found))

    assert [one[:2] for one in found.failures] == [("manager", "张三.html")]
    assert [name for name, page in made.items() if WORDS("failure.says") in page] == ["张三.html"]


def test_a_part_of_a_meetings_page_that_fails_leaves_the_others(sound, monkeypatch):
    view = dataclasses.replace(views.VIEWS["weekly"], sections=(broken, weekly.visits), figures=broken)
    monkeypatch.setitem(views.VIEWS, "weekly", view)
    found = anew(sound)

    page = views.render("weekly", found, assessment.history.snapshot(found), None)

    assert [one[:2] for one in found.failures] == [("view_section", "weekly"), ("view_section", "weekly/1")]
    assert WORDS("failure.says") in page
    assert '<section id="visits"' in page


def test_a_part_of_an_account_plan_that_fails_leaves_the_others(sound, monkeypatch):
    found = anew(sound)
    monkeypatch.setattr("kam_xl.core.assessment.goals.check", broken)
    monkeypatch.setattr(account_plan.health, "explained", broken)

    made = dict(account_plan.pages(found))

    assert len(made) == 6
    assert {one[:2] for one in found.failures} == {
        ("part", "goals"),
        ("plan_block", "strategies"),
        ("plan_block", "score"),
    }
    assert all(WORDS("failure.says") in page and '<section id="matters"' in page for page in made.values())


# --- a whole night ----------------------------------------------------------------------------------------------------


@pytest.fixture
def teams(tmp_path, readers_in_this_process):
    for name, numbers in (("华东", "001 002 003"), ("华南", "011 012 013")):
        files.team(tmp_path / "teams" / f"{name}.xlsx", **sheets(*(f"C{number}" for number in numbers.split())))
    return tmp_path / "teams"


def test_a_night_in_which_one_of_everything_fails(teams, tmp_path, monkeypatch, caplog):
    """One rule, one customer's page, one action, one manager's calendar, one meeting's page, one sheet, one reminder."""
    files.team(teams / "华北.xlsx", **sheets("C021", tracking={"tracker": "赵敏"}))
    monkeypatch.setitem(risk.RULES, "silent_customer", broken)
    monkeypatch.setitem(reminders.REMINDERS, "birthday", broken)
    monkeypatch.setattr(account_plan, "_page", breaking(account_plan._page, lambda _, own, *__: (own["customers"]["customer_id"] == "C002").any()))  # fmt: skip
    monkeypatch.setattr(calendars, "_event", breaking(calendars._event, lambda row, _: row.key == "我-C003"))
    monkeypatch.setattr(calendars, "_file", breaking(calendars._file, lambda name, *_: "赵敏" in name))
    monkeypatch.setattr(history, "compared_day", breaking(history.compared_day, lambda rhythm, *_: rhythm == "monthly"))
    monkeypatch.setattr(master, "PAGES", [dataclasses.replace(page, rows=broken) if page.key == "changes" else page for page in PAGES])  # fmt: skip
    monkeypatch.setattr("kam_xl.nightly.writing.history.snapshot", broken)

    with caplog.at_level(logging.INFO, "kam_xl"):
        done = night(teams, tmp_path, views=("weekly", "monthly"), lang="en")

    wanted = {
        ("rule", "silent_customer"), ("action", "birthday"), ("plan", "C002"), ("event", "我-C003"),
        ("calendar", "actions-赵敏.ics"), ("view", "monthly"), ("sheet", "changes"), ("output", "history"),
    }  # fmt: skip
    assert {one[:2] for one in done.found.failures} >= wanted
    assert {(one["kind"], one["subject"]) for one in done.record["failures"]} >= wanted
    assert done.code == done.record["exit_code"] == 1
    page = (done.out / nightly.DETAILS).read_text("utf-8")
    assert all(telling.failed(one, POLICY, WORDS) in html.unescape(page) for one in done.found.failures)
    assert {path.name for path in (done.out / "plans").iterdir()} == {f"C{n}.html" for n in ("001", "002", "003", "011", "012", "013", "021")}  # fmt: skip
    assert WORDS("failure.says") in (done.out / "plans" / "C002.html").read_text("utf-8")
    assert WORDS("failure.says") not in (done.out / "plans" / "C001.html").read_text("utf-8")
    assert {path.name for path in (done.out / "calendars").iterdir()} == {
        "actions-张三.ics",
        "actions-Nobody_named.ics",
    }
    assert "我-C002@kam-xl" in (done.out / "calendars" / "actions-张三.ics").read_text("utf-8")
    assert WORDS("failure.says") in (done.out / "monthly.html").read_text("utf-8")
    assert '<section id="visits"' in (done.out / "weekly.html").read_text(
        "utf-8"
    )  # what needs tonight's snapshot says so
    assert not list(done.out.glob("history/*.parquet"))
    told = [entry for entry in caplog.records if entry.message.startswith("part failed")]
    assert len(told) == len(done.found.failures)
    assert all(entry.message.endswith(entry.error) for entry in told)
    log = "".join(str(vars(entry)) for entry in caplog.records)
    assert "赵敏" not in log
    assert WHAT not in log + page + json.dumps(done.record, ensure_ascii=False)


@pytest.mark.usefixtures("nights_in_short")
@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_the_command_says_what_failed_and_ends_with_1(teams, tmp_path, monkeypatch, lang):
    monkeypatch.setitem(risk.RULES, "silent_customer", broken)

    ended = commands.call("run", teams, "--out", tmp_path / "out", "--lang", lang)

    words = resources.words(lang)
    assert ended.exit_code == 1
    assert words("job.failed", count=1) in ended.stdout
    assert POLICY.rules["silent_customer"].title(lang) in ended.stdout


#: Where something rests on everything → whether C012 is in what it is given.
WITH_C012 = {
    "kam_xl.nightly.assessing.consolidation.consolidate": lambda books, *_: any(
        "C012" in set(book.tables["info"].rows["customer_id"]) for book in books
    ),
    "kam_xl.core.judging.scoring.filled": lambda evaluations, *_: "C012" in set(evaluations["customer_id"]),
    "kam_xl.core.judging.planning.plan": lambda customers, *_: "C012" in set(customers["customer_id"]),
}


@pytest.mark.parametrize("place", WITH_C012)
def test_a_workbook_with_which_nothing_can_be_computed_is_left_out_and_told(
    teams, tmp_path, monkeypatch, caplog, place
):
    """In consolidation, scores or plans: it costs the team's own book, not the night."""
    in_short(monkeypatch.setattr, "_first")
    monkeypatch.setattr(place, breaking(operator.attrgetter(place.partition("kam_xl.")[2])(kam_xl), WITH_C012[place]))

    done = night(teams, tmp_path, lang="en")

    assert done.code == 1
    assert set(done.names) == {"C001", "C002", "C003"}
    sources = done.found.portfolio.sources.set_index("book")
    assert sources.loc["华南.xlsx", ["outcome", "reason"]].tolist() == ["quarantined", "bug"]
    assert "华南.xlsx" in (done.out / nightly.SUMMARY).read_text("utf-8")
    assert "This program failed on the file" in (done.out / nightly.DETAILS).read_text("utf-8")
    (entry,) = [entry for entry in caplog.records if "book not used, our bug" in entry.message]
    assert entry.book == "华南.xlsx"
    assert WHAT not in entry.message


@pytest.mark.usefixtures("nights_in_short")
def test_where_it_fails_whatever_is_left_out_the_night_is_not_done_and_yesterdays_stands(teams, tmp_path, monkeypatch):
    night(teams, tmp_path)
    before = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    monkeypatch.setattr("kam_xl.nightly.assessing.assessment.assess", broken)

    with pytest.raises(ValueError, match="typed"):
        night(teams, tmp_path, NIGHT + dt.timedelta(days=1))
    assert {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()} == before


def test_a_foreign_snapshot_is_told_on_the_first_page_and_costs_the_comparison_only(teams, tmp_path, monkeypatch):
    in_short(monkeypatch.setattr, "_first")
    first = night(teams, tmp_path, NIGHT - dt.timedelta(days=1))
    (kept,) = first.out.glob("history/*.parquet")
    pd.DataFrame({"customer_id": ["C001"] * 2}).to_parquet(kept)

    done = night(teams, tmp_path, lang="en")

    assert (done.code, done.record["compared_with"]) == (0, None)
    assert [(one["kind"], one["subject"]) for one in done.record["failures"]] == [("state", f"history/{kept.name}")]
    assert "Not computed or not written" in (done.out / nightly.SUMMARY).read_text("utf-8")
    assert f"history/{kept.name} holds something else" in (done.out / nightly.DETAILS).read_text("utf-8")
