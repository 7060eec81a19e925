"""Captions joined to features by id; padding; reading from RAM or from the map."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from train_fakes import make_cache, make_corpus, make_world

from core.errors import CacheError
from core.plugins import load
from core.records import Caption, Corpus, Image
from core.sources import CacheLayer, StoredVectors
from core.text import PAD, Vocabulary
from train.examples.pairs import Pairs
from train.examples.table import Table
from train.examples.tokens import Tokens

CPU = torch.device("cpu")


def pairs(world, **options):
    words = Vocabulary.build((c.text for c in world.corpus.captions), min_count=1)
    limits = {"max_tokens": 256} | options
    return Pairs(world.corpus, [world.sources["image"]], words, **limits)


def test_tokens_are_padded_to_the_longest_of_the_batch():
    tokens, lengths = Tokens(np.arange(1, 8, dtype=np.int32), np.array([2, 1, 4])).padded([1, 0])
    assert tokens.tolist() == [[3, PAD], [1, 2]]
    assert lengths.tolist() == [1, 2]
    assert tokens.dtype == lengths.dtype == torch.int64


def test_each_caption_gets_its_own_pictures_features(tmp_path):
    world = make_world(tmp_path, train=20, captions=3)
    data = pairs(world)
    batch = data.batch(np.array([59, 0, 4]), CPU)
    for row, caption in enumerate((59, 0, 4)):
        picture = world.corpus.images[world.corpus.owner[caption]].id
        expected = world.cache.read("pooled", world.cache.rows([picture]))[0]
        assert np.array_equal(batch.features[0][row].numpy(), expected)
        assert data.image_id[batch.image[row]] == picture


def test_pictures_without_features_are_left_out_with_their_captions(tmp_path):
    world = make_world(tmp_path, train=10, val=0, captions=2, bare=1, failures=("p003", "p007"))
    data = pairs(world)
    assert len(data.features) == len(data.image_id) == 9
    assert len(data.id) == len(data.owner) == 16
    assert not {"p003#0", "p007#1"} & set(data.id)
    for caption, owner in zip(data.id, data.owner, strict=True):
        assert caption.startswith(data.image_id[owner])


@pytest.mark.parametrize("task", ["paired", "cca"])
def test_words_are_counted_in_the_captions_that_are_trained_on(tmp_path, task):
    world = make_world(tmp_path, train=4, val=0, captions=2, failures=("p001",))
    told = [
        replace(c, text=f"{'unseen' if c.id.startswith('p001') else 'seen'} {c.id}")
        for c in world.corpus.captions
    ]
    part = replace(world.corpus, captions=tuple(told))
    plugin = load("train.tasks", task)
    words = plugin.measure(plugin.Options(min_count=2), part, world.sources).words
    assert "seen" in words.index
    assert "unseen" not in words.index


def test_no_features_at_all_is_an_error(tmp_path):
    world = make_world(tmp_path, train=2, val=0, failures=("p000", "p001"))
    with pytest.raises(CacheError, match="any of the 4 captions of tiny; run `features`"):
        pairs(world)


def test_an_unknown_layer_is_an_error(tmp_path):
    with pytest.raises(CacheError, match="--layer grid"):
        CacheLayer(make_world(tmp_path, train=2).cache, "grid")


def test_long_captions_are_cut_and_counted(tmp_path):
    corpus = make_corpus(tmp_path, train=2, val=0, captions=1)
    long = Caption("p000#long", "word " * 500)
    owned = [(corpus.images[i].id, c) for i, c in zip(corpus.owner, corpus.captions, strict=True)]
    corpus = Corpus.build("long", corpus.images, [*owned, ("p000", long)])
    words = Vocabulary.build((c.text for c in corpus.captions), min_count=1)
    data = Pairs(corpus, [CacheLayer(make_cache(tmp_path, corpus), "pooled")], words, max_tokens=7)
    assert data.notes == ("1 caption of long was cut to 7 words",)
    assert data.tokens.lengths.max() == 9


def test_reading_from_the_map_gives_the_same_numbers_as_from_ram(tmp_path):
    corpus = make_corpus(tmp_path, train=20, val=0)
    source = CacheLayer(make_cache(tmp_path, corpus, crops=3, dtype=np.float16), "pooled")
    rows = np.array([3, 17, 9, 4])
    ram = Table(source, rows)
    mapped = Table(source, rows, ram_bytes=0)
    asked = np.array([2, 2, 0])
    assert torch.equal(ram[asked], mapped[asked])
    assert ram[asked].dtype == mapped[asked].dtype == torch.float32


def test_several_sources_stand_side_by_side(tmp_path):
    corpus = make_corpus(tmp_path, train=7, val=0, captions=1)
    first = CacheLayer(make_cache(tmp_path, corpus, crops=3), "pooled")
    values = np.random.default_rng(4).normal(size=(6, 1, 5)).astype(np.float32)
    second = StoredVectors([image.id for image in corpus.images[1:]], values, {"by": "hand"})
    words = Vocabulary.build((c.text for c in corpus.captions), min_count=1)
    data = Pairs(corpus, [first, second], words, max_tokens=9)
    assert len(data.features) == len(data.id) == 6
    blocks = list(data.features.blocks(4))
    assert [len(block[0]) for block in blocks] == [4, 2]
    assert np.array_equal(torch.cat([block[1] for block in blocks]).numpy(), values)
    batch = data.batch(np.array([5, 0]), CPU)
    assert np.array_equal(batch.features[1].numpy(), values[[5, 0]])
    own = first.read(first.rows(data.image_id[[5, 0]]))
    assert np.array_equal(batch.features[0].numpy(), own)


def test_a_group_is_the_pictures_row_of_the_part_whatever_has_features(tmp_path):
    world = make_world(tmp_path, train=6, val=0, captions=2, failures=("p001",))
    data = pairs(world)
    assert data.group.tolist() == [0, 0, 2, 2, 3, 3, 4, 4, 5, 5]
    assert data.batch(np.array([2, 0]), CPU).image.tolist() == [2, 0]


def test_labels_are_those_of_the_captions_picture(tmp_path):
    world = make_world(tmp_path, train=3, val=0, captions=2)
    labels = {"p000": ("cat",), "p001": (), "p002": ("dog", "cat", "unheard of")}
    images = [Image(i.id, i.place, i.split, labels[i.id]) for i in world.corpus.images]
    world.corpus = replace(world.corpus, images=tuple(images))
    data = pairs(world, classes=("cat", "dog"))
    assert data.image_label.tolist() == [[True, False], [False, False], [True, True]]
    assert data.label.tolist() == [row for row in data.image_label.tolist() for _ in range(2)]
    assert pairs(world).label is pairs(world).image_label is None


class Varying:
    """A source whose training visits differ: what it adds comes from ``draw``."""

    shape, varies = (1, 4), True

    def read(self, rows, draw=None):
        values = np.tile(rows[:, None, None].astype(np.float32), (1, 1, 4))
        return values if draw is None else values + draw.random(values.shape)


def test_a_source_that_varies_is_read_at_each_visit():
    table = Table(Varying(), np.array([5, 7]))
    rows = np.array([1])
    first, again = (table.visit(rows, np.random.default_rng(s)) for s in (0, 0))
    assert torch.equal(first, again)
    assert not torch.equal(first, table.visit(rows, np.random.default_rng(1)))
    assert torch.equal(table[rows], torch.full((1, 1, 4), 7.0))


def test_a_table_without_words_is_said(tmp_path):
    world = make_world(tmp_path, train=3, captions=2)
    texts = [caption.text for caption in world.corpus.captions]
    rare = Vocabulary.build(texts, min_count=10**6)
    data = Pairs(world.corpus, [world.sources["image"]], rare, max_tokens=256)
    (note,) = data.notes
    assert note.startswith(f"every word of {len(texts)} captions of {world.corpus.name} is unknown")
    assert "min_count = 1000000" in note
    assert pairs(world).notes == ()
