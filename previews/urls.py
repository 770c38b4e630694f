from django.urls import re_path

from previews import views

app_name = "previews"

urlpatterns = [
    re_path(r"^pictures/(?P<sha256>[0-9a-f]{64})\.webp$", views.picture, name="picture"),
]
