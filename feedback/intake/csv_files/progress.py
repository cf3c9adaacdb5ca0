"""How far an import has come: a bar in a terminal, a line now and then elsewhere."""

import time
from types import TracebackType
from typing import Self, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

LINE_EVERY = 10.0  # seconds, where there is no terminal


class Bar:
    """To be told how many rows are through; it draws while it is entered."""

    def __init__(self, out: TextIO, *, done: int, of: int) -> None:
        self.out = out
        self.of = of
        self.terminal = out.isatty()
        self.last_line = time.monotonic()
        columns = (TextColumn("rows"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self.bar = Progress(*columns, console=Console(file=out), disable=not self.terminal)
        self.task = self.bar.add_task("rows", completed=done, total=of)

    def __enter__(self) -> Self:
        self.bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.bar.stop()

    def told(self, done: int) -> None:
        self.bar.update(self.task, completed=done)
        if not self.terminal and time.monotonic() - self.last_line > LINE_EVERY:
            self.last_line = time.monotonic()
            self.out.write(f"{done:,} of {self.of:,} rows\n")
            self.out.flush()
