"""The ledger's chain: a record is read back as it was written, broken by any change, and outlived by its link."""

import dataclasses
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_xl.core import chain
from kam_xl.core.chain import Forgotten, Record, Replaced
from kam_xl.core.nights import AskedFor, Night, Seen, Stamp

SEEN = (
    Seen(
        "华东.xlsx", "华东", "a" * 64, 12, "2026-11-20T18:30:00", "read", None, None, "e1", Stamp(12, 3, 4, 5), "c" * 64
    ),
    Seen("坏.xlsx", "坏", None, 0, None, "quarantined", "damaged", "", None, None),
)
ASKED = AskedFor(
    "teams", "../teams", 2, {"scheduler": ""}, ("weekly",), {"history/1.parquet": "1"}, {"x": "ValueError"}, "v"
)
OUTPUTS = {"KAM_Master.xlsx": "b" * 64, "history/2.parquet": "2"}
NIGHT = Night("2026-11-21T02:00:00", "0.1.0", "r1", "p1", "zh-CN", SEEN, OUTPUTS, None, ASKED)
GONE = Forgotten(
    "2026-11-22T09:00:00", 1, "me", "0.1.0", "own", {"e1": Replaced("c" * 64, "e1.1", "d" * 64)},
    {"history/1.parquet": Replaced("1", "history/1.parquet", "3"), "history/2.parquet": Replaced("2", None, None)},
    {"KAM_Master.xlsx": "f" * 64}, {"info": 1}, 2, (), "x",
)  # fmt: skip
BEFORE = (Path(__file__).parents[1] / "hosts" / "before_the_ledger.json").read_text("utf-8")


@pytest.mark.parametrize("record", [NIGHT, GONE])
def test_a_record_is_read_as_it_was_written(record: Record) -> None:
    text, link = chain.written(record)

    assert chain.read(text) == (record, link)
    assert chain.read_link(chain.link_text(link)) == link
    assert (link.moment, link.before, len(link.own)) == (record.moment, record.before, 64)


def test_a_link_keeps_the_hash_of_the_snapshot() -> None:
    assert chain.written(NIGHT)[1].snapshot == {"history/2.parquet": "2"}
    assert chain.written(GONE)[1].snapshot == {}


@pytest.mark.parametrize(
    ("record", "field"), [(one, field.name) for one in (NIGHT, GONE) for field in dataclasses.fields(one)]
)
def test_another_record_has_another_hash(record: Record, field: str) -> None:
    value = getattr(record, field)
    other = {**value, "y": "z"} if isinstance(value, dict) and field not in ("entries", "snapshots") else None
    changed = dataclasses.replace(record, **{field: other or ({} if isinstance(value, dict) else () if value else "z")})

    assert chain.written(changed)[1].own != chain.written(record)[1].own


@given(st.sampled_from([chain.written(NIGHT)[0], chain.written(GONE)[0], chain.link_text(chain.written(NIGHT)[1]), BEFORE]),
       st.integers(0), st.integers(1, 255))  # fmt: skip
def test_not_one_byte_of_a_record_or_a_link_may_be_another(text: str, place: int, other: int) -> None:
    content = bytearray(text.encode())
    content[place % len(content)] ^= other

    with pytest.raises(ValueError):  # noqa: PT011 (whatever the reader of JSON says)
        (chain.read if '"product"' in text else chain.read_link)(bytes(content).decode())


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", "null", '{"own": "x"}', '{"own": 1, "books": [{}]}', '{\n "own": 1\n}']
)
def test_what_is_no_record_is_told(text: str) -> None:
    for read in (chain.read, chain.read_link):
        with pytest.raises(ValueError):  # noqa: PT011
            read(text)


def test_a_record_from_before_the_ledger_is_read_and_holds_nobody() -> None:
    night, link = chain.read(BEFORE)

    assert isinstance(night, Night)
    assert (night.asked, night.books[0].content, link.content) == (None, None, None)
    assert link.own == json.loads(BEFORE)["own"]
    with pytest.raises(ValueError, match="hash"):
        chain.read_link(chain.link_text(link))


def test_a_night_stands_as_it_was_left_when_a_customer_was_forgotten() -> None:
    now = chain.now(NIGHT, "another", [GONE])

    assert (now.books[0].entry, now.books[0].content, now.books[1]) == ("e1.1", "d" * 64, SEEN[1])
    assert now.asked is not None
    assert now.asked.snapshots == {"history/1.parquet": "3"}
    assert now.outputs == {"KAM_Master.xlsx": "b" * 64}
    assert chain.now(NIGHT, "own", [GONE]).outputs == GONE.outputs
    assert chain.now(NIGHT, "own", []) == NIGHT


def test_who_was_forgotten_twice_is_gone_from_what_was_written_in_between() -> None:
    again = dataclasses.replace(GONE, entries={"e1.1": Replaced("d", "e1.1.2", "g"), "e1": Replaced("c", "e1.2", "h")})

    assert chain.now(NIGHT, "x", [GONE, again]).entries == {"e1.1.2"}
    assert chain.now(NIGHT, "x", [again]).entries == {"e1.2"}


def test_a_mark_is_letters_alone_and_others_for_other_hashes() -> None:
    marks = {chain.mark(chain.written(dataclasses.replace(NIGHT, lang=str(n)))[1].own) for n in range(50)}

    assert len(marks) == 50
    assert all(mark.isalpha() and len(mark) == 24 for mark in marks)
