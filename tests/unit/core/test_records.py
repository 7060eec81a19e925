"""Corpus: joining, sorting, selecting."""

from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError
from core.records import Caption, Corpus, Image


def picture(name: str, split: str = "train") -> Image:
    return Image(name, Path("nowhere") / name, split)


def corpus() -> Corpus:
    """Given out of order: b (val) has two captions, a (train) one, c (test) none."""
    return Corpus.build(
        "toy",
        [picture("c", "test"), picture("b", "val"), picture("a")],
        [("b", Caption("2", "two")), ("a", Caption("1", "one")), ("b", Caption("0", "zero"))],
    )


def test_pictures_are_sorted_and_captions_keep_their_reading_order() -> None:
    made = corpus()
    assert [image.id for image in made.images] == ["a", "b", "c"]
    assert [caption.id for caption in made.captions] == ["1", "2", "0"]
    assert made.owner.tolist() == [0, 1, 1]
    assert made.owner.dtype == np.int64


def test_the_order_of_the_input_changes_nothing_that_is_joined() -> None:
    draw = np.random.default_rng(0)
    images = [picture(f"{i:02d}") for i in range(20)]
    captions = [(f"{c % 20:02d}", Caption(str(c), f"text {c}")) for c in range(60)]
    for _ in range(20):
        mixed = Corpus.build(
            "toy",
            [images[i] for i in draw.permutation(20)],
            [captions[c] for c in draw.permutation(60)],
        )
        assert mixed.images == tuple(images)
        for caption, owner in zip(mixed.captions, mixed.owner, strict=True):
            assert int(mixed.images[owner].id) == int(caption.id) % 20


def test_empty_captions_are_dropped_and_counted() -> None:
    texts = ["fine", "", "  \t\n", "\u2003"]
    made = Corpus.build(
        "toy",
        [picture("a")],
        [("a", Caption(str(n), text)) for n, text in enumerate(texts)],
        notes=["first"],
    )
    assert [caption.text for caption in made.captions] == ["fine"]
    assert made.notes == ("first", "3 empty captions dropped")
    assert len(made.left_out) == 3
    assert made.left_out[0].endswith(": empty")


def test_odd_captions_are_kept_as_they_are() -> None:
    texts = ["👩‍👩‍👧", "שלום עולם", "x" * 100_000, " spaces ", "same", "same"]
    captions = [("a", Caption(str(n), text)) for n, text in enumerate(texts)]
    made = Corpus.build("toy", [picture("a")], captions)
    assert [caption.text for caption in made.captions] == texts


def test_a_corpus_without_captions_can_be_built() -> None:
    made = Corpus.build("toy", [picture("a")], [])
    assert made.owner.shape == (0,)
    assert made.select(np.array([True])).owner.shape == (0,)


@pytest.mark.parametrize(
    ("images", "captions", "message"),
    [
        ([], [], "toy: no pictures found"),
        (["a", "b", "a"], [], "two pictures have the id 'a'"),
        (["a"], [("x", "0")], "caption '0' is of 'x', which is not among the pictures"),
        (["a", "b"], [("a", "0"), ("b", "0")], "two captions have the id '0'"),
    ],
)
def test_refused(images: list[str], captions: list[tuple[str, str]], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Corpus.build(
            "toy", map(picture, images), [(of, Caption(name, "text")) for of, name in captions]
        )


def test_select_renumbers_the_owners() -> None:
    part = corpus().select(np.array([False, True, True]))
    assert [image.id for image in part.images] == ["b", "c"]
    assert [caption.id for caption in part.captions] == ["2", "0"]
    assert part.owner.tolist() == [0, 0]
    assert part.owner.dtype == np.int64


def test_selecting_everything_or_nothing() -> None:
    made = corpus()
    everything = made.select(np.ones(3, dtype=bool))
    assert (everything.images, everything.captions) == (made.images, made.captions)
    nothing = made.select(np.zeros(3, dtype=bool))
    assert (nothing.images, nothing.captions, nothing.owner.shape) == ((), (), (0,))


def test_split_of_one_and_of_two() -> None:
    made = corpus()
    assert [image.id for image in made.split("val").images] == ["b"]
    both = made.split("train", "test")
    assert [image.id for image in both.images] == ["a", "c"]
    assert both.owner.tolist() == [0]


def test_an_empty_split_is_refused_and_the_others_are_named() -> None:
    with pytest.raises(
        InputError, match="the split 'extra' is empty; splits there: test, train, val"
    ):
        corpus().split("extra")
    with pytest.raises(InputError, match="unknown split 'tset': did you mean 'test'"):
        corpus().split("tset")


def test_a_split_may_be_without_captions() -> None:
    assert len(corpus().split("test").images) == 1
    assert not corpus().split("test").captions


def test_an_item_that_is_no_picture_has_no_file() -> None:
    with pytest.raises(InputError, match="'v1' is no picture: it has no file; use its stored"):
        _ = Image("v1", None, "train").picture
