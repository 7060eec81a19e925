"""The ranks of evaluate/ranking.py against an obvious sort in float64."""

import hashlib
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import evaluate.ranking as ranking
from core.embeddings import Embeddings
from core.errors import InputError, NumberError
from evaluate.ranking import Ranks, rank

Vectors = npt.NDArray[Any]
Scores = npt.NDArray[np.float64]
CASES = 1000


def joined(image: Vectors, caption: Vectors, owner: npt.ArrayLike) -> Embeddings:
    return Embeddings(
        image_id=np.array([f"picture {i}.jpg" for i in range(len(image))]),
        image_vector=image.astype(np.float32),
        caption_id=np.array([f"picture {o}.jpg#{c}" for c, o in enumerate(np.asarray(owner))]),
        caption_vector=caption.astype(np.float32),
        owner=np.asarray(owner, dtype=np.int64),
    )


def toss(ids: npt.NDArray[np.str_]) -> list[str]:
    return [hashlib.sha256(str(i).encode()).hexdigest() for i in ids]


def place(line: Scores, tosses: list[str], right: npt.NDArray[np.bool_]) -> tuple[int, bool]:
    """One query by sorting all candidates: rank of the best right one, and is it tied?"""
    order = sorted(range(len(line)), key=lambda c: (-line[c], tosses[c]))
    first = next(position for position, c in enumerate(order) if right[c])
    return first + 1, bool((line[~right] == line[right].max()).any())


def brute_force(given: Embeddings, scores: Scores | None = None) -> Ranks:
    """Ranks from ``scores`` (images, captions), where a tie is equality."""
    if scores is None:
        scores = given.image_vector.astype(float) @ given.caption_vector.astype(float).T
    caption_toss, image_toss = toss(given.caption_id), toss(given.image_id)
    i2t = [
        place(scores[i], caption_toss, given.owner == i)
        for i in range(len(scores))
        if (given.owner == i).any()
    ]
    t2i = [
        place(scores[:, c], image_toss, np.arange(len(scores)) == owner)
        for c, owner in enumerate(given.owner)
    ]
    return Ranks(
        i2t=np.array([r for r, _ in i2t], dtype=np.int64),
        t2i=np.array([r for r, _ in t2i], dtype=np.int64),
        tied_queries=sum(tied for _, tied in i2t + t2i),
    )


def drawn_case(seed: int) -> Embeddings:
    """Small whole numbers, so that float64 is exact; repeated and zero vectors; any owners.

    Every image has 1 to 7 captions, or none (never all none); the captions stand in any order.
    """
    draw = np.random.default_rng(seed)
    images, width, top = draw.integers(1, 9), draw.integers(1, 6), draw.integers(0, 4)
    count = draw.integers(1, 8, images)
    count[1:][draw.random(images - 1) < 0.2] = 0
    owner = draw.permutation(np.repeat(np.arange(images), count))
    image = draw.integers(-top, top + 1, (images, width))
    caption = draw.integers(-top, top + 1, (len(owner), width))
    for vectors in (image, caption):
        vectors[draw.random(len(vectors)) < 0.1] = 0
        twin = draw.random(len(vectors)) < 0.2
        vectors[twin] = vectors[draw.integers(0, len(vectors), twin.sum())]
    return joined(image, caption, owner)


def assert_same(ours: Ranks, expected: Ranks) -> None:
    assert ours.i2t.tolist() == expected.i2t.tolist()
    assert ours.t2i.tolist() == expected.t2i.tolist()
    assert ours.tied_queries == expected.tied_queries
    assert ours.i2t.dtype == ours.t2i.dtype == np.int64


def test_random_cases_with_ties() -> None:
    tied = without_captions = 0
    for seed in range(CASES):
        given = drawn_case(seed)
        expected = brute_force(given)
        assert_same(rank(given), expected)
        tied += expected.tied_queries > 0
        without_captions += len(expected.i2t) < len(given.image_id)
    # The cases are of no use unless they hold what they are for.
    assert tied > CASES // 2
    assert without_captions > CASES // 10


@pytest.mark.parametrize("blocks", [(1, 1), (2, 3), (3, 100), (100, 2)])
def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch, blocks: tuple[int, int]) -> None:
    monkeypatch.setattr(ranking, "IMAGE_BLOCK", blocks[0])
    monkeypatch.setattr(ranking, "CAPTION_BLOCK", blocks[1])
    for seed in range(40):
        given = drawn_case(seed)
        assert_same(rank(given), brute_force(given))


def test_the_order_of_the_rows_changes_nothing() -> None:
    for seed in range(100):
        given = drawn_case(seed)
        draw = np.random.default_rng(seed)
        by_image = draw.permutation(len(given.image_id))
        by_caption = draw.permutation(len(given.caption_id))
        moved = Embeddings(
            image_id=given.image_id[by_image],
            image_vector=given.image_vector[by_image],
            caption_id=given.caption_id[by_caption],
            caption_vector=given.caption_vector[by_caption],
            owner=np.argsort(by_image)[given.owner[by_caption]],
        )
        before, after = rank(given), rank(moved)
        asks, asks_moved = (np.isin(np.arange(len(g.image_id)), g.owner) for g in (given, moved))
        ids = given.image_id[asks].tolist()
        assert dict(zip(ids, before.i2t.tolist(), strict=True)) == dict(
            zip(moved.image_id[asks_moved].tolist(), after.i2t.tolist(), strict=True)
        )
        assert before.t2i[by_caption].tolist() == after.t2i.tolist()
        assert before.tied_queries == after.tied_queries


def test_real_valued_vectors_in_several_blocks() -> None:
    draw = np.random.default_rng(0)
    owner = draw.permutation(np.repeat(np.arange(700), draw.integers(0, 4, 700)))
    image = draw.standard_normal((700, 32))
    given = joined(image, image[owner] + 2 * draw.standard_normal((len(owner), 32)), owner)
    ours = rank(given)
    assert_same(ours, brute_force(given))
    assert ours.tied_queries == 0


def test_equal_vectors_tie_whatever_blas_rounds() -> None:
    """The same vector at other places of a product may get another last bit: still a tie."""
    draw = np.random.default_rng(1)
    kinds = draw.standard_normal((7, 300)).astype(np.float32)
    words = draw.standard_normal((11, 300)).astype(np.float32)
    image_kind = draw.integers(0, len(kinds), 150)
    owner = draw.integers(0, 150, 400)
    word = draw.integers(0, len(words), 400)
    given = joined(kinds[image_kind], words[word], owner)
    once = np.array([[np.dot(k, w) for w in words.astype(float)] for k in kinds.astype(float)])
    expected = brute_force(given, once[image_kind][:, word])
    assert expected.tied_queries > 400
    assert_same(rank(given), expected)


@pytest.mark.parametrize("scale", [1e-15, 1.0, 1e15])
def test_a_tie_does_not_depend_on_the_scale(scale: float) -> None:
    draw = np.random.default_rng(2)
    image, owner = draw.standard_normal((20, 64)).astype(np.float32), np.arange(60) % 20
    caption = draw.standard_normal((60, 64)).astype(np.float32)
    image[10:] = image[:10]
    given = joined(image * np.float32(scale), caption, owner)
    assert rank(given).tied_queries == rank(joined(image, caption, owner)).tied_queries == 60


def test_the_smallest_step_of_float32_is_no_tie() -> None:
    """Two images that differ in the last bit of one number are told apart."""
    draw = np.random.default_rng(3)
    vector = (draw.standard_normal(1024) / 32).astype(np.float32)
    other = vector.copy()
    other[5] = np.nextafter(vector[5], np.float32(np.inf))
    for right in (0, 1):
        caption = np.zeros((1, 1024), dtype=np.float32) + vector
        caption[0, 5] = 0.01
        given = joined(np.stack([vector, other]), caption, [right])
        ranks = rank(given)
        assert ranks.tied_queries == 0
        assert ranks.t2i.tolist() == [1 if right == 1 else 2]


def test_a_collapsed_model_scores_chance() -> None:
    images = 1000
    owner = np.repeat(np.arange(images), 5)
    one = np.full((1, 48), 0.1443, dtype=np.float32)
    ranks = rank(joined(one.repeat(images, 0), one.repeat(len(owner), 0), owner))
    assert ranks.tied_queries == images + len(owner)
    # One image holds each place, so chance is exact: 1 in 1000, and on average the middle.
    assert np.count_nonzero(ranks.i2t == 1) == 1
    assert np.bincount(ranks.t2i)[1:].tolist() == [5] * images
    assert ranks.t2i.mean() == (images + 1) / 2
    assert np.count_nonzero(ranks.i2t <= 10) <= 10


def test_a_perfect_model_has_rank_1() -> None:
    owner = np.repeat(np.arange(30), 3)
    ranks = rank(joined(np.eye(30), np.eye(30)[owner], owner))
    assert set(ranks.i2t) == set(ranks.t2i) == {1}
    assert ranks.tied_queries == 0


def test_a_worked_example() -> None:
    """Two images, three captions; the scores of image 0 are 3, 1, 2 and of image 1: 0, 4, 5."""
    given = joined(np.eye(2), np.array([[3, 0], [1, 4], [2, 5]]), [0, 0, 1])
    ranks = rank(given)
    assert ranks.i2t.tolist() == [1, 1]
    assert ranks.t2i.tolist() == [1, 2, 1]
    # Image 0 asks with its second caption only: two wrong ones stand before it.
    swapped = rank(replace(given, owner=np.array([1, 0, 1])))
    assert swapped.i2t.tolist() == [3, 1]
    assert swapped.t2i.tolist() == [2, 2, 1]


def test_images_without_captions_are_in_the_gallery_and_ask_nothing() -> None:
    given = joined(np.array([[1, 0], [2, 0], [3, 0]]), np.array([[1, 0]]), [0])
    ranks = rank(given)
    assert ranks.i2t.tolist() == [1]
    assert ranks.t2i.tolist() == [3]


def test_no_captions_is_an_error() -> None:
    with pytest.raises(InputError, match="no captions"):
        rank(joined(np.ones((3, 2)), np.ones((0, 2)), []))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("side", ["image_vector", "caption_vector"])
def test_numbers_that_are_not_finite_are_an_error(value: float, side: str) -> None:
    given = drawn_case(5)
    vectors = getattr(given, side).copy()
    vectors[-1, 0] = value
    with pytest.raises(NumberError, match="1 (image|caption) vectors are not finite"):
        replace(given, **{side: vectors})
