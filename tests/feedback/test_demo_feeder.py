"""The simulated help desk: everything once, in order, and on from where it was stopped."""

from threading import Event

import httpx
import pytest

from feedback import first_start
from feedback.demo import cast, feeder, sample, setup
from feedback.models import Case, CaseEvent, Resolution, User
from tests.clients import client_of

pytestmark = pytest.mark.django_db

FEW = 160


@pytest.fixture
def few(monkeypatch, settings, tmp_path):
    """The log's first events only, posted to the API of this very process."""
    settings.DATA_DIR = tmp_path
    setup.ensure()
    first_start.ensure()
    monkeypatch.setattr(feeder, "log", lambda: sample.incidents()[:FEW])
    client = client_of(User.objects.get(username=cast.INTEGRATION))
    posted: list[int] = []

    class Desk:
        def __init__(self, token: str) -> None:
            self.token = token

        def post(self, cases):
            if posted and posted[-1] == -1:
                posted.pop()
                raise httpx.ConnectError("the web is starting")
            answer = client.post("/api/v1/cases/bulk/", cases)
            assert answer.status_code in (200, 201, 207), answer.content[:300]
            posted.append(len(cases))
            return len(cases)

    monkeypatch.setattr(feeder, "Desk", Desk)
    monkeypatch.setattr(feeder, "BATCH", 50)
    return posted


def test_every_event_arrives_once(few):
    feeder.feed("token", Event())
    assert CaseEvent.objects.count() == FEW
    assert sum(few) == FEW
    assert feeder.still_to_come() == []
    assert Case.objects.filter(department__isnull=False).exists()


def test_stopped_halfway_it_goes_on_there(few):
    stopped = Event()
    feeder.feed("token", stopped, lambda done, of: stopped.set() if done >= 100 else None)
    assert CaseEvent.objects.count() == 100
    resolutions = set(Resolution.objects.values_list("pk", flat=True))
    feeder.feed("token", Event())
    assert CaseEvent.objects.count() == FEW
    assert resolutions <= set(Resolution.objects.values_list("pk", flat=True))


def test_a_second_start_posts_nothing(few):
    feeder.feed("token", Event())
    few.clear()
    feeder.feed("token", Event())
    assert few == []


def test_an_api_that_does_not_answer_is_tried_again(few, monkeypatch):
    few.append(-1)
    monkeypatch.setattr(Event, "wait", lambda self, timeout=None: False)
    feeder.feed("token", Event())
    assert CaseEvent.objects.count() == FEW
