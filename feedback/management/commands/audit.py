"""`manage.py audit`: proves the invariants over the whole database."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from feedback import audit


class Command(BaseCommand):
    help = "Checks every invariant over the whole database, a line each; exit status 1 if any fails."

    def handle(self, *args: Any, **options: Any) -> None:
        failed = 0
        for finding in audit.run():
            if not finding.violations:
                self.stdout.write(f"ok    {finding.invariant.id}: {finding.invariant.says}")
                continue
            failed += 1
            some = ", ".join(str(violation) for violation in finding.violations[:10])
            more = len(finding.violations) - 10
            tail = f" and {more} more" if more > 0 else ""
            self.stdout.write(f"FAILS {finding.invariant.id}: {finding.invariant.says}: {some}{tail}")
        if failed:
            raise CommandError(f"{failed} invariant(s) do not hold", returncode=1)
