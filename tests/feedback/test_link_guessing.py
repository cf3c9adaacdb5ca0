import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from gunicorn.config import Config
from gunicorn.http import RequestParser, wsgi

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


def answers(*addresses: str, **meta) -> list[int]:
    return [
        Client(**{"REMOTE_ADDR": "10.0.0.1", **meta}).get(f"/s/{address}").status_code
        for address in addresses
    ]


@pytest.mark.rule("R36")
@pytest.mark.parametrize("proxies", [0, 1])
def test_a_client_that_makes_up_other_addresses_is_stopped_all_the_same(db, settings, proxies):
    """Whatever stands before what our own proxy appended was written by the client."""
    settings.LINK_MISSES, settings.TRUSTED_PROXIES = 3, proxies
    link = links.issue(Purpose.SURVEY, CustomerFactory())
    good = links.token(link, strong=True)
    appended = ", 198.51.100.1" if proxies else ""
    found = [
        answers("made-up", HTTP_X_FORWARDED_FOR=f"6.6.6.{n}, 2001:db8::{n}{appended}")[0] for n in range(5)
    ]
    assert found == [404, 404, 404, 429, 429]
    assert answers(good, HTTP_X_FORWARDED_FOR=f"7.7.7.7{appended}") == [429]


@pytest.mark.rule("R36")
def test_nobody_can_have_others_stopped_by_writing_their_address(db, settings):
    settings.LINK_MISSES, settings.TRUSTED_PROXIES = 2, 1
    good = links.token(links.issue(Purpose.SURVEY, CustomerFactory()), strong=True)
    assert answers(*["made-up"] * 3, HTTP_X_FORWARDED_FOR="203.0.113.7, 198.51.100.1") == [404, 404, 429]
    assert answers(good, HTTP_X_FORWARDED_FOR="203.0.113.7") != [429]
    assert answers(good, HTTP_X_FORWARDED_FOR="198.51.100.1, 203.0.113.7") != [429]
    assert answers(good, HTTP_X_FORWARDED_FOR="198.51.100.1") == [429]


@pytest.mark.rule("R36")
def test_a_network_of_ipv6_is_one_client_and_its_neighbour_another(db, settings):
    settings.LINK_MISSES, settings.TRUSTED_PROXIES = 2, 1
    good = links.token(links.issue(Purpose.SURVEY, CustomerFactory()), strong=True)
    for host in ("1", "3:4:5"):
        assert answers("made-up", HTTP_X_FORWARDED_FOR=f"2001:db8:1:2::{host}") == [404]
    assert answers(good, HTTP_X_FORWARDED_FOR="[2001:db8:1:2:ffff::1]:4711") == [429]
    assert answers(good, HTTP_X_FORWARDED_FOR="2001:db8:1:3::1") != [429]


@pytest.mark.rule("R36")
@pytest.mark.django_db(transaction=True)
def test_of_guesses_at_the_same_moment_exactly_as_many_are_answered_as_may_be(settings):
    settings.LINK_MISSES = 30
    good = links.token(links.issue(Purpose.SURVEY, CustomerFactory()), strong=True)

    def guess(number):
        try:
            return answers(f"1-{number}-abcdefghijk")[0]
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(guess, range(60)))
    assert (found.count(404), found.count(429)) == (30, 30)
    assert MissWindow.objects.get().misses == 60
    assert answers(good) == [429]
    assert answers(good, REMOTE_ADDR="10.0.0.2") != [429]


@pytest.mark.rule("R36")
@pytest.mark.parametrize(
    ("lines", "client"),
    [
        (["6.6.6.6", "198.51.100.1"], "198.51.100.1"),
        (["6.6.6.6, 7.7.7.7", "2001:db8::1"], "2001:db8::1"),
        (["198.51.100.1", "6.6.6.6, [2001:db8::1]:4711"], "2001:db8::1"),
        (["198.51.100.1", ""], "198.51.100.1"),
        (["198.51.100.1", ", ,"], "198.51.100.1"),
        (["198.51.100.1", "unknown"], ""),
        (["198.51.100.1", "127.0.0.1 6.6.6.6"], ""),
    ],
)
def test_the_last_hop_is_the_last_line_s_as_the_web_server_joins_them(settings, lines, client):
    settings.TRUSTED_PROXIES = 1
    assert clients.address(request(HTTP_X_FORWARDED_FOR=joined_by_gunicorn(lines))) == client


def joined_by_gunicorn(lines: list[str]) -> str:
    """What the web server makes of a header that comes in several lines."""
    sent = "".join(f"X-Forwarded-For: {line}\r\n" for line in lines)
    config = Config()
    raw = f"GET /s/x HTTP/1.1\r\nHost: localhost\r\n{sent}\r\n".encode()
    asked = next(RequestParser(config, iter([raw]), ("10.0.0.1", 4711)))
    here, there = socket.socketpair()
    with here, there:
        _answer, environ = wsgi.create(asked, here, ("10.0.0.1", 4711), ("10.0.0.2", 8000), config)
    return str(environ["HTTP_X_FORWARDED_FOR"])


@pytest.mark.rule("R36")
def test_clients_without_an_address_are_not_locked_out_by_one_of_them(db, settings):
    """Over a socket, with no proxy that says who asks, everybody looks the same."""
    settings.LINK_MISSES = 3
    link = links.issue(Purpose.SURVEY, CustomerFactory())
    for _ in range(3):
        with pytest.raises(UnknownLink):
            links.opened(request(REMOTE_ADDR=""), Purpose.SURVEY, "made-up-token")
    with pytest.raises(TooManyMisses):
        links.opened(request(REMOTE_ADDR=""), Purpose.SURVEY, "made-up-token")
    assert links.opened(request(REMOTE_ADDR=""), Purpose.SURVEY, links.token(link, strong=True)) == link
