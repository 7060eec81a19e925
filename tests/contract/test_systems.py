"""One system of each kind, made of parts that are only here: trained, killed, resumed, judged."""

import pytest
import safetensors.torch
import torch

import core.files
import tests.tiny
from core.errors import RunError
from evaluate.judge import judge
from pipeline import recipe_files
from tests.interruption import (
    Killed,
    assert_same_run,
    fail_at,
    interrupted_at,
    metrics,
    tensor_files,
)
from tests.pictured import pictured
from tests.plugin_folder import PARTS, added
from tests.tiny import CPU, fit, world
from train.recipe import resolve
from train.trained import load

SYSTEMS = sorted(file.stem for file in (PARTS / "pipeline" / "recipes").glob("*.toml"))
STEPPED = [name for name in SYSTEMS if name != "correlated"]


@pytest.fixture(autouse=True)
def _parts():
    with added(PARTS):
        yield


def system(name):
    return resolve(recipe_files.read(name))


def test_there_is_one_of_each_kind():
    assert SYSTEMS == ["captioner", "correlated", "costly", "instance", "labelled", "tuned"]


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_kill_at_any_write_leaves_what_can_go_on(name, tmp_path, monkeypatch):
    recipe = system(name)
    fit(recipe, tmp_path, tmp_path / "whole")
    with monkeypatch.context() as patch:
        count = fail_at(patch, 0)
        fit(recipe, tmp_path, tmp_path / "counted")
    assert count["n"] >= 2 * (2 + 2 * max(1, recipe.epochs) + 1)
    # Every third: each write of one training is tried in tests/unit/train/test_resume.py.
    for nth in {*range(1, count["n"], 3), count["n"]}:
        run = tmp_path / f"run{nth}"
        with monkeypatch.context() as patch:
            fail_at(patch, nth)
            with pytest.raises(Killed):
                fit(recipe, tmp_path, run)
        (run / f"{core.files.TEMPORARY}left").write_text("of a kill -9")
        fit(recipe, tmp_path, run)
        assert_same_run(run, tmp_path / "whole")


@pytest.mark.parametrize("name", STEPPED)
def test_interrupted_in_mid_epoch_equals_uninterrupted(name, tmp_path):
    recipe = system(name)
    fit(recipe, tmp_path, tmp_path / "whole")
    for epoch in range(1, recipe.epochs + 1):
        with pytest.raises(KeyboardInterrupt):
            fit(recipe, tmp_path, tmp_path / "run", progress=interrupted_at(epoch, 2))
    fit(recipe, tmp_path, tmp_path / "run")
    assert_same_run(tmp_path / "run", tmp_path / "whole")


@pytest.mark.parametrize("name", STEPPED)
def test_resumed_inside_an_epoch_equals_uninterrupted(name, tmp_path):
    """At every step, the state having been saved there; whatever the sampler was told before."""
    recipe = system(name)
    steps = []
    fit(
        recipe,
        tmp_path,
        tmp_path / "whole",
        progress=lambda epoch, step, *_, **__: steps.append((epoch, step)),
    )
    for number, moment in enumerate(steps):
        run = tmp_path / f"run{number}"
        with pytest.raises(KeyboardInterrupt):
            fit(recipe, tmp_path, run, progress=interrupted_at(*moment), save_every=0.0)
        went_on = []
        fit(
            recipe,
            tmp_path,
            run,
            progress=lambda epoch, step, *_, went_on=went_on, **__: went_on.append((epoch, step)),
            save_every=0.0,
        )
        last = moment == steps[-1] or moment[0] != steps[number + 1][0]
        assert went_on == steps[number + (0 if last else 1) :]
        assert_same_run(run, tmp_path / "whole")


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_run_read_back_is_judged_as_in_its_training(name, tmp_path):
    recipe = system(name)
    outcome = fit(recipe, tmp_path, tmp_path / "run")
    corpus, sources, modules = world(recipe, tmp_path)
    trained = load(tmp_path / "run", CPU, modules)
    prediction = trained.predict(corpus.split("val"), sources)
    report = judge(prediction)
    assert report.scores() == pytest.approx(outcome.best)
    assert (
        outcome.best_epoch
        == max(metrics(tmp_path / "run"), key=lambda row: (row["score"], -row["epoch"]))["epoch"]
    )
    prediction.save(tmp_path / "saved")
    assert len(list((tmp_path / "saved").iterdir())) == 1
    assert report.table("val").startswith("val")


def test_a_cnn_from_outside_learns_at_a_tenth_and_stays_what_it_was(tmp_path):
    recipe = system("tuned")
    _, _, modules = world(recipe, tmp_path)
    fit(recipe, tmp_path, tmp_path / "run")
    corpus, sources, given = world(recipe, tmp_path)
    learnt = load(tmp_path / "run", CPU, given).task.cnn.state_dict()
    for name, weight in modules["cnn"].state_dict().items():
        assert torch.equal(given["cnn"].state_dict()[name], weight)
        moved = (learnt[name] - weight).abs().max()
        # Adam moves a weight by at most about its rate a step: 2 epochs of 3 steps of 0.1 * 2e-4.
        assert 0 < moved < 6 * 0.1 * 2e-4 * 1.5


def test_a_told_sampler_is_saved_with_what_it_was_told(tmp_path):
    recipe = system("costly")
    with pytest.raises(KeyboardInterrupt):
        fit(recipe, tmp_path, tmp_path / "run", progress=interrupted_at(3, 1))
    kept = safetensors.torch.load_file(tmp_path / "run" / tensor_files(tmp_path / "run")["state"])
    assert kept["sampler.cost"].gt(0).any()
    assert kept["sampler.view"].ne(0).any()


def test_a_cnn_that_begins_with_other_weights_is_another_run(tmp_path, monkeypatch):
    recipe = system("tuned")
    fit(recipe, tmp_path, tmp_path / "run")

    def other(folder):
        corpus, sources, modules = pictured(folder)
        with torch.no_grad():
            modules["cnn"][0].bias[0] += 1
        return corpus, sources, modules

    monkeypatch.setattr(tests.tiny, "pictured", other)
    with pytest.raises(RunError, match=r"modules\.cnn = .*another --run"):
        fit(recipe, tmp_path, tmp_path / "run")
