"""Several sources side by side: each standardised and scaled by itself, against numpy."""

import numpy as np
import pytest
import torch

import train.examples.table
from core.sources import StoredVectors
from train.encoders.image._pooled import Pooled, PooledOptions
from train.examples.table import Tables

SHAPES = [(4, 6), (1, 5)]
DRAWN = np.random.default_rng(0)
VALUES = [DRAWN.normal(3, 2, size=(50, *shape)).astype(np.float32) for shape in SHAPES]
VALUES[0][:, :, 2] = 7.0
TENSORS = [torch.from_numpy(value) for value in VALUES]


def pooled(**options):
    made = Pooled(PooledOptions(**options), SHAPES)
    made.prepare(zip(*(value.split(7) for value in TENSORS), strict=True))
    return made.eval().pooled(*TENSORS)


def by_hand(statistics, scale):
    parts = []
    for value in VALUES:
        each = value.astype(np.float64)
        seen = each.reshape(-1, each.shape[2]) if statistics == "crops" else each.mean(axis=1)
        deviation = seen.std(axis=0)
        deviation[deviation < 1e-9] = 1
        one = (each.mean(axis=1) - seen.mean(axis=0)) / deviation
        length = np.linalg.norm(one, axis=1, keepdims=True)
        parts.append(one / {"width": np.sqrt(one.shape[1]), "length": length, None: 1}[scale])
    return np.concatenate(parts, axis=1)


@pytest.mark.parametrize("statistics", ["mean", "crops"])
@pytest.mark.parametrize("scale", ["width", "length", None])
def test_each_source_is_standardised_and_scaled_by_itself(statistics, scale):
    chosen = {"scale": scale, "normalise": True} if scale else {"normalise": False}
    found = pooled(standardise=True, statistics=statistics, **chosen)
    assert found.shape == (50, 11)
    np.testing.assert_allclose(found.numpy(), by_hand(statistics, scale), rtol=1e-4, atol=1e-5)


def test_the_width_makes_standardised_features_about_a_unit_long():
    found = pooled(standardise=True, statistics="crops", scale="width")
    lengths = found[:, 6:].norm(dim=1)
    assert 0.9 < lengths.square().mean() < 1.1
    assert lengths.std() > 0.1


def test_of_one_crop_each_the_statistics_are_the_same_to_the_bit():
    one = [value[:, :1] for value in TENSORS]
    found = []
    for statistics in ("mean", "crops"):
        made = Pooled(PooledOptions(standardise=True, statistics=statistics), [(1, 6), (1, 5)])
        made.prepare(zip(*(value.split(7) for value in one), strict=True))
        found.append((made.mean, made.deviation))
    assert all(torch.equal(*pair) for pair in zip(*found, strict=True))


@pytest.mark.parametrize(("ram", "loaded"), [(1840, [0, 1, 2]), (1839, [1, 2]), (239, [2])])
def test_what_is_kept_in_ram_counts_for_all_sources_together(monkeypatch, ram, loaded):
    monkeypatch.setattr(train.examples.table, "RAM_BYTES", ram)
    reads = []

    class Watched(StoredVectors):
        def read(self, rows, draw=None):
            reads.append((self.made_by["n"], len(rows)))
            return super().read(rows, draw)

    ids = [f"i{n}" for n in range(10)]
    widths = (40, 4, 2)  # 1,600, 160 and 80 bytes
    values = [DRAWN.normal(size=(10, width)).astype(np.float32) for width in widths]
    sources = [Watched(ids, value, {"n": n}) for n, value in enumerate(values)]
    tables = Tables(sources, np.tile(np.arange(10), (3, 1)))
    assert sorted(n for n, count in reads if count == 10) == loaded
    for found, value in zip(tables[np.array([3, 1])], values, strict=True):
        assert np.array_equal(found.numpy(), value[[3, 1]])
    assert sorted(n for n, count in reads if count == 2) == [n for n in range(3) if n not in loaded]
