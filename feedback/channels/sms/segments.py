"""How many SMS a text needs (3GPP TS 23.038: GSM 7 bit default alphabet, its extension table, UCS-2; TS 23.040)."""

from collections.abc import Iterable
from dataclasses import dataclass

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("\f^{}\\[~]|€")  # each is an escape and a character

# What fits into one message, and into each part of several: there the header that joins them takes six octets.
_ROOM = {"GSM-7": (160, 153), "UCS-2": (70, 67)}


@dataclass(frozen=True, slots=True)
class Size:
    """encoding: ``GSM-7`` or ``UCS-2``. units: septets, or 16-bit code units. segments: messages to pay for."""

    encoding: str
    units: int
    segments: int


def count(text: str) -> Size:
    """Return what it takes to send ``text``. One character outside GSM-7 makes all of it UCS-2."""
    if all(character in _BASIC or character in _EXTENSION for character in text):
        encoding, widths = "GSM-7", [2 if character in _EXTENSION else 1 for character in text]
    else:
        # A character outside the basic plane is a surrogate pair, as phones read UCS-2 in truth.
        encoding, widths = "UCS-2", [2 if ord(character) > 0xFFFF else 1 for character in text]
    single, part = _ROOM[encoding]
    units = sum(widths)
    return Size(encoding, units, 1 if units <= single else _parts(widths, part))


def _parts(widths: Iterable[int], room: int) -> int:
    """How many parts are needed, where neither an escape nor a surrogate pair is split between two."""
    parts, used = 1, 0
    for width in widths:
        if used + width > room:
            parts, used = parts + 1, 0
        used += width
    return parts
