"""The teams of an assessment: which rows and customers are whose, worked out once for all of them."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd

from kam_xl.core import versions
from kam_xl.core.assessment import Assessment
from kam_xl.core.customers import in_order, merged
from kam_xl.core.quotes import JOINED, Quotes

#: Of a customer whom several teams serve, what is the portfolio's and no row's of a team.
SHARED = tuple(
    "customer_id teams team_count computed_tier score class level risk_score risk_count health health_colour "
    "health_coverage health_scale health_interaction health_complaints health_satisfaction health_execution "
    "health_cap health_before health_trend lifecycle lifecycle_typed profile_contradiction last_contact next_visit "
    "visit_for planned_visit visit_agreed manager core_strategy measures escalation cadence_days sla_hours open_cases severe_open "
    "quality freshness".split()
)
#: Where a row stands.
PLACE = ("book", "sheet", "row", "cell")


class Teams:
    """The teams of an assessment by their `names`, and what each of their parts is made from."""

    def __init__(self, assessment: Assessment) -> None:
        self.whole = assessment
        sources = assessment.portfolio.sources.drop_duplicates("book").set_index("book")
        elsewhere = sources["outcome"].isin(versions.OUTCOMES) & sources["detail"].isin(sources.index)
        counts = sources["detail"].where(elsewhere, sources.index.to_series()).map(sources["team"])
        self.of_book = counts[sources["outcome"] != "skipped"]
        self.names = sorted(self.of_book.dropna().unique())
        self._known = frozenset(self.names)
        self._places: dict[tuple[int, bool], tuple[pd.DataFrame, dict[str, np.ndarray]]] = {}

    @functools.cached_property
    def quotes(self) -> Quotes:
        """What they typed."""
        return Quotes(self.whole)

    def places(self, rows: pd.DataFrame, *, by_customer: bool = False) -> dict[str, np.ndarray]:
        """Team → which rows of a frame are its: by team or by file where they name one, else those of its customers."""
        key = (id(rows), by_customer)
        if key not in self._places:
            whose = None if by_customer else self._owners(rows)
            self._places[key] = rows, self._by_customer(rows) if whose is None else self._by_owner(whose)
        return self._places[key][1]

    def _owners(self, rows: pd.DataFrame) -> pd.Series | None:
        """Whose each row is by the team or the book it names; None where rows name neither.

        A file that is another's older version or copy is of the team whose file counts.
        """
        if "team" in rows and "outcome" not in rows:
            return rows["team"]
        return rows["book"].map(self.of_book).astype("str") if "book" in rows else None

    def _by_owner(self, whose: pd.Series) -> dict[str, np.ndarray]:
        """Team → the places of the rows that name it, alone or among others."""
        codes, names = pd.factorize(whose)
        each = [(code, team) for code, name in enumerate(names) for team in self.names_in(name)]
        return _grouped(codes, pd.DataFrame(each, columns=["of", "team"]))

    def _by_customer(self, rows: pd.DataFrame) -> dict[str, np.ndarray]:
        """Team → the places of the rows about its customers."""
        return _grouped(rows["customer_id"].to_numpy(), self.served.rename(columns={"customer_id": "of"}))

    @functools.cached_property
    def shared(self) -> pd.DataFrame:
        """The customers whom several teams serve, once for each ``team`` of these, indexed as the customers are.

        What of them is the portfolio's stays, the rest is the team's own; where its own rows do not count, unknown.
        """
        pairs = self.served.loc[self.served["shared"], ["customer_id", "team"]]
        own = self._own(pairs).set_index(["customer_id", "team"]).reindex(pd.MultiIndex.from_frame(pairs))
        customers = self.whole.customers
        rows = customers.iloc[pd.Index(customers["customer_id"]).get_indexer(pairs["customer_id"])]
        own = own.set_axis(rows.index)
        names = rows.columns.difference([*SHARED])
        return rows.assign(
            **{name: _instead(rows[name], own.get(name)) for name in names}, team=pairs["team"].to_numpy()
        )

    def _own(self, pairs: pd.DataFrame) -> pd.DataFrame:
        """Each pair's customer as if its ``team`` served it alone; a place in another's workbook is none.

        A row that another team typed in the very same words is kept once, and may stand under the other's name.
        """
        rows = self._records.merge(pairs.rename(columns={"team": "whom"}), on="customer_id")
        alone = ~rows.duplicated(["customer_id", "whom"], keep=False)
        rows = rows[(rows["team"] == rows["whom"]) | alone].sort_values(["whom", "customer_id"], kind="stable")
        first = rows.drop_duplicates(["whom", "customer_id"])
        rows = rows.assign(customer_id=rows["whom"] + "\0" + rows["customer_id"]).reset_index(drop=True)
        own, _ = merged(rows, rows.iloc[:0], self.whole.policy, self.whole.portfolio.letters)
        own = own.assign(customer_id=first["customer_id"].to_numpy(), team=first["whom"].to_numpy())
        ours = own["book"].map(self.of_book).eq(own["team"])
        return own.assign(**{name: own[name].where(ours) for name in PLACE if name in own})

    @property
    def _records(self) -> pd.DataFrame:
        """The customer rows that count, with when their workbooks were saved, in order."""
        portfolio = self.whole.portfolio
        saved = portfolio.sources.drop_duplicates("book").set_index("book")["modified"]
        own = portfolio.records[~portfolio.records["repeated"]]
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
        return [text] if text in self._known or JOINED not in text else text.split(JOINED)

    @functools.cached_property
    def codes(self) -> pd.Index:
        """The IDs of the customers: a customer's code is its place among them."""
        return pd.Index(self.whole.customers["customer_id"])

    @functools.cached_property
    def letters(self) -> dict[str, dict]:
        """Team → where the columns of its files stand."""
        whose = self.of_book.to_dict()
        found: dict[str, dict] = {}
        for at, how in self.whole.portfolio.letters.items():
            found.setdefault(whose.get(at[0], ""), {})[at] = how
        return found

    @functools.cached_property
    def disagreeing(self) -> dict[tuple[str, str], list[str]]:
        """(Customer, field) → the teams that typed something of it that contradicts others."""
        conflicts = self.whole.portfolio.conflicts[["customer_id", "field", "team"]].drop_duplicates()
        found: dict[tuple[str, str], list[str]] = {}
        conflicts = conflicts.sort_values("team")
        for customer_id, field, team in zip(*(conflicts[name].tolist() for name in conflicts), strict=True):
            found.setdefault((customer_id, field), []).extend(self.names_in(team))
        return found

    def customers_called(self, text: str) -> list[str]:
        """The customers whose ID or name a text is."""
        return [*self._named.get(text, ()), *([text] if text in self._ids else ())]

    @functools.cached_property
    def _named(self) -> dict[str, tuple[str, ...]]:
        """Name → the customers of that name."""
        customers = self.whole.customers[["name", "customer_id"]].dropna()
        found: dict[str, tuple[str, ...]] = {}
        for name, customer_id in zip(customers["name"], customers["customer_id"], strict=True):
            found[name] = (*found.get(name, ()), customer_id)
        return found

    @functools.cached_property
    def _ids(self) -> frozenset[str]:
        return frozenset(self.whole.customers["customer_id"])


def _instead(usual: pd.Series, own: pd.Series | None) -> pd.Series:
    """A team's own column in the type of the usual one; unknown where there is no own one."""
    other = pd.Series(None, usual.index, dtype=object) if own is None else own
    if usual.dtype == "bool":
        return pd.Series(data=False, index=usual.index)
    if pd.api.types.is_integer_dtype(usual):
        return pd.to_numeric(other).astype("float64")
    return other.astype(usual.dtype)


def _grouped(of: np.ndarray, teams: pd.DataFrame) -> dict[str, np.ndarray]:
    """Team → the places of its rows, each in its order; ``of`` is whose each row is, ``teams`` which team that is."""
    rows = pd.DataFrame({"of": of, "at": np.arange(len(of))}).merge(teams[["of", "team"]], on="of")
    return {str(team): at.to_numpy() for team, at in rows.groupby("team", sort=False)["at"]}
