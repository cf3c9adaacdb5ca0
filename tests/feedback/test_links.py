import re
import string
import uuid
from contextlib import suppress

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedback import links
from feedback.links import ExpiredLink, UnknownLink
from feedback.models.links import Purpose
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer():
    return CustomerFactory(email="mei@example.com")


@pytest.fixture
def link(customer):
    return links.issue(Purpose.SURVEY, customer)


@pytest.mark.rule("R36")
@pytest.mark.parametrize("strong", [True, False])
def test_a_token_opens_its_link(link, strong):
    assert links.find(Purpose.SURVEY, links.token(link, strong=strong)) == link


@pytest.mark.rule("R36")
def test_email_gets_128_bits_and_sms_gets_64(link):
    strong, short = (links.token(link, strong=strong).rsplit("-", 1)[1] for strong in (True, False))
    assert 62 ** len(strong) >= 2**128
    assert 62 ** len(short) >= 2**64
    assert not strong.startswith(short)
    assert not strong.endswith(short)


def test_a_token_is_short_and_plain_and_no_uuid(link):
    token = links.token(link, strong=False)
    assert re.fullmatch(r"[0-9A-Za-z-]{14,24}", token)
    with pytest.raises(ValueError, match="badly formed"):
        uuid.UUID(token)


def test_the_address_says_what_the_link_is_for(settings, customer):
    settings.BASE_URL = "https://fb.example"
    contact = customer.contacts.get()
    starts = {Purpose.SURVEY: "/s/", Purpose.PAGE: "/f/", Purpose.OPT_OUT: "/o/"}
    for purpose, start in starts.items():
        url = links.url(links.issue(purpose, customer, contact=contact), "email")
        assert url.startswith(f"https://fb.example{start}")


@pytest.mark.rule("R36")
@pytest.mark.parametrize("strong", [True, False])
def test_a_token_changed_in_any_character_opens_nothing(link, strong):
    token = links.token(link, strong=strong)
    for place, character in enumerate(token):
        for other in {"0", "A", "z", "-", "é"} - {character}:
            with pytest.raises(UnknownLink):
                links.find(Purpose.SURVEY, token[:place] + other + token[place + 1 :])
        with pytest.raises(UnknownLink):
            links.find(Purpose.SURVEY, token[:place] + token[place + 1 :])
    for more in (token + "0", "0" + token, token + "\n", token + "/", token.replace("-", "-0", 1)):
        with pytest.raises(UnknownLink):
            links.find(Purpose.SURVEY, more)


@pytest.mark.rule("R36")
@pytest.mark.parametrize(
    "token",
    ["", "-", "--", "x", "t1-1-", "\x00", "\udc80", "٣-٣-٣", "t1-zzzzzzzzzzz-" + "z" * 22, "a" * 100_000],
)
def test_anything_at_all_may_be_typed(token):
    with pytest.raises(UnknownLink):
        links.find(Purpose.SURVEY, token)


@pytest.mark.rule("R36")
def test_a_link_opens_one_door_only(link):
    token = links.token(link, strong=True)
    for purpose in (Purpose.PAGE, Purpose.OPT_OUT):
        with pytest.raises(UnknownLink):
            links.find(purpose, token)


@pytest.mark.rule("R36")
def test_a_revoked_link_looks_like_one_that_never_was(link):
    token = links.token(link, strong=True)
    links.revoke([link.pk])
    with pytest.raises(UnknownLink):
        links.find(Purpose.SURVEY, token)


@pytest.mark.rule("R36")
def test_a_genuine_link_past_its_time_says_so(link, moved_clock):
    token = links.token(link, strong=True)
    links.extend([link.pk], moved_clock.now)
    moved_clock.advance(days=13, hours=23)
    assert links.find(Purpose.SURVEY, token) == link
    moved_clock.advance(hours=1)
    with pytest.raises(ExpiredLink) as caught:
        links.find(Purpose.SURVEY, token)
    assert caught.value.link == link
    links.revoke([link.pk])
    with pytest.raises(UnknownLink):
        links.find(Purpose.SURVEY, token)


@pytest.mark.rule("R36")
def test_a_page_lives_180_days_after_its_last_event_and_an_opt_out_for_ever(customer, moved_clock):
    page = links.issue(Purpose.PAGE, customer)
    out = links.issue(Purpose.OPT_OUT, customer, contact=customer.contacts.get())
    links.extend([page.pk, out.pk], moved_clock.now)
    moved_clock.advance(days=100)
    links.extend([page.pk, out.pk], moved_clock.now)
    moved_clock.advance(days=179)
    assert links.find(Purpose.PAGE, links.token(page, strong=False)) == page
    moved_clock.advance(days=1)
    with pytest.raises(ExpiredLink):
        links.find(Purpose.PAGE, links.token(page, strong=False))
    moved_clock.advance(days=10_000)
    assert links.find(Purpose.OPT_OUT, links.token(out, strong=False)) == out


def test_extending_never_shortens(customer, moved_clock):
    far = moved_clock.now.replace(year=moved_clock.now.year + 5)
    link = links.issue(Purpose.SURVEY, customer, expires_at=far)
    links.extend([link.pk], moved_clock.now)
    link.refresh_from_db()
    assert link.expires_at == far


@pytest.mark.rule("R36")
def test_a_new_key_derives_and_an_old_one_still_checks(settings, link):
    old = links.token(link, strong=True)
    first = next(iter(settings.LINK_KEYS.values()))
    name = next(iter(settings.LINK_KEYS))
    settings.LINK_KEYS = {"new": b"n" * 32, name: first}
    new = links.token(link, strong=True)
    assert new != old
    assert new.startswith("new-")
    assert links.find(Purpose.SURVEY, old) == links.find(Purpose.SURVEY, new) == link
    settings.LINK_KEYS = {"new": b"n" * 32}
    with pytest.raises(UnknownLink):
        links.find(Purpose.SURVEY, old)
    # ... and no key answers for another.
    with pytest.raises(UnknownLink):
        links.find(Purpose.SURVEY, new.replace("new-", f"{name}-"))


@pytest.mark.rule("R36")
def test_forged_unknown_foreign_and_revoked_links_cost_the_same(customer, link, monkeypatch):
    foreign = links.issue(Purpose.PAGE, customer)
    revoked = links.issue(Purpose.SURVEY, customer)
    links.revoke([revoked.pk])
    good = links.token(link, strong=True)
    gone = links.issue(Purpose.SURVEY, customer)
    unknown = links.token(gone, strong=True)
    gone.delete()
    tokens = {
        "genuine": good,
        "forged": good[:-1] + ("A" if good[-1] != "A" else "B"),
        "unknown": unknown,
        "foreign": links.token(foreign, strong=True),
        "revoked": links.token(revoked, strong=True),
        "another key": "x" + good[1:],
        "nonsense": string.printable,
    }
    macs: list[object] = []
    derive = links._mac

    def counted(*args):
        macs.append(args)
        return derive(*args)

    monkeypatch.setattr(links, "_mac", counted)
    costs = {}
    for kind, token in tokens.items():
        macs.clear()
        with CaptureQueriesContext(connection) as queries, suppress(UnknownLink):
            links.find(Purpose.SURVEY, token)
        costs[kind] = (len(macs), len(queries))
    assert set(costs.values()) == {(1, 1)}


def test_an_address_has_one_opt_out_link(customer):
    contact = customer.contacts.get()
    first = links.issue(Purpose.OPT_OUT, customer, contact=contact)
    assert links.issue(Purpose.OPT_OUT, customer, contact=contact) == first
    with pytest.raises(ValueError, match="one address"):
        links.issue(Purpose.OPT_OUT, customer)
