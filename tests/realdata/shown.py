"""What a person who watches sees: a bar in a terminal, elsewhere a line now and then."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

LINE_EVERY = 20.0  # seconds, where there is no terminal


class Shown:
    """To be told how far it is. Beside the count stands whatever was said last."""

    def __init__(self, bar: Progress, title: str, of: int) -> None:
        self.bar, self.title, self.of = bar, title, of
        self.task = bar.add_task(title, total=of, said="")
        self.done = 0
        # perf_counter, because the clock on the wall is moved by the tests.
        self.last = time.perf_counter()

    def advance(self, by: int, said: str = "") -> None:
        self.done += by
        self.bar.update(self.task, completed=self.done, said=said)
        if self.bar.disable and (time.perf_counter() - self.last > LINE_EVERY or self.done == self.of):
            self.last = time.perf_counter()
            say(f"  {self.title}: {self.done:,} of {self.of:,}{'; ' * bool(said)}{said}")


@contextmanager
def progress(title: str, of: int) -> Iterator[Shown]:
    """Show how far ``title`` is, out of ``of`` events."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[said]}"),
        console=Console(),
        disable=not sys.stdout.isatty(),
        transient=True,
    )
    with bar:
        yield Shown(bar, title, of)


def say(words: str) -> None:
    """Print a line at once."""
    print(words, flush=True)
