"""Many workbooks → one portfolio: one row a customer, every value with its origin, every contradiction listed.

Handbook §2, "One customer in several workbooks". The order in which books arrive never matters: they are sorted first.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process

from kam_xl.core import findings as finding_frames
from kam_xl.core import frames as schemas
from kam_xl.core import identity, units, versions
from kam_xl.core.entries import split_list
from kam_xl.core.figure_cleaners import SIZE_FIELDS
from kam_xl.core.findings import Finding
from kam_xl.core.policy import DIMENSIONS, Policy
from kam_xl.core.reading import SEPARATOR
from kam_xl.core.sheets import BY_KIND, EVALUATION, INFO, OPTIONAL, TRACKING, named
from kam_xl.core.texts import folded, folded_all, simplified, spelling
from kam_xl.core.validation import LettersBySheet, TeamBook
from kam_xl.core.versions import Left
from kam_xl.core.words import Words

#: Fields for which two different values contradict each other; the others are summed, united, or earliest and latest.
SINGLE = ("name", "industry", "size", "contact", "phone", "remarks")
_PLACE = ("team", "book", "sheet", "row", "modified", "as_typed", "extras", "repeated")
_SIMILAR, _NEIGHBOURS = 90.0, 5
_LONGEST_NAME = 200  # characters; to compare two longer ones takes the product of their lengths
_LONG_AGO = dt.datetime(1900, 1, 1)


#: (book, kind of sheet) → name of the sheet → field → letter of its column.
Letters = dict[tuple[str, str], LettersBySheet]


class Source(NamedTuple):
    """One file of the teams' folder and what became of it; `reason` is a key of ``words/refusals.toml``."""

    book: str
    team: str
    sha256: str | None
    size_bytes: int
    modified: dt.datetime | None
    outcome: str  # used · copy, superseded, undecided (see `versions`) · quarantined · skipped
    reason: str | None
    detail: str | None
    info_rows: int = 0
    evaluation_rows: int = 0
    tracking_rows: int = 0
    finding_count: int = 0
    optional_rows: int = 0


@dataclass(frozen=True)
class Portfolio:
    """Everything the workbooks hold, consolidated. The columns of each frame are listed at the function that makes it.

    The frames of the optional sheets, `indicators` to `marks`, have no rows where no workbook has such a sheet; their
    columns are those of `_optional`. `proposals` are rows that name nobody for sure and the customers they may be of: of
    these, what such a row would tell is unknown (`may_have_more`).
    """

    customers: pd.DataFrame
    records: pd.DataFrame
    evaluations: pd.DataFrame
    tracking: pd.DataFrame
    conflicts: pd.DataFrame
    duplicates: pd.DataFrame
    origins: pd.DataFrame
    findings: pd.DataFrame
    sources: pd.DataFrame
    indicators: pd.DataFrame
    service: pd.DataFrame
    contacts: pd.DataFrame
    renewals: pd.DataFrame
    marks: pd.DataFrame
    letters: Letters = field(default_factory=dict)
    proposals: pd.DataFrame = field(default_factory=lambda: _proposals({}))


def consolidate(books: Iterable[TeamBook], policy: Policy, others: Sequence[Source] = ()) -> Portfolio:
    """One portfolio out of any number of validated workbooks; `others` are files that could not be used."""
    kept, left, alike = versions.sort_out(every := list(books), policy)
    scales = units.scales(kept)
    by_name = {book.name: units.settled(book, scales, policy) for book in every}
    books = [by_name[book.name] for book in kept]
    found: list[tuple[str, Finding]] = [(book.name, finding) for book in books for finding in book.findings]
    found += [(one.book, finding) for one in left for finding in versions.told(one, by_name)]
    found += [(book.name, Finding("resembles", detail=other.name)) for book, other in alike]
    found += units.out_of_scale(books, policy)
    letters = _letters(books)

    info = _settled(_stacked(books, "info"))
    records, again = _rows_once(info.drop(columns=list(_ASKED)), "info")
    records = _in_order(records)
    customers, origins = _customers(records[~records["repeated"]].reset_index(drop=True), again, policy, letters)

    who, names = identity.known(info), customers.set_index("customer_id")["name"]
    asked = {sheet.kind: _attributed(_stacked(books, sheet.kind), sheet.kind, who, names) for sheet in _OTHERS}
    found = _of_their_customers(found, [info, *asked.values()])
    found += _told_of_ids({"info": info, **asked}, names, letters)
    proposals = _proposals(asked)
    rows = {kind: frame.drop(columns=list(_ASKED)) for kind, frame in asked.items()}
    evaluations, evaluated_again = _rows_once(rows["evaluation"], "evaluation")
    tracking, tracked_again = _rows_once(rows["tracking"], "tracking")
    optional, optional_again = _optional(rows)
    found += _said_twice([again, evaluated_again, tracked_again, *optional_again])

    evaluations, ties = _decided(evaluations, policy)
    found += _across_sheets(customers, evaluations, proposals, ties, optional["indicators"], letters)
    doubted = {one.book: one.newest[0] for one in left if one.how == "undecided"}
    compared = _with_doubted(records, doubted, by_name)
    conflicts = _conflicts(compared, letters | _letters([by_name[name] for name in doubted]))
    conflicts = pd.concat([conflicts, _tie_conflicts(evaluations, ties, letters)], ignore_index=True)
    return Portfolio(
        customers=customers,
        records=records.drop(columns="modified"),
        evaluations=evaluations,
        tracking=tracking.drop(columns=["modified", "repeated"]),
        conflicts=conflicts,
        duplicates=_possible_duplicates(customers),
        origins=origins,
        findings=finding_frames.in_order(finding_frames.frame(found)),
        sources=_sources(books, [(by_name[one.book], one) for one in left], others, found),
        **optional,
        letters=letters,
        proposals=proposals,
    )


def questions(portfolio: Portfolio, words: Words) -> pd.DataFrame:
    """What a team's optional sheets would answer: one row a team and kind of sheet that none of its books has.

    Columns: team, kind, sheet (its name) and question (words ``questions.<kind>``), by team and in the sheets' order.
    """
    used = portfolio.sources[portfolio.sources["outcome"] == "used"]
    teams = {team: set(books) for team, books in used.groupby("team")["book"]}
    rows = [
        (team, sheet.kind, sheet.name(words.lang), words(f"questions.{sheet.kind}"))
        for team, books in teams.items()
        for sheet in OPTIONAL
        if not any((book, sheet.kind) in portfolio.letters for book in books)
    ]
    return pd.DataFrame(rows, columns=["team", "kind", "sheet", "question"], dtype="str")


def cells(letters: Letters, rows: pd.DataFrame, kind: str, name: str) -> pd.Series:
    """Where a field stands in the book of each row: ``I17``; where the sheet lacks the column, the row's first cell.

    Rows that do not all stand in a sheet of the one `kind` say in ``sheet_kind`` in which each does.
    """
    if rows.empty:  # most rules cite nothing in most nights
        return pd.Series(index=rows.index, dtype="str")
    kinds = rows["sheet_kind"] if "sheet_kind" in rows else pd.Series(kind, rows.index, dtype="str")
    places = pd.MultiIndex.from_arrays([kinds, rows["book"], rows["sheet"]])
    number, each = places.factorize()
    columns = [letters.get((book, own), {}).get(sheet, {}).get(name, "A") for own, book, sheet in each]
    column = pd.Series(np.array(columns, dtype=object)[number], rows.index, dtype="str")
    return column + rows["row"].astype("str")


def books_with(portfolio: Portfolio, kind: str) -> list[str]:
    """The workbooks that have a sheet of a kind, maybe an empty one."""
    return [book for book, sheet in portfolio.letters if sheet == kind]


def told_by(
    portfolio: Portfolio, kind: str, customer_id: pd.Series, books: Collection[str] | None = None
) -> np.ndarray:
    """True for the customers of the teams that keep a kind of sheet: of them, what is not recorded there is not so.

    ``books`` are those of their workbooks that count.
    A customer who may have more rows there than are known to be its own (`may_have_more`) is told by nobody.
    """
    books = books_with(portfolio, kind) if books is None else books
    records = portfolio.records
    theirs = records.loc[records["book"].map(_desk).isin({_desk(book) for book in books}), "customer_id"]
    told = pd.Index(theirs.unique()).get_indexer(customer_id) >= 0
    return told & ~may_have_more(portfolio, customer_id, kind)


def may_have_more(portfolio: Portfolio, customer_id: pd.Series, *kinds: str) -> np.ndarray:
    """True for customers of whom rows of these kinds of sheet may be that name nobody for sure (`Portfolio.proposals`).

    For lack of what such a row would tell, nothing is wrong with the customer (handbook §11).
    """
    maybe = portfolio.proposals.loc[portfolio.proposals["kind"].isin(kinds), "customer_id"]
    return pd.Index(maybe.unique()).get_indexer(customer_id) >= 0


def _desk(book: str) -> str:
    """Whose a workbook is: a folder's workbooks are one team's, and so is a workbook that lies in none."""
    return book.rpartition("/")[0] or book


# --- books and rows ----------------------------------------------------------------------------------------------


def _letters(books: Iterable[TeamBook]) -> Letters:
    return {(book.name, kind): table.letters for book in books for kind, table in book.tables.items()}


def _stacked(books: list[TeamBook], kind: str) -> pd.DataFrame:
    """Every book's rows of one kind, with team, book and when the book was saved."""
    frames = [
        book.tables[kind].rows.assign(team=book.team, book=book.name, modified=book.modified or _LONG_AGO)
        for book in books
        if kind in book.tables
    ]
    frames = [frame for frame in frames if len(frame)]
    if not frames:
        return empty(kind).assign(**dict.fromkeys(identity.ASKED, pd.Series(dtype="str")))
    return pd.concat(frames, ignore_index=True)


def empty(kind: str) -> pd.DataFrame:
    """A frame with the columns of one kind, each of its usual type, and no rows."""
    return schemas.empty(schemas.of_sheet(kind) | schemas.moment("modified") | schemas.yes("repeated"))


def _fields(kind: str) -> list[str]:
    """The typed fields of one kind, as `validation` makes them."""
    return [name for name in BY_KIND[kind].fields if name != "customer"] + _MORE_FIELDS.get(kind, [])


_MORE_FIELDS = {
    "info": list(SIZE_FIELDS),
    "evaluation": [f"{name}_reason" for name in DIMENSIONS],
    "tracking": ["customer_id", "name", "start", "end", "effect_actual", "effect_target"],
}


def _rows_once(rows: pd.DataFrame, kind: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows identical in every field count once: (rows kept, rows said again with the `original` book and row)."""
    fields = rows[_fields(kind)]
    others = list(fields.select_dtypes(exclude="str"))
    suspects = rows[
        fields.duplicated(["customer_id", *others], keep=False)
    ]  # folding the texts of all rows would be dear
    said = suspects[_fields(kind)].apply(lambda column: column if column.name in others else folded_all(column))
    same = said.groupby(_fields(kind), dropna=False, sort=False).ngroup()
    again = same.duplicated()
    place = suspects["book"] + "!" + suspects["sheet"] + "!" + suspects["row"].astype("str")
    first = place[~again].set_axis(same[~again])
    twice = suspects[again].assign(original=same[again].map(first).astype("str"))
    return rows.drop(index=twice.index).reset_index(drop=True), twice


def _said_twice(frames: list[pd.DataFrame]) -> list[tuple[str, Finding]]:
    """A finding for each row said twice, of many in a sheet one for all."""
    found: list[tuple[str, Finding]] = []
    for frame in frames:
        own = [original.startswith(f"{book}!") for book, original in zip(frame["book"], frame["original"], strict=True)]
        for (book, sheet, within), rows in frame.assign(within=own).groupby(["book", "sheet", "within"], sort=False):
            found += [(book, finding) for finding in _repeated(sheet, rows, within=within)]
    return found


def _repeated(sheet: str, rows: pd.DataFrame, *, within: bool) -> list[Finding]:
    """What is said of a sheet's rows that other rows say, too, be it within the workbook."""
    if within and len(rows) >= _MANY:
        first = rows.iloc[0]
        span = f"A{rows['row'].min()}:A{rows['row'].max()}"
        return [Finding("rows_repeated", sheet, span, typed_value=str(len(rows)), detail=first["original"])]
    return [
        Finding("duplicate_row_exact", sheet, f"A{row.row}", customer_id=_known(row.customer_id), detail=row.original)
        for row in rows.itertuples()
    ]


#: So many rows of a sheet that stand elsewhere in the workbook, too, are told at once.
_MANY = 10


def _known(value: object) -> str | None:
    return value if isinstance(value, str) else None


# --- customers ---------------------------------------------------------------------------------------------------


def _in_order(records: pd.DataFrame) -> pd.DataFrame:
    """Records by customer, the newest workbook first; rows repeating an ID within their book stand last."""
    order = records.assign(age=-records["modified"].astype("int64")).sort_values(
        ["customer_id", "repeated", "age", "team", "book", "row"], kind="stable"
    )
    return order.drop(columns="age").reset_index(drop=True)


def _customers(
    records: pd.DataFrame, again: pd.DataFrame, policy: Policy, letters: Letters
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One row a customer, and the origin of each value that does not come from the customer's first record.

    Columns: the fields of the info sheet, employees and revenue bounds, teams, team_count, amount_parts and amount_gaps
    (teams whose amount is known, and is not), modified, book, sheet, row (of the record whose values are shown). Origins: customer_id, field, book, sheet, cell.
    """
    starts = np.flatnonzero(~records["customer_id"].duplicated().to_numpy())
    main = records.iloc[starts].reset_index(drop=True)
    taken = {name: _first_known(records[name], starts) for name in (*SINGLE, *SIZE_FIELDS)}
    taken |= {
        "since": _extreme(records["since"], starts, np.minimum),
        "last_deal": _extreme(records["last_deal"], starts, np.maximum),
    }
    data = {"customer_id": main["customer_id"]}
    data |= {name: _taken(records[name], positions) for name, positions in taken.items()}
    data["amount"] = _amounts(records["amount"].to_numpy(), starts, policy.amount_rule)
    data["amount_parts"] = _counted(records["amount"].notna(), starts)
    data["amount_gaps"] = _counted(records["amount"].isna(), starts)
    data |= {name: _united(records[name], starts) for name in ("products", "tags")}
    teams = _teams(pd.concat([records[["customer_id", "team"]], again[["customer_id", "team"]]]))
    data["teams"] = main["customer_id"].map(teams["teams"]).astype("str")
    data["team_count"] = main["customer_id"].map(teams["team_count"]).astype("int64")
    customers = pd.DataFrame(data)
    order = [*INFO.fields, *SIZE_FIELDS, "teams", "team_count", "amount_parts", "amount_gaps"]
    customers = customers[order].assign(**{name: main[name] for name in ("modified", "book", "sheet", "row")})
    return customers, _origins(records, starts, taken, letters)


def _ends(starts: np.ndarray, count: int) -> np.ndarray:
    return np.append(starts, count)[1:]


def _first_known(column: pd.Series, starts: np.ndarray) -> np.ndarray:
    """For each customer the position of the first record that has a value; -1 where none has."""
    if not len(starts):
        return starts
    none = len(column)
    positions = np.minimum.reduceat(np.where(column.notna(), np.arange(none), none), starts)
    return np.where(positions == none, -1, positions)


def _extreme(column: pd.Series, starts: np.ndarray, choose: np.ufunc) -> np.ndarray:
    """For each customer the position of the record with the earliest or latest date; -1 where none is known."""
    if not len(starts):
        return starts
    known = column.notna().to_numpy()
    stamps = column.astype("datetime64[s]").astype("int64").to_numpy()
    neutral = np.iinfo("int64").max if choose is np.minimum else np.iinfo("int64").min
    best = choose.reduceat(np.where(known, stamps, neutral), starts)
    hits = known & (stamps == np.repeat(best, np.diff(np.append(starts, len(column)))))
    return _first_known(pd.Series(np.where(hits, 1.0, np.nan)), starts)


def _taken(column: pd.Series, positions: np.ndarray) -> pd.Series:
    taken = column.take(np.maximum(positions, 0)).reset_index(drop=True)
    return taken.where(positions >= 0)


def _counted(flags: pd.Series, starts: np.ndarray) -> np.ndarray:
    """How many of each customer's records have a flag."""
    return np.add.reduceat(flags.to_numpy("int64"), starts) if len(starts) else np.array([], "int64")


def _amounts(amounts: np.ndarray, starts: np.ndarray, rule: str) -> np.ndarray:
    """The customer's amount over its records by the policy's rule; unknown only where every record's is."""
    if not len(starts):
        return amounts
    if rule == "latest":
        positions = _first_known(pd.Series(amounts), starts)
        return np.where(positions < 0, np.nan, amounts[np.maximum(positions, 0)])
    if rule == "largest":
        return np.fmax.reduceat(amounts, starts)
    known = np.add.reduceat(np.isfinite(amounts).astype(int), starts)
    # summed in 1/10,000 of a 万元 where that is exact: 0.1 + 0.2 is 0.3, in whatever order the books came
    total = np.add.reduceat(np.round(np.nan_to_num(amounts) * 1e8), starts) / 1e8
    return np.where(known > 0, total, np.nan)


def _united(column: pd.Series, starts: np.ndarray) -> pd.Series:
    """The union of list cells in their order, each item once as first typed; of one record the text stays as typed."""
    ends = _ends(starts, len(column))
    values = column.take(starts).reset_index(drop=True)
    several = np.flatnonzero(ends - starts > 1)
    if not len(several):
        return values
    texts = column.astype(object).to_numpy()
    united = values.astype(object)
    for i in several:
        typed = list(dict.fromkeys(text for text in texts[starts[i] : ends[i]] if isinstance(text, str)))
        if len(typed) > 1:
            first: dict[str, str] = {}
            for item in (item for text in typed for item in split_list(text)):
                first.setdefault(folded(item), item)
            united.iat[i] = "、".join(first.values())
        elif typed:
            united.iat[i] = typed[0]
    return united.astype("str")


def _teams(members: pd.DataFrame) -> pd.DataFrame:
    """Customer ID → teams (their names, sorted, joined by 、) and team_count."""
    each = members.drop_duplicates().sort_values(["customer_id", "team"]).groupby("customer_id")["team"]
    return pd.DataFrame({"teams": each.agg("、".join).astype("str"), "team_count": each.size()})


def _origins(records: pd.DataFrame, starts: np.ndarray, taken: dict[str, np.ndarray], letters: Letters) -> pd.DataFrame:
    """Where values come from that are not in the customer's first record: other books, and every part of a sum."""
    parts = []
    for name in (*SINGLE, "since", "last_deal"):
        elsewhere = taken[name][(taken[name] >= 0) & (taken[name] != starts)]
        parts.append(_origin(records.iloc[elsewhere], name, letters))
    several = np.repeat(_ends(starts, len(records)) - starts > 1, _ends(starts, len(records)) - starts)
    summed = records[several & records["amount"].notna().to_numpy()]
    parts.append(_origin(summed, "amount", letters))
    return pd.concat(parts, ignore_index=True).sort_values(["customer_id", "field"], kind="stable", ignore_index=True)


def _origin(rows: pd.DataFrame, name: str, letters: Letters) -> pd.DataFrame:
    return rows[["customer_id", "book", "sheet"]].assign(field=name, cell=cells(letters, rows, "info", name))


# --- conflicts ---------------------------------------------------------------------------------------------------

_DIGITS = re.compile(r"\D+")
_CJK = re.compile(r"[\u3400-\u9fff]")


def _comparable(rows: pd.DataFrame, name: str) -> pd.Series:
    """A field's values as they are compared: texts by their spelling, phones by digits, sizes by numbers."""
    if name == "phone":
        return rows[name].str.replace(_DIGITS, "", regex=True).where(lambda digits: digits != "", rows[name])
    texts = folded_all(rows[name], spelling)
    if name == "size":
        known = rows["employees_low"].notna() | rows["revenue_low"].notna()
        low, high, poor, rich = (rows[bound].round(4).astype("str") for bound in SIZE_FIELDS)
        return texts.where(~known, low + "/" + high + "/" + poor + "/" + rich).where(rows[name].notna())
    return texts


def _with_doubted(records: pd.DataFrame, doubted: Mapping[str, str], books: Mapping[str, TeamBook]) -> pd.DataFrame:
    """The records, and those of workbooks of which nobody can tell whether they are newer; `desk` is the one that counts."""
    every = records
    if doubted:
        every = pd.concat([records, _settled(_stacked([books[name] for name in doubted], "info"))], ignore_index=True)
    return every.assign(desk=every["book"].replace(doubted))


def _conflicts(records: pd.DataFrame, letters: Letters) -> pd.DataFrame:
    """Every value of every field that differs between a customer's records, as `_with_doubted` gives them.

    Columns: customer_id, field, typed_value, team, book, sheet, cell, shown, nature (differs, or language: the values
    differ only between books kept in Chinese and books kept in English).
    """
    several = records[records.duplicated("customer_id", keep=False)]
    parts = [_differing(several, name, _comparable(several, name), letters) for name in SINGLE]
    books = several[several.duplicated(["customer_id", "desk"], keep=False)]
    parts += [
        _differing(books, name, books[name].astype("str"), letters, by=["customer_id", "desk"])
        for name in ("amount", "since", "last_deal", "products", "tags")
    ]
    return pd.concat(parts, ignore_index=True).sort_values(["customer_id", "field"], kind="stable", ignore_index=True)


def _differing(rows: pd.DataFrame, name: str, values: pd.Series, letters: Letters, by: Sequence[str] = ("customer_id",),
               kind: str = "info") -> pd.DataFrame:  # fmt: skip
    """The rows whose group holds more than one value of a field, as conflicts; the first of a group is the one shown."""
    table = rows[[*by]].assign(folded=values)[rows[name].notna()]
    distinct = table.drop_duplicates()
    clashing = distinct[distinct.duplicated([*by], keep=False)]
    hit = table.merge(clashing[[*by]].drop_duplicates(), on=[*by], how="left", indicator=True)["_merge"] == "both"
    chosen = rows.loc[table.index[hit.to_numpy()]]
    texts = chosen[name].astype("str") if name not in ("since", "last_deal") else chosen[name].dt.strftime("%Y-%m-%d")
    return pd.DataFrame(
        {
            "customer_id": chosen["customer_id"],
            "field": pd.Series(name, index=chosen.index, dtype="str"),
            "typed_value": texts.astype("str"),
            "team": chosen["team"],
            "book": chosen["book"],
            "sheet": chosen["sheet"],
            "cell": cells(letters, chosen, kind, name),
            "shown": ~chosen.duplicated([*by]),
            "nature": _nature(chosen, values, by),
        }
    )


def _nature(chosen: pd.DataFrame, values: pd.Series, by: Sequence[str]) -> pd.Series:
    """`language` where each script has one value only (科技 in one book, Technology in the other), else `differs`.

    Names are never that: a company's name is written the same in every language, or somebody should look.
    """
    if chosen.empty or values.name == "name":
        return pd.Series("differs", index=chosen.index, dtype="str")
    chinese = values[chosen.index].str.contains(_CJK)
    table = chosen[[*by]].assign(chinese=chinese, folded=values[chosen.index]).drop_duplicates()
    per_script = table.groupby([*by, "chinese"]).size()
    groups = per_script.groupby(level=list(range(len(by)))).agg(["max", "size"])
    same = groups.index[(groups["max"] == 1) & (groups["size"] == 2)]
    keys = pd.MultiIndex.from_frame(chosen[[*by]]) if len(by) > 1 else pd.Index(chosen[by[0]])
    return pd.Series(np.where(keys.isin(same), "language", "differs"), index=chosen.index, dtype="str")


# --- whose row it is ---------------------------------------------------------------------------------------------

_OTHERS = (EVALUATION, TRACKING, *OPTIONAL)
#: Kinds of sheet that evaluate a customer, and those that tell of contacts with it.
EVALUATED, HEARD = ("evaluation", "indicators"), ("tracking", "service", "contacts")
#: What rows have until it is settled whose they are: `read` is the ID that `validation` saw, the rest from `identity`.
_ASKED = (*identity.ASKED, "read", "asked", "about")
#: Kind of sheet → the code of a row whose customer no customer sheet holds.
_UNKNOWN = {"evaluation": "evaluation_unknown_customer", "tracking": "tracking_unknown_customer"}


def _settled(info: pd.DataFrame) -> pd.DataFrame:
    """Customer rows with their IDs settled over all books; a row repeats an ID only if it is still the same."""
    ids = identity.settled(info["customer_id"], info["customer_typed"], info["name"])
    info = info.assign(read=identity.normal(ids), customer_id=ids, asked=None, about=None)
    info["as_typed"] = _as_typed(info, [ids])
    return info.assign(repeated=info["repeated"] & info.duplicated(["book", "customer_id"]))


def _attributed(rows: pd.DataFrame, kind: str, who: identity.Known, names: pd.Series) -> pd.DataFrame:
    """Rows of a sheet with the customers they mean; a tracking row shows the customer's name, else the one typed."""
    rows = identity.resolved(rows.assign(read=rows["customer_id"]), who)
    says = [rows["customer_id"]]
    if kind == "tracking":
        typed = rows["name"].where(rows["customer_id"].notna(), rows["customer_typed"])
        shown = rows["customer_id"].map(names).astype("str").fillna(typed)
        rows, says = rows.assign(name=shown), [*says, shown, says[0] + "/" + shown]
    return rows.assign(as_typed=_as_typed(rows, says))


def _as_typed(rows: pd.DataFrame, says: list[pd.Series]) -> pd.Series:
    """The column as_typed with the customer's cell, where none of the texts that are shown says it."""
    typed = rows["customer_typed"]
    hidden = typed.notna() & ~np.logical_or.reduce([typed.eq(text) for text in says])
    cell = rows["customer_header"] + "=" + typed
    return rows["as_typed"].mask(hidden, cell + (SEPARATOR + rows["as_typed"]).fillna("")).astype("str")


def _of_their_customers(found: list[tuple[str, Finding]], frames: list[pd.DataFrame]) -> list[tuple[str, Finding]]:
    """Findings about a row under the customer that the row turned out to mean."""
    moved = pd.concat(
        [frame[frame["customer_id"].notna() & frame["read"].ne(frame["customer_id"])] for frame in frames]
    )
    own = {(row.book, row.sheet, str(row.row)): row.customer_id for row in moved.itertuples()}
    return [(book, _moved(finding, own, book)) for book, finding in found] if own else found


def _moved(finding: Finding, own: dict[tuple[str, str, str], str], book: str) -> Finding:
    row = re.search(r"\d+", finding.cell) if finding.cell else None
    customer_id = own.get((book, finding.sheet, row[0])) if row else None
    return finding._replace(customer_id=customer_id) if customer_id else finding


def _told_of_ids(asked: dict[str, pd.DataFrame], names: pd.Series, letters: Letters) -> list[tuple[str, Finding]]:
    """What is to be said of the cells that name customers: forms that clash, unknown ones and whom they may mean."""
    info = asked["info"]
    several = info.groupby("read")["customer_id"].transform("nunique") > 1
    forms = info.drop_duplicates("customer_id").sort_values("customer_id").groupby("read")["customer_id"].agg("、".join)
    found = _about("id_clash", "info", info[several], info["read"].map(forms), letters)
    for kind, rows in asked.items():
        ids, read = rows["customer_id"], rows["read"]
        if kind != "tracking":
            folded = rows["customer_typed"].ne(ids) & ids.eq(read) & read.eq(identity.normal(rows["customer_typed"]))
            found += _about("id_normalised", kind, rows[folded], ids, letters)
        for code in rows["asked"].dropna().unique():
            own = rows[rows["asked"] == code]
            if code == "customer_name_other":  # good to know, once for each name
                own = own.drop_duplicates(["book", "sheet", "customer_typed", "customer_beside"])
            about = ids.map(names) if code == "customer_name_other" else rows["about"].map("、".join)
            found += _about(code, kind, own, about, letters)
        found += _unknown_customers(kind, rows, names, letters)
    return found


def _about(code: str, kind: str, rows: pd.DataFrame, detail: pd.Series, letters: Letters) -> list[tuple[str, Finding]]:
    """A finding for each row, about the cell that names its customer."""
    field = BY_KIND[kind].key if kind == "tracking" else "customer_id"
    places = cells(letters, rows, kind, field)
    typed = rows["customer_typed"] + (" " + rows["customer_beside"]).fillna("")
    return [
        (row.book, Finding(code, row.sheet, cell, named(kind, field), text, _known(row.customer_id), _known(said)))
        for row, cell, text, said in zip(rows.itertuples(), places, typed, detail[rows.index], strict=True)
    ]


def _unknown_customers(kind: str, rows: pd.DataFrame, names: pd.Series, letters: Letters) -> list[tuple[str, Finding]]:
    """Findings about the customers that a sheet names and no customer sheet holds; of an optional sheet, once for each."""
    ids = rows["customer_id"]
    damaged = ids.map(identity.is_unlike_any, na_action="ignore").eq(True)
    strange = rows[rows["customer_typed"].notna() & ~ids.isin(names.index) & rows["asked"].isna() & ~damaged]
    if kind == "info" or strange.empty:
        return []
    if kind in _UNKNOWN:
        return _about(_UNKNOWN[kind], kind, strange, pd.Series(None, strange.index, dtype="str"), letters)
    key = ["book", "sheet", "customer_id"]
    count = strange.groupby(key)["row"].transform("size").astype("str")
    return _about("customer_unknown", kind, strange.drop_duplicates(key), count, letters)


def _proposals(asked: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Rows that may be a customer's (`Portfolio.proposals`): kind of sheet, customer_id, book, sheet, row, typed_value."""
    parts = [pd.DataFrame(columns=list(_PROPOSALS)).astype(_PROPOSALS)]
    for kind, rows in asked.items():
        maybe = rows[rows["about"].map(len) > 0].explode("about")
        maybe = maybe.assign(kind=kind, customer_id=maybe["about"], typed_value=maybe["customer_typed"])
        parts.append(maybe[list(_PROPOSALS)].astype(_PROPOSALS))
    return pd.concat(parts, ignore_index=True)


_PROPOSALS = {**dict.fromkeys(("kind", "customer_id", "book", "sheet"), "str"), "row": "int64", "typed_value": "str"}


# --- evaluations and tracking ------------------------------------------------------------------------------------


def _decided(evaluations: pd.DataFrame, policy: Policy) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Evaluations, newest first per customer, with `current` on the one that decides; and the ties nothing could settle.

    The latest date decides; on one date the highest-ranking evaluator, else the first by team name (handbook §2).
    """
    ranks = {name: policy.rank(name) for name in evaluations["evaluator"].dropna().unique()}
    rank = evaluations["evaluator"].map(ranks).astype("float64").fillna(np.inf)
    day = evaluations["evaluated_on"].astype("datetime64[s]").astype("int64").where(evaluations["evaluated_on"].notna())
    ordered = evaluations.assign(rank=rank, age=-day).sort_values(
        ["customer_id", "age", "rank", "team", "book", "row"], kind="stable", na_position="last", ignore_index=True
    )
    ordered["current"] = ~ordered.duplicated("customer_id")
    first = ordered[ordered["current"]].set_index("customer_id")
    own = first.reindex(ordered["customer_id"]).reset_index(drop=True)
    tied = ~ordered["current"] & ordered["age"].eq(own["age"]) & ordered["rank"].eq(own["rank"])
    differs = pd.concat([_other(ordered[name], own[name]) for name in DIMENSIONS], axis=1).any(axis=1)
    ties = ordered[
        ordered["customer_id"].isin(ordered.loc[tied & differs, "customer_id"]) & (ordered["current"] | tied)
    ]
    return ordered.drop(columns=["rank", "age", "modified", "repeated"]), ties


def _other(one: pd.Series, two: pd.Series) -> pd.Series:
    """Where two columns differ; both unknown is no difference."""
    return one.ne(two) & ~(one.isna() & two.isna())


def _tie_conflicts(evaluations: pd.DataFrame, ties: pd.DataFrame, letters: Letters) -> pd.DataFrame:
    """Marks given on one day by evaluators of one rank that do not agree."""
    rows = ties.assign(name="")
    parts = [_differing(rows, name, rows[name].astype("str"), letters, kind="evaluation") for name in DIMENSIONS]
    return pd.concat(parts, ignore_index=True)


def _outdated(evaluations: pd.DataFrame) -> pd.DataFrame:
    """Evaluations older than the one that decides."""
    deciding = evaluations[evaluations["current"]].set_index("customer_id")["evaluated_on"]
    newest = deciding.reindex(evaluations["customer_id"]).set_axis(evaluations.index)
    return evaluations[evaluations["evaluated_on"] < newest]


def _across_sheets(
    customers: pd.DataFrame,
    evaluations: pd.DataFrame,
    proposals: pd.DataFrame,
    ties: pd.DataFrame,
    indicators: pd.DataFrame,
    letters: Letters,
) -> list[tuple[str, Finding]]:
    """Customers without an evaluation, undecided ties, and evaluations that newer ones replaced.

    That a team keeps no evaluations at all is said once, of its workbook.
    """
    known = customers["customer_id"]
    evaluated = known.isin(evaluations["customer_id"]) | known.isin(_computable(indicators, customers))
    evaluated |= known.isin(proposals.loc[proposals["kind"].isin(EVALUATED), "customer_id"])
    evaluated |= ~customers["book"].map(_desk).isin({_desk(book) for book, kind in letters if kind in EVALUATED})
    checks = [
        ("evaluation_missing", "info", "customer_id", customers[~evaluated]),
        ("evaluation_superseded", "evaluation", "evaluated_on", _outdated(evaluations)),
        ("evaluation_undated", "evaluation", "evaluated_on", evaluations[evaluations["evaluated_on"].isna()]),
        ("evaluation_tie", "evaluation", "evaluated_on", ties[~ties["current"]]),
    ]
    return [
        (row.book, Finding(code, row.sheet, cell, name, customer_id=_known(row.customer_id)))
        for code, kind, name, rows in checks
        for row, cell in zip(rows.itertuples(), cells(letters, rows, kind, name), strict=True)
    ] + _partial_amounts(customers, letters)


def _computable(indicators: pd.DataFrame, customers: pd.DataFrame) -> pd.Series:
    """The customers whose deciding indicators are complete: marks computed from them stand in for an evaluation (§3)."""
    started = indicators["customer_id"].isin(customers.loc[customers["since"].notna(), "customer_id"])
    tenure = indicators["tenure"].notna() | (started & indicators["as_of"].notna())
    complete = indicators[list(_INPUTS)].notna().all(axis=1) & tenure & indicators["current"]
    return indicators.loc[complete, "customer_id"]


#: Indicators no other sheet knows; how long the cooperation lasts, the customer sheet may.
_INPUTS = ("profit", "growth", "open_needs", "total_needs", "service_sensitivity", "price_sensitivity")


def _partial_amounts(customers: pd.DataFrame, letters: Letters) -> list[tuple[str, Finding]]:
    """Customers whose amount is the sum of some teams only: an unknown part must not pass for 0."""
    rows = customers[(customers["amount_gaps"] > 0) & (customers["amount_parts"] > 0)]
    where = cells(letters, rows, "info", "amount")
    return [
        (
            row.book,
            Finding(
                "amount_partial", row.sheet, cell, "amount", customer_id=row.customer_id, detail=str(row.amount_gaps)
            ),
        )
        for row, cell in zip(rows.itertuples(), where, strict=True)
    ]


# --- the optional sheets -----------------------------------------------------------------------------------------


def _optional(every: dict[str, pd.DataFrame]) -> tuple[dict[str, pd.DataFrame], list[pd.DataFrame]]:
    """Kind of optional sheet → its rows by customer, team and place; and the rows said again.

    Columns: the sheet's fields, team, book, sheet, row, as_typed, extras; the indicators have `current` besides, on the
    row that decides. Choices are keys, flags nullable booleans, shares fractions, amounts in 万元. A moment at midnight
    exactly tells the day only; a birthday in 1904 (`dates.NO_YEAR`) has no known year. A row whose customer is in no
    customer sheet is kept and reported, as in the tracking; one of the action list may name no customer.
    """
    frames, again = {}, []
    for sheet in OPTIONAL:
        rows, said = _rows_once(every[sheet.kind], sheet.kind)
        again.append(said)
        rows = rows.sort_values(["customer_id", "team", "book", "row"], kind="stable", ignore_index=True)
        frames[sheet.kind] = rows.drop(columns=["modified", "repeated"])
    frames["indicators"] = _latest_first(frames["indicators"])
    return frames, again


def _latest_first(indicators: pd.DataFrame) -> pd.DataFrame:
    """Indicators, newest first per customer, with `current` on the row that decides: the latest, then by team."""
    day = indicators["as_of"].astype("int64").where(indicators["as_of"].notna())
    ordered = indicators.assign(age=-day).sort_values(
        ["customer_id", "age", "team", "book", "row"], kind="stable", na_position="last", ignore_index=True
    )
    return ordered.drop(columns="age").assign(current=~ordered.duplicated("customer_id"))


# --- possible duplicates -----------------------------------------------------------------------------------------

_LEGAL_FORM = re.compile(
    r"(股份有限公司|有限责任公司|有限公司|公司|集团|厂|co\.?,? ?ltd\.?|limited|ltd\.?|inc\.?|llc|gmbh|corporation|corp\.?|company)"
)


def _possible_duplicates(customers: pd.DataFrame) -> pd.DataFrame:
    """Customers under different IDs whose names are nearly the same: suggested, never merged.

    Names are sorted forwards and backwards and each compared with its neighbours, so 50,000 stay quick.
    Columns: customer_id, name, other_id, other_name, similarity (0-1).
    """
    names = customers["name"].dropna()
    folded = names.map(_folded_name)
    folded = folded[folded.str.len().between(2, _LONGEST_NAME) & ~folded.str.contains("*", regex=False)]
    left, right = _neighbours(folded)
    a, b = folded.loc[left].tolist(), folded.loc[right].tolist()
    alike = process.cpdist(a, b, scorer=fuzz.ratio, score_cutoff=_SIMILAR) if a else np.array([])
    keep = [i for i in np.flatnonzero(alike) if not _differ_in_numbers(a[i], b[i])]
    one, two = customers.iloc[left[keep]], customers.iloc[right[keep]]
    return pd.DataFrame(
        {
            "customer_id": one["customer_id"].to_numpy(),
            "name": one["name"].to_numpy(),
            "other_id": two["customer_id"].to_numpy(),
            "other_name": two["name"].to_numpy(),
            "similarity": alike[keep] / 100 if keep else np.array([], float),
        }
    ).astype(schemas.PORTFOLIO["duplicates"])


def _neighbours(names: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of index labels whose names stand near each other when sorted forwards or backwards, each pair once."""
    steps = range(1, min(_NEIGHBOURS, len(names) - 1) + 1)
    orders = [key.sort_values(kind="stable").index.to_numpy() for key in (names, names.str[::-1])]
    pairs = [np.stack([order[:-step], order[step:]]) for order in orders for step in steps]
    if not pairs:
        return np.array([], int), np.array([], int)
    both = np.unique(np.sort(np.concatenate(pairs, axis=1), axis=0), axis=1)
    return both[0], both[1]


def _folded_name(name: str) -> str:
    folded = simplified(name)
    return _LEGAL_FORM.sub("", folded).replace(" ", "") or folded


def _differ_in_numbers(one: str, two: str) -> bool:
    """True for names such as 第一分店1 and 第一分店2: a series, no slip of the pen."""
    return one != two and re.sub(r"\d", "", one) == re.sub(r"\d", "", two)


# --- what became of the files ------------------------------------------------------------------------------------


def _sources(
    books: list[TeamBook],
    left: list[tuple[TeamBook, Left]],
    others: Sequence[Source],
    found: list[tuple[str, Finding]],
) -> pd.DataFrame:
    """Every file with its outcome; columns as `Source`."""
    count = pd.Series([book for book, _ in found], dtype="str").value_counts()
    parts = [(book, "used", None) for book in books] + [(book, one.how, one.named) for book, one in left]
    rows = [_source(book, outcome, detail, int(count.get(book.name, 0))) for book, outcome, detail in parts]
    table = pd.DataFrame([*rows, *others], columns=list(Source._fields))
    table = table.assign(seconds=np.nan).astype(schemas.PORTFOLIO["sources"])
    return table.sort_values("book", ignore_index=True)


def _source(book: TeamBook, outcome: str, detail: str | None, finding_count: int) -> Source:
    rows = (book.count("info"), book.count("evaluation"), book.count("tracking"))
    optional = sum(book.count(sheet.kind) for sheet in OPTIONAL)
    return Source(
        book.name,
        book.team,
        book.sha256,
        book.size_bytes,
        book.modified,
        outcome,
        None,
        detail,
        *rows,
        finding_count,
        optional,
    )
