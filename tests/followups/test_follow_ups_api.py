"""``GET /follow-ups/``: what is theirs to see is all there, and what is not is not there."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedback.intake.fields import read
from feedback.intake.services import take_in
from feedback.models import Resolution, StaffIdentity
from followups import api_schema as schema
from followups.models import FollowUp
from tests.clients import client_of, integration, manager, said
from tests.factories import DepartmentFactory, UserFactory, answer, fallback, invitation

pytestmark = pytest.mark.django_db
URL = "/api/v1/follow-ups/"


def complaint(external_id="a", department="workshop", **answers) -> FollowUp:
    """A follow-up as it comes about: a case is resolved, and its customer says that it is not."""
    take_in([read(said(external_id=external_id, department=department, served_by="wang"))])
    resolution = Resolution.objects.get(case__external_id=external_id)
    if hasattr(resolution, "invitation"):
        resolution.invitation.delete()
    said_no = answer(invitation(resolution), **(answers or {"outcome": "no"}))
    return FollowUp.objects.get(response=said_no)


@pytest.fixture
def workshop():
    fallback()
    return DepartmentFactory(slug="workshop")


def ids(client, query="") -> list[int]:
    response = client.get(f"{URL}?{query}")
    assert response.status_code == 200, response.content
    return [row["id"] for row in response.json()["results"]]


def test_the_owner_reads_the_whole_follow_up(workshop):
    follow_up = complaint()
    body = client_of(workshop.owner).get(f"{URL}{follow_up.pk}/").json()
    assert set(body) == set(schema.FollowUpDetail().fields)
    assert (body["status"], body["department"], body["case"]["external_id"]) == ("open", "workshop", "a")
    assert [point["status"] for point in body["points"]] == ["open"]
    assert body["answers"][0]["chosen"] == ["no"]
    [row] = client_of(workshop.owner).get(URL).json()["results"]
    assert set(row) == set(schema.FollowUpOut().fields)
    assert row["open_points"] == 1


def test_the_journal_is_read_from_the_start(workshop):
    follow_up = complaint()
    entries = client_of(workshop.owner).get(f"{URL}{follow_up.pk}/journal/").json()["results"]
    assert entries[0]["kind"] == "opened"
    assert set(entries[0]) == set(schema.JournalOut().fields)
    assert [entry["id"] for entry in entries] == sorted(entry["id"] for entry in entries)


@pytest.mark.rule("R39")
def test_another_departments_follow_up_is_not_there(workshop):
    follow_up = complaint()
    for stranger in (DepartmentFactory().owner, UserFactory(roles=["executive"])):
        client = client_of(stranger)
        assert ids(client) == []
        assert client.get(f"{URL}{follow_up.pk}/").status_code == 404
        assert client.get(f"{URL}{follow_up.pk}/journal/").status_code == 404
    assert manager().get(f"{URL}{follow_up.pk}/").status_code == 200
    assert manager().get(f"{URL}999999/").status_code == 404
    assert manager().get(f"{URL}{2**70}/").status_code == 404


@pytest.mark.rule("R13")
def test_who_served_does_not_see_it_whatever_their_role(workshop):
    follow_up = complaint()
    boss = UserFactory(roles=["manager"], is_superuser=True)
    assert ids(client_of(boss)) == [follow_up.pk]
    StaffIdentity.objects.update(user=boss)
    assert ids(client_of(boss)) == []
    assert client_of(boss).get(f"{URL}{follow_up.pk}/").status_code == 404
    assert client_of(boss).get(f"{URL}{follow_up.pk}/journal/").status_code == 404


def test_integrations_and_strangers_are_refused(workshop, client):
    assert integration().get(URL).status_code == 403
    assert client.get(URL).status_code == 401


def test_follow_ups_are_filtered_and_ordered(workshop):
    first, second = complaint("a"), complaint("b")
    client = manager()
    assert ids(client) == [second.pk, first.pk]
    assert set(ids(client, "ordering=next_due_at")) == {first.pk, second.pk}
    assert ids(client, "status=told") == []
    assert set(ids(client, "department=workshop&status=open&severity=normal")) == {first.pk, second.pk}
    assert set(ids(client, f"assignee={workshop.owner.username}")) == {first.pk, second.pk}
    assert client.get(f"{URL}?status=done").status_code == 400


def test_a_list_costs_the_same_queries_whatever_its_length(workshop):
    client = manager()
    counts = []
    for size in (3, 30):
        for n in range(size):
            complaint(f"{size}-{n}")
        with CaptureQueriesContext(connection) as queries:
            assert len(ids(client)) >= size
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_one_follow_up_costs_the_same_queries_whatever_it_holds(workshop):
    client = manager()
    small, large = (
        complaint("a"),
        complaint("b", outcome="no", reasons=["too_slow", "charge", "not_fixed"], words="Bad"),
    )
    counts = []
    for follow_up in (small, large):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"{URL}{follow_up.pk}/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
