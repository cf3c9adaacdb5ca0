"""The admin site of the desk."""

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.contrib.admin import ModelAdmin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.sites import UnfoldAdminSite

from feedback.desk.people import at_the_desk, person
from feedback.desk.policy import PolicyAdmin


class Completion(AutocompleteJsonView):
    """Django's, for the fields that a page of the desk completes. By itself it answers for any relation that is asked
    for, and breaks on some."""

    def process_request(self, request: HttpRequest) -> Any:
        found = super().process_request(request)
        _term, _model_admin, field, _to_field_name = found
        assert self.admin_site is not None  # as_view brings it
        page = self.admin_site._registry.get(field.model)
        if page is None or field.name not in page.get_autocomplete_fields(request):
            raise PermissionDenied
        return found


class DeskSite(UnfoldAdminSite):  # type: ignore[misc]  # unfold has no types
    """Entered by whoever works at the desk; speaks the language that the person chose."""

    index_title = _("Today")
    index_template = "desk/first_page.html"
    login_template = "desk/login.html"
    enable_nav_sidebar = True

    def register(
        self,
        model_or_iterable: type[Model] | Iterable[type[Model]],
        admin_class: type[ModelAdmin[Any]] | None = None,
        **options: Any,
    ) -> None:
        """Take in only what asks our policy; other packages go by Django's own permissions, which say nothing here."""
        if admin_class is not None and issubclass(admin_class, PolicyAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        return at_the_desk(request)

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:
        inner = super().admin_view(view, cacheable)

        def in_their_language(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            chosen = getattr(request.user, "language", "")
            if chosen in dict(settings.LANGUAGES):
                # Not an override: the page is rendered after this returns; LocaleMiddleware sets it anew each time.
                translation.activate(chosen)
                request.LANGUAGE_CODE = chosen
            response: HttpResponseBase = inner(request, *args, **kwargs)
            return response

        in_their_language.__dict__.update(getattr(inner, "__dict__", {}))
        return in_their_language

    def get_urls(self) -> list[URLPattern]:
        return [path("language/", require_POST(self.set_language), name="set_language"), *super().get_urls()]

    def set_language(self, request: HttpRequest) -> HttpResponse:
        """Keep the language that the person chose: with their account, and in a cookie for the sign-in page."""
        back = request.POST.get("next", "")
        if not url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
            back = reverse("admin:index")
        response = HttpResponseRedirect(back)
        code = request.POST.get("language", "")
        if code in dict(settings.LANGUAGES):
            if at_the_desk(request):
                user = person(request)
                user.language = code
                user.save(update_fields=["language"])
            response.set_cookie(settings.LANGUAGE_COOKIE_NAME, code, samesite="Lax", httponly=True)
        return response

    def autocomplete_view(self, request: HttpRequest) -> HttpResponseBase:
        return Completion.as_view(admin_site=self)(request)

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The desk has one first page, not one a package."""
        return HttpResponseRedirect(reverse("admin:index"))
