from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import condition, require_safe

from previews.models import Picture

# The key is a hash of the content, so the content never changes.
HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
}


@require_safe
@condition(etag_func=lambda request, sha256: f'"{sha256}"')
def picture(request, sha256):
    row = get_object_or_404(Picture.objects.only("content"), pk=sha256)
    return HttpResponse(bytes(row.content), content_type="image/webp", headers=HEADERS)


picture.is_background = True
