"""The site's URLs, and a view that only checks whether the user is signed in."""

from django.http import JsonResponse
from django.urls import include, path


def authenticated(request):
    return JsonResponse({"authenticated": request.user.is_authenticated})


authenticated.is_background = True

urlpatterns = [
    path("benchmarks/authenticated/", authenticated),
    path("", include("socialnet.urls")),
]
