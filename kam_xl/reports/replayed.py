"""The page of a replay: what another policy would have made of the nights behind us, with the answer in its first sentence."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kam_xl.core import replaying, tiering
from kam_xl.core.policy import Policy
from kam_xl.core.replaying import Lost, Replayed
from kam_xl.reports import half_yearly, monthly, paper
from kam_xl.reports.figures import Told, number
from kam_xl.reports.grids import WHO
from kam_xl.reports.headline import KeyFigure
from kam_xl.reports.meetings import Backdrop, Comparison, Section, each_tried, figure
from kam_xl.showing import vocabulary

#: So many rows of a list stand on the page.
LISTED = 40
_ELSEWHERE = f"{WHO} tier_was tier_proposed level_was level_proposed score_was score_proposed since:replay.since nights"
_NIGHT = "day:on higher lower level_up level_down high_was high_proposed moves_was moves_proposed"
_COST = "tier:views.tier customers_was:as_was customers_proposed:as_proposed visits_was visits_proposed hours_was hours_proposed"
_POOL = "pool customers_was:as_was customers_proposed:as_proposed share_was share_proposed"
_ALARM = "rule open_was open_proposed new_was new_proposed"


@dataclass(frozen=True)
class Trial(Comparison):
    """A replay as a page shows it: the last night as proposed beside what was, and all nights behind it.

    ``was`` is the policy that the last night was run under, None where it cannot be used any more.
    """

    found: Replayed
    was: Policy | None
    lost: Sequence[Lost]
    of_other_versions: int


def trial(
    backdrop: Backdrop, found: Replayed, was: Policy | None, lost: Sequence[Lost], of_other_versions: int
) -> Trial:
    """A replay under the backdrop's policy."""
    return Trial(backdrop, found.last.proposed, found.last.was, found, was, lost, of_other_versions)


def render(tried: Trial) -> str:
    """The whole page, complete in itself: no script, no network, no phone number."""
    sections = each_tried(_SECTIONS, tried, tried.assessment)
    return paper.review(
        "view.html.j2",
        tried.assessment,
        tried.assessment.now,
        title=tried.words("views.replay.title"),
        lead=lead(tried),
        notices=list(_notices(tried)),
        figures=_figures(tried),
        sections=[section for section in sections if section.finding],
        mark="",
    )


def lead(tried: Trial) -> Told:
    """The answer in one sentence."""
    last = tried.found.by_night.iloc[-1]
    rows = replaying.tiers(tried.found, tried.was, tried.policy)
    facts: dict[str, Any] = {
        "version": tried.policy.version, "day": tried.since, "nights": len(tried.found.nights),
        "all": int(last["customers"]),
    }  # fmt: skip
    if not len(tried.found.apart) and rows["visits_was"].equals(rows["visits_proposed"]):
        return tried.say("replay.lead_same", **facts)
    return tried.say(
        "replay.lead" if tried.was else "replay.lead_alone", **facts, up=int(last["higher"]), down=int(last["lower"]),
        level=int(last["level_up"] + last["level_down"]), before=_total(rows["visits_was"]),
        after=_total(rows["visits_proposed"]),
    )  # fmt: skip


def _total(column: pd.Series) -> float:
    """A sum of whole visits; unknown where a part is."""
    total = column.sum(skipna=False)
    return float(total) if pd.isna(total) else round(total)


def _notices(tried: Trial) -> Iterator[tuple[str, str]]:
    yield "plain", tried.say("replay.memory", day=tried.found.first.day.isoformat())
    if tried.of_other_versions:
        yield "watch", tried.say("replay.versions", n=tried.of_other_versions)
    if tried.lost:
        yield "watch", tried.say("replay.lost", n=len(tried.lost))


def _figures(tried: Trial) -> list[KeyFigure]:
    last, rows = tried.found.by_night.iloc[-1], replaying.tiers(tried.found, tried.was, tried.policy)
    alarms = replaying.alarms(tried.found)
    visits = [_total(rows[f"visits_{side}"]) for side in replaying.SIDES]
    risks = [int(alarms[f"open_{side}"].sum()) for side in replaying.SIDES]
    window = tried.policy.version
    return [
        figure(tried, "would_rise", int(last["higher"]), window=window),
        figure(tried, "would_fall", int(last["lower"]), window=window),
        figure(tried, "other_level", int(last["level_up"] + last["level_down"]), window=window),
        figure(tried, "visits_year", visits[1], note=tried.say("replay.step", was=visits[0]), window=window),
        figure(tried, "open_risks", risks[1], note=tried.say("replay.step", was=risks[0]), window=window),
        figure(tried, "nights", len(tried.found.nights)),
    ]


# --- the sections ---------------------------------------------------------------------------------------------------------


def _would_be(tried: Trial) -> Section:
    """The shares against the proposed policy's targets, beside what was."""
    table = tiering.share_check(tried.tonight["tier"], tried.policy)
    return monthly.shares(tried, table, "would_be", "as_proposed as_was")


def _elsewhere(tried: Trial) -> Section:
    rows = replaying.elsewhere(tried.found, tried.policy)
    if not len(rows):
        return Section("elsewhere", tried.say("elsewhere.none"))
    grid = tried.pen.grid(rows, _ELSEWHERE, LISTED)
    section = Section("elsewhere", tried.say("elsewhere.finding", n=len(rows)), (grid,), (tried.say("elsewhere.note"),))
    return bounded(section, tried)


def bounded(section: Section, of: Comparison) -> Section:
    """A section whose tables say themselves how much they leave out: nowhere else does it stand."""
    rest = sum(grid.rest for grid in section.grids)
    grids = tuple(dataclasses.replace(grid, rest=0) for grid in section.grids)
    notes = (*section.notes, of.say("replay.rest", n=rest)) if rest else section.notes
    return dataclasses.replace(section, grids=grids, notes=notes)


def _against(tried: Trial) -> Section:
    return half_yearly.migrated(tried, "against")


def _course(tried: Trial) -> Section:
    """From the first night to the last, as proposed."""
    nights = tried.found
    return half_yearly.migrated(Comparison(tried.assessment, nights.last.proposed, nights.first.proposed), "course")


def _by_night(tried: Trial) -> Section:
    rows = tried.found.by_night
    finding = tried.say(
        "by_night.finding", was=int(rows["moves_was"].sum()), proposed=int(rows["moves_proposed"].sum())
    )
    return bounded(Section("by_night", finding, (tried.pen.grid(rows.iloc[::-1], _NIGHT, LISTED),)), tried)


def _cost(tried: Trial) -> Section:
    """Visits and limits by tier."""
    rows = replaying.tiers(tried.found, tried.was, tried.policy)
    rows = rows.assign(**{name: rows[name].round() for name in ("visits_was", "visits_proposed")})
    was, proposed = (_total(rows[f"visits_{side}"]) for side in replaying.SIDES)
    finding = tried.say("cost.finding" if tried.was else "cost.unknown", was=was, proposed=proposed)
    return Section("cost", finding, (tried.pen.grid(rows, _COST, len(rows)),), (tried.say("cost.note"),))


def _budget(tried: Trial) -> Section:
    rows = replaying.pools(tried.found, tried.was, tried.policy)
    names = vocabulary.tiers(tried.assessment).names
    rows = rows.assign(pool=[tried.list([names[key] for key in tiers]) for tiers in rows["tiers"]])
    return Section("budget", tried.say("budget.finding"), (tried.pen.grid(rows, _POOL, len(rows)),))


def _alarms(tried: Trial) -> Section:
    rows = replaying.alarms(tried.found)
    if not len(rows):
        return Section("alarms", tried.say("alarms.none"))
    other = (rows["open_was"] != rows["open_proposed"]) | (rows["new_was"] != rows["new_proposed"])
    facts: dict[str, Any] = {side: int(rows[f"open_{side}"].sum()) for side in replaying.SIDES}
    finding = tried.say("alarms.finding", n=int(other.sum()), **facts)
    return Section("alarms", finding, (tried.pen.grid(rows, _ALARM, len(rows)),), (tried.say("alarms.note"),))


def _lost(tried: Trial) -> Section:
    """The nights left out and why; nothing where there are none."""
    if not tried.lost:
        return Section("lost_nights", "")
    rows = pd.DataFrame(
        [(pd.Timestamp(one.day), tried.say(f"lost_nights.{one.reason}", detail=one.detail)) for one in tried.lost],
        columns=["on", "lost_reason"],
    )
    grid = tried.pen.grid(rows, "on lost_reason", LISTED)
    return bounded(Section("lost_nights", tried.say("lost_nights.finding", n=len(rows)), (grid,)), tried)


_SECTIONS = {
    "would_be": _would_be, "elsewhere": _elsewhere, "against": _against, "course": _course, "by_night": _by_night,
    "cost": _cost, "budget": _budget, "alarms": _alarms, "lost_nights": _lost,
}  # fmt: skip


def told(tried: Trial) -> Iterator[str]:
    """What a terminal is told: the answer, and the first of those who would stand elsewhere."""
    yield lead(tried)
    names = {**vocabulary.tiers(tried.assessment).names, **vocabulary.levels(tried.words).names}
    rows = replaying.elsewhere(tried.found, tried.policy)
    for row in rows.head(_TOLD).itertuples():
        steps = [names.get(key, number(float("nan"))) for key in row[3:7]]
        yield f"  {row.customer_id}  {steps[0]} → {steps[1]}  {steps[2]} → {steps[3]}"
    if len(rows) > _TOLD:
        yield "  " + tried.say("replay.rest", n=len(rows) - _TOLD)


_TOLD = 10
