"""What is posted and cannot be read gets a page in words, and records nothing (R8, R42)."""

import pytest
from django.conf import settings
from django.test import Client

from feedback import links
from surveys.models import Response
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R42")]
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"q1=" + b"x" * settings.MAX_BODY, FORM, 413),
        (b"&".join(b"x%d=1" % n for n in range(1500)), FORM, 400),
        (b"q1=yes", f"{FORM}; charset=utf-16", 400),
        (b"q1=yes", "multipart/form-data", 400),
    ],
)
def test_a_body_that_cannot_be_read(body, content_type, status):
    link = factories.invitation().link
    answer = Client().post(f"/s/{links.token(link, strong=True)}", body, content_type=content_type)
    assert answer.status_code == status
    assert "<h1>" in answer.content.decode()
    assert answer.headers["Cache-Control"] == "no-store"
    assert not Response.objects.exists()
