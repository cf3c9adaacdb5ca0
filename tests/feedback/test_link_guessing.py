from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import RequestFactory

from feedback import clients, links
from feedback.links import TooManyMisses, UnknownLink
from feedback.models import MissWindow
from feedback.models.links import Purpose
from tests.factories import CustomerFactory


def request(**meta):
    return RequestFactory().get("/s/x", **{"REMOTE_ADDR": "203.0.113.9", **meta})


@pytest.mark.rule("R36")
def test_a_client_that_guesses_is_stopped_for_good_links_too(db, settings):
    settings.LINK_MISSES = 3
    link = links.issue(Purpose.SURVEY, CustomerFactory())
    token = links.token(link, strong=True)
    for _ in range(3):
        assert links.opened(request(), Purpose.SURVEY, token) == link
        with pytest.raises(UnknownLink):
            links.opened(request(), Purpose.SURVEY, "made-up-token")
    with pytest.raises(TooManyMisses):
        links.opened(request(), Purpose.SURVEY, token)
    with pytest.raises(TooManyMisses):
        links.opened(request(), Purpose.SURVEY, "made-up-token")
    # ... and nobody else is.
    assert links.opened(request(REMOTE_ADDR="203.0.113.10"), Purpose.SURVEY, token) == link


@pytest.mark.rule("R36")
def test_after_ten_minutes_a_client_may_try_again(db, settings, moved_clock):
    settings.LINK_MISSES = 2
    for _ in range(2):
        links.count_miss(request())
    moved_clock.advance(minutes=9, seconds=59)
    assert links.too_many_misses(request())
    moved_clock.advance(seconds=1)
    assert not links.too_many_misses(request())
    assert links.count_miss(request()) == 1


def test_a_good_link_costs_one_query(db, django_assert_num_queries):
    link = links.issue(Purpose.SURVEY, CustomerFactory())
    with django_assert_num_queries(1):
        links.opened(request(), Purpose.SURVEY, links.token(link, strong=True))


def test_an_expired_link_is_no_guess(db, moved_clock):
    link = links.issue(Purpose.SURVEY, CustomerFactory(), expires_at=moved_clock.now)
    with pytest.raises(links.ExpiredLink):
        links.opened(request(), Purpose.SURVEY, links.token(link, strong=True))
    assert not MissWindow.objects.exists()


@pytest.mark.rule("R36")
@pytest.mark.django_db(transaction=True)
def test_misses_are_counted_exactly_under_concurrency():
    def miss(_):
        try:
            return links.count_miss(request())
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(miss, range(80)))
    assert sorted(counts) == list(range(1, 81))


def test_windows_that_are_over_are_removed(db, moved_clock):
    links.count_miss(request())
    moved_clock.advance(minutes=5)
    links.count_miss(request(REMOTE_ADDR="203.0.113.10"))
    moved_clock.advance(minutes=5)
    assert links.forget_misses() == 1
    assert MissWindow.objects.count() == 1


def test_no_address_of_a_client_is_stored(db):
    links.count_miss(request())
    assert b"203.0.113" not in bytes(MissWindow.objects.get().client)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "remote", "client"),
    [
        (0, "198.51.100.1", "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.1", "10.0.0.1", "198.51.100.1"),
        (1, "6.6.6.6, 198.51.100.1", "10.0.0.1", "198.51.100.1"),
        (2, "6.6.6.6, 198.51.100.1, 10.0.0.2", "10.0.0.1", "198.51.100.1"),
        (2, "198.51.100.1", "10.0.0.1", "198.51.100.1"),
        (1, "", "10.0.0.1", "10.0.0.1"),
        (1, "198.51.100.1:4711", "", "198.51.100.1"),
        (1, "[2001:db8:1:2:3::4]:4711", "", "2001:db8:1:2:3::4"),
        (1, "rubbish", "10.0.0.1", ""),
        (0, "", "", ""),
    ],
)
def test_only_trusted_proxies_say_who_asks(settings, proxies, forwarded, remote, client):
    settings.TRUSTED_PROXIES = proxies
    assert clients.address(request(HTTP_X_FORWARDED_FOR=forwarded, REMOTE_ADDR=remote)) == client


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("", ""),
    ],
)
def test_an_ipv6_client_is_its_whole_network(address, network):
    assert clients.network(request(REMOTE_ADDR=address)) == network
