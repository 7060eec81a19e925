"""Nouns by the words around them, against a slow reading of the rule."""

import random
from collections import Counter

from core.nouns import BEHIND, CLOSED, DETERMINERS, RAREST, SHARE, nouns


def read(*texts, times=RAREST):
    return nouns([text.split() for text in texts] * times)


def test_nouns_are_told_from_adjectives_and_verbs():
    found = read(
        "a dog is running in the snow",
        "the brown dog with them runs",
        "two dogs in a field",
        "a man in a blue shirt sitting on the red bench",
        "the man running through the grass",
        "a man jumps over a small fence",
    )
    nominal = {"dog", "dogs", "snow", "field", "man", "shirt", "bench", "grass", "fence"}
    assert found == nominal


def test_a_word_must_be_there_often_enough():
    assert read("a dog", times=RAREST - 1) == set()
    assert read("a dog") == {"dog"}
    often = ["a dog"] * RAREST + ["dog a"] * int(RAREST / SHARE - RAREST)
    assert nouns([text.split() for text in often]) == {"dog"}
    assert nouns([text.split() for text in [*often, "dog a"]]) == set()


def by_hand(texts):
    """Each place of each word looked at alone."""
    counts = Counter(word for text in texts for word in text)

    def share(word, allowed):
        good = 0
        for text in texts:
            for place, other in enumerate(text):
                behind = text[place + 1] if place + 1 < len(text) else "is"
                ends = behind in BEHIND or behind.endswith("ing")
                if other != word or not ends or not place:
                    continue
                first = text[place - 1]
                second = text[place - 2] if place > 1 else ""
                good += first in DETERMINERS or (allowed(first) and second in DETERMINERS)
        return good / counts[word]

    def chosen(allowed):
        often = [word for word in counts if counts[word] >= RAREST and word not in CLOSED]
        return {word for word in often if share(word, allowed) >= SHARE}

    first = chosen(lambda word: False)
    return chosen(lambda word: word not in CLOSED and word not in first)


def test_random_captions_agree_with_the_rule_read_slowly():
    draw = random.Random(0)
    words = ["a", "the", "in", "and", "is", "going", "u", "v", "w", "x", "y", "z"]
    seen = set()
    for _ in range(60):
        texts = [draw.choices(words, k=draw.randint(0, 6)) for _ in range(25)]
        found = nouns(texts)
        assert found == by_hand(texts)
        seen.add(len(found))
    assert len(seen) > 2
