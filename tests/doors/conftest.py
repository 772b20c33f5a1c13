"""The computers of the desk's tests, for the command line that works on them."""

from tests.desk.conftest import desk, macos, project, windows

__all__ = ["desk", "macos", "project", "windows"]
