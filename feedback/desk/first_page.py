"""The desk's first page: what is due for this person now; for managers also how the loop and its machinery stand."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpRequest

from feedback import clock, loop
from feedback.access import visible
from feedback.desk.people import is_manager, person
from feedback.models import DepartmentAlias, Heartbeat, Message, Pause, StaffIdentity
from feedback.models.messages import State

WORKER_SILENT_AFTER = timedelta(minutes=2)
"""A heartbeat is sent every 15 s; when none was run for this long, no worker consumes."""

MOST = 1000
"""What waits is counted no further: nobody waits for a number to know that there is much."""

LOOP_DAYS = 30
"""The loop's numbers are those of so many days: to count all that ever was would take longer every month."""

LATE_AFTER = timedelta(minutes=5)
"""A queued message is late when it was due this long ago."""


@dataclass(frozen=True)
class Block:
    """One block of the page. ``context`` returns what its template needs, or None to leave the block out."""

    position: int
    template: str
    context: Callable[[HttpRequest], dict[str, Any] | None]


_blocks: dict[str, Block] = {}


def put(block: Block) -> None:
    """Put ``block`` on the first page; the same template twice is one."""
    _blocks[block.template] = block


def context(request: HttpRequest, page: dict[str, Any]) -> dict[str, Any]:
    """Unfold's dashboard callback: adds the rendered page's blocks to its context."""
    blocks = [
        {"template": block.template, "context": found}
        for block in sorted(_blocks.values(), key=lambda block: block.position)
        if (found := block.context(request)) is not None
    ]
    return page | {"blocks": blocks}


def loop_block(request: HttpRequest) -> dict[str, Any] | None:
    """Return the loop's numbers of the last days; each is found by an index on its time."""
    if not is_manager(request):
        return None
    return {"counts": loop.counts(clock.now() - timedelta(days=LOOP_DAYS)), "days": LOOP_DAYS}


def operation_block(request: HttpRequest) -> dict[str, Any] | None:
    """Return what a manager should know of the machinery: who works, what is stuck, what wants a person."""
    if not is_manager(request):
        return None
    now, user = clock.now(), person(request)
    beat = visible(user, Heartbeat).order_by("-ran_at").first()
    mine = visible(user, Message)
    return {
        "beat": beat,
        "working": beat is not None and now - beat.ran_at < WORKER_SILENT_AFTER,
        "pause": visible(user, Pause).filter(ended_at=None).select_related("started_by").first(),
        "late": mine.filter(state=State.QUEUED, due_at__lt=now - LATE_AFTER)[:MOST].count(),
        "in_doubt": mine.filter(state=State.IN_DOUBT)[:MOST].count(),
        "unknown_staff": visible(user, StaffIdentity).filter(user=None)[:MOST].count(),
        "unknown_departments": visible(user, DepartmentAlias).filter(department=None)[:MOST].count(),
    }


put(Block(50, "desk/blocks/operation.html", operation_block))
put(Block(60, "desk/blocks/loop.html", loop_block))
