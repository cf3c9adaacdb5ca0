"""The desk's own pages, full and empty, on a good day and a bad one."""

from datetime import timedelta

from playwright.sync_api import Page

from feedback.models import Heartbeat, Pause
from followups import customer
from followups.models import FollowUp
from tests import factories
from tests.browser.scene import scene
from tests.browser.scenes_of_customers import promised, told
from tests.browser.world import WORDS, World

LIST = "/admin/followups/followup/"
NEIGHBOURS = (
    ("Oliver Grant", "Dishwasher will not drain", "too_slow", "Three visits, and it still does not drain."),
    ("Ada Foster", "Oven door", "had_to_repeat", "I explained it to four people."),
    ("王晓明", "冰箱有异响", "not_fixed", "师傅来过两次，声音还是一样大。"),
    ("Finn Cole", "Dryer smells burnt", "unsafe", "It smells burnt and there was smoke."),
    ("Rita Mason", "Kettle switches itself off", "product_fault", ""),
)


def busy(world: World, *, taken: bool = True) -> FollowUp:
    """Some days of a workshop: one overdue, some to be taken, one promised, one told. Returns Mei Lin's."""
    for name, subject, reason, words in NEIGHBOURS:
        person = factories.CustomerFactory(name=name, language="zh-hans" if name == "王晓明" else "en")
        asked = world.asked(customer=person, subject=subject)
        said = {"outcome": "no", "reasons": [reason]} | ({"words": words} if words else {"outcome": "partly"})
        world.complaint(asked=asked, **said)
        world.passes(hours=9)
    _oldest, second, third, *_ = FollowUp.objects.order_by("pk")
    world.takes(second)
    world.promises(world.fresh(second), "Your case has one number and one person now: Karl.", hours=30)
    world.takes(third)
    world.replies(third, "zh-hans")
    world.passes(hours=4)
    follow_up = world.complaint()
    if taken:
        world.promises(world.takes(follow_up), "A technician comes with a new hose.", hours=5)
    world.asked(customer=factories.CustomerFactory(name="Tess Young"), subject="Iron drips")
    Heartbeat.objects.create(name="worker", sent_at=world.now, ran_at=world.now - timedelta(seconds=9))
    return follow_up


@scene("desk-login", kind="desk")
def login(world: World, language: str) -> str:
    return "/admin/login/?next=/admin/"


def _wrong_password(page: Page) -> None:
    page.locator("#id_username").fill("karl")
    page.locator("#id_password").fill("guessed")
    page.locator("form[method=post] button[type=submit]").last.click()


@scene("desk-login-refused", kind="desk", act=_wrong_password)
def login_refused(world: World, language: str) -> str:
    return "/admin/login/?next=/admin/"


@scene("desk-first-page", kind="desk", who="karl")
def first_page(world: World, language: str) -> str:
    busy(world)
    return "/admin/"


@scene("desk-first-page-of-the-manager", kind="desk", who="maya")
def first_page_of_the_manager(world: World, language: str) -> str:
    busy(world)
    Pause.objects.create(why="Importing last year's cases", started_by=world.manager, started_at=world.now)
    factories.IdentityFactory()
    return "/admin/"


@scene("desk-first-page-empty", kind="desk", who="karl")
def first_page_empty(world: World, language: str) -> str:
    return "/admin/"


@scene("desk-list", kind="desk", who="karl")
def follow_ups(world: World, language: str) -> str:
    busy(world)
    return LIST


@scene("desk-list-of-all", kind="desk", who="maya")
def follow_ups_of_all(world: World, language: str) -> str:
    busy(world)
    return f"{LIST}?stands=all"


@scene("desk-list-empty", kind="desk", who="karl")
def list_empty(world: World, language: str) -> str:
    return LIST


@scene("desk-list-nothing-found", kind="desk", who="karl")
def list_nothing_found(world: World, language: str) -> str:
    world.complaint(language)
    return f"{LIST}?q=nobody-of-that-name"


@scene("desk-follow-up-new", kind="desk", who="karl")
def follow_up_new(world: World, language: str) -> str:
    return world.desk(world.complaint(language))


@scene("desk-follow-up", kind="desk", who="karl")
def follow_up_worked_on(world: World, language: str) -> str:
    follow_up = busy(world)
    world.notes(follow_up, "Ask the supplier whether the old hose is known to fail.")
    world.writes(follow_up, "Is the tap above the machine open?")
    world.passes(minutes=30)
    customer.write_back(follow_up.response, "Yes, it is. The water comes from below.")
    return world.desk(follow_up)


@scene("desk-follow-up-overdue", kind="desk", who="karl")
def follow_up_overdue(world: World, language: str) -> str:
    follow_up = promised(world, language)
    world.passes(days=6)
    return world.desk(follow_up)


@scene("desk-follow-up-told", kind="desk", who="karl")
def follow_up_told(world: World, language: str) -> str:
    return world.desk(told(world, language))


@scene("desk-follow-up-closed", kind="desk", who="maya")
def follow_up_closed(world: World, language: str) -> str:
    follow_up = told(world, language)
    part = follow_up.replies.get().parts.get()
    customer.say(follow_up.response, {part.pk: "fixed"})
    return world.desk(follow_up)


@scene("desk-follow-up-safety", kind="desk", who="karl")
def follow_up_safety(world: World, language: str) -> str:
    said = {"outcome": "no", "ease": 1, "reasons": ["unsafe", "charge"], "words": WORDS[language]}
    return world.desk(world.complaint(language, **said))


def report_back(page: Page, *, kept: bool = True) -> None:
    """Open the form and fill it in."""
    page.locator("#deed-reply > summary").click()
    words = (
        ("found", "The hose behind the machine was loose; the seal was never the cause."),
        ("did", "Karl fitted a new hose and ran two full washes. Not a drop."),
        ("changes", "It stays dry. If it leaks again within a year, we come within a day, free of charge."),
    )
    for part, text in words:
        page.locator(f"#deed-reply textarea[name$={part}]").first.fill(text)
    for box in page.locator("#deed-reply input[type=checkbox]").all() if kept else ():
        box.check()


def _preview(page: Page) -> None:
    report_back(page)
    page.locator("#deed-reply button[name=preview]").click()


@scene("desk-report-back-preview", kind="desk", who="karl", act=_preview)
def report_back_preview(world: World, language: str) -> str:
    return world.desk(promised(world, language))


def _send_too_early(page: Page) -> None:
    page.locator("#deed-reply > summary").click()
    page.locator("#deed-reply textarea").first.fill("The hose was loose.")
    page.locator("#deed-reply button.is-primary").click()


@scene("desk-report-back-refused", kind="desk", who="karl", act=_send_too_early, status=422)
def report_back_refused(world: World, language: str) -> str:
    return world.desk(promised(world, language))
