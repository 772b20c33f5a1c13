"""What the commands do that look back on many nights: which alarms were worth it; and what each says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from kam_xl import resources
from kam_xl.core import alarms
from kam_xl.core import policy as policies
from kam_xl.core.errors import KamError, PolicyError
from kam_xl.core.words import Words
from kam_xl.doors.exits import DONE
from kam_xl.doors.night import bar
from kam_xl.doors.terminal import console, say
from kam_xl.hosts import amending, outputs, snapshots
from kam_xl.hosts.store import Store
from kam_xl.nightly import Progress
from kam_xl.reports import worth_page

#: What is written: the page, and the policy it proposes.
PAGE, PROPOSED = "worth.html", "worth.toml"
_NAMED = 3  # files of the history that are passed over


def worth(out: Path, policy_file: Path | None, into: Path, words: Words) -> int:
    """Tell which alarms of the nights in an output folder were worth it, in a page and a proposed policy of their own."""
    if not (out / snapshots.FOLDER).is_dir():
        raise KamError(words("worth.no_history", folder=out))
    outputs.apart(into, out, words)
    text = _policy(out, policy_file, words)
    policy, now = policies.parse(text), dt.datetime.now()
    history = snapshots.Snapshots(out, now.date() + dt.timedelta(days=1), looking_back=True)
    with bar(words) as progress:
        found = alarms.followed(_shown(history.each(alarms.READS), progress), policy)
    back = worth_page.LookBack(policy, words, now, found, PROPOSED)
    say(console, worth_page.lead(back))
    if history.passed_over:
        files = words("terms.list_separator").join([*history.passed_over][:_NAMED])
        say(console, words("worth.passed_over", n=len(history.passed_over), files=files), "yellow")
    changes = {one.key: one.now for one in back.proposals}
    proposed = {PROPOSED: amending.amended(text, changes)} if changes else {}
    outputs.put(into, {PAGE: worth_page.render(back), **proposed}, words)
    say(console, words("worth.written", folder=into, files=", ".join((PAGE, *proposed))))
    if proposed:
        say(console, words("worth.proposed", file=into / PROPOSED, out=out))
    return DONE


def _shown(nights: Iterator[pd.DataFrame], progress: Progress) -> Iterator[pd.DataFrame]:
    """The snapshots, each with its day told as it is looked at."""
    for night in nights:
        progress("look_back", 0, f"{night['on'].max():%Y-%m-%d}")
        yield night


def _policy(out: Path, policy_file: Path | None, words: Words) -> str:
    """The text of the policy named, else of the one that the newest night was run under, else of the built-in one."""
    kept = Store(out)
    newest = kept.last()
    if policy_file or newest is None:
        return resources.policy_text(policy_file)
    try:
        return amending.brought_up(kept.policy(newest[0].policy).decode("utf-8-sig"), resources.policy_text())
    except PolicyError as error:
        day = newest[0].began.date().isoformat()
        raise KamError(words("trying.no_policy_now", day=day, why=error.told(words.lang))) from error
    except (OSError, ValueError) as error:
        raise KamError(words("worth.no_policy", folder=out)) from error
