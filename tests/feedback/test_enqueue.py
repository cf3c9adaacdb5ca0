import json

import pytest
from django.core import serializers
from django.db import transaction

from feedback import links, outbox
from feedback.models import Contact, Link, Message
from feedback.models.links import Purpose
from feedback.reasons import SkipReason
from tests.factories import CustomerFactory, UserFactory
from tests.feedback.letters import customer, letter, link_of, states, way_out_of

pytestmark = pytest.mark.django_db


@pytest.mark.rule("R29")
def test_the_same_send_key_is_the_same_message():
    to = customer()
    first = letter(to=to, send_key="survey:7", text="first")
    again = letter(to=to, send_key="survey:7", text="second")
    assert again == first
    assert Message.objects.get(send_key="survey:7").text == "first"


@pytest.mark.rule("R29")
def test_a_message_lives_and_dies_with_its_reason():
    with transaction.atomic():
        letter(send_key="undone")
        transaction.set_rollback(True)
    assert not Message.objects.filter(send_key="undone").exists()


@pytest.mark.rule("R29")
def test_the_personal_link_is_in_what_is_shown_and_nowhere_in_what_is_stored():
    message = letter(
        text=f"Look: {outbox.LINK}",
        html=f'<a href="{outbox.LINK}?a=1&amp;b=2">Look</a> <a href="{outbox.OPT_OUT}">Stop</a>',
        purpose="survey",
    )
    url = links.url(link_of(message), "email")
    shown = outbox.rendered(message)
    assert shown.text == f"Look: {url}"
    assert f'href="{url}?a=1&amp;b=2"' in shown.html
    assert f'href="{links.url(way_out_of(message), "email")}"' in shown.html
    secrets = {links.token(link, strong=strong) for link in Link.objects.all() for strong in (True, False)}
    stored = serializers.serialize(
        "json", [*Message.objects.all(), *Link.objects.all(), *Contact.objects.all()]
    )
    assert json.loads(stored)
    assert not any(secret in stored for secret in secrets)


def test_an_sms_is_given_the_short_link():
    message = letter("sms")
    assert outbox.rendered(message).text.endswith(links.token(link_of(message), strong=False))


@pytest.mark.rule("R33")
def test_an_email_that_asks_has_its_way_out_without_being_told():
    message = letter(purpose="survey")
    assert way_out_of(message).purpose == Purpose.OPT_OUT
    assert way_out_of(message).contact_id == message.contact_id
    assert letter(purpose="reply").opt_out is None
    assert letter("sms", purpose="survey").opt_out is None


def test_many_messages_take_as_many_statements_as_one(django_assert_max_num_queries):
    people = [customer() for _ in range(20)]
    drafts = [
        outbox.draft(
            send_key=f"many-{one.pk}",
            purpose="survey",
            channel="email",
            language="en",
            text="Well?",
            contact=one.contacts.get(channel="email"),
        )
        for one in people
    ]
    with django_assert_max_num_queries(6):
        stored = outbox.enqueue_many(drafts)
    assert [one.send_key for one in stored] == [one.send_key for one in drafts]
    assert all(one.pk and one.opt_out_id for one in stored)


def test_a_line_break_in_a_name_cannot_become_a_header():
    message = letter(subject="About Mei\r\nBcc: everybody@example.com")
    assert message.subject == "About Mei Bcc: everybody@example.com"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"text": f"Look: {outbox.LINK}"}, "there is no link"),
        ({"text": f"Stop: {outbox.OPT_OUT}"}, "no opt-out link"),
        ({"text": "Hello", "send_key": ""}, "send_key"),
        ({"text": "Hello", "contact": None}, "one contact"),
    ],
)
def test_a_callers_mistake_is_found_at_once(wrong, words):
    given = {
        "send_key": "x",
        "purpose": "reply",
        "channel": "email",
        "language": "en",
        "contact": CustomerFactory().contacts.get(),
        **wrong,
    }
    with pytest.raises(ValueError, match=words):
        outbox.enqueue(**given)


def test_a_notice_goes_to_the_address_of_its_channel():
    staff = UserFactory(email="ada@office.example", phone="+8613800138000")
    for channel, address in (("email", "ada@office.example"), ("sms", "+8613800138000")):
        message = outbox.enqueue(
            send_key=f"n-{channel}",
            purpose="notice",
            channel=channel,
            language="en",
            staff=staff,
            text="Look",
        )
        assert (message.address, message.customer_id) == (address, None)


def test_a_notice_to_somebody_without_an_address_is_refused_and_hurts_nobody():
    message = outbox.enqueue(
        send_key="n",
        purpose="notice",
        channel="email",
        language="en",
        staff=UserFactory(email=""),
        text="Look",
    )
    outbox.send_due()
    message.refresh_from_db()
    assert message.state == "refused"
    assert "address" in message.detail


def test_only_unsent_messages_can_be_taken_back(memory):
    unsent, sent, later = letter(), letter(), letter()
    Message.objects.filter(pk=sent.pk).update(state="accepted")
    assert outbox.cancel([unsent.pk, sent.pk], SkipReason.REOPENED) == [unsent.pk]
    assert states(unsent, sent, later) == ["cancelled", "accepted", "queued"]
    unsent.refresh_from_db()
    assert unsent.reason == "reopened"
    assert unsent.settled_at
    assert outbox.cancel([unsent.pk, sent.pk], SkipReason.REOPENED) == []
    outbox.send_due()
    assert [one.id for one in memory.sent] == [later.pk]


@pytest.mark.django_db(transaction=True)
def test_a_transaction_nudges_the_worker_once_and_after_it_is_committed(monkeypatch):
    nudges = []
    monkeypatch.setattr("feedback.outbox.bell.app.send_task", lambda name, **options: nudges.append(name))
    with transaction.atomic():
        for _ in range(3):
            with transaction.atomic():
                letter()
        assert not nudges
    assert nudges == ["feedback.tasks.send_due"]


@pytest.mark.django_db(transaction=True)
def test_a_nudge_undone_with_its_savepoint_is_made_by_the_next_message(monkeypatch):
    nudges = []
    monkeypatch.setattr("feedback.outbox.bell.app.send_task", lambda name, **options: nudges.append(name))
    with transaction.atomic():
        with transaction.atomic():
            letter()
            transaction.set_rollback(True)
        letter()
    assert nudges == ["feedback.tasks.send_due"]


@pytest.mark.django_db(transaction=True)
def test_a_dead_broker_fails_nobodys_request_and_is_not_asked_again_and_again(monkeypatch):
    tries = []

    def fail(name, **options):
        tries.append(name)
        raise ConnectionRefusedError("nobody there")

    monkeypatch.setattr("feedback.outbox.bell.app.send_task", fail)
    monkeypatch.setattr("feedback.outbox.bell._quiet_until", 0.0)
    messages = [letter(), letter()]
    assert states(*messages) == ["queued", "queued"]
    assert len(tries) == 1


def test_a_message_for_later_nudges_nobody_now(django_capture_on_commit_callbacks, moved_clock):
    with django_capture_on_commit_callbacks() as callbacks:
        letter(due_at=moved_clock.now.replace(year=moved_clock.now.year + 1))
    assert not callbacks
