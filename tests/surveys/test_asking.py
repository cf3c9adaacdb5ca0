"""Each resolution gets one invitation: asked, or not and why (R1–R6, R42)."""

from datetime import timedelta

import pytest
import time_machine

from feedback import clock, outbox, pause, signals, suppression
from feedback.models import Message, Resolution
from feedback.reasons import SkipReason
from surveys import default_survey, invitations, sweep
from surveys.models import Exclusion, Invitation, Question, Survey, SurveyVersion
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(settings):
    settings.QUIET_HOURS = (20, 9)
    factories.fallback()
    default_survey.ensure()
    with time_machine.travel("2026-11-20 12:00Z", tick=False) as moved:
        yield moved


def decide(resolution: Resolution | None = None, **kwargs) -> Invitation:
    resolution = resolution or factories.ResolutionFactory(**kwargs)
    invitations.decide([resolution.pk])
    return Invitation.objects.get(resolution=resolution)


def reopen(invitation: Invitation) -> Invitation:
    Resolution.objects.filter(pk=invitation.resolution_id).update(reopened_at=clock.now())
    signals.ring(signals.case_changed, resolution_ids=[invitation.resolution_id])
    invitation.refresh_from_db()
    return invitation


@pytest.mark.rule("R1")
def test_a_survey_is_due_at_once(mailoutbox):
    asked = decide()
    assert asked.state == "asked" and asked.send_at == clock.now() and asked.message is not None
    outbox.send_due()
    assert len(mailoutbox) == 1 and "/s/" in mailoutbox[0].body


@pytest.mark.rule("R1")
def test_in_quiet_hours_it_waits_for_the_customers_morning(noon, mailoutbox):
    noon.move_to("2026-11-20 22:30Z")
    asked = decide(case__customer__time_zone="Asia/Shanghai")  # 06:30 there
    assert asked.send_at.isoformat() == "2026-11-21T01:00:00+00:00"
    outbox.send_due()
    assert not mailoutbox
    noon.move_to("2026-11-21 01:00Z")
    outbox.send_due()
    assert len(mailoutbox) == 1


@pytest.mark.rule("R1")
def test_what_could_not_leave_in_time_is_dropped_and_counted(noon, mailoutbox):
    asked = decide()
    noon.move_to("2026-11-23 12:00:01Z")
    outbox.send_due()
    asked.refresh_from_db()
    assert (asked.state, asked.reason) == ("skipped", SkipReason.TOO_LATE) and not mailoutbox


@pytest.mark.rule("R2")
def test_doorbell_and_sweep_ask_once():
    resolution = factories.ResolutionFactory()
    for _ in range(3):
        signals.ring(signals.case_changed, resolution_ids=[resolution.pk])
        sweep.run()
    assert Invitation.objects.count() == 1 and Message.objects.count() == 1


def test_the_sweep_makes_what_the_doorbell_missed():
    resolution = factories.ResolutionFactory()
    assert sweep.run() == 1
    assert Invitation.objects.get().resolution == resolution


@pytest.mark.rule("R2")
def test_reopening_before_sending_cancels(mailoutbox):
    asked = reopen(decide())
    assert (asked.state, asked.reason, asked.message.state) == ("skipped", "reopened", "cancelled")
    outbox.send_due()
    assert not mailoutbox


@pytest.mark.rule("R2")
def test_reopening_is_looked_for_again_at_send_time(mailoutbox):
    asked = decide()
    Resolution.objects.update(reopened_at=clock.now())  # and the doorbell was missed
    outbox.send_due()
    asked.refresh_from_db()
    assert asked.reason == "reopened" and not mailoutbox


def test_reopening_after_sending_changes_nothing(mailoutbox):
    asked = decide()
    outbox.send_due()
    assert reopen(asked).state == "asked"


@pytest.mark.rule("R3")
def test_a_person_is_asked_once_a_fortnight(noon):
    customer = factories.CustomerFactory()
    assert decide(case__customer=customer).state == "asked"
    assert decide(case__customer=customer).reason == SkipReason.SURVEYED_RECENTLY
    noon.shift(timedelta(days=14, seconds=1))
    assert decide(case__customer=customer).state == "asked"


@pytest.mark.rule("R3")
def test_an_address_shared_by_a_family_is_asked_once_a_fortnight():
    mother = factories.CustomerFactory(email="family@home.example")
    son = factories.CustomerFactory(email="Family@Home.Example")
    assert decide(case__customer=mother).state == "asked"
    assert decide(case__customer=son).reason == SkipReason.SURVEYED_RECENTLY


@pytest.mark.rule("R3")
def test_within_one_batch_the_cap_holds_too():
    customer = factories.CustomerFactory()
    ids = [factories.ResolutionFactory(case__customer=customer).pk for _ in range(3)]
    invitations.decide(ids)
    assert Invitation.objects.filter(state="asked").count() == 1


@pytest.mark.rule("R3")
def test_with_a_live_follow_up_no_message_leaves_and_the_page_offers_the_survey():
    response = factories.answer(outcome="no")
    skipped = decide(case__customer=response.customer)
    assert skipped.reason == SkipReason.OPEN_FOLLOW_UP
    assert skipped.link is not None and skipped.version is not None and skipped.message is None
    factories.answer(skipped, outcome="yes")
    skipped.refresh_from_db()
    assert (skipped.state, skipped.reason) == ("asked", "")


@pytest.mark.rule("R6")
def test_who_served_is_not_asked():
    user = factories.UserFactory(email="agent@office.example")
    identity = factories.IdentityFactory(user=user)
    customer = factories.CustomerFactory(email="Agent@Office.example")
    assert decide(case__customer=customer, served_by=identity).reason == SkipReason.STAFF


@pytest.mark.rule("R34")
def test_an_opt_out_ends_surveys():
    customer = factories.CustomerFactory()
    suppression.suppress(bytes(customer.contacts.get().digest), "surveys", "opt_out")
    assert decide(case__customer=customer).reason == SkipReason.OPTED_OUT


@pytest.mark.rule("R34")
def test_an_opt_out_after_the_decision_is_seen_when_claiming(mailoutbox):
    asked = decide()
    suppression.suppress(bytes(asked.customer.contacts.get().digest), "surveys", "opt_out")
    outbox.send_due()
    asked.refresh_from_db()
    assert asked.reason == SkipReason.OPTED_OUT and not mailoutbox


@pytest.mark.rule("R42")
def test_while_paused_new_invitations_are_skipped_and_queued_ones_wait(mailoutbox):
    queued = decide()
    pause.start(None, "import of history")
    assert decide().reason == SkipReason.PAUSED
    outbox.send_due()
    queued.refresh_from_db()
    assert queued.state == "asked" and not mailoutbox
    pause.end()
    outbox.send_due()
    assert len(mailoutbox) == 1


def test_a_phone_is_asked_by_sms_in_one_segment():
    customer = factories.CustomerFactory(email="", phone="+8613800138000", language="zh-CN")
    asked = decide(case__customer=customer)
    assert asked.message.channel == "sms" and asked.message.language == "zh-hans"
    assert len(outbox.rendered(asked.message).text) <= 70


def published(slug: str, **fields) -> Survey:
    survey = Survey.objects.create(slug=slug, **fields)
    version = SurveyVersion.objects.create(survey=survey, number=1)
    Question.objects.create(
        version=version, position=1, kind="ease", text={"en": "How easy?"}, lowest=1, highest=7
    )
    version.published_at = clock.now()
    version.save()
    return survey


def test_the_first_survey_by_priority_whose_fields_match_is_used():
    workshop = factories.DepartmentFactory()
    general = Survey.objects.get()
    Survey.objects.create(slug="draft", department=workshop, priority=1)  # never published, so never used
    first = published("kettles", department=workshop, product="kettle", priority=2)
    second = published("workshop", department=workshop, priority=3)
    assert decide(department=workshop, product="kettle").version.survey == first
    assert decide(department=workshop, product="toaster").version.survey == second
    assert decide(product="kettle").version.survey == general


def test_without_a_matching_survey_nobody_is_asked():
    Survey.objects.update(source="another")
    assert decide().reason == SkipReason.NO_SURVEY


def test_an_exclusion_is_a_row_with_a_why():
    Exclusion.objects.create(field="product", value="gift card", why="nothing to ask")
    assert decide(product="gift card").reason == SkipReason.EXCLUDED


def test_a_sample_of_none_samples_out():
    Survey.objects.update(sample_percent=0)
    assert decide().reason == SkipReason.SAMPLED_OUT


def test_no_address_is_a_reason():
    assert decide(case__customer=factories.CustomerFactory(email="")).reason == SkipReason.NO_CONTACT


def test_a_channel_that_is_off_is_a_reason(settings):
    settings.CHANNELS = {**settings.CHANNELS, "sms": ""}
    customer = factories.CustomerFactory(email="", phone="+8613800138001")
    assert decide(case__customer=customer).reason == SkipReason.CHANNEL_OFF


@pytest.mark.rule("R29")
def test_message_and_invitation_share_a_transaction(monkeypatch):
    def broken(drafts):
        raise RuntimeError("no message")

    monkeypatch.setattr(outbox, "enqueue_many", broken)
    resolution = factories.ResolutionFactory()
    with pytest.raises(RuntimeError):
        invitations.decide([resolution.pk])
    assert not Invitation.objects.exists() and not Message.objects.exists()


@pytest.mark.rule("R5")
def test_the_default_survey_is_short_and_complete():
    version = default_survey.ensure()
    questions = list(version.questions.all())
    assert [q.kind for q in questions] == ["outcome", "ease", "reasons", "words", "person"]
    assert {c.key for c in questions[2].choices.all()} == {
        "not_fixed", "too_slow", "had_to_repeat", "wrong_information", "charge", "product_fault", "unsafe", "other"
    }  # fmt: skip
    for row in [*questions, *questions[0].choices.all(), *questions[2].choices.all()]:
        assert row.text["en"] and row.text["zh-hans"]


@pytest.mark.rule("R5")
def test_a_published_version_never_changes():
    question = default_survey.ensure().questions.first()
    question.text = {"en": "Otherwise?"}
    with pytest.raises(Exception, match="never changes"):
        question.save()
