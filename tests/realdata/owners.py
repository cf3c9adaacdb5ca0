"""Simulated staff: whoever has a follow-up takes it, works it at the desk, and reports back in real words."""

from collections import Counter
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from feedback.models import Department, User
from followups.models import FollowUp, Promise
from followups.states import OWED, PointStatus, PromiseState, Status
from tests.desk import Desk, page, text
from tests.realdata import comments
from tests.realdata.diary import Diary

AT_THE_PAGE = 0.05
"""How often the whole page is looked at before something is posted: it is what a person does, and it takes long."""
SESSION = timedelta(days=7)


class Owners:
    """Everybody at the desk, each signed in."""

    def __init__(self, data: Path, diary: Diary) -> None:
        self.diary = diary
        self.words = comments.replies(data)
        self.desks: dict[int, tuple[datetime, Desk]] = {}
        self.at_work: set[int] = set()
        self.refused: Counter[str] = Counter()

    def look(self, now: datetime) -> None:
        """Plan something for every follow-up that is owed and has nobody's plan yet."""
        for pk in FollowUp.objects.filter(status__in=OWED).order_by("pk").values_list("pk", flat=True):
            if pk not in self.at_work:
                self.at_work.add(pk)
                self.diary.plan(now, "took or worked", partial(self._begin, pk), days=(0, 2))

    def _begin(self, pk: int, now: datetime) -> None:
        follow_up = FollowUp.objects.get(pk=pk)
        if follow_up.status not in OWED:
            self.at_work.discard(pk)
            return
        if follow_up.status == Status.OPEN:
            self._does(follow_up, now, "take")
        act = self.diary.chooses(
            nothing=50, note=12, write=10, promise=12, call=5, split=4, transfer=4, assign=2, withdraw=1
        )
        if act != "nothing":
            getattr(self, f"_{act}")(follow_up, now)
        self.diary.plan(now, "came back to it", partial(self._report, pk), days=(0.2, 5))

    def _report(self, pk: int, now: datetime) -> None:
        """Three parts for every open point, and every promise kept."""
        self.at_work.discard(pk)
        follow_up = FollowUp.objects.get(pk=pk)
        points = follow_up.points.filter(status=PointStatus.OPEN)
        if follow_up.status not in OWED or not points:
            return
        newest = follow_up.replies.order_by("-pk").first()
        words = self.words["zh-hans" if follow_up.response.language == "zh-hans" else "en"]
        parts = {
            f"point-{point.pk}-{part}": self.diary.chance.choice(words)
            for point in points
            for part in ("found", "did", "changes")
        }
        kept = {f"promise-{one.pk}": "on" for one in follow_up.promises.filter(state=PromiseState.OPEN)}
        self._does(follow_up, now, "reply", seen=newest.pk if newest else 0, **parts, **kept)

    def _note(self, follow_up: FollowUp, now: datetime) -> None:
        self._does(follow_up, now, "note", text="Called the shift lead: it is as the customer says.")

    def _write(self, follow_up: FollowUp, now: datetime) -> None:
        self._does(follow_up, now, "write", text="I have it on my desk. 正在查，请稍候。")

    def _promise(self, follow_up: FollowUp, now: datetime) -> None:
        due = (now + timedelta(days=self.diary.chance.randint(1, 4))).strftime("%Y-%m-%dT12:00")
        kind = Promise.Kind.OTHER
        self._does(
            follow_up, now, "promise", text="You hear from me by then.", due_at=due, kind=kind, point=""
        )

    def _call(self, follow_up: FollowUp, now: datetime) -> None:
        calls = follow_up.promises.filter(state=PromiseState.OPEN, kind=Promise.Kind.CALL)
        self._does(
            follow_up, now, "call", text="Went through it.", **{f"promise-{one.pk}": "on" for one in calls}
        )

    def _split(self, follow_up: FollowUp, now: datetime) -> None:
        point = follow_up.points.filter(status=PointStatus.OPEN).first()
        if point is not None:
            self._does(follow_up, now, "split", point=point.pk, titles="The first half\nThe second half")

    def _transfer(self, follow_up: FollowUp, now: datetime) -> None:
        points = [point.pk for point in follow_up.points.filter(status=PointStatus.OPEN)]
        others = Department.objects.filter(retired_at=None).exclude(pk=follow_up.department_id).order_by("pk")
        to = self.diary.chance.choice(list(others.values_list("pk", flat=True)))
        if points:
            self._does(
                follow_up, now, "transfer", department=to, points=points[: self.diary.chance.randint(1, 2)]
            )

    def _assign(self, follow_up: FollowUp, now: datetime) -> None:
        member = follow_up.department.memberships.first()
        if member is not None:
            self._does(follow_up, now, "assign", to=member.user_id)

    def _withdraw(self, follow_up: FollowUp, now: datetime) -> None:
        manager = User.objects.get(username="manager")
        if follow_up.severity != "safety":
            self._does(follow_up, now, "withdraw", by=manager, reason="wrong_person", text="Another person.")

    def _does(
        self, follow_up: FollowUp, now: datetime, name: str, *, by: User | None = None, **fields: Any
    ) -> None:
        follow_up.refresh_from_db()
        desk = self._desk(by or follow_up.assignee, now)
        if self.diary.chance.random() < AT_THE_PAGE:
            assert desk.get(page(follow_up)).status_code == 200
        answer = desk.do(follow_up, name, **fields)
        self.diary.done[f"desk: {name}"] += 1
        if answer.status_code != 302:
            self.refused[f"{name}: {answer.status_code}"] += 1
            self.last_refusal = text(answer)

    def _desk(self, user: User, now: datetime) -> Desk:
        since, desk = self.desks.get(user.pk, (now - SESSION, None))
        if desk is None or now - since >= SESSION:
            desk = Desk(user)
            self.desks[user.pk] = now, desk
        return desk
