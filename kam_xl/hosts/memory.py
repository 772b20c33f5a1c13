"""What a long run no longer needs is given back to the system, before what comes next asks for as much again."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pyarrow as pa


def give_back() -> None:
    """Give back what only cycles hold, what Arrow keeps for later, and of what is free as much as the platform takes (Linux: ``malloc_trim``)."""
    gc.collect()
    pa.default_memory_pool().release_unused()
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):
        trim(0)


@contextmanager
def kept_aside() -> Iterator[Callable[[], object]]:
    """Whatever is there stays, and is not looked through; what comes is, each time one asks, for what only cycles hold of it.

    Within another one, what is there stays until that one ends.
    """
    is_outermost = not gc.get_freeze_count()
    if is_outermost:
        gc.collect()  # what is held by nobody is not to stay
    gc.freeze()
    try:
        yield gc.collect
    finally:
        if is_outermost:
            gc.unfreeze()
