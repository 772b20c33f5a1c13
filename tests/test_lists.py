"""Customer lists as they really come, each held to what is true of it; they lie beside the project, or these tests skip."""

import json

import pytest


@pytest.fixture(scope="module")
def lists(corpora):
    return corpora / "lists"


@pytest.fixture(scope="module")
def truth(lists):
    return json.loads((lists / "truth.json").read_text("utf-8"))
