from django.urls import path

from fleet import api

urlpatterns = [
    path("depots/", api.Depots.as_view()),
    path("depots/<uuid:id>/", api.DepotOne.as_view()),
    path("vehicles/", api.Vehicles.as_view()),
    path("vehicles/<uuid:id>/", api.VehicleOne.as_view()),
    path("drivers/", api.Drivers.as_view()),
    path("drivers/<uuid:id>/", api.DriverOne.as_view()),
    path("zones/", api.Zones.as_view()),
    path("zones/<uuid:id>/", api.ZoneOne.as_view()),
    path("shifts/", api.Shifts.as_view()),
    path("shifts:roster", api.Roster.as_view()),
]
