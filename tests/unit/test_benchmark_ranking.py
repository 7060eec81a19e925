"""The benchmarks of ranks: what they say of memory, and that vectors may stay on a disk."""

import numpy as np
import pytest

from benchmarks import many_ranks
from benchmarks.ranking import RESET, extra_megabytes, made_up, plain_ranks
from core.predictions import Embeddings
from evaluate.ranking import rank

pytestmark = pytest.mark.skipif(not RESET.exists(), reason="what is held is told by Linux alone")


def test_vectors_that_are_mapped_are_ranked_as_those_in_memory(tmp_path):
    files = many_ranks.written(tmp_path, 40, 16)
    before = [file.stat().st_mtime_ns for file in files]
    found = many_ranks.mapped(*files)
    assert isinstance(found.image.value, np.memmap)
    assert not found.image.value.flags.writeable
    made = made_up(40, 16)
    np.testing.assert_array_equal(found.caption.value, made.caption)
    ranks = rank(found)
    for ours, plain in zip((ranks.i2t.best, ranks.t2i.best), plain_ranks(made), strict=True):
        assert ours.tolist() == plain.tolist()
    assert many_ranks.written(tmp_path, 40, 16) == files
    assert [file.stat().st_mtime_ns for file in files] == before


def test_the_time_of_a_part_is_told_of_the_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(many_ranks, "IMAGE_BLOCK", 128)
    monkeypatch.setattr("evaluate.tile.IMAGE_BLOCK", 128)
    row = many_ranks.measure(tmp_path, 512, 16, 200)
    assert (row["images"], row["captions"], row["part"]) == (512, 2560, 256)
    assert row["own_megabytes"] < 100


def test_ranking_takes_little_beyond_the_vectors():
    given = made_up(600, 1024)
    assert extra_megabytes(given) < 64


@pytest.mark.soak
def test_of_many_vectors_it_takes_no_more_than_64_megabytes():
    assert extra_megabytes(made_up(5000, 1024)) < 64


@pytest.mark.slow
def test_mapped_vectors_take_no_memory_of_ones_own(tmp_path):
    """160 MB of vectors: a copy of either side would be seen."""
    row = many_ranks.measure(tmp_path, 6666, 1024, 1024)
    assert row["own_megabytes"] < 64


def test_what_is_not_finite_is_found_wherever_it_stands(monkeypatch):
    monkeypatch.setattr("core.vectors.AT_ONCE", 7)
    made = made_up(5, 4).embeddings()
    value = made.caption.value.copy()
    value[[3, 20], 1] = np.nan
    bad = type(made.caption)(made.caption.id, value)
    with pytest.raises(Exception, match="2 caption vectors are not finite, first 'caption 3'"):
        Embeddings(made.image, bad, made.owner)
