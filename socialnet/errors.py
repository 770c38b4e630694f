"""Error pages: what happened, the reason where it helps, and links to continue with."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def bad_request(request, exception=None):
    return render(request, "400.html", status=400)


def permission_denied(request, exception=None):
    """Return a 403 page with the message of the exception as the reason."""
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
    """Return a 500 page without context processors, which may depend on what is broken."""
    from django.template import loader

    return HttpResponse(loader.get_template("500.html").render(), status=500)
