from django.urls import path

from analytics import pages

urlpatterns = [path("insights/", pages.Insights.as_view(), name="insights")]
