"""What a word is: the same for what is indexed, for what is asked, and for what is highlighted.

Case and accents are taken off here rather than by the databases, so that both act alike. Whole
scripts are written without spaces; there every pair of characters is a word, and the last one.
"""

import functools
import itertools
import operator
import re
import unicodedata
from typing import NamedTuple
from urllib.parse import unquote

# How much of what somebody asks is looked for, and how much of a long address is found.
LONGEST_QUERY, MOST_WORDS = 256, 8
LONGEST_WORD, WORDS_OF_ADDRESS = 64, 60

# No word holds it: a letter to the databases, which no text folds to.
JOINER = "·"

# Letters whose stroke or ligature Unicode does not take apart, and the Turkish i without a dot.
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
    """A word as it is compared, and from where to where it stands in the text."""

    word: str
    start: int
    end: int


def tokens(text):
    """Yield the Tokens of `text`, which must be in normal form (`composed`)."""
    for named in LANGUAGE.finditer(text):
        word = named[1].lower() + LANGUAGE_SUFFIXES[named[2]]
        yield Token(word, named.start(), named.end())
    if text.isascii():  # most are, and this is twenty times as fast
        for run in ASCII_WORD.finditer(text):
            yield Token(run[0].lower()[:LONGEST_WORD], run.start(), run.end())
        return
    letters = ((position, *fold(character)) for position, character in enumerate(text))
    standing = (letter for letter in letters if letter[1] or letter[2] is None)
    for script, run in itertools.groupby(standing, key=operator.itemgetter(2)):
        if script:
            yield from SPLITTERS[script](list(run))


def words(text):
    """Return the words of `text` in their order, as often as they are there."""
    return [token.word for token in tokens(composed(text))]


def words_of_address(url):
    """Return what somebody would type to find `url`: all but its scheme, escapes resolved."""
    return words(readable(url))[:WORDS_OF_ADDRESS]


def whole(words):
    """Return the one word that stands for a name which has these `words` and no others."""
    return JOINER + JOINER.join(words[:MOST_WORDS])


def composed(text):
    """Return `text` in the form in which a letter and its accent are one character."""
    return unicodedata.normalize("NFC", text)


def readable(url):
    return unquote(SCHEME.sub("", url))


def shortened(text):
    """Return as many whole words of `text`, one space between them, as are looked for."""
    if len(text) <= LONGEST_QUERY:
        return text
    return text[:LONGEST_QUERY].rpartition(" ")[0] or text[:LONGEST_QUERY]


@functools.lru_cache(maxsize=10_000)
def fold(character):
    """Return what is compared of a character ("" for an accent by itself) and its script.

    That is SPACED or UNSPACED, and None for what stands between words.
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
    """Whether it is a letter, a digit or a mark on one."""
    return unicodedata.category(character)[0] in "LNM"


def _one_word(run):
    word = "".join(letter for _position, letter, _script in run)
    yield Token(word[:LONGEST_WORD], run[0][0], run[-1][0] + 1)


def _pairs(run):
    for (position, letter, _script), (next_position, following, _) in itertools.pairwise(run):
        yield Token(letter + following, position, next_position + 1)
    position, letter, _script = run[-1]
    yield Token(letter, position, position + 1)


SPLITTERS = {SPACED: _one_word, UNSPACED: _pairs}


class Query:
    """What somebody looks for: its words, each once, and whether there were too many."""

    def __init__(self, text):
        self.text = " ".join(text.split())
        asked = words_of_address(shortened(self.text))
        every = list(dict.fromkeys(asked))
        self.words = every[:MOST_WORDS]
        self.is_cut = len(every) > MOST_WORDS or len(self.text) > LONGEST_QUERY
        self.whole = whole(asked)

    def __bool__(self):
        return bool(self.words)

    @property
    def beginnings(self):
        """Pairs of a word and whether its beginning is enough: for one letter it is not.

        In a script without spaces a character says as much as a word.
        """
        return [(word, len(word) > 1 or fold(word)[1] == UNSPACED) for word in self.words]
