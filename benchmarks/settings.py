"""The site's settings, with the library that the timeline is compared with and one more view."""

from socialnet.settings import *

INSTALLED_APPS = [*INSTALLED_APPS, "actstream"]
ROOT_URLCONF = "benchmarks.urls"
