"""Set-up of acting: which department a point goes to."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from feedback.desk import navigation
from feedback.desk.policy import SetUpAdmin
from followups.models import RoutingRule


@admin.register(RoutingRule)
class RoutingRuleAdmin(SetUpAdmin):
    list_display = [
        "position",
        "reason",
        "about_person",
        "case_department",
        "product",
        "channel",
        "department",
    ]
    list_select_related = ["case_department", "department"]
    ordering = ["position"]
    fieldsets = [
        (None, {"fields": ["position"]}),
        (
            _("If"),
            {
                "fields": ["reason", "about_person", "case_department", "product", "channel"],
                "description": _(
                    "Every field that is given must match. The first rule that matches decides."
                ),
            },
        ),
        (_("Then"), {"fields": ["department"]}),
    ]


navigation.put(
    navigation.Page(
        navigation.SETUP,
        50,
        _("Routing rules"),
        "route",
        "admin:followups_routingrule_changelist",
        managers=True,
    )
)
