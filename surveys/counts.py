"""The loop's numbers that surveys knows."""

from datetime import datetime

from surveys.models import Answer, Invitation, Response


def asked(since: datetime | None) -> int:
    found = Invitation.objects.filter(state=Invitation.State.ASKED)
    return (found.filter(created_at__gte=since) if since else found).count()


def answered(since: datetime | None) -> int:
    found = Response.objects.all()
    return (found.filter(created_at__gte=since) if since else found).count()


def negative(since: datetime | None) -> int:
    """How many responses hold a current negative answer, given since then."""
    found = Answer.objects.filter(superseded_at=None).exclude(negative="")
    found = found.filter(answered_at__gte=since) if since else found
    return found.values("response").distinct().count()
