"""The page Your data, and the download of a person's data."""

from django.contrib.auth.decorators import login_required
from django.http import FileResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django_ratelimit.decorators import ratelimit

from socialnet import takeout

DOWNLOAD_RATE = "10/h"


@login_required
@require_safe
def your_data(request):
    return render(request, "data/your_data.html")


@login_required
@require_safe
@ratelimit(key="user", rate=DOWNLOAD_RATE)
def download(request):
    name = f"{request.user.username}-{timezone.now():%Y-%m-%d}.zip"
    return FileResponse(takeout.write(request.user), as_attachment=True, filename=name)
