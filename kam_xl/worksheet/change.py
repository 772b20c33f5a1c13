"""Why one customer's figures are not what they were: read out of what the last night told of it, never computed anew."""

from __future__ import annotations

from kam_xl.core import raw
from kam_xl.core.books import CellError
from kam_xl.core.entries import is_nothing
from kam_xl.reports import moves_sheet
from kam_xl.showing.fields import listed
from kam_xl.worksheet.card import found
from kam_xl.worksheet.exchange import MISSING, WRONG, ByColumn, Wrong, error_in, one, plain_all, quoted, rows_of
from kam_xl.worksheet.setting import Setting
from kam_xl.worksheet.tables import is_blank

CHANGE = "figure:moves.figure said:moves.said why:moves.why cites:moves.cites nights:moves.nights"


def change(setting: Setting, customer_id: object, moves: object) -> list | ByColumn:
    """Each change of a customer with its parts or causes and its evidence; the customer is named as for KAM_CARD.

    ``moves`` is the sheet of a returned workbook, or of the button; its sentences stay in the night's language.
    """
    typed = one(customer_id)
    if isinstance(typed, CellError):
        return [[error_in(typed, "customer_id")]]
    if is_blank(moves):
        return [[Wrong(MISSING, "reason.missing", "moves")]]
    wanted = raw.text(typed)
    if is_nothing(wanted):
        return [[Wrong(MISSING, "reason.missing", "customer_id")]]
    told = moves_sheet.read([plain_all(list(row)) for row in rows_of(moves)])
    if told is None:
        return [[Wrong(WRONG, "reason.no_moves", "moves")]]
    return _answered(wanted, told, setting)


def _answered(wanted: str, told: moves_sheet.ToldMoves, setting: Setting) -> list | ByColumn:
    columns = listed(CHANGE)
    headers = tuple(field.header(setting.words.lang) for _, field in columns)
    who = found(wanted, told.rows.drop_duplicates("customer_id").assign(book=""))
    if who is None:
        return [headers, (_why_none(wanted, told, setting), *[""] * (len(headers) - 1))]
    own = told.rows[told.rows["customer_id"] == who["customer_id"].iloc[0]]
    names = own["figure"].map(lambda key: setting.words(f"bridge.figure.{key}"))
    shown = own.assign(figure=names)
    return ByColumn(headers, [shown[column].tolist() for column, _ in columns])


def _why_none(wanted: str, told: moves_sheet.ToldMoves, setting: Setting) -> str:
    """Why there is nothing to tell of a customer."""
    if told.rows.empty:
        return told.note or setting.words("table.nothing")
    return moves_sheet.unlisted(quoted(wanted), told.rows, setting.words)
