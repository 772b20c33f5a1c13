"""The archive on disk: every frame comes back as it was, and a file is ours only under the name it was written with."""

import dataclasses
import shutil

import pandas as pd
import pytest

from kam_xl.core import frames
from kam_xl.hosts import archives, parquet_files
from kam_xl.reports import archive
from tests import files
from tests.core.test_by_team import POLICY, rows
from tests.reports.test_team_workbook import assessed


@pytest.fixture(scope="module")
def found():
    return assessed(华东=rows("华东", "E001", "E002"))


@pytest.mark.parametrize("at_once", [1, parquet_files.ROWS_AT_ONCE])
def test_every_frame_comes_back_whole(found, tmp_path, monkeypatch, at_once):
    monkeypatch.setattr(parquet_files, "ROWS_AT_ONCE", at_once)
    archives.write(tmp_path / "archive", archive.kept(found))

    read = {path.stem: pd.read_parquet(path) for path in (tmp_path / "archive").iterdir()}
    assert set(read) == {*frames.PORTFOLIO, *frames.ASSESSMENT} == set(archive.names(found))
    for name, frame in archive.kept(found):
        again = read[name].astype(frame.dtypes.to_dict())  # Parquet counts days in milliseconds
        pd.testing.assert_frame_equal(again, frame, obj=name)


def test_phones_are_kept_only_if_the_policy_keeps_them(found):
    hidden = dataclasses.replace(found, policy=dataclasses.replace(POLICY, keep_phones=False))
    for kept, assessment in ((True, found), (False, hidden)):
        told = "\n".join(frame.to_csv() for _, frame in archive.kept(assessment))
        assert ("13800001234" in told) == kept


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_every_file_says_what_it_holds(lang):
    found = assessed(lang, 华东={"info": [files.CUSTOMER]})

    assert all(archive.about(name, found).strip() for name in archive.names(found))


def test_a_file_is_ours_under_its_own_name_only(found, tmp_path):
    folder = tmp_path / "archive"
    archives.write(folder, [("records", found.portfolio.records)])
    shutil.copy(folder / "records.parquet", folder / "copy.parquet")
    found.portfolio.records.to_parquet(folder / "foreign.parquet")
    (folder / "broken.parquet").write_bytes(b"PAR1")
    (folder / "note.txt").write_text("mine")

    assert [path.name for path in archives.ours(folder)] == ["records.parquet"]
