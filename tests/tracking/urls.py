from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("tracking.urls_api")),
]
