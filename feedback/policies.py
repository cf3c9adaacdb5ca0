"""Who may see the shared ground's rows (R13, R39). Each function returns the rows of one model for one user.

Whoever served a customer sees nothing that could tell what this customer then said of them: not the case, not the
resolution, not the messages that went to the customer about it. The check joins through the staff name of the source
system, so that a name linked to a user later protects at once.
"""

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from feedback.access import departments_of, is_manager, managers_only, names_of, register, works_at_the_desk
from feedback.models import (
    Case,
    Customer,
    Department,
    DepartmentAlias,
    Heartbeat,
    Message,
    Pause,
    Resolution,
    StaffIdentity,
    Suppression,
    User,
)
from feedback.models.messages import Purpose


def cases(user: User) -> QuerySet[Case]:
    """Cases of the user's departments, a manager's all; none in which they served."""
    rows = Case.objects.all()
    if names := names_of(user):
        served = Resolution.objects.filter(case=OuterRef("pk"), served_by__in=names)
        rows = rows.exclude(served_by__in=names).exclude(Exists(served))
    if is_manager(user):
        return rows
    theirs = departments_of(user).values("pk")
    # One look at the index for each case of the page; as Exists, all resolutions would be read beforehand.
    there = Resolution.objects.filter(case=OuterRef("pk"), department__in=theirs).values("pk")[:1]
    rows = rows.alias(resolved_there=Subquery(there))
    return rows.filter(Q(department__in=theirs) | Q(resolved_there__isnull=False))


def resolutions(user: User) -> QuerySet[Resolution]:
    """Resolutions of the user's departments, a manager's all; none in which they served."""
    rows = Resolution.objects.all()
    if names := names_of(user):
        rows = rows.exclude(served_by__in=names)
    return rows if is_manager(user) else rows.filter(department__in=departments_of(user).values("pk"))


def customers(user: User) -> QuerySet[Customer]:
    """A manager's all; else the customers of the cases that the user may see."""
    if is_manager(user):
        return Customer.objects.all()
    return Customer.objects.filter(Exists(cases(user).filter(customer=OuterRef("pk"))))


def departments(user: User) -> QuerySet[Department]:
    """All of them for everybody at the desk: their names are no secret, and points are handed over between them."""
    return Department.objects.all() if works_at_the_desk(user) else Department.objects.none()


def messages(user: User) -> QuerySet[Message]:
    """A manager's all, but none to a customer whom they served, and no colleague's notice if they ever served.

    A notice does not say in a column whose complaint it is about, so this errs on the side of the customer.
    """
    if not is_manager(user):
        return Message.objects.filter(staff=user)
    names = names_of(user)
    if not names:
        return Message.objects.all()
    served = Resolution.objects.filter(served_by__in=names)
    cases_served = Case.objects.filter(Q(served_by__in=names) | Q(Exists(served.filter(case=OuterRef("pk")))))
    rows = Message.objects.exclude(Exists(cases_served.filter(customer=OuterRef("customer"))))
    if served.exists():
        rows = rows.exclude(~Q(staff=user), purpose=Purpose.NOTICE)
    return rows


def install() -> None:
    """Register every policy of this package. Called when the application starts."""
    register(Case, cases)
    register(Resolution, resolutions)
    register(Customer, customers)
    register(Department, departments)
    register(Message, messages)
    for model in (DepartmentAlias, Heartbeat, Pause, StaffIdentity, Suppression, User):
        register(model, managers_only(model))
