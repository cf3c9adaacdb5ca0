"""A file as a table: which encoding, which delimiter, which header, and then one record after the other.

The file is read in pieces and never held whole. Nothing is guessed silently: what was found out is said, and where the
bytes allow two readings the file is refused until somebody says which.
"""

import codecs
import csv
import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from feedback.intake.csv_files.trouble import Misuse

_PIECE = 1 << 20
_DELIMITERS = (",", ";", "\t", "|")
_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAGIC = (
    (b"PK\x03\x04", "an Excel workbook or a ZIP archive: save the sheet as CSV (UTF-8)"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook: save the sheet as CSV (UTF-8)"),
    (b"\x1f\x8b", "compressed: unpack it first (gunzip)"),
)
_SEPARATOR_LINE = re.compile(r'"?sep=(?P<delimiter>.)"?\s*')
_LOOKED_AT = 200_000  # characters that are looked at before bytes are called Chinese


@dataclass(frozen=True, slots=True)
class Record:
    """One row of the file. ``line`` is where it begins, counted from 1 with the header.

    ``trouble`` says why there are no ``cells`` to be read.
    """

    number: int
    line: int
    cells: list[str]
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A file that is understood as far as its form goes."""

    path: Path
    encoding: str
    delimiter: str
    digest: bytes
    header: tuple[str, ...]
    preamble: int

    @property
    def form(self) -> str:
        shown = {
            "utf-8": "UTF-8",
            "utf-8-sig": "UTF-8 with BOM",
            "utf-16": "UTF-16",
            "gb18030": "GB18030 (GBK)",
        }
        name = _NAMES.get(self.delimiter, repr(self.delimiter))
        return f"{shown.get(self.encoding, self.encoding)}, {name}"

    def records(self, after: int = 0) -> Iterator[Record]:
        """Yield the rows below the header in the file's order, but for the first ``after``; blank lines are none."""
        with _text(self.path, self.encoding) as handle:
            for _ in range(self.preamble):
                handle.readline()
            reader = csv.reader(handle, delimiter=self.delimiter)
            number, header_seen, line = 0, False, self.preamble + 1
            while True:
                begins = line
                trouble, cells = "", list[str]()
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    # The reader takes up again at the next line.
                    trouble = f"this is not CSV ({error}); is a quote left open?"
                line = self.preamble + reader.line_num + 1
                if not trouble and not any(cell.strip() for cell in cells):
                    continue
                if not header_seen:
                    header_seen = True
                    continue
                number += 1
                if number > after:
                    yield Record(number, begins, cells, trouble)


def look_into(path: Path, *, encoding: str, delimiter: str, known: Callable[[Sequence[str]], int]) -> Table:
    """Find out how a file is to be read.

    Args:
        encoding, delimiter: as somebody said, or empty to find out.
        known: how many names of a header are understood; of two delimiters the one that yields more is right.

    Raises:
        Misuse: it cannot be read, or could be read in two ways.
    """
    try:
        encoding, digest = _encoding_of(path, encoding)
    except OSError as error:
        raise Misuse(f"{path}: {error.strerror}") from error
    with _text(path, encoding) as handle:
        first = handle.readline(_PIECE)
    preamble = 0
    if said := _SEPARATOR_LINE.fullmatch(first):  # Excel's own way to name the delimiter
        preamble, delimiter = 1, delimiter or said["delimiter"]
    headers = {
        one: _header(path, encoding, one, preamble) for one in ([delimiter] if delimiter else _DELIMITERS)
    }
    delimiter, header = max(headers.items(), key=lambda found: (known(found[1]), len(found[1])))
    if not header:
        raise Misuse(f"{path} is empty")
    return Table(path, encoding, delimiter, digest, header, preamble)


def _header(path: Path, encoding: str, delimiter: str, preamble: int) -> tuple[str, ...]:
    with _text(path, encoding) as handle:
        for _ in range(preamble):
            handle.readline()
        try:
            for cells in csv.reader(handle, delimiter=delimiter):
                if any(cell.strip() for cell in cells):
                    while not cells[-1].strip():
                        cells.pop()
                    return tuple(cell.strip().lstrip("\ufeff") for cell in cells)
        except csv.Error as error:
            raise Misuse(f"{path}: the header is not CSV ({error})") from error
        except (TypeError, ValueError) as error:
            raise Misuse(f"--delimiter: one character is expected, not {delimiter!r}") from error
    return ()


@contextmanager
def _text(path: Path, encoding: str) -> Iterator[TextIO]:
    with open(path, encoding=encoding, newline="") as handle:
        yield handle


def _encoding_of(path: Path, said: str) -> tuple[str, bytes]:
    """Return the encoding and the SHA-256 of a file, after reading all of it once."""
    with open(path, "rb") as handle:
        begin = handle.read(4)
    if not begin:
        raise Misuse(f"{path} is empty")
    for magic, what in _MAGIC:
        if begin.startswith(magic):
            raise Misuse(f"{path} is {what}")
    if not said:
        said = next((name for bom, name in _BOMS if begin.startswith(bom)), "")
    candidates = [_Candidate(said)] if said else [_Candidate("utf-8"), _Candidate("gb18030")]
    sha = hashlib.sha256()
    with open(path, "rb") as handle:
        while piece := handle.read(_PIECE):
            sha.update(piece)
            for candidate in candidates:
                candidate.feed(piece)
    for candidate in candidates:
        candidate.feed(b"", final=True)
    if said:
        [only] = candidates
        if only.broken:
            raise Misuse(f"{path} is not {said}: see line {only.line}")
        return said, sha.digest()
    utf_8, chinese = candidates
    if not utf_8.broken:
        return "utf-8", sha.digest()
    if not chinese.broken and chinese.is_plausible:
        return "gb18030", sha.digest()
    raise Misuse(
        f"{path} is not UTF-8 (see line {utf_8.line}), and does not look like GBK either. Say what it is: "
        "--encoding cp1252 (Western European), --encoding gb18030, ..."
    )


class _Candidate:
    """One encoding, tried on the whole file."""

    def __init__(self, name: str) -> None:
        try:
            self.decoder = codecs.getincrementaldecoder(name)()
        except LookupError as error:
            raise Misuse(f"--encoding: there is none by the name {name!r}") from error
        self.broken, self.line = False, 1
        self.looked_at = self.common = 0

    def feed(self, piece: bytes, *, final: bool = False) -> None:
        if self.broken:
            return
        try:
            text = self.decoder.decode(piece, final)
        except UnicodeDecodeError as error:
            self.broken = True
            self.line += error.object[: error.start].count(b"\n")
            return
        self.line += text.count("\n")
        if self.looked_at < _LOOKED_AT and not text.isascii():
            beyond = [character for character in text if ord(character) > 127]
            self.looked_at += len(beyond)
            self.common += sum(map(_is_common, beyond))

    @property
    def is_plausible(self) -> bool:
        """Whether these really are Chinese words: nearly any bytes *can* be read as GB18030, "Müller" among them."""
        return self.common > 0.9 * self.looked_at


def _is_common(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
