"""`manage.py after_restore`: what a backup holds as unsent may have been sent since, so it does not leave by itself."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from feedback import clock, links, outbox, pause
from feedback.links import UnknownLink
from feedback.models import Heartbeat, Message
from feedback.models.links import Purpose
from feedback.models.messages import Delivery
from feedback.outbox.sending import reference
from tests import factories
from tests.feedback.letters import customer, letter, states

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R30"), pytest.mark.usefixtures("memory")]


def restore(*arguments, **options) -> str:
    said = StringIO()
    call_command("after_restore", *arguments, stdout=said, **options)
    return said.getvalue()


def put(message: Message, **fields) -> Message:
    Message.objects.filter(pk=message.pk).update(**fields)
    message.refresh_from_db()
    return message


def lease() -> dict[str, object]:
    return {"lease_until": clock.now()}


@pytest.fixture
def log(tmp_path):
    """Writes a log of sent mail that names these messages, as a mail server does."""

    def write(*messages: Message):
        path = tmp_path / "mail.log"
        lines = [
            f"Nov 21 10:00:0{n % 10} mx postfix/cleanup[12]: 4F2: message-id=<{reference(one)}@example.com>\n"
            for n, one in enumerate(messages)
        ]
        path.write_bytes(b"\xff not utf-8\n" + "".join(lines).encode())
        return path

    return write


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_what_may_have_left_since_the_backup_does_not_leave_again(channel, memory, moved_clock):
    to = customer()
    old = [letter(channel, to=to) for _ in range(4)]
    put(old[1], state="claimed", **lease())
    put(old[2], state="calling", **lease())
    put(old[3], state="in_doubt", resend_at=clock.now())
    restore()
    assert states(*old) == ["in_doubt"] * 4
    for _ in range(4):
        outbox.rescue()
        outbox.send_due()
        moved_clock.advance(hours=3)
    assert memory.sent == []
    assert states(*old) == ["in_doubt"] * 4


def test_what_was_not_due_before_everything_stopped_was_not_sent_and_leaves_in_its_time(memory, moved_clock):
    stopped_at = moved_clock.now
    held = letter(due_at=stopped_at)
    later = letter(due_at=stopped_at + timedelta(seconds=1))
    doubt = put(letter(), state="in_doubt", resend_at=stopped_at + timedelta(minutes=20))
    moved_clock.advance(minutes=10)
    restore(stopped_at=stopped_at)
    assert states(held, later, doubt) == ["in_doubt", "queued", "in_doubt"]
    moved_clock.advance(minutes=15)
    outbox.rescue()
    outbox.send_due()
    assert {one.id for one in memory.sent} == {later.pk, doubt.pk}


def test_a_person_can_settle_what_is_held_back():
    one = letter()
    restore()
    assert outbox.settle_doubt(one.pk, arrived=True, detail="it is in the customer's mailbox")
    assert states(one) == ["accepted"]


def test_what_the_log_names_was_sent(log):
    sent, unknown, text = letter(), letter(), letter("sms")
    said = restore(log=[log(sent, text)])
    assert states(sent, unknown, text) == ["accepted", "in_doubt", "accepted"]
    assert "2 messages had been sent; 1 are held back, in doubt; 0 are to go." in said


def test_what_the_provider_has_reported_was_sent():
    one = put(letter(), state="calling", delivery=Delivery.DELIVERED, **lease())
    restore()
    assert states(one) == ["accepted"]


def test_email_that_the_log_does_not_name_is_sent_if_told_so(log, memory):
    sent, claimed, text = letter(), put(letter(), state="claimed", **lease()), letter("sms")
    restore(log=[log(sent)], send_rest=True)
    assert states(sent, claimed, text) == ["accepted", "queued", "in_doubt"]
    outbox.send_due()
    assert [one.id for one in memory.sent] == [claimed.pk]


def test_a_log_that_does_not_reach_back_to_the_backup_has_nothing_sent(log):
    put(letter(), state="accepted", settled_at=clock.now())
    waiting = letter()
    with pytest.raises(CommandError, match="do not reach back"):
        restore(log=[log(waiting)], send_rest=True)
    assert states(waiting) == ["queued"]
    assert not pause.is_paused()


def test_without_a_log_nothing_is_sent_again():
    with pytest.raises(CommandError, match="needs a --log"):
        restore(send_rest=True)


def test_what_the_sweeps_make_of_restored_rows_is_held_back_too(memory, moved_clock):
    """The row is older than the backup, its notice younger: it may have been sent, under an id that is lost."""
    factories.answer(outcome="no")
    moved_clock.advance(minutes=6)
    restore()
    [notice] = Message.objects.filter(purpose="notice")
    assert notice.state == "in_doubt"
    outbox.rescue()
    outbox.send_due()
    assert memory.sent == []


def test_surveys_are_paused_until_somebody_ends_it():
    restore()
    found = pause.current()
    assert found is not None
    assert "backup" in found.why


@pytest.mark.rule("R36")
def test_a_link_that_the_backup_does_not_know_opens_nobody_elses_page():
    lost = links.issue(Purpose.PAGE, customer())
    token = links.token(lost, strong=True)
    number = lost.pk
    lost.delete()
    with connection.cursor() as cursor:  # as the backup has it: it would give the same id to the next one
        cursor.execute("SELECT setval(pg_get_serial_sequence('feedback_link', 'id'), %s, false)", [number])
    restore()
    assert links.issue(Purpose.PAGE, customer()).pk > number
    with pytest.raises(UnknownLink):
        links.find(Purpose.PAGE, token)


def test_a_running_worker_is_refused():
    Heartbeat.objects.create(name="worker", sent_at=clock.now(), ran_at=clock.now())
    waiting = letter()
    with pytest.raises(CommandError, match="Stop every worker"):
        restore()
    assert states(waiting) == ["queued"]


def test_a_second_run_changes_nothing_more():
    one = letter()
    restore()
    put(one, detail="looked at")
    restore()
    assert (states(one), one.detail) == (["in_doubt"], "looked at")


@pytest.mark.parametrize(
    ("given", "said"), [("yesterday", "Invalid isoformat"), ("2026-05-01T10:00", "no offset")]
)
def test_a_time_that_is_none_is_refused(given, said):
    with pytest.raises(CommandError, match=said):
        restore("--stopped-at", given)


def test_a_time_to_come_is_refused():
    with pytest.raises(CommandError, match="yet to come"):
        restore(stopped_at=clock.now() + timedelta(hours=1))


def test_a_log_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        restore(log=[tmp_path / "none.log"])
