"""Cases come in: events are kept, cases and resolutions follow from them, and the doorbell rings.

One batch is one transaction and a constant number of statements. Everything that two batches could both want is taken
in one order: names, customers, cases, customers again to complete them, addresses. So the same event posted many times
at once makes one case, one event and one resolution, and nobody waits in a circle.
"""

import hashlib
import hmac
import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DataError, IntegrityError, OperationalError, connection, transaction

from feedback import bulk, clock
from feedback.intake import customers
from feedback.intake.fields import CaseInput
from feedback.intake.names import Names, SourceKey, of_sources
from feedback.intake.ordering import Derived, Event, Run, derive
from feedback.models import Case, CaseEvent, Resolution
from feedback.signals import case_changed, ring

logger = logging.getLogger(__name__)

_ATTEMPTS = 3
_DEADLOCK = "40P01"
_TICK = timedelta(microseconds=1)
_COPIED = ("product", "order_ref", "channel", "subject")
_OF_SNAPSHOT = (*_COPIED, "department", "department_slug", "served_by", "resolution_text")
_OF_CASE = (*_OF_SNAPSHOT, "customer", "status", "opened_at", "resolved_at", "updated_at")
_OF_RESOLUTION = (*_OF_SNAPSHOT, "event", "resolved_at", "reopened_at")


@dataclass(slots=True)
class Result:
    """What became of one input.

    ``made``: it was the first word of this case. ``changed``: False for what had been said already. ``resolution``:
    the case's last one in the order of its events. ``case`` is None only where the database refused this one input.
    """

    case: Case | None
    made: bool = False
    changed: bool = False
    resolution: Resolution | None = None


def take_in(inputs: Sequence[CaseInput], *, now: datetime | None = None) -> list[Result]:
    """Take in what sources say of cases, and ring ``case_changed`` with the resolutions that are new or changed.

    Args:
        inputs: valid inputs (``feedback.intake.fields.read``), in the order in which they came.
        now: aware datetime, the time of arrival; default: the clock.

    Returns:
        One result each, in the same order. An input that the database refuses does not touch the others.
    """
    now = now or clock.now()
    if not inputs:
        return []
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with transaction.atomic():
                return _Batch(inputs, now).run()
        except OperationalError as error:
            # Somebody who takes rows in another order than ours (an erasure) met us. All of it can be done again.
            again = getattr(error.__cause__, "sqlstate", "") == _DEADLOCK and not connection.in_atomic_block
            if not again or attempt == _ATTEMPTS:
                raise
        except (DataError, IntegrityError):
            if len(inputs) == 1:
                logger.exception("a case that passed every check was refused by the database")
                return [Result(None)]
            return [result for one in inputs for result in take_in([one], now=now)]
    raise AssertionError("unreachable")


class _Told:
    """One case of a batch: what was known of it, what is said now, and what follows from both."""

    case: Case
    derived: Derived

    def __init__(self, key: SourceKey) -> None:
        self.key = key
        self.inputs: list[int] = []
        self.known: dict[bytes, Event] = {}
        self.news: dict[bytes, Event] = {}
        self.event_ids: dict[bytes, int] = {}
        self.changed_by: set[int] = set()
        self.before: Derived | None = None
        self.made = False
        self.last: Resolution | None = None

    @property
    def source(self) -> str:
        return self.key[0]

    @property
    def named_customer(self) -> SourceKey | None:
        external_id = self.derived.customer["external_id"]
        return (self.source, external_id) if external_id else None

    def listen(self, inputs: Sequence[CaseInput], now: datetime) -> None:
        """Sort what is said now into news and repetition, and compute what follows from all that is known."""
        self.news, self.changed_by = {}, set()
        newest = max(self.known.values(), key=lambda event: event.received_at, default=None)
        for index in self.inputs:
            # Arrival strictly rises within a case, so that it is an order even where a source gives no other.
            event = _event(inputs[index], max(now, newest.received_at + _TICK) if newest else now)
            if event.digest in self.known or event.digest in self.news:
                continue
            timeless = event.sequence is None and event.occurred_at is None
            if timeless and newest is not None and newest.said == event.said:
                continue
            self.news[event.digest] = newest = event
            self.changed_by.add(index)
        self.before = derive(self.known.values()) if self.known else None
        if self.news or self.before is None:
            self.derived = derive([*self.known.values(), *self.news.values()])
        else:
            self.derived = self.before


def _event(given: CaseInput, received_at: datetime) -> Event:
    """Make the event of an input. Its digest is keyed: it outlives an erasure, and must not be open to guessing.

    What has neither sequence nor time is the same event only as long as nothing else was said since, so its digest
    holds the time of arrival.
    """
    timeless = given.sequence is None and given.occurred_at is None
    canonical = json.dumps(given.said, sort_keys=True) + (received_at.isoformat() if timeless else "")
    digest = hmac.digest(settings.DIGEST_KEY, canonical.encode(), hashlib.sha256)
    return Event(digest, given.status, received_at, given.sequence, given.occurred_at, given.said)


class _Batch:
    """One batch on its way in, step by step. Each step reads or writes the whole set at once."""

    def __init__(self, inputs: Sequence[CaseInput], now: datetime) -> None:
        self.inputs = inputs
        self.now = now
        self.names = Names(now)
        self.told: dict[SourceKey, _Told] = {}
        for index, given in enumerate(inputs):
            key = given.source, given.external_id
            self.told.setdefault(key, _Told(key)).inputs.append(index)

    def run(self) -> list[Result]:
        self._learn_names((given.source, given.said) for given in self.inputs)
        said = ((i.source, i.said["customer"]) for i in self.inputs if "customer" in i.said)
        named = {(source, one["external_id"]): one for source, one in said if one.get("external_id")}
        self.customers = customers.by_external_id(named, self.now)
        self._make_cases()
        self._read_under_lock()
        changed = [told for told in self.told.values() if told.news]
        self._choose_customers(changed)
        self._save_cases([told for told in changed if not told.made])
        self._save_events(changed)
        ring(case_changed, resolution_ids=self._save_resolutions())
        return [
            Result(told.case, told.made and index == told.inputs[0], index in told.changed_by, told.last)
            for index, given in enumerate(self.inputs)
            for told in (self.told[given.source, given.external_id],)
        ]

    def _learn_names(self, said: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        departments, staff = set(), set()
        for source, one in said:
            departments.add(one.get("department", ""))
            staff.add((source, one.get("served_by", "")))
        self.names.learn(departments, staff)

    def _make_cases(self) -> None:
        """Insert the cases nobody knew a moment ago. Who inserts the same one at the same time waits here for us."""
        known = set(Case.objects.filter(of_sources(self.told)).values_list("source", "external_id"))
        new = [told for key, told in sorted(self.told.items()) if key not in known]
        nameless: list[_Told] = []
        for told in new:
            told.listen(self.inputs, self.now)
            told.case = Case(source=told.source, external_id=told.key[1], created_at=self.now)
            self._apply(told)
            if key := told.named_customer:
                told.case.customer_id = self.customers[key]
            else:
                nameless.append(told)
        if nameless:
            found = customers.by_address([told.derived for told in nameless], self.now)
            for told, customer_id in zip(nameless, found, strict=True):
                told.case.customer_id = customer_id
        bulk.insert((told.case for told in new), skip_known=True)

    def _read_under_lock(self) -> None:
        """Lock every case of the batch, new ones too, and hear again what is said of those that were known before."""
        rows = Case.objects.select_for_update(no_key=True).filter(of_sources(self.told)).order_by("pk")
        by_id = {
            pk: self.told[source, x] for pk, source, x in rows.values_list("pk", "source", "external_id")
        }
        old: dict[int, _Told] = {}
        for event in CaseEvent.objects.filter(case__any_of=list(by_id)):
            told = old[event.case_id] = by_id[event.case_id]
            digest = bytes(event.digest)
            told.event_ids[digest] = event.pk
            told.known[digest] = Event(
                digest, event.status, event.received_at, event.sequence, event.occurred_at, event.payload
            )
        superfluous = []
        for case in Case.objects.filter(pk__any_of=list(old)).select_related(
            "customer", "department", "served_by"
        ):
            told = old[case.pk]
            if hasattr(told, "case") and told.case.customer_id != case.customer_id:
                superfluous.append(
                    told.case.customer_id
                )  # we made one for a case that another was faster with
            told.case = case
        customers.forget_unused(superfluous)
        for pk, told in by_id.items():
            if pk in old:
                told.listen(self.inputs, self.now)
            else:
                told.case.pk, told.made = pk, True
        self._learn_names(
            (told.source, snapshot)
            for told in old.values()
            if told.news
            for snapshot in (told.derived.snapshot, *(run.snapshot for run in told.derived.runs))
        )

    def _choose_customers(self, changed: Sequence[_Told]) -> None:
        """Give known cases the customer that their source names now, and complete the customers of all."""
        renamed = {told.key: key for told in changed if not told.made and (key := told.named_customer)}
        said = {renamed[told.key]: told.derived.customer for told in changed if told.key in renamed}
        if missing := {key: one for key, one in said.items() if key not in self.customers}:
            self.customers |= customers.by_external_id(missing, self.now)
        chosen = {told.key: told.case.customer_id for told in changed}
        chosen |= {key: self.customers[customer] for key, customer in renamed.items()}
        rows = customers.locked(set(chosen.values()))
        completions = []
        for told in changed:
            stays = chosen[told.key] == told.case.customer_id
            told.case.customer = rows[chosen[told.key]]
            completions.append((told.case.customer, told.derived, told.before if stays else None))
        customers.complete(completions, self.now)

    def _apply(self, told: _Told) -> None:
        case, derived = told.case, told.derived
        self._put(told.source, case, derived.snapshot)
        case.status, case.updated_at = derived.status, self.now
        case.opened_at, case.resolved_at = derived.opened_at, derived.resolved_at

    def _put(self, source: str, row: Case | Resolution, snapshot: Mapping[str, str]) -> None:
        row.department = self.names.department(snapshot["department"])
        row.department_slug = snapshot["department"]
        row.served_by = self.names.staff(source, snapshot["served_by"])
        row.resolution_text = snapshot["resolution"]
        for name in _COPIED:
            setattr(row, name, snapshot[name])

    def _save_cases(self, known: Sequence[_Told]) -> None:
        for told in known:
            self._apply(told)
        if known:
            Case.objects.bulk_create(
                [told.case for told in known],
                update_conflicts=True,
                unique_fields=["id"],
                update_fields=_OF_CASE,
            )

    def _save_events(self, changed: Sequence[_Told]) -> None:
        rows = [
            (
                told,
                CaseEvent(
                    case=told.case,
                    sequence=event.sequence,
                    occurred_at=event.occurred_at,
                    received_at=event.received_at,
                    status=event.status,
                    digest=event.digest,
                    payload=event.said,
                ),
            )
            for told in changed
            for event in told.news.values()
        ]
        bulk.insert(row for _, row in rows)
        for told, row in rows:
            told.event_ids[bytes(row.digest)] = row.pk

    def _save_resolutions(self) -> list[int]:
        """Make one row of each run: the row that a run already has is kept, whichever of its events it stood on.

        Returns:
            The ids of the resolutions that are new or changed.
        """
        known = [told.case.pk for told in self.told.values() if not told.made]
        by_event: dict[int, Resolution] = {}
        if known:
            rows = Resolution.objects.filter(case__any_of=known).select_related("department", "served_by")
            by_event = {row.event_id: row for row in rows}
        new: list[Resolution] = []
        changed: list[Resolution] = []
        for told in self.told.values():
            for run in told.derived.runs:
                ids = [told.event_ids[event.digest] for event in run.events]
                row = next((by_event[pk] for pk in ids if pk in by_event), None)
                if row is None:
                    row = Resolution(created_at=self.now)
                    new.append(row)
                    self._derive(told, row, run, ids[0])
                elif told.news and self._derive(told, row, run, ids[0]):
                    changed.append(row)
                row.case = told.case
                told.last = row
        bulk.insert(new)
        if changed:
            Resolution.objects.bulk_create(
                changed, update_conflicts=True, unique_fields=["id"], update_fields=_OF_RESOLUTION
            )
        return sorted(row.pk for row in (*new, *changed))

    def _derive(self, told: _Told, row: Resolution, run: Run, event_id: int) -> bool:
        """Bring a row in line with its run; says whether that changed anything."""
        before = _values(row)
        self._put(told.source, row, run.snapshot)
        row.event_id, row.resolved_at, row.reopened_at = event_id, run.resolved_at, run.reopened_at
        return _values(row) != before


def _values(row: Resolution) -> list[Any]:
    return [getattr(row, f.attname) for f in Resolution._meta.concrete_fields if f.name in _OF_RESOLUTION]
