"""`kam-xl adopt`: a list is shown, becomes a team's workbook, is remembered, and the nightly job reads the next by itself."""

from __future__ import annotations

import datetime as dt
import json
import re
import shlex
from pathlib import Path

import pytest
import xlsxwriter
from typer.testing import CliRunner

from kam_xl.core import read_books, validation
from kam_xl.core.ids import made_of
from kam_xl.core.intake import FILE
from kam_xl.doors import adopting
from kam_xl.doors.commands import app
from kam_xl.hosts import intakes, isolation, outcomes, reader_version, workbooks
from kam_xl.resources import policy, words
from tests.commands import call
from tests.invented_lists import LISTS
from tests.nights import night

pytestmark = pytest.mark.usefixtures("quiet_log", "readers_in_this_process")
CSV = "客户代号,客户名,电话,销售额,城市\nHD-1,甲辰机电有限公司,021-55550001,5200000,上海\nHD-2,乙巳贸易有限公司,021-55550002,900000,苏州\n合计,,,6100000,\n"
UNIT = ("--map", "销售额=amount（元）")


def put(path: Path, text: str = CSV, encoding: str = "utf-8") -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode(encoding))
    return path


def written(path: Path, sheets: dict[str, list]) -> Path:
    """The sheets as a workbook on disk."""
    path.parent.mkdir(exist_ok=True)
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name[:31])
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return path


def contents(folder: Path) -> dict[str, bytes]:
    """The files of a folder by name."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def read(path: Path) -> validation.TeamBook:
    """A file as the nightly job reads it."""
    known = intakes.read(path.parent, words("zh-CN"))
    book = read_books.read(workbooks.read(path.parent, path.name), known)
    return validation.on_day(book, policy(), dt.date(2026, 11, 28))


def test_a_list_is_shown_and_nothing_is_written_before_it_is_agreed_on(tmp_path):
    path = put(tmp_path / "teams" / "客户.csv")
    ended = call("adopt", path)

    assert ended.exit_code == 1
    assert all(word in ended.stdout for word in ("客户ID", "确定", "--yes"))
    assert "55550001" not in ended.stdout  # phones are masked here, too
    assert [*contents(path.parent)] == ["客户.csv"]


@pytest.mark.parametrize(("encoding", "separator"), [("utf-8", ";"), ("gb18030", ","), ("utf-16", "\t"), ("big5", ",")])
def test_a_list_of_text_becomes_a_teams_workbook_with_exactly_its_customers(tmp_path, encoding, separator):
    text = (
        CSV
        if encoding != "big5"
        else "客戶代號,客戶名,電話,銷售額,城市\nHD-1,甲辰機電有限公司,021-55550001,5200000,上海\nHD-2,乙巳貿易有限公司,021-55550002,900000,蘇州\n"
    )
    path = put(tmp_path / "teams" / "客户.csv", text.replace(",", separator), encoding)
    before = path.read_bytes()
    ended = call("adopt", path, "--yes", "--map", "D=amount（元）")

    assert ended.exit_code == 0, ended.output
    assert path.read_bytes() == before
    rows = read(path.with_suffix(".xlsm")).tables["info"].rows
    assert rows["customer_id"].tolist() == ["HD-1", "HD-2"]
    assert rows["amount"].tolist() == [520.0, 90.0]
    assert rows["phone"].tolist() == ["021-55550001", "021-55550002"]
    assert rows["extras"].str.startswith("城市=").all()


def test_the_command_that_is_shown_adopts_the_list_as_it_was_shown(tmp_path):
    path = put(tmp_path / "华东 团队" / "客户 10月.csv")
    shown = call("adopt", path, *UNIT)
    (command,) = re.findall(r"要照此采用：kam-xl (.*)", shown.stdout)
    ended = call(*shlex.split(command))

    assert ended.exit_code == 0, ended.output
    assert read(path.with_suffix(".xlsm")).tables["info"].rows["amount"].tolist() == [520.0, 90.0]


@pytest.mark.usefixtures("nights_in_short")
def test_the_command_that_is_shown_next_runs_the_night(tmp_path):
    path = put(tmp_path / "华东 团队" / "客户.csv")
    done = call("adopt", path, "--yes", *UNIT)
    (command,) = re.findall(r"接下来跑一夜：kam-xl (.*)", done.stdout)
    ended = call(*shlex.split(command))

    assert ended.exit_code == 0, ended.output
    assert (path.parent / "out" / "risk_summary.html").is_file()


def test_to_adopt_twice_is_to_adopt_once(tmp_path):
    path = put(tmp_path / "teams" / "客户.csv")
    call("adopt", path, "--yes", *UNIT)
    before = contents(path.parent)
    ended = call("adopt", path, "--yes", *UNIT)

    assert (ended.exit_code, "没有改动任何文件" in ended.stdout) == (0, True)
    assert contents(path.parent) == before


def test_a_list_read_otherwise_is_remembered_anew_and_its_workbook_stays(tmp_path):
    path = put(tmp_path / "teams" / "客户.csv")
    call("adopt", path, "--yes", *UNIT)
    before = path.with_suffix(".xlsm").read_bytes()
    ended = call("adopt", path, "--yes", *UNIT, "--map", "城市=tags")

    assert (ended.exit_code, path.with_suffix(".xlsm").read_bytes()) == (0, before)
    assert read(path).tables["info"].rows["tags"].tolist() == ["上海", "苏州"]


def test_no_file_is_written_over(tmp_path):
    path = put(tmp_path / "teams" / "客户.csv")
    path.with_suffix(".xlsm").write_bytes(b"mine")
    ended = call("adopt", path, "--yes", *UNIT)

    assert (ended.exit_code, "不会覆盖" in ended.stderr) == (2, True)
    assert (path.with_suffix(".xlsm").read_bytes(), (path.parent / FILE).exists()) == (b"mine", False)


@pytest.mark.usefixtures("nights_in_short")
def test_a_night_reads_the_next_list_by_itself_and_counts_every_customer_once(tmp_path):
    path = put(tmp_path / "teams" / "客户_202610.csv")
    call("adopt", path, "--yes", *UNIT)
    first = night(path.parent, tmp_path / "1")
    assert dict(zip(first.found.customers["customer_id"], first.found.customers["amount"], strict=True)) == {
        "HD-1": 520.0,
        "HD-2": 90.0,
    }

    more = CSV.replace("5200000", "6200000").replace("合计", "HD-3,丙午物流有限公司,021-55550003,100000,杭州\n合计")
    put(path.with_name("客户_202611.csv"), more)
    done = night(path.parent, tmp_path / "2")

    amounts = dict(zip(done.found.customers["customer_id"], done.found.customers["amount"], strict=True))
    assert amounts == {"HD-1": 620.0, "HD-2": 90.0, "HD-3": 10.0}
    assert [(one["book"], one["outcome"]) for one in done.record["inputs"]] == [
        (FILE, "skipped"), ("客户_202610.csv", "superseded"), ("客户_202610.xlsm", "used"), ("客户_202611.csv", "used"),
    ]  # fmt: skip
    assert done.found.portfolio.customers["team_count"].tolist() == [1, 1, 1]
    assert done.code == 0


def test_a_list_that_changed_is_told_with_sheet_and_cell(tmp_path):
    path = put(tmp_path / "teams" / "客户_202610.csv")
    call("adopt", path, "--yes", *UNIT)
    found = read(put(path.with_name("客户_202611.csv"), CSV.replace("销售额", "本月收入"))).findings

    assert [
        (one.code, one.sheet, one.cell, one.typed_value) for one in found if one.code.startswith("list_column")
    ] == [
        ("list_column_gone", "客户_202611", "A1", "销售额"),
        ("list_column_new", "客户_202611", "D1", "本月收入"),
    ]


def test_what_is_remembered_counts_in_the_entries_of_the_store(tmp_path):
    """What was kept of the same bytes before the list was adopted is not taken for what they say now."""
    path = put(
        tmp_path / "teams" / "名单.csv", "代码甲,称呼,城市\nK1,甲辰机电有限公司,上海\nK2,乙巳贸易有限公司,苏州\n"
    )

    def outcome():
        known = intakes.read(path.parent, words("zh-CN"))
        return outcomes.of(workbooks.opened(path.parent, path.name), None, known, reader_version.under(known))

    before = outcome()
    call("adopt", path, "--yes", "--map", "代码甲=customer_id")
    after = outcome()
    assert (before.reason, after.reason) == ("no_standard_sheet", None)
    assert before.entry != after.entry == outcome().entry


@pytest.mark.parametrize("name", ["title, two rows, footer", "odoo", "row numbers only", "one sheet a month", "German"])
def test_lists_of_all_makers_come_in_with_their_customers(tmp_path, name):
    one = LISTS[name]
    path = written(tmp_path / "teams" / "list.xlsx", one.sheets)
    said = [part for answer in one.answers for part in ("--map", answer)]
    ended = call("adopt", path, "--yes", *said, *(["--ids-from-names"] if one.by_name else []))

    assert ended.exit_code == 0, ended.output
    rows = read(path.with_name("list.xlsm")).tables["info"].rows
    found = dict(zip(rows["customer_id"], rows["name"], strict=True))
    names = [
        row[at] for rows in one.sheets.values() for row in rows for at in range(len(row)) if "有限公司" in str(row[at])
    ]
    assert found == (one.customers or {made_of(name): name for name in names})


def test_a_list_without_ids_is_taken_in_only_where_somebody_agreed(tmp_path):
    path = written(tmp_path / "teams" / "list.xlsx", LISTS["no IDs"].sheets)
    ended = call("adopt", path, "--yes")

    assert (ended.exit_code, "--ids-from-names" in ended.stderr) == (2, True)
    assert [*contents(path.parent)] == ["list.xlsx"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--map", "天气=name"), "没有“天气”这一列"),
        (("--map", "城市=天气"), "看不懂 --map"),
        (("--map", "城市"), "看不懂 --map"),
    ],
)
def test_an_answer_that_says_nothing_is_told(tmp_path, arguments, said):
    ended = call("adopt", put(tmp_path / "teams" / "客户.csv"), "--yes", *arguments)
    assert (ended.exit_code, said in ended.stderr) == (2, True)


@pytest.mark.parametrize(
    ("sheets", "said"),
    [
        ({"价格": [["编码", "名称", "单价"], ["P1", "螺丝", 1.0]]}, "没有像客户名单的工作表"),
        (
            {"拜访": [["客户代号", "客户名", "拜访日期"], *[["A1", "甲", n] for n in range(5)]]},
            "没有像客户名单的工作表",
        ),
    ],
)
def test_a_list_of_something_else_is_not_adopted(tmp_path, sheets, said):
    ended = call("adopt", written(tmp_path / "teams" / "list.xlsx", sheets), "--yes")
    assert (ended.exit_code, said in ended.stderr) == (2, True)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("没有.csv", "找不到名单"),
        (".", "是文件夹"),
        ("~$客户.csv", "名单是 客户.csv"),
        ("订单.csv", "订单：放在客户名单旁边"),
    ],
)
def test_what_is_no_list_at_all_is_told_for_what_it_is(tmp_path, name, said):
    put(tmp_path / "~$客户.csv", "x")
    put(tmp_path / "订单.csv", "客户ID,日期,金额（元）\nC001,2026-01-05,100\nC001,2026-02-05,100\n")
    ended = call("adopt", tmp_path / name, "--yes")
    assert (ended.exit_code, said in ended.stderr) == (2, True), ended.output


def test_a_workbook_of_ours_is_no_list(tmp_path):
    path = put(tmp_path / "teams" / "客户.csv")
    call("adopt", path, "--yes", *UNIT)
    ended = call("adopt", path.with_suffix(".xlsm"), "--yes")
    assert (ended.exit_code, "已经是 KAM XL 的工作簿" in ended.stderr) == (2, True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1", "没有“x”这一项"),
        ("[[list]]\nheaders = 1", "list 1: headers"),
        ("a = [", "不是有效的 TOML"),
        ("[words]\n'大类' = '天气'", "天气"),
    ],
)
def test_what_is_wrong_in_the_file_is_named_and_stops_the_night(tmp_path, text, said):
    path = put(tmp_path / "teams" / "客户.csv")
    (path.parent / FILE).write_text(text, "utf-8")

    for ended in (call("adopt", path, "--yes"), call("run", path.parent, "--out", tmp_path / "out")):
        assert (ended.exit_code, said in ended.stderr) == (2, True)


def test_words_of_the_company_stay_in_the_file_and_count(tmp_path):
    path = put(tmp_path / "teams" / "客户.csv")
    (path.parent / FILE).write_text('# ours\n[words]\n"城市" = "tags"\n', "utf-8")
    call("adopt", path, "--yes", *UNIT)

    assert (path.parent / FILE).read_text("utf-8").startswith('# ours\n[words]\n"城市" = "tags"\n\n[[list]]')
    assert read(path.with_suffix(".xlsm")).tables["info"].rows["tags"].tolist() == ["上海", "苏州"]


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("readme.txt", "Dear all,\nhere are the lists.\n", "skipped"),
        ("价格.csv", "编码,名称,单价\nP1,螺丝,1\n", "skipped"),
        ("空.csv", "", "skipped"),
        (
            "名单.csv",
            "客户名称,联系人,电话\n甲辰机电有限公司,赵某,021-55550001\n乙巳贸易有限公司,钱某,021-55550002\n",
            "quarantined",
        ),
    ],
)
def test_a_text_that_lists_nobody_is_no_news_at_night(tmp_path, name, text, kind):
    path = put(tmp_path / "teams" / name, text)
    outcome = isolation.read_one(isolation.Order(path.parent), name)
    assert outcomes.refused(outcome, path.parent).outcome == kind


def test_typed_cells_of_any_kind_say_the_same_in_the_workbook(tmp_path):
    """What is read of the list itself, once it is known, is what is read of the workbook."""
    path = tmp_path / "teams" / "list.xlsx"
    rows = [["代码甲", "称呼", "起始", "额", "备忘", "其他"], ["K1", "甲", dt.date(2024, 1, 5), 5200000.0, "=1+1", True],
            [7.0, "乙", "2024年1月6日", "90万", 1.5, dt.date(2020, 2, 2)], ["c003", "丙", 45000.0, "约3万", "12月", "x"]]  # fmt: skip
    path.parent.mkdir()
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd", "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("Sheet1")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    said = ("代码甲=customer_id", "称呼=name", "起始=since", "额=amount（元）", "备忘=remarks")
    ended = call("adopt", path, "--yes", *(part for one in said for part in ("--map", one)))
    assert ended.exit_code == 0, ended.output

    told, listed = (read(one).tables["info"].rows for one in (path.with_name("list.xlsm"), path))
    for field in ("customer_id", "name", "since", "amount", "remarks", "extras"):
        assert told[field].astype(object).where(told[field].notna(), None).tolist() == (
            listed[field].astype(object).where(listed[field].notna(), None).tolist()
        ), field
    assert json.dumps(told["customer_id"].tolist()) == '["K1", "7", "C003"]'


# --- at a terminal ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def answered(monkeypatch):
    """One call at a terminal, whose person answers line by line."""
    monkeypatch.setattr(adopting, "_at_a_terminal", lambda: True)

    def run(path, *lines):
        return CliRunner().invoke(app, ["adopt", str(path)], input="\n".join([*lines, ""]), catch_exceptions=False)

    return run


def test_a_person_is_asked_only_what_is_not_known_and_answers_in_words(tmp_path, answered):
    path = written(tmp_path / "teams" / "list.xlsx", LISTS["unknown headers"].sheets)
    ended = answered(path, "天气", "A", "y")  # the first answer names no column and is asked again

    assert (ended.exit_code, "没有“天气”这一列" in ended.stdout) == (0, True)
    assert read(path.with_name("list.xlsm")).tables["info"].rows["customer_id"].tolist() == ["A100", "A200", "A300"]


def test_ids_are_made_of_names_where_the_person_says_so(tmp_path, answered):
    path = written(tmp_path / "teams" / "list.xlsx", LISTS["no IDs"].sheets)
    assert answered(path, "名称", "y").exit_code == 0
    assert read(path.with_name("list.xlsm")).tables["info"].rows["customer_id"].tolist() == [
        made_of("甲辰机电有限公司"), made_of("乙巳贸易有限公司")
    ]  # fmt: skip


def test_a_unit_is_asked_and_may_stay_unknown(tmp_path, answered):
    path = written(tmp_path / "1" / "list.xlsx", LISTS["amount without unit"].sheets)
    assert answered(path, "元", "y").exit_code == 0
    assert read(path.with_name("list.xlsm")).tables["info"].rows["amount"].tolist() == [520.0, 90.0]

    path = written(tmp_path / "2" / "list.xlsx", LISTS["amount without unit"].sheets)
    assert answered(path, "", "y").exit_code == 0
    rows = read(path.with_name("list.xlsm")).tables["info"].rows
    assert (rows["amount"].isna().all(), rows["extras"].tolist()) == (
        True,
        ["Total Amount=5200000", "Total Amount=900000"],
    )


def test_who_says_no_gets_nothing_written(tmp_path, answered):
    path = put(tmp_path / "teams" / "客户.csv")
    assert answered(path, "n").exit_code == 1
    assert [*contents(path.parent)] == ["客户.csv"]


def test_the_columns_are_shown_before_anything_is_asked(tmp_path, answered):
    path = written(tmp_path / "teams" / "list.xlsx", LISTS["unknown headers"].sheets)
    said = answered(path, "A", "y").stdout
    assert 0 < said.index("把握") < said.index("哪一列是客户ID")


def test_who_takes_the_names_for_ids_is_told_and_asked_again(tmp_path, answered):
    path = put(tmp_path / "teams" / "客户.csv", CSV.replace("客户代号", "序").replace("HD-1", "1").replace("HD-2", "2"))
    ended = answered(path, "客户名", "名称", "元", "y")

    assert (ended.exit_code, "“客户名”是客户名称" in ended.stdout) == (0, True), ended.output


def test_what_is_neither_yes_nor_no_is_asked_again(tmp_path, answered):
    path = put(tmp_path / "teams" / "客户.csv")
    ended = answered(path, "不知道", "好")
    assert (ended.exit_code, "请直接回车" in ended.stdout) == (0, True)


def test_who_leaves_at_a_question_interrupts_and_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(adopting, "_at_a_terminal", lambda: True)
    path = put(tmp_path / "teams" / "客户.csv")
    ended = CliRunner().invoke(app, ["adopt", str(path)], input="")

    assert (ended.exit_code, "程序内部出错" in ended.output) == (130, False)
    assert [*contents(path.parent)] == ["客户.csv"]
