"""The two hidden sheets: the texts in both languages, and where xlwings finds Python."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kam_xl import resources
from kam_xl.core import deals
from kam_xl.core.policy import Policy
from kam_xl.core.rule_settings import OPEN_STATUSES
from kam_xl.core.words import LANGUAGES
from kam_xl.showing import theme
from kam_xl.template.layout import ORDER, Draft, Page, sheet_name

#: The parts of the words files that `_i18n` holds; a function's description stands right before its arguments.
_PARTS = ("ribbon.", "message.", "functions.", "template.", "terms.")
#: Texts that only the guide shows, or that are written into the file in its own language.
_ELSEWHERE = re.compile(r"functions\.\w+\.(example|result)|template\.(check\..*|period|page|printed)")

#: Defined name → the key of the text whose two translations it holds, so that formulas know a word in either language.
PAIRS = {
    **{f"kam_status_{key}": f"terms.status.{key}" for key in (*OPEN_STATUSES, "done", "cancelled")},
    **{f"kam_stage_{key}": f"terms.renewals.stage.{key}" for key in deals.CLOSED},
    **{f"kam_kind_{key}": f"terms.service.kind.{key}" for key in ("complaint", "request")},
    **{f"kam_action_{key}": f"terms.tasks.status.{key}" for key in ("done", "postponed")},
    "kam_severity_major": "terms.service.severity.major",
    "kam_yes": "terms.yes",
}

#: Where `python -m kam_xl install` puts Python and the program, the same on every desk; only texts, since VBA localises
#: booleans. Every key that a call reads stands here: one that is missing costs two more readings of the sheet.
CONFIGURATION = {
    "Interpreter_Win": r"%LOCALAPPDATA%\kam_xl\venv\Scripts\python.exe",
    "Interpreter_Mac": "$HOME/kam_xl/venv/bin/python",
    "PYTHONPATH": "",
    "Conda Path": "",
    "Conda Env": "",
    "UDF Modules": "udfs",
    "Debug UDFs": "False",
    "Use UDF Server": "True",
    "Show Console": "False",
    "ADD_WORKBOOK_TO_PYTHONPATH": "False",
    "ONEDRIVE_CONSUMER_WIN": "",
    "ONEDRIVE_COMMERCIAL_WIN": "",
    "SHAREPOINT_WIN": "",
    "LICENSE_KEY": "",
}


def texts(policy: Policy) -> dict[str, tuple[str, str]]:
    """Every text of `_i18n`: key → Chinese, English; the words files' own order, then tiers and sheets by name."""
    zh, en = (
        {key: _with_days(text, policy) for key, text in resources.words(lang).texts.items()} for lang in LANGUAGES
    )
    found = {
        key: (zh[key], en[key])
        for part in _PARTS
        for key in zh
        if key.startswith(part) and not _ELSEWHERE.fullmatch(key)
    }
    found |= {f"tier.{tier.key}": (tier.zh, tier.en) for tier in policy.tiers}
    found["policy.name"] = (policy.name.zh, policy.name.en)
    found |= {
        f"policy.{tier.key}.{name}": (getattr(tier, name).zh, getattr(tier, name).en)
        for tier in policy.tiers
        for name in ("owner", "strategy")
    }
    return found | {
        f"sheet.{key}": (sheet_name(key, "zh-CN"), sheet_name(key, "en")) for key in ORDER if key not in _SECRET
    }


def _with_days(text: str, policy: Policy) -> str:
    """A text with the policy's own days in it; other blanks are filled in where it is shown."""
    days = {"renewal_days": policy.plan.renewal_days[0], "soon_days": policy.plan.soon_days}
    for name, number in days.items():
        text = text.replace(f"{{{name}}}", str(number))
    return text


_SECRET = ("i18n", "conf")


def add_texts(draft: Draft) -> None:
    """Add sheet `_i18n`, and the names by which labels and VBA read it."""
    page = Page(draft, "i18n", theme.MUTED)
    head = draft.format(bold=True, font_color=theme.HEADER_TEXT, bg_color=theme.HEADER_FILL)
    for column, title in enumerate(("key", *LANGUAGES)):
        page.put(0, column, title, head)
    plain = draft.format(text_wrap=True, valign="top")
    places = {}
    for row, (key, pair) in enumerate(draft.texts.items(), start=1):
        places[key] = row
        for column, text in enumerate((key, *pair)):
            page.put(row, column, text, plain)
    page.sheet.set_column(0, 0, 44)
    page.sheet.set_column(1, 2, 60)
    page.put(*_VISITED, None, draft.format(num_format="@"))  # the name of a sheet may begin with "="
    page.put(*_LIST, None, draft.format(num_format="@"))
    page.sheet.freeze_panes(1, 1)
    page.sheet.hide()
    _name(draft, places)


_VISITED = (0, 4)  # where macros note which sheets their user came from
_LIST = (1, 4)  # where they put the list of customers that their user picked


def _name(draft: Draft, places: Mapping[str, int]) -> None:
    last = len(places)
    draft.name("kam_i18n", "i18n", (0, 0), (last, 2))
    draft.name("kam_i18n_keys", "i18n", (0, 0), (last, 0))
    draft.name("kam_visited", "i18n", _VISITED)
    draft.name("kam_list", "i18n", _LIST)
    draft.book.define_name("kam_i18n_column", f"=MATCH(kam_lang,{draft.place('i18n', (0, 0), (0, 2))},0)")
    pairs = PAIRS | {f"kam_tier_{key}": f"tier.{key}" for key in draft.policy.tier_keys}
    for name, key in pairs.items():
        draft.name(name, "i18n", (places[key], 1), (places[key], 2))


def add_configuration(draft: Draft, conf: Mapping[str, str]) -> None:
    """Add sheet `xlwings.conf`: keys from A1 on without a header or a gap, as xlwings reads them."""
    page = Page(draft, "conf", theme.MUTED)
    plain = draft.format()
    for row, (key, value) in enumerate((CONFIGURATION | dict(conf)).items()):
        page.put(row, 0, key, plain)
        page.put(row, 1, value or None, plain)
    page.sheet.set_column(0, 0, 32)
    page.sheet.set_column(1, 1, 60)
    page.sheet.hide()
