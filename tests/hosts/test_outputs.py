"""Files that appear whole or not at all; the output folder: one run at a time, all new files or none."""

import contextlib
import errno
import multiprocessing
import os
from pathlib import Path

import pytest

from kam_xl.core.errors import KamError
from kam_xl.hosts import outputs, resources

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


# --- one file in the place of another ---------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [None, "old"])
def test_a_file_takes_the_place_of_the_old_one(tmp_path, before):
    path = tmp_path / "华东.xlsm"
    if before:
        path.write_text(before)

    with outputs.replacing(path) as new:
        new.write_text("new")
        assert new.name.startswith(".")  # the nightly job passes over it
        assert before is None or path.read_text() == before

    assert contents(tmp_path) == {"华东.xlsm": "new"}


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_where_it_fails_the_old_one_stays_alone(tmp_path, error):
    path = tmp_path / "a.xlsm"
    path.write_text("old")

    def half(new):
        new.write_text("half")
        raise error

    with pytest.raises(error), outputs.replacing(path) as new:
        half(new)

    assert contents(tmp_path) == {"a.xlsm": "old"}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask")
def test_its_permissions_are_those_of_any_new_file(tmp_path):
    (tmp_path / "usual").touch()

    with outputs.replacing(tmp_path / "a") as new:
        new.write_text("new")

    assert (tmp_path / "a").stat().st_mode == (tmp_path / "usual").stat().st_mode


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

    with pytest.raises(KamError, match=f"{list(NEW)[number]} cannot be replaced"):
        outputs.publish(staged, out, WORDS)
    assert contents(out) == OLD
    assert not list(out.glob(".*"))


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
