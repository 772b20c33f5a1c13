"""Messages to mail and chat through apprise: each channel on its own, with a time limit, its secrets shown to nobody.

An address is an apprise URL whose secrets are placeholders, ``{env:NAME}`` or ``{keyring:service/user}``; one
placeholder may also stand for the whole address. They are filled in only for the moment of sending. Neither their
values nor a word of apprise's own reach a log, a file or the screen.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import re
import smtplib
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from kam_xl.hosts import log, placeholders
from kam_xl.hosts.placeholders import PLACEHOLDER, NoSecretError

if TYPE_CHECKING:
    import apprise  # takes a third of a second: only who tells anybody anything waits for it

    from kam_xl.reports.message import Message

SECONDS = 60.0
#: The address and how many bytes its channel takes, None for a mail → the message, or None when there is nothing to say.
Compose = Callable[[str, int | None], "Message | None"]

_POLL_SECONDS = 0.02
_LOG = logging.getLogger("kam_xl")
#: Stands for a secret while an address is only looked at; every service's rules for tokens allow it.
_STAND_IN = "kamsecret"
#: Services that answer 200 to what they refuse, and say so in the answer: module of apprise → its field, 0 for success.
_VERDICTS = {"wecombot": "errcode", "dingtalk": "errcode", "feishu": "code", "lark": "code"}
_REFUSED = 400
#: Bytes where apprise is far below what its service takes: a Teams card may have 28 KB.
_ROOM = {"workflows": 20_000}
#: A status of HTTP as apprise logs it, or one of a mail server, ``(550, b'…')``; the number of an error of the network is none.
_CODE = re.compile(r"(?:(?:error=|failed: |refused: )(\d{3})\b|\((\d{3}), b['\"])")
#: What is read of an answer: more than any service says, and sooner than the wait for it ends.
_ANSWER_BYTES, _ANSWER_SECONDS = 65_536, 30.0
_VERBS = frozenset({"request", "get", "post", "put", "patch", "delete"})


@dataclass(frozen=True)
class Delivery:
    """What became of one channel: ``sent``, ``quiet`` or ``failed``; `reason` is a key of ``notify.reason``."""

    channel: str
    outcome: str
    reason: str | None = None
    detail: str | None = None


class _NotToldError(Exception):
    """A channel that cannot be told: why, as a key of ``notify.reason``, and what its sentence names."""

    def __init__(self, reason: str, detail: str | None = None) -> None:
        super().__init__(reason)
        self.reason, self.detail = reason, detail


@dataclass
class _Sending:
    """One channel being told, in a thread of its own that a hanging service may keep."""

    address: str
    channel: str
    thread: threading.Thread = field(init=False)
    outcome: Delivery | None = None


def channels(addresses: Sequence[str]) -> list[str]:
    """What each address is called wherever it is shown: its service alone, numbered where several share one."""
    names = [_shown(address) for address in addresses]
    return [
        f"{name} #{names[: place + 1].count(name)}" if names.count(name) > 1 else name
        for place, name in enumerate(names)
    ]


def fault(address: str) -> str | None:
    """What is wrong with an address as it is written, as a key of ``notify.fault``; None when nothing is.

    ``secret``: a part that its service calls private, or a header, is there in plain text.
    """
    looked_at = PLACEHOLDER.sub(_STAND_IN, address)
    if "{" in looked_at or "}" in looked_at:
        return "placeholder"
    if looked_at == _STAND_IN:
        return None
    _apprise()
    from apprise.plugins import url_to_dict

    parsed = url_to_dict(looked_at)
    if not parsed:
        return "unknown"
    plugin = _plugins()[parsed["schema"]]
    if not plugin.enabled:
        return "unknown"
    private = [_argument(name, token) for name, token in _tokens(plugin) if token.get("private")]
    added = [part for name in ("qsd+", "qsd-", "qsd:") for part in (parsed.get(name) or {}).values()]
    parts = [part for name in private for part in _texts(parsed.get(name))]
    return "secret" if any(not _is_stand_in(part) for part in [*parts, *added]) else None


def tell(
    addresses: Sequence[str], compose: Compose, attachment: Path | None = None, seconds: float = SECONDS
) -> list[Delivery]:
    """Tell every address at the same time; none takes longer than ``seconds``, and none costs another.

    A mail gets ``attachment``, a chat the text alone. Nothing is raised: whatever goes wrong is a `Delivery`.
    """
    if not addresses:
        return []
    _apprise()
    sendings = [_Sending(*pair) for pair in zip(addresses, channels(addresses), strict=True)]
    for sending in sendings:
        work = functools.partial(_work, sending, compose, attachment)
        sending.thread = threading.Thread(target=work, daemon=True)  # no exit waits for a service that hangs
        sending.thread.start()
    end = time.monotonic() + seconds
    while any(sending.thread.is_alive() for sending in sendings) and time.monotonic() < end:
        time.sleep(_POLL_SECONDS)  # no join: on Windows Ctrl-C would wait for it
    late = [Delivery(sending.channel, "failed", "too_slow", f"{seconds:g}") for sending in sendings]
    outcomes = [sending.outcome or slow for sending, slow in zip(sendings, late, strict=True)]
    for one in outcomes:
        level = logging.WARNING if one.outcome == "failed" else logging.INFO
        _LOG.log(level, "channel %s", one.outcome, extra={"channel": one.channel, "reason": one.reason})
    return outcomes


def _work(sending: _Sending, compose: Compose, attachment: Path | None) -> None:
    try:
        sent = _send(sending.address, compose, attachment)
        sending.outcome = Delivery(sending.channel, "sent" if sent else "quiet")
    except _NotToldError as error:
        sending.outcome = Delivery(sending.channel, "failed", error.reason, error.detail)
    except Exception as error:  # noqa: BLE001 (a channel never costs the run)
        _LOG.error("channel not told, our bug\n%s", log.trace(error))
        sending.outcome = Delivery(sending.channel, "failed", "bug", type(error).__name__)


def _send(address: str, compose: Compose, attachment: Path | None) -> bool:
    """Send what `compose` says; False when it says nothing."""
    library = _apprise()
    channel = _channel(library, address)
    mail = channel.resolve_format() == library.NotifyFormat.HTML
    room = _ROOM.get(type(channel).__module__.rpartition(".")[2], channel.body_maxlen)
    message = compose(address, None if mail else room)
    if message is None:
        return False
    body, form = (message.html, "html") if mail else (message.text, "text")
    if channel.resolve_format() == library.NotifyFormat.MARKDOWN:
        body = body.replace("\n", "\n\n")  # a single line end is none there
    attached = _attached(attachment) if attachment and mail else None
    codes = _codes()
    codes.forget()
    if not channel.notify(body=body, title=message.title, body_format=form, attach=attached):
        code = codes.of_this_thread()
        raise _NotToldError("refused" if code else "unreachable", code)
    return True


def _channel(library: ModuleType, address: str) -> apprise.NotifyBase:
    """The channel of an address, careful with what it is answered."""
    asset = library.AppriseAsset(app_id="KAM XL", app_desc="KAM XL", storage_mode="memory", service_timeout=0)
    channel = library.Apprise.instantiate(_filled(address), asset=asset)
    if channel is None:
        raise _NotToldError("no_address")
    _made_careful(channel)
    return channel


# --- addresses --------------------------------------------------------------------------------------------------------


def _shown(address: str) -> str:
    if PLACEHOLDER.fullmatch(address):
        return address
    scheme, separator, _ = address.partition("://")
    return f"{scheme.lower()}://***" if separator and scheme.isalnum() else "***"


def _filled(address: str) -> str:
    """The address with its secrets."""
    try:
        return placeholders.filled(address)
    except NoSecretError as error:
        raise _NotToldError(error.reason, error.name) from error


def _is_stand_in(part: str) -> bool:
    return part.replace(_STAND_IN, "") == ""


def _texts(value: Any) -> Iterable[str]:
    """The texts in a parsed part of an address: itself, or those of a list."""
    if value is None:
        return []
    return [str(item) for item in value] if isinstance(value, list | tuple | set) else [str(value)]


def _tokens(plugin: type[apprise.NotifyBase]) -> list[tuple[str, dict]]:
    return [*plugin.template_tokens.items(), *plugin.template_args.items()]


def _argument(name: str, token: dict) -> str:
    """Under which name apprise keeps what it parsed."""
    mapped = token.get("map_to", name)
    return mapped if isinstance(mapped, str) else name


# --- apprise ----------------------------------------------------------------------------------------------------------


@functools.cache
def _apprise() -> ModuleType:
    """The library, made to keep to itself what it and its carrier log: they quote addresses."""
    import apprise

    logging.getLogger("urllib3").setLevel(logging.CRITICAL)
    log = logging.getLogger("apprise")
    log.setLevel(logging.DEBUG)
    log.addFilter(_codes())
    return apprise


def _attached(path: Path) -> Any:
    from apprise import AppriseAttachment
    from apprise.attachment.file import AttachFile

    return AppriseAttachment(AttachFile(str(path)))  # not by its name, which would be taken for an address


def _plugins() -> Any:
    from apprise.manager_plugins import NotificationManager

    return NotificationManager()


# --- answers ----------------------------------------------------------------------------------------------------------


def _made_careful(channel: apprise.NotifyBase) -> None:
    """Let the plugin of a channel see `_Careful` requests and mail; one library of each is all that a module has."""
    for module in {sys.modules[kind.__module__] for kind in type(channel).__mro__}:
        if isinstance(vars(module).get("requests"), ModuleType):
            verdict = _VERDICTS.get(module.__name__.rpartition(".")[2])
            vars(module)["requests"] = _Careful(vars(module)["requests"], verdict)
    if "apprise.plugins.email.smtp" in sys.modules:
        vars(sys.modules["apprise.plugins.email.smtp"])["smtplib"] = _Mail


class _Careful:
    """`requests` as a plugin of apprise sees it: an answer has an end, goes to nobody else, and says what it means.

    A message is not sent on to where an answer points. WeCom, DingTalk, Feishu and Lark answer 200 to a wrong token or a
    missing keyword, which apprise would take for sent: their refusal has another status.
    """

    def __init__(self, requests: ModuleType, verdict: str | None) -> None:
        self._requests, self._verdict = requests, verdict

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._requests, name)
        return functools.partial(self._asked, found) if name in _VERBS else found

    def _asked(self, ask: Callable, *arguments: Any, **options: Any) -> Any:
        answer = ask(*arguments, **options | {"stream": True, "allow_redirects": False})
        if answer.is_redirect:
            answer.close()
            raise _NotToldError("sent_on")
        self._read(answer)
        if self._verdict and answer.ok and self._refuses(answer):
            answer.status_code = _REFUSED
        return answer

    def _read(self, answer: Any) -> None:
        """Take the whole answer in, byte by byte, so that a slow one is noticed too."""
        meter, content = _Meter(), bytearray()
        with contextlib.closing(answer):
            for byte in answer.iter_content(1):
                content += meter.counted(byte)
        answer._content = bytes(content)  # noqa: SLF001 (where `requests` itself puts what it read)

    def _refuses(self, answer: Any) -> bool:
        try:
            return answer.json().get(self._verdict, 0) != 0
        except (ValueError, AttributeError):  # no JSON, or no object
            return True


class _Meter:
    """Counts what is read of one answer; one without an end is told as such."""

    def __init__(self) -> None:
        self._bytes, self._end = 0, time.monotonic() + _ANSWER_SECONDS

    def counted(self, part: bytes) -> bytes:
        """The part, as long as there were not too many."""
        self._bytes += len(part)
        if self._bytes > _ANSWER_BYTES or time.monotonic() > self._end:
            raise _NotToldError("endless")
        return part


class _Lines:
    """The lines of a mail server, taken in byte by byte, so that a slow one is noticed too."""

    def __init__(self, file: Any) -> None:
        self._file, self._meter = file, _Meter()

    def readline(self, size: int) -> bytes:
        """The next line, as far as ``size`` goes."""
        line = bytearray()
        while len(line) < size and not line.endswith(b"\n") and (byte := self._meter.counted(self._file.read(1))):
            line += byte
        return bytes(line)

    def close(self) -> None:
        """Close the connection's file."""
        self._file.close()


class _Measured(smtplib.SMTP):
    """A connection to a mail server whose replies have an end."""

    def getreply(self) -> tuple[int, bytes]:
        """One reply, of one line or more."""
        if self.file is None and self.sock is not None:
            self.file = _Lines(self.sock.makefile("rb"))
        return super().getreply()


class _Mail:
    """`smtplib` as apprise's mail plugin sees it."""

    SMTP = _Measured
    SMTP_SSL = type("SMTP_SSL", (_Measured, smtplib.SMTP_SSL), {})


class _Codes(logging.Filter):
    """The last status code in what apprise logged, thread by thread; nothing of it goes any further."""

    def __init__(self) -> None:
        super().__init__()
        self._local = threading.local()

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep the code of a failure and drop the record."""
        text = record.getMessage()
        if record.levelno >= logging.WARNING or text.startswith("Socket Exception"):
            found = _CODE.search(text)
            self._local.code = found[1] or found[2] if found else self.of_this_thread()
        return False

    def forget(self) -> None:
        """What this thread does next counts."""
        self._local.code = None

    def of_this_thread(self) -> str | None:
        """The code of this thread's failure, if it had one."""
        return getattr(self._local, "code", None)


@functools.cache
def _codes() -> _Codes:
    return _Codes()
