"""``POST /cases/`` and ``/cases/bulk/``: what integrations rely on."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedback import bulk, clock
from feedback.intake import blocks, schema
from feedback.models import Case, CaseEvent, Contact, Customer, DepartmentAlias, Resolution, StaffIdentity
from tests.clients import client_of, integration, manager, said
from tests.factories import DepartmentFactory, UserFactory, fallback

pytestmark = pytest.mark.django_db
CASES, BULK = "/api/v1/cases/", "/api/v1/cases/bulk/"


@pytest.fixture
def client():
    fallback()
    return integration()


def wrong(response) -> dict[str, str]:
    """Where and how, of an error in the one shape."""
    body = response.json()
    assert set(body) == {"type", "errors"}
    assert all(set(error) == {"code", "detail", "attr"} for error in body["errors"])
    return {error["attr"]: error["code"] for error in body["errors"]}


def test_a_case_is_made_then_the_same_then_changed(client):
    DepartmentFactory(slug="workshop")
    event = said(
        occurred_at="2026-05-01T17:30:00+08:00",
        department="workshop",
        served_by="wang",
        product="Kettle",
        order_ref="O-1",
        channel="phone",
        subject="Leaks",
        resolution="Seal replaced",
        opened_at="2026-04-30T00:00:00Z",
        customer={"external_id": "C-1", "name": "Li Na", "language": "zh-CN", "email": "li@home.example"},
    )
    first = client.post(CASES, event)
    assert first.status_code == 201, first.json()
    body = first.json()
    assert body["department"] == "workshop"
    assert body["served_by"] == "wang"
    assert body["status"] == "resolved"
    assert body["resolved_at"] == body["resolution"]["resolved_at"] == "2026-05-01T09:30:00Z"
    assert body["resolution"]["resolution_text"] == "Seal replaced"
    assert body["customer"]["name"] == "Li Na"
    assert set(body["invitation"]) == {"state", "reason", "send_at"}
    assert client.post(CASES, event).status_code == 200
    assert Resolution.objects.count() == 1
    changed = client.post(CASES, said(status="open", occurred_at="2026-05-02T00:00:00Z"))
    assert (changed.status_code, changed.json()["status"]) == (200, "open")
    assert changed.json()["resolution"]["reopened_at"] == "2026-05-02T00:00:00Z"


def test_an_open_case_has_neither_resolution_nor_invitation(client):
    body = client.post(CASES, said(status="open")).json()
    assert (body["resolution"], body["invitation"]) == (None, None)


def test_the_description_names_exactly_what_the_answer_has(client):
    body = client.post(CASES, said()).json()
    assert set(body) == set(schema.CaseOut().fields)
    assert set(body["resolution"]) == set(schema.ResolutionOfCase().fields)
    listed = manager().get("/api/v1/resolutions/").json()["results"][0]
    assert set(listed) == set(schema.ResolutionOut().fields)


def test_a_package_above_adds_its_block(client, monkeypatch):
    monkeypatch.setattr(blocks, "_makers", {"invitation": lambda ids: {pk: {"state": "asked"} for pk in ids}})
    assert client.post(CASES, said()).json()["invitation"] == {"state": "asked"}


@pytest.mark.rule("R42")
def test_bad_fields_are_400_in_the_one_shape_and_nothing_is_kept(client):
    response = client.post(
        CASES, said(sauce=1, customer={"email": "nobody"}, occurred_at="2026-05-01T09:30:00")
    )
    assert response.status_code == 400
    assert response.json()["type"] == "validation_error"
    assert wrong(response) == {
        "sauce": "unknown_field",
        "customer.email": "invalid",
        "occurred_at": "no_time_zone",
    }
    assert not Case.objects.exists()


@pytest.mark.rule("R42")
@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{", 400),
        ("", 400),
        ("[]", 400),
        ('{"source": NaN}', 400),
        ("\xff".encode("latin-1"), 400),
        ("[" * 10_000, 400),
        ('{"a":' * 10_000 + "1" + "}" * 10_000, 400),
        ('{"source": ' + "9" * 5_000 + "}", 400),
        ('{"source": "\\ud800", "external_id": "\\u0000", "status": "open"}', 400),
        ("x" * 2_500_001, 413),
    ],
    ids=[
        "cut",
        "empty",
        "list",
        "nan",
        "not utf-8",
        "deep",
        "deep object",
        "huge number",
        "surrogate",
        "large",
    ],
)
@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "k"}], ids=["plain", "with key"])
@pytest.mark.parametrize("url", [CASES, BULK])
def test_a_body_that_is_no_case_is_an_error_of_the_body(client, url, body, status, headers):
    if url == BULK and body == "[]":
        status = 200
    response = client.generic("POST", url, body, content_type="application/json", headers=headers)
    assert response.status_code == status, response.content[:200]
    if status != 200:
        assert wrong(response)


def test_another_content_type_is_415(client):
    assert (
        client.post(CASES, "source=desk", content_type="application/x-www-form-urlencoded").status_code == 415
    )


@pytest.mark.rule("R42")
def test_in_bulk_bad_cases_say_why_and_good_ones_are_kept(client):
    good = said(external_id="T-1")
    response = client.post(
        BULK, {"cases": [good, said(status="gone"), "nonsense", good, said(external_id="T-2", status="open")]}
    )
    assert response.status_code == 200
    results = response.json()["results"]
    assert [(result["index"], result["status"]) for result in results] == [
        (0, 201),
        (1, 400),
        (2, 400),
        (3, 200),
        (4, 201),
    ]
    assert results[1]["errors"][0]["attr"] == "status"
    assert results[0]["case"]["external_id"] == "T-1"
    assert Case.objects.count() == 2


def test_in_bulk_what_the_database_refuses_does_not_touch_the_others(client, monkeypatch):
    insert = bulk.insert

    def refuse(rows, **kwargs):
        rows = list(rows)
        for row in rows:
            if isinstance(row, CaseEvent) and row.payload.get("subject") == "poison":
                row.status = "too long for it"
        return insert(rows, **kwargs)

    monkeypatch.setattr(bulk, "insert", refuse)
    response = client.post(
        BULK, [said(external_id="1"), said(external_id="2", subject="poison"), said(external_id="3")]
    )
    assert [result["status"] for result in response.json()["results"]] == [201, 400, 201]
    assert set(Case.objects.values_list("external_id", flat=True)) == {"1", "3"}


def test_bulk_takes_a_bare_list_too_and_up_to_a_thousand(client):
    assert client.post(BULK, [said()]).json()["results"][0]["status"] == 201
    too_many = client.post(BULK, [said()] * 1001)
    assert (too_many.status_code, wrong(too_many)) == (400, {"cases": "too_many"})
    assert wrong(client.post(BULK, {"cases": 1})) == {"cases": "not_a_list"}
    assert wrong(client.post(BULK, {"cases": [], "x": 1})) == {"x": "unknown_field"}


@pytest.mark.rule("R42")
@pytest.mark.parametrize("bulk", [False, True])
def test_a_dry_run_answers_as_if_and_leaves_nothing(client, bulk):
    event = said(
        department="nowhere", served_by="x", customer={"external_id": "C", "email": "a@home.example"}
    )
    url, body = (BULK, [event]) if bulk else (CASES, event)
    response = client.post(f"{url}?dry_run=true", body, headers={"Idempotency-Key": "k"})
    answer = response.json()
    assert answer["dry_run"] is True
    assert (answer["results"][0] if bulk else {"status": response.status_code})["status"] == 201
    for model in (Case, CaseEvent, Resolution, Customer, Contact, DepartmentAlias, StaffIdentity):
        assert not model.objects.exists(), model
    # ... and the key is still free for the real thing.
    assert client.post(url, body, headers={"Idempotency-Key": "k"}).status_code == (200 if bulk else 201)


@pytest.mark.rule("R42")
@pytest.mark.parametrize("query", ["dry_run=yes please", "dryrun=true"])
def test_a_misspelt_dry_run_is_refused_and_not_run(client, query):
    assert client.post(f"{CASES}?{query}", said()).status_code == 400
    assert not Case.objects.exists()


def test_only_managers_and_integrations_send_cases():
    department = fallback()
    assert manager().post(CASES, said()).status_code == 201
    assert integration().post(CASES, said()).status_code == 200
    for user in (department.owner, UserFactory(roles=["executive"]), UserFactory(is_superuser=True)):
        for url in (CASES, BULK):
            assert client_of(user).post(url, said()).status_code == 403


def test_integrations_read_nothing(client):
    client.post(CASES, said())
    for url in (
        CASES,
        "/api/v1/resolutions/",
        "/api/v1/invitations/",
        "/api/v1/follow-ups/",
        "/api/v1/unknown-names/",
    ):
        assert client.get(url).status_code == 403


def test_departments_see_their_own_cases_and_nobody_what_they_served():
    here, there = fallback(), DepartmentFactory(slug="workshop")
    boss = UserFactory(roles=["manager"])
    client = client_of(boss)
    client.post(BULK, [said(external_id=slug, department=slug) for slug in (here.slug, there.slug)])
    seen = lambda user, url: {row["department"] for row in client_of(user).get(url).json()["results"]}  # noqa: E731
    for url in (CASES, "/api/v1/resolutions/"):
        assert seen(here.owner, url) == {here.slug}
        assert seen(there.owner, url) == {there.slug}
        assert seen(boss, url) == {here.slug, there.slug}
    client.post(
        CASES,
        said(external_id=there.slug, served_by="boss", occurred_at=clock.now().isoformat(), status="open"),
    )
    StaffIdentity.objects.update(user=boss)
    assert seen(boss, CASES) == {here.slug}


def test_lists_cost_the_same_queries_whatever_their_length(client):
    reader = manager()
    for url in (CASES, "/api/v1/resolutions/", "/api/v1/invitations/"):
        reader.get(url)  # what is read once per process
    counts: dict[str, int] = {}
    for size in (3, 30):
        client.post(
            BULK,
            [said(external_id=f"{size}-{n}", department=f"d{n}", served_by=f"s{n}") for n in range(size)],
        )
        for url in (CASES, "/api/v1/resolutions/", "/api/v1/invitations/"):
            with CaptureQueriesContext(connection) as queries:
                assert len(reader.get(url).json()["results"]) == (3 if size == 3 else 33)
            assert counts.setdefault(url, len(queries)) == len(queries), url


def test_pages_are_complete_even_where_many_rows_are_of_one_moment(client):
    client.post(BULK, [said(external_id=str(n), occurred_at="2026-05-01T00:00:00Z") for n in range(25)])
    reader = manager()
    for ordering in ("id", "-id", "created_at", "-created_at"):
        url, seen, pages = f"{CASES}?page_size=4&ordering={ordering}", [], 0
        while url:
            page = reader.get(url).json()
            seen += [row["id"] for row in page["results"]]
            url, previous, pages = page["next"], page["previous"], pages + 1
        assert sorted(seen) == sorted(Case.objects.values_list("pk", flat=True))
        assert len(seen) == 25
        assert pages == 7
        assert [row["id"] for row in reader.get(previous).json()["results"]] == seen[-5:-1]


def test_lists_are_filtered(client):
    DepartmentFactory(slug="workshop")
    client.post(
        BULK,
        [said(external_id="a", department="workshop"), said(external_id="b", status="open", source="shop")],
    )
    reader = manager()
    found = lambda query: [r["external_id"] for r in reader.get(f"{CASES}?{query}").json()["results"]]  # noqa: E731
    assert found("department=workshop") == ["a"]
    assert found("status=open") == ["b"]
    assert found("source=shop") == ["b"]
    assert found(f"customer={Case.objects.get(external_id='b').customer_id}") == ["b"]
    assert found("to=2000-01-01") == []
    assert found("from=2000-01-01T00:00:00%2B08:00&ordering=id") == ["a", "b"]


@pytest.mark.rule("R42")
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("colour=red", 400),
        ("status=gone", 400),
        ("customer=x", 400),
        ("customer=99999999999999999999", 400),
        ("from=yesterday", 400),
        ("from=2026-05-01T00:00:00", 400),
        ("source=%00", 400),
        ("source=", 400),
        ("source=%20", 400),
        ("source=a&source=b", 400),
        ("ordering=customer", 400),
        ("ordering=", 400),
        ("page_size=0", 400),
        ("page_size=x", 400),
        ("cursor=nonsense", 404),
        ("cursor=WzAsICJ4IiwgMV0=&ordering=created_at", 404),
    ],
)
@pytest.mark.parametrize("url", [CASES, "/api/v1/resolutions/"])
def test_a_wrong_question_gets_an_error_not_an_empty_list(url, query, status):
    if "resolutions" in url:
        query = query.replace("status=gone", "reopened=perhaps")
    response = manager().get(f"{url}?{query}")
    assert response.status_code == status, response.content
    assert wrong(response)


@pytest.mark.rule("R37")
def test_unknown_names_are_listed_for_managers(client):
    client.post(CASES, said(department="Werkstatt", served_by="w-7"))
    assert client.get("/api/v1/unknown-names/").status_code == 403
    body = manager().get("/api/v1/unknown-names/").json()
    assert [(row["name"], row["cases"]) for row in body["departments"]] == [("Werkstatt", 1)]
    assert [(row["source"], row["external_id"], row["resolutions"]) for row in body["staff"]] == [
        ("desk", "w-7", 1)
    ]


def test_what_came_under_an_unknown_name_is_counted_up_to_ten(client):
    for number in range(12):
        client.post(CASES, said(external_id=f"T-{number}", department="Werkstatt", served_by="w-7"))
    client.post(CASES, said(external_id="T-other", department="Lager"))
    body = manager().get("/api/v1/unknown-names/").json()
    assert [(row["name"], row["cases"]) for row in body["departments"]] == [("Werkstatt", 10), ("Lager", 1)]
    assert [row["resolutions"] for row in body["staff"]] == [10]


def test_a_stored_event_is_what_was_said(client):
    client.post(CASES, said(occurred_at="2026-05-01T17:30:00+08:00", subject="Leaks"))
    assert CaseEvent.objects.get().payload == {
        "status": "resolved",
        "occurred_at": "2026-05-01T09:30:00+00:00",
        "subject": "Leaks",
    }
    assert json.dumps(CaseEvent.objects.get().payload)
