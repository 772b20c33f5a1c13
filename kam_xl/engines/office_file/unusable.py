"""Why a file cannot be used, as a code that whoever speaks to people has a sentence for."""

from __future__ import annotations

#: Reason → what it says in English; `detail` names the part, the sheet, the limit or the kind of error it is about.
REASONS = {
    "damaged": "the file is damaged",
    "encrypted": "the file is protected by a password",
    "not_a_workbook": "the file is no workbook",
    "missing_part": "the content of a listed sheet is missing",
    "repeated_part": "the file holds a part twice",
    "has_dtd": "a part declares a DTD",
    "unpacks_too_large": "the file unpacks to more megabytes than are allowed",
}


class Unusable(Exception):
    """A file that cannot be used: `reason` is one of `REASONS`."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail

    def __str__(self) -> str:
        said = REASONS[self.reason]
        return f"{said}: {self.detail}" if self.detail else said


def damaged(error: BaseException) -> Unusable:
    """What a library gave up; what its error says may quote the file, so only the name of its kind is told."""
    return Unusable("damaged", type(error).__name__)
