"""What the dashboard shows: each figure as a native formula over the tables, and its value on the sample data.

The formulas need no macro. They know a tier or a status in both languages (the names ``kam_tier_…``, ``kam_status_…``),
count a customer by its latest evaluation, and pass over cells that hold no number.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kam_xl.core import deals, sheets
from kam_xl.core.periods import parse_period
from kam_xl.core.policy import Policy
from kam_xl.core.rule_settings import OPEN_STATUSES
from kam_xl.core.words import Words
from kam_xl.showing import theme
from kam_xl.template.layout import Formula, column_in
from kam_xl.template.samples import Row

CASES = ("complaint", "request")

Rows = Sequence[Row]


@dataclass(frozen=True)
class Samples:
    """The sample rows with their calculated cells, and what a formula over them gives."""

    rows: Mapping[str, Rows]  # kind of sheet → its rows
    words: Words
    policy: Policy
    as_of: dt.date

    def tier(self, customer_id: str) -> str | None:
        """The key of a customer's tier by its latest evaluation; None where there is none."""
        mine = [row for row in self.rows["evaluation"] if row["customer_id"] == customer_id]
        if not mine:
            return None
        latest = max(mine, key=lambda row: row["evaluated_on"])
        keys = {name: key for key, name in self.policy.tier_names(self.words.lang).items()}
        return keys.get(latest["tier"])

    @property
    def customers(self) -> list[Row]:
        """The customers with their tiers, the largest amount first."""
        found = [{**row, "tier": self.tier(row["customer_id"])} for row in self.rows["info"]]
        return sorted(found, key=lambda row: (-row["amount"], row["customer_id"]))

    def in_tier(self, key: str) -> list[Row]:
        """The customers of one tier."""
        return [row for row in self.customers if row["tier"] == key]

    @property
    def amount(self) -> float:
        """The cumulative amount of all."""
        return float(sum(row["amount"] for row in self.customers))

    @property
    def running(self) -> list[tuple[int, Row, dt.date]]:
        """The open strategies as (position in the table, row, last day), the first due first."""
        statuses = {self.words(f"terms.status.{key}") for key in OPEN_STATUSES}
        found = [
            (number, row, last)
            for number, row in enumerate(self.rows["tracking"], start=1)
            if row["status"] in statuses and (last := parse_period(row["period"])[1])
        ]
        return sorted(found, key=lambda item: (item[2], item[0]))

    @property
    def due_deals(self) -> list[Row]:
        """The deals neither won nor lost whose date lies within the days of the first reminder."""
        over = {self.words(f"terms.renewals.stage.{key}") for key in deals.CLOSED}
        horizon = self.as_of + dt.timedelta(days=self.policy.plan.renewal_days[0])
        return [
            row
            for row in self.rows["renewals"]
            if row["stage"] not in over and self.as_of <= row["renewal_date"] <= horizon
        ]

    @property
    def open_cases(self) -> list[tuple[int, Row]]:
        """The complaints and requests not resolved as (position in the table, row), the oldest first."""
        kinds = {self.words(f"terms.service.kind.{kind}") for kind in CASES}
        found = [
            (number, row)
            for number, row in enumerate(self.rows["service"], start=1)
            if row["kind"] in kinds and not row["resolved"] and not row["confirmed"]
        ]
        return sorted(found, key=lambda item: (item[1]["reported"], item[0]))

    @property
    def to_do(self) -> list[tuple[int, Row, dt.date]]:
        """The actions not done as (position in the table, row, day), the first due first."""
        done, moved = (self.words(f"terms.tasks.status.{key}") for key in ("done", "postponed"))
        found = [
            (number, row, (row["status"] == moved and row["postponed_to"]) or row["due"])
            for number, row in enumerate(self.rows["tasks"], start=1)
            if row["status"] != done
        ]
        return sorted(found, key=lambda item: (item[2], item[0]))


@dataclass(frozen=True)
class Figures:
    """The figures in the language of the tables' headers."""

    lang: str
    known: Samples
    tables: Mapping[str, sheets.Sheet]  # kind → its table

    def column(self, kind: str, field: str) -> str:
        """A column of a data sheet as a structured reference."""
        return column_in(self.tables[kind], field, self.lang)

    # --- customers ------------------------------------------------------------------------------------------------

    def customers(self) -> Formula:
        """How many customers there are."""
        return Formula(f'SUMPRODUCT(--({self.column("info", "customer_id")}<>""))', len(self.known.customers))

    def amount(self) -> Formula:
        """Their cumulative amount."""
        return Formula(f"SUM({self.column('info', 'amount')})", self.known.amount)

    def typed_amounts(self) -> Formula:
        """How many amounts are texts, such as 520万, which a sum passes over."""
        amounts = self.column("info", "amount")
        return Formula(f"SUMPRODUCT(ISTEXT({amounts})*(LEN({amounts})>0))", 0)

    def _current(self, tier: str) -> str:
        """1 for every evaluation of a known customer that is its latest and gives the tier, else 0."""
        customer, day = self.column("evaluation", "customer_id"), self.column("evaluation", "evaluated_on")
        latest = f'(COUNTIFS({customer},{customer},{day},">"&{day})=0)'
        known = f"(COUNTIF({self.column('info', 'customer_id')},{customer})>0)"
        return f"{latest}*{known}*ISNUMBER(MATCH({self.column('evaluation', 'tier')},{tier},0))"

    def in_tier(self, key: str) -> Formula:
        """How many customers a tier has."""
        return Formula(f"SUMPRODUCT({self._current(f'kam_tier_{key}')})", len(self.known.in_tier(key)))

    def amount_in_tier(self, key: str) -> Formula:
        """The cumulative amount of a tier's customers."""
        info = [self.column("info", field) for field in ("customer_id", "amount")]
        amounts = f"SUMIF({info[0]},{self.column('evaluation', 'customer_id')},{info[1]})"
        value = float(sum(row["amount"] for row in self.known.in_tier(key)))
        return Formula(f"SUMPRODUCT({self._current(f'kam_tier_{key}')}*{amounts})", value)

    def place_by_amount(self, rank: str, number: int) -> Formula:
        """The sheet row of the customer with the ``number``-th largest amount; ``rank`` is a cell with that number."""
        amount, customer = self.column("info", "amount"), self.column("info", "customer_id")
        better = f'COUNTIF({amount},">"&{amount})+COUNTIFS({amount},{amount},{customer},"<"&{customer})+1'
        formula = f'IFERROR(MATCH({rank},IF(ISNUMBER({amount}),{better},0),0)+4,"")'
        ordered = [row["customer_id"] for row in self.known.customers]
        original = [row["customer_id"] for row in self.known.rows["info"]]
        place = original.index(ordered[number - 1]) + 5 if number <= len(ordered) else ""
        return Formula(formula, place, is_array=True)

    def tier_of(self, row: str, unknown: Formula, number: int) -> Formula:
        """The tier of the customer in a sheet row, in the words of its latest evaluation."""
        customer, day = self.column("evaluation", "customer_id"), self.column("evaluation", "evaluated_on")
        mine = f"INDEX({self.column('info', 'customer_id')},{row}-4)"
        latest = f'({customer}={mine})*(COUNTIFS({customer},{mine},{day},">"&{day})=0)'
        found = f"INDEX({self.column('evaluation', 'tier')},MATCH(1,{latest},0))"
        value = self._tier_said(number, unknown)
        said = f'IF({found}="",{unknown.text},{found})'  # an evaluation may have no tier yet
        return Formula(f'IF({row}="","",IFERROR({said},{unknown.text}))', value, is_array=True)

    def _tier_said(self, number: int, unknown: Formula) -> str:
        """The tier of the customer with the ``number``-th largest amount; nothing where there are fewer."""
        if number > len(self.known.customers):
            return ""
        key = self.known.customers[number - 1]["tier"]
        return self.known.policy.tier_names(self.lang)[key] if key else unknown.value

    def of_row(self, kind: str, field: str, row: str, value: object) -> Formula:
        """What stands in a column of a data sheet in a sheet row, or nothing."""
        return Formula(f'IF({row}="","",INDEX({self.column(kind, field)},{row}-4)&"")', value or "")

    def number_of_row(self, kind: str, field: str, row: str, value: float | str) -> Formula:
        """The number that stands in a column of a data sheet in a sheet row, or nothing."""
        return Formula(f'IF({row}="","",INDEX({self.column(kind, field)},{row}-4))', value)

    # --- strategies -----------------------------------------------------------------------------------------------

    def last_days(self) -> str:
        """The last day of every period, as text after its separator; an error where it is no date."""
        period = self.column("tracking", "period")
        for separator in ("至", "to", "～"):
            period = f'SUBSTITUTE({period},"{separator}","~")'
        return f'DATEVALUE(TRIM(RIGHT(SUBSTITUTE({period},"~",REPT(" ",40)),40)))'

    def _open(self) -> str:
        """1 for every strategy that is known to be open, else 0."""
        status = self.column("tracking", "status")
        return f'({self.column("tracking", "customer")}<>"")*({"+".join(is_open(status))})'

    def running(self) -> Formula:
        """How many strategies are open."""
        return Formula(f"SUMPRODUCT({self._open()})", len(self.known.running))

    def overdue(self) -> Formula:
        """How many open strategies are past their last day."""
        late = sum(last < self.known.as_of for _, _, last in self.known.running)
        is_late = f"({self.last_days()}<kam_as_of)*{self._open()}"  # 1, 0, or an error where the day cannot be read
        return Formula(f"SUMPRODUCT(--ISNUMBER(1/({is_late})))", late)

    def unread(self) -> Formula:
        """How many open strategies have a period whose last day cannot be read."""
        return Formula(f"SUM(ISERROR({self.last_days()})*{self._open()})", 0, is_array=True)

    def place_by_due(self, rank: str, number: int) -> Formula:
        """The sheet row of the open strategy that is due ``number``-th; ``rank`` is a cell with that number."""
        last, period = self.last_days(), self.column("tracking", "period")
        order = f"IF(ISNUMBER({last})*{self._open()},{last}+ROW({period})/1000000)"
        known = self.known.running[number - 1 : number]
        value = known[0][0] + 4 if known else ""
        return Formula(f'IFERROR(MATCH(SMALL({order},{rank}),{order},0)+4,"")', value, is_array=True)

    def last_day_of(self, row: str, number: int) -> Formula:
        """The last day of the strategy in a sheet row."""
        one = self.last_days().replace(
            self.column("tracking", "period"), f"INDEX({self.column('tracking', 'period')},{row}-4)"
        )
        known = self.known.running[number - 1 : number]
        return Formula(f'IF({row}="","",{one})', _serial(known[0][2]) if known else "")

    # --- open cases and actions -----------------------------------------------------------------------------------

    def _open_cases(self) -> str:
        """1 for every complaint or request that is neither resolved nor confirmed, else 0."""
        kind = self.column("service", "kind")
        kinds = "+".join(f"ISNUMBER(MATCH({kind},kam_kind_{key},0))" for key in CASES)
        return f'({kinds})*({self.column("service", "resolved")}="")*({self.column("service", "confirmed")}="")'

    def cases(self) -> Formula:
        """How many complaints and requests are open."""
        return Formula(f"SUMPRODUCT({self._open_cases()})", len(self.known.open_cases))

    def severe(self) -> Formula:
        """How many of them are major complaints."""
        kind, severity = self.column("service", "kind"), self.column("service", "severity")
        major = f"ISNUMBER(MATCH({severity},kam_severity_major,0))*ISNUMBER(MATCH({kind},kam_kind_complaint,0))"
        words = self.known.words
        told = (words("terms.service.kind.complaint"), words("terms.service.severity.major"))
        count = sum((row["kind"], row["severity"]) == told for _, row in self.known.open_cases)
        return Formula(f"SUMPRODUCT({self._open_cases()}*{major})", count)

    def place_of_case(self, number: int) -> Formula:
        """The sheet row of the open case that has waited ``number``-th longest."""
        reported = self.column("service", "reported")
        return _place(reported, reported, self._open_cases(), number, self.known.open_cases)

    def day_of_case(self, row: str, number: int) -> Formula:
        """The day on which the case in a sheet row was reported."""
        known = self.known.open_cases[number - 1 : number]
        value = _serial(known[0][1]["reported"].date()) if known else ""
        return Formula(f'IF({row}="","",INT(INDEX({self.column("service", "reported")},{row}-4)))', value)

    def _day_of_actions(self) -> str:
        """The day of every action: the one it was postponed to, else the one it is due."""
        status, moved = self.column("tasks", "status"), self.column("tasks", "postponed_to")
        postponed = f"ISNUMBER(MATCH({status},kam_action_postponed,0))*ISNUMBER({moved})"
        return f"IF({postponed},{moved},{self.column('tasks', 'due')})"

    def _to_do(self) -> str:
        """1 for every action that is not done and has a day, else 0."""
        status = self.column("tasks", "status")
        return f'ISNA(MATCH({status},kam_action_done,0))*({self._day_of_actions()}<>"")'

    def place_of_action(self, number: int) -> Formula:
        """The sheet row of the action that is due ``number``-th."""
        return _place(self._day_of_actions(), self.column("tasks", "due"), self._to_do(), number, self.known.to_do)

    def day_of_action(self, row: str, number: int) -> Formula:
        """The day of the action in a sheet row."""
        status, moved, due = (
            f"INDEX({self.column('tasks', field)},{row}-4)" for field in ("status", "postponed_to", "due")
        )
        postponed = f"AND(ISNUMBER(MATCH({status},kam_action_postponed,0)),ISNUMBER({moved}))"
        known = self.known.to_do[number - 1 : number]
        return Formula(f'IF({row}="","",IF({postponed},{moved},{due}))', _serial(known[0][2]) if known else "")

    def name_of(self, row: str, kind: str, number: int) -> Formula:
        """The name of the customer in a sheet row; its ID where nobody knows the name."""
        own = f"INDEX({self.column(kind, 'customer_id')},{row}-4)"
        info = [self.column("info", field) for field in ("customer_id", "name")]
        listed = {
            "service": [row for _, row in self.known.open_cases],
            "tasks": [row for _, row, _ in self.known.to_do],
        }
        names = {row["customer_id"]: row["name"] for row in self.known.rows["info"]}
        value = next((names[row["customer_id"]] for row in listed[kind][number - 1 : number]), "")
        return Formula(f'IF({row}="","",IFERROR(INDEX({info[1]},MATCH({own},{info[0]},0)),{own}&""))', value)

    # --- deals ----------------------------------------------------------------------------------------------------

    def _deals(self) -> str:
        day, stage = self.column("renewals", "renewal_date"), self.column("renewals", "stage")
        over = ",".join(f'{stage},"<>"&INDEX(kam_stage_{key},{number})' for key in deals.CLOSED for number in (1, 2))
        return f'{day},">="&kam_as_of,{day},"<="&kam_as_of+{self.known.policy.plan.renewal_days[0]},{over}'

    def deals(self) -> Formula:
        """How many deals fall due soon."""
        return Formula(f"COUNTIFS({self._deals()})", len(self.known.due_deals))

    def deals_amount(self) -> Formula:
        """Their expected amount."""
        value = float(sum(row["amount"] for row in self.known.due_deals))
        return Formula(f"SUMIFS({self.column('renewals', 'amount')},{self._deals()})", value)


def quotient(part: float, whole: float) -> float | str:
    """A part of a whole; a dash where there is no whole."""
    return part / whole if whole else theme.UNKNOWN


def is_open(status: str) -> list[str]:
    """Of which one holds for a strategy that is open, as the rules have it: its status is known, and none that ends it."""
    return [f"ISNUMBER(MATCH({status},kam_status_{key},0))" for key in OPEN_STATUSES]


def _serial(day: dt.date) -> int:
    """A day as Excel counts them."""
    return (day - dt.date(1899, 12, 30)).days


def _place(day: str, column: str, counts: str, number: int, known: Sequence[tuple]) -> Formula:
    """The sheet row whose day comes ``number``-th among those that count; on the same day the upper one is first."""
    order = f"IF(ISNUMBER({day})*{counts},{day}+ROW({column})/1000000)"
    value = known[number - 1][0] + 4 if len(known) >= number else ""
    return Formula(f'IFERROR(MATCH(SMALL({order},{number}),{order},0)+4,"")', value, is_array=True)
