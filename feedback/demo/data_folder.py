"""Where the demo's data is, that it is nobody else's, and how it is removed; and the simulator's process."""

import shutil
import signal
from contextlib import suppress

from django.conf import settings
from django.core.management import CommandError
from django.db import connection

from feedback.demo import cast
from feedback.embedded import processes
from feedback.embedded.supervisor import Process


def is_empty() -> bool:
    """No table of ours is there yet."""
    return "feedback_user" not in connection.introspection.table_names()


def only_the_demos() -> None:
    """CommandError if the database holds somebody's own work: the demo neither adds to it nor removes it."""
    if is_empty():
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM feedback_user WHERE username = %s", [cast.INTEGRATION])
        ours = cursor.fetchone()
        cursor.execute("SELECT 1 FROM feedback_user LIMIT 1")
        used = cursor.fetchone()
    if used and not ours:
        raise CommandError(
            "this database is in use and is no demo's. The demo wants one of its own: "
            "unset DATABASE_URL, or let it name an empty database"
        )


def erase() -> None:
    """Remove everything in the demo's database, and its mail."""
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")
    shutil.rmtree(settings.DATA_DIR / "mail", ignore_errors=True)
    with suppress(FileNotFoundError):
        (settings.DATA_DIR / "demo-token").unlink()


def simulator() -> Process:
    """The simulated help desk, customers and owners: one more process. It keeps nothing of its own."""
    return Process(
        "simulator",
        [*processes.PYTHON, "-m", "feedback.demo.simulator"],
        cwd=settings.BASE_DIR,
        death_signal=signal.SIGKILL,
    )
