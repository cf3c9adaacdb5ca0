"""The embedded PostgreSQL of a data folder: where it is reached, and how it runs while somebody needs it.

One server a data folder. Who comes first starts it and holds `postgres.lock` for as long as it runs; who comes
later reuses it and holds a share of `postgres.users`, so that the first does not stop it under them.
"""

import fcntl
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg import sql

from feedback.embedded import children, cluster
from feedback.embedded.cluster import Unavailable

DATABASES = ("answerback", "celery")
PORT = "5432"  # only a part of the socket's name; said everywhere, for PGPORT must not decide

TUNING = {
    "shared_buffers": "64MB",
    "max_connections": "100",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",  # our statements are short; compiling them costs more than it gives
    "timezone": "UTC",
    "log_timezone": "UTC",
    "unix_socket_permissions": "0700",
    "log_min_messages": "warning",
}
# The server's process while this process runs it, for a supervisor to watch.
ours: subprocess.Popen[bytes] | None = None

# For tests: nothing has to survive the machine.
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def django_database(folder: Path) -> dict[str, Any]:
    """The entry of DATABASES for the embedded server of this data folder."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": DATABASES[0],
        "USER": "postgres",
        "HOST": str(cluster.socket_directory(folder)),
        "PORT": PORT,
    }


def broker_url(folder: Path) -> str:
    """Celery's broker on the same server: kombu's SQL transport, in a database of its own."""
    return f"sqla+postgresql+psycopg://postgres@/{DATABASES[1]}?host={cluster.socket_directory(folder)}&port={PORT}"


@contextmanager
def running(folder: Path, *, careless: bool = False, wait_for_others: bool = True) -> Iterator[None]:
    """The server of this data folder is up: started if it is not up, and stopped at the end by who started it.

    With wait_for_others the starter lets the commands that reuse its server finish first.
    Raises Unavailable, with words for the person at the terminal.
    """
    global ours
    folder.mkdir(parents=True, exist_ok=True)
    with _opened(folder / "postgres.lock") as lock, _opened(folder / "postgres.users") as users:
        if not _first(folder, lock, users):
            yield
            return
        process = ours = _start(folder, careless)
        try:
            yield
        finally:
            ours = None
            if wait_for_others and not _taken(users, fcntl.LOCK_EX):
                print("Another command still uses this database server; waiting for it.", file=sys.stderr)
                with suppress(KeyboardInterrupt):
                    fcntl.flock(users, fcntl.LOCK_EX)
            # Fast, then immediate: the first rolls back and writes a checkpoint, the second recovers next time.
            children.stop(process, asks=[(signal.SIGINT, 15), (signal.SIGQUIT, 5)])
            shutil.rmtree(cluster.socket_directory(folder), ignore_errors=True)


def _opened(path: Path) -> IO[bytes]:
    try:
        return open(path, "ab")
    except PermissionError as error:
        raise Unavailable(
            f"{path} belongs to another user: run as that user, or set DATA_DIR elsewhere"
        ) from error


def _taken(handle: IO[bytes], kind: int) -> bool:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _first(folder: Path, lock: IO[bytes], users: IO[bytes]) -> bool:
    """True: nobody runs the server, and it is now ours to start. False: it answers, and we hold a share of it."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if _taken(lock, fcntl.LOCK_EX):
            return True
        # The share first: a starter that is leaving holds it whole, and then there is nothing to reuse.
        if _taken(users, fcntl.LOCK_SH):
            if _answers(folder):
                return False
            fcntl.flock(users, fcntl.LOCK_UN)
        time.sleep(0.05)
    raise Unavailable(f"another process holds {lock.name} but its server does not answer; stop that process")


def connect(folder: Path, database: str = "postgres") -> psycopg.Connection[Any]:
    """A connection in autocommit to the server of this data folder."""
    host = str(cluster.socket_directory(folder))
    return psycopg.connect(
        host=host, port=PORT, user="postgres", dbname=database, connect_timeout=5, autocommit=True
    )


def _answers(folder: Path) -> bool:
    try:
        connect(folder).close()
    except psycopg.OperationalError:
        return False
    return True


def _start(folder: Path, careless: bool) -> subprocess.Popen[bytes]:
    """Start the server and wait until it answers and has its databases."""
    user = cluster.server_user(folder)
    home = cluster.ensure(folder)
    sockets = cluster.socket_directory(folder)
    cluster.own_directory(sockets, user)
    _bury(home)
    options = TUNING | (CARELESS if careless else {})
    command = [
        f"{cluster.binaries(folder)}/postgres",
        "-D",
        str(home),
        "-k",
        str(sockets),
        "-h",
        "",
        "-p",
        PORT,
    ]
    command += [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    log = folder / "postgres.log"
    with open(log, "wb") as output:
        process = children.start(
            command,
            death_signal=signal.SIGINT,  # a fast shutdown, not a crash
            user=user,
            env=cluster.clean_environment(),
            cwd="/",
            output=output,
        )
    try:
        _wait(process, folder, log)
        _create_databases(folder)
    except BaseException:
        children.stop(process, asks=[(signal.SIGQUIT, 5)])
        raise
    return process


def _wait(process: subprocess.Popen[bytes], folder: Path, log: Path) -> None:
    deadline = time.monotonic() + 60
    while not _answers(folder):
        if process.poll() is not None or time.monotonic() > deadline:
            last = "\n".join(log.read_text(errors="replace").splitlines()[-8:])
            raise Unavailable(
                f"the embedded PostgreSQL did not start. Its last words (all of them in {log}):\n{last}\n"
                f"If its data is broken, removing {cluster.place(folder)} begins anew, with nothing in it."
            )
        time.sleep(0.02)


def _create_databases(folder: Path) -> None:
    with connect(folder) as connection:
        there = {name for (name,) in connection.execute("SELECT datname FROM pg_database")}
        for name in DATABASES:
            if name not in there:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def _bury(home: Path) -> None:
    """Deal with the postmaster.pid of a server whose starter is gone (we hold the lock, so it is).

    That server may still be shutting down: wait for it. Or its number belongs to some other process by now,
    before which PostgreSQL would step back for ever: then the file is removed.
    """
    file = home / "postmaster.pid"
    deadline = time.monotonic() + 20
    while file.exists():
        number = re.match(r"\d+", file.read_text())
        if not (number and _is_server(int(number[0]), home)):
            file.unlink(missing_ok=True)
        elif time.monotonic() > deadline:
            raise Unavailable(f"a PostgreSQL (process {number[0]}) still works on {home}; stop it first")
        time.sleep(0.05)


def _is_server(pid: int, home: Path) -> bool:
    import psutil  # comes with the wheel; settings read this module where the wheel may be missing

    try:
        command = psutil.Process(pid).cmdline()
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return False  # another user's, and the server would be ours
    return bool(command) and Path(command[0]).name == "postgres" and str(home) in command
