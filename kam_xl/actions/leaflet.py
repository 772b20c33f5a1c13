"""Local pages for the browser: the guide out of Markdown, what the doctor found, a customer's plan."""

from __future__ import annotations

import re
import tempfile
import webbrowser
from collections.abc import Sequence
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from kam_xl import resources
from kam_xl.core.errors import KamError
from kam_xl.core.words import Words
from kam_xl.desk import doctor
from kam_xl.desk.doctor import Check
from kam_xl.desk.scene import State
from kam_xl.reports import paper

_FOLDER = "kam_xl"
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|#|/", re.IGNORECASE)  # a link that names its own place
_ORDER = (State.BAD, State.WARN, State.OK, State.NOT_APPLICABLE)


def of_guide(words: Words) -> Path:
    """The guide in the language of ``words`` as a page; `KamError` where it is not on this computer."""
    source = resources.GUIDE / f"guide.{words.lang}.md"
    try:
        text = source.read_text("utf-8")
    except OSError as error:
        raise KamError(words("message.no_guide", file=source)) from error
    text = Markup(rendered(text, source.parent))  # noqa: S704 (our own file)
    page = paper.leaflet("leaflet.html.j2", words, words("ribbon.KamXl_Guide.label"), text=text)
    return written(f"guide.{words.lang}.html", page)


def of_doctor(words: Words, workbook: str | None = None) -> tuple[Sequence[Check], Path]:
    """Every check of this computer and workbook that applies, the worst first, and the page that tells them all."""
    checks = sorted(doctor.report(words.lang, workbook=workbook), key=lambda check: _ORDER.index(check.state))
    rows = [(doctor.signed(check.state, words), doctor.VERDICTS.get(check.state), check) for check in checks]
    page = paper.leaflet("doctor.html.j2", words, words("doctor.title"), checks=rows)
    applying = [check for check in checks if check.state is not State.NOT_APPLICABLE]
    return applying, written(f"doctor.{words.lang}.html", page)


def rendered(markdown: str, folder: Path) -> str:
    """Markdown as HTML; pictures and links beside the text lead to where it lies, headings can be linked to."""
    reader = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    tokens = reader.parse(markdown)
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrSet("id", _anchor(tokens[at + 1].content))
        for child in token.children or ():
            _place(child, folder)
    return reader.renderer.render(tokens, reader.options, {})


def _anchor(heading: str) -> str:
    """A heading's name in links, as code hosts make it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def _place(token: Token, folder: Path) -> None:
    """Turn a relative picture or link into an address of its own."""
    name = {"image": "src", "link_open": "href"}.get(token.type, "")
    target = str(token.attrGet(name) or "")
    if target and not _ELSEWHERE.match(target):
        path, mark, anchor = target.partition("#")
        token.attrSet(name, (folder / path).resolve().as_uri() + mark + anchor)


def written(name: str, page: str) -> Path:
    """A page in the folder for temporary files; one of last time is replaced."""
    folder = Path(tempfile.gettempdir()) / _FOLDER
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(page, "utf-8")
    return path


def opened(page: Path) -> bool:
    """Show a page in the browser; False where there is none."""
    try:
        return webbrowser.open(page.as_uri())
    except webbrowser.Error:
        return False
