"""The ways a message leaves. Which class stands behind ``email`` and ``sms`` is a setting; nobody lists them here."""

from functools import cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from feedback.channels.base import Channel


def channel(name: str) -> Channel | None:
    """Return the backend that sends for ``email`` or ``sms``, or None where it is switched off."""
    path = settings.CHANNELS.get(name, "")
    found = _backend(path) if path else None
    return found if found and found.is_on() else None


def is_on(name: str) -> bool:
    """Say whether anything can be sent this way at all; if not, the reason to give is ``channel_off``."""
    return channel(name) is not None


@cache
def _backend(path: str) -> Channel:
    try:
        made = import_string(path)()
    except ImportError as error:
        raise ImproperlyConfigured(f"{path}: no such channel backend: {error}") from error
    if not isinstance(made, Channel):
        raise ImproperlyConfigured(f"{path}: not a channel backend")
    return made
