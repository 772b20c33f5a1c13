"""What nobody needs any more is given back, on every platform."""

import ctypes
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
