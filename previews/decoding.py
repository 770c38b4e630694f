"""The program that makes a small picture out of a foreign one, in a process of its own.

What decoders do with a file that was made to keep them busy, or to fill the memory, nobody can tell
beforehand; a process can be ended. It reads the file, writes the small one as WebP, and says on the
other line why there is none. It imports nothing of ours, so that it starts at once.
"""

import resource
import sys
import warnings
from io import BytesIO

from PIL import Image, ImageOps

LARGEST = (640, 360)
# What is smaller is an icon, or counts readers.
SMALLEST = 32
QUALITY = 80
# No vector graphics: these are programs.
FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
# Of what a file claims to hold, and of what is unpacked of it: 4 bytes each.
MOST_PIXELS, MOST_UNPACKED = 80_000_000, 16_000_000
# Some times what the largest photograph takes.
CPU_SECONDS, MEMORY = 3, 768 * 1024**2


class NoPictureError(Exception):
    """The file is no picture that is shown; the text says why."""


def shrink(data):
    """Return the first frame of a picture, within `LARGEST`, as WebP; raises NoPictureError.

    Nothing of the file but its pixels is kept: no place where it was taken, no colour profile.
    """
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            check_size(image, MOST_PIXELS)
            # A photograph need not be unpacked in full to be shown small.
            image.draft(None, (LARGEST[0] * 2, LARGEST[1] * 2))
            check_size(image, MOST_UNPACKED)
            image.load()
            return encode(ImageOps.exif_transpose(image))
    except NoPictureError:
        raise
    except Exception as error:  # a decoder that is fed garbage raises whatever it comes across
        raise NoPictureError(f"It is no picture: {type(error).__name__}.")


def check_size(image, most):
    width, height = image.size
    if width * height > most or min(width, height) < SMALLEST:
        raise NoPictureError("It is too large or too small a picture.")


def encode(image):
    image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    image.thumbnail(LARGEST)
    image.info.clear()
    file = BytesIO()
    image.save(file, "WEBP", quality=QUALITY)
    return file.getvalue()


def main():
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    warnings.simplefilter("ignore")
    try:
        sys.stdout.buffer.write(shrink(sys.stdin.buffer.read()))
    except NoPictureError as reason:
        sys.exit(str(reason))


if __name__ == "__main__":
    main()
