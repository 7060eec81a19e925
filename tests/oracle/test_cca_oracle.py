"""Canonical correlations against the eigenvalue problem that defines them, in float64."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from core.text import SPECIALS
from tests.tiny import CPU, world
from train.building import build
from train.canonical import canonical_correlations
from train.plan import Plan
from train.recipe import resolve


def by_eigenvalues(x, y, ridge):
    """Correlations: the roots of the eigenvalues of Cxx^-1 Cxy Cyy^-1 Cyx."""
    cxx, cyy, cxy = x.T @ x / len(x), y.T @ y / len(x), x.T @ y / len(x)
    cxx += ridge * np.trace(cxx) / len(cxx) * np.eye(len(cxx))
    cyy += ridge * np.trace(cyy) / len(cyy) * np.eye(len(cyy))
    product = np.linalg.solve(cxx, cxy) @ np.linalg.solve(cyy, cxy.T)
    values = np.sort(np.linalg.eigvals(product).real)[::-1]
    return np.sqrt(values.clip(0)), (cxx, cyy, cxy)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("ridge", [1e-3, 0.5])
def test_directions_are_those_of_the_eigenvalue_problem(seed, ridge):
    rng = np.random.default_rng(seed)
    shared = rng.normal(size=(60, 2))
    x = np.hstack([shared, rng.normal(size=(60, 3))]) @ rng.normal(size=(5, 5))
    y = np.hstack([shared + rng.normal(size=(60, 2)), rng.normal(size=(60, 2))])
    x, y = x - x.mean(0), y - y.mean(0)
    expected, (cxx, cyy, cxy) = by_eigenvalues(x, y, ridge)
    plain = [torch.from_numpy(c) for c in (x.T @ x / 60, y.T @ y / 60, x.T @ y / 60)]
    found = canonical_correlations(*plain, width=3, ridge=ridge)
    np.testing.assert_allclose(found.correlation, expected[:3], atol=1e-9)
    a, b = found.first.numpy(), found.second.numpy()
    np.testing.assert_allclose(a.T @ cxx @ a, np.eye(3), atol=1e-9)
    np.testing.assert_allclose(b.T @ cyy @ b, np.eye(3), atol=1e-9)
    np.testing.assert_allclose(a.T @ cxy @ b, np.diag(expected[:3]), atol=1e-9)
    assert (b[np.abs(b).argmax(0), range(3)] > 0).all()


def bags(data, weight):
    made = []
    for row in range(len(data.id)):
        tokens, length = data.tokens.padded(np.array([row]))
        counts = np.bincount(tokens[0, : int(length)].numpy(), minlength=len(weight))
        bag = counts * weight
        made.append(bag / np.linalg.norm(bag))
    return np.array(made)


def test_the_task_is_the_solution_of_its_captions_and_their_pictures(tmp_path):
    options = {"name": "cca", "width": 3, "ridge": 0.2, "power": 2.0, "min_count": 1}
    recipe = resolve({"task": options})
    corpus, sources, modules = world(recipe, tmp_path)
    learner, data, _ = build(Plan.of(corpus, sources, recipe), modules, CPU)
    task, train = learner.task, data.train
    task.begin(train)
    said = np.array([[n in row for n in range(len(task.weight))] for row in token_rows(train)])
    having = np.where(said.sum(0) == 0, len(said), said.sum(0)).clip(max=len(said) - 1)
    weight = np.log((1 + len(said)) / (1 + having))
    weight[[0, 1, 2]] = 0
    assert SPECIALS[:3] == ("<pad>", "<start>", "<end>")
    np.testing.assert_allclose(task.weight, weight, rtol=1e-6)
    pictures = train.features[np.arange(len(train.features))][0].numpy().mean(1)
    pictures = pictures / np.linalg.norm(pictures, axis=1, keepdims=True)
    x, y = pictures[train.owner].astype(float), bags(train, weight)
    mean = SimpleNamespace(x=x.mean(0), y=y.mean(0))
    x, y = x - mean.x, y - mean.y
    plain = [torch.from_numpy(c / len(x)) for c in (x.T @ x, y.T @ y, x.T @ y)]
    found = canonical_correlations(*plain, width=3, ridge=0.2)
    left = (pictures - mean.x) @ (found.first * found.correlation**2).numpy()
    right = y @ (found.second * found.correlation**2).numpy()
    predicted = task.predict(train)
    expected = unit(left) @ unit(right).T
    np.testing.assert_allclose(
        predicted.image.value @ predicted.caption.value.T, expected, atol=1e-4
    )


def token_rows(data):
    for row in range(len(data.id)):
        tokens, length = data.tokens.padded(np.array([row]))
        yield set(tokens[0, : int(length)].tolist())


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)
