import resource
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from previews.decoding import CPU_SECONDS, NoPictureError, shrink
from previews.errors import FetchError, FetchUnavailable
from previews.tests import corpus
from previews.tests.conftest import cases
from previews.thumbnails import MAX_CONCURRENT, make_thumbnail


def opened(data):
    """Return the thumbnail of `data` as an image, after general checks."""
    content = shrink(data)
    image = Image.open(BytesIO(content))
    assert image.format == "WEBP"
    assert image.width <= 640
    assert image.height <= 360
    assert not {"exif", "icc_profile", "xmp", "comment"} & set(image.info)
    assert b"script" not in content
    return image


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_usual_formats_become_thumbnails(kind):
    assert opened(corpus.image_file((1600, 1200), kind)).size == (480, 360)
    assert opened(corpus.image_file((1600, 200), kind)).size == (640, 80)
    assert opened(corpus.image_file((100, 80), kind)).size == (100, 80)


def test_a_picture_of_transparency_keeps_it():
    assert opened(corpus.image_file(mode="RGBA")).mode == "RGBA"
    assert opened(corpus.image_file(mode="RGB")).mode == "RGB"


def test_photograph_is_rotated_without_metadata():
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    exif.get_ifd(0x8825)[1] = "N"
    data = corpus.image_file((640, 320), "JPEG", exif=exif, icc_profile=b"profile" * 100)
    assert Image.open(BytesIO(data)).getexif().get_ifd(0x8825)
    image = opened(data)
    assert image.size == (180, 360)
    assert not image.getexif()


def test_the_same_picture_gives_the_same_bytes():
    data = corpus.image_file((800, 600), "JPEG")
    made = make_thumbnail(data)
    assert made == make_thumbnail(data)
    assert made.content == shrink(data)
    assert (made.width, made.height) == opened(data).size


def test_picture_size_limit():
    assert opened(corpus.image_file((8000, 6000), "JPEG")).size == (480, 360)
    for size, kind in (((5000, 4000), "PNG"), ((10_000, 8100), "JPEG")):
        with pytest.raises(NoPictureError, match="picture"):
            shrink(corpus.image_file(size, kind))


@pytest.mark.parametrize("name", cases(corpus.NO_PICTURES))
def test_other_formats_are_refused(name):
    started = time.monotonic()
    with pytest.raises(FetchError):
        make_thumbnail(corpus.NO_PICTURES[name])
    assert time.monotonic() - started < 1


@pytest.mark.parametrize("name", cases(corpus.BUSY_PICTURES))
def test_slow_decoding_times_out(name):
    started = time.monotonic()
    with pytest.raises(FetchError, match="too"):
        make_thumbnail(corpus.BUSY_PICTURES[name](), seconds=1)
    assert time.monotonic() - started < 2


@pytest.mark.slow
def test_decoder_time_and_memory_are_limited():
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    with pytest.raises(FetchError, match="time or memory"):
        make_thumbnail(corpus.jpeg_of_many_scans(), seconds=60)
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < CPU_SECONDS + 1


@pytest.mark.slow
def test_busy_decoder_times_out_as_unavailable():
    data = corpus.jpeg_of_many_scans()
    with ThreadPoolExecutor(MAX_CONCURRENT + 1) as threads:
        several = [threads.submit(make_thumbnail, data, seconds=1) for _ in range(MAX_CONCURRENT)]
        while any(not one.running() for one in several):
            time.sleep(0.01)
        time.sleep(0.2)
        with pytest.raises(FetchUnavailable):
            make_thumbnail(corpus.JPEG, seconds=0.2)
    assert [type(one.exception()) for one in several] == [FetchError] * MAX_CONCURRENT
    assert make_thumbnail(corpus.JPEG)


@pytest.mark.parametrize("name", cases(corpus.PICTURES))
def test_only_pixels_of_picture_are_kept(name):
    assert opened(corpus.PICTURES[name]).size == (64, 48)


@pytest.mark.slow
@given(
    st.sampled_from([corpus.GIF, corpus.JPEG, corpus.WEBP, corpus.image_file()]),
    st.lists(st.tuples(st.integers(0, 2000), st.binary(min_size=1, max_size=4)), min_size=1),
)
def test_a_damaged_picture_is_shown_or_refused(data, damages):
    for place, damage in damages:
        place %= len(data)
        data = data[:place] + damage + data[place + len(damage) :]
    with suppress(NoPictureError):
        opened(data)
