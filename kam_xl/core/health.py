"""How healthy each customer is, from five parts of 0 to 100, and why, in words (handbook §6; S1: 客户健康度评估模型)."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from kam_xl.core import contact, service, strategies
from kam_xl.core.evidence import percent, points, sentences, signed
from kam_xl.core.policy import Policy
from kam_xl.core.portfolio import Portfolio
from kam_xl.core.scoring import DECIMALS, round_half_away
from kam_xl.core.sections import HEALTH_PARTS, Curve
from kam_xl.core.sheets import ORDERS
from kam_xl.core.together import Together
from kam_xl.core.words import Words

COLOURS = ("red", "yellow", "green")  # the worst first
CAPS = ("severe", "high_risk", "silent")  # why a colour is no better, though the points are
#: Part of the health → its column.
PARTS = {part: f"health_{part}" for part in HEALTH_PARTS}
COMPARED = (
    "health",
    "health_coverage",
    "amount",
    "amount_high",
    "team_count",
    "amount_parts",
)  # with the snapshot before
BY = ("orders", "remembered")  # how the amount develops is told by these, the first that tells it
COLUMNS = ("health", "health_colour", "health_coverage", *PARTS.values(), "health_cap", "health_before",
           "health_trend", "scale_by", "scale_now", "scale_before")  # fmt: skip


def assess(
    customers: pd.DataFrame,
    portfolio: Portfolio,
    policy: Policy,
    now: pd.Timestamp,
    of_all: Together,
    past: pd.DataFrame | None = None,
    half_read: Collection[str] = (),
) -> pd.DataFrame:
    """Each customer's health (`COLUMNS`) at the moment ``now``, beside the customers.

    Reads customer_id, amount, computed_tier, cadence_days, since, satisfaction, nps, severe_open, team_count,
    amount_parts, growth, amount_year and amount_before of the customers, and the portfolio's records, tracking, service, contacts and letters; ``of_all`` is
    what is known of all customers. ``past`` is the snapshot before; there is no trend where less is known than then. ``half_read`` are the IDs of customers one of
    whose teams could not be read: sums, latest dates and what is not logged say nothing of them. Neither do the contacts
    of one who may have been contacted since (`contact.unheard`).
    """
    now = pd.Timestamp(now)
    today = now.normalize()
    last_time = _beside(customers, past)
    develops = _development(customers, portfolio, last_time)
    marks = {
        "scale": _scale(customers, of_all, policy, develops),
        "interaction": _interaction(customers, portfolio, of_all, policy, today),
        "complaints": _complaints(customers["customer_id"], portfolio, policy, now),
        "satisfaction": satisfaction_mark(customers["satisfaction"], customers["nps"], policy),
        "execution": _execution(customers["customer_id"], portfolio.tracking, policy, today),
    }
    table = pd.DataFrame(marks)
    whole = ["scale", "interaction", "complaints"]  # these take every team's rows
    table[whole] = table[whole].mask(customers["customer_id"].isin(half_read))
    found = combined(table, customers["severe_open"], policy)
    less_known = found["health_coverage"] < last_time["health_coverage"]
    trend = _trend((found["health"] - last_time["health"]).mask(less_known), policy)
    found = found.assign(health_before=last_time["health"], health_trend=trend)
    return found.join(develops.where(found[PARTS["scale"]].notna()))[list(COLUMNS)]


def combined(marks: pd.DataFrame, severe_open: pd.Series, policy: Policy) -> pd.DataFrame:
    """Marks (0..100, one column a part, NaN unknown) → the columns from health to health_cap.

    Marks are rounded to one decimal before they are averaged, so that people can check the sum, and the rounded health
    is what is coloured. A missing part leaves its weight to the others; ``health_coverage`` is the share of weight that
    had data, and below the policy's least the health is unknown. A severe open complaint caps the colour, not the number;
    ``health_cap`` says so (`CAPS`).
    """
    rules = policy.health
    marks = pd.DataFrame({part: round_half_away(marks[part], DECIMALS) for part in HEALTH_PARTS})
    weights = pd.Series(rules.weights)
    coverage = (marks.notna() * weights).sum(axis=1).round(9)
    average = (marks * weights).sum(axis=1) / coverage.where(coverage > 0)
    health = round_half_away(average, DECIMALS).where(coverage >= rules.coverage_at_least)
    knockout = severe_open.gt(0).fillna(False).astype(bool) & (rules.knockout != "off")
    return marks.rename(columns=PARTS).assign(
        health=health,
        health_colour=_capped(colour(health, policy), knockout, rules.knockout),
        health_coverage=coverage,
        health_cap=pd.Series("severe", index=marks.index, dtype="str").where(knockout),
    )


def agreeing(customers: pd.DataFrame, at_high_risk: pd.Series, silent: pd.Series, policy: Policy) -> pd.DataFrame:
    """The customers with a health no better than their risks: with a high one, or silent, at most the policy's colour (§11).

    Both are IDs. A colour that is no better stays, and what is unknown stays unknown; ``health_cap`` names the reason.
    """
    cap = policy.health.risk_cap
    better = customers["health_colour"].isin(COLOURS[COLOURS.index(cap) + 1 :]) if cap in COLOURS else False
    for reason, ids in (("silent", silent), ("high_risk", at_high_risk)):
        held = better & customers["customer_id"].isin(ids)
        customers = customers.assign(health_cap=customers["health_cap"].mask(held, reason))
    capped = better & customers["health_cap"].notna()
    return customers.assign(health_colour=customers["health_colour"].mask(capped, cap))


def colour(health: pd.Series, policy: Policy) -> pd.Series:
    """The colour (`COLOURS`) of each health number, rounded already; unknown where it is."""
    yellow, green = policy.health.yellow
    place = np.where(health >= green, 2, np.where(health >= yellow, 1, 0))
    return pd.Series(np.array(COLOURS)[place], index=health.index, dtype="str").where(health.notna())


def _capped(colours: pd.Series, knockout: pd.Series, cap: str) -> pd.Series:
    """The colours, no better than the cap where it holds; nothing is worse than red, so red needs no health."""
    better = colours.isin(COLOURS[COLOURS.index(cap) + 1 :]) if cap in COLOURS else False
    return colours.mask(knockout & (better | (cap == COLOURS[0])), cap)


def _trend(change: pd.Series, policy: Policy) -> pd.Series:
    """Up or down by more than the policy's points, else flat; unknown where the change is."""
    least = policy.health.trend_points
    change = change.round(9)
    trend = np.where(change > least, "up", np.where(change < -least, "down", "flat"))
    return pd.Series(trend, index=change.index, dtype="str").where(change.notna())


def _beside(customers: pd.DataFrame, past: pd.DataFrame | None) -> pd.DataFrame:
    """The `COMPARED` of the snapshot before, a row a customer; unknown where it has none."""
    if past is None:
        return pd.DataFrame(np.nan, index=customers.index, columns=list(COMPARED))
    found = past.set_index("customer_id").reindex(index=customers["customer_id"], columns=list(COMPARED))
    return found.set_axis(customers.index).astype("float64")


def _along(curve: Curve, figures: pd.Series) -> pd.Series:
    """Figures → marks along a curve of the policy, level beyond its ends; unknown stays unknown."""
    x, y = zip(*curve, strict=True)
    return pd.Series(np.interp(figures.to_numpy(dtype="float64"), x, y), index=figures.index)


# --- the five parts ----------------------------------------------------------------------------------------------


def _scale(customers: pd.DataFrame, of_all: Together, policy: Policy, develops: pd.DataFrame) -> pd.Series:
    """The amount against its tier's median, and up or down with how it develops (`_development`).

    A tier with too few known amounts, or a median that is not above 0, gives nothing to compare with.
    """
    median = of_all.peers(customers, policy.health.peers_at_least)
    mark = _along(policy.health.amount, customers["amount"] / median.where(median > 0))
    change = _along(policy.health.amount_change, _change(develops))
    return (mark + change.fillna(0)).clip(0, 100)


def _development(customers: pd.DataFrame, portfolio: Portfolio, last_time: pd.DataFrame) -> pd.DataFrame:
    """How the amount develops: by what that is told (`BY`), what it comes to now, and what it is held against.

    The year's orders stand against those of the year before, where all of both is known. Else the amount stands against the
    highest that the snapshot before remembers, unless teams or figures became fewer: a fall is not forgotten the night after.
    """
    ordered = customers["growth"].notna() & ~portfolio.may_have_more(customers["customer_id"], ORDERS.kind)
    fewer = [customers[name] < last_time[name] for name in ("team_count", "amount_parts")]
    highest = last_time["amount_high"].fillna(last_time["amount"])
    remembered = (highest > 0) & customers["amount"].notna() & ~fewer[0] & ~fewer[1]
    by = pd.Series(np.select([ordered, remembered], BY, ""), customers.index, dtype="str")
    return pd.DataFrame(
        {
            "scale_by": by.where(by != ""),
            "scale_now": customers["amount_year"].where(ordered, customers["amount"].where(remembered)),
            "scale_before": customers["amount_before"].where(ordered, highest.where(remembered)),
        }
    )


def _change(develops: pd.DataFrame) -> pd.Series:
    """The fraction by which what an amount comes to is more or less than what it is held against."""
    return develops["scale_now"] / develops["scale_before"] - 1


def _interaction(
    customers: pd.DataFrame, portfolio: Portfolio, of_all: Together, policy: Policy, today: pd.Timestamp
) -> pd.Series:
    """The mean of recency and frequency of contacts, each against the tier's cadence; one alone where only it is known.

    Frequency is known where a team of the customer logs visits, and once the first visit could have fallen due.
    """
    rules, cadence = policy.health, customers["cadence_days"].to_numpy("float64")
    contacts, ids = contact.contacts(portfolio, today), customers["customer_id"]
    last = contact.last(contacts, ids)
    recency = (today - last).dt.days / cadence
    window = np.maximum(rules.interaction_days, cadence)
    who, ago = _contact_days(contacts, ids, today)
    within = np.bincount(who[ago < window[who]], minlength=len(customers))
    age = (today - customers["since"].where(customers["since"] <= today)).dt.days.to_numpy("float64")
    asked_for = np.where(age >= cadence, np.minimum(window, age), np.nan) / cadence
    logged = portfolio.told_by("service", customers["customer_id"], of_all.visited)
    frequency = pd.Series(within / asked_for, index=customers.index).where(logged)
    halves = [_along(rules.recency, recency), _along(rules.frequency, frequency)]
    return pd.concat(halves, axis=1).mean(axis=1).mask(contact.unheard(portfolio, ids, last))


def _contact_days(contacts: pd.DataFrame, customer_id: pd.Series, today: pd.Timestamp) -> tuple[np.ndarray, np.ndarray]:
    """Every day with a contact, once a customer: the customer's position and how many days ago it was."""
    days = contacts[["customer_id", "day"]].drop_duplicates()
    who, ago = pd.Index(customer_id).get_indexer(days["customer_id"]), (today - days["day"]).dt.days.to_numpy()
    return who[who >= 0], ago[who >= 0]


def _complaints(customer_id: pd.Series, portfolio: Portfolio, policy: Policy, now: pd.Timestamp) -> pd.Series:
    """The weight of the customer's complaints; that there are none is known only to a team with a service log."""
    weight = service.complaint_weight(portfolio.service, customer_id, policy, now)
    kept = portfolio.told_by("service", customer_id)
    return _along(policy.health.complaints, weight.where(kept | (weight > 0)))


def satisfaction_mark(satisfaction: pd.Series, nps: pd.Series, policy: Policy) -> pd.Series:
    """The mark of the latest satisfaction (0–100); where there is none, that of the latest NPS answer (0–10)."""
    return _along(policy.health.satisfaction, satisfaction).fillna(_along(policy.health.nps, nps))


def _execution(customer_id: pd.Series, tracking: pd.DataFrame, policy: Policy, today: pd.Timestamp) -> pd.Series:
    """The share of the customer's strategies that are done or on time, of those under way or done not long ago.

    A strategy without a known status, or open without a known end, says nothing; neither does one that was cancelled or
    has not begun.
    """
    rows, earliest = (
        strategies.finished(tracking, policy, today),
        today - pd.Timedelta(days=policy.health.execution_days),
    )
    done = (rows["status"] == "done") & ~(rows["end"] < earliest)
    on_time = rows["open"] & rows["end"].notna() & ~rows["missed"]
    judged = (done | rows["missed"] | on_time) & ~(rows["start"] > today)
    share = (done | on_time)[judged].astype("float64").groupby(tracking["customer_id"][judged]).mean()
    return customer_id.map(share).astype("float64") * 100


# --- in words ----------------------------------------------------------------------------------------------------


def parts(policy: Policy, words: Words) -> pd.DataFrame:
    """The five parts in their order: part (key), name, weight, and ``needs``, what data it is made of."""
    rows = [
        (part, words(f"health.part.{part}"), policy.health.weights[part], words(f"health.needs.{part}"))
        for part in HEALTH_PARTS
    ]
    return pd.DataFrame(rows, columns=["part", "name", "weight", "needs"])


def explained(assessed: pd.DataFrame, policy: Policy, words: Words) -> pd.Series:
    """One sentence a customer out of its health columns: the parts with mark and weight, what is missing, what changed by what.

    ``assessed`` has `COLUMNS` and severe_open.
    """
    terms, missing = _terms(assessed, policy, words)
    colours = {key: words(f"health.colour.{key}") for key in COLOURS}
    change = _change(assessed)
    facts = pd.DataFrame(
        {
            "health": points(assessed["health"]),
            "colour": assessed["health_colour"].map(colours).astype("str"),
            "terms": terms.mask(terms == "", words("health.no_part")),
            "coverage": percent(assessed["health_coverage"]),
            "least": f"{policy.health.coverage_at_least:.0%}",
            "missing": missing,
            "severe": assessed["severe_open"],
            "before": points(assessed["health_before"]),
            "cap": colours.get(policy.health.knockout, ""),
            "risk_cap": colours.get(policy.health.risk_cap, ""),
            "now": assessed["scale_now"],
            "held": assessed["scale_before"],
            "change": signed(change, percent),
            "gained": signed(_along(policy.health.amount_change, change), points),
        }
    )
    known, whole = assessed["health"].notna(), assessed["health_coverage"] >= 1
    said = sentences(words("health.unknown"), facts, words)
    said = said.mask(known & whole, sentences(words("health.whole"), facts, words))
    said = said.mask(known & ~whole, sentences(words("health.in_part"), facts, words))
    more = {
        "missing": missing != "",
        **{by: assessed["scale_by"] == by for by in BY},
        **{cap: assessed["health_cap"] == cap for cap in CAPS},
        **{trend: assessed["health_trend"] == trend for trend in ("up", "down")},
    }
    for key, holds in more.items():
        said = said.mask(holds, said + sentences(words(f"health.{key}"), facts, words))
    return said + words("health.stop")


def _terms(assessed: pd.DataFrame, policy: Policy, words: Words) -> tuple[pd.Series, pd.Series]:
    """The known parts as a sum of mark × weight, and the names of the others."""
    terms = missing = pd.Series("", index=assessed.index, dtype="str")
    for part, name, weight, _ in parts(policy, words).itertuples(index=False):
        mark = assessed[PARTS[part]]
        term = f"{name} " + points(mark) + f"×{weight:.4g}"
        terms = terms.mask(mark.notna(), terms.where(terms == "", terms + " + ") + term)
        names = missing.where(missing == "", missing + words("terms.list_separator")) + name
        missing = missing.mask(mark.isna(), names)
    return terms, missing
