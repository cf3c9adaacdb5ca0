"""/demo/ (only with DEMO): a phone, a mailbox, the loop's numbers, and every door with one press."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlencode

import httpx
from csp.constants import NONE, SELF, UNSAFE_INLINE
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from feedback import loop, outbox, texts
from feedback.demo import cast, sample, setup, shown, visitor
from feedback.models import Customer, Department, Message, User
from feedback.models.people import Channel

View = Callable[..., HttpResponse]
SCREENS_OF = {"sms": ("phone",), "email": ("mail",)}
BACKEND = "django.contrib.auth.backends.ModelBackend"


def policy(joint: str, directives: dict[str, list[str]]) -> Callable[[View], View]:
    """Give a view's answers `_csp_update` or `_csp_replace`, which django-csp's middleware reads."""

    def decorate(view: View) -> View:
        @wraps(view)
        def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            response = view(request, *args, **kwargs)
            setattr(response, joint, directives)
            return response

        return run

    return decorate


scripted = policy("_csp_update", {"script-src": [SELF], "connect-src": [SELF], "frame-src": [SELF]})
# Replaced, not added to: beside another source 'none' means nothing, and browsers complain of it.
framed = policy("_csp_replace", {"frame-src": [SELF], "frame-ancestors": [SELF]})
# An email brings its own style and nothing else: no script, nothing from elsewhere.
as_mail = policy(
    "_csp_replace",
    {
        "default-src": [NONE],
        "script-src": [NONE],
        "style-src": [UNSAFE_INLINE],
        "img-src": ["data:"],
        "form-action": [NONE],
        "frame-ancestors": [SELF],
    },
)


def in_demo(view: View) -> View:
    """404 without DEMO; and never kept by a browser, for it is all about now."""

    @wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        response = view(request, *args, **kwargs)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return run


def _customer(request: HttpRequest, pk: str | int | None) -> Customer | None:
    if pk is None or not str(pk).isdecimal() or len(str(pk)) > 18:
        return None
    return Customer.objects.filter(shown.of_the_demo(), pk=int(pk)).first()


@dataclass(frozen=True)
class Screens:
    """Whose phone and whose mailbox are shown. They may be two people: not everybody has both."""

    phone: Customer | None
    mail: Customer | None

    @classmethod
    def of(cls, request: HttpRequest, people: list[shown.People]) -> "Screens":
        phone, mail = (_customer(request, request.GET.get(name)) for name in ("phone", "mail"))
        return cls(
            phone or shown.first_choice(people, Channel.SMS),
            mail or shown.first_choice(people, Channel.EMAIL),
        )

    def newest(self) -> dict[str, int]:
        return {
            "phone": shown.newest(self.phone, Channel.SMS),
            "mail": shown.newest(self.mail, Channel.EMAIL),
        }


@in_demo
@require_GET
@scripted
def index(request: HttpRequest) -> HttpResponse:
    people = shown.groups()
    screens = Screens.of(request, people)
    departments = Department.objects.filter(retired_at=None).select_related("owner").order_by("id")
    return render(
        request,
        "demo/index.html",
        {
            "counts": loop.counts(),
            "people": people,
            "screens": screens,
            "newest": screens.newest(),
            "departments": [
                {"slug": one.slug, "name": texts.in_language(one.name), "owner": one.owner}
                for one in departments
            ],
            "languages": settings.LANGUAGES,
            "manager": cast.MANAGER,
            "password": cast.PASSWORD,
            "company": cast.COMPANY,
            "base_url": settings.BASE_URL,
            "token": setup.token(),
            "visitors": cast.VISITORS,
            "incidents": len(sample.first_resolved_in()),
            "events": len(sample.incidents()),
            "comments": len(sample.comments()),
        },
    )


@in_demo
@require_GET
def state(request: HttpRequest) -> HttpResponse:
    """What changes while one looks, for the page's script."""
    people = shown.groups()
    screens = Screens.of(request, people)
    context = {"people": people, "screens": screens}
    return JsonResponse(
        {
            "counts": {count.key: count.value for count in loop.counts()},
            "newest": screens.newest(),
            "people": render_to_string("demo/people.html", context, request),
        }
    )


@in_demo
@require_GET
@framed
def phone(request: HttpRequest, customer_id: int) -> HttpResponse:
    customer = get_object_or_404(Customer, shown.of_the_demo(), pk=customer_id)
    has_number = customer.contacts.filter(channel=Channel.SMS).exists()
    return render(
        request,
        "demo/phone.html",
        {
            "customer": customer,
            "thread": shown.phone(customer),
            "has_number": has_number,
            "brand": settings.BRAND_NAME,
        },
    )


@in_demo
@require_GET
@framed
def mailbox(request: HttpRequest, customer_id: int) -> HttpResponse:
    customer = get_object_or_404(Customer, shown.of_the_demo(), pk=customer_id)
    mails = shown.sent(customer, Channel.EMAIL)[::-1]
    opened = next(
        (mail for mail in mails if str(mail.pk) == request.GET.get("mail")), mails[0] if mails else None
    )
    has_address = customer.contacts.filter(channel=Channel.EMAIL).exists()
    return render(
        request,
        "demo/mailbox.html",
        {
            "customer": customer,
            "mails": mails,
            "opened": opened,
            "has_address": has_address,
            "brand": settings.BRAND_NAME,
        },
    )


@in_demo
@require_GET
@as_mail
def mail(request: HttpRequest, message_id: int) -> HttpResponse:
    """One email's body, exactly as it was sent; its links open in the mailbox."""
    message = get_object_or_404(
        Message.objects.filter(
            channel=Channel.EMAIL, customer__in=Customer.objects.filter(shown.of_the_demo())
        ),
        pk=message_id,
    )
    body = outbox.rendered(message)
    html = body.html or render_to_string("demo/plain_mail.html", {"text": body.text})
    return HttpResponse(html.replace("<head>", '<head><base target="mail">', 1))


@in_demo
@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """One press and you are at the desk: everybody's password stands on the page anyway."""
    wanted = request.POST.get("as", "")
    user = User.objects.filter(username=wanted, is_active=True).exclude(username=cast.INTEGRATION).first()
    if user is None or not user.check_password(cast.PASSWORD):
        messages.error(request, _("There is nobody of that name."))
        return HttpResponseRedirect(reverse("demo:index"))
    login(request, user, backend=BACKEND)
    return HttpResponseRedirect(reverse("admin:index"))


@in_demo
@require_POST
def resolve(request: HttpRequest) -> HttpResponse:
    """A case of the visitor's own: they play the customer."""
    language, department = request.POST.get("language", ""), request.POST.get("department", "")
    channel = request.POST.get("channel", "")
    known = (
        language in dict(settings.LANGUAGES)
        and channel in visitor.REACHED
        and department in {team.slug for team in (*cast.TEAMS, cast.ELSEWHERE)}
    )
    if not known:
        messages.error(request, _("Please choose a language, a department and how to reach you."))
        return HttpResponseRedirect(reverse("demo:index"))
    try:
        customer = visitor.resolve_a_case(language, department, channel)
    except (visitor.NotTaken, httpx.HTTPError) as error:
        messages.error(request, _("The API did not take the case: %(error)s") % {"error": error})
        return HttpResponseRedirect(reverse("demo:index"))
    screens = dict.fromkeys(SCREENS_OF[channel], customer.pk)
    return HttpResponseRedirect(f"{reverse('demo:index')}?{urlencode(screens)}#screens")
