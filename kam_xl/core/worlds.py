"""Two nights as worlds: what customers come to where some of what a night judges by is the earlier one's, the rest the later's.

What may be either night's (`FACTORS`):

    before      what the snapshot before remembers (`REMEMBERED`)
    own         a customer's own rows, of the workbooks that both nights read
    workbooks   which workbooks were read: one that is missing, or back
    others      the figures of all customers, each customer's own part in them aside (`apart`)
    policy      the policy
    calendar    the day

What is the same on both nights is no factor. Of the figures of all customers the bases, totals and medians are counted in each
world; how many findings of each rule there are, and so which are told once, is as it was on either night. Rules that
hit none of the customers on either night are asked in no world between.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pandas as pd

from kam_xl.core import (
    apart,
    consolidation,
    cutting,
    frames,
    history,
    judging,
    orders,
    planning,
    reminders,
    risk_states,
    scoring,
    service,
    shapley,
    validation,
    visits,
    waiting,
)
from kam_xl.core.assessment import Assessment
from kam_xl.core.failures import Failures
from kam_xl.core.judging import OfAll, Portion, Tonight
from kam_xl.core.paired import Compared, paired
from kam_xl.core.policy import Policy
from kam_xl.core.portfolio import Portfolio
from kam_xl.core.read_books import ReadBook
from kam_xl.core.validation import TeamBook
from kam_xl.core.words import Words

#: In the order in which they are asked what made a tier or a level another one.
FACTORS = ("before", "own", "workbooks", "others", "policy", "calendar")
#: What people read of a customer → whether it is a number.
FIGURES = {"amount": True, "score": True, "health": True, "tier": False, "colour": False, "level": False,
           "lifecycle": False}  # fmt: skip
_COLUMNS = {"tier": "computed_tier", "colour": "health_colour"}
#: Columns of a snapshot that the figures of the night after rest on.
REMEMBERED = ("amount", "amount_high", "amount_high_on", "team_count", "amount_parts", "teams", "tier", "risks")


T = TypeVar("T")


def _once(work: Callable[..., T]) -> Callable[..., T]:
    """A method whose results its object keeps: a cache of bound methods would keep the object, and all that two nights hold, too."""

    @functools.wraps(work)
    def made(self: Any, *asked: Any) -> T:
        known = self._made
        if (work, *asked) not in known:
            known[work, *asked] = work(self, *asked)
        found: T = known[work, *asked]
        return found

    return made


class World(NamedTuple):
    """Which night each factor is of: 0 the earlier, 1 the later."""

    before: int
    own: int
    workbooks: int
    others: int
    policy: int
    calendar: int


@dataclass(frozen=True)
class Stood:
    """What was found of a night: the figures of all customers, and what each customer came to (`FIGURES`, `waiting.COUNTS`)."""

    figures: OfAll
    customers: pd.DataFrame
    rules: Callable[[Collection[str]], frozenset[str]]  # which rules hit any of some customers
    asked: pd.DataFrame  # `planning.visits_asked`
    told: planning.Told  # which upkeep is told once


class Worlds:
    """The worlds between two nights; each thing is made when it is first asked for."""

    def __init__(
        self,
        then: Compared,
        now: Compared,
        words: Words,
        found: Mapping[int, Assessment] | None = None,
        left: pd.DataFrame | None = None,
    ) -> None:
        """``found`` is what a night came to, by 0 and 1, where that is known already.

        ``left`` is the snapshot that the earlier night left, where the same program made it: then nobody has to judge that
        night once more, unless the policy is another one since, or a workbook missing or back.
        """
        self.nights, self.words, self._found = (then, now), words, found or {}
        self.books = paired(then.books, now.books)
        known = left is not None and then.policy == now.policy and not self.books.unpaired
        self._left = history.whole(left) if left is not None and known else None
        self._ends: dict[int, Stood] = {}
        self._on_days: dict[tuple[int, int, int], TeamBook] = {}  # by the workbook's own ``id``, policy and day
        self._alike: dict[tuple[int, int], bool] = {}
        self._made: dict[tuple[Any, ...], Any] = {}  # see `_once`
        self._held = any(night.policy.hysteresis for night in self.nights)

    def end(self, which: int) -> Stood:
        """What the earlier (0) or the later night (1) comes to, judged as a whole."""
        if which in self._found:
            self._ends[which] = self._ends.get(which) or _as_found(self._found[which])
        if which == 0 and self._left is not None:
            self._ends[0] = self._ends.get(0) or self._as_left(self._left)
        if which not in self._ends:
            whole, night = self._whole(*[which] * 5)
            figures, customers, found, waits, told = judging.stood_together(whole, night)
            days = visits.by_customer(waits.asked, night.policy, night.today)
            counts = waiting.counted(waits.owed, waits.cases, days, night.today)
            self._ends[which] = Stood(figures, standing(customers, counts), partial(_rules, found), waits.asked, told)
        return self._ends[which]

    def _as_left(self, left: history.Came) -> Stood:
        """What the earlier night came to, as its snapshot says."""
        customers, told = left
        whole, night = self._whole(0, 0, 0, 0, 0)
        figures = judging.figures_as_told(whole.portfolio, customers["computed_tier"], told, night)
        upkeep = figures.of_all.named(one for one in told if one[0] in reminders.HOUSEKEEPING)
        planned = planning.as_known(whole.portfolio, customers, night.policy, night.today)
        strangers = cutting.only(whole, waiting.strangers(whole.portfolio))
        _, waits = judging.stood(strangers, night, figures, upkeep)
        days = pd.Series(dtype="datetime64[s]")
        counts = pd.concat([customers, waiting.counted(waits.owed, waits.cases, days, night.today)])
        asked = planning.visits_asked(planned, whole.portfolio)
        rules = partial(history.rules_of, customers)
        return Stood(figures, standing(customers.reset_index(), counts), rules, asked, upkeep)

    def factors(self, customer_ids: Collection[str]) -> tuple[str, ...]:
        """The factors in which the nights differ, in order."""
        then, now = self.nights
        data, missing = self.books.changed, self.books.unpaired
        differs = {
            "own": data, "workbooks": missing, "others": data or self._other_commons(), "policy": then.policy != now.policy,
            "before": bool(self._remembered_otherwise(customer_ids)), "calendar": then.moment != now.moment,
        }  # fmt: skip
        return tuple(name for name in FACTORS if differs[name])

    def each(self, factors: Sequence[str], customer_ids: Sequence[str], *, shortly: bool = False) -> list[pd.DataFrame]:
        """What these customers come to in every world of the factors, numbered by what is the later night's (`shapley`).

        The first and the last world are the nights themselves. ``shortly`` costs less: amounts and scores are known in all
        worlds, all else where the factors become new in their order, and of each customer until it is as on the later night.
        """
        if not factors:
            return [self.end(1).customers.reindex(list(customer_ids))]
        ends = [self.end(which).customers.reindex(list(customer_ids)) for which in (0, 1)]
        numbers = range(1, 2 ** len(factors) - 1)
        if shortly:
            made = {number: self.scored(world_of(number, factors), customer_ids) for number in numbers}
            return [ends[0], *self._in_order(factors, made, ends).values(), ends[1]]
        found = [ends[0]]
        for number in numbers:
            found.append(self._stood(number, factors, customer_ids, found))
        return [*found, ends[1]]

    def _stood(
        self, number: int, factors: Sequence[str], customer_ids: Sequence[str], found: Sequence[pd.DataFrame]
    ) -> pd.DataFrame:
        """What customers come to in a world; who is remembered alike is as in the world that differs in that alone."""
        ordered = number in shapley.in_order(len(factors))
        world, alone = world_of(number, factors), factors[0] == "before" and number & 1 and not self._held
        if not alone or (ordered and number > 1):
            return self.stood(world, customer_ids, waits=ordered)
        unlike = self._remembered_otherwise(customer_ids)
        known = found[number - 1].loc[list(customer_ids)].drop(index=unlike)
        return pd.concat([self.stood(world, unlike, waits=ordered), known]).reindex(list(customer_ids))

    def _in_order(
        self, factors: Sequence[str], made: dict[int, pd.DataFrame], ends: Sequence[pd.DataFrame]
    ) -> dict[int, pd.DataFrame]:
        """Worlds of which amounts and scores are known, those in order whole: see `each`."""
        still = _unlike(*ends)
        for number in shapley.in_order(len(factors))[1:-1]:
            keys = {
                name: ends[1][name] for name in ("there", *FIGURES, *waiting.COUNTS) if not FIGURES.get(name, False)
            }
            made[number] = made[number].assign(**keys)
            if len(still):
                stood = self._stood(number, factors, still, [ends[0]])
                others = made[number].drop(index=still)
                made[number] = pd.concat([stood, others]).reindex(made[number].index)
                still = _unlike(stood, ends[1].loc[still])
        return made

    def stood(self, world: World, customer_ids: Sequence[str], *, waits: bool = True) -> pd.DataFrame:
        """What some customers come to in a world (`FIGURES`), by ID; of one who is not there nothing.

        ``waits``: what waits of them, too (`waiting.COUNTS`).
        """
        whole, night = self._whole(world.own, *_of(world)[1:])
        part = cutting.only(whole, customer_ids)
        night = replace(night, policy=_asking(night.policy, self._hit_by(frozenset(customer_ids))))
        figures, end = self._figures_in(world), self.end(world.others)
        if not waits:
            return standing(judging.levelled(part, night, figures), None).reindex(list(customer_ids))
        customers, found = judging.stood(part, night, figures, end.told)
        every = self._spread(world.others, world.policy, world.calendar)
        days = visits.among(found.asked, end.asked, every, night.policy, night.today)
        counts = waiting.counted(found.owed, found.cases, days, night.today)
        return standing(customers, counts).reindex(list(customer_ids))

    def scored(self, world: World, customer_ids: Sequence[str]) -> pd.DataFrame:
        """The amounts and scores of some customers in a world, by ID, as in `stood`; nothing of them rests on the night before."""
        days = [self.portfolio(world.own, world.workbooks, world.policy, day) for day in (world.calendar, 1)]
        calendar = 1 if days[0] is days[1] else world.calendar
        return self._scores(world._replace(before=1, calendar=calendar), tuple(customer_ids))

    # --- what a world is made of

    @_once
    def _scores(self, world: World, customer_ids: tuple[str, ...]) -> pd.DataFrame:
        whole, night = self._whole(world.own, *_of(world)[1:])
        own = cutting.only(whole, customer_ids).portfolio
        known = own.customers.set_index("customer_id")
        bases = self._figures_in(world).bases
        score = scoring.of_deciding(own.evaluations, own.indicators, own.customers, night.policy, bases)
        score = score.reindex(known.index)
        keys = dict.fromkeys((name for name in FIGURES if not FIGURES[name]), "")
        unknown = dict.fromkeys(("health", *waiting.COUNTS), np.nan)
        found = pd.DataFrame({"amount": known["amount"], "score": score, **unknown})
        return found.assign(**keys, there=True).reindex(list(customer_ids))

    @_once
    def _spread(self, which: int, policy: int, calendar: int) -> pd.Series:
        """The day of each visit that was asked for on a night, by ID, under a policy and on a day."""
        moment = pd.Timestamp(self.nights[calendar].moment)
        return visits.by_customer(self.end(which).asked, self.nights[policy].policy, moment.normalize())

    def _whole(self, content: int, workbooks: int, policy: int, before: int, calendar: int) -> tuple[Portion, Tonight]:
        """All rows of a world, and what they are judged by."""
        portfolio, past = self.portfolio(content, workbooks, policy, calendar), self.nights[before].last
        past = None if past is None or past.empty else past
        unread = self._unread(before, history.read_teams(portfolio.sources))
        night = Tonight(self.nights[policy].policy, pd.Timestamp(self.nights[calendar].moment), self.words, unread,
                        orders.reach(portfolio.orders))  # fmt: skip
        return Portion(portfolio, past, Failures()), night

    @_once
    def _unread(self, before: int, read: frozenset[str]) -> frozenset[str]:
        """The teams of the night before that are not whole among those that were read (`history.unread_teams`)."""
        return history.unread_teams(self.nights[before].last, read)

    def portfolio(self, content: int, workbooks: int, policy: int, calendar: int) -> Portfolio:
        """What the workbooks hold of one night's content and workbooks, on a day and under a policy; what is the same is made once."""
        content = content if self.books.changed else 1
        if content == workbooks == policy == calendar and content in self._found:
            return self._found[content].portfolio
        same = self.nights[0].policy == self.nights[1].policy
        return self._portfolio(content, workbooks if self.books.unpaired else 1, 1 if same else policy, calendar)

    @_once
    def _portfolio(self, content: int, workbooks: int, policy: int, calendar: int) -> Portfolio:
        """The same, made anew unless no cell says another thing a day later, which is nearly always so."""
        read = self.books.of(content, workbooks)
        if calendar == 0 and all(self._still(book, policy) for book in read):
            return self.portfolio(content, workbooks, policy, 1)
        books = [self._on_day(book, policy, calendar) for book in read]
        rules, others = self.nights[policy].policy, self.nights[workbooks].others
        return consolidation.consolidate(books, rules, others, judged_only=True)

    def _on_day(self, book: ReadBook, policy: int, calendar: int) -> TeamBook:
        """A workbook on a day and under a policy; most are the same on both nights."""
        key = id(book), policy, calendar
        if key not in self._on_days:
            rules, day = self.nights[policy].policy, self.nights[calendar].moment.date()
            self._on_days[key] = validation.on_day(book, rules, day)
        return self._on_days[key]

    def _still(self, book: ReadBook, policy: int) -> bool:
        """True where the rows of all tables of a workbook say the same on the later day as on the earlier."""
        key = id(book), policy
        if key not in self._alike:
            first = min(night.moment for night in self.nights).date()
            self._alike[key] = not validation.rests_on_day(book, self.nights[policy].policy, first) or self._equal(
                book, policy
            )
        return self._alike[key]

    def _equal(self, book: ReadBook, policy: int) -> bool:
        tables, later = (self._on_day(book, policy, calendar).tables for calendar in (0, 1))
        return all(table.rows.equals(later[kind].rows) for kind, table in tables.items())

    @_once
    def _hit_by(self, customer_ids: frozenset[str]) -> frozenset[str]:
        """The rules that hit any of these customers on either night."""
        return self.end(0).rules(customer_ids) | self.end(1).rules(customer_ids)

    def _figures_in(self, world: World) -> OfAll:
        """The figures of all customers in a world; none rests on what was held but by tiers, and none but the year's orders on the day.

        That total is the later night's in every world between, so that figures are not made anew for each day.
        """
        others, workbooks, policy, before, calendar = _of(world)
        figures = self._counted(others, workbooks, policy, before if self._held else 1, 1)
        return figures._replace(repeats=self._problems(others, workbooks, policy, calendar, figures.of_all.customers))

    @_once
    def _counted(self, others: int, workbooks: int, policy: int, before: int, calendar: int) -> OfAll:
        """The figures of all customers, of which each may have a part of its own that is another."""
        whole, night = self._whole(others, workbooks, policy, before, calendar)
        end = self.end(others)
        if self._left is None:
            figures, scored = judging.counted(whole, night, end.figures.first, end.figures.every)
        else:  # nothing else than the others differs
            figures, scored = end.figures, end.customers.rename(columns={"tier": "computed_tier"}).reset_index()
            scored["amount_year"] = scored["customer_id"].map(judging.year_of(whole.portfolio, night))
        return figures._replace(
            bases=apart.bases(figures.bases, whole.portfolio), of_all=apart.together(figures.of_all, scored)
        )

    @_once
    def _problems(self, others: int, workbooks: int, policy: int, calendar: int, customers: int) -> pd.DataFrame:
        """The problems that come back, as of a day."""
        rules, moment = self.nights[policy].policy, pd.Timestamp(self.nights[calendar].moment)
        log = service.recent_problems(self.portfolio(others, workbooks, policy, calendar).service, rules, moment)
        return service.repeats(log, rules, moment, customers)

    def _other_commons(self) -> bool:
        """True where other findings are told once than before."""
        ends = [(self.end(which), night.policy) for which, night in enumerate(self.nights)]
        one, other = (end.figures.told_once(policy) | end.told for end, policy in ends)
        return one != other

    def _remembered_otherwise(self, customer_ids: Collection[str]) -> list[str]:
        """The customers of whom the snapshots before do not say the same, as far as anything rests on it."""
        ids, (then, now) = list(customer_ids), (night.last for night in self.nights)
        if then is None or now is None:
            return [] if then is now else ids
        one, other = (_remembered(last, ids, held=self._held) for last in (then, now))
        return one.index[frames.differ(one, other).any(axis=1)].tolist()


def _asking(policy: Policy, rules: Collection[str]) -> Policy:
    """The policy with no other risk rules than these."""
    off: dict[str, Any] = {key: replace(rule, enabled=False) for key, rule in policy.rules.items() if key not in rules}
    return replace(policy, risk=replace(policy.risk, **off))


def _unlike(one: pd.DataFrame, other: pd.DataFrame) -> list[str]:
    """The customers of whom anything that has no parts is not the same, or whether a number is known."""
    differs = pd.Series(False, one.index)
    for name in ("there", *FIGURES, *waiting.COUNTS):
        pair = [rows[name].isna() if FIGURES.get(name, name == "there") else rows[name] for rows in (one, other)]
        differs |= frames.differ(*pair)
    return one.index[differs].tolist()


def standing(customers: pd.DataFrame, counts: pd.DataFrame | None) -> pd.DataFrame:
    """What customers came to, by ID, and what waits of them and of whoever is no customer; what is no number is "" where it is unknown."""
    found = customers.set_index("customer_id")
    columns = {name: found[_COLUMNS.get(name, name)] for name in FIGURES}
    made = {name: column if FIGURES[name] else column.fillna("") for name, column in columns.items()}
    stood = pd.DataFrame(made | {"there": True})
    if counts is None:
        return stood.assign(**dict.fromkeys(waiting.COUNTS, np.nan))
    stood = stood.reindex(stood.index.append(counts.index.difference(stood.index)))
    return stood.join(counts[list(waiting.COUNTS)].reindex(stood.index).fillna(0.0))


def _as_found(found: Assessment) -> Stood:
    """What a night came to that was assessed."""
    asked, rules = planning.visits_asked(found.customers, found.portfolio), partial(_rules, found.risks)
    return Stood(found.figures, standing(found.customers, found.counts), rules, asked, found.upkeep_told)


def _rules(found: pd.DataFrame, customer_ids: Collection[str]) -> frozenset[str]:
    """Which rules hit any of some customers, among what was found."""
    return frozenset(found.loc[found["customer_id"].isin(customer_ids), "rule"])


def _of(world: World) -> tuple[int, int, int, int, int]:
    """What the figures of all customers in a world rest on."""
    return world.others, world.workbooks, world.policy, world.before, world.calendar


def world_of(number: int, factors: Sequence[str]) -> World:
    """The world in which the factors whose bit is set are the later night's, and what is no factor too."""
    new = {name: number >> place & 1 for place, name in enumerate(factors)}
    return World(*(new.get(name, 1) for name in FACTORS))


def _remembered(past: pd.DataFrame, customer_ids: list[str], *, held: bool) -> pd.DataFrame:
    """`REMEMBERED` of customers; the day of the highest amount only where that is not this snapshot's own, of risks what was promised."""
    known = history.complete(past[past["customer_id"].isin(customer_ids)]).set_index("customer_id")
    known = known.assign(
        amount_high_on=known["amount_high_on"].where(known["amount_high_on"] != known["on"]),
        risks=risk_states.promises(known["risks"]),
    )
    return known.reindex(customer_ids)[[name for name in REMEMBERED if held or name != "tier"]]
