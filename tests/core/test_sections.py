"""A slip in a section on the account model is refused with the key, the value and what is allowed."""

import re

import pytest

from kam_xl.core import policy as policies
from kam_xl.core.errors import PolicyError

SLIPS = [
    ('clock = "working"', 'clock = "office"', "calendar.clock = 'office'; allowed: working | calendar"),
    ('country = "CN"', 'country = "China"', 'calendar.country = \'China\'; allowed: "CN" or ""'),
    ("weekdays = [1, 2, 3, 4, 5]", "weekdays = [0, 1]", "calendar.weekdays = [0, 1]; allowed: a list of days from 1"),
    ("weekdays = [1, 2, 3, 4, 5]", "weekdays = [8]", "calendar.weekdays = [8]"),
    ("weekdays = [1, 2, 3, 4, 5]", "weekdays = [true]", "calendar.weekdays = [True]"),
    ("weekdays = [1, 2, 3, 4, 5]", "weekdays = []", "calendar.weekdays = []"),
    ('opens = "09:00"', 'opens = "9:00"', "calendar.opens = '9:00'; allowed: a time such as \"09:00\""),
    ('opens = "09:00"', 'opens = "T0900"', "calendar.opens = 'T0900'"),
    ('opens = "09:00"', "opens = 9", "calendar.opens = 9"),
    ('opens = "09:00"', 'opens = "18:00"', "calendar.opens = '18:00'; allowed: before calendar.closes, 18:00"),
    ('closes = "18:00"', 'closes = "24:00"', "calendar.closes = '24:00'"),
    ("days_off = []", 'days_off = ["2026-10-08"]', "calendar.days_off = ['2026-10-08']; allowed: a list of dates"),
    ("days_off = []", "days_off = [2026-10-08T09:00:00]", "calendar.days_off = "),
    ("extra_workdays = []", "extra_workdays = 2026-10-08", "calendar.extra_workdays = "),
    (
        "major = 18, ordinary = 45",
        "major = 0, ordinary = 45",
        "service.resolve_hours.major = 0; allowed: a whole number of hours, 1 or more",
    ),
    (
        "major = 18, ordinary = 45",
        "major = 18",
        "lacks service.resolve_hours.ordinary; allowed: a whole number of hours, 1 or more",
    ),
    ("repeat_days = 180", "repeat_days = 0", "service.repeat_days = 0; allowed: a whole number of days, 1 or more"),
    ("repeat_customer = 3", "repeat_customer = 1", "service.repeat_customer = 1; allowed: a whole number of cases, 2"),
    ("repeat_across = 5", "repeat_across = 1", "service.repeat_across = 1"),
    ("complaint_months = 12", "complaint_months = 0.5", "service.complaint_months = 0.5"),
    (
        "major = 3, ordinary = 1",
        "major = 3, ordinary = 0",
        "service.complaint_weights.ordinary = 0; allowed: a number, 1 or more",
    ),
    ("open_weight = 2", "open_weight = 0.5", "service.open_weight = 0.5; allowed: a number, 1 or more"),
    ("promoter_from = 9", "promoter_from = 11", "service.promoter_from = 11; allowed: a whole number from 0 to 10"),
    ("after_days = 180", "after_days = 0", "calibration.after_days = 0; allowed: a whole number of days, 1 or more"),
    ("at_least = 30", "at_least = 1", "calibration.at_least = 1; allowed: a whole number of customers, 2 or more"),
    ("sure = 0.95", "sure = 1", "calibration.sure = 1; allowed: a fraction from 0.5 to 0.999"),
    ("step = 0.05", "step = 0.3", "calibration.step = 0.3; allowed: a fraction from 0.01 to 0.25"),
    ("least = 0.1", "least = 0.4", "calibration.least = 0.4; allowed: least ≤ 1/3 ≤ most"),
    ("detractor_to = 6", "detractor_to = 9", "service.detractor_to = 9; allowed: less than service.promoter_from 9"),
    (
        "windows = [90, 180]",
        "windows = [180, 90]",
        "worth.windows = [180, 90]; allowed: a list of whole days, 1 or more, the least first",
    ),
    ("mark_step = 1", "mark_step = 0", "evaluators.mark_step = 0; allowed: a number, 1 or more"),
    ("show_below = 0.75", "show_below = 75", "evaluators.show_below = 75; allowed: a share from 0 to 1"),
    ("windows = [90, 180]", "windows = []", "worth.windows = []"),
    ("lift_at_least = 1.5", "lift_at_least = 0.5", "worth.lift_at_least = 0.5; allowed: a number, 1 or more"),
    ("step = 0.25", "step = 1", "worth.step = 1"),
]


@pytest.mark.parametrize(("old", "new", "sentence"), SLIPS)
def test_a_slip_is_refused_by_name(policy_text: str, old: str, new: str, sentence: str) -> None:
    assert policy_text.count(old) == 1
    with pytest.raises(PolicyError, match=re.escape(sentence)) as refused:
        policies.parse(policy_text.replace(old, new))
    assert "；允许：" in refused.value.zh


def test_a_day_cannot_be_off_and_worked(policy_text: str) -> None:
    both = policy_text.replace("days_off = []", "days_off = [2027-02-11]").replace(
        "extra_workdays = []", "extra_workdays = [2027-02-11]"
    )
    with pytest.raises(PolicyError) as refused:
        policies.parse(both)
    assert "calendar.days_off = '2027-02-11'; allowed: a day that extra_workdays does not name too" in str(
        refused.value
    )
