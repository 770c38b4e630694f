import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import words as module
from search.words import LONGEST_WORD, MOST_WORDS, Query, composed, tokens, whole, words

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
def test_words_are_told_apart_and_folded(text, expected):
    assert words(text) == expected


def test_a_letter_with_its_accent_apart_is_the_same_letter():
    assert words(unicodedata.normalize("NFD", "Ångström が")) == words("Ångström が")


@given(ANYTHING)
def test_words_hold_nothing_that_could_end_a_quotation(text):
    for word in words(text):
        assert word
        assert len(word) <= LONGEST_WORD
        assert all(unicodedata.category(letter)[0] in "LNM" for letter in word)


@given(ANYTHING)
def test_every_word_stands_where_it_says(text):
    text = composed(text)
    for token in tokens(text):
        assert 0 <= token.start < token.end <= len(text)


@given(st.characters())
def test_folding_twice_is_folding_once(character):
    folded, script = module.fold(character)
    assert "".join(module.fold(letter)[0] for letter in folded) == folded
    assert script or not folded


@given(st.text(st.characters(max_codepoint=127), max_size=60))
def test_plain_letters_are_read_the_same_by_the_quick_way(text):
    assert words(text) == words(f"{text} é")[:-1]


@given(st.text(st.characters(categories=["L"]), max_size=60))
def test_case_makes_no_difference(text):
    assert words(text) == words(text.casefold()) == words(text.lower())


@given(ANYTHING, ANYTHING)
def test_a_name_stands_for_itself_alone(one, other):
    one, other = words(one), words(other)
    assert (whole(one) == whole(other)) == (one[:MOST_WORDS] == other[:MOST_WORDS])


class TestQuery:
    @pytest.mark.parametrize("text", ["", "   ", "!?", "👍", "\x00", '"" * - ^'])
    def test_without_a_letter_it_is_empty(self, text):
        assert not Query(text)

    def test_each_word_is_looked_for_once(self):
        assert Query("Tea tea TÉA for two").words == ["tea", "for", "two"]

    def test_more_words_than_are_looked_for_are_left_out_and_said_to_be(self):
        query = Query(" ".join(f"word{number}" for number in range(MOST_WORDS + 1)))
        assert len(query.words) == MOST_WORDS
        assert query.is_cut

    def test_of_ten_thousand_characters_the_first_are_looked_for(self):
        query = Query("many words " * 1000)
        assert query.words == ["many", "words"]
        assert query.is_cut

    def test_the_scheme_of_an_address_is_not_looked_for(self):
        assert Query("https://www.example.org/caf%C3%A9").words == ["example", "org", "cafe"]

    def test_one_plain_letter_is_no_beginning_but_a_character_is(self):
        assert Query("c ca 本").beginnings == [("c", False), ("ca", True), ("本", True)]
