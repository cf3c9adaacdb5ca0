"""The loop's numbers that surveys knows."""

from surveys.models import Answer, Invitation, Response


def asked() -> int:
    return Invitation.objects.filter(state=Invitation.State.ASKED).count()


def answered() -> int:
    return Response.objects.count()


def negative() -> int:
    """How many responses hold a current negative answer."""
    return (
        Answer.objects.filter(superseded_at=None).exclude(negative="").values("response").distinct().count()
    )
