"""Lets /demo/ show a customer's pages inside its phone. Only the demo does that: elsewhere nothing may frame them."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

FRAMED = ("/s/", "/f/", "/o/", "/demo/")
CSP = "Content-Security-Policy"


def allow(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware, outermost, in MIDDLEWARE only with DEMO: our own pages may frame the customer's."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if request.path_info.startswith(FRAMED):
            response.headers["X-Frame-Options"] = "SAMEORIGIN"
            policy = response.headers.get(CSP, "")
            response.headers[CSP] = policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
        return response

    return middleware
