"""``GET /invitations/``: why was this customer not asked? There is always a row."""

from typing import Any

import pytest

from feedback.models import StaffIdentity
from surveys import default_survey
from surveys.models import Invitation
from tests.clients import client_of, integration, manager, said
from tests.factories import DepartmentFactory, UserFactory, fallback

pytestmark = pytest.mark.django_db
URL = "/api/v1/invitations/"


def rows(client, query="") -> Any:
    response = client.get(f"{URL}?{query}")
    assert response.status_code == 200, response.content
    return response.json()["results"]


@pytest.fixture
def invited():
    """Two resolutions of two departments, one of them without any address to write to."""
    here, there = fallback(), DepartmentFactory(slug="workshop")
    default_survey.ensure()
    integration().post(
        "/api/v1/cases/bulk/",
        [
            said(external_id="a", department=here.slug, customer={"email": "li@home.example"}),
            said(external_id="b", department=there.slug, source="shop", served_by="wang"),
        ],
    )
    assert Invitation.objects.count() == 2
    return here, there


@pytest.mark.rule("R4")
def test_a_manager_reads_why_somebody_was_not_asked(invited):
    [row] = rows(manager(), "reason=no_contact")
    assert (row["state"], row["case"]["external_id"], row["department"]) == ("skipped", "b", "workshop")
    assert row["send_at"] is None


def test_invitations_are_filtered_and_ordered(invited):
    client = manager()
    found = lambda query: [row["case"]["external_id"] for row in rows(client, query)]  # noqa: E731
    assert found("source=shop") == ["b"]
    assert found("department=workshop&state=skipped") == ["b"]
    assert found("to=2000-01-01") == []
    assert sorted(found("ordering=resolved_at&page_size=1")) in (["a"], ["b"])
    assert client.get(f"{URL}?reason=because").status_code == 400


def test_departments_see_their_own_and_nobody_what_they_served(invited):
    here, _there = invited
    assert [row["department"] for row in rows(client_of(here.owner))] == [here.slug]
    boss = UserFactory(roles=["manager"])
    assert len(rows(client_of(boss))) == 2
    StaffIdentity.objects.filter(external_id="wang").update(user=boss)
    assert [row["case"]["external_id"] for row in rows(client_of(boss))] == ["a"]


def test_no_link_is_ever_shown(invited):
    body = manager().get(URL).content.decode()
    assert "/s/" not in body
    assert "link" not in body


def test_without_a_token_nothing_is_read(client):
    assert client.get(URL).status_code == 401
