"""A program that makes a thumbnail of a picture from another site, in a process of its own.

A malicious file can make a decoder run endlessly or fill the memory; a process can be killed. The
program reads the file from standard input and writes the thumbnail as WebP, or the reason for a
failure to standard error. It imports nothing of this project, so that it starts fast.
"""

import resource
import sys
import warnings
from io import BytesIO

from PIL import Image, ImageOps

MAX_SIZE = (640, 360)
# Smaller pictures are icons or tracking pixels.
MIN_SIDE = 32
QUALITY = 80
# No vector graphics: they can contain scripts.
FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
# Pixels that a file may declare, and pixels that may be decoded, at 4 bytes each.
MAX_PIXELS, MAX_DECODED_PIXELS = 80_000_000, 16_000_000
# Several times what the largest photograph takes.
CPU_SECONDS, MEMORY = 3, 768 * 1024**2


class NoPictureError(Exception):
    """The file is not a usable picture; the text gives the reason."""


def shrink(data):
    """Return the first frame of a picture, within `MAX_SIZE`, as WebP; raises NoPictureError.

    Only pixels are kept, without metadata such as the location or a colour profile.
    """
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            check_size(image, MAX_PIXELS)
            # JPEG files can be decoded at a reduced size.
            image.draft(None, (MAX_SIZE[0] * 2, MAX_SIZE[1] * 2))
            check_size(image, MAX_DECODED_PIXELS)
            image.load()
            return encode(ImageOps.exif_transpose(image))
    except NoPictureError:
        raise
    except Exception as error:  # decoders raise all kinds of errors for damaged files
        raise NoPictureError(f"It is no picture: {type(error).__name__}.")


def check_size(image, limit):
    width, height = image.size
    if width * height > limit or min(width, height) < MIN_SIDE:
        raise NoPictureError("It is too large or too small a picture.")


def encode(image):
    image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    image.thumbnail(MAX_SIZE)
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
