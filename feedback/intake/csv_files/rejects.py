"""The rows that could not be taken in: the same columns, and before them the line and why.

It is written in step with the import's row in the database, which knows how long it was when the last chunk was
committed. What a killed process wrote beyond that is cut off when the import goes on, so no row stands there twice.
"""

import csv
import io
import os
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from feedback.intake.csv_files.columns import LINE, WHY
from feedback.intake.csv_files.trouble import Misuse
from feedback.spreadsheets import defused

_WAY_OUT = "Move it away, or say --rejects OTHER.csv"


class Rejects:
    """The file of rejected rows. Nothing is made before the first one.

    Args:
        header: the columns of the file that is imported.
        size, check: length and CRC-32 of what was written and committed before.
    """

    def __init__(self, path: Path, header: Sequence[str], *, size: int = 0, check: int = 0) -> None:
        self.path = path
        self.header = header
        self.size = size
        self.check = check

    def begin(self, *, anew: bool) -> None:
        """Bring the file to where the import stands.

        Raises:
            Misuse: it is not as we left it, so somebody works in it; or, where the import begins anew, there is one.
        """
        if not self.path.exists():
            self.size = self.check = 0
            return
        there = self.path.read_bytes()
        if anew:
            raise Misuse(f"{self.path} is already there, from another import. {_WAY_OUT}")
        if zlib.crc32(there[: self.size]) != self.check:
            raise Misuse(f"{self.path} is not as this import left it. {_WAY_OUT}")
        os.truncate(self.path, self.size)

    def is_untouched(self, size: int, check: int) -> bool:
        """Whether the file is exactly what an import wrote: then it may be written anew."""
        there = self.path.read_bytes() if self.path.exists() else b""
        return len(there) == size and zlib.crc32(there) == check

    def forget(self) -> None:
        """Remove the file, to begin anew."""
        self.path.unlink(missing_ok=True)

    def add(self, rows: Iterable[tuple[int, str, Sequence[str]]]) -> tuple[int, int]:
        """Append rows (line, why, cells) after what was committed; returns the length and CRC-32 of all of it."""
        text = io.StringIO()
        writer = csv.writer(text)
        if not self.size:
            text.write("\ufeff")  # without it, spreadsheets do not see that this is UTF-8
            writer.writerow([LINE, WHY, *map(defused, self.header)])
        for line, why, cells in rows:
            writer.writerow([line, defused(why), *map(defused, cells)])
        # Halves of surrogate pairs are a reason to reject a row, and not to lose it.
        data = text.getvalue().encode("utf-8", "backslashreplace")
        with open(self.path, "r+b" if self.path.exists() else "w+b") as handle:
            handle.truncate(self.size)
            handle.seek(self.size)
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        return self.size + len(data), zlib.crc32(data, self.check)

    def settle(self, size: int, check: int) -> None:
        """What was added is committed."""
        self.size, self.check = size, check
