"""What the database itself keeps true of departments."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from feedback.models import Department
from tests import factories

pytestmark = pytest.mark.django_db


def test_there_is_no_second_fallback():
    factories.fallback()
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.DepartmentFactory(is_fallback=True)


def leave_none() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        Department.objects.update(is_fallback=False)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.rule("R12")
def test_a_fallback_remains_whatever_is_changed():
    factories.fallback()
    with pytest.raises(IntegrityError, match="must remain the fallback"):
        leave_none()


def test_the_role_of_fallback_can_be_handed_over():
    before, after = factories.fallback(), factories.DepartmentFactory()
    Department.objects.filter(pk=before.pk).update(is_fallback=False)
    Department.objects.filter(pk=after.pk).update(is_fallback=True)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert Department.objects.get(is_fallback=True) == after


def test_the_fallback_is_not_retired_and_none_is_deleted():
    fallback = factories.fallback()
    with pytest.raises(IntegrityError), transaction.atomic():
        Department.objects.update(retired_at=timezone.now())
    with pytest.raises(Exception, match="(?i)cannot delete"), transaction.atomic():
        fallback.delete()


def test_a_name_is_kept_by_language():
    with pytest.raises(IntegrityError, match="named_by_language"), transaction.atomic():
        factories.DepartmentFactory(name="Workshop")
