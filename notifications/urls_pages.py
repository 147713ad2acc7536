from django.urls import path

from notifications import pages

urlpatterns = [
    path("catcher/", pages.Catcher.as_view()),
    path("catcher/<uuid:id>/", pages.Catcher.as_view()),
]
