"""Messages about a follow-up: short, pointing at the page, in the reader's language and time, discreet (R13, R33)."""

from datetime import UTC, datetime

import pytest

from feedback import outbox
from feedback.channels.sms import segments
from followups import messages
from tests import factories

LINK_OF_30 = "https://fb.example/f/1-2x-9sQ7w"
DUE = datetime(2026, 12, 23, 10, 30, tzinfo=UTC)  # Wednesday; the longest day and month in Chinese

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer():
    return factories.CustomerFactory(name="Li Wei", time_zone="Asia/Shanghai")


def everything(customer, channel, language):
    about = {"customer": customer, "about": "Kettle"}
    promised = {"customer": customer, "text": "We call.", "due_at": DUE}
    yield messages.reply_message(channel, language, **about, points=1)
    yield messages.reply_message(channel, language, **about, points=3)
    yield messages.staff_written(channel, language, **about, text="Do you have <the> receipt?")
    for call in (False, True):
        yield messages.promise_made(channel, language, **promised, call=call)
        yield messages.promise_overdue(channel, language, **promised, call=call)


@pytest.mark.rule("R33")
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_sms_is_one_segment_and_points_at_the_page(customer, language):
    for sms in everything(customer, "sms", language):
        assert outbox.LINK in sms.text
        assert segments.count(sms.text.replace(outbox.LINK, LINK_OF_30)).segments == 1, sms.text


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_email_has_subject_text_and_html_that_point_at_the_page(customer, language):
    for email in everything(customer, "email", language):
        assert email.subject
        assert outbox.LINK in email.text
        assert outbox.LINK in email.html
        assert f'lang="{language}"' in email.html


def test_what_staff_wrote_is_in_the_email_but_not_in_the_sms(customer):
    words = {"customer": customer, "about": "", "text": "Do you have <the> receipt?"}
    email = messages.staff_written("email", "en", **words)
    assert "Do you have <the> receipt?" in email.text
    assert "Do you have &lt;the&gt; receipt?" in email.html
    assert "receipt" not in messages.staff_written("sms", "en", **words).text


@pytest.mark.rule("R19")
def test_a_promise_is_dated_by_the_customers_clock(customer):
    promise = {"customer": customer, "text": "", "due_at": DUE, "call": True}
    assert "Wednesday 23 December, 18:30" in messages.promise_made("sms", "en", **promise).text
    assert "12月23日 星期三 18:30" in messages.promise_made("sms", "zh-hans", **promise).text


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd"])
def test_an_unknown_time_zone_is_no_error(customer, zone, settings):
    settings.TIME_ZONE = "UTC"
    customer.time_zone = zone
    promise = messages.promise_made("sms", "en", customer=customer, text="", due_at=DUE)
    assert "23 December, 10:30" in promise.text


@pytest.mark.rule("R13")
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_notice_says_which_and_when_and_where_but_nothing_of_what_was_said(language):
    response = factories.answer(outcome="no", words="He shouted at me.", person=1)
    follow_up = response.follow_ups.get()
    assert follow_up.assignee is not None
    notice = messages.notice(language, staff=follow_up.assignee, follow_up=follow_up, points=2, due_at=DUE)
    for words in (notice.text, notice.html):
        assert f"/admin/followups/followup/{follow_up.pk}/" in words
        assert "shouted" not in words
        assert response.customer.name not in words
    assert f"#{follow_up.pk}" in notice.subject
    assert str(follow_up.department) in notice.text
