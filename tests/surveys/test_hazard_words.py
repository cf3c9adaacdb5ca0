"""Words that name a danger are found behind what only looks like a denial (R11)."""

import pytest

from surveys.hazards import names_a_hazard

pytestmark = pytest.mark.rule("R11")


@pytest.mark.parametrize(
    "words",
    [
        "It is still not fixed and dangerous",
        "Nobody came, no answer and it caught fire",
        "We were not told it was unsafe",
        "是不是漏电啊，请来看看",
        "我怕它会不会爆炸",
        "有没有漏气？闻到味道了",
    ],
)
def test_a_danger_behind_another_denial_is_a_danger(words):
    assert names_a_hazard(words)


@pytest.mark.parametrize(
    "words", ["not dangerous", "never a fire hazard", "no electric shock", "没有漏电", "不会爆炸", "不太危险"]
)
def test_a_danger_denied_is_none(words):
    assert not names_a_hazard(words)
