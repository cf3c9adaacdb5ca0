"""One poison row never blocks the others of a sweep."""

import pytest
from django.db import OperationalError

from feedback.sweeping import go_through

pytestmark = pytest.mark.django_db


def test_what_works_is_done_at_once():
    calls = []
    assert go_through({3, 1, 2}, calls.append) == 3
    assert calls == [[1, 2, 3]]


def test_a_poison_row_is_set_aside_and_the_others_are_done(caplog):
    done = []

    def work(ids):
        if 2 in ids:
            raise ValueError("poison")
        done.extend(ids)

    assert go_through([1, 2, 3], work) == 2
    assert done == [1, 3] and "failed on 2" in caplog.text


def test_a_database_in_trouble_is_no_rows_fault():
    def work(ids):
        raise OperationalError("gone")

    with pytest.raises(OperationalError):
        go_through([1, 2], work)
