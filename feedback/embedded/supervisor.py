"""Runs a few named processes as one: when any ends, or we are told to stop, none is left behind.

Ctrl-C, TERM and a closed terminal stop them in good order; if we are killed outright, the kernel tells each child.
"""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from feedback.embedded import children

STOPPED_BY = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Process:
    """What to run. argv[0] is a path; env None is ours; ready says when it does its work."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] | None = None
    cwd: Path | None = None
    ready: Callable[[], bool] = lambda: True
    # What it gets when we were killed: nobody is left to insist, so what may hang is killed.
    death_signal: signal.Signals = signal.SIGTERM
    # How long it may take over stopping, before its whole group is killed.
    patience: float = 6.0


def supervise(
    processes: Sequence[Process],
    *,
    beside: Mapping[str, subprocess.Popen[bytes] | None] | None = None,
    on_ready: Callable[[], None] | None = None,
) -> int:
    """Run the processes until one ends or a signal says stop; call on_ready once, when all are ready.

    `beside` are children started earlier, by name: they are watched, and stopped by who started them. To be called
    from the main thread. Out: 0 when we were told to stop, 1 when a process ended by itself (its name is printed).
    """
    told: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        told.append(number)

    before = {number: signal.signal(number, stop) for number in STOPPED_BY}
    watched = {name: child for name, child in (beside or {}).items() if child}
    started: list[tuple[Process, subprocess.Popen[bytes]]] = []
    try:
        for process in processes:
            child = children.start(
                process.argv, env=process.env, cwd=process.cwd, death_signal=process.death_signal
            )
            started.append((process, child))
            watched[process.name] = child
        waiting = True
        while not told:
            for name, child in watched.items():
                if child.poll() is not None:
                    print(
                        f"{name} ended by itself (exit code {child.returncode}); stopping.", file=sys.stderr
                    )
                    return 1
            if waiting and all(process.ready() for process in processes):
                waiting = False
                if on_ready:
                    on_ready()
            time.sleep(0.1)
        return 0
    finally:
        for _, child in started:
            if child.poll() is None:
                child.terminate()  # its master only, and all at once
        for process, child in reversed(started):
            children.stop(child, asks=[(signal.SIGTERM, process.patience)])
        for number, handler in before.items():
            signal.signal(number, handler)
