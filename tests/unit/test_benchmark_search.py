"""The benchmark of search: both sides find the same, and the row says how large it was."""

import pytest

from benchmarks import search


def test_a_row_tells_both_sides_of_a_map(tmp_path):
    row = search.measure(search.written(tmp_path / "v.npy", 300, 16), rounds=2)
    assert (row["vectors"], row["width"], row["same_rows"]) == (300, 16, True)
    assert row["ratio"]["median"] > 0
    assert 0 < row["p50_ms"] <= row["p95_ms"]


def test_others_than_the_argsort_finds_end_it(tmp_path, monkeypatch):
    monkeypatch.setattr(search, "plain", lambda *_: [])
    with pytest.raises(SystemExit, match="300 vectors: query 0 finds others"):
        search.measure(search.written(tmp_path / "v.npy", 300, 16), rounds=1)
