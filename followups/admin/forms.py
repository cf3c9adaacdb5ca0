"""The small forms of a follow-up's page. They check shape; what may be done is the services' to say."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from feedback.models import Department, User
from followups.models import FollowUp, Promise
from followups.replies import Part
from followups.states import WithdrawnReason

PARTS = {
    "found": (_("What we found"), _("What really happened, in the customer's words where you can.")),
    "did": (_("What we did"), _("What has been done about it. An apology alone is no answer.")),
    "changes": (_("What changes for you"), _("“Nothing changes, because …” is an answer too.")),
}


def _words(label: Any, help_text: Any = "", rows: int = 3, **kwargs: Any) -> forms.CharField:
    widget = forms.Textarea({"class": "desk-input", "rows": rows})
    return forms.CharField(label=label, help_text=help_text, max_length=10_000, widget=widget, **kwargs)


def _choose(label: Any, help_text: Any = "", **kwargs: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, help_text=help_text, widget=forms.Select({"class": "desk-input"}), **kwargs
    )


class Deed(forms.Form):
    """One action on a follow-up. ``prefix`` keeps the ids of several forms on one page apart."""

    use_required_attribute = False

    def __init__(self, data: Any, *, page: Any, name: str) -> None:
        self.page = page
        super().__init__(data, auto_id=f"{name}-%s")
        self.build()

    def build(self) -> None:
        """Fill in what depends on the follow-up."""

    def full_clean(self) -> None:
        # A time typed into a form is one by the clock on the department's wall.
        with timezone.override(self.page.zone):
            super().full_clean()

    @property
    def plain_fields(self) -> list[forms.BoundField]:
        """Return the fields that are no promises to tick."""
        return [self[name] for name in self.fields if not name.startswith("promise-")]

    @property
    def follow_up(self) -> FollowUp:
        found: FollowUp = self.page.follow_up
        return found


class TakeForm(Deed):
    pass


class NoteForm(Deed):
    text = _words(_("Note"), _("Only colleagues read this."))


class WriteForm(Deed):
    text = _words(_("Message"), _("It goes to the customer, and stands on their page."), rows=4)


class PromiseForm(Deed):
    text = _words(_("What you promise"), _("As the customer will read it."), rows=2)
    due_at = forms.DateTimeField(
        label=_("By when"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(
            {"class": "desk-input", "type": "datetime-local"}, format="%Y-%m-%dT%H:%M"
        ),
    )
    kind = _choose(_("Kind"), choices=Promise.Kind.choices, initial=Promise.Kind.OTHER)
    point = _choose(_("About"), required=False)

    def build(self) -> None:
        zone: ZoneInfo = self.page.zone
        self.fields["due_at"].help_text = _("By the clock of the department (%(zone)s).") % {"zone": zone.key}
        self._offer(
            "point", [("", _("everything")), *((one.point.pk, one.title) for one in self.page.points)]
        )

    def _offer(self, name: str, choices: Sequence[Any]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def due(self) -> datetime:
        at: datetime = self.cleaned_data["due_at"]
        return at


class AssignForm(Deed):
    to = forms.ModelChoiceField(
        label=_("To"),
        queryset=User.objects.none(),
        empty_label=_("choose …"),
        widget=forms.Select({"class": "desk-input"}),
    )

    def build(self) -> None:
        self.fields["to"].queryset = self.page.colleagues()  # type: ignore[attr-defined]


class TransferForm(Deed):
    department = forms.ModelChoiceField(
        label=_("To"),
        queryset=Department.objects.none(),
        empty_label=_("choose …"),
        help_text=_("The customer is not asked again: everything they said goes along."),
        widget=forms.Select({"class": "desk-input"}),
    )
    points = forms.TypedMultipleChoiceField(
        label=_("Points"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick at least one.")},
    )

    def build(self) -> None:
        others = Department.objects.filter(retired_at=None).exclude(pk=self.follow_up.department_id)
        self.fields["department"].queryset = others  # type: ignore[attr-defined]
        offered = [(one.point.pk, one.title) for one in self.page.open_points]
        self.fields["points"].choices = offered  # type: ignore[attr-defined]
        if len(offered) == 1:
            self.fields["points"].initial = [offered[0][0]]


class SplitForm(Deed):
    point = _choose(_("Point"))
    titles = _words(_("Into"), _("One a line: each is told and judged by itself."), rows=3)

    def build(self) -> None:
        self.fields["point"].choices = [(one.point.pk, one.title) for one in self.page.open_points]  # type: ignore[attr-defined]

    def lines(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["titles"].splitlines() if line.strip()]


class KeepsPromises(Deed):
    """A form in which promises are ticked as kept."""

    def add_promises(self) -> None:
        for one in self.page.open_promises:
            self.fields[f"promise-{one.promise.pk}"] = forms.BooleanField(
                label=one.text or one.kind, required=False, help_text=one.due
            )

    @property
    def promise_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("promise-")]

    def kept(self) -> list[int]:
        return [
            one.promise.pk
            for one in self.page.open_promises
            if self.cleaned_data.get(f"promise-{one.promise.pk}")
        ]


class CallForm(KeepsPromises):
    text = _words(_("What was said"), _("Only colleagues read this; the customer sees that you spoke."))

    def build(self) -> None:
        self.add_promises()


class ReplyForm(KeepsPromises):
    """For every open point what we found, what we did, what changes for the customer (R23)."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def build(self) -> None:
        self.fields["seen"].initial = self.page.newest_reply_id
        for one in self.page.open_points:
            for part, (label, help_text) in PARTS.items():
                missing = {"required": _("Please say it: the customer reads this for every point.")}
                self.fields[f"point-{one.point.pk}-{part}"] = _words(
                    label, help_text, rows=2, error_messages=missing
                )
        self.add_promises()

    def clean(self) -> None:
        """Say at once, beside the rest, which promises stand in the way (R19)."""
        super().clean()
        for bound in self.promise_fields:
            if not self.cleaned_data.get(bound.name):
                self.add_error(bound.name, _("Keep this promise first, then tick it as kept by this reply."))

    @property
    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """Return every open point with its three fields."""
        return [
            (one, [self[f"point-{one.point.pk}-{part}"] for part in PARTS]) for one in self.page.open_points
        ]

    def parts(self) -> dict[int, Part]:
        return {
            one.point.pk: Part(*(self.cleaned_data[f"point-{one.point.pk}-{part}"] for part in PARTS))
            for one in self.page.open_points
        }


class WithdrawForm(Deed):
    reason = _choose(
        _("Why"),
        choices=[
            (one.value, one.label) for one in (WithdrawnReason.CUSTOMERS_WISH, WithdrawnReason.WRONG_PERSON)
        ],
    )
    text = _words(_("In words"), _("This is counted apart, and cannot be undone."))
