"""What packages above add to the answer of an intake: for each resolution a block of their own."""

from collections.abc import Callable, Collection
from typing import Any

Block = dict[str, Any]
MakeBlocks = Callable[[Collection[int]], dict[int, Block]]
_makers: dict[str, MakeBlocks] = {}


def register(name: str, make: MakeBlocks) -> None:
    """Add the block ``name``. ``make(resolution_ids)`` returns it by resolution id, in a constant number of queries."""
    _makers[name] = make


def of(resolution_ids: Collection[int]) -> dict[int, dict[str, Block | None]]:
    """Return for each resolution its blocks by name; a block that a package does not have for it is None."""
    found: dict[int, dict[str, Block | None]] = {pk: dict.fromkeys(_makers) for pk in resolution_ids}
    if found:
        for name, make in _makers.items():
            for pk, block in make(resolution_ids).items():
                found[pk][name] = block
    return found
