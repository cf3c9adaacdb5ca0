"""What asking adds to the demo: who has a survey that waits for an answer."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from feedback.demo import cast, fates, registry
from feedback.models.messages import State
from surveys.models import Invitation

LOOKED_AT = 100


def waiting(limit: int) -> Iterable[int]:
    """Customers who were asked and have not answered, visitors first; not those who are about to be played."""
    asked = Invitation.objects.filter(
        state=Invitation.State.ASKED, response=None, message__state=State.ACCEPTED
    ).order_by("-id")
    rows = list(asked.values_list("customer_id", "customer__source", "customer__external_id")[:LOOKED_AT])
    rows.sort(key=lambda row: row[1] != cast.VISITORS)
    free = [pk for pk, _source, name in rows if not (name in fates.fates() and fates.fates()[name].answers)]
    return free[:limit]


def register() -> None:
    registry.group(10, "survey", _("A survey waits for an answer"), waiting)
