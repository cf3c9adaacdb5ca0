"""How far the log has been played: a bar in a terminal, a line now and then elsewhere."""

import time
from types import TracebackType
from typing import Self, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bar

LINE_EVERY = 30.0  # seconds, where there is no terminal


class Progress:
    """To be told what was fed and answered; it draws while it is entered, and leaves when all is fed."""

    def __init__(self, out: TextIO) -> None:
        self.terminal = out.isatty()
        self.out = out
        self.said = ""
        self.last_line = 0.0
        self.finished = False
        self.bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("events; {task.fields[said]}"),
            console=Console(file=out),
            disable=not self.terminal,
            refresh_per_second=4,
        )
        self.task = self.bar.add_task("The help desk's log", total=None, said="")

    def __enter__(self) -> Self:
        if self.terminal:
            self.bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.bar.stop()

    def fed(self, done: int, of: int) -> None:
        """So many of the log's events are in."""
        self.bar.update(self.task, completed=done, total=of)
        if not self.terminal and (time.monotonic() - self.last_line > LINE_EVERY or done == of):
            self.last_line = time.monotonic()
            self.out.write(f"{done} of {of} events{'; ' * bool(self.said)}{self.said}\n")
            self.out.flush()
        if done == of and not self.finished:
            self.finished = True
            self.bar.stop()
            if self.terminal:
                self.out.write("The log is played to its end; customers and owners go on.\n")
                self.out.flush()

    def says(self, words: str) -> None:
        """What stands beside the bar."""
        self.said = words
        if not self.finished:
            self.bar.update(self.task, said=words)
