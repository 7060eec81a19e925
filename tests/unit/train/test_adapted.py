"""Stored vectors on both sides: joined by id, mixed in training, refused where they do not fit."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from train_fakes import make_corpus

from core.errors import CacheError, NumberError
from core.records import Caption
from core.sources import CAPTIONS, StoredVectors, text_sha256
from evaluate.judge import judge
from tests.interruption import assert_same_run, interrupted_at
from tests.tiny import CPU
from train.examples.vectors import VectorPairs
from train.plan import Plan
from train.recipe import resolve
from train.trained import load
from train.training import train

SMALL = ("epochs=4", "batch_size=13", "embed_dim=6", "image.depth=1", "text.depth=1")
DRY = ("image.inner_dropout=0", "text.inner_dropout=0")
RECIPE = {"task": {"name": "adapted", "mixup": 1.0}}


def vectors(ids, shape, made_by, **more):
    values = [np.random.default_rng(list(i.encode())).normal(size=shape) for i in ids]
    return StoredVectors(ids, np.array(values, dtype=np.float32), made_by, **more)


def sources_of(corpus):
    captions = corpus.captions
    return {
        "image": vectors([image.id for image in corpus.images], (2, 7), {"by": "hand"}),
        "text": vectors(
            [caption.id for caption in captions],
            (1, 5),
            {"by": "hand", **CAPTIONS},
            digests=[text_sha256(caption.text) for caption in captions],
        ),
    }


@pytest.fixture
def corpus(tmp_path):
    return make_corpus(tmp_path, train=16, val=6, captions=3, bare=1)


def fit(corpus, run, *assignments, sources=None, progress=lambda *_, **__: None):
    plan = Plan.of(corpus, sources or sources_of(corpus), resolve(RECIPE, [*SMALL, *assignments]))
    return train(
        plan,
        run,
        device=CPU,
        validate=lambda prediction: judge(prediction).scores(),
        progress=progress,
        given={},
    )


def with_text(corpus, row, text):
    captions = list(corpus.captions)
    captions[row] = Caption(captions[row].id, text)
    return replace(corpus, captions=tuple(captions))


def test_each_caption_gets_its_own_vector_and_its_pictures(corpus):
    sources = sources_of(corpus)
    data = VectorPairs(corpus, [sources["image"]], [sources["text"]])
    batch = data.batch(np.array([40, 0, 7]), CPU)
    for row, caption in enumerate((40, 0, 7)):
        item, image = corpus.captions[caption].id, corpus.images[corpus.owner[caption]].id
        text = sources["text"].read(sources["text"].rows([item]))[0]
        assert np.array_equal(batch.texts[0][row].numpy(), text)
        picture = sources["image"].read(sources["image"].rows([image]))[0]
        assert np.array_equal(batch.features[0][row].numpy(), picture)
        assert data.image_id[batch.image[row]] == image
    assert len(data.texts) == len(corpus.captions) == len(data.id)


def test_a_caption_without_a_vector_is_refused(corpus):
    sources = sources_of(corpus)
    more = replace(
        corpus,
        captions=(*corpus.captions, Caption("new#0", "a new one")),
        owner=np.append(corpus.owner, 3),
    )
    told = r"1 caption of the 67 of tiny have no stored vector, first 'new#0'; make them"
    with pytest.raises(CacheError, match=told):
        VectorPairs(more, [sources["image"]], [sources["text"]])


def test_a_vector_of_another_sentence_is_refused(corpus):
    sources = sources_of(corpus)
    edited = with_text(corpus, 5, "something else")
    told = rf"1 caption of tiny are of other sentences .*first '{corpus.captions[5].id}'; make"
    with pytest.raises(CacheError, match=told):
        VectorPairs(edited, [sources["image"]], [sources["text"]])


def test_captions_of_pictures_without_features_need_no_vector(corpus):
    sources = sources_of(corpus)
    kept = [image.id for image in corpus.images[1:]]
    text = sources["text"]
    few = {
        "image": vectors(kept, (2, 7), {"by": "hand"}),
        "text": StoredVectors(text.ids[3:], text.values[3:], text.made_by),
    }
    data = VectorPairs(corpus, [few["image"]], [few["text"]])
    assert len(data.id) == len(corpus.captions) - 3
    assert corpus.images[0].id not in data.image_id


def test_a_caption_that_is_called_like_a_picture_is_no_picture(corpus, tmp_path):
    sources = sources_of(corpus)
    text = sources["text"]
    named = StoredVectors(
        [corpus.images[0].id, *text.ids[1:]], text.values, text.made_by, digests=["1" * 64] * 66
    )
    seen = Plan.of(corpus, {**sources, "text": named}, resolve(RECIPE)).seen
    assert seen == Plan.of(corpus, sources, resolve(RECIPE)).seen


def test_a_training_visit_has_half_the_rows_and_one_at_test_has_all(corpus, tmp_path):
    recipe = resolve(RECIPE, SMALL)
    task = recipe.part("task")
    part, sources = corpus.split("train"), sources_of(corpus)
    model = task.build(recipe, task.measure(recipe.task, part, sources), {})
    data = model.read(part, sources)
    batch = data.batch(np.arange(9), CPU)
    assert {len(output) for output in model.train()(batch).values()} == {4}
    assert {len(output) for output in model.eval()(batch).values()} == {9}
    alone = data.batch(np.arange(1), CPU)
    assert {len(output) for output in model.train()(alone).values()} == {1}


def test_both_sides_are_mixed_before_they_are_encoded(corpus):
    recipe = resolve(RECIPE, SMALL)
    task = recipe.part("task")
    part, sources = corpus.split("train"), sources_of(corpus)
    model = task.build(recipe, task.measure(recipe.task, part, sources), {})
    given = {}
    for side in ("image", "text"):
        encoder = getattr(model, side)
        encoder.register_forward_pre_hook(lambda _, values, s=side: given.update({s: values[0]}))
    data = model.read(part, sources)
    batch = data.batch(np.arange(8), CPU)
    model.train()(batch)
    shares = [
        (given[side] - whole[4:]) / (whole[:4] - whole[4:])
        for side, (whole,) in (("image", batch.features), ("text", batch.texts))
    ]
    share = float(shares[0].median())
    for each in shares:
        torch.testing.assert_close(each, torch.full_like(each, share), rtol=1e-3, atol=1e-3)


def test_the_batch_size_of_a_prediction_changes_nothing_beyond_rounding(corpus, tmp_path):
    fit(corpus, tmp_path / "run")
    model, sources = load(tmp_path / "run", CPU), sources_of(corpus)
    data = model.task.read(corpus, sources)
    whole = model.task.predict(data)
    assert whole.image.id.tolist() == [image.id for image in corpus.images]
    for size in (1, 7):
        parts = model.task.predict(data, batch_size=size)
        np.testing.assert_allclose(parts.image.value, whole.image.value, atol=1e-6)
        np.testing.assert_allclose(parts.caption.value, whole.caption.value, atol=1e-6)


@pytest.mark.parametrize("moment", [(1, 1), (2, 3), (4, 2)])
def test_resumed_equals_uninterrupted(corpus, tmp_path, moment):
    fit(corpus, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        fit(corpus, tmp_path / "run", progress=interrupted_at(*moment))
    fit(corpus, tmp_path / "run")
    assert_same_run(tmp_path / "run", tmp_path / "whole")


def test_a_vector_that_breaks_a_mixed_batch_is_an_error_with_ids(corpus, tmp_path):
    sources = sources_of(corpus)
    sources["text"].values[:] = 3e38
    with pytest.raises(NumberError, match=r"step 1: the loss is .* on 'p0.*lower lr"):
        fit(corpus, tmp_path / "run", "text.normalise=false", sources=sources)


def test_a_text_encoder_other_than_the_trained_one_is_refused(corpus, tmp_path):
    fit(corpus, tmp_path / "run")
    sources = sources_of(corpus)
    text = sources["text"]
    other = StoredVectors(text.ids, text.values, {"by": "another", **CAPTIONS})
    with pytest.raises(CacheError, match=r"source 'text': .*by 'another' \(trained on: 'hand'\)"):
        load(tmp_path / "run", CPU).predict(corpus.split("val"), {**sources, "text": other})


@pytest.mark.parametrize("mode", [True, False])
def test_a_picture_encoded_once_is_the_same_as_one_a_row(corpus, mode):
    part, sources = corpus.split("train"), sources_of(corpus)
    outputs = []
    for each in ("row", "once"):
        recipe = resolve(RECIPE, [*SMALL, *DRY, f"task.each_picture={each}"])
        task = recipe.part("task")
        torch.manual_seed(3)
        model = task.build(recipe, task.measure(recipe.task, part, sources), {}).train(mode)
        counted = []
        model.image.register_forward_pre_hook(lambda _, given, c=counted: c.append(len(given[0])))
        outputs.append(model(model.read(part, sources).batch(np.arange(12), CPU)))
        # Of four pictures with three captions each the halves are two pairs of pictures.
        assert counted == [{"row": 12, "once": 4}[each] // (2 if mode else 1)]
    for name, value in outputs[0].items():
        torch.testing.assert_close(value, outputs[1][name])
