"""What concerns a follow-up waits for the customer's morning, unless it is about safety (R34)."""

import pytest
import time_machine

from feedback.models import Message
from followups import services
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R34")]

NIGHT = "2026-11-20 18:30Z"  # half past two in Shanghai


@pytest.fixture(autouse=True)
def quiet(settings):
    settings.QUIET_HOURS = (20, 9)


def written(**answers) -> Message:
    customer = factories.CustomerFactory(time_zone="Asia/Shanghai")
    asked = factories.invitation(case__customer=customer)
    follow_up = factories.answer(asked, **answers).follow_ups.get()
    with time_machine.travel(NIGHT, tick=False):
        services.write(follow_up.pk, follow_up.assignee, "The part has arrived.")
    return Message.objects.get(purpose="message")


def test_it_waits_for_the_customers_morning():
    assert written(outcome="no").due_at.isoformat() == "2026-11-21T01:00:00+00:00"


def test_what_is_about_safety_waits_for_nothing():
    assert written(outcome="no", reasons=["unsafe"]).due_at.isoformat() == "2026-11-20T18:30:00+00:00"
