"""Hostile URLs, responses, pages and pictures.

Only the address `OUTSIDE` may be reached. On the same port of other addresses of this machine,
servers listen that must never receive a request.
"""

import gzip
import itertools
import struct
import time
import zlib
from io import BytesIO

from PIL import Image

from previews.tests.servers import page, redirect

OUTSIDE = "127.0.0.9"
INSIDE = ("127.0.0.1", "::1")

# The addresses of names, for the first lookup and later ones.
NAMES = {
    "outside.test": [[OUTSIDE]],
    "inside.test": [["127.0.0.1"]],
    "inside6.test": [["::1"]],
    "mapped.test": [["::ffff:127.0.0.1"]],
    "metadata.test": [["169.254.169.254"]],
    "private.test": [["10.0.0.1", "192.168.0.1"]],
    "any.test": [["0.0.0.0"]],
    "nat64.test": [["64:ff9b::7f00:1"]],
    "scoped.test": [["::1%lo"]],
    "nowhere.test": [[]],
    "garbage.test": [["not an address"]],
    "rebinding.test": [[OUTSIDE], ["127.0.0.1"]],
}

# Each of these would reach a server inside.
LOOPBACKS = (
    "127.0.0.1", "127.1", "127.0.1", "127.000.000.001", "2130706433", "0x7f000001", "0x7f.1",
    "0X7F.0.0.0x1", "017700000001", "0177.0.0.1", "127.0.0.1.", "localhost", "LOCALHOST",
    "0", "0.0.0.0", "0x0", "①②⑦.⓪.⓪.①", "１２７.0.0.1", "127。0。0。1", "%31%32%37.0.0.1",
    "[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:7f00:0001]", "[::127.0.0.1]", "[::7f00:1]", "[::]", "[::1%25lo]",
    "[64:ff9b::127.0.0.1]", "[2002:7f00:1::]", "[fe80::1]", "[fd00:ec2::254]",
    "169.254.169.254", "2852039166", "100.100.100.200", "168.63.129.16", "192.168.0.1", "10.1",
    *(name for name in NAMES if name not in {"outside.test", "rebinding.test"}),
)  # fmt: skip

# {port} is the port of the servers inside and outside.
ADDRESSES = (
    *(f"http://{host}:{{port}}/secret" for host in LOOPBACKS),
    "http://127.0.0.1/", "https://localhost/", "http://[::1]:80/", "https://127.1:443/",
    "http://127.0.0.1:22/", "http://127.0.0.1:25/", "http://127.0.0.1:6379/",
    "http://127.0.0.9:{port}@127.0.0.1:{port}/secret",
    "http://127.0.0.1:{port}\\@127.0.0.9:{port}/secret",
    "http://127.0.0.1:{port}#@127.0.0.9:{port}/secret",
    "http://127.0.0.1:{port}?@127.0.0.9:{port}/secret",
    "http://user:password@127.0.0.9:{port}/plain",
    "http:127.0.0.1:{port}/secret", "http:/127.0.0.1:{port}/secret", "//127.0.0.1:{port}/secret",
    "http:///127.0.0.1:{port}/secret", "file:///etc/passwd", "file://127.0.0.1/etc/passwd",
    "ftp://127.0.0.1:{port}/secret", "gopher://127.0.0.1:{port}/_secret", "dict://127.0.0.1:{port}/",
    "ldap://127.0.0.1:{port}/", "jar:http://127.0.0.1:{port}/!/", "javascript:alert(1)",
    "data:text/html,<title>secret</title>", "http://", "http://:{port}/", "http://.:{port}/",
    "http://127.0.0.1:99999/", "http://127.0.0.1:-1/", "http://127.0.0.1:{port}x/",
    "http://[::1:{port}/", "http://" + "a" * 70 + ".test/", "http://" + "a." * 200 + "test/",
    "http://127.0.0.9:{port}/" + "x" * 3000, "http://exa mple.test/", "http://*.test/",
    "\x00", "http://127.0.0.1\x00.test:{port}/", "http://127.0.0.1:{port}\r\nX: y/", "",
)  # fmt: skip

REDIRECTS = {
    **{f"to {host}": [redirect(f"http://{host}:{{port}}/secret")] for host in LOOPBACKS[:6]},
    "to ipv6": [redirect("http://[::1]:{port}/secret")],
    "to a name inside": [redirect("http://inside.test:{port}/secret")],
    "to the metadata": [redirect("http://169.254.169.254/latest/meta-data/")],
    "to a scheme-less address": [redirect("//127.0.0.1:{port}/secret")],
    "to a file": [redirect("file:///etc/passwd")],
    "to ftp": [redirect("ftp://127.0.0.1:{port}/secret")],
    "to javascript": [redirect("javascript:alert(1)")],
    "to data": [redirect("data:text/html,<title>secret</title>")],
    "to another port": [redirect("http://127.0.0.1:22/")],
    "to credentials": [redirect("http://user:password@outside.test:{port}/plain")],
    "permanently": [redirect("http://127.0.0.1:{port}/secret", "308 Permanent Redirect")],
    "to no address": [redirect("http://[::1")],
    "to nonsense": [redirect("http://127.0.0.1:{port}\xff\xfe/secret")],
    "to nothing": [page(status="302 Found")],
    "to itself": [redirect("/to%20itself")],
    "by a refresh": [page(status="200 OK", Refresh="0; url=http://127.0.0.1:{port}/secret")],
    # The name resolves to an outside address first, and to an inside address later.
    "of a name that moved": [redirect("http://rebinding.test:{port}/of%20a%20name%20that%20moved")],
    "at the fourth": [redirect("/1")],
}
CHAIN = {f"/{step}": [redirect(f"/{step + 1}")] for step in range(1, 4)} | {
    "/4": [page("<title>Reached after three</title>")],
}

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


def endless(start, piece, pause=0.0):
    """Return a response that continues until the client closes the connection."""

    def answer():
        yield start
        while True:
            time.sleep(pause)
            yield piece

    return answer


def silent():
    time.sleep(8)
    yield page("<title>Late</title>")


def packed(data, times=1):
    for _ in range(times):
        data = gzip.compress(data)
    return data


CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
BLANK = b" " * 16384

ANSWERS = {
    "silent": silent,
    "a body that never ends": endless(HEAD + b"\r\n<title>", BLANK),
    "a body that trickles": endless(HEAD + b"\r\n<title>", b"x", 0.1),
    "a body that stops in the middle": [HEAD + b"Content-Length: 1000\r\n\r\n<title>Half"],
    "headers that never end": endless(HEAD, b"X: y\r\n"),
    "headers that trickle": endless(HEAD + b"X: ", b"y", 0.1),
    "a header of a megabyte": [HEAD + b"X: " + b"y" * 1_000_000 + b"\r\n\r\n"],
    "a status that never comes": endless(b"HTTP/1.1 ", b" ", 0.1),
    "a hundred continues and more": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.01),
    "chunks that never end": endless(CHUNKED, b"4000\r\n" + BLANK + b"\r\n"),
    "chunks that trickle": endless(CHUNKED, b"1\r\nx\r\n", 0.1),
    "a chunk of no end": [CHUNKED + b"ffffffffffffffff\r\n<title>x"],
    "a chunk below nothing": [CHUNKED + b"-5\r\n<title>x\r\n"],
    "a chunk of no number": [CHUNKED + b"nonsense\r\n<title>x\r\n"],
    "extensions of a chunk": endless(CHUNKED + b"5;", b"x" * 1000),
    "a length below nothing": [HEAD + b"Content-Length: -1\r\n\r\n<title>x"],
    "two lengths": [HEAD + b"Content-Length: 5\r\nContent-Length: 50\r\n\r\n<title>x"],
    "a length of no number": [HEAD + b"Content-Length: x\r\n\r\n<title>x"],
    "a bomb": [page(packed(b"<title>" + b"x" * 50_000_000), Content_Encoding="gzip")],
    "a bomb in a bomb": [page(packed(bytes(20_000_000), 3), Content_Encoding="gzip, gzip, gzip")],
    "a bomb of zlib": [page(zlib.compress(bytes(50_000_000)), Content_Encoding="deflate")],
    "what unpacks to nothing": endless(HEAD + b"Content-Encoding: gzip\r\n\r\n", packed(b"")),
    "what is not packed": [page("<title>x", Content_Encoding="gzip")],
    "what is packed by half": [page(packed(b"<title>x" * 900)[:40], Content_Encoding="gzip")],
    "brotli": [page(b"\x1b\x03\x00\xf8", Content_Encoding="br")],
    "zstandard": [page(b"\x28\xb5\x2f\xfd", Content_Encoding="zstd")],
    "packed in nonsense": [page(b"x", Content_Encoding="x" * 5000)],
    "no HTTP": [b"220 mail.test ESMTP\r\n"],
    "the first HTTP": [b"<title>x</title>"],
    "nothing": [b""],
    "NULs": [bytes(100_000)],
    "switching protocols": [page(status="101 Switching Protocols")],
    "no content": [page(status="204 No Content", content_type="")],
    "an error": [page("<title>secret</title>", status="500 Internal Server Error")],
    "not allowed": [page("<title>secret</title>", status="403 Forbidden")],
    "a status of no number": [b"HTTP/1.1 abc OK\r\n\r\n<title>x"],
    "a type of another kind": [page("<title>x</title>", content_type="application/pdf")],
    "no type": [page("<title>x</title>", content_type="")],
    "a type without end": [page("<title>x</title>", content_type="text/html;" * 2000)],
    "a type in no ASCII": [page("<title>x</title>", content_type="te\xffxt/html")],
}

OPEN = "<title>Title</title>"
MAX_PAGE_LENGTH = 2 * 1024 * 1024


def repeated(text):
    return OPEN + text * (MAX_PAGE_LENGTH // len(text))


def numbered(text, limit=60_000):
    return OPEN + "".join(text.format(number) for number in range(limit))[: 512 * 1024]


def said(**content):
    """Return the head of a page with these Open Graph properties."""
    tags = [f'<meta property="og:{name}" content="{text}">' for name, text in content.items()]
    return OPEN + "".join(tags)


def in_charset(name, body=b"<title>Caf\xe9 \xff\xfe</title>"):
    return page(body, content_type=f"text/html; charset={name}")


# As large as what is read of a page, of which the first 64 KB are parsed.
PAGES = {
    **{
        f"nested {text[:20]}": [page(repeated(text))]
        for text in (
            "<div>", "<b>", "<a href=x>", "<p><b>", "<ul><li>", "<table><td>", "<a><div>", "<svg>",
            "<font size=1>", "<template>", "<select><option>", "<math><mi>", "<dl><dt>", "<nobr>",
        )
    },
    **{
        f"numbered {text[:20]}": [page(numbered(text))]
        for text in ("<b a{}>", "<font color={}>", "<x{}>", "<p {}=1>", "<body a{}=1>", "</x{}>")
    },
    "attributes": [page(OPEN + "<meta " + "a=1 " * 100_000 + ">")],
    "attributes of their own": [page(OPEN + "<meta " + "".join(f"a{n} " for n in range(60_000)))],
    "quotes in quotes": [page(repeated("""<meta '">""") + repeated("""<meta "'"""))],
    "quotes that never balance": [page(repeated("""<meta '">"""))],
    "quotes of any tag": [page(repeated("""<p a="'>"""))],
    "tags of one letter": [page(repeated("<a"))],
    "values that never start": [page(OPEN + "<p a=" + " " * 2_000_000)],
    "texts that end no head": [page(repeated("<!--</head>--><script></head></script>"))],
    "texts that nearly end a head": [page(repeated("</hea</header></head-"))],
    "quotes that never end": [page(repeated("""<meta '"'"'"<"""))],
    "tags of 4 KB": [page(repeated("<meta '" + "x" * 4080 + "'>"))],
    "a tag that never ends": [page(OPEN + '<meta content="' + "x" * 500_000)],
    "scripts that never end": [page(repeated("<script>"))],
    "comments that never end": [page(repeated("<!--"))],
    "comments that end at once": [page(repeated("<!-->"))],
    "styles within scripts": [page(repeated("<style><script></style>"))],
    "drawings within drawings": [page(repeated("<svg><svg></svg>"))],
    "a title of a megabyte": [page("<title>" + "x" * 1_000_000)],
    "a title of combining marks": [page("<title>a" + "\u0301" * 100_000 + "</title>")],
    "a title of white space": [page("<title>" + "\n\t " * 30_000 + "</title>")],
    "a title with a script": [page("<title><script>alert(1)</script></title>")],
    "a title with an escaped script": [page("<title>&lt;script&gt;x&lt;/script&gt;</title>")],
    "a title with NULs": [page("<title>a\x00b&#0;c&#x0;</title>")],
    "a title with control characters": [page("<title>a\x07\x1b[31m\x9b&#7;&#27;</title>")],
    "a title that turns around": [page("<title>\u202egpj.exe\u2066\u200f</title>")],
    "a title with half a pair": [page("<title>&#xD800;&#xDFFF;</title>")],
    "a title beyond Unicode": [page("<title>&#x110000;&#99999999999;</title>")],
    "no title": [page("<p>Nothing</p>")],
    "many titles": [page("<title>x</title>" * 20_000)],
    "a title in a drawing": [page("<svg><title>Drawing</title></svg>")],
    "entities that grow": [
        page('<!DOCTYPE a [<!ENTITY b "&c;&c;"><!ENTITY c "&b;&b;">]><title>&b;</title>')
    ],
    "an entity of a file": [page('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>&b;')],
    "a refresh": [page('<meta http-equiv=refresh content="0;http://127.0.0.1/secret"><title>x')],
    "a frame": [page("<frameset><frame src=http://127.0.0.1/secret></frameset>")],
    "many properties": [page(OPEN + "".join(f"<meta name=n{n} content=x>" for n in range(30_000)))],
    "a property of 500 KB": [page(said(description="x" * 500_000))],
    "a picture that is a script": [page(said(image="javascript:alert(1)"))],
    "a picture in itself": [page(said(image="data:image/svg+xml,<svg onload=alert(1)>"))],
    "a picture that is a file": [page(said(image="file:///etc/passwd"))],
    "a picture inside": [page(said(image="http://127.0.0.1/secret.png"))],
    "a picture of no address": [page(said(image="http://[::1"))],
    "a picture with a long address": [page(said(image="http://a.test/" + "x" * 5000))],
    "a picture that breaks out": [page(said(image='/x"onerror="alert(1)'))],
    "a base that is a script": [page("<base href=javascript:1>" + said(image="x.png"))],
    "a base of no address": [page("<base href='http://[::1'>" + said(image="x.png"))],
    **{
        f"charset {name}": [in_charset(name)]
        for name in (
            "utf-16", "utf-16le", "utf-32", "utf-7", "zlib", "bz2", "hex", "base64", "rot13", "uu",
            "quopri", "punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined",
            "mbcs", "nonsense", "x" * 1000, "gb18030", "iso-2022-jp", "shift_jis", "../../etc", '"',
        )
    },
    "punycode of all": [in_charset("punycode", b"<title>" + b"a-" * 200_000)],
    "a charset of its own": [page(b"<meta charset=utf-16><title>x\xff", content_type="text/html")],
    "a charset of Python": [page(b"<meta charset=zlib><title>x", content_type="text/html")],
    "a mark of another charset": [page(b"\xff\xfe\x00\x00<title>x</title>")],
    "half a mark": [page(b"\xff")],
    "a charset that changes": [in_charset("iso-2022-jp", b"<title>\x1b$B\x1b(J\x1b</title>")],
    "bytes of all kinds": [page(bytes(range(256)) * 2000)],
}  # fmt: skip


def image_file(size=(64, 48), kind="PNG", mode="RGB", **how):
    file = BytesIO()
    Image.new(mode, size).save(file, kind, **how)
    return file.getvalue()


def png_chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width, height, *chunks):
    """Return a PNG file that declares this size, whatever its content."""
    head = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + png_chunk(b"IEND", b"")


def blank_rows(number):
    return png_chunk(b"IDAT", zlib.compress(bytes(number)))


PIXELS = blank_rows(48 * (64 * 3 + 1))
GIF = image_file(kind="GIF", mode="P")
JPEG = image_file(kind="JPEG")
WEBP = image_file(kind="WEBP")
SCRIPTED = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'

# None of these becomes a thumbnail.
NO_PICTURES = {
    "a drawing with a script": SCRIPTED,
    "a drawing in XML": b'<?xml version="1.0"?>' + SCRIPTED,
    "a drawing of entities": b'<!DOCTYPE svg [<!ENTITY a "&a;&a;">]>' + SCRIPTED,
    "a packed drawing": packed(SCRIPTED),
    "a page": b"<html><script>alert(1)</script></html>",
    "nothing": b"",
    "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 64 64\nshowpage\n",
    "a PDF": b"%PDF-1.7\n1 0 obj\n",
    "a TIFF": image_file(kind="TIFF"),
    "a BMP": image_file(kind="BMP"),
    "an icon": image_file(kind="ICO"),
    "a PNG of 400 million pixels": png(20_000, 20_000, blank_rows(10_000_000)),
    "a PNG beyond all": png(2**31 - 1, 2**31 - 1, PIXELS),
    "a PNG of no size": png(0, 0, PIXELS),
    "a PNG without pixels": png(64, 48),
    "a PNG of false pixels": png(64, 48, png_chunk(b"IDAT", b"not packed")),
    "half a PNG": image_file((600, 400))[:300],
    "a GIF of four billion pixels": GIF[:6] + b"\xff\xff\xff\xff" + GIF[10:],
    "half a GIF": GIF[:30],
    "half a JPEG": image_file((640, 480), "JPEG")[:500],
    "a JPEG beyond all": JPEG.replace(b"\x00\x30\x00\x40\x03", b"\xff\xff\xff\xff\x03"),
    "half a WebP": WEBP[: len(WEBP) // 2],
    "a WebP of another length": WEBP[:4] + b"\xff\xff\xff\x7f" + WEBP[8:20],
    "one pixel": image_file((1, 1)),
    "a line": image_file((5000, 1)),
}

# These become thumbnails, without their extra data.
PICTURES = {
    "a GIF with a script": GIF + b"/*<script>alert(1)</script>*/",
    "a JPEG with a comment": image_file(kind="JPEG", comment=b"<script>alert(1)</script>"),
    "a JPEG of no end": JPEG[:-2] + b"\xff\xfe\xff\xff",
    "a JPEG with a program": JPEG + b"<?php system('id'); ?>",
    "a PNG with a long text": png(
        64, 48, PIXELS, png_chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(900_000)))
    ),
    "a PNG with many texts": png(64, 48, PIXELS, *[png_chunk(b"tEXt", b"a\0" + b"x" * 90)] * 9000),
    "a GIF of many frames": image_file(
        kind="GIF",
        save_all=True,
        append_images=[Image.new("P", (64, 48), number % 256) for number in range(1, 500)],
    ),
    "a CMYK picture": image_file(kind="JPEG", mode="CMYK"),
    "a picture in 16 bits": image_file(mode="I;16"),
    "a picture in black and white": image_file(mode="1"),
    "a transparent picture": image_file(mode="RGBA"),
    "a transparent palette": image_file(mode="P", transparency=0),
}

# The maximum size that is fetched.
MAX_BYTES = 4_000_000


def jpeg_of_many_scans():
    """Return a photograph that is sharpened 200,000 times, each by 17 bytes."""
    data = image_file((2400, 1800), "JPEG", mode="L", progressive=True)
    last = data[data.rindex(b"\xff\xda") : -2]
    return data[:-2] + last * (MAX_BYTES // len(last)) + data[-2:]


def jpeg_of_many_notes():
    """Return metadata that decoders join by copying all of it for each part."""
    note = b"\xff\xe1" + struct.pack(">H", 12) + b"Exif\0\0abcd"
    return JPEG[:2] + note * (MAX_BYTES // len(note)) + JPEG[2:]


# Functions, because the files are large.
BUSY_PICTURES = {
    "a JPEG of many scans": jpeg_of_many_scans,
    "a JPEG of many notes": jpeg_of_many_notes,
    "a PNG of many profiles": lambda: png(
        64, 48, PIXELS, *[png_chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(1_000_000)))] * 3900
    ),
}


def number_of_cases():
    kinds = (ADDRESSES, REDIRECTS, ANSWERS, PAGES, NO_PICTURES, BUSY_PICTURES, PICTURES)
    return sum(len(list(itertools.chain(kind))) for kind in kinds)
