from django.urls import path

from tracking.api import board, exceptions, phone

urlpatterns = [
    path("board/", board.Board.as_view()),
    path("board/opening/", board.Opening.as_view()),
    path("routes/<uuid:id>/breadcrumb", board.Breadcrumb.as_view()),
    path("exceptions/", exceptions.Exceptions.as_view()),
    path("exceptions/<uuid:id>/", exceptions.ExceptionOne.as_view()),
    path("exceptions/<uuid:id>/fixes/", exceptions.Fixes.as_view()),
    path("exceptions/<uuid:id>:acknowledge", exceptions.Acknowledge.as_view()),
    path("exceptions/<uuid:id>:resolve", exceptions.Resolve.as_view()),
    path("exceptions/<uuid:id>:dismiss", exceptions.Dismiss.as_view()),
    path("exceptions/<uuid:id>:fix", exceptions.Fix.as_view()),
    path("proofs/<uuid:id>", board.ProofOne.as_view()),
    path("driver/sign-in", phone.SignIn.as_view()),
    path("driver/sign-out", phone.SignOut.as_view()),
    path("driver/day", phone.Day.as_view()),
    path("driver/reports", phone.Reports.as_view()),
    path("driver/uploads", phone.Uploads.as_view()),
    path("driver/positions", phone.Positions.as_view()),
]
