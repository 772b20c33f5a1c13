"""What a header says: which field of which kind of sheet it names, in one language or in two, and what that tells of the sheet."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from kam_xl.core.amounts import is_foreign, parted, unit_of
from kam_xl.core.computed import COLUMNS
from kam_xl.core.list_words import CUSTOMERS, EVERYWHERE, NO_CUSTOMERS, PAYMENTS, SOMETHING_ELSE, SUPPLIERS
from kam_xl.core.sheets import BY_KIND, DISCOUNTS, OPTIONAL, ORDERS, PRICES, STANDARD, UNCLEAR_DISCOUNTS
from kam_xl.core.texts import heading, lowered, written

#: A digit, yet no percentage such as that in 价值维度(50%).
_LIKE_AN_ID = re.compile(r"[^%％\d]*\d[^%％]*\Z")
#: So much of a text tells whether a header may begin like it.
_BEGINNING = 2
#: A header shorter than this, such as 客户, says another thing with any word beside it.
_PLAIN = 4
#: The rank of a header that is only half understood, and by how much one of another currency stands behind others.
_LAST, _CONVERTED = 999, 500
_BRACKETS = "()[]{}（）［］【】〔〕「」『』"


class Meaning(NamedTuple):
    """The field a header names, its place among that field's headers, and whether it is a sign of such a sheet at all."""

    field: str
    rank: int  # 0 for an official header, else its place among the others: where two columns claim a field, the least has it
    telling: bool  # False for a header that lists of anything have


@functools.cache
def _known(kind: str) -> dict[str, Meaning]:
    """Folded header → what it means in one kind of sheet."""
    everywhere = {heading(text) for text in EVERYWHERE}
    found: dict[str, Meaning] = {}
    for column in BY_KIND[kind].columns:
        for place, text in enumerate(column.headers):
            folded = heading(text)
            found.setdefault(folded, Meaning(column.field, max(place - 1, 0), folded not in everywhere))
    return found


@functools.lru_cache(maxsize=65536)
def meaning(kind: str, text: str) -> Meaning | None:
    """What a header means in one kind of sheet: ``客户ID``, ``Customer ID`` and ``客户ID / Customer ID`` are one.

    An amount in another currency ranks behind those in the product's own: of two columns the one need not be converted. So
    does, of an order, a number that may be anybody's behind a column that names the customer.
    """
    found = _meaning(kind, text)
    if found and kind == ORDERS.kind and found.field == "customer_id" and not found.telling:
        return found._replace(rank=found.rank + _CONVERTED)
    if found and BY_KIND[kind].column(found.field).kind == "amount" and is_foreign(unit_of(text, None).currency):
        return found._replace(rank=found.rank + _CONVERTED)
    return found


def _meaning(kind: str, text: str) -> Meaning | None:
    known, folded = _known(kind), heading(text) or heading(text.strip(_BRACKETS))
    if folded in known or len(folded) > 2 * max(map(len, known)):
        return known.get(folded)
    return (
        _in_two_languages(known, folded)
        or _beside_a_currency(kind, known, text)
        or (None if folded.isascii() else _beside_a_translation(kind, known, folded))
    )


def _beside_a_currency(kind: str, known: dict[str, Meaning], text: str) -> Meaning | None:
    """The meaning of an amount's header that names its currency without brackets: ``Amount USD``."""
    rest, _ = parted(text) or ("", "")
    found = known.get(heading(rest)) if rest else None
    return found if found and BY_KIND[kind].column(found.field).kind == "amount" else None


def _in_two_languages(known: dict[str, Meaning], text: str) -> Meaning | None:
    """The meaning of two headers of one field side by side, in whatever order; what parted them is folded away."""
    pairs = ((known.get(text[:i]), known.get(text[i:])) for i in range(1, len(text)))
    return next((min(one, two) for one, two in pairs if one and two and one.field == two.field), None)


def _beside_a_translation(kind: str, known: dict[str, Meaning], text: str) -> Meaning | None:
    """The meaning of a header beside words of the other script that we do not know: ``客户编号 Cust. Ref.``.

    Only for columns a row cannot do without, and never before a column that says it plainly.
    """
    halves = ((text[:i], text[i:]) for i in range(1, len(text)))
    pairs = (pair for half in halves for pair in (half, half[::-1]))
    found = (known[one] for one, other in pairs if one in known and other not in known and _translates(one, other))
    return next((one._replace(rank=_LAST) for one in found if one.telling and _is_required(kind, one.field)), None)


def _translates(header: str, other: str) -> bool:
    """True for words that are all of another script than a header that is plain enough to stand by itself."""
    return len(header) >= _PLAIN and other.isalpha() and all(char.isascii() != header.isascii() for char in other)


def _is_required(kind: str, field: str) -> bool:
    return BY_KIND[kind].column(field).required


def field_of(kind: str, text: str) -> str | None:
    """The field a header names in one kind of sheet, else None."""
    found = meaning(kind, text)
    return found.field if found else None


def computed(text: str) -> str | None:
    """The field that the workbook without macros computes below a header, for its own reader; nobody recorded it."""
    return _computed().get(heading(text))


@functools.cache
def _computed() -> dict[str, str]:
    return {heading(text): column.field for column in COLUMNS for text in column.headers}


def meanings(row: Sequence[object], kind: str) -> dict[int, Meaning]:
    """Position → meaning, of the cells of a row that are known headers of a kind."""
    found = ((i, meaning(kind, cell)) for i, cell in enumerate(row) if type(cell) is str and cell)
    known = {i: known for i, known in found if known}
    if kind == ORDERS.kind:
        known |= _of_shopify(row, known)
        known |= _priced(row, known)
    return known


def fields(row: Sequence[object], kind: str) -> set[str]:
    """The fields of a kind that a row has headers of."""
    return {known.field for known in meanings(row, kind).values()}


#: What Shopify's export calls an order's number and day: beside its own name of a line, for elsewhere they say other things.
_SHOPIFY, _SHOPIFY_LINE = {"name": "order_no", "createdat": "ordered_on"}, "lineitemname"


def _of_shopify(row: Sequence[object], known: dict[int, Meaning]) -> dict[int, Meaning]:
    texts = [heading(cell) if type(cell) is str else "" for cell in row] if len(known) > 1 else []
    if _SHOPIFY_LINE not in texts:
        return {}
    return {i: Meaning(_SHOPIFY[text], _LAST, telling=True) for i, text in enumerate(texts) if text in _SHOPIFY}


# --- lines of orders that tell a price ---------------------------------------------------------------------------------


def _priced(row: Sequence[object], known: dict[int, Meaning]) -> dict[int, Meaning]:
    """The price of one as what a line's amount is read of, where no column tells that, its quantity stands beside it and all is clear."""
    told, texts = {one.field for one in known.values()}, [cell if type(cell) is str else "" for cell in row]
    if "amount" in told or "quantity" not in told:
        return {}
    prices = [i for i, text in enumerate(texts) if i not in known and is_price(text)]
    unclear = any(heading(text) in _folded(UNCLEAR_DISCOUNTS) for text in texts)
    clear = len(prices) == 1 and not unclear and sum(map(is_discount, texts)) <= 1
    return {prices[0]: Meaning("amount", _LAST, telling=True)} if clear else {}


def is_price(text: str) -> bool:
    """True for a header of the price of one, with or without its currency."""
    rest, _ = parted(text) or ("", "")
    return not _folded(PRICES).isdisjoint((heading(text), heading(rest)))


def is_discount(text: str) -> bool:
    """True for a header of the share that is taken off."""
    return heading(text) in _folded(DISCOUNTS)


@functools.cache
def _folded(texts: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(heading, texts))


# --- names of sheets --------------------------------------------------------------------------------------------------


@functools.cache
def _kinds_by_name() -> dict[str, str]:
    """Folded sheet name → kind, for sheets found by name."""
    return {heading(name): sheet.kind for sheet in BY_KIND.values() for name in (sheet.zh, sheet.en, *sheet.aliases)}


_NUMBERING = re.compile(r"^(表|sheet|table)?\d+")


@functools.lru_cache(maxsize=4096)
def kind_of_sheet(name: str) -> str | None:
    """The kind of sheet a name announces (``表1：企业客户基础信息表`` → info), or None."""
    folded = heading(name)
    return _kinds_by_name().get(folded) or _kinds_by_name().get(_NUMBERING.sub("", folded))


#: What the name of a sheet says of amounts that nobody ordered for, and what it says of orders all the same: 已付款订单.
_OTHER_MONEY = re.compile(
    r"回款|收款|付款|应收|应付|对账|报价|预算|预测|费用|报销|payment|receipt|receivable|payable|quotation|quotes?$|budget|forecast|expense"
)
_OF_ORDERS = re.compile(r"订单|销售|出库|成交|order|sales|invoice")


def names_other_money(name: str) -> bool:
    """True for the name of a sheet of payments, quotations, budgets: days, customers and amounts in it are no orders."""
    folded = heading(name)
    return bool(_OTHER_MONEY.search(folded)) and not _OF_ORDERS.search(folded)


# --- where in a long sheet headers may stand ------------------------------------------------------------------------


@functools.lru_cache(maxsize=65536)
def names_a_column(text: str, *, optional: bool = False) -> bool:
    """True for a text that is a header of a standard sheet, or of an optional one, and surely no ID."""
    sheets = OPTIONAL if optional else STANDARD
    return not _LIKE_AN_ID.match(text) and any(meaning(sheet.kind, text) for sheet in sheets)


def may_name(texts: Iterable[object]) -> list[str]:
    """The texts that begin like a known header, by a quick look: folding every text of a long sheet would be dear."""
    plain = [text for text in texts if type(text) is str]
    starts = {text[: _BEGINNING + 1] for text in plain}
    likely = {start for start in starts if _plain_beginning(start) is not False}
    return [text for text in plain if (start := text[: _BEGINNING + 1]) in likely and _begin_like_a_header(start, text)]


def _begin_like_a_header(start: str, text: str) -> bool:
    plain = _plain_beginning(start)
    if plain is not None:
        return plain
    return not text[:1].isalnum() or _beginning(text) in _beginnings()


@functools.lru_cache(maxsize=4096)
def _plain_beginning(start: str) -> bool | None:
    """Whether a text with this start begins like a known header; None where what follows may change the start."""
    return lowered(start[:_BEGINNING]) in _beginnings() if _UNCHANGING.fullmatch(start) else None


#: Characters that stand for themselves, and one that changes none before it, be it punctuation of full width.
_UNCHANGING = re.compile(r"[A-Za-z0-9\u4e00-\u9fff]{2}[ -~\u3001-\u3020\u4e00-\u9fff\uff01-\uff5e]?")


def _beginning(text: str) -> str:
    return "".join(lowered(text[: 4 * _BEGINNING]).split())[:_BEGINNING]


@functools.cache
def _beginnings() -> frozenset[str]:
    """How a known header may begin, in either script."""
    sheets = (*STANDARD, *OPTIONAL)
    starts = {_beginning(text) for sheet in sheets for column in sheet.columns for text in column.headers}
    return frozenset("".join(form) for start in starts for form in itertools.product(*map(written, start)))


# --- what headers tell of a list --------------------------------------------------------------------------------------


def speak_of_customers(row: Sequence[object], name: str) -> bool:
    """True where a header row, and the name of its sheet, tell rather of customers than of goods, orders, suppliers, staff.

    A name such as 编码 or 电话 stands over lists of anything; what counts is a header only customers have, or the word itself.
    """
    known = _telling_of_customers(row)
    rest = [cell for i, cell in enumerate(row) if i not in known and type(cell) is str and cell]
    telling = {one.field for one in known.values() if one.telling}
    evidence = len(telling) + _count([*rest, name], CUSTOMERS)
    return evidence > _of_others([*rest, name])


#: Whose customer somebody is stands over orders and visits, too: it tells of no table that it is one of customers.
SELLER = "named_manager"


def _telling_of_customers(row: Sequence[object]) -> dict[int, Meaning]:
    """The headers in a row that tell of customers."""
    return {at: one for at, one in meanings(row, "info").items() if one.field != SELLER}


def of_something_else(row: Sequence[object], name: str) -> bool:
    """True where a header row, or the name of its sheet, speaks of goods, orders, payments, suppliers or staff at all."""
    return bool(_of_others([cell for cell in [*row, name] if type(cell) is str and cell]))


def entitles_something_else(above: Iterable[Sequence[object]]) -> bool:
    """True where a title above a header says that suppliers, staff or goods are listed; it stands alone in its row."""
    held = ([cell for cell in row if cell != ""] for row in above)
    titles = [
        lowered(row[0]) for row in held if len(row) == 1 and type(row[0]) is str and len(row[0]) <= _LONGEST_TITLE
    ]
    return any(word in title for title in titles for word in NO_CUSTOMERS) and not _count(titles, CUSTOMERS)


_LONGEST_TITLE = 40


def name_suppliers(row: Sequence[object]) -> bool:
    """True for a header row that names those from whom goods are bought."""
    return bool(_count([cell for cell in row if type(cell) is str and cell], SUPPLIERS))


def names_key(row: Sequence[object], kind: str) -> bool:
    """True for a header row that names what no row can do without by more than a header of any list."""
    return any(one.telling and one.field == BY_KIND[kind].key for one in meanings(row, kind).values())


def name_customers(row: Sequence[object], name: str) -> bool:
    """True for a header row with a customer's ID and name, each called so, and nothing that is not a customer's."""
    known = _telling_of_customers(row)
    telling = {one.field for one in known.values() if one.telling}
    rest = [cell for i, cell in enumerate(row) if i not in known and type(cell) is str and cell]
    return {"customer_id", "name"} <= telling and not _of_others([*rest, name])


_TAX = re.compile("税|vat|tax|gross|excl|incl")


def speaks_of_tax(text: str) -> bool:
    """True for a header of a tax, or of an amount with or without it."""
    return _TAX.search(lowered(text[:_LONGEST_TAX])) is not None and "税号" not in text


_LONGEST_TAX = 40


def is_customers_name(text: str) -> bool:
    """True for a header of the customers' names that leaves no doubt beside those of contacts and products."""
    known = meaning("info", text)
    return known is not None and known.field == "name" and known.rank < _CLEAR


#: All aliases but the last are clear: below `Name` alone stands, in other sheets, a person; exports say 名称 of anything.
_CLEAR = len(BY_KIND["info"].column("name").aliases)


def _count(texts: Iterable[str], words: tuple[str, ...]) -> int:
    """How many of the texts contain one of the words."""
    return sum(any(word in text for word in words) for text in map(heading, texts))


def _of_others(texts: Iterable[str]) -> int:
    """How many of the texts speak of goods, orders, payments, suppliers or staff."""
    folded = [*map(heading, texts)]
    return sum(text.startswith(PAYMENTS) or any(word in text for word in SOMETHING_ELSE) for text in folded)
