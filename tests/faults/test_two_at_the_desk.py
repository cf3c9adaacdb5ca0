"""Two at the same follow-up at once: owners who reply, hand over, leave; customers who judge beside a new reply.

Each pair meets for certain, in both orders: the second is seen waiting for the first in the database.
"""

from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError

from feedback import audit, outbox
from feedback.models import Membership, Message, User
from feedback.models.staff import Role
from followups import customer, moves, replies, services
from followups.models import FollowUp, Reply, Verdict
from followups.states import Event
from tests import factories
from tests.desk import Desk, do
from tests.faults.side_by_side import at_once, overlapping
from tests.followups.stories import SAID, fresh, opened, reply, verdicts
from tests.visitor import Visitor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]


@pytest.fixture
def follow_up() -> FollowUp:
    return opened()


@pytest.fixture
def colleague(follow_up: FollowUp) -> User:
    made: User = factories.UserFactory(first_name="Bo")
    Membership.objects.create(department=follow_up.department, user=made)
    return made


def sound() -> bool:
    return not [finding for finding in audit.run() if finding.violations]


def words_of(follow_up: FollowUp, words: str) -> dict[int, replies.Part]:
    return {point.pk: replies.Part(words, words, words) for point in follow_up.points.all()}


# -- two owners


@pytest.mark.parametrize("swapped", [False, True])
def test_of_two_owners_who_reply_at_once_the_second_is_told_and_writes_after_reading(
    follow_up, colleague, swapped
):
    both = [follow_up.assignee, colleague]
    first, second = both[::-1] if swapped else both
    met = overlapping(
        lambda: replies.reply(follow_up.pk, first, words_of(follow_up, "First."), seen=0),
        lambda: replies.reply(follow_up.pk, second, words_of(follow_up, "Second."), seen=0),
    )
    assert met.waited and isinstance(met.second, moves.Stale)
    written = follow_up.replies.get()
    assert (written.author, written.parts.get().found) == (first, "First.")
    assert Message.objects.filter(purpose="reply").count() == 1
    # Having read it, the second sends theirs after all: two replies, told by the newest.
    later = replies.reply(follow_up.pk, second, words_of(follow_up, "Second."), seen=written.pk)
    outbox.send_due()
    assert list(follow_up.journal.filter(kind=Event.TOLD).values_list("data__reply", flat=True)) == [later.pk]
    assert sound()


def test_whoever_comes_second_at_the_desk_keeps_their_text(follow_up, colleague):
    desks = [Desk(follow_up.assignee), Desk(colleague)]
    point = follow_up.points.get()

    def send(desk: Desk, words: str) -> Any:
        said = {f"point-{point.pk}-{name}": words for name in ("found", "did", "changes")}
        fields = {f"reply-{name}": value for name, value in {**said, "seen": "0"}.items()}
        return desk.post(do(follow_up, "reply"), {**said, "seen": "0", **fields})

    answers = at_once([lambda: send(desks[0], "Mine is good."), lambda: send(desks[1], "Mine is better.")])
    assert sorted(answer.status_code for answer in answers) in ([302, 409], [302, 422], [302, 400])
    lost = next(answer for answer in answers if answer.status_code != 302).content.decode()
    sent = follow_up.replies.get().parts.get().found
    other = {"Mine is good.": "Mine is better.", "Mine is better.": "Mine is good."}[sent]
    assert lost.count(other) >= 3 and "Somebody replied meanwhile" in lost
    assert sound()


# -- "not fixed" on a page that is older than the newest reply


@pytest.fixture
def judged(follow_up: FollowUp) -> tuple[FollowUp, Reply]:
    """Told once and not fixed: the page with the first reply still stands open somewhere."""
    first = reply(follow_up)
    outbox.send_due()
    customer.say(follow_up.response, verdicts(first, "not_fixed"))
    return fresh(follow_up), first


@pytest.mark.rule("R24")
@pytest.mark.parametrize("word", ["fixed", "not_fixed"])
def test_a_word_on_an_older_page_while_the_new_reply_is_posted_is_told_apart(judged, word):
    follow_up, first = judged
    met = overlapping(
        lambda: reply(follow_up), lambda: customer.say(follow_up.response, verdicts(first, word), "No!")
    )
    assert met.waited and isinstance(met.second, moves.Stale)
    assert not Verdict.objects.filter(part__reply=met.first).exists()
    assert Verdict.objects.count() == 1 and fresh(follow_up).status == "working"
    outbox.send_due()
    assert fresh(follow_up).status == "told"
    with pytest.raises(moves.Stale):  # and afterwards just the same
        customer.say(follow_up.response, verdicts(first, word))
    assert fresh(follow_up).status == "told" and sound()
    customer.say(follow_up.response, verdicts(met.first, word))
    assert Verdict.objects.get(part__reply=met.first).word == word and sound()


@pytest.mark.rule("R24")
@pytest.mark.parametrize("word", ["fixed", "not_fixed"])
def test_a_word_that_comes_just_before_the_new_reply_counts_for_the_reply_that_was_read(judged, word):
    follow_up, first = judged
    met = overlapping(
        lambda: customer.say(follow_up.response, verdicts(first, word)), lambda: reply_or_error(follow_up)
    )
    assert met.waited and met.first is None
    last = Verdict.objects.order_by("pk").last()
    assert (last.part.reply_id, last.word) == (first.pk, word)
    if word == "fixed":  # the customer was faster: nothing is owed any more
        assert isinstance(met.second, ValidationError) and fresh(follow_up).status == "confirmed"
    else:
        assert isinstance(met.second, Reply) and not met.second.parts.get().verdicts.exists()
    assert sound()


def reply_or_error(follow_up: FollowUp) -> Reply:
    parts = dict.fromkeys(follow_up.points.values_list("pk", flat=True), SAID)
    return replies.reply(follow_up.pk, follow_up.assignee, parts)


@pytest.mark.rule("R24")
def test_a_press_on_a_stale_page_says_so_and_keeps_what_was_typed(follow_up):
    first = reply(follow_up)
    outbox.send_due()
    visitor = Visitor().open(follow_up.response.link)
    customer.say(follow_up.response, verdicts(first, "not_fixed"))  # on another telephone
    newer = reply(follow_up)
    outbox.send_due()
    name = f"point-{follow_up.points.get().pk}"
    visitor.press("verdict", **{name: "not_fixed", "missing": "It leaks again."})
    assert visitor.status == 409 and "It leaks again." in visitor.text
    assert not Verdict.objects.filter(part__reply=newer).exists()
    assert fresh(follow_up).status == "told" and sound()


# -- handing over


@pytest.fixture
def elsewhere(follow_up: FollowUp) -> Any:
    return factories.DepartmentFactory()


def transfer(follow_up: FollowUp, elsewhere: Any) -> FollowUp:
    points = list(follow_up.points.values_list("pk", flat=True))
    return services.transfer(follow_up.pk, follow_up.assignee, elsewhere, points)


def test_a_reply_after_a_handover_is_refused_by_name(follow_up, elsewhere):
    met = overlapping(lambda: transfer(follow_up, elsewhere), lambda: reply_or_error(follow_up))
    assert met.waited and isinstance(met.second, ValidationError | ObjectDoesNotExist)
    assert not Reply.objects.exists() and fresh(met.first).status == "open"
    assert fresh(follow_up).withdrawn_reason == "merged" and sound()


def test_a_handover_after_a_reply_takes_the_points_along(follow_up, elsewhere):
    met = overlapping(lambda: reply_or_error(follow_up), lambda: transfer(follow_up, elsewhere))
    assert met.waited and isinstance(met.first, Reply) and isinstance(met.second, FollowUp)
    outbox.send_due()
    # What was said stands in the journal; the points are owed by those who have them now.
    target = fresh(met.second)
    assert target.status == "open" and target.points.get().status == "open"
    with pytest.raises(moves.Stale):
        customer.say(follow_up.response, verdicts(met.first, "fixed"))
    assert sound()


def test_two_who_hand_over_the_same_point_do_it_once(follow_up, colleague, elsewhere):
    third = factories.DepartmentFactory()
    points = list(follow_up.points.values_list("pk", flat=True))
    met = overlapping(
        lambda: transfer(follow_up, elsewhere),
        lambda: services.transfer(follow_up.pk, colleague, third, points),
    )
    assert met.waited and isinstance(met.second, ValidationError | ObjectDoesNotExist)
    assert follow_up.response.points.get().follow_up.department == elsewhere and sound()


# -- somebody leaves while they are given something


@pytest.mark.rule("R12")
def test_whoever_is_just_leaving_is_given_nothing(follow_up, colleague):
    manager = factories.UserFactory(roles=[Role.MANAGER])
    met = overlapping(lambda: leave(colleague), lambda: services.assign(follow_up.pk, manager, colleague))
    assert not isinstance(met.first, Exception)
    assert fresh(follow_up).assignee.is_active, met
    assert sound()


@pytest.mark.rule("R12")
def test_whoever_was_just_given_something_hands_it_over_when_they_leave(follow_up, colleague):
    manager = factories.UserFactory(roles=[Role.MANAGER])
    met = overlapping(lambda: services.assign(follow_up.pk, manager, colleague), lambda: leave(colleague))
    assert not isinstance(met.first, Exception) and not isinstance(met.second, Exception)
    assert fresh(follow_up).assignee.is_active, met
    assert sound()


@pytest.mark.rule("R12")
def test_whoever_is_just_leaving_takes_nothing(follow_up, colleague):
    met = overlapping(lambda: leave(colleague), lambda: services.take(follow_up.pk, colleague))
    assert met.waited and isinstance(met.second, PermissionDenied)
    assert fresh(follow_up).assignee == follow_up.assignee and sound()


@pytest.mark.rule("R12")
def test_whoever_has_just_taken_something_hands_it_over_when_they_leave(follow_up, colleague):
    met = overlapping(lambda: services.take(follow_up.pk, colleague), lambda: leave(colleague))
    assert met.waited and met.first is None and met.second is None
    assert fresh(follow_up).assignee == follow_up.assignee
    assert follow_up.journal.filter(kind=Event.TAKEN, staff=colleague).exists() and sound()


def leave(person: User) -> None:
    row = User.objects.get(pk=person.pk)
    row.is_active = False
    row.save()
