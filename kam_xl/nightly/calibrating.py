"""The newest snapshot and the history behind it → the policies they speak for, each as a whole file; nothing is written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from kam_xl import resources
from kam_xl.core import calibration, history, separation
from kam_xl.core import policy as policies
from kam_xl.core.calibration import Calibrated
from kam_xl.core.nights import Night
from kam_xl.core.policy import DIMENSIONS, Policy
from kam_xl.core.separation import Separation
from kam_xl.hosts import snapshots
from kam_xl.hosts.amending import amended, brought_up
from kam_xl.hosts.snapshots import Snapshots
from kam_xl.hosts.store import Store

#: The files of the proposals.
CUTS, WEIGHTS = "cut-offs.toml", "weights.toml"


def calibrate(out: Path, night: Night) -> tuple[Calibrated, dict[str, str]]:
    """What the portfolio of a night asks for, under that night's own policy, and the proposed files by their names.

    `OSError` or `ValueError` where its policy or its snapshot is lost, `PolicyError` where its policy is none any more.
    """
    text = brought_up(Store(out).policy(night.policy).decode("utf-8"), resources.policy_text())
    policy = policies.parse(text)
    snapshot = snapshots.read(out / snapshots.file_name(night.began))
    since = history.day_of(snapshot) - dt.timedelta(days=policy.calibration.after_days)
    then = Snapshots(out, history.day_of(snapshot), looking_back=True).since(since)
    told = None if then is None else separation.separation(then, snapshot, policy)
    files = {name: _proposed(text, policy, name, changes) for name, changes in _changes(snapshot, policy, told)}
    made = {name: policies.parse(proposal) for name, proposal in files.items()}
    since = since if then is None else history.day_of(then)
    return Calibrated(snapshot, policy, made.get(CUTS), made.get(WEIGHTS), told, since), files


def _changes(snapshot: pd.DataFrame, policy: Policy, told: Separation | None) -> list[tuple[str, Mapping[str, Any]]]:
    """What of the policy each proposal changes; nothing is proposed that is so already."""
    found: list[tuple[str, Mapping[str, Any]]] = []
    lows = calibration.cut_offs(snapshot["score"], snapshot["tier"], policy) if snapshot["score"].notna().any() else {}
    cuts = {
        f"tier.{tier.key}.low": _plain(lows[tier.key])
        for tier in policy.tiers
        if lows.get(tier.key, tier.low) != tier.low
    }
    if cuts:
        found.append((CUTS, cuts))
    if told and told.verdict == separation.BETTER:
        table = f"presets.{policy.preset}.weights" if policy.preset else "weights"
        found.append((WEIGHTS, {f"{table}.{key}": getattr(told.found, key) for key in DIMENSIONS}))
    return found


def _plain(low: float) -> float:
    """A cut-off as people write it: 70, not 70.0."""
    return int(low) if low == int(low) else low


def _proposed(text: str, policy: Policy, name: str, changes: Mapping[str, Any]) -> str:
    """The whole policy file with the changes, under a version of its own."""
    return amended(text, {"version": f"{policy.version}-{Path(name).stem}", **changes})
