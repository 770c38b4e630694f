"""Build backend (PEP 517) that widens the Django requirement of stream-django's published wheel.

pip downloads the wheel from its configured index. Version and SHA-256 are pinned, so that only the
published file can be repacked.
"""

import base64
import csv
import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

VERSION = "1.8.0"
SHA256 = "58045c62a787e10b4a687b88fadf689d575ce4ae599dfe00511657991f94d7d9"
WHEEL = f"stream_django-{VERSION}-py3-none-any.whl"
DIST_INFO = f"stream_django-{VERSION}.dist-info"
PUBLISHED = b"Requires-Dist: django (<5.0,>=2.0)"
WIDENED = b"Requires-Dist: django (<6.0,>=2.0)"


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """Write the repacked wheel into `wheel_directory` and return its file name."""
    with tempfile.TemporaryDirectory() as folder:
        files = widen(read_wheel(download(Path(folder))))
    files[f"{DIST_INFO}/RECORD"] = record(files)
    with zipfile.ZipFile(Path(wheel_directory, WHEEL), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return WHEEL


def build_sdist(sdist_directory, config_settings=None):
    raise NotImplementedError("only a wheel is made of stream-django")


def download(folder):
    """Download the pinned wheel with pip, which verifies its hash."""
    requirements = folder / "requirements.txt"
    requirements.write_text(f"stream-django=={VERSION} --hash=sha256:{SHA256}\n")
    options = ["--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:"]
    command = [sys.executable, "-m", "pip", "download", *options]
    subprocess.run([*command, "--dest", str(folder), "-r", str(requirements)], check=True)
    return folder / WHEEL


def read_wheel(path):
    with zipfile.ZipFile(path) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def widen(files):
    name = f"{DIST_INFO}/METADATA"
    if files[name].count(PUBLISHED) != 1:
        raise ValueError(f"{WHEEL} does not hold the line {PUBLISHED.decode()!r} once")
    return {**files, name: files[name].replace(PUBLISHED, WIDENED)}


def record(files):
    """Return RECORD: name, digest and size of each file (PEP 376, wheel 1.0)."""
    rows = io.StringIO()
    writer = csv.writer(rows, lineterminator="\n")
    for name, content in files.items():
        if not name.endswith("/RECORD"):
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
            writer.writerow([name, f"sha256={digest.decode()}", len(content)])
    writer.writerow([f"{DIST_INFO}/RECORD", "", ""])
    return rows.getvalue().encode()
