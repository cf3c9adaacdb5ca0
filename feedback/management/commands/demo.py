"""`manage.py demo`: a running Answerback with made-up customers, on this machine, until Ctrl-C."""

import sys
import time
import webbrowser
from typing import Any

import httpx
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import connections

from feedback.embedded import commands, postgres, preparation, processes, supervisor


class Command(BaseCommand):
    help = "Sets the demo up and runs it until Ctrl-C: web, worker, beat and simulated customers."
    requires_system_checks = ["__all__"]

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--reset", action="store_true", help="begin anew: everything the demo has is removed"
        )

    def handle(self, *args: Any, reset: bool, **options: Any) -> None:
        # Late: these read tables' models, and `help` should not need them.
        from feedback import first_start
        from feedback.demo import data_folder, setup

        with preparation.alone():
            data_folder.only_the_demos()
            if reset and not processes.port_trouble():  # else prepare says so, and nothing is lost
                data_folder.erase()
            self.stdout.write("Setting up ..." if data_folder.is_empty() else "Going on where it stopped ...")
            preparation.prepare("demo")
            setup.ensure()
            first_start.ensure()
            setup.ensure_upper_rows()
            setup.token()
            connections.close_all()  # ours would only sit there while the processes work
            code = supervisor.supervise(
                [*processes.table(), data_folder.simulator()],
                beside={"postgres": postgres.ours},
                on_ready=self.greet,
            )
        sys.exit(code)

    def greet(self) -> None:
        """Say where it is, once the page has really answered."""
        from feedback.demo.browser import Browser, Refused

        try:
            with Browser() as browser:
                browser.open("/demo/")
        except (httpx.HTTPError, Refused) as error:
            self.stderr.write(f"/demo/ does not answer: {error}")
            return
        self.stdout.write(
            f"\nThe demo is up after {time.monotonic() - commands.STARTED:.1f} s: {settings.BASE_URL}/demo/\n"
            "Ctrl-C stops it and keeps its data; `make demo RESET=1` begins anew.\n"
        )
        self.stdout.flush()
        _open(f"{settings.BASE_URL}/demo/")


def _open(address: str) -> None:
    """Open a page in the browser of whoever sits before this machine; where there is none, the address must do."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return
    text_only = type(browser) is webbrowser.GenericBrowser  # it would take over this terminal
    if sys.stdout.isatty() and not text_only:
        browser.open(address)
