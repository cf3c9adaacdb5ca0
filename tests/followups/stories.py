"""Short ways to where a story begins: opened, replied, told. Through the services, as the desk and the page would."""

from followups import replies
from followups.models import FollowUp, Point, Reply
from followups.states import PointStatus
from surveys import default_survey
from tests import factories

SAID = replies.Part("The hose was loose.", "We fixed it.", "It will not leak again.")


def opened(**answers) -> FollowUp:
    return factories.answer(**(answers or {"outcome": "no", "reasons": ["not_fixed"]})).follow_ups.get()


def fresh(follow_up: FollowUp) -> FollowUp:
    return FollowUp.objects.get(pk=follow_up.pk)


def reply(follow_up: FollowUp) -> Reply:
    """Reply to every open point, and keep every promise by it."""
    follow_up = fresh(follow_up)
    parts = {point.pk: SAID for point in follow_up.points.filter(status=PointStatus.OPEN)}
    kept = follow_up.promises.filter(state="open").values_list("pk", flat=True)
    return replies.reply(follow_up.pk, follow_up.assignee, parts, kept=kept)


def verdicts(written: Reply, word: str) -> dict[int, str]:
    return dict.fromkeys(written.parts.values_list("pk", flat=True), word)


def department_for(reason: str, **kwargs):
    """A department of its own, to which the default survey sends one reason."""
    factories.fallback()
    department = factories.DepartmentFactory(slug=f"for-{reason.replace('_', '-')}", **kwargs)
    default_survey.ensure({reason: department})
    return department


def point(follow_up: FollowUp, key: str) -> Point:
    return Point.objects.get(response=follow_up.response_id, key=key, split_from=None)
