"""Isolation: a workbook that kills, swells or hangs its reader costs only itself; every other one is read."""

import datetime as dt
import os
import queue
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from random import Random

import psutil
import pytest

from kam_xl.core.errors import KamError
from kam_xl.hosts import isolation, resources
from kam_xl.hosts.isolation import Limits
from tests import files

WORDS = resources.words("en")
TODAY = dt.date(2026, 11, 21)

#: Stands in the children before anything else and lets workbooks of these names misbehave while they are read.
MISBEHAVIOUR = """
    import os, time
    from kam_xl.hosts import workbooks

    class Panic(BaseException):
        pass

    def read(folder, name, really=workbooks.read):
        match name:
            case "dies.xlsx":
                os._exit(134)
            case "eats.xlsx":
                held = []
                while True:
                    held.append(bytearray(b"x" * 20_000_000))
            case "asks too much.xlsx":
                bytearray(10**13)
            case "holds much.xlsx":
                with open(os.environ["HOLDERS_ID"], "w") as file:
                    file.write(str(os.getpid()))
                held = b"x" * 500_000_000
                time.sleep(600)
            case "hangs.xlsx":
                time.sleep(600)
            case "panics.xlsx":
                raise Panic("index out of bounds")
            case "shows a bug.xlsx":
                raise KeyError("1380000" + name[-5:])
            case "babbles.xlsx":
                print("a library speaks", flush=True)
        return really(folder, name)

    workbooks.read = read
"""
EXPECTED = {
    "dies.xlsx": "crashed",
    "eats.xlsx": "too_much_memory",
    "asks too much.xlsx": "too_much_memory",
    "hangs.xlsx": "too_slow",
    "panics.xlsx": "crashed",
    "shows a bug.xlsx": "bug",
    "babbles.xlsx": None,
    "华东.xlsx": None,
    "华北.xlsx": None,
    "华南.xlsx": None,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("teams")
    for name in EXPECTED:
        files.team(folder / name)
    return folder


@pytest.fixture
def misbehaving(tmp_path, monkeypatch):
    (tmp_path / "sitecustomize.py").write_text(textwrap.dedent(MISBEHAVIOUR), "utf-8")
    monkeypatch.syspath_prepend(tmp_path)


def order(folder, **limits):
    return isolation.Order(folder, resources.policy(), TODAY, Limits(**limits))


def read(order, names, workers=2):
    with isolation.executor(workers, None, WORDS) as executor:
        return {outcome.name: outcome for outcome in isolation.read_all(order, tuple(names), executor)}


def readers():
    """The reading processes of this one that still live."""
    found = []
    for child in psutil.Process().children():
        try:
            if child.status() != psutil.STATUS_ZOMBIE and "kam_xl.hosts.isolation" in child.cmdline():
                found.append(child)
        except psutil.NoSuchProcess:
            continue
    return found


def test_every_misbehaviour_has_its_reason_and_the_others_are_read(folder, misbehaving):
    outcomes = read(order(folder, memory_mb=400, seconds=5), EXPECTED)

    assert {name: outcome.reason for name, outcome in outcomes.items()} == EXPECTED
    assert all(outcome.book.count("info") == 1 for outcome in outcomes.values() if not outcome.reason)
    assert 5 <= outcomes["hangs.xlsx"].seconds < 10
    assert readers() == []


def test_a_bug_of_ours_is_told_by_its_place_and_never_by_what_stood_in_the_cell(folder, misbehaving):
    outcome = read(order(folder), ["shows a bug.xlsx"])["shows a bug.xlsx"]

    assert (outcome.reason, outcome.detail) == ("bug", "KeyError")
    assert "sitecustomize.py" in outcome.trace
    assert outcome.trace.endswith("KeyError")
    assert "1380000.xlsx" not in outcome.trace


def test_one_child_reads_many_workbooks_and_only_a_dead_one_is_replaced(folder, misbehaving, monkeypatch):
    started = []

    class Counted(subprocess.Popen):
        def __init__(self, *args, **kwargs):
            started.append(self)
            super().__init__(*args, **kwargs)

    monkeypatch.setattr(isolation.subprocess, "Popen", Counted)

    outcomes = read(
        order(folder),
        ["华东.xlsx", "shows a bug.xlsx", "panics.xlsx", "dies.xlsx", "华北.xlsx", "华南.xlsx"],
        workers=1,
    )

    assert [outcome.reason for outcome in outcomes.values()] == [None, "bug", "crashed", "crashed", None, None]
    assert len(started) == 2


@pytest.mark.skipif(os.name == "nt", reason="needs a shell; there the venv's python.exe does the same")
def test_an_interpreter_that_a_launcher_starts_is_watched_and_ended_as_well(folder, misbehaving, monkeypatch, tmp_path):
    launcher = tmp_path / "python"
    launcher.write_text(f'#!/bin/sh\n"{sys.executable}" "$@"\nexit $?\n')
    launcher.chmod(0o755)
    monkeypatch.setattr(isolation.sys, "executable", str(launcher))
    monkeypatch.setenv("HOLDERS_ID", str(tmp_path / "id"))

    outcomes = read(order(folder, memory_mb=400, seconds=10), ["holds much.xlsx", "华东.xlsx"], workers=1)

    assert [outcome.reason for outcome in outcomes.values()] == ["too_much_memory", None]
    assert lives(int((tmp_path / "id").read_text())) is False


def lives(number):
    """True while a process of that number is more than an entry that nobody has asked for; it may take a moment."""
    for _ in range(50):
        if not psutil.pid_exists(number) or psutil.Process(number).status() == psutil.STATUS_ZOMBIE:
            return False
        time.sleep(0.1)
    return True


def test_a_child_killed_while_its_answer_came_is_not_asked_again(folder, monkeypatch):
    def too_late(self, done, killed):
        done.wait()
        killed.append("too_slow")

    monkeypatch.setattr(isolation._Child, "_watch", too_late)
    child = isolation._Child(order(folder))

    assert child.read("华东.xlsx").book
    assert child.process.returncode is not None
    assert child not in isolation._children


def test_no_wait_for_an_outcome_is_so_long_that_windows_would_not_hear_ctrl_c(folder, monkeypatch):
    waits = []

    class Patient:
        put = None

        def get(self, timeout=None):
            waits.append(timeout)
            raise KeyboardInterrupt if len(waits) == 3 else queue.Empty

    class Never:
        def submit(self, *_):
            return isolation.Future()

    monkeypatch.setattr(isolation.queue, "SimpleQueue", Patient)

    with pytest.raises(KeyboardInterrupt):
        list(isolation.read_all(order(folder), ("华东.xlsx",), Never()))
    assert all(0 < timeout <= 1 for timeout in waits)


def test_stopping_the_job_gives_up_at_once_what_is_being_read(folder, misbehaving):
    started, seen = time.monotonic(), []

    def stopped_after_one():
        with isolation.executor(2, None, WORDS) as executor:
            seen.append(next(isolation.read_all(order(folder), ("华东.xlsx", *["hangs.xlsx"] * 50), executor)))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped_after_one()

    assert seen[0].book
    assert time.monotonic() - started < 20  # one hanging workbook alone would take a minute
    assert readers() == []


def test_no_workbooks_no_outcomes(folder):
    assert read(order(folder), []) == {}


SNIPPETS = (b"<", b">", b'"', b"-1", b"99999999999", b"\0", b"NaN", b"&#0;", b"1e999", b"\xff", b"")


def damaged(content, random):
    """The bytes with a few of them exchanged, cut out or doubled."""
    changed = bytearray(content)
    for _ in range(random.choice((1, 1, 2, 5))):
        start, end = sorted(random.choices(range(len(changed) + 1), k=2))
        end = min(end, start + 30)
        changed[start:end] = random.choice((*SNIPPETS, changed[start:end] * 2))
    return bytes(changed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_no_damage_to_a_workbook_looks_like_a_bug_of_ours(tmp_path, seed):
    """Each zipped workbook has one part damaged under a checksum that holds, so that the damage reaches the readers."""
    random = Random(seed)
    books = [files.team(tmp_path / "book.xlsx"), *(Path(__file__).parents[1] / "books").glob("errors.*")]
    (tmp_path / "teams").mkdir()
    for number in range(150):
        book = random.choice(books)
        path = tmp_path / "teams" / f"{number}{book.suffix}"
        if book.suffix == ".xls":
            path.write_bytes(damaged(book.read_bytes(), random))
        else:
            parts = files.parts(book)
            name = random.choice(list(parts))
            files.package(path, {**parts, name: damaged(parts[name], random)})

    outcomes = read(order(tmp_path / "teams", seconds=20), [path.name for path in (tmp_path / "teams").iterdir()])

    assert {name: outcome.trace for name, outcome in outcomes.items() if outcome.reason == "bug"} == {}
    assert len(outcomes) == 150


# --- a cluster --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("lang", "part"), [("zh-CN", "需要 distributed 包"), ("en", "needs the package distributed")])
def test_without_the_package_for_clusters_a_sentence_says_so(monkeypatch, lang, part):
    monkeypatch.setitem(sys.modules, "distributed", None)

    with pytest.raises(KamError, match=part), isolation.executor(1, "tcp://127.0.0.1:1", resources.words(lang)):
        pass


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense://x"])
def test_a_scheduler_that_cannot_be_reached_is_named(address):
    dask = pytest.importorskip("dask")
    pytest.importorskip("distributed")

    with (
        dask.config.set({"distributed.comm.timeouts.connect": "500ms"}),
        pytest.raises(KamError, match=f"scheduler at {address} cannot be reached"),
        isolation.executor(1, address, WORDS),
    ):
        pass


@pytest.mark.slow
def test_a_cluster_comes_to_the_same_outcomes_as_local_workers(tmp_path):
    distributed = pytest.importorskip("distributed")
    for name in ("华东.xlsx", "华北.xlsx", "华南.xlsx"):
        files.team(tmp_path / name)
    (tmp_path / "empty.xlsx").touch()
    (tmp_path / "text.xlsx").write_text("客户ID", "utf-8")
    names = [path.name for path in tmp_path.iterdir()]

    with distributed.LocalCluster(n_workers=2, threads_per_worker=2, processes=True, dashboard_address=None) as cluster:
        with isolation.executor(2, cluster.scheduler_address, WORDS) as executor:
            far = {one.name: one for one in isolation.read_all(order(tmp_path), tuple(names), executor)}
        near = read(order(tmp_path), names)

    assert far.keys() == near.keys() == set(names)
    for name in names:
        assert (far[name].reason, far[name].detail) == (near[name].reason, near[name].detail)
        assert _content(far[name]) == _content(near[name])


def _content(outcome):
    if outcome.book is None:
        return None
    tables = {kind: table.rows.to_csv() for kind, table in outcome.book.tables.items()}
    return tables, outcome.book.findings, outcome.book.sha256
