"""Who typed what about a customer whom several teams wrote of, which sentences quote it, and who names which people."""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Iterator
from typing import Any

import pandas as pd

from kam_xl.core.evidence import short
from kam_xl.core.sheets import BY_KIND

#: Kind of sheet → the frame of the portfolio that holds its rows; of all others the two have the same name.
TYPED = {kind: {"info": "records", "evaluation": "evaluations"}.get(kind, kind) for kind in BY_KIND}
#: What joins several names in one cell.
JOINED = "、"

#: Columns that name people.
PEOPLE = ("owner", "manager", "named_manager", "by", "handler", "tracker", "evaluator")

_KEYS = frozenset({"customer_id", "team", "book", "sheet", "kind", "status", "role", "severity", "tier", "sheet_kind"})
_FIGURE = re.compile(r"[\d,.]+")


class Quotes:
    """What the teams typed. `quoting(customer_id, team, sentence)` tells whether the team reads another's words in a sentence.

    Each sentence is searched once, for all teams.
    """

    def __init__(self, assessment: Any) -> None:
        self._portfolio = assessment.portfolio
        policy = assessment.policy
        # words of the policy's own, which somebody may have typed too
        self._everybodys = [*policy.tier_names("zh-CN").values(), *policy.tier_names("en").values()]
        self._amounts = _figures(assessment.customers.set_index("customer_id")["amount"]).dropna().to_dict()
        self.quoting = functools.cache(self._quoting)
        self._found = functools.cache(self._find)
        self._patterns = functools.cache(self._search)
        self._said = functools.cache(self._say)

    def told_by(self, customer_id: str, team: str) -> bool | None:
        """Whether the team wrote about a customer; None where not several did."""
        teams = self._typed.get(customer_id)
        return None if teams is None else team in teams

    @property
    def of_several(self) -> Collection[str]:
        """The customers of whom several teams wrote."""
        return self._typed.keys()

    def is_stranger(self, team: str, who: str) -> bool:
        """Whether only other teams name somebody."""
        return who in self._everybody and who not in self._people.get(team, ())

    @functools.cached_property
    def _people(self) -> dict[str, frozenset[str]]:
        """Team → the people it names."""
        named = [
            getattr(self._portfolio, TYPED[kind])[["team", name]].set_axis(["team", "who"], axis=1)
            for kind, sheet in BY_KIND.items()
            for name in PEOPLE
            if name in sheet.fields
        ]
        each = pd.concat(named).dropna().drop_duplicates().groupby("team")["who"]
        return {str(team): frozenset(who) for team, who in each}

    @functools.cached_property
    def _everybody(self) -> frozenset[str]:
        """The people whom any team names."""
        return frozenset().union(*self._people.values())

    def _quoting(self, customer_id: str, team: str, sentence: str) -> bool:
        """Whether a sentence says what only other teams typed of a customer, or the amount of all of them together."""
        whole, said = self._amounts.get(customer_id), self._said(customer_id, team)
        return any(text == whole or text not in said for text in self._found(customer_id, sentence))

    def _find(self, customer_id: str, sentence: str) -> list[str]:
        """The texts about a customer that stand in a sentence, whoever typed them; of figures, whole ones."""
        texts, figures = self._patterns(customer_id)
        found = [text for text in texts if text in sentence]
        return found + [text for text, figure in figures if figure in sentence and _stands_whole(figure, sentence)]

    def _search(self, customer_id: str) -> tuple[list[str], list[tuple[str, str]]]:
        """What is looked for of a customer: texts, and figures without the zero they may end with."""
        teams = self._typed.get(customer_id, {})
        texts = dict.fromkeys(text for typed in teams.values() for text in typed)
        if customer_id in self._amounts:
            texts[self._amounts[customer_id]] = None
        figures = [(text, text.removesuffix(".0")) for text in texts if _FIGURE.fullmatch(text)]
        return [text for text in texts if not _FIGURE.fullmatch(text)], figures

    def _say(self, customer_id: str, team: str) -> str:
        """What a team may read of a customer in any case: what it typed itself, and everybody's words."""
        return "\n".join([*self._typed.get(customer_id, {}).get(team, []), *self._everybodys])

    @functools.cached_property
    def _typed(self) -> dict[str, dict[str, list[str]]]:
        """Customer → team → every text that the team typed about it; of customers about whom several wrote."""
        found: dict[str, dict[str, dict[str, None]]] = {}
        for told in self._texts():
            known = told.dropna()
            for customer_id, team, text in zip(*(known[name].tolist() for name in known), strict=True):
                texts = found.setdefault(customer_id, {}).setdefault(team, {})
                if len(text) > 1:
                    texts[text] = None
        several = {customer_id: teams for customer_id, teams in found.items() if len(teams) > 1}
        each = {one: {team: [*texts] for team, texts in teams.items() if texts} for one, teams in several.items()}
        return {customer_id: teams for customer_id, teams in each.items() if teams}

    def _texts(self) -> Iterator[pd.DataFrame]:
        """The texts of these customers' rows with their customers and teams, as typed and as sentences quote them."""
        for kind, rows in self._rows().items():
            for column in rows.columns[rows.dtypes == "str"].difference([*_KEYS, "teams"]):
                told = rows[["customer_id", "team"]].assign(text=rows[column])
                yield told
                quoted = told.assign(text=short(told["text"]))
                yield quoted[quoted["text"] != told["text"]]
                if column in ("products", "tags"):
                    yield told.assign(text=rows[column].str.split(JOINED)).explode("text")
            if kind == "info":
                yield rows[["customer_id", "team"]].assign(text=_figures(rows["amount"]))

    def _rows(self) -> dict[str, pd.DataFrame]:
        """Kind of sheet → its rows, of the customers of whom several teams have any; without the kinds that have none."""
        whole = {kind: getattr(self._portfolio, name) for kind, name in TYPED.items()}
        pairs = pd.concat([rows[["customer_id", "team"]] for rows in whole.values()]).dropna().drop_duplicates()
        several = pairs["customer_id"][pairs["customer_id"].duplicated()].unique()
        theirs = {kind: rows[rows["customer_id"].isin(several)] for kind, rows in whole.items()}
        return {kind: rows for kind, rows in theirs.items() if len(rows)}


def _figures(amounts: pd.Series) -> pd.Series:
    """Amounts as sentences write them; unknown stays unknown."""
    return amounts.map("{:,.1f}".format, na_action="ignore").astype("str")


def _stands_whole(figure: str, sentence: str) -> bool:
    """Whether a figure stands in a sentence and is not part of a longer one."""
    return bool(re.search(rf"(?<![\d.,]){re.escape(figure)}(?:\.0)?(?![\d])", sentence))
