"""`manage.py run`: everything on one machine, in the foreground, until Ctrl-C."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connections

from feedback.embedded import postgres, preparation, processes, supervisor


class Command(BaseCommand):
    help = "Brings the database up to date and runs web, worker and beat until Ctrl-C."
    requires_system_checks = ["__all__"]

    def handle(self, *args: Any, **options: Any) -> None:
        from feedback import first_start

        with preparation.alone():
            preparation.prepare("run")
            first_start.ensure()
            connections.close_all()  # ours would only sit there while the processes work
            code = supervisor.supervise(
                processes.table(), beside={"postgres": postgres.ours}, on_ready=self.greet
            )
        sys.exit(code)

    def greet(self) -> None:
        self.stdout.write(
            f"Answerback is up: {settings.BASE_URL}/admin/ (the desk), {settings.BASE_URL}/api/docs/"
        )
        self.stdout.write("Ctrl-C stops it.")
