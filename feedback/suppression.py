"""Addresses that must not be written to (R34), known by a keyed digest, so that this outlives their erasure."""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable

import phonenumbers
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.encoding import punycode

from feedback.models import Suppression
from feedback.models.messages import ASKING, Purpose
from feedback.models.people import Channel
from feedback.reasons import SkipReason

Scope = Suppression.Scope
Cause = Suppression.Cause

LONGEST_ADDRESS = 320
# Digits and what people put between them. Letters (vanity numbers, extensions) cannot be written to by SMS.
_PHONE = re.compile(r"\+?[\d\s()./\-\u2010-\u2015]+")


def normalise(channel: str, address: str) -> str:
    """Return the one way to write ``address``, which is also what messages are sent to.

    Args:
        channel: ``email`` or ``sms``.
        address: an email address, or a phone number; one without ``+`` is read as a number of ``SMS_REGION``.

    Returns:
        An email address in lower case with its domain in ASCII (RFC 5891), or a number in E.164.

    Raises:
        ValueError: nothing can be sent to this address. The message says why.
    """
    text = unicodedata.normalize("NFKC", address).strip()
    if not text or len(text) > LONGEST_ADDRESS:
        raise ValueError(f"an address has 1 to {LONGEST_ADDRESS} characters")
    return _email(text) if channel == Channel.EMAIL else _phone(text)


def _email(text: str) -> str:
    # Lower case, not casefold: that would turn "ß" into "ss", which is another mailbox.
    text = text.lower()
    try:
        validate_email(text)
        local, _, domain = text.rpartition("@")
        return f"{local}@{punycode(domain)}"
    except (ValidationError, UnicodeError) as error:
        raise ValueError("this is not an email address") from error


def _phone(text: str) -> str:
    text = text.removeprefix("tel:")
    if not _PHONE.fullmatch(text):
        raise ValueError("this is not a phone number")
    try:
        number = phonenumbers.parse(text, settings.SMS_REGION or None)
    except phonenumbers.NumberParseException as error:
        hint = "" if text.startswith("+") else "; without a country code it needs SMS_REGION"
        raise ValueError(f"this is not a phone number{hint}") from error
    # Possible, not valid: a numbering plan newer than our copy of it must not cost anybody their survey.
    if not phonenumbers.is_possible_number(number):
        raise ValueError("this phone number is too short or too long")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def digest(channel: str, address: str) -> bytes:
    """Return the keyed digest (HMAC-SHA256, 32 bytes) of a normalised address; ValueError as ``normalise``."""
    return _digest(channel, normalise(channel, address))


def digest_of_anything(channel: str, address: str) -> bytes:
    """Return ``digest``, or for what is no address at all the digest of the words as they are."""
    try:
        return digest(channel, address)
    except ValueError:
        return _digest(channel, address)


def _digest(channel: str, text: str) -> bytes:
    return hmac.digest(
        settings.DIGEST_KEY, f"{channel}:{text}".encode("utf-8", "backslashreplace"), hashlib.sha256
    )


def suppress(digest: bytes, scope: str, cause: str) -> None:
    """Write no more to this address: only surveys, or everything. Doing it again changes nothing."""
    Suppression.objects.bulk_create(
        [Suppression(digest=digest, scope=scope, cause=cause)], ignore_conflicts=True
    )


def blocks(purpose: str, scope: str, cause: str) -> bool:
    """Say whether a suppression stops a message of this purpose: the table of R34."""
    if purpose in ASKING:
        return True
    if purpose == Purpose.CLARIFICATION:
        return cause == Cause.STOP
    if purpose == Purpose.NOTICE:
        return False
    return scope == Scope.ALL


def suppressed(digests: Iterable[bytes], purpose: str) -> dict[bytes, SkipReason]:
    """Return those of ``digests`` that a message of this purpose must not go to, and why. One query."""
    found = suppressed_for((digest, purpose) for digest in digests)
    return {digest: reason for (digest, _), reason in found.items()}


def suppressed_for(pairs: Iterable[tuple[bytes, str]]) -> dict[tuple[bytes, str], SkipReason]:
    """Return those of the (digest, purpose) pairs that must not be sent, and why. One query for all."""
    wanted: dict[bytes, set[str]] = {}
    for digest, purpose in pairs:
        wanted.setdefault(bytes(digest), set()).add(purpose)
    found: dict[tuple[bytes, str], SkipReason] = {}
    if not wanted:
        return found
    rows = Suppression.objects.filter(digest__any_of=list(wanted)).values_list("digest", "scope", "cause")
    for raw, scope, cause in rows:
        digest = bytes(raw)
        for purpose in wanted[digest]:
            if blocks(purpose, scope, cause):
                reason = SkipReason.OPTED_OUT if cause == Cause.OPT_OUT else SkipReason.SUPPRESSED
                # A block of everything is the stronger word where an address has both.
                if found.get((digest, purpose)) != SkipReason.SUPPRESSED:
                    found[digest, purpose] = reason
    return found
