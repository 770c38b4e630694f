"""Fetch pictures for links that were added without looking for one."""

import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from collections_app.link_previews import preview
from collections_app.models import Content
from collections_app.services import set_picture
from transactions.batches import by_key

BATCH_SIZE = 100


def links_without_pictures(*, again=False):
    """Return visible links for which no picture was looked for; with `again`, or none was found."""
    links = Content.objects.visible().filter(picture=None)
    return links if again else links.filter(previewed_at=None)


@dataclass
class HostDelays:
    """Keep requests to one host `delay` seconds apart."""

    delay: float
    free_at: dict = field(default_factory=dict)

    def spread(self, links):
        """Return `links` with those of one host as far apart as possible."""
        counts, rows = {}, []
        for link in links:
            number = counts[link.host] = counts.get(link.host, 0) + 1
            rows.append((number, link.pk, link))
        return [link for _number, _pk, link in sorted(rows, key=lambda row: row[:2])]

    def wait(self, link):
        host = urlsplit(link.url).hostname
        now = time.monotonic()
        time.sleep(max(0, self.free_at.get(host, 0) - now))
        self.free_at = {name: at for name, at in self.free_at.items() if at > now}
        self.free_at[host] = time.monotonic() + self.delay


def fetch_pictures(links, *, delay):
    """Look for a picture for each of `links`; yield after each whether it has one now.

    Yield None if nothing could be fetched; a later run tries that link again.
    """
    delays = HostDelays(delay)
    for batch in by_key(links, BATCH_SIZE):
        for link in delays.spread(batch):
            delays.wait(link)
            picture = preview(link.url).picture
            yield None if picture is None else set_picture(link=link, picture=picture)
