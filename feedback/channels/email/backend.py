"""Email through Django's mail backend, one connection for a whole batch."""

import smtplib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from email.utils import format_datetime, parseaddr
from typing import Any

from django.conf import settings
from django.core import mail
from django.core.mail import BadHeaderError, EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend

from feedback import clock
from feedback.channels.base import Channel, Outcome, Outcomes, Outgoing, accepted, deferred, in_doubt, refused
from feedback.models.messages import ASKING
from feedback.suppression import normalise

# The message itself cannot be written down: another attempt would end the same way.
UNWRITABLE = (BadHeaderError, UnicodeError, ValueError, smtplib.SMTPNotSupportedError)


class Email(Channel):
    name = "email"
    # The commits before and after a call cost about as much as the call. What a dying process leaves in doubt is sent
    # a second time under the same Message-ID, which mail servers and programs show once.
    step = 50

    def __init__(self, line: "_Line | None" = None) -> None:
        self._line = line

    def is_on(self) -> bool:
        return bool(settings.DEFAULT_FROM_EMAIL)

    def send(self, messages: Sequence[Outgoing]) -> Outcomes:
        line = self._line or _Line()
        try:
            for message in messages:
                yield message, _send(line, message)
        finally:
            if line is not self._line:
                line.hang_up()

    @contextmanager
    def session(self) -> Iterator[Channel]:
        line = _Line()
        try:
            yield Email(line)
        finally:
            line.hang_up()


def _send(line: "_Line", message: Outgoing) -> Outcome:
    try:
        email = compose(message)
    except UNWRITABLE as error:
        return refused(f"this cannot be written as an email: {error}")
    # A server may close a connection that was idle or has done its share; a fresh one shows whether that was all.
    return _try(line, email) or _try(line, email) or deferred("the mail server hung up", stop=True)


def _try(line: "_Line", email: EmailMultiAlternatives) -> Outcome | None:
    """One attempt; None: the connection broke before the message was begun."""
    fresh = not line.is_open
    try:
        line.open()
    except smtplib.SMTPAuthenticationError as error:
        line.drop()
        return deferred(
            f"the mail server refuses our name and password: {_said(error)}; see EMAIL_URL", stop=True
        )
    except Exception as error:  # noqa: BLE001  # socket, DNS, TLS, greeting: nothing of the message was said yet
        line.drop()
        return deferred(f"no connection to the mail server: {error}", stop=True)
    try:
        count = line.say(email)
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
        return _answered(line, error)
    except UNWRITABLE as error:
        return refused(f"this cannot be written as an email: {error}")
    except Exception as error:  # noqa: BLE001  # a time-out, a lost connection, a provider's library
        begun = line.begun
        line.drop()
        if begun:
            return in_doubt(f"the connection broke: {error}", email.extra_headers["Message-ID"], stop=True)
        return deferred(f"the mail server hung up: {error}", stop=True) if fresh else None
    if not count:
        return deferred("the mail backend sent nothing")
    return accepted(email.extra_headers["Message-ID"])


def _answered(line: "_Line", error: smtplib.SMTPException) -> Outcome:
    """What the server answered: 5yz is for good, 4yz is for now (RFC 5321, 4.2.1)."""
    code, words = _answer(error)
    said = f"{code} {words}"
    if 500 <= code < 600:
        return refused(said)
    if 400 <= code < 500 and code != 421:
        return deferred(said)
    begun = line.begun
    line.drop()
    if code == 421:  # closing the channel, whatever was going on
        return deferred(said, stop=True)
    return (in_doubt if begun else deferred)(f"not an answer: {said}", stop=True)


def _answer(error: smtplib.SMTPException) -> tuple[int, str]:
    code: Any = 0
    words: Any = b""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPResponseException):
        code, words = error.smtp_code, error.smtp_error
    return int(code), words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)


def _said(error: smtplib.SMTPException) -> str:
    return " ".join(str(part) for part in _answer(error))


def compose(message: Outgoing) -> EmailMultiAlternatives:
    """Return the email: text beside HTML, marked as sent by a machine, with a one-click way out (RFC 3834, 8058).

    Raises:
        ValueError: the address is none, or a header holds what a header cannot hold.
    """
    # Its name comes from the message alone, so that a second attempt bears the same (R31).
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    headers = {
        "Message-ID": f"<{message.reference}@{domain}>",
        "Date": format_datetime(clock.now()),
        "Auto-Submitted": "auto-generated",
        "Content-Language": message.language,
    }
    if message.purpose in ASKING and message.unsubscribe:
        headers["List-Unsubscribe"] = f"<{message.unsubscribe}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    email = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[normalise("email", message.address)],
        headers=headers,
    )
    if message.html:
        email.attach_alternative(message.html, "text/html")
    return email


class _Line:
    """One connection to the mail server, opened when first needed and again after it broke."""

    def __init__(self) -> None:
        self._backend: Any = mail.get_connection()
        self.is_open = False
        self.begun = False
        """The message at hand may have been taken: from the DATA command on, or at once where nobody can tell."""

    def open(self) -> None:
        if self.is_open:
            return
        self._backend.open()
        self.is_open = True
        smtp = self._smtp()
        if smtp is not None:
            original = smtp.data

            def data(words: Any) -> Any:
                self.begun = True
                return original(words)

            smtp.data = data  # type: ignore[method-assign, assignment]

    def say(self, email: EmailMultiAlternatives) -> int:
        self.begun = self._smtp() is None
        return self._backend.send_messages([email]) or 0

    def drop(self) -> None:
        """Let go of a connection that is broken, without saying goodbye: that would wait for its time-out once more."""
        smtp = self._smtp()
        if smtp is not None:
            with suppress(Exception):
                smtp.close()
            self._backend.connection = None
        self.hang_up()

    def hang_up(self) -> None:
        with suppress(Exception):
            self._backend.close()
        self._backend = mail.get_connection()
        self.is_open = False

    def _smtp(self) -> smtplib.SMTP | None:
        return self._backend.connection if isinstance(self._backend, EmailBackend) else None
