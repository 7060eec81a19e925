"""One step of VSE++ against an independent one in numpy, float64, gradients by hand."""

import numpy as np
import pytest
import torch
from torch.nn.functional import normalize

from core.text import SPECIALS, Vocabulary
from train.encoders.image import linear
from train.encoders.text import gru
from train.learner import Learner
from train.losses import hinge
from train.measured import Measured
from train.phases import build_phases
from train.recipe import resolve
from train.task import Task

WORDS, WORD_DIM, FEATURES, DIM, BATCH = 11, 5, 7, 6, 5
LENGTHS = np.array([4, 1, 6, 3, 6])
MARGIN, CLIP, LR = 0.2, 0.05, 1e-2


class Towers(Task):
    gives = ("image", "caption", "image_id")

    def __init__(self):
        super().__init__()
        words = Vocabulary((*SPECIALS, *(f"w{i}" for i in range(WORDS - len(SPECIALS)))), 1)
        self.image = linear.build(linear.Options(), shapes=[(2, FEATURES)], dim=DIM)
        self.text = gru.build(gru.Options(word_dim=WORD_DIM), words=words, dim=DIM)

    def read(self, part, sources):
        raise NotImplementedError

    def predict(self, data):
        raise NotImplementedError

    def forward(self, batch):
        features, tokens = batch
        image = normalize(self.image(torch.from_numpy(features)))
        caption = normalize(self.text(torch.from_numpy(tokens), torch.from_numpy(LENGTHS)))
        return {"image": image, "caption": caption, "image_id": torch.arange(BATCH)}


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def unit_backward(grad, raw):
    """The gradient through x / |x|."""
    length = np.linalg.norm(raw, axis=1, keepdims=True)
    unit = raw / length
    return (grad - unit * (grad * unit).sum(axis=1, keepdims=True)) / length


def gru_forward(p, words):
    """One caption's states; the gates in torch's order: reset, update, new."""
    h, steps = np.zeros(DIM), []
    for word in words:
        x = p["embedding.weight"][word]
        a = p["gru.weight_ih_l0"] @ x + p["gru.bias_ih_l0"]
        b = p["gru.weight_hh_l0"] @ h + p["gru.bias_hh_l0"]
        r, z = sigmoid(a[:DIM] + b[:DIM]), sigmoid(a[DIM : 2 * DIM] + b[DIM : 2 * DIM])
        n = np.tanh(a[2 * DIM :] + r * b[2 * DIM :])
        steps.append((word, x, h, r, z, n, b[2 * DIM :]))
        h = (1 - z) * n + z * h
    return h, steps


def gru_backward(p, g, steps, d_h):
    for word, x, h, r, z, n, hidden in reversed(steps):
        d_n, d_z = d_h * (1 - z), d_h * (h - n)
        d_pre_n = d_n * (1 - n**2)
        d_r = d_pre_n * hidden
        d_a = np.concatenate([d_r * r * (1 - r), d_z * z * (1 - z), d_pre_n])
        d_b = np.concatenate([d_a[: 2 * DIM], d_pre_n * r])
        g["gru.weight_ih_l0"] += np.outer(d_a, x)
        g["gru.weight_hh_l0"] += np.outer(d_b, h)
        g["gru.bias_ih_l0"] += d_a
        g["gru.bias_hh_l0"] += d_b
        g["embedding.weight"][word] += p["gru.weight_ih_l0"].T @ d_a
        d_h = d_h * z + p["gru.weight_hh_l0"].T @ d_b


def loss_and_score_gradient(scores):
    """The hardest hinges of both directions, and d loss / d scores."""
    d, total = np.zeros_like(scores), 0.0
    for b in range(BATCH):
        others = [o for o in range(BATCH) if o != b]
        caption = max(others, key=lambda o: scores[b, o])
        image = max(others, key=lambda o: scores[o, b])
        for i, c in ((b, caption), (image, b)):
            cost = MARGIN - scores[b, b] + scores[i, c]
            if cost > 0:
                total += cost
                d[i, c] += 1
                d[b, b] -= 1
    return total, d


def numpy_gradients(p, features, tokens):
    g = {name: np.zeros_like(value) for name, value in p.items()}
    text = {n.removeprefix("text."): v for n, v in p.items()}
    text_g = {n.removeprefix("text."): v for n, v in g.items()}
    mean = features.mean(axis=1)
    x = mean / np.linalg.norm(mean, axis=1, keepdims=True)
    raw_f = x @ p["image.project.weight"].T + p["image.project.bias"]
    runs = [gru_forward(text, row[:n]) for row, n in zip(tokens, LENGTHS, strict=True)]
    raw_g = np.stack([h for h, _ in runs])
    f = raw_f / np.linalg.norm(raw_f, axis=1, keepdims=True)
    c = raw_g / np.linalg.norm(raw_g, axis=1, keepdims=True)
    total, d = loss_and_score_gradient(f @ c.T)
    d_f, d_c = unit_backward(d @ c, raw_f), unit_backward(d.T @ f, raw_g)
    g["image.project.weight"] += d_f.T @ x
    g["image.project.bias"] += d_f.sum(axis=0)
    for (_, steps), d_h in zip(runs, d_c, strict=True):
        gru_backward(text, text_g, steps, d_h)
    return total, g


def adam(p, moments, g, step):
    """Clip the global norm (torch adds 1e-6 to it), then Adam (Kingma and Ba 2015, alg. 1)."""
    norm = np.sqrt(sum((v**2).sum() for v in g.values()))
    scale = min(1.0, CLIP / (norm + 1e-6))
    for name, value in p.items():
        grad = g[name] * scale
        m = 0.9 * moments[name][0] + 0.1 * grad
        v = 0.999 * moments[name][1] + 0.001 * grad**2
        moments[name] = (m, v)
        value -= LR * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)
    return norm


@pytest.fixture
def batch():
    rng = np.random.default_rng(5)
    tokens = rng.integers(1, WORDS, size=(BATCH, LENGTHS.max()))
    return rng.normal(size=(BATCH, 2, FEATURES)), tokens


@pytest.fixture
def towers():
    with torch.random.fork_rng():
        torch.manual_seed(3)
        return Towers().double()


def copy(module):
    return {n: v.detach().numpy().copy() for n, v in module.state_dict().items()}


def hardest():
    return hinge.build(hinge.Options(margin=MARGIN), measured=Measured({}), dim=DIM)


def torch_loss(towers, features, tokens):
    return hardest()(**towers((features, tokens)))


def test_three_steps_equal_numpy(towers, batch):
    p = copy(towers)
    moments = dict.fromkeys(p, (0.0, 0.0))
    phases = build_phases(resolve({}, [f"lr={LR}"]))
    losses = torch.nn.ModuleDict({"hinge": hardest()})
    learner = Learner(towers, losses, phases, None, device=torch.device("cpu"))
    learner.enter(phases[0])
    for step in (1, 2, 3):
        expected, g = numpy_gradients(p, *batch)
        assert expected > 0
        found = learner.step(towers(batch), CLIP)
        assert found.loss == pytest.approx(expected, rel=1e-10)
        assert found.terms == {"hinge": found.loss}
        assert found.norm == pytest.approx(adam(p, moments, g, step), rel=1e-8)
        assert found.norm > CLIP
        for name, value in copy(towers).items():
            np.testing.assert_allclose(value, p[name], rtol=1e-6, atol=1e-9, err_msg=name)


def test_the_hand_written_gradient_equals_finite_differences(towers, batch):
    p, e = copy(towers), 1e-6
    _, g = numpy_gradients(p, *batch)
    rng = np.random.default_rng(0)
    for name, value in p.items():
        for index in rng.integers(value.size, size=6):
            flat = value.reshape(-1)
            kept = flat[index]
            flat[index] = kept + e
            above, _ = numpy_gradients(p, *batch)
            flat[index] = kept - e
            below, _ = numpy_gradients(p, *batch)
            flat[index] = kept
            slope = (above - below) / (2 * e)
            assert g[name].reshape(-1)[index] == pytest.approx(slope, abs=1e-7), name


def test_what_stands_behind_a_caption_changes_nothing(towers, batch):
    features, tokens = batch
    noisy = tokens.copy()
    for row, length in zip(noisy, LENGTHS, strict=True):
        row[length:] = 0
    assert torch_loss(towers, features, tokens) == torch_loss(towers, features, noisy)
