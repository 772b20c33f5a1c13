"""The risk rules on the three standard sheets, one function each (handbook §7); `relation_rules` has the others.

A rule is a function from the `View` and its own policy to a frame of hits: customer_id, the facts its evidence names,
team, book, sheet, cell of what it saw, and where they differ from hit to hit its level and `risk_view.identity`; and
what it knows of the matter itself (`risk.OF_THE_MATTER`). Missing data never fires a rule.
"""

from __future__ import annotations

import functools

import pandas as pd

from kam_xl.core import contact, scoring, sheets, signals, tiering, together
from kam_xl.core.entries import NOTHING
from kam_xl.core.evidence import listed, percent, points, short
from kam_xl.core.portfolio import EVALUATED
from kam_xl.core.risk_view import NO_HITS, View, cited, cited_orders, identity, row_of
from kam_xl.core.rule_settings import (
    AmountFell,
    Concentration,
    EvaluationStale,
    NoRunningStrategy,
    ProblemWithoutImprovement,
    RecordedDiffers,
    RiskRule,
    SameStrategy,
    ScoreFell,
    SilentCustomer,
    StrategyBehind,
    WarningWords,
)
from kam_xl.core.texts import essence, folded_all

# --- customers: silence, amounts, concentration ------------------------------------------------------------------


def silent_customer(view: View, rule: SilentCustomer) -> pd.DataFrame:
    """No deal or contact for longer than the tier's cadence times a factor; the place is that of the last one."""
    rows, factor = view.customers, rule.silence_factor
    days = (view.today - rows["last_contact"]).dt.days
    rows = rows[["customer_id", "last_contact", "cadence_days", "next_visit"]].assign(days=days)
    rows = rows[(days > factor * rows["cadence_days"]) & view.whole]
    if rows.empty:
        return NO_HITS
    rows = rows[~contact.unheard(view.portfolio, rows["customer_id"], rows["last_contact"])]
    places = contact.contacts(view.portfolio, view.today).rename(columns={"day": "last_contact"})
    rows = rows.merge(places, on=["customer_id", "last_contact"]).drop_duplicates("customer_id")
    found = [_silent(view, rows[rows["field"] == field], kind, field, factor) for kind, field in contact.PLACES]
    return pd.concat(found, ignore_index=True)


def _silent(view: View, rows: pd.DataFrame, kind: str, field: str, factor: float) -> pd.DataFrame:
    """The silent customers whose last contact stands in one field."""
    facts = {
        "days": rows["days"],
        "last": rows["last_contact"],
        "cadence": rows["cadence_days"],
        "factor": factor,
        "happened": rows["last_contact"],
        "deadline": rows["next_visit"],
    }
    return cited(view, rows, kind, field, **facts)


def _rows(view: View, kind: str) -> pd.DataFrame:
    """Every team's rows of one kind of sheet."""
    return view.portfolio.records if kind == "info" else getattr(view.portfolio, kind)


def amount_fell(view: View, rule: AmountFell) -> pd.DataFrame:
    """The amount is lower than the highest remembered (`history.snapshot`), though no team or team's figure is missing.

    Whose orders tell of both years is not asked by what is remembered (`order_rules.year_fell`).
    """
    if view.past is None:
        return NO_HITS
    rows = view.customers
    rows = rows.assign(before=view.before("amount_high"), before_on=view.before("amount_high_on"))
    rows["fall"] = (1 - rows["amount"] / rows["before"].where(rows["before"] > 0)).round(9)
    fewer = (rows["team_count"] < view.before("team_count")) | (rows["amount_parts"] < view.before("amount_parts"))
    recent = rows["before_on"].astype("datetime64[s]") >= view.today - pd.Timedelta(days=rule.remember_days)
    rows = rows[(rows["fall"] >= rule.fall_share) & recent & ~fewer & rows["growth"].isna()]
    if rows.empty:
        return NO_HITS
    facts = {**rows[["before", "before_on"]], "now": rows["amount"], "fall": percent(rows["fall"])}
    return cited(view, rows, "info", "amount", **facts)


def concentration(view: View, rule: Concentration) -> pd.DataFrame:
    """One customer makes up much of all, and enough is known to tell: of the year's orders (`View.by_year`), else of the amounts."""
    rows, limit, name = view.customers, rule.share_above, "amount_year" if view.by_year else "amount"
    total = view.of_all.year_totals(rows) if view.by_year else view.of_all.totals(rows)
    known = (total > 0) & (view.by_year or view.total_known)
    rows = rows.assign(share=(rows[name] / total.where(known)).round(9))
    rows = rows[rows["share"] > limit]
    if rows.empty:
        return NO_HITS
    said = {"limit": f"{limit:.0%}", **{key: view.words(f"risk.{key}.{name}") for key in ("what", "all")}}
    facts = {"amount": rows[name], "share": percent(rows["share"])}
    facts |= {key: pd.Series(text, rows.index) for key, text in said.items()}
    if not view.by_year:
        return cited(view, rows, "info", "amount", **facts)
    orders = view.portfolio.orders
    return cited_orders(
        view, rows, orders[orders["ordered_on"] > view.today - pd.DateOffset(years=1)], "amount", **facts
    )


# --- strategies being executed -----------------------------------------------------------------------------------


def strategy_overdue(view: View, rule: RiskRule) -> pd.DataFrame:
    """An open strategy is past its end."""
    rows = view.open_tracking
    rows = rows[rows["end"] < view.today]
    if rows.empty:
        return NO_HITS
    facts = {"days": (view.today - rows["end"]).dt.days, "happened": rows["end"], **_strategy(view, rows)}
    return cited(view, rows, "tracking", "period", **facts)


def strategy_behind(view: View, rule: StrategyBehind) -> pd.DataFrame:
    """More of an open strategy's period is gone than its status is worth."""
    rows = view.open_tracking
    rows = rows[(rows["start"] <= view.today) & (view.today <= rows["end"]) & (rows["start"] < rows["end"])]
    if rows.empty:
        return NO_HITS
    elapsed = (view.today - rows["start"]) / (rows["end"] - rows["start"])
    behind = (elapsed - rows["status"].map(rule.progress).astype(float)).round(9) >= rule.gap
    rows = rows[behind]
    return cited(view, rows, "tracking", "status", elapsed=percent(elapsed[behind]), **_strategy(view, rows))


def _strategy(view: View, rows: pd.DataFrame) -> dict[str, pd.Series]:
    return {
        "strategy": short(rows["strategy"]),
        "status": view.terms("terms.status", rows["status"]),
        "end": rows["end"],
        "identity": identity(rows["strategy"], rows["start"]),
        "subject": short(rows["strategy"]),
        "thing": row_of(rows, "tracking"),
        "deadline": rows["end"],
        "person": rows["tracker"],
    }


def problem_without_improvement(view: View, rule: ProblemWithoutImprovement) -> pd.DataFrame:
    """A problem is recorded, and nothing to improve it."""
    rows = view.portfolio.tracking
    rows = rows[rows["problem"].notna()]
    rows = rows[_stated(rows["problem"], rule.nothing)]
    if rows.empty:
        return NO_HITS
    rows = rows[~_stated(rows["improvement"])]
    if rows.empty:
        return NO_HITS
    facts = {
        "strategy": short(rows["strategy"]),
        "problem": short(rows["problem"]),
        "identity": identity(rows["strategy"], rows["start"], rows["problem"]),
        "subject": short(rows["strategy"]),
        "thing": row_of(rows, "tracking"),
        "happened": rows["tracked_on"],
        "person": rows["tracker"],
    }
    return cited(view, rows, "tracking", "problem", **facts)


def _stated(text: pd.Series, nothing: tuple[str, ...] = ()) -> pd.Series:
    """True where a text says something: neither blank nor a word for nothing."""
    return text.notna() & ~folded_all(text, essence).isin(_essences((*NOTHING, *nothing)))


@functools.cache
def _essences(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(essence, words))


def no_running_strategy(view: View, rule: NoRunningStrategy) -> pd.DataFrame:
    """A customer of a high tier has no strategy under way, though a team of theirs keeps a tracking sheet, maybe empty.

    A tracking row without a status may be under way, so it counts as such.
    """
    tracking = view.portfolio.tracking
    rows = view.customers[view.customers["computed_tier"].isin(rule.tiers) & view.recorded("tracking")]
    if rows.empty:
        return NO_HITS
    may_run = tracking["status"].isin(rule.running) | tracking["status"].isna()
    strategies = may_run.astype("int64").groupby(tracking["customer_id"]).agg(["sum", "size"])
    own = strategies.reindex(rows["customer_id"], fill_value=0)
    rows = rows.assign(running=own["sum"].to_numpy(), strategies=own["size"].to_numpy())
    rows = rows[rows["running"] == 0]
    if rows.empty:
        return NO_HITS
    facts = {"tier": view.tier_names(rows["computed_tier"]), "strategies": rows["strategies"]}
    return cited(view, rows, "info", "customer_id", **facts)


def same_strategy(view: View, rule: SameStrategy) -> pd.DataFrame:
    """One text serves as the strategy in several tiers, or for most customers that have one."""
    uses = together.uses(view.customers, view.portfolio.tracking).join(view.of_all.used, on="text")
    share = uses["customers"] / view.of_all.with_strategy
    common = (uses["tiers"] >= rule.tiers_at_least) | (share > rule.share_above)
    uses = uses[common & (uses["customers"] >= rule.customers_at_least)].astype(
        {"customers": "int64", "tiers": "int64"}
    )
    if uses.empty:
        return NO_HITS
    facts = {
        "strategy": short(uses["strategy"]),
        "share": percent(share[uses.index]),
        "identity": uses["text"],
        "subject": short(uses["strategy"]),
        "person": uses["tracker"],
    }
    return cited(view, uses, "tracking", "strategy", **facts, **uses[["customers", "tiers"]])


# --- evaluations -------------------------------------------------------------------------------------------------


def evaluation_stale(view: View, rule: EvaluationStale) -> pd.DataFrame:
    """The evaluation that decides is older than some months, and there is none without a date, which may be newer."""
    rows, months = view.current, rule.months
    rows = rows[rows["evaluated_on"] < view.today - pd.DateOffset(months=months)]
    if rows.empty:
        return NO_HITS
    undated = view.evaluations.loc[view.evaluations["evaluated_on"].isna(), "customer_id"]
    rows = rows[~rows["customer_id"].isin(undated)]
    rows = rows[~rows["customer_id"].isin(view.customers.loc[~view.complete(*EVALUATED), "customer_id"])]
    made = rows["sheet_kind"] == "indicators"
    places = ((rows[~made], "evaluation", "evaluated_on"), (rows[made], "indicators", "as_of"))
    return pd.concat(
        [
            cited(
                view,
                *place,
                evaluated_on=place[0]["evaluated_on"],
                months=float(months),
                happened=place[0]["evaluated_on"],
            )
            for place in places
        ]
    )


def recorded_differs(view: View, rule: RecordedDiffers) -> pd.DataFrame:
    """The recorded tier or score is not the computed one; a score alone weighs less."""
    rows = view.current[view.current["verdict"].isin(["tier_differs", "score_differs"])]
    if rows.empty:
        return NO_HITS
    levels = {"tier_differs": rule.severity, "score_differs": rule.score_only_severity}
    facts = {
        "recorded_score": points(rows["composite"]),
        "recorded_tier": view.tier_names(rows["tier"]),
        "score": points(rows["score"]),
        "tier": view.tier_names(rows["computed_tier"]),
        "level": rows["verdict"].map(levels),
    }
    return cited(view, rows, "evaluation", "composite", **facts)


def score_fell(view: View, rule: ScoreFell) -> pd.DataFrame:
    """The score is some points lower than in the same team's evaluation before."""
    if view.evaluations["current"].all():
        return NO_HITS
    rows = view.current.join(_evaluations_before(view), on="customer_id")
    rows["fall"] = (rows["before"] - rows["score"]).round(scoring.DECIMALS)
    rows = rows[rows["fall"] >= rule.points]
    if rows.empty:
        return NO_HITS
    facts = {
        "before": points(rows["before"]),
        "before_on": rows["before_on"],
        "now": points(rows["score"]),
        "now_on": rows["evaluated_on"],
        "fall": points(rows["fall"]),
        "identity": identity(rows["evaluated_on"]),
        "happened": rows["evaluated_on"],
    }
    return cited(view, rows, "evaluation", "evaluated_on", **facts)


def _evaluations_before(view: View) -> pd.DataFrame:
    """By customer, ``before`` and ``before_on``: the deciding team's latest scored evaluation older than its last."""
    deciding = view.current[["customer_id", "team", "evaluated_on"]].rename(columns={"evaluated_on": "decided_on"})
    scored = view.evaluations[view.evaluations["score"].notna()].merge(deciding, on=["customer_id", "team"])
    older = scored[scored["evaluated_on"] < scored["decided_on"]]
    latest = older.sort_values(["evaluated_on", "score"]).drop_duplicates("customer_id", keep="last")
    return latest.set_index("customer_id")[["score", "evaluated_on"]].set_axis(["before", "before_on"], axis=1)


def profile_contradiction(view: View, rule: RiskRule) -> pd.DataFrame:
    """The marks do not fit the description of the tier that the score gives."""
    rows = view.current
    rows = rows[tiering.profile_contradictions(rows["value"], rows["potential"], rows["computed_tier"], view.policy)]
    if rows.empty:
        return NO_HITS
    tier = view.tier_names(rows["computed_tier"])
    return cited(
        view, rows, "evaluation", "tier", score=points(rows["score"]), tier=tier, **rows[["value", "potential"]]
    )


# --- what people wrote -------------------------------------------------------------------------------------------


def data_quality(view: View, rule: RiskRule) -> pd.DataFrame:
    """Cells of the customer's rows could not be used; the place is the first one's."""
    findings = view.portfolio.findings
    errors = findings[(findings["severity"] == "error") & findings["customer_id"].notna()]
    if errors.empty:
        return NO_HITS
    names = {field: column.header(view.words.lang) for field, column in sheets.columns().items()}
    fields = errors["field"].map(names).fillna(view.words("terms.unknown"))
    teams = view.portfolio.sources.drop_duplicates("book").set_index("book")["team"]
    first = errors.drop_duplicates("customer_id").set_index("customer_id")
    return first.assign(
        team=first["book"].map(teams),
        count=errors["customer_id"].value_counts(),
        fields=fields.groupby(errors["customer_id"]).agg(lambda texts: listed(texts, view.words)),
    ).reset_index()


#: Where people write what may warn: kind of sheet, field, and the fields that tell its rows apart (`identity`).
WRITTEN = (
    ("info", "remarks", ("team",)),
    ("tracking", "problem", ("strategy", "start")),
    ("tracking", "effect", ("strategy", "start")),
    ("service", "description", ("category", "reported")),
    ("contacts", "remarks", ("role", "title")),
    ("renewals", "remarks", ("product", "renewal_date")),
)


#: Kind of sheet → the columns that say when something was written there, and by whom it is dealt with.
WHEN_AND_WHO: dict[str, tuple[str | None, str | None]] = {
    "info": (None, None),
    "tracking": ("tracked_on", "tracker"),
    "service": ("reported", "handler"),
    "contacts": (None, None),
    "renewals": (None, "owner"),
}


def warning_words(view: View, rule: WarningWords) -> pd.DataFrame:
    """A word of warning stands in what somebody wrote (`WRITTEN`), and nothing beside it takes it back."""
    found = [_warned(view, rule, *place) for place in WRITTEN]
    return pd.concat([hits for hits in found if len(hits)] or [NO_HITS])


def _warned(view: View, rule: WarningWords, kind: str, field: str, by: tuple[str, ...]) -> pd.DataFrame:
    rows = _rows(view, kind)
    if not rows[field].notna().any():
        return NO_HITS
    if kind == "service":
        rows = rows[~(rows["reported"] < view.today - pd.Timedelta(days=rule.service_days))]
    found = signals.found(rows[field], rule, view.today.year)
    rows = rows.loc[found.index].drop_duplicates(["customer_id", field])
    if rows.empty:
        return NO_HITS
    found = found[rows.index]
    said = {texts: listed(texts, view.words) for texts in set(found)}
    same = {texts: "、".join(sorted(texts)) for texts in set(found)}
    happened, person = WHEN_AND_WHO[kind]
    facts = {
        "subject": pd.Series([said[texts] for texts in found], index=rows.index, dtype="str"),
        "thing": row_of(rows, kind) if kind != "info" else "",
        "happened": rows[happened] if happened else pd.NaT,
        "person": rows[person] if person else None,
        "field": sheets.BY_KIND[kind].column(field).header(view.words.lang),
        "found": pd.Series([said[texts] for texts in found], index=rows.index, dtype="str"),
        "text": short(rows[field]),
        "identity": f"{kind} {field}|"
        + identity(
            pd.Series([same[texts] for texts in found], index=rows.index, dtype="str"), *(rows[name] for name in by)
        ),
    }
    return cited(view, rows, kind, field, **facts)
