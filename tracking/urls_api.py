from django.urls import path

from tracking.api import board, phone

urlpatterns = [
    path("board/", board.Board.as_view()),
    path("routes/<uuid:id>/breadcrumb", board.Breadcrumb.as_view()),
    path("proofs/<uuid:id>", board.ProofOne.as_view()),
    path("driver/sign-in", phone.SignIn.as_view()),
    path("driver/sign-out", phone.SignOut.as_view()),
    path("driver/day", phone.Day.as_view()),
    path("driver/reports", phone.Reports.as_view()),
    path("driver/uploads", phone.Uploads.as_view()),
    path("driver/positions", phone.Positions.as_view()),
]
