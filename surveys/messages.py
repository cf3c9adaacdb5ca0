"""The words of the survey's email and SMS. The first question's choices are links that open the page with one made."""

from collections.abc import Iterator

from django.conf import settings
from django.utils import translation

from feedback import texts, wording
from feedback.models import Customer
from feedback.models.people import Channel
from surveys.models import SCALES
from surveys.published import PublishedQuestion, PublishedVersion


def survey_email(
    version: PublishedVersion, customer: Customer, about: str, language: str, *, reminder: bool = False
) -> wording.Rendered:
    """Return the email that asks the first question of ``version``.

    Args:
        about: what the service was about, in the customer's or the source's words: the case's subject, or empty.
        language: a code of ``settings.LANGUAGES``.
        reminder: whether this customer was already asked once about the same resolution.
    """
    return _compose(Channel.EMAIL, version, customer, about, language, reminder)


def survey_sms(
    version: PublishedVersion, customer: Customer, about: str, language: str, *, reminder: bool = False
) -> wording.Rendered:
    """Return the SMS that asks the first question of ``version``: one segment, if the question itself is short."""
    return _compose(Channel.SMS, version, customer, about, language, reminder)


def _compose(
    channel: str, version: PublishedVersion, customer: Customer, about: str, language: str, reminder: bool
) -> wording.Rendered:
    values = {"name": customer.name, "about": about.strip()}
    given = tuple(name for name, value in values.items() if value)
    key = ("message", channel, language, reminder, given, settings.BRAND_NAME)
    pattern = version.kept.get(key)
    if pattern is None:
        pattern = version.kept[key] = _pattern(channel, version, language, reminder, given)
    return pattern.fill(values)


def _pattern(
    channel: str, version: PublishedVersion, language: str, reminder: bool, given: tuple[str, ...]
) -> wording.Pattern:
    """The message with holes for those of name and subject that are given: all else is the same for everybody."""
    if not version.questions:
        raise ValueError(f"survey version {version.id} has no question to ask")
    first = version.first
    with translation.override(language):
        context = {
            "reminder": reminder,
            "title": texts.in_language(version.title),
            "question": texts.in_language(first.text),
            "is_scale": first.kind in SCALES,
            "low_label": texts.in_language(first.low_label),
            "high_label": texts.in_language(first.high_label),
            "choices": list(_choices(first)),
        }
    return wording.pattern("surveys/messages/survey", channel, language, context, holes=given)


def _choices(question: PublishedQuestion) -> Iterator[tuple[str, str]]:
    """Yield (value for ``?a=``, label) in the active language; nothing for a question that takes words."""
    for score in question.scores:
        yield str(score), str(score)
    for choice in question.choices:
        yield choice.key, texts.in_language(choice.text)
