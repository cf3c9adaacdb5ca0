"""The database does not answer, or cannot write: nothing was kept, and the same again will do in a moment (503)."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views import defaults
from rest_framework import status
from rest_framework.exceptions import APIException

AWAY = (OperationalError, InterfaceError)
"""What psycopg raises for a server that is gone or restarting, a full disk, too many connections, a deadlock."""

RETRY_AFTER = 10


class TryAgain(APIException):
    """The API's answer: 503 with ``Retry-After``."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "unavailable"
    default_detail = _("The database does not answer. Nothing was kept: send the same again in a moment.")
    wait = RETRY_AFTER  # seconds; what becomes of it is DRF's convention


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler of what nobody caught: 503 where the database is away, else 500. One page for both."""
    response = defaults.server_error(request)
    if isinstance(sys.exc_info()[1], AWAY):
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
        response.headers["Retry-After"] = str(RETRY_AFTER)
    return response
