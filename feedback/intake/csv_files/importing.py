"""The import itself: chunk by chunk through the same door as the API's, and a row that knows how far it came.

Rows and progress are one transaction, so that an import that was killed goes on exactly where it stopped; even rows
without any time, which could not be recognised as said before, are said once.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction

from feedback import clock, pause
from feedback.intake import blocks
from feedback.intake.csv_files.opening import Record, Table
from feedback.intake.csv_files.rejects import Rejects
from feedback.intake.csv_files.rows import Rows, why
from feedback.intake.csv_files.trouble import Stopped
from feedback.intake.fields import CaseInput, Refused
from feedback.intake.services import Result, take_in
from feedback.models import CaseImport, Resolution
from feedback.signals import case_changed

CHUNK = 500
_ATTEMPTS = 3
_DEADLOCK = "40P01"
_TICK = timedelta(microseconds=1)
_REFUSED = "The database refused this row. Nothing of it was kept."

Told = Callable[[int], None]
Bad = tuple[Record, str]


@dataclass
class Counts:
    """What became of the rows so far, over all runs of one import."""

    new: int = 0
    changed: int = 0
    same: int = 0
    rejected: int = 0
    resolutions: int = 0
    decided: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, stored: dict[str, Any]) -> "Counts":
        return cls(**{**stored, "decided": Counter(stored.get("decided", {}))})

    def stored(self) -> dict[str, Any]:
        return {**vars(self), "decided": dict(self.decided)}

    def plus(
        self, results: Sequence[Result], resolutions: int, decided: Counter[str], rejected: int
    ) -> "Counts":
        taken = [result for result in results if result.case]
        made = sum(result.made for result in taken)
        changed = sum(result.changed and not result.made for result in taken)
        return Counts(
            self.new + made,
            self.changed + changed,
            self.same + len(taken) - made - changed,
            self.rejected + rejected,
            self.resolutions + resolutions,
            self.decided + decided,
        )


class Import:
    """One file on its way in.

    Args:
        row: how far it came before; saved with every chunk unless ``dry_run``.
        ask: whether customers are asked about what is resolved in it; else nobody is, whatever the settings say.
    """

    def __init__(
        self, table: Table, rows: Rows, row: CaseImport, rejects: Rejects, *, ask: bool, dry_run: bool = False
    ) -> None:
        self.table = table
        self.rows = rows
        self.row = row
        self.rejects = rejects
        self.ask = ask
        self.dry_run = dry_run
        self.counts = Counts.of(row.counts)
        self.examples: list[Bad] = []
        self._now = clock.now()

    def run(self, told: Told) -> None:
        """Take in what is left of the file, and tell after each chunk how many rows are through.

        A dry run is one transaction, so that later rows meet earlier ones, and all of it is taken back.

        Raises:
            Stopped: it broke off; everything up to ``row.records`` is in.
        """
        with transaction.atomic() if self.dry_run else nullcontext():
            for chunk in _chunks(self.table.records(after=self.row.records)):
                self._through(chunk)
                told(self.row.records)
            if self.dry_run:
                transaction.set_rollback(True)
            else:
                self.row.finished_at = clock.now()
                self.row.save(update_fields=["finished_at"])

    def _through(self, chunk: Sequence[Record]) -> None:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return self._take(chunk)
            except (OperationalError, InterfaceError) as error:
                # Somebody who takes rows in another order met us. Nothing of the chunk is in; all of it can be redone.
                again = (
                    getattr(error.__cause__, "sqlstate", "") == _DEADLOCK and not connection.in_atomic_block
                )
                if not again or attempt == _ATTEMPTS:
                    raise Stopped(f"The database is in trouble: {str(error).strip()}") from error
        raise AssertionError("unreachable")

    def _take(self, chunk: Sequence[Record]) -> None:
        good, bad = self._read(chunk)
        # Strictly rising, so that what this chunk made can be told from what the one before it made.
        self._now = max(clock.now(), self._now + _TICK)
        asking: AbstractContextManager[None] = nullcontext() if self.ask else pause.asking_nobody()
        with transaction.atomic():
            with asking, _hearing() as heard:
                results = take_in([given for _, given in good], now=self._now)
            resolutions, decided = self._decided(heard)
            bad += [
                (record, _REFUSED)
                for (record, _), result in zip(good, results, strict=True)
                if not result.case
            ]
            bad.sort(key=lambda one: one[0].number)
            counts = self.counts.plus(results, resolutions, decided, len(bad))
            rejects = self._keep(chunk[-1].number, counts, bad)
        self.counts = counts
        self.rejects.settle(*rejects)
        self.row.records = chunk[-1].number
        self.examples += bad[: max(0, 10 - len(self.examples))]

    def _read(self, chunk: Iterable[Record]) -> tuple[list[tuple[Record, CaseInput]], list[Bad]]:
        good, bad = list[tuple[Record, CaseInput]](), list[Bad]()
        for record in chunk:
            try:
                good.append((record, self.rows.read(record)))
            except Refused as refused:
                bad.append((record, why(refused)))
        return good, bad

    def _decided(self, heard: set[int]) -> tuple[int, Counter[str]]:
        """Count the resolutions that were made and what was decided about each.

        Raises:
            Stopped: nobody is to be asked, and this is not certain for all of them: a decision that is left to the
                sweep would be made without us.
        """
        made = list(
            Resolution.objects.filter(pk__in=heard, created_at=self._now).values_list("pk", flat=True)
        )
        decided: Counter[str] = Counter()
        for block in blocks.of(made).values():
            invitation = block.get("invitation")
            decided["undecided" if invitation is None else invitation["reason"] or invitation["state"]] += 1
        if not self.ask and (decided["asked"] or decided["undecided"]):
            raise Stopped(
                "It is not certain that nobody would be asked, see the log. Nothing of this chunk was kept"
            )
        return len(made), decided

    def _keep(self, records: int, counts: Counts, bad: Sequence[Bad]) -> tuple[int, int]:
        """Save how far it is, together with the rows; the rejects are on disk before that is committed."""
        if self.dry_run:
            return 0, 0
        size, check = self.rejects.size, self.rejects.check
        if bad:
            size, check = self.rejects.add((record.line, words, record.cells) for record, words in bad)
        moved = CaseImport.objects.filter(pk=self.row.pk, records=self.row.records, finished_at=None).update(
            records=records, counts=counts.stored(), rejects_size=size, rejects_check=check
        )
        if not moved:
            raise Stopped("Another import of this file is under way. Nothing of this chunk was kept")
        return size, check


def recent(table: Table, rows: Rows, after: int, within: timedelta) -> int:
    """Count the rows that say resolved within so much time, or at no time known: their customers might be asked."""
    since = clock.now() - within
    found = (rows.resolved_at(record) for record in table.records(after=after))
    return sum(resolved and (at is None or at >= since) for resolved, at in found)


def begun(source: str, name: str, digest: bytes, options: dict[str, Any], now: datetime) -> CaseImport:
    """Make the row of an import that begins; one of the same file and source begins anew."""
    fresh = {
        "digest": digest,
        "options": options,
        "records": 0,
        "counts": {},
        "rejects_size": 0,
        "rejects_check": 0,
        "started_at": now,
        "finished_at": None,
    }
    return CaseImport.objects.update_or_create(source=source, name=name, defaults=fresh)[0]


def _chunks(records: Iterator[Record]) -> Iterator[list[Record]]:
    while chunk := list(islice(records, CHUNK)):
        yield chunk


@contextmanager
def _hearing() -> Iterator[set[int]]:
    """Collect the resolutions that the doorbell names."""
    heard: set[int] = set()

    def hear(resolution_ids: Iterable[int], **kwargs: Any) -> None:
        heard.update(resolution_ids)

    case_changed.connect(hear, weak=False)
    try:
        yield heard
    finally:
        case_changed.disconnect(hear)
