"""Which words of a sentence a vocabulary knows."""

import pytest

from core.heard import heard
from core.splitting import tokenise
from core.text import SPECIALS, Vocabulary

WORDS = Vocabulary((*SPECIALS, "a", "dog", ".", "run", "'s", "running"), 1)
BAG = Vocabulary((*SPECIALS, "dog", "~run", "a dog"), 1, "bag")


@pytest.mark.parametrize(
    ("sentence", "known", "unknown"),
    [
        ("A dog, a DOG.", ("a", "dog"), ()),
        ("zebra dog zebra lynx", ("dog",), ("zebra", "lynx")),
        ("the dog's running!", ("dog", "'s", "running"), ("the",)),
        ("... ?!", (), ()),
        ("", (), ()),
        ("cafe\u0301", (), ("caf\u00e9",)),
        ("dog 😀 -- $5 & a", ("dog", "a"), ("😀", "--", "$", "5", "&")),
        ('"a dog" (a dog): \u201ca dog\u201d; [dog]\u2026', ("a", "dog"), ()),
        ("dog \u200d \u2013 dog", ("dog",), ("\u200d", "\u2013")),
    ],
)
def test_words_in_their_order_each_once(sentence, known, unknown):
    assert heard(sentence, WORDS) == (known, unknown)


def test_of_a_bag_a_word_is_known_by_its_stem_and_a_pair_is_no_word():
    assert heard("a dog runs, a dog", BAG) == (("dog", "runs"), ("a",))


def test_without_a_vocabulary_every_word_is_known():
    assert heard("A zebra, a lynx!") == (("a", "zebra", "lynx"), ())


def test_what_the_model_sees_of_a_known_word_is_no_unknown_one():
    for sentence in ("a dog", "the dog's running!"):
        known = heard(sentence, WORDS).known
        numbers = WORDS.encode(" ".join(known), max_tokens=9)
        assert SPECIALS.index("<unk>") not in numbers


PUNCTUATION = set(".,;:!?'\"()[]{}\u2026\u201c\u201d\u2018\u2019\u00ab\u00bb\u00bf\u00a1`")


@pytest.mark.parametrize(
    "word",
    ["zebra", "😀", "$", "--", "%", "a/b", "!?", "\u00bf", "''", "dog's", "<unk>", "#1", "犬"],
)
def test_unknown_is_empty_exactly_where_no_word_is_the_unknown_one(word):
    for sentence in (word, f"a dog, {word}", f"{word} running."):
        tokens = tokenise(sentence)
        numbers = WORDS.encode(sentence, max_tokens=len(tokens))[1:-1]
        taken = {
            token
            for token, number in zip(tokens, numbers, strict=True)
            if number == SPECIALS.index("<unk>") and not set(token) <= PUNCTUATION
        }
        assert set(heard(sentence, WORDS).unknown) == taken


def test_a_bag_sees_nothing_of_emoji_and_signs():
    assert heard("dog 😀 $", BAG) == (("dog",), ())
    same = {tuple(BAG.encode(each, max_tokens=9)) for each in ("dog", "dog 😀 $")}
    assert len(same) == 1
