"""Parts of a portfolio in files: what is found is what one process finds, whatever happens to the workers."""

import contextlib
import datetime as dt
import errno
from concurrent.futures import Executor, Future, ThreadPoolExecutor

import pytest

from kam_xl import resources
from kam_xl.core import assessment, consolidation
from kam_xl.core.errors import KamError
from kam_xl.core.failures import Failures, is_missing
from kam_xl.core.parts import in_one
from kam_xl.hosts import isolation, log, parts
from tests import builders, files

pytestmark = pytest.mark.slow  # each assesses in parts, written to files between the steps
POLICY, WORDS, NOW = resources.policy(), resources.words("en"), dt.datetime(2026, 11, 21, 8)


@pytest.fixture(scope="module")
def books():
    """Every kind of sheet about customers of two teams, one of them both teams'."""
    who = {"tracking": "customer"}
    books = []
    for team, ids in {"华东": ("C001", "C002", "C003"), "华南": ("C003", "C011", "C012")}.items():
        rows = {
            kind: [filled | {who.get(kind, "customer_id"): one} for one in ids] for kind, filled in files.FILLED.items()
        }
        books.append(builders.team_book(POLICY, f"{team}.xlsx", **rows))
    return books


@pytest.fixture(scope="module")
def in_one_process(books):
    """What one process finds."""
    return assessed(books)


def assessed(books, laid_out=in_one):
    portfolio = consolidation.consolidate(books, POLICY, (), laid_out)
    return assessment.assess(portfolio, POLICY, NOW, WORDS, failures=Failures(log.trace), laid_out=laid_out)


def in_files(folder, executor, count=3):
    return lambda _customers, cut: parts.Afar(folder, executor, cut(count))


class Twice(Executor):
    """Takes every step twice, as a cluster does that lost the worker which had just taken it."""

    def submit(self, work, *args):
        done = Future()
        work(*args)
        done.set_result(work(*args))
        return done


def test_parts_in_files_come_to_what_one_process_finds(books, in_one_process, tmp_path):
    with ThreadPoolExecutor(2) as executor:
        found = assessed(books, in_files(tmp_path, executor))

    assert len(found.risks) > 10
    assert builders.differing(in_one_process, found) == []
    assert len(list(tmp_path.glob("*/*"))) == 2 * 3  # consolidated, and judged: of each part its last state


def test_a_step_that_is_taken_twice_is_taken_once(books, in_one_process, tmp_path):
    found = assessed(books, in_files(tmp_path, Twice()))

    assert builders.differing(in_one_process, found) == []


def test_what_fails_in_a_part_is_told(books, tmp_path, monkeypatch):
    def broken(*_):
        raise ValueError

    monkeypatch.setattr("kam_xl.core.judging.lifecycle.stages", broken)
    monkeypatch.setattr("kam_xl.core.judging.service.cases", broken)

    found = assessed(books, in_files(tmp_path, Twice()))

    assert {one[:2] for one in found.failures} == {
        ("part", "lifecycle"), ("part", "cases"), ("rule", "case_past_limit"),
    }  # fmt: skip
    assert all("test_parts" in one.trace for one in found.failures if one.kind == "part")
    assert is_missing(found.cases)


@pytest.mark.parametrize("whole", [0, 4])
@pytest.mark.parametrize(
    ("refused", "told"),
    [(OSError(errno.ENOSPC, "full"), KamError), (ConnectionResetError("gone"), ConnectionResetError)],
)
def test_a_disk_that_is_full_is_a_sentence_and_a_worker_out_of_reach_is_none(
    books, tmp_path, monkeypatch, refused, told, whole
):
    """While the parts are laid out, and after some steps."""
    really, left = parts._written, iter(range(whole))

    def written(path, part):
        if next(left, None) is None:
            raise refused
        return really(path, part)

    monkeypatch.setattr(parts, "_written", written)
    monkeypatch.setattr(isolation, "executor", lambda *_: contextlib.nullcontext(Twice()))

    with pytest.raises(told) as said, parts.laid_out(tmp_path, "tcp://cluster", WORDS) as laid_out:
        assessed(books, laid_out)

    assert ("The disk is full" in str(said.value)) == (told is KamError)
    assert list(tmp_path.iterdir()) == []


def test_a_cluster_finds_what_one_process_finds(books, in_one_process, tmp_path, monkeypatch):
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(parts, "_CUSTOMERS", 2)

    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        parts.laid_out(tmp_path, cluster.scheduler_address, WORDS) as laid_out,
    ):
        found = assessed(books, laid_out)

    assert builders.differing(in_one_process, found) == []
    assert list(tmp_path.iterdir()) == []  # nothing of it stays
