"""Mark the words of a query in texts."""

from django.utils.html import escape, format_html, format_html_join

from search.words import normalize, tokens

MAX_SNIPPET_LENGTH, CONTEXT_LENGTH = 200, 60


def highlight(text, query):
    """Return HTML of `text` with every match of `query` marked."""
    return _mark(normalize(text), query)


def snippet(text, query):
    """Return HTML of `text` on one line, of a long text only the part with the first match."""
    text = normalize(" ".join(text.split()))
    if len(text) <= MAX_SNIPPET_LENGTH:
        return _mark(text, query)
    start = next((start for start, _end in spans(text, query)), 0)
    # Start at a space, so that no word is cut.
    start = text.rfind(" ", 0, max(0, start - CONTEXT_LENGTH)) + 1
    end = start + MAX_SNIPPET_LENGTH
    if end < len(text):
        end = max(text.rfind(" ", start, end), start + MAX_SNIPPET_LENGTH // 2)
    before, after = "…" * (start > 0), "…" * (end < len(text))
    return format_html("{}{}{}", before, _mark(text[start:end], query), after)


def spans(text, query):
    """Return the (start, end) of each match in `text`, in order and without overlaps."""
    ends = ((token.start, _match_end(token, query)) for token in tokens(text))
    merged = []
    for start, end in sorted((start, end) for start, end in ends if end):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _match_end(token, query):
    """Return where the match in `token` ends: whole words and single characters are marked."""
    ends = [
        token.end if token.word == word or len(word) > 1 else token.start + 1
        for word, is_prefix in query.prefixes
        if token.word == word or (is_prefix and token.word.startswith(word))
    ]
    return max(ends, default=None)


def _mark(text, query):
    pieces, last = [], 0
    for start, end in spans(text, query):
        pieces.append((text[last:start], text[start:end]))
        last = end
    return format_html_join("", "{}<mark>{}</mark>", pieces) + escape(text[last:])
