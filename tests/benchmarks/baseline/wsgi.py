"""Product and baseline in the same processes: `gunicorn tests.benchmarks.baseline.wsgi`.

The product is its own application, untouched. What begins with /baseline/ goes to a second handler of Django's, which
has no middleware and addresses of its own. Database, settings and connections are the same.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.test.utils import override_settings

from feedback.wsgi import application as product


class Request(WSGIRequest):
    urlconf = "tests.benchmarks.baseline.urls"


class Baseline(WSGIHandler):
    request_class = Request


with override_settings(MIDDLEWARE=[]):  # read once, when a handler is made
    baseline = Baseline()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    one = baseline if environ["PATH_INFO"].startswith("/baseline/") else product
    return one(environ, start_response)
