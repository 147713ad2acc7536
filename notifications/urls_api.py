from django.urls import path

from notifications import message_api

urlpatterns = [
    path("threads/", message_api.Threads.as_view()),
    path("threads/<uuid:id>/messages/", message_api.ThreadMessages.as_view()),
    path("threads/<uuid:id>:read", message_api.ThreadReadOne.as_view()),
    path("messages:broadcast", message_api.Broadcast.as_view()),
    path("driver/messages", message_api.PhoneMessages.as_view()),
]
