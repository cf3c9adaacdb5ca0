from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


def questions_sent() -> int:
    """How many surveys a channel has accepted."""
    from feedback.models import Message
    from feedback.models.messages import Purpose, State

    return Message.objects.filter(purpose=Purpose.SURVEY, state=State.ACCEPTED).count()


class FeedbackConfig(AppConfig):
    name = "feedback"
    verbose_name = _("Service")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from feedback import checks, invariants, lookups, loop, policies  # noqa: F401  # two register by being imported
        from feedback.models import Resolution

        policies.install()
        invariants.register()
        loop.register(10, "resolutions", _("Cases resolved"), Resolution.objects.count)
        loop.register(30, "sent", _("Questions sent"), questions_sent)
