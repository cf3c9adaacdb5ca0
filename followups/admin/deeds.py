"""What can be done with a follow-up at the desk: each deed is a small form, a service, and a word that it was done.

The services decide; a deed that the state does not allow is not offered, and refused all the same when posted.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from feedback import access
from feedback.models.staff import Role
from followups import promises, replies, services
from followups.admin import forms
from followups.admin.page import FollowUpPage
from followups.models import Reply, ReplyPart
from followups.moves import Stale
from followups.states import Severity, Status

Text = str | Promise


@dataclass(frozen=True)
class Kind:
    """One kind of deed. ``run`` calls the service; ``offered`` says whether the state and the person allow it."""

    name: str
    title: Text
    hint: Text
    icon: str
    button: Text
    done: Text
    form: type[forms.Deed]
    run: Callable[[FollowUpPage, Any], Any]
    offered: Callable[[FollowUpPage], bool]
    danger: bool = False


@dataclass
class Deed:
    """One deed on the page: its kind, its form, and whether it stands open because something must be put right."""

    kind: Kind
    form: forms.Deed
    is_open: bool = False
    preview: bool = False


def _not_withdrawn(page: FollowUpPage) -> bool:
    return page.may_work and page.follow_up.status != Status.WITHDRAWN


def _owed(page: FollowUpPage) -> bool:
    return page.may_work and page.is_owed


def _takeable(page: FollowUpPage) -> bool:
    mine = page.follow_up.assignee_id == page.user.pk
    return _not_withdrawn(page) and (not mine or page.follow_up.status == Status.OPEN)


def _may_withdraw(page: FollowUpPage) -> bool:
    if page.follow_up.severity == Severity.SAFETY:
        allowed = Role.SAFETY_OWNER in access.roles(page.user)
    else:
        allowed = access.is_manager(page.user)
    return allowed and _not_withdrawn(page)


def _several_departments(page: FollowUpPage) -> bool:
    return _owed(page) and bool(page.open_points)


def _reply(page: FollowUpPage, form: forms.ReplyForm) -> None:
    parts = form.parts()
    try:
        replies.reply(page.follow_up.pk, page.user, parts, form.kept(), seen=form.cleaned_data["seen"])
    except Stale:
        # The same press twice: the reply that "somebody" wrote meanwhile is this very one.
        if not _was_sent_already(page, form.cleaned_data["seen"], parts):
            raise


def _was_sent_already(page: FollowUpPage, seen: int, parts: dict[int, replies.Part]) -> bool:
    newest = (
        Reply.objects.filter(follow_up=page.follow_up, author=page.user, pk__gt=seen).order_by("pk").last()
    )
    sent = ReplyPart.objects.filter(reply=newest) if newest else []
    said = {part.point_id: replies.Part(part.found, part.did, part.changes) for part in sent}
    stripped = {
        pk: replies.Part(*(text.replace("\r\n", "\n").strip() for text in vars(part).values()))
        for pk, part in parts.items()
    }
    return bool(said) and said == stripped


KINDS = (
    Kind(
        "take",
        _("Take it"),
        _("You are the one who answers now"),
        "front_hand",
        _("Take it"),
        _("It is yours."),
        forms.TakeForm,
        lambda page, form: services.take(page.follow_up.pk, page.user),
        _takeable,
    ),
    Kind(
        "reply",
        _("Report back"),
        _("What we found, did, and what changes"),
        "mark_email_read",
        _("Send to the customer"),
        _("Your reply is on its way, and stands on the customer's page."),
        forms.ReplyForm,
        _reply,
        lambda page: _owed(page) and bool(page.open_points),
    ),
    Kind(
        "write",
        _("Write to the customer"),
        _("A question, or how it stands"),
        "chat",
        _("Send"),
        _("Your message is on its way, and stands on the customer's page."),
        forms.WriteForm,
        lambda page, form: services.write(page.follow_up.pk, page.user, form.cleaned_data["text"]),
        _not_withdrawn,
    ),
    Kind(
        "promise",
        _("Promise something"),
        _("With a time that the customer sees"),
        "event_available",
        _("Promise it"),
        _("Promised. The customer sees it with its time."),
        forms.PromiseForm,
        lambda page, form: promises.promise(
            page.follow_up.pk,
            page.user,
            form.cleaned_data["text"],
            form.due(),
            kind=form.cleaned_data["kind"],
            point_id=int(form.cleaned_data["point"]) if form.cleaned_data["point"] else None,
        ),
        _owed,
    ),
    Kind(
        "call",
        _("Log a call"),
        _("You spoke with them"),
        "call",
        _("Log the call"),
        _("The call is in the journal."),
        forms.CallForm,
        lambda page, form: replies.log_call(
            page.follow_up.pk, page.user, form.cleaned_data["text"], form.kept()
        ),
        _not_withdrawn,
    ),
    Kind(
        "note",
        _("Leave a note"),
        _("For colleagues only"),
        "sticky_note_2",
        _("Keep the note"),
        _("The note is in the journal."),
        forms.NoteForm,
        lambda page, form: services.note(page.follow_up.pk, page.user, form.cleaned_data["text"]),
        lambda page: page.may_work,
    ),
    Kind(
        "assign",
        _("Give it to somebody"),
        _("With its open promises"),
        "person_add",
        _("Give it"),
        _("It has a new assignee."),
        forms.AssignForm,
        lambda page, form: services.assign(page.follow_up.pk, page.user, form.cleaned_data["to"]),
        _not_withdrawn,
    ),
    Kind(
        "transfer",
        _("Hand over to a department"),
        _("One that can really mend it"),
        "move_down",
        _("Hand over"),
        _("Handed over. The other department has it now, with everything that was said."),
        forms.TransferForm,
        lambda page, form: services.transfer(
            page.follow_up.pk, page.user, form.cleaned_data["department"], form.cleaned_data["points"]
        ),
        _several_departments,
    ),
    Kind(
        "split",
        _("Split a point"),
        _("Two things in one"),
        "call_split",
        _("Split it"),
        _("Each part is a point of its own now."),
        forms.SplitForm,
        lambda page, form: services.split(
            page.follow_up.pk, page.user, int(form.cleaned_data["point"]), form.lines()
        ),
        _several_departments,
    ),
    Kind(
        "withdraw",
        _("Withdraw"),
        _("For good, with a reason"),
        "delete_forever",
        _("Withdraw for good"),
        _("Withdrawn. It is counted apart."),
        forms.WithdrawForm,
        lambda page, form: services.withdraw(
            page.follow_up.pk, page.user, form.cleaned_data["reason"], form.cleaned_data["text"]
        ),
        _may_withdraw,
        danger=True,
    ),
)
BY_NAME = {kind.name: kind for kind in KINDS}


def offered(page: FollowUpPage, standing: Deed | None = None) -> list[Deed]:
    """Return the deeds to offer, with ``standing``, the one just posted, in its place and open."""
    found = []
    for kind in KINDS:
        if standing is not None and standing.kind == kind:
            found.append(standing)
        elif kind.offered(page):
            found.append(Deed(kind, kind.form(None, page=page, name=kind.name)))
    return found


def do(page: FollowUpPage, deed: Deed) -> bool:
    """Do a posted deed. Returns whether it was done; else the form holds what to put right, by field.

    Raises:
        PermissionDenied, FollowUp.DoesNotExist: as the service says.
    """
    form = deed.form
    if not form.is_valid():
        return False
    try:
        deed.kind.run(page, form)
    except ValidationError as error:
        _add(form, error)
        return False
    return True


def _add(form: forms.Deed, error: ValidationError) -> None:
    """Put a service's errors beside the fields they belong to; what belongs to none stands above the form."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, errors in error.error_dict.items():
        for one in errors:
            form.add_error(name if name in form.fields else None, one)
