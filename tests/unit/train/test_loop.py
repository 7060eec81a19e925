"""Training: it learns, repeats bit for bit, stops at bad numbers, keeps the best epoch."""

import json

import numpy as np
import pytest
import torch
from train.run import load
from train_fakes import digests, interrupted_at, make_cache, make_world, rsum

from core.errors import CacheError, NumberError, SettingError
from core.store import FeatureCache

CPU = torch.device("cpu")


def scripted(*scores):
    """A validation that gives these rsums, one an epoch."""
    left = iter(scores)
    return lambda embeddings: {"rsum": next(left)}


def metrics(run):
    return [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]


def test_a_small_corpus_is_learnt_by_heart(tmp_path):
    world = make_world(tmp_path, train=20, val=2, dim=24)
    rising = iter(range(1000))
    world.train(
        tmp_path / "run",
        "epochs=25",
        "embed_dim=32",
        "same_image_negatives=false",
        "warmup_epochs=2",
        "standardise=true",
        validate=lambda _: {"rsum": float(next(rising))},
    )
    learnt = load(tmp_path / "run", CPU).embed(world.corpus.split("train"), world.cache)
    assert rsum(learnt)["rsum"] > 590


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path):
    world = make_world(tmp_path)
    before = torch.get_rng_state()
    for run, seed in (("a", 3), ("b", 3), ("c", 4)):
        world.train(tmp_path / run, "crop=random", seed=seed)
    files = ("model.safetensors", "config.json", "vocab.json")
    assert digests(tmp_path / "a", *files) == digests(tmp_path / "b", *files)
    assert digests(tmp_path / "a", files[0]) != digests(tmp_path / "c", files[0])
    assert torch.equal(torch.get_rng_state(), before)


def test_the_callers_generator_changes_nothing(tmp_path):
    world = make_world(tmp_path)
    world.train(tmp_path / "a")
    with torch.random.fork_rng():
        torch.manual_seed(99)
        world.train(tmp_path / "b")
        load(tmp_path / "b", CPU)
        assert torch.equal(torch.get_rng_state(), torch.Generator().manual_seed(99).get_state())
    assert digests(tmp_path / "a", "model.safetensors") == digests(
        tmp_path / "b", "model.safetensors"
    )


@pytest.mark.parametrize(
    ("scores", "best"), [((1.0, 3.0, 2.0), 2), ((2.0, 2.0, 2.0), 1), ((1.0, 2.0, 3.0), 3)]
)
def test_the_best_epoch_is_kept_the_earlier_of_two_equals(tmp_path, scores, best):
    world = make_world(tmp_path)
    long = world.train(tmp_path / "long", validate=scripted(*scores))
    assert long.best_epoch == best
    assert long.best == {"rsum": max(scores)}
    world.train(tmp_path / "short", f"epochs={best}", validate=scripted(*range(1, best + 1)))
    assert digests(tmp_path / "long", "model.safetensors") == digests(
        tmp_path / "short", "model.safetensors"
    )


def test_the_rate_decays_and_the_metrics_tell_it(tmp_path):
    world = make_world(tmp_path)
    world.train(tmp_path / "run", "epochs=5", "lr_decay_every=2", "lr_decay=0.5")
    rows = metrics(tmp_path / "run")
    assert [row["lr"] for row in rows] == [0.01, 0.01, 0.005, 0.005, 0.0025]
    assert [row["epoch"] for row in rows] == [1, 2, 3, 4, 5]
    assert all(row["captions"] == 40 for row in rows)
    assert all({"loss", "rsum", "seconds"} <= set(row) for row in rows)


def test_the_first_epochs_use_the_sum_of_hinges(tmp_path):
    world = make_world(tmp_path)
    tiny = ("lr=1e-9", "warmup_epochs=2", "epochs=3")
    world.train(tmp_path / "run", *tiny)
    first, second, third = (row["loss"] for row in metrics(tmp_path / "run"))
    assert first == pytest.approx(second, rel=0.2)
    assert first > 2 * third


def test_a_warm_up_longer_than_the_training_is_all_of_it(tmp_path):
    world = make_world(tmp_path)
    assert world.train(tmp_path / "run", "warmup_epochs=9").epochs == 3


def test_progress_sees_every_step_and_the_last_validation(tmp_path):
    world, seen = make_world(tmp_path), []

    def progress(epoch, step, steps, *, loss, captions_per_second, validation):
        seen.append((epoch, step, steps, dict(validation)))
        assert loss >= 0
        assert captions_per_second > 0

    world.train(tmp_path / "run", "epochs=2", progress=progress, validate=scripted(7.0, 8.0))
    assert [s[:3] for s in seen] == [(e, s, 5) for e in (1, 2) for s in range(1, 6)]
    assert [s[3] for s in seen] == [{}] * 5 + [{"rsum": 7.0}] * 5


def test_training_is_in_train_mode_again_after_a_validation(tmp_path, monkeypatch):
    from train.tasks.paired import Paired

    world, modes = make_world(tmp_path), []
    forward = Paired.forward

    def watched(self, batch):
        modes.append(all(module.training for module in self.modules()))
        return forward(self, batch)

    monkeypatch.setattr(Paired, "forward", watched)
    world.train(tmp_path / "run")
    assert modes == [True] * 15


def test_a_feature_that_is_not_finite_stops_at_its_step(tmp_path, monkeypatch):
    world = make_world(tmp_path, train=20, captions=1)
    with pytest.raises(KeyboardInterrupt):
        world.train(tmp_path / "run", progress=interrupted_at(2, 1))
    kept = digests(tmp_path / "run", "model.safetensors", "last.json")
    read = FeatureCache.read

    def broken(self, layer, rows):
        values = read(self, layer, rows)
        values[rows == self.rows(["p005"])[0]] = np.nan
        return values

    monkeypatch.setattr(FeatureCache, "read", broken)
    with pytest.raises(NumberError, match=r"epoch 2, step \d: the loss is nan .*'p005#0'; train"):
        world.train(tmp_path / "run")
    assert digests(tmp_path / "run", "model.safetensors", "last.json") == kept


def test_a_rate_that_explodes_is_an_error(tmp_path):
    world = make_world(tmp_path)
    with pytest.raises(NumberError, match="lower lr"):
        world.train(tmp_path / "run", "lr=1e38", "normalise=false")


def test_a_score_that_is_not_finite_is_an_error(tmp_path):
    world = make_world(tmp_path)
    with pytest.raises(NumberError, match="epoch 2: the validation's rsum is nan"):
        world.train(tmp_path / "run", validate=scripted(1.0, float("nan")))


def test_pictures_without_features_are_told(tmp_path):
    world = make_world(tmp_path, failures=("p001", "p021"))
    assert world.train(tmp_path / "run").missing == ("p001", "p021")


def test_batches_of_one_caption_and_of_one_picture_train(tmp_path):
    world = make_world(tmp_path, train=2, val=2, captions=4)
    world.train(tmp_path / "one", "batch_size=1")
    world.train(tmp_path / "same", "batch_size=4", "same_image_negatives=false")


def test_all_ten_crops_train(tmp_path):
    world = make_world(tmp_path, crops=10)
    world.train(tmp_path / "run", "crop=random")


def test_a_cache_of_another_corpus_is_refused(tmp_path):
    world = make_world(tmp_path, train=20)
    world.cache = make_world(tmp_path / "other", train=5, val=1).cache
    with pytest.raises(CacheError, match="made from another corpus: 20 of the 26"):
        world.train(tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_negative_seed_is_refused(tmp_path):
    with pytest.raises(SettingError, match="seed = -1"):
        make_world(tmp_path).train(tmp_path / "run", seed=-1)


def test_the_vocabulary_is_that_of_the_training_captions(tmp_path):
    world = make_world(tmp_path, train=4, val=2)
    world.train(tmp_path / "run")
    words = json.loads((tmp_path / "run" / "vocab.json").read_text())["words"]
    assert "thing3" in words
    assert "thing4" not in words


def test_restval_is_trained_on_only_when_asked(tmp_path):
    from dataclasses import replace

    world = make_world(tmp_path, train=6, val=2)
    images = [replace(i, split="restval") if i.id == "p005" else i for i in world.corpus.images]
    world.corpus = replace(world.corpus, images=tuple(images))
    world.cache = make_cache(tmp_path / "again", world.corpus)
    for restval, captions in (("false", 10), ("true", 12)):
        world.train(tmp_path / restval, f"restval={restval}", "epochs=1")
        assert metrics(tmp_path / restval)[0]["captions"] == captions


def test_standardising_measures_the_training_pictures_alone(tmp_path):
    world = make_world(tmp_path, train=9, val=9, bare=2, failures=("p002",))
    world.train(tmp_path / "run", "standardise=true", "epochs=1")
    ids = [image.id for image in world.corpus.split("train").images if image.id != "p002"]
    features = world.cache.read("pooled", world.cache.rows(ids))[:, 0]
    encoder = load(tmp_path / "run", CPU).task.image
    np.testing.assert_allclose(encoder.mean.numpy(), features.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(encoder.deviation.numpy(), features.std(axis=0), rtol=1e-5)
