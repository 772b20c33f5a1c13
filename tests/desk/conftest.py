"""The computers and the project that the tests of the desk work on."""

from __future__ import annotations

import pytest

from tests.desk import machines


@pytest.fixture
def project(tmp_path):
    return machines.project(tmp_path / "project")


@pytest.fixture
def windows(tmp_path):
    return machines.windows(tmp_path)


@pytest.fixture
def macos(tmp_path):
    return machines.macos(tmp_path)


@pytest.fixture(params=["windows", "macos"])
def desk(request, tmp_path):
    """Either computer with Excel."""
    return getattr(machines, request.param)(tmp_path)
