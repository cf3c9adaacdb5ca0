"""What the log must not say: a personal link opens somebody's page to whoever reads it (R36); and what is noise."""

import logging
import re

from django.db import InterfaceError, OperationalError

_LINK = re.compile(r"(/[sfo]/)[^/\s?#'\"]+")


class HideLinks(logging.Filter):
    """Takes the secret part out of every address of a personal link; no record is dropped."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        hidden = _LINK.sub(r"\1…", said)
        if hidden != said:
            record.msg, record.args = hidden, ()
        return True


class OneLine(logging.Filter):
    """Leaves out tracebacks where a line says it all.

    That is a refusal that any stranger can cause (a made-up Host), and a database that is away, which every request
    would repeat.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, OperationalError | InterfaceError):
            record.msg, record.args = f"{record.getMessage()} ({' '.join(str(error).split())})", ()
            record.exc_info = record.exc_text = None
        elif record.name.startswith("django.security."):
            record.exc_info = record.exc_text = None
        return True
