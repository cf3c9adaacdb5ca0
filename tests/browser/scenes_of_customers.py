"""Every state in which a customer can find one of their pages, in either language: how it comes about, where it is."""

from datetime import timedelta

from playwright.sync_api import Page

from feedback import links
from feedback.models import Link
from feedback.models.links import Purpose
from feedback.reasons import SkipReason
from followups import customer, silence
from followups.models import FollowUp
from surveys.models import Invitation
from tests.browser.scene import scene
from tests.browser.world import WORDS, World

PROMISED = {
    "en": ("A technician comes with a new hose.", "an hour before he is with you"),
    "zh-hans": ("师傅带新水管上门。", "师傅上门前一小时"),
}
WROTE = {
    "en": ("Is the tap above the machine open?", "Yes, it is. The water comes from below."),
    "zh-hans": ("机器上方的水龙头开着吗？", "开着的。水是从下面流出来的。"),
}
MISSING = {"en": "It leaked again this morning.", "zh-hans": "今天早上又漏了。"}
SECOND = {"en": "Kettle switches itself off", "zh-hans": "电水壶自动断电"}


# -- The survey


@scene("survey-first")
def survey_first(world: World, language: str) -> str:
    return world.survey(world.asked(language))


@scene("survey-tapped")
def survey_tapped(world: World, language: str) -> str:
    return f"{world.survey(world.asked(language))}?a=no"


def _press_send(page: Page) -> None:
    page.locator("main form button").first.click()


@scene("survey-nothing-chosen", act=_press_send, status=400)
def survey_nothing_chosen(world: World, language: str) -> str:
    return survey_first(world, language)


def _with_an_old_form(page: Page) -> None:
    page.locator("main form").first.evaluate("form => form.elements.form.value = 'of yesterday'")
    page.locator("main form input[type=radio]").first.check()
    _press_send(page)


@scene("survey-open-for-long", act=_with_an_old_form, status=403)
def survey_open_for_long(world: World, language: str) -> str:
    return survey_first(world, language)


def _answered(world: World, language: str, step: str, **said: object) -> str:
    asked = world.asked(language)
    world.answers(asked, **said)
    return f"{world.survey(asked)}?step={step}"


@scene("survey-rest-after-no")
def survey_rest_after_no(world: World, language: str) -> str:
    return _answered(world, language, "rest", outcome="no")


@scene("survey-rest-after-yes")
def survey_rest_after_yes(world: World, language: str) -> str:
    return _answered(world, language, "rest", outcome="yes")


@scene("survey-reasons")
def survey_reasons(world: World, language: str) -> str:
    return _answered(world, language, "reasons", outcome="yes", ease=2)


@scene("survey-changed-mind")
def survey_changed_mind(world: World, language: str) -> str:
    return _answered(world, language, "first", outcome="no")


def _write_a_novel(page: Page) -> None:
    page.locator("main textarea").evaluate("area => area.removeAttribute('maxlength')")
    page.locator("main textarea").fill("It still leaks. " * 500)
    _press_send(page)


@scene("survey-too-many-words", act=_write_a_novel, status=400)
def survey_too_many_words(world: World, language: str) -> str:
    return survey_rest_after_no(world, language)


@scene("thanks-after-no")
def thanks_after_no(world: World, language: str) -> str:
    return _answered(world, language, "done", outcome="no")


@scene("thanks-after-yes")
def thanks_after_yes(world: World, language: str) -> str:
    return _answered(world, language, "done", outcome="yes")


@scene("thanks-once-more")
def thanks_once_more(world: World, language: str) -> str:
    return _answered(world, language, "", outcome="yes")


# -- Links that open nothing


@scene("expired", status=410)
def expired(world: World, language: str) -> str:
    asked = world.asked(language)
    Link.objects.filter(invitation=asked).update(expires_at=world.now - timedelta(days=1))
    return world.survey(asked)


@scene("unknown", status=404)
def unknown(world: World, language: str) -> str:
    return "/f/t1-9-nothing"


@scene("too-many", status=429)
def too_many(world: World, language: str) -> str:
    world.settings.LINK_MISSES = 0
    return "/s/t1-9-nothing"


@scene("unreadable", act=_press_send, status=413)
def unreadable(world: World, language: str) -> str:
    world.settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1
    return survey_first(world, language)


# -- Opting out


@scene("opt-out")
def opt_out(world: World, language: str) -> str:
    asked = world.asked(language)
    contact = asked.customer.contacts.get()
    return links.url(links.issue(Purpose.OPT_OUT, asked.customer, contact=contact), "email")


@scene("opt-out-done", act=_press_send)
def opt_out_done(world: World, language: str) -> str:
    return opt_out(world, language)


def _press_with_an_old_form(page: Page) -> None:
    page.locator("main form").first.evaluate("form => form.elements.form.value = 'of yesterday'")
    _press_send(page)


@scene("opt-out-open-for-long", act=_press_with_an_old_form, status=403)
def opt_out_open_for_long(world: World, language: str) -> str:
    return opt_out(world, language)


# -- The customer's own page


@scene("page-received")
def page_received(world: World, language: str) -> str:
    return world.page(world.complaint(language))


def promised(world: World, language: str) -> FollowUp:
    follow_up = world.takes(world.complaint(language))
    visit, call = PROMISED[language]
    world.promises(follow_up, visit, days=1, hours=4)
    world.promises(follow_up, call, call=True, days=1, hours=2)
    return follow_up


@scene("page-promised")
def page_promised(world: World, language: str) -> str:
    return world.page(promised(world, language))


@scene("page-overdue")
def page_overdue(world: World, language: str) -> str:
    follow_up = promised(world, language)
    world.passes(days=6)
    return world.page(follow_up)


def told(world: World, language: str, *reasons: str) -> FollowUp:
    """Answered, with a word to and fro before."""
    follow_up = world.takes(
        world.complaint(
            language, outcome="no", reasons=reasons or ["not_fixed"], words=WORDS[language], person=5
        )
    )
    asked, answered = WROTE[language]
    world.passes(hours=2)
    world.writes(follow_up, asked)
    world.passes(minutes=25)
    customer.write_back(follow_up.response, answered)
    world.passes(hours=20)
    world.replies(follow_up, language)
    return world.fresh(follow_up)


@scene("page-told")
def page_told(world: World, language: str) -> str:
    return world.page(told(world, language))


@scene("page-told-two-points")
def page_told_two_points(world: World, language: str) -> str:
    return world.page(told(world, language, "not_fixed", "too_slow"))


def _fixed(page: Page) -> None:
    page.locator("input[value=fixed]").first.check()
    page.locator("button[value=verdict]").first.click()


@scene("page-fixed", act=_fixed)
def page_fixed(world: World, language: str) -> str:
    return page_told(world, language)


def _not_fixed(page: Page) -> None:
    page.locator("input[value=not_fixed]").first.check()
    page.locator("#missing").fill(MISSING[page.locator("html").get_attribute("lang") or ""])
    page.locator("button[value=verdict]").first.click()


@scene("page-not-fixed", act=_not_fixed)
def page_not_fixed(world: World, language: str) -> str:
    return page_told(world, language)


@scene(
    "page-nothing-chosen", act=lambda page: page.locator("button[value=verdict]").first.click(), status=400
)
def page_nothing_chosen(world: World, language: str) -> str:
    return page_told(world, language)


@scene("page-nothing-written", act=lambda page: page.locator("button[value=write]").click(), status=400)
def page_nothing_written(world: World, language: str) -> str:
    return page_received(world, language)


def _ask_for_a_call(page: Page) -> None:
    page.locator("details:has(#call) > summary").click()
    page.locator("button[value=call]").click()


@scene("page-call-asked", act=_ask_for_a_call)
def page_call_asked(world: World, language: str) -> str:
    return page_received(world, language)


@scene("page-withdraw")
def page_withdraw(world: World, language: str) -> str:
    follow_up = world.complaint(language)
    return f"{world.page(follow_up)}?withdraw={follow_up.points.get().pk}"


@scene("page-withdrawn", act=_press_send)
def page_withdrawn(world: World, language: str) -> str:
    return page_withdraw(world, language)


@scene("page-silent")
def page_silent(world: World, language: str) -> str:
    follow_up = told(world, language)
    world.passes(days=8)
    silence.close_silent()
    return world.page(follow_up)


@scene("page-safety")
def page_safety(world: World, language: str) -> str:
    return world.page(
        world.complaint(language, outcome="no", reasons=["unsafe", "charge"], words=WORDS[language])
    )


@scene("page-with-a-survey")
def page_with_a_survey(world: World, language: str) -> str:
    follow_up = world.complaint(language)
    other = world.asked(language, customer=follow_up.customer, subject=SECOND[language])
    Invitation.objects.filter(pk=other.pk).update(state="skipped", reason=SkipReason.OPEN_FOLLOW_UP)
    Link.objects.filter(invitation=other).update(expires_at=world.now + timedelta(days=14))
    return world.page(follow_up)
