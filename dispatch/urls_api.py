from django.urls import path

from dispatch import api

urlpatterns = [
    path("plans/", api.Plans.as_view()),
    path("plans/<uuid:id>/", api.PlanOne.as_view()),
    path("plans/<uuid:id>:optimize", api.Optimize.as_view()),
    path("plans/<uuid:id>:distribute", api.Distribute.as_view()),
    path("routes/", api.Routes.as_view()),
    path("routes/<uuid:id>/", api.RouteOne.as_view()),
    path("stops/", api.Stops.as_view()),
    path("stops/<uuid:id>/", api.StopOne.as_view()),
    path("stops/<uuid:id>/attempts/", api.StopAttempts.as_view()),
    path("stops/<uuid:id>:move", api.Move.as_view()),
]
