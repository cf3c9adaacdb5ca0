"""Whether a customer is asked about a resolution, and if not, why (R1–R6). Pure: facts in, decision out.

The order of the table is the order of the reasons: what concerns the case comes before what concerns the person, and
an open follow-up before the cap, so that the reason a manager reads is the one that matters most.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from feedback.reasons import SkipReason


@dataclass(frozen=True)
class Address:
    """One address of the customer, as far as asking is concerned."""

    contact_id: int
    channel: str
    channel_on: bool = True
    of_the_server: bool = False
    opted_out: bool = False
    suppressed: bool = False
    asked_recently: bool = False


@dataclass(frozen=True)
class Facts:
    """All that the decision about one resolution depends on. Times are aware datetimes."""

    now: datetime
    send_at: datetime
    resolved_at: datetime
    too_late_after: timedelta
    addresses: tuple[Address, ...] = ()
    has_survey: bool = True
    paused: bool = False
    erased: bool = False
    reopened: bool = False
    excluded: bool = False
    sampled_out: bool = False
    vetoes: tuple[SkipReason, ...] = ()
    asked_recently: bool = False


@dataclass(frozen=True)
class Decision:
    """Either ``reason`` says why not, or ``contact_id`` says whom to write to."""

    reason: SkipReason | None
    contact_id: int | None = None
    channel: str = ""


ABOUT_THE_CASE: tuple[tuple[SkipReason, Callable[[Facts], bool]], ...] = (
    (SkipReason.ERASED, lambda f: f.erased),
    (SkipReason.REOPENED, lambda f: f.reopened),
    (SkipReason.PAUSED, lambda f: f.paused),
    (SkipReason.TOO_LATE, lambda f: f.send_at - f.resolved_at > f.too_late_after),
    (SkipReason.EXCLUDED, lambda f: f.excluded),
    (SkipReason.NO_SURVEY, lambda f: not f.has_survey),
    (SkipReason.STAFF, lambda f: any(a.of_the_server for a in f.addresses)),
    (SkipReason.OPEN_FOLLOW_UP, lambda f: SkipReason.OPEN_FOLLOW_UP in f.vetoes),
    (SkipReason.SAMPLED_OUT, lambda f: f.sampled_out),
    (SkipReason.NO_CONTACT, lambda f: not f.addresses),
    (SkipReason.SURVEYED_RECENTLY, lambda f: f.asked_recently),
)

# Why one address cannot be used. A customer with several is asked at the first that can; when none can, the reason
# that stands first in this table and holds for any of them is the one given.
ABOUT_AN_ADDRESS: tuple[tuple[SkipReason, Callable[[Address], bool]], ...] = (
    (SkipReason.OPTED_OUT, lambda a: a.opted_out),
    (SkipReason.SUPPRESSED, lambda a: a.suppressed),
    (SkipReason.SURVEYED_RECENTLY, lambda a: a.asked_recently),
    (SkipReason.CHANNEL_OFF, lambda a: not a.channel_on),
)


def decide(facts: Facts) -> Decision:
    """Decide about one resolution; addresses are tried in the order given."""
    for reason, holds in ABOUT_THE_CASE:
        if holds(facts):
            return Decision(reason)
    hindrances = set()
    for address in facts.addresses:
        hindrance = next((reason for reason, holds in ABOUT_AN_ADDRESS if holds(address)), None)
        if hindrance is None:
            return Decision(None, address.contact_id, address.channel)
        if hindrance == SkipReason.SURVEYED_RECENTLY:
            # The cap is one across all addresses: another address of the same person is no way round it.
            return Decision(SkipReason.SURVEYED_RECENTLY)
        hindrances.add(hindrance)
    return Decision(next(reason for reason, _ in ABOUT_AN_ADDRESS if reason in hindrances))
