"""Pictures for links that were added before there were any, or where none was looked for."""

import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from collections_app.link_previews import preview
from collections_app.models import Content
from collections_app.services import set_picture
from transactions.batches import by_key

BATCH = 100


def links_without_pictures(*, again=False):
    """Return links that everyone sees for which no picture was looked for; `again`: or found."""
    links = Content.objects.visible().filter(picture=None)
    return links if again else links.filter(previewed_at=None)


@dataclass
class Manners:
    """Waits so long between two requests to a host that these are `delay` seconds apart."""

    delay: float
    free_at: dict = field(default_factory=dict)

    def sorted(self, links):
        """Return `links` with those of one host as far apart as may be."""
        seen, rows = {}, []
        for link in links:
            place = seen[link.host] = seen.get(link.host, 0) + 1
            rows.append((place, link.pk, link))
        return [link for _place, _pk, link in sorted(rows, key=lambda row: row[:2])]

    def wait(self, link):
        host = urlsplit(link.url).hostname
        now = time.monotonic()
        time.sleep(max(0, self.free_at.get(host, 0) - now))
        # Hosts that are free again need not be remembered.
        self.free_at = {name: at for name, at in self.free_at.items() if at > now}
        self.free_at[host] = time.monotonic() + self.delay


def fill_in(links, *, delay):
    """Look for a picture for each of `links`; yield after each whether it has one now.

    None where nothing could be asked: that one is left to be looked at another time.
    """
    manners = Manners(delay)
    for batch in by_key(links, BATCH):
        for link in manners.sorted(batch):
            manners.wait(link)
            picture = preview(link.url).picture
            yield None if picture is None else set_picture(link=link, picture=picture)
