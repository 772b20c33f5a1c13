"""The compression inside VBA projects: [MS-OVBA]'s own examples, and what olevba unpacks."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oletools.olevba import decompress_stream

from kam_xl.engines.office_file.compression import compressed, decompressed

#: The examples of [MS-OVBA] 3.2: nothing to compress, as usual, as much as can be.
NOTHING = bytes.fromhex("01 19 B0 00 61 62 63 64 65 66 67 68 00 69 6A 6B 6C 6D 6E 6F 70 00 71 72 73 74 75 76 2E")
USUAL = bytes.fromhex(
    "01 2F B0 00 23 61 61 61 62 63 64 65 82 66 00 70 61 67 68 69 6A 01 38 08 61 6B 6C 00 30 6D 6E 6F 70 06 71 02 70"
    "04 10 72 73 74 75 76 10 77 78 79 7A 00 3C"
)
MOST = bytes.fromhex("01 03 B0 02 61 45 00")

#: Lines as VBA has them, drawn from few so that long copies come up.
lines = st.lists(st.sampled_from(["Sub A()", "    x = 1", "' ----", "", "End Sub", "\t"]) | st.text(max_size=30))
texts = lines.map(lambda few: "\r\n".join(few * 40).encode("ascii", "replace"))


def unpacked(container):
    return bytes(decompress_stream(bytearray(container)))


@pytest.mark.parametrize(
    ("data", "container"),
    [
        (b"abcdefghijklmnopqrstuv.", NOTHING),
        (b"#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa", USUAL),
        (b"a" * 73, MOST),
    ],
)
def test_the_examples_of_the_specification(data, container):
    assert decompressed(container, 100) == data
    assert unpacked(compressed(data)) == data
    assert len(compressed(data)) <= len(container)


@pytest.mark.slow
@given(texts)
def test_any_text_comes_back_here_and_in_olevba(data):
    container = compressed(data)

    assert decompressed(container, len(data)) == data
    assert not data or unpacked(container) == data


@pytest.mark.parametrize("size", [1, 2, 3, 4095, 4096, 4097, 8192, 12289])
@pytest.mark.parametrize("alphabet", [b"a", b"ab", b"Sub x()\r\n", bytes(range(256))])
def test_chunks_end_where_they_should(size, alphabet):
    data = bytes(random.Random(size).choices(alphabet, k=size))
    container = compressed(data)

    assert unpacked(container) == decompressed(container, 2 * size + 4096)
    assert decompressed(container, 2 * size + 4096).rstrip(b"\0") == data.rstrip(
        b"\0"
    )  # a raw chunk is filled with them


def test_a_copy_is_never_longer_than_its_bits_can_say():
    data = bytes(random.Random(1).choices(range(32, 127), k=2500)) + b"Attribute VB_Name = a long line again" * 20

    assert unpacked(compressed(data)) == data


def test_text_gets_smaller():
    assert len(compressed(b"    If x Then y = 1\r\n" * 1000)) < 1500


@pytest.mark.parametrize(
    ("container", "why"),
    [
        (b"", "no compressed container"),
        (b"\x02\x00", "no compressed container"),
        (b"\x01\x03\x00\x02aE\0", "no compressed chunk"),
        (b"\x01\x03\xb0\x01\x45\x00\x00", "reaches out"),
        (MOST, "more than 72 bytes"),
    ],
)
def test_what_is_no_container_is_said(container, why):
    with pytest.raises(ValueError, match=why):
        decompressed(container, 72)
