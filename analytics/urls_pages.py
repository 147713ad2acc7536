from django.urls import path

from analytics import pages, pages_handover

urlpatterns = [
    path("insights/", pages.Insights.as_view(), name="insights"),
    path("handover/", pages_handover.Handover.as_view(), name="handover"),
    path("handover.pdf", pages_handover.HandoverPaper.as_view(), name="handover-paper"),
]
