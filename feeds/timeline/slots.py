"""Links in activities that the server fills, or `activity.js` where it gets a template of them."""

import re
from urllib.parse import quote

from django.utils.html import format_html

# The key in the address of a row that is not known yet, as in reverse(name, args=[GAP]); no row
# has it.
GAP = 0
_GAP = re.compile(rf"(?<=[/=]){GAP}(?=/|$)")


def fill_gap(address, key):
    """Return `address` with `key` in its gap; as it is if there is no key."""
    if key in ("", None):
        return address
    return _GAP.sub(quote(str(key), safe=""), address, count=1)


def row_link(address, key, text, *, key_path, text_path, css_class):
    """Return the link to a row: `address` has a gap for its key.

    `activity.js` finds key and text at these paths of an item.
    """
    return format_html(
        '<a class="{}" href="{}" data-fill-gap="{}" data-fill-text="{}">{}</a>',
        css_class,
        fill_gap(address, key),
        key_path,
        text_path,
        text,
    )
