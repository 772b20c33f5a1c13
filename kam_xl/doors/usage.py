"""What is said of a command line that cannot be understood: one sentence in the user's language, and where all is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import typer
from typer.core import TyperGroup

from kam_xl import resources
from kam_xl.core.words import LANGUAGES, Words
from kam_xl.doors.exits import NOT_DONE
from kam_xl.doors.terminal import errors, say
from kam_xl.reports.run import Rhythm

_UsageError: Any = typer.BadParameter.__mro__[1]  # the one base of all that is wrong with a command line
#: Kind of error → what is said of the parameter it is about.
_SAID = {"MissingParameter": "missing", "BadParameter": "invalid", "BadOptionUsage": "valueless"}


class Commands(TyperGroup):
    """The commands under one name, which answer in the user's language where the command line is wrong."""

    def make_context(self, info_name: str | None, args: list[str], *rest: Any, **extra: Any) -> Any:
        """As always, but what is wrong with the options before the command is said in the user's language."""
        if not args:  # the help is the answer
            return super().make_context(info_name, args, *rest, **extra)
        given = list(args)
        with _answered(given):
            context = super().make_context(info_name, args, *rest, **extra)
        context.meta["given"] = given
        return context

    def invoke(self, ctx: Any) -> Any:
        """As always, but what is wrong with what follows the command is said in the user's language."""
        with _answered(ctx.meta.get("given", [])):
            return super().invoke(ctx)


@contextmanager
def _answered(given: Sequence[str]) -> Iterator[None]:
    try:
        yield
    except _UsageError as error:
        for lang in _languages(given):
            say(errors, sentence(error, resources.words(lang)), "bold red")
        raise typer.Exit(NOT_DONE) from None


def _languages(given: Sequence[str]) -> Sequence[str]:
    """The language asked for, the first where none is; all where it is none of ours."""
    asked = [after for before, after in pairwise(given) if before == "--lang"]
    asked += [one.partition("=")[2] for one in given if one.startswith("--lang=")]
    if not asked:
        return LANGUAGES[:1]
    return [asked[-1]] if asked[-1] in LANGUAGES else LANGUAGES


def sentence(error: Any, words: Words) -> str:
    """What is wrong, and where all that is right is told."""
    command = error.ctx.command_path if error.ctx else "kam-xl"
    return _wrong(error, words) + words("usage.help", command=command)


def _wrong(error: Any, words: Words) -> str:
    said, context = _SAID.get(type(error).__name__), error.ctx
    parameter, option = getattr(error, "param", None), getattr(error, "option_name", None)
    if said and parameter is not None:
        name = parameter.opts[-1] if parameter.opts[-1].startswith("-") else parameter.name.upper()
        return words(f"usage.{said}", name=name, allowed=_allowed(parameter.name, words))
    if said and option:  # the parser knows no more of it than its name
        return words(f"usage.{said}", name=option, allowed=_allowed(option.lstrip("-").replace("-", "_"), words))
    if option:
        return words("usage.no_option", name=option)
    if isinstance(getattr(context, "command", None), TyperGroup):
        return words("usage.no_command", name=_quoted(error.message), commands=" ".join(context.command.commands))
    if context is not None and "(" in error.message:
        return words("usage.too_many", rest=error.message.partition("(")[2].rpartition("(")[2].rstrip(")."))
    return words("usage.other", detail=error.message)


def _allowed(name: str, words: Words) -> str:
    """What a parameter may be, by its name in code or on the command line."""
    return words(f"usage.allowed.{name}", views="、".join(Rhythm) if words.zh else ", ".join(Rhythm))


def _quoted(message: str) -> str:
    return message.partition("'")[2].partition("'")[0]
