"""What is left out of corpora, for one that is tested on."""

import pytest

from core.held_out import HeldOut, Left, photo
from core.records import Caption, Corpus, Image


def corpus(name, told):
    """(id, split, captions) of each picture."""
    images = [Image(image_id, None, split) for image_id, split, _ in told]
    captions = [
        (image_id, Caption(f"{image_id}#{k}", text))
        for image_id, _, texts in told
        for k, text in enumerate(texts)
    ]
    return Corpus.build(name, images, captions)


DATA = corpus(
    "data",
    [
        ("11111_0123456789.jpg", "train", ["A dog runs.", "A cat"]),
        ("22222_0123456789.jpg", "val", ["A red ball!", "?"]),
        ("33333_0123456789.jpg", "test", ["Two boys play", "two BOYS  play."]),
        ("44444_0123456789.jpg", "restval", ["A tree"]),
        ("55555_0123456789.jpg", "extra", ["A car"]),
    ],
)


def left(*corpora):
    kept = HeldOut.of(DATA).leave_out(corpora)
    return [[" ".join(words) for words in each] for each in kept.pictures], kept.left_out


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("1000268201_693b08cb0e.jpg", "1000268201.jpg", True),
        ("a/1000268201_693B08CB0E_b.jpg", "1000268201.png", True),
        ("COCO_train2014_000000000009.jpg", "train2017/000000000009.jpg", True),
        ("one/x.jpg", "two/x.jpeg", True),
        ("1000268201_693b08cb0e.jpg", "1000268202.jpg", False),
        ("a_1.jpg", "a_2.jpg", False),
        ("12345_abc.jpg", "12345.jpg", False),
        ("x.1.jpg", "x.2.jpg", False),
    ],
)
def test_one_photograph_by_two_names(one, other, same):
    assert (photo(one) == photo(other)) == same


def test_validation_and_test_are_held_out_and_no_other_split():
    held = HeldOut.of(DATA)
    assert held.photos == {"22222", "33333"}
    assert held.captions == {("a", "red", "ball"), ("two", "boys", "play")}
    kept, told = left(DATA)
    assert kept == [["a dog runs", "a cat"], ["a tree"], ["a car"]]
    assert told == [Left("data", pictures=2, of_them=4, said=2)]


def test_by_the_picture_and_by_the_words():
    other = corpus(
        "other",
        [
            ("33333.jpg", "train", ["Quite another sentence", "Two boys play"]),
            ("90000.jpg", "test", ["two boys, play", "Two boys play ball", "a red - ball", "..."]),
            ("90001.jpg", "val", ["A RED BALL"]),
        ],
    )
    kept, told = left(other)
    assert kept == [["two boys play ball"]]
    assert told == [Left("other", pictures=1, of_them=2, others=3, said=2)]


def test_a_photograph_of_several_corpora_counts_once_with_what_is_new():
    other = corpus(
        "other",
        [
            ("11111.jpg", "test", ["A dog runs", "A big dog", "A big dog", "A red ball"]),
            ("90000.jpg", "train", ["A dog runs", "A dog runs"]),
        ],
    )
    kept, told = left(DATA, other)
    assert kept[0] == ["a dog runs", "a cat", "a big dog"]
    assert kept[-1] == ["a dog runs", "a dog runs"]
    assert told[1] == Left("other", others=1, again=1, said=1)


def test_what_is_said_twice_in_a_further_corpus_counts_once_whatever_its_case():
    further = ["a CAT!", "Die Straße", "DIE STRASSE", "ｄｉｅ ｓｔｒａßｅ.", "?"]
    kept, _ = left(DATA, corpus("other", [("11111.jpg", "test", further)]))
    assert kept[0] == ["a dog runs", "a cat", "die straße"]


@pytest.mark.parametrize("told", ["EINE STRASSE", "eine straße.", "Ｅｉｎｅ Straße"])
def test_a_held_caption_is_known_in_one_normal_form(told):
    data = corpus("data", [("a.jpg", "val", ["Eine Straße"]), ("b.jpg", "train", ["A dog"])])
    other = corpus("other", [("c.jpg", "train", [told, "Ein Haus"])])
    kept = HeldOut.of(data).leave_out([other])
    assert kept.pictures == [[("ein", "haus")]]
    assert (kept.left_out[0].others, kept.left_out[0].said) == (1, 1)


def test_two_pictures_of_one_corpus_are_two():
    other = corpus("other", [("a/1.jpg", "train", ["A dog"]), ("b/1.jpg", "train", ["A cat"])])
    assert left(other)[0] == [["a dog"], ["a cat"]]
    assert left(other, other)[0] == [["a dog"], ["a cat"], ["a dog"], ["a cat"]]


def test_two_pictures_of_one_name_are_two_though_another_corpus_has_that_name_too():
    one = corpus("one", [("1.jpg", "train", ["A dog", "A cat"])])
    other = corpus("other", [("a/1.jpg", "train", ["A dog"]), ("b/1.jpg", "train", ["A tree"])])
    kept, told = left(one, other)
    assert kept == [["a dog", "a cat"], ["a dog"], ["a tree"]]
    assert [each.again for each in told] == [0, 0]
