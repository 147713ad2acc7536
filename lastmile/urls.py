"""The address book: every address of Lastmile begins here."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from lastmile import health, pages

APPS_WITH_API = ["accounts", "fleet", "orders", "dispatch", "tracking", "notifications", "analytics"]
APPS_WITH_PAGES = ["accounts", "orders", "dispatch", "tracking", "notifications", "analytics"]

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("design/", pages.Design.as_view(), name="design"),
    path("admin/", admin.site.urls),
    path("api/v1/schema/", SpectacularAPIView.as_view(permission_classes=[]), name="schema"),
    path("api/v1/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema", permission_classes=[]), name="docs"),
    *(path("api/v1/", include(f"{app}.urls_api")) for app in APPS_WITH_API),
    *(path("", include(f"{app}.urls_pages")) for app in APPS_WITH_PAGES),
]

handler404 = "lastmile.pages.missing"
