"""Pages and messages that are rendered once and filled in are those that would be rendered anew each time."""

import re

import pytest
from django.utils import translation

from feedback import links, wording
from surveys import default_survey, messages, published, views
from tests import factories
from tests.visitor import Visitor

pytestmark = pytest.mark.django_db

ABOUT = ["", "Kettle & lid <b>", "“水壶” 漏水", "%%link%% {{ x }} \ue0fe"]


def opened(asked, query: str) -> str:
    text = Visitor().open(links.url(asked.link, "email") + query).text
    return re.sub(r'(?<=name="form" value=")[^"]+', "", text)  # it holds the time


@pytest.mark.parametrize("about", ABOUT)
@pytest.mark.parametrize("query", ["", "?a=no", "?a=nonsense", "?l=zh-hans", "?l=en&a=partly&x=%22%3E"])
def test_the_first_page(monkeypatch, about, query):
    asked = factories.invitation(subject=about)
    published.version(asked.version_id).kept.clear()
    opened(
        factories.invitation(subject="Another one" if about else ""), query
    )  # kept from somebody else's visit
    kept = opened(asked, query)
    monkeypatch.setattr(
        views,
        "_ask_first",
        lambda visit, conversation, tapped: views._ask(
            visit, conversation, views.FIRST, views._form(conversation, views.FIRST, tapped=tapped)
        ),
    )
    assert kept == opened(asked, query)


def test_a_page_is_kept_once_for_all_its_visitors():
    asked = factories.invitation(subject="Kettle")
    kept = published.version(asked.version_id).kept
    opened(asked, "")
    many = len(kept)
    for n in range(20):
        opened(factories.invitation(subject=f"Subject {n}"), f"?utm={n}&a=made-up-{n}")
    assert len(kept) == many


@pytest.mark.parametrize("about", ABOUT)
@pytest.mark.parametrize("name", ["", "Ann <b>Lee</b> & Söhne", "李 “娜”", "%%opt_out%%"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("channel", ["email", "sms"])
@pytest.mark.parametrize("reminder", [False, True])
def test_the_survey_messages(channel, language, name, about, reminder):
    version = published.of(default_survey.ensure())
    write = messages.survey_email if channel == "email" else messages.survey_sms
    customer = factories.CustomerFactory(name=name)
    filled = write(version, customer, about, language, reminder=reminder)
    assert filled == direct(version, channel, language, name, about, reminder)


def direct(version, channel, language, name, about, reminder) -> wording.Rendered:
    """The words rendered with the values themselves."""
    with translation.override(language):
        first = version.first
        context = {
            "name": name,
            "about": about,
            "reminder": reminder,
            "title": version.title[language],
            "question": first.text[language],
            "is_scale": False,
            "low_label": "",
            "high_label": "",
            "choices": list(messages._choices(first)),
        }
    rendered = wording.compose("surveys/messages/survey", channel, language, context)
    # An HTML parser writes quotation marks in text as they are; Django's escaping writes them out. Both show the same.
    html = rendered.html
    for value in (name, about):
        marked = value.replace("%%", "% %") if "%%" in value else value
        html = html.replace(
            marked.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"), wording.escape(marked)
        ) if marked else html  # fmt: skip
    return wording.Rendered(rendered.subject, rendered.text, html)
