"""Pages for what went wrong: each says what, why where it helps, and where to go on."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def bad_request(request, exception=None):
    return render(request, "400.html", status=400)


def permission_denied(request, exception=None):
    """403 with the sentence that was given with the exception, which says why."""
    reason = str(exception or "") or _("Your account may not do this.")
    return render(request, "403.html", {"reason": reason}, status=403)


def csrf_failure(request, reason=""):
    message = _(
        "This form was open for too long, or your browser refused a cookie. "
        "Go back, reload the page and try again."
    )
    return render(request, "403.html", {"reason": message}, status=403)


def page_not_found(request, exception=None):
    return render(request, "404.html", status=404)


def too_many_requests(request, exception=None):
    response = render(request, "429.html", status=429)
    response["Retry-After"] = str(getattr(exception, "seconds", 60))
    return response


def server_error(request):
    """500 without context processors: whatever broke may be what they need."""
    from django.template import loader

    return HttpResponse(loader.get_template("500.html").render(), status=500)
