from django.urls import path

from tracking import pages

urlpatterns = [
    path("t/<str:slug>/<str:token>/", pages.Page.as_view()),
    path("t/<str:slug>/<str:token>/state", pages.State.as_view()),
]
