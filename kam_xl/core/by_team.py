"""An assessment as one team sees it: the rows it typed, and of its customers what the whole knows of them (handbook §10).

A customer's level, tier and health are the portfolio's, for there is one truth. Every other value of a customer whom
several teams serve is the team's own, as if it served the customer alone: whose rows, amounts and words another team's
are, that team alone sees, and who reads the master. Of the others a team learns their names, to have somebody to ask.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from kam_xl.core import frames, versions
from kam_xl.core.assessment import Assessment
from kam_xl.core.customers import in_order, merged
from kam_xl.core.evidence import short
from kam_xl.core.failures import is_missing
from kam_xl.core.sheets import BY_KIND

#: Kind of sheet → the frame of the portfolio that holds its rows; of all others the two have the same name.
TYPED = {kind: {"info": "records", "evaluation": "evaluations"}.get(kind, kind) for kind in BY_KIND}

#: What everybody may know of an assessment.
_EVERYBODYS = ("policy", "words", "lang", "now", "today", "previous", "next_day", "week", "comparable", "failures")
#: Frames of whole customers that are no team's.
_NOBODYS = frozenset({"past"})
#: Of a customer whom several teams serve, what is the portfolio's and no row's of a team.
SHARED = tuple(
    "customer_id teams team_count computed_tier score class level risk_score risk_count health health_colour "
    "health_coverage health_scale health_interaction health_complaints health_satisfaction health_execution "
    "health_cap health_before health_trend lifecycle lifecycle_typed profile_contradiction last_contact next_visit "
    "visit_for planned_visit visit_agreed manager core_strategy measures escalation cadence_days sla_hours open_cases severe_open "
    "quality freshness".split()
)
#: Columns that the rules made of what people typed: sentences, and names of people.
_SENTENCES = ("subject", "evidence", "remedy", "consequences", "action", "agenda", "note", "reason")
_PEOPLE = ("owner", "manager", "by", "handler", "tracker", "evaluator")
#: Frames of rules whose rows are rows that a team typed.
_OF_ROWS = ("cases", "deals", "strategies", "goals", "repeats")
_PLACE = ("book", "sheet", "row", "cell")
_KEYS = frozenset({"customer_id", "team", "book", "sheet", "kind", "status", "role", "severity", "tier", "sheet_kind"})
_TEAMS = "、"
#: A frame that has none of these columns is nobody's.
_WHOSE = frozenset({"team", "book", "customer_id"})
_WORDS = re.compile(r"[\s、，,;；/|()（）]+")


class Teams:
    """The teams of an assessment: `names`, and the part of each."""

    def __init__(self, assessment: Assessment) -> None:
        self.whole = assessment
        sources = assessment.portfolio.sources.drop_duplicates("book").set_index("book")
        elsewhere = sources["outcome"].isin(versions.OUTCOMES) & sources["detail"].isin(sources.index)
        counts = sources["detail"].where(elsewhere, sources.index.to_series()).map(sources["team"])
        self.of_book = counts[sources["outcome"] != "skipped"]
        self.names = sorted(self.of_book.dropna().unique())
        self._known = frozenset(self.names)

    def part(self, team: str) -> Any:
        """What one team sees: it answers to the names of an assessment as far as they are the team's."""
        return _Part(self, team)

    @functools.cached_property
    def records(self) -> pd.DataFrame:
        """The customer rows with when their workbooks were saved, in the order in which they count."""
        portfolio = self.whole.portfolio
        saved = portfolio.sources.drop_duplicates("book").set_index("book")["modified"]
        own = portfolio.records
        return in_order(own.assign(modified=own["book"].map(saved).astype("datetime64[us]")))

    @functools.cached_property
    def served(self) -> pd.DataFrame:
        """One row a customer and a team that serves it: customer_id, team, and whether several do."""
        customers = self.whole.customers
        teams = customers["teams"].map(self.names_in)
        each = pd.DataFrame({"customer_id": customers["customer_id"], "team": teams}).explode("team")
        return each.assign(shared=each["customer_id"].duplicated(keep=False)).reset_index(drop=True)

    def names_in(self, text: object) -> list[str]:
        """The teams that a text names: one, or several joined; a team's own name may hold what joins them."""
        if not isinstance(text, str):
            return []
        return [text] if text in self._known or _TEAMS not in text else text.split(_TEAMS)

    def owners(self, rows: pd.DataFrame) -> pd.Series | None:
        """Whose each row is by the team or the book it names; None where rows name neither.

        A file that is another's older version or copy is of the team whose file counts.
        """
        if "team" in rows and "outcome" not in rows:
            return rows["team"]
        return rows["book"].map(self.of_book).astype("str") if "book" in rows else None

    @functools.cached_property
    def typed(self) -> dict[str, dict[str, list[str]]]:
        """Customer → team → every text that the team typed about it; of customers about whom several wrote."""
        told = pd.concat([*self._texts()], ignore_index=True).dropna().drop_duplicates()
        several = told.groupby("customer_id")["team"].transform("nunique") > 1
        found: dict[str, dict[str, list[str]]] = {}
        for customer_id, team, text in told[several & (told["text"].str.len() > 1)].itertuples(index=False):
            found.setdefault(customer_id, {}).setdefault(team, []).append(text)
        return found

    @functools.cached_property
    def disagreeing(self) -> pd.Series:
        """The teams, joined, that typed something of a customer's field that contradicts others, by both."""
        conflicts = self.whole.portfolio.conflicts[["customer_id", "field", "team"]].drop_duplicates()
        return conflicts.sort_values("team").groupby(["customer_id", "field"])["team"].agg(_TEAMS.join)

    def _texts(self) -> Iterator[pd.DataFrame]:
        """The texts of all typed rows with their customers and teams, as typed and as sentences quote them."""
        for kind, name in TYPED.items():
            rows = getattr(self.whole.portfolio, name)
            for column in rows.columns[rows.dtypes == "str"].difference([*_KEYS, "teams"]):
                told = rows[["customer_id", "team"]].assign(text=rows[column])
                yield told
                yield told.assign(text=short(rows[column]))
                if column in ("products", "tags"):
                    yield told.assign(text=rows[column].str.split(_TEAMS)).explode("text")
            if kind == "info":
                yield rows[["customer_id", "team"]].assign(text=_figures(rows["amount"]))

    @functools.cached_property
    def people(self) -> dict[str, frozenset[str]]:
        """Team → the people it names."""
        named = [
            getattr(self.whole.portfolio, TYPED[kind])[["team", name]].set_axis(["team", "who"], axis=1)
            for kind, sheet in BY_KIND.items()
            for name in _PEOPLE
            if name in sheet.fields
        ]
        return {str(team): frozenset(who) for team, who in pd.concat(named).dropna().groupby("team")["who"]}


class _Part:
    """One team's part: each frame is narrowed when it is first asked for; what is nobody's is not there."""

    def __init__(self, teams: Teams, team: str) -> None:
        self.all_teams, self.team = teams, team
        own = teams.served[teams.served["team"] == team]
        self.customer_ids = frozenset(own["customer_id"])
        self.shared_ids = frozenset(own.loc[own["shared"], "customer_id"])

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        whole = self.all_teams.whole
        if name == "portfolio":
            value: Any = _Typed(self)
        elif name in _EVERYBODYS:
            value = getattr(whole, name)
        else:
            value = self.narrowed(name, getattr(whole, name))
        setattr(self, name, value)
        return value

    def narrowed(self, name: str, value: Any) -> Any:
        """The team's rows of a frame, with nothing of another team's in them."""
        if is_missing(value):
            return value
        if name in _NOBODYS or not isinstance(value, pd.DataFrame) or not _WHOSE.intersection(value):
            raise AttributeError(name)
        if name in _SPECIAL:
            rows = _SPECIAL[name](self, value)
        elif name in frames.PORTFOLIO:
            rows = self.rows_of(value)
        else:
            rows = self.named(self.rows_of(value))
            rows = rows if name in _OF_ROWS else self.told(rows)
        return rows.reset_index(drop=True)

    def rows_of(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows that are the team's: by team, by file, else by customer."""
        whose = self.all_teams.owners(rows)
        if whose is None:
            return rows[rows["customer_id"].isin(self.customer_ids)]
        codes, names = pd.factorize(whose)
        ours = [code for code, name in enumerate(names) if self.team in self.all_teams.names_in(name)]
        return rows[np.isin(codes, ours)]

    def named(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows with the team's own names of their customers."""
        if "customer_id" not in rows or "name" not in rows:
            return rows
        return rows.assign(name=rows["customer_id"].map(self.names).astype("str").fillna(rows["name"]))

    def told(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows that rules made, with nothing in them that another team typed."""
        if "customer_id" not in rows:
            return rows
        if "money" in rows:
            own = rows["customer_id"].map(self.amounts)
            rows = rows.assign(money=rows["money"].where(~rows["customer_id"].isin(self.shared_ids), own))
        return self._placed(self._unquoted(rows))

    def _placed(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows whose place is in another team's workbook stand nowhere."""
        if "book" not in rows:
            return rows
        ours = rows["book"].map(self.all_teams.of_book).eq(self.team)
        ours |= rows["team"].eq(self.team) if "team" in rows else False
        return rows.assign(**{name: rows[name].where(ours) for name in _PLACE if name in rows})

    def _unquoted(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows without the sentences that quote another team, and without people whom only other teams name."""
        strangers = self.strangers
        people = [name for name in _PEOPLE if name in rows]
        rows = rows.assign(**{name: rows[name].where(~rows[name].isin(strangers)) for name in people})
        there = rows["customer_id"].isin(self._others.keys())
        if not there.any():
            return rows
        instead = self.all_teams.whole.words("team.elsewhere")
        for name in (one for one in _SENTENCES if one in rows):
            quoting = [
                isinstance(text, str) and bool(self._others[customer_id].search(text))
                for customer_id, text in zip(rows.loc[there, "customer_id"], rows.loc[there, name], strict=True)
            ]
            hidden = rows.index[there][quoting]
            rows = rows.assign(**{name: rows[name].where(~rows.index.isin(hidden), instead)})
        return rows

    @functools.cached_property
    def _others(self) -> dict[str, re.Pattern]:
        """Customer → whatever another team typed about it and this one did not; of figures, whole ones."""
        whole = _figures(self.all_teams.whole.customers.set_index("customer_id")["amount"]).dropna()
        found = {}
        for customer_id, by_team in self.all_teams.typed.items():
            if self.team not in by_team and customer_id not in self.customer_ids:
                continue
            said = "\n".join([*by_team.get(self.team, []), *self._everybodys])
            theirs = [
                text for team, texts in by_team.items() if team != self.team for text in texts if text not in said
            ]
            found[customer_id] = _any_of([str(whole.get(customer_id, "")), *theirs])
        return found

    @property
    def _everybodys(self) -> list[str]:
        """Words of the policy's own, which somebody may have typed too."""
        policy = self.all_teams.whole.policy
        return [*policy.tier_names("zh-CN").values(), *policy.tier_names("en").values()]

    @functools.cached_property
    def strangers(self) -> frozenset[str]:
        """The people whom only other teams name."""
        people = self.all_teams.people
        others = frozenset().union(*(who for team, who in people.items() if team != self.team))
        return others - people.get(self.team, frozenset())

    @functools.cached_property
    def own(self) -> pd.DataFrame:
        """The customers whom several teams serve, as if this one served them alone.

        A row that another team typed in the very same words is kept once, and may stand under the other's name.
        """
        records = self.all_teams.records
        records = records[records["customer_id"].isin(self.shared_ids) & ~records["repeated"]]
        alone = ~records["customer_id"].duplicated(keep=False)
        mine = records["team"] == self.team
        said = records[mine | (alone & ~records["customer_id"].isin(records.loc[mine, "customer_id"]))]
        whole = self.all_teams.whole
        own, _ = merged(said.reset_index(drop=True), said.iloc[:0], whole.policy, whole.portfolio.letters)
        return self._placed(own.set_index("customer_id"))

    @functools.cached_property
    def customers(self) -> pd.DataFrame:
        """The team's customers: each as the portfolio has it, or what of that is the portfolio's and the rest the team's own."""
        rows = self._rows_of_customers()
        shared = rows["customer_id"].isin(self.shared_ids)
        if not shared.any():
            return rows
        kept = rows.assign(
            **{
                name: _either(shared, rows["customer_id"].map(self.own[name]) if name in self.own else None, rows[name])
                for name in rows.columns.difference([*SHARED])
            }
        )
        return self._unquoted(kept)[list(rows)].reset_index(drop=True)

    def _rows_of_customers(self) -> pd.DataFrame:
        customers = self.all_teams.whole.customers
        return customers[customers["customer_id"].isin(self.customer_ids)].reset_index(drop=True)

    @functools.cached_property
    def names(self) -> pd.Series:
        """The team's own names of its customers by ID."""
        return self.customers.set_index("customer_id")["name"]

    @functools.cached_property
    def amounts(self) -> pd.Series:
        """The team's own amounts by customer."""
        return self.customers.set_index("customer_id")["amount"]

    @functools.cached_property
    def products(self) -> frozenset[str]:
        """What the team itself sells or offers."""
        lists = self.portfolio.records["products"].dropna().str.split(_TEAMS)
        return frozenset(lists.explode().dropna()) | frozenset(self.portfolio.renewals["product"].dropna())


class _Typed:
    """A portfolio as one team sees it."""

    def __init__(self, part: _Part) -> None:
        self._part = part

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        whole = self._part.all_teams.whole.portfolio
        if name == "letters":
            of_book = self._part.all_teams.of_book
            value: Any = {at: how for at, how in whole.letters.items() if of_book.get(at[0]) == self._part.team}
        elif name == "customers":
            value = self._part.customers
        else:
            value = self._part.narrowed(name, getattr(whole, name))
        setattr(self, name, value)
        return value


def _either(there: pd.Series, own: pd.Series | None, usual: pd.Series) -> pd.Series:
    """The usual column, and where it is ``there`` the own one; unknown where there is no own one."""
    other = pd.Series(None, usual.index, dtype=object) if own is None else own
    if usual.dtype == "bool":
        return usual & ~there
    if pd.api.types.is_integer_dtype(usual):
        return usual.where(~there, pd.to_numeric(other)).astype("float64")
    return usual.where(~there, other.astype(usual.dtype))


def _figures(amounts: pd.Series) -> pd.Series:
    """Amounts as sentences write them; unknown stays unknown."""
    return amounts.map("{:,.1f}".format, na_action="ignore").astype("str")


def _any_of(texts: list[str]) -> re.Pattern:
    """What finds any of these texts; a figure is found whole."""
    figure = re.compile(r"[\d,.]+")
    parts = (
        rf"(?<![\d.,]){re.escape(text.removesuffix('.0'))}(?:\.0)?(?![\d])"
        if figure.fullmatch(text)
        else re.escape(text)
        for text in sorted(filter(None, texts), key=len, reverse=True)
    )
    return re.compile("|".join(parts))


# --- frames that need more than their rows chosen ---------------------------------------------------------------------


def _findings(part: _Part, rows: pd.DataFrame) -> pd.DataFrame:
    """The findings in the team's files; whom else a row may mean is told where it is a customer of the team's."""
    rows = part.rows_of(rows)
    every = part.all_teams.whole.customers
    others = every[~every["customer_id"].isin(part.customer_ids)]
    foreign = frozenset(others["customer_id"]) | frozenset(others["name"].dropna())
    instead = part.all_teams.whole.words("team.somebody")
    for name, other in (("detail", instead), ("proposal", None)):
        if name in rows:
            texts = {text for text in rows[name].dropna() if not foreign.isdisjoint([text, *_WORDS.split(text)])}
            rows = rows.assign(**{name: rows[name].where(~rows[name].isin(texts), other)})
    return part.told(part.named(rows)) if "proposal" in rows else rows


def _tracking(part: _Part, rows: pd.DataFrame) -> pd.DataFrame:
    """The team's strategies; a customer that others serve too is called as the team calls it."""
    rows = part.rows_of(rows)
    return rows.assign(name=part.named(rows)["name"].where(rows["customer_id"].isin(part.shared_ids), rows["name"]))


def _conflicts(part: _Part, rows: pd.DataFrame) -> pd.DataFrame:
    """What the team typed of what contradicts each other, and which other teams typed something else."""
    rows = part.rows_of(rows)
    at = pd.MultiIndex.from_frame(rows[["customer_id", "field"]])
    named = part.all_teams.disagreeing.reindex(at).to_list()
    told = [_TEAMS.join(one for one in part.all_teams.names_in(text) if one != part.team) for text in named]
    others = pd.Series(told, rows.index, dtype="str")
    return rows.assign(other_teams=others.mask(others == ""))


def _duplicates(part: _Part, rows: pd.DataFrame) -> pd.DataFrame:
    """Pairs of names nearly the same, both of the team's customers."""
    both = rows["customer_id"].isin(part.customer_ids) & rows["other_id"].isin(part.customer_ids)
    rows = rows[both]
    named = {"name": rows["customer_id"], "other_name": rows["other_id"]}
    return rows.assign(**{name: ids.map(part.names).astype("str") for name, ids in named.items()})


def _proposals(part: _Part, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows that name nobody for sure, where they may be of the team's own customers."""
    rows = part.rows_of(rows)
    return rows[rows["customer_id"].isin(part.customer_ids)]


def _common(part: _Part, rows: pd.DataFrame) -> pd.DataFrame:
    """What is told once of the team or of all; whom to begin with, where these are all the team's own customers."""
    rows = rows[rows["team"].isna() | rows["team"].eq(part.team)]
    names, separator = frozenset(part.names.dropna()), part.all_teams.whole.words("terms.list_separator")
    own = np.array(
        [isinstance(text, str) and names.issuperset(text.split(separator)) for text in rows["begin_with"]], bool
    )
    strangers = rows["owner"].isin(part.strangers)
    return rows.assign(begin_with=rows["begin_with"].where(own), owner=rows["owner"].where(~strangers))


def _offers(part: _Part, rows: pd.DataFrame) -> pd.DataFrame:
    """What to sell next to the team's customers, of what it sells itself."""
    return part.named(rows[rows["customer_id"].isin(part.customer_ids) & rows["product"].isin(part.products)])


def _grid(part: _Part, rows: pd.DataFrame) -> pd.DataFrame:
    """The grid of products: the team's customers, and what it sells itself."""
    fixed = list(frames.ASSESSMENT["product_grid"])
    columns = [*fixed, *(name for name in rows if name not in fixed and name in part.products)]
    return part.named(rows.loc[rows["customer_id"].isin(part.customer_ids), columns])


_SPECIAL: dict[str, Callable[[_Part, pd.DataFrame], pd.DataFrame]] = {
    "tracking": _tracking,
    "findings": _findings,
    "repairs": _findings,
    "conflicts": _conflicts,
    "duplicates": _duplicates,
    "common": _common,
    "proposals": _proposals,
    "whitespace": _offers,
    "product_grid": _grid,
}
