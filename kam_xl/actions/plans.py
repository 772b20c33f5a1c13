"""What to do next: each customer's strategy and actions, what is due this week, how the budget is split."""

from __future__ import annotations

import pandas as pd

from kam_xl.actions import result_sheets, results
from kam_xl.actions.request import Request
from kam_xl.core import budgets, planning
from kam_xl.core.amounts import parse_money
from kam_xl.core.errors import KamError
from kam_xl.core.tiering import share_check
from kam_xl.hosts import excel
from kam_xl.showing import vocabulary
from kam_xl.showing.telling import rank

_NEXT = 2  # actions named beside a customer
_BUSIEST = 3  # people named in a sentence
_STRATEGIES = (
    "computed_tier customer_id name level core_strategy measures escalation manager cadence_days last_contact next_visit "
    "planned_visit next_actions"
)
_DUE = (
    "owner day due overdue tasks.status postponed_to customer_id name computed_tier subject evidence action level note"
)
_BUDGET = "pool tier_customers range part budget_amount"


def strategies(request: Request) -> str:
    """One row a customer: tier, core strategy, measures, owner, manager, cadence, next visit, next actions."""
    assessed, words = request.customers(), request.words
    ahead = assessed.actions[assessed.actions["waiting"]]
    customers = assessed.customers.assign(_tier=rank(assessed.customers["computed_tier"], request.policy.tier_keys))
    customers = customers.sort_values(["_tier", "risk_score", "customer_id"], ascending=[True, False, True])
    actions = ahead.sort_values("day", kind="stable").groupby("customer_id").head(_NEXT)
    days = actions["day"].dt.strftime("%Y-%m-%d")
    told = actions.assign(text=days + " " + actions["action"]).dropna(subset="text")  # a team's line may lack either
    lines = told.groupby("customer_id")["text"].agg("\n".join)
    frame = customers.assign(next_actions=customers["customer_id"].map(lines).astype("str"))
    without = int(customers["computed_tier"].isna().sum())
    sentence = words("message.planned", n=len(frame), actions=len(ahead), overdue=int(ahead["overdue"].sum()))
    sentence += words("message.unscored", n=without) if without else ""
    result_sheets.show(
        request.book, results.page(request, "strategies", sentence, [results.block(request, frame, _STRATEGIES)]), words
    )
    return sentence


def due_week(request: Request) -> str:
    """What is overdue or to be done within the policy's days, by who does it, the busiest first; the workbook's upkeep apart."""
    assessed, words = request.customers(), request.words
    ahead = assessed.actions[assessed.actions["waiting"]]
    due = ahead[ahead["overdue"] | ahead["ahead"]]
    kept = due["kind"] == planning.HOUSEKEEPING
    asked, kept = _by_person(due[~kept]), _by_person(due[kept])
    sentence = _due_sentence(request, asked)
    sentence += words("message.due_kept", n=len(kept)) if len(kept) else ""
    blocks = [results.block(request, asked, _DUE)]
    blocks += [results.block(request, kept, _DUE, words("result.housekeeping"))] if len(kept) else []
    result_sheets.show(request.book, results.page(request, "due", sentence, blocks), words)
    return sentence


def _by_person(due: pd.DataFrame) -> pd.DataFrame:
    """The busiest person's actions first, each one's by the day to do them, and each day's in the order of the actions."""
    due = due.assign(_busy=-due["owner"].map(due["owner"].value_counts()).astype("float64"))
    return due.sort_values(["_busy", "owner", "day"], kind="stable", ignore_index=True)


def _due_sentence(request: Request, due: pd.DataFrame) -> str:
    words, days = request.words, request.policy.plan.soon_days
    if due.empty:
        return words("message.nothing_due", days=days)
    busiest = due["owner"].value_counts(sort=False).head(_BUSIEST)
    people = (words("message.owner_count", owner=owner, n=n) for owner, n in busiest.items())
    return words(
        "message.due", n=len(due), overdue=int(due["overdue"].sum()), days=days,
        owners=words("terms.list_separator").join(people),
    )  # fmt: skip


def budget(request: Request) -> str:
    """The total in kam_budget (万元) split over the tiers, and why so."""
    words, policy = request.words, request.policy
    total = _total(request)
    split = budgets.split(total, policy)
    names = policy.tier_names(words.lang)
    counted = share_check(request.assessed.customers["computed_tier"], policy).set_index("tier")["customers"]
    frame = split.assign(
        pool=[words("terms.list_separator").join(names[key] for key in keys) for keys in split["tiers"]],
        tier_customers=[float(sum(counted.get(key, 0) for key in keys)) for keys in split["tiers"]],
        range=[f"{low:.0%} – {high:.0%}" for low, high in zip(split["low"], split["high"], strict=True)],
        part=split["share"],
        budget_amount=split["amount"],
    )
    sentence = words("message.split", total=f"{total:,.1f}", why=budgets.why(policy, words))
    looks = vocabulary.tiers(request.assessed)
    block = results.block(request, frame, _BUDGET, known={"pool": looks})
    result_sheets.show(request.book, results.page(request, "budget", sentence, [block]), words)
    return sentence


def _total(request: Request) -> float:
    """The amount typed into kam_budget in 万元; `KamError` where there is none."""
    typed = excel.value(request.book, "kam_budget")
    number = typed if isinstance(typed, int | float) and not isinstance(typed, bool) else None
    if number is None and isinstance(typed, str):
        amount, currency, _ = parse_money(typed)
        number = None if amount is None else request.policy.currency.worth(amount, currency, request.today)
    if number is None:
        raise KamError(request.words("message.no_budget", typed=typed if typed is not None else "—"))
    if number < 0:
        raise KamError(request.words("message.bad_budget", typed=f"{number:g}"))
    return float(number)
