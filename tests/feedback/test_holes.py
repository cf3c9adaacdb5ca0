"""A text rendered once and filled in is the text rendered with the values."""

import pytest
from django.template import Context, Engine
from django.utils.html import escape
from hypothesis import given
from hypothesis import strategies as st

from feedback.holes import Holed, mark

TEMPLATE = Engine().from_string("<p title='{{ name }}'>{{ name }} and {{ other }}, {{ name }}</p>")


@given(name=st.text(), other=st.text())
def test_filling_in_is_rendering(name, other):
    holed = Holed(TEMPLATE.render(Context({"name": mark("name"), "other": mark("other")})))
    values = {"name": name, "other": other}
    assert holed.fill(values, escape) == TEMPLATE.render(Context(values))


def test_what_is_filled_in_is_not_filled_in_again():
    assert Holed(mark("a") + mark("b")).fill({"a": mark("b"), "b": "B"}) == mark("b") + "B"


def test_a_text_without_holes_stays_as_it_is():
    assert Holed("nothing %s {{ here }}").fill({}) == "nothing %s {{ here }}"


def test_a_missing_value_is_an_error():
    with pytest.raises(KeyError):
        Holed(mark("a")).fill({})
