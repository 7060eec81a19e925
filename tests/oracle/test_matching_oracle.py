"""The task ``matched`` against CCA of the table of all pairs, and regressions of its rows."""

import numpy as np
import pytest
import torch
from test_moments_oracle import of_pairs, within_classes

from core.sources import StoredVectors
from tests.tiny import CPU, world
from train.building import build
from train.canonical import canonical_correlations
from train.logistic import logistic, shares
from train.plan import Plan
from train.recipe import resolve
from train.tasks._posteriors import Posterior, PosteriorOptions

NEAR = 1e-4


class Solved:
    """The task on the tiny corpus of both kinds of captions, and its rows in float64."""

    def __init__(self, folder, further=(), **options):
        recipe = resolve({"task": {"name": "matched", "min_count": 1, **options}})
        corpus, sources, modules = world(recipe, folder)
        sources |= {f"{side}.2": longer(sources[side]) for side in further}
        learner, data, _ = build(Plan.of(corpus, sources, recipe), modules, CPU)
        self.task, self.data = learner.task, data.train
        self.task.begin(self.data)
        train = self.data
        self.x = side_by_side(train.features)
        if options.get("captions") == "words":
            self.y = unit(self.bags())
        else:
            self.y = side_by_side(train.texts)

    def bags(self):
        weight = self.task.weight.numpy().astype(float)
        for row in range(len(self.data.id)):
            tokens, length = self.data.tokens.padded(np.array([row]))
            counts = np.bincount(tokens[0, : int(length)].numpy(), minlength=len(weight))
            yield counts * weight

    def cosines(self):
        found = self.task.predict(self.data)
        assert found.protocol == "labels"
        return found.image.value @ found.caption.value.T


def longer(source):
    """A further source of the same items: three crops of three numbers, ten times as long."""
    values = np.random.default_rng(1).normal(size=(len(source.ids), 3, 3)).astype(np.float32)
    return StoredVectors(source.ids, 10 * values, {"by": "another"})


def side_by_side(tables):
    """The unit vector of each source's mean over crops, in float64."""
    every = [source.numpy().astype(float) for source in tables[np.arange(len(tables))]]
    return np.hstack([unit(values.mean(1)) for values in every])


def unit(rows):
    rows = np.array(list(rows))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def projected(solved, pairs, *, width, ridge, power):
    """CCA of the table of these pairs."""
    mean, other, *covariances = of_pairs(solved.x, solved.y, pairs)
    given = [torch.from_numpy(each) for each in covariances]
    found = canonical_correlations(*given, width=width, ridge=ridge)
    scale = found.correlation**power
    axes = ((found.first * scale).numpy(), (found.second * scale).numpy())
    return (solved.x - mean) @ axes[0], (solved.y - other) @ axes[1]


def posteriors(rows, label, penalty):
    target = shares(torch.from_numpy(label))
    found = logistic(torch.from_numpy(rows), target, penalty=penalty)
    says = torch.softmax(torch.from_numpy(rows) @ found.weight + found.bias, dim=1)
    return (says - target.mean(0)).numpy()


def require_solution(found, pairs, semantic):
    """The cosines of the task are those of the directions, or of posteriors behind them."""
    both = projected(found, pairs, width=3, ridge=0.2, power=1.0)
    if semantic:
        labels = (found.data.image_label, found.data.label)
        both = [posteriors(*each, 0.02) for each in zip(both, labels, strict=True)]
    np.testing.assert_allclose(found.cosines(), unit(both[0]) @ unit(both[1]).T, atol=NEAR)


@pytest.mark.parametrize("captions", ["vectors", "words"])
@pytest.mark.parametrize("correlate", ["pairs", "classes"])
@pytest.mark.parametrize("semantic", [False, True])
def test_the_task_is_the_solution_of_the_pairs_that_it_names(
    captions, correlate, semantic, tmp_path
):
    options = {"captions": captions, "correlate": correlate, "semantic": semantic}
    found = Solved(tmp_path, width=3, ridge=0.2, penalty=0.02, **options)
    data = found.data
    pairs = list(zip(data.owner, range(len(data.id)), strict=True))
    if correlate == "classes":
        pairs = within_classes(data.image_label, data.label)
    require_solution(found, pairs, semantic)


@pytest.mark.parametrize("semantic", [False, True])
def test_several_sources_of_a_side_stand_side_by_side_each_at_unit_length(semantic, tmp_path):
    options = {"width": 3, "ridge": 0.2, "penalty": 0.02, "correlate": "classes"}
    found = Solved(tmp_path, further=("image", "text"), semantic=semantic, **options)
    data = found.data
    assert (found.x.shape, found.y.shape) == ((12, 7 + 3), (24, 5 + 3))
    require_solution(found, within_classes(data.image_label, data.label), semantic)


@pytest.mark.parametrize("power", [0.0, 2.0])
def test_each_direction_is_scaled_by_that_power_of_its_correlation(power, tmp_path):
    found = Solved(tmp_path, width=3, ridge=0.2, power=power)
    pairs = list(zip(found.data.owner, range(len(found.data.id)), strict=True))
    both = projected(found, pairs, width=3, ridge=0.2, power=power)
    np.testing.assert_allclose(found.cosines(), unit(both[0]) @ unit(both[1]).T, atol=NEAR)


def test_a_word_weighs_by_how_few_captions_have_it(tmp_path):
    found = Solved(tmp_path, captions="words")
    many, tokens = len(found.data.id), found.data.tokens
    having = np.zeros(len(found.task.weight))
    for row in range(many):
        numbers, length = tokens.padded(np.array([row]))
        having[np.unique(numbers[0, : int(length)])] += 1
    there = having[4:] > 0  # behind the specials
    expected = np.log((1 + many) / (1 + having[4:].clip(max=many - 1)))
    np.testing.assert_allclose(found.task.weight[4:][there], expected[there], rtol=1e-6)
    assert found.task.weight[:3].tolist() == [0, 0, 0]
    assert len(set(found.task.weight[4:].tolist())) > 2


@pytest.mark.parametrize("captions", ["vectors", "words"])
def test_without_directions_the_classes_are_learnt_of_the_rows(captions, tmp_path):
    found = Solved(tmp_path, captions=captions, correlate="no", semantic=True, penalty=0.02)
    labels = (found.data.image_label, found.data.label)
    both = [posteriors(*each, 0.02) for each in zip((found.x, found.y), labels, strict=True)]
    np.testing.assert_allclose(found.cosines(), unit(both[0]) @ unit(both[1]).T, atol=NEAR)


def test_posteriors_may_be_compared_as_they_are(tmp_path):
    found = Solved(tmp_path, correlate="no", semantic=True, centred=False, penalty=0.02)
    labels = (found.data.image_label, found.data.label)
    both = [
        posteriors(*each, 0.02) + shares(torch.from_numpy(each[1])).mean(0).numpy()
        for each in zip((found.x, found.y), labels, strict=True)
    ]
    np.testing.assert_allclose(found.cosines(), unit(both[0]) @ unit(both[1]).T, atol=NEAR)


def test_the_shares_that_posteriors_exceed_are_of_the_items_that_have_a_class():
    rows = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [0.0, -2.0], [3.0, 0.0]])
    label = torch.tensor([[1, 0], [0, 1], [1, 0], [0, 0], [0, 0]]).bool()
    found = Posterior(PosteriorOptions(penalty=0.1), 2, 2)
    found.solve(rows, label)
    torch.testing.assert_close(found.share, torch.tensor([2 / 3, 1 / 3]))
    # The bias is free: what the items that taught say of the classes is their shares.
    torch.testing.assert_close(found(rows[:3]).mean(0), torch.zeros(2), atol=1e-5, rtol=0)
