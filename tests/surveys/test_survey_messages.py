"""The survey's email and SMS: choices are links, words are short, nothing comes from elsewhere (R7, R33)."""

import re

import pytest

from feedback import outbox
from feedback.channels.sms import segments
from surveys import default_survey, messages, published
from surveys.models import Question, QuestionKind, Survey, SurveyVersion
from tests import factories

pytestmark = pytest.mark.django_db

LINK_OF_30 = "https://fb.example/s/1-2x-9sQ7w"


@pytest.fixture
def version():
    return published.of(default_survey.ensure())


@pytest.fixture
def customer():
    return factories.CustomerFactory(name="Ann <b>Lee</b>")


@pytest.mark.rule("R7")
def test_each_choice_is_a_link_that_opens_the_page_with_it_made(version, customer):
    email = messages.survey_email(version, customer, "Kettle & lid", "en")
    for words in (email.text, email.html):
        assert re.findall(rf"{outbox.LINK}\?a=(\w+)", words) == ["yes", "partly", "no"]
        assert outbox.OPT_OUT in words


def test_a_scale_is_a_row_of_links(customer):
    survey = Survey.objects.create(slug="scale")
    version = SurveyVersion.objects.create(survey=survey, number=1)
    Question.objects.create(
        version=version, position=1, kind=QuestionKind.EASE, text={"en": "How easy?"}, lowest=1, highest=7
    )
    email = messages.survey_email(published.of(version), customer, "", "en")
    assert re.findall(r"\?a=(\d)", email.html) == list("1234567")


def test_a_version_without_questions_is_refused(customer):
    version = SurveyVersion.objects.create(survey=Survey.objects.create(slug="empty"), number=1)
    with pytest.raises(ValueError, match="no question"):
        messages.survey_sms(published.of(version), customer, "", "en")


def test_html_is_escaped_and_text_is_not(version, customer):
    email = messages.survey_email(version, customer, "Kettle & lid", "en")
    assert "Ann <b>Lee</b>" in email.text
    assert "Kettle & lid" in email.text
    assert "Ann &lt;b&gt;Lee&lt;/b&gt;" in email.html
    assert "Kettle & lid" in email.subject


def test_the_subject_is_one_line_whatever_the_source_sends(version, customer):
    email = messages.survey_email(version, customer, "Kettle\r\nBcc: all@example.com", "en")
    assert "\n" not in email.subject
    assert "\r" not in email.subject


def test_html_needs_nothing_from_elsewhere_and_styles_are_inline(version, customer):
    html = messages.survey_email(version, customer, "Kettle", "en").html
    assert not re.search(r"<img|<script|src=|url\(|@import|<link", html)
    assert 'style="' in html
    assert "prefers-color-scheme:dark" in html.replace(" ", "")


def test_a_chinese_customer_is_asked_in_chinese(version, customer):
    email = messages.survey_email(version, customer, "水壶", "zh-hans")
    assert "问题解决了吗" in email.subject
    assert 'lang="zh-hans"' in email.html
    assert "您好" in email.text


@pytest.mark.rule("R33")
@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("reminder", [False, True])
def test_the_sms_is_one_segment(version, customer, language, reminder):
    sms = messages.survey_sms(version, customer, "Kettle", language, reminder=reminder)
    assert (sms.subject, sms.html) == ("", "")
    assert segments.count(sms.text.replace(outbox.LINK, LINK_OF_30)).segments == 1
