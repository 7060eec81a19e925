"""A CNN that learns: each picture once, read ahead, from a run's weights; against the plain way."""

import shutil
import threading
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn.functional import normalize

from core.errors import InputError, RunError, SettingError
from core.sources import StoredVectors
from evaluate.judge import judge
from tests.interruption import assert_same_run, interrupted_at
from tests.pictured import pictured, two_layers
from tests.tiny import CPU
from train.ahead import ahead
from train.building import build, build_task, seeded
from train.checkpoint import read_best
from train.identity import read_config
from train.learner import Learner, under
from train.measured import Measured
from train.opened import open_run
from train.origins import INSTEAD, SAID, features_of, origins, tunes
from train.plan import Plan
from train.recipe import resolve
from train.seen import Seen
from train.start import Start
from train.trained import load
from train.training import train

SETTINGS = {
    "epochs": 2,
    "batch_size": 6,
    "task": {"name": "tuned", "embed_dim": 6, "min_count": 1},
    "text": {"name": "gru", "word_dim": 4},
}


@pytest.fixture
def built(tmp_path):
    corpus, sources, modules = pictured(tmp_path / "pictures")
    with seeded(0, CPU):
        return build(Plan.of(corpus, sources, resolve(SETTINGS)), modules, CPU)


def begun(run):
    config = read_config(run)
    opened = open_run(run)
    decides = {"model": opened.record.model_sha256}
    return Start(run, decides, Measured.read(run, config["measured"]), opened.seen)


def fit(folder, run, *, settings=None, start=None, sources=None, modules=None, **more):
    corpus, own, cnn = pictured(folder)
    train(
        Plan.of(corpus, sources or own, resolve(settings or SETTINGS), 0, start),
        run,
        device=CPU,
        validate=lambda prediction: judge(prediction).scores(),
        given={},
        modules=modules or cnn,
        **{"progress": lambda *_, **__: None, **more},
    )
    return run


def test_the_gradient_is_that_of_every_row_through_a_plain_network(built):
    """Float64; each picture stands in the batch as often as it has captions."""
    task, data = built.learner.task.double().train(), built.data.train
    plain, loss = two_layers().double(), built.learner.losses["hinge"].double()
    rows = np.array([7, 0, 1, 6, 3])
    batch = data.batch(rows, CPU, np.random.default_rng(3))
    assert len(batch.features[0]) == 3  # captions 0 and 1 are of one picture, 6 and 7 too
    batch = batch._replace(features=tuple(each.double() for each in batch.features))
    outputs = task(batch)
    loss(**{name: outputs[name] for name in ("image", "caption", "image_id")}).sum().backward()
    of_row = torch.tensor([2, 0, 0, 2, 1])
    seen = plain(batch.features[0][of_row])
    image = normalize(task.image.project(normalize(seen, dim=1)), dim=1)
    caption = normalize(task.text(batch.tokens, batch.lengths), dim=1)
    torch.testing.assert_close(outputs["image"], image)
    loss(image=image, caption=caption, image_id=batch.image).sum().backward()
    for ours, theirs in zip(task.cnn.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-10, atol=1e-12)


def test_what_was_read_ahead_is_what_is_read_when_it_is_asked_for(built):
    data, batches = built.data.train, [np.array([0, 1, 4]), np.array([9, 2]), np.array([3])]

    def draw(number):
        return np.random.default_rng((1, number))

    plain = [data.batch(rows, CPU, draw(n)) for n, rows in enumerate(batches)]
    data.coming((rows, draw(n)) for n, rows in enumerate(batches))
    early = [data.batch(rows, CPU, draw(n)) for n, rows in enumerate(batches)]
    data.coming((rows, draw(n)) for n, rows in enumerate(batches))
    other = [data.batch(batches[n], CPU, draw(n)) for n in (0, 2, 1)]
    data.coming((rows, draw(7)) for rows in batches)
    drawn = [data.batch(rows, CPU, draw(n)) for n, rows in enumerate(batches)]
    for found in (early, [other[0], other[2], other[1]], drawn):
        for ours, theirs in zip(found, plain, strict=True):
            assert torch.equal(ours.features[0], theirs.features[0])
    still = data.batch(batches[0], CPU)
    assert not torch.equal(still.features[0], plain[0].features[0])


def test_the_next_is_made_while_one_is_used_and_no_thread_is_left():
    made, more = [], threading.Event()

    def items():
        for number in range(3):
            made.append(number)
            if number == 1:
                more.set()
            yield number

    found, before = ahead(items()), threading.active_count()
    assert made == []
    assert next(found) == 0
    assert more.wait(timeout=60)
    assert list(found) == [1, 2]
    assert threading.active_count() == before


def test_an_error_is_raised_in_its_place():
    def items():
        yield 1
        raise InputError("gone; put it back")

    found = ahead(items())
    assert next(found) == 1
    with pytest.raises(InputError, match="gone"):
        next(found)


def test_a_picture_that_is_gone_ends_the_training_at_its_step(tmp_path):
    corpus, sources, modules = pictured(tmp_path / "pictures")
    (tmp_path / "pictures" / "3.png").unlink()
    with pytest.raises(InputError, match=r"3\.png"):
        fit(tmp_path / "again", tmp_path / "run", sources=sources, modules=modules)


def test_a_run_begins_with_the_weights_and_the_words_of_another(tmp_path):
    first = fit(tmp_path / "p", tmp_path / "first")
    start = begun(first)
    corpus, sources, modules = pictured(tmp_path / "p")
    with torch.no_grad():
        modules["cnn"][0].bias += 1
    rare = {**SETTINGS, "task": {**SETTINGS["task"], "min_count": 99}}
    plan = Plan.of(corpus, sources, resolve(SETTINGS), 1, start)
    assert Plan.of(corpus, sources, resolve(SETTINGS), 1).key != plan.key
    assert plan.measure().words == start.measured.words
    assert Plan.of(corpus, sources, resolve(rare), 1, start).measure().words == plan.measure().words
    assert Plan.of(corpus, sources, resolve(rare), 1).measure().words != plan.measure().words
    with seeded(1, CPU):
        made = build(plan, modules, CPU)
        made.learner.begin(made.data.train, {}, start)
    then = load(first, CPU, modules).task.state_dict()
    for name, weight in made.learner.task.state_dict().items():
        own = modules["cnn"].state_dict().get(name.removeprefix("cnn."))
        assert torch.equal(weight, own if name.startswith("cnn.") else then[name]), name


def test_what_began_with_a_run_goes_on_inside_an_epoch_bit_for_bit(tmp_path):
    """The CNN's weights, the order and the augmentation's draws; the run is not read again."""
    start = begun(fit(tmp_path / "p", tmp_path / "first"))
    fit(tmp_path / "p", tmp_path / "whole", start=start)
    stop = interrupted_at(2, 1)
    with pytest.raises(KeyboardInterrupt):
        fit(tmp_path / "p", tmp_path / "run", start=start, progress=stop, save_every=0.0)
    shutil.move(tmp_path / "first", tmp_path / "elsewhere")
    fit(tmp_path / "p", tmp_path / "run", start=start, save_every=0.0)
    assert_same_run(tmp_path / "run", tmp_path / "whole")


def test_encoders_of_another_shape_are_refused(tmp_path):
    first = fit(tmp_path / "p", tmp_path / "first")
    wider = {**SETTINGS, "task": {**SETTINGS["task"], "embed_dim": 7}}
    with pytest.raises(SettingError, match="leave out .*embed_dim"):
        fit(tmp_path / "p", tmp_path / "second", settings=wider, start=begun(first))
    other = {**SETTINGS, "image": {"name": "mlp"}}
    with pytest.raises(SettingError, match=r"only one of the two has image\."):
        fit(tmp_path / "p", tmp_path / "second", settings=other, start=begun(first))
    assert not (tmp_path / "second" / "last.json").exists()


def test_a_run_that_has_changed_since_is_refused(tmp_path):
    first = fit(tmp_path / "p", tmp_path / "first")
    start = replace(begun(first), identity={"model": "0" * 64})
    with pytest.raises(RunError, match="run the same command again"):
        fit(tmp_path / "p", tmp_path / "second", start=start)


def test_what_the_run_has_seen_counts_as_seen():
    ours = Seen([("a", "1"), ("b", "2")], [("v", "3")], {"train": "x"}, ("train",))
    former = Seen([("a", "1"), ("z", "9")], [("w", "4")], {"train": "y"}, ("train", "restval"))
    both = ours.joined(former)
    assert both.train == [("a", "1"), ("b", "2"), ("z", "9")]
    assert both.val == [("v", "3"), ("w", "4")]
    assert (both.captions, both.splits) == (ours.captions, ours.splits)
    assert both.trained_on([("other", "9")]) == ["other"]


class Still(torch.nn.Sequential):
    def train(self, mode=True):
        return super().train(False)


def test_a_batch_norm_that_stays_in_eval_mode_measures_nothing(tmp_path):
    corpus, sources, _ = pictured(tmp_path / "pictures")
    layers = torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.AdaptiveAvgPool2d(1)
    for kind, moves in ((Still, False), (torch.nn.Sequential, True)):
        cnn = kind(*layers, torch.nn.Flatten())
        with seeded(0, CPU):
            learner: Learner = build(
                Plan.of(corpus, sources, resolve(SETTINGS)), {"cnn": cnn}, CPU
            ).learner
        learner.enter(learner.phases[0])
        learner.train()
        assert learner.task.cnn[1].training is moves
        assert learner.task.cnn[1].weight.requires_grad


def test_a_finished_run_is_asked_with_features_and_needs_no_cnn(tmp_path):
    """Those of its own network give what its pixels give."""
    run = fit(tmp_path / "p", tmp_path / "run", start=begun(_of_features(tmp_path)))
    corpus, sources, modules = pictured(tmp_path / "p")
    config, part = read_config(run), corpus.split("val")
    recipe = resolve(config["identity"]["settings"])
    measured = Measured.read(run, config["measured"])
    trained = load(run, CPU)
    assert trained.task.cnn is None
    with seeded(0, CPU):
        whole = build_task(recipe, measured, modules)
    whole.load_state_dict(under("task.", read_best(run)[1]))
    ids = [image.id for image in part.images]
    pixels = sources["image"].read(sources["image"].rows(ids))
    with torch.no_grad():
        values = whole.cnn(torch.from_numpy(pixels)).unsqueeze(1).numpy()
    stored = {"image": StoredVectors(ids, values, {"layer": "pooled"})}
    ours = trained.task.predict(trained.task.read(part, stored))
    theirs = whole.predict(whole.read(part, sources))
    np.testing.assert_allclose(ours.image.value, theirs.image.value, atol=1e-6)
    np.testing.assert_array_equal(ours.caption.value, theirs.caption.value)


def _of_features(folder):
    """A run whose measured shape is that of features, as that of a cache is."""
    first = fit(folder / "p", folder / "first")
    start = begun(first)
    shaped = replace(start.measured, shapes={"image": (1, 5)})
    return fit(folder / "p", folder / "second", start=replace(start, measured=shaped))


def test_without_a_cnn_pixels_are_refused(tmp_path):
    corpus, sources, _ = pictured(tmp_path / "pictures")
    with pytest.raises(SettingError, match="modules"):
        build(Plan.of(corpus, sources, resolve(SETTINGS)), {}, CPU)


def test_what_is_asked_is_said_once_all_is_done(tmp_path):
    source = {"encoder": "e", "made_by": {"layers": {"pooled": [5]}}, "settings": {"crops": 10}}
    config = {"sources": {"image": {"encoder": "p", "made_by": {}, "settings": {INSTEAD: source}}}}
    cached = {"sources": {"image": source}}
    assert (tunes(config), tunes(cached)) == (True, False)
    assert features_of(config) == features_of(cached) == cached["sources"]
    assert origins(tmp_path, cached) == cached["sources"]
    with pytest.raises(RunError, match="go on with the same `train`"):
        origins(tmp_path, config)
    (tmp_path / SAID).write_text("{}")
    with pytest.raises(RunError, match="is damaged"):
        origins(tmp_path, config)
