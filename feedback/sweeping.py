"""How sweeps go through rows: all at once where that works, one by one where it does not."""

import logging
from collections.abc import Callable, Collection
from datetime import timedelta

from django.db import InterfaceError, OperationalError, transaction

LOOK_BACK = timedelta(days=7)
"""How far back the frequent sweeps look, by an index on time; once a day everything is looked at."""

BATCH = 500
"""Rows a transaction: a long backlog must not hold its locks for long."""

Work = Callable[[list[int]], object]

logger = logging.getLogger(__name__)


def go_through(ids: Collection[int], work: Work) -> int:
    """Do ``work(ids)``; if that fails, for each id by itself, so that one poison row never blocks the others.

    Returns:
        How many ids ``work`` was done for. Those that it fails on are logged.

    Raises:
        OperationalError, InterfaceError: the database is in trouble; no row is to blame for that.
    """
    everything = sorted(ids)
    if not everything or _done(everything, work):
        return len(everything)
    return sum(_done([one], work) for one in everything) if len(everything) > 1 else 0


def _done(ids: list[int], work: Work) -> bool:
    try:
        with transaction.atomic():
            work(ids)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        some = f"{ids[0]}" if len(ids) == 1 else f"one of {len(ids)} rows, now one by one"
        logger.exception("a sweep (%s) failed on %s", getattr(work, "__qualname__", work), some)
        return False
    return True
