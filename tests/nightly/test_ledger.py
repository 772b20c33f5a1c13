"""Nights looked back at: each is made again byte for byte, and not one byte of what is kept may be another."""

import contextlib
import dataclasses
import datetime as dt
import hashlib
import json
import os
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kam_xl import nightly, resources
from kam_xl.core import chain
from kam_xl.core.errors import KamError
from kam_xl.core.leaving_out import Whom
from kam_xl.hosts import arrow_books, arrow_frames, isolation, store
from kam_xl.hosts.store import Store
from kam_xl.nightly import again, forgetting, verifying
from tests import files

pytestmark = pytest.mark.slow

FIRST = dt.datetime(2026, 11, 1, 2)
#: How many nights there are; twenty were by hand, and twenty of the demo.
NIGHTS = int(os.environ.get("KAM_XL_NIGHTS", "5"))
#: Nights unlike the others: without a workbook, in English, with pages, under another policy, beside a store and a history
#: that are damaged.
MISSING, ENGLISH, WITH_PAGES, OTHER_POLICY, DAMAGED = 1, 1, 1, 2, 3
WORDS = resources.words("zh-CN")
#: Whom other customers' rows name too, in other forms; another's name has theirs in it.
THEM = {
    **files.FILLED["info"], "customer_id": "C002", "name": "乙科技", "contact": "赵总", "phone": "13911112222", "amount": 77
}  # fmt: skip
LONGER = {**files.CUSTOMER, "customer_id": "C0021", "name": "新乙科技园"}
NAMING = {**files.FILLED["info"], "remarks": "同 c002 一起投标；Ｃ００２、乙 科技推荐；不是新乙科技园，也不是C0021"}


def rows_of(night: int) -> dict[str, list]:
    """What the first team keeps on a night: something moves every time."""
    filled = {kind: [row] for kind, row in files.FILLED.items() if kind not in ("info", "evaluation")}
    tracking = [{**files.TRACKING, "customer": "C002/乙科技"}, {**files.TRACKING, "customer": "乙科技"}]
    return filled | {
        "info": [{**NAMING, "amount": 500 + night}, THEM, LONGER],
        "evaluation": [
            {**files.FILLED["evaluation"], "value": 90 + night % 9},
            {**files.FILLED["evaluation"], "customer_id": "C002"},
        ],
        "tracking": [*filled["tracking"], *tracking],
    }


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output folder of some nights; the teams' folder is gone."""
    work = tmp_path_factory.mktemp("story")
    teams, out, policy = work / "teams", work / "out", work / "policy.toml"
    policy.write_text(resources.policy_text().replace("hysteresis = 0", "hysteresis = 3"), "utf-8")
    files.team(teams / "华北.xlsx", info=[{**files.CUSTOMER, "customer_id": "C003", "name": "丙公司"}])
    (teams / "坏.xlsx").write_bytes(b"PK\x03\x04" + b"x" * 100)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(isolation, "read_one", isolation._answer)
        for night in range(NIGHTS):
            files.team(teams / "华东.xlsx", **rows_of(night))
            job = nightly.Job(
                teams, out, workers=1, policy_file=policy if night == OTHER_POLICY else None,
                lang="en" if night == ENGLISH else "zh-CN", views=("weekly", "monthly") if night == WITH_PAGES else (),
            )  # fmt: skip
            with aside(teams / "华北.xlsx", night == MISSING), harmed(out, night == DAMAGED):
                nightly.run(job, FIRST + dt.timedelta(days=night, seconds=night % 3, microseconds=night))
    shutil.rmtree(teams)
    return out


@contextlib.contextmanager
def aside(path: Path, now: bool) -> Iterator[None]:
    """A workbook that is not there for a night."""
    if not now:
        yield
        return
    path.rename(path.parents[1] / path.name)
    yield
    (path.parents[1] / path.name).rename(path)


@contextlib.contextmanager
def harmed(out: Path, now: bool) -> Iterator[None]:
    """A snapshot that a night cannot use and is put right later, and an entry that it reads anew."""
    if not now:
        yield
        return
    snapshot = max((out / "history").glob("*.parquet"))
    whole, last = snapshot.read_bytes(), Store(out).last()
    assert last is not None
    snapshot.write_bytes(b"no snapshot")
    (out / "store" / "books" / str(last[0].by_path["华北.xlsx"].entry)).write_bytes(b"no entry")
    yield
    snapshot.write_bytes(whole)


@pytest.fixture
def out(story: Path, tmp_path: Path) -> Path:
    """A copy that may be harmed."""
    return Path(shutil.copytree(story, tmp_path / "out"))


def broken(out: Path) -> list[tuple[str, str]]:
    return [(one.file, one.what) for one in verifying.verify(out).broken]


# --- again --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("night", range(NIGHTS))
def test_every_night_is_made_again_byte_for_byte(story: Path, tmp_path: Path, night: int) -> None:
    found = again.chosen(story, f"{FIRST + dt.timedelta(days=night):%Y-%m-%d}", WORDS)

    assert again.again(found, story, tmp_path / "again", WORDS) == []

    assert (found.changed, found.lacking) == ({}, ())
    assert {"KAM_Master.xlsx", "risk_summary.html", "details.html", "teams/", "plans/"} <= found.night.outputs.keys()
    assert ("weekly.html" in found.night.outputs) == (night == WITH_PAGES)
    assert bool(found.asked.passed_over) == (night == DAMAGED)
    if night == NIGHTS - 1:  # the one whose files are still there: all of them, each by itself
        written = json.loads((story / "run.json").read_text("utf-8"))["outputs"]
        assert json.loads((tmp_path / "again" / "run.json").read_text("utf-8"))["outputs"] == written
        assert {one["file"]: (story / one["file"]).read_bytes() for one in written} == {
            one["file"]: (tmp_path / "again" / one["file"]).read_bytes() for one in written
        }


def test_a_moment_tells_two_nights_of_one_day_apart_and_a_day_means_the_last(story: Path) -> None:
    last = again.chosen(story, "2026-11-0", WORDS).night.moment

    assert last == again.chosen(story, last, WORDS).night.moment
    assert last.startswith(f"2026-11-0{min(NIGHTS, 9)}")


def test_a_night_that_nobody_can_make_again_is_told(out: Path, tmp_path: Path) -> None:
    with pytest.raises(KamError, match=r"2026-11-01T02:00:00 至 2026"):
        again.chosen(out, "2020-01-01", WORDS)
    found = again.chosen(out, "2026-11-02", WORDS)
    with pytest.raises(KamError, match="--into"):
        again.again(found, out, out, WORDS)
    snapshot = out / next(iter(found.asked.snapshots))
    content = snapshot.read_bytes()
    snapshot.write_bytes(content + b"x")
    with pytest.raises(KamError, match=snapshot.name):
        again.again(found, out, tmp_path / "again", WORDS)
    snapshot.write_bytes(content)
    for entry in found.night.entries:
        (out / "store" / "books" / entry).unlink()
    with pytest.raises(KamError, match="华东"):
        again.again(found, out, tmp_path / "again", WORDS)
    assert not (tmp_path / "again").exists()


def test_a_night_from_before_the_ledger_says_so(tmp_path: Path) -> None:
    place = tmp_path / "store" / "nights" / "2020-11-21T020000.json"
    place.parent.mkdir(parents=True)
    place.write_bytes((Path(__file__).parents[1] / "hosts" / "before_the_ledger.json").read_bytes())

    with pytest.raises(KamError, match="早于账本"):
        again.chosen(tmp_path, "2020-11-21", WORDS)
    assert verifying.verify(tmp_path).older == 1


def test_another_version_is_told_before_anything_is_compared(
    story: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kam_xl.__version__", "9.9.9")
    found = again.chosen(story, "2026-11-01", WORDS)

    assert found.changed == {"product": (found.night.product, "9.9.9")}
    assert "KAM_Master.xlsx" in again.again(found, story, tmp_path / "again", WORDS)


# --- verify -------------------------------------------------------------------------------------------------------------


def test_what_nobody_touched_is_whole(story: Path) -> None:
    found = verifying.verify(story)

    assert found.broken == []
    assert (found.nights, found.swept, found.forgotten, found.older) == (NIGHTS, 0, 0, 0)
    assert found.newest == Store(story).newest()
    assert len(found.hashes) == NIGHTS


def _flip(path: Path, place: int, other: int) -> None:
    content = bytearray(path.read_bytes())
    content[place % len(content)] ^= other
    path.write_bytes(content)


def _cut(path: Path, place: int, _: int) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: place % len(content)])


def _longer(path: Path, _: int, other: int) -> None:
    path.write_bytes(path.read_bytes() + bytes([other]))


def _remove(path: Path, *_: int) -> None:
    path.unlink()


def _copied(path: Path, place: int, _: int) -> None:
    shutil.copy(path, path.with_name(f"{path.stem}{place}{path.suffix}"))


def _swapped(path: Path, place: int, _: int) -> None:
    others = [one for one in sorted(path.parent.iterdir()) if one != path]
    path.write_bytes(others[place % len(others)].read_bytes())


@given(
    st.randoms(use_true_random=False),
    st.sampled_from([_flip, _flip, _flip, _cut, _longer, _remove, _copied, _swapped]),
    st.one_of(st.integers(0, 120), st.integers(-120, -1), st.integers(0, 10**6)),
    st.integers(1, 255),
)
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_done_to_one_file_that_is_kept_is_found(
    story: Path, random: random.Random, harm: Callable[[Path, int, int], None], place: int, other: int
) -> None:
    """Every file of the store, the history and the last night's outputs; header bytes, lengths and ends included."""
    written = [story / one["file"] for one in json.loads((story / "run.json").read_text("utf-8"))["outputs"]]
    kept = [path for name in ("store", "history") for path in sorted((story / name).rglob("*")) if path.is_file()]
    copies = harm in (_copied, _swapped)
    path = random.choice([one for one in kept if one.parent.name != "history"] if copies else [*kept, *written])
    before, content = {*path.parent.iterdir()}, path.read_bytes()
    try:
        harm(path, abs(place) if copies else place, other)
        assert broken(story) != [] or (path.read_bytes() == content and {*path.parent.iterdir()} == before)
    finally:
        path.write_bytes(content)
        for added in {*path.parent.iterdir()} - before:
            added.unlink()


def test_a_snapshot_that_no_night_left_is_told(out: Path) -> None:
    shutil.copy(min((out / "history").glob("*.parquet")), out / "history" / "2026-11-02T030000.parquet")

    assert broken(out) == [("history/2026-11-02T030000.parquet", "foreign")]


def test_the_first_break_is_told_first_with_its_night_and_what_it_is(out: Path) -> None:
    second, fourth = (Store(out).places()[night] for night in (1, 3))
    fourth.unlink()
    _flip(second, 5000, 1)
    entry = out / "store" / "books" / max(next(Store(out).nights())[0].entries)
    _flip(entry, 10, 1)

    found = verifying.verify(out).broken

    assert [(one.record, one.what) for one in found[:2]] == [
        (second.name, "changed"), (Store(out).places()[3].name, "link")]  # fmt: skip
    assert (f"store/books/{entry.name}", "changed") in [(one.file, one.what) for one in found[2:]]


def _written_anew(path: Path, **changes: object) -> None:
    """What somebody does who knows how records are written: the record's own hash fits again."""
    record, _ = chain.read(path.read_text("utf-8"))
    store.write_record(path, dataclasses.replace(record, **changes))


def test_an_entry_changed_together_with_its_record_is_found_by_the_next_record(out: Path) -> None:
    second = Store(out).places()[1]
    record, _ = chain.read(second.read_text("utf-8"))
    seen = next(one for one in record.books if one.entry)
    other = arrow_books.packed(
        arrow_frames.unpacked([(out / "store" / "books" / seen.entry).read_bytes()])[0]._replace(parts=())
    )
    (out / "store" / "books" / seen.entry).write_bytes(other)
    books = tuple(
        dataclasses.replace(one, content=hashlib.sha256(other).hexdigest()) if one == seen else one
        for one in record.books
    )
    _written_anew(second, books=books)

    assert broken(out)[0] == (f"store/nights/{Store(out).places()[2].name}", "link")


def test_the_newest_record_taken_out_does_not_fit_the_outputs_and_its_mark_is_missed(out: Path) -> None:
    mark = Store(out).newest()
    Store(out).places()[-1].unlink()
    for path in (out / "store" / "books").iterdir():
        if path.name not in set().union(*(night.entries for night, _ in Store(out).nights())):
            path.unlink()
    max((out / "history").glob("*.parquet")).unlink()

    assert broken(out)[0] == ("run.json", "other_outputs")
    assert mark not in verifying.verify(out).hashes


def test_all_written_anew_from_some_record_on_fits_and_only_a_mark_kept_elsewhere_tells(out: Path) -> None:
    """What a chain alone cannot show: docs/store.md says so."""
    mark, before = Store(out).newest(), None
    for path in Store(out).places():
        _written_anew(path, before=before, product="forged")
        before = chain.read(path.read_text("utf-8"))[1].own

    found = verifying.verify(out)

    assert found.broken == []
    assert mark not in found.hashes


def test_the_beginning_cut_off_is_told(out: Path) -> None:
    Store(out).places()[0].unlink()

    assert broken(out)[0] == (f"store/nights/{Store(out).places()[0].name}", "beginning")


# --- what is swept ------------------------------------------------------------------------------------------------------


def _swept(out: Path, days: int) -> Store:
    """The store after a night of another policy, which keeps all nights of so many days."""
    kept, rule = Store(out), resources.policy().store
    text = resources.policy_text().replace(f"all_days = {rule.all_days}", f"all_days = {days}")
    last = kept.last()
    assert last is not None
    policy = kept.keep_policy(text.encode())
    night = dataclasses.replace(last[0], policy=policy, before=kept.newest())
    store.write_record(out / kept.place_of(dt.datetime.fromisoformat(night.moment)), night)
    kept.sweep(dt.date.fromisoformat(night.moment[:10]), dataclasses.replace(rule, all_days=days, month_ends=0))
    for path in (*(out / "store" / "books").iterdir(), *(out / "store" / "policies").iterdir()):
        os.utime(path, (0, 0))
    kept.sweep(dt.date.fromisoformat(night.moment[:10]), dataclasses.replace(rule, all_days=days, month_ends=0))
    return kept


def test_what_the_policy_has_swept_leaves_a_chain_that_fits(out: Path) -> None:
    kept = _swept(out, 1)

    found = verifying.verify(out)

    assert found.broken == []
    assert (found.nights, found.swept) == (4, NIGHTS - 3)  # the night before the first of them is kept with it
    for link in [path for path in kept.places() if path.suffix == store.LINK]:
        content = link.read_bytes()
        link.unlink()
        assert broken(out)[0][1] in ("link", "beginning")
        link.write_bytes(content)


def test_a_snapshot_outlives_its_night_and_is_still_looked_at(out: Path) -> None:
    _swept(out, 1)
    first = min((out / "history").glob("*.parquet"))
    _flip(first, 50, 1)

    assert (f"history/{first.name}", "changed") in broken(out)


def test_a_night_that_should_be_whole_and_is_a_link_alone_is_told(out: Path) -> None:
    kept = _swept(out, 1)
    hidden = kept.places()[-3]
    kept._reduce(hidden)

    assert broken(out)[0] == (f"store/nights/{hidden.stem}.link", "reduced")


# --- forget -------------------------------------------------------------------------------------------------------------

C002 = Whom("C002", frozenset({"乙科技"}), frozenset({"新乙科技园"}))


def _said(out: Path) -> dict[str, str]:
    """Every text in the store and the history, unpacked, by file."""
    found = {}
    for path in sorted(path for name in ("store", "history") for path in (out / name).rglob("*") if path.is_file()):
        content = path.read_bytes()
        if path.parent.name == "books":
            kept = arrow_frames.unpacked([content])[0]
            rows = "\n".join(part.rows.to_csv() + repr(part) for part in kept.parts)
            found[path.name] = f"{rows}\n{kept.findings}\n{kept.refused}"
        elif path.suffix == ".parquet":
            table = pq.read_table(path)
            found[path.name] = f"{table.to_pandas().to_csv()} {table.schema.metadata}"
        else:
            found[path.name] = content.decode("utf-8")
    return found


def test_a_customer_who_is_forgotten_is_nowhere_and_all_else_is_as_it_was(out: Path, tmp_path: Path) -> None:
    before = _said(out)
    assert (out / "plans" / "C002.html").exists()
    assert sum(map(C002.is_in, before.values())) >= 2 * NIGHTS
    gone = forgetting.forget(out, " c002", "me", dt.datetime(2026, 12, 1, 9), WORDS)

    said = _said(out)
    assert [name for name, text in said.items() if C002.is_in(text)] == []
    assert [name for name, text in said.items() if "赵总" in text or "13911112222" in text] == []
    assert sum("新乙科技园" in text and "C0021" in text for text in said.values()) >= NIGHTS
    linked = [path.name for path in out.rglob("*") if path.is_file() and b"C002.html" in path.read_bytes()]
    assert {*linked} <= {*gone.files} == {"monthly.html"}  # the page of an older night
    assert [path.name for path in (out / "plans").iterdir()] == ["C001.html"]

    found = verifying.verify(out)
    assert (found.broken, found.nights, found.forgotten) == ([], NIGHTS, 1)
    assert gone.workbooks == ("华东.xlsx",)
    assert (gone.record.number, gone.record.by, gone.record.dropped) == (1, "me", ())
    assert (gone.record.rows["info"], gone.record.rows["tracking"]) == (NIGHTS, 2 * NIGHTS)

    older, newest = (again.chosen(out, f"2026-11-0{day}", WORDS) for day in (3, min(NIGHTS, 9)))
    assert (older.lacking, newest.lacking) == ((1,), (1,))
    assert again.again(newest, out, tmp_path / "newest", WORDS) == []
    assert again.again(older, out, tmp_path / "older", WORDS) != []


@pytest.mark.usefixtures("nights_in_short")
def test_the_night_after_reads_again_what_the_teams_still_keep_and_the_chain_fits(
    out: Path, tmp_path: Path, readers_in_this_process: None
) -> None:
    forgetting.forget(out, "C002", "me", dt.datetime(2026, 12, 1, 9), WORDS)
    files.team(tmp_path / "teams" / "华东.xlsx", **rows_of(NIGHTS - 1))
    nightly.run(nightly.Job(tmp_path / "teams", out, workers=1), dt.datetime(2026, 12, 2, 2))
    assert verifying.verify(out).broken == []
    assert any(map(C002.is_in, _said(out).values()))

    second = forgetting.forget(out, "C002", "me", dt.datetime(2026, 12, 2, 9), WORDS)

    assert second.record.number == 2
    assert [name for name, text in _said(out).items() if C002.is_in(text)] == []
    found = verifying.verify(out)
    assert (found.broken, found.nights, found.forgotten) == ([], NIGHTS + 1, 2)


def test_whoever_is_not_kept_is_told_and_nothing_is_changed(out: Path) -> None:
    with pytest.raises(KamError, match="C999"):
        forgetting.forget(out, "C999", "me", dt.datetime(2026, 12, 1), WORDS)
    assert broken(out) == []
    assert not list(out.glob(".staging*"))


@pytest.mark.usefixtures("nights_in_short")
def test_what_cannot_be_read_any_more_is_taken_away_for_they_may_be_in_it(out: Path) -> None:
    entry = str(next(seen.entry for seen in list(Store(out).nights())[-1][0].books if seen.path == "华东.xlsx"))
    snapshot = min((out / "history").glob("*.parquet"))
    (out / "store" / "books" / entry).write_bytes(b"of another time")
    snapshot.write_bytes(b"of another time")

    gone = forgetting.forget(out, "C002", "me", dt.datetime(2026, 12, 1, 9), WORDS).record

    assert gone.entries[entry][1:] == gone.snapshots[f"history/{snapshot.name}"][1:] == (None, None)
    assert not snapshot.exists()
    assert verifying.verify(out).broken == []
    with pytest.raises(KamError, match="华东"):
        again.again(again.chosen(out, "2026-11-01", WORDS), out, out.with_name("again"), WORDS)


@pytest.mark.usefixtures("nights_in_short")
def test_a_night_that_names_them_in_the_name_of_a_workbook_keeps_its_link_alone(
    out: Path, tmp_path: Path, readers_in_this_process: None
) -> None:
    teams = tmp_path / "teams"
    files.team(teams / "C002 乙科技.xlsx", info=[THEM])
    nightly.run(nightly.Job(teams, out, workers=1), dt.datetime(2026, 12, 2, 2))
    with pytest.raises(KamError, match="文件名"):
        forgetting.forget(out, "C002", "me", dt.datetime(2026, 12, 2, 9), WORDS)
    (teams / "C002 乙科技.xlsx").rename(teams / "甲.xlsx")
    nightly.run(nightly.Job(teams, out, workers=1), dt.datetime(2026, 12, 3, 2))

    gone = forgetting.forget(out, "C002", "me", dt.datetime(2026, 12, 3, 9), WORDS).record

    assert len(gone.dropped) == 1
    assert [name for name, text in _said(out).items() if C002.is_in(text)] == []
    found = verifying.verify(out)
    assert (found.broken, found.swept) == ([], 1)


def test_a_disk_that_fills_up_while_somebody_is_forgotten_changes_nothing(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("kam_xl.nightly.writing.master.write", full)
    with pytest.raises(KamError):
        forgetting.forget(out, "C002", "me", dt.datetime(2026, 12, 1, 9), WORDS)

    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
