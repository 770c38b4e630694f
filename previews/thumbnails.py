"""Turning what claims to be a picture into a small one of our own making."""

from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps

from previews.errors import NotFetched

LARGEST = (640, 360)
# What is smaller is an icon, or counts readers.
SMALLEST = 32
QUALITY = 80
# No vector graphics: these are programs.
FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
# Of what a file claims to hold, and of what is unpacked of it: 4 bytes each.
MOST_PIXELS, MOST_UNPACKED = 80_000_000, 16_000_000


@dataclass(frozen=True)
class Thumbnail:
    content: bytes
    width: int
    height: int


def make_thumbnail(data):
    """Return the first frame of a picture, within `LARGEST`, as WebP; raises NotFetched.

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
    except NotFetched:
        raise
    except Exception as error:  # a decoder that is fed garbage raises whatever it comes across
        raise NotFetched(f"It is no picture: {type(error).__name__}.")


def check_size(image, most):
    width, height = image.size
    if width * height > most or min(width, height) < SMALLEST:
        raise NotFetched("It is too large or too small a picture.")


def encode(image):
    image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    image.thumbnail(LARGEST)
    image.info.clear()
    file = BytesIO()
    image.save(file, "WEBP", quality=QUALITY)
    return Thumbnail(file.getvalue(), *image.size)
