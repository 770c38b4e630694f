"""Turning what claims to be a picture into a small one of our own making."""

import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from previews import decoding
from previews.errors import NotFetched, NotNow

SECONDS = 3
# Each may need as much memory as `decoding` allows.
AT_ONCE = 2
_turns = threading.BoundedSemaphore(AT_ONCE)
# Nothing of this process's environment and paths: it needs none, and Pillow is installed.
PROGRAM = (sys.executable, "-I", decoding.__file__)


@dataclass(frozen=True)
class Thumbnail:
    content: bytes
    width: int
    height: int


def make_thumbnail(data, *, seconds=SECONDS):
    """Return a small picture of the one in `data`, after `seconds` at most; raises NotFetched.

    It is made in a process that is ended then, whatever it is busy with (`previews.decoding`).
    """
    until = time.monotonic() + seconds
    if not _turns.acquire(timeout=seconds):
        raise NotNow("Too many pictures are being made.")
    try:
        left = max(0, until - time.monotonic())
        made = subprocess.run(PROGRAM, input=data, capture_output=True, timeout=left, env={})
    except subprocess.TimeoutExpired:
        raise NotFetched("It takes too long to unpack.")
    finally:
        _turns.release()
    if made.returncode:
        reason = made.stderr.decode(errors="replace").strip()[-200:]
        raise NotFetched(reason or "It takes too much time or memory to unpack.")
    return as_thumbnail(made.stdout)


def as_thumbnail(content):
    with Image.open(BytesIO(content), formats=("WEBP",)) as image:
        return Thumbnail(content, *image.size)
