from django.urls import path

from notifications import message_pages, order_pages, pages

urlpatterns = [
    path("catcher/", pages.Catcher.as_view()),
    path("catcher/<uuid:id>/", pages.Catcher.as_view()),
    path("orders/<uuid:id>/messages/", order_pages.OrderMessages.as_view()),
    path("t/<str:slug>/<str:token>/messages/", message_pages.Conversation.as_view()),
]
