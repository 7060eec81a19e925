"""Logistic regression against sums of Python's numbers, differences, and scikit-learn."""

from math import exp, log

import numpy as np
import pytest
import torch
from test_moments_oracle import sides

from core.errors import SettingError
from train.logistic import logistic, objective, shares


def cross_entropy(rows, target, weight, bias, penalty):
    """Term by term, with Python's numbers."""
    total = 0.0
    for row, wanted in zip(rows, target, strict=True):
        logits = [sum(row * weight[:, c]) + bias[c] for c in range(len(bias))]
        whole = log(sum(exp(each) for each in logits))
        total -= sum(w * (each - whole) for w, each in zip(wanted, logits, strict=True))
    squares = sum(each**2 for each in weight.flat)
    return total / target.sum() + penalty / 2 * squares


def problem(seed, several=True):
    x, _, label, _ = sides(seed, 25, 3, 4)
    if not several:
        label = np.eye(4, dtype=bool)[np.random.default_rng(seed).permutation(25) % 4]
    return x, label, shares(torch.from_numpy(label))


def test_the_share_of_a_label_is_one_over_how_many_there_are():
    label = torch.tensor([[1, 0, 0], [1, 1, 0], [0, 0, 0], [1, 1, 1]]).bool()
    expected = [[1, 0, 0], [0.5, 0.5, 0], [0, 0, 0], [1 / 3, 1 / 3, 1 / 3]]
    np.testing.assert_array_equal(shares(label), expected)


@pytest.mark.parametrize("seed", range(3))
def test_the_objective_is_the_loop_and_its_slope_its_differences(seed):
    x, _, target = problem(seed)
    found = torch.from_numpy(np.random.default_rng(seed).normal(size=(5, 4)))
    value, slope = objective(torch.from_numpy(x), target, found, penalty=0.3)

    def loop(at):
        return cross_entropy(x, target.numpy(), at[:-1], at[-1], 0.3)

    assert float(value) == pytest.approx(loop(found.numpy()), rel=1e-12)
    for place in np.ndindex(*found.shape):
        ends = []
        for step in (1e-5, -1e-5):
            near = found.numpy().copy()
            near[place] += step
            ends.append(loop(near))
        assert float(slope[place]) == pytest.approx((ends[0] - ends[1]) / 2e-5, abs=1e-8)


@pytest.mark.parametrize("penalty", [1.0, 1e-2, 1e-4])
def test_it_is_least_where_the_slope_is_nothing_and_means_are_the_shares(penalty):
    x, label, target = problem(1)
    rows = torch.from_numpy(x)
    found = logistic(rows, target, penalty=penalty)
    slope = objective(rows, target, torch.vstack([*found]), penalty=penalty)[1]
    assert slope.abs().max() < 1e-6
    says = torch.softmax(rows @ found.weight + found.bias, dim=1)[label.any(1)]
    np.testing.assert_allclose(says.mean(0), target[label.any(1)].mean(0), atol=1e-6)
    again = logistic(rows, target, penalty=penalty)
    assert all(torch.equal(*both) for both in zip(found, again, strict=True))


@pytest.mark.parametrize("penalty", [1.0, 1e-2, 1e-4])
def test_it_is_that_of_scikit_learn(penalty):
    linear_model = pytest.importorskip("sklearn.linear_model")
    x, label, target = problem(2, several=False)
    found = logistic(torch.from_numpy(x), target, penalty=penalty)
    theirs = linear_model.LogisticRegression(C=1 / (penalty * len(x)), tol=1e-10, max_iter=10_000)
    expected = theirs.fit(x, label.argmax(1)).predict_proba(x)
    says = torch.softmax(torch.from_numpy(x) @ found.weight + found.bias, dim=1)
    np.testing.assert_allclose(says, expected, atol=1e-4)


def test_sparse_rows_and_blocks_are_the_rows(monkeypatch):
    x, _, target = problem(3)
    rows = torch.from_numpy(x * (np.abs(x) > 0.5))
    whole = logistic(rows, target, penalty=0.01)
    sparse = logistic(rows.to_sparse(), target, penalty=0.01)
    monkeypatch.setattr("train.logistic.BLOCK", 7)
    parts = logistic(rows, target, penalty=0.01)
    for ours in (sparse, parts):
        torch.testing.assert_close(torch.vstack([*ours]), torch.vstack([*whole]), rtol=0, atol=1e-5)


def test_a_row_without_a_label_and_a_class_without_a_row_change_nothing():
    x, label, target = problem(4)
    rows, there = torch.from_numpy(x), label.any(1)
    few = logistic(rows[there], target[there], penalty=0.01)
    wider = torch.hstack([target[:, :2], torch.zeros(25, 1).double(), target[:, 2:]])
    found = logistic(rows, wider, penalty=0.01)
    kept = [0, 1, 3, 4]
    torch.testing.assert_close(found.weight[:, kept], few.weight, rtol=0, atol=1e-5)
    says = torch.softmax(rows @ found.weight + found.bias, dim=1)
    assert (says[:, 2] == 0).all()
    assert found.bias.isfinite().all()


def test_a_penalty_too_small_for_a_solution_is_refused(monkeypatch):
    x, _, target = problem(5)
    monkeypatch.setattr("train.logistic.STEPS", 2)
    with pytest.raises(SettingError, match=r"penalty = 1e-09: .* does not stand after 2 steps"):
        logistic(torch.from_numpy(x), target, penalty=1e-9)
