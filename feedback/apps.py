from datetime import datetime

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


def cases_resolved(since: datetime | None) -> int:
    from feedback.models import Resolution

    found = Resolution.objects.all()
    return (found.filter(created_at__gte=since) if since else found).count()


def questions_sent(since: datetime | None) -> int:
    """How many surveys a channel has accepted, of those written since then."""
    from feedback.models import Message
    from feedback.models.messages import Purpose, State

    found = Message.objects.filter(purpose=Purpose.SURVEY, state=State.ACCEPTED)
    return (found.filter(created_at__gte=since) if since else found).count()


class FeedbackConfig(AppConfig):
    name = "feedback"
    verbose_name = _("Service")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from feedback import checks, invariants, lookups, loop, policies  # noqa: F401  # two register by being imported

        policies.install()
        invariants.register()
        loop.register(10, "resolutions", _("Cases resolved"), cases_resolved)
        loop.register(30, "sent", _("Questions sent"), questions_sent)
