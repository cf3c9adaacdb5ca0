"""The demo's page with its phone and its mailbox: just started, and when the loop runs."""

from feedback import first_start
from feedback.demo import cast, setup
from feedback.models import Customer
from followups.models import FollowUp
from tests import factories
from tests.browser.scene import scene
from tests.browser.world import World
from tests.journeys.people import time_passes


def started(world: World) -> None:
    """The demo's own rows, as `manage.py demo` makes them, on a server that runs as it does."""
    world.settings.DEMO = True
    world.settings.BRAND_NAME = cast.COMPANY
    world.settings.DATA_DIR = world.folder
    world.settings.MIDDLEWARE = ["feedback.demo.framing.allow", *world.settings.MIDDLEWARE]
    world.serve_anew()
    setup.ensure()
    first_start.ensure()
    setup.ensure_upper_rows()


def running(world: World) -> tuple[Customer, Customer]:
    """Some customers in every group. Returns one with a phone and one with a mailbox, both with messages."""
    started(world)
    rows = (
        ("Zoe Adams", "en", "", "+12125550101", "Repair of your car"),
        ("文静", "zh-hans", "wen@example.com", "", "四人晚餐"),
        ("Will Drake", "en", "will@example.com", "", "Your booking"),
        ("Kim Parker", "en", "", "+12125550104", "A charge"),
        ("Iris Wells", "en", "iris@example.com", "+12125550105", "Dinner for four"),
    )
    asked = []
    for name, language, email, phone, subject in rows:
        customer = factories.CustomerFactory(
            name=name, language=language, source=cast.SOURCE, external_id=name, email=email, phone=phone
        )
        case = factories.CaseFactory(customer=customer, subject=subject, source=cast.SOURCE)
        asked.append(factories.ResolutionFactory(case=case, department=world.workshop, resolved_at=world.now))
    time_passes()
    told_by_phone, told_by_mail, worked_on = (one.invitation for one in asked[:3])
    for invitation in (told_by_phone, told_by_mail, worked_on):
        world.answers(invitation, outcome="no", reasons=["not_fixed"])
    world.passes(hours=3)
    for follow_up in FollowUp.objects.order_by("pk")[:2]:
        language = follow_up.customer.language
        world.replies(world.takes(follow_up), language)
    return told_by_phone.customer, told_by_mail.customer


@scene("demo", kind="demo")
def demo(world: World, language: str) -> str:
    phone, mail = running(world)
    return f"/demo/?phone={phone.pk}&mail={mail.pk}"


@scene("demo-just-started", kind="demo")
def demo_just_started(world: World, language: str) -> str:
    started(world)
    return "/demo/"


@scene("demo-phone", kind="demo")
def demo_phone(world: World, language: str) -> str:
    return f"/demo/phone/{running(world)[0].pk}/"


@scene("demo-phone-of-nobody", kind="demo")
def demo_phone_of_nobody(world: World, language: str) -> str:
    return f"/demo/phone/{running(world)[1].pk}/"


@scene("demo-mailbox", kind="demo")
def demo_mailbox(world: World, language: str) -> str:
    return f"/demo/mailbox/{running(world)[1].pk}/"


@scene("demo-mailbox-of-nobody", kind="demo")
def demo_mailbox_of_nobody(world: World, language: str) -> str:
    return f"/demo/mailbox/{running(world)[0].pk}/"
