"""Phases in a training: whose moments go on, what is frozen, which rates are taken."""

import importlib
import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from train_fakes import make_world

from core.errors import SettingError
from tests.interruption import assert_same_run, interrupted_at, metrics
from tests.plugin_folder import PARTS, added
from train.building import build, seeded
from train.encoders.text import gru
from train.loop import least_batch
from train.rates import share

CPU = torch.device("cpu")
SHARED = {
    "phase": {
        "one": {"epochs": 1},
        "two": {"epochs": 1, "rates": {"image.*": 0.0}},
        "three": {"rates": {"*": 0.5, "image.project.*": 0.25, "image.project.bias": 2.0}},
    }
}
OWN = {
    "phase": {
        "one": {"epochs": 1, "rates": {"text.*": 0.0}},
        "two": {"epochs": 2, "optimiser": {"name": "adam", "lr": 0.5}},
        "three": {"optimiser": {"name": "adam", "lr": 0.25}},
    }
}


class Course:
    """A learner that is taken through its phases by hand, on one batch."""

    def __init__(self, tmp_path, recipe):
        with seeded(0, CPU):
            built = build(
                make_world(tmp_path, train=6, val=2).plan("epochs=6", recipe=recipe), {}, CPU
            )
        self.learner, self.data = built.learner, built.data.train

    def step(self, number, factor=1.0):
        """One step of the phase with this number; the rate that was told."""
        self.learner.enter(self.learner.phases[number])
        rate = self.learner.set_rate(factor)
        batch = self.data.batch(np.arange(8), CPU)
        assert self.learner.step(self.learner.task(batch), clip=2.0).finite
        return rate

    @property
    def moments(self):
        return {n: t for n, t in self.learner.tensors().items() if n.startswith("optimiser.")}

    @property
    def steps(self):
        return {(n.split(".")[1], int(t)) for n, t in self.moments.items() if n.endswith(".step")}

    def weights(self):
        return {n: w.detach().clone() for n, w in self.learner.task.named_parameters()}


def changed(before, after):
    return {name for name in before if not torch.equal(before[name], after[name])}


def test_phases_that_share_an_optimiser_share_its_moments(tmp_path):
    course = Course(tmp_path, {"phase": {"one": {"epochs": 1}, "two": {"epochs": 1}, "three": {}}})
    for number in range(3):
        course.step(number)
        assert course.steps == {("one", number + 1)}


def test_an_own_optimiser_begins_fresh_and_a_spent_one_is_not_kept(tmp_path):
    course = Course(tmp_path, OWN)
    course.step(0)
    course.step(0)
    assert course.steps == {("one", 2)}
    course.step(1)
    assert course.steps == {("two", 1)}
    course.step(2)
    assert course.steps == {("three", 1)}


def test_an_optimiser_that_a_later_phase_shares_is_kept_meanwhile(tmp_path):
    recipe = {"phase": {"one": {"epochs": 1}, "two": {**OWN["phase"]["two"]}, "three": {}}}
    course = Course(tmp_path, recipe)
    for number, steps in ((0, {("one", 1)}), (1, {("one", 1), ("two", 1)}), (2, {("one", 2)})):
        course.step(number)
        assert course.steps == steps


def test_frozen_weights_and_their_moments_stand_still(tmp_path):
    course = Course(tmp_path, SHARED)
    course.step(0)
    before, moments = course.weights(), course.moments
    course.step(1)
    moved = changed(before, course.weights())
    assert moved == {name for name in before if name.startswith("text.")}
    # Weights are numbered group by group: the image side's are those of its two groups.
    assert len(changed(moments, course.moments)) == 3 * len(moved)
    course.step(2)
    assert changed(before, course.weights()) == set(before)


def test_a_weight_that_was_frozen_so_far_begins_without_moments(tmp_path):
    recipe = {"phase": {"one": {"epochs": 1, "rates": {"image.*": 0.0}}, "two": {}}}
    course = Course(tmp_path, recipe)
    course.step(0)
    assert course.steps == {("one", 1)}
    course.step(1)
    assert course.steps == {("one", 1), ("one", 2)}


@pytest.mark.parametrize("rates", [{"text.*": 0.0}, {"text.norm.*": 0.0}, {}])
def test_a_frozen_batch_norm_measures_nothing_more(tmp_path, rates):
    with added(PARTS):
        phases = {"one": {"epochs": 1, "rates": rates}, "two": {}}
        course = Course(tmp_path, {"text": {"name": "normed_bag"}, "phase": phases})
        norm = course.learner.task.text.norm
        for number, moves in ((0, not rates), (1, True)):
            before = norm.running_mean.clone()
            course.learner.enter(course.learner.phases[number])
            course.learner.train()
            course.learner.task(course.data.batch(np.arange(8), CPU))
            assert course.learner.task.image.training
            assert torch.equal(norm.running_mean, before) != moves


def test_a_weight_that_its_part_holds_still_is_not_woken(tmp_path, monkeypatch):
    def held(*arguments, **options):
        made = gru.GRU(*arguments, **options)
        made.embedding.weight.requires_grad_(False)
        return made

    monkeypatch.setattr(
        gru, "build", lambda options, *, words, dim: held(options, words=words, dim=dim)
    )
    course = Course(tmp_path, SHARED)
    before = course.weights()
    course.step(0)
    assert changed(before, course.weights()) == set(before) - {"text.embedding.weight"}


def test_weights_that_are_always_frozen_are_no_ones(tmp_path):
    course = Course(tmp_path, {"phase": {"one": {"rates": {"image.*": 0.0}}}})
    course.step(0)
    weights = course.weights()
    assert len(course.moments) == 3 * sum(name.startswith("text.") for name in weights)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("text.gru.bias", 0.5), ("image.project.weight", 0.25), ("image.project.bias", 2.0)],
)
def test_the_longest_pattern_that_fits_says_the_share(name, expected):
    phase = SimpleNamespace(rates=SHARED["phase"]["three"]["rates"])
    assert share(phase, name) == expected
    backwards = SimpleNamespace(rates=dict(reversed(phase.rates.items())))
    assert share(backwards, name) == expected
    assert share(SimpleNamespace(rates={}), name) == 1.0


def test_each_weight_has_its_share_of_the_scheduled_rate(tmp_path):
    course = Course(tmp_path, SHARED)
    before = course.weights()
    course.step(2, factor=0.5)
    moved = {n: float((w - before[n]).abs().max()) for n, w in course.weights().items()}
    # Adam's first step moves a weight by its rate: lr * factor * share.
    assert moved["image.project.weight"] == pytest.approx(0.01 * 0.5 * 0.25, rel=1e-3)
    assert moved["image.project.bias"] == pytest.approx(0.01 * 0.5 * 2.0, rel=1e-3)
    assert moved["text.gru.weight_hh_l0"] == pytest.approx(0.01 * 0.5 * 0.5, rel=1e-3)


@pytest.mark.parametrize(
    ("rates", "message"),
    [
        ({"imag.*": 0.1}, r"phase\.one\.rates: 'imag\.\*' fits no weight: .*image\.project\.bias"),
        ({"image.*": -0.1}, r"'image\.\*' = -0\.1: choose 0 or more"),
        ({"*": 0.0}, r"phase one: every weight is frozen; raise a rate"),
    ],
)
def test_rates_that_make_no_sense_are_refused(tmp_path, rates, message):
    world = make_world(tmp_path, train=6, val=2)
    recipe = {"phase": {"one": {"epochs": 1, "rates": rates}, "two": {}}}
    with pytest.raises(SettingError, match=message):
        world.train(tmp_path / "run", recipe=recipe)
    assert not (tmp_path / "run").exists()


def test_a_phases_own_schedule_counts_its_own_epochs(tmp_path):
    world = make_world(tmp_path, train=6, val=2)
    recipe = {
        "schedule": {"every": 1, "decay": 0.5},
        "phase": {
            "one": {"epochs": 2},
            "two": {"epochs": 3, "schedule": {"name": "step", "every": 2, "decay": 0.1}},
            "three": {},
        },
    }
    world.train(tmp_path / "run", "epochs=6", recipe=recipe)
    rates = [row["lr"] for row in metrics(tmp_path / "run")]
    assert rates == pytest.approx([0.01, 0.005, 0.01, 0.01, 0.001, 0.01 * 0.5**5])


def test_a_schedule_is_told_the_scores_since_it_began(tmp_path, monkeypatch):
    told = []

    def build_schedule(options, *, epochs):
        return lambda done, scores: told.append((epochs, done, tuple(scores))) or 1.0

    monkeypatch.setattr("train.schedules.step.build", build_schedule)
    world, scores = make_world(tmp_path, train=4, val=2), iter([1.0, 2.0, 3.0])
    recipe = {"phase": {"one": {"epochs": 1}, "two": {"schedule": {"name": "step"}}}}
    world.train(tmp_path / "run", recipe=recipe, validate=lambda _: {"score": next(scores)})
    assert told == [(3, 0.0, ()), (2, 0.0, ()), (2, 1.0, (2.0,))]


def test_a_schedule_that_asks_is_told_the_steps_of_an_epoch(tmp_path, monkeypatch):
    told = []

    def build_schedule(options, *, epochs):
        return lambda done, scores, steps: told.append((done, steps)) or 1.0

    monkeypatch.setattr("train.schedules.step.build", build_schedule)
    world = make_world(tmp_path, train=8, val=2)  # 16 captions, 6 a batch
    world.train(tmp_path / "run", "epochs=2", "batch_size=6")
    assert [steps for _, steps in told] == [3] * 6
    assert [done for done, _ in told] == pytest.approx([0, 1 / 3, 2 / 3, 1, 4 / 3, 5 / 3])


def test_each_term_of_a_sum_is_in_the_metrics(tmp_path):
    world = make_world(tmp_path, train=6, val=2)
    losses = {"all": {"name": "hinge", "negatives": "all"}, "hardest": {"name": "hinge"}}
    phases = {"one": {"epochs": 1, "loss": {"all": 1.0}}, "two": {"loss": {"all": 2, "hardest": 3}}}
    world.train(tmp_path / "run", "epochs=2", recipe={"loss": losses, "phase": phases})
    one, two = metrics(tmp_path / "run")
    assert not [key for key in one if key.startswith("loss_")]
    assert two["loss"] == pytest.approx(2 * two["loss_all"] + 3 * two["loss_hardest"], rel=1e-5)


@pytest.mark.parametrize("recipe", [SHARED, OWN], ids=["shared", "own"])
def test_resumed_in_any_phase_equals_uninterrupted(tmp_path, recipe):
    world = make_world(tmp_path, train=6, val=2)
    world.train(tmp_path / "whole", "epochs=4", recipe=recipe)
    for epoch in (1, 2, 3, 4):
        with pytest.raises(KeyboardInterrupt):
            world.train(
                tmp_path / "run", "epochs=4", recipe=recipe, progress=interrupted_at(epoch, 1)
            )
    world.train(tmp_path / "run", "epochs=4", recipe=recipe)
    assert_same_run(tmp_path / "run", tmp_path / "whole")


def test_the_order_of_patterns_means_nothing(tmp_path):
    rates = {"image.*": 0.0, "*weight": 0.5}
    turned = dict(reversed(rates.items()))
    for order in (rates, turned):
        course = Course(tmp_path / str(list(order)), {"phase": {"one": {"rates": order}}})
        phase = course.learner.phases[0]
        assert share(phase, "image.project.weight") == 0.0
        assert share(phase, "text.gru.weight") == 0.5


def test_moments_are_kept_by_the_weights_names(tmp_path):
    course = Course(tmp_path / "a", SHARED)
    course.step(0)
    names = {name.rpartition(".")[0] for name in course.moments}
    assert names == {f"optimiser.one.{name}" for name in course.weights()}
    kept = course.learner.tensors()
    # The same weights in groups of another order: each gets its own moments back.
    phases = {"one": {"epochs": 1, "rates": {"text.*": 0.5}}, "two": {"rates": {"*.bias*": 2.0}}}
    other = Course(tmp_path / "b", {"phase": phases})
    other.learner.restore(kept)
    assert not changed(course.moments, other.moments)


def test_a_batch_norm_without_weights_is_frozen_by_its_name(tmp_path):
    course = Course(
        tmp_path, {"phase": {"one": {"epochs": 1, "rates": {"text.*": 0.0}}, "two": {}}}
    )
    task, losses = course.learner.task, course.learner.losses
    task.text.norm = torch.nn.BatchNorm1d(3, affine=False)
    losses.hinge.norm = torch.nn.BatchNorm1d(3, affine=False)
    for number, moves in ((0, False), (1, True)):
        course.learner.enter(course.learner.phases[number])
        course.learner.train()
        assert task.text.norm.training is moves
        assert losses.hinge.norm.training


def test_a_batch_norm_of_a_loss_is_counted():
    assert least_batch(torch.nn.Linear(2, 2)) == 1
    assert least_batch(torch.nn.Linear(2, 2), torch.nn.Sequential(torch.nn.BatchNorm1d(2))) == 2


def test_the_mean_of_a_step_divides_each_loss_by_what_it_sums(tmp_path):
    with added(PARTS):
        one, two = {"name": "hinge", "negatives": "all"}, {"name": "hinge"}
        losses = {"one": one, "two": two, "costs": {"name": "instance"}}
        weights = {"one": 1.0, "two": 3.0, "costs": 0.5}
        course = Course(tmp_path, {"loss": losses, "phase": {"main": {"loss": weights}}})
        learner = course.learner
        learner.enter(learner.phases[0])
        learner.set_rate(1.0)
        outputs = learner.task(course.data.batch(np.arange(8), CPU))
        step = learner.step(outputs, clip=2.0)
        hinges = {"one": 2 * 8 * 7, "two": 2 * 8, "costs": 1}
        assert step.loss == pytest.approx(sum(weights[n] * step.terms[n] for n in weights))
        mean = sum(weights[n] * step.terms[n] / hinges[n] for n in weights)
        assert step.mean == pytest.approx(mean)


def test_the_gradient_of_a_losss_own_weights_is_clipped_too(tmp_path):
    with added(PARTS):
        course = Course(tmp_path, {"loss": {"instance": {"name": "instance"}}})
        learner = course.learner
        learner.enter(learner.phases[0])
        learner.set_rate(1.0)
        batch = course.data.batch(np.arange(8), CPU)
        norm = learner.step(learner.task(batch), clip=1e-3).norm
        gradients = [w.grad for m in (learner.task, learner.losses) for w in m.parameters()]
        assert norm > 1e-3
        total = torch.stack([gradient.norm() for gradient in gradients]).norm()
        torch.testing.assert_close(float(total), 1e-3, rtol=1e-3, atol=0)
        assert learner.losses.instance.classifier.weight.grad.abs().max() > 0


@pytest.mark.parametrize(("clip", "times"), [(2.0, 1.0), (1.0, 1.0), (0.25, 0.25)])
def test_a_gradient_is_cut_where_its_norm_is_more(clip, times, tmp_path):
    course = Course(tmp_path, {"optimiser": {"name": "sgd", "lr": 1.0}})
    learner = course.learner
    learner.enter(learner.phases[0])
    learner.set_rate(1.0)

    def gradients(clip):
        outputs = learner.task(course.data.batch(np.arange(8), CPU))
        norm = learner.step(outputs, clip).norm
        return norm, [weight.grad.clone() for weight in learner.task.parameters()]

    kept = {name: value.clone() for name, value in learner.tensors().items()}
    norm, whole = gradients(math.inf)
    learner.restore(kept)
    again, cut = gradients(clip * norm)
    assert again == norm
    for one, other in zip(whole, cut, strict=True):
        torch.testing.assert_close(other, times * one, rtol=1e-4 * (times < 1), atol=0)


def test_a_sampler_is_told_weighted_costs_from_the_first_step(tmp_path, monkeypatch):
    with added(PARTS):
        costly = importlib.import_module("train.samplers.costly")
        told = {1.0: [], 2.0: []}
        for weight, seen in told.items():
            monkeypatch.setattr(
                costly.Costly, "told", lambda _, rows, costs, seen=seen: seen.append((rows, costs))
            )
            recipe = {
                "loss": {"rows": {"name": "each_row"}},
                "sampler": {"name": "costly"},
                "phase": {"one": {"loss": {"rows": weight}}},
            }
            world = make_world(tmp_path / str(weight), train=6, val=2)
            world.train(tmp_path / f"run{weight}", "epochs=1", recipe=recipe)
    (rows, single), (same, double) = told[1.0][0], told[2.0][0]
    assert np.array_equal(rows, same)
    assert len(told[1.0]) == 2
    torch.testing.assert_close(double, 2 * single)
    assert single.max() > 0
