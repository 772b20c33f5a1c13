"""A cluster reads as this computer does, or is refused in one sentence; what it reads is held in `test_isolation` and `test_parts`."""

from types import SimpleNamespace

import pytest

from kam_xl import resources
from kam_xl.core.errors import KamError
from kam_xl.hosts import cluster

WORDS = resources.words("en")


def test_workers_of_another_version_are_named_before_anything_is_read():
    def run(version, on_error):
        assert on_error == "return"
        return {"tcp://10.0.0.1:4": version(), "tcp://10.0.0.3:4": AttributeError("code"), "tcp://10.0.0.2:4": "older"}

    with pytest.raises(KamError, match=r"tcp://10\.0\.0\.2:4、tcp://10\.0\.0\.3:4") as refused:
        cluster.refuse_other_versions(SimpleNamespace(run=run), WORDS)
    assert "10.0.0.1" not in str(refused.value)
