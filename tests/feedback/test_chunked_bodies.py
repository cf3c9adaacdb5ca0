"""A body that comes in chunks, without its length, is a body: not an empty one (R42)."""

from io import BytesIO

import pytest

from feedback.chunked import announced

pytestmark = pytest.mark.rule("R42")


def met(body: bytes, **environ) -> bytes:
    seen = []

    def application(environ, start_response):
        seen.append(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
        return []

    given = {"wsgi.input": BytesIO(body), "HTTP_TRANSFER_ENCODING": "chunked", **environ}
    announced(application, 10)(given, lambda *_: None)
    return seen[0]


def test_it_is_read():
    assert met(b"abc", **{"wsgi.input_terminated": True}) == b"abc"


def test_no_more_is_read_than_shows_that_it_is_too_large():
    assert met(b"a" * 1000, **{"wsgi.input_terminated": True}) == b"a" * 11


def test_a_server_that_does_not_end_the_body_for_us_is_not_waited_for():
    assert met(b"abc") == b""


@pytest.mark.parametrize("length", ["2", "0"])
def test_an_announced_length_stands(length):
    assert met(b"abc", CONTENT_LENGTH=length, **{"wsgi.input_terminated": True}) == b"abc"[: int(length)]
