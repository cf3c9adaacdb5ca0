"""Email as a real mail server sees it, and every way in which a mail server can fail."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from django.core import mail

from feedback import links, outbox
from feedback.channels.base import Outgoing, Result
from feedback.channels.email import Email
from tests.feedback.letters import letter, link_of, states, way_out_of


class Server:
    """A mail server whose answers can be told: by recipient, at which command and what."""

    def __init__(self) -> None:
        self.got: list[EmailMessage] = []
        self.envelopes: list[tuple[str, list[str]]] = []
        self.connections = 0
        self.rcpt: dict[str, str] = {}
        self.data: list[str] = []
        self.port = 0

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        answer = self.rcpt.get(address, "250 OK")
        if answer == "hang up":
            self.rcpt.pop(address)
            server.transport.close()
            return "421 bye"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        answer = self.data.pop(0) if self.data else "250 OK: queued"
        if answer == "hang up":
            server.transport.close()
            return "250 too late"
        if answer.startswith("250"):
            self.got.append(message_from_bytes(envelope.content, policy=policy.default))
            self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
        return answer


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture
def server(settings) -> Iterator[Server]:
    made = Server()
    made.port = free_port()
    controller = Controller(made, hostname="127.0.0.1", port=made.port)
    controller.start()
    point_at(settings, made.port)
    yield made
    controller.stop()


def point_at(settings, port: int) -> None:
    settings.CHANNELS = {"email": "feedback.channels.email.Email"}
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 5
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.DEFAULT_FROM_EMAIL = "Werkstatt Müller <feedback@mueller.example>"
    settings.BASE_URL = "https://fb.example"


def outgoing(number: int = 1, **more) -> Outgoing:
    return Outgoing(
        **{
            "id": number,
            "reference": f"{number}.abc",
            "attempt": 1,
            "purpose": "reply",
            "address": f"customer-{number}@home.example",
            "language": "en",
            "subject": "About your case",
            "text": "Hello",
            **more,
        }
    )


def results(*messages: Outgoing) -> list[str]:
    return [str(outcome.result) for _, outcome in Email().send(messages)]


@pytest.mark.rule("R33")
def test_what_asks_reaches_the_mail_server_whole(db, server):
    message = letter(
        purpose="survey",
        subject="Ist Ihre Waschmaschine dicht? 洗衣机修好了吗？",
        text=f"Ein Klick: {outbox.LINK}",
        html=f'<p>Ein Klick: <a href="{outbox.LINK}">hier</a></p>',
    )
    outbox.send_due()
    (email,) = server.got
    assert server.envelopes == [("feedback@mueller.example", [message.address])]
    assert email["Subject"].strip() == "Ist Ihre Waschmaschine dicht? 洗衣机修好了吗？"
    assert email["From"] == "Werkstatt Müller <feedback@mueller.example>"
    assert email["To"] == message.address
    assert email["Auto-Submitted"] == "auto-generated"
    assert email["List-Unsubscribe"] == f"<{links.url(way_out_of(message), 'email')}>"
    assert email["List-Unsubscribe"].startswith("<https://fb.example/o/")
    assert email["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert email["Content-Language"] == "en"
    assert email["Date"]
    url = links.url(link_of(message), "email")
    plain, html = email.get_body(("plain",)), email.get_body(("html",))
    assert email.get_content_type() == "multipart/alternative"
    assert plain.get_content().strip() == f"Ein Klick: {url}"
    assert f'href="{url}"' in html.get_content()
    assert "<img" not in html.get_content()
    message.refresh_from_db()
    assert message.provider_id == email["Message-ID"]


@pytest.mark.rule("R33")
def test_a_reply_is_no_list_mail(db, server):
    letter(purpose="reply", html="")
    outbox.send_due()
    (email,) = server.got
    assert email["List-Unsubscribe"] is None
    assert email["Auto-Submitted"] == "auto-generated"
    assert email.get_content_type() == "text/plain"


@pytest.mark.rule("R31")
def test_the_second_sending_bears_the_same_message_id(db, server, moved_clock):
    server.data.append("hang up")
    message = letter()
    outbox.send_due()
    assert states(message) == ["in_doubt"]
    message.refresh_from_db()
    first = message.provider_id
    moved_clock.advance(minutes=30)
    outbox.rescue()
    outbox.send_due()
    assert states(message) == ["accepted"]
    assert [email["Message-ID"] for email in server.got] == [first]
    assert first.endswith("@mueller.example>")


def test_a_batch_goes_through_one_connection(db, server):
    messages = [letter() for _ in range(30)]
    outbox.send_due()
    assert set(states(*messages)) == {"accepted"}
    assert len(server.got) == 30
    assert server.connections == 1


@pytest.mark.rule("R31")
@pytest.mark.parametrize(
    ("answer", "result"),
    [
        ("550 5.1.1 no such user", "refused"),
        ("452 4.2.2 mailbox full", "deferred"),
        ("421 4.3.2 closing", "deferred"),
    ],
)
def test_the_answer_to_the_recipient_decides(server, answer, result):
    server.rcpt["customer-1@home.example"] = answer
    ((_, outcome),) = list(Email().send([outgoing(1)]))
    assert str(outcome.result) == result
    assert outcome.detail.startswith(answer[:9])


@pytest.mark.rule("R31")
@pytest.mark.parametrize(
    ("answer", "result"),
    [("554 5.7.1 spam", "refused"), ("451 4.7.1 greylisted", "deferred"), ("421 4.3.2 closing", "deferred")],
)
def test_the_answer_to_the_words_decides(server, answer, result):
    server.data.append(answer)
    assert results(outgoing(1)) == [result]


@pytest.mark.rule("R31")
def test_one_bad_address_costs_the_others_nothing(server):
    server.rcpt["customer-2@home.example"] = "550 no such user"
    assert results(*map(outgoing, (1, 2, 3))) == ["accepted", "refused", "accepted"]
    assert server.connections == 1


@pytest.mark.rule("R31")
def test_a_server_that_closes_between_two_messages_is_called_again(server):
    server.rcpt["customer-2@home.example"] = "hang up"
    assert results(*map(outgoing, (1, 2, 3))) == ["accepted", "accepted", "accepted"]
    assert server.connections == 2


@pytest.mark.rule("R31")
def test_a_server_that_says_421_is_called_again_for_the_next(server):
    server.rcpt["customer-1@home.example"] = "421 too many"
    sent = Email().send([outgoing(1), outgoing(2)])
    assert next(sent)[1].stop
    assert str(next(sent)[1].result) == "accepted"
    sent.close()
    assert server.connections == 2


@pytest.mark.rule("R31")
def test_a_line_cut_after_the_words_is_a_doubt(server):
    server.data.append("hang up")
    ((_, outcome),) = list(Email().send([outgoing(1)]))
    assert outcome.result == Result.IN_DOUBT
    assert outcome.stop
    assert outcome.provider_id.startswith("<1.abc@")


@contextmanager
def dumb_server(settings, lines: list[bytes]) -> Iterator[None]:
    """A server that says these lines, one for each it is told, and then never again anything."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        point_at(settings, listener.getsockname()[1])
        settings.EMAIL_TIMEOUT = 0.3
        done = threading.Event()

        def talk() -> None:
            talker, _ = listener.accept()
            with talker:
                talker.sendall(lines[0])
                heard = talker.makefile("rb")
                for line in lines[1:]:
                    heard.readline()
                    talker.sendall(line)
                done.wait(10)
                heard.close()

        thread = threading.Thread(target=talk)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


HELLO = [b"220 hello\r\n", b"250 hello\r\n"]


@pytest.mark.rule("R31")
def test_silence_after_the_words_is_a_doubt(settings):
    with dumb_server(settings, [*HELLO, b"250 sender\r\n", b"250 recipient\r\n", b"354 go on\r\n"]):
        assert results(outgoing(1)) == ["in_doubt"]


@pytest.mark.rule("R31")
def test_silence_before_the_words_is_no_doubt(settings):
    with dumb_server(settings, [*HELLO, b"250 sender\r\n"]):
        assert results(outgoing(1)) == ["deferred"]


@pytest.mark.rule("R31")
def test_silence_instead_of_a_greeting_is_no_doubt(settings):
    with dumb_server(settings, [b""]):
        assert results(outgoing(1)) == ["deferred"]


@pytest.mark.rule("R31")
def test_an_answer_that_is_none_is_a_doubt_after_the_words_only(settings):
    begin = [*HELLO, b"250 sender\r\n", b"250 recipient\r\n"]
    with dumb_server(settings, [*begin, b"354 go on\r\n", b"gibberish\r\n"]):
        assert results(outgoing(1)) == ["in_doubt"]
    with dumb_server(settings, [*HELLO, b"250 sender\r\n", b"gibberish\r\n"]):
        assert results(outgoing(1)) == ["deferred"]


@pytest.mark.rule("R31")
def test_nobody_at_the_port_is_no_doubt_and_stops_the_batch(settings):
    point_at(settings, free_port())
    ((_, outcome),) = list(Email().send([outgoing(1)]))
    assert outcome.result == Result.DEFERRED
    assert outcome.stop


@pytest.mark.rule("R31")
def test_an_unknown_host_is_no_doubt(settings, monkeypatch):
    point_at(settings, 25)

    def unknown(*args, **kwargs):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    ((_, outcome),) = list(Email().send([outgoing(1)]))
    assert outcome.result == Result.DEFERRED
    assert "Name or service not known" in outcome.detail


@pytest.mark.rule("R31")
def test_a_wrong_password_is_our_fault_and_no_messages(settings):
    with dumb_server(
        settings, [b"220 hello\r\n", b"250-hello\r\n250 AUTH PLAIN\r\n", b"535 5.7.8 wrong\r\n"]
    ):
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "us", "wrong"
        ((_, outcome),) = list(Email().send([outgoing(1)]))
    assert outcome.result == Result.DEFERRED
    assert outcome.stop
    assert "EMAIL_URL" in outcome.detail


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": "nobody"},
        {"address": "a@home.example, b@home.example"},
        {"subject": "two\nlines"},
        {"unsubscribe": "https://fb.example/\r\nBcc: all@home.example", "purpose": "survey"},
        {"text": "\udc80"},
    ],
)
def test_what_cannot_be_written_as_an_email_is_refused_and_the_next_goes(server, wrong):
    assert results(outgoing(1, **wrong), outgoing(2)) == ["refused", "accepted"]
    assert len(server.got) == 1


def test_any_backend_of_djangos_will_do(settings, db):
    settings.CHANNELS = {"email": "feedback.channels.email.Email"}
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    message = letter(purpose="survey", html="<p>Hello</p>")
    outbox.send_due()
    (email,) = mail.outbox
    assert isinstance(email, mail.EmailMultiAlternatives)
    assert email.to == [message.address]
    assert [kind for _, kind in email.alternatives] == ["text/html"]
    assert states(message) == ["accepted"]


@pytest.mark.rule("R31")
def test_a_backend_of_which_nothing_is_known_leaves_a_doubt_when_it_fails(settings, monkeypatch):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

    def fail(self, messages):
        raise TimeoutError("the provider did not answer")

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", fail)
    assert results(outgoing(1)) == ["in_doubt"]
