"""The bag of words against loops over captions, in float64, and its batches against sets."""

from collections import Counter
from math import log, sqrt

import numpy as np
import pytest
import torch

from core.bag import is_word
from core.plugins import load
from core.text import SPECIALS, UNKNOWN, Vocabulary
from train.samplers.pictures import Pictures

TEXTS = ["two dogs run", "two dogs", "a dog runs", "dogs dogs dogs", "the the"]
WORDS = Vocabulary.build(TEXTS, min_count=1, split="bag")


def padded(texts):
    rows = [WORDS.encode(text, max_tokens=99) for text in texts]
    lengths = torch.tensor([len(row) for row in rows])
    tokens = torch.full((len(rows), int(lengths.max())), 7)
    for row, numbers in enumerate(rows):
        tokens[row, : len(numbers)] = torch.tensor(numbers)
    return tokens, lengths


def build(**options):
    plugin = load("train.encoders.text", "bag")
    torch.manual_seed(0)
    return plugin.build(plugin.Options(**options), words=WORDS, dim=6).double()


def by_loops(encoder, texts, extras, asked, repeats=True):
    """Weights by counting, a vector a caption by adding."""
    captions = [WORDS.encode(text, max_tokens=99)[1:-1] for text in texts]
    having = Counter(number for caption in captions for number in set(caption))
    table = encoder.embedding.weight.detach().numpy()
    made = []
    for text in asked:
        numbers = WORDS.encode(text, max_tokens=99)[1:-1]
        numbers = numbers if repeats else sorted(set(numbers))
        weight = {}
        for number in set(numbers):
            n = min(having[number] or len(texts), len(texts) - 1)
            share = 1.0 if is_word(WORDS.words[number]) else extras
            weight[number] = share * log((1 + len(texts)) / (1 + n))
        length = sqrt(sum(weight[number] ** 2 for number in numbers))
        total = sum(weight[number] / length * table[number] for number in numbers)
        made.append(total)
    return np.array(made)


@pytest.mark.parametrize("repeats", [True, False])
@pytest.mark.parametrize("extras", [0.0, 0.5, 1.0])
def test_idf_equals_the_loops(extras, repeats):
    encoder = build(idf=True, extras=extras, repeats=repeats).eval()
    blocks = [padded(TEXTS[:3]), padded(TEXTS[3:])]
    encoder.prepare(blocks)
    asked = [*TEXTS, "zebra", "two zebras"]
    found = encoder(*padded(asked)).detach().numpy()
    expected = by_loops(encoder, TEXTS, extras, asked, repeats)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_word_that_all_captions_have_weighs_as_one_that_all_but_one_have():
    texts = ["dogs run", "dogs", "two dogs"]
    encoder = build(idf=True, extras=1.0)
    encoder.prepare([padded(texts)])
    found = dict(zip(WORDS.words, encoder.weight.tolist(), strict=True))
    assert found["dogs"] == pytest.approx(log(4 / 3))
    assert found["run"] == pytest.approx(log(4 / 2))
    assert found["the"] == pytest.approx(log(4 / 3))


def test_what_is_measured_comes_back_with_the_state():
    encoder, again = build(idf=True).eval(), build(idf=True).eval()
    encoder.prepare([padded(TEXTS)])
    assert not torch.equal(again(*padded(TEXTS)), encoder(*padded(TEXTS)))
    again.load_state_dict(encoder.state_dict())
    assert torch.equal(again(*padded(TEXTS)), encoder(*padded(TEXTS)))


@pytest.mark.parametrize("spread", [0.02, 3.0])
def test_word_vectors_begin_as_wide_as_is_said(spread):
    torch.manual_seed(0)
    encoder = load("train.encoders.text", "bag")
    made = encoder.build(encoder.Options(spread=spread), words=WORDS, dim=4_000)
    assert made.embedding.weight.std().item() == pytest.approx(spread, rel=0.02)


def test_the_share_of_entries_that_are_left_out():
    encoder = build(entry_dropout=0.8)
    tokens = torch.full((50, 400), len(SPECIALS))
    torch.manual_seed(0)
    kept = encoder._weights(tokens, torch.ones_like(tokens, dtype=torch.bool)) > 0
    assert kept.double().mean().item() == pytest.approx(0.2, abs=0.01)


def test_without_idf_it_is_the_mean():
    encoder = build().eval()
    tokens, lengths = padded(TEXTS)
    for row, found in enumerate(encoder(tokens, lengths)):
        mean = encoder.embedding(tokens[row, : lengths[row]]).mean(0)
        torch.testing.assert_close(found, mean)


def test_without_repeats_and_idf_it_is_the_mean_of_the_different_words():
    encoder = build(repeats=False).eval()
    tokens, lengths = padded(TEXTS)
    for row, found in enumerate(encoder(tokens, lengths)):
        different = torch.unique(tokens[row, : lengths[row]])
        torch.testing.assert_close(found, encoder.embedding(different).mean(0))


def test_entries_are_left_out_at_a_training_visit_alone_and_never_all_of_them():
    encoder = build(entry_dropout=0.9)
    tokens, lengths = padded(["two", *TEXTS] * 20)
    visits = encoder(tokens, lengths), encoder(tokens, lengths)
    assert not torch.equal(*visits)
    assert (visits[0].norm(dim=1) > 0).all()
    encoder.eval()
    assert torch.equal(encoder(tokens, lengths), encoder(tokens, lengths))


def test_word_dropout_makes_words_unknown():
    encoder = build(word_dropout=0.99)
    torch.manual_seed(1)
    tokens, lengths = torch.tensor([[len(SPECIALS)] * 50]), torch.tensor([50])
    vector = encoder(tokens, lengths)[0]
    unknown = encoder.embedding.weight[UNKNOWN]
    assert (vector @ unknown / unknown.norm() / vector.norm()).item() > 0.9


@pytest.mark.parametrize("seed", range(20))
def test_batches_hold_whole_pictures_and_every_caption_once(seed):
    rng = np.random.default_rng(seed)
    group = rng.integers(0, 9, size=int(rng.integers(1, 60)))
    size = int(rng.integers(1, 12))
    sampler = Pictures(group, batch_size=size, seed=seed)
    batches = sampler.batches(1)
    assert sorted(np.concatenate(batches)) == list(range(len(group)))
    assert all(len(batch) for batch in batches)
    held = [set(group[batch]) for batch in batches]
    assert sum(map(len, held)) == len(set(group))
    assert all(
        len(batch) <= size or len(pictures) == 1
        for batch, pictures in zip(batches, held, strict=True)
    )
    orders = [np.concatenate(sampler.batches(epoch)).tolist() for epoch in (1, 2)]
    assert len(set(group)) < 4 or orders[0] != orders[1]
