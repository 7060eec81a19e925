"""Examples that stay on a device give the batches and the weights that they give read each time."""

import numpy as np
import pytest
import torch
from train_fakes import make_cache, make_corpus

import train.examples.table
from core.errors import NumberError
from core.sources import CacheLayer, StoredVectors
from core.text import Vocabulary
from tests.tiny import CPU, fit, world
from train.building import build
from train.examples import there
from train.examples.pairs import Pairs
from train.examples.vectors import VectorPairs
from train.examples.visits import Visits
from train.plan import Plan
from train.recipe import resolve
from train.record import MODEL

ROWS = np.array([5, 0, 3, 3, 12])
PAIRED = ("min_count=1", "embed_dim=6", "text.word_dim=4", "batch_size=7", "epochs=2")
ADAPTED = ("embed_dim=6", "batch_size=7", "epochs=2")


def pairs(folder, dtype=np.float32, kind=Pairs, ram=None):
    """Of twenty pictures two sources, of which the first is of ``dtype``."""
    corpus = make_corpus(folder, train=20, val=0)
    first = CacheLayer(make_cache(folder, corpus, crops=3, dtype=dtype), "pooled")
    values = np.random.default_rng(4).normal(size=(20, 1, 5)).astype(np.float32)
    second = StoredVectors([image.id for image in corpus.images], values, {"by": "hand"})
    words = Vocabulary.build((c.text for c in corpus.captions), min_count=1)
    with pytest.MonkeyPatch.context() as patch:
        if ram is not None:
            patch.setattr(train.examples.table, "RAM_BYTES", ram)
        return kind(corpus, [first, second], words, max_tokens=9)


def assert_same_batch(ours, plain):
    for one, other in zip(ours, plain, strict=True):
        if isinstance(one, tuple):
            assert_same_batch(one, other)
        else:
            assert one.dtype == other.dtype
            assert torch.equal(one, other)


@pytest.mark.parametrize("ram", [None, 0])
@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_pairs_on_a_device_give_the_same_batches(tmp_path, monkeypatch, dtype, ram):
    monkeypatch.setattr(train.examples.table, "BLOCK_BYTES", 300)  # a block is of a few rows
    data = pairs(tmp_path, dtype, ram=ram)
    plain = data.batch(ROWS, CPU, np.random.default_rng(0))
    data.reside(CPU)
    assert_same_batch(data.batch(ROWS, CPU, np.random.default_rng(0)), plain)
    assert_same_batch(data.batch(ROWS[:1], CPU), type(plain)(*data_rows(plain, 1)))


def data_rows(batch, many):
    """The first rows of a batch, without what is padded alone by then."""
    features = tuple(source[:many] for source in batch.features)
    longest = int(batch.lengths[:many].max())
    return features, batch.tokens[:many, :longest], batch.lengths[:many], batch.image[:many]


def test_vectors_on_a_device_give_the_same_batches(tmp_path):
    corpus, sources, _ = world(resolve({"task": {"name": "adapted"}}), tmp_path)
    data = VectorPairs(corpus, [sources["image"]], [sources["text"]])
    plain = data.batch(ROWS, CPU)
    data.reside(CPU)
    assert_same_batch(data.batch(ROWS, CPU), plain)


def test_values_stay_as_they_are_stored(tmp_path):
    data = pairs(tmp_path, np.float16)
    first, second = data.features.on(CPU)
    assert (first.dtype, second.dtype) == (torch.float16, torch.float32)
    assert data.features.nbytes == first.nbytes + second.nbytes
    assert data.resident_bytes() > data.features.nbytes + data.tokens.flat.nbytes


def test_they_are_put_there_where_they_fit_into_half_of_what_is_free(tmp_path, monkeypatch):
    data = pairs(tmp_path)
    for free, fits in ((2 * data.resident_bytes() - 2, False), (2 * data.resident_bytes(), True)):
        monkeypatch.setattr(there, "free_bytes", lambda device, free=free: free)
        assert there.settle(data, CPU) == fits
        assert (data._there is not None) == fits


def test_nothing_is_put_on_a_cpu(tmp_path):
    data = pairs(tmp_path)
    assert there.free_bytes(CPU) == 0
    assert not there.settle(data, CPU)
    assert data._there is None


def test_what_varies_or_is_dear_to_read_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(there, "free_bytes", lambda device: 1 << 40)
    data = pairs(tmp_path)
    monkeypatch.setattr(data.features._tables[1]._source, "varies", True)
    visits = pairs(tmp_path / "again", kind=Visits)
    assert not there.settle(data, CPU)
    assert not there.settle(visits, CPU)
    assert not there.settle(object(), CPU)


def test_a_value_that_is_not_finite_is_named_on_its_way(tmp_path):
    data = pairs(tmp_path, ram=0)
    source = data.features._tables[1]._source
    source.values[7, 0, 2] = np.inf
    with pytest.raises(NumberError, match=r"the stored vectors .* of 1 item: 'p007'"):
        data.reside(CPU)


@pytest.mark.parametrize(
    ("recipe", "more"),
    [
        ({}, (*PAIRED, "image.crop=random", "image.dropout=0.3", "text.word_dropout=0.2")),
        ({}, (*PAIRED, "image.crop=mixture", "each_picture=once", "mixup=0.5")),
        ({"task": {"name": "adapted", "mixup": 1.0}}, ADAPTED),
    ],
)
def test_a_training_is_the_same_to_the_bit(tmp_path, monkeypatch, recipe, more):
    asked, own = resolve(recipe, more), there.settle
    settled = []
    monkeypatch.setattr("train.building.settle", lambda *given: settled.append(own(*given)))
    fit(asked, tmp_path, tmp_path / "plain")
    monkeypatch.setattr(there, "free_bytes", lambda device: 1 << 40)
    fit(asked, tmp_path, tmp_path / "there")
    assert settled == [False, True]
    plain, ours = (tmp_path / name / MODEL for name in ("plain", "there"))
    assert plain.read_bytes() == ours.read_bytes()


def test_what_is_solved_in_closed_form_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(there, "free_bytes", lambda device: 1 << 40)
    recipe = resolve({"task": {"name": "cca"}}, ["min_count=1"])
    corpus, sources, modules = world(recipe, tmp_path)
    data = build(Plan.of(corpus, sources, recipe), modules, CPU).data
    assert data.train._there is None
