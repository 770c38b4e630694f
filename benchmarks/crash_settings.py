"""The site's settings, with a feed server that writes down what it is told."""

from socialnet.settings import *

FEEDS_TRANSPORT = "benchmarks.recording.RecordingAdapter"
