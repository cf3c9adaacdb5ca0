"""The demo's first rows: departments, staff, who serves under which name, and the help desk's token."""

from collections import Counter
from datetime import timedelta
from functools import cache

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from knox.models import AuthToken

from feedback.demo import cast, registry, sample
from feedback.models import Department, DepartmentAlias, RoleGrant, StaffIdentity, User
from feedback.models.staff import Role


@transaction.atomic
def ensure() -> None:
    """Make what is missing; harmless when called again."""
    departments = {
        team.slug: _department(team, people)
        for team, people in zip((*cast.TEAMS, cast.ELSEWHERE), cast.STAFF, strict=True)
    }
    manager = _user(cast.MANAGER_NAME, username=cast.MANAGER)
    RoleGrant.objects.get_or_create(user=manager, role=Role.MANAGER)
    integration = _user("Help desk", username=cast.INTEGRATION, staff=False)
    RoleGrant.objects.get_or_create(user=integration, role=Role.INTEGRATION)
    _identities(departments)


@transaction.atomic
def ensure_upper_rows() -> None:
    """What the packages above add: after their own first rows."""
    registry.make_rows({department.slug: department for department in Department.objects.all()})


def _department(team: cast.Team, people: tuple[str, str, str]) -> Department:
    owner, deputy, head = (_user(name) for name in people)
    department, _ = Department.objects.get_or_create(
        slug=team.slug,
        defaults={
            "name": {"en": team.english, "zh-hans": team.chinese},
            "owner": owner,
            "deputy": deputy,
            "head": head,
            "time_zone": cast.ZONE,
            "is_fallback": team is cast.ELSEWHERE,
        },
    )
    if team.group:
        DepartmentAlias.objects.get_or_create(slug=team.group, defaults={"department": department})
    return department


def _user(name: str, *, username: str | None = None, staff: bool = True) -> User:
    first, _, last = name.partition(" ")
    user, made = User.objects.get_or_create(
        username=username or cast.username(name),
        defaults={
            "first_name": first,
            "last_name": last,
            "is_staff": staff,
            "email": f"{username or cast.username(name)}@example.com",
        },
    )
    if made:
        user.password = _password() if staff else make_password(None)
        user.save(update_fields=["password"])
    return user


@cache
def _password() -> str:
    """Hashed once for everybody: it is the same for all and stands on the page, and hashing is slow on purpose."""
    return make_password(cast.PASSWORD)


def _identities(departments: dict[str, Department]) -> None:
    """Owner and deputy have served a few customers themselves, so that somebody else must see to those (R13).

    The busiest names of the log stay with nobody we know: else few complaints would be left for the owner.
    """
    taken: set[str] = set()
    for team in cast.TEAMS:
        served = Counter(
            event.served_by
            for event in sample.incidents()
            if event.group == team.group and event.resolved_at and event.served_by
        )
        names = [name for name, _ in served.most_common() if name not in taken]
        names = names[min(3, max(len(names) - 2, 0)) :][:2]
        for name, user in zip(
            names, (departments[team.slug].owner, departments[team.slug].deputy), strict=False
        ):
            taken.add(name)
            StaffIdentity.objects.get_or_create(source=cast.SOURCE, external_id=name, defaults={"user": user})


def token() -> str:
    """The help desk's API token. Kept in the data folder, because the database holds only its digest."""
    file = settings.DATA_DIR / "demo-token"
    user = User.objects.get(username=cast.INTEGRATION)
    if file.exists():
        kept = file.read_text().strip()
        if AuthToken.objects.filter(user=user, token_key=kept[:15]).exists():
            return kept
    AuthToken.objects.filter(user=user).delete()
    _, made = AuthToken.objects.create(user=user, expiry=timedelta(days=settings.TOKEN_DAYS))
    file.touch(mode=0o600)
    file.write_text(made)
    return str(made)
