"""Sweeps beside sweeps, and beside the doorbell that they make good for: each thing is made once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from feedback import audit, clock, signals
from feedback.models import Message, Resolution
from followups import notices, points, silence
from followups import sweep as followups_sweep
from followups.models import FollowUp
from followups.states import Event
from surveys import default_survey, invitations
from surveys import sweep as surveys_sweep
from surveys.models import Invitation, Response
from surveys.signals import response_recorded
from tests import factories
from tests.faults.side_by_side import at_once, overlapping
from tests.followups.stories import opened, reply

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]


@pytest.fixture
def unheard(monkeypatch) -> None:
    """No doorbell reaches anybody."""
    for bell in (signals.case_changed, signals.message_changed, response_recorded):
        monkeypatch.setattr(bell, "receivers", [])


def sound() -> bool:
    return not [finding for finding in audit.run() if finding.violations]


@pytest.fixture
def resolutions(unheard) -> list[int]:
    factories.fallback()
    default_survey.ensure()
    return [factories.ResolutionFactory().pk for _ in range(20)]


def decide(ids: list[int]) -> Callable[[], Any]:
    """The doorbell's own work."""
    return lambda: invitations.decide(ids)


@pytest.mark.parametrize("second", ["sweep", "doorbell"])
@pytest.mark.parametrize("first", ["sweep", "doorbell"])
def test_whoever_decides_second_waits_and_finds_nothing_to_decide(resolutions, first, second):
    works = {"sweep": surveys_sweep.run, "doorbell": decide(resolutions)}
    met = overlapping(works[first], works[second])
    assert met.waited and not isinstance(met.second, Exception)
    assert Invitation.objects.count() == Message.objects.count() == Resolution.objects.count() == 20
    assert sound()


def test_four_sweeps_at_once_make_each_invitation_once(resolutions):
    results = at_once([surveys_sweep.run] * 4)
    assert not [one for one in results if isinstance(one, Exception)]
    assert Invitation.objects.count() == Message.objects.count() == 20 and sound()


@pytest.fixture
def complaints(unheard) -> list[int]:
    return [factories.answer(outcome="no", reasons=["charge", "too_slow"]).pk for _ in range(5)]


@pytest.mark.parametrize("second", ["sweep", "doorbell"])
@pytest.mark.parametrize("first", ["sweep", "doorbell"])
def test_whoever_opens_points_second_waits_and_finds_them_there(complaints, first, second):
    works = {"sweep": followups_sweep.run, "doorbell": lambda: points.open_points(complaints)}
    met = overlapping(works[first], works[second])
    assert met.waited and not isinstance(met.second, Exception)
    assert FollowUp.objects.count() == Response.objects.count() == 5
    assert sorted(Response.objects.values_list("points__key", flat=True)) == ["charge"] * 5 + ["too_slow"] * 5
    assert sound()


def test_notices_that_two_send_at_once_go_out_once(complaints):
    followups_sweep.run()
    Message.objects.filter(purpose="notice").delete()
    FollowUp.objects.update(notice_at=clock.now() - timedelta(minutes=1))
    met = overlapping(notices.send_due, notices.send_due)
    assert (met.first, met.second, met.waited) == (5, 0, False)  # what one has, the other passes by
    assert Message.objects.filter(purpose="notice").count() == 5


def test_silence_is_counted_once_by_two_who_count(settings):
    follow_up = opened()
    written = reply(follow_up)
    Message.objects.filter(pk=written.message_id).update(state="accepted", settled_at=clock.now())
    followups_sweep.run()
    later = clock.now() + timedelta(days=8)
    met = overlapping(lambda: silence.close_silent(later), lambda: silence.close_silent(later))
    assert (met.first, met.second, met.waited) == (1, 0, True)
    assert follow_up.journal.filter(kind=Event.MOVED, to_status="unconfirmed").count() == 1
