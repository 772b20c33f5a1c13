"""The weekly stand-up: what is to be done, who is visited, what is new, what is owed (S3 item 45)."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from kam_xl.core import explaining, migration, planning, risk_states, tasks
from kam_xl.reports import excerpts
from kam_xl.reports.figures import told
from kam_xl.reports.grids import WHO
from kam_xl.reports.headline import KeyFigure, week
from kam_xl.reports.meetings import (
    ACTIONS_EACH,
    DEAL,
    MANAGERS_SHOWN,
    ROWS_SHOWN,
    SHORT_LIST,
    Meeting,
    Section,
    bad_if_any,
    deals_due,
    figure,
    kept,
    with_health,
)
from kam_xl.showing.telling import rank
from kam_xl.showing.vocabulary import STANDINGS


def _standing(meeting: Meeting) -> pd.DataFrame:
    """The matters of this week, and those marked, with their standing (`STANDINGS`) and whose each is."""
    rows = meeting.assessment.actions
    rows = rows[rows["kind"] == planning.MATTER]
    rows = rows.assign(standing=rows["status"].mask(rows["overdue"], "overdue"), person=_person(meeting, rows))
    rows = rows[(rows["standing"] != tasks.OPEN) | rows["this_week"]]
    late = rows["days_late"].where(rows["overdue"]).astype("float64")
    return rows.assign(late=late, _rank=rank(rows["standing"], STANDINGS)).sort_values("_rank", kind="stable")


def _person(meeting: Meeting, rows: pd.DataFrame) -> pd.Series:
    """Whose each row is; where nobody is named, the team's."""
    teams = {team: meeting.say("of_team", team=team) for team in rows["team"].dropna().unique()}
    return rows["manager"].fillna(rows["team"].map(teams)).fillna(meeting.words("calendar.nobody"))


def actions(meeting: Meeting) -> Section:
    """What is to do this week by person, the most pressing first; who has most overdue comes first."""
    rows = _standing(meeting)
    counts = pd.crosstab(rows["person"], rows["standing"]).reindex(columns=list(STANDINGS), fill_value=0)
    counts = counts.sort_values(["overdue", "open"], ascending=False, kind="stable")
    totals = counts.sum()
    if not len(rows):
        return Section("actions", meeting.say("actions.none"))
    shown, window = counts.head(MANAGERS_SHOWN), week(meeting.assessment)
    asides = {
        str(person): told(meeting.words, "views.actions.aside", of=str(person), window=window, **row)
        for person, row in shown.iterrows()
    }
    listed = rows[rows["person"].isin(shown.index)]
    rest = len(rows) - int(listed.groupby("person").size().clip(upper=ACTIONS_EACH).sum())
    fields = f"{WHO} level subject action standing by late:days_late"
    grid = meeting.pen.grouped(listed, "person", fields, ACTIONS_EACH, asides, "matters", rest)
    finding = meeting.say("actions.finding", window=window, week=window, **totals)
    return Section("actions", finding, (grid,), (meeting.say("actions.note"),))


def visits(meeting: Meeting) -> Section:
    """The visits planned for this week with their agenda, and who has more than there is room for."""
    rows, window = excerpts.visits(meeting.assessment), week(meeting.assessment)
    load = meeting.assessment.utilisation
    over = load[load["this_week"] & (load["share"] > 1)].sort_values("share", ascending=False)
    grids = []
    if len(rows):
        fields = f"{WHO} planned manager team due:visits.due shift agenda"
        grids.append(meeting.pen.grid(rows, fields, ROWS_SHOWN, "visits"))
    if len(over):
        fields = "manager team week planned:utilisation.planned capacity share:utilisation.share"
        title = meeting.say("visits.over", window=window, n=len(over))
        grids.append(meeting.pen.grid(over, fields, SHORT_LIST, "visits", title=title))
    form = "visits.finding" if len(rows) else "visits.none"
    finding = meeting.say(form, window=window, week=window, n=len(rows), late=int((rows["shift"] == "overdue").sum()))
    return Section("visits", finding, tuple(grids), () if len(over) else (meeting.say("visits.room"),))


def _matters_since(meeting: Meeting) -> pd.DataFrame:
    """Tonight's matters with their state since the snapshot compared with, what is new or worse, in the matters' order."""
    found = excerpts.matters(meeting.assessment)
    if meeting.past is None:
        return found.iloc[:0]
    since = risk_states.with_state(found, risk_states.remembered(meeting.past), meeting.today)
    return since[since["state"].isin(excerpts.NEWS)]


def _closed_since(meeting: Meeting) -> pd.DataFrame:
    """The risks that the snapshot compared with knew and tonight's no longer does."""
    known, now = risk_states.remembered(meeting.past), risk_states.remembered(meeting.tonight)
    gone = known[~known["key"].isin(now["key"]) & known["customer_id"].isin(meeting.names.index)]
    return meeting.named(gone).sort_values(["since", "customer_id"])


def risks(meeting: Meeting) -> Section:
    """The risks that are new or worse, and those that are gone, since the snapshot compared with."""
    if meeting.past is None:
        return Section("news", meeting.say("news.first"))
    rows, gone = _matters_since(meeting), _closed_since(meeting)
    worse = int((rows["state"] == "worse").sum())
    grids = []
    if len(rows):
        fields = f"{WHO} level state subject evidence remedy owner by"
        grids.append(meeting.pen.grid(rows, fields, ROWS_SHOWN, "matters"))
    if len(gone):
        title = meeting.say("news.closed", window=meeting.since, n=len(gone))
        grids.append(meeting.pen.grid(gone, f"{WHO} rule level since:risks.since", SHORT_LIST, "changes", title=title))
    form = "news.finding" if len(rows) else "news.none"
    finding = meeting.say(form, window=meeting.since, n=len(rows) - worse, worse=worse)
    return Section("news", finding, tuple(grids))


def _owed(meeting: Meeting) -> pd.DataFrame:
    """The open cases past a limit, and those whose limit ends within the week."""
    rows = meeting.assessment.cases
    return rows[rows["late"] | rows["ahead"]].sort_values(["late", "by"], ascending=[False, True], kind="stable")


def cases(meeting: Meeting) -> Section:
    """The open cases past their limit and what is owed this week; problems that repeat."""
    if not meeting.keeps("service"):
        return Section("cases", meeting.say("cases.unknown"))
    rows, repeats = _owed(meeting), meeting.assessment.repeats
    waiting = int((meeting.assessment.cases["stage"] == "resolved").sum())
    grids = []
    if len(rows):
        fields = (
            f"{WHO} kind:service.kind severity:service.severity category stage:cases.stage response_state "
            "answer_by resolution_state resolve_by handler"
        )
        grids.append(meeting.pen.grid(rows, fields, ROWS_SHOWN, "cases"))
    if len(repeats):
        across = repeats["customer_id"].isna()
        named = meeting.named(repeats)
        named["name"] = named["name"].mask(across, meeting.words("master.across"))
        title = meeting.say("cases.repeats", n=len(repeats))
        fields = f"{WHO} category count customers first last"
        grids.append(meeting.pen.grid(named, fields, SHORT_LIST, "cases", title=title))
    late = int(rows["late"].sum())
    finding = meeting.say(
        "cases.finding" if len(rows) else "cases.none",
        late=late,
        due=len(rows) - late,
        days=meeting.policy.plan.soon_days,
    )
    return Section("cases", finding, tuple(grids), (meeting.say("cases.waiting", n=waiting),) if waiting else ())


def deals(meeting: Meeting) -> Section:
    """The trials and renewals whose reminder has come, the soonest first."""
    if not meeting.keeps("renewals"):
        return Section("deals", meeting.say("deals.unknown"))
    rows = with_health(meeting, deals_due(meeting)).sort_values("ends", kind="stable")
    trials = int((rows["kind"] == "trial").sum())
    if not len(rows):
        return Section("deals", meeting.say("deals.none"))
    grid = meeting.pen.grid(rows, DEAL, ROWS_SHOWN, "deals")
    return Section("deals", meeting.say("deals.finding", trials=trials, renewals=len(rows) - trials), (grid,))


def prospects(meeting: Meeting) -> Section:
    """The customers to be developed: how far each is from the next tier, how its score moved, what comes next."""
    rows = meeting.assessment.customers
    rows = rows[rows["computed_tier"] == "potential"]
    parts = explaining.breakdown(rows["value"], rows["potential"], rows["demand"], meeting.policy)
    rows = rows.assign(missing_points=parts["missing"], score_step=_score_step(meeting, rows))
    rows = rows.sort_values(["missing_points", "customer_id"])
    risen = meeting.moves[(meeting.moves["before"] == "potential") & (meeting.moves["way"] == migration.UP)]
    names = risen["name"].head(SHORT_LIST).tolist()
    notes = (meeting.say("prospects.risen", n=len(risen), names=meeting.list(names)),) if len(risen) else ()
    if not len(rows):
        return Section("prospects", meeting.say("prospects.none"), (), notes)
    fields = f"{WHO} score score_step missing_points lifecycle last_contact planned_visit manager teams"
    grid = meeting.pen.grid(rows, fields, ROWS_SHOWN, "customers")
    up, down = int((rows["score_step"] > 0).sum()), int((rows["score_step"] < 0).sum())
    finding = meeting.say("prospects.finding", n=len(rows), up=up, down=down)
    return Section("prospects", finding, (grid,), notes)


def _score_step(meeting: Meeting, rows: pd.DataFrame) -> pd.Series:
    if meeting.past is None:
        return pd.Series(np.nan, index=rows.index)
    before = rows["customer_id"].map(meeting.past.set_index("customer_id")["score"]).astype("float64")
    return (rows["score"] - before).round(1)


def figures(meeting: Meeting) -> list[KeyFigure]:
    """What is overdue and due, new matters, cases past their limit, visits, trials and renewals."""
    standing, window = _standing(meeting)["standing"], week(meeting.assessment)
    owed = _owed(meeting)
    late = int(owed["late"].sum())
    news = len(_matters_since(meeting)) if meeting.past is not None else math.nan
    verdict = "plain" if math.isnan(news) else "bad" if news else "good"
    return [
        bad_if_any(meeting, "overdue", int((standing == "overdue").sum())),
        figure(meeting, "week", int((standing == "open").sum()), note=window, window=window),
        figure(meeting, "news", news, verdict, window=meeting.since),
        kept(meeting, "service", bad_if_any(meeting, "past_limit", late)),
        figure(meeting, "visits", len(excerpts.visits(meeting.assessment)), note=window, window=window),
        kept(meeting, "renewals", figure(meeting, "deals", len(deals_due(meeting)))),
    ]
