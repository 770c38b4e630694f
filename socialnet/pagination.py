"""Numbered pages."""

from django.conf import settings
from django.core.paginator import EmptyPage, PageNotAnInteger, Paginator
from django.http import Http404


def paginate(request, rows):
    """Return the page of `rows` given by `?page=`; raise Http404 if it does not exist."""
    try:
        return Paginator(rows, settings.RESULTS_PER_PAGE).page(request.GET.get("page", 1))
    except (EmptyPage, PageNotAnInteger):
        raise Http404
