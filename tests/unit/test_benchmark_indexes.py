"""The benchmark of indexes: the same vectors again, and a row that says what is found."""

import numpy as np
import pytest

from benchmarks import indexes
from core.matrices import open_matrix
from core.vectors import Vectors
from evaluate.nearest import Nearest
from pipeline.indexed.asked import Asked
from pipeline.indexed.measured import truth


def test_vectors_are_drawn_once_and_of_unit_length(tmp_path, monkeypatch):
    monkeypatch.setattr(indexes, "AT_ONCE", 150)
    path = indexes.written(tmp_path, 400, 8)
    before = path.stat().st_mtime_ns
    values = open_matrix(indexes.written(tmp_path, 400, 8))
    assert path.stat().st_mtime_ns == before
    assert values.shape == (400, 8)
    assert np.allclose(np.linalg.norm(values, axis=1), 1, atol=1e-6)
    assert len({row.tobytes() for row in np.array(values)}) == 400


def test_the_row_of_a_kind(tmp_path, monkeypatch):
    pytest.importorskip("faiss", reason="make setup EXTRAS=1 installs FAISS")
    monkeypatch.setattr("pipeline.indexed.candidates.ALL_COMPARED", 10)
    values = open_matrix(indexes.written(tmp_path, 600, 8))
    nearest = Nearest(Vectors(np.arange(600).astype(str), values), "inner", "image")
    asked = Asked(indexes.drawn(20, 8, 3, 7), np.full(20, -1), 20)
    row = indexes.measured("hnsw", nearest, asked, truth(nearest, asked), 1)
    assert (row["kind"], row["effort"], row["candidates"]) == ("hnsw", 64, 4)
    assert row["recall"] > 0.95
    assert 0 < row["p50_ms"] <= row["p95_ms"]
