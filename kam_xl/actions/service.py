"""What is still owed to customers: open complaints and requests with their clocks, and problems that come back."""

from __future__ import annotations

from kam_xl.actions import result_sheets, results
from kam_xl.actions.request import Request
from kam_xl.core import sheets
from kam_xl.core.errors import KamError
from kam_xl.showing.vocabulary import Vocabulary

_CASES = (
    "response_state answer_by resolution_state resolve_by computed_tier customer_id name service.kind service.severity "
    "category description reported cases.stage handler cell"
)
_REPEATS = "category count customers customer_id first last"
_DONE = "confirmed"


def service(request: Request) -> str:
    """Every complaint and request that its customer has not confirmed as settled, the most pressing first."""
    assessed, words = request.customers(), request.words
    if assessed.cases.empty:
        raise KamError(words("message.sheet_empty", sheet=sheets.SERVICE.name(words.lang)))
    frame = assessed.cases[assessed.cases["stage"] != _DONE]
    order = ["open", "late", "by", "customer_id"]
    frame = frame.sort_values(order, ascending=[False, False, True, True], kind="stable", ignore_index=True)
    frame = frame.assign(cell=assessed.portfolio.cells(frame, "service", "reported"))
    waiting = frame[frame["open"]]
    severe = int(((waiting["kind"] == "complaint") & (waiting["severity"] == "major")).sum())
    late = int(waiting["late"].sum())
    sentence = words(
        "message.service", n=len(waiting), severe=severe, late=late, confirm=len(frame) - len(waiting)
    )  # fmt: skip
    sentence += words("message.repeats", n=len(assessed.repeats)) if len(assessed.repeats) else ""
    blocks = [results.block(request, frame, _CASES, words("result.cases_open"))]
    if len(assessed.repeats):
        several = {"customer_id": Vocabulary({}, unknown=words("result.several"))}
        blocks.append(results.block(request, assessed.repeats, _REPEATS, words("result.repeats"), several))
    result_sheets.show(request.book, results.page(request, "cases", sentence, blocks), words)
    return sentence
