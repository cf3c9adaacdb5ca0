from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FeedbackConfig(AppConfig):
    name = "feedback"
    verbose_name = _("Service")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from feedback import checks, invariants, loop, policies  # noqa: F401  # system checks register by being imported
        from feedback.models import Message, Resolution

        policies.install()
        invariants.register()
        loop.register(10, "resolutions", _("Cases resolved"), Resolution.objects.count)
        loop.register(30, "messages", _("Messages stored"), Message.objects.count)
