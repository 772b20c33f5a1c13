"""Interruptions: one is enough, it cleans up undisturbed, and nothing swallows it."""

import signal
import time

import pytest
import typer

from kam_xl import resources
from kam_xl.doors.terminal import console, interruptible

STOPPED = resources.words("en")("job.stopped")
SIGNALS = (signal.SIGINT, signal.SIGTERM)
each_signal = pytest.mark.parametrize("number", SIGNALS)


def handlers():
    return [signal.getsignal(number) for number in SIGNALS]


def interrupted(work, *told, **kept):
    """Do the work where it can be interrupted; return how the command ended."""
    with pytest.raises(typer.Exit) as ended, interruptible(*told, **kept):
        work()
    return ended.value.exit_code


@each_signal
def test_an_interruption_ends_the_command_with_a_sentence_and_leaves_the_signals_as_they_were(number, capsys):
    before = handlers()

    def work():
        signal.raise_signal(number)
        pytest.fail("it went on")

    assert interrupted(work, STOPPED) == 130
    assert capsys.readouterr() == ("", f"{STOPPED}\n")
    assert handlers() == before


def test_what_is_not_interrupted_ends_as_it_ends_and_leaves_the_signals_as_they_were():
    before = handlers()
    for ended in (typer.Exit(3), ValueError("x")):
        with pytest.raises(type(ended)), interruptible(STOPPED):
            raise ended
    with interruptible(STOPPED):
        pass

    assert handlers() == before


def test_a_command_that_only_an_interruption_ends_has_done_well(capsys):
    assert interrupted(lambda: signal.raise_signal(signal.SIGTERM), STOPPED, console, code=0) == 0
    assert capsys.readouterr() == (f"{STOPPED}\n", "")


def test_a_second_one_does_not_disturb_the_cleaning_up(capsys):
    cleaned = []

    def work():
        try:
            signal.raise_signal(signal.SIGINT)
        finally:
            for number in (*SIGNALS, *SIGNALS):
                signal.raise_signal(number)
                cleaned.append(number)

    assert interrupted(work, STOPPED) == 130
    assert len(cleaned) == 4
    assert capsys.readouterr().err.count("\n") == 1


@each_signal
def test_one_that_a_library_swallows_comes_again(number):
    swallowed = []

    def work():
        try:
            signal.raise_signal(number)
        except BaseException:  # noqa: BLE001
            swallowed.append(number)
        for _ in range(200):
            time.sleep(0.05)
        pytest.fail("it went on")

    assert interrupted(work, STOPPED) == 130
    assert swallowed == [number]
