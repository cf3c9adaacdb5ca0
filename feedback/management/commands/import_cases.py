"""`manage.py import_cases FILE.csv`: takes in a help desk's export, and asks nobody unless told to."""

import argparse
from datetime import timedelta
from pathlib import Path
from typing import Any, TextIO, cast
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from feedback import clock, pause
from feedback.intake.csv_files import columns, importing, opening, rows, times
from feedback.intake.csv_files.importing import Counts, Import
from feedback.intake.csv_files.progress import Bar
from feedback.intake.csv_files.rejects import Rejects
from feedback.intake.csv_files.trouble import Misuse, Stopped
from feedback.models import CaseImport

REJECTED, MISUSE, STOPPED, INTERRUPTED = 1, 2, 3, 130

DESCRIPTION = """\
Takes in the export of a help desk (CSV, TSV): one row a case, or one row a change of a case.

Encoding, delimiter and columns are found out and said; look with --dry-run, and correct by options. Rows go through
the same checks as the API's. Those that cannot be taken in are set aside in FILE.rejects.csv with line and reason:
mend them there and import that file. Whatever stops the import, the same command goes on where it stopped; importing
twice does no harm.

Nobody is asked about what is imported: it is history, and every resolution in it gets the reason "paused". If rows say
that a case was resolved within the last hours in which a customer would still be asked, the command wants to know:
--ask-nobody, or --ask to treat them as if the help desk had just reported them.
"""
EPILOG = """\
exit status: 0 all rows are in; 1 some were rejected; 2 it could not begin; 3 it broke off; 130 Ctrl-C.
"""


class Command(BaseCommand):
    help = DESCRIPTION
    requires_migrations_checks = True

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.formatter_class = argparse.RawDescriptionHelpFormatter
        parser.epilog = EPILOG
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.csv")
        parser.add_argument(
            "--source", default="", help="the system the cases come from, unless a column says it"
        )
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar='"THEIR HEADER=our.field"',
            help="what a column holds; without a field it is ignored. May be given several times",
        )
        parser.add_argument(
            "--encoding", default="", help="default: UTF-8, UTF-16 or GB18030 (GBK), as found"
        )
        parser.add_argument("--delimiter", default="", help="default: comma, semicolon, tab or bar, as found")
        parser.add_argument(
            "--time-zone", default=settings.TIME_ZONE, help="of times without one (default: %(default)s)"
        )
        order = parser.add_mutually_exclusive_group()
        order.add_argument("--day-first", action="store_true", help="3/4/2016 is the third of April")
        order.add_argument("--month-first", action="store_true", help="3/4/2016 is the fourth of March")
        parser.add_argument(
            "--resolved", default="", metavar="WORD,WORD", help="further words of status for resolved"
        )
        parser.add_argument(
            "--open", default="", metavar="WORD,WORD", help="words of status that are not resolved"
        )
        asking = parser.add_mutually_exclusive_group()
        asking.add_argument("--ask", action="store_true", help="ask customers, as after a report by the API")
        asking.add_argument(
            "--ask-nobody", action="store_true", help="ask nobody, though some cases are recent"
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="say what would become of it and keep nothing; it holds what it touches until it ends, so choose a "
            "quiet hour for a large file",
        )
        parser.add_argument("--restart", action="store_true", help="begin anew, whatever was imported before")
        parser.add_argument("--rejects", type=Path, metavar="FILE", help="default: FILE.rejects.csv")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._handle(options)
        except Misuse as misuse:
            raise CommandError(str(misuse), returncode=MISUSE) from misuse
        except KeyboardInterrupt:
            raise CommandError("Interrupted before anything was taken in.", returncode=INTERRUPTED) from None

    def _handle(self, options: dict[str, Any]) -> None:
        path: Path = options["file"]
        source = options["source"].strip()
        table = opening.look_into(
            path,
            encoding=options["encoding"],
            delimiter={"\\t": "\t", "tab": "\t"}.get(options["delimiter"], options["delimiter"]),
            known=columns.known,
        )
        found = columns.understand(table.header, options["map"], source=source)
        total, order = self._look_through(table, found, options)
        self._say_what_was_understood(table, found, total, order, options)
        row = self._row(table, source, order, options)
        if row.finished_at and not options["dry_run"]:
            self.stdout.write(
                f"This file was imported {row.finished_at:%Y-%m-%d %H:%M} UTC. --restart does it again."
            )
            self._finish(Counts.of(row.counts), row.records, self._rejects(options, found, row))
            return
        rejects = self._rejects(options, found, row)
        self._mind_the_recent(table, self._rows(found, order, options), row.records, options)
        reader = self._rows(found, order, options)
        work = Import(table, reader, row, rejects, ask=options["ask"], dry_run=options["dry_run"])
        if not options["dry_run"]:
            anew = row.pk is None
            if anew:
                self._clear(source, path, rejects)
                rejects.begin(anew=True)
                work.row = importing.begun(source, path.name, table.digest, row.options, clock.now())
            else:
                rejects.begin(anew=False)
        if row.records:
            self.stdout.write(f"Going on after {row.records:,} rows.")
        self._run(work, total)
        self._say_what_was_met(reader.seen, options)
        self._finish(work.counts, work.row.records, rejects, work if options["dry_run"] else None)

    # -- Before

    def _look_through(
        self, table: opening.Table, found: columns.Columns, options: dict[str, Any]
    ) -> tuple[int, str]:
        """Count the rows, and settle the order of day and month for all of them."""
        indexes = [found.used[name] for name in columns.TIMES if name in found.used]
        orders, total = times.Orders(), 0
        for record in table.records():
            total = record.number
            orders.look_at(
                record.line, (record.cells[index] for index in indexes if index < len(record.cells))
            )
        if options["day_first"] or options["month_first"]:
            return total, times.DAY_FIRST if options["day_first"] else times.MONTH_FIRST
        proof = orders.proof
        where = {order: f"line {line}: {text}" for order, (line, text) in proof.items()}
        if times.DAY_FIRST in proof and times.MONTH_FIRST in proof:
            raise Misuse(
                f"Some dates can only be read day first ({where[times.DAY_FIRST]}), others only month first "
                f"({where[times.MONTH_FIRST]}). Say --day-first or --month-first; the others will be rejected."
            )
        for order in (times.DAY_FIRST, times.MONTH_FIRST):
            if order in proof:
                self.stdout.write(f"Dates are read {order}: {where[order]}")
                return total, order
        if "" in proof:
            raise Misuse(f"Is this day or month first? {where['']}. Say --day-first or --month-first.")
        return total, ""

    def _say_what_was_understood(
        self, table: opening.Table, found: columns.Columns, total: int, order: str, options: dict[str, Any]
    ) -> None:
        self.stdout.write(f"{table.path.name}: {table.form}, {total:,} rows")
        for line in found.explained():
            self.stdout.write(line)
        if "status" not in found.used:
            self.stdout.write("  No column says the status: what has a time of resolution is resolved.")
        if "occurred_at" not in found.used and "sequence" not in found.used:
            self.stdout.write(
                "  No column says when a row was changed (occurred_at): a resolved one counts from its resolution, an "
                "open one from its opening; that a case was reopened is not noticed."
            )
        self.stdout.write(f"  times without a zone are read in {options['time_zone']}")

    def _rows(self, found: columns.Columns, order: str, options: dict[str, Any]) -> rows.Rows:
        if options["time_zone"] not in available_timezones():
            raise Misuse(f"--time-zone: there is none by the name {options['time_zone']!r}")
        return rows.Rows(
            found,
            times.Times(ZoneInfo(options["time_zone"]), order),
            source=options["source"].strip(),
            resolved=_words(options["resolved"]),
            opened=_words(options["open"]),
        )

    def _row(self, table: opening.Table, source: str, order: str, options: dict[str, Any]) -> CaseImport:
        """Return the row of this import: the one that it had, or a new one that is not saved yet."""
        said = {name: options[name] for name in ("map", "time_zone", "resolved", "open")}
        said |= {"encoding": table.encoding, "delimiter": table.delimiter, "order": order}
        fresh = CaseImport(source=source, name=table.path.name, digest=table.digest, options=said)
        known = CaseImport.objects.filter(source=source, name=table.path.name).first()
        if known is None or options["restart"] or options["dry_run"]:
            return fresh
        if bytes(known.digest) != table.digest:
            if known.finished_at:
                return fresh
            raise Misuse(
                f"{table.path.name} is not the file whose import stopped after {known.records:,} rows "
                f"({known.started_at:%Y-%m-%d %H:%M} UTC): it was changed, or is another of the same name. "
                "Say --restart to import this one from its beginning; what is in already is recognised."
            )
        if known.options != said:
            if known.finished_at:
                return fresh
            changed = [name for name in said if known.options.get(name) != said[name]]
            raise Misuse(
                f"This import stopped after {known.records:,} rows and was begun with other options "
                f"({', '.join(changed)}). Repeat those, or say --restart."
            )
        return known

    def _rejects(self, options: dict[str, Any], found: columns.Columns, row: CaseImport) -> Rejects:
        path = options["rejects"] or options["file"].with_suffix(".rejects.csv")
        return Rejects(path, found.kept, size=row.rejects_size, check=row.rejects_check)

    def _clear(self, source: str, path: Path, rejects: Rejects) -> None:
        """Remove what an earlier import rejected, if nobody touched it since: this one will say it again."""
        before = CaseImport.objects.filter(source=source, name=path.name).first()
        if before and before.rejects_size and rejects.is_untouched(before.rejects_size, before.rejects_check):
            rejects.forget()

    def _mind_the_recent(
        self, table: opening.Table, reader: rows.Rows, after: int, options: dict[str, Any]
    ) -> None:
        """Let nobody decide by accident whether customers are asked: a decision is for good."""
        if pause.is_paused():
            self.stdout.write("  Surveys are paused: nobody is asked.")
            return
        if options["ask"] or options["ask_nobody"]:
            return
        hours = settings.SURVEY_TOO_LATE_HOURS
        if count := importing.recent(table, reader, after, timedelta(hours=hours)):
            raise Misuse(
                f"{count:,} rows say that a case was resolved within the last {hours} hours, or do not say when: up "
                "to so many customers could be asked. Say --ask-nobody, or --ask (with --dry-run it says how many "
                "would be)."
            )

    # -- On the way, and after

    def _run(self, work: Import, total: int) -> None:
        bar = Bar(cast("TextIO", self.stdout._out), done=work.row.records, of=total)
        try:
            with bar:
                work.run(bar.told)
        except Stopped as stopped:
            detail = f"{stopped}. {_stopped_after(work)}"
            raise CommandError(detail, returncode=STOPPED) from stopped
        except KeyboardInterrupt:
            raise CommandError(_stopped_after(work), returncode=INTERRUPTED) from None

    def _say_what_was_met(self, seen: rows.Seen, options: dict[str, Any]) -> None:
        for (theirs, ours), count in seen.statuses.most_common(20):
            self.stdout.write(f"  status “{theirs}” is {ours}: {count:,} rows")
        zone = options["time_zone"]
        if seen.skipped:
            self.stdout.write(
                f"  {seen.skipped:,} times were never shown by the clocks of {zone}: an hour later"
            )
        if seen.doubled:
            self.stdout.write(
                f"  {seen.doubled:,} times were shown twice by the clocks of {zone}: the first is meant"
            )
        if seen.hindsight:
            self.stdout.write(
                f"  {seen.hindsight:,} times of resolution lay after the change that they stood by: the change counts"
            )

    def _finish(self, counts: Counts, records: int, rejects: Rejects, dry: Import | None = None) -> None:
        would = "would be " if dry else ""
        self.stdout.write(
            f"{records:,} rows: {counts.new:,} cases {would}new, {counts.changed:,} rows {would}changes, "
            f"{counts.same:,} known already, {counts.rejected:,} {would}rejected"
        )
        self.stdout.write(f"{counts.resolutions:,} resolutions {would}new")
        for reason, count in counts.decided.most_common():
            what = "asked" if reason == "asked" else f"not asked: {reason}"
            self.stdout.write(f"  {count:,} {would}{what}")
        for record, words in dry.examples if dry else ():
            self.stdout.write(f"  line {record.line}: {words}")
        if dry:
            self.stdout.write("This was a dry run: nothing was kept.")
        if counts.rejected:
            where = "" if dry else f": see {rejects.path}, mend them there and import that file"
            raise CommandError(f"{counts.rejected:,} rows {would}rejected{where}", returncode=REJECTED)


def _words(said: str) -> list[str]:
    return [word.strip() for word in said.replace("，", ",").split(",") if word.strip()]


def _stopped_after(work: Import) -> str:
    if work.dry_run:
        return "It was a dry run: nothing was kept."
    return f"It stopped after {work.row.records:,} rows, which are in. Go on with the same command."
