"""What each way in loads, in a fresh Python: no more than it needs, so that it is there at once."""

import json
import subprocess
import sys

import pytest

#: Takes tens of milliseconds and more, each.
HEAVY = {"pandas", "numpy", "pyarrow", "xlwings", "xlsxwriter", "jinja2", "holidays", "opencc", "python_calamine"}


def loaded(code, *arguments):
    """The modules that a Python has loaded after some code."""
    whole = f"import atexit, json, sys; atexit.register(lambda: print('\\n' + json.dumps(sorted(sys.modules))))\n{code}"
    done = subprocess.run(
        [sys.executable, "-c", whole, *arguments], capture_output=True, encoding="utf-8", timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def rooms(modules):
    """The rooms of ours among some modules."""
    return {name.split(".")[1] for name in modules if name.startswith("kam_xl.")}


@pytest.mark.parametrize("arguments", [("--help",), ("run", "--help"), ("check", "--help"), ("install", "--help")])
def test_help_loads_neither_a_rule_nor_a_package_for_tables(arguments):
    modules = loaded("from kam_xl.doors import cli; cli.main()", *arguments)

    assert modules & HEAVY == set()
    assert "kam_xl.core.policy" not in modules


def test_the_names_of_the_worksheet_functions_stand_without_the_rules_behind_them():
    modules = loaded("import udfs; assert udfs.KAM_SCORE")

    assert rooms(modules) == {"core", "doors"}
    assert {name for name in modules if name.startswith("kam_xl.core.")} == {
        f"kam_xl.core.{name}" for name in ("privacy", "texts", "currencies", "entries")
    }


def test_a_cell_loads_no_report_but_what_it_shares_with_one():
    modules = loaded("import udfs; assert udfs.KAM_SCORE(90, 80, 70) == 83.0")

    assert rooms(modules) <= {"core", "doors", "resources", "showing", "reports", "worksheet"}
    assert modules & {"xlsxwriter", "jinja2", "holidays", "python_calamine"} == set()


def test_to_check_a_workbook_loads_nothing_that_writes_one():
    modules = loaded("import kam_xl.doors.checking")

    assert modules & {"xlsxwriter", "jinja2", "xlwings"} == set()
    assert "nightly" not in rooms(modules)
