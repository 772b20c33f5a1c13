"""Ways from one page of a night to another, that last when the folder moves; where there is no page a text is a text."""

import pytest
from markupsafe import Markup

from kam_xl.core.outside import outside
from kam_xl.reports import account_plan, calendars, managers, team_workbook
from kam_xl.reports.links import Links
from kam_xl.reports.places import of
from tests.reports import accounts

LINKS = Links({"王 经理": "王_经理.html"}, {"王 经理": "行动-王.ics"}, {"C#1": "C1.html"}, {"华东": "华东.xlsx"})


@pytest.mark.parametrize(
    ("link", "way"),
    [
        (LINKS.manager("王 经理", "王", "today"), "managers/%E7%8E%8B_%E7%BB%8F%E7%90%86.html#today"),
        (LINKS.calendar("王 经理", "日历"), "calendars/%E8%A1%8C%E5%8A%A8-%E7%8E%8B.ics"),
        (LINKS.customer("C#1", "甲"), "plans/C1.html"),
        (LINKS.team("华东", "华东"), "teams/%E5%8D%8E%E4%B8%9C.xlsx"),
        (LINKS.below().customer("C#1", "甲"), "../plans/C1.html"),
    ],
)
def test_a_link_leads_from_where_it_stands(link, way):
    assert f'href="{way}"' in link


def test_where_there_is_no_page_the_text_stands_alone():
    assert LINKS.manager("别人", "别人") == LINKS.customer("C2", "别人") == LINKS.team("华北", "别人") == "别人"


def test_a_text_that_was_typed_stays_text():
    assert LINKS.customer("C#1", "<b>") == Markup('<a href="plans/C1.html">&lt;b&gt;</a>')


def test_every_file_that_is_linked_is_written_under_that_name():
    night = outside(accounts.assessed("zh-CN"))
    there = of(night)

    assert set(there.managers.values()) == {name for name, _ in managers.pages(night)}
    assert set(there.calendars.values()) == set(calendars.calendars(night))
    assert list(there.plans.values()) == [name for name, _ in account_plan.pages(night)]
    assert there.teams == team_workbook.names(night)
