"""Records of binary parts: ids and sizes of any length."""

from kam_xl.engines.office_file import records


def test_records_of_a_binary_part_may_have_long_ids_and_sizes():
    long = b"\x9c\x01\xc8\x01" + b"x" * 200

    assert list(records.read(long + b"\x03\x00")) == [(156, b"x" * 200, 204), (3, b"", 206)]
