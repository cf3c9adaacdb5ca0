"""What each simulated customer will say: fixed beforehand and the same every time, so that a demo can be repeated."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cache

from feedback.demo import cast, people, sample

# What is chosen as a reason where no comment tells one.
USUAL_REASONS = {
    "dining-room": ("too_slow", "had_to_repeat", "not_fixed"),
    "kitchen": ("product_fault", "not_fixed"),
    "counter": ("too_slow", "wrong_information"),
    "bookings": ("wrong_information", "not_fixed"),
    "billing": ("charge", "wrong_information"),
    "workshop": ("product_fault", "not_fixed", "too_slow"),
    "delivery": ("too_slow", "wrong_information"),
    "car-hire": ("too_slow", "had_to_repeat"),
    "customer-care": ("not_fixed", "other", "had_to_repeat"),
}
NEGATIVE, POSITIVE, PLAIN = "negative", "positive", "plain"


@dataclass(frozen=True)
class Fate:
    """One customer's part in the play. Scores are as in the default survey; delays are in seconds."""

    answers: bool
    mood: str
    outcome: str
    ease: int
    person: int
    reasons: tuple[str, ...]
    words: str
    only_first: bool
    changes_mind: bool
    delay: float
    # After a negative answer: writes back, asks for a call, or waits.
    next_step: str
    # Of a reply: `fixed`, `not_fixed` (the first time) or silence.
    verdict: str
    verdict_delay: float


@cache
def fates() -> dict[str, Fate]:
    """The fate of every caller of the log, by the log's name for them."""
    pools: dict[tuple[str, str, bool], list[sample.Comment]] = defaultdict(list)
    for comment in sample.comments():
        pools[comment.department, comment.language, comment.negative].append(comment)
    for key, pool in pools.items():
        people.chance("pool", *key).shuffle(pool)
    homes: dict[str, str] = {}
    for event in sample.incidents():
        team = cast.BY_GROUP.get(sample.first_resolved_in()[event.number], cast.ELSEWHERE)
        homes.setdefault(event.caller, team.slug)
    found = {}
    for caller, department in homes.items():
        customer = people.callers()[caller]
        # No comment is said twice: whoever comes when they are used up says nothing in words.
        found[caller] = _fate(caller, department, customer.language, pools)
    return found


def _fate(
    caller: str, department: str, language: str, pools: dict[tuple[str, str, bool], list[sample.Comment]]
) -> Fate:
    chance = people.chance("fate", caller)
    answers = chance.random() < 0.62
    mood = chance.choices((NEGATIVE, POSITIVE, PLAIN), weights=(50, 36, 14))[0]
    pool = pools.get((department, language, mood == NEGATIVE), [])
    comment = pool.pop() if pool and answers and mood != PLAIN else None
    reasons, about_person = (comment.reasons, comment.about_person) if comment else ((), False)
    outcome, ease = "yes", chance.randint(5, 7)
    person = chance.randint(4, 5)
    if mood == NEGATIVE:
        if not comment:
            reasons = (chance.choice(USUAL_REASONS[department]),)
            if chance.random() < 0.35 and "charge" not in reasons:
                reasons = (*reasons, "charge")  # a second thing, and another department's: two follow-ups
        outcome = chance.choices(("no", "partly"), weights=(55, 45))[0] if reasons else "partly"
        ease = chance.randint(1, 4)
        person = chance.randint(1, 2) if about_person else chance.randint(3, 5)
        if about_person and not reasons and chance.random() < 0.5:
            outcome, ease = "yes", chance.randint(4, 6)  # solved, but the person was rude
    elif mood == PLAIN:
        ease, person = chance.randint(4, 6), chance.randint(3, 5)
    return Fate(
        answers=answers,
        mood=mood,
        outcome=outcome,
        ease=ease,
        person=person,
        reasons=reasons,
        words=comment.text if comment else "",
        only_first=not comment and chance.random() < 0.4,
        changes_mind=chance.random() < 0.06,
        delay=chance.uniform(3, 20) if chance.random() < 0.35 else chance.uniform(15, 150),
        next_step=chance.choices(("wait", "write", "call"), weights=(84, 9, 7))[0],
        verdict=chance.choices(("fixed", "not_fixed", "silence"), weights=(62, 20, 18))[0],
        verdict_delay=chance.uniform(6, 50),
    )
