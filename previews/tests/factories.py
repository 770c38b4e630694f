"""Pictures, made as those of foreign sites are."""

from PIL import Image

from previews import services
from previews.decoding import encode
from previews.models import Picture
from previews.thumbnails import load_thumbnail


def make_picture(colour="red", source="https://a.test/x.png"):
    """Save a picture of one colour; pictures of the same colour are one."""
    thumbnail = load_thumbnail(encode(Image.new("RGB", (64, 48), colour)))
    sha256 = services.save_picture(thumbnail, source=source)
    return Picture.objects.get(pk=sha256)
