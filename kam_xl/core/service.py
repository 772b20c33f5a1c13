"""What we owe customers and what they think of it: response and resolution clocks, repeated problems, surveys (§7).

In a moment that is exactly midnight only the day is known. Such a day is read in our favour, so that a breach which is
claimed is certain: a report counts from the day's end, an answer from its beginning. A moment after today has not
happened.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from kam_xl.core import frames, workdays
from kam_xl.core.policy import Policy
from kam_xl.core.texts import folded_all

CASES = ("complaint", "request")  # the kinds of record that we owe an answer to
STAGES = ("reported", "answered", "resolved", "confirmed")
STATES = ("met", "breached", "running", "unknown")  # of a limit
REPEATS = ("customer_id", "category", "count", "customers", "first", "last", "team", "book", "sheet", "row")
_DAY = pd.Timedelta(days=1)
_DAYS_END = pd.Timedelta(hours=23, minutes=59, seconds=59)


# --- the limits --------------------------------------------------------------------------------------------------


def sla(tier: pd.Series, severity: pd.Series, policy: Policy) -> pd.Series:
    """Hours within which each case is answered: the stricter of its tier's limit and its severity's (§7).

    ``tier`` and ``severity`` (`sections.SEVERITIES`) are keys; a missing severity leaves the tier's limit. A missing
    tier leaves the severity's only where no tier could be stricter: a major complaint is 2 h for everybody.
    """
    of_tier = tier.map({one.key: float(one.sla_hours) for one in policy.tiers}).astype("float64")
    of_severity = _by_severity(severity, policy)
    strictest = min(one.sla_hours for one in policy.tiers)
    certain = of_severity.where(of_tier.notna() | (of_severity <= strictest))
    return pd.Series(np.fmin(of_tier, certain), index=tier.index)


def _by_severity(severity: pd.Series, policy: Policy) -> pd.Series:
    hours = {"major": float(policy.sla.major_hours), "ordinary": float(policy.sla.ordinary_hours)}
    return severity.map(hours).astype("float64")


def limit_ends(reported: pd.Series, hours: pd.Series, policy: Policy) -> pd.Series:
    """The moment at which so many hours of the policy's calendar are over since each report; a day counts from its end."""
    return workdays.add_hours(_latest(reported), hours, policy.calendar)


# --- the cases ---------------------------------------------------------------------------------------------------


def cases(service: pd.DataFrame, customers: pd.DataFrame, policy: Policy, now: pd.Timestamp) -> pd.DataFrame:
    """The complaints and requests of the service log, each with its two clocks and its stage (`frames.ASSESSMENT`).

    Both clocks run from the report, in the hours of the policy's calendar, and stop at the answer or the solution; what
    was late stays ``breached``. Without a severity a case is ordinary, and a customer without a tier is owed what the
    severity asks for. The state is ``unknown`` without a report, where the stages contradict each other in time, and
    where the next stage was reached past the limit and nobody wrote down when this one was.

    ``open``: not solved; what it owes next is `pressing`. ``days_to_*``: how many days each step of the closed loop
    took, or has been waiting for.
    """
    now = now.floor("s")
    rows = service[service["kind"].isin(CASES)].reset_index(drop=True)
    if rows.empty:
        return frames.empty(frames.ASSESSMENT["cases"])
    rows = rows.assign(**{stage: _happened(rows[stage], now) for stage in STAGES})
    known = customers[["customer_id", "name", "computed_tier"]].set_index("customer_id")
    rows = rows.join(known, on="customer_id")
    severity = rows["severity"].fillna("ordinary")
    respond = sla(rows["computed_tier"], severity, policy).fillna(_by_severity(severity, policy))
    resolve = severity.map(policy.service.resolve_hours).astype("float64")
    confirmed = rows["confirmed"]
    resolved = rows["resolved"].fillna(confirmed)
    answer = _clock(rows["reported"], rows["answered"], resolved, respond, policy, now)
    solution = _clock(rows["reported"], rows["resolved"], confirmed, resolve, policy, now)
    rows = rows.assign(
        limit_hours=respond,
        response_hours=answer["hours"],
        response_state=answer["state"],
        answer_by=answer["by"],
        resolution_limit_hours=resolve,
        resolution_hours=solution["hours"],
        resolution_state=solution["state"],
        resolve_by=solution["by"],
        stage=_stage(rows),
        open=resolved.isna(),
        **_waits(rows, now),
    )
    return pressing(rows, policy, now.normalize())


def pressing(cases: pd.DataFrame, policy: Policy, today: pd.Timestamp) -> pd.DataFrame:
    """The cases with ``clock``, ``by``, ``late`` and ``ahead``: which clock of an open one presses, and until when.

    That is its answer until there is one, then its resolution. ``late`` is past a limit that nobody has met yet: an
    answer that was late and given counts no more. ``ahead`` ends within the policy's days, or has ended.
    """
    unanswered = cases["open"] & cases["answered"].isna()
    clock = pd.Series("resolution", index=cases.index, dtype="str").mask(unanswered, "answer").where(cases["open"])
    by = cases["resolve_by"].mask(unanswered, cases["answer_by"]).where(cases["open"])
    late = unanswered & (cases["response_state"] == "breached")
    late |= cases["open"] & (cases["resolution_state"] == "breached")
    return cases.assign(
        clock=clock, by=by, late=late.astype(bool), ahead=by <= today + pd.Timedelta(days=policy.plan.soon_days)
    )


def _happened(moments: pd.Series, now: pd.Timestamp) -> pd.Series:
    return moments.where(moments < now.normalize() + _DAY)


def _day_only(moments: pd.Series) -> pd.Series:
    return moments == moments.dt.normalize()


def _latest(moments: pd.Series) -> pd.Series:
    """The latest each moment can have been: where only the day is known, its last second."""
    return moments.mask(_day_only(moments), moments + _DAYS_END)


def _clock(
    reported: pd.Series, stopped: pd.Series, later: pd.Series, limit: pd.Series, policy: Policy, now: pd.Timestamp
) -> pd.DataFrame:
    """The hours a clock has certainly shown, the state (`STATES`), and the moment ``by`` which the limit is over.

    ``stopped`` is when it stopped; where nobody wrote that down, it had at a ``later`` stage of the case.
    """
    begun = _latest(reported)
    stop = stopped.fillna(later)
    end = stop.fillna(pd.Series(now, index=stop.index).astype(stop.dtype))
    end = end.mask(end < begun, begun)  # ``clip`` cannot take a bound that is unknown
    impossible = (_latest(stop) < reported) | (_latest(later) < stopped)
    hours = workdays.hours_between(begun, end, policy.calendar).mask(impossible)
    late = hours > limit
    unwritten = stopped.isna() & later.notna() & late
    state = np.select(
        [(hours.isna() | limit.isna() | unwritten).to_numpy(), late.to_numpy(), stop.notna().to_numpy()],
        ["unknown", "breached", "met"],
        "running",
    )
    return pd.DataFrame(
        {
            "hours": hours.mask(unwritten),
            "state": pd.Series(state, index=hours.index, dtype="str"),
            "by": limit_ends(reported, limit, policy),
        }
    )


def _stage(rows: pd.DataFrame) -> pd.Series:
    """The furthest stage each case has reached."""
    reached = [rows[stage].notna().to_numpy() for stage in reversed(STAGES[1:])]
    return pd.Series(np.select(reached, list(reversed(STAGES[1:])), STAGES[0]), index=rows.index, dtype="str")


def _waits(rows: pd.DataFrame, now: pd.Timestamp) -> dict[str, pd.Series]:
    """Days from each stage to the next one, to now where that has not come; unknown where the stage is not reached.

    A stage that was skipped, as when a case is solved at once, came with the next one that is known.
    """
    confirmed = rows["confirmed"]
    resolved = rows["resolved"].fillna(confirmed)
    answered = rows["answered"].fillna(resolved)
    steps = {
        "days_to_answer": (rows["reported"], answered),
        "days_to_resolve": (answered, resolved),
        "days_to_confirm": (resolved, confirmed),
    }
    return {
        name: (end.fillna(now) - start).dt.total_seconds().clip(lower=0) / 86400 for name, (start, end) in steps.items()
    }


# --- repeated problems -------------------------------------------------------------------------------------------


def repeats(service: pd.DataFrame, policy: Policy, now: pd.Timestamp, customers: int) -> pd.DataFrame:
    """The categories of problems that ask for a root-cause analysis (`REPEATS`), the most frequent first (§7, S1).

    Complaints and requests of the policy's number of days before today, that many days ago and today included: often
    enough of one customer, or of several customers together (``customer_id`` missing), which takes more of them the more
    ``customers`` the portfolio has: of many, a few always have the same problem. A category is shown as last
    typed; width, case, script and blanks do not tell two apart. ``first`` and ``last`` are days, the place the newest's.
    """
    rows = recent_problems(service, policy, now)
    if rows.empty:
        return frames.empty(frames.ASSESSMENT["repeats"])
    rows = rows.assign(folded=folded_all(rows["category"])).sort_values("reported", kind="stable")
    rows = rows[rows["folded"] != ""]
    own = _counted(rows, ["customer_id", "folded"])
    across = _counted(rows, ["folded"])
    own = own[own["count"] >= policy.service.repeat_customer]
    often = max(policy.service.repeat_across, policy.service.repeat_across_share * customers)
    across = across[(across["count"] >= often) & (across["customers"] > 1)]
    found = pd.concat([across.assign(customer_id=pd.Series(np.nan, across.index, dtype="str")), own], ignore_index=True)
    return found.sort_values("count", ascending=False, kind="stable", ignore_index=True)[list(REPEATS)]


def recent_problems(service: pd.DataFrame, policy: Policy, now: pd.Timestamp) -> pd.DataFrame:
    """What `repeats` looks at of the service log."""
    since = now.normalize() - policy.service.repeat_days * _DAY
    dated = service[[*_PROBLEM]].assign(reported=_happened(service["reported"], now))
    return dated[
        dated["kind"].isin(CASES)
        & (dated["reported"] >= since)
        & dated["category"].notna()
        & dated["customer_id"].notna()
    ]


_PROBLEM = ("customer_id", "kind", "category", "reported", "team", "book", "sheet", "row")


def _counted(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """One row a group of records, its newest: how many, of how many customers, the first and the last day."""
    groups = rows.groupby(by, sort=False)
    counted = rows.assign(
        count=groups["reported"].transform("size"),
        customers=groups["customer_id"].transform("nunique"),
        first=groups["reported"].transform("min").dt.normalize(),
        last=rows["reported"].dt.normalize(),
    )
    return counted.drop_duplicates(by, keep="last")


# --- what customers say ------------------------------------------------------------------------------------------


def voice(service: pd.DataFrame, customer_ids: pd.Series, policy: Policy, now: pd.Timestamp) -> pd.DataFrame:
    """Each customer's latest satisfaction (0–100) and NPS answer (0–10) with their days, and its open cases (`frames.ADDED`).

    Beside ``customer_ids``. Any record of the log may hold an answer; one without a date is not counted. ``severe_open``
    counts the major complaints among the open cases.
    """
    rows = _open_cases(service, now)
    severe = rows[(rows["kind"] == "complaint") & (rows["severity"] == "major")]
    marks, answers = (
        latest_answers(service, answer, now=now)
        .set_index("customer_id")
        .reindex(customer_ids)
        .set_axis(customer_ids.index)
        for answer in ("satisfaction", "nps")
    )
    return pd.DataFrame(
        {
            "customer_id": customer_ids,
            "satisfaction": marks["answer"],
            "satisfaction_on": marks["on"],
            "nps": answers["answer"],
            "nps_on": answers["on"],
            "open_cases": _count(rows, customer_ids),
            "severe_open": _count(severe, customer_ids),
        }
    )


def _open_cases(service: pd.DataFrame, now: pd.Timestamp) -> pd.DataFrame:
    cases = service.loc[service["kind"].isin(CASES), ["customer_id", "kind", "severity", "resolved", "confirmed"]]
    solved = _happened(cases["resolved"], now).notna() | _happened(cases["confirmed"], now).notna()
    return cases[~solved]


def _count(rows: pd.DataFrame, customer_ids: pd.Series) -> pd.Series:
    return customer_ids.map(rows["customer_id"].value_counts()).fillna(0).astype("int64")


def latest_answers(
    service: pd.DataFrame, answer: str, *, now: pd.Timestamp, since: pd.Timestamp | None = None
) -> pd.DataFrame:
    """The latest ``answer`` (satisfaction | nps) of each customer up to now: customer_id, answer, on (its day), team.

    These are the answers that count for a period, which begins with the day ``since``. Of two answers on one moment
    the lower one counts.
    """
    dated = service[["customer_id", "team"]].assign(answer=service[answer], on=_happened(service["reported"], now))
    counts = dated["on"].notna() & dated["answer"].notna() & dated["customer_id"].notna()
    if since is not None:
        counts &= dated["on"] >= since
    rows = dated.loc[counts, ["customer_id", "answer", "on", "team"]]
    rows = rows.sort_values(["on", "answer"], ascending=[True, False], kind="stable")
    rows = rows.drop_duplicates("customer_id", keep="last").reset_index(drop=True)
    return rows.assign(on=rows["on"].dt.normalize())


def nps(answers: pd.Series, policy: Policy) -> float:
    """The net promoter score of answers from 0 to 10: promoters less detractors in % of all, −100..100; NaN without any.

    Satisfaction is another measure, and its figure a mean: the two are never averaged together.
    """
    answers = answers[answers.between(0, 10)]
    if answers.empty:
        return float("nan")
    promoters = int((answers >= policy.service.promoter_from).sum())
    detractors = int((answers <= policy.service.detractor_to).sum())
    return 100 * (promoters - detractors) / len(answers)


# --- complaints, for health --------------------------------------------------------------------------------------


def complaint_weight(service: pd.DataFrame, customer_ids: pd.Series, policy: Policy, now: pd.Timestamp) -> pd.Series:
    """What each customer's complaints of the last months weigh, by severity, more while open; 0 without any (§6).

    Beside ``customer_ids``. An open complaint counts however old it is; a solved one without a date does not. Whether a
    customer's teams keep a log at all, so that 0 means none, is for the caller to know.
    """
    rows = service[service["kind"] == "complaint"]
    open_ = rows.index.isin(_open_cases(rows, now).index)
    since = now.normalize() - pd.DateOffset(months=policy.service.complaint_months)
    rows = rows.assign(open=open_)[open_ | (_happened(rows["reported"], now) >= since)]
    weight = rows["severity"].fillna("ordinary").map(policy.service.complaint_weights).astype("float64")
    weight = weight.mask(rows["open"], weight * policy.service.open_weight)
    return customer_ids.map(weight.groupby(rows["customer_id"]).sum()).fillna(0.0).astype("float64")
