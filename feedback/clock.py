"""The one place that says what time it is.

Everything that decides by time asks here and passes the value on, to SQL too, so that only tests and the demo can
move time and one run of a job sees one moment.
"""

from datetime import datetime

from django.utils import timezone


def now() -> datetime:
    """Return the present moment as an aware datetime in UTC."""
    return timezone.now()
