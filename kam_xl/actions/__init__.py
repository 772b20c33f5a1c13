"""What the ribbon and the buttons on the sheets do: one function an action, each on the workbook that called.

An action reads the workbook, lets `kam_xl.core` judge by the rules of the nightly job, and writes one of the product's
own sheets. It returns one sentence for its user; what cannot be done is a sentence too. It never calculates: VBA holds
the cells still while Python writes, since they would ask this same Python, and lets them calculate afterwards.
"""

from __future__ import annotations

import datetime as dt
import logging
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import xlwings as xw

from kam_xl import resources
from kam_xl.actions import (
    accounts,
    action_list,
    assistance,
    bringing,
    changes,
    measures,
    plans,
    risks,
    samples,
    scores,
    service,
    team,
)
from kam_xl.actions.request import Request, asked, told
from kam_xl.core.errors import KamError
from kam_xl.core.privacy import masked
from kam_xl.hosts import excel, log

#: Begins the sentence of what could not be done; VBA shows such a one in a box of its own.
FAILED = "▲"
LOG = Path(tempfile.gettempdir()) / "kam_xl.log"
_LOG = logging.getLogger("kam_xl")


@dataclass(frozen=True)
class Action:
    """One action: the ribbon group it stands in (None for one on a sheet only), its Sub in VBA, and what does it."""

    group: str | None
    sub: str
    do: Callable[[Request], str]


#: Every action by its key, in the order of the ribbon.
ACTIONS: dict[str, Action] = {
    "score_all": Action("score", "KamXl_ScoreAll", scores.score_all),
    "audit": Action("score", "KamXl_Audit", scores.audit),
    "explain": Action("score", "KamXl_Explain", scores.explain),
    "scan": Action("risk", "KamXl_Scan", risks.scan),
    "risk_list": Action("risk", "KamXl_RiskList", risks.risk_list),
    "check": Action("risk", "KamXl_Check", risks.check),
    "repairs": Action("risk", "KamXl_Repairs", risks.repairs),
    "health": Action("account", "KamXl_Health", accounts.health),
    "service": Action("account", "KamXl_Service", service.service),
    "relationships": Action("account", "KamXl_Relationships", accounts.relationships),
    "whitespace": Action("account", "KamXl_Whitespace", accounts.whitespace),
    "account_plan": Action("account", "KamXl_AccountPlan", accounts.account_plan),
    "strategies": Action("plan", "KamXl_Strategies", plans.strategies),
    "due_week": Action("plan", "KamXl_DueWeek", plans.due_week),
    "action_list": Action("plan", "KamXl_ActionList", action_list.action_list),
    "budget": Action("plan", "KamXl_Budget", plans.budget),
    "validate": Action("team", "KamXl_Validate", team.validate),
    "hand_in": Action("team", "KamXl_HandIn", team.hand_in),
    "last_night": Action("team", "KamXl_LastNight", team.last_night),
    "changes": Action("team", "KamXl_Changes", changes.changes),
    "measures": Action("team", "KamXl_Measures", measures.measures),
    "adopt": Action("team", "KamXl_Adopt", bringing.adopt),
    "refresh": Action("view", "KamXl_Refresh", assistance.refresh),
    "language": Action("view", "KamXl_Language", assistance.language),
    "guide": Action("help", "KamXl_Guide", assistance.guide),
    "doctor": Action("help", "KamXl_Doctor", assistance.doctor),
    "about": Action("help", "KamXl_About", assistance.about),
    "clear_samples": Action(None, "KamXl_ClearSamples", samples.clear_samples),
}


def run(action: str, book: xw.Book, now: dt.datetime) -> str:
    """Do an action on a workbook; the sentence it returns is shown there too, in the status bar and in kam_message."""
    words, request = resources.words(excel.language(book)), asked(book, now)
    try:
        sentence = ACTIONS[action].do(request)
    except KamError as error:
        sentence = f"{FAILED} {told(error, words)}"
    except Exception as error:  # noqa: BLE001 (our bug: where stands in the log, a sentence for its user)
        _logged(action, error)
        sentence = f"{FAILED} {words('message.bug', kind=type(error).__name__, file=LOG)}"
    sentence = masked(sentence, request.ids)
    excel.say(book, sentence)
    return sentence


def _logged(action: str, error: Exception) -> None:
    """Where our own code failed, without what a cell held: the log goes to whoever helps."""
    if not _LOG.handlers:
        handler = logging.FileHandler(LOG, encoding="utf-8", delay=True)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        _LOG.addHandler(handler)
    _LOG.error("action %s failed\n%s", action, log.trace(error))
