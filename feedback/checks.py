"""System checks: set-ups that start and then disappoint. Each has a stable id, and a hint that says what to do."""

import re
from collections.abc import Sequence
from email.utils import parseaddr
from typing import Any

import phonenumbers
from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

from feedback import channels

STRONG_KEY = 32
NOT_SENDING = ("filebased", "console", "locmem", "dummy")


@register()
def keys(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for name, key in settings.LINK_KEYS.items():
        if not re.fullmatch(r"[0-9A-Za-z]{1,8}", name):
            hint = "Give it one to eight letters and digits: it is a part of every link."
            found.append(
                Error(f"LINK_KEYS: {name!r} cannot stand in a link.", hint=hint, id="answerback.E001")
            )
        if len(key) < STRONG_KEY:
            hint = f"Put a new key of {STRONG_KEY} bytes in front, and drop this one when its links have expired."
            found.append(
                checks.Warning(f"LINK_KEYS: key {name!r} is short.", hint=hint, id="answerback.W001")
            )
    return found


@register()
def senders(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for name, path in settings.CHANNELS.items():
        try:
            channels.channel(name)
        except ImproperlyConfigured as error:
            hint = "Correct the dotted path, or leave it empty: then the channel is off."
            found.append(Error(f"The channel {name!r}: {error}", hint=hint, id="answerback.E002"))
        if settings.PRODUCTION and ".development." in path:
            hint = "Set SMS_BACKEND to a provider's backend, or to nothing: then the channel is off."
            said = "SMS_BACKEND accepts every SMS and sends none."
            found.append(checks.Warning(said, hint=hint, id="answerback.W002"))
    if settings.SMS_REGION and settings.SMS_REGION not in phonenumbers.SUPPORTED_REGIONS:
        hint = "Two letters of ISO 3166, for example CN, DE or US; or nothing."
        said = f"SMS_REGION: {settings.SMS_REGION!r} is no region with phone numbers."
        found.append(Error(said, hint=hint, id="answerback.E003"))
    return found


@register()
def production(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if not settings.PRODUCTION:
        return []
    found: list[CheckMessage] = []
    host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    if not host or host == "localhost":
        hint = "Set DEFAULT_FROM_EMAIL to an address of a domain whose SPF and DKIM name your mail server."
        found.append(
            checks.Warning("There is no sender's address for email.", hint=hint, id="answerback.W003")
        )
    if not settings.BASE_URL.startswith("https://"):
        hint = "Set BASE_URL to the https address: personal links, and mail programs' opt-out (RFC 8058), need it."
        found.append(checks.Warning("BASE_URL is not https.", hint=hint, id="answerback.W004"))
    elif not settings.TRUSTED_PROXIES:
        hint = (
            "Set TRUSTED_PROXIES to the number of proxies in front, whoever ends HTTPS included: without it every"
            " request is sent on to https for ever, and one who guesses links stops them for everybody."
        )
        said = "BASE_URL is https and no proxy is trusted."
        found.append(checks.Warning(said, hint=hint, id="answerback.W006"))
    if any(name in settings.EMAIL_BACKEND for name in NOT_SENDING):
        hint = "Set EMAIL_URL to a mail server: smtp+tls://user:password@host:587"
        found.append(checks.Warning("Email is written down and not sent.", hint=hint, id="answerback.W005"))
    return found
