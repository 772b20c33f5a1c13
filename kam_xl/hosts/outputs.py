"""The files of the output folder, which appear all together or not at all."""

from __future__ import annotations

import contextlib
import errno
import filecmp
import json
import logging
import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from filelock import FileLock, Timeout

from kam_xl.core.errors import KamError
from kam_xl.core.words import Words
from kam_xl.hosts.replacing import flush, replacing
from kam_xl.reports import origin

_LOCK = ".kam_xl.lock"
_STAGING, _PREVIOUS = ".staging-", ".previous-"
#: Stands in a folder of previous files while a publication is under way: what was done of it has to be undone.
_UNDER_WAY = "under_way"
_BEGINNING = 4096  # bytes of a file, or of a workbook's properties, in which its mark stands
_PROPERTIES = "docProps/custom.xml"
_FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})
_LOG = logging.getLogger("kam_xl")


class Busy(KamError):
    """Another run holds the output folder; it tells what became of the night."""


@contextlib.contextmanager
def locked(out: Path, words: Words) -> Iterator[None]:
    """Hold the output folder for one run, as the last whole run left it; a second run is told so at once.

    A folder that was made for a run which then left nothing in it is gone afterwards.
    """
    made = [folder for folder in (out, *out.parents) if not folder.exists()]
    lock = FileLock(out / _LOCK, timeout=0)
    with writing(out, words):
        out.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire()
        except Timeout as error:
            raise Busy(words("job.locked", folder=out)) from error
    try:
        with writing(out, words):
            _recover(out, words)
        yield
    finally:
        lock.release()
        if made:
            _take_away(made)


def _take_away(made: list[Path]) -> None:
    """The folders, innermost first, unless something stands in them; the lock alone is nothing."""
    with contextlib.suppress(OSError):
        if [path.name for path in made[0].iterdir()] == [_LOCK]:
            (made[0] / _LOCK).unlink()
        for folder in made:
            folder.rmdir()


@contextlib.contextmanager
def writing(out: Path, words: Words) -> Iterator[None]:
    """What the system refuses while outputs are written becomes a sentence."""
    try:
        yield
    except OSError as error:
        raise KamError(words("job.disk_full" if error.errno in _FULL else "job.cannot_write", folder=out)) from error


@contextlib.contextmanager
def filling(out: Path, words: Words) -> Iterator[None]:
    """A disk that is full while work goes on beside the outputs becomes a sentence; all else is whatever it is."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise KamError(words("job.disk_full", folder=out)) from error


def check_places(out: Path, files: Iterable[Path], words: Words, folders: Iterable[Path] = ()) -> None:
    """`KamError` where one of these names below ``out`` is a link to elsewhere, or a file where a folder goes or the reverse."""
    files = [*files]
    folders = {*folders, *(parent for name in files for parent in name.parents)} - {Path()}
    real = Path(os.path.realpath(out))
    for name in sorted(folders.union(files)):
        place = out / name
        if place.is_symlink() or Path(os.path.realpath(place)) != real / name:  # Windows has links of another kind too
            raise KamError(words("job.is_link", file=place))
        if name in folders and place.exists() and not place.is_dir():
            raise KamError(words("job.is_file", file=place))
        if name not in folders and place.is_dir():
            raise KamError(words("job.is_folder", file=place))


def apart(folder: Path, out: Path, words: Words) -> None:
    """`KamError` for a folder among the outputs, where whoever looks back writes nothing."""
    if folder.resolve().is_relative_to(out.resolve()):
        raise KamError(words("job.among_outputs", folder=folder, out=out))


def put(folder: Path, files: Mapping[str, str], words: Words) -> None:
    """Texts by file name into a folder of their own, each whole or not at all; `KamError` where that cannot be."""
    with writing(folder, words):
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            with replacing(folder / name) as new:
                new.write_text(text, "utf-8", errors="replace", newline="\n")


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


def publish(staged: Path, out: Path, words: Words, outdated: Iterable[Path] = (), last: Path | None = None) -> None:
    """Move every staged file to its place; if one cannot be replaced, all old ones stay and the sentence names it.

    The ``outdated`` files, named from the output folder, go with it. No other name is ever without a file: each new one
    replaces the old one in a single step, ``last`` the last of all: where it is of a night, so is everything. A run that
    is killed in between is undone by the next one. Excel holds a workbook that somebody has open, so replacing it can
    fail on Windows.
    """
    names = _files(staged)
    gone = [name for name in outdated if name not in names and (out / name).is_file()]
    check_places(out, [*names, *gone], words)
    with writing(out, words):
        for name in names:
            flush(staged / name)
    _refuse_held([*names, *gone], out, words)
    with writing(out, words):
        kept = _keep([*names, *gone], out)
    try:
        for name in sorted([*names, *gone], key=lambda each: (each == last, each in gone)):
            _put(staged / name, out / name)
    except BaseException as error:  # Ctrl-C is no Exception
        _put_back(kept, out, words)
        if isinstance(error, OSError):
            full, held = words("job.disk_full", folder=out), words("job.cannot_replace", file=name)
            raise KamError(full if error.errno in _FULL else held) from error
        raise
    _forget(kept)


def _refuse_held(names: list[Path], out: Path, words: Words) -> None:
    """`KamError` for a file that nobody may replace now, before anything is kept of it: that could not be removed either.

    Windows lets a file be called as it is called only where it lets it be replaced; elsewhere this does nothing.
    """
    for name in names:
        try:
            (out / name).rename(out / name)
        except FileNotFoundError:  # it is new
            continue
        except OSError as error:
            raise KamError(words("job.cannot_replace", file=name)) from error


def _put(new: Path, place: Path) -> None:
    """The new file in its place; where there is none, the place is empty from now on."""
    if new.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        new.replace(place)
    else:
        place.unlink()


def _keep(names: list[Path], out: Path) -> Path:
    """A folder that holds what `_put_back` needs: the old files, and by empty ones the names that have none yet."""
    kept = Path(tempfile.mkdtemp(prefix=_PREVIOUS, dir=out))
    try:
        for name in names:
            known = (out / name).exists()
            place = kept / ("old" if known else "new") / name
            place.parent.mkdir(parents=True, exist_ok=True)
            _link(out / name, place) if known else place.touch()
        (kept / _UNDER_WAY).touch()
    except BaseException:
        shutil.rmtree(kept, ignore_errors=True)  # on a full disk it would be in the way itself
        raise
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
        except NotADirectoryError:  # nor was there a folder to write it to
            pass
        except OSError as error:
            failed[name] = error
    if failed:
        name, why = next(iter(failed.items()))
        raise KamError(words("job.cannot_put_back", file=name, folder=kept)) from why
    _forget(kept)


def _same(old: Path, now: Path) -> bool:
    """True for a file that was never replaced: it needs no putting back, and Excel may hold it."""
    return now.exists() and filecmp.cmp(old, now, shallow=False)


def _forget(kept: Path) -> None:
    (kept / _UNDER_WAY).unlink(missing_ok=True)  # first: a folder half removed must not be put back
    shutil.rmtree(kept, ignore_errors=True)


# --- what earlier runs left -------------------------------------------------------------------------------------------


def marked(folder: Path) -> list[Path]:
    """The files of a folder that a run of ours wrote there under the name they have; whatever else lies there is not ours."""
    return [path for path in sorted(folder.glob("*")) if origin.mark(path.name).encode() in _marks(path)]


def _marks(path: Path) -> bytes:
    """Where a file of ours bears its mark: its beginning, of a workbook its own properties."""
    try:
        with path.open("rb") as file:
            start = file.read(_BEGINNING)
            return _properties(file) if start.startswith(b"PK") else start
    except (OSError, zipfile.BadZipFile, zlib.error):  # a folder, or nothing we may read
        return b""


def _properties(file: BinaryIO) -> bytes:
    """The beginning of a workbook's custom properties; nothing where it has none."""
    with zipfile.ZipFile(file) as parts:
        if _PROPERTIES not in parts.namelist():
            return b""
        with parts.open(_PROPERTIES) as part:
            return part.read(_BEGINNING)


def recorded(path: Path) -> dict[str, Any]:
    """What a small file of a run's says; nothing where it is missing, damaged, or not of that kind."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        _LOG.warning("file passed over", extra={"file": path.name, "error": type(error).__name__})
        return {}
    return found if isinstance(found, dict) else {}


def _files(folder: Path) -> list[Path]:
    return sorted(
        (path.relative_to(folder) for path in folder.rglob("*") if path.is_file()), key=lambda path: path.parts
    )
