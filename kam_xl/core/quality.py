"""How good the data is, which customers to check by hand this month, and which cells to put right this morning (§10)."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kam_xl.core import headings, sheets
from kam_xl.core.amounts import is_foreign, unit_of
from kam_xl.core.findings import in_sheet_order
from kam_xl.core.policy import Policy
from kam_xl.core.portfolio import Portfolio
from kam_xl.core.reading import SEPARATOR
from kam_xl.core.sections import QUALITY_PARTS

BOOKS = ("book", "team", "customers", *QUALITY_PARTS, "quality", "coverage")
SAMPLE = ("seed", "team", "customer_id", "name", "book", "sheet", "cell", "field", "typed_value")
REPAIRS = ("manager", "customer_id", "team", "book", "sheet", "cell", "field", "typed_value", "code", "severity",
           "proposal")  # fmt: skip
SEVERITIES = ("error", "warn", "info")
#: Findings whose second value is what the cell should say.
_PROPOSED = ("composite_mismatch", "tier_mismatch", "id_normalised", "customer_meant")
#: The standard sheets, and where their rows stand in the portfolio.
_ROWS = {"info": "records", "evaluation": "evaluations", "tracking": "tracking"}
#: All sheets whose rows keep what was typed.
_FRAMES = _ROWS | {kind: kind for kind in ("indicators", "service", "contacts", "renewals")}
_DECIMALS = 1


# --- the score ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Score:
    """The quality of every customer by its ID: the parts, quality and coverage; and what each workbook's is made of.

    Marks run from 0 to 100, coverage (the share of the weight that could be measured) from 0 to 1. of ``counts`` (`_COUNTS`)
    with those of all other customers `books` makes marks.
    """

    counts: pd.DataFrame
    customers: pd.DataFrame


def score(portfolio: Portfolio, customers: pd.DataFrame, past: pd.DataFrame | None, policy: Policy) -> Score:
    """Mark the data of each workbook and customer.

    * completeness: required fields (policy) that hold a value that could be read, of all of them;
    * validity: cells without an error, of all cells filled in;
    * consistency: customers that the customer sheets and the evaluations both know, of all that a sheet names;
    * freshness: customers whose newest interaction was recorded in time, of those where that could be seen (`fresh`).
    """
    every = _cell_counts(portfolio, policy)
    ids = _ids(portfolio)
    freshness = fresh(customers, past, policy)
    by_customer = _marked(_counts(every, ids, "customer_id"), policy, customers["customer_id"], freshness)
    own = portfolio.records[["book", "customer_id"]].drop_duplicates()
    mark = own["customer_id"].map(freshness).astype("float64")
    more = pd.DataFrame({"customers": 1, "seen": mark.notna(), "fresh": mark.fillna(0)}).groupby(own["book"]).sum()
    counts = _counts(every, ids, "book").join(more, how="outer").fillna(0).rename_axis("book")
    return Score(counts[list(_COUNTS)].reset_index(), by_customer)


def books(counts: pd.DataFrame, sources: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """The quality of every workbook that counts (`BOOKS`); ``counts`` are those of all parts of the customers."""
    counts = counts.groupby("book").sum()
    used = sources[sources["outcome"] == "used"]
    freshness = counts["fresh"] / counts["seen"].where(counts["seen"] > 0)
    by_book = _marked(counts, policy, used["book"], freshness)
    count = counts["customers"].reindex(by_book.index, fill_value=0).astype("int64")
    marked = by_book.assign(team=used.set_index("book")["team"], customers=count)
    return marked.rename_axis("book").reset_index()[list(BOOKS)]


def fresh(customers: pd.DataFrame, past: pd.DataFrame | None, policy: Policy) -> pd.Series:
    """100 where the newest interaction was recorded in time, 0 where it came late, by customer ID; else unknown.

    Workbooks do not say when a row was typed, nights do: an interaction that is here tonight, was not in the snapshot
    before, and took place more than ``late_days`` before that snapshot's day, is late. Between two interactions the mark
    of the last one stays; so it does when a team joins, whose workbook may just have been unreadable the night before.
    ``past`` needs the columns last_contact and freshness.
    """
    tonight = customers[["last_contact", "team_count"]].set_axis(customers["customer_id"])
    now = tonight["last_contact"]
    if past is None or not {"last_contact", "freshness"} <= {*past.columns}:
        return pd.Series(np.nan, index=now.index)
    before = past.set_index("customer_id").reindex(now.index)
    newer = before["on"].notna() & now.notna() & ~(now <= before["last_contact"])
    newer &= tonight["team_count"] <= before["team_count"]
    late = now < before["on"] - pd.Timedelta(days=policy.quality.late_days)
    return before["freshness"].astype("float64").mask(newer, np.where(late, 0.0, 100.0))


def _cell_counts(portfolio: Portfolio, policy: Policy) -> pd.DataFrame:
    """One line a row of a sheet, and one a cell with an error: customer_id, book, wanted, filled, typed, wrong."""
    parts: list[pd.DataFrame] = []
    for kind, name in _FRAMES.items():
        rows = getattr(portfolio, name)
        if rows.empty and parts:
            continue
        required = [field for one, fields in policy.quality.required.items() if one == kind for field in fields]
        fields = [field for field in sheets.BY_KIND[kind].fields if field in rows]
        counts = rows[["customer_id", "book"]].assign(
            wanted=len(required),
            filled=rows[required].notna().sum(axis=1),
            typed=rows[fields].notna().sum(axis=1),
            wrong=0,
        )
        parts.append(counts)
    found = portfolio.findings
    errors = found[(found["severity"] == "error") & found["cell"].notna()]
    errors = errors.drop_duplicates(["book", "sheet", "cell"])[["customer_id", "book"]]
    parts.append(errors.assign(wanted=0, filled=0, typed=1, wrong=1))
    return pd.concat(parts, ignore_index=True)


def _ids(portfolio: Portfolio) -> pd.DataFrame:
    """Every customer each book names, once: customer_id, book, known (the standard sheets that are kept all know it)."""
    kept = {kind for _, kind in portfolio.letters}
    frames = {kind: getattr(portfolio, name)[["customer_id", "book"]] for kind, name in _ROWS.items()}
    ids = pd.concat(frames.values(), ignore_index=True).drop_duplicates()
    known = pd.Series(True, index=ids.index)
    for kind in ("info", "evaluation"):  # not every customer needs a strategy
        if kind in kept:
            known &= pd.Index(frames[kind]["customer_id"].dropna().unique()).get_indexer(ids["customer_id"]) >= 0
    return ids.assign(known=known)


#: Cells that are required, that of those are filled, that are typed, that are wrong; customers named, and known; customers
#: of the workbook, whose freshness can be seen, and the sum of their marks.
_COUNTS = ("wanted", "filled", "typed", "wrong", "named", "known", "customers", "seen", "fresh")


def _counts(every: pd.DataFrame, ids: pd.DataFrame, by: str) -> pd.DataFrame:
    """What the marks are made of, by book or customer."""
    sums = every.groupby(by)[["wanted", "filled", "typed", "wrong"]].sum()
    return sums.join(ids.groupby(by)["known"].agg(named="size", known="sum"), how="outer").fillna(0)


def _marked(sums: pd.DataFrame, policy: Policy, index: pd.Series, freshness: pd.Series) -> pd.DataFrame:
    """The parts, their weighted mean and its coverage, by book or customer; a part that is unknown has no weight."""
    parts = pd.DataFrame(
        {
            "completeness": sums["filled"] / sums["wanted"].where(sums["wanted"] > 0) * 100,
            "validity": 100 - sums["wrong"] / sums["typed"].where(sums["typed"] > 0) * 100,
            "consistency": sums["known"] / sums["named"].where(sums["named"] > 0) * 100,
            "freshness": freshness,
        }
    ).reindex(index)
    weights = pd.Series(policy.quality.weights)
    weight = parts.notna() * weights
    coverage = weight.sum(axis=1).round(9)
    quality = (parts * weights).sum(axis=1) / coverage.where(coverage > 0)
    return parts.assign(quality=quality).round(_DECIMALS).assign(coverage=coverage)


# --- the monthly sample ------------------------------------------------------------------------------------------


def sample(portfolio: Portfolio, policy: Policy, today: dt.date) -> pd.DataFrame:
    """The cells to check by hand this month (`SAMPLE`): of a few customers of each team, by the policy's share and fields.

    Who is drawn depends on the month, the policy's seed, the team and the customer's ID alone: the same list all month,
    whatever the order of the books, and whoever joins displaces at most one.
    """
    rule = policy.quality
    seed = f"{today:%Y-%m}|{rule.seed}"
    records = portfolio.records
    records = records[~records["repeated"]].drop_duplicates(["team", "customer_id"]).reset_index(drop=True)
    lot = pd.Series(
        _lots(seed + "|" + records["team"] + "|" + records["customer_id"]), index=records.index, dtype="str"
    )
    place = lot.groupby(records["team"]).rank(method="first")
    customers = records.groupby("team")["customer_id"].transform("size")
    wanted = np.maximum(np.ceil((customers * rule.sample_share).round(9)), rule.sample_least)
    drawn = records[place <= wanted].sort_values(["team", "customer_id"], ignore_index=True)
    parts = [_field_of(portfolio, drawn, field).assign(order=order) for order, field in enumerate(rule.sample_fields)]
    found = pd.concat(parts).sort_values(["team", "customer_id", "order"], kind="stable", ignore_index=True)
    return found.assign(seed=seed)[list(SAMPLE)].astype("str")


def _lots(texts: pd.Series) -> list[str]:
    return [hashlib.blake2s(text.encode(), digest_size=8).hexdigest() for text in texts]


def _field_of(portfolio: Portfolio, rows: pd.DataFrame, field: str) -> pd.DataFrame:
    """One field of each row, its cell and what was read there; without the rows whose workbook lacks the column."""
    kept = portfolio.letters
    has = [field in kept[book, "info"].get(sheet, ()) for book, sheet in zip(rows["book"], rows["sheet"], strict=True)]
    rows = rows[np.array(has, bool)]
    place = rows[["team", "customer_id", "name", "book", "sheet"]]
    cell = portfolio.cells(rows, "info", field)
    return place.assign(field=field, cell=cell, typed_value=_as_typed(rows[field]))


def _as_typed(column: pd.Series) -> pd.Series:
    """Values as somebody would type them into a cell: 2023-10-20, 520, 12.5, text; unknown stays unknown."""
    if pd.api.types.is_datetime64_any_dtype(column):
        return column.dt.strftime("%Y-%m-%d").astype("str")
    if pd.api.types.is_numeric_dtype(column):
        return column.map("{:.12g}".format, na_action="ignore").astype("str")
    return column.astype("str")


# --- the morning's repairs ---------------------------------------------------------------------------------------


def repairs(portfolio: Portfolio, customers: pd.DataFrame) -> pd.DataFrame:
    """The cells to put right (`REPAIRS`), by manager (else the team), the most severe first.

    Errors and warnings, IDs that are not in their normal form, and amounts and dates that were understood though they are
    typed as text (520万, 2023年10月20日; their ``code`` is unknown). ``proposal`` is what to type instead where the rules
    know it, unknown where only a person can. Personal data is not masked here.
    """
    found = portfolio.findings[portfolio.findings["cell"].notna()]
    found = found.assign(proposal=found["detail"].where(found["code"].isin(_PROPOSED)))
    read = _read_as(portfolio)
    untold = ~pd.MultiIndex.from_frame(read[_AT]).isin(pd.MultiIndex.from_frame(found[_AT]))
    found = found[(found["severity"] != "info") | found["proposal"].notna()]
    every = pd.concat([found, read[untold].assign(severity="info", code=None)], ignore_index=True)
    every["team"] = every["book"].map(portfolio.sources.drop_duplicates("book").set_index("book")["team"])
    manager = every["customer_id"].map(customers["manager"].set_axis(customers["customer_id"]))
    every["manager"] = manager.astype("str").fillna(every["team"])
    every["rank"] = every["severity"].map({severity: rank for rank, severity in enumerate(SEVERITIES)})
    order = ["manager", "rank", "book", "sheet", "customer_id", "field", "cell", "code"]
    return every.sort_values(order, kind="stable", ignore_index=True, key=in_sheet_order)[list(REPAIRS)].astype("str")


def _read_as(portfolio: Portfolio) -> pd.DataFrame:
    """Every cell whose text was read as a number, a date or an ID: customer_id, its place, field, typed_value, proposal."""
    empty = pd.DataFrame(columns=["customer_id", *_AT, "field", "typed_value", "proposal"], dtype="str")
    parts = [part for kind, name in _FRAMES.items() for part in _readings(portfolio, kind, getattr(portfolio, name))]
    return pd.concat([empty, *parts], ignore_index=True)


def _readings(portfolio: Portfolio, kind: str, rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The cells of one kind of sheet whose text a row keeps in as_typed, as ``header=text`` pairs; one frame a header."""
    typed = rows["as_typed"].dropna().str.split(SEPARATOR).explode()
    if typed.empty:
        return
    pairs = typed.str.partition("=")
    for header, texts in pairs.groupby(0):
        field = headings.field_of(kind, str(header))
        if field is None or field not in rows:
            continue
        column = sheets.BY_KIND[kind].column(field)
        if column.kind not in _FORMS:
            continue
        own = rows.loc[texts.index]
        proposal = _FORMS[column.kind](own[field], str(header), column.unit)
        if column.kind == "amount":  # one in another currency stands as it should
            proposal = proposal.mask(own[f"{field}_typed"].notna())
        cell = portfolio.cells(own, kind, field)
        at = own[["customer_id", "book", "sheet"]].assign(cell=cell, field=sheets.named(kind, field))
        found = at.assign(typed_value=texts[2], proposal=proposal)
        yield found[proposal.notna() & (proposal != texts[2])]  # 520 as text reads like the number it should be


def _amount_below(amounts: pd.Series, header: str, unit: str | None) -> pd.Series:
    """Amounts of 万元 as they are typed below a header that may name another unit; unknown where it names none known."""
    found = unit_of(header, unit)
    return _as_typed(amounts / (np.nan if found.factor is None or is_foreign(found.currency) else found.factor))


def _plain(column: pd.Series, _header: str, _unit: str | None) -> pd.Series:
    return _as_typed(column)


def _moment(column: pd.Series, _header: str, _unit: str | None) -> pd.Series:
    """Moments as they are typed; one at midnight is a day whose time nobody knows."""
    return column.dt.strftime("%Y-%m-%d %H:%M").str.removesuffix(" 00:00").astype("str")


_AT = ["book", "sheet", "cell"]
#: Kind of column → the form its cells should have.
_FORMS = {"amount": _amount_below, "date": _plain, "datetime": _moment, "id": _plain, "count": _plain, "number": _plain}
