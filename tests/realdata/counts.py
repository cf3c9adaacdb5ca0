"""What became of a log, in numbers: the loop's own, and those behind them."""

from collections import Counter

from feedback import loop
from feedback.models import Case, CaseEvent, Message, Resolution
from feedback.models.messages import Purpose, State
from followups.models import FollowUp, JournalEntry, Point, Promise, Reply, Verdict
from followups.states import Event
from surveys.models import Answer, Response
from tests.realdata import outcome


def lines() -> list[str]:
    """One line each, to be printed."""
    surveys = Counter(Message.objects.filter(purpose=Purpose.SURVEY).values_list("state", flat=True))
    others = Counter(
        Message.objects.filter(state=State.ACCEPTED)
        .exclude(purpose=Purpose.SURVEY)
        .values_list("purpose", flat=True)
    )
    negative = Answer.objects.exclude(negative="")
    states = Counter(FollowUp.objects.values_list("status", flat=True))
    told = Counter(JournalEntry.objects.filter(kind=Event.TOLD).values_list("data__via", flat=True))
    back = JournalEntry.objects.filter(
        kind=Event.MOVED,
        to_status="working",
        from_status__in=["told", "confirmed", "unconfirmed", "unreachable"],
    )
    return [
        (
            f"events {CaseEvent.objects.count():,}; cases {Case.objects.count():,};"
            f" resolutions {Resolution.objects.count():,},"
            f" {Resolution.objects.filter(reopened_at__isnull=False).count():,} of them reopened"
        ),
        outcome.asking(),
        f"surveys: delivered {surveys[State.ACCEPTED]:,}; {_counted(surveys, State.ACCEPTED)}",
        (
            f"responses {Response.objects.count():,},"
            f" {negative.values('response').distinct().count():,} of them negative at some time;"
            f" answers {Answer.objects.count():,}, negative {negative.count():,},"
            f" changed later {Answer.objects.filter(superseded_at__isnull=False).count():,},"
            f" hazards {Answer.objects.filter(hazard=True).count():,}"
        ),
        f"follow-ups {FollowUp.objects.count():,}: {_counted(states)}",
        f"points {Point.objects.count():,}: {_counted(Counter(Point.objects.values_list('status', flat=True)))}",
        (
            f"replies {Reply.objects.count():,}; tellings {sum(told.values()):,} ({_counted(told)});"
            f" verdicts {_counted(Counter(Verdict.objects.values_list('word', flat=True)))};"
            f" returned to work {back.count():,}"
        ),
        (
            f"promises {_counted(Counter(Promise.objects.values_list('state', flat=True)))};"
            f" journal {JournalEntry.objects.count():,} entries; other messages {_counted(others)}"
        ),
        "the loop: " + ", ".join(f"{count.label} {count.value:,}" for count in loop.counts()),
    ]


def _counted(counted: Counter[str], but: str = "") -> str:
    found = ", ".join(f"{name} {n:,}" for name, n in counted.most_common() if name != but)
    return found or "none"
