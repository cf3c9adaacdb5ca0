"""Every address of the project. The other packages are named by string only."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from feedback import health
from feedback.api import nothing_here

handler500 = "feedback.unavailable.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(url="/demo/" if settings.DEMO else "/admin/")),
    path("", include("surveys.urls")),
    path("", include("followups.urls")),
    path("health/live", health.live, name="live"),
    path("health/ready", health.ready, name="ready"),
    path("demo/", include("feedback.demo.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("feedback.api")),
    path("api/v1/", include("surveys.api")),
    path("api/v1/", include("followups.api")),
    re_path(r"^api/v1/", nothing_here),  # after all others: whatever is left
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
]
