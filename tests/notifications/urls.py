from django.urls import include, path

from lastmile.urls import urlpatterns as house

urlpatterns = [*house, path("", include("notifications.urls_pages"))]
