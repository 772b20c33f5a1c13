"""The risk rules on service, renewals, contacts and health, one function each (handbook §7); see `risk_rules`.

They read the optional sheets: a customer none of whose teams keeps one is never found wanting there.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from kam_xl.core import deals
from kam_xl.core.evidence import listed, moment, percent, points, sentences, short
from kam_xl.core.risk_view import NO_HITS, View, cited, identity, row_of
from kam_xl.core.rule_settings import (
    ROLES,
    CasePastLimit,
    MissingRole,
    RenewalAtRisk,
    RiskRule,
    SatisfactionLow,
    SingleThreaded,
)
from kam_xl.core.sections import HEALTH_PARTS

# --- service -----------------------------------------------------------------------------------------------------


def case_past_limit(view: View, rule: CasePastLimit) -> pd.DataFrame:
    """A complaint or request was not answered or resolved within its limit: open, or for some days after it was late.

    A breach stays a breach after the answer; what is settled weighs less and is shown for ``late_days`` only.
    """
    rows = view.cases[view.cases["kind"].isin(rule.kinds)]
    if rows.empty:
        return NO_HITS
    late = rows["response_state"].eq("breached").fillna(False).astype(bool)
    slow = rows["resolution_state"].eq("breached").fillna(False).astype(bool)
    settled_on = rows["resolved"].fillna(rows["confirmed"])
    recent = settled_on >= view.today - pd.Timedelta(days=rule.late_days)
    shown = (late | slow) & (rows["open"].astype(bool) | recent)
    rows, late, slow = rows[shown], late[shown], slow[shown]
    waiting = late & (rows["answered"].isna() | ~slow)  # which clock to quote: the answer's, unless it is there
    level = rows["severity"].eq("major").fillna(False).map({True: rule.severity, False: rule.ordinary_severity})
    pressing = rows["open"].astype(bool)
    if rows.empty:
        return NO_HITS
    facts = {
        "kind": view.terms("terms.service.kind", rows["kind"]),
        "severity": view.terms("terms.service.severity", rows["severity"]),
        "category": short(rows["category"]),
        "reported": moment(rows["reported"]),
        "clock": view.terms("risk.clock", pd.Series(np.where(waiting, "answer", "resolution"), index=rows.index)),
        "hours": rows["response_hours"].where(waiting, rows["resolution_hours"]),
        "limit": rows["limit_hours"].where(waiting, rows["resolution_limit_hours"]),
        "stage": view.terms("risk.stage", rows["stage"]),
        "level": level.where(pressing, rule.late_severity),
        "identity": identity(rows["kind"], rows["reported"], rows["category"]),
        "subject": _case(view, rows),
        "thing": row_of(rows, "service"),
        "happened": rows["reported"],
        "deadline": rows["answer_by"]
        .where(waiting, rows["resolve_by"])
        .where(pressing),  # what is settled presses nobody
        "passed": pressing,
        "person": rows["handler"],
    }
    return cited(view, rows, "service", "reported", **facts)


def _case(view: View, rows: pd.DataFrame) -> pd.Series:
    """What a complaint or request is called: its kind, its category, its day."""
    facts = pd.DataFrame(
        {
            "kind": view.terms("terms.service.kind", rows["kind"]),
            "category": short(rows["category"]),
            "day": rows["reported"].dt.normalize(),
        }
    )
    return sentences(view.words("risk.case"), facts, view.words)


def repeated_problem(view: View, rule: RiskRule) -> pd.DataFrame:
    """One category of problem came back so often for one customer that its cause must be found (S1, §7)."""
    rows = view.repeats[view.repeats["customer_id"].notna()]
    if rows.empty:
        return NO_HITS
    facts = {
        "category": short(rows["category"]),
        "count": rows["count"],
        "first": rows["first"],
        "last": rows["last"],
        "identity": identity(rows["category"]),
        "subject": short(rows["category"]),
        "happened": rows["last"],
    }
    return cited(view, rows, "service", "category", **facts)


def satisfaction_low(view: View, rule: SatisfactionLow) -> pd.DataFrame:
    """The latest satisfaction lies under the target of the customer's tier (S3); a little under weighs less."""
    rows = view.customers
    target = rows["computed_tier"].map(rule.targets).astype("float64")
    low = (rows["satisfaction"] < target) & view.whole
    if not low.any():
        return NO_HITS
    rows = _surveyed(view, rows[low].assign(target=target), "satisfaction")
    near = (rows["target"] - rows["satisfaction"]).round(9) <= rule.near_points
    facts = {
        "tier": view.tier_names(rows["computed_tier"]),
        **rows[["satisfaction", "target"]],
        "on": rows["satisfaction_on"],
        "happened": rows["satisfaction_on"],
        "thing": row_of(rows, "service"),
        "level": near.map({True: rule.near_severity, False: rule.severity}),
    }
    return cited(view, rows, "service", "satisfaction", **facts)


def nps_detractor(view: View, rule: RiskRule) -> pd.DataFrame:
    """The latest answer to "would you recommend us" makes the customer a detractor."""
    rows = view.customers
    rows = rows[(rows["nps"] <= view.policy.service.detractor_to) & view.whole]
    if rows.empty:
        return NO_HITS
    rows = _surveyed(view, rows, "nps")
    facts = {
        "nps": rows["nps"],
        "on": rows["nps_on"],
        "limit": view.policy.service.detractor_to,
        "happened": rows["nps_on"],
        "thing": row_of(rows, "service"),
    }
    return cited(view, rows, "service", "nps", **facts)


def _surveyed(view: View, rows: pd.DataFrame, field: str) -> pd.DataFrame:
    """Customers with the place of the service record that holds their latest ``field``; without one they drop out."""
    asked = view.portfolio.service
    asked = asked[asked[field].notna()]
    places = asked[["customer_id", field, "team", "book", "sheet", "row"]]
    places = places.assign(**{f"{field}_on": asked["reported"].dt.normalize()})
    by = ["customer_id", field, f"{field}_on"]
    places = places.drop_duplicates(by).astype({f"{field}_on": "datetime64[s]"})
    rows = rows.drop(columns=["team", "teams", "book", "sheet", "row"], errors="ignore")
    rows = rows.assign(**{f"{field}_on": rows[f"{field}_on"].dt.normalize().astype("datetime64[s]")})
    return rows.merge(places, on=by)


# --- renewals and trials -----------------------------------------------------------------------------------------


def renewal_at_risk(view: View, rule: RenewalAtRisk) -> pd.DataFrame:
    """A contract ends soon and the customer's health is not green.

    A renewal without a stage may still be open, and its evidence says that the stage is unknown.
    """
    rows = _renewals(view)
    rows = rows[rows["stage"].isin(deals.OPEN) | rows["stage"].isna()]
    if rows.empty:
        return NO_HITS
    days = (rows["renewal_date"] - view.today).dt.days
    rows = rows.assign(days=days)[days.between(0, rule.days_before)]
    rows = rows.merge(view.customers[["customer_id", "health", "health_colour"]], on="customer_id")
    rows = rows[rows["health_colour"].isin(["yellow", "red"])]
    if rows.empty:
        return NO_HITS
    facts = {
        **_deal(view, rows),
        "days": rows["days"],
        "health": points(rows["health"]),
        "colour": view.terms("health.colour", rows["health_colour"]),
        "level": rows["health_colour"].map({"red": rule.severity, "yellow": rule.yellow_severity}),
    }
    return cited(view, rows, "renewals", "renewal_date", **facts)


def renewal_overdue(view: View, rule: RiskRule) -> pd.DataFrame:
    """A contract's end has passed and its stage says that it is neither renewed nor lost."""
    rows = _renewals(view)
    rows = rows[rows["stage"].isin(deals.OPEN) & (rows["renewal_date"] < view.today)]
    if rows.empty:
        return NO_HITS
    facts = {
        **_deal(view, rows),
        "days": (view.today - rows["renewal_date"]).dt.days,
        "happened": rows["renewal_date"],
    }
    return cited(view, rows, "renewals", "renewal_date", **facts)


def trial_expired(view: View, rule: RiskRule) -> pd.DataFrame:
    """A trial ended and did not become an order, nor was it given up."""
    rows = view.portfolio.renewals
    rows = rows[rows["kind"].eq("trial") & rows["stage"].isin(deals.OPEN) & (rows["trial_expiry"] < view.today)]
    if rows.empty:
        return NO_HITS
    facts = {
        "product": short(rows["product"]),
        "stage": view.terms("terms.renewals.stage", rows["stage"]),
        "date": rows["trial_expiry"],
        "days": (view.today - rows["trial_expiry"]).dt.days,
        "identity": identity(rows["product"], rows["trial_expiry"]),
        "happened": rows["trial_expiry"],
        **_of_the_deal(rows, "trial_expiry"),
    }
    return cited(view, rows, "renewals", "trial_expiry", **facts)


def _renewals(view: View) -> pd.DataFrame:
    return view.portfolio.renewals[view.portfolio.renewals["kind"].eq("renewal").fillna(False)]


def _deal(view: View, rows: pd.DataFrame) -> dict[str, pd.Series]:
    return {
        "product": short(rows["product"]),
        "amount": rows["amount"],
        "date": rows["renewal_date"],
        "stage": view.terms("terms.renewals.stage", rows["stage"]),
        "identity": identity(rows["product"], rows["renewal_date"]),
        **_of_the_deal(rows, "renewal_date"),
    }


def _of_the_deal(rows: pd.DataFrame, ends: str) -> dict[str, pd.Series]:
    """What a renewal or a trial is as a matter: its product, its end, its owner, its own amount."""
    return {
        "subject": short(rows["product"]),
        "thing": row_of(rows, "renewals"),
        "deadline": rows[ends],
        "person": rows["owner"],
        "money": rows["amount"],
    }


# --- health ------------------------------------------------------------------------------------------------------


def health_red(view: View, rule: RiskRule) -> pd.DataFrame:
    """The health is red, be it by its points or by a knock-out (§6)."""
    rows = view.customers
    rows = rows[rows["health_colour"].eq("red").fillna(False)]
    if rows.empty:
        return NO_HITS
    knocked = rows["health_cap"].eq("severe").fillna(False)
    reason = pd.Series(np.where(knocked, "knockout", "points"), index=rows.index)
    facts = {
        "health": points(rows["health"]),
        "coverage": percent(rows["health_coverage"]),
        "reason": view.terms("risk.red", reason),
        "parts": _parts(view, rows),
    }
    return cited(view, rows, "info", "customer_id", **facts)


def _parts(view: View, rows: pd.DataFrame) -> pd.Series:
    """The parts of the health that are known, each with its points: 互动 20、投诉 0."""
    said = pd.Series("", index=rows.index, dtype="str")
    separator = view.words("terms.list_separator")
    for part in HEALTH_PARTS:
        if f"health_{part}" in rows:
            own = view.words(f"health.part.{part}") + " " + points(rows[f"health_{part}"])
            said = said + (separator + own).fillna("")
    return said.str.removeprefix(separator).where(said != "")


# --- people ------------------------------------------------------------------------------------------------------


def key_contact_left(view: View, rule: RiskRule) -> pd.DataFrame:
    """A key contact has left, and nobody else is known in that role; one of unknown role has no successor either.

    A contact who is there and whose role nobody wrote down may be the successor, so nobody is missed then.
    """
    contacts = view.portfolio.contacts
    gone = contacts["left"].eq(True).fillna(False).astype(bool)
    if not gone.any():
        return NO_HITS
    here = contacts.loc[~gone, ["customer_id", "role"]].drop_duplicates()
    vague = here.loc[here["role"].isna(), "customer_id"]
    half = view.customers.loc[~view.complete("contacts"), "customer_id"]
    rows = contacts[gone & ~contacts["customer_id"].isin([*vague, *half])]
    rows = rows.merge(here.dropna(), on=["customer_id", "role"], how="left", indicator="successor")
    rows = rows[rows["successor"] == "left_only"]
    if rows.empty:
        return NO_HITS
    facts = {
        "role": view.terms("terms.contacts.role", rows["role"]),
        "title": short(rows["title"]),
        "identity": identity(rows["role"], rows["title"]),
        "subject": _position(view, rows),
        "thing": row_of(rows, "contacts"),
    }
    return cited(view, rows, "contacts", "left", **facts)


def _position(view: View, rows: pd.DataFrame) -> pd.Series:
    """Whose place a contact held, by title, else by role: no name leaves the contacts sheet (§10)."""
    return short(rows["title"]).fillna(view.terms("terms.contacts.role", rows["role"])).fillna("")


def single_threaded(view: View, rule: SingleThreaded) -> pd.DataFrame:
    """One contact only at a customer of a high tier."""
    rows = _covered(view, rule)
    rows = rows[rows["contact_count"] == 1]
    if rows.empty:
        return NO_HITS
    contacts = view.portfolio.contacts
    here = contacts[~contacts["left"].eq(True).fillna(False).astype(bool)].drop_duplicates("customer_id")
    only = here[["customer_id", "team", "book", "sheet", "row", "role"]]
    rows = rows[["customer_id", "computed_tier"]].merge(only, on="customer_id")
    facts = {
        "tier": view.tier_names(rows["computed_tier"]),
        "role": view.terms("terms.contacts.role", rows["role"]),
    }
    return cited(view, rows, "contacts", "name", **facts)


def missing_role(view: View, rule: MissingRole) -> pd.DataFrame:
    """At a customer of a high tier a role of the buying centre has no contact (S0).

    A contact whose role nobody wrote down may have any of them, so nothing is missed then. A role whose contact has
    left is `key_contact_left`.
    """
    contacts = view.portfolio.contacts
    vague = contacts.loc[contacts["role"].isna(), "customer_id"]
    rows = _covered(view, rule)
    rows = rows[~rows["customer_id"].isin(vague)]
    if rows.empty:
        return NO_HITS
    lacking = rows[list(rule.roles)] == "missing"
    rows, lacking = rows[lacking.any(axis=1)], lacking[lacking.any(axis=1)]
    names: dict[str, str] = {role: view.words(f"terms.contacts.role.{role}") for role in rule.roles}
    patterns = {
        flags: listed([names[role] for role, flag in zip(lacking.columns, flags, strict=True) if flag], view.words)
        for flags in set(lacking.itertuples(index=False, name=None))
    }
    facts = {
        "tier": view.tier_names(rows["computed_tier"]),
        "roles": pd.Series(
            list(map(patterns.get, lacking.itertuples(index=False, name=None))), index=rows.index, dtype="str"
        ),
        "count": rows["contact_count"],
    }
    return cited(view, rows, "info", "customer_id", **facts)


def _covered(view: View, rule: SingleThreaded) -> pd.DataFrame:
    """The customers of the rule's tiers whose contacts a team of theirs keeps, with their `View.roles`."""
    rows = view.customers[view.customers["computed_tier"].isin(rule.tiers) & view.complete("contacts")]
    roles = view.roles[view.roles["known"].fillna(False).astype(bool)]
    return rows.merge(roles[["customer_id", *ROLES, "contact_count"]], on="customer_id")
