"""What the accounts of the writers' tests look like besides: health, service, relationships, plans, measures, data quality.

Every state and verdict stands here once at least; HOSTILE texts come from outside, so they do too.
"""

from types import SimpleNamespace

import pandas as pd

from kam_xl import resources
from kam_xl.core import (
    confidence,
    deals,
    frames,
    health,
    matters,
    moves,
    planning,
    quality,
    relationships,
    reminders,
    service,
    severity,
    strategies,
    whitespace,
    workdays,
)
from kam_xl.core.indicators import COLUMNS as KPIS
from tests import builders

HOSTILE = "=cmd|'/c calc'!A1"
EAST, SOUTH, WEST = (f"{team}/客户台账_{team}.xlsx" for team in ("华东", "华南", "西北"))
_NIGHT = "2025-11-21"


_SCHEMAS = (
    frames.PORTFOLIO
    | frames.ASSESSMENT
    | {f"{name} as recorded": frames.PORTFOLIO[name] for name in ("customers", "evaluations")}
)


def frame(name, columns, rows=()):
    """A frame of an assessment; each row's cells stand in the order of the columns, what they leave out is unknown."""
    columns = columns.split() if isinstance(columns, str) else columns
    schema = _SCHEMAS[name] | (dict.fromkeys(columns, "str") if name in builders.OPEN else {})
    return builders.frame(schema, [dict(zip(columns, row, strict=True)) for row in rows])


def finished(**parts):
    """The assessment that these parts make: its rows with what core says of their dates."""
    night = SimpleNamespace(**parts)
    policy, today = night.policy, pd.Timestamp(night.today)
    names = night.customers.set_index("customer_id")[["name", "computed_tier"]]
    monday, sunday = workdays.this_week(today)
    now = workdays.week(pd.Series([monday, sunday]))
    near = workdays.week(pd.Series([today, today + pd.Timedelta(days=policy.plan.soon_days)]))
    night.risks = _of_whom(night.risks, night.customers, policy, today)
    night.matters = matters.listed(night.risks, policy, night.words)
    night.common = frames.empty(frames.ASSESSMENT["common"])
    actions = night.actions.assign(
        kind=[_kind_of(source, policy) for source in night.actions["source"]],
        subject=[_title_of(source, policy, night.words) for source in night.actions["source"]],
    )
    night.actions = planning.dated(actions, policy, today).astype(frames.ASSESSMENT["actions"])
    night.housekeeping = night.actions[night.actions["kind"] == planning.HOUSEKEEPING]
    night.visits = night.visits.assign(
        this_week=night.visits["planned"] <= sunday,
        ahead=night.visits["planned"] <= today + pd.Timedelta(days=policy.plan.soon_days),
    )
    night.workday = workdays.next_workday(pd.Series([today]), policy.calendar)[0].date()
    night.utilisation = night.utilisation.assign(
        this_week=night.utilisation["week"].isin(now), ahead=night.utilisation["week"].isin(near)
    )
    night.deals = deals.finished(night.portfolio.renewals, policy, today).join(names, on="customer_id")
    night.strategies = strategies.finished(night.portfolio.tracking, policy, today).join(
        names["computed_tier"], on="customer_id"
    )
    night.week = (monday.date(), sunday.date())
    night.next_day = night.previous is not None and (night.today - night.previous).days == 1
    return night


def _of_whom(risks, customers, policy, today):
    """The risks with what `matters` says of them: each is a matter of its own, but for the upkeep of a workbook."""
    of = {name: customers.set_index("customer_id")[name].reindex(risks["customer_id"]).set_axis(risks.index)
          for name in ("manager", "escalation", "amount")}  # fmt: skip
    kind = risks["rule"].map({key: rule.kind for key, rule in policy.rules.items()})
    late = risks["due"] < today
    days = workdays.workdays_between(risks["due"], today, policy.calendar)
    return risks.assign(
        kind=kind,
        subject=[policy.rules[rule].title("zh-CN" if any("\u4e00" <= c for c in remedy) else "en")
                 for rule, remedy in zip(risks["rule"], risks["remedy"], strict=True)],
        manager=of["manager"],
        owner=of["manager"].fillna(of["escalation"]),
        escalated_to=of["escalation"].where(late),
        money=of["amount"],
        happened=risks["since"],
        age=(today - risks["since"]).dt.days,
        late=late,
        days_late=days.where(late, 0),
        common=False,
        thing="",
        cause=risks["key"].where(kind != "housekeeping"),
    ).astype(frames.ASSESSMENT["risks"])  # fmt: skip


def _kind_of(source, policy):
    if source in policy.rules:
        return planning.HOUSEKEEPING if policy.rules[source].kind == "housekeeping" else planning.MATTER
    if source in reminders.REMINDERS:
        return planning.HOUSEKEEPING if source in reminders.HOUSEKEEPING else planning.DATE
    return planning.VISIT if source == planning.VISIT else planning.OWN


def _title_of(source, policy, words):
    if source in policy.rules:
        return policy.rules[source].title(words.lang)
    return words("master.marked") if source == planning.MARKED else words(f"calendar.title.{source}")


# customer_id, health, colour, coverage, before, trend, lifecycle, satisfaction, nps, open cases, severe, manager, quality
_ACCOUNTS = (
    ("C001", 78.4, "green", 0.8, 77.0, "flat", "deepening", 92, 9, 0, 0, "赵敏", 97.5),
    ("C002", 58.0, "yellow", 0.65, None, None, "active", None, 7, 0, 0, "钱亮", 90.0),
    ("C003", 31.2, "red", 1.0, 52.0, "down", "silent", 60, 3, 1, 1, "赵敏", 88.0),
    ("C004", 85.0, "green", 0.8, 70.0, "up", "active", None, None, 1, 0, "赵敏", 100.0),
    ("C005", 39.9, "red", 0.45, 41.0, "flat", "lost", None, None, 0, 0, None, 75.5),
    ("C006", 70.0, "green", 0.8, 64.0, "up", "active", 95, 10, 0, 0, "钱亮", 96.0),
    ("C007", None, None, 0.2, None, None, None, None, None, 0, 0, None, 60.0),
    ("C008", None, None, 0.0, None, None, None, None, None, 0, 0, None, 35.0),
    ("C009", 82.0, "yellow", 1.0, 84.0, "flat", "active", 81, 8, 1, 1, "孙倩", 92.0),
    ("C010", 66.6, "yellow", 0.65, 72.0, "down", "active", None, None, 0, 0, None, 91.0),
    ("C011", 90.1, "green", 0.8, 90.0, "flat", "new", None, None, 0, 0, "孙倩", 99.0),
    ("C012", 74.0, "green", 0.45, None, None, "new", None, None, 0, 0, None, 89.0),
    ("C013", 12.5, "red", 0.45, 12.5, "flat", "lost", None, None, 0, 0, None, 70.0),
)


def with_account(customers):
    """The customers with what `health`, `lifecycle`, `service`, `planning` and `quality` say of them."""
    columns = ("customer_id health health_colour health_coverage health_before health_trend lifecycle satisfaction nps "
               "open_cases severe_open manager quality")  # fmt: skip
    found = frame("customers", columns, _ACCOUNTS)[columns.split()[1:]].set_index(customers.index)
    parts = {f"health_{part}": found["health"] for part in ("scale", "interaction", "execution")}
    day = pd.Series(pd.Timestamp("2025-11-10"), customers.index)
    return (
        customers.assign(
            **{name: found[name] for name in found},
            **parts,
            health_complaints=found["health"].where(found["health_coverage"] > 0.7),
            health_satisfaction=found["satisfaction"],
            health_cap=(found["severe_open"] > 0).map({True: "severe", False: None}),
            lifecycle_typed=customers["customer_id"] == "C009",
            satisfaction_on=day.where(found["satisfaction"].notna()),
            nps_on=day.where(found["nps"].notna()),
            planned_visit=customers["next_visit"].mask(customers["customer_id"] == "C003", pd.Timestamp("2025-11-24")),
            visit_agreed=customers["customer_id"] == "C006",
            visit_for="cadence",
            product_count=2.0,
            freshness=None,
            **dict.fromkeys((*frames.ADDED["orders"], *frames.ADDED["rfm"], "scale_by", "scale_now", "scale_before")),
        )
        .assign(**_bought(customers))
        .astype(frames.ASSESSMENT["customers"])
    )


def _bought(customers):
    """What the orders of one customer tell; nobody else has any."""
    told = {"order_days": 9.0, "order_count": 9.0, "orders_amount": 25.0, "orders_gaps": 0.0, "rhythm": 30.0, "rhythm_spread": 4.0,
            "first_order": "2024-11-01", "last_order": "2025-10-20", "next_order": "2025-11-19", "order_late": 2.0, "growth": -0.3,
            "amount_year": 10.5, "amount_before": 15.0, "best_share": 0.7, "margin": 0.31, "value_next": 11.0, "value_low": 8.0,
            "value_high": 15.0, "order_days_year": 5.0, "order_days_before": 4.0, "trend": "down", "rfm": "335",
            "rfm_class": "to_keep", "order_overdue": False, "scale_by": "orders", "scale_now": 10.5, "scale_before": 15.0}  # fmt: skip
    kinds = frames.ADDED["orders"] | frames.ADDED["rfm"] | frames.ADDED["health"]
    own = customers["customer_id"] == "C003"
    return {name: pd.Series([value if one else None for one in own], customers.index, dtype=kinds[name])
            for name, value in told.items()}  # fmt: skip


# rule and customer → state, first seen, for how many days at its level
_STATES = {
    ("C003", "silent_customer"): ("continuing", "2025-10-12", 40),
    ("C003", "warning_words"): ("new", _NIGHT, 0),
    ("C009", "strategy_overdue"): ("worse", "2025-11-01", 0),
    ("C001", "recorded_differs"): ("eased", "2025-11-10", 0),
}


def with_states(risks, *, past):
    """The risks with what is known of them; on the first night every one is new."""
    known = ("continuing", "2025-11-14", 7) if past else ("new", _NIGHT, 0)
    rows = [_STATES.get(key, known) if past else known for key in zip(risks["customer_id"], risks["rule"], strict=True)]
    states = frame("risks", "state since days", rows)[["state", "since", "days"]].set_index(risks.index)
    return risks.assign(**states, changed=states["since"], key=[f"{number:012x}" for number in range(len(risks))])


def with_marks(actions):
    """The actions with manager, status, the day it was postponed to, a note, the planned day, and reminders among them."""
    managers = {row[0]: row[11] for row in _ACCOUNTS}
    actions = actions.assign(
        key=[f"{number:012x}" for number in range(len(actions))],
        manager=actions["customer_id"].map(managers).astype("str"),
        status="open",
        postponed_to=pd.NaT,
        note=None,
        planned=pd.NaT,
    )
    names = actions.set_index("customer_id")[["name", "computed_tier", "team"]]
    more = [
        ("renewal", "C009", "2025-11-22", "postponed", "2025-12-01", "客户出差，电话 13912345678"),
        ("birthday", "C003", "2025-11-25", "open", None, None),
        ("trial", "C006", "2025-11-23", "done", None, HOSTILE),
        ("marked", "C001", None, "done", None, "已在例会说明"),
    ]
    rows = [
        (f"f{number:011x}", due, key, *names.loc[[key]].iloc[0][["name", "computed_tier"]], source, "none", f"{source} {key}",
         "区域销售", names.loc[[key]].iloc[0]["team"], False, managers[key], status, postponed, note, None)
        for number, (source, key, due, status, postponed, note) in enumerate(more)
    ]  # fmt: skip
    columns = ("key due customer_id name computed_tier source level action owner team overdue manager status postponed_to "
               "note planned")  # fmt: skip
    added = frame("actions", columns, rows)
    every = pd.concat([actions.astype(frames.ASSESSMENT["actions"]), added])
    across = every.iloc[-1:].assign(
        key="e" * 12,
        source="root_cause",
        customer_id=None,
        name=None,
        status="open",
        note=None,
        due=pd.Timestamp("2025-12-05"),
    )
    return pd.concat([every, across]).reset_index(drop=True).astype(frames.ASSESSMENT["actions"])


def of_portfolio():
    """The frames of the optional sheets: indicators, service, contacts, renewals, marks."""
    place = "team book sheet row as_typed extras"
    east = ("华东", EAST)
    return {
        "indicators": frame("indicators",
            "customer_id profit tenure growth open_needs total_needs service_sensitivity price_sensitivity as_of current "
            + place,
            (
                ("C001", 320.5, 8.0, 0.12, 3.0, 8.0, 4.0, 2.0, "2025-10-31", True, *east, "评分指标", 2, None, None),
                ("C001", 280.0, 7.0, -0.02, 3.0, 8.0, 4.0, 2.0, "2024-10-31", False, *east, "评分指标", 3, None, None),
                ("C004", None, 5.0, None, 0.0, 4.0, 5.0, 5.0, None, True, *east, "评分指标", 4, "未知", None),
            ),
        ),
        "service": _log(),
        "contacts": frame("contacts",
            f"customer_id name title role phone birthday last_contact left remarks {place}",
            (
                ("C003", "周涛", "采购总监", "purchasing", "13700001111", "1980-11-25", "2025-03-01", True, None, *east,
                 "关键联系人", 2, "生日=1980年11月25日", None),
                ("C003", "李娜", "总经理", "executive", "021-58887777", "1975-02-28", "2025-11-01", False, None, *east,
                 "关键联系人", 3, None, None),
                ("C009", HOSTILE, None, None, None, None, None, None, "手机 13912345678", *east, "关键联系人", 4, None, None),
            ),
        ),
        "renewals": frame("renewals",
            f"customer_id kind product amount renewal_date stage owner trial_expiry remarks {place}",
            (
                ("C003", "renewal", "云平台", 120.0, "2025-12-20", "negotiation", "赵敏", None, None, *east, "续约与商机", 2,
                 None, None),
                ("C006", "trial", "传感器", None, None, None, "钱亮", "2025-11-30", HOSTILE, *east, "续约与商机", 3, None, None),
                ("C009", "opportunity", "备件", 60.0, "2025-10-01", "won", None, None, None, *east, "续约与商机", 4, "60万", None),
            ),
        ),
        "tasks": frame("tasks", f"action_id customer_id action owner due status postponed_to note {place}", ()),
        "orders": frame("orders",
            f"customer_id order_no ordered_on product quantity amount cost profit currency {place}",
            (
                ("C003", "D-1", "2025-10-20", "云平台", 2.0, 12.5, 8.0, None, None, *east, "交易记录", 2, None, None),
                ("C009", None, "2025-09-01", HOSTILE, None, None, None, None, "USD", *east, "交易记录", 3, "金额（元）=34.8", None),
            ),
        ),
    }  # fmt: skip


_LOG = ("customer_id kind category severity reported answered resolved confirmed satisfaction nps description handler "
        "team book sheet row as_typed extras")  # fmt: skip
# A row of the service log up to its handler, then what the clocks say of it.
_CASES = (
    (("C003", "complaint", "交付延迟", "major", "2025-11-19 10:00", None, None, None, "到货晚了两周，请打 13912345678", "孙倩"),
     (2.0, 15.0, "breached", "2025-11-19 12:00", 18.0, 15.0, "running", "2025-11-21 10:00", "reported", True)),
    (("C009", "complaint", "质量", "ordinary", "2025-11-10 09:00", "2025-11-10 10:00", None, None, HOSTILE, None),
     (8.0, 1.0, "met", "2025-11-10 17:00", 45.0, 81.0, "breached", "2025-11-14 18:00", "answered", True)),
    (("C004", "request", "发票", None, "2025-11-20 17:00", None, None, None, None, "孙倩"),
     (2.0, 1.0, "running", "2025-11-21 10:00", 45.0, 1.0, "running", "2025-11-26 17:00", "reported", True)),
    (("C006", "request", "培训", "ordinary", "2025-11-03 09:00", "2025-11-03 11:00", "2025-11-04 09:00", None, None, "孙倩"),
     (8.0, 2.0, "met", "2025-11-03 17:00", 45.0, 9.0, "met", "2025-11-07 18:00", "resolved", False)),
    (("C001", "complaint", "交付延迟", "ordinary", "2025-10-08 09:00", "2025-10-11 09:00", "2025-10-13 12:00",
      "2025-10-14 09:00", None, "孙倩"),
     (8.0, 27.0, "breached", "2025-10-08 17:00", 45.0, 30.0, "met", "2025-10-14 18:00", "confirmed", False)),
    (("C002", "complaint", None, None, None, None, None, None, None, None),
     (24.0, None, "unknown", None, 45.0, None, "unknown", None, "reported", True)),
)  # fmt: skip


def _log():
    rows = [
        (*typed[:8], None, None, *typed[8:], "华东", EAST, "服务记录", number, None, None)
        for number, (typed, _) in enumerate(_CASES, start=2)
    ]
    return frame("service", _LOG, rows)


def _cases(customers):
    clocks = ("limit_hours response_hours response_state answer_by resolution_limit_hours resolution_hours "
              "resolution_state resolve_by stage open")  # fmt: skip
    added = frame("cases", clocks, [said for _, said in _CASES])[clocks.split()]
    known = customers.set_index("customer_id")[["name", "computed_tier"]]
    waits = {
        name: [2.0, 0.5, None, 1.0, 3.0, None] for name in ("days_to_answer", "days_to_resolve", "days_to_confirm")
    }
    cases = _log().join(added).assign(**waits).join(known, on="customer_id")
    cases = service.pressing(cases, resources.policy(), pd.Timestamp(_NIGHT))
    return cases[[name for name in frames.ASSESSMENT["cases"] if name in cases]]


def _moves(names, lang):
    """Why a customer is not what it was the night before: in words, in numbers, and of the first page."""
    words = resources.words(lang)
    parts = [
        ("C003", "health", "own", -12.4, "part"), ("C003", "health", "others", -3.1, "part"), ("C003", "health", "calendar", -0.5, "part"),
        ("C003", "level", "own", None, "first"), ("C003", "level", "calendar", None, "needed"),
    ]  # fmt: skip
    parts = frame("move_parts", "customer_id figure factor part role", parts)
    own, calendar = words("bridge.factor.own"), words("bridge.factor.calendar")
    high, low = words("terms.level.high"), words("terms.level.medium")
    cell = words("bridge.cell.added", book=EAST, place="服务记录!B4")
    told = [
        ("C003", names["C003"], "level", None, None, "medium", "high", words("bridge.step", before=low, after=high),
         words("bridge.with", factor=own, others=calendar), cell),
        ("C003", names["C003"], "health", 52.0, 36.0, None, None, moves.step(52.0, 36.0, "health", words),
         moves.parts_said(parts[parts["role"] == "part"], "health", words), cell),
    ]  # fmt: skip
    of_high = frame("move_sum_parts", "figure factor part", [("high", "own", 2.0), ("high", "calendar", -1.0)])
    high = moves.step(1.0, 2.0, "high", words), moves.parts_said(of_high, "high", words)
    moved = frame("moves", "customer_id name figure before after was now said why cites", told)
    days = {"then": "2025-11-20", "on": _NIGHT, "since": "2025-11-19", "last": True}
    earlier = moved.assign(then="2025-11-19", on="2025-11-20", since="2025-11-19", last=False, cites="")
    return {
        "moves": moved,
        "night_moves": pd.concat([moved.assign(**days), earlier]).astype(frames.NIGHT_MOVES),
        "move_sums": frame("move_sums", "figure before after said why", [("high", 1.0, 2.0, *high)]),
        "move_parts": parts,
        "move_sum_parts": of_high,
    }


def of_assessment(customers, portfolio, lang, *, past):
    """The frames of the account model beside the customers, the risks and the actions."""
    names = customers.set_index("customer_id")["name"]
    tiers = customers.set_index("customer_id")["computed_tier"]
    who = lambda key: (key, names[key], tiers[key])  # noqa: E731
    zh = lang == "zh-CN"
    closed = (("C006", names["C006"], "score_fell", "medium", "2025-11-01", 20, "c" * 12),) if past else ()
    told = _moves(names, lang)
    return {
        **(told if past else {name: rows.iloc[:0] for name, rows in told.items()}),
        "told_once": (),
        "counts": None,
        "upkeep_told": frozenset(),
        "unexplained": "",
        "closed": frame("closed", "customer_id name rule level since days key", closed),
        "cases": _cases(customers),
        "repeats": frame("repeats",
            service.REPEATS,
            (
                (None, "交付延迟", 5, 3, "2025-06-02", "2025-11-19", "华东", EAST, "服务记录", 2),
                ("C009", "质量", 3, 1, "2025-08-02", "2025-11-10", "华东", EAST, "服务记录", 3),
            ),
        ),
        "roles": frame("roles",
            relationships.COLUMNS,
            (
                ("C003", "left", "missing", "missing", "fresh", 1.0, 1.0, True),
                ("C004", None, None, None, None, None, None, False),
                ("C009", "undated", "stale", "fresh", "missing", 3.0, 3.0, True),
            ),
        ),
        "bought_together": frame("bought_together", "product other count of share lift", (("云平台", "传感器", 6, 9, 0.667, 2.5),)),
        "whitespace": frame("whitespace",
            whitespace.WHITESPACE,
            (
                (*who("C003"), "培训", 3.0, 4.0, 0.75, "tier", False, 1.0),
                (*who("C003"), "云平台", 2.0, 4.0, 0.5, "tier", True, None),
                (*who("C006"), "备件", 2.0, 9.0, 2 / 9, "all", False, 1.0),
                (*who("C009"), HOSTILE, 1.0, 3.0, 1 / 3, "tier_industry", False, 1.0),
            ),
        ),
        "product_grid": frame("product_grid",
            ["customer_id", "name", "computed_tier", "控制器", HOSTILE, "客户名称", "a\n_x0041_ 13912345678", "长" * 300],
            (
                (*who("C009"), "buys", None, "proposed", None, None),
                (*who("C003"), "buys", "offered", None, "buys", None),
            ),
        ),
        "goals": frame("goals",
            "customer_id strategy status open metric baseline target relative deadline owner missing team book sheet cell",
            (
                ("C001", "联合实验室共建", "done", False, None, None, None, False, "2025-10-01", "赵敏",
                 "metric baseline target resources", "华东", EAST, "客户策略执行效果跟踪表", "F4"),
                ("C003", "6个月内将复购率从60%提升至75%", "delayed", True, "复购率", 0.6, 0.75, False, "2025-12-31", None, "owner",
                 "华东", EAST, "客户策略执行效果跟踪表", "I6"),
                ("C005", HOSTILE, None, False, "销售额", 100.0, 0.15, True, None, "钱亮", "", "华中", EAST, "客户策略执行效果跟踪表", "B8"),
            ),
        ),
        "visits": frame("visits",
            "customer_id name computed_tier manager team due planned shift agenda",
            (
                (*who("C006"), "钱亮", "华南", "2025-11-26", "2025-11-21", "postponed", None),
                (*who("C003"), "赵敏", "华北", "2025-06-09", "2025-11-21", "overdue", "客户沉默、预警词" if zh else "Silent customer"),
                (*who("C004"), "赵敏", "华东", "2025-12-01", "2025-12-02", "full", None),
                (*who("C012"), None, "华北", "2025-12-09", "2025-12-08", "earlier", HOSTILE),
                (*who("C001"), "赵敏", "华东", "2026-01-18", "2026-01-18", "none", None),
            ),
        ),
        "utilisation": frame("utilisation",
            "manager team week planned capacity share",
            (
                ("赵敏", None, "2025-W47", 3, 2.0, 1.5),
                ("钱亮", None, "2025-W47", 2, 2.0, 1.0),
                (None, "华北", "2025-W49", 1, 10.0, 0.1),
            ),
        ),
        "kpis": _kpis(zh),
        "confidence": frame("confidence",
            confidence.COLUMNS,
            (
                ("C001", "key", 0.64, "strategic", 0.36, 1.8, "重点客户 64% · 战略客户 36%" if zh else "Key 64% · Strategic 36%"),
                ("C004", "strategic", 0.72, "key", 0.28, 1.9, "战略客户 72% · 重点客户 28%" if zh else "Strategic 72% · Key 28%"),
            ),
        ),
        "severity": frame("severity",
            severity.COLUMNS,
            (
                ("李总监（销售）", 1, 14, -4.2, -5.9, -2.5, "strict"),
                ("王经理", 1, 9, 0.4, -1.9, 2.7, "even"),
                (HOSTILE, 1, 12, 3.8, 2.1, 5.5, "generous"),
                ("周总监", 2, 2, None, None, None, "few"),
                ("吴经理", 2, 2, None, None, None, "few"),
            ),
        ),
        "quality_books": frame("quality_books",
            quality.BOOKS,
            (
                (EAST, "华东", 4, 98.0, 99.5, 100.0, 100.0, 99.1, 1.0),
                (WEST, "西北", 2, 61.5, 80.0, 50.0, None, 62.0, 0.8),
                (SOUTH, "华南", 3, None, None, None, None, None, 0.0),
            ),
        ),
        "sample": frame("sample",
            quality.SAMPLE,
            (
                ("2025-11|KAM", "华东", "C001", names["C001"], EAST, "客户基础信息表", "B4", "name", names["C001"]),
                ("2025-11|KAM", "华东", "C001", names["C001"], EAST, "客户基础信息表", "F4", "phone", "13912345678"),
            ),
        ),
        "repairs": frame("repairs",
            quality.REPAIRS,
            (
                ("孙倩", "C008", "西北", WEST, "客户基础信息表", "I11", "amount", "面议", "amount_unparsed", "error", None),
                ("赵敏", "C003", "华东", EAST, "关键联系人", "F2", "contacts.birthday", "1980年11月25日", None, "info", "1980-11-25"),
                ("赵敏", "C001", "华东", "华东/A #1 50% '甲'.xlsx", "表 '1'#2", "I4", "amount", "520万", None, "info", "520"),
                ("赵敏", None, "华东", EAST, "客户基础信息表", "F4", "phone", "1.38E+10", "phone_damaged", "warn", None),
            ),
        ),
        "questions": frame("questions",
            "team kind sheet question",
            [
                (team, kind, *(texts if zh else english))
                for kind, teams, texts, english in (
                    ("service", ("华北", "华南"), ("服务记录", "谁在等答复"), ("Service log", "Who is waiting for an answer")),
                    ("tasks", ("华东",), ("行动清单", "哪些行动已完成"), ("Action list", "Which actions are done")),
                )
                for team in teams
            ],
        ),
    }  # fmt: skip


def _kpis(zh):
    said, needs = (
        ("客户满意度 78.6 分", "2025-08-23 前后的历史快照")
        if zh
        else ("Customer satisfaction 78.6", "a snapshot from about 2025-08-23")
    )
    return frame(
        "kpis",
        KPIS,
        (
            (None, "retention", "quarter", None, None, 0.9, "share", None, "none", needs, needs, 0, "2025-08-23"),
            (None, "satisfaction", "quarter", None, 78.6, 90.0, "score", -11.4, "bad", said, None, 11, "2025-08-23"),
            (None, "nps", "quarter", None, -5.0, 30.0, "nps", -35.0, "bad", said, None, 7, "2025-08-23"),
            (None, "response", "quarter", None, 0.94, 0.95, "share", -0.01, "watch", said, None, 15, "2025-08-23"),
            (None, "depth", "quarter", None, 2.6, 2.0, "count", 0.6, "good", said, None, 12, "2025-11-21"),
            (None, "high_value_rise", "half", None, 0.02, 0.01, "points", 0.01, "good", said, None, 12, "2025-05-23"),
            (None, "conversion", "half", "potential", None, 0.08, "share", None, "none", needs, needs, 0, "2025-05-23"),
            ("华东", "satisfaction", "quarter", None, 92.0, 90.0, "score", 2.0, "good", said, None, 5, "2025-08-23"),
        ),
    )  # fmt: skip


assert {row[2] for row in _ACCOUNTS} == {*health.COLOURS, None}
