"""How every command ends: whatever goes wrong becomes one sentence and an exit code, here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable

from kam_xl.core.errors import KamError
from kam_xl.core.words import Words

DONE, IN_PART, NOT_DONE = 0, 1, 2
INTERRUPTED = 130  # as a shell says it


def ended(
    work: Callable[[], int],
    words: Words,
    tell: Callable[[str], object],
    log: Callable[[Exception], None],
    bug: str = "desk.bug",
    afterwards: Callable[[Exception, str], None] = lambda error, sentence: None,
) -> int:
    """Do the work; its exit code, or that of what went wrong once that is told.

    What is impossible brings its own sentence; a bug is logged and told by its kind, in the sentence of the key `bug`.
    `afterwards` gets what went wrong and the sentence.
    """
    try:
        return work()
    except KamError as error:
        sentence = error.told(words.lang)
        wrong: Exception = error
    except Exception as error:  # noqa: BLE001 (our bug)
        log(error)
        sentence, wrong = words(bug, kind=type(error).__name__), error
    tell(sentence)
    afterwards(wrong, sentence)
    return NOT_DONE
