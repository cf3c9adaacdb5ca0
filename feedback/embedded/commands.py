"""Runs a management command, with the embedded server up for as long as the command needs it."""

import os
import sys
import time

from django.core.management import execute_from_command_line

STARTED = time.monotonic()
# These never look into the database (Django's own, and ours that only read files).
NEED_NO_DATABASE = {
    "check",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "findstatic",
    "help",
    "makemessages",
    "spectacular",
    "startapp",
    "startproject",
    "version",
}
# These run until they are told to stop, and then at once: they do not wait for others who use their server.
STOP_AT_ONCE = {"run", "demo", "runserver"}


def execute(argv: list[str]) -> None:
    """What manage.py does with its arguments."""
    name = argv[1] if len(argv) > 1 else "help"
    if name in NEED_NO_DATABASE or name.startswith("-") or {"--help", "-h", "--version"} & set(argv):
        return execute_from_command_line(argv)

    if name == "demo":
        os.environ["DEMO"] = "1"  # before the settings are read; the processes that it starts inherit it
    from django.conf import settings

    if not settings.EMBEDDED:
        return _on_a_server_of_yours(argv)

    from feedback.embedded import cluster, postgres

    try:
        with postgres.running(settings.DATA_DIR, wait_for_others=name not in STOP_AT_ONCE):
            execute_from_command_line(argv)
    except cluster.Unavailable as error:
        sys.exit(f"answerback: {error}")


def _on_a_server_of_yours(argv: list[str]) -> None:
    """A wrong password or a server that is away is said in its own words, without a page of ours before them."""
    from django.db import OperationalError, connection

    try:
        execute_from_command_line(argv)
    except OperationalError as error:
        if connection.connection is not None:
            raise
        sys.exit(
            f"answerback: the database does not answer: {error}\n"
            "Is DATABASE_URL right, is its server up, and may this machine reach it?"
        )
