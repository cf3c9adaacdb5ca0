"""What the log must not say: a personal link opens somebody's page to whoever reads it (R36); and what is noise."""

import logging
import re

_LINK = re.compile(r"(/[sfo]/)[^/\s?#'\"]+")


class HideLinks(logging.Filter):
    """Takes the secret part out of every address of a personal link; no record is dropped."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        hidden = _LINK.sub(r"\1…", said)
        if hidden != said:
            record.msg, record.args = hidden, ()
        return True


class OneLineForStrangers(logging.Filter):
    """Leaves out the traceback of a refusal that any stranger can cause (a made-up Host): a line says it all."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("django.security."):
            record.exc_info = record.exc_text = None
        return True
