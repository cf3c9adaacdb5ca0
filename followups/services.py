"""What staff do with a follow-up, besides replying and promising: each locks, checks, saves, writes the journal."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from feedback import access, clock
from feedback.models import Department, User
from feedback.models.messages import Purpose
from feedback.models.staff import Role
from followups import assignment, homes, journal, mail, messages, moves
from followups.models import Evidence, FollowUp, JournalEntry, Point
from followups.plain import plain
from followups.states import OWED, Event, PointStatus, Severity, Status, WithdrawnReason

WITHDRAWN_BY_HAND = (WithdrawnReason.CUSTOMERS_WISH, WithdrawnReason.WRONG_PERSON)


def take(follow_up_id: int, staff: User, now: datetime | None = None) -> None:
    """Take a follow-up: it becomes this person's, and is being worked on. Taking one's own twice changes nothing."""
    now = now or clock.now()
    with transaction.atomic():
        if not _stays(staff):
            raise PermissionDenied(_("You can read this follow-up, but not work it."))
        follow_up = moves.lock(follow_up_id, staff)
        if follow_up.status == Status.WITHDRAWN:
            raise ValidationError(_("This follow-up was withdrawn."))
        if follow_up.assignee_id == staff.pk and follow_up.status != Status.OPEN:
            return
        assignment.reassign(follow_up, now, to=staff, staff=staff)
        journal.append(follow_up, Event.TAKEN, now, staff=staff)
        moves.begin_work(follow_up, now, staff)
        moves.finish(follow_up, now)


def assign(follow_up_id: int, staff: User, to: User, now: datetime | None = None) -> None:
    """Give a follow-up to somebody of its department, or to a manager or executive, who is active and did not serve.

    Raises:
        ValidationError: ``to`` cannot be the assignee (field ``to``).
    """
    now = now or clock.now()
    with transaction.atomic():
        _stays(to)
        follow_up = moves.lock(follow_up_id, staff)
        if follow_up.status == Status.WITHDRAWN:
            raise ValidationError(_("This follow-up was withdrawn."))
        if not assignable(follow_up).filter(pk=to.pk).exists():
            # One sentence for all reasons: that somebody served in the case is nobody else's to read out of an error.
            raise ValidationError({"to": _("This person cannot be given this follow-up.")})
        assignment.reassign(follow_up, now, to=to, staff=staff)
        moves.finish(follow_up, now)


def _stays(person: User) -> bool:
    """Lock somebody's account until the transaction ends, so that they cannot leave while they are given something.

    Before the follow-up is locked, as whoever closes an account does. Returns whether they are active.
    """
    return User.objects.select_for_update(no_key=True).filter(pk=person.pk, is_active=True).exists()


def assignable(follow_up: FollowUp) -> QuerySet[User]:
    """Return those to whom a follow-up can be given, active and not the person who served."""
    department = follow_up.department
    from_department = User.objects.filter(memberships__department=department)
    by_role = User.objects.filter(role_grants__role__in=[Role.MANAGER, Role.EXECUTIVE])
    ids = [pk for pk in (department.owner_id, department.deputy_id, department.head_id) if pk]
    everybody = User.objects.filter(pk__in=ids) | User.objects.filter(
        pk__in=from_department.values("pk").union(by_role.values("pk"))
    )
    return (
        everybody.filter(is_active=True).exclude(pk=assignment.served_user_id(follow_up) or 0).order_by("pk")
    )


def note(follow_up_id: int, staff: User, text: str, now: datetime | None = None) -> JournalEntry:
    """Keep a note that only staff see."""
    now = now or clock.now()
    with transaction.atomic():
        follow_up = moves.lock(follow_up_id, staff)
        said = plain(text, _("Please write the note."), field="text")
        entry = journal.append(
            follow_up, Event.NOTED, now, staff=staff, words=journal.keep(follow_up, said, now)
        )
        if follow_up.assignee_id == staff.pk:
            moves.begin_work(follow_up, now, staff)
        moves.finish(follow_up, now)
    return entry


def write(follow_up_id: int, staff: User, text: str, now: datetime | None = None) -> JournalEntry:
    """Write to the customer. It is sent, and stands on their page; the state of what is owed does not change by it."""
    now = now or clock.now()
    with transaction.atomic():
        follow_up = moves.lock(follow_up_id, staff)
        if follow_up.status == Status.WITHDRAWN:
            raise ValidationError(_("This follow-up was withdrawn."))
        said = plain(text, _("Please write the message."), field="text")
        moves.begin_work(follow_up, now, staff)
        entry = journal.append(
            follow_up, Event.WRITTEN, now, staff=staff, words=journal.keep(follow_up, said, now)
        )
        about = follow_up.response.invitation.resolution.subject
        mail.send(
            follow_up,
            Purpose.MESSAGE,
            f"written:{entry.pk}",
            lambda channel, language: messages.staff_written(
                channel, language, customer=follow_up.customer, about=about, text=said
            ),
        )
        moves.finish(follow_up, now)
    return entry


def transfer(
    follow_up_id: int,
    staff: User,
    department: Department,
    point_ids: Collection[int],
    now: datetime | None = None,
) -> FollowUp:
    """Move open points, with their promises, to another department's follow-up of the same response.

    That follow-up is opened if there is none. One that is emptied is withdrawn as merged, with a pointer.

    Returns:
        The follow-up that holds the points now.

    Raises:
        ValidationError: by field (``department``, ``points``), or the state does not allow it.
    """
    now = now or clock.now()
    with transaction.atomic():
        source = moves.lock(follow_up_id, staff)
        if source.status not in OWED:
            raise ValidationError(_("Points can be handed over only while they are being worked on."))
        if department.pk == source.department_id or department.retired_at is not None:
            raise ValidationError({"department": _("Choose another department that is still in service.")})
        points = list(source.points.filter(pk__in=point_ids, status=PointStatus.OPEN).order_by("pk"))
        if not points or len(points) != len(set(point_ids)):
            raise ValidationError({"points": _("Choose at least one point that is still open here.")})
        about_person = any(point.about_person for point in points)
        target = (
            FollowUp.objects.select_related("response", "department", "assignee", "customer")
            .filter(response=source.response_id, department=department)
            .exclude(status=Status.WITHDRAWN)
            .first()
        ) or homes.open_follow_up(source.response, department, now, about_person=about_person)
        for point in points:
            _hand_over(point, source, target, staff, now)
        if source.severity == Severity.SAFETY:
            homes.raise_severity(target, Severity.SAFETY, now)
        homes.merge_if_emptied(source, target, now, staff=staff)
        if not source.points.filter(status=PointStatus.OPEN).exists():
            homes.bring_promises(
                source, target
            )  # with the last thing that is owed here goes what was promised
        moves.settle(source, now)
        moves.settle(target, now)
    return target


def _hand_over(point: Point, source: FollowUp, target: FollowUp, staff: User, now: datetime) -> None:
    homes.bring(point, target, now)
    for follow_up in (source, target):
        journal.append(
            follow_up,
            Event.POINT_MOVED,
            now,
            staff=staff,
            point=point,
            data={"from": source.pk, "to": target.pk},
        )


def split(
    follow_up_id: int, staff: User, point_id: int, titles: Sequence[str], now: datetime | None = None
) -> list[Point]:
    """Split an open point into several: it keeps the first title, each further title is a new point with its evidence.

    Raises:
        ValidationError: fewer than two titles, an empty one (``titles``), or the point is not open here (``point``).
    """
    now = now or clock.now()
    with transaction.atomic():
        follow_up = moves.lock(follow_up_id, staff)
        point = follow_up.points.filter(pk=point_id, status=PointStatus.OPEN).first()
        if point is None:
            raise ValidationError({"point": _("This point is not open here any more.")})
        names = [plain(title, _("Please name every part."), field="titles")[:255] for title in titles]
        if len(names) < 2:
            raise ValidationError({"titles": _("Name at least two parts.")})
        point.title = names[0]
        point.save(update_fields=["title"])
        parts = [point]
        for name in names[1:]:
            part = Point.objects.create(
                response_id=point.response_id,
                follow_up=follow_up,
                key=point.key,
                title=name,
                about_person=point.about_person,
                rule=point.rule,
                routed_by=point.routed_by,
                split_from=point,
                opened_at=point.opened_at,
            )
            Evidence.objects.bulk_create(
                Evidence(point=part, answer_id=answer_id, reason=reason)
                for answer_id, reason in point.evidence.values_list("answer_id", "reason")
            )
            parts.append(part)
        journal.append(
            follow_up,
            Event.POINT_SPLIT,
            now,
            staff=staff,
            point=point,
            data={"into": [part.pk for part in parts]},
        )
        moves.begin_work(follow_up, now, staff)
        moves.finish(follow_up, now)
    return parts


def withdraw(follow_up_id: int, staff: User, reason: str, text: str, now: datetime | None = None) -> None:
    """Withdraw a follow-up for good: by a manager, with a reason; one about safety by a safety owner only.

    Raises:
        PermissionDenied: not a manager; about safety, not a safety owner.
        ValidationError: by field (``reason``, ``text``).
    """
    now = now or clock.now()
    with transaction.atomic():
        follow_up = moves.lock(follow_up_id, staff)
        if follow_up.severity == Severity.SAFETY and Role.SAFETY_OWNER not in access.roles(staff):
            raise PermissionDenied(_("Only a safety owner may withdraw a follow-up about safety."))
        if follow_up.severity != Severity.SAFETY and not access.is_manager(staff):
            raise PermissionDenied(_("Only a manager may withdraw a follow-up."))
        if reason not in WITHDRAWN_BY_HAND:
            raise ValidationError({"reason": _("Choose why it is withdrawn.")})
        said = plain(text, _("Please say in words why."), field="text")
        journal.append(follow_up, Event.NOTED, now, staff=staff, words=journal.keep(follow_up, said, now))
        moves.move(follow_up, Status.WITHDRAWN, now, staff=staff, reason=WithdrawnReason(reason))
        moves.finish(follow_up, now)
