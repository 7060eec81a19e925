"""Classes told by words: who has one, and which of them a corpus is given."""

import itertools
import random
import re

import pytest

from core.class_choice import LEAST, choose_classes
from core.errors import InputError
from core.named_classes import NamedClasses
from core.records import Caption, Corpus, Image


def corpus(told, name="photos"):
    """(split, captions) of each picture."""
    images = [Image(f"{n:03}.jpg", None, split) for n, (split, _) in enumerate(told)]
    captions = [
        (f"{n:03}.jpg", Caption(f"{n}#{k}", text))
        for n, (_, texts) in enumerate(told)
        for k, text in enumerate(texts)
    ]
    return Corpus.build(name, images, captions)


def test_labels_agree_with_a_loop_over_captions_and_words():
    draw = random.Random(1)
    classes = {"dog": ["dog", "dogs"], "cat": ["cat"], "pet": ["dog", "cat"], "car": ["car"]}
    vocabulary = ["dog", "Dogs,", "CAT", "dogsled", "a", "car."]
    seen = set()
    for share in (0.2, 0.5, 0.6, 1.0):
        named = NamedClasses(classes, share)
        for _ in range(50):
            texts = [
                " ".join(draw.choices(vocabulary, k=draw.randint(0, 3)))
                for _ in range(draw.randint(0, 6))
            ]
            slow = []
            for label, words in classes.items():
                holding = 0
                for text in texts:
                    holding += any(word in words for word in re.findall("[a-z]+", text.lower()))
                if holding and holding >= share * len(texts) - 1e-9:
                    slow.append(label)
            assert named.labels(texts) == tuple(sorted(slow))
            seen.add(len(slow))
    assert seen == {0, 1, 2, 3, 4}


def test_three_of_five_captions_are_enough_and_two_are_not():
    named = NamedClasses({"dog": ["dog"]})
    for many in range(6):
        texts = ["a dog"] * many + ["a cat"] * (5 - many)
        assert named.labels(texts) == (("dog",) if many >= 3 else ())


def test_labels_follow_from_the_captions_before_they_are_masked():
    data = corpus([("train", ["A snowy dog", "Dogs"]), ("test", ["A cat"]), ("extra", [])])
    plain = NamedClasses({"dog": ["dog", "dogs"]})
    found = plain.of(data)
    assert [image.labels for image in found.images] == [("dog",), (), ()]
    assert found.captions == data.captions
    hidden = NamedClasses(plain.words, mask="thing", hidden=["snowy"]).of(data)
    assert hidden.images == found.images
    assert [c.text for c in hidden.captions] == ["A thing thing", "thing", "A cat"]
    assert [c.id for c in hidden.captions] == [c.id for c in data.captions]


def test_a_mask_that_names_a_class_is_refused():
    with pytest.raises(InputError, match="the mask 'dogs' is a word of the class 'dog'; mask with"):
        NamedClasses({"cat": ["cat"], "dog": ["dog", "dogs"]}, mask="dogs")


NOUNS = {"dog", "dogs", "cat", "ball", "man"}


def many(*told):
    """Training pictures: so many of each text."""
    return corpus([("train", [text]) for count, text in told for _ in range(count)])


def test_the_largest_classes_are_chosen_singular_and_plural_as_one():
    data = many((3, "dogs"), (2, "dog"), (4, "a cat"), (3, "the ball"), (9, "nothing"))
    found = choose_classes(data, 2, share=0.6, names=NOUNS)
    assert found == NamedClasses({"dogs": ["dog", "dogs"], "cat": ["cat"]}, 0.6)
    assert list(found.words) == ["dogs", "cat"]


def test_equally_large_ones_are_taken_by_name_whatever_the_order():
    told = [(3, "man"), (3, "cat"), (3, "ball"), (3, "x")]
    for order in itertools.permutations(told):
        found = choose_classes(many(*order), 2, share=0.6, names=NOUNS)
        assert list(found.words) == ["ball", "cat"]


def test_a_verb_is_no_plural_and_a_rarer_form_is():
    texts = [(4, "jumps"), (2, "jump"), (1, "balls"), (2, "ball"), (5, "x")]
    found = choose_classes(many(*texts), 2, share=0.6, names={"jump", "ball"})
    assert found.words == {"jump": ["jump"], "ball": ["ball", "balls"]}


def test_what_names_most_pictures_or_one_is_no_class():
    data = many((11, "man dog"), (LEAST - 1, "cat"), (LEAST, "ball"), (7, "x"))
    names = NOUNS | {"x"}
    assert set(choose_classes(data, 2, share=0.6, names=names).words) == {"x", "ball"}
    told = "photos: 2 nouns stand in 60% of the captions of 2 "
    with pytest.raises(InputError, match=told) as no:
        choose_classes(data, 3, share=0.6, names=names)
    assert no.value.mend == "nouns"


def test_exactly_half_of_the_pictures_may_have_a_class():
    found = choose_classes(many((4, "dog"), (3, "cat"), (1, "x")), 2, share=0.6, names=NOUNS)
    assert list(found.words) == ["dog", "cat"]


def test_of_as_many_of_both_forms_what_is_no_noun_itself_is_no_plural():
    found = choose_classes(
        many((3, "cats"), (3, "cat"), (2, "x")), 2, share=0.6, names={"cat", "x"}
    )
    assert found.words == {"cat": ["cat"], "x": ["x"]}


def test_half_of_the_pictures_is_the_most_however_many_captions_each_has():
    told = [["a dog", "dog"]] * 3 + [["a cat", "cat"]] * 2
    data = corpus([("train", texts) for texts in told])
    with pytest.raises(InputError, match="photos: 1 noun stands"):
        choose_classes(data, 2, share=0.6, names={"dog", "cat"})


def test_without_names_the_nouns_are_found():
    texts = [(6, "a dog in the snow"), (5, "a brown cat"), (9, "running fast")]
    assert list(choose_classes(many(*texts), 3, share=1.0).words) == ["dog", "snow", "cat"]
    with pytest.raises(
        InputError, match="3 nouns stand in 0.4% of .* too few for 4 classes; "
    ) as no:
        choose_classes(many(*texts), 4, share=0.004)
    assert no.value.mend == "classes"


def test_pictures_without_captions_are_told_so_and_not_about_nouns():
    with pytest.raises(InputError, match="no training picture has a caption.* column 'label'$"):
        choose_classes(corpus([("train", [])] * 3), 2, share=0.6, names=NOUNS)
