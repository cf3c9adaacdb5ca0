"""Two ways to take in resolved cases, each with a link and an invitation: what most would write, and the fastest."""

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import connection, transaction
from rest_framework import serializers

from tests.benchmarks.baseline.models import Case, Invitation, Link, Survey


@cache
def survey_id() -> int:
    return Survey.objects.values_list("pk", flat=True).get()


class CustomerSerializer(serializers.Serializer[Any]):
    external_id = serializers.CharField(max_length=255)
    name = serializers.CharField(max_length=255)
    language = serializers.CharField(max_length=12)
    email = serializers.EmailField(max_length=320)


class CaseSerializer(serializers.Serializer[Any]):
    source = serializers.CharField(max_length=64)  # type: ignore[assignment]  # a field named as one of DRF's attributes
    external_id = serializers.CharField(max_length=255)
    subject = serializers.CharField(max_length=500)
    status = serializers.ChoiceField(["open", "resolved"])
    resolved_at = serializers.DateTimeField()
    customer = CustomerSerializer()


def by_serializers(said: Sequence[dict[str, Any]]) -> int:
    """DRF serializers and ``bulk_create``; return how many cases there are now."""
    serializer = CaseSerializer(data=said, many=True)
    serializer.is_valid(raise_exception=True)
    with transaction.atomic():
        cases = [
            Case(customer=customer["name"], email=customer["email"], language=customer["language"], **one)
            for one, customer in ((one, one.pop("customer")) for one in serializer.validated_data)
        ]
        Case.objects.bulk_create(cases)
        links = Link.objects.bulk_create([Link(purpose="survey") for _ in cases])
        Invitation.objects.bulk_create(
            Invitation(case=case, link=link, survey_id=survey_id(), subject=case.subject, state="asked")
            for case, link in zip(cases, links, strict=True)
        )
    return len(cases)


UNNEST = """
    WITH made AS (
        INSERT INTO baseline_case (source, external_id, subject, status, resolved_at, customer, email, language)
        SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::text[], %s::text[],
            %s::text[])
        ON CONFLICT (source, external_id) DO NOTHING
        RETURNING id, subject, nextval(pg_get_serial_sequence('baseline_link', 'id')) AS link_id
    ), linked AS (
        INSERT INTO baseline_link (id, purpose) SELECT link_id, 'survey' FROM made
    )
    INSERT INTO baseline_invitation (case_id, survey_id, link_id, subject, state)
    SELECT id, %s, link_id, subject, 'asked' FROM made
"""


def by_unnest(body: bytes) -> int:
    """Plain JSON and one statement; return how many cases were new."""
    said = json.loads(body)["cases"]
    names = ("source", "external_id", "subject", "status", "resolved_at")
    columns = [[one[name] for one in said] for name in names]
    columns += [[one["customer"][name] for one in said] for name in ("name", "email", "language")]
    with connection.cursor() as cursor:
        cursor.execute(UNNEST, [*columns, survey_id()])
        return cursor.rowcount
