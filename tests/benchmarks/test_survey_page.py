"""The survey's GET and its recording beside the least that an ORM view would do (BENCH)."""

import itertools

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.template import Context, Engine
from django.test import RequestFactory

from feedback import clock, links
from feedback.models.links import Purpose
from surveys import views
from surveys.models import Answer, Invitation, Response
from surveys.responses import record
from tests import factories
from tests.benchmarks.measure import ROUNDS, ratio

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db(transaction=True)]

PLAIN = Engine().from_string(
    "<h1>{{ row.customer.name }}</h1><p>{{ row.version.title.en }}</p><b>{{ row.pk }}</b>"
)
TURN = 20


def test_get():
    asked = factories.invitation()
    token = links.token(asked.link, strong=True)
    request = RequestFactory().get(f"/s/{token}")
    joined = Invitation.objects.select_related("customer", "version__survey", "resolution__case", "link")

    def product() -> None:
        for _ in range(TURN):
            assert views.survey(request, token=token).status_code == 200

    def baseline() -> None:
        for _ in range(TURN):
            HttpResponse(PLAIN.render(Context({"row": joined.get(pk=asked.pk)})))

    ratio("survey GET : joined ORM GET", product=product, baseline=baseline, floor=1.0)


@pytest.mark.parametrize(("first", "floor"), [("yes", 0.9), ("no", 0.45)])
def test_recording(first, floor):
    """A first answer recorded and judged, for "no" also routed and opened as a follow-up: beside a plain ORM POST."""
    made = iter([factories.invitation() for _ in range(TURN * (ROUNDS + 1) * 2)])
    asked_first = next(made)
    given = factories.given(asked_first, outcome=first)

    def product() -> None:
        for asked in itertools.islice(made, TURN):
            record(asked, given, "en")

    def baseline() -> None:
        for asked in itertools.islice(made, TURN):
            with transaction.atomic():
                row = Invitation.objects.select_for_update().get(pk=asked.pk)
                assert row.version is not None
                response = Response.objects.create(
                    invitation=row,
                    version=row.version,
                    customer_id=row.customer_id,
                    link=links.issue(Purpose.PAGE, asked.customer),
                    language="en",
                )
                Answer.objects.create(response=response, question_id=given[0].question_id, chosen=[first])
                Invitation.objects.filter(pk=row.pk).update(send_at=clock.now())

    ratio(f"recording “{first}” : plain ORM POST", product=product, baseline=baseline, floor=floor)
