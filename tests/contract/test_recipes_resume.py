"""Each recipe, interrupted anywhere and resumed, is at each later state what it was uninterrupted.

Weights, moments, moving average, sampler, random states, the order of the batches and the losses so
far are compared tensor by tensor, the best score and the history with them; no time is.
"""

import hashlib
import random
from dataclasses import asdict

import pytest
import safetensors.torch
import torch

from core.settings import keys
from pipeline import recipe_files
from tests.interruption import Killed, assert_same_run, interrupted_at, untimed
from tests.tiny import fit, narrow
from train.recipe import resolve

NAMES = [name for name in recipe_files.names() if resolve(recipe_files.read(name)).epochs]
"""Those that take steps: what is solved in closed form has nothing to be resumed inside."""
EPOCHS = 3
SMALL = {"task.embed_dim": 12, "text.word_dim": 6, "text.words.word_dim": 6, "batch_size": 6}


@pytest.fixture(autouse=True)
def _few_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def small(name):
    """The recipe with all its parts, narrow, of three epochs with a few steps each."""
    raw = recipe_files.read(name)
    phases = list(raw.get("phase", {}))
    cut = {f"phase.{phase}.epochs": 1 for phase in phases[:-1]} | {"epochs": EPOCHS}
    accepted = set(keys(type(resolve(raw))))
    cut |= {key: value for key, value in SMALL.items() if key in accepted}
    if raw["task"]["name"] == "tuned":
        cut["batch_size"] = 2  # its pictures are drawn, and few
    return resolve(raw, [*(f"{key}={value}" for key, value in cut.items()), *narrow(raw)])


def kept(run, record):
    """All that a state holds: its tensors and its record, without times."""
    tensors = {}
    for file in (record.weights_file, record.state_file):
        tensors |= safetensors.torch.load_file(run / file)
    if "epoch.last" in tensors:
        tensors["epoch.last"] = tensors["epoch.last"][:1]
    named = asdict(record) | {"history": [*map(untimed, record.history)]}
    for timed in ("state_file", "state_sha256", "metrics_sha256"):
        del named[timed]
    return tensors, named


class States:
    """Told each record of a run: every state by epoch and step; may end the training at one."""

    def __init__(self, run, until=None):
        self.run, self.until, self.at = run, until, {}

    def __call__(self, record):
        if record.done:
            return
        moment = record.epoch, record.step
        self.at[moment] = kept(self.run, record)
        if moment == self.until:
            raise Killed


def assert_same_states(resumed, whole):
    assert resumed.at
    for moment, (tensors, record) in resumed.at.items():
        expected, told = whole.at[moment]
        assert record == told, moment
        assert tensors.keys() == expected.keys()
        for name, tensor in tensors.items():
            assert tensor.dtype == expected[name].dtype
            assert torch.equal(tensor, expected[name]), (moment, name)


def whole_of(recipe, folder):
    """The run that nothing interrupts, with a state after each step, and its states."""
    states = States(folder / "whole")
    fit(recipe, folder, states.run, save_every=0.0, counted=states)
    return states


def inside(states):
    """The moments inside an epoch."""
    return sorted(moment for moment in states.at if moment[1])


@pytest.mark.parametrize("name", NAMES)
def test_resumed_equals_uninterrupted(name, tmp_path):
    """Killed at a state inside an epoch; at a step that is lost; and where an epoch has ended."""
    recipe, run = small(name), tmp_path / "run"
    whole = whole_of(recipe, tmp_path)
    moments = inside(whole)
    assert len(moments) >= EPOCHS * 2
    chosen = random.Random(name).choice([each for each in moments if each[0] == 0])
    first = States(run, until=chosen)
    with pytest.raises(Killed):
        fit(recipe, tmp_path, run, save_every=0.0, counted=first)
    with pytest.raises(Killed):
        fit(recipe, tmp_path, run, progress=interrupted_at(2, 2, Killed))
    second = States(run, until=(2, 0))
    with pytest.raises(Killed):
        fit(recipe, tmp_path, run, counted=second)
    last = States(run)
    fit(recipe, tmp_path, run, save_every=0.0, counted=last)
    for states in (first, second, last):
        assert_same_states(states, whole)
    assert {moment for moment in moments if moment[0] == 2} <= last.at.keys()
    assert_same_run(run, tmp_path / "whole")


@pytest.mark.soak
@pytest.mark.parametrize("name", NAMES)
def test_resumed_at_ten_random_steps_equals_uninterrupted(name, tmp_path):
    recipe = small(name)
    whole = whole_of(recipe, tmp_path)
    moments = inside(whole)
    draw = random.Random(hashlib.sha256(name.encode()).digest())
    for number, until in enumerate(draw.choices(moments, k=10)):
        run = tmp_path / f"run{number}"
        with pytest.raises(Killed):
            fit(recipe, tmp_path, run, save_every=0.0, counted=States(run, until=until))
        last = States(run)
        fit(recipe, tmp_path, run, save_every=0.0, counted=last)
        assert_same_states(last, whole)
        assert_same_run(run, tmp_path / "whole")
