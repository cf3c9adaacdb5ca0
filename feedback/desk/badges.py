"""The desk's badges, for columns and read-only fields alike."""

from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString


def badge(text: Any, colour: str = "") -> SafeString:
    """Return ``text`` as a badge; ``colour`` is ``red``, ``amber``, ``green``, ``blue``, or empty for grey."""
    return format_html('<span class="desk-badge{}">{}</span>', f" is-{colour}" if colour else "", text)
