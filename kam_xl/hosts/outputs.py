"""Files that appear whole or not at all: one in the place of another, and all those of the output folder together."""

from __future__ import annotations

import contextlib
import filecmp
import logging
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from kam_xl.core.errors import KamError
from kam_xl.core.words import Words

_LOCK = ".kam_xl.lock"
_STAGING, _PREVIOUS = ".staging-", ".previous-"
#: Stands in a folder of previous files while a publication is under way: what was done of it has to be undone.
_UNDER_WAY = "under_way"
_LOG = logging.getLogger("kam_xl")


@contextlib.contextmanager
def locked(out: Path, words: Words) -> Iterator[None]:
    """Hold the output folder for one run, as the last whole run left it; a second run is told so at once."""
    lock = FileLock(out / _LOCK, timeout=0)
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        raise KamError(words("job.locked", folder=out)) from error
    except OSError as error:
        raise KamError(words("job.cannot_write", folder=out)) from error
    try:
        _recover(out, words)
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path to write a file's new content to; at the end it takes the file's place in one step.

    The new file lies beside the old one under a name that the nightly job passes over, and is gone where anything fails.
    """
    new = path.with_name(f".kam_xl-{secrets.token_hex(8)}.tmp")
    try:
        yield new
        flush(new)
        new.replace(path)
    finally:
        with contextlib.suppress(OSError):
            new.unlink()


def flush(path: Path) -> None:
    """Wait until the disk has the file's content."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


@contextlib.contextmanager
def staging(out: Path) -> Iterator[Path]:
    """A folder beside the outputs to write the new ones in; it is gone afterwards, whatever happened."""
    for left in out.glob(f"{_STAGING}*"):  # a crashed run's
        shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=_STAGING, dir=out))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish(staged: Path, out: Path, words: Words, outdated: Iterable[Path] = ()) -> None:
    """Move every staged file to its place; if one cannot be replaced, all old ones stay and the sentence names it.

    The ``outdated`` files, named from the output folder, go with it. No other name is ever without a file: each new one
    replaces the old one in a single step. A run that is killed in between is undone by the next one. Excel holds a
    workbook that somebody has open, so replacing it can fail on Windows.
    """
    names = _files(staged)
    for name in names:
        flush(staged / name)
    gone = [name for name in outdated if name not in names and (out / name).is_file()]
    kept = _keep([*names, *gone], out, words)
    try:
        for name in names:
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            (staged / name).replace(out / name)
        for name in gone:
            (out / name).unlink()
    except BaseException as error:  # Ctrl-C is no Exception
        _put_back(kept, out, words)
        if isinstance(error, OSError):
            raise KamError(words("job.cannot_replace", file=name)) from error
        raise
    _forget(kept)


def _keep(names: list[Path], out: Path, words: Words) -> Path:
    """A folder that holds what `_put_back` needs: the old files, and by empty ones the names that have none yet."""
    try:
        kept = Path(tempfile.mkdtemp(prefix=_PREVIOUS, dir=out))
        for name in names:
            known = (out / name).exists()
            place = kept / ("old" if known else "new") / name
            place.parent.mkdir(parents=True, exist_ok=True)
            _link(out / name, place) if known else place.touch()
        (kept / _UNDER_WAY).touch()
    except OSError as error:
        raise KamError(words("job.cannot_write", folder=out)) from error
    return kept


def _link(path: Path, place: Path) -> None:
    try:
        place.hardlink_to(path)
    except OSError:  # not every file system has links
        shutil.copy2(path, place)


def _recover(out: Path, words: Words) -> None:
    """Undo what a killed run had published in part."""
    for kept in out.glob(f"{_PREVIOUS}*"):
        if (kept / _UNDER_WAY).exists():
            _LOG.warning("a killed run is undone")
            _put_back(kept, out, words)
        else:
            _forget(kept)


def _put_back(kept: Path, out: Path, words: Words) -> None:
    """The old files back in their places and the new ones away; whatever fails stays in `kept` for the next run."""
    failed: dict[Path, OSError] = {}
    for name in _files(kept / "old"):
        try:
            if not _same(kept / "old" / name, out / name):
                (kept / "old" / name).replace(out / name)
        except OSError as error:
            failed[name] = error
    for name in _files(kept / "new"):
        try:
            (out / name).unlink(missing_ok=True)
        except OSError as error:
            failed[name] = error
    if failed:
        name, error = next(iter(failed.items()))
        raise KamError(words("job.cannot_put_back", file=name, folder=kept)) from error
    _forget(kept)


def _same(old: Path, now: Path) -> bool:
    """True for a file that was never replaced: it needs no putting back, and Excel may hold it."""
    return now.exists() and filecmp.cmp(old, now, shallow=False)


def _forget(kept: Path) -> None:
    (kept / _UNDER_WAY).unlink(missing_ok=True)  # first: a folder half removed must not be put back
    shutil.rmtree(kept, ignore_errors=True)


def _files(folder: Path) -> list[Path]:
    return sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
