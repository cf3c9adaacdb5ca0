"""Outgoing messages, stored before they are sent, and what the provider later says of them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from feedback import clock
from feedback.models.digests import DigestField
from feedback.models.links import Link
from feedback.models.people import Channel, Contact, Customer
from feedback.models.staff import User
from feedback.reasons import SkipReason


class Purpose(models.TextChoices):
    SURVEY = "survey", _("survey")
    REMINDER = "reminder", _("reminder")
    CLARIFICATION = "clarification", _("clarification")
    MESSAGE = "message", _("message")
    PROMISE = "promise", _("promise")
    REMEDY = "remedy", _("remedy")
    REPLY = "reply", _("reply")
    TELLING = "telling", _("telling")
    NOTICE = "notice", _("staff notice")


class State(models.TextChoices):
    """Where a message stands. ``calling`` is committed before the first byte goes out (R30)."""

    QUEUED = "queued", _("queued")
    CLAIMED = "claimed", _("claimed")
    CALLING = "calling", _("calling")
    ACCEPTED = "accepted", _("accepted")
    REFUSED = "refused", _("refused")
    IN_DOUBT = "in_doubt", _("in doubt")
    CANCELLED = "cancelled", _("cancelled")


class Delivery(models.TextChoices):
    """What the provider reported later, in the order in which it can only move forward (R32)."""

    NONE = "", _("nothing heard")
    SENT = "sent", _("sent")
    DELIVERED = "delivered", _("delivered")
    BOUNCED = "bounced", _("bounced")
    COMPLAINED = "complained", _("complained")


UNSENT = (State.QUEUED, State.CLAIMED)
ASKING = (Purpose.SURVEY, Purpose.REMINDER)


class Message(models.Model):
    """One email or SMS. The body holds placeholders; personal links are put in while sending and stored nowhere."""

    send_key = models.CharField(max_length=255, unique=True)
    purpose = models.CharField(_("purpose"), max_length=16, choices=Purpose)
    channel = models.CharField(_("channel"), max_length=8, choices=Channel)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="messages"
    )
    contact = models.ForeignKey(
        Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="messages"
    )
    staff = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="notices")
    address = models.CharField(_("address"), max_length=320)
    digest = DigestField(max_length=32)
    language = models.CharField(_("language"), max_length=12)
    subject = models.CharField(_("subject"), max_length=500, blank=True)
    text = models.TextField(_("text"))
    html = models.TextField(_("HTML"), blank=True)
    link = models.ForeignKey(Link, on_delete=models.PROTECT, null=True, blank=True, related_name="messages")
    opt_out = models.ForeignKey(Link, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    state = models.CharField(_("state"), max_length=12, choices=State, default=State.QUEUED)
    reason = models.CharField(_("reason"), max_length=32, choices=SkipReason, blank=True)
    detail = models.CharField(_("what the channel said"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("created"), default=clock.now)
    due_at = models.DateTimeField(_("due"), default=clock.now)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    deferrals = models.PositiveSmallIntegerField(_("times put off by the channel"), default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    resend_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    provider_id = models.CharField(_("provider's id"), max_length=255, blank=True)
    delivery = models.CharField(
        _("delivery"), max_length=12, choices=Delivery, blank=True, default=Delivery.NONE
    )

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(customer__isnull=False) ^ models.Q(staff__isnull=False),
                name="message_to_customer_or_staff",
            ),
            models.CheckConstraint(
                condition=models.Q(state=State.CANCELLED) | models.Q(reason=""),
                name="only_cancelled_has_a_reason",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=[State.CLAIMED, State.CALLING])
                | models.Q(lease_until__isnull=False),
                name="claimed_message_has_a_lease",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=models.Q(state=State.QUEUED), name="message_due"),
            models.Index(fields=["created_at", "id"], name="message_by_creation"),
            models.Index(
                fields=["state", "created_at", "id"],
                condition=~models.Q(state=State.ACCEPTED),
                name="message_not_accepted",
            ),
            # The desk's filters. What nearly every message has is found soon without; what few have needs an index.
            # Of delivery either may be nearly all, by whether the provider reports.
            models.Index(
                fields=["purpose", "created_at", "id"],
                condition=~models.Q(purpose=Purpose.SURVEY),
                name="message_no_survey",
            ),
            models.Index(
                fields=["channel", "created_at", "id"],
                condition=~models.Q(channel=Channel.EMAIL),
                name="message_no_email",
            ),
            models.Index(
                fields=["reason", "created_at", "id"],
                condition=~models.Q(reason=""),
                name="message_by_reason",
            ),
            models.Index(fields=["delivery", "created_at", "id"], name="message_by_delivery"),
            models.Index(
                fields=["lease_until"],
                condition=models.Q(state__in=[State.CLAIMED, State.CALLING]),
                name="message_leased",
            ),
            models.Index(
                fields=["settled_at"], condition=models.Q(state=State.CANCELLED), name="message_cancelled"
            ),
            models.Index(
                fields=["resend_at"],
                condition=models.Q(state=State.IN_DOUBT, resend_at__isnull=False),
                name="message_to_resend",
            ),
            models.Index(
                fields=["customer", "created_at"],
                condition=models.Q(purpose__in=ASKING),
                name="message_asking_customer",
            ),
            models.Index(
                fields=["digest", "created_at"],
                condition=models.Q(purpose__in=ASKING),
                name="message_asking_address",
            ),
            models.Index(
                fields=["provider_id"], condition=~models.Q(provider_id=""), name="message_by_provider_id"
            ),
        ]

    def __str__(self) -> str:
        return self.send_key


class DeliveryEvent(models.Model):
    """One report of a provider about a message, with the raw event beside it."""

    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, null=True, blank=True, related_name="delivery_events"
    )
    backend = models.CharField(max_length=64)
    event_id = models.CharField(max_length=255)
    provider_id = models.CharField(max_length=255, blank=True)
    kind = models.CharField(max_length=12, choices=Delivery)
    reported_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(default=clock.now)
    raw = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("delivery event")
        verbose_name_plural = _("delivery events")
        constraints = [models.UniqueConstraint(fields=["backend", "event_id"], name="delivery_event_once")]
        indexes = [
            models.Index(
                fields=["provider_id"], condition=models.Q(message=None), name="delivery_event_unclaimed"
            )
        ]

    def __str__(self) -> str:
        return f"{self.backend} {self.kind}"
