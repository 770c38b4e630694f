"""What a foreign page says about itself, for whoever links to it (Open Graph and the like)."""

import re
import unicodedata
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser
from w3lib.encoding import (
    html_body_declared_encoding,
    http_content_type_encoding,
    read_bom,
    to_unicode,
)

from previews.addresses import LONGEST, PORTS

PARSED = 64 * 1024
LONGEST_TEXT = 1000

# What browsers decode. Python knows more, some of which is no text or takes for ever.
ENCODINGS = {
    "utf-8", "utf-8-sig", "utf-16-le", "utf-16-be", "utf-16", "cp866", "cp874", "koi8-r", "koi8-u",
    "mac-roman", "mac-cyrillic", "gb18030", "gbk", "big5hkscs", "big5", "euc_jp", "iso2022_jp",
    "cp932", "shift_jis", "cp949", "euc_kr",
    *(f"cp{number}" for number in range(1250, 1259)),
    *(f"iso8859-{number}" for number in range(1, 17)),
}  # fmt: skip

# What says something about a page, and what may be far longer than all that and says nothing.
OPENING = re.compile(
    r"<(?:(?P<hidden>script|style|svg)|(?P<title>title)|(?P<tag>meta|link|base))(?=[\s/>])"
    r"|<(?P<comment>!--)",
    re.IGNORECASE,
)
REST_OF_TAG = re.compile(r"""(?:[^"'>]|"[^"]*"|'[^']*')*+>""")
LONGEST_TAG = 4 * 1024
ENDS = {
    name: re.compile(f"</{name}", re.IGNORECASE) for name in ("script", "style", "svg", "title")
}

TITLES = ("og:title", "twitter:title")
DESCRIPTIONS = ("og:description", "twitter:description", "description")
IMAGES = ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src")
UNSEEN = {"Cc", "Cs", "Zl", "Zp"}
# Right-to-left marks and the like make a text look like another.
INVISIBLE = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def describe_page(answer):
    """Return the fields of Stream's `og` that the page has, {} if it says nothing of use."""
    tree = LexborHTMLParser(essence(decode(answer)))
    said, links = said_by_meta(tree), said_by_links(tree)
    base = absolute(answer.url, links.get("base", "")) or answer.url
    title = tree.css_first("title")
    found = {
        "title": (first(said, TITLES) or tidy(title.text() if title else ""))[:LONGEST_TEXT],
        "description": first(said, DESCRIPTIONS)[:LONGEST_TEXT],
        "type": said.get("og:type", "")[:LONGEST_TEXT],
        "site_name": said.get("og:site_name", "")[:LONGEST_TEXT],
        "favicon": absolute(base, links.get("icon", "")),
    }
    image = absolute(base, first(said, IMAGES) or links.get("image_src", ""))
    if image:
        found["images"] = [{"image": image}]
    if not (found["title"] or found["description"] or image):
        return {}
    return {"url": answer.url, **{name: value for name, value in found.items() if value}}


def decode(answer):
    """Return the text of a page as a browser would read it, by whatever names its encoding."""
    encoding, mark = read_bom(answer.body)
    if encoding is None:
        encoding = http_content_type_encoding(answer.content_type)
        # A page whose tags are found as ASCII cannot be in UTF-16, whatever it says.
        declared = html_body_declared_encoding(answer.body) or ""
        encoding = encoding or ("" if declared.startswith("utf-16") else declared)
    known = encoding if encoding in ENCODINGS else "utf-8"
    return to_unicode(answer.body[len(mark or b"") :], known)


def essence(text):
    """Return the title and the tags of `text` that may say something of it, 64 KB at most.

    In one pass, and all on one level: the parser takes a time that grows with the square of how
    deep tags are nested. What is never closed reaches to the end, as it does in a browser.
    """
    kept, size, position = [], 0, 0
    while size < PARSED and (opening := OPENING.search(text, position)):
        part, position = next_part(text, opening)
        kept.append(part)
        size += len(part)
    return "".join(kept)[:PARSED]


def next_part(text, opening):
    """Return what to keep of the part that `opening` begins, and where that ends."""
    if opening["comment"]:
        end = text.find("-->", opening.end() - 2)
        return "", end if end >= 0 else len(text)
    if opening["tag"]:
        return next_tag(text, opening)
    found = ENDS[(opening["hidden"] or opening["title"]).lower()].search(text, opening.end())
    end = found.start() if found else len(text)
    return (f"{text[opening.start() : end]}</title>" if opening["title"] else ""), end


def next_tag(text, opening):
    """Return the tag, "" for one that is too long, and where it ends."""
    rest = REST_OF_TAG.match(text, opening.end(), opening.end() + LONGEST_TAG)
    # A quotation mark may be no quotation mark: then the next ">" is the end.
    end = rest.end() if rest else text.find(">", opening.end()) + 1 or len(text)
    tag = text[opening.start() : end]
    return (tag if len(tag) <= LONGEST_TAG else ""), end


def said_by_meta(tree):
    """Return the first text that is said under each name."""
    said = {}
    for tag in tree.css("meta"):
        attributes = tag.attributes
        name = attributes.get("property") or attributes.get("name") or ""
        text = tidy(attributes.get("content") or "")
        if text:
            said.setdefault(name.strip().lower(), text)
    return said


def said_by_links(tree):
    """Return addresses by what they are: "icon", "image_src", and "base" of all others."""
    found = {}
    for tag in tree.css("link, base"):
        attributes = tag.attributes
        names = (attributes.get("rel") or "").lower().split() if tag.tag == "link" else ["base"]
        for name in names:
            found.setdefault(name, tidy(attributes.get("href") or ""))
    return found


def first(said, names):
    return next((said[name] for name in names if name in said), "")


def tidy(text):
    """Return `text` on one line, without what cannot be seen, and not beyond all measure."""
    text = INVISIBLE.sub("", " ".join(text.split())[: LONGEST + 1])
    shown = (" " if unicodedata.category(sign) in UNSEEN else sign for sign in text)
    return " ".join("".join(shown).split())


def absolute(base, address):
    """Return the whole address of what a page names, "" for none that can be fetched."""
    try:
        whole = urljoin(base, address) if address else ""
        parts = urlsplit(whole)
    except ValueError:
        return ""
    good = parts.scheme in PORTS and parts.hostname and len(whole) <= LONGEST
    return whole if good else ""
