"""What must hold of asking and of sending, from one step to the next. See ``oracles``."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from tests.histories.facts import Facts
from tests.histories.oracles import LIVE, Memory, oracle
from tests.histories.world import ASKING

CAP = timedelta(days=14)


@oracle
def a_message_leaves_once(before: Facts, after: Facts, deed: Any, memory: Memory) -> Iterator[str]:
    results: dict[int, list[str]] = defaultdict(list)
    for one in memory.attempts():
        results[one.message_id].append(one.result)
    for one in memory.attempts()[memory.seen :]:
        yield from (f"message {one.message_id} left although {why}" for why in one.objections)
        row = after.messages[one.message_id]
        blocks = [b for b in before.blocks.values() if bytes(b.digest) == bytes(row.digest)]
        if row.purpose in ASKING:
            blocked = bool(blocks)
        else:
            blocked = row.purpose != "notice" and any(b.scope == "all" for b in blocks)
        if blocked:
            yield f"{row} went to an address that is blocked: {blocks}"
        got = results[one.message_id]
        ends = [result for result in got[:-1] if result in ("accepted", "refused")]
        doubts = got.count("in_doubt")
        if (
            ends
            or doubts > (2 if row.channel == "email" else 1)
            or (row.channel == "sms" and "in_doubt" in got[:-1])
        ):
            yield f"{row} left more than once: {got}"
    memory.seen = len(memory.attempts())


@oracle
def nobody_is_asked_too_often(before: Facts, after: Facts, deed: Any, memory: Memory) -> Iterator[str]:
    went = {one.message_id for one in memory.attempts() if one.result in ("accepted", "in_doubt")}
    asked = [row for row in after.of("messages", purpose="survey") if row.pk in went]
    for row in asked:
        for other in asked:
            same = row.customer_id == other.customer_id or bytes(row.digest) == bytes(other.digest)
            if row.pk < other.pk and same and other.created_at - row.created_at < CAP:
                yield f"{other} came {other.created_at - row.created_at} after {row}"
    for one in after.new("invitations", before):
        live = [f for f in before.of("follow_ups", customer_id=one.customer_id) if f.status in LIVE]
        if one.state == "asked" and live and deed.name != "time passes":
            yield f"{one} asks somebody whose complaint is open"


@oracle
def what_is_reopened_is_not_asked_about(
    before: Facts, after: Facts, deed: Any, memory: Memory
) -> Iterator[str]:
    runs: Counter[int] = Counter()
    reopened: Counter[int] = Counter()
    last: dict[int, str] = {}
    for event in sorted(after.events.values(), key=lambda event: event.sequence):
        was = last.get(event.case_id, "open")
        runs[event.case_id] += event.status == "resolved" and was == "open"
        reopened[event.case_id] += event.status == "open" and was == "resolved"
        last[event.case_id] = event.status
    for case_id, number in runs.items():
        rows = after.of("resolutions", case_id=case_id)
        if (len(rows), sum(row.reopened_at is not None for row in rows)) != (number, reopened[case_id]):
            yield f"case {case_id} has {rows}"
    for one in after.of("invitations", state="asked"):
        message = after.messages.get(one.message_id)
        unsent = message is not None and message.state in ("queued", "claimed")
        if unsent and after.resolutions[one.resolution_id].reopened_at is not None:
            yield f"{message} waits although its case was reopened"
