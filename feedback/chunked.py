"""Bodies without an announced length (RFC 9112, section 7.1), which Django takes for empty ones.

Several clients of help desks send their JSON so: .NET's PostAsJsonAsync, Go's from a reader, Node's from a stream.
"""

from collections.abc import Iterable
from io import BytesIO
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


def announced(application: WSGIApplication, most: int) -> WSGIApplication:
    """Wrap ``application`` so that it meets every body with its length.

    Only a server that says ``wsgi.input_terminated`` ends such a body for us. No more than ``most`` + 1 bytes are
    read: what is larger is one too large for the application too, which answers 413.
    """

    def wrapped(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if _is_chunked(environ):
            body = environ["wsgi.input"].read(most + 1)
            environ["wsgi.input"], environ["CONTENT_LENGTH"] = BytesIO(body), str(len(body))
        return application(environ, start_response)

    return wrapped


def _is_chunked(environ: dict[str, Any]) -> bool:
    return bool(
        environ.get("wsgi.input_terminated")
        and not environ.get("CONTENT_LENGTH")
        and "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
    )
