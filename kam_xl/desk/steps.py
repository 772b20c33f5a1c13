"""Steps as data: each says what it would do, whether that is done already, and does it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kam_xl.core.errors import KamError
from kam_xl.core.words import Words


@dataclass(frozen=True)
class Step:
    """One step; `says` is its sentence. A dry run shows the steps and whether they are needed, and does none."""

    says: str
    done: Callable[[], bool]
    do: Callable[[], object]


def carry_out(steps: Sequence[Step], tell: Callable[[Step, bool], None], words: Words, *, dry_run: bool) -> int:
    """Do what is not done yet, in order, telling each step and whether it is needed; return how many were needed.

    What is needed is known before the first is done, so a dry run tells the very same. A step that fails ends it with a
    sentence; those before it stay, and the next run goes on from there.
    """
    plan = [(step, not step.done()) for step in steps]
    for step, needed in plan:
        tell(step, needed)
        if not needed or dry_run:
            continue
        try:
            step.do()
        except OSError as error:
            raise KamError(words("desk.step_failed", step=step.says, reason=error)) from error
    return sum(needed for _, needed in plan)
