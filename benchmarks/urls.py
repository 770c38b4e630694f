"""The site's addresses, and a view that only asks who is there."""

from django.http import JsonResponse
from django.urls import include, path


def authenticated(request):
    return JsonResponse({"authenticated": request.user.is_authenticated})


authenticated.is_background = True

urlpatterns = [
    path("benchmarks/authenticated/", authenticated),
    path("", include("socialnet.urls")),
]
