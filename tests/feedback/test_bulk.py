"""``bulk.insert`` does what ``bulk_create`` does, for every model that it is used for."""

from datetime import UTC, datetime

import pytest
from django.db import DataError, IntegrityError
from django.forms.models import model_to_dict

from feedback import bulk
from feedback.models import Case, CaseEvent, Contact, Customer, Link, Message
from feedback.models.links import Purpose
from tests import factories

pytestmark = pytest.mark.django_db

AT = datetime(2026, 2, 28, 23, 59, 59, 123456, tzinfo=UTC)
WORDS = (
    'a "quote", a \\ and \\n, a tab\t, a line\nbreak, 中文, 👍, {"json": [1]}, \\x00 as text, %s %% and NULL'
)


def columns(row):
    """Everything that the database holds of a row, but its id."""
    return {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields if not f.primary_key}


def customers(source):
    return [Customer(source=source, external_id=str(n), name=WORDS, created_at=AT) for n in range(3)]


def test_the_rows_are_the_same_as_those_of_bulk_create():
    plain = Customer.objects.bulk_create(customers("plain"))
    ours = bulk.insert(customers("ours"))
    for one, other in zip(plain, ours, strict=True):
        one, other = Customer.objects.get(pk=one.pk), Customer.objects.get(pk=other.pk)
        assert columns(other) == columns(one) | {"source": "ours"}


def test_bytes_times_documents_lists_and_nothing_come_back_as_they_went():
    customer = factories.CustomerFactory()
    case = Case.objects.create(source="s", external_id="1", customer=customer)
    event = CaseEvent(
        case=case,
        sequence=2**62,
        occurred_at=None,
        received_at=AT,
        status="open",
        digest=bytes(range(32)),
        payload={"subject": WORDS, "customer": {"name": None}, "sequence": 2**62, "list": [True, 1.5]},
    )
    [stored] = bulk.insert([event])
    found = CaseEvent.objects.get(pk=stored.pk)
    assert columns(found) | {"digest": bytes(found.digest)} == columns(event)


def test_ids_ascend_in_the_order_given():
    ids = [row.pk for row in bulk.insert(customers("order"))]
    assert ids == sorted(ids)
    assert [Customer.objects.get(pk=pk).external_id for pk in ids] == ["0", "1", "2"]


def test_what_is_known_is_left_out_and_has_no_id():
    bulk.insert(customers("twice")[1:2])
    again = customers("twice")
    inserted = bulk.insert(again, skip_known=True)
    assert [row.external_id for row in inserted] == ["0", "2"]
    assert again[1].pk is None
    assert Customer.objects.filter(source="twice").count() == 3


def test_what_is_given_twice_at_once_is_inserted_once():
    customer = factories.CustomerFactory()
    link = [Contact(customer=customer, channel="sms", address="+4420", digest=b"d" * 32) for _ in range(2)]
    assert bulk.insert(link, skip_known=True) == link[:1]


def test_a_row_that_breaks_a_constraint_breaks_all(django_assert_num_queries):
    customer = factories.CustomerFactory()
    with pytest.raises(IntegrityError):
        bulk.insert(
            [Link(purpose=Purpose.PAGE, customer=customer), Link(purpose=Purpose.OPT_OUT, customer=customer)]
        )


def test_what_is_too_long_is_refused_and_never_cut():
    with pytest.raises(DataError):
        bulk.insert([Customer(source="s" * 65, external_id="1")])


def test_any_number_of_rows_is_one_statement(django_assert_num_queries):
    many = [Customer(source="many", external_id=str(n)) for n in range(2000)]
    with django_assert_num_queries(1):
        assert len(bulk.insert(many)) == 2000
    with django_assert_num_queries(0):
        assert bulk.insert([]) == []


def test_an_inserted_row_can_be_saved_again():
    [row] = bulk.insert(customers("saved")[:1])
    row.name = "Another"
    row.save(update_fields=["name"])
    assert Customer.objects.get(pk=row.pk).name == "Another"


def test_a_message_with_all_its_columns(django_assert_num_queries):
    contact = factories.CustomerFactory().contacts.get()
    made = Message(
        send_key="k", purpose="survey", channel="email", customer_id=contact.customer_id, contact=contact,
        address=contact.address, digest=bytes(contact.digest), language="en", subject=WORDS[:100], text=WORDS,
        html=WORDS, created_at=AT, due_at=AT,
    )  # fmt: skip
    bulk.insert([made])
    assert model_to_dict(Message.objects.get(send_key="k")) == model_to_dict(made)
