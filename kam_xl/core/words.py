"""Every word the product says to people, in zh-CN and en, looked up by key."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass

LANGUAGES = ("zh-CN", "en")


@dataclass(frozen=True)
class Words:
    """The texts of one language; ``words("job.locked", pid=7)`` gives the finished sentence.

    An unknown key or a missing value raises ``KeyError``: that is our bug, never the user's.
    """

    lang: str
    texts: dict[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """The text of `key`, its ``{names}`` filled in with `values`."""
        text = self.texts[key]
        return text.format_map(values) if values else text

    def __contains__(self, key: str) -> bool:
        return key in self.texts

    @property
    def zh(self) -> bool:
        """True when the language is Chinese."""
        return self.lang == "zh-CN"


def parse(lang: str, tomls: Iterable[str]) -> Words:
    """The words of one language out of TOML texts.

    A leaf is a table with the keys ``zh`` and ``en``; the path of tables above it is its key:
    ``[job.locked] zh = "…" en = "…"`` is ``words("job.locked")``.
    """
    if lang not in LANGUAGES:
        raise ValueError(f"unknown language {lang!r}; known: {', '.join(LANGUAGES)}")
    texts: dict[str, str] = {}
    for toml in tomls:
        for key, leaf in _leaves("", tomllib.loads(toml)):
            if key in texts:
                raise ValueError(f"the text {key!r} is written twice")
            texts[key] = leaf[lang[:2]]
    return Words(lang, texts)


def _leaves(path: str, table: dict) -> Iterable[tuple[str, dict]]:
    for name, value in table.items():
        key = f"{path}.{name}" if path else name
        if "zh" in value and "en" in value:
            yield key, value
        else:
            yield from _leaves(key, value)
