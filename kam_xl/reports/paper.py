"""Every HTML page of ours on one kind of paper: the styles, the badges, and how a value is written and escaped."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.runtime import Context
from markupsafe import Markup

from kam_xl.core.assessment import Assessment
from kam_xl.core.failures import Failures
from kam_xl.core.words import Words
from kam_xl.reports.figures import number, told
from kam_xl.showing import fields, theme, vocabulary
from kam_xl.showing.vocabulary import Speaker

LONGEST_TEXT = 400

#: How a page writes values; a share that is held against a target has a decimal, so that its verdict can be seen.
_FORMATS = {
    "number": number,
    **{kind: theme.WRITTEN[kind].format for kind in ("score", "share", "measured", "date", "datetime")},
}


def page(template: str, assessment: Assessment, **values: object) -> str:
    """A template about one night in its language, complete in itself: no script, no network.

    ``values`` are what the template shows besides, ``title`` among them, each as it is or `Later`. What the template calls
    a ``part`` fails alone.
    """
    part = functools.partial(_part, assessment.failures, assessment.words)
    titles = vocabulary.rules(assessment).names
    return review(template, assessment, assessment.now, assessment=assessment, titles=titles, part=part, **values)


def review(template: str, speaker: Speaker, made: dt.datetime, **values: object) -> str:
    """As `page`, of no night alone; ``made`` is the moment printed on it."""
    words = speaker.words
    return (
        _environment()
        .get_template(template)
        .render(
            words=words,
            made=made,
            version=speaker.policy.version,
            header=functools.partial(fields.header, lang=words.lang),
            names=_names(speaker),
            say=functools.partial(told, words),
            **values,
        )
    )


def leaflet(template: str, words: Words, title: str, **values: object) -> str:
    """A page about no customers, in the language of ``words``; ``values`` are what the template shows besides."""
    return _environment().get_template(template).render(words=words, title=title, **values)


def apology(assessment: Assessment, title: str, mark: str = "") -> str:
    """A page that says that what should stand here could not be made."""
    return page("apology.html.j2", assessment, title=title, mark=mark)


def joined(parts: Sequence[Any]) -> Markup:
    """Texts and links one after the other."""
    return Markup(" · ").join(parts)


class Later:
    """A value that is computed when a template asks for it, so that it can only fail the part that shows it."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._work = work

    @functools.cached_property
    def value(self) -> object:
        """What the work comes to."""
        return self._work()


class _Context(Context):
    """The names a template knows."""

    def resolve_or_missing(self, key: str) -> object:
        """The value of a name."""
        found = super().resolve_or_missing(key)
        return found.value if isinstance(found, Later) else found


def _part(failures: Failures, words: Words, key: str, caller: Callable[[], Markup]) -> Markup:
    """One part of a page, or a note in its place."""
    note = Markup('<p id="{}" class="notice bad">{}</p>').format(key, words("failure.says"))
    return failures.attempt("section", key, caller, note)


def _names(speaker: Speaker) -> dict[object, str]:
    """What the keys are called that a page may show anywhere: tiers, risk levels, colours of health, stages of life."""
    words = speaker.words
    parts = (vocabulary.levels(words), vocabulary.colours(words), vocabulary.stages(words))
    return {key: name for part in (vocabulary.tiers(speaker), *parts) for key, name in part.names.items()}


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("kam_xl.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.context_class = _Context
    environment.filters.update({name: _or_dash(write) for name, write in _FORMATS.items()})
    environment.filters["css_text"] = _css_text
    environment.globals.update(theme=theme)
    return environment


def shown(value: Any) -> object:
    """Every value on its way into a page: unknown is a dash, an endless text ends."""
    if isinstance(value, Markup):
        return value
    if isinstance(value, str):
        return value if len(value) <= LONGEST_TEXT else value[:LONGEST_TEXT] + "…"
    return theme.UNKNOWN if pd.isna(value) else value


def _or_dash(write: Callable[[Any], str]) -> Callable[[Any], str]:
    return lambda value: theme.UNKNOWN if pd.isna(value) else write(value)


def _css_text(text: str) -> Markup:
    """A text as a CSS string, every character escaped: nothing in it can end the string or the style."""
    return Markup('"{}"').format(Markup("").join(f"\\{ord(character):06x}" for character in text))
