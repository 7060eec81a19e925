"""Training: it learns, repeats bit for bit, stops at bad numbers, keeps the best epoch."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from train_fakes import make_cache, make_world, rsum, warmed

from core.errors import CacheError, NumberError, SettingError
from tests.interruption import digests, interrupted_at, metrics
from train.epoch import Epoch
from train.examples.pairs import Pairs
from train.learner import Step
from train.tasks.paired import Paired
from train.trained import load

CPU = torch.device("cpu")


def scripted(*scores):
    """A validation that gives these scores, one an epoch."""
    left = iter(scores)
    return lambda prediction: {"score": next(left)}


def test_a_small_corpus_is_learnt_by_heart(tmp_path):
    world = make_world(tmp_path, train=20, val=2, dim=24)
    rising = iter(range(1000))
    world.train(
        tmp_path / "run",
        "epochs=25",
        "embed_dim=32",
        "standardise=true",
        recipe=warmed(2, same_image_negatives=False),
        validate=lambda _: {"score": float(next(rising))},
    )
    learnt = load(tmp_path / "run", CPU).predict(world.corpus.split("train"), world.sources)
    assert rsum(learnt)["score"] > 590


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path):
    world = make_world(tmp_path, crops=2)
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
    assert long.best == {"score": max(scores)}
    world.train(tmp_path / "short", f"epochs={best}", validate=scripted(*range(1, best + 1)))
    assert digests(tmp_path / "long", "model.safetensors") == digests(
        tmp_path / "short", "model.safetensors"
    )


def test_the_rate_decays_and_the_metrics_tell_it(tmp_path):
    world = make_world(tmp_path)
    world.train(tmp_path / "run", "epochs=5", "schedule.every=2", "decay=0.5")
    rows = metrics(tmp_path / "run")
    assert [row["lr"] for row in rows] == [0.01, 0.01, 0.005, 0.005, 0.0025]
    assert [row["epoch"] for row in rows] == [1, 2, 3, 4, 5]
    assert all(row["examples"] == 40 for row in rows)
    assert all({"loss", "score", "seconds"} <= set(row) for row in rows)


def test_the_first_epochs_use_the_sum_of_hinges(tmp_path):
    world = make_world(tmp_path)
    world.train(tmp_path / "run", "lr=1e-9", "epochs=3", recipe=warmed(2))
    first, second, third = (row["loss"] for row in metrics(tmp_path / "run"))
    assert first == pytest.approx(second, rel=0.2)
    assert first > 2 * third


def test_a_loss_is_told_as_a_mean_that_can_be_compared_between_phases(tmp_path):
    world, told = make_world(tmp_path), []

    def progress(epoch, step, steps, *, loss, mean_loss, examples_per_second, validation):
        told.append((epoch, loss, mean_loss))

    # Each hinge is the margin and a difference of two cosines: as good as the margin alone.
    recipe = warmed(1, margin=1000.0)
    world.train(tmp_path / "run", "epochs=2", "lr=1e-9", recipe=recipe, progress=progress)
    assert [loss for _, loss, _ in told] == pytest.approx([1000.0] * len(told), rel=2e-3)
    first, second = metrics(tmp_path / "run")
    assert first["loss"] > 5 * second["loss"]
    for number, row in enumerate((first, second), start=1):
        steps = [loss for epoch, loss, _ in told if epoch == number]
        assert row["mean_loss"] == pytest.approx(sum(steps) / len(steps))
        assert row["mean_loss"] == [mean for epoch, _, mean in told if epoch == number][-1]


def test_a_state_that_knows_no_means_is_gone_on_with():
    tensors = Epoch([np.arange(2)], losses=[3.0], means=[0.5], rate=0.1, seconds=1.0).tensors()
    assert Epoch.restored(tensors).mean_loss == 0.5
    del tensors["epoch.means"]
    earlier = Epoch.restored(tensors)
    earlier.take(Step(5.0, {"a": 5.0}, 1.0, None, 0.25), 0.1)
    assert (earlier.loss, earlier.mean_loss) == (4.0, 0.25)


def test_a_warm_up_longer_than_the_training_is_all_of_it(tmp_path):
    world = make_world(tmp_path)
    assert world.train(tmp_path / "run", recipe=warmed(9)).epochs == 3


def test_progress_sees_every_step_and_the_last_validation(tmp_path):
    world, seen = make_world(tmp_path), []

    def progress(epoch, step, steps, *, loss, mean_loss, examples_per_second, validation):
        seen.append((epoch, step, steps, dict(validation)))
        assert loss >= 0
        assert examples_per_second > 0

    world.train(tmp_path / "run", "epochs=2", progress=progress, validate=scripted(7.0, 8.0))
    assert [s[:3] for s in seen] == [(e, s, 5) for e in (1, 2) for s in range(1, 6)]
    assert [s[3] for s in seen] == [{}] * 5 + [{"score": 7.0}] * 5


def test_training_is_in_train_mode_again_after_a_validation(tmp_path, monkeypatch):
    world, modes = make_world(tmp_path), []
    forward = Paired.forward

    def watched(self, batch):
        modes.append(all(module.training for module in self.modules()))
        return forward(self, batch)

    monkeypatch.setattr(Paired, "forward", watched)
    world.train(tmp_path / "run")
    assert modes == [True] * 15


def test_a_score_that_is_not_finite_is_an_error(tmp_path):
    world = make_world(tmp_path)
    with pytest.raises(NumberError, match="epoch 2: the validation's score is nan"):
        world.train(tmp_path / "run", validate=scripted(1.0, float("nan")))


def test_batches_of_one_caption_and_of_one_picture_train(tmp_path):
    world = make_world(tmp_path, train=2, val=2, captions=4)
    world.train(tmp_path / "one", "batch_size=1")
    world.train(tmp_path / "same", "batch_size=4", "same_image_negatives=false")


def test_all_ten_crops_train(tmp_path):
    world = make_world(tmp_path, crops=10)
    world.train(tmp_path / "run", "crop=random")


def test_a_cache_of_none_of_these_pictures_is_refused(tmp_path):
    world = make_world(tmp_path, train=20)
    other = [replace(i, id=f"q{i.id}") for i in world.corpus.images]
    others = replace(world.corpus, images=tuple(other))
    world.cache = make_cache(tmp_path / "other", others)
    with pytest.raises(CacheError, match="any of the 40 captions of tiny; run `features`"):
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
    world = make_world(tmp_path, train=6, val=2)
    images = [replace(i, split="restval") if i.id == "p005" else i for i in world.corpus.images]
    world.corpus = replace(world.corpus, images=tuple(images))
    world.cache = make_cache(tmp_path / "again", world.corpus)
    for restval, captions in (("false", 10), ("true", 12)):
        world.train(tmp_path / restval, f"restval={restval}", "epochs=1")
        assert metrics(tmp_path / restval)[0]["examples"] == captions


def test_standardising_measures_the_training_pictures_alone(tmp_path):
    world = make_world(tmp_path, train=9, val=9, bare=2, failures=("p002",))
    world.train(tmp_path / "run", "standardise=true", "epochs=1")
    ids = [image.id for image in world.corpus.split("train").images if image.id != "p002"]
    features = world.cache.read("pooled", world.cache.rows(ids))[:, 0]
    encoder = load(tmp_path / "run", CPU).task.image
    np.testing.assert_allclose(encoder.mean.numpy(), features.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(encoder.deviation.numpy(), features.std(axis=0), rtol=1e-5)


def test_each_step_draws_from_its_own_generator(tmp_path, monkeypatch):
    """A source that varies takes all chance from it, so that a resumed run sees the same."""
    world, drawn = make_world(tmp_path, train=6, val=2), []
    batch = Pairs.batch

    def watched(self, rows, device, draw=None):
        drawn.append(float(draw.random()))
        return batch(self, rows, device, draw)

    monkeypatch.setattr(Pairs, "batch", watched)
    for run, seed in (("a", 0), ("b", 0), ("c", 1)):
        world.train(tmp_path / run, seed=seed)
    first, again, other = drawn[:6], drawn[6:12], drawn[12:]
    assert first == again
    assert len(set(first + other)) == 12
    with pytest.raises(KeyboardInterrupt):
        world.train(tmp_path / "d", progress=interrupted_at(2, 1))
    world.train(tmp_path / "d")
    assert drawn[18:] == [*first[:3], *first[2:]]
