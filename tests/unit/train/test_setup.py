"""Before the first step: what is refused, what is built once, and what a run keeps of it."""

import json
import shutil

import pytest
import safetensors.torch
import torch
from pydantic import Field
from train_fakes import make_world, warmed

import train.trained
from core.errors import CacheError, InputError, RunError, SettingError
from tests.interruption import assert_same_run, digests, interrupted_at, metrics, tensor_files
from tests.plugin_folder import PARTS, added
from train.encoders.text import gru
from train.losses import hinge
from train.tasks.paired import Paired

BAG = {"text": {"name": "normed_bag"}}
INSTANCE = {
    **BAG,
    "loss": {"instance": {"name": "instance"}, "hardest": {"name": "hinge"}},
    "phase": {"one": {"epochs": 1, "loss": {"instance": 1.0}}, "two": {}},
}


@pytest.fixture(autouse=True)
def _parts():
    with added(PARTS):
        yield


@pytest.fixture
def world(tmp_path):
    return make_world(tmp_path, train=11, val=2, captions=3)


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        ({"phase": {"one": {"rates": {"nothing.*": 0.0}}}}, "fits no weight"),
        ({"loss": {"a": {"name": "match"}}}, "loss.a takes 'label', which this task does not give"),
        ({**BAG, "batch_size": 1}, "batch_size = 1, of 33 examples: batch norm needs 2"),
    ],
)
def test_a_refused_set_up_leaves_no_run(world, tmp_path, recipe, message):
    run, size = tmp_path / "run", recipe.get("batch_size", 8)
    with pytest.raises(SettingError, match=message):
        world.train(run, f"batch_size={size}", recipe=recipe)
    assert not run.exists()
    world.train(run)
    assert len(metrics(run)) == 3


def test_what_a_task_refuses_as_it_begins_leaves_no_run(world, tmp_path, monkeypatch):
    def begin(self, data):
        raise InputError("no such word vectors; give their file")

    with monkeypatch.context() as patch:
        patch.setattr(Paired, "begin", begin)
        with pytest.raises(InputError, match="word vectors"):
            world.train(tmp_path / "run", "margin=0.5")
    assert not (tmp_path / "run").exists()
    world.train(tmp_path / "run")


def test_a_task_begins_once_though_the_training_is_interrupted(world, tmp_path, monkeypatch):
    begun = []
    monkeypatch.setattr(Paired, "begin", lambda self, data: begun.append(len(data.id)))
    with pytest.raises(KeyboardInterrupt):
        world.train(tmp_path / "run", progress=interrupted_at(2, 1))
    world.train(tmp_path / "run")
    assert begun == [33]


def test_the_weights_of_a_loss_are_in_the_model(world, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        world.train(tmp_path / "run", recipe=INSTANCE, progress=interrupted_at(2, 1))
    name = "loss.instance.classifier.weight"
    after_one = tensor_files(tmp_path / "run")["model"]
    first = safetensors.torch.load_file(tmp_path / "run" / after_one)[name]
    scores = iter((1.0, 2.0))
    world.train(tmp_path / "run", recipe=INSTANCE, validate=lambda _: {"score": 999 + next(scores)})
    last = safetensors.torch.load_file(tmp_path / "run" / "model.safetensors")[name]
    assert first.shape == last.shape == (11, 12)
    # Two epochs of Adam at this rate move a weight by less than this: it went on from the first.
    assert 0 < (last - first).abs().max() < 2 * 5 * 0.01 * 1.5


def test_a_loss_is_built_once_for_all_phases(world, tmp_path, monkeypatch):
    built = []
    real = hinge.build

    def counted(options, **known):
        built.append(options.negatives)
        return real(options, **known)

    monkeypatch.setattr(hinge, "build", counted)
    recipe = warmed(1)
    recipe["phase"]["main"]["loss"] = {"all": 0.5, "hardest": 1.0}
    world.train(tmp_path / "run", recipe=recipe)
    assert built == ["all", "hardest"]


def test_a_loss_is_told_what_was_measured(world, tmp_path, monkeypatch):
    told = []
    real = hinge.build
    monkeypatch.setattr(
        hinge, "build", lambda options, **known: told.append(known) or real(options, **known)
    )
    world.train(tmp_path / "run", "epochs=1")
    ((measured, dim),) = [(known["measured"], known["dim"]) for known in told]
    assert (measured.instances, measured.shapes, dim) == (11, {"image": (1, 10)}, 12)


def test_a_resumed_run_takes_the_threads_that_it_was_begun_with(world, tmp_path):
    run, before, said, used = tmp_path / "run", torch.get_num_threads(), [], set()
    try:
        torch.set_num_threads(2)
        with pytest.raises(KeyboardInterrupt):
            world.train(run, progress=interrupted_at(2, 1))
        torch.set_num_threads(1)
        world.train(
            run, progress=lambda *_, **__: used.add(torch.get_num_threads()), say=said.append
        )
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)
    assert used == {2}
    assert [note for note in said if "begun with 2 threads" in note]
    assert json.loads((run / "config.json").read_text())["threads"] == 2


def test_batch_norm_trains_though_the_last_batch_holds_one_caption(world, tmp_path):
    world.train(tmp_path / "run", "batch_size=8", recipe=BAG)
    assert [row["examples"] for row in metrics(tmp_path / "run")] == [32] * 3
    world.train(tmp_path / "plain", "batch_size=8")
    assert [row["examples"] for row in metrics(tmp_path / "plain")] == [33] * 3


class Grown(gru.Options):
    """As after an update that gave the encoder an option."""

    sharpness: float = Field(1.0, description="new")


def test_a_new_option_with_a_default_is_not_another_run(world, tmp_path, monkeypatch):
    whole, run = tmp_path / "whole", tmp_path / "run"
    world.train(whole, "word_dropout=0.2")
    key = world.plan("word_dropout=0.2").key
    with pytest.raises(KeyboardInterrupt):
        world.train(run, "word_dropout=0.2", progress=interrupted_at(2, 1))
    before = digests(whole, "config.json", "last.json", "model.safetensors")
    monkeypatch.setattr(gru, "Options", Grown)
    assert world.plan("word_dropout=0.2").recipe.section("text").sharpness == 1.0
    assert world.plan("word_dropout=0.2").key == key
    world.train(whole, "word_dropout=0.2", progress=interrupted_at(1, 1, AssertionError))
    assert digests(whole, "config.json", "last.json", "model.safetensors") == before
    world.train(run, "word_dropout=0.2")
    assert_same_run(run, whole)
    train.trained.load(run, torch.device("cpu"))
    with pytest.raises(RunError, match=r"text\.sharpness = 1\.0 \(now 2\.0\)"):
        world.train(run, "word_dropout=0.2", "sharpness=2")


def test_an_option_that_is_gone_is_said(world, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(gru, "Options", Grown)
        world.train(tmp_path / "run")
    with pytest.raises(RunError, match=r"another version of this program .*text\.sharpness"):
        world.train(tmp_path / "run")
    with pytest.raises(RunError, match="another version of this program"):
        train.trained.load(tmp_path / "run", torch.device("cpu"))


def test_a_folder_that_is_neither_empty_nor_a_run_is_left_alone(world, tmp_path):
    run = tmp_path / "notes"
    run.mkdir()
    (run / "vocab.json").write_text("my notes")
    with pytest.raises(RunError, match="not a run and not empty .*'vocab.json'.*another --run"):
        world.train(run)
    assert [(f.name, f.read_text()) for f in run.iterdir()] == [("vocab.json", "my notes")]


def test_files_of_two_runs_are_not_taken_for_one(world, tmp_path):
    world.train(tmp_path / "one", "epochs=1")
    world.train(tmp_path / "two", "epochs=1", seed=1)
    for name in ("last.json", "model.safetensors", "metrics.jsonl"):
        shutil.copy(tmp_path / "two" / name, tmp_path / "one" / name)
    for act in (
        lambda: world.train(tmp_path / "one", "epochs=1"),
        lambda: train.trained.load(tmp_path / "one", torch.device("cpu")),
    ):
        with pytest.raises(RunError, match="config.json and last.json are not of one run"):
            act()


def test_seen_json_of_another_run_is_refused_and_mended(world, tmp_path):
    other = make_world(tmp_path / "other", train=9, val=3, captions=3)
    world.train(tmp_path / "one", "epochs=1")
    other.train(tmp_path / "two", "epochs=1")
    right = (tmp_path / "one" / "seen.json").read_bytes()
    shutil.copy(tmp_path / "two" / "seen.json", tmp_path / "one" / "seen.json")
    with pytest.raises(RunError, match="is not what this run has seen; run the same `train`"):
        train.trained.load(tmp_path / "one", torch.device("cpu"))
    world.train(tmp_path / "one", "epochs=1")
    assert (tmp_path / "one" / "seen.json").read_bytes() == right


@pytest.mark.parametrize("seed", [-1, 2**63, 2**70])
def test_a_seed_that_no_generator_takes_is_refused(world, tmp_path, seed):
    with pytest.raises(SettingError, match=f"seed = {seed}: choose 0 or more, below 2"):
        world.train(tmp_path / "run", seed=seed)


def test_a_source_that_is_not_given_is_named(world, tmp_path):
    world.train(tmp_path / "run", "epochs=1")
    model = train.trained.load(tmp_path / "run", torch.device("cpu"))
    with pytest.raises(CacheError, match="reads a source 'image'; give it one of this name"):
        model.predict(world.corpus, {"picture": world.sources["image"]})
