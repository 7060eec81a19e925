"""Words hidden behind one word, and the forms of a word."""

import pytest

from core.bare_words import words_of
from core.masking import akin, masked

WORDS = {"dog", "dogs", "père"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("A DOG, two dogs; dog's!", "A thing, two thing; thing's!"),
        ("hot-dog dogsled doggy", "hot-thing dogsled doggy"),
        ("dog_dog", "thing_thing"),
        ("Le pe\u0300re", "Le thing"),
        ("no such word .", "no such word ."),
        ("", ""),
    ],
)
def test_each_word_is_hidden_and_nothing_else(text: str, told: str) -> None:
    assert masked(text, WORDS, "thing") == told
    assert not WORDS & set(words_of(told))
    assert len(words_of(told)) == len(words_of(text))


def test_forms_have_the_stem_or_a_y_behind_it() -> None:
    others = ["rocks", "rocky", "rocking", "rocket", "snowy", "snowboard", "many", "mans", "rock"]
    assert akin(["rock", "snow", "man"], others) == ["mans", "rocking", "rocks", "rocky", "snowy"]
    assert akin([], others) == []
