"""Every figure of every page of a night: no label has two values, and no number stands on a page without its mark (handbook §11).

Pages mark what they state in `kam_xl.reports.figures`; here all pages of the demo's night are walked: the first page, what
stands behind it, every person's page, every plan, every page for a meeting. `tests/portfolio` walks those of its nights.
"""

import re
from collections import defaultdict
from html.parser import HTMLParser
from pathlib import Path

import pytest

from kam_xl import demo
from kam_xl.reports import views
from tests.nights import NIGHT, night

#: Where a page states something: its sentences and its tiles. Cells of tables are rows, or marked where they are sums.
STATING = {"h1", "h2", "h3"}
STATING_CLASSES = {"note", "value", "change", "aside", "notice"}
#: Numbers that count nothing: days, moments, what marks and answers range over, and how a figure is put together.
NO_FIGURE = re.compile(r"\d{4}-\d\d-\d\d|\d\d:\d\d|0–100|\d{4}-W\d\d|10k CNY")
VOID = {"meta", "br", "rect", "line"}


class Page(HTMLParser):
    """The figures of a page, and the numbers that stand in its sentences without a mark."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.figures: list[tuple[tuple[str, str, str], str]] = []
        self.loose: list[str] = []
        self._open: list[tuple[str, dict]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        found = {name: value or "" for name, value in attrs}
        if "data-figure" in found:
            key = tuple(found.get(f"data-{name}", "") for name in ("figure", "window", "of"))
            self.figures.append((key, found["value"]))
        if tag not in VOID:
            self._open.append((tag, found))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        tags = [tag for tag, _ in self._open]
        classes = {one for _, found in self._open for one in found.get("class", "").split()}
        states = STATING & set(tags) or STATING_CLASSES & classes
        if states and not {"data", "bdi", "a"} & set(tags) and re.search(r"\d", NO_FIGURE.sub("", data)):
            self.loose.append(data.strip())


def pages(out: Path) -> dict[str, Page]:
    return {path.relative_to(out).as_posix(): Page(path.read_text("utf-8")) for path in sorted(out.rglob("*.html"))}


def contradictions(read: dict[str, Page]) -> dict[tuple, dict[str, list[str]]]:
    """Figure → its values and the pages that have them, where there is more than one value."""
    found: dict[tuple, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for name, page in read.items():
        for key, value in page.figures:
            found[key][value].append(name)
    return {key: dict(values) for key, values in found.items() if len(values) > 1}


def told(read: dict[str, Page]) -> None:
    assert contradictions(read) == {}
    assert {name: page.loose for name, page in read.items() if page.loose} == {}
    assert sum(len(page.figures) for page in read.values()) > 100


@pytest.mark.slow
def test_no_figure_of_the_demos_night_has_two_values(tmp_path, readers_in_this_process):
    demo.make(tmp_path / "teams", today=NIGHT.date())

    done = night(tmp_path / "teams", tmp_path, views=tuple(views.VIEWS))

    told(pages(done.out))


MARK = '<data value="{}" data-figure="满意度"{}>{}</data>'


def test_a_label_with_two_values_is_told():
    quarter = MARK.format("86.2", "", "86.2")
    ever = MARK.format("89.9", "", "89.9")

    assert contradictions({"monthly.html": Page(quarter), "quarterly.html": Page(ever)}) == {
        ("满意度", "", ""): {"86.2": ["monthly.html"], "89.9": ["quarterly.html"]}
    }


@pytest.mark.parametrize("apart", [' data-window="本季"', ' data-of="王经理"'])
def test_another_window_or_another_persons_figure_is_another_one(apart):
    assert contradictions({"one": Page(MARK.format("1", "", "1")), "two": Page(MARK.format("2", apart, "2"))}) == {}


@pytest.mark.parametrize(
    ("text", "loose"),
    [
        ("<h2>逾期 3 项</h2>", ["逾期 3 项"]),
        ('<p class="note">共 12 家</p>', ["共 12 家"]),
        ('<dd class="value">7</dd>', ["7"]),
        (f"<h2>逾期 {MARK.format('3', '', '3')} 项</h2>", []),
        ("<h2>2026-11-28 要做的事，<bdi>客户3公司</bdi></h2>", []),
        ("<td>7</td>", []),
    ],
)
def test_a_number_without_a_mark_is_told(text, loose):
    assert Page(text).loose == loose
