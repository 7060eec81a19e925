"""How an index is measured and asked: by hand-placed vectors, and by an index of a few rows."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from core.errors import BelowRecall, InputError
from core.records import Caption, Corpus, Image
from core.vectors import Vectors
from evaluate.nearest import Nearest
from pipeline.indexed import candidates, kept
from pipeline.indexed.asked import Asked, questions
from pipeline.indexed.candidates import Candidates
from pipeline.indexed.kinds import Plan
from pipeline.indexed.measured import measure, share, truth
from pipeline.indexed.told import told
from pipeline.searched.collection import Collection
from pipeline.searched.face import Find
from pipeline.stages.index import require_recall

SPLITS = ["train"] * 2 + ["restval"] * 2 + ["test"] * 2
TRAINED = {f"p{row}" for row in range(4)}


def collection(*, captions: bool = True, biased: bool = False) -> Collection:
    images = [Image(f"p{row}", None, split) for row, split in enumerate(SPLITS)]
    sentences = [
        (f"p{row}", Caption(f"p{row}#{n}", f"a dog {n}")) for row in range(6) for n in "ab"
    ]
    corpus = Corpus.build("tiny", images, sentences if captions else [])
    sides = (vectors("p", 6, biased), vectors("c", 12, biased) if captions else None)
    return Collection(corpus, *sides, "inner", biased)


def vectors(name: str, many: int, biased: bool) -> Vectors:
    values = np.random.default_rng(many).normal(size=(many, 5)).astype(np.float32)
    values[:, :4] /= np.linalg.norm(values[:, :4], axis=1, keepdims=True)
    return Vectors(np.array([f"{name}{row}" for row in range(many)]), values[:, : 4 + biased])


@dataclass
class Fixed:
    """Rows that are found whatever is asked, by effort; and what was asked."""

    rows: dict[int, list[int]]
    asked: list[tuple[int, int]] = field(default_factory=list)

    def nearest(self, queries, many, effort, among=None):  # type: ignore[no-untyped-def]
        self.asked.append((many, effort))
        row = [*self.rows[effort], *[-1] * many][:many]
        return np.array([row] * len(queries), dtype=np.int64)


def asked(many: int = 2, own: int = -1) -> Asked:
    return Asked(np.zeros((many, 4), np.float32), np.full(many, own), many)


@pytest.mark.parametrize(("find", "others"), [("pictures", 12), ("captions", 6)])
@pytest.mark.parametrize("biased", [False, True])
def test_the_other_side_asks_first_then_each_of_its_own(
    find: Find, others: int, biased: bool
) -> None:
    here = collection(biased=biased)
    found = questions(here, find, TRAINED, seed=0)
    assert (len(found.queries), found.others) == (18, others)
    asking, side = here.captions, here.images
    if find == "captions":
        asking, side = side, asking
    assert asking is not None
    assert side is not None
    plain = here.plain(asking).value, here.plain(side).value
    assert np.array_equal(found.queries[:, :4], np.concatenate(plain))
    if biased:
        assert found.queries[:, 4].tolist() == [1.0] * others + [0.0] * (18 - others)
    assert found.own.tolist() == [-1] * others + list(range(18 - others))


def test_those_of_no_training_picture_ask_first() -> None:
    here = collection()
    assert here.captions is not None
    for seed in range(3):
        found = questions(here, "pictures", TRAINED, seed, many=4)
        assert np.array_equal(found.queries, here.captions.value[8:])  # of p4 and p5
        assert found.others == 4
    more = {
        questions(here, "pictures", TRAINED, seed, many=6).queries.tobytes() for seed in range(9)
    }
    assert len(more) > 1


def test_pictures_without_captions_are_asked_by_each_other() -> None:
    here = collection(captions=False)
    found = questions(here, "pictures", TRAINED, seed=0)
    assert (found.others, found.own.tolist()) == (0, list(range(6)))
    (first, *_), scores = truth(Nearest(here.images, "inner", "image"), found), here.images.value
    order = np.argsort(-(scores.astype("f8") @ scores[0].astype("f8")))
    assert first.tolist() == [row for row in order if row != 0]


def test_the_share_that_is_found() -> None:
    exact = np.array([3, 1, 7])
    assert share(np.array([7, 9, 3, -1]), exact) == pytest.approx(2 / 3)
    assert share(np.array([-1]), exact) == 0
    assert share(np.array([2]), np.array([], dtype=np.int64)) == 1


def test_the_least_effort_that_suffices_is_taken() -> None:
    plan = Plan("ivf", 1000, 8)
    index = Fixed({1: [5], 2: [5, 6], 4: [5, 6, 7], 8: [5, 6, 7, 8]})
    exact = [np.array([5, 6, 7, 8])] * 2
    found = measure(index, plan, asked(), exact, 0.5, None)  # type: ignore[arg-type]
    assert (found.recall, found.effort, found.candidates) == (0.5, 2, 4)
    assert index.asked == [(41, 1), (41, 2)]
    most = measure(index, plan, asked(), [np.array([5, 6, 7, 9])] * 2, 0.9, None)  # type: ignore[arg-type]
    assert (most.recall, most.effort) == (0.75, 4)
    only = measure(index, plan, asked(), exact, 0.9, 1)  # type: ignore[arg-type]
    assert (only.recall, only.effort) == (0.25, 1)


def test_codes_are_looked_at_again_as_often_as_it_needs() -> None:
    index = Fixed({1: [*range(95), 500, 501]})
    exact = [np.array([0, 94])]
    found = measure(index, Plan("ivfpq", 10_000, 8), asked(1), exact, 1.0, 1)  # type: ignore[arg-type]
    assert (found.recall, found.candidates) == (1.0, 10)
    assert index.asked == [(1001, 1)]


def test_a_query_of_its_own_side_does_not_find_itself() -> None:
    index = Fixed({1: list(range(41))})
    one = asked(1, own=0)
    found = measure(index, Plan("flat", 99, 8), one, [np.arange(1, 11)], 1.0, None)  # type: ignore[arg-type]
    assert found.recall == 1.0


def test_candidates_are_who_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "ALL_COMPARED", 3)
    index = Fixed({7: [4, 2, 9, 0]})
    asks = Candidates(index, 20, 7, 2)  # type: ignore[arg-type]
    chosen = asks.among(np.zeros((1, 4), np.float32), 4)
    assert chosen is not None
    assert np.flatnonzero(chosen).tolist() == [0, 2, 4, 9]
    assert [asks.are_sought(k) for k in (4, 9, 10)] == [True, True, False]
    assert not asks.are_sought(1, np.arange(20) < 3)
    assert index.asked == [(8, 7)]


def test_who_may_answer_is_compared_whole_where_it_is_small_or_too_few_are_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    index = Fixed({7: [4, 2]})
    asks = Candidates(index, 20, 7, 2)  # type: ignore[arg-type]
    query, some = np.zeros((1, 4), np.float32), np.arange(20) < 6
    assert asks.among(query, 1, some) is some
    assert index.asked == []
    monkeypatch.setattr(candidates, "ALL_COMPARED", 3)
    assert asks.among(query, 3, some) is some
    assert asks.among(query, 30) is None


FACTS = {
    "kind": "ivf",
    "find": "pictures",
    "count": 1000,
    "bytes": 12_000,
    "effort": 4,
    "cells": 25,
    "candidates": 4,
    "asked": {"effort": None},
    "recall": {"at": 10, "value": 0.9412, "queries": 1000, "of_the_other_side": 600},
}


def test_what_is_said_of_an_index() -> None:
    assert told(FACTS) == (
        "ivf: 1,000 vectors of pictures, 12 bytes each\n"
        "recall@10 0.941 against exact search, of 600 captions and 400 drawn vectors of its own, "
        "each without itself; 4 of 25 cells are looked into, 4 candidates a result compared exactly"
    )


def test_below_the_recall_that_is_wanted_nothing_is_quiet() -> None:
    require_recall(FACTS, 0.94)
    with pytest.raises(
        BelowRecall, match="finds 0.941 .* below 0.95: .*--kind hnsw or --kind flat$"
    ):
        require_recall(FACTS, 0.95)
    with pytest.raises(BelowRecall, match="take a larger --effort, or none, or --kind hnsw"):
        require_recall({**FACTS, "asked": {"effort": 4}}, 0.95)


def test_where_there_is_no_index_it_says_how_to_build_one(tmp_path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match="has no index of captions; build one: type this$"):
        kept.load(tmp_path, "captions", "type this")
    kept.record_of(tmp_path, "captions").write_text("{")
    with pytest.raises(InputError, match="is damaged; build it again: type this$"):
        kept.load(tmp_path, "captions", "type this")
