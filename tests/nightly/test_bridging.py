"""A night says why it is not what the night before was: on its pages, in the master, in each team's workbook, for that team alone."""

import datetime as dt
import json
import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from kam_xl import nightly, resources
from kam_xl.core import moves
from kam_xl.core.errors import KamError
from kam_xl.doors import udfs
from kam_xl.hosts import isolation, snapshots
from kam_xl.hosts.store import Store
from kam_xl.nightly import again, bridging, forgetting, verifying
from tests import files
from tests.nights import in_short

pytestmark = pytest.mark.slow
FIRST = dt.datetime(2026, 11, 26, 2)
MARKS = {"potential": 95, "demand": 95, "evaluated_on": dt.date(2026, 9, 1)}


def typed(folder, team, number, amount, value, *, shared=0):
    """One team's workbook of two strategic customers, the first with this amount, the second with this mark; maybe a shared one."""
    people = [(f"C{number}1", amount), (f"C{number}2", 300), *([("S001", shared)] if shared else [])]
    info = [
        {"customer_id": who, "name": f"公司{who}", "amount": money, "last_deal": dt.date(2026, 10, 20)}
        for who, money in people
    ]
    marks = [{"customer_id": f"C{number}{one}", **MARKS, "value": mark} for one, mark in ((1, 95), (2, value))]
    files.team(folder / f"{team}.xlsx", saved=FIRST, info=info, evaluation=marks)


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """The outputs of three nights: nothing but the day moved on the second, two teams typed something before the third."""
    work = tmp_path_factory.mktemp("nights")
    for day, (amount, value, shared) in enumerate([(520, 95, 50), (520, 95, 50), (400.5, 40, 80)]):
        typed(work / "teams", "华东", 1, amount, 95, shared=shared)
        typed(work / "teams", "华南", 2, 700, value, shared=60)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(isolation, "read_one", isolation._answer)
            code, _ = nightly.run(nightly.Job(work / "teams", work / "out", workers=1), FIRST + dt.timedelta(days=day))
        assert code == 0
    return work / "out"


def sheet(path, name):
    rows = [*openpyxl.load_workbook(path, read_only=True)[name].iter_rows(values_only=True)]
    head = next(at for at, row in enumerate(rows) if row[0] in ("客户ID", "变化"))
    return pd.DataFrame(rows[head + 1 :], columns=rows[head]).dropna(how="all")


def test_the_first_page_says_why_beside_the_figure(out):
    assert json.loads((out / "run.json").read_text("utf-8"))["failures"] == []
    assert "累计交易额（万元）" in moved(out)
    assert "自身数据 −89.5" in moved(out)
    assert "没有拆分" not in moved(out)


def test_what_a_night_shows_is_what_why_says(out):
    words = resources.words("zh-CN")
    why = bridging.since(out, None, words)

    shown, parts, sums = (
        pd.read_parquet(out / "archive" / f"{name}.parquet") for name in ("moves", "move_parts", "move_sums")
    )

    at_length = why.bridge.parts[why.bridge.parts["figure"] != "health"]
    at_length = at_length[at_length["role"].isin(["part", "first"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(parts, at_length, check_dtype=False)
    said = why.assessed.moves[why.assessed.moves["figure"] != "health"].reset_index(drop=True)
    columns = ["customer_id", "figure", "said"]
    pd.testing.assert_frame_equal(shown[columns], said[columns], check_dtype=False)
    headline = moves.headline(why.bridge, words)
    headline = headline[headline["figure"] != "money"].reset_index(drop=True)
    pd.testing.assert_frame_equal(sums, headline, check_dtype=False)


def test_a_night_is_made_again_with_why_or_says_that_it_cannot(out, tmp_path):
    words = resources.words("zh-CN")
    chosen = again.chosen(out, f"{FIRST + dt.timedelta(days=2):%Y-%m-%d}", words)

    assert chosen.asked.against == (FIRST + dt.timedelta(days=1)).isoformat()
    assert again.again(chosen, out, tmp_path / "again", words) == []

    shutil.copytree(out, tmp_path / "out")
    next((tmp_path / "out" / "store" / "nights").glob("2026-11-27*")).unlink()
    with pytest.raises(KamError, match="2026-11-27T02"):
        again.again(chosen, tmp_path / "out", tmp_path / "gone", words)


def test_the_details_say_why_beside_each_change(out):
    page = (out / "details.html").read_text("utf-8")

    assert "华南.xlsx 客户多维度分层评估表!B3" in page
    assert "为何变化" in page


def test_the_master_says_why_beside_each_change(out):
    rows = sheet(out / "KAM_Master.xlsx", "变化").set_index("客户ID")

    fell = rows[rows["变化"] == "降级"].loc["C22"]
    assert (fell["为何变化"], fell["上次"]) == ("自身数据", "战略客户")
    assert fell["依据"].startswith("华南.xlsx 客户多维度分层评估表!B3")


def test_the_plan_of_a_customer_says_what_is_not_as_it_was(out):
    changed, same = ((out / "plans" / f"{one}.html").read_text("utf-8") for one in ("C11", "C21"))

    assert "520 → 400.5（−119.5）：自身数据 −119.5" in changed
    assert 'id="moves"' not in same


def test_each_team_reads_why_of_its_own_customers_and_nothing_of_anothers(out):
    east, south = (sheet(out / "teams" / f"{team}.xlsx", "为何变化") for team in ("华东", "华南"))

    assert set(east["客户ID"]) <= {"C11", "C12", "S001"}
    own = south[(south["客户ID"] == "C22") & (south["项目"] == "层级")].iloc[0]
    assert own["依据"].startswith("华南.xlsx")
    assert set(south["相比的两晚"]) == {"2026-11-27 到 2026-11-28"}
    assert set(south["已知自"]) == {dt.datetime(2026, 11, 26)}  # the night between changed nothing
    assert "华东" not in south.to_csv()
    assert not ((south["客户ID"] == "S001") & (south["项目"] == "累计交易额（万元）")).any()


def test_a_night_on_which_nothing_but_the_day_changed_explains_no_figure_of_anybody(out):
    archived = pd.read_parquet(out / "archive" / "moves.parquet")

    assert {"C11", "C22"} <= set(archived["customer_id"]) <= {"C11", "C22", "S001", "C12", "C21"}


def test_since_a_day_the_nights_add_up_as_far_back_as_they_follow_one_another(out, tmp_path, readers_in_this_process):
    words = resources.words("zh-CN")
    shutil.copytree(out, tmp_path / "out")
    typed(tmp_path / "teams", "华东", 1, 300, 95, shared=80)
    typed(tmp_path / "teams", "华南", 2, 700, 40, shared=60)
    nightly.run(nightly.Job(tmp_path / "teams", tmp_path / "out", workers=1), FIRST + dt.timedelta(days=3))

    assert answered(tmp_path / "out", "C11", dt.date(2026, 11, 28)) == ("400.5 → 300（−100.5）", "自身数据 −100.5")
    assert answered(tmp_path / "out", "C11", dt.date(2026, 11, 26)) == ("520 → 300（−220）", "自身数据 −220")
    assert answered(tmp_path / "out", "C11", None) == ("400.5 → 300（−100.5）", "自身数据 −100.5")
    assert (
        answered(tmp_path / "out", "C11", dt.date(2026, 11, 25)) == "#!2042:自某天以来：“为何变化”表只记到 2026-11-26"
    )
    chosen = again.chosen(tmp_path / "out", "2026-11-29", words)
    assert again.again(chosen, tmp_path / "out", tmp_path / "again", words) == []

    forgetting.forget(tmp_path / "out", "C11", "?", FIRST + dt.timedelta(days=3, hours=1), words)

    assert "C11" not in sheet(tmp_path / "out" / "teams" / "华东.xlsx", "为何变化").to_csv()
    assert len(snapshots.read(snapshots.files(tmp_path / "out")[-1])["moves"].dropna()) > 0
    assert verifying.verify(tmp_path / "out").broken == []


def answered(out: Path, customer: str, since: dt.date | None) -> object:
    """What KAM_CHANGE says of an amount out of the workbook that a night gave back, or its error."""
    rows = [
        *openpyxl.load_workbook(out / "teams" / "华东.xlsx", read_only=True)["为何变化"].iter_rows(values_only=True)
    ]
    found = udfs.call("KAM_CHANGE", (customer, rows, since))
    if isinstance(found, str):
        return found
    return next(row[1:3] for row in found if row[0] == "累计交易额（万元）")


def test_a_night_whose_last_one_is_lost_does_without(out, tmp_path, readers_in_this_process, monkeypatch):
    in_short(monkeypatch.setattr, "_first", "night_before")
    shutil.copytree(out, tmp_path / "out")
    teams = tmp_path / "teams"
    typed(teams, "华东", 1, 10, 95)
    shutil.rmtree(tmp_path / "out" / "store")

    code, found = nightly.run(nightly.Job(teams, tmp_path / "out", workers=1), FIRST + dt.timedelta(days=4))

    assert (code, len(found.moves), len(found.changes) > 0) == (0, 0, True)
    assert "保存库里没有 2026-11-28 那一晚的记录" in moved(tmp_path / "out")
    assert found.moved_since is None
    assert snapshots.read(snapshots.files(tmp_path / "out")[-1])["moved_since"].isna().all()


def test_a_night_whose_last_one_is_kept_no_longer_or_lacks_what_it_read_says_so_and_is_made_again(out, tmp_path):
    """Of the last record the link alone, as a sweep leaves it; then the record without its workbooks."""
    words, now = resources.words("zh-CN"), FIRST + dt.timedelta(days=3)
    for number, told in enumerate(("已过保留期", "已不齐全")):
        done = Path(shutil.copytree(out, tmp_path / f"out{number}"))
        kept = Store(done)
        last = kept.places()[-1]
        if number == 0:
            kept._reduce(last)
        else:
            shutil.rmtree(kept.books)
        typed(tmp_path / "teams", "华东", 1, 10, 95)

        nightly.run(nightly.Job(tmp_path / "teams", done, workers=1), now)

        assert told in moved(done)
        assert again.again(again.chosen(done, f"{now:%Y-%m-%d}", words), done, tmp_path / f"again{number}", words) == []


def moved(out: Path) -> str:
    """What the first page says of why."""
    page = (out / "risk_summary.html").read_text("utf-8")
    return page[page.index('id="moved"') :].partition("</p>")[0]


def test_what_cannot_be_explained_costs_the_explanation_alone(out, tmp_path, monkeypatch, readers_in_this_process):
    in_short(monkeypatch.setattr, "_first", "night_before")
    shutil.copytree(out, tmp_path / "out")
    typed(tmp_path / "teams", "华东", 1, 10, 95)
    monkeypatch.setattr(bridging.worlds, "Worlds", lambda *_: 1 / 0)

    code, found = nightly.run(
        nightly.Job(tmp_path / "teams", tmp_path / "out", workers=1), FIRST + dt.timedelta(days=4)
    )

    assert (code, [one.subject for one in found.failures], len(found.moves)) == (1, ["moves"], 0)
    assert "与上次相比为何变化" in (tmp_path / "out" / "details.html").read_text("utf-8")
