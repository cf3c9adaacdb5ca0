"""Bulk intake, the whole service, beside DRF serializers and ``bulk_create`` (BENCH)."""

import itertools
from typing import Any

import pytest
from django.db import transaction
from rest_framework import serializers

from feedback.intake.fields import read
from feedback.intake.services import take_in
from feedback.models import Case, Customer
from surveys import default_survey
from tests import factories
from tests.benchmarks.measure import ratio

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db(transaction=True)]

BULK = 500


class CaseSerializer(serializers.Serializer[Any]):
    source = serializers.CharField(max_length=64)  # type: ignore[assignment]  # a field named as one of DRF's attributes
    external_id = serializers.CharField(max_length=255)
    subject = serializers.CharField(max_length=500)
    status = serializers.ChoiceField(["open", "resolved"])
    resolved_at = serializers.DateTimeField()


def test_bulk():
    factories.fallback()
    default_survey.ensure()
    count = itertools.count()

    def cases() -> list[dict[str, Any]]:
        return [
            {
                "source": "bench",
                "external_id": f"B-{n}",
                "subject": "Slow network",
                "status": "resolved",
                "resolved_at": "2026-11-20T12:00:00Z",
                "customer": {"external_id": f"c-{n}", "email": f"c{n}@home.example"},
            }
            for n in itertools.islice(count, BULK)
        ]

    def product() -> None:
        take_in([read(one) for one in cases()])

    def baseline() -> None:
        serializer = CaseSerializer(data=[{**one} for one in cases()], many=True)
        serializer.is_valid(raise_exception=True)
        with transaction.atomic():
            customers = Customer.objects.bulk_create(
                Customer(source="bench", external_id=one["external_id"]) for one in serializer.validated_data
            )
            Case.objects.bulk_create(
                Case(customer=customer, **one)
                for customer, one in zip(customers, serializer.validated_data, strict=True)
            )

    ratio("bulk of 500, whole service : DRF + bulk_create", product=product, baseline=baseline, floor=1.0)
