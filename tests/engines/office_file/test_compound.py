"""Compound files: what we write, two independent readers read back, and the directory is a tree as Windows wants it."""

import io

import olefile
import pytest
from hypothesis import given
from hypothesis import strategies as st
from xlrd.compdoc import CompDoc

from kam_xl.engines.office_file import compound

names = st.text("ABCdefghijklmnop_0123456789", min_size=1, max_size=31)
contents = st.dictionaries(names, st.binary(max_size=200), min_size=1, max_size=40)


def opened(data):
    """The file in olefile, which raises on whatever is not as it should be."""
    return olefile.OleFileIO(io.BytesIO(data), raise_defects=olefile.DEFECT_INCORRECT)


def read(data):
    file = opened(data)
    return {"/".join(path): file.openstream(path).read() for path in file.listdir()}


def blackness(file, number):
    """How many black entries lie on every way down from here; fails where ways differ or a red one follows a red one."""
    if number == olefile.NOSTREAM:
        return 0
    entry = file.direntries[number]
    for child in (entry.sid_left, entry.sid_right):
        assert child == olefile.NOSTREAM or entry.color or file.direntries[child].color
    left, right = (blackness(file, child) for child in (entry.sid_left, entry.sid_right))
    assert left == right
    return left + entry.color


def in_order(file, number):
    if number == olefile.NOSTREAM:
        return []
    entry = file.direntries[number]
    return [*in_order(file, entry.sid_left), entry.name, *in_order(file, entry.sid_right)]


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 4095, 4096, 4097, 70_000, 300_000])
def test_a_stream_of_any_size_comes_back(size):
    content = bytes(number * 7 % 251 for number in range(size))
    data = compound.written({"VBA": {"dir": content, "_VBA_PROJECT": b"x"}, "PROJECT": b"text"})

    assert read(data) == {"VBA/dir": content, "VBA/_VBA_PROJECT": b"x", "PROJECT": b"text"}
    assert len(data) % 512 == 0


def test_a_second_reader_agrees():
    large, small = bytes(range(256)) * 400, b"few"
    file = CompDoc(compound.written({"VBA": {"dir": large}, "PROJECT": small}))

    assert file.get_named_stream("VBA/dir") == large
    assert file.get_named_stream("PROJECT") == small


@given(contents)
def test_the_directory_is_a_red_black_tree_ordered_by_length_and_upper_case(streams):
    streams = {name.upper(): content for name, content in streams.items()}
    file = opened(compound.written({"VBA": streams}))
    top = file.root.kids[0].sid_child

    blackness(file, top)
    assert in_order(file, top) == sorted(streams, key=lambda name: (len(name), name))
    assert read(compound.written({"VBA": streams})) == {f"VBA/{name}": content for name, content in streams.items()}


def test_the_same_contents_give_the_same_bytes():
    streams = {"VBA": {"b": b"1" * 5000, "a": b"2"}}

    assert compound.written(streams) == compound.written(dict(streams))


@pytest.mark.parametrize("name", ["", "a" * 32])
def test_a_name_has_its_limits(name):
    with pytest.raises(ValueError, match="1 to 31"):
        compound.written({name: b""})


def test_what_the_header_cannot_list_is_refused():
    assert read(compound.written({"a": bytes(7_000_000)}))["a"] == bytes(7_000_000)
    with pytest.raises(ValueError, match="more than the header can list"):
        compound.written({"a": bytes(7_200_000)})
