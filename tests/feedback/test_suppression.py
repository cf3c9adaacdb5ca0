import pytest

from feedback import suppression
from feedback.models import Suppression
from feedback.models.messages import Purpose
from feedback.reasons import SkipReason
from tests.factories import CustomerFactory

Scope = suppression.Scope
Cause = suppression.Cause

ASKING = {Purpose.SURVEY, Purpose.REMINDER}
TALKING = {Purpose.MESSAGE, Purpose.PROMISE, Purpose.REMEDY, Purpose.REPLY, Purpose.TELLING}


@pytest.mark.parametrize(
    ("given", "normalised"),
    [
        ("  Mei.Lin@Example.COM ", "mei.lin@example.com"),
        ("ｍｅｉ＠ｅｘａｍｐｌｅ．ｃｏｍ", "mei@example.com"),
        ("mei@bücher.example", "mei@xn--bcher-kva.example"),
    ],
)
def test_an_email_address_has_one_way_to_be_written(given, normalised):
    assert suppression.normalise("email", given) == normalised


@pytest.mark.parametrize(
    ("given", "normalised"),
    [
        ("+86 138 0013 8000", "+8613800138000"),
        ("１３８-００１３-８０００", "+8613800138000"),
        ("tel:13800138000", "+8613800138000"),
        ("+1 (202) 555-0123", "+12025550123"),
    ],
)
def test_a_phone_number_has_one_way_to_be_written(settings, given, normalised):
    settings.SMS_REGION = "CN"
    assert suppression.normalise("sms", given) == normalised


@pytest.mark.parametrize(
    ("channel", "address"),
    [
        ("email", ""),
        ("email", "nobody"),
        ("email", "a@b@example.com"),
        ("email", "me@example.com\r\nBcc: you@example.com"),
        ("email", "me\x00@example.com"),
        ("email", "\udc80@example.com"),
        ("email", "x" * 320 + "@example.com"),
        ("sms", "13800138000"),
        ("sms", "+1"),
        ("sms", "1-800-FLOWERS"),
        ("sms", "+8613800138000 ext 5"),
        ("sms", "+86\x0013800138000"),
    ],
)
def test_what_nothing_can_be_sent_to_is_refused_with_a_reason(channel, address):
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        suppression.normalise(channel, address)


def test_a_digest_knows_the_address_however_it_is_written_and_tells_channels_apart(settings):
    one = suppression.digest("email", "Mei@Example.com")
    assert one == suppression.digest("email", " mei@EXAMPLE.com")
    assert len(one) == 32
    assert one != suppression.digest("email", "mai@example.com")
    settings.DIGEST_KEY = b"another key of sixteen bytes"
    assert one != suppression.digest("email", "mei@example.com")


@pytest.mark.rule("R34")
@pytest.mark.parametrize(
    ("scope", "cause", "stopped"),
    [
        (Scope.SURVEYS, Cause.OPT_OUT, ASKING),
        (Scope.ALL, Cause.STOP, ASKING | TALKING | {Purpose.CLARIFICATION}),
        (Scope.ALL, Cause.HARD_BOUNCE, ASKING | TALKING),
        (Scope.ALL, Cause.COMPLAINT, ASKING | TALKING),
    ],
)
def test_each_purpose_is_stopped_by_what_the_design_says_and_by_nothing_else(db, scope, cause, stopped):
    digest = suppression.digest("email", "mei@example.com")
    suppression.suppress(digest, scope, cause)
    assert {purpose for purpose in Purpose if suppression.suppressed([digest], purpose)} == stopped


@pytest.mark.rule("R34")
def test_the_reason_tells_an_opt_out_from_a_block(db):
    digest = suppression.digest("email", "mei@example.com")
    suppression.suppress(digest, Scope.SURVEYS, Cause.OPT_OUT)
    assert suppression.suppressed([digest], Purpose.SURVEY) == {digest: SkipReason.OPTED_OUT}
    suppression.suppress(digest, Scope.ALL, Cause.HARD_BOUNCE)
    assert suppression.suppressed([digest], Purpose.SURVEY) == {digest: SkipReason.SUPPRESSED}


def test_suppressing_twice_is_suppressing_once(db):
    digest = suppression.digest("email", "mei@example.com")
    for _ in range(2):
        suppression.suppress(digest, Scope.ALL, Cause.STOP)
    assert Suppression.objects.count() == 1


def test_many_addresses_are_looked_up_by_one_query(db, django_assert_num_queries):
    digests = [suppression.digest("email", f"mei{n}@example.com") for n in range(50)]
    suppression.suppress(digests[7], Scope.ALL, Cause.STOP)
    pairs = [(digest, purpose) for digest in digests for purpose in (Purpose.SURVEY, Purpose.REPLY)]
    with django_assert_num_queries(1):
        found = suppression.suppressed_for(pairs)
    assert set(found) == {(digests[7], Purpose.SURVEY), (digests[7], Purpose.REPLY)}


@pytest.mark.rule("R34")
def test_a_suppression_outlives_the_customer_and_holds_no_address(db):
    customer = CustomerFactory(email="mei@example.com")
    suppression.suppress(bytes(customer.contacts.get().digest), Scope.ALL, Cause.COMPLAINT)
    customer.contacts.all().delete()
    customer.delete()
    again = CustomerFactory(email="Mei@example.com")
    assert suppression.suppressed([bytes(again.contacts.get().digest)], Purpose.REPLY)
    row = Suppression.objects.values().get()
    assert "mei" not in str(row)
