from django.urls import path

from dispatch import pages

urlpatterns = [path("board/", pages.Board.as_view(), name="board")]
