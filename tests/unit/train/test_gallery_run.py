"""A training with the gallery's bias: what is in its bank, what is kept, and that it resumes."""

from typing import Literal

import numpy as np
import pytest
import safetensors.torch
import torch
from train_fakes import make_world, rising, rsum

from core.errors import RunError, SettingError
from core.predictions import Decoding, Embeddings, Vectors
from evaluate.judge import judge
from pipeline import recipe_files
from tests.interruption import Killed, assert_same_run, fail_at, record
from tests.plugin_folder import PARTS, added
from tests.tiny import fit
from train.gallery.bank import require_galleried
from train.gallery.bias import plain
from train.plan import Plan
from train.recipe import resolve
from train.tasks import cca
from train.tasks.paired import Paired
from train.trained import load
from train.training import train

CPU = torch.device("cpu")
BIASED = ("gallery.bias=true", "gallery.bank=7", "epochs=2", "batch_size=20")


@pytest.fixture
def world(tmp_path):
    return make_world(tmp_path, failures=("p003",))


@pytest.fixture
def embedded(monkeypatch):
    """The ids of the pictures and captions of each prediction of a training."""
    seen, real = [], Paired.predict

    def predict(self, data, **named):
        seen.append((list(data.image_id), list(data.id)))
        return real(self, data, **named)

    monkeypatch.setattr(Paired, "predict", predict)
    return seen


def bank(run):
    tensors = safetensors.torch.load_file(run / "model.safetensors")
    return {name: t for name, t in tensors.items() if name.startswith("gallery.")}


def test_the_bank_holds_training_pictures_with_their_captions_and_nothing_else(
    world, tmp_path, embedded
):
    world.train(tmp_path / "run", *BIASED)
    pictures, captions = embedded[-2]
    split = {image.id: image.split for image in world.corpus.images}
    assert {split[name] for name in pictures} == {"train"}
    assert len(pictures) == 7
    assert sorted(captions) == sorted(f"{name}#{n}" for name in pictures for n in range(2))
    assert "p003" not in pictures
    kept = bank(tmp_path / "run")
    assert kept["gallery.image"].shape == (7, 12)
    assert kept["gallery.caption"].shape == (14, 12)
    assert kept["gallery.image"].dtype == torch.float32
    trained = load(tmp_path / "run", CPU)
    part = world.corpus.split("train")
    own = trained.task.predict(trained.task.read(part, world.sources))
    rows = [list(own.image.id).index(name) for name in pictures]
    assert np.allclose(kept["gallery.image"].numpy(), own.image.value[rows], atol=1e-6)


def test_another_seed_draws_another_bank_and_0_takes_all(world, tmp_path, embedded):
    for seed in (0, 1, 0):
        world.train(tmp_path / f"run{len(embedded)}", *BIASED, seed=seed)
    first, other, again = (pictures for pictures, _ in embedded[3::5])
    assert first == again != other
    world.train(tmp_path / "all", *BIASED, "gallery.bank=0")
    assert len(bank(tmp_path / "all")["gallery.image"]) == 19


def test_pictures_without_captions_ask_nothing(world, tmp_path):
    corpus = world.corpus
    bare = np.array([caption.id.startswith("p00") for caption in corpus.captions])
    object.__setattr__(corpus, "captions", tuple(np.array(corpus.captions, dtype=object)[~bare]))
    object.__setattr__(corpus, "owner", corpus.owner[~bare])
    world.train(tmp_path / "run", *BIASED, "gallery.bank=0")
    assert len(bank(tmp_path / "run")["gallery.image"]) == 10


def test_the_weights_are_those_without_and_the_record_tells_both_scores(world, tmp_path):
    world.train(tmp_path / "with", *BIASED)
    world.train(tmp_path / "without", *BIASED, "gallery.bias=false")
    ours, theirs = (
        safetensors.torch.load_file(tmp_path / name / "model.safetensors")
        for name in ("with", "without")
    )
    assert ours.keys() - theirs.keys() == {"gallery.image", "gallery.caption"}
    assert all(torch.equal(ours[name], value) for name, value in theirs.items())
    told, plainly = record(tmp_path / "with"), record(tmp_path / "without")
    assert told["best"] == plainly["best"]
    assert plainly["gallery"] == {}
    assert told["gallery"]["validation"]["score"] >= told["best"]["score"]
    assert (told["gallery"]["pictures"], told["gallery"]["captions"]) == (7, 14)


def test_a_run_read_back_predicts_with_the_bias_and_its_score_is_the_one_noted(world, tmp_path):
    world.train(tmp_path / "run", *BIASED)
    trained = load(tmp_path / "run", CPU)
    val = world.corpus.split("val")
    prediction = trained.predict(val, world.sources)
    own = trained.task.predict(trained.task.read(val, world.sources))
    assert prediction.image.value.shape[1] == prediction.caption.value.shape[1] == 12 + 2
    assert rsum(prediction)["score"] == trained.record.gallery["validation"]["score"]
    assert np.array_equal(plain(prediction).image.value, own.image.value)
    assert np.array_equal(plain(prediction).caption.value, own.caption.value)


def test_the_numbers_are_chosen_by_a_score_of_their_own_that_tells_nobody(world, tmp_path):
    validated, scored = [], []
    plan = world.plan(*BIASED)
    train(
        plan,
        tmp_path / "run",
        device=CPU,
        validate=lambda p: (validated.append(p), rsum(p))[1],
        progress=lambda *_, **__: None,
        given={},
        score=lambda p: (scored.append(p), rsum(p))[1],
    )
    assert len(validated) == 2
    assert len(scored) > 10


def test_a_kill_at_any_write_of_the_end_leaves_what_goes_on_to_the_same_bits(
    world, tmp_path, monkeypatch
):
    world.train(tmp_path / "whole", *BIASED, validate=rising)
    with monkeypatch.context() as patch:
        count = fail_at(patch, 0)
        world.train(tmp_path / "counted", *BIASED, validate=rising)
    for nth in range(count["n"] - 11, count["n"] + 1):
        run = tmp_path / f"run{nth}"
        with monkeypatch.context() as patch:
            fail_at(patch, nth)
            with pytest.raises(Killed):
                world.train(run, *BIASED, validate=rising)
        world.train(run, *BIASED, validate=rising)
        assert_same_run(run, tmp_path / "whole")


def test_interrupted_while_it_is_chosen_it_is_chosen_again(world, tmp_path):
    world.train(tmp_path / "whole", *BIASED)
    asked = []

    def interrupted(prediction):
        asked.append(prediction)
        if len(asked) == 5:
            raise KeyboardInterrupt
        return rsum(prediction)

    with pytest.raises(KeyboardInterrupt):
        world.train(tmp_path / "run", *BIASED, validate=interrupted)
    assert not record(tmp_path / "run")["done"]
    assert load(tmp_path / "run", CPU).gallery is None
    world.train(tmp_path / "run", *BIASED)
    assert_same_run(tmp_path / "run", tmp_path / "whole")


def test_a_closed_form_has_it_too(world, tmp_path):
    recipe = {"task": {"name": "cca", "width": 6, "min_count": 1}, "gallery": {"bias": True}}
    plan = Plan.of(world.corpus, world.sources, resolve({**recipe, "epochs": 0}))
    named = {"device": CPU, "validate": rsum, "progress": lambda *_, **__: None, "given": {}}
    train(plan, tmp_path / "run", **named)
    trained = load(tmp_path / "run", CPU)
    prediction = trained.predict(world.corpus.split("val"), world.sources)
    score = judge(prediction).score
    assert score >= judge(plain(prediction)).score
    assert score == pytest.approx(judge(prediction).scores()["rsum"])


@pytest.mark.parametrize("name", ["captioner", "labelled", "correlated"])
def test_a_task_without_captions_that_ask_is_refused_before_anything_is_written(name, tmp_path):
    with added(PARTS):
        recipe = resolve(recipe_files.read(name), ["gallery.bias=true"])
        with pytest.raises(SettingError, match=r"gallery\.bias = true.*set gallery\.bias=false"):
            fit(recipe, tmp_path, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_another_similarity_is_refused_with_the_recipe(monkeypatch):
    class Options(cca.Options):
        similarity: Literal["inner", "order"] = "order"

    monkeypatch.setattr(cca, "Options", Options)
    raw = {"task": {"name": "cca"}, "epochs": 0}
    assert resolve(raw).gallery.bias is False
    with pytest.raises(SettingError, match=r"gallery\.bias = true.*similarity = order; set"):
        resolve(raw, ["gallery.bias=true"])
    assert resolve(raw, ["gallery.bias=true", "similarity=inner"]).gallery.bias


def test_predictions_of_other_kinds_are_refused():
    side = Vectors(np.array(["a"]), np.ones((1, 2), dtype=np.float32))
    bits = Vectors(np.array(["a"]), np.ones((1, 2), dtype=np.uint8))
    owner = np.array([0])
    assert require_galleried(Embeddings(side, side, owner))
    for other in (
        Embeddings(side),
        Embeddings(side, side),
        Embeddings(side, side, owner, similarity="order"),
        Embeddings(bits, bits, owner),
        Decoding(np.array(["a"]), [[[1]]], lambda: None, lambda state, words: None),
    ):
        with pytest.raises(SettingError, match=r"gallery\.bias"):
            require_galleried(other)


def test_a_model_without_its_bank_is_refused(world, tmp_path, monkeypatch):
    world.train(tmp_path / "run", *BIASED)
    told = load(tmp_path / "run", CPU).record
    tensors = safetensors.torch.load_file(tmp_path / "run" / "model.safetensors")
    del tensors["gallery.image"]
    monkeypatch.setattr("train.trained.read_best", lambda run: (told, tensors))
    with pytest.raises(RunError, match="another --run"):
        load(tmp_path / "run", CPU)
