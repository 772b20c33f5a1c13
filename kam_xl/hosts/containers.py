"""What a file holds, whatever its name says: taken out of its compound file, and unlocked where Excel opens it unasked."""

from __future__ import annotations

import io
import zipfile

import msoffcrypto
import olefile

from kam_xl.core.books import Contents
from kam_xl.core.errors import Refused
from kam_xl.hosts import old_books
from kam_xl.hosts.refusing import damaged

#: Excel itself opens books "protected" with this password without asking.
_WELL_KNOWN_PASSWORD = "VelvetSweatshop"  # noqa: S105
#: The records of a workbook of Excel 97 and later, and of Excel 5 and 95.
_RECORDS = ("Workbook", "Book")
_ENCRYPTED = ("EncryptedPackage", "EncryptionInfo")


def is_archive(data: bytes) -> bool:
    """True for a zip archive, also behind other bytes: that is how those who read archives look for one."""
    return data.startswith(b"PK\x03\x04") or zipfile.is_zipfile(io.BytesIO(data))


def is_parquet(data: bytes) -> bool:
    """True for a file of Parquet, be it locked."""
    return data.startswith((b"PAR1", b"PARE"))


def parquet(data: bytes, name: str) -> Contents:
    """The one sheet of a file of Parquet; `Refused` also where nothing here reads it."""
    try:
        from kam_xl.hosts import parquet_tables  # the nights' own, and only where such a file lies
    except ImportError as missing:  # LibreOffice's own import names no module
        raise Refused("no_parquet_here", missing.name or "pyarrow") from missing
    return parquet_tables.read(data, name)


def plain(data: bytes) -> bytes:
    """The archive, the records or the text that a file holds; `Refused` where a person would have to type a password."""
    if not data.startswith(olefile.MAGIC):
        return data
    streams = _streams(data)
    if streams is None and is_archive(data):
        return data
    if streams is None:
        raise Refused("damaged")
    if not streams.isdisjoint(_ENCRYPTED):
        return _unlocked(data)
    name = next((name for name in _RECORDS if name in streams), None)
    if name is None:
        raise Refused("no_workbook_part")
    records = _stream(data, name)
    return _stream(_unlocked(data), name) if old_books.is_locked(records) else records


def _streams(data: bytes) -> frozenset[str] | None:
    """Which streams of a workbook a compound file has; None where it is none, or broken so that they may be lost."""
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as file:
            found = frozenset(name for name in (*_RECORDS, *_ENCRYPTED) if file.exists(name))
            return None if not found and file.parsing_issues else found
    except (OSError, LookupError, ValueError, RecursionError, OverflowError):
        return None


def _stream(data: bytes, name: str) -> bytes:
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as file:
            return file.openstream(name).read()
    except (OSError, LookupError, ValueError) as error:
        raise damaged(error) from error


def _unlocked(data: bytes) -> bytes:
    """The file without its encryption, where that is under the password Excel tries by itself."""
    unlocked = io.BytesIO()
    try:
        office = msoffcrypto.OfficeFile(io.BytesIO(data))
        checked = {} if office.format == "xls97" else {"verify_password": True}  # the old format always verifies
        office.load_key(password=_WELL_KNOWN_PASSWORD, **checked)
        office.decrypt(unlocked)
    except MemoryError:
        raise
    except Exception as error:  # another password, another cipher, a certificate
        raise Refused("encrypted") from error
    return unlocked.getvalue()
