"""What is wrong with an answer is said in words, leads to its question, and loses nothing (R8)."""

import pytest

from surveys import published
from surveys.models import Response
from tests import factories
from tests.visitor import Visitor

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R8")]


@pytest.fixture
def asked():
    return factories.invitation()


@pytest.fixture
def name(asked):
    ids = {question.kind: question.id for question in published.version(asked.version_id).questions}
    return lambda kind: f"q{ids[kind]}"


def test_nothing_chosen(asked, name):
    visitor = Visitor().open(asked.link).press()
    assert visitor.status == 400
    assert 'role="alert"' in visitor.text
    assert f'<a href="#id_{name("outcome")}_0">Please choose an answer.</a>' in visitor.text
    assert f'id="id_{name("outcome")}_0"' in visitor.text


@pytest.mark.parametrize("value", ["maybe", "", "\x00", "yes\x00", "一" * 5000])
def test_a_choice_that_is_not_offered(asked, name, value):
    visitor = Visitor().open(asked.link).press(**{name("outcome"): value})
    assert visitor.status == 400
    assert not Response.objects.exists()


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("ease", "8"),
        ("ease", "0"),
        ("ease", "-1"),
        ("ease", "many"),
        ("ease", "٣"),
        ("person", "6"),
        ("reasons", ["charge", "invented"]),
        ("words", "x" * 5001),
        ("words", "a\x00b"),
    ],
)
def test_a_wrong_answer_on_page_two_keeps_the_others(asked, name, kind, value):
    visitor = Visitor().open(asked.link).press(**{name("outcome"): "no"})
    good = {name("ease"): "2", name("words"): "Refund it.", name("person"): "4"}
    visitor.press(**{**good, name(kind): value})
    assert visitor.status == 400
    kept = visitor.forms()[0].values
    assert all(kept[field] == [text] for field, text in good.items() if field != name(kind))
    assert f'href="#id_{name(kind)}' in visitor.text
    assert Response.objects.get().answers.count() == 1


def test_odd_parameters_are_no_error(asked):
    visitor = Visitor().open(asked.link)
    for query in ("a=%00", "a=%FF", "step=%00", "l=xx", "l=%00", "a=no&a=yes", "step=nowhere", "=", "%"):
        assert Visitor().open(f"{visitor.at}?{query}").status == 200


def test_what_is_typed_is_shown_as_text_never_as_markup(asked, name):
    visitor = Visitor().open(asked.link).press(**{name("outcome"): "no"})
    visitor.press(**{name("words"): "</textarea><script>alert(1)</script>", name("ease"): "9"})
    assert "<script" not in visitor.text
    assert visitor.forms()[0].values[name("words")] == ["</textarea><script>alert(1)</script>"]
