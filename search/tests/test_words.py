import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import words as module
from search.words import MAX_WORD_LENGTH, MAX_WORDS, Query, exact_name, normalize, tokens, words

ANYTHING = st.text(st.characters(), max_size=60)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ana López", ["ana", "lopez"]),
        ("Straße STRASSE", ["strasse", "strasse"]),
        ("İstanbul ıstanbul ISTANBUL", ["istanbul"] * 3),
        ("Οδυσσεύς ΟΔΥΣΣΕΎΣ", ["οδυσσευσ"] * 2),
        ("Łódź smørrebrød œuvre", ["lodz", "smorrebrod", "oeuvre"]),
        ("ﬁn Ｆｕｌｌ m² Ⅳ", ["fin", "full", "m2", "iv"]),
        ("ana_lopes@example.org", ["ana", "lopes", "example", "org"]),
        ("don't L’Équipe", ["don", "t", "l", "equipe"]),
        ("हिन्दी भाषा", ["हिनदी", "भाषा"]),
        ("日本語版Python", ["日本", "本語", "語版", "版", "python"]),
        ("が か", ["が", "か"]),
        ("C++ f# a#b", ["cplusplus", "fsharp", "c", "f", "a", "b"]),
        ("👍 … \x00 \ufffd !!!", []),
    ],
)
def test_words_are_split_and_folded(text, expected):
    assert words(text) == expected


def test_decomposed_accents_fold_the_same():
    assert words(unicodedata.normalize("NFD", "Ångström が")) == words("Ångström が")


@pytest.mark.slow
@given(ANYTHING)
def test_words_contain_no_quotation_marks(text):
    for word in words(text):
        assert word
        assert len(word) <= MAX_WORD_LENGTH
        assert all(unicodedata.category(letter)[0] in "LNM" for letter in word)


@pytest.mark.slow
@given(ANYTHING)
def test_token_positions_match_text(text):
    text = normalize(text)
    for token in tokens(text):
        assert 0 <= token.start < token.end <= len(text)


@pytest.mark.slow
@given(st.characters())
def test_folding_twice_is_folding_once(character):
    folded, script = module.fold(character)
    assert "".join(module.fold(letter)[0] for letter in folded) == folded
    assert script or not folded


@pytest.mark.slow
@given(st.text(st.characters(max_codepoint=127), max_size=60))
def test_ascii_shortcut_gives_same_tokens(text):
    assert words(text) == words(f"{text} é")[:-1]


@pytest.mark.slow
@given(st.text(st.characters(categories=["L"]), max_size=60))
def test_case_makes_no_difference(text):
    assert words(text) == words(text.casefold()) == words(text.lower())


@pytest.mark.slow
@given(ANYTHING, ANYTHING)
def test_exact_name_matches_only_itself(one, other):
    one, other = words(one), words(other)
    assert (exact_name(one) == exact_name(other)) == (one[:MAX_WORDS] == other[:MAX_WORDS])


class TestQuery:
    @pytest.mark.parametrize("text", ["", "   ", "!?", "👍", "\x00", '"" * - ^'])
    def test_without_a_letter_it_is_empty(self, text):
        assert not Query(text)

    def test_each_word_is_looked_for_once(self):
        assert Query("Tea tea TÉA for two").words == ["tea", "for", "two"]

    def test_extra_words_are_dropped_with_notice(self):
        query = Query(" ".join(f"word{number}" for number in range(MAX_WORDS + 1)))
        assert len(query.words) == MAX_WORDS
        assert query.is_shortened

    def test_long_query_keeps_first_words(self):
        query = Query("many words " * 1000)
        assert query.words == ["many", "words"]
        assert query.is_shortened

    def test_scheme_of_url_is_ignored(self):
        assert Query("https://www.example.org/caf%C3%A9").words == ["example", "org", "cafe"]

    def test_single_letter_is_no_prefix_but_ideograph_is(self):
        assert Query("c ca 本").prefixes == [("c", False), ("ca", True), ("本", True)]
