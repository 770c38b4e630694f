"""Read the metadata of a page: Open Graph and similar tags."""

import re
import unicodedata
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from previews.addresses import MAX_URL_LENGTH, PORTS
from previews.encodings import decode

MAX_PARSED_LENGTH = 64 * 1024
# Several times as many as any head has, with comments and scripts.
MAX_ELEMENTS = 100_000
MAX_TEXT_LENGTH = 1000

# Tags with metadata, and elements that have none and may be very long.
HIDDEN = ("script", "style", "svg", "textarea", "template", "iframe", "xmp", "noembed", "noframes")
OPENING = re.compile(
    rf"<(?:(?P<hidden>{'|'.join(HIDDEN)})|(?P<title>title)|(?P<tag>meta|link|base))(?=[\s/>])"
    r"|<(?P<comment>!--)",
    re.IGNORECASE,
)
COMMENT_END = re.compile("-->|--!>")
TAG_REMAINDER = re.compile(r"""(?:[^"'>]|"[^"]*"|'[^']*')*+>""")
MAX_TAG_LENGTH = 4 * 1024
ENDS = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in (*HIDDEN, "title")}

TITLES = ("og:title", "twitter:title")
DESCRIPTIONS = ("og:description", "twitter:description", "description")
OG_IMAGES = ("og:image:secure_url", "og:image", "og:image:url")
OTHER_IMAGES = ("twitter:image", "twitter:image:src")
# Many of one kind must not hide the other.
MAX_OG_IMAGES, MAX_OTHER_IMAGES = 4, 2
INVISIBLE_CATEGORIES = {"Cc", "Cs", "Zl", "Zp"}
# Right-to-left marks and the like can make a text look like another.
DIRECTION_MARKS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def describe_page(response):
    """Return the fields of Stream's `og` that the page has, {} without a title, text or image."""
    tree = LexborHTMLParser(extract_metadata(decode(response.body, response.content_type)))
    texts, links = read_meta_texts(tree), read_link_urls(tree)
    base = absolute_url(response.url, links.get("base", "")) or response.url
    title = tree.css_first("title")
    title = first_text(texts, TITLES) or clean_text(title.text() if title else "")
    values = {
        "title": title[:MAX_TEXT_LENGTH],
        "description": first_text(texts, DESCRIPTIONS)[:MAX_TEXT_LENGTH],
        "type": first_text(texts, ["og:type"])[:MAX_TEXT_LENGTH],
        "site_name": first_text(texts, ["og:site_name"])[:MAX_TEXT_LENGTH],
        "favicon": absolute_url(base, links.get("icon", "")),
    }
    images = image_urls(base, texts, links)
    if images:
        values["images"] = [{"image": image} for image in images]
    if not (values["title"] or values["description"] or images):
        return {}
    return {"url": response.url, **{name: value for name, value in values.items() if value}}


def extract_metadata(text):
    """Return the title and the tags of `text` that may have metadata, 64 KB at most.

    They are found in one pass and without nesting, because the parser's time is quadratic in the
    depth of tags. As in a browser, an element that is never closed extends to the end.
    """
    kept, size, position = [], 0, 0
    while size < MAX_PARSED_LENGTH and len(kept) < MAX_ELEMENTS:
        opening = OPENING.search(text, position)
        if not opening:
            break
        part, position = read_part(text, opening)
        kept.append(part)
        size += len(part)
    return "".join(kept)[:MAX_PARSED_LENGTH]


def read_part(text, opening):
    """Return what to keep of the element that starts at `opening`, and where it ends."""
    if opening["comment"]:
        closing = COMMENT_END.search(text, opening.end() - 2)
        return "", closing.end() if closing else len(text)
    if opening["tag"]:
        return read_tag(text, opening)
    closing = ENDS[(opening["hidden"] or opening["title"]).lower()].search(text, opening.end())
    end = closing.start() if closing else len(text)
    return (f"{text[opening.start() : end]}</title>" if opening["title"] else ""), end


def read_tag(text, opening):
    """Return a tag, "" if it is too long, and where it ends."""
    rest = TAG_REMAINDER.match(text, opening.end(), opening.end() + MAX_TAG_LENGTH)
    # With unbalanced quotation marks, the next ">" is the end.
    end = rest.end() if rest else text.find(">", opening.end()) + 1 or len(text)
    tag = text[opening.start() : end]
    return (tag if len(tag) <= MAX_TAG_LENGTH else ""), end


def read_meta_texts(tree):
    """Return the texts of each name in `meta` tags."""
    texts = {}
    for tag in tree.css("meta"):
        attributes = tag.attributes
        name = attributes.get("property") or attributes.get("name") or ""
        text = clean_text(attributes.get("content") or "")
        if text:
            texts.setdefault(name.strip().lower(), []).append(text)
    return texts


def read_link_urls(tree):
    """Return URLs by relation: "icon", "image_src", and "base"."""
    values = {}
    for tag in tree.css("link, base"):
        attributes = tag.attributes
        names = (attributes.get("rel") or "").lower().split() if tag.tag == "link" else ["base"]
        for name in names:
            values.setdefault(name, clean_text(attributes.get("href") or ""))
    return values


def first_text(texts, names):
    return next((texts[name][0] for name in names if name in texts), "")


def image_urls(base, texts, links):
    """Return the URLs of a page's pictures, the preferred ones first."""
    groups = (
        ([text for name in OG_IMAGES for text in texts.get(name, [])], MAX_OG_IMAGES),
        (
            [text for name in OTHER_IMAGES for text in texts.get(name, [])]
            + [links.get("image_src", "")],
            MAX_OTHER_IMAGES,
        ),
    )
    urls = {}
    for candidates, limit in groups:
        absolute = (absolute_url(base, text) for text in candidates)
        new = dict.fromkeys(url for url in absolute if url and url not in urls)
        urls |= dict.fromkeys(list(new)[:limit])
    return list(urls)


def clean_text(text):
    """Return `text` on one line, without invisible characters, cut to a sensible length."""
    text = DIRECTION_MARKS.sub("", " ".join(text.split())[: MAX_URL_LENGTH + 1])
    shown = (" " if unicodedata.category(sign) in INVISIBLE_CATEGORIES else sign for sign in text)
    return " ".join("".join(shown).split())


def absolute_url(base, url):
    """Return the absolute form of a URL in a page, "" if it cannot be fetched."""
    try:
        absolute = urljoin(base, url) if url else ""
        parts = urlsplit(absolute)
    except ValueError:
        return ""
    can_fetch = parts.scheme in PORTS and parts.hostname and len(absolute) <= MAX_URL_LENGTH
    return absolute if can_fetch else ""
