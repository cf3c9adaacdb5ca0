"""The content policy: nothing by default, a little more where the desk and the API's docs need it."""

from collections.abc import Callable

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.http import HttpRequest, HttpResponseBase

# Pages that a customer sees load nothing but our own style and pictures, and run no script at all.
STRICT = {
    "default-src": ["'none'"],
    "style-src": [SELF],
    "img-src": [SELF, "data:"],
    "font-src": [SELF],
    "form-action": [SELF],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
}

# The desk's theme runs Alpine, which evaluates expressions in attributes and sets styles from script.
DESK = {
    "script-src": [SELF, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
    "connect-src": [SELF],
}

# Swagger's page starts itself by an inline script and styles itself from script.
API_DOCS = {
    "script-src": [SELF, UNSAFE_INLINE],
    "style-src": [SELF, UNSAFE_INLINE],
    "connect-src": [SELF],
    "worker-src": [SELF, "blob:"],
}

RELAXED = {"/admin/": DESK, "/api/docs/": API_DOCS}


def relax(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware, to stand after django-csp's: loosens the strict policy under the paths of RELAXED only."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        for prefix, policy in RELAXED.items():
            if request.path_info.startswith(prefix) and not hasattr(response, "_csp_replace"):
                response._csp_replace = policy  # type: ignore[attr-defined]  # django-csp's own joint
        return response

    return middleware
