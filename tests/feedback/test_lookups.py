"""``any_of`` and ``AnyPair`` find what ``in`` and its combinations find, with one parameter."""

import pytest
from django.db.models import Q

from feedback.lookups import AnyPair
from feedback.models import Case, Contact, Customer
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def contacts():
    return [factories.CustomerFactory().contacts.get() for _ in range(4)]


@pytest.mark.parametrize("lookup", ["pk", "id", "customer", "customer_id", "digest", "address"])
def test_it_finds_what_in_finds(contacts, lookup):
    values = [getattr(one, {"customer": "customer_id"}.get(lookup, lookup)) for one in contacts[1:3]]
    found = Contact.objects.filter(**{f"{lookup}__any_of": values})
    assert set(found) == set(Contact.objects.filter(**{f"{lookup}__in": values})) == set(contacts[1:3])


@pytest.mark.parametrize("lookup", ["pk", "customer", "digest", "address"])
def test_nothing_is_found_among_no_values(contacts, lookup):
    assert not Contact.objects.filter(**{f"{lookup}__any_of": []}).exists()


def test_it_takes_part_in_larger_conditions(contacts):
    wanted = Q(pk__any_of=[contacts[0].pk]) | Q(customer__pk__any_of=[contacts[1].customer_id])
    assert set(Contact.objects.filter(wanted)) == set(contacts[:2])
    assert set(Contact.objects.exclude(pk__any_of=[contacts[0].pk])) == set(contacts[1:])


def test_words_of_sql_are_words():
    factories.CustomerFactory(external_id="'); DROP TABLE x; --{},\"")
    assert Customer.objects.filter(external_id__any_of=["'); DROP TABLE x; --{},\""]).count() == 1


def test_pairs_belong_together():
    customer = factories.CustomerFactory()
    for source in "ab":
        for external_id in "12":
            Case.objects.create(source=source, external_id=external_id, customer=customer)
    found = Case.objects.filter(AnyPair("source", "external_id", [("a", "1"), ("b", "2"), ("c", "1")]))
    assert sorted(found.values_list("source", "external_id")) == [("a", "1"), ("b", "2")]
    assert not Case.objects.filter(AnyPair("source", "external_id", [])).exists()
