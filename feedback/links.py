"""Personal links: derived, checked, revoked (R36).

A token is ``<key id>-<link id>-<mac>``, in letters and digits. The mac is an HMAC-SHA256 over purpose and link id, cut
to 128 bits in email and to 64 in SMS. Only the row of the link is stored; the key is not in the database, so that
nobody who reads the tables can open anybody's page.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, models
from django.db.models.functions import Greatest
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from feedback import bulk, clients, clock
from feedback.models import Contact, Customer, Link, MissWindow
from feedback.models.links import Purpose
from feedback.models.people import Channel

PATHS = {Purpose.SURVEY: "s", Purpose.PAGE: "f", Purpose.OPT_OUT: "o"}

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_VALUES = {digit: value for value, digit in enumerate(_DIGITS)}
_BYTES = {True: 16, False: 8}  # strong, short
_LENGTH = {True: 22, False: 11}  # the same in base 62
_TOKEN = re.compile(r"([0-9A-Za-z]{1,8})-([0-9A-Za-z]{1,11})-([0-9A-Za-z]{11}|[0-9A-Za-z]{22})")
_LARGEST_ID = 2**63 - 1

MISS_WINDOW = timedelta(minutes=10)


class UnknownLink(Exception):
    """No such link: forged, made up, of another purpose or revoked. Nobody outside can tell which."""


class ExpiredLink(Exception):
    """A genuine link whose time is over."""

    def __init__(self, link: Link) -> None:
        super().__init__(f"link {link.pk} has expired")
        self.link = link


class TooManyMisses(Exception):
    """This client has tried too many links that do not exist."""


# -- Making them


def lifetime(purpose: str) -> timedelta | None:
    """How long a link of this purpose lives after it was last sent or used; None: for ever."""
    if purpose == Purpose.SURVEY:
        return timedelta(days=settings.SURVEY_LINK_DAYS)
    if purpose == Purpose.PAGE:
        return timedelta(days=settings.PAGE_LINK_DAYS)
    return None


def issue(
    purpose: str,
    customer: Customer,
    *,
    contact: Contact | None = None,
    expires_at: datetime | None = None,
) -> Link:
    """Save and return a new link of one purpose.

    An address has one opt-out link, which is returned again.

    Without ``expires_at`` it does not expire before it was sent for the first time; see ``extend``.
    """
    if purpose == Purpose.OPT_OUT:
        if contact is None:
            raise ValueError("an opt-out link belongs to one address")
        return opt_outs([contact])[contact.pk]
    return Link.objects.create(purpose=purpose, customer=customer, contact=contact, expires_at=expires_at)


def opt_outs(contacts: Iterable[Contact]) -> dict[int, Link]:
    """Return the opt-out link of each contact by the contact's id, made where missing. Two queries at most."""
    by_id = {contact.pk: contact for contact in contacts}
    new = (Link(purpose=Purpose.OPT_OUT, customer_id=one.customer_id, contact=one) for one in by_id.values())
    found = {link.contact_id: link for link in bulk.insert(new, skip_known=True) if link.contact_id}
    if known := [pk for pk in by_id if pk not in found]:
        rows = Link.objects.filter(purpose=Purpose.OPT_OUT, contact__any_of=known)
        found |= {link.contact_id: link for link in rows if link.contact_id}
    return found


def extend(link_ids: Iterable[int], now: datetime) -> None:
    """Let these links live their whole lifetime from ``now``: a survey's counts from sending, a page's from its last
    event. Never shortens one; links that do not expire are left alone."""
    ends = {purpose: now + life for purpose in Purpose if (life := lifetime(purpose)) is not None}
    end = models.Case(*(models.When(purpose=purpose, then=models.Value(at)) for purpose, at in ends.items()))
    if ids := list(link_ids):
        if len(ids) > 1:
            # In one order, so that two who extend the same links never wait for each other in a ring.
            list(Link.objects.select_for_update().filter(pk__any_of=ids).order_by("pk").values_list("pk"))
        # greatest() passes over NULL: a link that was never sent begins its time here.
        Link.objects.filter(pk__any_of=ids, purpose__in=list(ends)).update(
            expires_at=Greatest("expires_at", end)
        )


def revoke(link_ids: Iterable[int]) -> None:
    """From now on these links are unknown."""
    Link.objects.filter(pk__any_of=list(link_ids), revoked_at=None).update(revoked_at=clock.now())


def token(link: Link, *, strong: bool) -> str:
    """Return the secret part of the address: 128 bits when strong (email), else 64 (SMS). Never store it."""
    key_id, key = next(iter(settings.LINK_KEYS.items()))
    return f"{key_id}-{_base62(link.pk)}-{_mac(key, link.purpose, link.pk, strong)}"


def url(link: Link, channel: str) -> str:
    """Return the whole address of a link, as it is put into a message for this channel. Never store it."""
    return (
        f"{settings.BASE_URL}/{PATHS[Purpose(link.purpose)]}/{token(link, strong=channel == Channel.EMAIL)}"
    )


def _mac(key: bytes, purpose: str, link_id: int, strong: bool) -> str:
    # The length is part of what is signed, so that a short token says nothing about the long one.
    said = f"{purpose}:{link_id}:{_BYTES[strong]}".encode()
    cut = hmac.digest(key, said, hashlib.sha256)[: _BYTES[strong]]
    return _base62(int.from_bytes(cut)).rjust(_LENGTH[strong], "0")


def _base62(number: int) -> str:
    digits = ""
    while number:
        number, value = divmod(number, 62)
        digits = _DIGITS[value] + digits
    return digits or "0"


def _number(digits: str) -> int:
    number = 0
    for digit in digits:
        number = number * 62 + _VALUES[digit]
    return number


# -- Checking them


def find(purpose: str, token: str) -> Link:
    """Return the link that a token of this purpose stands for.

    Whatever is wrong with the token, the work is the same: one HMAC, one query.

    Raises:
        UnknownLink: forged, unknown, of another purpose, or revoked.
        ExpiredLink: genuine, but its time is over.
    """
    return _alive(_genuine(purpose, token, b"")[0])


def opened(request: HttpRequest, purpose: str, token: str) -> Link:
    """Return the link that a request came by; what a view should call, for it also limits guessing.

    Its customer's language is at hand; what else is asked of the customer is read when asked.

    Raises:
        TooManyMisses: answer 429, whatever the token is.
        UnknownLink, ExpiredLink: as ``find``; the miss is already counted.
    """
    try:
        link, is_guessed = _genuine(purpose, token, _client(request))
    except UnknownLink:
        if count_miss(request) > settings.LINK_MISSES:
            raise TooManyMisses from None
        raise
    # Where no proxy says who asks, everybody is one client: one who guesses must not close all pages to all.
    if is_guessed and clients.address(request):
        raise TooManyMisses
    return _alive(link)


# The limit on guessing and the customer's language are looked up beside the link, so that what is right costs one
# query; by hand, because every page of every customer begins with it.
_COLUMNS = ("id", "purpose", "customer_id", "contact_id", "created_at", "expires_at", "revoked_at")
_READ = f"""
    SELECT {", ".join(f"l.{name}" for name in _COLUMNS)}, c.language, EXISTS (
        SELECT FROM feedback_misswindow w WHERE w.client = %s AND w.started_at > %s AND w.misses >= %s
    )
    FROM feedback_link l JOIN feedback_customer c ON c.id = l.customer_id WHERE l.id = %s AND l.purpose = %s
"""  # noqa: S608  # made of our own names


def _genuine(purpose: str, token: str, client: bytes) -> tuple[Link, bool]:
    """Return the link, and whether this client has used up its misses."""
    # In ASCII and short, before anything looks closer: the address bar takes whatever anybody types.
    match = _TOKEN.fullmatch(token)
    key_id, digits, mac = match.groups() if match else ("", "0", "0" * _LENGTH[True])
    link_id = min(_number(digits), _LARGEST_ID)
    current = next(iter(settings.LINK_KEYS.values()))
    is_right = hmac.compare_digest(
        _mac(settings.LINK_KEYS.get(key_id, current), purpose, link_id, len(mac) == _LENGTH[True]), mac
    )
    with connection.cursor() as cursor:
        cursor.execute(
            _READ, [client, clock.now() - MISS_WINDOW, settings.LINK_MISSES, link_id, str(purpose)]
        )
        row = cursor.fetchone()
    is_canonical = digits == _base62(link_id)  # one link has one address: no leading zeros
    if not (match and key_id in settings.LINK_KEYS and is_right and is_canonical) or row is None:
        raise UnknownLink
    *values, language, is_guessed = row
    link = Link.from_db(connection.alias, _COLUMNS, values)
    if link.revoked_at:
        raise UnknownLink
    link.customer = Customer.from_db(connection.alias, ("id", "language"), (link.customer_id, language))
    return link, is_guessed


def _alive(link: Link) -> Link:
    if link.expires_at and link.expires_at <= clock.now():
        raise ExpiredLink(link)
    return link


# -- Limiting guesses


def _client(request: HttpRequest) -> bytes:
    """The client as the limiter knows it: a keyed digest, for an address is personal data."""
    return salted_hmac("feedback.links.client", clients.network(request), algorithm="sha256").digest()


def too_many_misses(request: HttpRequest) -> bool:
    """Say whether this client has used up its misses (LINK_MISSES within ten minutes)."""
    window = MissWindow.objects.filter(client=_client(request), started_at__gt=clock.now() - MISS_WINDOW)
    return window.filter(misses__gte=settings.LINK_MISSES).exists()


def count_miss(request: HttpRequest) -> int:
    """Count one miss of this client, and return how many there are in its window. One atomic statement."""
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO feedback_misswindow AS w (client, started_at, misses) VALUES (%(client)s, %(now)s, 1)
            ON CONFLICT (client) DO UPDATE SET
                misses = CASE WHEN w.started_at > %(cut)s THEN w.misses + 1 ELSE 1 END,
                started_at = CASE WHEN w.started_at > %(cut)s THEN w.started_at ELSE %(now)s END
            RETURNING misses
            """,
            {"client": _client(request), "now": now, "cut": now - MISS_WINDOW},
        )
        return int(cursor.fetchone()[0])


def forget_misses() -> int:
    """Remove windows that are over; return how many."""
    return MissWindow.objects.filter(started_at__lte=clock.now() - MISS_WINDOW).delete()[0]
