"""bfloat16 in the products of a training visit, and float32 in all that follows from them."""

import re
from contextlib import nullcontext

import pytest
import torch
from torch import nn

from core.errors import NumberError, RunError, SettingError
from pipeline import recipe_files
from tests.interruption import metrics
from tests.tiny import CPU, fit, narrow, world
from train.building import build, seeded
from train.gpo import GPO
from train.plan import Plan
from train.precision import in_float32, require
from train.ranks.norm import AcrossRanks
from train.recipe import resolve
from train.record import MODEL
from train.recurrent import (
    all_states,
    last_state,
    packed_all_states,
    packed_last_state,
)
from train.trained import load

PAIRED = ("min_count=1", "embed_dim=16", "text.word_dim=8", "batch_size=7", "epochs=2")
BF16 = "precision=bfloat16"
LOSSY = [n for n in recipe_files.names() if resolve(recipe_files.read(n)).epochs]


def casts():
    return torch.autocast("cpu", torch.bfloat16)


def built(folder, *more, recipe=None):
    """A learner about to step, its data and one batch."""
    asked = resolve(recipe or {}, more)
    corpus, sources, modules = world(asked, folder)
    learner, data, _ = build(Plan.of(corpus, sources, asked), modules, CPU)
    learner.begin(data.train, {})
    learner.enter(learner.phases[0])
    learner.train()
    return learner, data, data.train.batch(torch.arange(9).numpy(), CPU)


def first_loss(folder, name, *more):
    raw = recipe_files.read(name)
    with seeded(0, CPU):
        learner, data, _ = built(folder, "batch_size=9", *narrow(raw), *more, recipe=raw)
        rows = learner.sampler.batches(1)[0][:8]
        outputs = learner.ranks.outputs(
            learner.task, data.train, rows, CPU, (0, 1, 1), learner.visit
        )
        return outputs, learner.step(outputs, 2.0)


def test_products_are_bfloat16_and_all_else_is_float32(tmp_path):
    learner, _, batch = built(tmp_path, *PAIRED, BF16)
    seen = []
    learner.task.image.project.register_forward_hook(lambda _m, _i, out: seen.append(out.dtype))
    outputs = learner.visit(batch)
    assert seen == [torch.bfloat16]
    assert {n: v.dtype for n, v in outputs.items()} == {
        "image": torch.float32,
        "caption": torch.float32,
        "image_id": torch.int64,
    }
    torch.testing.assert_close(outputs["image"].norm(dim=1), torch.ones(9), rtol=0, atol=1e-6)
    assert learner.step(outputs, 2.0).finite
    kept = learner.tensors()
    assert any(name.endswith("exp_avg") for name in kept)
    assert all(t.dtype == torch.float32 for t in kept.values() if t.is_floating_point())
    assert all(w.grad.dtype == torch.float32 for w in learner.task.parameters())


def test_without_it_a_visit_is_the_task_itself(tmp_path):
    learner, _, batch = built(tmp_path, *PAIRED)
    ours, plain = learner.visit(batch), learner.task(batch)
    assert all(torch.equal(ours[name], plain[name]) for name in plain)


@pytest.mark.parametrize("name", LOSSY)
def test_every_recipe_learns_so_and_loses_nearly_as_much(tmp_path, name):
    outputs, step = first_loss(tmp_path, name, BF16)
    _, plain = first_loss(tmp_path, name)
    assert all(v.dtype == torch.float32 for v in outputs.values() if v.is_floating_point())
    assert step.finite
    assert step.loss == pytest.approx(plain.loss, rel=0.1, abs=0.05)


@pytest.mark.parametrize("kind", [nn.GRU, nn.LSTM])
@pytest.mark.parametrize("states", [last_state, packed_last_state, all_states, packed_all_states])
def test_recurrent_networks_stay_float32(kind, states):
    torch.manual_seed(0)
    words, network = nn.Embedding(7, 5), kind(5, 6, batch_first=True)
    tokens, lengths = torch.randint(7, (4, 6)), torch.tensor([6, 2, 6, 1])
    plain = states(tokens, lengths, words, network)
    plain.square().sum().backward()
    wanted = [weight.grad.clone() for weight in network.parameters()]
    network.zero_grad()
    with casts():
        ours = states(tokens, lengths, words, network)
    ours.square().sum().backward()
    assert torch.equal(ours, plain)
    assert all(torch.equal(w.grad, g) for w, g in zip(network.parameters(), wanted, strict=True))


def test_so_does_that_of_the_pooling():
    gpo, seen = GPO(), []
    gpo.gru.register_forward_hook(lambda _m, _i, out: seen.append(out[0].data.dtype))
    with casts():
        gpo(torch.randn(3, 4, 8).bfloat16(), torch.ones(3, 4, dtype=torch.bool))
    assert seen == [torch.float32]


def test_nothing_is_entered_where_nothing_is_cast():
    assert isinstance(in_float32(CPU), nullcontext)
    with casts(), in_float32(CPU):
        assert not torch.is_autocast_enabled("cpu")


def test_the_statistics_of_a_batch_over_ranks_are_float32():
    class Alone:
        def summed(self, own):
            return own.detach().clone()

    values = torch.randn(300, 5, generator=torch.Generator().manual_seed(0)).bfloat16() + 3
    norm = AcrossRanks(nn.BatchNorm1d(5, momentum=1.0), Alone())
    found = norm(values)
    assert found.dtype == torch.float32
    torch.testing.assert_close(norm.running_mean, values.float().mean(0), rtol=0, atol=1e-5)


def test_a_resumed_run_equals_one_that_was_not_interrupted(tmp_path):
    recipe = resolve({}, [*PAIRED, BF16, "image.dropout=0.2"])
    fit(recipe, tmp_path, tmp_path / "whole")

    def stop(epoch, step, *_, **__):
        if (epoch, step) == (1, 2):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(recipe, tmp_path, tmp_path / "cut", progress=stop, save_every=0)
    fit(recipe, tmp_path, tmp_path / "cut")
    whole, cut = (tmp_path / name for name in ("whole", "cut"))
    assert (whole / MODEL).read_bytes() == (cut / MODEL).read_bytes()
    assert [r["loss"] for r in metrics(whole)] == [r["loss"] for r in metrics(cut)]


def test_it_is_what_a_run_is_and_its_name_follows_where_it_is_asked_for(tmp_path):
    plain, other = resolve({}, PAIRED), resolve({}, [*PAIRED, BF16])
    corpus, sources, _ = world(plain, tmp_path)
    assert Plan.of(corpus, sources, plain).key != Plan.of(corpus, sources, other).key
    assert "precision" not in plain.model_dump(exclude_defaults=True)
    fit(other, tmp_path, tmp_path / "run")
    with pytest.raises(RunError, match=re.escape("precision = bfloat16 (now float32)")):
        fit(plain, tmp_path, tmp_path / "run")


def test_what_is_predicted_is_float32(tmp_path):
    recipe = resolve({}, [*PAIRED, BF16])
    fit(recipe, tmp_path, tmp_path / "run")
    trained, seen = load(tmp_path / "run", CPU), []
    trained.task.image.project.register_forward_hook(lambda _m, _i, out: seen.append(out.dtype))
    corpus, sources, _ = world(recipe, tmp_path)
    trained.predict(corpus.split("val"), sources)
    assert set(seen) == {torch.float32}
    learner, data, _ = built(tmp_path, *PAIRED, BF16)
    seen.clear()
    learner.task.image.project.register_forward_hook(lambda _m, _i, out: seen.append(out.dtype))
    learner.task.predict(data.val)
    assert set(seen) == {torch.float32}


def test_what_is_not_finite_stops_it(tmp_path):
    with pytest.raises(NumberError, match="train with a lower lr"):
        fit(resolve({}, [*PAIRED, BF16, "lr=1e38"]), tmp_path, tmp_path / "run")


def test_a_device_that_only_emulates_it_is_refused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "device", nullcontext)
    for there in (True, False):
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda there=there, **named: there)
        with nullcontext() if there else pytest.raises(SettingError, match="set precision=float32"):
            require("bfloat16", torch.device("cuda", 1))
    require("float32", torch.device("cuda", 1))
    require("bfloat16", CPU)


def test_any_other_precision_is_refused():
    with pytest.raises(SettingError, match="precision = 'float16'"):
        resolve({}, ["precision=float16"])
