"""The site's settings, with a feed server that records requests."""

from socialnet.settings import *

FEEDS_TRANSPORT = "benchmarks.recording.RecordingAdapter"
