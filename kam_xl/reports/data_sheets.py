"""What a data sheet of our workbooks is, and the rows of those that several of them show, in the order people read them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kam_xl.core import sheets
from kam_xl.core.assessment import Assessment
from kam_xl.core.customers import beside
from kam_xl.core.failures import is_missing
from kam_xl.core.findings import in_sheet_order
from kam_xl.core.validation import LettersBySheet
from kam_xl.core.words import Words
from kam_xl.reports.run import Run
from kam_xl.showing.fields import header
from kam_xl.showing.telling import SEVERITIES, of_finding, rank, with_reasons

OF_ORDERS = "next_order order_late growth rfm_class"
PLACE = "team book sheet row as_typed extras"
OUTCOMES = ("quarantined", "undecided", "skipped", "superseded", "copy", "used")


@dataclass(frozen=True)
class DataSheet:
    """One data sheet: its key in the words, its table's name, its fields (see `fields.listed`), where its rows come from.

    ``group`` is the part of the workbook it belongs to, ``frozen`` how many columns stay in view; ``linked``: the cell
    that a row is about opens with a click; ``products``: every other column of the rows is a product's;
    ``of_run``: its rows tell of the run too; ``always``: there is a sheet of it even if it has no rows, ``rare``: in no workbook; ``reads``: the kind
    of sheet whose rows it shows as they were read; ``spared`` are fields that it does without where no row knows them;
    ``nothing`` says why it has no rows, where there is more to say than that.
    """

    key: str
    table: str
    fields: str
    rows: Callable[..., pd.DataFrame]
    frozen: int = 2
    group: str = "today"
    linked: bool = False
    products: bool = False
    of_run: bool = False
    always: bool = False
    rare: bool = False
    reads: str = ""
    spared: str = ""
    nothing: Callable[[Any], str] | None = None

    def unknown(self, frame: pd.DataFrame) -> set[str]:
        """The fields that a sheet with these rows does without: spared ones that no row knows."""
        return {name for name in self.spared.split() if frame[name].isna().all()}

    def name(self, words: Words) -> str:
        """What its sheet is called: of one that holds what was read of a kind of sheet, by that sheet's own name."""
        return (
            words("master.rows", sheet=sheets.BY_KIND[self.reads].name(words.lang))
            if self.reads
            else words(f"master.sheet.{self.key}")
        )

    def about(self, words: Words) -> str:
        """What it answers, in a sentence."""
        return words("master.about.rows" if self.reads else f"master.about.{self.key}")

    def of(self, assessment: Assessment, run: Run) -> pd.DataFrame:
        """Its rows."""
        return self.rows(assessment, run) if self.of_run else self.rows(assessment)


def customers(assessment: Assessment) -> pd.DataFrame:
    """The customers by tier, highest first, in each tier the worst first."""
    tier = rank(assessment.customers["computed_tier"], assessment.policy.tier_keys)
    keyed = assessment.customers.assign(_tier=tier, tier_said=_tier_said(assessment))
    return keyed.sort_values(["_tier", "risk_score", "customer_id"], ascending=[True, False, True], ignore_index=True)


def _tier_said(assessment: Assessment) -> pd.Series:
    """How sure each customer's tier is, where it is not; nothing where that could not be computed."""
    told, rows = assessment.confidence, assessment.customers
    return pd.Series(None, rows.index, dtype="str") if is_missing(told) else beside(told, "said", rows)


def findings(assessment: Assessment) -> pd.DataFrame:
    """The findings as sentences with their remedies, errors first, then by place."""
    frame = assessment.portfolio.findings
    rows = list(zip(*(frame[name].tolist() for name in ("code", "field", "typed_value", "detail")), strict=True))
    told, remedies = (
        pd.Series([of_finding(assessment.words, part, *row) for row in rows], frame.index, dtype="str")
        for part in ("text", "remedy")
    )
    return sorted_by(frame.assign(finding=told, remedy=remedies), ("severity", SEVERITIES), "book", "sheet", "cell")


def sources(assessment: Assessment) -> pd.DataFrame:
    """The files, those that could not be used first: the reason and what to do in words, and which columns were read."""
    frame = with_reasons(assessment.portfolio.sources, assessment.words)
    read: dict[str, list[str]] = {}
    for (book, kind), letters in assessment.portfolio.letters.items():
        read.setdefault(book, []).extend(_columns_read(kind, letters, assessment.words))
    columns = frame["book"].map({book: "\n".join(lines) for book, lines in read.items()}).astype("str")
    return sorted_by(frame.assign(columns_read=columns), ("outcome", OUTCOMES), "book")


def _columns_read(kind: str, letters: LettersBySheet, words: Words) -> Iterator[str]:
    """``客户基础信息表: A 客户ID、B 客户名称``: where each column of a kind stood; the sheets are named where there are several."""
    separator, name = words("terms.list_separator"), sheets.BY_KIND[kind].name(words.lang)
    together: dict[tuple, list[str]] = {}
    for sheet, stood in letters.items():
        together.setdefault(tuple(stood.items()), []).append(sheet)
    for columns, names in together.items():
        of = f" ({separator.join(names)})" if len(letters) > 1 else ""
        told = separator.join(f"{letter} {header(field, words.lang)}" for field, letter in columns)
        yield f"{name}{of}: {told}"


def sorted_by(frame: pd.DataFrame, ranked: tuple[str, Sequence[str]], *then: str) -> pd.DataFrame:
    """Rows by the rank of one column's keys, then by other columns."""
    column, order = ranked
    return frame.assign(_rank=rank(frame[column], order)).sort_values(
        ["_rank", *then], ignore_index=True, key=in_sheet_order
    )
