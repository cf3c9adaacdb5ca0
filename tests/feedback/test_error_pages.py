"""What goes wrong before a page of ours is reached still ends in words for people, and under a link in its headers."""

import pytest
from django.test import Client, override_settings
from django.urls import path

from feedback.urls import urlpatterns as ours

pytestmark = pytest.mark.django_db


def broken(request, token):
    raise RuntimeError


urlpatterns = [path("f/<str:token>", broken), *ours]


def answered(address, status, **more):
    answer = Client(raise_request_exception=False).get(address, **more)
    assert answer.status_code == status
    text = answer.content.decode()
    assert '<meta name="viewport"' in text
    assert "<script" not in text
    return answer


@pytest.mark.parametrize("address", ["/nothing", "/favicon.ico", "/s/", "/f/some/thing"])
def test_nothing_there(address):
    assert "There is nothing here" in answered(address, 404).content.decode()


def test_in_the_readers_language():
    page = answered("/nothing", 404, headers={"Accept-Language": "zh-CN"})
    assert 'lang="zh-hans"' in page.content.decode()


@pytest.mark.rule("R36")
@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.parametrize(
    ("address", "status", "more"),
    [
        ("/s/1-a-b/", 404, {}),
        ("/o/", 404, {}),
        ("/f/1-a-b", 500, {}),
        ("/s/1-a-b", 400, {"headers": {"Host": "evil.example"}}),
    ],
)
def test_under_a_personal_link_every_answer_has_its_headers(address, status, more):
    headers = answered(address, status, **more).headers
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "noindex" in headers["X-Robots-Tag"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_the_bare_address_leads_to_the_desk(client):
    assert client.get("/")["Location"] == "/admin/"
