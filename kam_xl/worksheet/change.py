"""Why one customer's figures are not what they were: read out of what nights told of it, and added up, never judged anew."""

from __future__ import annotations

import pandas as pd

from kam_xl.core import raw
from kam_xl.core.books import CellError
from kam_xl.core.entries import is_nothing
from kam_xl.reports import moves_sheet
from kam_xl.reports.moves_sheet import ToldMoves
from kam_xl.showing.fields import listed
from kam_xl.worksheet import readings
from kam_xl.worksheet.card import found
from kam_xl.worksheet.exchange import MISSING, WRONG, ByColumn, Wrong, error_in, one, plain_all, quoted, rows_of
from kam_xl.worksheet.setting import Setting
from kam_xl.worksheet.tables import is_blank

CHANGE = "figure:moves.figure said:moves.said why:moves.why cites:moves.cites nights:moves.nights"


def change(setting: Setting, customer_id: object, moves: object, since_day: object = None) -> list | ByColumn:
    """Each change of a customer with its parts or causes and its evidence; the customer is named as for KAM_CARD.

    ``moves`` is the sheet of a returned workbook, or of the button; its sentences stay in the night's language. Since a day
    the nights after it are added up; where the sheet does not reach so far back the answer is an error that says how far.
    """
    typed, wanted = one(customer_id), raw.text(one(customer_id))
    if isinstance(typed, CellError):
        return [[error_in(typed, "customer_id")]]
    if is_blank(moves):
        return [[Wrong(MISSING, "reason.missing", "moves")]]
    if is_nothing(wanted):
        return [[Wrong(MISSING, "reason.missing", "customer_id")]]
    told = moves_sheet.read([plain_all(list(row)) for row in rows_of(moves)])
    if told is None:
        return [[Wrong(WRONG, "reason.no_moves", "moves")]]
    return _answered(wanted, told, None if is_blank(since_day) else one(since_day), setting)


def _answered(wanted: str, told: ToldMoves, since_day: object, setting: Setting) -> list | ByColumn:
    """What is told of a customer: by the last night, or since a day."""
    who = found(wanted, told.rows.drop_duplicates("customer_id").assign(book=""))
    known = "" if who is None else who["customer_id"].iloc[0]
    if since_day is None:
        return _shown(told.last[told.last["customer_id"] == known], _why_none(wanted, told, setting), setting)
    typed = readings.moments([since_day], "since_day", setting)
    if typed.wrong:
        return [[typed.wrong[0]]]
    day, reach = pd.Timestamp(typed.values[0]).normalize(), told.known_since(known)
    if reach is None or day < reach:
        far = moves_sheet.day(reach) if reach else setting.words("terms.unknown")
        return [[Wrong(MISSING, "reason.not_so_far", "since_day", {"value": far})]]
    between = moves_sheet.nights(day, told.on, setting.words)
    own = told.added_up(known, day, setting.words)
    return _shown(own, moves_sheet.unlisted(quoted(wanted), between, setting.words), setting)


def _shown(own: pd.DataFrame, none: str, setting: Setting) -> list | ByColumn:
    """Changes in a table, or the sentence that stands in their place."""
    columns = listed(CHANGE)
    headers = tuple(field.header(setting.words.lang) for _, field in columns)
    if own.empty:
        return [headers, (none, *[""] * (len(headers) - 1))]
    shown = own.assign(figure=own["figure"].map(lambda key: setting.words(f"bridge.figure.{key}")))
    return ByColumn(headers, [shown[column].tolist() for column, _ in columns])


def _why_none(wanted: str, told: ToldMoves, setting: Setting) -> str:
    """Why the last night told of no change of a customer."""
    if told.last.empty:
        return told.note or setting.words("table.nothing")
    return moves_sheet.unlisted(quoted(wanted), told.last["nights"].iloc[0], setting.words)
