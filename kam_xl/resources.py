"""The package's own files: the company policy and the words for people, each read once, on first use.

A Python without packages reads words too: it says the sentences of an installation. Only a policy needs the rules.
"""

from __future__ import annotations

import functools
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from kam_xl.core import words as wordbook
from kam_xl.core.errors import PolicyError, Refused

if TYPE_CHECKING:
    from kam_xl.core.policy import Policy

_PACKAGE = resources.files("kam_xl")
#: The pages for users, which the guide button and the doctor open, and their pictures.
GUIDE = Path(__file__).with_name("guide")


@functools.cache
def words(lang: str) -> wordbook.Words:
    """Every text of the product in one language (``zh-CN`` or ``en``)."""
    files = sorted(
        (entry for entry in (_PACKAGE / "words").iterdir() if entry.name.endswith(".toml")),
        key=lambda entry: entry.name,
    )
    return wordbook.parse(lang, [entry.read_text("utf-8") for entry in files])


def refusal(error: Refused, words: wordbook.Words, part: str = "text") -> str:
    """Why a workbook cannot be used, or with ``remedy`` what to do; what it is instead has words of its own."""
    look = f"refusal.looks_like.{error.detail}"
    told = words(look) if look in words else error.detail
    if error.reason == "list_changed":
        place, _, header = error.detail.partition("\t")
        return words(f"refusal.list_changed.{part}", place=place, header=header)
    if error.reason == "no_standard_sheet":
        told = _seen(error.detail, words, part)
    return words(f"refusal.{error.reason}.{part}", detail=told)


def _seen(detail: str, words: wordbook.Words, part: str) -> str:
    """What was seen of a list, as `understanding.told` tells it, as part of a sentence; blank where nothing was."""
    from kam_xl.core.sheets import header

    sheet, _, told = detail.partition("\t")
    looks, *fields, seen = told.split("\t") if told else ("",) * 2
    key = f"refusal.looks.{looks}.{part}"
    if key not in words:
        return ""
    separator = words("terms.list_separator")
    known, missing = (
        separator.join(header(field, words.lang) for field in some.split(",") if field) or "—" for some in fields
    )
    return words(key, sheet=sheet, known=known, missing=missing, seen=seen)


def aliases() -> str:
    """The text of ``aliases.toml``: how programs head the lists that they export."""
    return (_PACKAGE / "aliases.toml").read_text("utf-8")


def policy(path: Path | None = None) -> Policy:
    """The company policy: the file at ``path``, or the one in the package; `PolicyError` names what is wrong in it."""
    from kam_xl.core import policy as policies

    return policies.parse(policy_text(path))


def policy_text(path: Path | None = None) -> str:
    """The text of the company policy: of the file at ``path``, or of the one in the package."""
    if path is None:
        return (_PACKAGE / "policy.toml").read_text("utf-8")
    try:
        return path.read_text("utf-8-sig")  # Windows editors put a mark in front
    except UnicodeDecodeError as error:
        raise PolicyError(
            f"The policy {path} is not saved as UTF-8.", f"政策文件 {path} 不是以 UTF-8 保存的。"
        ) from error
