"""The ranks of evaluate/ranking.py against an obvious sort in float64."""

import hashlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import evaluate.ranking as ranking
import evaluate.tile as tile
from core.errors import InputError, NumberError, SettingError
from core.predictions import Embeddings, Vectors
from evaluate.hits import Hits
from evaluate.ranking import Ranks, rank

Numbers = npt.NDArray[Any]
Scores = npt.NDArray[np.float64]
CASES = 1000


@dataclass(frozen=True)
class Case:
    """Embeddings, and their parts at hand."""

    image_id: npt.NDArray[np.str_]
    image: npt.NDArray[np.float32]
    caption_id: npt.NDArray[np.str_]
    caption: npt.NDArray[np.float32]
    owner: npt.NDArray[np.int64]

    def embeddings(self) -> Embeddings:
        return Embeddings(
            Vectors(self.image_id, self.image), Vectors(self.caption_id, self.caption), self.owner
        )

    def rank(self) -> Ranks:
        return rank(self.embeddings())


@dataclass(frozen=True)
class Expected:
    """The ranks of all right answers, a list a query; and how many queries have a tie."""

    i2t: list[list[int]]
    t2i: list[list[int]]
    tied_queries: int


def joined(image: Numbers, caption: Numbers, owner: npt.ArrayLike) -> Case:
    return Case(
        image_id=np.array([f"picture {i}.jpg" for i in range(len(image))]),
        image=image.astype(np.float32),
        caption_id=np.array(
            [f"picture {o}.jpg#{c}" for c, o in enumerate(np.asarray(owner))], dtype=np.str_
        ),
        caption=caption.astype(np.float32),
        owner=np.asarray(owner, dtype=np.int64),
    )


def toss(ids: npt.NDArray[np.str_]) -> list[str]:
    return [hashlib.sha256(str(i).encode()).hexdigest() for i in ids]


def place(line: Scores, tosses: list[str], right: npt.NDArray[np.bool_]) -> tuple[list[int], bool]:
    """One query by sorting all candidates: ranks of the right ones, and is the best one tied?"""
    order = sorted(range(len(line)), key=lambda c: (-line[c], tosses[c]))
    ranks = [position for position, c in enumerate(order, start=1) if right[c]]
    return ranks, bool((line[~right] == line[right].max()).any())


def brute_force(given: Case, scores: Scores | None = None) -> Expected:
    """Ranks from ``scores`` (images, captions), where a tie is equality."""
    if scores is None:
        scores = given.image.astype(float) @ given.caption.astype(float).T
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
    return Expected(
        i2t=[ranks for ranks, _ in i2t],
        t2i=[ranks for ranks, _ in t2i],
        tied_queries=sum(tied for _, tied in i2t + t2i),
    )


def drawn_case(seed: int) -> Case:
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


def every(hits: Hits) -> list[list[int]]:
    """All places, a list a query."""
    ranks, offsets = hits.places()
    assert ranks.dtype == offsets.dtype == np.int64
    assert offsets.shape == (len(hits.best) + 1,)
    return [part.tolist() for part in np.split(ranks, offsets[1:-1])]


def assert_same(ours: Ranks, expected: Expected) -> None:
    for hits, ranks in ((ours.i2t, expected.i2t), (ours.t2i, expected.t2i)):
        assert hits.best.tolist() == [row[0] for row in ranks]
        assert hits.right.tolist() == [len(row) for row in ranks]
        assert hits.best.dtype == hits.right.dtype == np.int64
        assert every(hits) == ranks
    assert ours.tied_queries == expected.tied_queries


def test_random_cases_with_ties() -> None:
    tied = without_captions = several = behind = 0
    for seed in range(CASES):
        given = drawn_case(seed)
        expected = brute_force(given)
        assert_same(given.rank(), expected)
        tied += expected.tied_queries > 0
        without_captions += len(expected.i2t) < len(given.image_id)
        several += any(len(row) > 1 for row in expected.i2t)
        behind += any(row[-1] > len(row) for row in expected.i2t)
    # The cases are of no use unless they hold what they are for.
    assert tied > CASES // 2
    assert without_captions > CASES // 10
    assert several > CASES // 2
    assert behind > CASES // 2


@pytest.mark.parametrize("blocks", [(1, 1), (2, 3), (3, 100), (100, 2)])
def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch, blocks: tuple[int, int]) -> None:
    monkeypatch.setattr(tile, "IMAGE_BLOCK", blocks[0])
    monkeypatch.setattr(tile, "CAPTION_BLOCK", blocks[1])
    for seed in range(40):
        given = drawn_case(seed)
        assert_same(given.rank(), brute_force(given))


def test_the_order_of_the_rows_changes_nothing() -> None:
    for seed in range(100):
        given = drawn_case(seed)
        draw = np.random.default_rng(seed)
        by_image = draw.permutation(len(given.image_id))
        by_caption = draw.permutation(len(given.caption_id))
        moved = Case(
            image_id=given.image_id[by_image],
            image=given.image[by_image],
            caption_id=given.caption_id[by_caption],
            caption=given.caption[by_caption],
            owner=np.argsort(by_image)[given.owner[by_caption]],
        )
        before, after = given.rank(), moved.rank()
        asks, asks_moved = (np.isin(np.arange(len(g.image_id)), g.owner) for g in (given, moved))
        ids = given.image_id[asks].tolist()
        assert dict(zip(ids, every(before.i2t), strict=True)) == dict(
            zip(moved.image_id[asks_moved].tolist(), every(after.i2t), strict=True)
        )
        assert before.t2i.best[by_caption].tolist() == after.t2i.best.tolist()
        assert before.tied_queries == after.tied_queries


def test_real_valued_vectors_in_several_blocks() -> None:
    draw = np.random.default_rng(0)
    owner = draw.permutation(np.repeat(np.arange(700), draw.integers(0, 4, 700)))
    image = draw.standard_normal((700, 32))
    given = joined(image, image[owner] + 2 * draw.standard_normal((len(owner), 32)), owner)
    ours = given.rank()
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
    assert_same(given.rank(), expected)


@pytest.mark.parametrize("scale", [1e-15, 1.0, 1e15])
def test_a_tie_does_not_depend_on_the_scale(scale: float) -> None:
    draw = np.random.default_rng(2)
    image, owner = draw.standard_normal((20, 64)).astype(np.float32), np.arange(60) % 20
    caption = draw.standard_normal((60, 64)).astype(np.float32)
    image[10:] = image[:10]
    given = joined(image * np.float32(scale), caption, owner)
    plain = joined(image, caption, owner)
    assert given.rank().tied_queries == plain.rank().tied_queries == 60


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
        ranks = given.rank()
        assert ranks.tied_queries == 0
        assert ranks.t2i.best.tolist() == [1 if right == 1 else 2]


def test_a_collapsed_model_scores_chance() -> None:
    images = 1000
    owner = np.repeat(np.arange(images), 5)
    one = np.full((1, 48), 0.1443, dtype=np.float32)
    ranks = joined(one.repeat(images, 0), one.repeat(len(owner), 0), owner).rank()
    assert ranks.tied_queries == images + len(owner)
    # One image holds each place, so chance is exact: 1 in 1000, and on average the middle.
    assert np.count_nonzero(ranks.i2t.best == 1) == 1
    assert np.bincount(ranks.t2i.best)[1:].tolist() == [5] * images
    assert ranks.t2i.best.mean() == (images + 1) / 2
    assert np.count_nonzero(ranks.i2t.best <= 10) <= 10
    # The captions share out the places of one order, the same for each image.
    assert sorted(ranks.i2t.places()[0].tolist()) == list(range(1, len(owner) + 1))


def test_a_perfect_model_has_rank_1() -> None:
    owner = np.repeat(np.arange(30), 3)
    ranks = joined(np.eye(30), np.eye(30)[owner], owner).rank()
    assert set(ranks.i2t.best) == set(ranks.t2i.best) == {1}
    assert every(ranks.i2t) == [[1, 2, 3]] * 30
    assert ranks.tied_queries == 0


def test_a_worked_example() -> None:
    """Two images, three captions; the scores of image 0 are 3, 1, 2 and of image 1: 0, 4, 5."""
    given = joined(np.eye(2), np.array([[3, 0], [1, 4], [2, 5]]), [0, 0, 1])
    ranks = given.rank()
    assert every(ranks.i2t) == [[1, 3], [1]]
    assert every(ranks.t2i) == [[1], [2], [1]]
    assert (ranks.i2t.gallery, ranks.t2i.gallery) == (3, 2)
    # Image 0 asks with its second caption only: two wrong ones stand before it.
    swapped = replace(given, owner=np.array([1, 0, 1])).rank()
    assert swapped.i2t.best.tolist() == [3, 1]
    assert swapped.t2i.best.tolist() == [2, 2, 1]


def test_images_without_captions_are_in_the_gallery_and_ask_nothing() -> None:
    given = joined(np.array([[1, 0], [2, 0], [3, 0]]), np.array([[1, 0]]), [0])
    ranks = given.rank()
    assert ranks.i2t.best.tolist() == [1]
    assert ranks.t2i.best.tolist() == [3]


def test_no_captions_is_an_error() -> None:
    with pytest.raises(InputError, match="no captions"):
        joined(np.ones((3, 2)), np.ones((0, 2)), []).rank()


def near_ties(seed: int) -> Case:
    """Scores a few last bits apart, in a band of four of them: ties are not transitive.

    A candidate that is long, and at a right angle to all others, makes the band that wide.
    """
    draw = np.random.default_rng(seed)
    owner = draw.permutation(np.repeat(np.arange(6), draw.integers(1, 8, 6)))
    steps = draw.integers(0, 14, len(owner))
    caption = np.stack([1 + steps * 2.0**-23, np.zeros(len(owner))], axis=1)
    caption[0] = [0, 2.0**30]
    return joined(np.tile([1.0, 0.0], (6, 1)), caption, owner)


def taken_away(line: Scores, slack: float, order: npt.NDArray[Any], right: Scores) -> list[int]:
    """The stated rule for one query, slowly: the best of what is left, again and again."""
    left, wrong, ranks, before = np.flatnonzero(right), np.flatnonzero(~right), [], 0
    while len(left):
        score = line[left].max()
        level = left[line[left] >= score - slack]
        answer = level[np.argmin(order[level])]
        gap = line[wrong] - score
        earlier = (gap > slack) | ((abs(gap) <= slack) & (order[wrong] < order[answer]))
        before = max(before, int(earlier.sum()))
        ranks.append(len(ranks) + before + 1)
        left = left[left != answer]
    return ranks


def test_places_where_ties_are_not_transitive() -> None:
    differs = 0
    for seed in range(100):
        given = near_ties(seed)
        places = given.rank().i2t
        order = np.argsort(np.argsort(toss(given.caption_id)))
        slack = 2 * 2 * 2.0**-53 * float(np.linalg.norm(given.caption.astype(float), axis=1).max())
        assert 3.9 < slack / 2.0**-23 < 4.1
        line = given.caption.astype(float)[:, 0]
        expected = [taken_away(line, slack, order, given.owner == i) for i in range(6)]
        assert every(places) == expected
        assert [row[0] for row in expected] == places.best.tolist()
        assert all(a < b for row in expected for a, b in zip(row, row[1:], strict=False))
        assert max(row[-1] for row in expected) <= places.gallery
        differs += expected != brute_force(given).i2t
    # The cases are of no use if a sort would do.
    assert differs > 90


def test_places_of_real_vectors_begin_with_the_best() -> None:
    draw = np.random.default_rng(7)
    owner = draw.permutation(np.repeat(np.arange(90), draw.integers(1, 8, 90)))
    hits = joined(
        draw.standard_normal((90, 5)), draw.standard_normal((len(owner), 5)), owner
    ).rank()
    for way in (hits.i2t, hits.t2i):
        ranks, offsets = way.places()
        assert ranks[offsets[:-1]].tolist() == way.best.tolist()


def test_places_cost_nothing_until_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    passes = []
    every_tile = tile.tiles
    monkeypatch.setattr(
        ranking, "tiles", lambda given: (passes.append("pass"), every_tile(given))[1]
    )
    ranks = drawn_case(3).rank()
    assert len(passes) == 1
    assert ranks.i2t.places() is ranks.i2t.places()
    assert len(passes) == 2
    ranks.t2i.places()
    assert len(passes) == 2
    with pytest.raises(ValueError, match="read-only"):
        ranks.i2t.places()[0][0] = 1


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"owner": None}, "captions with owners.*choose another protocol"),
        ({"owner": None, "caption": None}, "captions with owners.*choose another protocol"),
    ],
)
def test_embeddings_of_another_kind_are_refused(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(InputError, match=why):
        rank(replace(drawn_case(5).embeddings(), **changes))


def test_codes_and_other_similarities_are_refused() -> None:
    given = drawn_case(5)
    sides = (
        Vectors(ids, np.zeros((len(ids), 3), dtype=np.uint8))
        for ids in (given.image_id, given.caption_id)
    )
    with pytest.raises(InputError, match="'inner' is of .* in float32, .* in uint8.*another proto"):
        rank(Embeddings(*sides, given.owner))
    with pytest.raises(InputError, match="'hamming' is of .* in uint8, and these are in float32"):
        rank(replace(given.embeddings(), similarity="hamming"))
    with pytest.raises(SettingError, match="'dot': accepted: cosine, hamming, inner, order"):
        rank(replace(given.embeddings(), similarity="dot"))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("side", ["image", "caption"])
def test_numbers_that_are_not_finite_are_an_error(value: float, side: str) -> None:
    given = drawn_case(5)
    vectors = getattr(given, side).copy()
    vectors[-1, 0] = value
    with pytest.raises(NumberError, match="1 (image|caption) vectors are not finite"):
        replace(given, **{side: vectors}).rank()
