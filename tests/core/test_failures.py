"""A part that fails costs itself: it is noted once, whoever needs it fails too, and a few odd ones are found among many."""

import pandas as pd
import pytest

from kam_xl.core.errors import KamError
from kam_xl.core.failures import MOST, Failure, Failures, Missing, NotComputed, Strict, narrowed


def raising(error):
    def work():
        raise error

    return work


def test_what_works_is_its_own_result_and_what_fails_is_noted_without_its_message():
    failures = Failures(lambda error: f"from {type(error).__name__}")

    assert failures.attempt("rule", "a", lambda: 1, 2) == 1
    assert failures.attempt("rule", "b", raising(ValueError("13800001234")), 2) == 2
    assert list(failures) == [Failure("rule", "b", None, "ValueError", "from ValueError")]


def test_the_same_part_is_noted_once():
    failures = Failures()
    for error in (ValueError(), KeyError()):
        failures.attempt("rule", "a", raising(error), None)
    failures.note("rule", "a", TypeError(), "C001")

    assert [(one.subject, one.customer_id, one.error) for one in failures] == [
        ("a", None, "ValueError"),
        ("a", "C001", "TypeError"),
    ]


@pytest.mark.parametrize("error", [KamError("x"), OSError("full"), MemoryError(), KeyboardInterrupt()])
def test_what_is_no_fault_of_a_part_is_passed_on(error):
    failures = Failures()
    for tried in (
        lambda: failures.attempt("rule", "a", raising(error), None),
        lambda: failures.among("rule", "a", ["C001", "C002"], lambda _: raising(error)(), None),
    ):
        with pytest.raises(type(error)):
            tried()
    assert len(failures) == 0


def test_where_nothing_may_fail_the_error_is_raised():
    for tried in (
        lambda: Strict().attempt("rule", "a", raising(ZeroDivisionError()), None),
        lambda: Strict().among("rule", "a", ["C001", "C002"], lambda _: 1 / 0, None),
        lambda: Strict().part("health", raising(ZeroDivisionError())),
    ):
        with pytest.raises(ZeroDivisionError):
            tried()


@pytest.mark.parametrize(
    "look",
    [
        len, bool, list, pd.isna, lambda part: part["level"], lambda part: part.empty, lambda part: part.iloc[:0],
        lambda part: {"customer_id": 1, **part}, lambda part: next(iter(part)),
    ],
)  # fmt: skip
def test_who_looks_at_a_part_that_failed_fails_too_and_reads_no_none_out_of_it(look):
    part = Failures().part("cases", raising(ValueError()))

    assert isinstance(part, Missing)
    with pytest.raises(NotComputed, match="cases"):
        look(part)


def test_what_rests_on_a_part_asks_for_it():
    failures = Failures()
    failures.require("health")
    failures.require(None)
    failures.part("health", raising(ValueError()))
    with pytest.raises(NotComputed):
        failures.require("health")


# --- a few among many -------------------------------------------------------------------------------------------------


def odd(*names):
    """Work that fails where one of the names is there, and counts how often it was tried."""
    tried = []

    def work(given):
        tried.append(given)
        found = sorted(set(names) & set(given))
        if found:
            raise ValueError(found[0])
        return given

    return work, tried


NAMES = [f"C{number:03}" for number in range(100)]


@pytest.mark.parametrize("names", [[], ["C000"], ["C099"], ["C049", "C050"], NAMES[:MOST], NAMES[5::20]])
def test_the_odd_ones_are_found_and_all_others_done(names):
    work, tried = odd(*names)

    done, failed = narrowed(NAMES, work)

    assert done == [name for name in NAMES if name not in names]
    assert {name: str(error) for name, error in failed.items()} == {name: name for name in names}
    assert len(tried) <= 1 + 14 * len(names)


def test_two_that_do_not_go_together_cost_one_of_them():
    def work(given):
        if {"C003", "C070"} <= set(given):
            raise ValueError
        return given

    done, failed = narrowed(NAMES, work)

    assert list(failed) == ["C070"]
    assert done == [name for name in NAMES if name != "C070"]


@pytest.mark.parametrize(("names", "of"), [(NAMES[: MOST + 1], NAMES), (NAMES, NAMES), (["C000"], ["C000"])])
def test_where_it_fails_for_too_many_it_is_no_odd_row(names, of):
    work, tried = odd(*names)

    with pytest.raises(ValueError, match="C000"):
        narrowed(of, work)
    assert len(tried) < 60


def test_what_fails_for_nobody_at_all_is_raised():
    with pytest.raises(ZeroDivisionError):
        narrowed([], lambda _: 1 / 0)
    assert narrowed([], len) == (0, {})


def test_each_customer_for_whom_it_fails_is_noted_and_one_that_fails_for_all_is_noted_once():
    failures = Failures()

    assert failures.among("rule", "a", NAMES, odd("C007")[0], None) == [name for name in NAMES if name != "C007"]
    assert failures.among("rule", "b", NAMES, odd(*NAMES)[0], "nothing") == "nothing"
    assert [one[:4] for one in failures] == [
        ("rule", "a", "C007", "ValueError"),
        ("rule", "b", None, "ValueError"),
    ]
