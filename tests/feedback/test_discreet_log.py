"""No line of the log holds a personal link, whoever writes it (R36)."""

import logging
import sys

import pytest
from django.conf import settings
from django.db import OperationalError

from feedback.discretion import HideLinks, OneLine

pytestmark = pytest.mark.rule("R36")
SECRET = "1-Wg-4K8RBNydGfsKlWSxcLQqW4"


def written(message: str, *args: object) -> str:
    record = logging.LogRecord("django.request", logging.WARNING, __file__, 1, message, args, None)
    assert HideLinks().filter(record)
    return record.getMessage()


@pytest.mark.parametrize("path", [f"/s/{SECRET}", f"/f/{SECRET}/", f"/o/{SECRET}?l=en", f"/s/{SECRET}/more"])
def test_the_secret_part_is_taken_out(path):
    assert SECRET not in written("%s: %s", "Not Found", path)
    assert SECRET not in written(f"Bad request: http://localhost{path}")


def test_other_lines_stay_as_they_are():
    assert written("%s: %s (%d%%)", "Not Found", "/api/v1/cases/", 5) == "Not Found: /api/v1/cases/ (5%)"


def test_everything_that_is_logged_goes_through_it():
    assert all("discreet" in handler["filters"] for handler in settings.LOGGING["handlers"].values())


@pytest.mark.parametrize(
    ("name", "kept"), [("django.security.DisallowedHost", False), ("django.request", True)]
)
def test_a_stranger_fills_no_log_with_tracebacks(name, kept):
    try:
        raise ValueError
    except ValueError:
        record = logging.LogRecord(name, logging.ERROR, __file__, 1, "refused", (), sys.exc_info())
    assert OneLine().filter(record)
    assert bool(record.exc_info) is kept


def test_a_database_that_is_away_takes_one_line_each_time():
    try:
        raise OperationalError("connection refused\n\tIs the server running?")
    except OperationalError:
        record = logging.LogRecord(
            "django.request", logging.ERROR, __file__, 1, "Error: %s", (f"/s/{SECRET}",), sys.exc_info()
        )
    assert OneLine().filter(record) and HideLinks().filter(record)
    assert logging.Formatter().format(record) == "Error: /s/… (connection refused Is the server running?)"
