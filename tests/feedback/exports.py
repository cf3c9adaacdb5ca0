"""Exports of help desks for the tests of import_cases, and the command as a person runs it."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command


class Ran:
    """What the command said and how it ended."""

    def __init__(self, said: str, status: int) -> None:
        self.said = said
        self.status = status

    def __contains__(self, words: str) -> bool:
        return words in self.said

    def __repr__(self) -> str:
        return f"({self.status})\n{self.said}"


def run(path: Path, **options: Any) -> Ran:
    """Run the command; ``source`` is "desk" unless another is named."""
    out = io.StringIO()
    try:
        call_command("import_cases", str(path), stdout=out, **{"source": "desk", **options})
    except CommandError as error:
        return Ran(f"{out.getvalue()}\n{error}", error.returncode)
    return Ran(out.getvalue(), 0)


def export(
    path: Path, header: str, *rows: Iterable[str], encoding: str = "utf-8", delimiter: str = ","
) -> Path:
    """Write a file; the header's names and the cells of rows are given as strings with "|" between."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    for row in (header, *rows):
        writer.writerow(row.split("|") if isinstance(row, str) else row)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def rejected(path: Path) -> list[list[str]]:
    with open(path.with_suffix(".rejects.csv"), encoding="utf-8-sig", newline="") as handle:
        return list(csv.reader(handle))
