"""The site's settings, with the library that the timeline is compared with."""

from socialnet.settings import *

INSTALLED_APPS = [*INSTALLED_APPS, "actstream"]
