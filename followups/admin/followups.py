"""Follow-ups at the desk: the list, the page, and the deeds posted from it."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from feedback import texts
from feedback.desk import navigation
from feedback.desk.people import person
from feedback.desk.policy import PolicyAdmin
from followups.admin import deeds, listing, rows
from followups.admin.page import FollowUpPage
from followups.models import FollowUp


@admin.register(FollowUp)
class FollowUpAdmin(PolicyAdmin):
    """No form of a row: its state follows from what is done, and nothing is ever deleted."""

    search_fields = ["customer__name", "response__invitation__resolution__case__external_id"]
    ordering = rows.SOONEST

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path(
                "<path:object_id>/do/<slug:name>/", view(require_POST(self.do)), name="followups_followup_do"
            ),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        context = {
            **self.admin_site.each_context(request),
            **listing.context(request),
            **(extra_context or {}),
        }
        return TemplateResponse(
            request,
            "followups/desk/list.html",
            {**context, "title": gettext("Follow-ups"), "is_fullwidth": False},
        )

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        if object_id is None:
            raise PermissionDenied
        return self._show(request, self._find(request, object_id))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The journal is the history, and it stands on the page."""
        self._find(request, object_id)
        return HttpResponseRedirect(reverse("admin:followups_followup_change", args=[object_id]) + "#talk")

    def do(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """Do what was posted; on errors show the page again with what was typed."""
        page = self._find(request, object_id)
        kind = deeds.BY_NAME.get(name)
        if kind is None:
            raise Http404
        deed = deeds.Deed(kind, kind.form(request.POST, page=page, name=name), is_open=True)
        if "preview" in request.POST:
            deed.preview = deed.form.is_valid()
            return self._show(request, page, deed, 200 if deed.preview else 422)
        try:
            done = deeds.do(page, deed)
        except PermissionDenied as refusal:
            messages.error(request, str(refusal) or gettext("You may not do this."))
            return self._back(page)
        except FollowUp.DoesNotExist as gone:
            raise Http404 from gone
        if not done:
            return self._show(request, page, deed, 422)
        messages.success(request, str(kind.done))
        return self._back(page)

    def _find(self, request: HttpRequest, object_id: str) -> FollowUpPage:
        page = FollowUpPage.find(person(request), object_id)
        if page is None:
            raise Http404
        return page

    def _back(self, page: FollowUpPage) -> HttpResponse:
        """To the page, if it may still be seen: whoever handed it over may have handed it out of their sight."""
        if FollowUpPage.find(page.user, str(page.follow_up.pk)) is None:
            return HttpResponseRedirect(reverse("admin:followups_followup_changelist"))
        return HttpResponseRedirect(reverse("admin:followups_followup_change", args=[page.follow_up.pk]))

    def _show(
        self, request: HttpRequest, page: FollowUpPage, deed: deeds.Deed | None = None, status: int = 200
    ) -> TemplateResponse:
        offered = deeds.offered(page, deed)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Follow-up #%(number)d") % {"number": page.follow_up.pk},
            "page": page,
            "follow_up": page.follow_up,
            "deeds": [one for one in offered if one.kind.name != "take"],
            "take": next((one for one in offered if one.kind.name == "take"), None),
            "their_language": texts.known_language(page.response.language),
            "list_url": reverse("admin:followups_followup_changelist"),
        }
        return TemplateResponse(request, "followups/desk/page.html", context, status=status)


def overdue(request: HttpRequest) -> int:
    """Count what this person lets somebody wait for: theirs, and overdue."""
    from feedback import access, clock

    found = access.visible(request.user, FollowUp).filter(assignee=person(request))
    return int(found.filter(rows.due_q("overdue", clock.now(), clock.now()))[: navigation.MOST].count())


navigation.put(
    navigation.Page(
        navigation.WORK, 10, _("Follow-ups"), "forum", "admin:followups_followup_changelist", badge=overdue
    )
)
