"""``Idempotency-Key`` on a POST: repeating it repeats the answer, not the deed (R37).

The key is a committed row before the work begins, so that a repetition that comes meanwhile is told to wait instead of
being done beside it. The work is fenced by the time at which it took the key: who was thought dead and comes back after
another took the key over cannot overwrite the other's answer.
"""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, NotAuthenticated, ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from feedback import clock
from feedback.models import IdempotencyKey, User

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
TAKEN_OVER_AFTER = timedelta(seconds=60)
KEPT_FOR = timedelta(hours=48)
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


class InFlight(APIException):
    status_code = 409
    default_code = "in_flight"
    default_detail = _("The first request with this key is still being worked on. Try again in a moment.")


class OtherBody(APIException):
    status_code = 422
    default_code = "other_body"
    default_detail = _("This key was used for another request. A new request needs a new key.")


def once(view: APIView, request: Request, work: Callable[[], Response]) -> Response:
    """Answer a POST: by ``work``, or where the key was answered before, by the stored answer.

    Without the header the work is simply done. Answers that say that we failed (5xx) are not stored: the same key may
    try again.

    Raises:
        ValidationError: the key is not 1 to 255 printable ASCII characters.
        OtherBody: the key stands for another request of this user.
        InFlight: the first request with this key has no answer yet.
    """
    key = key_of(request)
    if key is None:
        return work()
    row, stored = _take(request, key)
    if stored is not None:
        return stored
    response = _settled(view, work)
    mine = IdempotencyKey.objects.filter(pk=row.pk, created_at=row.created_at, answered_at=None)
    if response.status_code >= 500:
        mine.delete()
    else:
        mine.update(answer=_plain(response.data), status=response.status_code, answered_at=clock.now())
    return response


def key_of(request: Request) -> str | None:
    """Return the request's key, if it has one.

    Raises:
        ValidationError: it is not 1 to 255 printable ASCII characters.
    """
    key = request.headers.get(HEADER)
    if key is not None and not _KEY.fullmatch(key):
        raise ValidationError({HEADER: _("Expected 1 to 255 printable ASCII characters without spaces.")})
    return key


def purge(now: datetime | None = None) -> int:
    """Forget the keys that are older than two days; returns how many."""
    deleted, _each = IdempotencyKey.objects.filter(created_at__lt=(now or clock.now()) - KEPT_FOR).delete()
    return deleted


def _take(request: Request, key: str) -> tuple[IdempotencyKey, Response | None]:
    """Take the key for this request, or find what was answered to it."""
    now = clock.now()
    fingerprint = _fingerprint(request)
    # Durable: were this inside a longer transaction, nobody else would see that the key is taken.
    with transaction.atomic(durable=True):
        row, made = IdempotencyKey.objects.get_or_create(
            user=_caller(request), key=key, defaults={"fingerprint": fingerprint, "created_at": now}
        )
    if made:
        return row, None
    if bytes(row.fingerprint) != fingerprint:
        raise OtherBody
    if row.answered_at is not None:
        return row, Response(row.answer, status=row.status, headers={REPLAYED: "true"})
    orphaned = IdempotencyKey.objects.filter(
        pk=row.pk, created_at=row.created_at, created_at__lt=now - TAKEN_OVER_AFTER, answered_at=None
    )
    if not orphaned.update(created_at=now):
        raise InFlight
    row.created_at = now
    return row, None


def _caller(request: Request) -> User:
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user


def _fingerprint(request: Request) -> bytes:
    http = request._request
    line = f"{http.method} {http.get_full_path()}\n".encode()
    return hashlib.sha256(line + http.body).digest()


def _settled(view: APIView, work: Callable[[], Response]) -> Response:
    """Do the work; what it raises becomes the answer that the client would get for it."""
    try:
        return work()
    except Exception as error:  # noqa: BLE001 - whatever it is, the key must not stay taken
        return view.handle_exception(error)


def _plain(data: Any) -> Any:
    return json.loads(JSONRenderer().render(data))
