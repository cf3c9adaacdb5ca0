"""The global pause: while it lasts no survey leaves, so that a first import of history asks nobody (R42)."""

from django.db import IntegrityError, transaction

from feedback import clock
from feedback.models import Pause, User


def current() -> Pause | None:
    """Return the pause that is in force, or none."""
    return Pause.objects.filter(ended_at=None).first()


def is_paused() -> bool:
    return Pause.objects.filter(ended_at=None).exists()


def start(by: User | None, why: str) -> Pause:
    """Begin a pause; one that is in force already is returned unchanged."""
    try:
        with transaction.atomic():
            return Pause.objects.create(started_by=by, why=why, started_at=clock.now())
    except IntegrityError:
        return Pause.objects.get(ended_at=None)


def end() -> bool:
    """End the pause in force; returns whether there was one. Surveys that waited leave, or are too late and say so."""
    return Pause.objects.filter(ended_at=None).update(ended_at=clock.now()) > 0
