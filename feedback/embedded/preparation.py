"""What has to be in order before the processes start: tables, static files, an empty broker."""

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import CommandError, call_command

from feedback.embedded import postgres, processes


@contextmanager
def alone() -> Iterator[None]:
    """The processes of one data folder run once. CommandError, saying where they are, when they already do."""
    with open(settings.DATA_DIR / "run.lock", "a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise CommandError(f"Answerback already runs on this data, at {lock.read().strip()}") from error
        lock.truncate(0)
        lock.write(settings.BASE_URL)
        lock.flush()
        yield


def prepare(command: str) -> None:
    """Bring the database and the static files up to date; CommandError, saying what to do, if it cannot be."""
    if trouble := processes.port_trouble():
        raise CommandError(f"{trouble}. Take another port: PORT={settings.PORT + 1} make {command}")
    call_command("migrate", verbosity=0, interactive=False)
    collect_static()
    if settings.EMBEDDED:
        empty_broker()


def collect_static() -> None:
    """collectstatic, unless the sources are what they were at the last time."""
    stamp = settings.DATA_DIR / "static.stamp"
    seen = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            seen.update(f"{path} {storage.size(path)} {storage.get_modified_time(path)}\n".encode())
    if not (stamp.exists() and stamp.read_text() == seen.hexdigest() and settings.STATIC_ROOT.exists()):
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        stamp.write_text(seen.hexdigest())


def empty_broker() -> None:
    """kombu's SQL transport keeps the messages it has delivered; nothing in there is worth keeping."""
    never_used = suppress(psycopg.errors.UndefinedTable)  # a first start
    with postgres.connect(settings.DATA_DIR, "celery") as connection, never_used:
        connection.execute("TRUNCATE kombu_message")
