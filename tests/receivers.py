"""A mail server and a web server of our own: what was really sent, and how a service that fails behaves."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

HOST = "127.0.0.1"


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as found:
        found.bind((HOST, 0))
        return found.getsockname()[1]


@dataclass
class Mailbox:
    """What a mail server got, and whom it refuses."""

    port: int
    mails: list[EmailMessage] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    refuses: str = ""

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802 (aiosmtpd's name)
        """Take a recipient, or not."""
        if address == self.refuses:
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802
        """Take a mail."""
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"

    def address(self, login: str = "") -> str:
        """The server as an address to write to."""
        return f"mailto://{login}{HOST}:{self.port}?from=kam@example.com&to=lead@example.com"


@contextlib.contextmanager
def mail_server(password: str = "") -> Iterator[Mailbox]:
    """A running mail server; with a password it wants a login."""
    box = Mailbox(free_port())

    def authenticate(_server, _session, _envelope, _mechanism, data: LoginPassword) -> AuthResult:
        box.logins.append((data.login.decode(), data.password.decode()))
        right = data.password.decode() == password
        return AuthResult(success=right, handled=right)  # the server itself answers a wrong one

    login = {"auth_required": True, "auth_require_tls": False, "authenticator": authenticate} if password else {}
    controller = Controller(box, hostname=HOST, port=box.port, **login)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


@dataclass
class Receiver:
    """What a web server got, and how it answers."""

    port: int = 0
    got: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    status: int = 200
    answer: str = "{}"
    wait: float = 0

    @property
    def address(self) -> str:
        """The server as an address to write to."""
        return f"json://{HOST}:{self.port}/kam"

    @property
    def url(self) -> str:
        """The server as a web address."""
        return f"http://{HOST}:{self.port}/"


@contextlib.contextmanager
def web_server() -> Iterator[Receiver]:
    """A running web server that takes JSON."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.got.append(json.loads(body))
            receiver.paths.append(self.path)
            receiver.headers.append(dict(self.headers))
            time.sleep(receiver.wait)
            with contextlib.suppress(OSError):  # who gave up waiting
                self.send_response(receiver.status)
                self.end_headers()
                self.wfile.write(receiver.answer.encode())

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer((HOST, 0), Handler)
    server.daemon_threads = True
    receiver.port = server.server_port
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
