"""The data sheets of the master workbook: what a director decides on. Whole rows stand with the teams and in the archive."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Any

import pandas as pd

from kam_xl.core import history, moves, planning, workdays
from kam_xl.core.assessment import Assessment
from kam_xl.core.rule_settings import RiskRule
from kam_xl.core.words import Words
from kam_xl.reports import account_rows, archive, data_sheets
from kam_xl.reports.data_sheets import DataSheet
from kam_xl.reports.run import Run
from kam_xl.showing.vocabulary import CLOSED


def deals(assessment: Assessment) -> pd.DataFrame:
    """The open renewals, opportunities and trials, the soonest first, beside how their customers stand."""
    found = account_rows.renewals(assessment)
    found = found[found["open"]].reset_index(drop=True)
    known = assessment.customers.set_index("customer_id")[["level", "health", "health_colour"]]
    return found.join(known, on="customer_id")


def visits(assessment: Assessment) -> pd.DataFrame:
    """The planned visits by day and manager, each beside what its manager has room for in that week."""
    found = assessment.visits.assign(week=workdays.week(assessment.visits["planned"]))
    room = account_rows.utilisation(assessment).rename(columns={"planned": "in_week"})
    rows, load = (frame.assign(whose=frame["manager"].fillna(frame["team"])) for frame in (found, room))
    beside_it = load[["whose", "week", "in_week", "capacity", "load"]]
    return rows.merge(beside_it, on=["whose", "week"], how="left")


def changes(assessment: Assessment) -> pd.DataFrame:
    """What changed since the last run, what got worse first; then the risks that are gone."""
    told = moves.of_changes(assessment.changes, assessment.moves)
    own = data_sheets.sorted_by(told, ("change", history.CHANGES), "customer_id")
    gone = assessment.closed.rename(columns={"level": "before"}).assign(change=CLOSED)
    return pd.concat([own, gone], ignore_index=True)


def teams(assessment: Assessment) -> pd.DataFrame:
    """The files by team, those that could not be used first; the team's figures stand beside the file that counts.

    The last row is all teams together: a customer whom several serve counts in each, and once there.
    """
    files = data_sheets.sources(assessment)
    marks = assessment.quality_books.set_index("book")["quality"]
    files = files.assign(quality=files["book"].map(marks))
    counts = ["customers", "amount", "strategic", "key", "high_risk", "medium_risk"]
    used = files["outcome"] == "used"
    counts_here = used & ~files["team"].where(used).duplicated()
    known = assessment.teams.set_index("team")[counts]
    figures = {name: files["team"].map(known[name]).where(counts_here) for name in counts}
    return pd.concat([files.assign(**figures), _together(assessment)], ignore_index=True)


def _together(assessment: Assessment) -> pd.DataFrame:
    """The row of all teams together."""
    customers = assessment.customers
    tier, level = customers["computed_tier"], customers["level"]
    figures = {
        "customers": len(customers), "amount": customers["amount"].sum(min_count=1), "strategic": (tier == "strategic").sum(),
        "key": (tier == "key").sum(), "high_risk": (level == "high").sum(), "medium_risk": (level == "medium").sum(),
    }  # fmt: skip
    words = assessment.words
    return pd.DataFrame([{"team": words("master.together"), "reason": words("master.counted_once"), **figures}])


def run_and_policy(assessment: Assessment, run: Run) -> pd.DataFrame:
    """The policy check, the facts of the run, the policy, the archive: section, item, content."""
    words = assessment.words
    sections: dict[str, Iterator[tuple[str, str]]] = {
        "note": ((words("master.run.note"), text) for _, text in assessment.policy_notes),
        "run": _run_rows(words, run),
        "policy": _policy_rows(assessment),
        "archive": _archive_rows(assessment),
    }
    rows = [(words(f"master.run.{section}"), *row) for section, told in sections.items() for row in told]
    return pd.DataFrame(rows, columns=["section", "item", "content"], dtype="str")


def _archive_rows(assessment: Assessment) -> Iterator[tuple[str, str]]:
    """Each file of the archive: what it holds, and how many rows."""
    for name, frame in archive.kept(assessment):
        told = assessment.words("master.run.archive_rows", about=archive.about(name, assessment), n=f"{len(frame):,}")
        yield archive.file_name(name), told


def _run_rows(words: Words, run: Run) -> Iterator[tuple[str, str]]:
    yield words("master.run.started"), f"{run.started:%Y-%m-%d %H:%M:%S}"
    for name in ("teams_dir", "product_version", "workers"):
        yield words(f"master.run.{name}"), str(getattr(run, name))
    for option, value in run.options.items():
        yield words(f"master.run.option.{option}"), str(value)


def _policy_rows(assessment: Assessment) -> Iterator[tuple[str, str]]:
    words = assessment.words
    policy = assessment.policy
    yield words("master.run.policy_version"), policy.version
    yield words("master.run.policy_name"), policy.name(words.lang)
    preset = policy.presets[policy.preset].name(words.lang) if policy.preset else words("master.none")
    yield words("master.run.preset"), preset
    weights = {name: getattr(policy.weights, name) for name in ("value", "potential", "demand")}
    yield words("master.run.weights"), words("master.run.weights_text", **weights)
    yield words("master.run.amount_rule"), words(f"master.amount_rule.{policy.amount_rule}")
    yield words("master.run.keep_phones"), words("terms.yes" if policy.keep_phones else "terms.no")
    plays: Any = planning.playbook(policy, words.lang).to_dict("index")
    for tier in policy.tiers:
        bands = {name: getattr(tier, name) for name in ("low", "high", "target_low", "target_high")}
        item = f"{words('master.run.tier')} · {tier.name(words.lang)}"
        yield item, words("master.run.tier_text", **bands, **plays[tier.key])
    for rule in policy.rules.values():
        yield f"{words('master.run.rule')} · {rule.title(words.lang)}", _rule_in_force(rule, words)


def _rule_in_force(rule: RiskRule, words: Words) -> str:
    """Whether a rule is switched on, how severe it is, and within how many days it is due."""
    state = words("master.run.on" if rule.enabled else "master.run.off")
    return words("master.run.rule_text", state=state, level=words(f"terms.level.{rule.severity}"), days=rule.due_days)


PAGES = (
    DataSheet("matters", "tblMasterMatters",
         "level customer_id name computed_tier subject money owner due overdue days_late escalated_to evidence consequences "
         "remedy happened risks.since state tasks.status tasks.postponed_to tasks.note rule team", account_rows.matters, 3,
         always=True),
    DataSheet("common", "tblMasterCommon",
         "subject common.reason begin_with team customers of share common.count owner rule", account_rows.common, 1),
    DataSheet("customers", "tblMasterCustomers",
         "customer_id name computed_tier tier_said level risk_count health health_colour health_trend lifecycle amount open_cases "
         "manager escalation teams next_visit planned_visit last_contact last_deal order_late growth score recorded_tier verdict satisfaction "
         "nps industry class", data_sheets.customers, spared="order_late growth"),
    DataSheet("groups", "tblMasterGroups",
         "group groups.level customers amount groups.share high_risk medium_risk groups.high_amount groups.gaps "
         "groups.members teams", operator.attrgetter("groups"), 1, group="accounts", rare=True),
    DataSheet("cases", "tblMasterCases",
         "late:past_limit customer_id name computed_tier level service.kind service.severity category description cases.stage "
         "response_state answer_by resolution_state resolve_by reported handler team", account_rows.owed, 3, group="accounts"),
    DataSheet("deals", "tblMasterDeals",
         "ends customer_id name computed_tier level health_colour renewals.kind product renewals.amount renewals.stage "
         "renewals.owner renewals.remarks team", deals, 3, group="accounts"),
    DataSheet("visits", "tblMasterVisits",
         "planned manager team customer_id name computed_tier visits.due visit_for shift agenda week this_week in_week capacity load",
         visits, 5, group="accounts"),
    DataSheet("kpis", "tblMasterIndicators",
         "team indicator kpis.period kpis.tier actual kpis.target unit deviation kpis.verdict counted kpis.since said needs",
         account_rows.kpis, group="effect"),
    DataSheet("changes", "tblMasterChanges", "change customer_id name before after why:moves.why cites:moves.cites rule risks.since closed.days", changes, 3,
         group="effect"),
    DataSheet("teams", "tblMasterTeams",
         "team book outcome reason remedy customers amount strategic teams.key high_risk medium_risk quality finding_count "
         "info_rows evaluation_rows tracking_rows optional_rows modified columns_read", teams, 2, group="data"),
    DataSheet("housekeeping", "tblMasterHousekeeping",
         "owner team subject evidence action due days_late customer_id name tasks.status tasks.note", account_rows.housekeeping,
         1, group="data"),
    DataSheet("run", "tblMasterRun", "section item content", run_and_policy, group="data", of_run=True),
)  # fmt: skip
