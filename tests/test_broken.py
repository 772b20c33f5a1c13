"""Workbooks that once broke something, each held to what is right for it; they lie beside the project, or these tests skip."""

import pytest


@pytest.fixture(scope="module")
def broken(corpora):
    return corpora / "broken"
