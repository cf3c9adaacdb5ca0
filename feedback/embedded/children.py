"""Starting and stopping child processes that never outlive us."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

CHILD = Path(__file__).with_name("child.py")


def start(
    argv: Sequence[str],
    *,
    death_signal: signal.Signals = signal.SIGTERM,
    user: tuple[int, int] | None = None,
    env: Mapping[str, str] | None = None,
    cwd: str | Path | None = None,
    output: IO[bytes] | int | None = None,
) -> subprocess.Popen[bytes]:
    """Start argv in a session of its own, as (uid, gid) if given; it gets death_signal when this process is gone.

    argv[0] must be a path. To be called from the main thread: on Linux it is the thread whose end counts.
    """
    uid, gid = user or ("-", "-")
    bound = [
        sys.executable,
        "-I",
        "-S",
        str(CHILD),
        str(os.getpid()),
        str(int(death_signal)),
        str(uid),
        str(gid),
    ]
    return subprocess.Popen(
        [*bound, *argv],
        env=None if env is None else dict(env),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        start_new_session=True,
    )


def stop(process: subprocess.Popen[bytes], *, asks: Sequence[tuple[signal.Signals, float]]) -> None:
    """Ask by each signal in turn, as many seconds long as it says; then kill the whole group."""
    for number, seconds in asks:
        if process.poll() is None:
            process.send_signal(number)
        try:
            process.wait(seconds)
            break
        except subprocess.TimeoutExpired:
            continue
    # The child is its group's first member; what it left behind goes too.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
