"""``manage.py audit``, as an assertion."""

from io import StringIO

from django.core.management import CommandError, call_command


def audit_is_clean() -> int:
    """Run the command; returns how many invariants hold, and fails with the lines of those that do not."""
    said = StringIO()
    try:
        call_command("audit", stdout=said)
    except CommandError as error:
        wrong = [line for line in said.getvalue().splitlines() if line.startswith("FAILS")]
        raise AssertionError("\n".join([str(error), *wrong])) from None
    return len(said.getvalue().splitlines())
