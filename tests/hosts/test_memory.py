"""What nobody needs any more is given back, on every platform."""

import ctypes
import gc
import sys
import types
import weakref

import pytest

from kam_xl.hosts import memory


class Held:
    """Something that only itself holds."""

    def __init__(self) -> None:
        self.itself = self


def test_what_only_cycles_hold_is_gone():
    held = weakref.ref(Held())

    memory.give_back()

    assert held() is None


@pytest.fixture
def nothing_kept():
    gc.unfreeze()
    yield
    gc.freeze()


@pytest.mark.usefixtures("nothing_kept")
def test_what_was_there_is_kept_aside_meanwhile_but_for_what_nobody_held():
    nobodys, held = weakref.ref(Held()), Held()
    was_there = weakref.ref(held)

    with memory.kept_aside():
        del held
        meanwhile = weakref.ref(Held())
        memory.give_back()
        assert (nobodys(), was_there() is None, meanwhile()) == (None, False, None)

    assert gc.get_freeze_count() == 0
    memory.give_back()
    assert was_there() is None


def test_what_was_aside_before_stays_aside():
    gc.freeze()
    with memory.kept_aside():
        pass
    assert gc.get_freeze_count() > 0


def test_what_arrow_keeps_for_later_is_asked_back(monkeypatch):
    asked: list[bool] = []
    pool = types.SimpleNamespace(release_unused=lambda: asked.append(True))
    monkeypatch.setattr(memory.pa, "default_memory_pool", lambda: pool)

    memory.give_back()

    assert asked == [True]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux's C libraries can be asked")
@pytest.mark.parametrize("asked", [[], [0]])
def test_the_system_gets_what_is_free_where_its_c_library_can(monkeypatch, asked):
    found: list[int] = []
    library = types.SimpleNamespace(**({"malloc_trim": found.append} if asked else {}))
    monkeypatch.setattr(ctypes, "CDLL", lambda _: library)

    memory.give_back()

    assert found == asked
