"""The number that suffices for all stages, and the refusal before a later one would refuse."""

from types import SimpleNamespace

import numpy as np
import pytest

import pipeline.corpus
from core.errors import TooManyFailures
from core.records import Caption, Corpus, Image
from pipeline.corpus import BY_HAND, BY_MAKE, require_pictures
from pipeline.refusals.failures import too_many
from pipeline.refusals.shares import too_many_lost
from pipeline.typed.by_make import ASKED_BY

TO_EVALUATE = ("train", "val", "test")
WHAT = "pictures could not be read"


def corpus() -> Corpus:
    """60 pictures, one caption each: 40 train, 10 val, 10 test."""
    splits = ["train"] * 40 + ["val"] * 10 + ["test"] * 10
    images = [Image(f"{n:02d}", None, split, ()) for n, split in enumerate(splits)]
    return Corpus.build("tiny", images, [(i.id, Caption(f"{i.id}#0", "so")) for i in images])


def offered(problem: TooManyFailures | None) -> float:
    assert problem is not None
    return float(str(problem).rpartition(" ")[2])


def test_what_is_offered_suffices_for_all_stages() -> None:
    number = offered(too_many_lost(corpus(), {"55"}, 0.1, WHAT))
    assert 10.0 <= number < 11.0
    assert too_many_lost(corpus(), {"55"}, number, WHAT, need=TO_EVALUATE) is None
    assert too_many(1, 10, number, "captions") is None


def test_the_captions_of_what_is_asked_are_counted_before_a_training() -> None:
    told = too_many_lost(corpus(), {"55"}, 1.7, WHAT, need=TO_EVALUATE)
    assert "1 of 10 captions of 'test' are of pictures that cannot be used: 10 %" in str(told)
    assert offered(told) >= 10.0
    assert too_many_lost(corpus(), {"55"}, 1.7, WHAT, need=("train", "val")) is None
    assert too_many_lost(corpus(), {"55"}, 1.7, WHAT) is None


def test_all_captions_are_counted_for_a_training() -> None:
    images = [Image(str(n), None, "train", ()) for n in range(100)]
    told = [("0", Caption(f"0#{k}", "so")) for k in range(5)] + [("1", Caption("1#0", "so"))]
    few = Corpus.build("tiny", images, told)
    assert too_many_lost(few, {"0"}, 2.0, WHAT) is None
    problem = too_many_lost(few, {"0"}, 2.0, WHAT, need=("train", "val"))
    assert "5 of 6 captions are of pictures" in str(problem)


@pytest.mark.parametrize(("count", "total"), [(99, 100), (999, 1000), (99999, 100000), (1, 2)])
def test_what_accepts_everything_is_never_offered(count: int, total: int) -> None:
    number = offered(too_many(count, total, 0.1, "pictures"))
    assert number < 100.0
    assert too_many(count, total, number, "pictures") is None


def test_where_nothing_is_left_no_number_is_offered() -> None:
    told = str(too_many(6, 6, 0.1, "pictures are not there", "mend"))
    assert told == "all 6 pictures are not there, and nothing is left: mend"


@pytest.mark.parametrize(("asker", "way"), [("", BY_HAND), ("make", BY_MAKE)])
def test_the_way_out_is_in_the_words_of_who_asked(
    monkeypatch: pytest.MonkeyPatch, asker: str, way: str
) -> None:
    monkeypatch.setenv(ASKED_BY, asker)
    monkeypatch.setattr(pipeline.corpus, "check_same_pictures", lambda *_, **__: None)
    there = np.array([0, -1] + [0] * 58)
    cache = SimpleNamespace(rows=lambda ids: there, manifest={"key": "k" * 8, "fields": {}})
    with pytest.raises(TooManyFailures, match=f"; {way}, or accept them with "):
        require_pictures(corpus(), [cache], 0.1)  # type: ignore[list-item]
