from django.urls import path

from dispatch import pages, pages_drive

urlpatterns = [
    path("board/", pages.Board.as_view(), name="board"),
    path("orders/<uuid:id>/attempts/", pages.OrderAttempts.as_view(), name="order-attempts"),
    path("drive/", pages_drive.Drive.as_view(), name="drive"),
    path("drive/manifest.webmanifest", pages_drive.Manifest.as_view(), name="drive-manifest"),
    path("drive/sw.js", pages_drive.Worker.as_view(), name="drive-worker"),
]
