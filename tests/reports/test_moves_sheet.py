"""The sheet Why it changed: what a night writes, a desk reads back as it stands, wherever its header is; it never reads another."""

import datetime as dt
from types import SimpleNamespace

import pandas as pd
import pytest

from kam_xl import resources
from kam_xl.core import frames
from kam_xl.core.frames import READER
from kam_xl.core.words import LANGUAGES
from kam_xl.reports import moves_sheet
from kam_xl.showing import columns
from kam_xl.showing.vocabulary import Vocabulary

THEN, NOW = dt.datetime(2026, 11, 27, 2), dt.datetime(2026, 11, 28, 2)
#: customer_id, figure, before, after; of a tier neither.
CHANGED = (
    ("C001", "score", 80.0, 81.0),
    ("C002", "amount", 10.0, 400.0),
    ("C003", "score", 70.0, 61.0),
    ("C003", "tier", None, None),
    ("C004", "score", 60.0, 65.5),
)


def part(lang="zh-CN", changed=CHANGED, against=THEN):
    rows = [(who, f"公司{who}", figure, before, after, "", "", f"{before} → {after}" if before else "战略客户 → 重点客户", "自身数据", "华东.xlsx 表!B3 电话 13800001234")
            for who, figure, before, after in changed]  # fmt: skip
    schema = frames.ASSESSMENT["moves"]
    moves = pd.DataFrame(rows, columns=list(schema)).astype(schema)
    moves = moves.assign(
        then=pd.Timestamp(THEN.date()), on=pd.Timestamp(NOW.date()), since=pd.Timestamp(THEN.date()), last=True
    )
    since = against and against.date()
    return SimpleNamespace(night_moves=moves, against=against, moved_since=since, now=NOW, words=resources.words(lang))


def cells(told):
    """The sheet with its header, as it stands in a workbook."""
    names = Vocabulary({key: told.words(f"bridge.figure.{key}") for key in moves_sheet.ORDER})
    ready = columns.columns(moves_sheet.rows(told), moves_sheet.FIELDS, {"moves.figure": names}, told.words)
    return [[one.header for one in ready], *map(list, zip(*(one.values for one in ready), strict=True))]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_a_night_writes_is_read_back_in_order_of_weight(lang):
    told = moves_sheet.read(cells(part(lang)))

    assert told.rows[["customer_id", "figure"]].to_numpy().tolist() == [
        ["C003", "tier"], ["C003", "score"], ["C004", "score"], ["C001", "score"], ["C002", "amount"],
    ]  # fmt: skip
    assert set(told.rows["nights"]) == {
        resources.words(lang)("bridge.page.nights", then="2026-11-27", now="2026-11-28")
    }
    assert told.rows["said"][1] == "70.0 → 61.0"
    assert told.note == ""


def test_of_several_teams_each_keeps_its_rows_and_a_shared_customer_weighs_once():
    both = part()
    rows = both.night_moves
    twice = pd.concat([rows, rows[rows["customer_id"] == "C004"]]).set_axis([0, 0, 1, 1, 0, 1])

    ordered = moves_sheet.rows(SimpleNamespace(**vars(both) | {"night_moves": twice}))

    assert ordered["customer_id"].tolist() == ["C003", "C003", "C004", "C004", "C001", "C002"]
    assert ordered.index[ordered["customer_id"] == "C004"].tolist() == [0, 1]


def test_a_team_of_which_nothing_moved_last_night_says_so_once_above_what_moved_before():
    told = part()
    back = dict.fromkeys(("then", "on"), pd.Timedelta(days=1))
    before = told.night_moves.assign(**{name: told.night_moves[name] - day for name, day in back.items()})
    before = before.assign(last=False)
    every = pd.concat([told.night_moves.assign(**{READER: 0}), before.assign(**{READER: 1})], ignore_index=True)

    rows = moves_sheet.rows(SimpleNamespace(**vars(told) | {"night_moves": every}))

    still = rows[rows["figure"].isna()]
    assert still[[READER, "why", "nights"]].to_numpy().tolist() == [
        [1, "2026-11-27 到 2026-11-28，没有变化。", "2026-11-27 到 2026-11-28"]
    ]
    assert rows[rows[READER] == 1].index[0] == still.index[0]
    read = moves_sheet.read(cells(SimpleNamespace(**vars(told) | {"night_moves": before})))
    assert (read.last.empty, read.note) == (True, "2026-11-27 到 2026-11-28，没有变化。")
    assert (len(read.rows), read.on) == (len(CHANGED), pd.Timestamp(NOW.date()))


def test_below_a_title_and_beside_headings_and_headers_only_changes_are_read():
    header, *rows = cells(part())
    blank = [""] * len(header)

    told = moves_sheet.read(
        [["为何变化", *blank[1:]], blank, header, *rows[:2], blank, ["其他客户", *blank[1:]], header, *rows[2:]]
    )

    pd.testing.assert_frame_equal(told.rows, moves_sheet.read([header, *rows]).rows)


def test_no_number_of_a_person_leaves_a_workbook_that_keeps_them():
    assert not moves_sheet.read(cells(part())).rows["cites"].str.contains("13800001234").any()


@pytest.mark.parametrize(("away", "read"), [("依据", True), ("客户名称", True), ("项目", False), ("相比的两晚", False)])
def test_a_column_that_somebody_took_out_is_blank_or_leaves_nothing_to_tell(away, read):
    header, *rows = cells(part())
    place = header.index(away)

    told = moves_sheet.read([row[:place] + row[place + 1 :] for row in [header, *rows]])

    assert (told is not None) == read


@pytest.mark.parametrize(
    ("against", "said"),
    [(THEN, "2026-11-27 到 2026-11-28，没有变化。"), (None, "2026-11-28 这一晚没有与更早的一晚比较")],
)
def test_a_night_without_changes_says_why_there_are_none(against, said):
    nobody = part(changed=(), against=against)
    header, *_ = cells(part())

    note = moves_sheet.nothing(nobody)
    told = moves_sheet.read([header, [note]])

    assert note.startswith(said)
    assert (len(told.rows), told.note) == (0, note)


@pytest.mark.parametrize(
    "other", [[], [[]], [["客户ID", "客户名称", "行业"], ["C001", "甲", "制造"]], [["说明"], ["没能写出"]]]
)
def test_another_table_is_none_of_it(other):
    assert moves_sheet.read(other) is None
