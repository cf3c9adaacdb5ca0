"""`manage.py after_restore`: what has to be done to a database that comes from a backup, before a worker sees it."""

import re
from argparse import ArgumentTypeError
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.module_loading import import_string

from feedback import clock, health, pause
from feedback.models import Heartbeat, Message
from feedback.models.messages import State
from feedback.models.people import Channel
from feedback.outbox import restoring
from feedback.outbox.sending import reference

REFERENCE = re.compile(rb"(?<![0-9])([0-9]{1,19}\.[0-9a-f]{16})@")
"""The part of our Message-ID before the @, wherever it stands in a line."""

WHY = "restored from a backup"


class Command(BaseCommand):
    help = (
        "Run once after a database was restored, before any worker starts: nothing that left after the backup was "
        "taken leaves again, no lost personal link opens somebody else's page, and surveys are paused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--stopped-at",
            type=moment,
            metavar="TIME",
            help="when the last worker stopped, with its offset (2026-05-01T14:30+02:00): what was due later was not "
            "sent (default: now)",
        )
        parser.add_argument(
            "--log",
            action="append",
            type=Path,
            default=[],
            metavar="FILE",
            help="a log of sent mail, from the backup on, that holds Message-IDs: what it names was sent",
        )
        parser.add_argument(
            "--send-rest",
            action="store_true",
            help="email that the logs do not name was not sent: send it now",
        )

    def handle(
        self, *args: Any, stopped_at: datetime | None, log: list[Path], send_rest: bool, **options: Any
    ) -> None:
        began = clock.now()
        stopped_at = stopped_at or began
        if stopped_at > began:
            raise CommandError("--stopped-at: that is yet to come")
        if send_rest and not log:
            raise CommandError("--send-rest needs a --log: without one, everything would be sent again")
        logged = _references(log)
        _no_worker_runs(began)
        if send_rest:
            _reaches_back(logged)

        tables = restoring.pass_over_ids()
        pause.start(None, WHY)
        before = restoring.settle_unsent(stopped_at, logged=logged, send_rest=send_rest)
        # Whatever the sweeps would make of the restored rows, they may have made it of the same rows before.
        for task in _sweeps():
            import_string(task)()
        found = before + restoring.hold_back(stored_since=began)
        self.stdout.write(
            f"{found.sent} messages had been sent; {found.held} are held back, in doubt; {found.to_send} are to go.\n"
            f"Personal links and other rows get ids that were never given away ({tables} tables).\n"
            "Surveys are paused: have your sources send again what they sent since the backup, then end the pause.\n"
            "Now run `manage.py audit`, and start the processes."
        )


def moment(text: str) -> datetime:
    """A moment in ISO 8601 with its offset."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error
    if at.tzinfo is None:
        raise ArgumentTypeError(f"{text!r} has no offset: add Z, or +02:00")
    return at


def _references(logs: list[Path]) -> set[str]:
    found: set[str] = set()
    for path in logs:
        try:
            with path.open("rb") as lines:
                found.update(match.decode() for line in lines for match in REFERENCE.findall(line))
        except OSError as error:
            raise CommandError(f"--log: {path}: {error.strerror}") from error
    return found


def _no_worker_runs(now: datetime) -> None:
    last = Heartbeat.objects.filter(name="worker").first()
    if last and now - last.ran_at < health.SILENCE:
        seconds = int(health.SILENCE.total_seconds())
        raise CommandError(
            f"A worker ran less than {seconds} seconds ago. Stop every worker and beat, wait, and try again."
        )


def _reaches_back(logged: set[str]) -> None:
    """A log that begins too late, or is another server's, would have everything sent a second time."""
    sent = Message.objects.filter(channel=Channel.EMAIL, state=State.ACCEPTED)
    newest = sent.order_by("-settled_at").first()
    if newest and reference(newest) not in logged:
        raise CommandError(
            f"--log: no file names the last email that the backup knows as sent ({reference(newest)}, "
            f"{newest.settled_at:%Y-%m-%d %H:%M} UTC), so they do not reach back to the backup. Nothing was done."
        )


def _sweeps() -> list[str]:
    """The tasks of the packages above, which make rows; the ground's own send them, and must not run here."""
    names = dict.fromkeys(
        [name for name, *_ in settings.SWEEPS] + [name for name, *_ in settings.DAILY_SWEEPS]
    )
    return [name for name in names if not name.startswith("feedback.")]
