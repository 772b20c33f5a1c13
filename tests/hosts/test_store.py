"""The store: for its owner alone, whole or absent, and swept of nothing that a night may still need."""

import datetime as dt
import os
import stat
import threading
import time
from pathlib import Path

import pytest

from kam_xl.core import chain, nights
from kam_xl.core.chain import Forgotten, Replaced
from kam_xl.core.nights import Night, Seen
from kam_xl.core.read_books import Content
from kam_xl.core.sections import Retention as Rule
from kam_xl.hosts import arrow_books, store
from kam_xl.hosts.store import Store

CONTENT = arrow_books.packed(Content(refused=("damaged", "")))
RULE = Rule(all_days=60, month_ends=36)
NIGHT = dt.datetime(2026, 11, 21, 2)


@pytest.fixture
def kept(tmp_path: Path) -> Store:
    return Store(tmp_path)


def night(kept: Store, moment: dt.datetime, *entries: str, policy: str = "p") -> Night:
    """A record of the store that names these entries."""
    seen = tuple(Seen(f"{one}.xlsx", one, "s", 1, None, "read", entry=one) for one in entries)
    made = Night(moment.isoformat(), "0.1.0", "r", policy, "en", seen, {}, kept.newest())
    store.write_record(kept.folder.parent / kept.place_of(moment), made)
    return made


def age(path: Path, days: float) -> None:
    then = time.time() - days * 24 * 3600
    os.utime(path, (then, then))


def test_an_entry_is_kept_whole_and_found_by_its_bytes_and_its_reader(kept: Store) -> None:
    kept.keep("s-r", CONTENT)
    kept.keep(nights.entry_name("t", "r", "a.xls"), CONTENT)

    assert kept.load("s-r") == CONTENT
    assert [path.name for path in kept.books.iterdir() if path.name.startswith(".")] == []
    assert store.kept(kept.books, "s", "r", "whatever.xlsx") == "s-r"
    assert store.kept(kept.books, "s", "other", "whatever.xlsx") is None
    assert store.kept(kept.books, "t", "r", "a.xls") is not None
    assert store.kept(kept.books, "t", "r", "b.xls") is None
    assert kept.load("gone-r") is None
    assert not kept.passed_over


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights")
def test_nobody_else_may_look_in(kept: Store) -> None:
    before = os.umask(0)
    try:
        kept.keep("s-r", CONTENT)
        kept.keep_policy(b"x = 1")
        night(kept, NIGHT, "s-r")
    finally:
        os.umask(before)

    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (kept.folder, *kept.folder.rglob("*"))}
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}

    kept.folder.chmod(0o755)  # somebody opened it up
    Store(kept.folder.parent).keep("t-r", CONTENT)
    assert stat.S_IMODE(kept.folder.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "damage", [lambda content: content[:-1], lambda content: content[:40] + b"?" + content[41:], lambda _: b""]
)
def test_a_damaged_entry_is_told_and_as_good_as_none(kept: Store, damage) -> None:
    sha256 = "0123456789abcdef"
    kept.keep(f"{sha256}-r", CONTENT)
    (kept.books / f"{sha256}-r").write_bytes(damage(CONTENT))

    assert kept.load(f"{sha256}-r") is None
    assert list(kept.passed_over) == ["store/books/01234567"]
    assert store.kept(kept.books, sha256, "r", "a.xlsx") is None


def test_a_policy_is_kept_by_its_text(kept: Store) -> None:
    first, again, other = (kept.keep_policy(text) for text in (b"x = 1", b"x = 1", b"x = 2"))

    assert first == again != other
    assert kept.policy(first) == b"x = 1"
    (kept.folder / "policies" / f"{first}.toml").write_bytes(b"x = 3")
    with pytest.raises(ValueError, match="hash"):
        kept.policy(first)


def test_records_are_a_chain_in_the_order_of_their_names_whatever_the_clock_says(kept: Store) -> None:
    moments = [NIGHT, NIGHT, NIGHT + dt.timedelta(days=1), NIGHT, NIGHT]
    for moment in moments:
        night(kept, moment)

    found = list(kept.nights())

    assert [one.moment for one, _ in found] == [moment.isoformat() for moment in reversed(moments)]
    assert [one.before for one, _ in found] == [*(own for _, own in found[1:]), None]
    assert [path.stem for path in kept.places()] == [
        "2026-11-21T020000", "2026-11-21T020000-2", "2026-11-22T020000", "2026-11-22T020000-2",
        "2026-11-22T020000-3"]  # fmt: skip


def test_a_record_that_was_changed_is_told_and_passed_over(kept: Store) -> None:
    night(kept, NIGHT)
    night(kept, NIGHT + dt.timedelta(days=1))
    newest = kept.folder / "nights" / "2026-11-22T020000.json"
    newest.write_text(newest.read_text("utf-8").replace('"en"', '"zh-CN"'), "utf-8")

    found = kept.last()

    assert found is not None
    assert found[0].moment == NIGHT.isoformat()
    assert list(kept.passed_over) == ["store/nights/2026-11-22T020000.json"]


# --- what is swept ----------------------------------------------------------------------------------------------------


def test_what_no_kept_night_rests_on_is_swept(kept: Store) -> None:
    policies = {name: kept.keep_policy(name.encode()) for name in ("old", "new")}
    for name in ("old", "both", "new", "nobodys", "young"):
        kept.keep(name, CONTENT)
    night(kept, NIGHT - dt.timedelta(days=5 * 365), "old", "both", policy=policies["old"])
    night(kept, NIGHT, "both", "new", policy=policies["new"])
    for path in (path for path in kept.folder.rglob("*") if path.is_file() and path.name != "young"):
        age(path, 2)

    kept.sweep(NIGHT.date(), RULE)

    assert sorted(path.name for path in kept.books.iterdir()) == ["both", "new", "young"]
    assert [path.stem for path in (kept.folder / "policies").iterdir()] == [policies["new"]]
    assert [path.name for path in kept.places()] == ["2021-11-22T020000.link", "2026-11-21T020000.json"]


def test_of_a_night_that_is_swept_its_link_stays_and_of_one_before_the_ledger_nothing(kept: Store) -> None:
    nights_folder = kept.folder / "nights"
    old = nights_folder / "2020-11-21T020000.json"
    old.parent.mkdir(parents=True)
    old.write_bytes((Path(__file__).parent / "before_the_ledger.json").read_bytes())
    night(kept, NIGHT - dt.timedelta(days=5 * 365))
    night(kept, NIGHT)
    links = [link for _, link in kept.records()]

    kept.sweep(NIGHT.date(), RULE)

    assert [path.name for path in kept.places()] == ["2021-11-22T020000.link", "2026-11-21T020000.json"]
    assert chain.read_link((nights_folder / "2021-11-22T020000.link").read_text("utf-8")) == links[1]
    assert links[0].before == links[1].own
    assert (links[1].before, links[2].content) == (None, None)


def test_what_a_customer_was_taken_out_of_is_what_a_night_names_from_then_on(kept: Store) -> None:
    first = night(kept, NIGHT, "a", "b")
    gone = {"a": Replaced("x", "a.1", "y"), "b": Replaced("x", None, None)}
    forgotten = Forgotten(NIGHT.isoformat(), 1, "me", "0.1.0", "?", gone, {}, {}, {}, 0, (), kept.newest())
    store.write_record(kept.folder.parent / kept.place_of(NIGHT, store.FORGOTTEN), forgotten)
    night(kept, NIGHT, "a")

    assert [sorted(one.entries) for one, _ in kept.nights()] == [["a"], ["a.1"]]
    assert [one.moment for one, _ in kept.nights()] == [first.moment] * 2
    assert kept.newest() == next(kept.records())[1].own


def test_an_entry_that_a_night_is_about_to_name_is_never_swept(kept: Store) -> None:
    kept.keep("s-r", CONTENT)
    age(kept.books / "s-r", 400)
    kept.use(["s-r", "gone-r"])  # another night rests on it, and has no record yet

    kept.sweep(NIGHT.date(), RULE)

    assert kept.load("s-r") == CONTENT


def test_a_file_of_another_name_is_left_alone(kept: Store) -> None:
    night(kept, NIGHT)
    other = kept.folder / "nights" / "notes.json"
    other.write_text("{}")

    kept.sweep(NIGHT.date() + dt.timedelta(days=9999), RULE)

    assert other.exists()


# --- whether a file is the same ------------------------------------------------------------------------------------------


def test_a_file_changed_just_now_proves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"x")

    assert store.stamp(path.stat()) is None

    monkeypatch.setattr(store, "_SURE_NS", 3 * 10**8)
    time.sleep(0.4)
    before = store.stamp(path.stat())
    assert before is not None
    assert store.stamp(path.stat()) == before
    path.write_bytes(b"y")
    os.utime(path, ns=(before.modified_ns, before.modified_ns))  # as a tool does that keeps the times
    time.sleep(0.4)
    assert store.stamp(path.stat()) != before or os.name == "nt"


def test_two_nights_at_once_write_the_same(kept: Store) -> None:
    """Each keeps, loads and sweeps what the other does; nobody ever sees half an entry."""
    found: list[bytes | None] = []

    def work(own: Store) -> None:
        for number in range(60):
            name = f"{number % 5}-r"
            own.keep(name, CONTENT)
            own.sweep(NIGHT.date(), RULE)
            found.append(own.load(name))

    others = [threading.Thread(target=work, args=(Store(kept.folder.parent),)) for _ in range(4)]
    for thread in others:
        thread.start()
    for thread in others:
        thread.join()

    assert set(found) - ({None} if os.name == "nt" else set()) == {
        CONTENT
    }  # Windows reads no file that is being replaced
    assert len(found) == 240
    assert [path.name for path in kept.books.iterdir() if "-r" not in path.name] == []
