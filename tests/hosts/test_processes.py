"""Looking at other processes: whatever a look raises, it is a look that told nothing, and no end of a command."""

import os
import subprocess
import sys
import time
from types import SimpleNamespace

import psutil
import pytest

from kam_xl.desk import machine
from kam_xl.hosts import processes

ERRORS = (
    psutil.AccessDenied(4),
    psutil.NoSuchProcess(4),
    psutil.ZombieProcess(4),
    OSError(22, "WinError 87: The parameter is incorrect"),
    PermissionError(13, "Access is denied"),
)
each_error = pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)


def raising(error):
    def look(*_, **__):
        raise error

    return look


@each_error
def test_a_look_that_fails_tells_what_was_agreed(error):
    assert processes.seen(raising(error), "nothing") == "nothing"
    assert processes.seen(lambda: "something", "nothing") == "something"


def test_a_mistake_of_ours_is_no_look_that_failed():
    with pytest.raises(ZeroDivisionError):
        processes.seen(lambda: 1 / 0, None)


@each_error
def test_processes_that_cannot_be_seen_are_left_out_and_the_others_are_there(error, monkeypatch):
    really = psutil.Process

    def process(number=None):
        if number != os.getpid():
            raise error
        return really(number)

    monkeypatch.setattr(processes.psutil, "Process", process)
    assert [one.pid for one in processes.everyone()] == [os.getpid()]
    monkeypatch.setattr(processes.psutil, "pids", raising(error))
    assert list(processes.everyone()) == []


def test_the_line_up_to_the_first_process_is_known_as_far_as_it_can_be_seen(monkeypatch):
    assert {os.getpid(), os.getppid(), *(one.pid for one in psutil.Process().parents())} == processes.forebears()
    for error in ERRORS:
        monkeypatch.setattr(processes.psutil.Process, "parent", raising(error))
        assert processes.forebears() == {os.getpid(), os.getppid()}


def test_a_process_lives_until_it_has_ended_though_nobody_asked_how():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        process = psutil.Process(child.pid)
        assert processes.lives(process)
        child.stdin.close()
        late = time.monotonic() + 20
        while processes.lives(process):  # a zombie now, on systems that have them
            assert time.monotonic() < late
    assert not processes.lives(process)


@each_error
def test_one_that_cannot_be_seen_lives_and_one_that_is_gone_does_not(error):
    process = SimpleNamespace(is_running=lambda: True, status=raising(error))

    assert processes.lives(process) is not isinstance(error, psutil.NoSuchProcess)  # which a zombie is as well


# --- programs at work in the installation -----------------------------------------------------------------------------


class Foreign:
    """A process of somebody else; a fact that is an error is raised."""

    def __init__(self, pid, name, exe):
        self.pid, self.facts = pid, {"name": name, "exe": exe}

    def __getattr__(self, fact):
        told = self.facts[fact]
        return raising(told) if isinstance(told, Exception) else lambda: told


@each_error
def test_programs_at_work_are_named_whatever_the_systems_own_processes_refuse(tmp_path, monkeypatch, error):
    ours = str(tmp_path / "Scripts" / "pythonw.exe")
    everyone = [
        Foreign(4, "System", error), Foreign(5, error, error), Foreign(6, "EXCEL.EXE", "/other/EXCEL.EXE"),
        Foreign(7, "Registry", ""), Foreign(8, "pythonw.exe", ours), Foreign(9, error, ours),
        Foreign(os.getpid(), "python.exe", ours), Foreign(os.getppid(), "python.exe", ours),
    ]  # fmt: skip
    monkeypatch.setattr(processes, "everyone", lambda: iter(everyone))

    assert machine._running(tmp_path) == ("pythonw.exe", "?")
