"""Negative answers become points, and points become follow-ups of the departments that can mend them.

Doorbell and sweep both come here; unique keys make them harmless together.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property

from django.db import transaction

from feedback import clock
from feedback.models import Department
from followups import assignment, homes, journal, moves, opening, routing
from followups.models import Evidence, FollowUp, Point
from followups.states import Event, PointStatus, Severity, Status
from followups.wanted import UNSPECIFIED, Said, Wanted, said, wanted
from surveys import published
from surveys.models import Answer, Response

REOPENED_BY_NEW_WORDS = (PointStatus.TOLD, PointStatus.FIXED, PointStatus.WITHDRAWN)


def open_points(response_ids: Iterable[int]) -> None:
    """Make the points, and the follow-ups to hold them, that these responses' negative answers ask for."""
    for response_id in sorted(set(response_ids)):
        # In a doorbell's savepoint already: one more would cost two round trips of a customer's time.
        with transaction.atomic(savepoint=False):
            moves.lock_response(response_id)
            if not opening.open_first(response_id, clock.now()):
                response = Response.objects.select_related(
                    "invitation__resolution__department", "invitation__resolution__served_by", "customer"
                ).get(pk=response_id)
                _Opening(response, clock.now()).run()


class _Opening:
    """A response's negative answers on their way to points, step by step. The response's row is locked."""

    def __init__(self, response: Response, now: datetime) -> None:
        self.response = response
        self.now = now
        self.touched: dict[int, FollowUp] = {}
        self.repeated: set[tuple[int, str]] = set()

    def run(self) -> None:
        given = list(self.response.answers.order_by("answered_at", "pk"))
        answers = [answer for answer in given if answer.negative]
        if not answers:
            return
        self.repeated = _repeated(given)
        points = {point.key: point for point in self._points() if point.split_from_id is None}
        for want in wanted(self._said(answers)):
            self._make(want, points)
        for follow_up in self.touched.values():
            self._hurry_notice(follow_up)
            moves.settle(follow_up, self.now, by_customer=True)

    def _points(self) -> Sequence[Point]:
        return list(self.response.points.select_related("follow_up__department").order_by("pk"))

    def _said(self, answers: Sequence[Answer]) -> list[Said]:
        version = published.version(self.response.version_id)
        return [
            said(version, one.pk, one.question_id, one.negative, one.chosen, one.answered_at)
            for one in answers
        ]

    def _make(self, want: Wanted, points: dict[str, Point]) -> None:
        point = points.get(want.key)
        if point is None and want.key != UNSPECIFIED and not want.about_person and UNSPECIFIED in points:
            point = points[want.key] = self._name(points.pop(UNSPECIFIED), want)
        if point is None:
            point = points[want.key] = self._add(want)
        fresh = self._remember(point, want)
        if fresh and (point.status in REOPENED_BY_NEW_WORDS or self._known(point).status == Status.WITHDRAWN):
            self._reopen(point)
        if want.hazard and self._known(point).severity != Severity.SAFETY:
            homes.raise_severity(self._of(point), Severity.SAFETY, self.now)

    @cached_property
    def _router(self) -> routing.Router:
        return routing.router(self.response)

    def _add(self, want: Wanted) -> Point:
        route = self._router.route(want.key, want.about_person)
        follow_up = self._follow_up_of(route.department, want.about_person)
        point = Point.objects.create(
            response=self.response,
            follow_up=follow_up,
            key=want.key,
            about_person=want.about_person,
            rule=route.rule,
            routed_by=route.by,
            opened_at=want.opened_at,
        )
        journal.append(follow_up, Event.POINT_ADDED, self.now, by_customer=True, point=point)
        if want.about_person:
            # Whoever heads the department takes over what touches one of its people.
            assignment.reassign(follow_up, self.now)
        return point

    def _name(self, point: Point, want: Wanted) -> Point:
        """Let the point that had no reason become the first reason's; moved, if nobody has begun on it."""
        point.key = want.key
        fields = ["key"]
        source = self._of(point)
        if source.status == Status.OPEN:
            route = self._router.route(want.key, want.about_person)
            point.rule, point.routed_by = route.rule, route.by
            fields += ["rule", "routed_by"]
            if route.department.pk != source.department_id:
                target = self._follow_up_of(route.department, want.about_person)
                homes.bring(point, target, self.now)
                for follow_up in (source, target):
                    journal.append(
                        follow_up,
                        Event.POINT_MOVED,
                        self.now,
                        point=point,
                        data={"from": source.pk, "to": target.pk},
                    )
        point.save(update_fields=fields)
        if point.follow_up_id != source.pk:
            homes.merge_if_emptied(source, self._of(point), self.now)
        return point

    def _remember(self, point: Point, want: Wanted) -> bool:
        """Keep the evidence; returns whether any of it says something that the answer before it did not."""
        known = set(point.evidence.values_list("answer_id", "reason"))
        fresh = [pair for pair in want.evidence if pair not in known]
        Evidence.objects.bulk_create(
            [Evidence(point=point, answer_id=answer_id, reason=reason) for answer_id, reason in fresh],
            ignore_conflicts=True,
        )
        return any(pair not in self.repeated for pair in fresh)

    def _reopen(self, point: Point) -> None:
        """The customer says it again: what was told, fixed or withdrawn is owed once more."""
        follow_up = self._of(point)
        if follow_up.status == Status.WITHDRAWN:
            department = self._department_of(point)
            over, follow_up = follow_up, self._follow_up_of(department, point.about_person)
            homes.bring(point, follow_up, self.now)
            homes.bring_promises(over, follow_up)
        point.status = PointStatus.OPEN
        point.save(update_fields=["status"])
        journal.append(
            follow_up,
            Event.POINT_ADDED,
            self.now,
            by_customer=True,
            point=point,
            data={"reopened": [point.pk]},
        )

    def _department_of(self, point: Point) -> Department:
        """Return where a point was; one whose department was retired meanwhile is routed anew, and says so."""
        department = self._of(point).department
        if department.retired_at is None:
            return department
        route = self._router.route(point.key, point.about_person)
        point.rule, point.routed_by = route.rule, route.by
        point.save(update_fields=["rule", "routed_by"])
        return route.department

    def _known(self, point: Point) -> FollowUp:
        """Return a point's follow-up as it stands now: one object for all its points."""
        return self.touched.get(point.follow_up_id, point.follow_up)

    def _of(self, point: Point) -> FollowUp:
        """Return a point's follow-up, to be changed."""
        return self.touched.setdefault(point.follow_up_id, point.follow_up)

    def _follow_up_of(self, department: Department, about_person: bool) -> FollowUp:
        """Return the department's live follow-up of this response; opened if there is none."""
        found = (
            FollowUp.objects.filter(response=self.response, department=department)
            .exclude(status=Status.WITHDRAWN)
            .first()
        )
        if found is None:
            found = homes.open_follow_up(self.response, department, self.now, about_person=about_person)
        return self.touched.setdefault(found.pk, found)

    def _hurry_notice(self, follow_up: FollowUp) -> None:
        """The notice waits for the rest of the answers, not for anything else; a hazard waits for nothing (R5)."""
        more_than_the_first = self.response.answers.filter(superseded_at=None).count() > 1
        if more_than_the_first or follow_up.severity == Severity.SAFETY:
            # Only one that still waits: the notices may be going out at this very moment.
            FollowUp.objects.filter(pk=follow_up.pk, notice_at__gt=self.now).update(notice_at=self.now)


def _repeated(given: Sequence[Answer]) -> set[tuple[int, str]]:
    """Return the (answer id, reason) pairs that the answer before, to the same question, said already.

    A reason that stays ticked while another is added is not said again, and does not take up what was fixed.
    """
    repeated: set[tuple[int, str]] = set()
    before: dict[int, Answer] = {}
    for answer in given:
        earlier = before.get(answer.question_id)
        if earlier is not None:
            repeated |= {(answer.pk, reason) for reason in set(answer.chosen).intersection(earlier.chosen)}
        before[answer.question_id] = answer
    return repeated
