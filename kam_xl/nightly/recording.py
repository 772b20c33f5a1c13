"""What is recorded of a run: for people and programs, beside the outputs, and for later nights, in the store."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

import kam_xl
from kam_xl.core import chain
from kam_xl.core.assessment import Assessment
from kam_xl.core.failures import Failure
from kam_xl.core.nights import AskedFor, Night, Seen
from kam_xl.core.outside import inside
from kam_xl.hosts import reader_version, store
from kam_xl.hosts.store import Store
from kam_xl.reports.run import CALENDARS, MANAGERS, PLANS, RECORD, TEAMS, Run


class Took(NamedTuple):
    """Seconds by step, and by workbook."""

    steps: dict[str, float]
    books: dict[str, float]


#: Folders of one file a customer, a person, a team: the ledger has one hash for each, and so none of their names.
AS_ONE = (PLANS, MANAGERS, CALENDARS, TEAMS)


def write(staged: Path, run: Run, took: Took, assessed: Assessment, code: int) -> dict[str, str]:
    """The record beside the outputs, which lists them; their hashes as the ledger has them (`by_name`)."""
    record = _record(staged, run, took, assessed, code)
    (staged / RECORD).write_bytes(json.dumps(record, ensure_ascii=False, indent=1).encode("utf-8", "replace"))
    return by_name({output["file"]: output["sha256"] for output in record["outputs"]})


def by_name(files: Mapping[str, str]) -> dict[str, str]:
    """The hashes of outputs by their names; the folders in `AS_ONE` each as one."""
    apart = {name: sha256 for name, sha256 in files.items() if name.partition("/")[0] not in AS_ONE}
    below = {folder: {name: files[name] for name in files if name.startswith(f"{folder}/")} for folder in AS_ONE}
    return apart | {f"{folder}/": chain.digest(found) for folder, found in below.items() if found}


def remember(
    staged: Path, run: Run, asked: AskedFor, policy: str, seen: Iterable[Seen], hashes: dict[str, str], kept: Store
) -> str:
    """The record of the night for the store, among the outputs: it is there when they are. Its hash."""
    books = tuple(sorted(seen, key=lambda one: one.path))
    versions = (kam_xl.__version__, reader_version.current(), kept.keep_policy(policy.encode()))
    night = Night(run.started.isoformat(), *versions, run.lang, books, hashes, kept.newest(), asked)
    return store.write_record(staged / kept.place_of(run.started), night).own


def _record(staged: Path, run: Run, took: Took, assessed: Assessment, code: int) -> dict[str, Any]:
    """The run as plain data; findings are counted, their places stand with what was typed in the archive."""
    counted = inside(assessed)  # a number is not masked, nor are the keys of ours that are counted
    portfolio = counted.portfolio
    return {
        "product": "KAM XL",
        "version": run.product_version,
        "started": assessed.now.isoformat(timespec="seconds"),
        "exit_code": code,
        "teams_dir": run.teams_dir,
        "lang": run.lang,
        "workers": run.workers,
        "policy": {"version": assessed.policy.version, "preset": assessed.policy.preset},
        "compared_with": assessed.previous.isoformat() if assessed.previous else None,
        "seconds": took.steps,
        "counts": {
            "books": portfolio.sources["outcome"].value_counts().to_dict(),
            "customers": len(portfolio.customers),
            "evaluations": len(portfolio.evaluations),
            "tracking": len(portfolio.tracking),
            "conflicts": len(portfolio.conflicts),
            "findings": portfolio.findings["code"].value_counts().to_dict(),
            "tiers": counted.customers["computed_tier"].fillna("unknown").value_counts().to_dict(),
            "levels": counted.customers["level"].value_counts().to_dict(),
            "risks": counted.risks["rule"].value_counts().to_dict(),
            "changes": counted.changes["change"].value_counts().to_dict(),
        },
        "inputs": [one | {"seconds": took.books.get(one["book"])} for one in _plain(assessed.portfolio.sources)],
        "failures": [dict(zip(Failure._fields[:-1], one[:-1], strict=True)) for one in assessed.failures],
        "notified": [],
        "outputs": [
            {"file": path.relative_to(staged).as_posix(), "bytes": path.stat().st_size, "sha256": _sha256(path)}
            for path in sorted(staged.rglob("*"))
            if path.is_file()
        ],
    }


def _plain(frame: pd.DataFrame) -> list[dict]:
    """A frame as JSON-ready records; missing values are null."""
    return json.loads(frame.to_json(orient="records", date_format="iso", force_ascii=False))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
