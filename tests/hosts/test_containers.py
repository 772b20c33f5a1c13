"""What a file holds, whatever its name says, and which encryption Excel opens unasked."""

import io
import shutil
import zipfile

import msoffcrypto.format.ooxml
import pytest

from kam_xl.core.errors import Refused
from kam_xl.engines.office_file import compound
from kam_xl.hosts import containers
from tests import biff, files

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
KNOWN, OTHER = "VelvetSweatshop", "secret"
SHEETS = {"表": {(0, 0): "客户ID", (1, 0): "C001"}}


def refused(data):
    with pytest.raises(Refused) as caught:
        containers.plain(data)
    return caught.value.reason


def zipped():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("a.xml", "<a/>")
    return data.getvalue()


@pytest.mark.parametrize("data", [b"", b"text", zipped(), b"MZ" + zipped()])
def test_what_is_in_no_container_stays_as_it_is(data):
    assert containers.plain(data) is data


@pytest.mark.parametrize(
    ("data", "archive"),
    [
        (zipped(), True),
        (OLE + zipped(), True),
        (zipped() + b"x" * 99, True),
        (b"PK\3\4", True),
        (b"PK", False),
        (b"", False),
    ],
)
def test_an_archive_is_one_wherever_it_begins(data, archive):
    assert containers.is_archive(data) == archive


@pytest.mark.parametrize("name", ["Workbook", "Book"])
def test_the_records_are_taken_out_of_a_compound_file(name):
    records = biff.records(SHEETS)

    assert containers.plain(compound.written({name: records})) == records


def test_an_archive_that_only_begins_like_a_compound_file_is_an_archive():
    assert containers.plain(OLE + zipped()) == OLE + zipped()


def test_a_compound_file_with_an_archive_behind_it_is_a_compound_file():
    records = biff.records(SHEETS)

    assert containers.plain(compound.written({"Workbook": records}) + zipped()) == records


def test_a_compound_file_without_a_workbook_is_told_as_such():
    assert refused(compound.written({"WordDocument": b"x" * 5000})) == "no_workbook_part"


@pytest.mark.parametrize("length", [8, 600, 2000])
def test_half_a_compound_file_is_damaged(length):
    assert refused(biff.workbook(SHEETS)[:length]) == "damaged"


def test_an_old_workbook_with_a_password_is_refused():
    assert refused(biff.workbook(SHEETS, password=OTHER)) == "encrypted"


def test_an_old_workbook_that_excel_opens_unasked_is_opened():
    plain = containers.plain(biff.workbook(SHEETS, password=KNOWN))

    assert "客户ID".encode("utf-16-le") in plain
    assert "客户ID".encode("utf-16-le") not in biff.records(SHEETS, password=KNOWN)


def test_an_old_workbook_under_a_cipher_nobody_here_knows_is_refused():
    lock = biff.record(0x2F, b"\x09\0" + bytes(50))
    records = biff.records(SHEETS)

    assert refused(compound.written({"Workbook": records[:20] + lock + records[20:]})) == "encrypted"
    assert refused(compound.written({"Book": records[:20] + lock + records[20:]})) == "encrypted"


def encrypted(path, password):
    plain = path.with_suffix(".plain")
    shutil.copy(path, plain)
    with plain.open("rb") as source, path.open("wb") as target:
        msoffcrypto.format.ooxml.OOXMLFile(source).encrypt(password, target)
    return path.read_bytes()


def test_a_workbook_with_a_password_is_refused(tmp_path):
    assert refused(encrypted(files.team(tmp_path / "a.xlsx"), OTHER)) == "encrypted"


def test_a_workbook_that_excel_opens_unasked_is_opened(tmp_path):
    """Excel itself encrypts workbooks with a read-only recommendation or a protected structure under this password."""
    path = files.team(tmp_path / "a.xlsx")
    plain = path.read_bytes()

    assert containers.plain(encrypted(path, KNOWN))[: len(plain)] == plain


def test_a_workbook_locked_by_a_certificate_is_refused():
    assert refused(compound.written({"EncryptedPackage": b"x" * 99})) == "encrypted"
