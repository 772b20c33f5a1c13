"""The nightly job: exit codes, the record, what changed since last night, and that nothing is half done."""

import contextlib
import dataclasses
import datetime as dt
import errno
import gc
import hashlib
import json
import logging
import os
import re
import shutil
from typing import NamedTuple

import pandas as pd
import pytest

from kam_xl import resources
from kam_xl.core.assessment import Assessment
from kam_xl.core.errors import KamError
from kam_xl.core.sheets import BY_KIND, OPTIONAL
from kam_xl.hosts import isolation, memory, outputs, snapshots
from kam_xl.hosts.notify import Delivery
from kam_xl.hosts.outcomes import Outcome as Reading
from kam_xl.hosts.outcomes import refused
from kam_xl.hosts.settings import Settings
from kam_xl.nightly import gathering, writing
from kam_xl.nightly import job as nightly
from kam_xl.reports import archive, views
from tests import files
from tests.conftest import WORKBOOKS, template_name
from tests.nights import in_short
from tests.planted import logged
from tests.receivers import HOST, free_port, mail_server, web_server

FIRST, SECOND = dt.datetime(2026, 11, 20, 2), dt.datetime(2026, 11, 21, 2)
OUTPUTS = {nightly.MASTER, nightly.SUMMARY, nightly.DETAILS, nightly.STANDARDS, nightly.RECORD}


def customer(number, **cells):
    return {**files.CUSTOMER, "customer_id": f"C{number:03}", "name": f"客户{number}公司", **cells}


def evaluation(number, mark=75, **cells):
    marks = {"value": mark, "potential": mark, "demand": mark, "composite": mark, "tier": "重点客户"}
    return {**files.EVALUATION, **marks, "customer_id": f"C{number:03}", **cells}


def at_risk(*numbers):
    """Customers that nobody has heard of for a long time, with a phone in the remarks."""
    info = [
        customer(n, last_deal=dt.date(2025, 1, 1), remarks="拖欠，找王小明 13800001234", contact="王小明（经理）")
        for n in numbers
    ]
    return {"info": info, "evaluation": [evaluation(n, 95) for n in numbers]}


@pytest.fixture
def job(tmp_path, readers_in_this_process):
    (tmp_path / "teams").mkdir()
    return nightly.Job(tmp_path / "teams", tmp_path / "out", "en", workers=1)


@pytest.fixture
def teams(job):
    return job.teams


class Done(NamedTuple):
    """A night that was done once: its job, its exit code and what was found; and what was told meanwhile."""

    job: nightly.Job
    code: int
    found: Assessment
    told: list[tuple[str, int, str]]
    log: list[logging.LogRecord]


def done(base):
    """A first night over the teams of a folder."""
    told, job = [], nightly.Job(base / "teams", base / "out", "en", workers=1)
    with pytest.MonkeyPatch.context() as patch, listed() as log:
        patch.setattr(isolation, "read_one", isolation._answer)
        code, found = nightly.run(job, FIRST, lambda *said: told.append(said))
    return Done(job, code, found, told, log)


@contextlib.contextmanager
def listed():
    """The records of the product's log meanwhile; pytest's own list is one test's."""
    log, records = logging.getLogger("kam_xl"), []
    handler, level = logging.Handler(), log.level
    handler.emit = records.append
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    yield records
    log.removeHandler(handler)
    log.setLevel(level)


@pytest.fixture(scope="module")
def first_night(tmp_path_factory):
    """A first night over the workbook of a strategic customer at risk, of which nobody is told: to be copied."""
    base = tmp_path_factory.mktemp("first")
    files.team(base / "teams" / "华东.xlsx", **at_risk(1))
    return done(base)


@pytest.fixture(scope="module")
def mixed_night(tmp_path_factory):
    """A first night over workbooks good and bad, which the tests only look at."""
    base = tmp_path_factory.mktemp("mixed")
    teams = base / "teams"
    files.team(teams / "华东.xlsx")
    files.team(teams / "华南.xlsx", info=[customer(1), customer(2, amount="很多")])
    (teams / "华北.xlsx").touch()
    (teams / "~$华东.xlsx").touch()
    (teams / "一.组").mkdir()
    (teams / "一.组" / "西南.xlsx").write_bytes(b"text")
    return done(base)


@pytest.fixture
def after_first(first_night, tmp_path, readers_in_this_process):
    """The job on the day after that night."""
    for folder in ("teams", "out"):
        shutil.copytree(getattr(first_night.job, folder), tmp_path / folder, dirs_exist_ok=True)
    return nightly.Job(tmp_path / "teams", tmp_path / "out", "en", workers=1)


def record(job):
    return json.loads((job.out / nightly.RECORD).read_text("utf-8"))


def contents(job):
    """The files of the output folder; those of the store are looked at in `test_warm_nights`."""
    found = {path.relative_to(job.out).as_posix(): path for path in job.out.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in found.items() if not name.startswith("store/")}


# --- exit codes -------------------------------------------------------------------------------------------------------


def test_a_clean_run_writes_every_output_and_ends_with_0(job, teams):
    files.team(teams / "华东.xlsx")

    code, assessed = nightly.run(job, FIRST)

    assert code == 0
    assert assessed.customers["customer_id"].tolist() == ["C001"]
    more = {
        "calendars/actions-Nobody_named.ics",
        "managers/Nobody_named.html",
        "teams/华东.xlsx",
        snapshots.file_name(FIRST),
    }
    kept = {f"archive/{name}.parquet" for name in archive.names(assessed)}
    assert contents(job).keys() - {".kam_xl.lock"} == OUTPUTS | more | kept
    assert {one["file"] for one in record(job)["outputs"]} == (OUTPUTS - {"run.json"}) | more | kept


def test_each_team_gets_its_own_workbook_and_one_that_is_gone_loses_it_unless_somebody_keeps_it(
    after_first, monkeypatch
):
    in_short(monkeypatch.setattr, "_write_teams")
    job, own = after_first, after_first.out / "teams"
    shutil.copy(own / "华东.xlsx", own / "华东 备份.xlsx")
    (own / "说明.txt").write_text("mine", "utf-8")
    (job.teams / "华东.xlsx").unlink()
    files.team(job.teams / "华南.xlsx", info=[files.CUSTOMER | {"customer_id": "C002", "name": "丙公司"}])

    nightly.run(job, SECOND)

    assert {path.name for path in own.iterdir()} == {"华南.xlsx", "华东 备份.xlsx", "说明.txt"}


@pytest.mark.parametrize(
    ("broken", "failed", "left"),
    [
        ("kam_xl.reports.team_workbook._written", ("team", "华东"), {"archive"}),
        ("kam_xl.hosts.archives.parquet_files", ("output", "archive"), {"teams"}),
    ],
)
def test_a_team_workbook_or_an_archive_that_cannot_be_made_costs_itself(after_first, monkeypatch, broken, failed, left):
    job = after_first

    def breaks(*_):
        raise ValueError

    in_short(monkeypatch.setattr, "_write_teams", "_keep_all")
    monkeypatch.setattr(broken, breaks)
    code, _ = nightly.run(job, SECOND)

    assert code == 1
    assert [(one["kind"], one["subject"]) for one in record(job)["failures"]] == [failed]
    there = {path.relative_to(job.out).parts[0] for path in job.out.rglob("*") if path.is_file()}
    assert there & {"archive", "teams"} == left


@pytest.mark.usefixtures("nights_in_short")
@pytest.mark.parametrize(("lang", "name"), [("zh-CN", "华东.xlsm"), ("en", "华东.xlsx")])
def test_a_workbook_made_from_our_template_is_read_without_a_word_about_our_own_sheets(job, teams, lang, name):
    shutil.copy(WORKBOOKS / template_name(lang), teams / name)

    code, assessed = nightly.run(job, SECOND)

    found = assessed.portfolio.findings
    renamed = {"contains_our_macros"} if name.endswith("x") else set()
    assert code == 0
    assert set(found["sheet"].dropna()) <= {sheet.name(lang) for sheet in BY_KIND.values()}
    assert set(found["code"]) <= {"evaluation_missing", "evaluation_superseded"} | renamed
    assert all(len(getattr(assessed.portfolio, one.kind)) for one in OPTIONAL)


def test_a_quarantined_workbook_makes_it_1_and_stands_in_the_record_with_its_reason(mixed_night):
    inputs = {one["book"]: (one["outcome"], one["reason"]) for one in record(mixed_night.job)["inputs"]}
    assert mixed_night.code == record(mixed_night.job)["exit_code"] == 1
    assert inputs == {
        "华东.xlsx": ("used", None),
        "华南.xlsx": ("used", None),
        "华北.xlsx": ("quarantined", "empty_file"),
        "一.组/西南.xlsx": ("quarantined", "not_a_workbook"),
        "~$华东.xlsx": ("skipped", "lock_file"),
    }


@pytest.mark.usefixtures("nights_in_short")
def test_a_folder_nobody_may_look_into_makes_it_1_and_stands_in_the_record(job, teams, monkeypatch):
    files.team(teams / "华东.xlsx")
    (teams / "华北").mkdir()
    look = os.scandir

    def scandir(path):  # tests run as root, whom no permission stops
        if str(path).endswith("华北"):
            raise PermissionError
        return look(path)

    monkeypatch.setattr(os, "scandir", scandir)

    code, _ = nightly.run(job, FIRST)
    assert code == 1
    assert ("华北", "quarantined", "unreadable_folder") in {
        (one["book"], one["outcome"], one["reason"]) for one in record(job)["inputs"]
    }

    (teams / "华东.xlsx").unlink()
    with pytest.raises(nightly.NothingUsable) as nothing:  # not "there are no workbooks"
        nightly.run(job, SECOND)
    assert [source.book for source in nothing.value.refused] == ["华北"]


@pytest.mark.usefixtures("nights_in_short")
def test_teams_whose_names_differ_in_a_comma_are_two(job, teams):
    for number, name in enumerate(("甲、乙", "甲·乙", "甲､乙", "甲，乙"), 1):
        files.team(teams / f"{name}.xlsx", info=[customer(number)], evaluation=[evaluation(number)])

    code, assessed = nightly.run(job, FIRST)

    assert (code, len(assessed.customers)) == (0, 4)
    assert assessed.customers["teams"].nunique() == 4


def test_a_quarantined_workbook_stands_in_the_record_with_team_size_and_hash(mixed_night):
    (found,) = [one for one in record(mixed_night.job)["inputs"] if one["book"] == "一.组/西南.xlsx"]
    assert (found["team"], found["size_bytes"]) == ("一.组/西南", 4)
    assert found["sha256"] == hashlib.sha256(b"text").hexdigest()


def test_a_workbook_that_vanished_has_neither_size_nor_hash(tmp_path):
    source = refused(Reading("华东.xlsx", reason="vanished"), tmp_path)

    assert (source.size_bytes, source.sha256) == (0, None)


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_a_folder_that_is_not_there_is_named(job, lang):
    job = dataclasses.replace(job, teams=job.teams / "missing", lang=lang)

    with pytest.raises(KamError, match="missing"):
        nightly.run(job, FIRST)


def test_where_nothing_can_be_used_yesterdays_files_stay_and_every_reason_is_told(after_first):
    job = after_first
    before = contents(job)
    (job.teams / "华东.xlsx").write_text("not a workbook")

    with pytest.raises(nightly.NothingUsable) as caught:
        nightly.run(job, SECOND)

    assert [(source.book, source.reason) for source in caught.value.refused] == [("华东.xlsx", "not_a_workbook")]
    assert contents(job) == before


def test_a_second_run_at_the_same_time_does_nothing(job, teams):
    files.team(teams / "华东.xlsx")

    with outputs.locked(job.out, resources.words("en")), pytest.raises(KamError, match="Another run"):
        nightly.run(job, FIRST)
    assert not contents(job).keys() & OUTPUTS


@pytest.mark.parametrize(
    "broken",
    [
        "kam_xl.nightly.writing.master.write",
        "kam_xl.nightly.writing.summary.render",
        "kam_xl.nightly.recording._record",
    ],
)
def test_when_a_writer_fails_yesterdays_files_stay_as_they_were(after_first, monkeypatch, broken):
    job = after_first
    before = contents(job)
    in_short(monkeypatch.setattr, "_first")
    monkeypatch.setattr(broken, lambda *_: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        nightly.run(job, SECOND)

    assert contents(job) == before
    assert not list(job.out.glob(".staging*"))


# --- what stands in the way -------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("nights_in_short")
def test_a_folder_of_ours_that_is_something_else_is_told_before_anything_is_read(after_first, tmp_path, monkeypatch):
    job, elsewhere = after_first, tmp_path / "elsewhere"
    elsewhere.mkdir()
    before = contents(job)
    in_the_way = {
        "a file": lambda place: place.touch(),
        "a link": lambda place: place.symlink_to(elsewhere),
        "a loop": lambda place: place.symlink_to(place),
    }
    with monkeypatch.context() as patch:
        patch.setattr(isolation, "read_all", lambda *_: pytest.fail("it took an hour to say so"))
        for name in (nightly.PLANS, nightly.CALENDARS, snapshots.FOLDER):
            (job.out / name).rename(tmp_path / "aside")
            rest = contents(job)
            for put in in_the_way.values():
                put(job.out / name)
                for _ in range(3):
                    with pytest.raises(KamError, match=f"{name} (should be a folder|is a link)"):
                        nightly.run(job, SECOND)
                assert {**contents(job), name: b""} == {**rest, name: b""}
                assert not list(elsewhere.iterdir())
                (job.out / name).unlink()
            (tmp_path / "aside").rename(job.out / name)

    assert contents(job) == before
    for name in (nightly.PLANS, nightly.CALENDARS, snapshots.FOLDER):
        shutil.rmtree(job.out / name)
    assert nightly.run(job, SECOND)[0] == 0


def test_a_full_disk_is_a_sentence_and_leaves_yesterdays_files(after_first, monkeypatch):
    job = after_first
    before = contents(job)

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("kam_xl.nightly.writing.master.write", full)

    with pytest.raises(KamError, match="The disk is full"):
        nightly.run(job, SECOND)
    assert contents(job) == before


@pytest.mark.parametrize("is_kept", [False, True])
def test_a_night_sweeps_seldom_and_not_what_was_there_and_leaves_it_as_it_was(job, monkeypatch, is_kept):
    looked = lambda: (gc.get_threshold(), gc.get_freeze_count() > 0)  # noqa: E731
    seen = []
    monkeypatch.setattr(nightly, "memory", memory)  # as it is out of tests
    monkeypatch.setattr(nightly.outputs, "check_places", lambda *_: seen.append(looked()))
    (gc.freeze if is_kept else gc.unfreeze)()
    before = looked()

    with pytest.raises(KamError):
        nightly.run(job, FIRST)  # an empty folder

    assert looked() == before == (before[0], is_kept)
    assert seen[0][0] != before[0]
    assert seen[0][1]
    gc.freeze()  # as tests have it


@pytest.mark.usefixtures("nights_in_short")
def test_a_record_that_cannot_be_written_again_after_the_telling_costs_nothing(job, teams, monkeypatch, caplog):
    files.team(teams / "华东.xlsx")
    monkeypatch.setattr(nightly.notices, "after_run", lambda *_: [Delivery("json://***", "sent")])
    monkeypatch.setattr(nightly, "replacing", lambda _: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))

    assert nightly.run(job, FIRST)[0] == record(job)["exit_code"] == 0
    assert "our bug" not in caplog.text


def test_a_run_that_could_not_read_anything_leaves_no_new_folder(job):
    with pytest.raises(KamError, match="no workbooks"):
        nightly.run(job, FIRST)
    assert not job.out.exists()


# --- rows with blanks -------------------------------------------------------------------------------------------------


def half_filled(kind, row):
    """The row with one cell alone beside its key, and with one cell missing, cell by cell; each about another customer."""
    key = BY_KIND[kind].key
    thin = [{key: row[key], field: cell} for field, cell in row.items()]
    gaps = [{name: cell for name, cell in row.items() if name != field} for field in row if field != key]
    rows = [
        part | ({"action_id": f"我-{place}"} if kind == "tasks" else {}) for place, part in enumerate([*thin, *gaps])
    ]
    who = {"info": "customer_id", "tracking": "customer"}.get(kind, "customer_id")
    return [part | ({who: f"C{place:03}"} if who in part else {}) for place, part in enumerate(rows)]


def test_a_cell_that_is_blank_or_stands_alone_in_any_sheet_is_ordinary(job, teams):
    """Night after night, for what is due on one is overdue on the next; every page there is."""
    files.team(teams / "华东.xlsx", **{kind: [row, *half_filled(kind, row)] for kind, row in files.FILLED.items()})
    files.team(teams / "华北.xlsx", **{kind: half_filled(kind, row) for kind, row in files.FILLED.items() if kind != "info"},
               info=[customer(900)])  # fmt: skip

    for day in (19, 20, 21):
        code, assessed = nightly.run(dataclasses.replace(job, views=tuple(views.VIEWS)), dt.datetime(2026, 11, day, 2))
        assert code == 0
        assert {"C001", "C900"} <= set(assessed.customers["customer_id"])


# --- pages for meetings, account plans, calendars ---------------------------------------------------------------------


@pytest.mark.usefixtures("nights_in_short")
def test_the_pages_asked_for_are_written_beside_the_summary_and_compare_with_the_newest_snapshot_as_old_as_their_own_time(
    after_first,
):
    """A page looks back as many days as its meeting is apart; what is newer does not count, nor what is older than that."""
    job, then = after_first, FIRST + dt.timedelta(days=9)
    first = snapshots.read(job.out / snapshots.file_name(FIRST))
    for days in (1, 7):
        day = FIRST + dt.timedelta(days=days)
        kept = first.assign(**dict.fromkeys(("on", "whole_on"), pd.Timestamp(day.date())))
        snapshots.write(job.out / snapshots.file_name(day), kept)

    nightly.run(dataclasses.replace(job, views=("weekly", "monthly")), then)

    pages = {"weekly.html", "monthly.html"}
    beside = {name for name in contents(job) if name.endswith(".html") and "/" not in name}
    assert beside - {nightly.SUMMARY, nightly.DETAILS, nightly.STANDARDS} == pages
    assert pages <= {one["file"] for one in record(job)["outputs"]}
    weekly, monthly = ((job.out / f"{view}.html").read_text("utf-8") for view in ("weekly", "monthly"))
    assert "Compared with the snapshot of <bdi>2026-11-21</bdi>" in weekly
    assert re.search("<bdi>2026-10-29</bdi>", monthly)
    assert "Compared with" not in monthly


def test_a_strategic_customer_gets_a_plan_and_a_person_a_page_and_a_calendar(job, teams, monkeypatch):
    in_short(monkeypatch.setattr, "_write_folders")
    tracking = [files.TRACKING | {"tracker": "赵敏"}]
    files.team(teams / "华东.xlsx", info=[customer(1)], evaluation=[evaluation(1, 95)], tracking=tracking)

    nightly.run(job, FIRST)

    plans = [name for name in contents(job) if name.startswith(f"{nightly.PLANS}/")]
    calendars = [name for name in contents(job) if name.startswith(f"{nightly.CALENDARS}/")]
    assert plans == ["plans/C001.html"]
    assert calendars == ["calendars/actions-赵敏.ics"]
    managers = [name for name in contents(job) if name.startswith(f"{nightly.MANAGERS}/")]
    assert managers == ["managers/赵敏.html"]
    assert {*plans, *managers, *calendars} <= {one["file"] for one in record(job)["outputs"]}


def test_plans_and_pages_of_an_earlier_night_do_not_linger_and_what_people_put_there_stays(after_first, monkeypatch):
    in_short(monkeypatch.setattr, "_write_folders")
    job = after_first
    (job.out / nightly.PLANS / "notes.docx").write_text("ours")
    (job.out / nightly.MANAGERS / "notes.docx").write_text("ours")
    own = files.TRACKING | {"customer": "C002", "tracker": "赵敏"}
    files.team(job.teams / "华东.xlsx", info=[customer(2)], evaluation=[evaluation(2, 95)], tracking=[own])

    nightly.run(job, SECOND)

    assert {name for name in contents(job) if name.startswith("plans/")} == {"plans/C002.html", "plans/notes.docx"}
    assert {name for name in contents(job) if name.startswith("managers/")} == {
        "managers/赵敏.html",
        "managers/notes.docx",
    }


def test_they_do_not_linger_where_the_record_is_gone_and_a_copy_of_one_is_nobodys(after_first, monkeypatch):
    in_short(monkeypatch.setattr, "_write_folders")
    job = after_first
    (job.out / nightly.RECORD).write_text("{", "utf-8")
    shutil.copy(job.out / "plans/C001.html", job.out / "plans/C001 for the meeting.html")
    files.team(
        job.teams / "华东.xlsx",
        info=[customer(2)],
        evaluation=[evaluation(2, 95)],
        tracking=[files.TRACKING | {"tracker": "赵敏"}],
    )

    nightly.run(job, SECOND)

    assert {name for name in contents(job) if name.startswith(("plans/", "calendars/"))} == {
        "plans/C002.html", "plans/C001 for the meeting.html", "calendars/actions-Nobody_named.ics"
    }  # fmt: skip


def test_a_damaged_record_takes_nothing_away(after_first):
    """What is left from the night before is known by the marks in the files, whatever the record says."""
    job, before = after_first, contents(after_first)
    outdated = writing.outdated(job.out)
    damaged = ["", "[]", '{"outputs": [{"file": "../teams/华东.xlsx"}, {"file": "plans/../run.json"}]}']
    for text in damaged:
        (job.out / nightly.RECORD).write_text(text, "utf-8")
        assert writing.outdated(job.out) == outdated

    nightly.run(job, SECOND)

    assert before.keys() <= contents(job).keys()
    assert (job.teams / "华东.xlsx").exists()


def test_the_teams_folder_is_named_as_seen_from_the_outputs(tmp_path):
    assert nightly._from(tmp_path / "out", tmp_path / "teams") == "../teams"


# --- the record -------------------------------------------------------------------------------------------------------


def test_the_record_holds_hashes_counts_and_timings(mixed_night):
    job, found = mixed_night.job, record(mixed_night.job)

    assert found["started"] == "2026-11-20T02:00:00"
    used = {one["book"]: one["sha256"] for one in found["inputs"] if one["outcome"] == "used"}
    assert used == {
        name: hashlib.sha256((job.teams / name).read_bytes()).hexdigest() for name in ("华东.xlsx", "华南.xlsx")
    }
    assert {one["file"]: one["sha256"] for one in found["outputs"]} == {
        name: hashlib.sha256(data).hexdigest()
        for name, data in contents(job).items()
        if name not in (nightly.RECORD, ".kam_xl.lock")
    }
    assert found["counts"]["customers"] == 2
    assert found["counts"]["books"] == {"used": 2, "quarantined": 2, "skipped": 1}
    assert found["counts"]["findings"]["amount_unparsed"] == 1
    kept = pd.read_parquet(job.out / nightly.ARCHIVE / "findings.parquet")
    assert kept.loc[kept["code"] == "amount_unparsed", ["book", "cell"]].to_numpy().tolist() == [["华南.xlsx", "I3"]]
    assert found["seconds"].keys() == {"read", "consolidate", "assess", "explain", "write"}
    assert found["compared_with"] is None


def test_neither_the_record_nor_the_log_holds_names_or_phones_and_the_history_no_personal_data(job, teams, caplog):
    secret = {"name": "张三丰科技", "contact": "王小明（经理）", "phone": "13800001234", "remarks": "拖欠"}
    row = customer(1, **secret, amount="十三万八", since="去年")
    files.team(teams / "华东.xlsx", info=[row, row | {"phone": "1.38E+10"}], evaluation=[evaluation(1, value="张三丰")],
               tracking=[{**files.TRACKING, "customer": "张三丰科技", "status": "王小明"}])  # fmt: skip

    with caplog.at_level(logging.DEBUG, "kam_xl"):
        nightly.run(job, FIRST)

    told = logged(caplog.records) + (job.out / nightly.RECORD).read_text("utf-8")
    history = pd.read_parquet(job.out / snapshots.file_name(FIRST)).to_csv()
    assert [text for text in ("张三丰", "王小明", "13800001234", "1.38E+10", "拖欠") if text in told] == []
    assert [text for text in ("王小明", "13800001234", "1.38E+10", "拖欠") if text in history] == []


def test_the_log_tells_every_step_and_every_workbook(mixed_night):
    assert [record.step for record in mixed_night.log if hasattr(record, "step")] == [
        "read",
        "consolidate",
        "assess",
        "explain",
        "write",
    ]
    books = {record.book: (record.levelname, record.message) for record in mixed_night.log if hasattr(record, "book")}
    assert books == {
        **dict.fromkeys(("华东.xlsx", "华南.xlsx"), ("INFO", "book read")),
        **dict.fromkeys(("华北.xlsx", "一.组/西南.xlsx"), ("WARNING", "book not used")),
    }


def test_a_bug_of_ours_is_logged_as_an_error_with_its_place(caplog):
    gathering._log(Reading("华东.xlsx", reason="bug", detail="KeyError", trace='File "x.py", line 3\nKeyError'))

    (entry,) = caplog.records
    assert (entry.levelname, entry.book) == ("ERROR", "华东.xlsx")
    assert 'File "x.py", line 3' in entry.message


def test_progress_is_told_step_by_step_and_workbook_by_workbook(mixed_night):
    told = mixed_night.told

    assert list(dict.fromkeys(step for step, _, _ in told)) == ["read", "consolidate", "assess", "explain", "write"]
    read = [(parts, part) for step, parts, part in told if step == "read" and parts]
    assert read[0] == (4, "")
    assert sorted(read[1:]) == sorted((4, name) for name in ("一.组/西南.xlsx", "华东.xlsx", "华北.xlsx", "华南.xlsx"))
    assert all(step in resources.words("en") for step in (f"job.step.{step}" for step, _, _ in told))


# --- night after night ------------------------------------------------------------------------------------------------


def changes(assessed):
    return {(row.customer_id, row.change) for row in assessed.changes.itertuples()}


@pytest.mark.usefixtures("nights_in_short")
def test_the_second_night_says_what_is_new_gone_and_moved_since_the_first(job, teams):
    marks = {1: 75, 2: 75, 3: 75, 4: 75}
    files.team(
        teams / "华东.xlsx", info=[customer(n) for n in marks], evaluation=[evaluation(n, m) for n, m in marks.items()]
    )
    _, first = nightly.run(job, FIRST)
    marks = {1: 95, 2: 40, 3: 75, 5: 75}
    files.team(
        teams / "华东.xlsx", info=[customer(n) for n in marks], evaluation=[evaluation(n, m) for n, m in marks.items()]
    )

    _, second = nightly.run(job, SECOND)

    assert changes(first) == set()
    moved = {pair for pair in changes(second) if not pair[1].startswith("risk")}
    assert moved == {("C001", "tier_up"), ("C002", "tier_down"), ("C004", "gone"), ("C005", "new")}
    assert record(job)["compared_with"] == "2026-11-20"
    assert len(list((job.out / snapshots.FOLDER).iterdir())) == 2


@pytest.mark.usefixtures("nights_in_short")
def test_the_same_night_twice_comes_to_the_same_and_compares_with_the_night_before(after_first):
    job = after_first
    files.team(job.teams / "华东.xlsx", info=[customer(1)], evaluation=[evaluation(1, 75)])

    _, once = nightly.run(job, SECOND)
    _, twice = nightly.run(job, SECOND + dt.timedelta(hours=1))

    pd.testing.assert_frame_equal(once.customers, twice.customers)
    assert changes(once) == changes(twice)
    assert ("C001", "tier_down") in changes(twice)


@pytest.mark.usefixtures("nights_in_short")
def test_a_damaged_snapshot_and_one_of_an_older_version_cost_the_comparison_only(after_first):
    job = after_first
    path = job.out / snapshots.file_name(FIRST)
    pd.read_parquet(path).drop(columns="level").to_parquet(path)
    assert snapshots.Snapshots(job.out, SECOND.date()).last() is None
    path.write_bytes(b"PAR1")

    code, _ = nightly.run(job, SECOND)

    assert (code, record(job)["compared_with"]) == (0, None)


@pytest.mark.usefixtures("nights_in_short")
def test_under_what_names_and_in_which_order_workbooks_come_does_not_matter(job, teams):
    books = [
        {"saved": dt.datetime(2026, 1, day), "info": [customer(1, amount=day, industry=f"行业{day}"), customer(day)],
         "evaluation": [evaluation(1, 60 + day, evaluated_on=dt.date(2026, 2, day))]}
        for day in (2, 3, 4)
    ]  # fmt: skip
    for name, book in zip("abc", books, strict=True):
        files.team(teams / f"{name}.xlsx", **book)
    _, once = nightly.run(job, FIRST)
    shutil.rmtree(teams)
    for name, book in zip("zyx", books, strict=True):
        files.team(teams / f"{name}.xlsx", **book)

    _, again = nightly.run(job, FIRST)

    named = ["teams", "book", "team"]
    pd.testing.assert_frame_equal(
        once.customers.drop(columns=named, errors="ignore"), again.customers.drop(columns=named, errors="ignore")
    )
    assert once.customers.loc[0, ["amount", "industry", "score"]].tolist() == [9, "行业4", 64]


@pytest.mark.usefixtures("nights_in_short")
@pytest.mark.parametrize("inside", [False, True])
def test_our_own_master_among_the_workbooks_changes_nothing(after_first, first_night, inside):
    job = after_first
    if inside:
        job = dataclasses.replace(job, out=shutil.move(job.out, job.teams / "out"))
    else:
        shutil.copy(job.out / nightly.MASTER, job.teams / "最新主表.xlsx")

    code, again = nightly.run(job, FIRST)

    assert code == 0
    pd.testing.assert_frame_equal(first_night.found.customers, again.customers)
    sources = again.portfolio.sources
    ours = sources[sources["reason"] == "own_output"]
    assert set(ours["outcome"]) == {"skipped"}
    workbooks = {name for name in ours["book"] if not name.endswith(".parquet")}
    assert workbooks == ({"out/KAM_Master.xlsx", "out/teams/华东.xlsx"} if inside else {"最新主表.xlsx"})


# --- who is told ------------------------------------------------------------------------------------------------------


def outcomes(job):
    return [(one["channel"], one["outcome"], one["reason"]) for one in record(job)["notified"]]


def test_a_night_is_told_by_mail_and_chat_masked_and_never_twice_and_that_is_kept_without_a_name(
    job, teams, monkeypatch
):
    in_short(monkeypatch.setattr, "_first")
    files.team(teams / "华东.xlsx", **at_risk(1))
    with mail_server() as box, web_server() as web:
        job = dataclasses.replace(job, settings=Settings((box.address(), web.address)))
        nightly.run(job, FIRST)
        told = outcomes(job)
        for night in (FIRST + dt.timedelta(hours=1), SECOND):
            nightly.run(job, night)

        (mail,), (chat,) = box.mails, web.got
        quiet = outcomes(job)
        files.team(teams / "华东.xlsx", **at_risk(1, 2))
        nightly.run(job, SECOND + dt.timedelta(hours=1))

        assert told == [("mailto://***", "sent", None), ("json://***", "sent", None)]
        assert quiet == [("mailto://***", "quiet", None), ("json://***", "quiet", None)]
        assert mail["Subject"].startswith("KAM XL: 1 strategic customer at high risk")
        html = mail.get_body(["html"]).get_content()
        (page,) = mail.iter_attachments()
        assert page.get_filename() == nightly.SUMMARY
        for shown in (html, chat["message"], page.get_payload(decode=True).decode()):
            assert "客户1公司" in shown
            assert "13800001234" not in shown
        assert "王小明" not in html + chat["message"]
        assert "C002" in web.got[1]["message"]
        assert "C001" not in web.got[1]["message"]
        assert len(box.mails) == len(web.got) == 2
        kept = (job.out / "history" / "told.json").read_text("utf-8")
        assert len(json.loads(kept)) == 2  # channels
        secret = ("客户1公司", "王小明", "13800001234", web.address, box.address())
        assert [text for text in secret if text in kept] == []


def test_a_channel_that_fails_costs_nothing_and_hears_it_the_next_night(job, teams, caplog, monkeypatch):
    in_short(monkeypatch.setattr, "_first")
    monkeypatch.setenv("KAM_SECRET", "topsecret")
    monkeypatch.delenv("KAM_MISSING", raising=False)
    files.team(teams / "华东.xlsx", **at_risk(1))
    with web_server() as web, caplog.at_level(logging.DEBUG):
        web.status = 500
        secret = web.address.replace("json://", "json://kam:{env:KAM_SECRET}@")
        nobody = f"mailto://kam:{{env:KAM_SECRET}}@{HOST}:{free_port()}?from=kam@example.com"
        job = dataclasses.replace(job, settings=Settings((secret, nobody, "wecombot://{env:KAM_MISSING}")))
        code, _ = nightly.run(job, FIRST)
        first = outcomes(job)
        web.status = 200
        nightly.run(job, SECOND)

    assert code == record(job)["exit_code"] == 0
    assert first == [
        ("json://***", "failed", "refused"),
        ("mailto://***", "failed", "unreachable"),
        ("wecombot://***", "failed", "no_variable"),
    ]
    assert record(job)["notified"][2]["detail"] == "KAM_MISSING"
    assert outcomes(job)[0] == ("json://***", "sent", None)
    assert "C001" in web.got[1]["message"]
    texts = [str(vars(entry)) for entry in caplog.records]
    texts += [path.read_text("utf-8", "replace") for path in job.out.rglob("*") if path.suffix in (".json", ".html")]
    assert [text for text in texts if "topsecret" in text] == []
    log = "".join(str(vars(entry)) for entry in caplog.records if entry.name == "kam_xl")
    assert [text for text in ("客户1公司", "王小明", "13800001234") if text in log] == []
    assert next(entry.reason for entry in caplog.records if hasattr(entry, "channel")) == "refused"


@pytest.mark.usefixtures("nights_in_short")
def test_a_bug_in_telling_changes_nothing_but_the_log(job, teams, monkeypatch, caplog):
    files.team(teams / "华东.xlsx")
    monkeypatch.setattr(nightly.notices, "after_run", lambda *_: 1 / 0)

    code, _ = nightly.run(job, FIRST)

    assert (code, record(job)["notified"]) == (0, [])
    assert "nobody told, our bug" in caplog.text


def test_without_channels_nobody_is_told_and_nothing_is_kept(first_night):
    job = first_night.job

    assert record(job)["notified"] == []
    assert not (job.out / "history" / "told.json").exists()
