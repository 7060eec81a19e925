"""Order violations against loops in float64, and what task and losses make of them."""

import math

import numpy as np
import pytest
import torch
from test_losses_oracle import hinges, others

import train.order as order
from core.errors import SettingError
from core.plugins import load
from evaluate.judge import judge
from tests.interruption import metrics
from tests.tiny import CPU, fit, world
from train.building import build, seeded
from train.measured import Measured
from train.order import order_scores
from train.plan import Plan
from train.recipe import resolve
from train.scored import Scored


def by_loops(image, caption):
    """-|max(0, c - i)|, a number at a time."""
    return np.array(
        [
            [
                -math.sqrt(sum(max(0.0, d - e) ** 2 for d, e in zip(c, i, strict=True)))
                for c in caption
            ]
            for i in image
        ]
    )


def drawn(seed, rows=6, width=5):
    draw = np.random.default_rng(seed)
    vectors = np.abs(draw.normal(size=(2, rows, width)))
    return vectors / np.linalg.norm(vectors, axis=2, keepdims=True)


@pytest.mark.parametrize("at_once", [1, 60, 1 << 24])
def test_scores_and_gradients_are_those_of_the_loops(monkeypatch, at_once):
    monkeypatch.setattr(order, "AT_ONCE", at_once)
    image, caption = drawn(0)
    caption = caption[:4]
    image[2] = caption[1] + 0.01  # above it: nothing is exceeded
    i, c = (torch.from_numpy(side).requires_grad_() for side in (image, caption))
    found = order_scores(i, c)
    np.testing.assert_allclose(found.detach(), by_loops(image, caption), rtol=0, atol=1e-14)
    assert found[2, 1] == 0
    weight = np.random.default_rng(1).normal(size=found.shape)
    (found * torch.from_numpy(weight)).sum().backward()
    step = 1e-6
    for side, grad in ((0, i.grad), (1, c.grad)):
        for place in np.ndindex(*grad.shape):
            both = []
            for sign in (1, -1):
                moved = [image.copy(), caption.copy()]
                moved[side][place] += sign * step
                both.append((by_loops(*moved) * weight).sum())
            assert abs((both[0] - both[1]) / (2 * step) - grad[place]) < 1e-8


@pytest.mark.parametrize(("at_once", "rows"), [(1, 1), (59, 2), (60, 3), (1 << 24, 7)])
def test_no_more_differences_are_held_than_at_once(monkeypatch, at_once, rows):
    monkeypatch.setattr(order, "AT_ONCE", at_once)
    image, caption = torch.rand(7, 5), torch.rand(4, 5)
    blocks = [excess for _, excess in order._blocks(image, caption)]
    assert [len(excess) for excess in blocks][:-1] == [rows] * (len(blocks) - 1)
    assert max(excess.numel() for excess in blocks) <= max(at_once, caption.numel())
    assert torch.equal(torch.cat(blocks), (caption[None] - image[:, None]).clamp(min=0))


def test_nothing_exceeded_has_a_score_and_a_gradient_of_zero():
    vectors = torch.rand(3, 4, dtype=torch.float64, requires_grad=True)
    scores = order_scores(vectors, vectors).diagonal()
    assert scores.tolist() == [0, 0, 0]
    assert not torch.autograd.grad(scores.sum(), vectors)[0].any()


@pytest.mark.parametrize("negatives", ["all", "hardest"])
@pytest.mark.parametrize("same_image", [True, False])
def test_the_hinge_of_order_violations(negatives, same_image):
    ids = [0, 1, 1, 2, 3, 0]
    image, caption = drawn(3)
    plugin = load("train.losses", "hinge")
    options = {"margin": 0.05, "negatives": negatives, "same_image_negatives": same_image}
    loss = plugin.build(plugin.Options(**options), measured=Measured({}), dim=5)
    loss.similarity = "order"
    scores, summed = by_loops(image, caption), sum if negatives == "all" else max
    expected = sum(
        summed(hinges(one, query, others(ids, query, same_image), 0.05))
        for one in (scores, scores.T)
        for query in range(len(ids))
    )
    found = loss(torch.from_numpy(image), torch.from_numpy(caption), torch.tensor(ids))
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def made(folder, *assignments):
    recipe = resolve({}, ["embed_dim=6", "min_count=1", *assignments])
    corpus, sources, modules = world(recipe, folder)
    with seeded(0, CPU):
        return build(Plan.of(corpus, sources, recipe), modules, CPU)


def test_a_task_of_order_gives_absolute_unit_vectors_and_says_so(tmp_path):
    (learner, data, _), (plain, _, _) = (
        made(tmp_path, f"task.similarity={name}") for name in ("order", "inner")
    )
    batch = data.train.batch(np.arange(5), CPU)
    ours, theirs = learner.task(batch), plain.task(batch)
    prediction, usual = learner.task.predict(data.val), plain.task.predict(data.val)
    for name in ("image", "caption"):
        assert (theirs[name] < 0).any()
        assert torch.equal(ours[name], theirs[name].abs())
        vectors = getattr(prediction, name).value
        assert np.array_equal(vectors, np.abs(getattr(usual, name).value))
    assert (prediction.similarity, usual.similarity) == ("order", "inner")
    assert "order violation" in judge(prediction).facts["protocol"]


@pytest.mark.parametrize(
    "name", ["hinge", "triplet", "semi_hard", "selective", "infonce", "smooth_ap"]
)
def test_losses_of_scores_follow_the_task(tmp_path, name):
    for similarity in ("order", "inner"):
        learner, data, _ = made(tmp_path, f"similarity={similarity}", f"loss.hinge.name={name}")
        loss = learner.losses["hinge"]
        assert isinstance(loss, Scored)
        outputs = learner.task(data.train.batch(np.arange(5), CPU))
        assert loss(**outputs).isfinite().all()
        scores = by_loops(*(outputs[side].detach().numpy() for side in ("image", "caption")))
        inner = (outputs["image"] @ outputs["caption"].T).detach().numpy()
        found = loss.scores(outputs["image"], outputs["caption"]).detach()
        np.testing.assert_allclose(found, scores if similarity == "order" else inner, atol=1e-6)


def test_a_loss_of_more_than_scores_is_refused(tmp_path):
    with pytest.raises(SettingError, match="loss.hinge computes inner products; choose another"):
        made(tmp_path, "similarity=order", "loss.hinge.name=pairwise")


def test_it_is_learnt(tmp_path):
    raw = {"loss": {"all": {"name": "hinge", "margin": 0.05, "negatives": "all"}}}
    short = ("similarity=order", "embed_dim=32", "min_count=1", "lr=0.01", "epochs=30")
    fit(resolve(raw, short), tmp_path, tmp_path / "run")
    losses = [row["loss"] for row in metrics(tmp_path / "run")]
    assert losses[-1] < losses[0] / 3
