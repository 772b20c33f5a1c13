"""Mail and chat: what arrives, what is said of a channel that fails, and that no secret is shown anywhere."""

import contextlib
import logging
import os
import socket
import struct
import threading
import time

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail

from kam_xl.hosts import notify
from kam_xl.hosts.notify import Delivery
from kam_xl.reports.message import Message
from tests.receivers import HOST, free_port, mail_server, web_server

SECRET = "geheim/7:@%?#+ &="  # noqa: S105 (opens a door of this test alone)
SAID = Message("标题 KAM", "第一行\n第二行", "<p>第一行</p>")


def say(address, room):
    return SAID


@pytest.fixture
def mailbox():
    with mail_server() as box:
        yield box


@pytest.fixture
def receiver():
    with web_server() as server:
        yield server


# --- what arrives -----------------------------------------------------------------------------------------------------


def test_a_mail_arrives_with_subject_html_text_and_the_page(mailbox, tmp_path):
    page = (
        tmp_path / f"50%25 a{'&' if os.name == 'nt' else '?'}b #risk_summary.html"
    )  # Windows has no name with a question mark
    page.write_text("<p>page</p>", "utf-8")

    outcomes = notify.tell([mailbox.address()], say, page)

    (mail,) = mailbox.mails
    assert outcomes == [Delivery("mailto://***", "sent")]
    assert mail["Subject"] == SAID.title
    assert mail["To"] == "lead@example.com"
    assert mail.get_body(["html"]).get_content().strip() == SAID.html
    assert mail.get_body(["plain"]).get_content().strip() == "第一行"
    (attached,) = mail.iter_attachments()
    assert (attached.get_filename(), attached.get_content_type()) == (page.name, "text/html")


def test_a_mail_has_all_the_room_there_is_and_a_chat_its_own(mailbox, receiver, monkeypatch):
    monkeypatch.setenv("KAM_KEY", "abc")
    rooms = {}

    notify.tell(
        [mailbox.address(), receiver.address, "wecombot://{env:KAM_KEY}", "workflows://host/{env:KAM_KEY}/{env:KAM_KEY}"],
        lambda address, room: rooms.update({address.partition(":")[0]: room}),
    )  # fmt: skip

    assert rooms == {"mailto": None, "json": 32768, "wecombot": 2048, "workflows": 20_000}


def test_a_chat_gets_the_text(receiver, tmp_path):
    outcomes = notify.tell([receiver.address], say, tmp_path / "missing.html")

    assert outcomes == [Delivery("json://***", "sent")]
    assert [(got["title"], got["message"], got["attachments"]) for got in receiver.got] == [(SAID.title, SAID.text, [])]


def test_where_a_line_end_is_none_it_is_doubled(receiver):
    notify.tell([f"{receiver.address}?format=markdown"], say)

    assert receiver.got[0]["message"] == "第一行\n\n第二行"


def test_who_has_nothing_to_say_sends_nothing(receiver):
    assert notify.tell([receiver.address], lambda *_: None) == [Delivery("json://***", "quiet")]
    assert receiver.got == []


def test_nobody_is_told_when_there_is_nobody():
    assert notify.tell([], say) == []


# --- what goes wrong --------------------------------------------------------------------------------------------------


def test_a_channel_that_fails_costs_no_other(receiver, mailbox):
    addresses = [f"json://{HOST}:{free_port()}", receiver.address, f"mailto://{HOST}:{free_port()}?from=a@example.com",
                 mailbox.address()]  # fmt: skip

    outcomes = notify.tell(addresses, say)

    assert [(one.outcome, one.reason) for one in outcomes] == [
        ("failed", "unreachable"),
        ("sent", None),
        ("failed", "unreachable"),
        ("sent", None),
    ]
    assert (len(receiver.got), len(mailbox.mails)) == (1, 1)


@pytest.mark.parametrize("status", [400, 403, 404, 500, 503])
def test_a_refusal_is_told_with_its_code(receiver, status):
    receiver.status = status

    assert notify.tell([receiver.address], say) == [Delivery("json://***", "failed", "refused", str(status))]


@pytest.mark.parametrize(
    ("plugin", "refusal", "success"),
    [
        ("wecombot", '{"errcode": 93000, "errmsg": "invalid webhook url"}', '{"errcode": 0, "errmsg": "ok"}'),
        ("dingtalk", '{"errcode": 310000, "errmsg": "keywords not in content"}', '{"errcode": 0, "errmsg": "ok"}'),
        ("feishu", '{"code": 19024, "msg": "Key Words Not Found"}', '{"code": 0, "StatusCode": 0, "msg": "success"}'),
        ("lark", '{"code": 19001, "msg": "param invalid"}', '{"code": 0, "StatusCode": 0, "msg": "success"}'),
    ],
)
def test_a_service_that_refuses_with_status_200_has_refused(receiver, monkeypatch, plugin, refusal, success):
    notify._apprise()
    monkeypatch.setattr(notify._plugins()[plugin], "notify_url", receiver.url + "{token}{key}".replace(
        "{key}" if plugin != "wecombot" else "{token}", ""))  # fmt: skip
    monkeypatch.setenv("KAM_TOKEN", "abc123")
    address = f"{plugin}://{{env:KAM_TOKEN}}"

    outcomes = []
    for answer in (refusal, success, "<html>a proxy's page</html>"):
        receiver.answer = answer
        outcomes += notify.tell([address], say)

    name = f"{plugin}://***"
    assert outcomes == [
        Delivery(name, "failed", "refused", "400"),
        Delivery(name, "sent"),
        Delivery(name, "failed", "refused", "400"),
    ]


def test_a_service_that_hangs_is_given_up_in_time(receiver, mailbox):
    receiver.wait = 3
    started = time.monotonic()

    outcomes = notify.tell([receiver.address, mailbox.address()], say, seconds=0.5)

    assert time.monotonic() - started < 2
    assert outcomes == [Delivery("json://***", "failed", "too_slow", "0.5"), Delivery("mailto://***", "sent")]


@contextlib.contextmanager
def server(answer):
    """The port of a server that hears a request out and does with the connection what `answer` says."""
    listening = socket.create_server((HOST, 0))
    ended = threading.Event()

    def serve():
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listening.accept()
                with connection, contextlib.suppress(OSError):
                    answer(connection)
                ended.set()

    threading.Thread(target=serve, daemon=True).start()
    yield listening.getsockname()[1], ended
    listening.close()


def heard(connection):
    """Hear a request out."""
    file = connection.makefile("rb")
    lines = [*iter(file.readline, b"\r\n")]
    file.read(next(int(line.split(b":")[1]) for line in lines if line.lower().startswith(b"content-length")))


def forever(first, more, wait=0.0):
    """Send a beginning, and then the same without an end, until nobody listens any more."""

    def answer(connection):
        if b"HTTP" in first:
            heard(connection)
        connection.sendall(first)
        while True:
            connection.sendall(more)
            time.sleep(wait)

    return answer


OK = b"HTTP/1.1 200 OK\r\n"
ENDLESS = {
    "a page": ("json", forever(OK + b"Content-Type: text/html\r\n\r\n", b"x" * 4096)),
    "chunks": ("json", forever(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"400\r\n" + b"x" * 0x400 + b"\r\n")),
    "drops": ("json", forever(OK + b"Content-Length: 9000\r\n\r\n", b"x", 0.05)),
    "lines of mail": ("mailto", forever(b"", b"220-welcome\r\n" * 100)),
    "drops of mail": ("mailto", forever(b"220 ", b"x", 0.05)),
}


@pytest.mark.parametrize("kind", ENDLESS)
def test_an_answer_without_an_end_is_given_up_and_its_connection_ends(monkeypatch, kind):
    monkeypatch.setattr(notify, "_ANSWER_SECONDS", 0.5)
    service, answer = ENDLESS[kind]
    with server(answer) as (port, ended):
        outcomes = notify.tell([f"{service}://{HOST}:{port}?from=a@example.com&to=b@example.com"], say, seconds=20)

        assert outcomes == [Delivery(f"{service}://***", "failed", "endless")]
        assert ended.wait(10)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_message_is_not_sent_on_to_another_address(receiver, status):
    def answer(connection):
        heard(connection)
        connection.sendall(f"HTTP/1.1 {status} Moved\r\nLocation: {receiver.url}\r\nContent-Length: 0\r\n\r\n".encode())

    with server(answer) as (port, _):
        assert notify.tell([f"json://{HOST}:{port}"], say) == [Delivery("json://***", "failed", "sent_on")]
    assert receiver.got == []


@pytest.mark.parametrize("service", ["json", "mailto"])
def test_a_connection_that_breaks_is_no_refusal(service):
    def answer(connection):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # the end comes as a reset

    with server(answer) as (port, _):
        outcomes = notify.tell([f"{service}://{HOST}:{port}?from=a@example.com&to=b@example.com"], say)
    assert outcomes == [Delivery(f"{service}://***", "failed", "unreachable")]


def test_a_wrong_password_and_a_wrong_recipient_are_refusals(monkeypatch):
    monkeypatch.setenv("KAM_MAIL", "wrong")
    with mail_server("right") as box:
        assert notify.tell([box.address("kam:{env:KAM_MAIL}@")], say)[0].detail == "535"
    with mail_server() as box:
        box.refuses = "lead@example.com"
        assert notify.tell([box.address()], say) == [Delivery("mailto://***", "failed", "refused", "550")]


def test_a_bug_of_ours_is_an_outcome_and_stands_in_the_log(receiver, caplog):
    customer = "C" + "001"

    outcomes = notify.tell([receiver.address], lambda *_: {}[customer])

    assert outcomes == [Delivery("json://***", "failed", "bug", "KeyError")]
    assert "test_notify.py" in caplog.text
    assert "C001" not in caplog.text


# --- secrets ----------------------------------------------------------------------------------------------------------


class Memory(KeyringBackend):
    """A keyring that holds one secret."""

    priority = 1

    def get_password(self, service, username):
        return SECRET if (service, username) == ("kam/mail", "kam@example.com") else None

    def set_password(self, service, username, password):
        raise NotImplementedError


@pytest.fixture
def with_keyring():
    before = keyring.get_keyring()
    yield keyring.set_keyring
    keyring.set_keyring(before)


def test_a_secret_comes_from_the_environment_whatever_its_characters(monkeypatch):
    monkeypatch.setenv("KAM_MAIL", SECRET)
    with mail_server(SECRET) as box:
        assert notify.tell([box.address("kam:{env:KAM_MAIL}@")], say)[0].outcome == "sent"
    assert {password for _, password in box.logins} == {SECRET}


def test_a_secret_comes_from_the_keyring(with_keyring):
    with_keyring(Memory())
    with mail_server(SECRET) as box:
        assert notify.tell([box.address("kam:{keyring:kam/mail/kam@example.com}@")], say)[0].outcome == "sent"


def test_a_whole_address_may_be_a_secret(receiver, monkeypatch):
    monkeypatch.setenv("KAM_CHAT", receiver.address)

    assert notify.tell(["{env:KAM_CHAT}"], say) == [Delivery("{env:KAM_CHAT}", "sent")]


@pytest.mark.parametrize("value", [None, ""])
def test_a_variable_that_is_not_set_is_named(monkeypatch, value):
    monkeypatch.delenv("KAM_NONE", raising=False)
    if value is not None:
        monkeypatch.setenv("KAM_NONE", value)

    outcomes = notify.tell(["wecombot://{env:KAM_NONE}"], say)

    assert outcomes == [Delivery("wecombot://***", "failed", "no_variable", "KAM_NONE")]


def test_an_entry_the_keyring_lacks_is_named_and_so_is_a_machine_without_one(with_keyring):
    with_keyring(Memory())
    assert notify.tell(["wecombot://{keyring:kam/bot}"], say)[0] == Delivery(
        "wecombot://***", "failed", "no_entry", "kam/bot"
    )
    with_keyring(fail.Keyring())
    assert notify.tell(["wecombot://{keyring:kam/bot}"], say)[0].reason == "no_keyring"


def test_a_secret_that_makes_no_address_is_told_without_it(monkeypatch):
    monkeypatch.setenv("KAM_TOKEN", "not a token!")

    assert notify.tell(["wecombot://{env:KAM_TOKEN}"], say) == [Delivery("wecombot://***", "failed", "no_address")]


def test_no_secret_is_logged_or_printed_whatever_happens(monkeypatch, caplog, capfd, receiver, mailbox):
    monkeypatch.setenv("KAM_TOKEN", "topsecret1")
    monkeypatch.setenv("KAM_BAD", "top secret2!")
    receiver.status = 500
    web = receiver.address.removeprefix("json://")
    addresses = ["json://user:{env:KAM_TOKEN}@" + web, "json://{env:KAM_BAD}@" + web, "wecombot://{env:KAM_BAD}",
                 "feishu://{env:KAM_BAD}", mailbox.address("kam:{env:KAM_TOKEN}@"), "{env:KAM_BAD}",
                 f"json://kam:{{env:KAM_TOKEN}}@{HOST}:{free_port()}"]  # fmt: skip

    with caplog.at_level(logging.DEBUG):
        notify.fault("mailto://kam:topsecret1@example.com")
        notify.fault("nothing://topsecret1")
        outcomes = notify.tell(addresses, say)

    shown = "".join([*(str(vars(entry)) for entry in caplog.records), *capfd.readouterr(), str(outcomes)])
    assert {one.outcome for one in outcomes} == {"failed"}
    assert [word for word in ("topsecret1", "top secret2", "dG9wc2VjcmV0") if word in shown] == []
    assert {entry.name for entry in caplog.records} <= {
        "kam_xl",
        "mail.log",
        "asyncio",
    }  # the last two are the mail server's


# --- addresses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("mailto://localhost:2525?from=a@example.com&to=b@example.com", None),
        ("mailto://kam@example.com", None),
        ("mailtos://kam:{env:KAM_MAIL}@example.com?smtp=smtp.example.com&to=b@example.com", None),
        ("mailtos://kam:{keyring:kam/mail}@example.com", None),
        ("mailtos://kam:hunter2@example.com", "secret"),
        ("mailtos://kam@example.com?pass=hunter2", "secret"),
        ("mailtos://kam:x{env:KAM_MAIL}@example.com", "secret"),
        ("wecombot://{env:KAM_BOT}", None),
        ("wecombot://abc", "secret"),
        ("wecombot://{env:KAM_BOT}/?key=abc", "secret"),
        ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=abc", "secret"),
        ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={env:KAM_BOT}", None),
        ("dingtalk://{env:KAM_SIGN}@{env:KAM_BOT}/", None),
        ("dingtalk://{env:KAM_BOT}/13800001234", None),
        ("dingtalk://SECabc@{env:KAM_BOT}/", "secret"),
        ("dingtalk://{env:KAM_SIGN}@abc/", "secret"),
        ("feishu://{env:KAM_BOT}", None),
        ("feishu://abc", "secret"),
        ("workflows://example.com:443/{env:KAM_FLOW}/{env:KAM_SIGN}/", None),
        ("workflows://example.com:443/{env:KAM_FLOW}/abc/", "secret"),
        ("json://localhost:8080/kam", None),
        ("json://kam:hunter2@localhost", "secret"),
        ("json://localhost?+Authorization=Bearer", "secret"),
        ("json://localhost?+Authorization={env:KAM_BOT}", None),
        ("{env:KAM_CHAT}", None),
        ("{keyring:kam/chat}", None),
        ("{KAM_CHAT}", "placeholder"),
        ("wecombot://{env:}", "placeholder"),
        ("mailto://{env:A", "placeholder"),
        ("lead@example.com", "unknown"),
        ("pigeon://example.com", "unknown"),
        ("", "unknown"),
    ],
)
def test_what_is_wrong_with_an_address(address, fault):
    assert notify.fault(address) == fault


def test_a_channel_is_shown_by_its_service_alone():
    addresses = ["mailto://a@example.com", "WeComBot://abc", "mailto://b@example.com", "{env:KAM_CHAT}", "secret words"]

    assert notify.channels(addresses) == [
        "mailto://*** #1",
        "wecombot://***",
        "mailto://*** #2",
        "{env:KAM_CHAT}",
        "***",
    ]
