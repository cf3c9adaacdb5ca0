"""No more surveys to this address: the page, its way back, and the one-click request of mail programs (R34)."""

from django.http import HttpResponse

from feedback import links, suppression
from feedback.models import Contact, Suppression
from feedback.models.links import Purpose
from feedback.models.people import Channel
from feedback.pages import Visit, opened_by

# What a link of this page has set, and all that its way back takes away: a STOP, a bounce or a complaint stays.
_SET_HERE = {"scope": Suppression.Scope.SURVEYS, "cause": Suppression.Cause.OPT_OUT}


@opened_by(Purpose.OPT_OUT)
def opt_out(visit: Visit) -> HttpResponse:
    """GET asks, POST does it; the same POST with ``undo`` takes it back.

    A mail program's one-click request (RFC 8058: ``List-Unsubscribe=One-Click``, no cookie, nobody looking) is
    answered without a redirect, which the RFC forbids.
    """
    contact = visit.link.contact
    if contact is None:  # a constraint forbids it: an opt-out link has its address
        raise links.UnknownLink
    digest, post = bytes(contact.digest), visit.request.POST
    if visit.request.method != "POST":
        return _page(
            visit, contact, opted_out=Suppression.objects.filter(digest=digest, **_SET_HERE).exists()
        )
    if post.get("List-Unsubscribe") == "One-Click":
        suppression.suppress(digest, _SET_HERE["scope"], _SET_HERE["cause"])
        return HttpResponse("OK\n", content_type="text/plain")
    if not visit.pressed():
        return _page(visit, contact, opted_out=False, once_more=True, status=403)
    if "undo" in post:
        Suppression.objects.filter(digest=digest, **_SET_HERE).delete()
    else:
        suppression.suppress(digest, _SET_HERE["scope"], _SET_HERE["cause"])
    return visit.see_other()


def _page(
    visit: Visit, contact: Contact, *, opted_out: bool, once_more: bool = False, status: int = 200
) -> HttpResponse:
    return visit.render(
        "surveys/page/opt_out.html",
        {"address": _masked(contact), "opted_out": opted_out, "once_more": once_more},
        status,
    )


def _masked(contact: Contact) -> str:
    """Return as much of an address as its owner needs to know it, and nobody else can use."""
    if contact.channel == Channel.EMAIL:
        name, at, domain = contact.address.partition("@")
        return f"{name[:1]}…{at}{domain}"
    return f"…{contact.address[-4:]}"
