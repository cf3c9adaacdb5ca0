"""What a replay ended with, told without ids and times of arrival, so that two replays can be laid side by side."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from django.db import connection
from django.db.models import TextField
from django.db.models.functions import MD5, Cast

from feedback.models import Case, CaseEvent, Contact, DepartmentAlias, Message, Resolution, StaffIdentity
from surveys.models import Invitation

SNAPSHOT = (
    "department__slug",
    "department_slug",
    "served_by__source",
    "served_by__external_id",
    "product",
    "order_ref",
    "channel",
    "subject",
    "resolution_text",
)
PROFILE = ("external_id", "source", "name", "language", "time_zone", "erased_at")

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Outcome:
    """All that must not depend on the order of arrival, nor on how often something arrived.

    Left out, because it tells of the arrival itself: ids; ``received_at`` of events; ``created_at`` and ``updated_at``;
    customers who have no case (an event that came early named them, one that outranks it named another); and what was
    decided about asking, which by design depends on what was known on that day: the cap of 14 days counts from
    arrivals, and a run that was found already reopened is not asked at all.
    """

    cases: Mapping[Row, Row]
    events: Mapping[Row, Row]
    resolutions: Mapping[Row, Row]
    customers: Mapping[Row, Row]
    names: Mapping[Row, Row]

    def __str__(self) -> str:
        return (
            f"{len(self.cases):,} cases, {len(self.events):,} events, {len(self.resolutions):,} resolutions,"
            f" {len(self.customers):,} customers, {len(self.names):,} names of departments and staff"
        )


def now() -> Outcome:
    """Read the whole database."""
    contacts: dict[int, list[tuple[str, str]]] = {}
    for pk, channel, address in (
        Contact.objects.order_by("channel", "address")
        .values_list("customer", "channel", "address")
        .iterator()
    ):
        contacts.setdefault(pk, []).append((channel, address))
    cases: dict[Row, Row] = {}
    customers: dict[Row, Row] = {}
    bearers: dict[Row, int] = {}
    of_customer = [f"customer__{name}" for name in PROFILE]
    for row in Case.objects.values_list(
        "source", "external_id", "customer", "status", "opened_at", "resolved_at", *SNAPSHOT, *of_customer
    ).iterator():
        source, number, customer, *rest = row
        profile, addresses = tuple(rest[-len(PROFILE) :]), tuple(contacts.get(customer, ()))
        # Who has no id in a source is known by the addresses; who has neither belongs to one case.
        who = (profile[0],) if profile[0] else (addresses or number,)
        cases[source, number] = (*rest[: -len(PROFILE)], *who)
        customers[who] = (profile, addresses)
        assert bearers.setdefault(who, customer) == customer, f"two customers are one person: {who}"
    return Outcome(
        cases=cases,
        events=_rows(
            CaseEvent.objects.annotate(
                said=MD5(Cast("payload", TextField())), which=MD5(Cast("digest", TextField()))
            ),
            ("case__source", "case__external_id", "which"),
            ("sequence", "occurred_at", "status", "said"),
        ),
        resolutions=_rows(
            Resolution.objects.annotate(which=MD5(Cast("event__digest", TextField()))),
            ("case__source", "case__external_id", "which"),
            ("resolved_at", "reopened_at", *SNAPSHOT),
        ),
        customers=customers,
        names=_rows(DepartmentAlias.objects, ("slug",), ("department__slug",))
        | _rows(StaffIdentity.objects, ("source", "external_id"), ("user__username",)),
    )


def _rows(found: Any, key: tuple[str, ...], value: tuple[str, ...]) -> dict[Row, Row]:
    made: dict[Row, Row] = {}
    for row in found.values_list(*key, *value).iterator():
        name = row[: len(key)]
        assert name not in made, f"twice: {name}"
        made[name] = row[len(key) :]
    return made


def differences(one: Outcome, other: Outcome) -> list[str]:
    """Say what differs, the first few of each kind; a diff of a hundred thousand rows would be no help."""
    return [said for field in fields(Outcome) for said in _differ(field.name, one, other)]


def _differ(name: str, one: Outcome, other: Outcome) -> Iterator[str]:
    here, there = getattr(one, name), getattr(other, name)
    wrong = [key for key in here.keys() | there.keys() if here.get(key) != there.get(key)]
    for key in sorted(wrong, key=str)[:5]:
        yield f"{name} {key}: {here.get(key)} and {there.get(key)}"
    if len(wrong) > 5:
        yield f"{name}: and {len(wrong) - 5} more"


EVERY_ROW_OF = (
    "feedback_case",
    "feedback_caseevent",
    "feedback_resolution",
    "feedback_customer",
    "feedback_contact",
    "feedback_departmentalias",
    "feedback_staffidentity",
    "feedback_link",
    "feedback_message",
    "surveys_invitation",
)


def to_the_letter() -> dict[str, str | None]:
    """A digest of every column of every row that intake and asking write, by table: ids and times of arrival too."""
    found = {}
    with connection.cursor() as cursor:
        for table in EVERY_ROW_OF:
            cursor.execute(f"SELECT md5(string_agg(md5(t::text), '' ORDER BY id)) FROM {table} t")
            [found[table]] = cursor.fetchone()
    return found


def asking() -> str:
    """How the decisions fell: asked, and not asked by reason."""
    found = Counter(Invitation.objects.values_list("state", "reason"))
    why = ", ".join(f"{reason} {n:,}" for (_, reason), n in found.most_common() if reason)
    return f"asked {found['asked', '']:,}; not asked: {why or 'nobody'}"


def unsent() -> Counter[str]:
    """The survey messages by state."""
    return Counter(Message.objects.filter(purpose="survey").values_list("state", flat=True))
