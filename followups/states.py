"""The states of a follow-up and the only ways between them (DESIGN 5, drawn in docs/the-loop.md)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Status(TextChoices):
    OPEN = "open", _("open")
    WORKING = "working", _("being worked on")
    TOLD = "told", _("customer told")
    CONFIRMED = "confirmed", _("confirmed fixed")
    UNCONFIRMED = "unconfirmed", _("told, no answer")
    UNREACHABLE = "unreachable", _("customer unreachable")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Severity(TextChoices):
    NORMAL = "normal", _("normal")
    HIGH = "high", _("high")
    SAFETY = "safety", _("safety")


SEVERITY_RANK = {Severity.NORMAL: 0, Severity.HIGH: 1, Severity.SAFETY: 2}

OWED = (Status.OPEN, Status.WORKING)
LIVE = (Status.OPEN, Status.WORKING, Status.TOLD)
CLOSED = (Status.CONFIRMED, Status.UNCONFIRMED, Status.UNREACHABLE)

TRANSITIONS: dict[Status, tuple[Status, ...]] = {
    Status.OPEN: (Status.WORKING, Status.WITHDRAWN),
    Status.WORKING: (Status.TOLD, Status.UNREACHABLE, Status.WITHDRAWN),
    Status.TOLD: (Status.CONFIRMED, Status.UNCONFIRMED, Status.WORKING, Status.WITHDRAWN),
    Status.CONFIRMED: (Status.WORKING, Status.WITHDRAWN),
    Status.UNCONFIRMED: (Status.CONFIRMED, Status.WORKING, Status.WITHDRAWN),
    Status.UNREACHABLE: (Status.CONFIRMED, Status.WORKING, Status.WITHDRAWN),
    Status.WITHDRAWN: (),
}


class WithdrawnReason(TextChoices):
    CUSTOMERS_WISH = "customers_wish", _("the customer's wish")
    WRONG_PERSON = "wrong_person", _("reached the wrong person")
    MERGED = "merged", _("its points moved to another department")
    ERASED = "erased", _("the customer's data was erased")
    CUSTOMER_WITHDREW = "customer_withdrew", _("the customer withdrew the last point")


class PointStatus(TextChoices):
    """Where one point stands with the customer."""

    OPEN = "open", _("open")
    TOLD = "told", _("told")
    FIXED = "fixed", _("fixed")
    WITHDRAWN = "withdrawn", _("withdrawn by the customer")


class PromiseState(TextChoices):
    OPEN = "open", _("open")
    KEPT = "kept", _("kept")
    RELEASED = "released", _("released by the customer")


class Event(TextChoices):
    """What can stand in the journal."""

    OPENED = "opened", _("opened")
    POINT_ADDED = "point_added", _("point added")
    POINT_MOVED = "point_moved", _("point moved")
    POINT_SPLIT = "point_split", _("point split")
    POINT_WITHDRAWN = "point_withdrawn", _("point withdrawn by the customer")
    SEVERITY_RAISED = "severity_raised", _("severity raised")
    ASSIGNED = "assigned", _("assigned")
    TAKEN = "taken", _("taken")
    NOTED = "noted", _("note")
    WRITTEN = "written", _("written to the customer")
    HEARD = "heard", _("the customer wrote")
    CALL_ASKED = "call_asked", _("the customer asked for a call")
    CALLED = "called", _("called the customer")
    PROMISED = "promised", _("promised")
    PROMISE_KEPT = "promise_kept", _("promise kept")
    PROMISE_RELEASED = "promise_released", _("released from a promise by the customer")
    REPLIED = "replied", _("reply written")
    TOLD = "told", _("customer told")
    FIXED = "fixed", _("customer says: fixed")
    NOT_FIXED = "not_fixed", _("customer says: not fixed")
    MOVED = "moved", _("state changed")
