"""Showing where what somebody asked for stands in a text."""

from django.utils.html import escape, format_html, format_html_join

from search.words import composed, tokens

LONGEST_SNIPPET, BEFORE_FIRST = 200, 60


def highlight(text, query):
    """Return HTML of `text` in which every word that `query` asks for is marked."""
    return _marked(composed(text), query)


def snippet(text, query):
    """Return HTML of `text` in one line; of a long text the part with the first word found."""
    text = composed(" ".join(text.split()))
    if len(text) <= LONGEST_SNIPPET:
        return _marked(text, query)
    start = next((start for start, _end in spans(text, query)), 0)
    # From a space on, so that no word is cut in two.
    start = text.rfind(" ", 0, max(0, start - BEFORE_FIRST)) + 1
    end = start + LONGEST_SNIPPET
    if end < len(text):
        end = max(text.rfind(" ", start, end), start + LONGEST_SNIPPET // 2)
    before, after = "…" * (start > 0), "…" * (end < len(text))
    return format_html("{}{}{}", before, _marked(text[start:end], query), after)


def spans(text, query):
    """Return (start, end) of each stretch of `text` to be marked, in order and apart."""
    ends = ((token.start, _end_of_asked(token, query)) for token in tokens(text))
    apart = []
    for start, end in sorted((start, end) for start, end in ends if end):
        if apart and start <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(end, apart[-1][1]))
        else:
            apart.append((start, end))
    return apart


def _end_of_asked(token, query):
    """Return where the part of `token` ends that is asked for: words whole, characters alone."""
    ends = [
        token.end if token.word == word or len(word) > 1 else token.start + 1
        for word, begins in query.beginnings
        if token.word == word or (begins and token.word.startswith(word))
    ]
    return max(ends, default=None)


def _marked(text, query):
    pieces, last = [], 0
    for start, end in spans(text, query):
        pieces.append((text[last:start], text[start:end]))
        last = end
    return format_html_join("", "{}<mark>{}</mark>", pieces) + escape(text[last:])
