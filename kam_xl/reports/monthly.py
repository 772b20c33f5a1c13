"""The monthly tier board: tiers, targets, satisfaction, health, stages of life, data, now and then (S3 item 46)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from kam_xl.core import health, history, migration, service
from kam_xl.core.sections import STAGES
from kam_xl.core.tiering import UNKNOWN
from kam_xl.reports import charts
from kam_xl.reports.grids import WHO, Grid, counted
from kam_xl.reports.headline import KeyFigure
from kam_xl.reports.meetings import (
    ROWS_SHOWN,
    SHORT_LIST,
    Comparison,
    Meeting,
    Section,
    against_targets,
    compared,
    figure,
    reached,
)
from kam_xl.showing import theme, vocabulary
from kam_xl.showing.fields import header
from kam_xl.showing.telling import or_dash


def tiers(meeting: Meeting) -> Section:
    """The customers of each tier now and then, against the target share."""
    return shares(meeting, meeting.assessment.tiers)


def shares(meeting: Comparison, table: pd.DataFrame, key: str = "tiers", sides: str = "now then") -> Section:
    """A share check (`tiering.share_check`) of the later snapshot beside the earlier; ``sides`` name the columns of both."""
    before = counted(_column_then(meeting, "tier").fillna(UNKNOWN), table["tier"].tolist())
    then = table["tier"].map(before).astype("float64") if meeting.past is not None else math.nan
    end = charts.scale_end(table["share"].tolist() + table["target_high"].tolist())
    rows = table.assign(
        now=table["customers"].astype("float64"),
        then=then,
        step=table["customers"] - then,
        band=[_band(meeting, row) for row in table.itertuples()],
        picture=pd.Series([_bar(meeting, row, end) for row in table.itertuples()], table.index, dtype="object"),
        share_verdict=table["verdict"],
    )
    now, then_ = sides.split()
    fields = f"views.tier now:{now} then:{then_} step share:share_now band picture share_verdict"
    on_target, measured = int((table["verdict"] == "on_target").sum()), int(table["verdict"].notna().sum())
    moves = meeting.moves["way"].value_counts()
    told = meeting.say(
        f"{key}.moves", window=meeting.since, up=int(moves.get(migration.UP, 0)), down=int(moves.get(migration.DOWN, 0))
    )
    finding = meeting.say(f"{key}.finding" if measured else "tiers.unknown", n=on_target, all=measured)
    return Section(key, finding, (_totals(meeting, key, rows, fields),), () if meeting.past is None else (told,))


def _totals(meeting: Comparison, key: str, rows: pd.DataFrame, fields: str) -> Grid:
    """A table of counts under what its section is called."""
    return meeting.pen.totals(rows, fields, meeting.words(f"views.{key}.section"), meeting.since)


def _column_then(meeting: Comparison, column: str) -> pd.Series:
    """A column of the snapshot compared with; nothing where there is none."""
    return pd.Series(dtype="str") if meeting.past is None else meeting.past[column]


def _band(meeting: Comparison, row: Any) -> str | float:
    return math.nan if math.isnan(row.target_low) else f"{row.target_low:.0%}–{row.target_high:.0%}"


def _bar(meeting: Comparison, row: Any, end: float) -> object:
    name = vocabulary.tiers(meeting.assessment).names[row.tier]
    share = "—" if math.isnan(row.share) else f"{row.share:.1%}"
    label = meeting.words("summary.tiers.bar", tier=name, share=share, target=_band(meeting, row))
    return charts.share_bar(
        row.share, row.target_low, row.target_high, end, theme.TIER_COLOURS.get(row.tier, theme.MUTED), label
    )


def attainment(meeting: Meeting) -> Section:
    """What each tier should reach, against what it did."""
    rows = meeting.assessment.kpis
    return against_targets(meeting, "attainment", rows[rows["team"].isna() & rows["tier"].notna()], "tier:kpis.tier ")


def opinion(meeting: Meeting) -> Section:
    """What customers think of us by tier, now and then: satisfaction and NPS, each on its own scale."""
    now = meeting.assessment.customers.rename(columns={"computed_tier": "tier"})
    rows = pd.DataFrame([_opinion(meeting, now, tier) for tier in (None, *meeting.policy.tier_keys)])
    everyone = rows.iloc[0]
    rows = rows.assign(
        whose=rows["tier"].map(meeting.policy.tier_names(meeting.words.lang)).fillna(meeting.say("everyone"))
    )
    fields = "whose score_now:satisfaction_now score_then:satisfaction_then score_step answers nps_now nps_then nps_step nps_answers"
    if not everyone["answers"] + everyone["nps_answers"]:
        return Section("opinion", meeting.say("opinion.none"))
    finding = meeting.say("opinion.finding", satisfaction=everyone["score_now"], nps=everyone["nps_now"])
    return Section("opinion", finding, (_totals(meeting, "opinion", rows, fields),), (meeting.say("opinion.note"),))


def _opinion(meeting: Meeting, now: pd.DataFrame, tier: str | None) -> dict[str, object]:
    """The mean satisfaction and the NPS of a tier, or of all, now and then."""
    mine = now if tier is None else now[now["tier"] == tier]
    then = meeting.past
    if then is not None and tier is not None:
        then = then[then["tier"] == tier]
    score, nps = mine["satisfaction"].mean(), service.nps(mine["nps"], meeting.policy)
    score_then = math.nan if then is None else then["satisfaction"].mean()
    nps_then = math.nan if then is None else service.nps(then["nps"], meeting.policy)
    return {
        "tier": tier, "score_now": score, "score_then": score_then, "score_step": round(score - score_then, 1),
        "answers": int(mine["satisfaction"].notna().sum()), "nps_now": nps, "nps_then": nps_then,
        "nps_step": round(nps - nps_then, 1), "nps_answers": int(mine["nps"].notna().sum()),
    }  # fmt: skip


def health_board(meeting: Meeting) -> Section:
    """The customers by colour of health now and then, and who moved."""
    now = meeting.assessment.customers["health_colour"]
    if now.notna().sum() == 0:
        return Section("health", meeting.say("health.none"))
    table = _now_and_then(meeting, now, "health_colour", health.COLOURS)
    grids = [_totals(meeting, "health", table, "colour now then step")]
    grids += _movers(meeting, ("health_down", "health_up"))
    counts = counted(now, health.COLOURS)
    down = int((meeting.changes["change"] == "health_down").sum())
    key = "health.finding" if meeting.past is not None else "health.finding_first"
    told = meeting.say(key, window=meeting.since, red=int(counts["red"]), yellow=int(counts["yellow"]), down=down)
    return Section("health", told, tuple(grids))


def life(meeting: Meeting) -> Section:
    """The customers by stage of life now and then, and who fell silent or was lost."""
    now = meeting.assessment.customers["lifecycle"]
    if now.notna().sum() == 0:
        return Section("life", meeting.say("life.none"))
    table = _now_and_then(meeting, now, "lifecycle", STAGES)
    grids = [_totals(meeting, "life", table, "views.stage now then step"), *_movers(meeting, history.SLIPS)]
    counts = counted(now, STAGES)
    return Section(
        "life", meeting.say("life.finding", silent=int(counts["silent"]), lost=int(counts["lost"])), tuple(grids)
    )


def _now_and_then(meeting: Meeting, now: pd.Series, column: str, keys: Sequence[str]) -> pd.DataFrame:
    """One row a key: customers now, then, and the difference; a last row for unknown where there is any."""
    keys = (*keys, UNKNOWN)
    table = pd.DataFrame({"now": counted(now.fillna(UNKNOWN), keys).astype("float64")})
    then = counted(_column_then(meeting, column).fillna(UNKNOWN), keys).astype("float64")
    table["then"] = then if meeting.past is not None else math.nan
    table = table.assign(step=table["now"] - table["then"], colour=table.index, stage=table.index)
    return table[(table.index != UNKNOWN) | table[["now", "then"]].fillna(0).any(axis=1)]


def _movers(meeting: Meeting, kinds: Sequence[str]) -> list[Grid]:
    """One table a kind of change, of who changed that way."""
    found = {kind: meeting.changes[meeting.changes["change"] == kind] for kind in kinds}
    return [
        meeting.pen.grid(
            meeting.named(rows), f"{WHO} before after", SHORT_LIST, "customers",
            title=meeting.say("changes.kind", window=meeting.since, kind=meeting.words(f"terms.change.{kind}"), n=len(rows)),
        )
        for kind, rows in found.items()
        if len(rows)
    ]  # fmt: skip


def data(meeting: Meeting) -> Section:
    """The marks of every workbook's data, and the customers to check by hand this month."""
    books, sample = meeting.assessment.quality_books, meeting.assessment.sample
    if not len(books):
        return Section("data", meeting.say("data.none"))
    worst = books.sort_values(["quality", "book"], kind="stable")
    fields = "book team customers completeness validity consistency freshness quality"
    grids = [meeting.pen.grid(worst, fields, ROWS_SHOWN, "teams")]
    notes: tuple[str, ...] = ()
    if len(sample):
        title = meeting.say("data.sample", n=sample[["team", "customer_id"]].drop_duplicates().shape[0])
        grids.append(meeting.pen.grid(_sampled(meeting), f"team {WHO} book checked", ROWS_SHOWN, "sample", title=title,
                                      rest=_sample_rest(sample)))  # fmt: skip
        notes = (meeting.say("data.seed", seed=str(sample["seed"].iloc[0])),)
    finding = meeting.say(
        "data.finding", quality=books["quality"].mean(), book=str(worst["book"].iloc[0]), worst=worst["quality"].iloc[0]
    )
    return Section("data", finding, tuple(grids), notes)


def _sampled(meeting: Meeting) -> pd.DataFrame:
    """The first customers to check, one row each, with every cell to look at."""
    sample = meeting.assessment.sample
    drawn = sample[["team", "customer_id"]].drop_duplicates().head(ROWS_SHOWN)
    sample = sample.merge(drawn, on=["team", "customer_id"])
    told = [
        meeting.say(
            "data.cell",
            cell=str(row.cell),
            field=header(row.field, meeting.words.lang),
            value=str(or_dash(row.typed_value)),
        )
        for row in sample.itertuples()
    ]
    by = ["team", "customer_id", "name", "book"]
    cells_of = sample.assign(checked=told).groupby(by, sort=False, as_index=False, dropna=False)["checked"]
    return cells_of.agg(meeting.words("views.between").join)


def _sample_rest(sample: pd.DataFrame) -> int:
    return max(sample[["team", "customer_id"]].drop_duplicates().shape[0] - ROWS_SHOWN, 0)


def figures(meeting: Meeting) -> list[KeyFigure]:
    """Customers, tiers on target, red ones, satisfaction, NPS, data."""
    now, past = meeting.assessment.customers, meeting.past
    then = now.iloc[:0] if past is None else past
    satisfaction = [some["satisfaction"].mean() for some in (now, then)]
    nps = [service.nps(some["nps"], meeting.policy) for some in (now, then)]
    red = [int((some["health_colour"] == "red").sum()) for some in (now, then)]
    return [
        compared(meeting, "customers", len(now), len(then)),
        figure(meeting, "tiers", reached(meeting.assessment.tiers["verdict"], "on_target")),
        compared(meeting, "red", *red, good=-1),
        compared(meeting, "satisfaction", *satisfaction, good=1),
        compared(meeting, "nps", *nps, good=1),
        figure(meeting, "quality", meeting.assessment.quality_books["quality"].mean()),
    ]
