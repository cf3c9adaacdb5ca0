"""The global pause: while it lasts no survey leaves, so that a first import of history asks nobody (R42)."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import IntegrityError, transaction

from feedback import clock
from feedback.models import Pause, User

_asking_nobody = ContextVar("asking_nobody", default=False)


def current() -> Pause | None:
    """Return the pause that is in force, or none."""
    return Pause.objects.filter(ended_at=None).first()


def is_paused() -> bool:
    """Say whether surveys are paused: for everybody, or for what is being done here (``asking_nobody``)."""
    return _asking_nobody.get() or Pause.objects.filter(ended_at=None).exists()


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


@contextmanager
def asking_nobody() -> Iterator[None]:
    """Let everything that is decided within this block be decided as in a pause.

    What other processes decide meanwhile is not touched, and nothing is left behind if this one is killed, as a pause
    that begins and ends with an import would be.
    """
    token = _asking_nobody.set(True)
    try:
        yield
    finally:
        _asking_nobody.reset(token)
