"""Whose case it is: customers by the source's id, else by an address, else new."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from django.db import connection

from feedback import bulk
from feedback.intake.names import SourceKey, of_sources
from feedback.intake.ordering import Derived
from feedback.models import Contact, Customer
from feedback.suppression import digest

_PROFILE = ("name", "language", "time_zone")
# The space of advisory locks that this module uses, and how many it spreads addresses over. Few enough that no batch
# can fill the server's table of locks, many enough that strangers rarely wait for each other.
_LOCK_SPACE = 0x414E5357
_LOCKS = 256


def by_external_id(profiles: Mapping[SourceKey, Mapping[str, str]], now: datetime) -> dict[SourceKey, int]:
    """Return the id of the customer of each (source, external id), made by what is said of them where it is missing."""
    found = _read(profiles.keys())
    # In one order, so that batches that make the same customers wait for each other and never in a circle.
    if missing := sorted(profiles.keys() - found.keys()):
        new = [
            Customer(source=s, external_id=x, created_at=now, **_profile(profiles[s, x])) for s, x in missing
        ]
        made = bulk.insert(new, skip_known=True)
        found |= {(customer.source, customer.external_id): customer.pk for customer in made}
        # Those that another batch was faster with.
        found |= _read(profiles.keys() - found.keys())
    return found


def _profile(said: Mapping[str, str]) -> dict[str, str]:
    return {name: said[name] for name in _PROFILE if said.get(name)}


def _read(keys: Collection[SourceKey]) -> dict[SourceKey, int]:
    if not keys:
        return {}
    # Said once more, so that the planner may use the index, which holds only those with an id.
    rows = Customer.objects.filter(of_sources(keys)).exclude(external_id="")
    found = rows.values_list("source", "external_id", "pk")
    return {(source, external_id): pk for source, external_id, pk in found}


def by_address(wanted: Sequence[Derived], now: datetime) -> list[int]:
    """Return the id of the customer of each of these cases, found by the addresses given in it.

    That is the oldest customer without an id in a source that bears one of them, else a new one; without any address
    always a new one. An id in a source says more than an address, which families and offices share, so customers who
    have one are not found this way.
    """
    digests = [[digest(channel, address) for channel, address in derived.contacts] for derived in wanted]
    every = {one for of_one in digests for one in of_one}
    bearers: dict[bytes, Customer] = {}
    if every:
        _lock(every)
        rows = Contact.objects.filter(
            digest__any_of=every, customer__external_id="", customer__erased_at=None
        ).select_related("customer")
        for contact in rows.order_by("-customer_id"):
            bearers[bytes(contact.digest)] = contact.customer
    new: list[Customer] = []
    chosen: list[Customer] = []
    for derived, of_one in zip(wanted, digests, strict=True):
        candidates = [bearers[one] for one in of_one if one in bearers]
        saved = [candidate for candidate in candidates if candidate.pk is not None]
        if saved:
            customer = min(saved, key=lambda candidate: candidate.pk)
        elif candidates:
            customer = candidates[0]
        else:
            customer = Customer(created_at=now, **_profile(derived.customer))
            new.append(customer)
        for one in of_one:
            bearers.setdefault(one, customer)
        chosen.append(customer)
    bulk.insert(new)
    return [customer.pk for customer in chosen]


def _lock(digests: Iterable[bytes]) -> None:
    """Let nobody else look for a customer by these addresses until our transaction ends; always in one order."""
    slots = sorted({int.from_bytes(one[:4], "big") % _LOCKS for one in digests})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s::int, slot) FROM unnest(%s::int[]) AS slot", [_LOCK_SPACE, slots]
        )


def forget_unused(ids: Collection[int]) -> None:
    """Remove those of these customers who turned out to be nobody's: no id in a source, no case, no address."""
    if ids:
        Customer.objects.filter(pk__any_of=ids, external_id="", cases=None, contacts=None).delete()


def locked(ids: Collection[int]) -> dict[int, Customer]:
    """Return these customers, locked in one order until the transaction ends."""
    rows = Customer.objects.select_for_update(no_key=True).filter(pk__any_of=ids).order_by("pk")
    return {customer.pk: customer for customer in rows}


def complete(said: Iterable[tuple[Customer, Derived, Derived | None]], now: datetime) -> None:
    """Bring locked customers up to date with what their cases newly say of them, and add the addresses not known yet.

    An erased customer stays erased: nothing is added to them, whatever a source goes on sending.

    Args:
        said: customer, what follows from all events of their case, and what followed before this batch, if anything.
            Only what is new is taken over: an old case that is closed at last does not bring an old name back.
        now: aware datetime.
    """
    changed: dict[int, Customer] = {}
    contacts: dict[tuple[int, str, str], None] = {}
    for customer, derived, before in said:
        if customer.erased_at is not None:
            continue
        for channel, address in derived.contacts:
            contacts[customer.pk, channel, address] = None
        for name in _PROFILE:
            value = derived.customer[name]
            if value and not (before and before.customer[name] == value) and getattr(customer, name) != value:
                setattr(customer, name, value)
                changed[customer.pk] = customer
    if changed:
        Customer.objects.bulk_create(
            [changed[pk] for pk in sorted(changed)],
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=list(_PROFILE),
        )
    if contacts:
        bulk.insert(
            (
                Contact(
                    customer_id=pk,
                    channel=channel,
                    address=address,
                    digest=digest(channel, address),
                    created_at=now,
                )
                for pk, channel, address in sorted(contacts)
            ),
            skip_known=True,
        )
