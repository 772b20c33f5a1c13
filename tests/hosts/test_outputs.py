"""The output folder: one run at a time, all new files or none."""

import contextlib
import errno
import multiprocessing
import os
import re
from pathlib import Path

import pytest
import xlsxwriter

from kam_xl import resources
from kam_xl.core.errors import KamError
from kam_xl.hosts import outputs
from kam_xl.reports import origin

WORDS = resources.words("en")
OLD = {"KAM_Master.xlsx": "old", "history/1.parquet": "old", "run.json": "old"}
NEW = {"KAM_Master.xlsx": "new", "history/2.parquet": "new", "risk_summary.html": "new", "run.json": "new"}


def write(folder, contents):
    for name, text in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def out(tmp_path):
    write(tmp_path / "out", OLD)
    return tmp_path / "out"


@pytest.fixture
def staged(tmp_path):
    write(tmp_path / "staged", NEW)
    return tmp_path / "staged"


# --- one at a time ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("lang", "part"), [("zh-CN", "另一次运行正在使用"), ("en", "Another run is using")])
def test_a_second_run_is_told_that_another_one_works_there(out, lang, part):
    with outputs.locked(out, WORDS), pytest.raises(KamError, match=part), outputs.locked(out, resources.words(lang)):
        pass


def test_the_folder_is_free_again_after_a_run_also_after_a_failed_one(out):
    with pytest.raises(ZeroDivisionError), outputs.locked(out, WORDS):
        raise ZeroDivisionError
    with outputs.locked(out, WORDS):
        pass


def _hold_and_die(folder):
    outputs.locked(Path(folder), WORDS).__enter__()
    os._exit(1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows cannot fork")
def test_a_run_that_was_killed_leaves_the_folder_free(out):
    process = multiprocessing.get_context("fork").Process(target=_hold_and_die, args=(out,))
    process.start()
    process.join()

    with outputs.locked(out, WORDS):
        pass


def test_the_folder_is_made_where_there_is_none(tmp_path):
    with outputs.locked(tmp_path / "a" / "b", WORDS):
        assert (tmp_path / "a" / "b").is_dir()


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(KamError, match="cannot be written to"), outputs.locked(tmp_path / "file", WORDS):
        pass


def test_a_folder_made_for_a_run_that_left_nothing_is_gone_and_one_that_was_there_stays(tmp_path, out):
    for folder in (tmp_path / "new" / "deep", out):
        with pytest.raises(ZeroDivisionError), outputs.locked(folder, WORDS):
            raise ZeroDivisionError
    assert not (tmp_path / "new").exists()
    left = contents(out)
    assert left.pop(".kam_xl.lock", "") == ""  # whose lock is released leaves its file, but not on Windows
    assert left == OLD

    with outputs.locked(tmp_path / "new" / "deep", WORDS):
        (tmp_path / "new" / "deep" / "run.json").touch()
    assert (tmp_path / "new" / "deep" / "run.json").exists()


# --- what the system refuses ------------------------------------------------------------------------------------------


FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
@pytest.mark.parametrize(
    ("error", "key"),
    [
        (FULL, "disk_full"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "disk_full"),
        (PermissionError(errno.EACCES, "x"), "cannot_write"),
        (PermissionError(errno.EROFS, "x"), "cannot_write"),
    ],
)
def test_what_the_system_refuses_is_one_sentence(out, lang, error, key):
    words = resources.words(lang)

    with pytest.raises(KamError) as caught, outputs.writing(out, words):
        raise error

    assert str(caught.value) == words(f"job.{key}", folder=out)


def test_a_disk_that_is_full_in_the_middle_of_publishing_leaves_the_old_files_and_no_traces(out, staged, replacing):
    replacing([2], raising(FULL))

    with pytest.raises(KamError, match="The disk is full"):
        outputs.publish(staged, out, WORDS)

    assert contents(out) == OLD
    assert not list(out.glob(".*"))


def test_a_disk_too_full_to_keep_the_old_files_is_left_as_it_was(out, staged, monkeypatch):
    monkeypatch.setattr(Path, "hardlink_to", lambda *_: raising(FULL)())
    monkeypatch.setattr(outputs.shutil, "copy2", lambda *_: raising(FULL)())

    with pytest.raises(KamError, match="The disk is full"):
        outputs.publish(staged, out, WORDS)

    assert contents(out) == OLD
    assert not list(out.glob(".*"))


# --- what stands in the way -------------------------------------------------------------------------------------------


@pytest.fixture(params=["a link", "a broken link", "a loop", "a file", "a folder for a file"])
def in_the_way(request, out, tmp_path):
    """Something that is not what we would write, and the sentence on it."""
    (tmp_path / "elsewhere").mkdir()
    plans = out / "plans"
    if request.param == "a link":
        plans.symlink_to(tmp_path / "elsewhere")
    elif request.param == "a broken link":
        plans.symlink_to(tmp_path / "nowhere")
    elif request.param == "a loop":
        plans.symlink_to(plans)
    elif request.param == "a file":
        plans.write_text("mine")
    else:
        (plans / "C001.html").mkdir(parents=True)
    return {"a file": "should be a folder", "a folder for a file": "should be a file"}.get(
        request.param, "is a link to elsewhere"
    )


def test_it_is_named_and_nothing_is_written_and_nothing_blocks_the_next_night(out, staged, tmp_path, in_the_way):
    write(staged, {"plans/C001.html": "new"})

    for _ in range(2):
        with pytest.raises(KamError, match=f"plans.* {in_the_way}"), outputs.locked(out, WORDS):
            outputs.publish(staged, out, WORDS)

    assert {name: text for name, text in contents(out).items() if name in OLD} == OLD
    assert not list(out.glob(".previous-*"))
    assert not list((tmp_path / "elsewhere").iterdir())


def test_the_output_folder_itself_may_be_a_link(out, staged, tmp_path):
    (tmp_path / "link").symlink_to(out)

    outputs.publish(staged, tmp_path / "link", WORDS)

    assert contents(out) == {**OLD, **NEW}


def test_what_an_older_version_left_half_done_where_a_folder_could_not_be_made_is_undone(out):
    write(out / ".previous-killed", {"under_way": "", "new/plans/C001.html": "", "old/run.json": "old"})
    (out / "plans").write_text("a file")

    with outputs.locked(out, WORDS):
        assert not list(out.glob(".previous-*"))


# --- staging ----------------------------------------------------------------------------------------------------------


def test_the_place_for_new_files_is_gone_afterwards_whatever_happened(out):
    with contextlib.suppress(ZeroDivisionError), outputs.staging(out) as folder:
        write(folder, NEW)
        raise ZeroDivisionError

    assert contents(out) == OLD
    assert not folder.exists()


def test_what_a_killed_run_left_behind_is_cleared(out):
    write(out / ".staging-crashed", NEW)

    with outputs.staging(out) as folder:
        assert [path.name for path in out.glob(".staging-*")] == [folder.name]


# --- publishing -------------------------------------------------------------------------------------------------------


def test_all_new_files_take_their_places_and_others_stay(out, staged):
    outputs.publish(staged, out, WORDS)

    assert contents(out) == {**OLD, **NEW}
    assert contents(staged) == {}
    assert not list(out.glob(".*"))


def test_the_record_comes_last_so_that_a_mixed_folder_can_be_told(out, staged, monkeypatch):
    order, really = [], os.replace
    monkeypatch.setattr(os, "replace", lambda source, target: [order.append(Path(target).name), really(source, target)])

    outputs.publish(staged, out, WORDS, [Path("history/1.parquet")], Path("history/2.parquet"))

    assert order == ["KAM_Master.xlsx", "risk_summary.html", "run.json", "2.parquet"]
    assert contents(out) == NEW


def test_outdated_files_go_with_the_publication_unless_they_were_written_again_or_are_not_there(out, staged):
    outdated = [Path(name) for name in ("history/1.parquet", "KAM_Master.xlsx", "plans/C001.html")]

    outputs.publish(staged, out, WORDS, outdated)

    assert contents(out) == NEW
    assert not list(out.glob(".*"))


def test_an_outdated_file_that_cannot_go_leaves_all_old_files(out, staged, monkeypatch):
    really = Path.unlink
    monkeypatch.setattr(
        Path, "unlink", lambda path, **kwargs: HELD() if path == out / "history/1.parquet" else really(path, **kwargs)
    )

    with pytest.raises(KamError, match="cannot be replaced"):
        outputs.publish(staged, out, WORDS, [Path("history/1.parquet")])

    assert contents(out) == OLD


def test_an_outdated_file_comes_back_where_a_later_step_fails(out, staged, monkeypatch):
    write(out, {"plans/C001.html": "old", "plans/C002.html": "old"})
    before, really = contents(out), Path.unlink
    monkeypatch.setattr(
        Path, "unlink", lambda path, **kwargs: HELD() if path == out / "plans/C002.html" else really(path, **kwargs)
    )

    with pytest.raises(KamError, match="cannot be replaced"):
        outputs.publish(staged, out, WORDS, [Path("plans/C001.html"), Path("plans/C002.html")])

    assert contents(out) == before


@pytest.fixture
def replacing(monkeypatch):
    """Numbers of replacements → each of them does what is given instead."""

    def failing(numbers, instead):
        count, really = iter(range(100)), os.replace

        def replace(source, target):
            if next(count) in numbers:
                instead()
            really(source, target)

        monkeypatch.setattr(os, "replace", replace)

    return failing


def raising(error):
    def instead():
        raise error

    return instead


HELD = raising(PermissionError(errno.EACCES, "Excel holds it"))
REPLACEMENTS = range(len(NEW))


@pytest.fixture(params=["links", "copies"])
def links(request, monkeypatch):
    """Old files are kept by links, and by copies where the file system has none."""
    if request.param == "copies":
        monkeypatch.setattr(Path, "hardlink_to", lambda *_: HELD())


@pytest.mark.usefixtures("links")
@pytest.mark.parametrize("number", REPLACEMENTS)
def test_if_one_file_cannot_be_replaced_all_old_ones_stay_and_the_sentence_names_it(out, staged, replacing, number):
    replacing([number], HELD)

    with pytest.raises(KamError, match=re.escape(f"{Path(list(NEW)[number])} cannot be replaced")):
        outputs.publish(staged, out, WORDS)
    assert contents(out) == OLD
    assert not list(out.glob(".*"))


@pytest.mark.parametrize("name", ["KAM_Master.xlsx", "history/1.parquet"])
def test_of_old_files_nothing_is_kept_while_one_of_them_is_held(out, staged, monkeypatch, name):
    """Windows would not let go of the second name under which it is kept: it would stay in the folder for all to see."""
    held, kept = out / name, []
    monkeypatch.setattr(Path, "rename", lambda path, target: HELD() if path == target == held else path)
    monkeypatch.setattr(outputs, "_keep", lambda *_: kept.append(1))

    with pytest.raises(KamError, match=re.escape(f"{Path(name)} cannot be replaced")):
        outputs.publish(staged, out, WORDS, [Path("history/1.parquet")])

    assert (contents(out), kept) == (OLD, [])


@pytest.mark.parametrize("number", REPLACEMENTS)
def test_ctrl_c_in_the_middle_leaves_all_old_files(out, staged, replacing, number):
    replacing([number], raising(KeyboardInterrupt()))

    with pytest.raises(KeyboardInterrupt):
        outputs.publish(staged, out, WORDS)
    assert contents(out) == OLD


def test_a_file_that_was_never_replaced_needs_no_putting_back(out, staged, replacing):
    """Excel holds it: putting it back would fail as replacing it did."""
    replacing(range(100), HELD)

    with pytest.raises(KamError, match=r"KAM_Master.xlsx cannot be replaced"):
        outputs.publish(staged, out, WORDS)
    assert contents(out) == OLD
    assert not list(out.glob(".*"))


@pytest.mark.parametrize(
    ("lang", "part"), [("zh-CN", "KAM_Master.xlsx 未能恢复"), ("en", "KAM_Master.xlsx could not be put back")]
)
def test_what_cannot_be_put_back_is_kept_and_put_back_by_the_next_run(out, staged, monkeypatch, replacing, lang, part):
    replacing(range(1, 100), HELD)
    with pytest.raises(KamError, match=part):
        outputs.publish(staged, out, resources.words(lang))
    with pytest.raises(KamError, match=part), outputs.locked(out, resources.words(lang)):
        pytest.fail("the files of two nights must not be used")
    monkeypatch.undo()  # Excel is closed

    with outputs.locked(out, WORDS):
        assert contents(out) == {**OLD, ".kam_xl.lock": ""}


def _publish_and_die(staged, out):
    outputs.publish(staged, out, WORDS)
    os._exit(1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows cannot fork")
@pytest.mark.usefixtures("links")
@pytest.mark.parametrize("number", REPLACEMENTS)
def test_a_kill_in_the_middle_takes_no_file_away_and_is_undone_by_the_next_run(out, staged, replacing, number):
    replacing([number], lambda: os._exit(1))
    process = multiprocessing.get_context("fork").Process(target=_publish_and_die, args=(staged, out))
    process.start()
    process.join()

    assert contents(out).keys() >= OLD.keys()
    with outputs.locked(out, WORDS), outputs.staging(out) as folder:
        assert contents(out) == {**OLD, ".kam_xl.lock": ""}
        assert {path.name for path in out.iterdir() if path.is_dir()} == {"history", folder.name}


def test_of_a_run_killed_before_or_after_the_replacements_nothing_is_put_back(out):
    """What was kept is not whole then."""
    write(out / ".previous-killed" / "old", {"KAM_Master.xlsx": "half a file"})

    with outputs.locked(out, WORDS):
        assert contents(out) == {**OLD, ".kam_xl.lock": ""}


# --- what earlier runs left -------------------------------------------------------------------------------------------


def test_a_file_is_ours_under_the_name_we_gave_it(tmp_path):
    ours, copy, other = (tmp_path / name for name in ("C001.html", "C001 - copy.html", "notes.html"))
    ours.write_text(f"<html>{origin.mark('C001.html')}")
    copy.write_bytes(ours.read_bytes())
    other.write_text("<html>")
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")

    assert outputs.marked(tmp_path) == [ours]
    assert outputs.marked(tmp_path / "missing") == outputs.marked(other) == []


def test_a_workbook_is_ours_by_its_own_properties(tmp_path):
    for name, mark in (("华东.xlsx", "华东.xlsx"), ("华东 - copy.xlsx", "华东.xlsx"), ("theirs.xlsx", None)):
        with xlsxwriter.Workbook(tmp_path / name) as book:
            book.add_worksheet()
            if mark:
                book.set_custom_property("kam_xl_file", origin.mark(mark))
    (tmp_path / "damaged.xlsx").write_bytes(b"PK\x03\x04" + b"x" * 100)

    assert [path.name for path in outputs.marked(tmp_path)] == ["华东.xlsx"]


def test_a_mark_holds_no_figure():
    assert not any(letter.isdigit() for n in range(1000) for letter in origin.mark(f"{n}.ics"))


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"5", b"\xff\xfe", b'{"a":' * 100_000, b"[" * 1_000_000]
)
def test_a_record_that_is_damaged_or_of_another_kind_says_nothing(tmp_path, content):
    (tmp_path / "run.json").write_bytes(content)

    assert outputs.recorded(tmp_path / "run.json") == {}
    assert outputs.recorded(tmp_path / "missing.json") == outputs.recorded(tmp_path) == {}
