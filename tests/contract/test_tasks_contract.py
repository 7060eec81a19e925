"""Every task gives what it says, predicts twice the same, and can be built again from its run."""

import json

import numpy as np
import pytest
import torch

from core.errors import SettingError
from core.plugins import load, names
from core.settings import Settings
from evaluate.judge import judge
from tests.tiny import CPU, world
from train.building import build, build_task, seeded
from train.learner import Learner
from train.measured import Measured
from train.plan import Plan
from train.recipe import resolve

TASKS = names("train.tasks")
STEPPED = [name for name in TASKS if "loss" in load("train.tasks", name).PARTS]


class Made:
    """A task with its own defaults, on a tiny corpus, begun."""

    def __init__(self, name, folder, *, begin=True):
        self.recipe = resolve({"task": {"name": name}})
        self.corpus, self.sources, self.modules = world(self.recipe, folder)
        plan = Plan.of(self.corpus, self.sources, self.recipe)
        with seeded(0, CPU):
            self.learner, self.data, self.measured = build(plan, self.modules, CPU)
        self.task = self.learner.task
        if begin:
            self.task.begin(self.data.train)

    def batch(self, *rows):
        return self.data.train.batch(np.array(rows), CPU)


@pytest.fixture(params=TASKS)
def made(request, tmp_path):
    return Made(request.param, tmp_path)


@pytest.fixture(params=STEPPED)
def stepped(request, tmp_path):
    return Made(request.param, tmp_path)


def facts(prediction, folder):
    """What is saved of a prediction, and what stage three says of it."""
    prediction.save(folder)
    report = judge(prediction)
    return [file.read_bytes() for file in sorted(folder.iterdir())], report.scores()


@pytest.mark.parametrize("name", TASKS)
def test_a_file_has_what_a_recipe_needs(name):
    plugin = load("train.tasks", name)
    assert issubclass(plugin.Options, Settings)
    assert all(default in names(package) for package, default in plugin.PARTS.values())
    assert ("loss" in plugin.PARTS) == ("sampler" in plugin.PARTS)
    with pytest.raises(SettingError, match=r"task\.nonsense"):
        resolve({"task": {"name": name, "nonsense": 1}})


def test_the_corpus_gives_a_source_for_each_name(made):
    wanted = made.recipe.part("task").sources(made.recipe.task)
    assert wanted.keys() == made.sources.keys()
    assert all(isinstance(layer, str) and layer for layer in wanted.values())


def test_examples_are_rows_with_an_id_and_a_group(made):
    for data in (made.data.train, made.data.val):
        assert len(set(data.id.tolist())) == len(data.id) > 0
        assert data.id.dtype.kind == "U"
        assert data.group.shape == data.id.shape
        assert data.group.dtype == np.int64
        assert all(isinstance(note, str) for note in data.notes)
        if data.label is not None:
            assert data.label.shape == (len(data.id), len(made.measured.classes))
            assert data.label.dtype == np.bool_
    assert 0 <= made.data.train.group.min() <= made.data.train.group.max() < made.measured.instances


def test_forward_gives_exactly_what_it_says_a_row_an_example(stepped):
    with torch.no_grad():
        outputs = stepped.task.train()(stepped.batch(0, 1, 2, 3, 4))
    assert outputs.keys() == set(stepped.task.gives)
    assert {len(output) for output in outputs.values()} == {5}


def test_a_batch_of_one_is_legal_in_eval(stepped):
    with torch.no_grad():
        outputs = stepped.task.eval()(stepped.batch(3))
    assert {len(output) for output in outputs.values()} == {1}
    assert all(v.isfinite().all() for v in outputs.values() if v.is_floating_point())


def test_a_row_of_a_batch_is_the_same_alone_in_eval(stepped):
    with torch.no_grad():
        whole = stepped.task.eval()(stepped.batch(0, 1, 2))
        alone = [stepped.task(stepped.batch(row)) for row in (0, 1, 2)]
    for name, values in whole.items():
        for row, one in zip(values, alone, strict=True):
            # A sentence alone is padded less than in a batch.
            inside = tuple(slice(0, size) for size in one[name][0].shape)
            torch.testing.assert_close(row[inside], one[name][0], rtol=1e-4, atol=1e-5)


def test_predicting_twice_gives_the_same_and_puts_the_mode_back(made, tmp_path):
    state = {name: value.clone() for name, value in made.task.state_dict().items()}
    for mode in (True, False):
        made.task.train(mode)
        before = torch.get_rng_state()
        one = facts(made.task.predict(made.data.val), tmp_path / f"one{mode}")
        two = facts(made.task.predict(made.data.val), tmp_path / f"two{mode}")
        assert one == two
        assert all(module.training is mode for module in made.task.modules())
        assert torch.equal(torch.get_rng_state(), before)
    assert facts(made.task.predict(made.data.val), tmp_path / "eval") == one
    assert all(torch.equal(value, state[name]) for name, value in made.task.state_dict().items())


def test_predicting_leaves_no_gradient(made):
    judge(made.task.train().predict(made.data.val))
    assert all(weight.grad is None for weight in made.task.parameters())


def test_begin_changes_the_weights_in_place(tmp_path, made):
    fresh = Made(made.recipe.task.name, tmp_path / "fresh", begin=False)
    places = {name: value.data_ptr() for name, value in fresh.task.state_dict().items()}
    parameters = {name: id(weight) for name, weight in fresh.task.named_parameters()}
    fresh.task.begin(fresh.data.train)
    assert {n: value.data_ptr() for n, value in fresh.task.state_dict().items()} == places
    assert {name: id(weight) for name, weight in fresh.task.named_parameters()} == parameters


def test_what_was_measured_comes_back_and_builds_the_same_task(made, tmp_path):
    made.measured.write_words(tmp_path)
    stored = json.loads(json.dumps(made.measured.to_json()))
    again = Measured.read(tmp_path, stored)
    assert again == made.measured
    assert again.to_json() == made.measured.to_json()
    with seeded(7, CPU):
        task = build_task(made.recipe, again, made.modules)
    task.load_state_dict(made.task.state_dict())
    theirs = task.predict(task.read(made.corpus.split("val"), made.sources))
    ours = made.task.predict(made.data.val)
    assert facts(theirs, tmp_path / "a") == facts(ours, tmp_path / "b")


def test_the_same_seed_builds_the_same_weights(made, tmp_path):
    again = Made(made.recipe.task.name, tmp_path / "again")
    ours, theirs = made.task.state_dict(), again.task.state_dict()
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_a_learner_is_what_is_saved_of_it(made, tmp_path):
    kept = made.learner.tensors()
    other = Made(made.recipe.task.name, tmp_path / "other", begin=False)
    with seeded(1, CPU):
        assert isinstance(other.learner, Learner)
        other.learner.restore(kept)
        found = other.learner.tensors()
    assert found.keys() == kept.keys()
    assert all(torch.equal(found[name], kept[name]) for name in kept)
