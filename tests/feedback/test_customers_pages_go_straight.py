"""A personal link leads to its page past the desk's middleware, and is refused and protected as if it had not."""

import pytest
from django.test import Client

from feedback import links, pages
from surveys import views
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def address():
    return links.url(factories.invitation().link, "email").removeprefix("http://localhost:8000")


def test_it_says_its_length_and_sets_no_cookie(address):
    answer = Client().get(address)
    assert int(answer["Content-Length"]) == len(answer.content)
    assert not answer.cookies and "Vary" not in answer
    assert not hasattr(answer.wsgi_request, "session")


def test_the_desk_still_goes_the_whole_way(client):
    assert hasattr(client.get("/admin/login/").wsgi_request, "session")


@pytest.mark.rule("R36")
@pytest.mark.parametrize("host", ["evil.example", "localhost:8000@evil.example", "a b"])
def test_a_host_that_is_not_ours_is_refused(address, host):
    answer = Client().get(address, headers={"host": host})
    assert answer.status_code == 400
    assert pages.HEADERS.items() <= answer.headers.items()


def test_plain_http_is_led_to_https(address, settings):
    settings.SECURE_SSL_REDIRECT = True
    answer = Client().get(address)
    assert (answer.status_code, answer["Location"]) == (301, f"https://testserver{address}")
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/s/", "/s/a/b", "/s"])
def test_what_is_no_link_is_not_found_in_the_readers_language(path):
    answer = Client().get(path, headers={"accept-language": "zh-CN"})
    assert answer.status_code == 404
    assert "zh-hans" in answer.content.decode()


def test_a_fault_of_ours_is_a_page_of_ours(address, monkeypatch):
    monkeypatch.setattr(views, "_conversation", lambda visit: 1 / 0)
    answer = Client(raise_request_exception=False).get(address)
    assert answer.status_code == 500
    assert pages.HEADERS.items() <= answer.headers.items()
    assert b"Traceback" not in answer.content
