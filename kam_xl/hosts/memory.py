"""What a long run no longer needs is given back to the system, before what comes next asks for as much again."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa


def give_back() -> None:
    """Give back what only cycles hold, what Arrow keeps for later, and of what is free as much as the platform takes (Linux: ``malloc_trim``)."""
    gc.collect()
    pa.default_memory_pool().release_unused()
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):
        trim(0)


@contextmanager
def kept_aside() -> Iterator[None]:
    """Whatever is there stays meanwhile, and is not looked through for what only cycles hold; unless it was aside before, it is afterwards."""
    was_aside = bool(gc.get_freeze_count())
    gc.collect()  # what is held by nobody is not to stay
    gc.freeze()
    try:
        yield
    finally:
        if not was_aside:
            gc.unfreeze()
