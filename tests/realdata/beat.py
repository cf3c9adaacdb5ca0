"""What beat does: every sweep of the settings, run as a worker would run it."""

from datetime import date, datetime

from celery import current_app
from django.conf import settings


class Beat:
    """Ticks whenever it is told to; the daily sweeps go once a day of the clock."""

    def __init__(self) -> None:
        current_app.loader.import_default_modules()
        self.day: date | None = None

    def tick(self, now: datetime) -> None:
        for name, _seconds in settings.SWEEPS:
            current_app.tasks[name]()
        if now.date() != self.day:
            self.day = now.date()
            for name, _hour, _minute in settings.DAILY_SWEEPS:
                current_app.tasks[name]()
