"""The report-back: written, delivered, and told (R23, DESIGN 5)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import BigIntegerField, Exists, OuterRef, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from feedback import clock
from feedback.models import Message, User
from feedback.models.messages import Purpose, State
from followups import journal, mail, messages, moves
from followups.models import FollowUp, JournalEntry, Point, Promise, Reply, ReplyPart
from followups.plain import plain
from followups.states import OWED, Event, PointStatus, PromiseState, Status

OVER = (State.ACCEPTED, State.REFUSED, State.CANCELLED)
"""How the message of a reply can end."""


@dataclass(frozen=True)
class Part:
    """What is said about one point."""

    found: str
    did: str
    changes: str


def reply(
    follow_up_id: int,
    staff: User,
    parts: Mapping[int, Part],
    kept: Collection[int] = (),
    *,
    seen: int | None = None,
    now: datetime | None = None,
) -> Reply:
    """Write the reply that covers every open point, and send it.

    Args:
        parts: for each open point's id what was found, done, and changes for the customer.
        kept: ids of the promises kept by this reply; each open promise must be among them (R19).
        seen: id of the newest reply that the writer saw, 0 for none; ``None`` does not check.

    Raises:
        ValidationError: by field (``point-<id>-found`` …, ``promise-<id>``), or as a whole.
        FollowUp.DoesNotExist, PermissionDenied: see ``moves.lock``.
    """
    now = now or clock.now()
    with transaction.atomic():
        follow_up = moves.lock(follow_up_id, staff)
        newest = follow_up.replies.order_by("-pk").first()
        if seen is not None and seen != (newest.pk if newest else 0):
            raise moves.Stale(
                _("Somebody replied meanwhile. Read their reply before you send yours."), code="stale"
            )
        if follow_up.status not in OWED:
            raise ValidationError(_("Nothing is owed here at the moment: the customer has the last word."))
        points = list(follow_up.points.filter(status=PointStatus.OPEN).order_by("pk"))
        if not points:
            raise ValidationError(_("Nothing is owed here at the moment: the customer has the last word."))
        promises = list(follow_up.promises.filter(state=PromiseState.OPEN))
        said = _checked({point.pk for point in points}, parts, promises, kept)
        moves.begin_work(follow_up, now, staff)
        written = Reply.objects.create(follow_up=follow_up, author=staff, posted_at=now)
        ReplyPart.objects.bulk_create(
            ReplyPart(reply=written, point=point, **vars(said[point.pk])) for point in points
        )
        journal.append(
            follow_up,
            Event.REPLIED,
            now,
            staff=staff,
            data={"reply": written.pk, "points": [point.pk for point in points]},
        )
        keep_promises(follow_up, promises, now, staff)
        deliver(written, now)
        moves.finish(follow_up, now)
    return written


def _checked(
    point_ids: Collection[int],
    parts: Mapping[int, Part],
    promises: Collection[Promise],
    kept: Collection[int],
) -> dict[int, Part]:
    errors: dict[str, str] = {}
    said: dict[int, Part] = {}
    for point_id in point_ids:
        part = parts.get(point_id, Part("", "", ""))
        clean: dict[str, str] = {}
        for name, text in vars(part).items():
            try:
                clean[name] = plain(text, _("Please say it: the customer reads this for every point."))
            except ValidationError as error:
                errors[f"point-{point_id}-{name}"] = error.messages[0]
                clean[name] = text
        said[point_id] = Part(**clean)
    for stranger in set(parts) - set(point_ids):
        errors[f"point-{stranger}-found"] = _("This point is not open here any more.")
    for promise in promises:
        if promise.pk not in kept:
            errors[f"promise-{promise.pk}"] = _(
                "Keep this promise first, then tick it as kept by this reply."
            )
    if errors:
        raise ValidationError(errors)
    return said


def keep_promises(follow_up: FollowUp, promises: Collection[Promise], at: datetime, staff: User) -> None:
    """Settle these open promises as kept."""
    for promise in promises:
        promise.state, promise.settled_at = PromiseState.KEPT, at
        promise.save(update_fields=["state", "settled_at"])
        journal.append(follow_up, Event.PROMISE_KEPT, at, staff=staff, data={"promise": promise.pk})


def deliver(written: Reply, now: datetime) -> None:
    """Send a reply by the best way not tried yet; where none is left, the follow-up is ``unreachable``.

    The reply stands on the customer's page from the moment it is written.
    """
    follow_up = written.follow_up
    tried = Message.objects.filter(send_key__startswith=f"reply:{written.pk}:").values_list(
        "channel", flat=True
    )
    about, count = follow_up.response.invitation.resolution.subject, written.parts.count()
    written.message = mail.send(
        follow_up,
        Purpose.REPLY,
        f"reply:{written.pk}",
        lambda channel, language: messages.reply_message(
            channel, language, customer=follow_up.customer, about=about, points=count
        ),
        tried=set(tried),
    )
    if written.message is not None:
        written.save(update_fields=["message"])
    elif follow_up.status == Status.WORKING and is_newest(written) and _is_all_there_is_to_say(written):
        moves.move(follow_up, Status.UNREACHABLE, now)
        moves.finish(follow_up, now)


def is_newest(written: Reply) -> bool:
    return not Reply.objects.filter(follow_up=written.follow_up_id, pk__gt=written.pk).exists()


def underway() -> QuerySet[Reply]:
    """Return the newest replies of follow-ups in work by which the customer was not told yet."""
    newer = Reply.objects.filter(follow_up=OuterRef("follow_up"), pk__gt=OuterRef("pk"))
    tellings = JournalEntry.objects.filter(follow_up=OuterRef("follow_up"), kind=Event.TOLD).annotate(
        of=Cast(KeyTextTransform("reply", "data"), BigIntegerField())
    )
    return Reply.objects.filter(follow_up__status=Status.WORKING).exclude(
        Exists(newer) | Exists(tellings.filter(of=OuterRef("pk")))
    )


def _covered(written: Reply) -> QuerySet[Point]:
    """Return the open points that a reply answers, leaving out those about which the customer has said more since."""
    return (
        Point.objects.filter(
            follow_up=written.follow_up_id, status=PointStatus.OPEN, reply_parts__reply=written
        )
        .exclude(evidence__answer__answered_at__gt=written.posted_at)
        .distinct()
    )


def _telling(follow_up: FollowUp, written: Reply) -> JournalEntry | None:
    return follow_up.journal.filter(kind=Event.TOLD, data__reply=written.pk).first()


def _is_all_there_is_to_say(written: Reply) -> bool:
    follow_up = written.follow_up
    owed = set(follow_up.points.filter(status=PointStatus.OPEN).values_list("pk", flat=True))
    return _telling(follow_up, written) is None and owed == set(
        _covered(written).values_list("pk", flat=True)
    )


def tell(follow_up: FollowUp, written: Reply, at: datetime, *, via: str, by_customer: bool = False) -> bool:
    """Record that the customer was told by a reply: once, and only by the newest. Returns whether it was recorded.

    Args:
        via: ``email``, ``sms``, ``call``, or ``page`` (they answered beneath the reply on their page).
    """
    if not is_newest(written) or _telling(follow_up, written) is not None:
        return False
    # On the page they have the reply before them, whatever they said before.
    covered = follow_up.points.filter(status=PointStatus.OPEN, reply_parts__reply=written)
    if not by_customer:
        covered = _covered(written)
    ids = list(covered.values_list("pk", flat=True))
    journal.append(
        follow_up,
        Event.TOLD,
        at,
        by_customer=by_customer,
        data={"reply": written.pk, "points": ids, "via": via},
    )
    follow_up.points.filter(pk__in=ids).update(status=PointStatus.TOLD)
    follow_up.told_at = at
    follow_up.save(update_fields=["told_at"])
    if follow_up.status == Status.UNREACHABLE:
        moves.finish(follow_up, at)  # told on the page; the state then follows from the verdicts
        return True
    moves.settle(follow_up, at, by_customer=by_customer)
    return True


def _was_read(follow_up: FollowUp, written: Reply) -> bool:
    telling = _telling(follow_up, written)
    return telling is not None and telling.data.get("via") == "page"


def follow_messages(message_ids: Collection[int]) -> None:
    """Bring follow-ups in line with what became of their replies' messages."""
    settled = Reply.objects.filter(message__in=message_ids, message__state__in=OVER)
    # By response, as everybody who locks several does.
    in_order = settled.order_by("follow_up__response", "follow_up", "pk")
    for written_id, follow_up_id in in_order.values_list("pk", "follow_up_id"):
        with transaction.atomic():
            follow_up = moves.lock(follow_up_id)
            written = Reply.objects.select_related("message").get(pk=written_id)
            written.follow_up = follow_up
            message = written.message
            if message is None or follow_up.status == Status.WITHDRAWN:
                continue
            if message.state == State.ACCEPTED:
                tell(follow_up, written, message.settled_at or clock.now(), via=message.channel)
            elif is_newest(written) and not _was_read(follow_up, written):
                deliver(written, clock.now())


def log_call(
    follow_up_id: int, staff: User, text: str, kept: Collection[int] = (), now: datetime | None = None
) -> None:
    """Log a call with the customer; a written reply that stands on the page is told by it.

    Args:
        text: what was said.
        kept: ids of the promises kept by this call.

    Raises:
        ValidationError: no words; an unknown promise.
    """
    now = now or clock.now()
    with transaction.atomic():
        follow_up = moves.lock(follow_up_id, staff)
        said = plain(text, _("Please note what was said."), field="text")
        promises = list(follow_up.promises.filter(state=PromiseState.OPEN, pk__in=kept))
        if len(promises) != len(set(kept)):
            raise ValidationError({"kept": _("This promise is not open here any more.")})
        moves.begin_work(follow_up, now, staff)
        journal.append(follow_up, Event.CALLED, now, staff=staff, words=journal.keep(follow_up, said, now))
        keep_promises(follow_up, promises, now, staff)
        newest = follow_up.replies.order_by("-pk").first()
        if newest is None or not tell(follow_up, newest, now, via="call"):
            moves.finish(follow_up, now)
