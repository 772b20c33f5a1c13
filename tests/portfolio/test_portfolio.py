"""The worked portfolio: whatever the product says of it tonight is what README.md works out by hand (by_hand.toml).

The expectations are written by hand from the cells of portfolio.md, never copied from the program; `expected.*.txt` is the
whole report beside them.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from kam_xl import resources
from kam_xl.core import health, indicators, reminders
from kam_xl.core.kinds import keys
from kam_xl.core.rule_settings import Risk
from kam_xl.core.sheets import BY_KIND
from tests import attention, builders
from tests.portfolio import report, worked
from tests.portfolio.conftest import TOGETHER, Risks
from tests.portfolio.worked import LANGUAGES, TODAY, TONIGHT, Nights, Teams
from tests.test_figures_agree import pages, told

HAND = tomllib.loads((worked.HERE / "by_hand.toml").read_text("utf-8"))
POLICY = resources.policy(None)
HITS = [(rule, hit) for rule, row in HAND["risk"].items() for hit in row["fires"]]


def test_every_frame_of_a_night_is_as_the_table_of_frames_says(nights: Nights) -> None:
    """On a first night, and where there is one to compare with."""
    assert builders.misfits(nights.last) == builders.misfits(nights.tonight) == {}


@pytest.mark.slow
def test_in_whatever_parts_the_customers_are_judged_it_is_the_same(whole):
    in_one = whole()

    for count in (2, 13):  # of the last several have nobody
        assert builders.differing(in_one, whole(builders.in_parts(count))) == []


def test_no_figure_of_the_nights_pages_has_two_values(nights: Nights) -> None:
    """As those of the demo's night, in `tests/test_figures_agree.py`."""
    told(pages(nights.folder.parent / "out"))


def by_customer(frame: pd.DataFrame) -> dict[str, pd.Series]:
    """Customer → its row."""
    return {row["customer_id"]: row for _, row in frame.iterrows()}


def known(number: float, decimals: int = 2) -> float:
    """A figure as the tables by hand write it: rounded, -1 for unknown."""
    return -1 if pd.isna(number) else round(number, decimals)


def word(text: str, lang: str) -> str:
    """A key of the words as it is typed."""
    return worked.words(lang)[text]


# --- nothing is left out ----------------------------------------------------------------------------------------------


def test_every_rule_reminder_and_indicator_is_worked_out():
    assert set(HAND["risk"]) == set(keys(Risk))
    assert all(row["fires"] and row["edge"] and row["nudge"] for row in HAND["risk"].values())
    assert set(HAND["reminders"]) == set(HAND["reminders_edge"]) == set(reminders.REMINDERS)
    assert set(HAND["kpis"]) == {row.key for row in indicators.INDICATORS}


def test_nothing_fires_but_what_was_worked_out(nights):
    found = sorted(zip(nights.tonight.risks["rule"], nights.tonight.risks["customer_id"], strict=True))

    assert found == sorted((rule, hit["customer"]) for rule, hit in HITS)


def nudged(rule: str) -> Teams:
    """Tonight's sheets with the smallest change that makes a rule fire at its edge."""
    teams = worked.tonight()
    for team, kind, customer, key, field, text in HAND["risk"][rule]["nudge"]:
        worked.row_of(teams, team, kind, customer, key)[field] = text
    return teams


@pytest.fixture(scope="module")
def after_nudges(again: Callable[[Teams], Risks], side_by_side: Callable[[Sequence[Teams]], list[Risks]]) -> dict:
    """Rule → the risks before and after its nudge."""
    alone = [rule for rule in HAND["risk"] if rule not in TOGETHER]
    base, *found = side_by_side([worked.tonight(), *map(nudged, alone)])
    before = again(worked.tonight())
    return {rule: (base, risks) for rule, risks in zip(alone, found, strict=True)} | {
        rule: (before, again(nudged(rule))) for rule in TOGETHER
    }


@pytest.mark.parametrize("rule", HAND["risk"])
def test_the_rule_just_does_not_fire_and_does_after_the_smallest_change(rule, after_nudges):
    before, after = after_nudges[rule]
    edge = HAND["risk"][rule]["edge"], rule

    assert before[edge] == sum(hit["customer"] == edge[0] for hit in HAND["risk"][rule]["fires"])
    assert after[edge] == before[edge] + 1


# --- the risks --------------------------------------------------------------------------------------------------------


def risk_of(nights: Nights, rule: str, hit: dict) -> pd.Series:
    """The one finding of a rule at a customer."""
    risks = nights.tonight.risks
    (place,) = risks.index[(risks["rule"] == rule) & (risks["customer_id"] == hit["customer"])]
    return risks.loc[place]


@pytest.mark.parametrize(("rule", "hit"), HITS, ids=[f"{rule}-{hit['customer']}" for rule, hit in HITS])
def test_a_risk_has_its_level_state_owner_and_day(nights, lang, rule, hit):
    found = risk_of(nights, rule, hit)
    since = hit.get("since", TODAY)
    due = hit.get("due") or since + dt.timedelta(days=POLICY.rules[rule].due_days)
    while "due" not in hit and due.weekday() > 4:
        due += dt.timedelta(days=1)
    (who,) = (name for name, served in HAND["managers"].items() if hit["customer"] in served)

    assert (found["level"], found["state"]) == (hit["level"], hit["state"])
    assert found["since"].date() == since
    assert found["due"].date() == due
    assert found["owner"] == found["manager"] == word(who, lang)
    assert found["days"] == (TODAY - since).days * (hit["state"] == "continuing")


@pytest.mark.parametrize(("rule", "hit"), HITS, ids=[f"{rule}-{hit['customer']}" for rule, hit in HITS])
def test_its_evidence_follows_from_the_cells_it_cites(nights, lang, rule, hit):
    found = risk_of(nights, rule, hit)
    team, kind, cell = hit["at"].split()
    place = (found["team"], found["book"], found["sheet"], found["cell"])
    row = cited_row(nights, lang, team, kind, cell.rpartition(":")[2])
    evidence = found["evidence"]

    assert place == (word(team, lang), f"{word(team, lang)}.xlsx", BY_KIND[kind].name(lang), cell)
    facts = sorted(said(eval(fact, {"__builtins__": {}}, row)) for fact in hit["facts"])  # noqa: S307 (our own file)
    assert sorted(figures(evidence)) == facts
    for name in hit.get("quotes", ()):
        assert str(row[name]) in evidence
    for quoted in re.findall("“(.*?)”", evidence):
        assert any(quoted.casefold() in str(text).casefold() for text in row.values())


def figures(sentence: str) -> Iterator[str]:
    """The numbers, shares and dates of a sentence, but for what it quotes and its unit."""
    text = re.sub("“.*?”|\\(10k CNY\\)", "", sentence)
    for figure in re.findall(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d)?|\d[\d,]*(?:\.\d+)?%?", text):
        plain = figure.replace(",", "")
        yield plain if plain.endswith("%") or plain.count("-") else f"{float(plain):.1f}"


def said(value: object) -> str:
    """A fact as a sentence says it."""
    if isinstance(value, dt.datetime) and value.time() != dt.time():
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, dt.date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, dt.timedelta):
        return f"{value.days:.1f}"
    return value if isinstance(value, str) else f"{value:.1f}"


def cited_row(nights: Nights, lang: str, team: str, kind: str, cell: str) -> dict[str, object]:
    """What stands in the row of a cell, by field, and what the arithmetic of by_hand.toml may use."""
    row = sheet_rows(nights, lang, team, kind, TODAY)[int(re.sub("[A-Z]", "", cell))]
    column = openpyxl.utils.column_index_from_string(re.sub(r"\d", "", cell)) - 1
    field = BY_KIND[kind].columns[column].field
    before = sheet_rows(nights, lang, team, kind, worked.LAST_NIGHT.date()).get(int(re.sub("[A-Z]", "", cell)), {})
    info = [one for team in worked.tonight() for one in sheet_rows(nights, lang, team, "info", TODAY).values()]
    start, end = map(
        dt.date.fromisoformat, re.findall(r"\d{4}-\d\d-\d\d", str(row.get("period"))) or ("1900-01-01",) * 2
    )
    return {
        **row, "start": start, "end": end, "today": TODAY, "now": TONIGHT, "date": dt.date, "before": before.get(field),
        "total": sum(one["amount"] for one in info), "header": BY_KIND[kind].columns[column].header(lang),
        "percent": percent, "score": score, "hours": hours,
    }  # fmt: skip


def sheet_rows(nights: Nights, lang: str, team: str, kind: str, day: dt.date) -> dict[int, dict[str, object]]:
    """Row number → its cells by field; dates without a time of day where the column holds days."""
    sheet = opened(worked.books_of(nights.folder.parent, day) / f"{word(team, lang)}.xlsx")[BY_KIND[kind].name(lang)]
    columns = builders.of_the_book(BY_KIND[kind])
    return {
        number: {
            column.field: cell.date() if column.kind == "date" and isinstance(cell, dt.datetime) else cell
            for column, cell in zip(columns, row, strict=True)
        }
        for number, row in enumerate(sheet.iter_rows(min_row=2, values_only=True), start=2)
    }


@functools.cache
def opened(path: Path) -> openpyxl.Workbook:
    """A workbook as another program reads it."""
    return openpyxl.load_workbook(path)


def percent(share: float) -> str:
    return f"{share:.1%}".replace(".0%", "%")


def score(value: float, potential: float, demand: float) -> float:
    """The composite as people compute it, on decimals."""
    exact = (
        Decimal("0.5") * Decimal(str(value))
        + Decimal("0.3") * Decimal(str(potential))
        + Decimal("0.2") * Decimal(str(demand))
    )
    return float(exact.quantize(Decimal("0.1"), ROUND_HALF_UP))


def hours(start: dt.datetime, end: dt.datetime) -> float:
    """Working hours from one moment to another, counted minute by minute, Monday to Friday from 9 to 18."""
    minutes = int((end - start).total_seconds() // 60)
    each = (start + dt.timedelta(minutes=minute) for minute in range(minutes))
    return sum(one.weekday() < 5 and 9 <= one.hour < 18 for one in each) / 60


def test_what_is_gone_since_last_night(nights):
    found = {(row.rule, row.customer_id): row.days for row in nights.tonight.closed.itertuples()}

    assert found == {(rule, customer): days for rule, gone in HAND["closed"].items() for customer, days in gone.items()}


# --- customers --------------------------------------------------------------------------------------------------------


def test_score_tier_health_lifecycle_and_level(nights):
    found = {
        key: [row["score"], row["computed_tier"], known(row["health"]), str(row["health_colour"]).replace("nan", ""),
              row["health_coverage"], row["lifecycle"], row["level"], row["risk_score"]]
        for key, row in by_customer(nights.tonight.customers).items()
    }  # fmt: skip

    assert found == HAND["customers"]


def test_the_parts_of_the_health_and_who_is_knocked_out(nights):
    parts = [f"health_{part}" for part in ("scale", "interaction", "complaints", "satisfaction", "execution")]
    rows = by_customer(nights.tonight.customers)

    assert {key: [known(row[part]) for part in parts] for key, row in rows.items()} == HAND["health"]
    assert [key for key, row in rows.items() if row["health_cap"] == "severe"] == ["C002"]


#: Customer → what is said of the trend of its scale, by hand: "Health" of README.md.
TRENDS = {
    "C004": ("规模走势看以往最高金额：现为 900 万元，最高 1,000 万元，−10%，计 −6.0 分",
             "trend of the scale by the highest amount remembered: 900 now after 1,000 (10k CNY), −10%: −6.0 points"),
    "C006": ("规模走势看订单：近十二个月 10 万元，此前十二个月 30 万元，−66.7%，计 −30.0 分",
             "trend of the scale by the orders: 10 in the last twelve months after 30 in the twelve before (10k CNY), −66.7%: −30.0 points"),
    "C010": ("规模走势看订单：近十二个月 30 万元，此前十二个月 40 万元，−25%，计 −15.0 分",
             "trend of the scale by the orders: 30 in the last twelve months after 40 in the twelve before (10k CNY), −25%: −15.0 points"),
}  # fmt: skip


def test_what_the_trend_of_the_scale_goes_by_is_said(nights, lang):
    rows = nights.tonight.customers
    told = dict(zip(rows["customer_id"], health.explained(rows, POLICY, nights.tonight.words), strict=True))

    assert all(TRENDS[key][LANGUAGES.index(lang)] in told[key] for key in TRENDS)
    says = {"zh-CN": "规模走势", "en": "trend of the scale"}[lang]
    known = [key for key, marks in HAND["health"].items() if marks[0] != -1]
    assert [key for key, sentence in told.items() if says in sentence] == known


def test_the_health_of_a_customer_turns_with_one_major_complaint(nights):
    row = by_customer(nights.tonight.customers)["C002"]

    assert (row["health_before"], row["health_trend"]) == (
        95.3,
        "down",
    )  # (0.2×85.3 + 0.2×100 + 0.2×97 + 0.15×100) ÷ 0.75


def test_satisfaction_and_nps_are_the_latest(nights):
    rows = by_customer(nights.tonight.customers)
    found = {key: (known(row["satisfaction"]), known(row["nps"])) for key, row in rows.items()}

    assert {key: pair for key, pair in found.items() if pair != (-1, -1)} == {
        "C001": (95, 9), "C002": (94, -1), "C003": (-1, 7), "C005": (89, -1), "C006": (-1, 6), "C008": (60, -1),
    }  # fmt: skip


# --- service, people, products ----------------------------------------------------------------------------------------


def test_the_clocks_of_every_case(nights, lang):
    names = {
        worked.words(lang)[key]: key for key in ("delivery", "invoice", "quality", "packaging", "billing", "price")
    }
    found = {
        f"{row.customer_id} {names[row.category]} {row.reported:%Y-%m-%d %H:%M}": [
            row.limit_hours, round(row.response_hours, 2), row.response_state,
            row.resolution_limit_hours, round(row.resolution_hours, 2), row.resolution_state, row.stage,
        ]
        for row in nights.tonight.cases.itertuples()
    }  # fmt: skip

    assert found == HAND["cases"]
    (running,) = nights.tonight.cases.query("response_state == 'running'").itertuples()
    assert running.answer_by == TONIGHT  # the two hours of C001 end this very moment


def test_every_clock_was_counted_minute_by_minute(nights):
    for case in nights.tonight.cases.itertuples():
        answered = TONIGHT if pd.isna(case.answered) else case.answered.to_pydatetime()
        solved = TONIGHT if pd.isna(case.resolved) else case.resolved.to_pydatetime()
        counted = [hours(case.reported.to_pydatetime(), end) for end in (answered, solved)]
        assert counted == pytest.approx([case.response_hours, case.resolution_hours])


def test_repeated_problems_of_one_customer_and_across(nights, lang):
    found = {(row.customer_id if isinstance(row.customer_id, str) else "-", row.category): (row.count, row.customers)
             for row in nights.tonight.repeats.itertuples(name="Repeat")}  # fmt: skip

    late = word("delivery", lang)
    assert {key: tuple(map(int, value)) for key, value in found.items()} == {
        ("C006", late): (3, 1),
        ("-", late): (5, 3),
    }


def test_who_knows_whom(nights):
    columns = ["purchasing", "user", "technical", "executive", "contact_count", "covered"]
    found = {
        key: [row[name] for name in columns] if row["known"] else []
        for key, row in by_customer(nights.tonight.roles).items()
    }

    assert found == HAND["roles"]
    unknown = nights.tonight.roles.loc[~nights.tonight.roles["known"], columns]
    assert unknown.isna().all(axis=None)


def test_what_similar_customers_buy(nights, lang):
    keys = {worked.words(lang)[key]: key for key in ("cloud", "data", "training", "upkeep", "hardware")}
    found: dict[str, dict] = {}
    for row in nights.tonight.whitespace.itertuples():
        name = ("*" if row.open else "") + keys[row.product]
        found.setdefault(row.customer_id, {})[name] = [row.buyers, row.similar]

    assert found == HAND["whitespace"]


# --- what to do -------------------------------------------------------------------------------------------------------


def test_reminders(nights):
    actions = nights.tonight.actions
    found = {
        source: {
            row.customer_id if isinstance(row.customer_id, str) else "-": row.due.date()
            for row in actions[actions["source"] == source].itertuples()
        }
        for source in reminders.REMINDERS
    }

    assert found == HAND["reminders"]
    assert all((actions["source"] == source).sum() == len(due) for source, due in HAND["reminders"].items())


def test_the_day_of_every_visit(nights):
    rows = by_customer(nights.tonight.customers)

    assert {key: row["next_visit"].date() for key, row in rows.items()} == HAND["visits"]


def test_what_is_a_matter_and_what_follows_from_it(nights):
    risks = nights.tonight.risks
    rules = risks.set_index("key")["rule"]
    found: dict[str, dict[str, list[str]]] = {}
    for row in risks[risks["cause"].notna()].itertuples():
        behind = found.setdefault(row.customer_id, {}).setdefault(rules[row.cause], [])
        behind += [row.rule] if row.key != row.cause else []

    assert found == HAND["matters"]
    assert len(nights.tonight.matters) == sum(map(len, HAND["matters"].values()))


@pytest.mark.parametrize("law", attention.LAWS, ids=lambda law: law.__name__)
def test_what_people_are_asked_to_do_keeps_the_laws(nights, law):
    assert law(nights.tonight) == law(nights.last) == []


@pytest.mark.slow
def test_the_same_workbooks_again_are_no_news(twice):
    first, again = twice(worked.tonight())

    assert set(again.matters["state"]) == {"continuing"}
    for name in ("matters", "housekeeping"):
        assert getattr(again, name)["key"].tolist() == getattr(first, name)["key"].tolist()
    assert again.actions[["key", "day", "owner"]].equals(first.actions[["key", "day", "owner"]])
    assert again.closed.empty


#: Ten cells: team, kind, customer, a cell that tells the row apart, field, new text.
EDITS = (
    ("east", "info", "C003", "", "remarks", "churn"),
    ("east", "contacts", "C003", "zheng", "left", "yes"),
    ("east", "renewals", "C003", "renewal", "renewal_date", "2026-11-02"),
    ("east", "service", "C003", "survey", "nps", "2"),
    ("north", "info", "C007", "", "remarks", "churn"),
    ("north", "tracking", "C007", "", "period", "2026-06-01..2026-11-18"),
    ("north", "tracking", "C007", "", "improvement", ""),
    ("south", "info", "C010", "", "remarks", "churn"),
    ("south", "info", "C010", "", "last_deal", "2026-05-04"),
    ("south", "info", "C012", "", "remarks", "churn"),
)


@pytest.mark.slow
def test_ten_edits_are_news_of_the_customers_they_concern(twice):
    edited = worked.tonight()
    for team, kind, customer, key, field, text in EDITS:
        worked.row_of(edited, team, kind, customer, key)[field] = text

    assert attention.moved(*twice(worked.tonight(), edited)) == {customer for _, _, customer, *_ in EDITS}


def test_an_action_is_the_same_one_the_next_night_and_listed_once(nights):
    last, tonight = nights.last.actions, nights.tonight.actions
    asked = pd.concat([nights.tonight.matters, nights.tonight.risks[nights.tonight.risks["kind"] == "housekeeping"]])
    new = asked["state"] == "new"

    assert not tonight["key"].duplicated().any()
    assert set(asked["key"]) <= set(tonight["key"])
    assert set(asked.loc[~new, "key"]) <= set(last["key"])
    assert not set(asked.loc[new, "key"]) & set(last["key"])


def test_what_people_marked_stays_so(nights):
    actions = nights.tonight.actions
    for name, (status, overdue) in HAND["tasks"].items():
        customer, source = name.split()
        (row,) = actions[actions["key"] == nights.keys[customer, source]].itertuples()
        assert (row.customer_id, row.source, row.status, row.overdue) == (customer, source, status, overdue)
    (postponed,) = actions[actions["status"] == "postponed"].itertuples()
    assert postponed.postponed_to.date() == dt.date(2026, 12, 15)
    assert "C005" not in set(nights.tonight.visits["customer_id"])  # a visit that is done is not planned again


# --- measures ---------------------------------------------------------------------------------------------------------


def test_every_indicator_overall(nights):
    found = nights.tonight.kpis[nights.tonight.kpis["team"].isna()]
    for row in found.itertuples():
        if not HAND["kpis"][row.indicator]:
            assert (row.verdict, row.counted) == ("none", 0)
            assert isinstance(row.needs, str)
            continue
        arithmetic, counted, verdict = HAND["kpis"][row.indicator]
        expected = eval(arithmetic, {"__builtins__": {}})  # noqa: S307 (our own file)
        assert (row.actual, row.counted, row.verdict) == (pytest.approx(expected), counted, verdict)
        assert pd.isna(row.needs)


def test_a_team_without_data_is_told_what_an_indicator_needs(nights, lang):
    kpis = nights.tonight.kpis
    for name in ("satisfaction", "nps", "visits", "response", "renewal"):
        (row,) = kpis[(kpis["indicator"] == name) & (kpis["team"] == word("south", lang))].itertuples()
        # the south shares C003 with the east, which asked it for an NPS answer
        assert (row.verdict == "none") == (name != "nps")
        assert pd.isna(row.needs) == (name == "nps")


def test_the_quality_of_every_workbook(nights, lang):
    found = {
        row.team: (row.completeness, row.validity, row.consistency) for row in nights.tonight.quality_books.itertuples()
    }

    for team, (filled, wrong, both) in HAND["quality"].items():
        shares = [eval(part, {"__builtins__": {}}) for part in (filled, wrong, both)]  # noqa: S307 (our own file)
        expected = tuple(round(100 * share, 1) for share in (shares[0], 1 - shares[1], shares[2]))
        assert found[word(team, lang)] == expected


def test_what_to_repair_this_morning(nights, lang):
    teams = {worked.words(lang)[team]: team for team in worked.tonight()}
    kinds = {sheet.name(lang): kind for kind, sheet in BY_KIND.items()}
    found = {
        f"{teams[row.team]} {kinds[row.sheet]} {row.cell}": [row.code, "" if pd.isna(row.proposal) else row.proposal]
        for row in nights.tonight.repairs.itertuples()
    }
    expected = {place: [code, worked.words(lang).get(text, text)] for place, (code, text) in HAND["repairs"].items()}

    assert found == expected


def test_what_the_missing_sheets_would_answer(nights, lang):
    asked = nights.tonight.questions.dropna(subset=["team"])
    kept = {worked.words(lang)[team]: set(sheets) for team, sheets in worked.tonight().items()}

    found = {team: set(rows["kind"]) for team, rows in asked.groupby("team")}
    assert found.get(word("south", lang)) == {sheet.kind for sheet in BY_KIND.values()} - kept[word("south", lang)]


# --- both languages, the whole report ---------------------------------------------------------------------------------


def test_both_languages_say_the_same(nights_in):
    one, other = (nights_in(lang).tonight for lang in LANGUAGES)

    for frame, columns in {
        "risks": ["customer_id", "rule", "level", "state", "since", "due", "cell", "days"],
        "customers": [
            "customer_id",
            "score",
            "computed_tier",
            "health",
            "health_colour",
            "lifecycle",
            "risk_score",
            "quality",
        ],
        "actions": ["customer_id", "source", "due", "status", "overdue", "planned"],
        "visits": ["customer_id", "due", "planned"],
        "kpis": ["indicator", "actual", "verdict", "counted"],
    }.items():
        left, right = (getattr(night, frame)[columns] for night in (one, other))
        order = [name for name in columns if name != "planned"]
        pd.testing.assert_frame_equal(
            left.sort_values(order, ignore_index=True), right.sort_values(order, ignore_index=True)
        )


def test_the_whole_report(nights, lang, golden):
    golden(f"expected.{lang}.txt", report.text(nights.tonight))
