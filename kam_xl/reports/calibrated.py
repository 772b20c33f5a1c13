"""The page of a calibration: the cut-offs and the weights proposed, why, and who would move."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from typing import Any

import pandas as pd

from kam_xl.core import calibration, history, separation, tiering
from kam_xl.core.calibration import Calibrated
from kam_xl.core.policy import DIMENSIONS, Policy, Weights
from kam_xl.core.separation import Interval, Separation
from kam_xl.reports import paper
from kam_xl.reports.figures import Told
from kam_xl.reports.grids import WHO
from kam_xl.reports.meetings import Backdrop, Comparison, Section
from kam_xl.reports.replayed import LISTED, bounded
from kam_xl.showing import vocabulary

_CUTS = "tier:views.tier low_was low_proposed customers_was:as_was customers_proposed:as_proposed share:share_now band share_verdict miss"
_MOVE = f"{WHO} tier_was tier_proposed score_was score_proposed"
_WEIGHTS = "dimension weight_was weight_proposed parts_alone"
_TOLD = 10


def render(found: Calibrated, backdrop: Backdrop) -> str:
    """The whole page, complete in itself: no script, no network, no phone number."""
    page = Comparison(backdrop, found.snapshot, None)
    day = history.day_of(found.snapshot).isoformat()
    return paper.review(
        "view.html.j2",
        backdrop,
        backdrop.now,
        title=page.words("views.calibration.title"),
        lead=lead(found, page),
        notices=[("plain", page.say("calibration.basis", day=day, version=found.policy.version))],
        figures=[],
        sections=list(_sections(found, page)),
        mark="",
    )


def lead(found: Calibrated, page: Comparison) -> Told:
    """Both answers in one sentence."""
    return page.say("calibration.lead", cuts=_cuts_said(found, page), weights=_weights_said(found, page))


def _cuts_said(found: Calibrated, page: Comparison) -> Told:
    if found.snapshot["score"].isna().all():
        return page.say("calibration.no_score")
    if found.cuts is None:
        return page.say("calibration.cuts_none")
    check = calibration.shares(found.snapshot["score"], found.cuts)
    moved = calibration.moves(found.snapshot, found.cuts)
    return page.say("calibration.cuts", moved=len(moved), **_on_target(check))


def _on_target(check: pd.DataFrame) -> dict[str, Any]:
    return {"n": int((check["verdict"] == "on_target").sum()), "all": int(check["verdict"].notna().sum())}


def _weights_said(found: Calibrated, page: Comparison) -> Told:
    if found.weights is not None:
        return page.say("calibration.weights_some", weights=_named(found.weights.weights, page))
    if found.separation is None:
        return page.say("calibration.weights_young")
    few = found.separation.verdict == separation.TOO_FEW
    return page.say("calibration.weights_few" if few else "calibration.weights_none")


def _named(weights: Weights, page: Comparison) -> str:
    told = dataclasses.asdict(weights).items()
    return page.list([f"{page.words(f'terms.dimension.{key}')} {weight:.0%}" for key, weight in told])


# --- the sections ---------------------------------------------------------------------------------------------------------


def _sections(found: Calibrated, page: Comparison) -> Iterator[Section]:
    if found.snapshot["score"].notna().any():
        yield _cut_offs(found, page)
    for proposed in (found.cuts, found.weights):
        if proposed is not None:
            yield _would_move(found, proposed, page)
    yield _weighing(found, page)


def _cut_offs(found: Calibrated, page: Comparison) -> Section:
    """Each tier's cut-off and share now and as proposed, and why a share misses its target all the same."""
    proposed = found.cuts or found.policy
    check = calibration.shares(found.snapshot["score"], proposed)
    lows = {side: {tier.key: float(tier.low) for tier in policy.tiers} for side, policy in
            (("was", found.policy), ("proposed", proposed))}  # fmt: skip
    before = tiering.tiers(found.snapshot["score"], found.policy).value_counts()
    rows = check[check["tier"] != tiering.UNKNOWN]
    rows = rows.assign(
        **{f"low_{side}": rows["tier"].map(of) for side, of in lows.items()},
        customers_was=rows["tier"].map(before).fillna(0),
        customers_proposed=rows["customers"],
        band=[f"{row.target_low:.0%}–{row.target_high:.0%}" for row in rows.itertuples()],
        share_verdict=rows["verdict"],
        miss=[_missed(row, page) for row in rows.itertuples()],
    )
    unknown = int(found.snapshot["score"].isna().sum())
    grid = page.pen.grid(rows, _CUTS, len(rows))
    note = page.say("cut_offs.note", unknown=unknown)
    return Section("cut_offs", page.say("cut_offs.finding", **_on_target(check)), (grid,), (note,))


def _missed(row: Any, page: Comparison) -> str | float:
    """Why a tier misses its target, in words."""
    if pd.isna(row.why):
        return math.nan
    return page.say(f"cut_offs.{row.why}", **({"tied": int(row.tied), "at": row.tied_at} if row.why == "ties" else {}))


def _would_move(found: Calibrated, proposed: Policy, page: Comparison) -> Section:
    """Who stands in another tier under a proposal."""
    key = "would_move" if proposed is found.cuts else "would_move_by_weights"
    rows = calibration.moves(found.snapshot, proposed)
    if not len(rows):
        return Section(key, page.say(f"{key}.none"))
    scores = rows["customer_id"].map(found.snapshot.set_index("customer_id")["score"])
    rows = rows.rename(columns={"before": "tier_was", "after": "tier_proposed", "score": "score_proposed"})
    grid = page.pen.grid(rows.assign(score_was=scores), _MOVE, LISTED)
    return bounded(Section(key, page.say(f"{key}.finding", n=len(rows)), (grid,)), page)


def _weighing(found: Calibrated, page: Comparison) -> Section:
    """What the history says of the weights."""
    told = found.separation
    if told is None:
        return Section("weighing", page.say("weighing.young", day=found.since.isoformat()))
    facts: dict[str, Any] = {"since": found.since.isoformat(), "lost": told.lost, "stayed": told.stayed}
    left_out = (page.say("weighing.left_out", n=told.left_out),) if told.left_out else ()
    if told.verdict == separation.TOO_FEW:
        least = found.policy.calibration.at_least
        return Section("weighing", page.say("weighing.few", least=least, **facts), (), left_out)
    finding = page.say(f"weighing.{told.verdict}", gain=_interval(told.gain, page), **facts)
    sure = f"{found.policy.calibration.sure:.0%}"
    note = page.say("weighing.note", today=_interval(told.today, page), sure=sure)
    return Section("weighing", finding, (_by_dimension(found.policy, told, page),), (note, *left_out))


def _by_dimension(policy: Policy, told: Separation, page: Comparison) -> Any:
    """Each dimension's weight, now and as found, and how well it tells alone."""
    rows = pd.DataFrame(
        {
            "dimension": [page.words(f"terms.dimension.{key}") for key in DIMENSIONS],
            "weight_was": [getattr(policy.weights, key) for key in DIMENSIONS],
            "weight_proposed": [getattr(told.found, key) for key in DIMENSIONS],
            "parts_alone": [_interval(told.by_dimension[key], page) for key in DIMENSIONS],
        }
    )
    return page.pen.grid(rows, _WEIGHTS, len(rows))


def _interval(found: Interval | None, page: Comparison) -> str:
    if found is None:
        return "—"
    return page.words("views.weighing.interval", **{name: f"{end:.2f}" for name, end in found._asdict().items()})


def told(found: Calibrated, backdrop: Backdrop) -> Iterator[str]:
    """What a terminal is told: the answers, and the first of those who would move."""
    page = Comparison(backdrop, found.snapshot, None)
    yield lead(found, page)
    names = vocabulary.tiers(backdrop).names
    for proposed in (found.cuts, found.weights):
        if proposed is not None:
            rows = calibration.moves(found.snapshot, proposed)
            yield page.say("would_move.finding", n=len(rows)) + f" ({proposed.version})"
            for row in rows.head(_TOLD).itertuples():
                yield f"  {row.customer_id}  {names[row.before]} → {names[row.after]}"
            if len(rows) > _TOLD:
                yield "  " + page.say("replay.rest", n=len(rows) - _TOLD)
    yield _weighing(found, page).finding
