"""Ranks from a file of similarities are those of the scores that it was written from, ties too."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from test_other_scores_oracle import codes, second
from test_ranks_oracle import Case, drawn_case, joined

import evaluate.scores.written as written
import evaluate.tile as tile
from core.ensemble import Ensemble
from core.errors import NumberError
from core.predictions import Embeddings
from core.similarities.matrix import Similarity
from core.similarities.reading import read_similarity
from core.similarities.writing import write_similarity
from evaluate.judge import judge
from evaluate.ranking import Ranks, rank_by
from evaluate.scores.face import Scores
from evaluate.scores.named import scores_of


def kept(path: Path, scores: Scores) -> Similarity:
    """Written and read again."""
    write_similarity(path, written.described(scores, {}), written.rows_of(scores))
    return read_similarity(path)


def assert_equal(ours: Ranks, theirs: Ranks) -> None:
    for way in ("i2t", "t2i"):
        one, other = getattr(ours, way), getattr(theirs, way)
        assert one.best.tolist() == other.best.tolist()
        assert [x.tolist() for x in one.places()] == [x.tolist() for x in other.places()]
        assert ours.ties[way].level.tolist() == theirs.ties[way].level.tolist()
    assert ours.tied_queries == theirs.tied_queries


def cases(seed: int) -> Iterator[Embeddings | Ensemble]:
    given = drawn_case(seed)
    one = given.embeddings()
    yield one
    yield replace(one, similarity="order")
    yield codes(given, seed, 3)
    yield Ensemble((one, codes(given, seed, 3), second(given, seed).embeddings()))


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tile, "IMAGE_BLOCK", 3)
    monkeypatch.setattr(tile, "CAPTION_BLOCK", 5)
    monkeypatch.setattr(written, "AT_ONCE", 20)


def test_ranks_of_what_was_kept(tmp_path: Path) -> None:
    tied = 0
    for seed in range(15):
        for made in cases(seed):
            scores = scores_of(made)
            stored = kept(tmp_path / "scores.h5", scores)
            ranks = rank_by(scores)
            assert_equal(rank_by(scores_of(stored)), ranks)
            tied += ranks.tied_queries > 0
    assert tied > 20


def twins(width: int) -> Case:
    """Real numbers, of which some stand twice: scores that tie are computed at other places."""
    draw = np.random.default_rng(width)
    image = draw.standard_normal((20, width))[np.arange(40) % 20]
    caption = (image[np.arange(120) % 40] + draw.standard_normal((120, width))).astype(np.float32)
    return joined(image.astype(np.float32), caption, np.arange(120) % 40)


@pytest.mark.parametrize("width", [1, 33, 1024])
def test_what_ties_by_rounding_ties_in_the_file(width: int, tmp_path: Path) -> None:
    for similarity in ("inner", "order"):
        scores = scores_of(replace(twins(width).embeddings(), similarity=similarity))
        ranks = rank_by(scores)
        assert ranks.tied_queries >= 120
        assert_equal(rank_by(scores_of(kept(tmp_path / "scores.h5", scores))), ranks)


def test_the_report_of_a_file_is_that_of_its_embeddings(tmp_path: Path) -> None:
    made = twins(7).embeddings()
    asked = {"measures": ["recall", "average_precision", "mean_rank"], "ties": True}
    told = judge(made, asked)
    stored = judge(kept(tmp_path / "scores.h5", scores_of(made)), asked)
    assert stored.facts == told.facts
    assert stored.table("test") == told.table("test")


def test_the_mean_of_files_is_that_of_the_scores_in_any_order(tmp_path: Path) -> None:
    for seed in range(10):
        given = drawn_case(seed)
        parts = [given.embeddings(), codes(given, seed, 3)]
        files = [kept(tmp_path / f"{n}.h5", scores_of(each)) for n, each in enumerate(parts)]
        draw = np.random.default_rng(seed)
        other = shuffled(files[1], draw)
        both = Ensemble.of_similarities({"a": files[0], "b": other})
        assert_equal(rank_by(scores_of(both)), rank_by(scores_of(Ensemble(tuple(parts)))))


def shuffled(made: Similarity, draw: np.random.Generator) -> Similarity:
    images, captions = (draw.permutation(many) for many in made.value.shape)
    assert made.slack is not None
    return replace(
        made,
        value=made.value[0:, 0:][np.ix_(images, captions)],
        image_id=made.image_id[images],
        caption_id=made.caption_id[captions],
        owner=np.argsort(images)[made.owner[captions]],
        slack=(made.slack[0][images], made.slack[1][captions]),
    )


def test_a_number_that_is_none_is_named() -> None:
    value = np.ones((2, 3))
    value[1, 2] = np.inf
    ids = np.array(["a", "b"]), np.array(["0", "1", "2"])
    for owner in ([0, 0, 0], [0, 0, 1]):  # met in a block, and as a right pair
        made = Similarity(value, *ids, np.array(owner))
        with pytest.raises(NumberError, match="of image 'b' and caption '2' is inf; make the"):
            rank_by(scores_of(made))
