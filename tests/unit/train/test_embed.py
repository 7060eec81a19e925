"""Embedding does not depend on batches, padding, order or mode."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from train.run import load
from train_fakes import make_cache, make_corpus, make_world

from core.errors import CacheError, NumberError
from core.records import Corpus

CPU = torch.device("cpu")


@pytest.fixture
def trained(tmp_path):
    world = make_world(tmp_path, train=12, val=6, bare=2, captions=3, failures=("p014",))
    world.train(tmp_path / "run")
    return world, load(tmp_path / "run", CPU)


def test_everything_with_features_is_there_in_the_corpus_order(trained):
    world, model = trained
    part = world.corpus.split("val")
    found = model.embed(part, world.cache)
    kept = [image.id for image in part.images if image.id != "p014"]
    assert found.image_id.tolist() == kept
    assert len(kept) == 7
    assert found.caption_id.tolist() == [c.id for c in part.captions if not c.id.startswith("p014")]
    assert found.image_vector.dtype == found.caption_vector.dtype == np.float32
    for caption, owner in zip(found.caption_id, found.owner, strict=True):
        assert caption.startswith(found.image_id[owner])


def test_the_batch_size_changes_nothing_beyond_rounding(trained):
    world, model = trained
    data = model.task.read(world.corpus, world.cache)
    whole = model.task.embed(data)
    for size in (1, 2, 7):
        parts = model.task.embed(data, batch_size=size)
        np.testing.assert_allclose(parts.image_vector, whole.image_vector, atol=1e-6)
        np.testing.assert_allclose(parts.caption_vector, whole.caption_vector, atol=1e-6)


def test_permuted_captions_give_permuted_vectors(trained):
    world, model = trained
    corpus = world.corpus
    order = np.random.default_rng(0).permutation(len(corpus.captions))
    moved = replace(
        corpus, captions=tuple(corpus.captions[i] for i in order), owner=corpus.owner[order]
    )
    here = model.embed(corpus, world.cache)
    there = model.embed(moved, world.cache)
    position = {caption: row for row, caption in enumerate(here.caption_id)}
    rows = [position[caption] for caption in there.caption_id]
    np.testing.assert_allclose(there.caption_vector, here.caption_vector[rows], atol=1e-6)
    assert np.array_equal(there.owner, here.owner[rows])


def test_embedding_puts_the_mode_back(trained):
    world, model = trained
    data = model.task.read(world.corpus, world.cache)
    for mode in (True, False):
        model.task.train(mode)
        model.task.embed(data)
        assert all(module.training is mode for module in model.task.modules())


def test_a_broken_weight_is_an_error(trained):
    world, model = trained
    model.task.image.project.bias.data[0] = float("nan")
    with pytest.raises(NumberError, match="not finite"):
        model.embed(world.corpus, world.cache)


def test_another_cache_is_refused(trained, tmp_path):
    world, model = trained
    other = make_cache(tmp_path / "other", world.corpus, fields="other")
    with pytest.raises(CacheError, match=f"{world.cache.key[:8]}.*{other.key[:8]}"):
        model.embed(world.corpus, other)


def test_another_corpus_is_refused(trained, tmp_path):
    world, model = trained
    other = make_corpus(tmp_path, train=30)
    with pytest.raises(CacheError, match="made from another corpus: 16 of the 36.*'p020'"):
        model.embed(other, world.cache)


def test_a_picture_file_that_changed_is_refused(trained):
    world, model = trained
    picture = world.corpus.images[0]
    picture.path.parent.mkdir()
    picture.path.write_bytes(picture.id.encode())
    model.embed(world.corpus, world.cache)
    picture.path.write_bytes(b"another picture")
    with pytest.raises(CacheError, match="another file for 'p000'"):
        model.embed(world.corpus, world.cache)


def test_a_split_of_pictures_in_another_order_is_joined_by_id(trained):
    world, model = trained
    part = world.corpus.split("val")
    whole, alone = model.embed(world.corpus, world.cache), model.embed(part, world.cache)
    rows = [whole.image_id.tolist().index(i) for i in alone.image_id]
    np.testing.assert_allclose(alone.image_vector, whole.image_vector[rows], atol=1e-6)
    assert isinstance(part, Corpus)
