from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SurveysConfig(AppConfig):
    name = "surveys"
    verbose_name = _("Asking")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from feedback import first_start, loop, outbox
        from feedback.intake import blocks
        from feedback.models.messages import ASKING
        from surveys import counts, default_survey, demo, invariants, invitations, policies, receivers

        policies.register()
        receivers.connect()
        outbox.register_check(ASKING, invitations.before_sending)
        blocks.register("invitation", invitations.block)
        first_start.register(default_survey.ensure)
        invariants.register()
        demo.register()
        loop.register(20, "asked", _("Customers asked"), counts.asked)
        loop.register(40, "answered", _("Answered"), counts.answered)
        loop.register(50, "negative", _("Negative"), counts.negative)
