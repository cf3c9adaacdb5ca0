"""What must hold from one step to the next, said anew here: none of it asks the product's own rules or clocks.

Each oracle looks at the facts before and after a step and yields what is wrong.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from followups import clocks
from tests.histories.facts import Facts
from tests.histories.world import Attempt, Post

Oracle = Callable[[Facts, Facts, Any, "Memory"], Iterator[str]]
ORACLES: list[Oracle] = []

# DESIGN 5, written down a second time on purpose.
WAYS = {
    ("open", "working"), ("open", "withdrawn"),
    ("working", "told"), ("working", "unreachable"), ("working", "withdrawn"),
    ("told", "confirmed"), ("told", "unconfirmed"), ("told", "working"), ("told", "withdrawn"),
    ("confirmed", "working"), ("confirmed", "withdrawn"),
    ("unconfirmed", "confirmed"), ("unconfirmed", "working"), ("unconfirmed", "withdrawn"),
    ("unreachable", "confirmed"), ("unreachable", "working"), ("unreachable", "withdrawn"),
}  # fmt: skip
LIVE, OWED = ("open", "working", "told"), ("open", "working")
RANK = {"normal": 0, "high": 1, "safety": 2}
TOLD_WITHIN, SILENCE = timedelta(hours=120), timedelta(days=7)


@dataclass
class Memory:
    """What is kept from step to step: for how long each point was owed, and what the channels were given."""

    owed: dict[int, timedelta] = field(default_factory=dict)
    seen: int = 0

    def attempts(self) -> list[Attempt]:
        return Post.attempts


def oracle(check: Oracle) -> Oracle:
    ORACLES.append(check)
    return check


def everything(before: Facts, after: Facts, deed: Any, memory: Memory) -> list[str]:
    return [f"{check.__name__}: {said}" for check in ORACLES for said in check(before, after, deed, memory)]


# -- what was written stays


@oracle
def the_journal_only_grows(before: Facts, after: Facts, deed: Any, memory: Memory) -> Iterator[str]:
    for table in ("journal", "verdicts", "events", "parts", "evidence", "words"):
        for pk, row in getattr(before, table).items():
            if getattr(after, table).get(pk) != row:
                yield f"{table} {row} became {getattr(after, table).get(pk)}"
    newest = max(before.journal, default=0)
    yield from (f"{row} was put in between" for row in after.new("journal", before) if row.pk < newest)
    yield from (f"{row} lies in the future" for row in after.new("journal", before) if row.at > after.now)


@oracle
def nothing_disappears(before: Facts, after: Facts, deed: Any, memory: Memory) -> Iterator[str]:
    for table in ("resolutions", "invitations", "messages", "responses", "answers", "follow_ups", "points"):
        if gone := set(getattr(before, table)) - set(getattr(after, table)):
            yield f"{table} {gone} are gone"


@oracle
def no_words_are_lost(before: Facts, after: Facts, deed: Any, memory: Memory) -> Iterator[str]:
    new = after.new("words", before)
    if deed.came_of_it == "done":
        said = Counter(one.text for one in new)
        yield from (f"“{text}” is nowhere" for text in deed.texts if said[text] != 1)
    shown = {row.words_id for row in after.journal.values()} | {
        row.words_id for row in after.promises.values()
    }
    yield from (f"{one} stands in no journal" for one in new if one.pk not in shown)


# -- states


@oracle
def states_go_the_ways_of_the_table(before: Facts, after: Facts, deed: Any, memory: Memory) -> Iterator[str]:
    for row in after.new("journal", before):
        if row.kind == "moved" and (row.from_status, row.to_status) not in WAYS:
            yield f"{row.from_status} → {row.to_status}"
    for pk, row in after.follow_ups.items():
        was = before.follow_ups.get(pk)
        went = [one for one in after.new("journal", before) if one.kind == "moved" and one.follow_up_id == pk]
        way = [was.status if was else "open", *(one.to_status for one in went)]
        if way[-1] != row.status or [one.from_status for one in went] != way[:-1]:
            yield f"#{pk} is {row.status}, and the journal says {way}"
        if was and RANK[row.severity] < RANK[was.severity]:
            yield f"#{pk} became less severe"


@oracle
def points_stand_where_the_journal_left_them(
    before: Facts, after: Facts, deed: Any, memory: Memory
) -> Iterator[str]:
    status: dict[int, str] = {}
    for row in after.journal.values():
        if row.kind == "point_added":
            status[row.point_id] = "open"
        elif row.kind == "point_split":
            status |= dict.fromkeys(row.data["into"], "open")
        elif row.kind == "told":
            status |= dict.fromkeys(row.data["points"], "told")
        elif row.kind in ("fixed", "not_fixed", "point_withdrawn"):
            status[row.point_id] = {"fixed": "fixed", "not_fixed": "open"}.get(row.kind, "withdrawn")
        elif row.kind in ("heard", "call_asked"):
            status |= dict.fromkeys(row.data.get("reopened", ()), "open")
    found = {pk: point.status for pk, point in after.points.items()}
    if found != status:
        yield f"{set(found.items()) ^ set(status.items())}"


@oracle
def only_the_customer_has_the_last_word(
    before: Facts, after: Facts, deed: Any, memory: Memory
) -> Iterator[str]:
    if deed.by != "customer":
        yield from (f"a verdict by {deed}" for _ in after.new("verdicts", before))
    for row in after.follow_ups.values():
        if row.status != "confirmed" or getattr(before.follow_ups.get(row.pk), "status", "") == "confirmed":
            continue
        for point in after.of("points", follow_up_id=row.pk):
            part = after.newest_part(point.pk)
            said = (
                max(after.of("verdicts", part_id=part.pk), key=lambda one: one.pk, default=None)
                if part
                else None
            )
            if point.status != "withdrawn" and (said is None or said.word != "fixed"):
                yield f"#{row.pk} is confirmed, and of {point} the customer said {said}"


@oracle
def told_means_that_somebody_told(before: Facts, after: Facts, deed: Any, memory: Memory) -> Iterator[str]:
    new = after.new("journal", before)
    for row in new:
        if row.kind != "told":
            continue
        reply, via = after.replies[row.data["reply"]], row.data["via"]
        newest = max(one.pk for one in after.of("replies", follow_up_id=reply.follow_up_id))
        if reply.follow_up_id != row.follow_up_id or (deed.name != "time passes" and newest != reply.pk):
            yield f"{row} tells what is not the newest reply"
        message = after.messages.get(reply.message_id)
        if via in ("email", "sms"):
            good = message is not None and message.state == "accepted" and message.channel == via
        elif via == "call":
            good = any(one.kind == "called" and one.follow_up_id == row.follow_up_id for one in new)
        else:
            good = via == "page" and row.by == "customer" and deed.by == "customer"
        covered = {part.point_id for part in after.of("parts", reply_id=reply.pk)}
        if not good or not set(row.data["points"]) <= covered:
            yield f"{row}: {message}"
        if any(
            one.kind == "told" and one.pk != row.pk and one.data["reply"] == reply.pk
            for one in after.journal.values()
        ):
            yield f"reply {reply.pk} was told twice"


@oracle
def silence_is_seven_days(before: Facts, after: Facts, deed: Any, memory: Memory) -> Iterator[str]:
    for row in after.new("journal", before):
        if row.kind == "moved" and row.to_status == "unconfirmed":
            of_this = after.of("journal", follow_up_id=row.follow_up_id)
            last = max(one.at for one in of_this if one.kind in ("told", "not_fixed", "heard", "call_asked"))
            if row.at - last < SILENCE:
                yield f"#{row.follow_up_id} was closed {row.at - last} after the last word"
    if deed.name == "time passes":
        for row in after.of("follow_ups", status="told"):
            if row.told_at <= after.now - SILENCE:
                yield f"#{row.pk} is told since {row.told_at}, and nobody closed it"


@oracle
def unreachable_means_that_no_way_is_left(
    before: Facts, after: Facts, deed: Any, memory: Memory
) -> Iterator[str]:
    for row in after.new("journal", before):
        if row.kind != "moved" or row.to_status != "unreachable":
            continue
        follow_up = after.follow_ups[row.follow_up_id]
        reply = max(after.of("replies", follow_up_id=row.follow_up_id), key=lambda one: one.pk)
        tried = {
            one.channel for one in after.messages.values() if one.send_key.startswith(f"reply:{reply.pk}:")
        }
        blocked = {bytes(one.digest) for one in after.of("blocks", scope="all")}
        for contact in after.of("contacts", customer_id=follow_up.customer_id):
            if bytes(contact.digest) not in blocked and contact.channel not in tried:
                yield f"#{row.follow_up_id}: {contact} was not tried"
    if deed.name == "time passes":
        for reply in after.replies.values():
            follow_up, message = after.follow_ups[reply.follow_up_id], after.messages.get(reply.message_id)
            newest = max(one.pk for one in after.of("replies", follow_up_id=follow_up.pk)) == reply.pk
            told = any(one.kind == "told" and one.data["reply"] == reply.pk for one in after.journal.values())
            lost = message is None or message.state in ("refused", "cancelled")
            parts = {part.point_id for part in after.of("parts", reply_id=reply.pk)}
            points = {point.pk for point in after.of("points", follow_up_id=follow_up.pk, status="open")}
            since = [a for p in points for a in _answered(after, p) if a > reply.posted_at]
            if (
                newest
                and not told
                and lost
                and follow_up.status == "working"
                and points <= parts
                and not since
            ):
                yield f"reply {reply.pk} reached nobody ({message}), and #{follow_up.pk} does not say so"


def _answered(facts: Facts, point_id: int) -> list[Any]:
    return [facts.answers[one.answer_id].answered_at for one in facts.of("evidence", point_id=point_id)]


# -- points


@oracle
def every_complaint_is_a_point(before: Facts, after: Facts, deed: Any, memory: Memory) -> Iterator[str]:
    """The points of a response, from its answers alone."""
    wanted: dict[int, set[str]] = defaultdict(set)
    general: set[int] = set()
    for one in after.answers.values():
        kind, own = one.question__kind, wanted[one.response_id]
        if kind == "reasons":
            own.update(one.chosen)
        elif kind == "words" and "fire" in one.words:
            own.add("unsafe")
        elif kind == "person" and one.score is not None and one.score <= 2:
            own.add("person")
        elif (kind == "outcome" and set(one.chosen) & {"no", "partly"}) or (
            kind == "ease" and one.score is not None and one.score <= 3
        ):
            general.add(one.response_id)
    for response_id, own in wanted.items():
        if response_id in general and not own - {"person"}:
            own.add("unspecified")
        rows = [
            row
            for row in after.of("points", split_from_id=None)
            if after.follow_ups[row.follow_up_id].response_id == response_id
        ]
        if {row.key for row in rows} != own or len(rows) != len(own):
            yield f"response {response_id} has the points {sorted(row.key for row in rows)}, not {sorted(own)}"


@oracle
def points_go_where_somebody_is(before: Facts, after: Facts, deed: Any, memory: Memory) -> Iterator[str]:
    for row in after.new("follow_ups", before):
        if row.department__retired_at is not None:
            yield f"#{row.pk} was opened in a department that is retired"
    for point in after.points.values():
        follow_up = after.follow_ups[point.follow_up_id]
        if follow_up.withdrawn_reason == "merged" and point.status != "withdrawn":
            yield f"{point} stayed behind in a merged follow-up"
        if point.status == "open" and follow_up.status not in (*OWED, "unreachable", "withdrawn"):
            yield f"{point} is open in a follow-up that is {follow_up.status}"


@oracle
def clocks_add_up(before: Facts, after: Facts, deed: Any, memory: Memory) -> Iterator[str]:
    """For how long a point was owed: measured step by step here, read from the journal there."""
    went_by = after.now - before.now
    for pk, point in before.points.items():
        if point.status == "open" and before.follow_ups[point.follow_up_id].status in (*OWED, "withdrawn"):
            memory.owed[pk] += went_by
    journals: dict[int, list[clocks.Happening]] = defaultdict(list)
    for row in after.journal.values():
        response_id = after.follow_ups[row.follow_up_id].response_id
        journals[response_id].append(clocks.Happening(row.kind, row.at, row.point_id, row.data))
    due: dict[int, list[Any]] = defaultdict(list)
    for pk, point in after.points.items():
        follow_up = after.follow_ups[point.follow_up_id]
        if pk not in memory.owed:
            parent = memory.owed.get(point.split_from_id)
            memory.owed[pk] = after.now - point.opened_at if parent is None else parent
        if follow_up.status in OWED and point.status == "open" and point.split_from_id is None:
            spans = clocks.owed(pk, point.opened_at, journals[follow_up.response_id])
            if (found := clocks.elapsed(spans, after.now)) != memory.owed[pk]:
                yield f"{point} was owed for {memory.owed[pk]}, the clock says {found}"
            due[follow_up.pk].append(after.now + TOLD_WITHIN - memory.owed[pk])
    for pk, moments in due.items():
        if after.follow_ups[pk].next_due_at > min(moments):
            yield f"#{pk} is due {after.follow_ups[pk].next_due_at}, not {min(moments)}"
    for promise in after.of("promises", state="open"):
        follow_up = after.follow_ups[promise.follow_up_id]
        if follow_up.next_due_at is None or follow_up.next_due_at > promise.due_at:
            yield f"#{follow_up.pk} is due {follow_up.next_due_at}, after {promise}"


# -- people


@oracle
def whoever_served_stays_out(before: Facts, after: Facts, deed: Any, memory: Memory) -> Iterator[str]:
    for row in after.follow_ups.values():
        served = after.served(row)
        if served is not None and row.status in LIVE and row.assignee_id == served:
            yield f"#{row.pk} is worked by the person who served"
    for row in after.new("journal", before):
        if row.staff_id and row.staff_id == before.served(after.follow_ups[row.follow_up_id]):
            yield f"the person who served did {row}"
    for one in after.new("messages", before):
        number = one.send_key.split(":")[1] if one.purpose == "notice" else ""
        if number and after.served(after.follow_ups[int(number)]) == one.staff_id:
            yield f"the person who served is told: {one}"


@oracle
def somebody_works_what_is_live(before: Facts, after: Facts, deed: Any, memory: Memory) -> Iterator[str]:
    noticed = {
        (int(one.send_key.split(":")[1]), one.staff_id) for one in after.of("messages", purpose="notice")
    }
    for row in after.follow_ups.values():
        if row.status not in LIVE:
            continue
        if row.assignee_id is None or not after.people[row.assignee_id].is_active:
            yield f"#{row.pk} is nobody's"
        took = any(
            one.kind == "taken" and one.staff_id == row.assignee_id
            for one in after.of("journal", follow_up_id=row.pk)
        )
        gave = any(
            one.kind == "assigned" and one.staff_id == row.assignee_id
            for one in after.of("journal", follow_up_id=row.pk)
        )
        waiting = row.notice_at is not None or (row.pk, row.assignee_id) in noticed
        if deed.name == "time passes" and not waiting and not took and not gave:
            yield f"nobody told {row.assignee_id} that #{row.pk} is theirs"


@oracle
def promises_bind(before: Facts, after: Facts, deed: Any, memory: Memory) -> Iterator[str]:
    for pk, row in after.promises.items():
        was = before.promises.get(pk)
        follow_up = after.follow_ups[row.follow_up_id]
        if was and was.state != row.state:
            allowed = {"kept": deed.kept, "released": deed.released}.get(row.state, set())
            if row.state == "released" and deed.by == "customer" and follow_up.status == "confirmed":
                allowed = {pk}  # by calling everything fixed
            if was.state != "open" or pk not in allowed:
                yield f"{row} was {was.state}"
        if row.state == "open" and follow_up.status in LIVE and row.assignee_id != follow_up.assignee_id:
            yield f"{row} is not with #{follow_up.pk}'s assignee {follow_up.assignee_id}"
        if row.state == "open" and follow_up.status == "confirmed":
            yield f"{row} is owed in #{follow_up.pk}, which is confirmed"
        if row.state == "open" and follow_up.withdrawn_reason == "merged":
            yield f"{row} stayed behind"
    for reply in after.new("replies", before):
        if left := after.of("promises", follow_up_id=reply.follow_up_id, state="open"):
            yield f"reply {reply.pk} was written over {left}"
        owed = {one.pk for one in before.of("points", follow_up_id=reply.follow_up_id, status="open")}
        if {part.point_id for part in after.of("parts", reply_id=reply.pk)} != owed:
            yield f"reply {reply.pk} does not cover {owed}"
