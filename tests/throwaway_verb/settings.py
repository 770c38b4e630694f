"""The settings of the test suite, with the app of this folder."""

from socialnet.test_settings import *

INSTALLED_APPS = [*INSTALLED_APPS, "tests.throwaway_verb"]
DATABASES["default"]["TEST"] = {"NAME": ":memory:"}
