"""Split texts into words, in the same way for the index, for queries and for highlighting.

Case and accents are removed here, so that both databases behave alike. In scripts without spaces,
every pair of characters is a word, and so is the last character.
"""

import functools
import itertools
import operator
import re
import unicodedata
from typing import NamedTuple
from urllib.parse import unquote

# Limits of a query, of a word and of the words in a URL.
MAX_QUERY_LENGTH, MAX_WORDS = 256, 8
MAX_WORD_LENGTH, MAX_ADDRESS_WORDS = 64, 60

# A letter for the databases, which no folded text contains.
JOINER = "·"

# Letters that Unicode does not decompose, and the Turkish dotless i.
LETTERS = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ħ": "h", "ı": "i"}
)
KANA_VOICING = 8  # canonical combining class: か and が are different letters

# Thai, Lao, Myanmar, Khmer; kana, Bopomofo and Han.
SPACED, UNSPACED = "spaced", "unspaced"
UNSPACED_LETTER = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u312f\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
ASCII_WORD = re.compile("[A-Za-z0-9]+")
SCHEME = re.compile(r"\bhttps?://(?:www\.)?", re.IGNORECASE)
LANGUAGE = re.compile(r"(?<!\w)([a-z])(\+\+|#)(?!\w)", re.IGNORECASE)
LANGUAGE_SUFFIXES = {"++": "plusplus", "#": "sharp"}


class Token(NamedTuple):
    """A folded word, and its position in the text."""

    word: str
    start: int
    end: int


def tokens(text):
    """Yield the Tokens of `text`, which must be normalized."""
    for named in LANGUAGE.finditer(text):
        word = named[1].lower() + LANGUAGE_SUFFIXES[named[2]]
        yield Token(word, named.start(), named.end())
    if text.isascii():  # a shortcut that is twenty times as fast
        for run in ASCII_WORD.finditer(text):
            yield Token(run[0].lower()[:MAX_WORD_LENGTH], run.start(), run.end())
        return
    letters = ((position, *fold(character)) for position, character in enumerate(text))
    kept = (letter for letter in letters if letter[1] or letter[2] is None)
    for script, run in itertools.groupby(kept, key=operator.itemgetter(2)):
        if script:
            yield from SPLITTERS[script](list(run))


def words(text):
    """Return the words of `text` in order, with repetitions."""
    return [token.word for token in tokens(normalize(text))]


def url_words(url):
    """Return the words of `url` without its scheme, with escapes decoded."""
    return words(readable_url(url))[:MAX_ADDRESS_WORDS]


def exact_name(words):
    """Return one word that stands for a name with exactly these `words`."""
    return JOINER + JOINER.join(words[:MAX_WORDS])


def normalize(text):
    """Return `text` in normal form C, in which a letter and its accent are one character."""
    return unicodedata.normalize("NFC", text)


def readable_url(url):
    return unquote(SCHEME.sub("", url))


def shorten(text):
    """Return the whole words of `text` that fit into a query."""
    if len(text) <= MAX_QUERY_LENGTH:
        return text
    return text[:MAX_QUERY_LENGTH].rpartition(" ")[0] or text[:MAX_QUERY_LENGTH]


@functools.lru_cache(maxsize=10_000)
def fold(character):
    """Return a folded character ("" for an accent) and its script.

    The script is SPACED or UNSPACED, or None for a character between words.
    """
    if not _is_letter(character):
        return "", None
    plain = _without_accents(_without_accents(character).casefold().translate(LETTERS))
    folded = unicodedata.normalize("NFC", plain)
    return folded, UNSPACED if UNSPACED_LETTER.match(folded) else SPACED


def _without_accents(text):
    return "".join(
        letter
        for letter in unicodedata.normalize("NFKD", text)
        if unicodedata.combining(letter) in {0, KANA_VOICING} and _is_letter(letter)
    )


def _is_letter(character):
    """Return whether it is a letter, a digit or a mark on one."""
    return unicodedata.category(character)[0] in "LNM"


def _spaced_token(run):
    word = "".join(letter for _position, letter, _script in run)
    yield Token(word[:MAX_WORD_LENGTH], run[0][0], run[-1][0] + 1)


def _unspaced_tokens(run):
    for (position, letter, _script), (next_position, following, _) in itertools.pairwise(run):
        yield Token(letter + following, position, next_position + 1)
    position, letter, _script = run[-1]
    yield Token(letter, position, position + 1)


SPLITTERS = {SPACED: _spaced_token, UNSPACED: _unspaced_tokens}


class Query:
    """A search text: its distinct words, and whether some were dropped."""

    def __init__(self, text):
        self.text = " ".join(text.split())
        typed = url_words(shorten(self.text))
        every = list(dict.fromkeys(typed))
        self.words = every[:MAX_WORDS]
        self.is_shortened = len(every) > MAX_WORDS or len(self.text) > MAX_QUERY_LENGTH
        self.exact_name = exact_name(typed)

    def __bool__(self):
        return bool(self.words)

    @property
    def prefixes(self):
        """Return pairs of a word and whether it matches as a prefix; single letters do not.

        In a script without spaces, a single character does.
        """
        return [(word, len(word) > 1 or fold(word)[1] == UNSPACED) for word in self.words]
