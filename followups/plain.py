"""Free words as they are stored: plain text, whatever was typed (R40)."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LONGEST = 10_000
# Control characters and the overrides of writing direction can make a text show as what it is not.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def plain(text: str, if_empty: str, *, field: str | None = None) -> str:
    """Return ``text`` with unseen characters and the space around it taken off.

    Args:
        if_empty: the error when nothing is left.
        field: the form field that the error belongs to; ``None``: the text as a whole.

    Raises:
        ValidationError: nothing is left, or it is longer than 10,000 characters.
    """
    clean = cleaned(text, field=field)
    if not clean:
        raise ValidationError({field: if_empty} if field else if_empty)
    return clean


def cleaned(text: str, *, field: str | None = None) -> str:
    """``plain`` for words that may be left out: returns ``""`` where nothing is left."""
    clean = unicodedata.normalize("NFC", _UNSEEN.sub("", text.replace("\r\n", "\n"))).strip()
    if len(clean) > LONGEST:
        error = _("Please keep it under %(limit)d characters.") % {"limit": LONGEST}
        raise ValidationError({field: error} if field else error)
    return clean
