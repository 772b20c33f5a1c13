"""A workbook goes into the team folder whole or not at all, and never over another team's."""

import os
from pathlib import Path

import pytest
import xlsxwriter

from kam_xl import resources
from kam_xl.core.errors import KamError, Refused
from kam_xl.hosts import handing_in
from kam_xl.hosts.handing_in import Identity

WORDS = resources.words("zh-CN")


def workbook(path: Path, workbook_id: str | None = "KAM-1", team: str | None = "华东", sheet: str = "参数") -> Path:
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet(sheet)
        for row, (name, text) in enumerate((("kam_workbook_id", workbook_id), ("kam_team", team))):
            page.write(row, 2, text)
            book.define_name(name, f"='{sheet.replace(chr(39), chr(39) * 2)}'!$C${row + 1}")
    return path


# --- names and folders --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("team", ["华东", "East & West", "一部(二组)", "console", "a.b"])
def test_a_team_names_its_file(team: str) -> None:
    assert handing_in.file_name(team, WORDS) == f"{team}.xlsm"


@pytest.mark.parametrize(
    "team",
    [
        "a/b",
        "a\\b",
        "..",
        ".hidden",
        "~a",
        " a",
        "a.",
        "a ",
        "CON",
        "con.x",
        "lpt1",
        "a:b",
        "a*",
        'a"',
        "a\nb",
        "a\x7f",
        "COM¹",
        "lpt³.x",
        "con .x",
        "CONIN$",
        "a\u202emslx",
        "a\u2028b",
        "长" * 101,
    ],
)
def test_a_team_that_names_no_file_is_refused(team: str) -> None:
    with pytest.raises(KamError, match="不能用作文件名"):
        handing_in.file_name(team, WORDS)


def test_a_folder_may_be_named_beside_the_workbook_or_by_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "teams").mkdir()
    monkeypatch.setenv("KAM_PLACE", str(tmp_path))
    for typed in ("teams", "./teams", "$KAM_PLACE/teams", str(tmp_path / "teams")):
        assert handing_in.folder(typed, tmp_path, WORDS).samefile(tmp_path / "teams")


@pytest.mark.parametrize("typed", ["nowhere", "file.txt", "/no/such"])
def test_a_folder_that_is_none_is_said(tmp_path: Path, typed: str) -> None:
    (tmp_path / "file.txt").touch()
    with pytest.raises(KamError, match="找不到文件夹"):
        handing_in.folder(typed, tmp_path, WORDS)


@pytest.mark.parametrize("typed", ["https://a.sharepoint.com/x", "HTTP://a/b"])
def test_an_address_of_the_web_is_no_folder(tmp_path: Path, typed: str) -> None:
    with pytest.raises(KamError, match="是网址"):
        handing_in.folder(typed, tmp_path, WORDS)


# --- whose file -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sheet", ["参数", "Parameters", "O'Brien's sheet"])
def test_a_workbook_says_whose_it_is(tmp_path: Path, sheet: str) -> None:
    path = workbook(tmp_path / "a.xlsm", sheet=sheet)
    assert handing_in.identity(path) == Identity("KAM-1", "华东")


def test_a_workbook_that_does_not_say(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "plain.xlsx") as book:
        book.add_worksheet().write("A1", "x")
    assert handing_in.identity(tmp_path / "plain.xlsx") == Identity("", "")
    assert handing_in.identity(workbook(tmp_path / "b.xlsm", None, None)) == Identity("", "")


def test_a_file_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.xlsm").write_text("text")
    with pytest.raises(Refused):
        handing_in.identity(tmp_path / "a.xlsm")


# --- delivering -----------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "teams").mkdir()
    return tmp_path / "teams"


def test_a_new_file_is_a_copy(tmp_path: Path, folder: Path) -> None:
    source = workbook(tmp_path / "mine.xlsm")
    handing_in.deliver(source, folder / "华东.xlsm", handing_in.identity(source), WORDS)
    assert (folder / "华东.xlsm").read_bytes() == source.read_bytes()
    assert len(list(folder.iterdir())) == 1


def test_its_own_file_is_replaced(tmp_path: Path, folder: Path) -> None:
    workbook(folder / "华东.xlsm", team="旧名")
    source = workbook(tmp_path / "mine.xlsm")
    handing_in.deliver(source, folder / "华东.xlsm", handing_in.identity(source), WORDS)
    assert (folder / "华东.xlsm").read_bytes() == source.read_bytes()


@pytest.mark.parametrize(("ours", "theirs"), [("KAM-1", "KAM-2"), ("KAM-1", None), (None, "KAM-2"), (None, None)])
def test_another_workbook_stays(tmp_path: Path, folder: Path, ours: str | None, theirs: str | None) -> None:
    before = workbook(folder / "华东.xlsm", theirs).read_bytes()
    source = workbook(tmp_path / "mine.xlsm", ours)
    with pytest.raises(KamError, match="是另一份工作簿（团队：华东）"):
        handing_in.deliver(source, folder / "华东.xlsm", handing_in.identity(source), WORDS)
    assert (folder / "华东.xlsm").read_bytes() == before
    assert len(list(folder.iterdir())) == 1


def test_a_target_nobody_can_read_stays(tmp_path: Path, folder: Path) -> None:
    (folder / "华东.xlsm").write_text("?")
    source = workbook(tmp_path / "mine.xlsm")
    with pytest.raises(KamError, match="不能确认它属于谁"):
        handing_in.deliver(source, folder / "华东.xlsm", handing_in.identity(source), WORDS)
    assert (folder / "华东.xlsm").read_text() == "?"


def test_a_target_that_cannot_be_replaced_leaves_no_half(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(self: Path, target: Path) -> Path:
        raise PermissionError(target)  # as Windows says while Excel has the target open

    source = workbook(tmp_path / "mine.xlsm")
    monkeypatch.setattr(Path, "replace", held)
    with pytest.raises(KamError, match="无法写入"):
        handing_in.deliver(source, folder / "华东.xlsm", handing_in.identity(source), WORDS)
    assert not list(folder.iterdir())


def test_a_target_that_is_a_link_stays_one(tmp_path: Path, folder: Path) -> None:
    source = workbook(tmp_path / "mine.xlsm")
    (tmp_path / "true.xlsm").write_bytes(source.read_bytes())
    (folder / "华东.xlsm").symlink_to(tmp_path / "true.xlsm")
    source.write_bytes(source.read_bytes() + b"\0")

    handing_in.deliver(source, folder / "华东.xlsm", handing_in.identity(tmp_path / "true.xlsm"), WORDS)

    assert (folder / "华东.xlsm").is_symlink()
    assert (tmp_path / "true.xlsm").read_bytes() == source.read_bytes()


def test_a_copy_that_differs_is_not_handed_in(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = workbook(tmp_path / "mine.xlsm")
    mine = handing_in.identity(source)
    monkeypatch.setattr(handing_in.shutil, "copyfile", lambda _, target: Path(target).write_bytes(b"half"))
    with pytest.raises(KamError, match="发生了变化"):
        handing_in.deliver(source, folder / "华东.xlsm", mine, WORDS)
    assert not list(folder.iterdir())


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_takes_no_file_is_said(tmp_path: Path, folder: Path) -> None:
    source = workbook(tmp_path / "mine.xlsm")
    folder.chmod(0o500)
    try:
        with pytest.raises(KamError, match="无法写入"):
            handing_in.deliver(source, folder / "华东.xlsm", handing_in.identity(source), WORDS)
    finally:
        folder.chmod(0o700)
