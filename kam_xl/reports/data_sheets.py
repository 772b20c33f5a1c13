"""The data sheets of the master workbook: their columns, and their rows in the order people read them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kam_xl.core import history, planning, sheets
from kam_xl.core.assessment import Assessment
from kam_xl.core.findings import in_sheet_order
from kam_xl.core.rule_settings import RiskRule
from kam_xl.core.validation import LettersBySheet
from kam_xl.core.words import Words
from kam_xl.reports import account_rows
from kam_xl.reports.run import Run
from kam_xl.showing.fields import header
from kam_xl.showing.telling import SEVERITIES, of_finding, rank, with_reasons

INFO = "name industry size contact phone since last_deal amount products tags remarks"
PLACE = "team book sheet row as_typed extras"
OUTCOMES = ("quarantined", "undecided", "skipped", "superseded", "copy", "used")


@dataclass(frozen=True)
class DataSheet:
    """One data sheet: its key in the words, its table's name, its fields (see `fields.listed`), where its rows come from.

    ``group`` is the part of the workbook it belongs to, ``frozen`` how many columns stay in view; ``linked``: the cell
    that a row is about opens with a click; ``products``: every other column of the rows is a product's;
    ``of_run``: its rows tell of the run too; ``always``: there is a sheet of it even if it has no rows; ``reads``: the kind
    of sheet whose rows it shows as they were read.
    """

    key: str
    table: str
    fields: str
    rows: Callable[..., pd.DataFrame]
    frozen: int = 2
    group: str = "today"
    linked: bool = False
    products: bool = False
    of_run: bool = False
    always: bool = False
    reads: str = ""

    def name(self, words: Words) -> str:
        """What its sheet is called: of one that holds what was read of a kind of sheet, by that sheet's own name."""
        return (
            words("master.rows", sheet=sheets.BY_KIND[self.reads].name(words.lang))
            if self.reads
            else words(f"master.sheet.{self.key}")
        )

    def about(self, words: Words) -> str:
        """What it answers, in a sentence."""
        return words("master.about.rows" if self.reads else f"master.about.{self.key}")

    def of(self, assessment: Assessment, run: Run) -> pd.DataFrame:
        """Its rows."""
        return self.rows(assessment, run) if self.of_run else self.rows(assessment)


def customers(assessment: Assessment) -> pd.DataFrame:
    """The customers by tier, highest first, in each tier the worst first."""
    tier = rank(assessment.customers["computed_tier"], assessment.policy.tier_keys)
    keyed = assessment.customers.assign(_tier=tier)
    return keyed.sort_values(["_tier", "risk_score", "customer_id"], ascending=[True, False, True], ignore_index=True)


def evaluations(assessment: Assessment) -> pd.DataFrame:
    """The evaluations by customer, the newest first."""
    names = assessment.customers.set_index("customer_id")["name"]
    frame = assessment.evaluations
    frame = frame.assign(name=frame["customer_id"].map(names))
    order = ["customer_id", "evaluated_on", "team"]
    return frame.sort_values(order, ascending=[True, False, True], ignore_index=True)


def tracking(assessment: Assessment) -> pd.DataFrame:
    """The strategies by customer, the newest first."""
    order = ["customer_id", "start", "team", "row"]
    return assessment.portfolio.tracking.sort_values(order, ascending=[True, False, True, True], ignore_index=True)


def changes(assessment: Assessment) -> pd.DataFrame:
    """What changed since the last run, what got worse first."""
    return _sorted(assessment.changes, ("change", history.CHANGES), "customer_id")


def findings(assessment: Assessment) -> pd.DataFrame:
    """The findings as sentences with their remedies, errors first, then by place."""
    frame = assessment.portfolio.findings
    rows = list(zip(*(frame[name] for name in ("code", "field", "typed_value", "detail")), strict=True))
    told, remedies = (
        pd.Series([of_finding(assessment.words, part, *row) for row in rows], frame.index, dtype="str")
        for part in ("text", "remedy")
    )
    return _sorted(frame.assign(finding=told, remedy=remedies), ("severity", SEVERITIES), "book", "sheet", "cell")


def sources(assessment: Assessment) -> pd.DataFrame:
    """The files, those that could not be used first: the reason and what to do in words, and which columns were read."""
    frame = with_reasons(assessment.portfolio.sources, assessment.words)
    read: dict[str, list[str]] = {}
    for (book, kind), letters in assessment.portfolio.letters.items():
        read.setdefault(book, []).extend(_columns_read(kind, letters, assessment.words))
    columns = frame["book"].map({book: "\n".join(lines) for book, lines in read.items()}).astype("str")
    return _sorted(frame.assign(columns_read=columns), ("outcome", OUTCOMES), "book")


def _columns_read(kind: str, letters: LettersBySheet, words: Words) -> Iterator[str]:
    """``客户基础信息表: A 客户ID、B 客户名称``: where each column of a kind stood; the sheets are named where there are several."""
    separator, name = words("terms.list_separator"), sheets.BY_KIND[kind].name(words.lang)
    together: dict[tuple, list[str]] = {}
    for sheet, stood in letters.items():
        together.setdefault(tuple(stood.items()), []).append(sheet)
    for columns, names in together.items():
        of = f" ({separator.join(names)})" if len(letters) > 1 else ""
        told = separator.join(f"{letter} {header(field, words.lang)}" for field, letter in columns)
        yield f"{name}{of}: {told}"


def run_and_policy(assessment: Assessment, run: Run) -> pd.DataFrame:
    """The facts of the run, then the policy: section, item, content."""
    words = assessment.words
    rows = [(words("master.run.run"), *row) for row in _run_rows(words, run)]
    rows += [(words("master.run.policy"), *row) for row in _policy_rows(assessment)]
    return pd.DataFrame(rows, columns=["section", "item", "content"], dtype="str")


def _run_rows(words: Words, run: Run) -> Iterator[tuple[str, str]]:
    yield words("master.run.started"), f"{run.started:%Y-%m-%d %H:%M:%S}"
    for name in ("teams_dir", "product_version", "workers"):
        yield words(f"master.run.{name}"), str(getattr(run, name))
    for step, seconds in run.seconds.items():
        name = words(f"master.step.{step}") if f"master.step.{step}" in words else step
        yield words("master.run.seconds", step=name), f"{seconds:.2f}"
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
    for _, text in assessment.policy_notes:
        yield words("master.run.note"), text


def _rule_in_force(rule: RiskRule, words: Words) -> str:
    """Whether a rule is switched on, how severe it is, and within how many days it is due."""
    state = words("master.run.on" if rule.enabled else "master.run.off")
    return words("master.run.rule_text", state=state, level=words(f"terms.level.{rule.severity}"), days=rule.due_days)


def _sorted(frame: pd.DataFrame, ranked: tuple[str, Sequence[str]], *then: str) -> pd.DataFrame:
    """Rows by the rank of one column's keys, then by other columns."""
    column, order = ranked
    return frame.assign(_rank=rank(frame[column], order)).sort_values(
        ["_rank", *then], ignore_index=True, key=in_sheet_order
    )


def _frame(of: str) -> Callable[[Assessment], pd.DataFrame]:
    """A frame of the assessment as it is, or of its portfolio: ``portfolio.conflicts``."""
    return operator.attrgetter(of)


def risks(assessment: Assessment) -> pd.DataFrame:
    """Every risk, the worst customer first; on the first night nobody can say which are new."""
    found = assessment.risks
    return found if assessment.previous else found.assign(state=pd.Series(None, found.index, dtype="str"))


PAGES = (
    DataSheet("customers", "tblMasterCustomers",
         "customer_id name computed_tier level risk_count health health_colour health_trend lifecycle amount open_cases "
         "manager next_visit planned_visit score risk_score escalation class health_coverage satisfaction satisfaction_on nps "
         "nps_on quality last_deal last_contact recorded_score recorded_tier verdict value potential demand evaluated_on "
         "evaluator profile_contradiction health_scale health_interaction health_complaints health_satisfaction "
         "health_execution health_before health_cap lifecycle_typed severe_open cadence_days sla_hours core_strategy "
         "teams team_count industry size contact phone since products tags remarks book sheet row modified", customers),
    DataSheet("risks", "tblMasterRisks",
         "customer_id name computed_tier level rule state risks.since days evidence remedy owner due team book sheet cell",
         risks),
    DataSheet("actions", "tblMasterActions",
         "due overdue customer_id name computed_tier actions.source level action manager owner tasks.status "
         "tasks.postponed_to planned team tasks.note key:tasks.action_id", _frame("actions"), 4),
    DataSheet("changes", "tblMasterChanges", "change customer_id name before after", changes, 3),
    DataSheet("closed", "tblMasterClosed", "customer_id name rule level risks.since closed.days", _frame("closed")),
    DataSheet("cases", "tblMasterCases",
         "customer_id name computed_tier service.kind service.severity category cases.stage response_state answer_by "
         "response_hours limit_hours resolution_state resolve_by resolution_hours resolution_limit_hours open reported "
         "answered resolved confirmed days_to_answer days_to_resolve days_to_confirm description handler team book sheet row",
         account_rows.cases, group="accounts"),
    DataSheet("repeats", "tblMasterRepeats",
         "customer_id name category count customers first last action team book sheet row", account_rows.repeats,
         group="accounts"),
    DataSheet("visits", "tblMasterVisits", "planned manager team customer_id name computed_tier visits.due shift agenda",
         _frame("visits"), 5, group="accounts"),
    DataSheet("utilisation", "tblMasterUtilisation",
         "week manager team utilisation.planned capacity utilisation.share load", account_rows.utilisation, 3,
         group="accounts"),
    DataSheet("roles", "tblMasterRoles",
         "customer_id name computed_tier purchasing user technical executive covered contact_count known", account_rows.roles,
         group="accounts"),
    DataSheet("contacts", "tblMasterContacts",
         "customer_id name contacts.name title contacts.role contacts.phone birthday contacts.last_contact left contacts.remarks "
         "team book sheet row", account_rows.contacts, 3, group="accounts"),
    DataSheet("offers", "tblMasterOffers",
         "customer_id name computed_tier product rank whitespace.share buyers similar basis whitespace.open",
         account_rows.offers, group="accounts"),
    DataSheet("product_grid", "tblMasterProducts", "customer_id name computed_tier", account_rows.product_grid, 3,
         group="accounts", products=True),
    DataSheet("renewals", "tblMasterRenewals",
         "customer_id name renewals.kind product renewals.amount renewal_date renewals.stage renewals.owner trial_expiry "
         f"renewals.remarks {PLACE}", account_rows.renewals, group="accounts"),
    DataSheet("kpis", "tblMasterIndicators",
         "team indicator kpis.period kpis.tier actual kpis.target unit deviation kpis.verdict counted kpis.since said needs",
         account_rows.kpis, group="effect"),
    DataSheet("goals", "tblMasterGoals",
         "customer_id name strategy missing status metric baseline goals.target relative deadline owner team book sheet cell",
         account_rows.goals, 3, group="effect"),
    DataSheet("tracking", "tblMasterTracking",
         "customer_id name strategy status start end actions effect effect_actual effect_target problem improvement "
         f"tracker tracked_on period {PLACE}", tracking, group="effect"),
    DataSheet("evaluations", "tblMasterEvaluations",
         "customer_id name team evaluated_on current score composite:recorded_score computed_tier tier:recorded_tier verdict "
         "value potential demand value_reason potential_reason demand_reason evaluator book sheet row as_typed extras",
         evaluations, group="effect"),
    DataSheet("indicators", "tblMasterInputs",
         "customer_id name profit tenure growth open_needs total_needs service_sensitivity price_sensitivity as_of "
         f"indicators.current {PLACE}", account_rows.indicators, group="effect"),
    DataSheet("quality", "tblMasterQuality",
         "book team quality completeness validity consistency freshness coverage customers", account_rows.quality, 1,
         group="data"),
    DataSheet("repairs", "tblMasterRepairs",
         "manager severity customer_id field typed_value finding proposal remedy cell sheet book", account_rows.repairs,
         group="data", linked=True),
    DataSheet("sample", "tblMasterSample", "team customer_id name field typed_value book sheet cell seed", _frame("sample"), 3,
         group="data", linked=True),
    DataSheet("questions", "tblMasterQuestions", "team sheet question", _frame("questions"), 1, group="data"),
    DataSheet("findings", "tblMasterFindings", "severity finding remedy customer_id field typed_value book sheet cell", findings, 1,
         group="data"),
    DataSheet("conflicts", "tblMasterConflicts", "customer_id field typed_value shown nature team book sheet cell",
         _frame("portfolio.conflicts"), group="data"),
    DataSheet("duplicates", "tblMasterDuplicates", "customer_id name other_id other_name similarity",
         _frame("portfolio.duplicates"), group="data"),
    DataSheet("records", "tblMasterRecords", f"customer_id {INFO} {PLACE} repeated", _frame("portfolio.records"), group="data"),
    DataSheet("origins", "tblMasterOrigins", "customer_id field book sheet cell", _frame("portfolio.origins"), group="data"),
    DataSheet("sources", "tblMasterSources",
         "book team outcome reason remedy info_rows evaluation_rows tracking_rows optional_rows finding_count modified "
         "size_bytes columns_read sha256", sources, 1, group="data"),
    DataSheet("run", "tblMasterRun", "section item content", run_and_policy, group="data", of_run=True),
)  # fmt: skip
