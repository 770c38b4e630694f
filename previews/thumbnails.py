"""Make thumbnails of pictures from other sites."""

import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from previews import decoding
from previews.errors import FetchError, FetchUnavailable

TIMEOUT = 3
# Each may need as much memory as `decoding` allows.
MAX_CONCURRENT = 2
_slots = threading.BoundedSemaphore(MAX_CONCURRENT)
# Isolated from this process's environment and paths: it needs only Pillow.
PROGRAM = (sys.executable, "-I", decoding.__file__)


@dataclass(frozen=True)
class Thumbnail:
    content: bytes
    width: int
    height: int


def make_thumbnail(data, *, seconds=TIMEOUT):
    """Return a Thumbnail of the picture in `data` after `seconds` at most; raises FetchError.

    A process of its own makes it, which is killed at the timeout (`previews.decoding`).
    """
    deadline = time.monotonic() + seconds
    if not _slots.acquire(timeout=seconds):
        raise FetchUnavailable("Too many pictures are being made.")
    try:
        left = max(0, deadline - time.monotonic())
        process = subprocess.run(PROGRAM, input=data, capture_output=True, timeout=left, env={})
    except subprocess.TimeoutExpired:
        raise FetchError("It takes too long to unpack.")
    finally:
        _slots.release()
    if process.returncode:
        reason = process.stderr.decode(errors="replace").strip()[-200:]
        raise FetchError(reason or "It takes too much time or memory to unpack.")
    return load_thumbnail(process.stdout)


def load_thumbnail(content):
    with Image.open(BytesIO(content), formats=("WEBP",)) as image:
        return Thumbnail(content, *image.size)
