"""Texts kept in several languages, as rows hold them: ``{"en": "Workshop", "zh-hans": "维修车间"}``."""

from collections.abc import Mapping

from django.conf import settings
from django.utils.translation import get_language

Texts = Mapping[str, str]


def in_language(texts: Texts, language: str | None = None) -> str:
    """Return the text in ``language`` (default: the active one), else the default language's, else any or ``""``."""
    wanted = (language or get_language() or settings.LANGUAGE_CODE).lower()
    for code in (wanted, wanted.split("-")[0], settings.LANGUAGE_CODE):
        if texts.get(code):
            return texts[code]
    return next((text for text in texts.values() if text), "")


def known_language(tag: str | None) -> str:
    """Return the supported code closest to a BCP 47 tag (``zh``, ``zh-CN`` → ``zh-hans``); unknown → the default."""
    codes = [code for code, _ in settings.LANGUAGES]
    wanted = (tag or "").replace("_", "-").lower()
    if wanted in codes:
        return wanted
    primary = wanted.split("-")[0]
    return next((code for code in codes if primary and code.split("-")[0] == primary), settings.LANGUAGE_CODE)
