"""The data sheets of the master workbook: their columns, and their rows in the order people read them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from kam_xl.core import history, planning, sheets
from kam_xl.core.assessment import Assessment
from kam_xl.core.policy import RiskRule
from kam_xl.core.words import Words
from kam_xl.reports.run import Run
from kam_xl.reports.telling import SEVERITIES, of_finding, rank, with_reasons

INFO = "name industry size contact phone since last_deal amount products tags remarks"
PLACE = "team book sheet row as_typed extras"
OUTCOMES = ("quarantined", "skipped", "copy", "used")


@dataclass(frozen=True)
class Page:
    """One data sheet: its key in the words, its table's name, its fields, where its rows come from, frozen columns."""

    key: str
    table: str
    fields: str
    rows: Callable[[Assessment, Words, Run], pd.DataFrame]
    frozen: int = 2


def customers(assessment: Assessment, _words: Words, _run: Run) -> pd.DataFrame:
    """The customers by tier, highest first, in each tier the worst first."""
    tier = rank(assessment.customers["computed_tier"], assessment.policy.tier_keys)
    keyed = assessment.customers.assign(_tier=tier)
    return keyed.sort_values(["_tier", "risk_score", "customer_id"], ascending=[True, False, True], ignore_index=True)


def evaluations(assessment: Assessment, _words: Words, _run: Run) -> pd.DataFrame:
    """The evaluations by customer, the newest first; what was recorded stands under the recorded fields."""
    names = assessment.customers.set_index("customer_id")["name"]
    frame = assessment.evaluations.rename(columns={"composite": "recorded_score", "tier": "recorded_tier"})
    frame = frame.assign(name=frame["customer_id"].map(names))
    order = ["customer_id", "evaluated_on", "team"]
    return frame.sort_values(order, ascending=[True, False, True], ignore_index=True)


def tracking(assessment: Assessment, _words: Words, _run: Run) -> pd.DataFrame:
    """The strategies by customer, the newest first."""
    order = ["customer_id", "start", "team", "row"]
    return assessment.portfolio.tracking.sort_values(order, ascending=[True, False, True, True], ignore_index=True)


def changes(assessment: Assessment, _words: Words, _run: Run) -> pd.DataFrame:
    """What changed since the last run, what got worse first."""
    return _sorted(assessment.changes, ("change", history.CHANGES), "customer_id")


def findings(assessment: Assessment, words: Words, _run: Run) -> pd.DataFrame:
    """The findings as sentences with their remedies, errors first, then by place."""
    frame, keep = assessment.portfolio.findings, assessment.policy.keep_phones
    rows = list(zip(*(frame[name] for name in ("code", "field", "typed_value", "detail")), strict=True))
    told, remedies = (
        pd.Series([of_finding(words, part, *row, keep_phones=keep) for row in rows], frame.index, dtype="str")
        for part in ("text", "remedy")
    )
    return _sorted(frame.assign(finding=told, remedy=remedies), ("severity", SEVERITIES), "book", "sheet", "cell")


def sources(assessment: Assessment, words: Words, _run: Run) -> pd.DataFrame:
    """The files, those that could not be used first: the reason and what to do in words, and which columns were read."""
    frame = with_reasons(assessment.portfolio.sources, words)
    read: dict[str, list[str]] = {}
    for (book, kind), letters in assessment.portfolio.letters.items():
        read.setdefault(book, []).append(_columns_read(kind, letters, words))
    columns = frame["book"].map({book: "\n".join(lines) for book, lines in read.items()}).astype("str")
    return _sorted(frame.assign(columns_read=columns), ("outcome", OUTCOMES), "book")


def _columns_read(kind: str, letters: dict[str, str], words: Words) -> str:
    """``客户基础信息表：A 客户ID、B 客户名称``: where each column of one standard sheet stood."""
    columns = (f"{letter} {sheets.header(field, words.lang)}" for field, letter in letters.items())
    return f"{sheets.BY_KIND[kind].name(words.lang)}: {words('terms.list_separator').join(columns)}"


def run_and_policy(assessment: Assessment, words: Words, run: Run) -> pd.DataFrame:
    """The facts of the run, then the policy: section, item, content."""
    rows = [(words("master.run.run"), *row) for row in _run_rows(words, run)]
    rows += [(words("master.run.policy"), *row) for row in _policy_rows(assessment, words)]
    return pd.DataFrame(rows, columns=["section", "item", "content"], dtype="str")


def _run_rows(words: Words, run: Run) -> Iterator[tuple[str, str]]:
    yield words("master.run.started"), f"{run.started:%Y-%m-%d %H:%M:%S}"
    for name in ("teams_dir", "product_version", "workers"):
        yield words(f"master.run.{name}"), str(getattr(run, name))
    for step, seconds in run.seconds.items():
        name = words(f"master.step.{step}") if f"master.step.{step}" in words else step
        yield words("master.run.seconds", step=name), f"{seconds:.2f}"
    for option, value in run.options.items():
        yield words("master.run.option", option=option), str(value)


def _policy_rows(assessment: Assessment, words: Words) -> Iterator[tuple[str, str]]:
    policy = assessment.policy
    yield words("master.run.policy_version"), policy.version
    yield words("master.run.policy_name"), policy.name(words.lang)
    preset = policy.presets[policy.preset].name(words.lang) if policy.preset else words("master.none")
    yield words("master.run.preset"), preset
    weights = {name: getattr(policy.weights, name) for name in ("value", "potential", "demand")}
    yield words("master.run.weights"), words("master.run.weights_text", **weights)
    yield words("master.run.amount_rule"), words(f"master.amount_rule.{policy.amount_rule}")
    yield words("master.run.keep_phones"), words("terms.yes" if policy.keep_phones else "terms.no")
    plays = planning.playbook(policy, words.lang).to_dict("index")
    for tier in policy.tiers:
        bands = {name: getattr(tier, name) for name in ("low", "high", "target_low", "target_high")}
        item = f"{words('master.run.tier')} · {tier.name(words.lang)}"
        yield item, words("master.run.tier_text", **bands, **plays[tier.key])
    for rule in policy.risk.values():
        yield f"{words('master.run.rule')} · {rule.title(words.lang)}", _rule_in_force(rule, words)
    for _, text in assessment.policy_notes:
        yield words("master.run.note"), text


def _rule_in_force(rule: RiskRule, words: Words) -> str:
    """Whether a rule is switched on, how severe it is, and within how many days it is due."""
    state = words("master.run.on" if rule.enabled else "master.run.off")
    return words("master.run.rule_text", state=state, level=words(f"terms.level.{rule.severity}"), days=rule.due_days)


def _sorted(frame: pd.DataFrame, ranked: tuple[str, Sequence[str]], *then: str) -> pd.DataFrame:
    """Rows by the rank of one column's keys, then by other columns."""
    column, order = ranked
    return frame.assign(_rank=rank(frame[column], order)).sort_values(["_rank", *then], ignore_index=True)


PAGES = (
    Page("customers", "tblMasterCustomers",
         "customer_id name computed_tier level score risk_score risk_count amount last_deal next_visit owner class "
         "recorded_score recorded_tier verdict value potential demand evaluated_on evaluator profile_contradiction "
         "last_contact cadence_days sla_hours core_strategy teams team_count industry size contact phone since "
         "products tags remarks book sheet row modified", customers),
    Page("evaluations", "tblMasterEvaluations",
         "customer_id name team evaluated_on current score recorded_score computed_tier recorded_tier verdict "
         "value potential demand value_reason potential_reason demand_reason evaluator book sheet row as_typed extras",
         evaluations),
    Page("tracking", "tblMasterTracking",
         "customer_id name strategy status start end actions effect effect_actual effect_target problem improvement "
         f"tracker tracked_on period {PLACE}", tracking),
    Page("risks", "tblMasterRisks",
         "customer_id name computed_tier level rule evidence remedy owner due team book sheet cell",
         lambda assessment, *_: assessment.risks),
    Page("actions", "tblMasterActions", "due overdue customer_id name computed_tier rule level action owner team",
         lambda assessment, *_: assessment.actions.rename(columns={"source": "rule"}), 4),
    Page("changes", "tblMasterChanges", "change customer_id name before after", changes, 3),
    Page("conflicts", "tblMasterConflicts", "customer_id field typed_value shown nature team book sheet cell",
         lambda assessment, *_: assessment.portfolio.conflicts),
    Page("duplicates", "tblMasterDuplicates", "customer_id name other_id other_name similarity",
         lambda assessment, *_: assessment.portfolio.duplicates),
    Page("findings", "tblMasterFindings", "severity finding remedy customer_id field typed_value book sheet cell", findings, 1),
    Page("records", "tblMasterRecords", f"customer_id {INFO} {PLACE} repeated",
         lambda assessment, *_: assessment.portfolio.records),
    Page("origins", "tblMasterOrigins", "customer_id field book sheet cell",
         lambda assessment, *_: assessment.portfolio.origins),
    Page("sources", "tblMasterSources",
         "book team outcome reason remedy info_rows evaluation_rows tracking_rows finding_count modified size_bytes "
         "columns_read sha256", sources, 1),
    Page("run", "tblMasterRun", "section item content", run_and_policy),
)  # fmt: skip
