"""The first page: one sheet of paper, whole, safe, in order, each number leading to its rows; the same as the golden file."""

import dataclasses
import re
from html.parser import HTMLParser
from types import SimpleNamespace
from urllib.parse import unquote

import pandas as pd
import pytest

from kam_xl.core import frames, history
from kam_xl.core.outside import outside
from kam_xl.reports import details, excerpts, managers, summary
from kam_xl.reports.places import of as places_of
from kam_xl.resources import words
from tests.reports import accounts

HOSTILE = "<script>alert('x')</script>\"'>&{{ 7 * 7 }}{% endif %}=cmd|calc"
LANGUAGES = ("zh-CN", "en")
PHONE_SCREEN = 844  # pixels, at 390 wide


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

    @property
    def links(self):
        return [unquote(value) for name, value in self.attributes if name in ("href", "src")]


@pytest.fixture
def page(a_run):
    """``page(assessment)``: the page in the assessment's language, as the nightly job has it made."""
    return lambda assessment: summary.render(outside(assessment), a_run(assessment.lang), ("weekly",))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_is_the_golden_one(an_assessment, page, golden, lang):
    golden(f"risk_summary.{lang}.html", page(an_assessment(lang)))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_is_complete_in_itself_and_its_links_last_when_the_folder_moves(an_assessment, page, lang):
    text = page(an_assessment(lang))
    outline = Outline(text)

    assert text.startswith("<!doctype html>")
    assert ("lang", lang) in outline.attributes
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in outline.attributes
    assert not {"script", "link", "img", "iframe", "base", "form"} & set(outline.tags)
    assert [link for link in outline.links if link.startswith(("/", ".", "file:", "http"))] == []
    assert not re.search(r"url\(|@import|https?:", text)
    assert outline.open == []


TYPED = {"matters": ["name", "subject", "evidence", "owner", "manager"], "actions": ["manager"], "visits": ["manager"]}


@pytest.mark.parametrize("frame", TYPED)
def test_hostile_names_stay_text(an_assessment, page, frame):
    assessment = an_assessment("en")
    setattr(assessment, frame, getattr(assessment, frame).assign(**dict.fromkeys(TYPED[frame], HOSTILE)))

    outline = Outline(page(assessment))

    assert "script" not in outline.tags
    assert HOSTILE in outline.text


def test_hostile_sources_stay_text(an_assessment, a_run):
    assessment = an_assessment("en")
    assessment.portfolio.sources = assessment.portfolio.sources.assign(book=HOSTILE, team=HOSTILE)
    run = SimpleNamespace(**vars(a_run("en")) | {"policy_version": '"}</style>' + HOSTILE, "teams_dir": HOSTILE})

    outline = Outline(summary.render(assessment, run))

    assert "script" not in outline.tags
    assert outline.tags.count("style") == 1
    assert HOSTILE in outline.text


def test_phones_never_reach_the_page(an_assessment, page):
    assessment = an_assessment("en")
    assessment.matters = assessment.matters.assign(evidence="Call 13812345678 or 021-58880000")

    text = page(assessment)

    assert "Call 138****5678 or 021-****0000" in text
    assert not re.search(r"13812345678|58880000", text)
    assert not any(phone in text for phone in assessment.customers["phone"])


# --- what it says -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("lang", "said"), [("zh-CN", "首次运行"), ("en", "the first run")])
def test_a_first_run_is_said_once(an_assessment, page, lang, said):
    text = Outline(page(an_assessment(lang, past=False))).text

    assert text.count(said) == 1
    assert not re.search("昨晚|last night", text)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_customers_are_said(an_empty_assessment, page, lang):
    outline = Outline(page(an_empty_assessment(lang)))

    assert words(lang)("summary.headline.empty") in outline.text
    assert outline.tags.count("table") == 0


def whole(lang="zh-CN", **frames_of):
    return accounts.with_frames(accounts.assessed(lang), **frames_of)


def told(assessment):
    assessment = outside(assessment)
    return list(summary.accounts(assessment, places_of(assessment)))


def test_what_would_tell_more_is_said_where_nobody_is_scored_and_nowhere_else(an_assessment, page):
    assessment = an_assessment("zh-CN")
    assert list(summary.would_tell(assessment)) == []

    assessment.customers = assessment.customers.assign(computed_tier=None, amount=float("nan"))
    assessment.portfolio.orders = assessment.portfolio.orders.iloc[:0]
    assert [*map(str, summary.would_tell(assessment))] == [
        words("zh-CN")("summary.unscored.scores", sheet="客户多维度分层评估表"),
        words("zh-CN")("summary.unscored.orders"), words("zh-CN")("summary.unscored.amounts"),
    ]  # fmt: skip
    assessment.matters, assessment.actions = assessment.matters.iloc[:0], assessment.actions.iloc[:0]
    text = page(assessment)
    assert ("三项评分" in text, "看不出谁需要处理" in text, "没有客户需要处理" in text) == (True, True, False)


@pytest.mark.parametrize(
    ("sums", "lacking", "said"),
    [
        ("780 → 1560", [], "a.csv（计入：b.csv；累计交易额 780 → 1560 万元）"),
        ("— → —", ["3"], "a.csv（计入：b.csv；其中 3 家不在新的一份里）"),
    ],
)
def test_an_older_version_is_told_with_what_is_known_of_it(an_assessment, sums, lacking, said):
    assessment = an_assessment("zh-CN")
    rows = [{"code": "superseded", "typed_value": sums}, *({"code": "list_lacks", "detail": n} for n in lacking)]
    assessment.portfolio.findings = pd.DataFrame(rows, columns=assessment.portfolio.findings.columns).assign(
        book="a.csv"
    )
    sources = pd.DataFrame([{"book": "a.csv", "outcome": "superseded", "detail": "b.csv"}])
    assessment.portfolio.sources = sources
    assert summary.versions(assessment, "superseded") == [said]


def test_what_nobody_is_named_for_is_not_escalated_to_those_who_have_it():
    row = SimpleNamespace(owner="所属销售团队", escalated_to="所属销售团队")
    assert summary.escalated(row, words("zh-CN")) == ""
    row.owner = "李四"
    assert summary.escalated(row, words("zh-CN")) == "已升级至所属销售团队"


def test_customers_stand_in_the_order_of_their_matters_each_once_with_how_many_more_there_are():
    found, rows = told(whole()), accounts.assessed().matters
    firsts = rows.drop_duplicates("customer_id")

    assert [str(one.subject) for one in found] == firsts["subject"].tolist()
    assert [one.more for one in found] == [
        int((rows["customer_id"] == customer).sum()) - 1 for customer in firsts["customer_id"]
    ]


def test_each_row_says_what_happened_what_it_costs_who_acts_and_by_when():
    first = next(one for one in told(whole()) if one.subject.startswith("超过服务时限"))

    assert first.subject == "超过服务时限：投诉“交期延误”（2026-11-17）"
    assert "尚未响应" in first.evidence
    assert first.money == "100.0 万元"
    assert "客服小周" in first.who
    assert first.escalated_to == "已升级至销售总监"
    assert f"{first.by:%Y-%m-%d}" == "2026-11-17"
    assert first.late == "逾期 3 个工作日"


def test_no_more_customers_than_the_policy_says_the_rest_by_reference(an_assessment, page):
    assessment = an_assessment("en")
    policy = assessment.policy
    assessment.policy = dataclasses.replace(policy, matters=dataclasses.replace(policy.matters, first_page=2))

    text = Outline(page(assessment)).text

    waiting = len(excerpts.accounts(assessment))
    assert f"Act on these 2 customers first (of {waiting} with something open)" in text
    assert f"The other {waiting - 2} customers" in text
    assert "By severity, money at stake, days overdue." in text


def test_what_somebody_marked_as_done_waits_no_more():
    done = accounts.assessed().actions
    first = accounts.assessed().matters["key"].iloc[0]
    done = done.assign(waiting=done["waiting"] & (done["key"] != first))

    assert first not in set(excerpts.matters(whole(actions=done))["key"])
    assert first in set(excerpts.matters(whole())["key"])


def test_news_are_marked_where_they_stand_and_change_no_order(an_assessment, page):
    assessment = an_assessment("en")
    order = [one.subject for one in summary.accounts(assessment, places_of(assessment))]
    last = assessment.matters.index[-1]
    assessment.matters.loc[last, "state"] = "new"

    found = list(summary.accounts(assessment, places_of(assessment)))

    assert [one.subject for one in found] == order
    assert [one.state for one in found][-1] == "new"
    assert 'class="new"' in page(assessment)


def test_nothing_is_new_on_the_first_night(an_assessment):
    assessment = an_assessment("en", past=False)

    assert {one.state for one in summary.accounts(assessment, places_of(assessment))} == {""}


def test_what_is_common_is_told_once_with_its_reason_who_and_at_whom_to_begin(page):
    row = {"rule": "evaluation_stale", "kind": "housekeeping", "level": "medium", "team": "华东", "count": 12, "customers": 12,
           "of": 20, "share": 0.6, "subject": "评估过期：华东 20 家客户中有 12 家（60%）", "reason": "多半没有集中评估",
           "begin_with": "客户1公司、客户2公司", "owner": "赵敏"}  # fmt: skip
    common = pd.DataFrame([row] * 7).reindex(columns=list(frames.ASSESSMENT["common"]))

    text = Outline(page(whole(common=common.astype(frames.ASSESSMENT["common"])))).text

    line = "评估过期：华东 20 家客户中有 12 家（60%）。多半没有集中评估。 由 赵敏 处理，先从 客户1公司、客户2公司 开始"
    assert text.count(line) == summary.COMMON_SHOWN
    assert "另有 2 类" in text


def test_where_nobody_stands_out_the_page_says_whom_to_visit(page):
    text = Outline(page(whole(matters=accounts.assessed().matters.iloc[:0]))).text

    assert re.search(r"没有哪家客户需要单独处理；本周先拜访这 \d 家", text)


def test_workbooks_that_do_not_count_are_named_at_the_top(an_assessment, page):
    text = Outline(page(an_assessment("en"))).text

    assert "Workbooks that could not be used, whose customers are missing here (1):" in text
    assert text.index("客户台账 加密.xlsx") < text.index("What happened")


def test_a_team_whose_workbook_is_gone_is_named_once_and_not_one_whose_file_cannot_be_used(an_assessment, page):
    assessment = an_assessment("en")
    sources = assessment.portfolio.sources
    lost = sources.loc[sources["outcome"] == "quarantined", "team"].iloc[0]
    read = sources.loc[sources["outcome"] == "used", "team"].iloc[0]
    teams = [f"{read}、青海", lost, "青海", *[read] * (len(assessment.past) - 3)]
    assessment.past, assessment.comparable = assessment.past.assign(teams=teams), False

    assert excerpts.absent(assessment) == ["青海"]
    text = Outline(page(assessment)).text
    assert text.count("no longer in the folder (1); their customers are missing here until it is back: 青海") == 1


# --- every number leads to its rows -----------------------------------------------------------------------------------


def rows_of(text, key):
    """How many rows the tables of a section hold."""
    section = re.search(rf'<section id="{key}".*?</section>', text, re.DOTALL)[0]
    return sum(len(re.findall(r"<tr>", body)) for body in re.findall(r"<tbody>(.*?)</tbody>", section, re.DOTALL))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_figure_leads_to_exactly_the_rows_it_counts(an_assessment, page, lang):
    assessment = outside(accounts.assessed(lang))
    behind = details.render(assessment, history.snapshot(assessment))
    figures = re.findall(
        r'<dd class="value"><a href="details\.html#(\w+)"><data value="(\d+)"', summary_of(assessment, page)
    )

    assert {key for key, _ in figures} >= {"high", "overdue", "cases", "visits", "upkeep"}
    counted = {key: int(value) for key, value in figures if key in ("high", "overdue", "cases", "visits", "upkeep")}
    assert {key: rows_of(behind, key) for key in counted} == counted


def summary_of(assessment, page):
    return page(assessment)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_number_of_a_person_leads_to_rows_on_that_persons_page(page, lang):
    assessment = outside(accounts.assessed(lang))
    own = dict(managers.pages(assessment))
    cells = re.findall(
        r'<td class="n"><a href="managers/([^"#]+)#(\w+)"><data value="(\d+)" data-figure="([^"]+)"', page(assessment)
    )

    assert len(cells) == 4 * len(excerpts.people(assessment))
    for file, part, value, label in cells:
        text = own[unquote(file)]
        if part != "today":
            assert rows_of(text, part) == int(value), label
        assert f'<section id="{part}"' in text
    matters = [
        (unquote(file), int(value)) for file, part, value, label in cells if label == words(lang)("page.people.matters")
    ]
    kinds = excerpts.to_do(assessment)
    for file, value in matters:
        dates = kinds[(kinds["kind"] != "matter") & kinds["now"]]
        person = next(who for who, name in places_of(assessment).managers.items() if name == file)
        assert rows_of(own[file], "today") + rows_of(own[file], "later") - (dates["person"] == person).sum() == value


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_link_leads_to_a_file_of_the_night_and_a_part_of_its_page(tmp_path, lang):
    assessment = outside(accounts.assessed(lang))
    there = places_of(assessment)
    text = summary.render(assessment, SimpleNamespace(), ("weekly",))
    behind = details.render(assessment, history.snapshot(assessment))
    known = {"details.html", "KAM_Master.xlsx", "weekly.html", "standards.html"}
    known |= {f"managers/{name}" for name in there.managers.values()} | {
        f"plans/{name}" for name in there.plans.values()
    }
    known |= {f"calendars/{name}" for name in there.calendars.values()} | {
        f"teams/{name}" for name in there.teams.values()
    }

    for link in Outline(text).links + Outline(behind).links:
        file, _, part = link.partition("#")
        assert not file or file in known, link
        if file in ("details.html", "") and part:
            assert f'id="{part}"' in behind, link


# --- one sheet --------------------------------------------------------------------------------------------------------

LONG = {"zh-CN": "这是一个非常长的名称用来检验版面", "en": "quite a long name to try the page "}


def crowded(lang):
    """A night with far too much of everything, in long sentences."""
    night, long = accounts.assessed(lang), LONG[lang] * 8
    first = night.matters.iloc[[0]]
    many = pd.concat([first] * 200, ignore_index=True)
    ids = [f"X{number:03}" for number in range(200)]
    many = many.assign(customer_id=ids, key=ids, name=long[:40], subject=long, evidence=long * 3, owner=long[:30],
                       consequences=long, manager=[f"{long[:20]}{number}" for number in range(200)])  # fmt: skip
    row = dict.fromkeys(frames.ASSESSMENT["common"], long) | {"count": 5, "customers": 5, "of": 5, "share": 1.0,
                                                              "oldest": pd.NaT, "newest": pd.NaT}  # fmt: skip
    common = pd.DataFrame([row] * 9).astype(frames.ASSESSMENT["common"])
    used = night.portfolio.sources
    lost = [used.assign(book=f"{long}{number}.xlsx", outcome=outcome) for number in range(5)
            for outcome in ("quarantined", "superseded", "undecided")]  # fmt: skip
    portfolio = dataclasses.replace(night.portfolio, sources=pd.concat([used, *lost], ignore_index=True))
    actions = pd.concat([night.actions, many.assign(waiting=True, kind="matter", status="open", by=many["due"], day=many["due"],
                                                    now=True, this_week=True, overdue=True)])  # fmt: skip
    actions = actions[list(frames.ASSESSMENT["actions"])].reset_index(drop=True)
    return accounts.with_frames(night, matters=many, common=common, portfolio=portfolio, actions=actions)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("full", [True, False])
def test_the_page_prints_on_one_sheet(tmp_path, as_png, page, lang, full):
    path = tmp_path / "first.html"
    path.write_text(page(crowded(lang) if full else accounts.assessed(lang)), "utf-8")

    assert len(as_png(path)) == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_is_at_most_three_screens_of_a_phone(tmp_path, open_page, page, lang):
    path = tmp_path / "first.html"
    path.write_text(page(crowded(lang)), "utf-8")

    with open_page(path, 390) as shown:
        assert shown.evaluate("document.documentElement.scrollWidth") <= 390
        assert shown.evaluate("document.documentElement.scrollHeight") <= 3 * PHONE_SCREEN + PHONE_SCREEN // 4
