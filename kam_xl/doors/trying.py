"""What the commands do that try a policy on the nights behind us: replay, calibrate; and what each says."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from kam_xl import resources
from kam_xl.core import history
from kam_xl.core.errors import KamError, PolicyError
from kam_xl.core.failures import Failures
from kam_xl.core.nights import Night
from kam_xl.core.policy import Policy
from kam_xl.core.words import Words
from kam_xl.doors.exits import DONE, IN_PART
from kam_xl.doors.night import bar
from kam_xl.doors.terminal import console, say
from kam_xl.hosts import log, outputs
from kam_xl.hosts.snapshots import Snapshots
from kam_xl.hosts.store import Store
from kam_xl.nightly import calibrating, past_nights
from kam_xl.nightly import replay as replaying
from kam_xl.reports import calibrated, replayed, retiered
from kam_xl.reports.meetings import Backdrop, Comparison

REPLAY, RETIERING, CALIBRATION = "replay.html", "retiering.html", "calibration.html"


def replay(
    out: Path, policy_file: Path | None, since: dt.date | None, until: dt.date | None, into: Path, words: Words
) -> int:
    """The nights behind us under another policy; without one, what was written of two days held beside each other."""
    _check(out, into, words)
    policy = resources.policy(policy_file) if policy_file else None
    return _replayed(out, policy, since, until, into, words) if policy else _retiered(out, since, until, into, words)


def _replayed(out: Path, policy: Policy, since: dt.date | None, until: dt.date | None, into: Path, words: Words) -> int:
    nights = replaying.chosen(out, since, until)
    if not nights:
        raise KamError(words("trying.no_nights", folder=out))
    with bar(words) as progress:
        made = replaying.replay(out, nights, policy, lambda count, night: progress("replay", count, night))
    if made.found is None:
        first = made.lost[0]
        why = words(f"views.lost_nights.{first.reason}", detail=first.detail)
        raise KamError(words("trying.all_lost", n=len(made.lost), day=first.day.isoformat(), why=why))
    backdrop = _backdrop(words, policy)
    last = next(night for night in nights if night.began.date() == made.found.last.day)
    tried = replayed.trial(backdrop, made.found, own_policy(out, last), made.lost, made.of_other_versions)
    outputs.put(into, {REPLAY: replayed.render(tried)}, words)
    for line in replayed.told(tried):
        say(console, line)
    return _done(into, [REPLAY], backdrop, words)


def own_policy(out: Path, night: Night) -> Policy | None:
    """The policy that a night was run under; None where it is lost, or no policy of today any more."""
    try:
        return past_nights.policy_of(night, Store(out))
    except (OSError, ValueError, KamError):
        return None


def _retiered(out: Path, since: dt.date | None, until: dt.date | None, into: Path, words: Words) -> int:
    """Two days of the history, half a year apart where none are named."""
    nights = replaying.chosen(out)
    policy = (own_policy(out, nights[-1]) if nights else None) or resources.policy()
    kept = Snapshots(out, (until or dt.date.max - dt.timedelta(days=1)) + dt.timedelta(days=1), looking_back=True)
    now = kept.last()
    then = None
    if now is not None:
        wanted = since or history.compared_day("half_yearly", history.day_of(now), policy)
        then = Snapshots(out, history.day_of(now), looking_back=True).nearest(wanted)
    if now is None or then is None:
        raise KamError(words("trying.no_days", folder=out))
    backdrop = _backdrop(words, policy)
    days = Comparison(backdrop, now, then)
    outputs.put(into, {RETIERING: retiered.render(days)}, words)
    say(console, retiered.lead(days))
    return _done(into, [RETIERING], backdrop, words)


def calibrate(out: Path, into: Path, words: Words) -> int:
    """The cut-offs and weights that the newest night and the history speak for, each as a policy file."""
    _check(out, into, words)
    nights = replaying.chosen(out)
    if not nights:
        raise KamError(words("trying.no_nights", folder=out))
    try:
        found, files = calibrating.calibrate(out, nights[-1])
    except PolicyError as error:
        raise KamError(words("trying.no_policy_now", day=_day(nights[-1]), why=error.told(words.lang))) from error
    except (OSError, ValueError) as error:
        raise KamError(words("trying.night_lost", day=_day(nights[-1]))) from error
    backdrop = _backdrop(words, found.policy)
    outputs.put(into, {CALIBRATION: calibrated.render(found, backdrop), **files}, words)
    for line in calibrated.told(found, backdrop):
        say(console, line)
    for name in files:
        say(console, words("trying.replay_it", out=out, file=into / name))
    return _done(into, [CALIBRATION, *files], backdrop, words)


def _day(night: Night) -> str:
    return night.began.date().isoformat()


def _backdrop(words: Words, policy: Policy) -> Backdrop:
    return Backdrop(words, policy, dt.datetime.now(), Failures(log.trace))


def _check(out: Path, into: Path, words: Words) -> None:
    """There are outputs, and the results do not go among them."""
    if not out.is_dir():
        raise KamError(words("trying.no_out", folder=out))
    outputs.apart(into, out, words)


def _done(into: Path, names: list[str], backdrop: Backdrop, words: Words) -> int:
    say(console, words("trying.written", folder=into, files=", ".join(names)))
    log.failures(backdrop.failures)
    return IN_PART if len(backdrop.failures) else DONE
