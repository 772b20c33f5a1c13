"""A night that opens nothing it has seen before writes what a night does that opens everything, byte for byte."""

import dataclasses
import datetime as dt
import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest

import kam_xl
from kam_xl import nightly, resources
from kam_xl.core import assessment, chain, consolidation, validation
from kam_xl.core import policy as policies
from kam_xl.core.failures import Failures
from kam_xl.core.outside import outside
from kam_xl.hosts import arrow_books, isolation, outcomes, reader_version, store, workbooks
from kam_xl.hosts.store import Store
from kam_xl.nightly import bridging, gathering
from kam_xl.reports import archive
from tests import files, nights

NIGHT = dt.datetime(2026, 11, 21, 2)
ALL = {"华东.xlsx", "华北/一.xlsx", "西南.xlsx", "客户信息.xls", "坏.xlsx", "笔记.xls", "空.xlsx"}
#: The same bytes twice: whichever is read first, the other may need no reading.
TWINS = {"华北/一.xlsx", "西南.xlsx"}
#: What nights in short still write here: the archive, which has everything that is computed, and the first pages.
WRITTEN = ("_keep_all", "_first")
TEXT = "客户ID\t客户名称\nC077\t文本公司\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Workbooks of every sort: good ones, the same bytes twice, text that goes by its name, ones that nobody can use."""
    teams = tmp_path_factory.mktemp("all") / "teams"
    number = {
        **files.CUSTOMER,
        "customer_id": "C002",
        "name": "乙公司",
        "last_deal": dt.date(2026, 11, 25),
        "amount": 5e9,
    }
    damaged = {**files.CUSTOMER, "customer_id": 9.13e17, "name": "丙公司"}
    files.team(teams / "华东.xlsx")
    files.team(
        teams / "华北" / "一.xlsx", info=[number, damaged], evaluation=[{**files.EVALUATION, "customer_id": "C002"}]
    )
    shutil.copy(teams / "华北" / "一.xlsx", teams / "西南.xlsx")
    (teams / "客户信息.xls").write_text(TEXT, "utf-8")
    (teams / "坏.xlsx").write_bytes(b"PK\x03\x04" + b"x" * 100)
    (teams / "笔记.xls").write_text("nothing of the kind", "utf-8")
    (teams / "空.xlsx").write_bytes(b"")
    (teams / "~$华东.xlsx").write_bytes(b"x")
    return teams


@pytest.fixture(autouse=True)
def unexplained(monkeypatch: pytest.MonkeyPatch) -> None:
    """Why it changed is told by the store alone: a night without one could not be held beside."""
    monkeypatch.setattr(bridging, "night_before", lambda *_: None)


class Seen(NamedTuple):
    """A night in short that saw the folder for the first time: its job, what it opened, and what it wrote."""

    job: nightly.Job
    opened: set[str]
    written: dict[str, bytes]


@pytest.fixture(scope="module")
def seen(folder: Path) -> Seen:
    """It is done once; nobody changes its folder or its outputs."""
    job, found = nightly.Job(folder, folder.with_name("out"), workers=1), []
    with pytest.MonkeyPatch.context() as patch:
        nights.in_short(patch.setattr, *WRITTEN)
        patch.setattr(isolation, "read_one", isolation._answer)
        patch.setattr(store, "_SURE_NS", 0)
        _listed(patch, found)
        written = night(job)
    return Seen(job, {*found}, written)


@pytest.fixture
def before(seen: Seen) -> dict[str, bytes]:
    """What the night before wrote."""
    return seen.written


@pytest.fixture
def archived(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of nights that were read alike all is alike: it is enough to see part of what they write."""
    nights.in_short(monkeypatch.setattr, *WRITTEN)


@pytest.fixture
def known(
    seen: Seen, archived: None, readers_in_this_process: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[nightly.Job]:
    """A job after that night: over the same folder, which nobody changes, with a copy of its outputs for its own."""
    monkeypatch.setattr(store, "_SURE_NS", 0)
    out = shutil.copytree(seen.job.out, seen.job.out.with_name("another"))
    yield dataclasses.replace(seen.job, out=Path(out))
    shutil.rmtree(out, ignore_errors=True)


@pytest.fixture
def job(
    folder: Path, tmp_path: Path, archived: None, readers_in_this_process: None, monkeypatch: pytest.MonkeyPatch
) -> nightly.Job:
    """A job of which no night was yet, over a folder of its own."""
    monkeypatch.setattr(store, "_SURE_NS", 0)  # or else the tests would have to wait
    shutil.copytree(folder, tmp_path / "teams")
    return nightly.Job(tmp_path / "teams", tmp_path / "out", workers=1)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The workbooks whose bytes are interpreted, as it goes on."""
    found: list[str] = []
    _listed(monkeypatch, found)
    return found


def _listed(patch: pytest.MonkeyPatch, found: list[str]) -> None:
    def book(file: workbooks.File, really: Callable = workbooks.book) -> object:
        found.append(file.name)
        return really(file)

    patch.setattr(workbooks, "book", book)


def night(job: nightly.Job, now: dt.datetime = NIGHT) -> dict[str, bytes]:
    """The outputs of one night by their names, its record without what a clock measured."""
    nightly.run(job, now)
    found = {path.relative_to(job.out).as_posix(): path for path in job.out.rglob("*") if path.is_file()}
    written = {name: path.read_bytes() for name, path in found.items() if not name.startswith(("store/", ".kam_xl"))}
    record = json.loads(written.pop(nightly.RECORD))
    del record["seconds"]
    record["inputs"] = [{name: told for name, told in one.items() if name != "seconds"} for one in record["inputs"]]
    return written | {nightly.RECORD: json.dumps(record).encode()}


def cold(job: nightly.Job, now: dt.datetime = NIGHT) -> dict[str, bytes]:
    """The same of a night that has no store, and the same history."""
    apart = dataclasses.replace(job, out=job.out.with_name("cold"))
    shutil.rmtree(apart.out, ignore_errors=True)
    if job.out.exists():
        shutil.copytree(job.out, apart.out, ignore=shutil.ignore_patterns("store", ".kam_xl.lock"))
    return night(apart, now)


def top(name: str) -> str:
    return name.partition("/")[0]


def entries(out: Path) -> dict[str, bytes]:
    """What the store holds of workbooks: equal ones serve the next night equally."""
    return {path.name: path.read_bytes() for path in (out / "store" / "books").glob("[!.]*")}


def differing(one: dict[str, bytes], other: dict[str, bytes]) -> list[str]:
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


# --- the law ----------------------------------------------------------------------------------------------------------


def test_a_warm_night_writes_what_a_cold_one_does(folder, opened, tmp_path, readers_in_this_process, monkeypatch):
    """All there is to write; the other nights here are in short."""
    monkeypatch.setattr(store, "_SURE_NS", 0)
    job = nightly.Job(folder, tmp_path / "out", workers=1)
    first = night(job)
    assert {*opened} | TWINS == ALL
    opened.clear()

    second = night(job)

    assert opened == []
    assert differing(first, second) == []
    assert differing(first, cold(job)) == []
    assert {"KAM_Master.xlsx", "risk_summary.html", "managers", "teams", "archive"} <= {*map(top, first)}


def test_a_file_nobody_can_use_is_not_read_a_second_time(known, before, monkeypatch):
    told = json.loads(before[nightly.RECORD])["inputs"]
    monkeypatch.setattr(workbooks, "fingerprint", lambda path: pytest.fail(f"{path} was read again"))

    assert json.loads(night(known)[nightly.RECORD])["inputs"] == told
    assert any(one["outcome"] == "quarantined" and one["sha256"] for one in told)


def test_the_policy_that_is_kept_is_the_one_that_was_used(job, tmp_path):
    policy, used = tmp_path / "policy.toml", resources.policy_text()
    policy.write_text(used, "utf-8")

    def edited(step: str, *_: object) -> None:
        if step == "write":
            policy.write_text(f"{used}\n# edited while the night went on", "utf-8")

    nightly.run(dataclasses.replace(job, policy_file=policy), NIGHT, edited)

    assert [path.read_text("utf-8") for path in (job.out / "store" / "policies").iterdir()] == [used]


def test_nothing_is_started_where_nothing_must_be_read(known, monkeypatch):
    monkeypatch.setattr(isolation, "executor", lambda *_: pytest.fail("a reader was started"))

    night(known)


@pytest.mark.parametrize(("changed", "readers"), [(1, 1), (16, 1), (17, 2), (40, 3)])
def test_no_more_readers_are_started_than_what_must_be_read_is_worth(job, monkeypatch, changed, readers):
    asked: list[int] = []
    really = isolation.executor
    monkeypatch.setattr(isolation, "executor", lambda count, *more: asked.append(count) or really(count, *more))
    monkeypatch.setattr(isolation, "read_one", lambda _, name: outcomes.Outcome(name, reason="blocked"))
    shutil.rmtree(job.teams)
    for number in range(changed):
        job.teams.mkdir(exist_ok=True)
        (job.teams / f"{number}.xlsx").write_bytes(b"x")

    with pytest.raises(nightly.NothingUsable):
        nightly.run(dataclasses.replace(job, workers=3), NIGHT)

    assert asked == [readers]


def test_what_was_unchanged_is_told(job):
    told: list[tuple[str, int, str]] = []
    night(job)
    files.team(job.teams / "华南.xlsx")

    nightly.run(job, NIGHT, lambda *step: told.append(step))

    sentence = resources.words("zh-CN")("job.unchanged", books=8, unchanged=7)
    assert [(parts, part) for step, parts, part in told if step == "read"] == [
        (0, ""), (0, sentence), (1, ""), (1, "华南.xlsx")]  # fmt: skip


@pytest.mark.parametrize("days", [1, 40, 400])
def test_another_day_makes_of_what_was_read_what_it_would_of_the_workbooks(known, opened, days):
    later = NIGHT + dt.timedelta(days=days)
    expected = cold(known, later)
    opened.clear()

    assert differing(night(known, later), expected) == []
    assert opened == []


def test_another_policy_makes_of_what_was_read_what_it_would_of_the_workbooks(known, opened, tmp_path):
    text = resources.policy_text().replace("amount_limit = 100_000_000", "amount_limit = 50")
    (tmp_path / "policy.toml").write_text(text.replace('zh = "重点客户"', 'zh = "甲级客户"'), "utf-8")
    other = dataclasses.replace(known, policy_file=tmp_path / "policy.toml")
    expected = cold(other)
    opened.clear()

    assert differing(night(other), expected) == []
    assert opened == []


def test_workbooks_that_were_renamed_copied_changed_and_removed(job, opened):
    night(job)
    (job.teams / "华东.xlsx").rename(job.teams / "华南.xlsx")
    shutil.copy(job.teams / "华南.xlsx", job.teams / "东北.xlsm")
    (job.teams / "客户信息.xls").rename(job.teams / "客户名单.xls")
    files.team(job.teams / "西南.xlsx", info=[{**files.CUSTOMER, "customer_id": "C009"}])
    (job.teams / "空.xlsx").unlink()
    expected = cold(job)
    opened.clear()

    assert differing(night(job), expected) == []
    assert sorted(opened) == ["客户名单.xls", "西南.xlsx"]  # text goes by its name; all others' bytes were seen


def test_a_workbook_changed_under_the_same_size_and_time_is_opened(job, opened):
    night(job)
    path = job.teams / "客户信息.xls"
    before = path.stat()
    path.write_text(TEXT.replace("C077", "C078"), "utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    opened.clear()

    found = night(job)

    assert opened == ["客户信息.xls"] or os.name == "nt"
    assert differing(found, cold(job)) == [] or os.name == "nt"


def test_a_file_changed_while_the_record_is_written_is_looked_at_again(job, opened, monkeypatch):
    monkeypatch.setattr(store, "_SURE_NS", 3600 * 10**9)
    night(job)
    asked: list[str] = []
    really = workbooks.opened
    monkeypatch.setattr(workbooks, "opened", lambda folder, name: asked.append(name) or really(folder, name))
    opened.clear()

    night(job)

    assert len(asked) == 7  # nobody trusts their times
    assert opened == []  # and their bytes are known


# --- a store that is not whole -----------------------------------------------------------------------------------------


def _delete(out: Path) -> None:
    shutil.rmtree(out / "store")


def _no_records(out: Path) -> None:
    shutil.rmtree(out / "store" / "nights")


def _no_entries(out: Path) -> None:
    shutil.rmtree(out / "store" / "books")


def _half_written(out: Path) -> None:
    for path in (out / "store" / "books").iterdir():
        path.with_name(f".kam_xl-{path.name[:8]}.tmp").write_bytes(path.read_bytes()[:50])
        path.unlink()


@pytest.mark.parametrize("harm", [_delete, _no_records, _no_entries, _half_written])
def test_a_store_that_lost_something_costs_time_and_nothing_else(known, before, harm):
    whole = entries(known.out)
    harm(known.out)

    assert differing(before, night(known)) == []
    assert entries(known.out) == whole != {}


def test_entries_of_an_older_reader_are_not_used(known, before, opened, monkeypatch):
    monkeypatch.setattr(reader_version, "current", lambda: "another")

    assert differing(before, night(known)) == []
    assert {*opened} | TWINS == ALL


@pytest.mark.parametrize("damage", [lambda content: content[:-7], lambda content: content[:60] + b"??" + content[62:]])
def test_a_damaged_entry_is_read_again_and_said(known, before, opened, damage):
    whole = entries(known.out)
    harmed = next((known.out / "store" / "books").iterdir())
    harmed.write_bytes(damage(harmed.read_bytes()))

    found = night(known)

    assert len(opened) in (1, 2)  # two workbooks are the same bytes
    record = json.loads(found[nightly.RECORD])
    assert [(one["kind"], one["subject"]) for one in record["failures"]] == [
        ("state", f"store/books/{harmed.name[:8]}")
    ]
    same = {name for name in before if name.startswith("archive/")}
    assert {name for name in same if found[name] != before[name]} == set()
    assert any(harmed.name[:8].encode() in page for name, page in found.items() if name.endswith(".html"))
    assert entries(known.out) == whole != {}  # and of the night after nothing is said


def test_only_what_the_bytes_say_is_remembered(known, before, monkeypatch, opened):
    shutil.rmtree(known.out)

    def slow(order: isolation.Order, name: str) -> outcomes.Outcome:
        return outcomes.Outcome(name, reason="too_slow")

    with monkeypatch.context() as patch:
        patch.setattr(isolation, "read_one", slow)
        with pytest.raises(nightly.NothingUsable):
            nightly.run(known, NIGHT)

    assert differing(night(known), before) == []
    assert {*opened} | TWINS == ALL


# --- a past night -----------------------------------------------------------------------------------------------------


def test_a_past_night_is_made_again_out_of_the_store_alone(known, before, tmp_path):
    night(known, NIGHT + dt.timedelta(days=1))
    kept = Store(Path(shutil.move(known.out, tmp_path / "away")))  # from where nothing leads to the workbooks

    record = [one for one, _ in kept.nights()][-1]
    found = gathering.again(record, kept)
    policy = policies.parse(kept.policy(record.policy).decode())
    now = dt.datetime.fromisoformat(record.moment)
    books = [validation.on_day(book, policy, now.date()) for book in found.books]
    portfolio = consolidation.consolidate(books, policy, found.others)
    assessed = assessment.assess(portfolio, policy, now, resources.words(record.lang), None, failures=Failures())

    (tmp_path / "again").mkdir()
    for name, frame in archive.kept(outside(assessed)):
        expected = before[f"archive/{name}.parquet"]
        assert frame.to_csv() == _frame(expected), name
    assert {name: digest for name, digest in record.outputs.items() if name.startswith("archive/")}.keys() == {
        name for name in before if name.startswith("archive/")
    }


def _frame(content: bytes) -> str:
    return pd.read_parquet(io.BytesIO(content)).to_csv()


def test_a_past_night_of_which_something_is_lost_says_what(known):
    kept = Store(known.out)
    found = kept.last()
    assert found is not None
    lost = next(seen for seen in found[0].books if seen.outcome == "read")
    (kept.books / str(lost.entry)).unlink()

    with pytest.raises(LookupError, match=lost.path):
        gathering.again(found[0], kept)


# --- kills -------------------------------------------------------------------------------------------------------------

#: How many nights are killed here; a hundred were by hand.
KILLS = int(os.environ.get("KAM_XL_KILLS", "3"))


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows kills otherwise")
def test_a_night_that_is_killed_leaves_no_mixture_and_no_entry_that_is_used_damaged(folder, tmp_path):
    """Killed at moments spread over a whole night, each then followed by one that is left alone."""
    teams = shutil.copytree(folder, tmp_path / "teams")
    job = nightly.Job(teams, tmp_path / "out", workers=2)
    command = [sys.executable, "-m", "kam_xl", "run", str(teams), "--out", str(job.out)]
    environment = {**os.environ, "PYTHONPATH": str(Path(kam_xl.__file__).parents[1])}
    began = time.monotonic()
    subprocess.run(command, env=environment, capture_output=True, check=False)
    whole = time.monotonic() - began

    for kill in range(KILLS):
        number = {**files.CUSTOMER, "customer_id": f"C{kill:03}"}
        files.team(teams / f"新{kill % 3}.xlsx", info=[number])
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as running:
            time.sleep(whole * (kill + 0.5) / KILLS)
            running.send_signal(signal.SIGKILL)
        _whole_or_under_way(job.out)

    subprocess.run(command, env=environment, capture_output=True, check=False)
    assert _mixed(job.out) == []
    for path in Store(job.out).books.iterdir():
        if not path.name.startswith("."):
            arrow_books.check(path.read_bytes())


def _whole_or_under_way(out: Path) -> None:
    """After a kill what lies there is of one night, or says that it is not; every entry is whole."""
    under_way = any(out.glob(".previous-*/under_way"))
    assert under_way or _mixed(out) == []
    for path in (out / "store" / "books").glob("[!.]*"):
        arrow_books.check(path.read_bytes())


def _mixed(out: Path) -> list[str]:
    """The outputs that are not those of the night that the record tells of."""
    record = json.loads((out / nightly.RECORD).read_text("utf-8"))
    written = {one["file"]: one["sha256"] for one in record["outputs"]}
    moments = {
        chain.read(path.read_text("utf-8"))[0].moment[:19]: path for path in (out / "store" / "nights").iterdir()
    }
    assert record["started"] in moments
    return [name for name, sha256 in written.items() if _hash(out / name) != sha256 and not name.startswith("store/")]


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""
