"""What stands in the cells that name a customer, before anybody knows whom they mean: what of it is kept, and IDs that are like no other.

`identity` finds whom they mean.
"""

from __future__ import annotations

#: What is left in the rows for `identity` alone: the cell that names the customer, the header above it, and
#: the name in a column beside it.
ASKED = ("customer_typed", "customer_header", "customer_beside")

_APART = " ← "  # an ID in its normal form has no blank; neither a mail address nor one number with what follows


def unlike_any(typed: str, place: str) -> str:
    """An ID for a row whose own is damaged: it shows what was typed and where, and is equal to no other."""
    return f"{typed}{_APART}{place}"


def is_unlike_any(customer_id: str) -> bool:
    """True for what `unlike_any` made."""
    return _APART in customer_id


def of_book(customer_id: str, book: str) -> str:
    """An ID that `unlike_any` made of a place in a workbook, with the workbook; any other as it is."""
    return customer_id.replace(_APART, f"{_APART}{book}!")


def as_typed(customer_id: str) -> str:
    """An ID without the place that keeps a damaged one apart."""
    return customer_id.partition(_APART)[0]
