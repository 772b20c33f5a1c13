"""Refresh, switch the language, open the guide, look the installation over, say what this is."""

from __future__ import annotations

import kam_xl
from kam_xl import resources
from kam_xl.actions import leaflet
from kam_xl.actions.request import Request
from kam_xl.core import own_sheets
from kam_xl.core.errors import KamError
from kam_xl.core.words import LANGUAGES
from kam_xl.hosts import excel


def refresh(request: Request) -> str:
    """Show the dashboard; VBA has every formula calculate."""
    request.tell("calculating")
    names = own_sheets.PRODUCT["dashboard"]  # a sheet keeps its name when the language changes
    dashboard = next((sheet for sheet in request.book.sheets if sheet.name in names), None)
    if dashboard:
        dashboard.activate()
    return request.words("message.refreshed", customers=_customers(request))


def _customers(request: Request) -> int:
    """Customers in the workbook; 0 where none can be read."""
    try:
        return len(request.assessed.customers)
    except KamError:
        return 0


def language(request: Request) -> str:
    """Switch the workbook between Chinese and English; what was typed stays."""
    other = next(lang for lang in LANGUAGES if lang != request.words.lang)
    cell = excel.named(request.book, "kam_lang")
    if cell is None:
        raise KamError(request.words("message.name_missing", name="kam_lang"))
    with excel.writing(cell.sheet.name, request.words):
        excel.put(request.book, "kam_lang", other)
    return resources.words(other)("message.switched")


def guide(request: Request) -> str:
    """Open the guide in the browser."""
    page = leaflet.of_guide(request.words)
    return request.words("message.guide_opened" if leaflet.opened(page) else "message.guide_written", file=page)


def doctor(request: Request) -> str:
    """Check the installation: what was found in one sentence, all of it on a page in the browser."""
    request.tell("examining")
    place = request.book.impl.fullname  # an address as it is; the book's own fullname looks for a folder behind it
    checks, page = leaflet.of_doctor(request.words, str(place))
    wrong = [check for check in checks if check.remedy]
    leaflet.opened(page)
    if not wrong:
        return request.words("message.healthy", n=len(checks), file=page)
    return request.words("message.unhealthy", n=len(wrong), found=wrong[0].found, remedy=wrong[0].remedy, file=page)


def about(request: Request) -> str:
    """The version, the policy and the licence."""
    policy = request.policy
    return request.words(
        "message.about", version=kam_xl.__version__, policy=policy.version, name=policy.name(request.words.lang)
    )
