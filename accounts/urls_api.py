"""Addresses of the JSON doors, relative to /api/v1/."""

from django.urls import path

from accounts import api

urlpatterns = [
    path("organization/", api.OrganizationSettings.as_view()),
    path("operations/<uuid:id>/", api.OperationOne.as_view()),
    path("operations/<uuid:id>:cancel", api.CancelOperation.as_view()),
]
