"""The customer's page: where every point stands, and all that they can say about it (R8, R10, R15, R19, R24)."""

from collections.abc import Callable
from datetime import timedelta

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import gettext as _

from feedback import clock, links, wording
from feedback.models.links import Purpose
from feedback.pages import Problem, Visit, opened_by
from followups import customer, moves
from followups.models import JournalEntry, Verdict
from followups.models.journal import Actor
from followups.page import Page, page_of
from followups.plain import plain
from surveys.models import Response

DO = "do"
DONE = "done"
SAVE, ALL_FIXED = "verdict", "all_fixed"
A_MOMENT = timedelta(minutes=2)


@opened_by(Purpose.PAGE)
def page(visit: Visit) -> HttpResponse:
    """Show the page, the question before a point is withdrawn, or do what was pressed. GET changes nothing."""
    response = Response.objects.filter(link=visit.link).first()
    if response is None:
        raise links.UnknownLink
    if visit.request.method == "POST":
        return _do(visit, response)
    shown = page_of(response)
    point = shown.point(_number(visit.request.GET.get("withdraw", "")))
    if point is not None and point.may_be_withdrawn:
        return visit.render("followups/page/withdraw.html", {"page": shown, "point": point})
    return _show(visit, shown)


def _show(
    visit: Visit, shown: Page, problems: list[Problem] | None = None, status: int = 200
) -> HttpResponse:
    post = visit.request.POST
    return visit.render(
        "followups/page/page.html",
        {
            "page": shown,
            "problems": problems or [],
            "done": visit.request.GET.get(DONE, ""),
            "zone": wording.zone_of(visit.link.customer),
            # What was typed is never lost by an error.
            "typed": {name: post.get(name, "") for name in ("missing", "text", "call")},
            "chosen": {point.id: post.get(f"point-{point.id}", "") for point in shown.points},
        },
        status,
    )


def _do(visit: Visit, response: Response) -> HttpResponse:
    action = visit.request.POST.get(DO, "")
    if not visit.pressed():
        again = Problem(_("This page was open for a long time. Nothing is lost: please press once more."))
        return _show(visit, page_of(response), [again], status=403)
    if action not in ACTIONS:
        return _show(
            visit, page_of(response), [Problem(_("Please use one of the buttons on this page."))], status=400
        )
    do, field = ACTIONS[action]
    try:
        with transaction.atomic():
            do(visit, response)
    except ValidationError as error:
        stale = any(getattr(one, "code", "") == "stale" for one in _errors(error))
        return _show(
            visit,
            page_of(response),
            [Problem(text, "" if stale else field) for text in error.messages],
            status=409 if stale else 400,
        )
    except ObjectDoesNotExist:
        gone = Problem(_("This has changed since you opened the page. Below is how it stands now."))
        return _show(visit, page_of(response), [gone], status=409)
    return visit.see_other("done", **{DONE: action})


def _errors(error: ValidationError) -> list[ValidationError]:
    if hasattr(error, "error_dict"):
        return [one for errors in error.error_dict.values() for one in errors]
    return list(error.error_list)


def _judge(visit: Visit, response: Response) -> None:
    """Take the verdicts, each on the part of a reply with which it was shown: all of them, or none if one is stale."""
    post = visit.request.POST
    everything = post[DO] == ALL_FIXED
    verdicts: dict[int, str] = {}
    for name in post:
        kind, _dash, point_id = name.partition("-")
        word = str(Verdict.Word.FIXED) if everything else post.get(f"point-{point_id}", "")
        asked = f"asked-{point_id}" in post or not everything
        if kind == "part" and asked and word:
            verdicts[_number(post.get(name, ""))] = word
    missing = "" if everything else post.get("missing", "")
    text = _once(response, missing, "missing") if missing.strip() else ""
    if verdicts or text or not missing.strip():
        customer.say(response, verdicts, text)


def _write(visit: Visit, response: Response) -> None:
    if text := _once(response, visit.request.POST.get("text", ""), "text"):
        customer.write_back(response, text)


def _once(response: Response, text: str, field: str) -> str:
    """Return ``text`` made plain, or nothing if the same was said a moment ago: a double tap is one message (R10).

    Raises:
        ValidationError: no words, or too many.
    """
    said = plain(text, _("Please write something first."), field=field)
    moves.lock_response(response.pk)
    again = JournalEntry.objects.filter(
        follow_up__response=response, by=Actor.CUSTOMER, at__gt=clock.now() - A_MOMENT, words__text=said
    )
    return "" if again.exists() else said


def _ask_for_call(visit: Visit, response: Response) -> None:
    customer.ask_for_call(response, visit.request.POST.get("call", ""))


def _withdraw(visit: Visit, response: Response) -> None:
    customer.withdraw_point(response, _number(visit.request.POST.get("point", "")))


def _release(visit: Visit, response: Response) -> None:
    customer.release_promise(response, _number(visit.request.POST.get("promise", "")))


ACTIONS: dict[str, tuple[Callable[[Visit, Response], None], str]] = {
    # what the button says: who does it, and the field that an error of it leads to
    SAVE: (_judge, "verdicts"),
    ALL_FIXED: (_judge, "verdicts"),
    "write": (_write, "text"),
    "call": (_ask_for_call, "call"),
    "withdraw": (_withdraw, ""),
    "release": (_release, ""),
}


def _number(text: str) -> int:
    """Read an id that a page of ours sent; whatever else was sent is no row's id."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
