from django.urls import path

from analytics import api

urlpatterns = [path("insights/", api.Insights.as_view())]
