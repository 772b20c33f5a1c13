"""The computers of the desk's tests, for the commands that work on them."""

import pytest

from kam_xl.doors import bare
from kam_xl.doors import desk as door
from tests.desk.conftest import desk, macos, project, windows

__all__ = ["desk", "here", "macos", "project", "windows"]


@pytest.fixture
def here(monkeypatch):
    """Let the commands run on a made-up computer, from a made-up project."""

    def use(fake, project=None):
        for module in (door.machine, bare.machine):
            monkeypatch.setattr(module, "this", lambda: fake.machine)
        for module in (door, bare):
            monkeypatch.setattr(module, "PROJECT", project)
        return fake

    return use
