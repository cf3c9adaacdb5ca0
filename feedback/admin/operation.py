"""What goes out and what is held back: messages, blocked addresses, the global pause."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import display
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from feedback import outbox, pause
from feedback.desk import navigation
from feedback.desk.badges import badge
from feedback.desk.people import is_manager, person
from feedback.desk.policy import ManagersAdmin
from feedback.models import Message, Pause, Suppression
from feedback.models.messages import Delivery, State

PLACEHOLDERS = {"%%link%%": _("[personal link]"), "%%opt_out%%": _("[opt-out link]")}

STATE_COLOURS = {
    State.QUEUED: "blue",
    State.CLAIMED: "blue",
    State.CALLING: "blue",
    State.ACCEPTED: "green",
    State.REFUSED: "red",
    State.IN_DOUBT: "amber",
}
DELIVERY_COLOURS = {Delivery.DELIVERED: "green", Delivery.BOUNCED: "red", Delivery.COMPLAINED: "red"}


@admin.register(Message)
class MessageAdmin(ManagersAdmin):
    """Every message and what became of it. The personal link is derived while sending, and shown nowhere (R29)."""

    list_display = ["purpose", "channel", "receiver", "stands", "why", "heard", "due_at", "attempts"]
    list_filter = ["state", "purpose", "channel", "reason", "delivery"]
    list_select_related = ["customer", "staff"]
    sortable_by = ()
    search_fields = ["customer__name", "address", "subject", "provider_id"]
    ordering = ["-created_at", "-id"]
    fieldsets = [
        (None, {"fields": ["purpose", "channel", "receiver", "address", "language"]}),
        (_("Words"), {"fields": ["subject", "words"]}),
        (
            _("What became of it"),
            {
                "fields": [
                    "stands",
                    "why",
                    "heard",
                    "created_at",
                    "due_at",
                    "settled_at",
                    "attempts",
                    "resend_at",
                    "provider_id",
                ]
            },
        ),
    ]
    readonly_fields = ["receiver", "words", "stands", "why", "heard"]
    change_form_outer_before_template = "desk/doubt.html"

    def get_urls(self) -> list[URLPattern]:
        settle = self.admin_site.admin_view(require_POST(self.settle))
        return [path("<path:object_id>/settle/", settle, name="feedback_message_settle"), *super().get_urls()]

    def settle(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A person says what became of a message in doubt (R31)."""
        message = self.get_object(request, object_id) if is_manager(request) else None
        if message is None:
            raise Http404
        arrived = request.POST.get("arrived")
        if arrived not in ("yes", "no"):
            messages.error(request, gettext("Say whether it arrived."))
        elif outbox.settle_doubt(
            message.pk,
            arrived=arrived == "yes",
            detail=gettext("settled by %(name)s") % {"name": request.user},
        ):
            messages.success(request, gettext("Settled."))
        else:
            messages.info(request, gettext("It was not in doubt any more."))
        return HttpResponseRedirect(reverse("admin:feedback_message_change", args=[message.pk]))

    @display(description=_("to"))
    def receiver(self, message: Message) -> str:
        return str(message.customer or message.staff)

    @display(description=_("state"), ordering="state")
    def stands(self, message: Message) -> str:
        return badge(message.get_state_display(), STATE_COLOURS.get(State(message.state), ""))

    @display(description=_("why"))
    def why(self, message: Message) -> str:
        return str(message.get_reason_display() or message.detail)

    @display(description=_("delivery"), ordering="delivery")
    def heard(self, message: Message) -> str:
        return badge(message.get_delivery_display(), DELIVERY_COLOURS.get(Delivery(message.delivery), ""))

    @display(description=_("text"))
    def words(self, message: Message) -> str:
        text = message.text
        for placeholder, said in PLACEHOLDERS.items():
            text = text.replace(placeholder, str(said))
        return text


@admin.register(Suppression)
class SuppressionAdmin(ManagersAdmin):
    """Blocked addresses. They are kept as keyed digests, so there is no address to show."""

    list_display = ["cause", "scope", "created_at"]
    list_filter = ["cause", "scope"]
    sortable_by = ()
    ordering = ["-created_at", "-id"]
    fields = ["cause", "scope", "created_at"]


@admin.register(Pause)
class PauseAdmin(ManagersAdmin):
    """The global pause (R42): begun and ended by a button, its history below."""

    list_display = ["why", "started_at", "started_by", "ended_at"]
    list_select_related = ["started_by"]
    ordering = ["-started_at"]
    fields = ["why", "started_at", "started_by", "ended_at"]
    list_before_template = "desk/pause.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("start/", view(require_POST(self.start)), name="feedback_pause_start"),
            path("end/", view(require_POST(self.end)), name="feedback_pause_end"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return super().changelist_view(request, {"pause": pause.current(), **(extra_context or {})})

    def start(self, request: HttpRequest) -> HttpResponse:
        if not is_manager(request):
            raise PermissionDenied
        why = request.POST.get("why", "").strip()
        if not why:
            messages.error(request, gettext("Say why: whoever finds the surveys silent will want to know."))
        elif len(why) > 255:
            messages.error(request, gettext("Say it in at most 255 characters."))
        else:
            pause.start(person(request), why)
            messages.success(request, gettext("No survey leaves now. Replies to customers still go."))
        return HttpResponseRedirect(reverse("admin:feedback_pause_changelist"))

    def end(self, request: HttpRequest) -> HttpResponse:
        if not is_manager(request):
            raise PermissionDenied
        if pause.end():
            messages.success(request, gettext("Surveys leave again."))
        return HttpResponseRedirect(reverse("admin:feedback_pause_changelist"))


navigation.put(
    navigation.Page(
        navigation.SENT,
        40,
        _("Messages"),
        "outgoing_mail",
        "admin:feedback_message_changelist",
        managers=True,
    )
)
navigation.put(
    navigation.Page(
        navigation.SENT,
        50,
        _("Blocked addresses"),
        "block",
        "admin:feedback_suppression_changelist",
        managers=True,
    )
)
navigation.put(
    navigation.Page(
        navigation.SETUP,
        60,
        _("Pause of surveys"),
        "pause_circle",
        "admin:feedback_pause_changelist",
        managers=True,
    )
)
