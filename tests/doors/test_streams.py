"""What a program says reaches files and other programs with every name in it."""

import io

import pytest

from kam_xl.doors.streams import carry_chinese

SAID = "华东.xlsx\n"


class Terminal(io.BytesIO):
    """Bytes that somebody sees at once."""

    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("code_page", "where", "written"),
    [
        ("cp1252", io.BytesIO, SAID.encode("utf-8")),
        ("cp437", io.BytesIO, SAID.encode("utf-8")),
        ("ascii", io.BytesIO, SAID.encode("utf-8")),
        ("cp936", io.BytesIO, SAID.encode("gbk")),
        ("cp950", io.BytesIO, SAID.encode("utf-8")),  # has Traditional only
        ("utf-8", io.BytesIO, SAID.encode("utf-8")),
        ("cp437", Terminal, b"??.xlsx\n"),
    ],
)
def test_a_stream_carries_chinese_where_nobody_reads_it_in_another_code_page(code_page, where, written):
    stream = io.TextIOWrapper(where(), code_page, newline="\n")

    carry_chinese((None, stream))
    stream.write(SAID)
    stream.flush()

    assert stream.buffer.getvalue() == written
