"""What is not finite stops a training where it comes in, by name; the last state stays whole."""

import numpy as np
import pytest
import torch
from torch import nn
from train_fakes import make_world

import train.examples.table
from core.errors import NumberError
from core.sources import CacheLayer, StoredVectors
from core.store import FeatureCache
from tests.interruption import assert_same_run, digests, interrupted_at, tensor_files
from train.average import Average
from train.examples.table import Table
from train.finite import infinite, odd_buffers, refuse_first, refuse_state, refuse_values
from train.losses.hinge import Hinge
from train.optimisers import adam
from train.tasks.paired import Paired

OPTIONS = ("epochs=3", "batch_size=8")  # of 20 captions: steps of 8, 8 and 4


@pytest.fixture
def world(tmp_path):
    return make_world(tmp_path, train=20, val=4, captions=1)


@pytest.fixture
def begun(world, tmp_path):
    """A run that was left after the first step of its second epoch, saved there."""

    def begin(*options):
        stop = interrupted_at(2, 1)
        with pytest.raises(KeyboardInterrupt):
            world.train(tmp_path / "run", *OPTIONS, *options, progress=stop, save_every=0.0)
        return tmp_path / "run"

    return begin


def kept(run):
    return tensor_files(run), digests(run, "last.json", *sorted(set(tensor_files(run).values())))


def stops(world, run, match, *options, validate=None, save_every=600.0):
    """The training goes on, and is stopped; what was saved stays, and equals the whole run."""
    before = kept(run)
    with pytest.raises(NumberError, match=match):
        world.train(run, *OPTIONS, *options, validate=validate, save_every=save_every)
    assert kept(run) == before


def heals(world, run, tmp_path, *options):
    """Without what was put in, the run goes on as if nothing had been."""
    world.train(run, *OPTIONS, *options)
    world.train(tmp_path / "whole", *OPTIONS, *options)
    assert_same_run(run, tmp_path / "whole")


def hooked(patch, spoiling):
    """After each step the optimiser calls what ``spoiling`` makes of its groups."""
    build = adam.build

    def spoilt(options, groups):
        made = build(options, groups)
        made.register_step_post_hook(spoiling(groups))
        return made

    patch.setattr(adam, "build", spoilt)


@pytest.mark.parametrize(("ram", "item"), [(1 << 30, "p005"), (0, "p005"), (1 << 30, "p021")])
def test_a_feature(world, begun, tmp_path, monkeypatch, ram, item):
    """Read once or at each visit, of what is trained on or validated on."""
    run = begun()
    read = FeatureCache.read

    def broken(self, layer, rows):
        values = read(self, layer, rows)
        values[rows == self.rows([item])[0]] = np.inf
        return values

    with monkeypatch.context() as patch:
        patch.setattr(FeatureCache, "read", broken)
        patch.setattr(train.examples.table, "RAM_BYTES", ram)
        stops(world, run, rf"\(pooled\) has values that are not finite, of 1 item: '{item}'; make")
    heals(world, run, tmp_path)


def test_a_loss(world, begun, tmp_path, monkeypatch):
    """The batch's examples are named: none of them is suspect by itself."""
    run = begun()
    with monkeypatch.context() as patch:
        patch.setattr(Hinge, "forward", lambda self, image, caption, image_id: image.sum() / 0)
        shown = r"(?:'p0\d\d#0', ){4}'p0\d\d#0' and 3 more; the last saved state is kept; train"
        stops(world, run, rf"epoch 2, step 2: the loss is -?(inf|nan) .* on {shown}")
    heals(world, run, tmp_path)


def test_an_output_of_one_example(world, begun, tmp_path, monkeypatch):
    run = begun()
    forward = Paired.forward

    def broken(self, batch):
        outputs = forward(self, batch)
        spoil = torch.zeros(len(batch.image), 1)
        spoil[3] = torch.nan
        return {**outputs, "caption": outputs["caption"] + spoil}

    with monkeypatch.context() as patch:
        patch.setattr(Paired, "forward", broken)
        stops(world, run, r"step 2: the loss is nan .* on 'p0\d\d#0'; the last saved state")
    heals(world, run, tmp_path)


def test_a_gradient_of_a_finite_loss(world, begun, tmp_path, monkeypatch):
    """sqrt has none at 0."""
    run = begun()
    forward = Hinge.forward

    def broken(self, image, caption, image_id):
        return forward(self, image, caption, image_id) + (image - image).pow(2).sum().sqrt()

    with monkeypatch.context() as patch:
        patch.setattr(Hinge, "forward", broken)
        stops(world, run, r"epoch 2, step 2: the loss is \d.* its gradient's norm nan on 'p0")
    heals(world, run, tmp_path)


def test_a_weight_that_its_own_update_made_infinite(world, tmp_path):
    """Loss and gradient are finite, and the step that moves by them overflows."""
    heavy = {"loss": {"h": {"name": "hinge"}}, "phase": {"one": {"loss": {"h": 1000.0}}}}
    seen = []
    with pytest.raises(NumberError, match=r"epoch 1, step 1: \w.* is not finite after its update"):
        world.train(
            tmp_path / "run",
            *(*OPTIONS, "optimiser=sgd", "lr=3e38", "clip=1e9"),
            recipe=heavy,
            progress=lambda epoch, step, *_, **__: seen.append((epoch, step)),
            save_every=0.0,
        )
    assert not seen
    assert not (tmp_path / "run" / "last.json").exists()


def test_a_weight_that_no_later_loss_would_show(world, begun, tmp_path, monkeypatch):
    """That of a word which is in no batch any more."""
    run = begun()

    def spoiling(groups):
        table = next(p for group in groups for p in group["params"] if p.shape[1:] == (6,))

        def spoil(optimiser, args, kwargs):
            with torch.no_grad():
                table[0] = torch.inf

        return spoil

    with monkeypatch.context() as patch:
        hooked(patch, spoiling)
        stops(world, run, r"epoch 2, step 2: text\.\S+ is not finite after its update by 'p0")
    heals(world, run, tmp_path)


def test_a_moment(world, begun, tmp_path, monkeypatch):
    """No weight would ever move by it again, and nothing would tell."""
    run = begun()

    def spoil(optimiser, args, kwargs):
        next(iter(optimiser.state.values()))["exp_avg_sq"].view(-1)[0] = torch.inf

    with monkeypatch.context() as patch:
        hooked(patch, lambda groups: spoil)
        stops(world, run, r"a state with optimiser\.main\.\S+\.exp_avg_sq not finite is not saved")
    heals(world, run, tmp_path)


@pytest.mark.parametrize("save_every", [0.0, 600.0])
def test_an_average(world, begun, tmp_path, monkeypatch, save_every):
    """Of a state inside an epoch, and at its end."""
    run = begun("average=0.9")
    step = Average.step

    def spoiled(self):
        step(self)
        next(iter(self._kept.values())).view(-1)[0] = torch.nan

    with monkeypatch.context() as patch:
        patch.setattr(Average, "step", spoiled)
        match = r"(a state with task\.\S+ not finite is not saved|image vectors are not finite)"
        stops(world, run, match, "average=0.9", save_every=save_every)
    heals(world, run, tmp_path, "average=0.9")


def test_a_running_mean(world, tmp_path, monkeypatch):
    """A buffer that the batches moved, which a training step does not read."""
    run = tmp_path / "run"
    build = Paired.__init__

    def normed(self, *args, **kwargs):
        build(self, *args, **kwargs)
        self.norm = nn.BatchNorm1d(3)

    with monkeypatch.context() as patch:
        patch.setattr(Paired, "__init__", normed)
        patch.setattr(
            Hinge, "forward", lambda self, image, caption, image_id: (image * caption).sum()
        )
        forward = Paired.forward

        def moving(self, batch):
            self.norm.running_mean[1] = torch.inf
            return forward(self, batch)

        patch.setattr(Paired, "forward", moving)
        with pytest.raises(NumberError, match=r"a state with task\.norm\.running_mean not finite"):
            world.train(run, *OPTIONS)


def test_a_vector_of_the_validation(world, begun, tmp_path, monkeypatch):
    run = begun()
    predict = Paired.predict

    def broken(self, data, **options):
        self.image.register_forward_hook(lambda module, given, found: found / 0)
        return predict(self, data, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Paired, "predict", broken)
        stops(world, run, r"4 image vectors are not finite, first 'p020'")
    heals(world, run, tmp_path)


def test_a_score(world, begun, tmp_path):
    run = begun()
    validate = lambda prediction: {"score": float("nan")}  # noqa: E731
    stops(world, run, "epoch 2: the validation's score is nan", validate=validate)
    heals(world, run, tmp_path)


def test_weights_that_are_there_before_the_first_step(world, tmp_path, monkeypatch):
    build = Paired.__init__

    def spoiled(self, *args, **kwargs):
        build(self, *args, **kwargs)
        with torch.no_grad():
            next(self.image.parameters()).view(-1)[0] = torch.nan

    monkeypatch.setattr(Paired, "__init__", spoiled)
    with pytest.raises(NumberError, match=r"task\.image\.\S+ is not finite before the first step"):
        world.train(tmp_path / "run", *OPTIONS)


def test_a_mask_of_infinities_does_no_harm():
    class Masked(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("mask", torch.full((3, 3), -torch.inf).triu(1))
            self.weight = nn.Parameter(torch.ones(2))

    part = Masked()
    odd = odd_buffers({"task": part})
    named = {f"task.{name}": value for name, value in part.state_dict().items()}
    assert odd == {"task.mask"}
    refuse_first(named, odd)
    refuse_state(named, odd)
    with pytest.raises(NumberError, match=r"task\.weight"):
        refuse_state({**named, "task.weight": torch.tensor([1.0, torch.inf])}, odd)


@pytest.mark.parametrize("value", [torch.nan, torch.inf, -torch.inf])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_each_kind_of_number_is_seen(value, dtype):
    sound = torch.full((300,), 1e4, dtype=dtype)  # whose norm is no float16
    bad = sound.clone()
    bad[17] = value
    rest = {"whole": torch.arange(3), "none": torch.empty(0, dtype=dtype)}
    assert infinite({"sound": sound, **rest}) == []
    assert infinite({"sound": sound, "bad": bad, **rest}) == ["bad"]
    assert infinite(rest) == []


def test_large_values_are_finite():
    values = torch.full((3, 4), 3e38)
    source = StoredVectors(["a"], np.zeros((1, 1), np.float32), {})
    refuse_values(values, ["a", "b", "c"], source)
    values[1, 2] = -torch.inf
    with pytest.raises(NumberError, match=r"the stored vectors has values .* of 1 item: 'b'; make"):
        refuse_values(values, ["a", "b", "c"], source)
    assert infinite({"w": torch.full((3,), 3e38)}) == []


def test_a_source_without_a_text_is_named_by_its_kind():
    class Strange:
        shape, varies = (2,), True

        def read(self, rows, draw=None):
            return np.full((len(rows), 2), np.nan, np.float32)

    with pytest.raises(NumberError, match=r"Strange has values .* of 2 items: '7', '9'; make"):
        Table(Strange(), np.array([5, 7, 9])).visit(np.array([1, 2]), None)


def test_a_layer_is_named_by_its_cache(world):
    assert str(CacheLayer(world.cache, "pooled")) == f"{world.cache.path} (pooled)"
