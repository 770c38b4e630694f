from django.urls import path

from messaging import views

app_name = "messaging"

conversation = "messages/with/<str:username>/"

urlpatterns = [
    path("messages/", views.ReceivedView.as_view(), name="received"),
    path("messages/sent/", views.SentView.as_view(), name="sent"),
    path("messages/read/", views.mark_all_read, name="mark_all_read"),
    path(conversation, views.ConversationView.as_view(), name="conversation"),
    path(
        f"{conversation}delete/",
        views.DeleteConversationView.as_view(),
        name="delete_conversation",
    ),
    path("messages/<int:pk>/delete/", views.DeleteMessageView.as_view(), name="delete_message"),
]
