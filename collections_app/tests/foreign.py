"""A site on this machine that links can lead to."""

from contextlib import contextmanager

from previews.tests import corpus
from previews.tests.servers import page, serving

PAGE = """<title>Plain title</title><meta property="og:title" content="Open title">
<meta name="description" content="Open words."><meta property="og:image" content="/picture.png">"""

ANSWERS = {
    "/page": [page(PAGE)],
    "/other": [page("<title>Other title</title>")],
    "/long": [page(f"<title>{'long ' * 100}</title><meta name=description content={'x' * 900}>")],
    "/date": [page("<title>1999-12-31</title>")],
    "/nothing": [page("<p>Nothing.</p>")],
    "/picture.png": [page(corpus.image_file((800, 600)), content_type="image/png")],
    **{f"/{number}": answer for number, answer in enumerate(corpus.PAGES.values())},
}


@contextmanager
def foreign_site(settings):
    """Serve ANSWERS and let the site fetch them; `.url(path)` returns their URLs."""
    with serving(ANSWERS) as site:
        port = site.server_address[1]
        settings.PREVIEWS_TRUSTED_ADDRESSES = [f"127.0.0.1:{port}"]
        settings.LINK_PREVIEWS = True
        settings.FEEDSERVER_OPEN_GRAPH = "previews.services.describe"
        site.url = lambda path: f"http://127.0.0.1:{port}/{path}"
        yield site
