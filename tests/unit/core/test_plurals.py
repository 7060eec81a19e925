"""Singulars of plurals, told by the words that there are."""

import pytest

from core.plurals import singular

KNOWN = {
    *("dog", "box", "puppy", "leaf", "knife", "man", "fireman", "child", "person", "bus", "bike"),
    *("glass", "beach"),
}


@pytest.mark.parametrize(
    ("word", "one"),
    [
        *[("dogs", "dog"), ("bikes", "bike"), ("boxes", "box"), ("beaches", "beach")],
        *[("puppies", "puppy"), ("leaves", "leaf"), ("knives", "knife"), ("buses", "bus")],
        *[("men", "man"), ("firemen", "fireman"), ("children", "child"), ("people", "person")],
        *[("persons", "person"), ("glasses", "glass")],
    ],
)
def test_a_plural_is_that_of_a_word_that_is_known(word: str, one: str) -> None:
    assert singular(word, KNOWN) == one
    assert singular(word, KNOWN - {one}) == word


@pytest.mark.parametrize("word", ["grass", "bus", "glass", "men", "s", "es", "", "dogss", "cats"])
def test_what_is_no_plural_of_a_known_word_stays(word: str) -> None:
    assert singular(word, KNOWN - {"man"}) == word
