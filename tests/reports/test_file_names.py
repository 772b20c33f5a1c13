"""File names made of what people typed: safe on every system, each its own, and without a phone in it."""

import pytest

from kam_xl.reports import file_names


@pytest.mark.parametrize(
    ("team", "name"),
    [
        ("华东", "华东.xlsx"),
        ("华东/一部 (2026)", "华东_一部_2026.xlsx"),
        ("../../etc", "etc.xlsx"),
        ("长" * 200, "长" * 60 + ".xlsx"),
    ],
)
def test_a_name_is_as_typed_where_every_system_takes_it(team, name):
    assert file_names.of([team], ".xlsx") == {team: name}


def test_names_that_would_be_one_file_are_told_apart_and_so_are_devices():
    teams = ["Li Wei", "li/wei", f"Li_Wei-{file_names.digest('Li Wei')}", "?", "CON", "con"]
    names = file_names.of(teams, ".xlsx")

    assert list(names) == teams
    assert len({name.casefold() for name in names.values()}) == len(teams)
    assert not {"con.xlsx", ".xlsx"} & {name.casefold() for name in names.values()}


def test_a_phone_in_a_name_is_in_no_file_name():
    names = file_names.of(["王经理 13800001234", "王经理 138****1234"], ".xlsx")

    assert "13800001234" not in "".join(names.values())
    assert len(set(names.values())) == 2
