import itertools

import pytest

from feedback import outbox, suppression
from feedback.channels.base import accepted, in_doubt
from feedback.models import DeliveryEvent, Message, Suppression
from feedback.models.messages import Purpose
from feedback.outbox import Report
from tests.feedback.letters import letter, states

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R32")]


def report(kind, event_id=None, **more):
    return Report("provider", event_id or f"event-{kind}", kind, **{"provider_id": "p-1", **more})


@pytest.fixture
def sent(memory):
    message = letter("sms")
    memory.answers.append(accepted("p-1"))
    outbox.send_due()
    return message


@pytest.mark.parametrize("order", list(itertools.permutations(["sent", "delivered", "bounced"])))
def test_delivery_moves_forward_whatever_order_reports_come_in(sent, order):
    for kind in order:
        outbox.apply_delivery(report(kind))
    sent.refresh_from_db()
    assert sent.delivery == "bounced"
    assert DeliveryEvent.objects.filter(message=sent).count() == 3


def test_a_report_that_says_less_than_is_known_changes_nothing_and_rings_for_nobody(sent, monkeypatch):
    outbox.apply_delivery(report("delivered"))
    rung: list[list[int]] = []
    monkeypatch.setattr("feedback.outbox.bell.ring", rung.append)
    outbox.apply_delivery(report("sent"))
    sent.refresh_from_db()
    assert (sent.delivery, rung) == ("delivered", [])


def test_a_report_doubled_is_kept_once(sent):
    for _ in range(3):
        event = outbox.apply_delivery(report("delivered", raw={"Status": "DELIVRD"}))
    assert DeliveryEvent.objects.get() == event
    assert event.raw == {"Status": "DELIVRD"}


def test_a_second_report_under_a_known_number_cannot_speak_for_another_message(sent, memory):
    outbox.apply_delivery(report("delivered", "e-1"))
    other = letter("sms")
    memory.answers.append(accepted("p-2"))
    outbox.send_due()
    outbox.apply_delivery(report("bounced", "e-1", provider_id="p-2"))
    assert set(Message.objects.values_list("pk", "delivery")) == {(sent.pk, "delivered"), (other.pk, "")}


def test_a_report_about_nothing_we_know_is_kept(db):
    event = outbox.apply_delivery(report("delivered", provider_id="never seen"))
    assert (event.message, event.provider_id) == (None, "never seen")


def test_delivered_before_it_was_sent_is_applied_when_it_was(memory):
    message = letter("sms")

    def early(outgoing):
        outbox.apply_delivery(report("delivered"))
        return accepted("p-1")

    memory.answers.append(early)
    outbox.send_due()
    message.refresh_from_db()
    assert (message.state, message.delivery) == ("accepted", "delivered")
    assert DeliveryEvent.objects.get().message == message


def test_a_report_that_crossed_with_the_settling_is_found_by_the_sweep(sent):
    DeliveryEvent.objects.create(backend="provider", event_id="e", provider_id="p-1", kind="delivered")
    assert outbox.rescue() == 1
    sent.refresh_from_db()
    assert sent.delivery == "delivered"
    assert outbox.rescue() == 0


@pytest.mark.rule("R31")
def test_a_report_ends_a_doubt(memory):
    message = letter("sms")
    memory.answers.append(in_doubt("the answer was cut", "p-1"))
    outbox.send_due()
    outbox.apply_delivery(report("sent"))
    message.refresh_from_db()
    assert (message.state, message.delivery) == ("accepted", "sent")


@pytest.mark.rule("R31")
def test_a_report_that_gives_our_own_reference_back_ends_a_doubt_too(memory):
    message = letter("sms")
    memory.answers.append(in_doubt("the answer was cut"))
    outbox.send_due()
    outbox.apply_delivery(report("delivered", message_id=message.pk))
    assert states(message) == ["accepted"]


@pytest.mark.rule("R31")
def test_a_report_in_time_makes_the_second_sending_needless(memory, moved_clock):
    message = letter("email")
    memory.answers.append(in_doubt("the answer was cut", "p-1"))
    outbox.send_due()
    moved_clock.advance(minutes=30)
    outbox.rescue()
    outbox.apply_delivery(report("delivered"))
    assert outbox.send_due() == 0
    assert states(message) == ["accepted"]


@pytest.mark.rule("R31")
def test_a_report_that_overtakes_a_doubt_prevents_it(memory):
    message = letter("email")

    def cut(outgoing):
        outbox.apply_delivery(report("delivered", message_id=outgoing.id))
        return in_doubt("the answer was cut")

    memory.answers.append(cut)
    outbox.send_due()
    message.refresh_from_db()
    assert (message.state, message.resend_at) == ("accepted", None)


@pytest.mark.rule("R34")
@pytest.mark.parametrize("kind", ["bounced", "complained"])
def test_email_that_bounced_or_was_complained_about_blocks_the_address(memory, kind):
    message = letter("email")
    memory.answers.append(accepted("p-1"))
    outbox.send_due()
    outbox.apply_delivery(report(kind))
    assert suppression.suppressed([bytes(message.digest)], Purpose.REPLY)


def test_an_sms_that_did_not_arrive_blocks_no_number(sent):
    outbox.apply_delivery(report("bounced"))
    assert not Suppression.objects.exists()


def test_the_development_phone_reports_what_it_shows(settings, caplog):
    settings.CHANNELS = {"sms": "feedback.channels.sms.development.DevelopmentSMS"}
    message = letter("sms")
    with caplog.at_level("INFO"):
        outbox.send_due()
    message.refresh_from_db()
    assert (message.state, message.delivery) == ("accepted", "delivered")
    event = DeliveryEvent.objects.get()
    assert (event.message, event.kind, event.backend) == (message, "delivered", "sms-development")
    assert "GSM-7" in caplog.text
