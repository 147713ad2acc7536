"""The address book: every address of Lastmile begins here."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

import dispatch.urls_api
import dispatch.urls_pages
import fleet.urls_api
from lastmile import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("admin/", admin.site.urls),
    path("api/v1/schema/", SpectacularAPIView.as_view(permission_classes=[]), name="schema"),
    path("api/v1/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema", permission_classes=[]), name="docs"),
    path("api/v1/", include(fleet.urls_api)),
    path("api/v1/", include(dispatch.urls_api)),
    path("", include("accounts.urls_pages")),
    path("", include(dispatch.urls_pages)),
]
