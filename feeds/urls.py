from django.urls import path

from feeds import views

app_name = "feeds"

urlpatterns = [
    path("token/<slug:group>/<slug:feed_id>/", views.token, name="token"),
]
