"""Addresses of the pages of orders, relative to /."""

from django.urls import path

from orders.pages import editing, files, listing, many, review, searching

urlpatterns = [
    path("orders/", searching.List.as_view()),
    path("orders/export.csv", searching.Export.as_view()),
    path("orders/views", searching.Views.as_view()),
    path("orders/views/<uuid:id>", searching.ViewOne.as_view()),
    path("orders/many", many.Do.as_view()),
    path("orders/many/look", many.Look.as_view()),
    path("orders/new/", editing.New.as_view()),
    path("orders/suggest", editing.Suggest.as_view()),
    path("orders/suggested", editing.Suggested.as_view()),
    path("orders/review/", review.Review.as_view()),
    path("orders/review/<uuid:id>/", review.ReviewOne.as_view()),
    path("orders/import/", files.Import.as_view()),
    path("orders/import/<uuid:id>/", files.ImportOne.as_view()),
    path("orders/import/<uuid:id>/progress", files.Progress.as_view()),
    path("orders/import/<uuid:id>/faulty.csv", files.FaultyRows.as_view(), {"kind": "csv"}),
    path("orders/import/<uuid:id>/faulty.xlsx", files.FaultyRows.as_view(), {"kind": "xlsx"}),
    path("orders/import/<uuid:id>/again", files.Again.as_view()),
    path("orders/<uuid:id>/", listing.One.as_view()),
    path("orders/<uuid:id>/edit/", editing.Edit.as_view()),
    path("orders/<uuid:id>/cancel", listing.Cancel.as_view()),
    path("orders/<uuid:id>/position", review.Position.as_view()),
    path("orders/<uuid:id>/wrong-address", review.WrongAddress.as_view()),
    path("orders/<uuid:id>/locate-again", review.Again.as_view()),
]
