from django.urls import path

from dispatch import pages, pages_automation, pages_drive, printing

urlpatterns = [
    path("board/", pages.Board.as_view(), name="board"),
    path("plans/<uuid:id>/costs/", pages.PlanCosts.as_view(), name="plan-costs"),
    path("plans/<uuid:id>/manifest.pdf", printing.PlanPage.as_view(), {"kind": "manifest"}),
    path("plans/<uuid:id>/load-list.pdf", printing.PlanPage.as_view(), {"kind": "load-list"}),
    path("routes/<uuid:id>/manifest.pdf", printing.RoutePage.as_view(), {"kind": "manifest"}),
    path("routes/<uuid:id>/load-list.pdf", printing.RoutePage.as_view(), {"kind": "load-list"}),
    path("settings/automation/", pages_automation.AutomationPage.as_view(), name="automation"),
    path("orders/<uuid:id>/attempts/", pages.OrderAttempts.as_view(), name="order-attempts"),
    path("drive/", pages_drive.Drive.as_view(), name="drive"),
    path("drive/manifest.webmanifest", pages_drive.Manifest.as_view(), name="drive-manifest"),
    path("drive/sw.js", pages_drive.Worker.as_view(), name="drive-worker"),
]
