"""Texts that differ in a few values only: rendered once with marks in their place, then filled in many times.

A template engine takes longest for what never changes. What is filled in comes out as if it had been rendered with the
values themselves, as long as templates only print them: they may not branch on them, filter or cut them.
"""

import re
from collections.abc import Callable, Mapping

# From Unicode's private use area: nobody's words hold them, and neither escaping nor an HTML parser changes them.
_OPEN, _CLOSE = "\ue0fe", "\ue0ff"
_MARK = re.compile(f"{_OPEN}([a-z0-9_]+){_CLOSE}")


def mark(name: str) -> str:
    """Return what stands for the value ``name`` while a text is rendered."""
    return f"{_OPEN}{name}{_CLOSE}"


class Holed:
    """A rendered text with holes where marks were."""

    def __init__(self, text: str) -> None:
        pieces = _MARK.split(text)
        self._literals = pieces[0::2]
        self._names = pieces[1::2]

    def fill(self, values: Mapping[str, str], escape: Callable[[str], str] = str) -> str:
        """Return the text with its values, each passed through ``escape``, which makes it fit in (HTML's, say).

        Raises:
            KeyError: a value is missing.
        """
        if not self._names:
            return self._literals[0]
        ready = {name: escape(values[name]) for name in set(self._names)}
        pieces = [self._literals[0]]
        for name, literal in zip(self._names, self._literals[1:], strict=True):
            pieces.append(ready[name])
            pieces.append(literal)
        return "".join(pieces)
