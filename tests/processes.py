"""Real processes for the fault tests: in an environment of their own, and found again when they should be gone."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import psutil
from django.db import connection

from tests.house.sources import ROOT

PATIENCE = 120.0
"""How long anything here is waited for, in seconds: far more than it takes, so that only a fault gets there."""


def environment(**more: str) -> dict[str, str]:
    """What a person's shell would give, and nothing that the tests' own settings brought."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
    return kept | {"PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"} | more


def this_database() -> str:
    """The address of the test database, for another process."""
    known = connection.settings_dict
    who = quote(known["USER"], safe="") + (
        f":{quote(known['PASSWORD'], safe='')}" if known["PASSWORD"] else ""
    )
    port = f":{known['PORT']}" if known["PORT"] else ""
    if known["HOST"].startswith("/"):  # a socket's folder; django-environ wants it before the database's name
        return f"postgres://{who}@{port}/{known['HOST']}/{known['NAME']}"
    return f"postgres://{who}@{known['HOST']}{port}/{known['NAME']}"


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


class Program:
    """A running program whose output goes to a file.

    ``marks`` are texts that it and all that it starts carry along: the first in the environment, any in the command
    or in the name of the folder that they work in.
    """

    def __init__(self, argv: list[str], *, output: Path, marks: tuple[str, ...], **env: str) -> None:
        self.output = output
        self.marks = marks
        with output.open("wb") as handle:
            self.process = subprocess.Popen(
                argv,
                cwd=ROOT,
                env=environment(MARK=marks[0], **env),
                stdin=subprocess.PIPE,
                stdout=handle,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return self.output.read_text(errors="replace")

    def wait_for(self, condition: Callable[[], object], what: str) -> None:
        """Wait until the condition holds; fails with the program's words when it ended instead, or never did it."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if self.process.poll() is not None:
                raise AssertionError(f"it ended ({self.process.returncode}) before {what}:\n{self.said}")
            if time.monotonic() > deadline:
                raise AssertionError(f"no {what}:\n{self.said}")
            time.sleep(0.05)

    def wait_to_say(self, words: str) -> None:
        self.wait_for(lambda: words in self.said, f"“{words}”")

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def let_go(self) -> None:
        """Close its standard input: for a program that works until then."""
        assert self.process.stdin is not None
        with suppress(BrokenPipeError):
            self.process.stdin.close()

    def ended(self) -> int:
        """Wait for its end; returns the exit code (negative: the signal that killed it)."""
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it does not end:\n{self.said}") from None

    def children(self) -> list[psutil.Process]:
        return list(psutil.Process(self.process.pid).children())


@contextmanager
def program(argv: list[str], *, output: Path, marks: tuple[str, ...], **env: str) -> Iterator[Program]:
    """Run a program; at the end nothing that carries its marks is left, whatever the test found."""
    running = Program(argv, output=output, marks=marks, **env)
    try:
        yield running
    finally:
        running.let_go()
        if running.process.poll() is None:
            running.process.kill()
        running.process.wait()
        for process in alive(marks):
            with suppress(psutil.NoSuchProcess):
                process.kill()


def alive(marks: tuple[str, ...]) -> list[psutil.Process]:
    """Every process that carries one of the marks."""
    return [process for process in psutil.process_iter() if _carries(process, marks)]


def _carries(process: psutil.Process, marks: tuple[str, ...]) -> bool:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        # A server's own children write other words over their command; the folder that they work in stays.
        texts = [*process.cmdline(), process.cwd(), process.environ().get("MARK", "")]
        return any(mark in text for mark in marks for text in texts)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def left_running(marks: tuple[str, ...]) -> list[str]:
    """The commands that still carry a mark after some patience; empty when all are gone, as they should be."""
    deadline = time.monotonic() + PATIENCE / 4
    while (found := alive(marks)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return [_command(process) for process in found]


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return f"process {process.pid}, which ended just now"


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        return int(probe.getsockname()[1])
