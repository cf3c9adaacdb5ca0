"""Answering on the page: one tap and one press, everything else on page two, and a changed mind (R5, R7, R10)."""

import pytest

from feedback.models.links import Purpose
from surveys import published
from surveys.models import Answer, Response
from tests import factories
from tests.visitor import Visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked():
    return factories.invitation()


@pytest.fixture
def name(asked):
    """The form's name for a kind of question."""
    ids = {question.kind: question.id for question in published.version(asked.version_id).questions}
    return lambda kind: f"q{ids[kind]}"


def current(response):
    rows = response.answers.filter(superseded_at=None).select_related("question")
    return {row.question.kind: row.score or row.words or row.chosen for row in rows}


@pytest.mark.rule("R7")
def test_one_tap_in_the_message_opens_the_page_with_that_choice_made_and_records_nothing(asked, name):
    visitor = Visitor().open(f"{Visitor().open(asked.link).at}?a=partly")
    assert visitor.forms()[0].values[name("outcome")] == ["partly"]
    assert not Response.objects.exists()


@pytest.mark.rule("R7")
def test_looking_however_often_and_by_whatever_method_records_nothing_and_burns_nothing(asked):
    visitor = Visitor().open(asked.link)
    path = visitor.way[0][0]
    for method in (visitor.client.get, visitor.client.head, visitor.client.options):
        for query in ("", "?a=no", "?step=rest", "?step=reasons", "?step=done"):
            method(path.partition("8000")[2] + query)
    assert not Response.objects.exists()
    assert Visitor().open(asked.link).status == 200


@pytest.mark.rule("R7")
def test_a_script_that_posts_without_having_been_shown_the_form_records_nothing(asked, name):
    visitor = Visitor().open(asked.link)
    answer = visitor.client.post(visitor.forms()[0].action, {name("outcome"): "no"})
    assert answer.status_code == 403
    assert "press once more" in answer.content.decode()
    assert not Response.objects.exists()


@pytest.mark.rule("R7")
def test_what_a_form_without_its_token_held_is_still_chosen_and_one_more_press_records_it(asked, name):
    visitor = Visitor().open(asked.link)
    visitor.page = visitor.client.post(visitor.forms()[0].action, {name("outcome"): "no", "form": "1:forged"})
    visitor.press()
    assert current(Response.objects.get()) == {"outcome": ["no"]}


@pytest.mark.rule("R7")
def test_the_token_of_another_customers_form_does_not_do(asked, name):
    other = Visitor().open(factories.invitation().link).forms()[0].values["form"]
    visitor = Visitor().open(asked.link)
    visitor.client.post(visitor.forms()[0].action, {name("outcome"): "no", "form": other[0]})
    assert not Response.objects.exists()


@pytest.mark.rule("R5")
def test_the_first_press_records_the_first_answer_and_opens_its_point(asked, name):
    visitor = Visitor().open(asked.link).press(**{name("outcome"): "no"})
    response = Response.objects.get()
    assert current(response) == {"outcome": ["no"]}
    assert response.points.count() == 1
    assert [status for _, status in visitor.way] == [303, 200]


@pytest.mark.rule("R5")
def test_page_two_holds_everything_left_and_reasons_only_after_a_negative_first_answer(asked, name):
    negative = Visitor().open(asked.link).press(**{name("outcome"): "partly"}).forms()[0]
    assert all(negative.offers(name(kind)) for kind in ("ease", "reasons", "words", "person"))
    other = factories.invitation()
    positive = Visitor().open(other.link).press(**{name("outcome"): "yes"}).forms()[0]
    assert positive.offers(name("ease"))
    assert not positive.offers(name("reasons"))


@pytest.mark.rule("R5")
def test_one_press_saves_all_of_page_two(asked, name):
    visitor = Visitor().open(asked.link).press(**{name("outcome"): "no"})
    visitor.press(
        **{
            name("ease"): "2",
            name("reasons"): ["charge", "too_slow"],
            name("words"): "Just refund it.",
            name("person"): "5",
        }
    )
    assert current(Response.objects.get()) == {
        "outcome": ["no"],
        "ease": 2,
        "reasons": ["charge", "too_slow"],
        "words": "Just refund it.",
        "person": 5,
    }
    assert "What happens next" in visitor.text


@pytest.mark.rule("R5")
def test_the_first_answer_alone_is_a_valid_response(asked, name):
    visitor = Visitor().open(asked.link).press(**{name("outcome"): "yes"}).press()
    assert current(Response.objects.get()) == {"outcome": ["yes"]}
    assert "Thank you" in visitor.text


@pytest.mark.rule("R5")
def test_a_hard_way_to_a_solution_asks_the_reasons_once(asked, name):
    visitor = Visitor().open(asked.link).press(**{name("outcome"): "yes"}).press(**{name("ease"): "3"})
    form = visitor.forms()[0]
    assert form.offers(name("reasons"))
    assert not form.offers(name("ease"))
    visitor.press(**{name("reasons"): ["too_slow"]})
    assert current(Response.objects.get())["reasons"] == ["too_slow"]
    assert "What happens next" in visitor.text


@pytest.mark.rule("R5")
def test_an_unkind_person_does_not_make_the_service_negative(asked, name):
    visitor = Visitor().open(asked.link).press(**{name("outcome"): "yes"}).press(**{name("person"): "1"})
    assert not any(form.offers(name("reasons")) for form in visitor.forms())


@pytest.mark.rule("R10")
def test_a_double_tap_is_one_response(asked, name):
    visitor = Visitor().open(asked.link)
    twice = Visitor()
    twice.page = visitor.page
    visitor.press(**{name("outcome"): "no"})
    twice.press(**{name("outcome"): "no"})
    assert Response.objects.count() == 1
    assert Answer.objects.count() == 1
    assert twice.status == 200


@pytest.mark.rule("R10")
def test_a_changed_mind_updates_the_answer_and_keeps_the_earlier_one(asked, name):
    visitor = (
        Visitor().open(asked.link).press(**{name("outcome"): "no"}).press(**{name("words"): "Refund it."})
    )
    again = Visitor().open(asked.link)
    assert "Change your answers" in again.text
    again.open(f"{visitor.at.partition('?')[0]}?step=first")
    assert again.forms()[0].values[name("outcome")] == ["no"]
    again.press(**{name("outcome"): "yes"})
    response = Response.objects.get()
    assert current(response) == {"outcome": ["yes"], "words": "Refund it."}
    assert response.answers.filter(superseded_at__isnull=False, chosen=["no"]).count() == 1
    assert response.points.count() == 1, "a point stays when its answer improves"


@pytest.mark.rule("R10")
def test_another_tap_in_the_message_offers_to_change_the_answer(asked, name):
    Visitor().open(asked.link).press(**{name("outcome"): "yes"})
    visitor = Visitor().open(asked.link)
    visitor.open(f"{visitor.at}?a=no")
    assert "your answer changes" in visitor.text
    assert visitor.forms()[0].values[name("outcome")] == ["no"]


@pytest.mark.rule("R10")
def test_a_reason_can_be_taken_back_and_a_text_emptied(asked, name):
    visitor = Visitor().open(asked.link).press(**{name("outcome"): "no"})
    page_two = visitor.at
    visitor.press(**{name("reasons"): ["charge", "other"], name("words"): "Hm."})
    visitor.open(page_two)
    assert visitor.forms()[0].values[name("reasons")] == ["charge", "other"]
    visitor.press(**{name("reasons"): ["charge"], name("words"): ""})
    assert current(Response.objects.get())["reasons"] == ["charge"]
    assert not Response.objects.get().answers.filter(superseded_at=None).exclude(words="").exists()


@pytest.mark.rule("R10")
def test_who_has_answered_finds_the_way_to_their_page(asked, name):
    Visitor().open(asked.link).press(**{name("outcome"): "no"})
    page = Response.objects.get().link
    assert page.purpose == Purpose.PAGE
    text = Visitor().open(asked.link).text
    assert Visitor().open(page).at in text


def test_who_is_content_is_not_sent_to_a_page_with_nothing_on_it(asked, name):
    visitor = Visitor().open(asked.link).press(**{name("outcome"): "yes"}).press()
    assert "/f/" not in visitor.text
