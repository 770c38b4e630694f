"""Paint times of pages: `python -m benchmarks.paint`.

Largest contentful paint and layout shift of each kind of page in Chromium on this machine. Every
visit has its own browser context, with an empty cache. Median and worst of all rounds, on a desktop
and on a phone. The site runs as with `make run`, on its own demo.
"""

import argparse
import os
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.e2e.screenshots import COLLECTION, FOR_ANA, FOR_VISITORS, sign_in
from tests.e2e.site import LAUNCH, Site

VIEWPORTS = {"desk": (1200, 800), "phone": (320, 640)}
OBSERVE = """
window.measured = { paint: 0, shift: 0 };
new PerformanceObserver((list) => {
  measured.paint = list.getEntries().at(-1).startTime;
}).observe({ type: "largest-contentful-paint", buffered: true });
new PerformanceObserver((list) => {
  for (const { value, hadRecentInput } of list.getEntries()) {
    if (!hadRecentInput) measured.shift += value;
  }
}).observe({ type: "layout-shift", buffered: true });
"""
# Milliseconds after loading in which layout shifts count.
SETTLE_MS = 500


def measure(rounds):
    """Print a row for each page and width."""
    print(f"{'page':<16}{'width':<8}{'paint ms':>10}{'worst':>8}{'shift':>8}{'worst':>8}")
    with tempfile.TemporaryDirectory() as folder, Site(Path(folder)) as site:
        collection = site.shell(COLLECTION).splitlines()[-1]
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(**LAUNCH)
            ana_state = signed_in_state(browser, site)
            for width, size in VIEWPORTS.items():
                for pages, state in ((FOR_VISITORS, None), (FOR_ANA, ana_state)):
                    for name, path in pages.items():
                        address = path.format(collection=collection)
                        visits = [visit(browser, site, address, size, state) for _ in range(rounds)]
                        report(name, width, visits)
            browser.close()


def signed_in_state(browser, site):
    """Return the storage state of a browser in which ana is signed in."""
    context = browser.new_context(base_url=site.url)
    sign_in(context, site.password)
    state = context.storage_state()
    context.close()
    return state


def visit(browser, site, address, size, state):
    """Return the largest paint (ms) and the layout shift of one visit with an empty cache."""
    width, height = size
    context = browser.new_context(
        base_url=site.url, storage_state=state, viewport={"width": width, "height": height}
    )
    page = context.new_page()
    page.add_init_script(OBSERVE)
    page.goto(address, wait_until="load")
    page.wait_for_timeout(SETTLE_MS)
    measured = page.evaluate("measured")
    context.close()
    return measured["paint"], measured["shift"]


def report(name, width, visits):
    paints, shifts = zip(*visits, strict=True)
    print(
        f"{name:<16}{width:<8}{statistics.median(paints):>10.0f}{max(paints):>8.0f}"
        f"{statistics.median(shifts):>8.3f}{max(shifts):>8.3f}",
        flush=True,
    )


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "socialnet.settings")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    measure(parser.parse_args().rounds)
