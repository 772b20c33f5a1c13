"""The computers of the desk's tests, for the commands that work on them."""

import pytest

from kam_xl.desk import machine, source
from tests.desk.conftest import desk, macos, project, windows

__all__ = ["desk", "here", "macos", "project", "windows"]


@pytest.fixture
def here(monkeypatch):
    """Let the commands run on a made-up computer, from a made-up project."""

    def use(fake, project=None):
        monkeypatch.setattr(machine, "this", lambda: fake.machine)
        if project:
            monkeypatch.setattr(source, "running", lambda: source.of(project / "kam_xl"))
        return fake

    return use
