"""What tells a file of ours from a copy of it that somebody put under another name."""

from __future__ import annotations

import hashlib

#: Under which key a file of Parquet carries its mark.
IN_PARQUET = b"kam_xl_file"
_LETTERS = str.maketrans("0123456789", "ghijklmnop")


def mark(name: str) -> str:
    """What a file of that name that comes and goes with the nights carries inside: a copy under another name is nobody's.

    Of letters alone, so that nothing in it looks like a number that must not be shown.
    """
    own = hashlib.blake2s(name.encode("utf-8", "replace"), digest_size=8).hexdigest()
    return "kam-xl-" + own.translate(_LETTERS)
