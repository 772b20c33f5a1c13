"""What is wrong with a team's data, as a value: a code, its place and what was typed there.

The sentences and remedies of each code stand in ``words/findings.toml``; here stands how severe it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pandas as pd

#: error: rows or values are missing from the master · warn: kept, but someone should look · info: good to know.
SEVERITY = {
    # whole files and sheets
    "contains_macros": "warn",
    "contains_our_macros": "info",
    "read_as_text": "info",
    "text_read": "info",
    "read_as_page": "info",
    "read_as_xml": "info",
    "list_known": "info",
    "list_understood": "info",
    "list_column_gone": "warn",
    "list_column_new": "warn",
    "list_column_read": "info",
    "list_column_alike": "warn",
    "copy_of": "warn",
    "superseded": "warn",
    "version_undecided": "error",
    "version_lacks": "warn",
    "list_lacks": "warn",
    "resembles": "warn",
    "sheet_ambiguous": "error",
    "sheet_left_out": "error",
    "sheet_repeats": "error",
    "sheet_older": "warn",
    "sheet_ignored": "warn",
    "sheet_missing": "warn",
    "sheet_unknown": "info",
    "sheet_damaged": "error",
    "cells_far_away": "error",
    "no_data_rows": "warn",
    "column_missing": "error",
    "column_absent": "info",
    "column_duplicate": "warn",
    "column_unknown": "warn",
    "columns_unknown": "warn",
    "column_without_header": "warn",
    "text_outside_table": "info",
    # rows
    "non_data_row_skipped": "info",
    "row_set_aside": "warn",
    "duplicate_row_exact": "warn",
    "rows_repeated": "warn",
    "orders_exceed_amount": "warn",
    "products_contradict": "warn",
    "orders_repeated": "info",
    "order_differs": "warn",
    "orders_differ": "warn",
    "order_called_off": "info",
    "orders_called_off": "info",
    "order_number_reused": "warn",
    "order_numbers_reused": "warn",
    "orders_not_counted": "info",
    "orders_state_unclear": "warn",
    "orders_returned": "info",
    "order_totals_once": "info",
    "order_totals_perhaps": "warn",
    "order_lines_continued": "info",
    "group_circle": "warn",
    "duplicate_id_conflict": "error",
    "evaluation_missing": "warn",
    "evaluation_superseded": "info",
    "evaluation_tie": "warn",
    "evaluation_undated": "warn",
    "evaluation_unknown_customer": "warn",
    "tracking_unknown_customer": "warn",
    "customer_unknown": "warn",
    "customer_meant": "warn",
    "customer_unclear": "warn",
    "customers_several": "warn",
    "customer_contradicts": "warn",
    "customer_name_other": "info",
    # cells
    "error_cell": "error",
    "unreadable_cell": "error",
    "not_calculated": "error",
    "function_unanswered": "info",
    "external_link": "warn",
    "id_missing": "error",
    "id_damaged": "error",
    "id_clash": "error",
    "id_format_unread": "warn",
    "id_normalised": "info",
    "id_unusual": "warn",
    "name_missing": "warn",
    "cell_too_long": "error",
    "text_too_long": "warn",
    "customer_missing": "warn",
    "amount_missing": "info",
    "amount_partial": "warn",
    "amount_of_price": "info",
    "amount_beside_tax": "info",
    "amount_unparsed": "error",
    "amount_currency_unclear": "error",
    "amount_rate_missing": "error",
    "amount_converted": "info",
    "currency_unparsed": "error",
    "amount_unit_unknown": "error",
    "amount_unit_unnamed": "warn",
    "amount_unit_assumed": "warn",
    "amount_unit_single": "info",
    "amount_unit_missing": "error",
    "amount_unit_unclear": "error",
    "amount_out_of_scale": "warn",
    "amount_negative": "warn",
    "amount_implausible": "error",
    "score_missing": "warn",
    "score_unparsed": "error",
    "score_out_of_range": "error",
    "score_fraction": "error",
    "composite_mismatch": "warn",
    "tier_mismatch": "warn",
    "tier_unparsed": "warn",
    "status_unparsed": "warn",
    "date_unparsed": "error",
    "date_ambiguous": "error",
    "date_month_only": "info",
    "days_first": "info",
    "months_first": "info",
    "decimals_by_comma": "info",
    "date_implausible": "error",
    "date_in_future": "warn",
    "date_not_yet": "error",
    "dates_reversed": "warn",
    "period_unparsed": "warn",
    "period_reversed": "warn",
    "period_open_ended": "info",
    "size_unparsed": "info",
    "phone_damaged": "warn",
    "phone_masked": "info",
    "formula_like_text": "warn",
    "number_unparsed": "error",
    "number_out_of_range": "error",
    "number_not_whole": "error",
    "share_ambiguous": "error",
    "choice_unparsed": "warn",
    "flag_unparsed": "warn",
    "moments_reversed": "error",
    "action_unsaid": "warn",
    "action_undated": "warn",
    "action_postponed_nowhere": "warn",
}

COLUMNS = ("code", "severity", "book", "sheet", "cell", "customer_id", "field", "typed_value", "detail")


class Finding(NamedTuple):
    """One thing to put right; `cell` is an A1 address or range, `detail` a second value its sentence needs.

    `field` is a key of `sheets.columns`: ``amount`` in a standard sheet, ``renewals.amount`` in an optional one.
    """

    code: str
    sheet: str | None = None
    cell: str | None = None
    field: str | None = None
    typed_value: str | None = None
    customer_id: str | None = None
    detail: str | None = None


def text_or_none(value: object) -> str | None:
    """A text of a frame as a finding has it: None where it is unknown."""
    return value if isinstance(value, str) else None


def frame(found: Iterable[tuple[str, Finding]]) -> pd.DataFrame:
    """(book, finding) pairs as columns (`COLUMNS`), in the order given."""
    import pandas as pd  # here: whoever reads a workbook makes no frame

    rows = [
        (f.code, SEVERITY[f.code], book, f.sheet, f.cell, f.customer_id, f.field, f.typed_value, f.detail)
        for book, f in found
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype="str")


def in_order(found: pd.DataFrame) -> pd.DataFrame:
    """Findings from the most severe down, then by place; independent of the order in which they were made."""
    severity = found["severity"].map({"error": 0, "warn": 1, "info": 2})
    by = ["order", "code", "book", "sheet", "cell", "field", "customer_id", "detail"]
    order = found.assign(order=severity).sort_values(by, kind="stable", ignore_index=True, key=in_sheet_order)
    return order.drop(columns="order")


def in_sheet_order(column: pd.Series) -> pd.Series:
    """The key to sort a frame by: cells in their order in a sheet, row by row (A2 before A10); any other column as it is."""
    if column.name != "cell":
        return column
    place = column.str.extract(r"([A-Z]+)(\d+)")
    return place[1].str.zfill(_DIGITS) + place[0].str.rjust(_DIGITS)


_DIGITS = 7
