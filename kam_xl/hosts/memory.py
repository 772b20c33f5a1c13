"""What a long run no longer needs is given back to the system, before what comes next asks for as much again."""

from __future__ import annotations

import ctypes
import gc
import sys

import pyarrow as pa


def give_back() -> None:
    """Give back what only cycles hold, what Arrow keeps for later, and of what is free as much as the platform takes (Linux: ``malloc_trim``)."""
    gc.collect()
    pa.default_memory_pool().release_unused()
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):
        trim(0)
