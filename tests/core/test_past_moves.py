"""What moved on nights before is told again: whole nights without a gap, of whom the same teams serve, as far as there is room."""

import dataclasses
import datetime as dt
from types import SimpleNamespace

import pandas as pd
import pytest

from kam_xl import resources
from kam_xl.core import frames, kept_moves, moves, past_moves

WORDS, POLICY = resources.words("zh-CN"), resources.policy()
TONIGHT = dt.datetime(2026, 11, 10, 2)
DAY = pd.Timestamp(TONIGHT.date())


def changed(*rows):
    """A night's moves, and their parts: customer, figure, from, to, factor."""
    moved = [(who, f"公司{who}", name, *((was, now, None, None) if name != "tier" else (None, None, was, now)), "", "", "")
             for who, name, was, now, _ in rows]  # fmt: skip
    parts = [(who, name, factor, now - was if name != "tier" else None, "first" if name == "tier" else "part")
             for who, name, was, now, factor in rows]  # fmt: skip
    made = zip(("moves", "move_parts"), (moved, parts), strict=True)
    return [
        pd.DataFrame(found, columns=list(frames.ASSESSMENT[key])).astype(frames.ASSESSMENT[key]) for key, found in made
    ]


def snapshot(back, *rows, teams="华东", since=1):
    """What a night so many days before tonight left: what moved since the night before it, or nobody compared."""
    texts = kept_moves.as_texts(*changed(*rows))
    on = DAY - pd.Timedelta(days=back)
    then = on - pd.Timedelta(days=since) if since else pd.NaT
    ids = ["C001", "C002"]
    return pd.DataFrame({"customer_id": ids, "name": ids, "teams": teams, "moves": pd.Series(ids).map(texts).astype("str"),
                         "moved_since": pd.Series([then] * 2, dtype="datetime64[s]"), "on": on})  # fmt: skip


def tonight(*rows, teams=("华东", "华东"), room=400):
    """What tonight knows before it looks back."""
    policy = dataclasses.replace(POLICY, moves=dataclasses.replace(POLICY.moves, team_rows=room))
    found, parts = changed(*rows)
    customers = pd.DataFrame({"customer_id": ["C001", "C002"], "teams": teams}, dtype="str")
    return SimpleNamespace(
        moves=found, move_parts=parts, customers=customers, against=TONIGHT - dt.timedelta(days=1), today=TONIGHT.date(),
        policy=policy, words=WORDS,
    )  # fmt: skip


UP = ("C001", "score", 70.0, 71.0, "own")


def days(found, customer="C001"):
    own = found.rows[found.rows["customer_id"] == customer]
    return (DAY - own["on"]).dt.days.tolist()


def test_nights_follow_one_another_as_far_as_each_was_compared_with_the_one_before():
    found = past_moves.told(tonight(UP), [snapshot(1, UP), snapshot(2), snapshot(3, UP, since=0), snapshot(4, UP)])

    assert days(found) == [0, 1]
    assert (DAY - found.since).days == 3
    assert set(found.rows["since"]) == {found.since}
    before = found.rows.iloc[1]
    assert (before["said"], before["why"]) == ("70.0 → 71.0（+1.0）", "自身数据 +1.0")


def test_a_night_that_is_missing_ends_it():
    found = past_moves.told(tonight(UP), [snapshot(1, UP), snapshot(3, UP)])
    assert (days(found), (DAY - found.since).days) == ([0, 1], 2)

    found = past_moves.told(tonight(UP), [snapshot(2, UP)])
    assert (days(found), (DAY - found.since).days) == ([0], 1)


def test_of_whom_other_teams_served_then_nothing_older_is_told_and_it_is_known_since_when():
    nights = [snapshot(1, UP), snapshot(2, UP, teams=["华南", "华东"]), snapshot(3, UP)]

    found = past_moves.told(tonight(UP, ("C002", "score", 1.0, 2.0, "own")), nights)

    assert days(found) == [0, 1]
    since = found.rows.groupby("customer_id")["since"].max()
    assert [(DAY - since[one]).days for one in ("C001", "C002")] == [2, 4]


def test_no_more_is_read_than_any_team_s_sheet_has_room_for():
    read = []

    def nights():
        for back in range(1, 6):
            read.append(back)
            yield snapshot(back, UP)

    found = past_moves.told(tonight(UP, room=2), nights())

    assert read == [1, 2]
    assert days(found) == [0, 1, 2]  # one row too many: each team's part leaves that night out


@pytest.mark.parametrize(
    ("room", "kept", "since"), [(1, [0], 1), (2, [0, 1], 2), (3, [0, 1, 2], 4), (400, [0, 1, 2], 4)]
)
def test_a_team_has_whole_nights_and_its_last_one_always(room, kept, since, monkeypatch):
    both = [("C001", "tier", "key", "regular", "own"), UP]
    nights = [snapshot(1, UP), snapshot(2, UP), snapshot(3)]
    rows = past_moves.told(tonight(*both, room=400), nights).rows
    monkeypatch.setattr(moves, "of_team", lambda _, rows: rows.set_axis([0] * len(rows)))
    parts = SimpleNamespace(teams=SimpleNamespace(whole=tonight(room=room + 1)))

    found = past_moves.of_team(parts, rows)

    assert ((DAY - found["on"]).dt.days.drop_duplicates()).tolist() == kept
    assert [(DAY - one).days for one in found["since"].unique()] == [since]


def test_what_is_kept_comes_back_as_it_was():
    found, parts = changed(UP, ("C001", "tier", "key", "", "calendar"), ("C002", "amount", 1.5, 3.25, "others"))
    texts = kept_moves.as_texts(found, parts)
    names = pd.Series({"C001": "公司C001", "C002": "公司C002"})

    again, causes = kept_moves.frames_of(names, texts)

    blank = ["said", "why", "cites"]
    pd.testing.assert_frame_equal(again.drop(columns=blank), found.drop(columns=blank))
    pd.testing.assert_frame_equal(causes, parts)
    assert kept_moves.as_texts(again, causes).to_dict() == texts.to_dict()


@pytest.mark.parametrize(
    "text",
    ["", "[", "{}", '["score"]', '[["score", 1, 2]]', '[["score", "a", 2, {}]]', '[["score", 1, 2, []]]', "[[1, 1, 2, {}]]",
     '[["score", 1, NaN, {}]]', '[["score", 1, 2, {"own": "x"}]]', '[["tier", "a", "b", {"own": 1}]]', '[["score", true, 2, {}]]'],
)  # fmt: skip
def test_what_is_none_of_ours_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 (JSON has its own)
        kept_moves.frames_of(pd.Series(["x"], ["C001"]), pd.Series([text], ["C001"]))
