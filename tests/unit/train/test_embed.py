"""Predicting does not depend on batches, padding, order, mode or corpus."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from train_fakes import World, make_cache, make_corpus, make_world

from core.errors import CacheError, NumberError
from core.records import Corpus
from train.trained import load

CPU = torch.device("cpu")


@pytest.fixture
def trained(tmp_path):
    world = make_world(tmp_path, train=12, val=6, bare=2, captions=3, failures=("p014",))
    world.train(tmp_path / "run")
    return world, load(tmp_path / "run", CPU)


def test_everything_with_features_is_there_in_the_corpus_order(trained):
    world, model = trained
    part = world.corpus.split("val")
    found = model.predict(part, world.sources)
    kept = [image.id for image in part.images if image.id != "p014"]
    assert found.image.id.tolist() == kept
    assert len(kept) == 7
    assert found.caption.id.tolist() == [c.id for c in part.captions if not c.id.startswith("p014")]
    assert found.image.value.dtype == found.caption.value.dtype == np.float32
    for caption, owner in zip(found.caption.id, found.owner, strict=True):
        assert caption.startswith(found.image.id[owner])


def test_the_batch_size_changes_nothing_beyond_rounding(trained):
    world, model = trained
    data = model.task.read(world.corpus, world.sources)
    whole = model.task.predict(data)
    for size in (1, 2, 7):
        parts = model.task.predict(data, batch_size=size)
        np.testing.assert_allclose(parts.image.value, whole.image.value, atol=1e-6)
        np.testing.assert_allclose(parts.caption.value, whole.caption.value, atol=1e-6)


def test_permuted_captions_give_permuted_vectors(trained):
    world, model = trained
    corpus = world.corpus
    order = np.random.default_rng(0).permutation(len(corpus.captions))
    moved = replace(
        corpus, captions=tuple(corpus.captions[i] for i in order), owner=corpus.owner[order]
    )
    here = model.predict(corpus, world.sources)
    there = model.predict(moved, world.sources)
    position = {caption: row for row, caption in enumerate(here.caption.id)}
    rows = [position[caption] for caption in there.caption.id]
    np.testing.assert_allclose(there.caption.value, here.caption.value[rows], atol=1e-6)
    assert np.array_equal(there.owner, here.owner[rows])


def test_predicting_puts_the_mode_back(trained):
    world, model = trained
    data = model.task.read(world.corpus, world.sources)
    for mode in (True, False):
        model.task.train(mode)
        model.task.predict(data)
        assert all(module.training is mode for module in model.task.modules())


def test_a_broken_weight_is_an_error(trained):
    world, model = trained
    model.task.image.project.bias.data[0] = float("nan")
    with pytest.raises(NumberError, match="not finite"):
        model.predict(world.corpus, world.sources)


def test_another_encoder_is_refused_with_both_sides_named(trained, tmp_path):
    world, model = trained
    other = World(world.corpus, make_cache(tmp_path / "other", world.corpus, fields="other"))
    with pytest.raises(CacheError, match="x 'other' .trained on: 'f'.*or train on these"):
        model.predict(world.corpus, other.sources)


def test_another_corpus_of_the_same_encoder_is_predicted(trained, tmp_path):
    world, model = trained
    corpus = make_corpus(tmp_path, train=30)
    other = World(corpus, make_cache(tmp_path / "other", corpus))
    found = model.predict(corpus, other.sources)
    assert found.image.id.tolist() == [image.id for image in corpus.images]
    assert len(found.caption.id) == len(corpus.captions)
    here = model.predict(world.corpus, world.sources)
    rows = [found.image.id.tolist().index(i) for i in here.image.id]
    np.testing.assert_allclose(found.image.value[rows], here.image.value, atol=1e-6)


def test_a_split_of_pictures_in_another_order_is_joined_by_id(trained):
    world, model = trained
    part = world.corpus.split("val")
    whole, alone = (model.predict(c, world.sources) for c in (world.corpus, part))
    rows = [whole.image.id.tolist().index(i) for i in alone.image.id]
    np.testing.assert_allclose(alone.image.value, whole.image.value[rows], atol=1e-6)
    assert isinstance(part, Corpus)
