"""Isolation: a workbook that kills, swells or hangs its reader costs only itself; every other one is read."""

import datetime as dt
import os
import queue
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from random import Random
from types import SimpleNamespace

import psutil
import pytest

from kam_xl import resources
from kam_xl.core.errors import KamError, Refused
from kam_xl.hosts import arrow_frames, isolation
from kam_xl.hosts.isolation import Limits
from tests import files

pytestmark = pytest.mark.slow  # children are started
WORDS = resources.words("en")
TODAY = dt.date(2026, 11, 21)

#: Stands in the children before anything else and lets workbooks of these names misbehave while they are read.
MISBEHAVIOUR = """
    import os, re, time
    from kam_xl.hosts import isolation, workbooks

    isolation._END_SECONDS = 1  # of the child's own last bound; the parent has its own

    class Panic(BaseException):
        pass

    def opened(folder, name, really=workbooks.opened):
        if "STARTED" in os.environ and not os.path.exists(os.environ["STARTED"]):
            with open(os.environ["STARTED"] + ".new", "w") as file:
                file.write(str(os.getpid()))
            os.replace(file.name, os.environ["STARTED"])
        if "takes half a second" in name:
            until = time.process_time() + 0.5
            while time.process_time() < until:
                pass
        match name:
            case "dawdles.xlsx":
                time.sleep(2)
            case "dies.xlsx":
                os._exit(134)
            case "eats.xlsx":
                held = []
                while True:
                    held.append(bytearray(b"x" * 20_000_000))
            case "asks too much.xlsx":
                bytearray(10**13)
            case "holds much.xlsx":
                held = b"x" * 500_000_000
                time.sleep(600)
            case "waits.xlsx":
                time.sleep(600)
            case "computes.xlsx":
                while True:
                    pass
            case "never lets go.xlsx":  # no other thread of its process gets a turn
                re.match("(a+)+b", "a" * 60)
            case "panics.xlsx":
                raise Panic("index out of bounds")
            case "shows a bug.xlsx":
                raise KeyError("1380000" + name[-5:])
            case "babbles.xlsx":
                print("a library speaks", flush=True)
        return really(folder, name)

    workbooks.opened = opened
"""
EXPECTED = {
    "dies.xlsx": "crashed",
    "eats.xlsx": "too_much_memory",
    "asks too much.xlsx": "too_much_memory",
    "computes.xlsx": "too_slow",
    "never lets go.xlsx": "too_slow",
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
    return isolation.Order(folder, Limits(**limits))


def read(order, names, workers=2):
    with isolation.executor(workers, None, WORDS) as executor:
        return {outcome.name: outcome for outcome in isolation.read_all(order, tuple(names), executor)}


def book(outcome):
    """The workbook that was read; None of one that cannot be used."""
    contents = arrow_frames.unpacked([outcome.content] if outcome.content else [])
    return outcome.book(contents[0]) if contents and not contents[0].refused else None


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
    outcomes = read(order(folder, memory_mb=400, cpu_seconds=1.5), EXPECTED)

    assert {name: outcome.reason for name, outcome in outcomes.items()} == EXPECTED
    assert all(len(book(outcome).parts[0].rows) == 1 for outcome in outcomes.values() if not outcome.reason)
    assert readers() == []


def test_a_file_that_only_waits_is_bounded_by_the_clock_and_the_drive_is_told(folder, misbehaving):
    outcome = read(order(folder, clock_seconds=1), ["waits.xlsx"])["waits.xlsx"]

    assert outcome.reason == "blocked"
    assert 1 <= outcome.seconds < 20


@pytest.mark.parametrize(
    ("used", "reason"),
    [
        ((0, 0, 0), None), ((10, 20, 30), None), ((11, 0, 0), "too_much_memory"), ((0, 21, 21), "too_slow"),
        ((0, 0, 31), "blocked"), ((11, 21, 31), "too_much_memory"), ((0, 21, 31), "too_slow"),
    ],
)  # fmt: skip
def test_what_passes_a_limit_has_the_reason_of_that_limit(used, reason):
    assert isolation._passed(Limits(memory_mb=10, cpu_seconds=20, clock_seconds=30), *used) == reason


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
    monkeypatch.setenv("STARTED", str(tmp_path / "id"))

    outcomes = read(order(folder, memory_mb=400), ["holds much.xlsx", "华东.xlsx"], workers=1)

    assert [outcome.reason for outcome in outcomes.values()] == ["too_much_memory", None]
    assert lives(int((tmp_path / "id").read_text())) is False


def lives(number):
    """True while a process of that number is more than an entry that nobody has asked for; it may take a moment."""
    for _ in range(100):
        try:
            if psutil.Process(number).status() == psutil.STATUS_ZOMBIE:
                return False
        except psutil.NoSuchProcess:
            return False
        time.sleep(0.1)
    return True


def test_a_child_killed_while_its_answer_came_is_not_asked_again(folder, monkeypatch):
    mine = isolation._Mine()
    monkeypatch.setattr(isolation, "_mine", mine)
    mine.child = child = mine.crew.hire(order(folder))
    with monkeypatch.context() as patch:
        patch.setattr(isolation, "_passed", lambda *_: child.answers.put("too late") or "too_slow")
        patch.setattr(child, "kill", lambda: None)  # it takes a moment to die
        child.read("华东.xlsx")

    assert child.process.poll() is None
    assert isolation.read_one(order(folder), "华北.xlsx").name == "华北.xlsx"
    assert child.process.returncode is not None
    mine.crew.dismiss()


# --- what a file costs ------------------------------------------------------------------------------------------------


def test_only_what_is_computed_for_a_file_counts_for_it(folder, misbehaving):
    """Neither waiting for a turn, as on a busy computer, nor the files before it in the same child."""
    for name in ("dawdles.xlsx", *(names := [f"{number} takes half a second.xlsx" for number in range(4)])):
        files.team(folder / name)

    outcomes = read(order(folder, cpu_seconds=1.5), [*names, "dawdles.xlsx"], workers=1)

    assert {name: outcome.reason for name, outcome in outcomes.items() if outcome.reason} == {}
    assert outcomes["dawdles.xlsx"].seconds > 2


def test_what_a_child_needs_to_start_counts_for_no_file(folder, tmp_path, monkeypatch):
    (tmp_path / "sitecustomize.py").write_text("import time\nwhile time.process_time() < 2: pass\n")
    monkeypatch.syspath_prepend(tmp_path)

    started = time.monotonic()
    outcome = read(order(folder, cpu_seconds=1.5), ["华东.xlsx"])["华东.xlsx"]

    assert book(outcome)
    assert outcome.seconds < time.monotonic() - started - 2


def test_computing_counts_from_the_first_look_that_saw_a_process(folder):
    child = isolation._Child(order(folder))
    child.stop()
    told = iter([OSError(), 100.0, 101.5, OSError(), 103.0])

    def cpu_times():
        told_now = next(told)
        if isinstance(told_now, OSError):
            raise told_now
        return SimpleNamespace(user=told_now, system=0.0, children_user=7.0)

    child.family, child.looked, since = [SimpleNamespace(pid=7, cpu_times=cpu_times)], float("inf"), {}

    assert [child._computed(since) for _ in range(5)] == [0, 0, 1.5, 0, 3]


# --- a child that does not start --------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="the programs are scripts")
@pytest.mark.parametrize(
    ("program", "detail"),
    [(None, "No such file or directory"), ("#!/bin/sh\nexit 3\n", "exit 3"), ("#!/bin/sh\nsleep 60\n", "> 1 s")],
)
def test_a_child_that_cannot_start_is_told_as_that_and_no_fault_of_the_file(folder, tmp_path, monkeypatch, program, detail):  # fmt: skip
    python = tmp_path / "python"
    if program:
        python.write_text(program)
        python.chmod(0o755)
    monkeypatch.setattr(isolation.sys, "executable", str(python))
    monkeypatch.setattr(isolation, "_TO_START", Limits(clock_seconds=1))

    outcome = read(order(folder), ["华东.xlsx"])["华东.xlsx"]

    assert (outcome.reason, outcome.detail) == ("no_reader", detail)
    for words in (WORDS, resources.words("zh-CN")):
        assert detail in resources.refusal(Refused(outcome.reason, outcome.detail), words)


def test_where_nothing_of_a_child_can_be_seen_it_reads_and_the_clock_still_ends_it(folder, misbehaving, monkeypatch):
    """As test_processes.py has it, any error of a look is one that told nothing."""

    def unseen(*_):
        raise psutil.AccessDenied(7)

    monkeypatch.setattr(isolation.psutil, "Process", unseen)
    outcomes = read(order(folder, clock_seconds=3), ["华东.xlsx", "waits.xlsx"])
    monkeypatch.undo()

    assert book(outcomes["华东.xlsx"])
    assert outcomes["waits.xlsx"].reason == "blocked"
    assert readers() == []


def test_a_child_that_cannot_be_killed_is_left_behind_and_the_others_are_read(folder, misbehaving, monkeypatch):
    """As one that waits for a dead drive: the system ends it when the drive answers."""
    monkeypatch.setattr(isolation, "_END_SECONDS", 0.2)
    monkeypatch.setattr(isolation._Child, "kill", lambda child: None)

    outcomes = read(order(folder, clock_seconds=3), ["waits.xlsx", "华东.xlsx"], workers=1)

    assert [outcomes[name].reason for name in ("waits.xlsx", "华东.xlsx")] == ["blocked", None]
    for left in readers():
        left.kill()


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
            seen.append(next(isolation.read_all(order(folder), ("华东.xlsx", *["waits.xlsx"] * 50), executor)))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped_after_one()

    assert book(seen[0])
    assert time.monotonic() - started < 20  # one hanging workbook alone would take a minute
    assert readers() == []


@pytest.mark.parametrize("seconds", [0, 1])
def test_a_child_that_is_just_being_started_when_the_job_is_stopped_does_not_get_away(folder, monkeypatch, seconds):
    """An antivirus program makes starting one slow."""
    begun = threading.Event()

    class Slow(subprocess.Popen):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            begun.set()
            time.sleep(seconds)

    monkeypatch.setattr(isolation.subprocess, "Popen", Slow)

    def stopped_at_once():
        with isolation.executor(2, None, WORDS) as executor:
            for name in ("华东.xlsx", "华北.xlsx", "华南.xlsx"):
                executor.submit(isolation.read_one, order(folder), name)
            begun.wait()
            stopped.append(time.monotonic())
            raise KeyboardInterrupt

    stopped = []
    with pytest.raises(KeyboardInterrupt):
        stopped_at_once()

    assert time.monotonic() - stopped[0] < 2
    assert readers() == []


# --- what it costs to start -------------------------------------------------------------------------------------------

START = """
    import sys
    from kam_xl.hosts import isolation
    isolation._prepare(isolation.Order(None))
    print(*sys.modules)
"""


def test_a_child_loads_nothing_that_takes_a_while_and_that_few_workbooks_or_none_need():
    """Frames are made by the parent, likeness is asked for unknown headers alone, and the version of the reader is told."""
    told = subprocess.run([sys.executable, "-c", textwrap.dedent(START)], capture_output=True, text=True, check=True)
    assert {"pandas", "rapidfuzz", "importlib.metadata", "email", "importlib.abc"}.isdisjoint(told.stdout.split())


# --- the parent is gone -----------------------------------------------------------------------------------------------

PARENT = """
    import sys
    from pathlib import Path
    from tests.hosts.test_isolation import order, read
    read(order(Path(sys.argv[1]), clock_seconds=float(sys.argv[3])), [sys.argv[2]])
"""


@pytest.mark.parametrize(
    ("name", "clock_seconds"), [("waits.xlsx", 600), ("computes.xlsx", 600), ("never lets go.xlsx", 1)]
)
def test_a_child_whose_parent_was_killed_ends_by_itself_whatever_it_is_doing(folder, misbehaving, tmp_path, name, clock_seconds):  # fmt: skip
    (tmp_path / "parent.py").write_text(textwrap.dedent(PARENT))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "STARTED": str(tmp_path / "id")}
    command = [sys.executable, tmp_path / "parent.py", folder, name, str(clock_seconds)]

    with subprocess.Popen(command, env=environment) as parent:
        while not (tmp_path / "id").exists():
            time.sleep(0.05)
        parent.kill()

    assert lives(int((tmp_path / "id").read_text())) is False


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
@pytest.mark.parametrize("seed", range(2))
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

    outcomes = read(order(tmp_path / "teams", cpu_seconds=20), [path.name for path in (tmp_path / "teams").iterdir()])

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
    if (found := book(outcome)) is None:
        return None
    tables = {part.kind: part.rows.to_csv() for part in found.parts}
    return tables, found.findings, found.sha256
