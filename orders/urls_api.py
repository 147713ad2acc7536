"""Addresses of the JSON doors, relative to /api/v1/."""

from django.urls import path

from orders.api import grid, imports, orders

urlpatterns = [
    path("orders/", orders.Orders.as_view()),
    path("orders:bulk", orders.Bulk.as_view()),
    path("orders/<uuid:id>/", orders.OrderOne.as_view()),
    path("orders/<uuid:id>:cancel", orders.Cancel.as_view()),
    path("orders/<uuid:id>:locate", orders.Locate.as_view()),
    path("merchants/", orders.Merchants.as_view()),
    path("imports/", imports.Imports.as_view()),
    path("imports/<uuid:id>/", imports.ImportOne.as_view()),
    path("imports/<uuid:id>/grid/", grid.Grid.as_view()),
    path("imports/<uuid:id>/rows/", grid.Rows.as_view()),
    path("imports/<uuid:id>:columns", grid.Columns.as_view()),
    path("imports/<uuid:id>:store", grid.Store.as_view()),
]
