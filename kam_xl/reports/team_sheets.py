"""The data sheets of a team's own workbook: what is to be done, its customers, its repairs, and every row it typed.

They read one team's part of an assessment (`kam_xl.core.by_team`), which answers to the names of an assessment.
"""

from __future__ import annotations

import operator
from functools import partial

import pandas as pd

from kam_xl.core import frames, sheets
from kam_xl.core.assessment import Assessment
from kam_xl.core.findings import in_sheet_order
from kam_xl.core.quotes import TYPED
from kam_xl.reports import account_rows, data_sheets, moves_sheet
from kam_xl.reports.data_sheets import PLACE, DataSheet
from kam_xl.showing.fields import fields

#: What the rules add to the rows of a kind of sheet.
_COMPUTED = {
    "info": "repeated",
    "evaluation": "score computed_tier verdict current",
    "indicators": "indicators.current",
}
#: Columns by another name: what a customer was evaluated as is compared with what is computed.
_SHOWN_AS = {("evaluation", "composite"): "composite:recorded_score", ("evaluation", "tier"): "tier:recorded_tier"}
#: What reading adds to a cell for the rules alone.
_NOT_SHOWN = frozenset({"employees_low", "employees_high", "revenue_low", "revenue_high"})


def as_read(assessment: Assessment, kind: str) -> pd.DataFrame:
    """The rows of a kind of sheet in the order in which they stand in the team's files."""
    whole = assessment if kind == "evaluation" else assessment.portfolio
    rows: pd.DataFrame = getattr(whole, TYPED[kind])
    if kind == "evaluation":
        rows = rows[rows["sheet_kind"] == kind]
    return rows.sort_values(["book", "sheet", "row"], ignore_index=True, key=in_sheet_order)


def _read_fields(kind: str) -> str:
    """The columns of a kind of sheet as they were read, what the rules add, where each row stands, what else was typed."""
    shown = [name for name in frames.of_sheet(kind) if name not in {*_NOT_SHOWN, *PLACE.split()}]
    named = (_SHOWN_AS.get((kind, name)) or _field(kind, name) for name in shown)
    return " ".join([*named, _COMPUTED.get(kind, ""), PLACE.removeprefix("team ")])


def _field(kind: str, name: str) -> str:
    """The field of a column: the sheet's own where it has a word of its own for it."""
    own = sheets.named(kind, name)
    return own if own in fields() else name


def _read(sheet: sheets.Sheet) -> DataSheet:
    return DataSheet(
        f"rows_{sheet.kind}", f"tblRead{sheet.kind.capitalize()}", _read_fields(sheet.kind),
        partial(as_read, kind=sheet.kind), group="data", reads=sheet.kind,
    )  # fmt: skip


PAGES = (
    DataSheet("matters", "tblTeamMatters",
         "level customer_id name computed_tier subject money owner due overdue days_late escalated_to evidence consequences "
         "remedy happened risks.since state tasks.status tasks.postponed_to tasks.note rule book sheet cell",
         account_rows.matters, 3,
         linked=True, always=True),
    DataSheet("common", "tblTeamCommon",
         "subject common.reason begin_with customers of share common.count owner rule", account_rows.common, 1),
    DataSheet("customers", "tblTeamCustomers",
         "customer_id name computed_tier tier_said level risk_count health health_colour health_trend lifecycle amount amount_typed open_cases "
         "manager next_visit planned_visit last_contact last_deal next_order order_late growth rfm_class score recorded_score recorded_tier verdict evaluated_on "
         "satisfaction nps quality health_coverage health_scale health_interaction health_complaints health_satisfaction "
         "health_execution core_strategy teams", data_sheets.customers, always=True, spared=data_sheets.OF_ORDERS),
    DataSheet("moves", moves_sheet.TABLE, moves_sheet.FIELDS, moves_sheet.rows, always=True, nothing=moves_sheet.nothing),
    DataSheet("repairs", "tblTeamRepairs",
         "severity customer_id field typed_value finding proposal remedy cell sheet book", account_rows.repairs,
         group="today", linked=True, always=True),
    DataSheet("housekeeping", "tblTeamHousekeeping",
         "owner subject evidence action due days_late customer_id name tasks.status tasks.note", account_rows.housekeeping, 1),
    DataSheet("own_visits", "tblTeamVisits", "planned manager customer_id name computed_tier visits.due visit_for shift agenda",
         operator.attrgetter("visits"), 4, group="accounts"),
    DataSheet("cases", "tblTeamCases",
         "late:past_limit customer_id name computed_tier service.kind service.severity category description cases.stage "
         "response_state answer_by response_hours limit_hours resolution_state resolve_by resolution_hours "
         "resolution_limit_hours reported answered handler book sheet row", account_rows.owed, 3, group="accounts"),
    DataSheet("roles", "tblTeamRoles",
         "customer_id name computed_tier purchasing user technical executive covered contact_count known",
         account_rows.roles, group="accounts"),
    DataSheet("offers", "tblTeamOffers",
         "customer_id name computed_tier product rank whitespace.share buyers similar basis whitespace.open",
         account_rows.offers, group="accounts"),
    DataSheet("product_grid", "tblTeamProducts", "customer_id name computed_tier", account_rows.product_grid, 3,
         group="accounts", products=True),
    DataSheet("kpis", "tblTeamIndicators",
         "indicator kpis.period kpis.tier actual kpis.target unit deviation kpis.verdict counted kpis.since said needs",
         account_rows.kpis, 1, group="effect"),
    DataSheet("goals", "tblTeamGoals",
         "customer_id name strategy missing status metric baseline goals.target relative deadline owner book sheet cell",
         account_rows.goals, 3, group="effect", linked=True),
    DataSheet("sample", "tblTeamSample", "customer_id name field typed_value book sheet cell seed",
         operator.attrgetter("sample"), group="data", linked=True),
    DataSheet("conflicts", "tblTeamConflicts", "customer_id field typed_value shown other_teams nature book sheet cell",
         operator.attrgetter("portfolio.conflicts"), group="data", linked=True),
    DataSheet("duplicates", "tblTeamDuplicates", "customer_id name other_id other_name similarity",
         operator.attrgetter("portfolio.duplicates"), group="data"),
    DataSheet("questions", "tblTeamQuestions", "sheet question", operator.attrgetter("questions"), 1, group="data"),
    *(_read(sheet) for sheet in sheets.BY_KIND.values()),
)  # fmt: skip
