"""The risk summary's page: whole, safe, small, and the same as the golden file beside this test."""

import re
from html.parser import HTMLParser
from types import SimpleNamespace

import pandas as pd
import pytest

from kam_xl.core import service
from kam_xl.core.outside import outside
from kam_xl.reports import summary
from kam_xl.resources import words

HOSTILE = "<script>alert('x')</script>\"'>&{{ 7 * 7 }}{% endif %}=cmd|calc"
LANGUAGES = ("zh-CN", "en")


class Outline(HTMLParser):
    """The tags of a page, the values of their attributes, and its text."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.text, self.open = [], [], "", []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in ("meta", "br", "rect", "line"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.text += data

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs


@pytest.fixture
def page(a_run):
    """``page(assessment)``: the page in the assessment's language, as the nightly job has it made."""
    return lambda assessment: summary.render(outside(assessment), a_run(assessment.lang))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_is_the_golden_one(an_assessment, page, golden, lang):
    golden(f"risk_summary.{lang}.html", page(an_assessment(lang)))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_is_complete_in_itself(an_assessment, page, lang):
    text = page(an_assessment(lang))
    outline = Outline(text)

    assert text.startswith("<!doctype html>")
    assert ("lang", lang) in outline.attributes
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in outline.attributes
    assert not {"script", "link", "img", "iframe", "base", "form"} & set(outline.tags)
    assert all(value.startswith("#") for name, value in outline.attributes if name in ("href", "src"))
    assert not re.search(r"url\(|@import|https?:", text)
    assert outline.open == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_picture_has_its_text(an_assessment, page, lang):
    pictures = re.findall(r"<svg[^>]*>", page(an_assessment(lang)))

    assert pictures
    assert all(re.search(r'role="img" aria-label="[^"]+"', picture) for picture in pictures)


TYPED = {
    "customers": ["name", "teams"],
    "risks": ["evidence", "owner"],
    "changes": ["name"],
    "teams": ["team"],
    "cases": ["name", "category", "handler"],
    "repeats": ["category"],
    "actions": ["manager"],
    "quality_books": ["book"],
    "questions": ["sheet", "question"],
    "kpis": ["needs"],
}


@pytest.mark.parametrize("frame", TYPED)
def test_hostile_names_stay_text(an_assessment, page, frame):
    assessment = an_assessment("en")
    table, columns = getattr(assessment, frame), TYPED
    names = table["team"] if frame == "teams" else None
    setattr(assessment, frame, table.assign(**dict.fromkeys(columns[frame], HOSTILE)))
    if names is not None:
        assessment.team_tiers = assessment.team_tiers.assign(team=HOSTILE)

    outline = Outline(page(assessment))

    assert "script" not in outline.tags
    assert HOSTILE in outline.text


def test_hostile_sources_and_versions_stay_text(an_assessment, a_run):
    assessment = an_assessment("en")
    assessment.portfolio.sources = assessment.portfolio.sources.assign(book=HOSTILE, team=HOSTILE)
    run = SimpleNamespace(**vars(a_run("en")) | {"policy_version": '"}</style>' + HOSTILE, "teams_dir": HOSTILE})

    outline = Outline(summary.render(assessment, run))

    assert "script" not in outline.tags
    assert outline.tags.count("style") == 1
    assert HOSTILE in outline.text


def test_phones_never_reach_the_page(an_assessment, page):
    assessment = an_assessment("en")
    assessment.risks = assessment.risks.assign(evidence="Call 13812345678 or 021-58880000")
    findings = assessment.portfolio.findings
    assessment.portfolio.findings = findings.assign(typed_value="139 1234 5678", detail="13912345678")

    text = page(assessment)

    assert "Call 138****5678 or 021-****0000" in text
    assert not re.search(r"13812345678|58880000|13912345678|139 ?1234 ?5678", text)
    assert not any(phone in text for phone in assessment.customers["phone"])


def test_the_first_night_says_so(an_assessment, page):
    text = Outline(page(an_assessment("en", past=False))).text

    assert "1 strategic customer at high risk, first run, nothing to compare with yet" in text
    assert text.count("nothing to compare with yet") == 1  # said once on the page
    assert "last night" not in text


def test_a_night_without_changes_says_so(an_assessment, page):
    assessment = an_assessment("en")
    assessment.changes = assessment.changes.iloc[:0]

    assert "Nothing changed since last night" in page(assessment)


@pytest.mark.parametrize(("lang", "kind"), [("zh-CN", "未读到"), ("en", "Not read")])
def test_a_customer_that_was_not_read_is_told_apart_from_one_that_is_gone(an_assessment, page, lang, kind):
    assessment = an_assessment(lang)
    assessment.changes = assessment.changes.replace({"change": {"gone": "unread"}})

    text = page(assessment)

    assert f'<span class="badge watch">{kind}</span>' in text
    assert "旧港贸易" in text


@pytest.mark.parametrize("changed", [True, False])
def test_changes_of_an_incomplete_night_are_said_to_be_incomplete(an_assessment, page, changed):
    assessment = an_assessment("en")
    assessment.comparable = False
    assessment.changes = assessment.changes if changed else assessment.changes.iloc[:0]

    text = page(assessment)

    assert "Some workbooks could not be read; not comparable with last night" in text
    assert "Nothing changed" not in text


NOTE = ("highest_reached", "目前各维度最高分：价值 92")
OBJECTION = ("targets_apart", "各层级目标占比无法同时满足")


@pytest.mark.parametrize(
    ("notes", "scored", "sentence"),
    [
        ([NOTE], True, "现行政策与当前客户组合没有矛盾"),
        ([NOTE, OBJECTION], True, "现行政策在当前客户组合上有 1 处需要留意"),
        ([], False, "还没有客户可以评分，无法核对政策"),
        ([OBJECTION], False, "现行政策在当前客户组合上有 1 处需要留意"),
    ],
)
def test_the_policy_check_counts_what_objects(an_assessment, page, notes, scored, sentence):
    assessment = an_assessment()
    assessment.policy_notes = notes
    if not scored:
        assessment.customers = assessment.customers.assign(computed_tier=None)

    text = page(assessment)

    assert f'<h2 id="policy-title">{sentence}</h2>' in text
    assert all(note in text for _, note in notes)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_customers_are_said_not_drawn(an_empty_assessment, page, lang):
    outline = Outline(page(an_empty_assessment(lang)))

    assert words(lang)("summary.headline.empty") in outline.text
    assert "svg" not in outline.tags


def test_a_portfolio_without_scores_has_no_shares(an_assessment, page):
    assessment = an_assessment("en")
    unknown = {"share": float("nan"), "verdict": None, "customers": 0}
    tiers = assessment.tiers
    assessment.tiers = tiers[tiers["tier"] != "unknown"].assign(**unknown)

    text = page(assessment)

    assert "No customer can be scored yet" in text
    assert not re.search(r"\bnan\b", text)


def test_a_remedy_is_told_with_its_values(an_assessment):
    assessment = an_assessment("en")
    findings = assessment.portfolio.findings
    assessment.portfolio.findings = findings.assign(code="id_normalised", typed_value="C 216", detail="C216")

    (kind,) = summary.kinds(assessment)

    assert (kind.count, kind.place) == (4, "西北/客户台账_西北.xlsx · 客户多维度分层评估表 · D11")
    assert "C216" in kind.remedy


def test_the_worst_customers_come_first_with_their_worst_risks(an_assessment):
    accounts = list(summary.worst(an_assessment("en")))

    assert [account.customer["customer_id"] for account in accounts][:3] == ["C003", "C009", "C001"]
    assert list(accounts[1].risks.rows["rule"]) == ["strategy_overdue", "warning_words"]
    assert list(accounts[1].risks.rows["late"]) == [True, False]


def test_the_page_says_what_is_new_and_what_goes_on(an_assessment, page):
    text = Outline(page(an_assessment("en"))).text

    assert "Of 10 risks, new: 1, worse: 1, continuing: 7, eased: 1; closed: 1" in text
    assert "The oldest has been known for 40 days." in text
    assert text.index("New or worse") < text.index("北辰新能源股份有限公司") < text.index("Known already")
    assert "for 40 days" in text


def test_on_the_first_night_no_risk_is_news(an_assessment, page):
    text = Outline(page(an_assessment("en", past=False))).text

    assert "Customers at risk: 7, with 10 risks; the worst first" in text
    assert "New or worse" not in text
    assert "Known already" not in text


@pytest.mark.parametrize(("level", "leads"), [("high", True), ("medium", True), ("low", False)])
def test_who_has_news_worth_acting_on_leads_the_list(an_assessment, level, leads):
    assessment = an_assessment("en")
    assessment.risks.loc[assessment.risks["state"].isin(["new", "worse"]), "state"] = "continuing"
    last = assessment.risks.index[-1]
    assessment.risks.loc[last, ["state", "level"]] = ["new", level]
    accounts = list(summary.worst(assessment))

    assert (accounts[0].customer["customer_id"] == "C007") == leads
    assert [account.news for account in accounts] == [leads, *[False] * 6]


def test_the_news_of_a_customer_comes_before_its_older_risks(an_assessment):
    first = next(summary.worst(an_assessment("en")))

    assert list(first.risks.rows["rule"]) == ["warning_words", "silent_customer", "no_running_strategy"]
    assert list(first.risks.rows["age"]) == [0, 40, 7]


@pytest.mark.parametrize(
    ("lang", "sentence"), [("zh-CN", "没有团队填写服务记录表"), ("en", "No team keeps a service log")]
)
def test_without_a_service_log_nothing_is_said_to_be_calm(an_assessment, page, lang, sentence):
    assessment = an_assessment(lang)
    assessment.portfolio.letters = {}

    assert sentence in page(assessment)


def test_what_is_owed_and_past_is_counted(an_assessment, page):
    assessment = an_assessment("en")
    text = page(assessment)
    cases = assessment.cases.assign(response_state="running", resolution_state="running")
    assessment.cases = service.pressing(cases, assessment.policy, pd.Timestamp(assessment.today))

    assert "Service cases open past their limit: 2; otherwise open: 2" in text
    assert "No service case is past its limit; still open: 4" in page(assessment)


def test_who_turned_red_stands_with_the_health_only(an_assessment):
    assessment = an_assessment("en")

    assert {change: part.total for change, part in summary.turned(assessment).items()} == {
        "health_down": 2,
        "health_up": 1,
    }
    assert not {"health_down", "health_up"} & set(summary.changes(assessment))


def test_health_that_nobody_can_compute_is_said_not_drawn(an_assessment, page):
    assessment = an_assessment("en")
    assessment.customers = assessment.customers.assign(health_colour=None, health=float("nan"))

    assert "Nobody's health can be computed yet".replace("'", "&#39;") in page(assessment)


def test_indicators_without_data_say_what_they_need(an_assessment, page):
    assessment = an_assessment("en")
    text = Outline(page(assessment)).text
    assessment.kpis = assessment.kpis[assessment.kpis["verdict"] == "none"]

    assert "5 of 7 indicators have data: on target 2, close 1, off 2" in text
    assert "a snapshot from about 2025-08-23: Customer retention, Conversion of potential customers" in text
    assert "No indicator has data yet" in page(assessment)


def test_the_worst_workbook_comes_first_with_the_questions_nobody_answers(an_assessment, page):
    text = Outline(page(an_assessment("en"))).text
    marks = text[text.index("Marks of each workbook") :]

    assert marks.index("西北/客户台账_西北.xlsx") < marks.index("华东/客户台账_华东.xlsx")
    assert "Who is waiting for an answer: needs “Service log” (teams without it: 2)" in marks


def test_the_matrix_counts_every_customer_once(an_assessment):
    assessment = an_assessment("en")
    matrix = summary.matrix(assessment)

    assert list(matrix.index) == [*assessment.policy.tier_keys, "unknown"]
    assert matrix.to_numpy().sum() == len(assessment.customers)
    assert matrix.loc["strategic", "high"] == 1


@pytest.mark.slow
def test_a_page_grows_no_further_however_many_risks_there_are(an_assessment, page):
    assessment = grown(an_assessment("en"), 1000)

    text = page(assessment)

    assert len(assessment.customers) >= 5_000
    assert len(assessment.risks) >= 10_000
    assert len(text.encode()) < 500_000
    assert "Customers at risk beyond these: 6,980, in the master workbook, sheet “Customers”." in text


def grown(assessment, times):
    """The night ``times`` over: new IDs, teams and files in each, the first with endless texts."""

    def copies(frame):
        table = pd.concat([frame] * times, ignore_index=True)
        number = (table.index // max(len(frame), 1)).astype(str)
        ids = {name: table[name] + "-" + number for name in ("customer_id", "team", "book") if name in table}
        endless = {
            name: table[name].where(number != "0", "很长 long " * 3000) for name in {"name", "evidence"} & set(table)
        }
        return table.assign(**ids, **endless)

    tables = {
        name: copies(frame) for name, frame in vars(assessment.portfolio).items() if isinstance(frame, pd.DataFrame)
    }
    portfolio = SimpleNamespace(**vars(assessment.portfolio) | tables)
    names = ("customers", "risks", "changes", "teams", "team_tiers", "actions", "closed", "cases", "repeats", "utilisation",
             "quality_books", "questions")  # fmt: skip
    frames = {name: copies(getattr(assessment, name)) for name in names}
    return SimpleNamespace(**vars(assessment) | frames | {"portfolio": portfolio})
