from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FollowUpsConfig(AppConfig):
    name = "followups"
    verbose_name = _("Answering back")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from feedback import loop, outbox
        from feedback.models.messages import Purpose
        from feedback.reasons import SkipReason
        from followups import counts, demo, invariants, notices, policies, receivers
        from surveys import known

        policies.register()
        receivers.connect()
        outbox.register_check([Purpose.NOTICE], notices.before_sending)
        invariants.register()
        demo.register()
        known.register_veto(SkipReason.OPEN_FOLLOW_UP, counts.customers_with_open_follow_up)
        loop.register(60, "owed", _("Being worked on"), counts.owed)
        loop.register(70, "told", _("Customers told"), counts.told)
        loop.register(80, "confirmed", _("Confirmed fixed"), counts.confirmed)
