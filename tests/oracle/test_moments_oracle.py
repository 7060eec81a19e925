"""Moments over pairs that are never made, against the table of all pairs, row after row."""

import numpy as np
import pytest
import torch

from train.moments import moments, of_one_class, owned

SIZES = [(12, 9, 3), (7, 20, 2), (9, 9, 5)]


def sides(seed, images, texts, classes):
    """Rows of both sides, and labels: some rows have several, one of each side none."""
    draw = np.random.default_rng(seed)
    x, y = draw.normal(size=(images, 4)), draw.normal(size=(texts, 3))
    y[:, 1] *= draw.random(texts) < 0.3  # as a rare word
    labels = [draw.random((many, classes)) < 0.4 for many in (images, texts)]
    for label in labels:
        label[0], label[1] = False, True
    return x, y, *labels


def of_pairs(x, y, pairs):
    """Means and covariances of the table of these pairs, a row after another."""
    x, y = (np.array([side[pair[n]] for pair in pairs]) for n, side in enumerate((x, y)))
    mean, other = x.mean(0), y.mean(0)
    found = [np.zeros((len(a), len(b))) for a, b in ((mean, mean), (other, other), (mean, other))]
    for one, two in zip(x - mean, y - other, strict=True):
        for place, (a, b) in enumerate(((one, one), (two, two), (one, two))):
            found[place] += np.outer(a, b) / len(x)
    return mean, other, *found


def within_classes(label, other):
    """Each pair of rows as often as they share a class."""
    return [
        (i, j)
        for c in range(label.shape[1])
        for i in np.flatnonzero(label[:, c])
        for j in np.flatnonzero(other[:, c])
    ]


def solved(x, y, pairing, size):
    blocks = (torch.from_numpy(y[start : start + size]) for start in range(0, len(y), size))
    return moments(torch.from_numpy(x), blocks, pairing, width=y.shape[1])


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("shape", SIZES)
@pytest.mark.parametrize("size", [4, 100])
def test_pairs_within_a_class_are_counted_without_being_made(seed, shape, size):
    x, y, label, other = sides(seed, *shape)
    pairing = of_one_class(torch.from_numpy(label), torch.from_numpy(other))
    pairs = within_classes(label, other)
    assert pairing.first.sum() == pairing.second.sum() == len(pairs)
    for ours, theirs in zip(solved(x, y, pairing, size), of_pairs(x, y, pairs), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_rows_with_owners_are_counted_as_often_as_they_are_owned():
    x, y, *_ = sides(0, 6, 11, 2)
    owner = np.array([0, 0, 1, 2, 2, 2, 2, 4, 5, 5, 5])  # one has none
    pairs = list(zip(owner, range(11), strict=True))
    found = solved(x, y, owned(torch.from_numpy(owner), 6), 3)
    for ours, theirs in zip(found, of_pairs(x, y, pairs), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_within_n_classes_there_are_less_than_n_correlations(seed):
    draw = np.random.default_rng(seed)
    x, y = draw.normal(size=(20, 6)), draw.normal(size=(30, 5))
    labels = [draw.random((len(side), 4)) < 0.4 for side in (x, y)]
    across = of_pairs(x, y, within_classes(*labels))[-1]
    assert np.linalg.matrix_rank(across, tol=1e-9) == 3
