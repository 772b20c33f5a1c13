"""A file appears whole or not at all in the place of another."""

import os

import pytest

from kam_xl.hosts.replacing import replacing


def contents(folder):
    return {path.name: path.read_text() for path in folder.iterdir()}


@pytest.mark.parametrize("before", [None, "old"])
def test_a_file_takes_the_place_of_the_old_one(tmp_path, before):
    path = tmp_path / "华东.xlsm"
    if before:
        path.write_text(before)

    with replacing(path) as new:
        new.write_text("new")
        assert new.name.startswith(".")  # the nightly job passes over it
        assert before is None or path.read_text() == before

    assert contents(tmp_path) == {"华东.xlsm": "new"}


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_where_it_fails_the_old_one_stays_alone(tmp_path, error):
    path = tmp_path / "a.xlsm"
    path.write_text("old")

    def half(new):
        new.write_text("half")
        raise error

    with pytest.raises(error), replacing(path) as new:
        half(new)

    assert contents(tmp_path) == {"a.xlsm": "old"}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask")
def test_its_permissions_are_those_of_any_new_file(tmp_path):
    (tmp_path / "usual").touch()

    with replacing(tmp_path / "a") as new:
        new.write_text("new")

    assert (tmp_path / "a").stat().st_mode == (tmp_path / "usual").stat().st_mode
