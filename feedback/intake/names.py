"""The departments and staff that cases name. A name nobody knows is kept and listed, never refused (R37)."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q

from feedback.lookups import AnyPair
from feedback.models import Case, Department, DepartmentAlias, Resolution, StaffIdentity

SourceKey = tuple[str, str]


def of_sources(keys: Collection[SourceKey]) -> AnyPair:
    """Return the condition for rows whose (source, external_id) is one of ``keys``."""
    return AnyPair("source", "external_id", keys)


class Names:
    """What the names in one batch of cases stand for, read set by set."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._departments: dict[str, Department | None] = {"": None}
        self._staff: dict[SourceKey, StaffIdentity] = {}

    def learn(self, departments: Collection[str], staff: Collection[SourceKey]) -> None:
        """Look up those names that are not known yet; keep the ones that nobody knows."""
        self._learn_departments(set(departments) - self._departments.keys())
        self._learn_staff({key for key in staff if key[1]} - self._staff.keys())

    def department(self, name: str) -> Department | None:
        """Return the department of this name, or None while nobody has linked it to one."""
        return self._departments[name]

    def staff(self, source: str, external_id: str) -> StaffIdentity | None:
        return self._staff[source, external_id] if external_id else None

    def _learn_departments(self, names: set[str]) -> None:
        if not names:
            return
        self._departments.update({row.slug: row for row in Department.objects.filter(slug__any_of=names)})
        if unknown := names - self._departments.keys():
            aliases = DepartmentAlias.objects.filter(slug__any_of=unknown).select_related("department")
            self._departments.update({alias.slug: alias.department for alias in aliases})
            if new := sorted(unknown - self._departments.keys()):
                DepartmentAlias.objects.bulk_create(
                    [DepartmentAlias(slug=name, first_seen_at=self._now) for name in new],
                    ignore_conflicts=True,
                )
                self._departments.update(dict.fromkeys(new))

    def _learn_staff(self, keys: set[SourceKey]) -> None:
        if not keys:
            return
        self._read_staff(keys)
        if new := sorted(keys - self._staff.keys()):
            StaffIdentity.objects.bulk_create(
                [StaffIdentity(source=s, external_id=x, first_seen_at=self._now) for s, x in new],
                ignore_conflicts=True,
            )
            self._read_staff(set(new))

    def _read_staff(self, keys: set[SourceKey]) -> None:
        rows = StaffIdentity.objects.filter(of_sources(keys))
        self._staff.update({(row.source, row.external_id): row for row in rows})


def link_department(alias: DepartmentAlias, department: Department) -> int:
    """Say which department a name stands for, and give it the cases that came under that name.

    Returns:
        The number of cases that were without a department and now have this one.
    """
    alias.department = department
    alias.save(update_fields=["department"])
    unlinked = Q(department_slug=alias.slug, department=None)
    Resolution.objects.filter(unlinked).update(department=department)
    return Case.objects.filter(unlinked).update(department=department)
