"""The time in which a complaint was closed as unreachable is left out of its clock, as in every closed state (R17)."""

from datetime import timedelta

import pytest
import time_machine

from feedback import clock, suppression
from followups import customer
from followups.states import Status
from tests.followups.stories import fresh, opened, point, reply, verdicts

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R17")]


@pytest.mark.parametrize("how", ["writes", "not_fixed"])
def test_the_clock_goes_on_where_it_stood(settings, how):
    follow_up = opened()
    for contact in follow_up.customer.contacts.all():
        suppression.suppress(bytes(contact.digest), "all", "hard_bounce")
    written = reply(follow_up)
    assert fresh(follow_up).status == Status.UNREACHABLE
    later = clock.now() + timedelta(days=60)
    with time_machine.travel(later, tick=False):
        if how == "writes":
            customer.write_back(follow_up.response, "I was away.")
        else:
            customer.say(follow_up.response, verdicts(written, "not_fixed"))
        follow_up = fresh(follow_up)
        assert follow_up.status == Status.WORKING
        left = follow_up.next_due_at - later
    assert timedelta(hours=settings.TOLD_HOURS - 1) < left <= timedelta(hours=settings.TOLD_HOURS)
    assert point(follow_up, "not_fixed").opened_at < later - timedelta(days=59)
