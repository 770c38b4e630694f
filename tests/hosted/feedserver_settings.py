"""The feed server that stands for Stream: by itself, with the site's feed groups."""

from socialnet.settings import FEEDSERVER_GROUPS as GROUPS_OF_THE_SITE
from tests.conformance.settings import *

FEEDSERVER_GROUPS = GROUPS_OF_THE_SITE
