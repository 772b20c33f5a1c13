"""The commands of the ledger: what each says, and how it ends."""

import datetime as dt
import json
import shutil
from pathlib import Path

import pytest

from kam_xl import nightly
from kam_xl.core import chain
from kam_xl.hosts import isolation
from kam_xl.hosts.store import Store
from tests import files
from tests.commands import call

pytestmark = [pytest.mark.usefixtures("quiet_log"), pytest.mark.slow]
NIGHT = dt.datetime(2026, 11, 21, 2)


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One night, done once: its teams and its outputs, to be copied."""
    work = tmp_path_factory.mktemp("ledger")
    files.team(
        work / "teams" / "华东.xlsx",
        info=[files.FILLED["info"], {**files.CUSTOMER, "customer_id": "C002", "name": "乙科技"}],
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(isolation, "read_one", isolation._answer)
        nightly.run(nightly.Job(work / "teams", work / "out", workers=1), NIGHT)
    return work


@pytest.fixture
def out(night: Path, tmp_path: Path, readers_in_this_process: None) -> Path:
    """That night's outputs beside its teams, to change something in."""
    shutil.copytree(night, tmp_path, dirs_exist_ok=True)
    return tmp_path / "out"


def test_a_whole_ledger_its_mark_a_night_made_again_and_a_customer_forgotten(out: Path) -> None:
    mark = chain.mark(Store(out).newest() or "")

    whole = call("verify", out, "--mark", mark[:10])
    assert whole.exit_code == 0
    assert "账本完整：1 晚的记录" in whole.output
    assert f"账本印记 {mark}" in whole.output
    assert f"带有印记 {mark[:10]} 的记录还在" in whole.output

    same = call("again", out, "--night", "2026-11-21")
    assert same.exit_code == 0
    assert f"重做在 {out}-2026-11-21T020000" in same.output
    assert "逐字节相同" in same.output

    gone = call("forget", out, "C002")
    assert gone.exit_code == 1  # the team still has them
    assert "记为第 1 号：1 行" in gone.output
    assert "  华东.xlsx" in gone.output
    assert "C002" not in (out / "risk_summary.html").read_text("utf-8")

    assert call("verify", out).exit_code == 0
    assert call("again", out, "--night", "2026-11-21", "--into", out.with_name("there")).exit_code == 0


def test_a_break_is_told_first_and_the_rest_counted(out: Path) -> None:
    record = Store(out).places()[0]
    text = record.read_text("utf-8")
    record.write_text(text.replace("华东", "华西"), "utf-8")

    told = call("verify", out, "--lang", "en")

    assert told.exit_code == 1
    first, *rest = told.output.splitlines()
    assert first == f"The ledger breaks here: store/nights/{record.name} was changed after it was written"
    assert rest[0].startswith("Besides: ")
    assert all(line.startswith("  store/") or "2026-11-21T020000.parquet" in line for line in rest[1:])


def test_a_changed_output_is_named_with_the_night_and_an_unknown_mark_is_told(out: Path) -> None:
    (out / "risk_summary.html").write_text("ours", "utf-8")

    told = call("verify", out, "--mark", "zzzz")

    assert told.exit_code == 1
    assert (
        "记录首尾相接，但有文件与记录不符：risk_summary.html（2026-11-21T020000 的记录）写下之后被改动过" in told.output
    )
    assert "没有一条记录带有印记 zzzz" in told.output


def test_a_night_that_comes_out_otherwise_ends_with_1_and_says_what_is_new(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kam_xl.__version__", "9.9.9")  # the master says it

    told = call("again", out, "--night", "2026-11-21", "--lang", "en")

    assert told.exit_code == 1
    assert "The version is another than then (product: 0.1.0 → 9.9.9)" in told.output
    assert "other than they were: KAM_Master.xlsx." in told.output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("verify", "."), "没有保存库"),
        (("forget", ".", "C001"), "没有保存库"),
        (("again", ".", "--night", "2026-11-21"), "没有 2026-11-21 这一晚"),
    ],
)
def test_where_there_is_no_store_it_is_said(tmp_path: Path, monkeypatch, arguments: tuple, sentence: str) -> None:
    monkeypatch.chdir(tmp_path)

    told = call(*arguments)

    assert told.exit_code == 2
    assert sentence in told.output.replace("\n", "")
    assert not list(tmp_path.iterdir())


def test_whom_nobody_knows_is_not_forgotten(out: Path) -> None:
    told = call("forget", out, "C999")

    assert told.exit_code == 2
    assert "C999" in told.output
    assert json.loads((out / "run.json").read_text("utf-8"))["started"] == NIGHT.isoformat()
