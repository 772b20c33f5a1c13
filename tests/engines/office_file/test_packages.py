"""Packages: what is refused before anything is parsed, and which parts are damaged."""

import io
import zipfile

import pytest
import xlsxwriter

from kam_xl.engines.office_file import packages
from kam_xl.engines.office_file.unusable import Unusable


@pytest.fixture
def book():
    """A workbook as it is in the file."""
    data = io.BytesIO()
    with xlsxwriter.Workbook(data) as written:
        written.add_worksheet("一").write("A1", "客户")
        written.add_worksheet("二")
    return data.getvalue()


def parts(package):
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(contents):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return data.getvalue()


def looked_at(data):
    """Why a package is refused, or that it is fine; anything else is an error of ours."""
    try:
        packages.check(data)
    except Unusable as refusal:
        return refusal.reason
    return "fine"


def refused(data):
    with pytest.raises(Unusable) as caught:
        packages.check(data)
    return caught.value.reason


def test_every_part_but_pictures_is_unpacked_under_its_name_in_lower_case(book):
    contents = {**parts(book), "xl/media/Logo.PNG": b"x", "docProps\\App.xml": b"<a/>", "xl/empty/": b""}
    del contents["docProps/app.xml"]

    unpacked, broken = packages.unpacked(zipped(contents))

    expected = {name.replace("\\", "/").casefold(): content for name, content in contents.items()}
    assert unpacked == {name: content for name, content in expected.items() if not name.endswith((".png", "/"))}
    assert broken == frozenset()


def test_a_package_of_given_parts_is_the_same_whenever_it_is_made():
    parts = {"b.xml": b"<b/>", "a/a.xml": b"<a/>" * 1000}

    assert packages.unpacked(packages.zipped(parts)) == (parts, frozenset())
    assert packages.zipped(parts) == packages.zipped(parts)
    assert len(packages.zipped(parts, zipfile.ZIP_DEFLATED)) < 1000


# --- refused ----------------------------------------------------------------------------------------------------------


def test_a_truncated_file_is_damaged(book):
    assert refused(book[: len(book) // 2]) == "damaged"


def test_every_single_changed_byte_is_noticed_or_harmless(book):
    """A stream that cannot be unpacked, a checksum that does not hold, a broken directory: always damage, never a crash."""
    for place in range(0, len(book), 13):
        broken = bytearray(book)
        broken[place] ^= 0xFF
        assert looked_at(bytes(broken)) in ("fine", "damaged", "encrypted", "missing_part", "unpacks_too_large"), place


def test_a_wrong_checksum_is_damage(book):
    data = bytearray(book)
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        info = archive.getinfo("xl/worksheets/sheet1.xml")
    data[info.header_offset + 14] ^= 1
    directory = data.rindex(b"xl/worksheets/sheet1.xml") - 46
    data[directory + 16] ^= 1

    assert refused(bytes(data)) == "damaged"
    assert packages.unpacked(bytes(data))[1] == {"xl/worksheets/sheet1.xml"}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("twin", ["xl/worksheets/sheet1.xml", "XL/Worksheets/Sheet1.XML", "xl\\worksheets\\sheet1.xml"])
def test_a_part_that_occurs_twice_is_refused_however_its_name_is_written(book, twin):
    data = io.BytesIO(book)
    with zipfile.ZipFile(data, "a") as archive:
        archive.writestr(twin, b"<worksheet/>")

    assert refused(data.getvalue()) == "repeated_part"


DTD = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><x>&e;</x>'


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("xl/worksheets/sheet1.xml", DTD),
        ("xl/sharedStrings.xml", DTD),
        ("docProps/app.xml", DTD),
        ("xl/drawings/vmlDrawing1.vml", DTD),
        ("xl/_rels/workbook.xml.rels", DTD),
        ("xl/worksheets/SHEET9.XML", DTD),
        ("xl/worksheets/sheet1.dat", DTD),
        ("xl/worksheets/sheet1.xml", DTD.encode("utf-16")),
        ("xl/worksheets/sheet1.xml", DTD.encode("utf-16-le")),
        ("xl/worksheets/sheet1.xml", DTD.encode("utf-16-be")),
        ("xl/worksheets/sheet1.xml", DTD.encode("utf-32")),
        ("xl/worksheets/sheet1.xml", " " * 100_000 + DTD),
    ],
)
def test_a_dtd_in_any_part_is_refused(book, part, content):
    contents = {**parts(book), part: content}

    with pytest.raises(Unusable) as caught:
        packages.check(zipped(contents))
    assert (caught.value.reason, caught.value.detail) == ("has_dtd", part)


def test_a_picture_may_carry_a_dtd(book):
    contents = {**parts(book), "xl/media/logo.svg": '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x"><svg/>'}

    packages.check(zipped(contents))


@pytest.mark.parametrize("before", [b"", b"MZ" * 500, bytes.fromhex("d0cf11e0a1b11ae1")])
@pytest.mark.parametrize("behind", [b"", b"\0" * 5000])
def test_bytes_before_and_behind_a_package_change_nothing(book, before, behind):
    fine, hostile = (zipped(parts(book) | more) for more in ({}, {"xl/x.xml": DTD}))

    assert packages.unpacked(before + fine + behind) == packages.unpacked(fine)
    assert refused(before + hostile + behind) == "has_dtd"


def test_what_is_damaged_is_told_without_what_the_package_says(book):
    """Python's own words would name the part, which its writer was free to name after a customer."""
    data = zipped(parts(book) | {"xl/王小明 13800009999.xml": b"<a/>"})

    with pytest.raises(Unusable) as caught:
        packages.unpacked(data.replace("王小明".encode(), "王大明".encode(), 1)[:-40])
    assert (caught.value.reason, caught.value.detail) == ("damaged", "BadZipFile")


def test_what_unpacks_beyond_the_bound_is_refused_without_unpacking(book, monkeypatch):
    monkeypatch.setattr(packages, "UNPACKED_BYTES", 10**6)
    contents = {**parts(book), "xl/sharedStrings.xml": b" " * 10**6}
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *_: pytest.fail("unpacked"))

    assert refused(zipped(contents)) == "unpacks_too_large"


def test_too_many_parts_are_refused(book, monkeypatch):
    monkeypatch.setattr(packages, "PARTS", 50)
    contents = {**parts(book), **{f"xl/media/{number}.png": b"" for number in range(50)}}

    assert refused(zipped(contents)) == "unpacks_too_large"


def test_a_part_encrypted_on_its_own_is_refused_as_such(book):
    data = bytearray(book)
    directory = data.index(b"PK\x01\x02")
    data[directory + 8] |= 1

    assert refused(bytes(data)) == "encrypted"
