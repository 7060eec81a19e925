"""The text encoder ``vectors`` against loops in float64, and sums of two encoders."""

import numpy as np
import pytest
import torch

from core.bag import entries
from core.text import SPECIALS, UNKNOWN, Vocabulary
from core.wordvectors import vector_text
from train.encoders.text import bag, vectors
from train.encoders.text._words import words_alone
from train.recipe import resolve

CAPTIONS = ["A dog runs on grass", "two dogs", "the red dog, running", "zebra", "", "a a a dog"]
DIM = 5


def vocabulary(split):
    return Vocabulary.build([*CAPTIONS[:3], *CAPTIONS[5:]], min_count=1, split=split)


def padded(words, captions=CAPTIONS):
    rows = [words.encode(text, max_tokens=50) for text in captions]
    width = max(map(len, rows)) + 3
    tokens = torch.full((len(rows), width), 4)
    for row, tokens_of in zip(tokens, rows, strict=True):
        row[: len(tokens_of)] = torch.tensor(tokens_of)
    return tokens, torch.tensor([len(row) for row in rows])


def word_file(folder, *, scale=1.0, width=3, name="v.vec"):
    path = folder / name
    words = ["dog", "dogs", "grass", "runs", "a", "elsewhere"]
    draw = np.random.default_rng(width)
    values = (scale * draw.normal(size=(6, width)) + 1).astype(np.float32)
    path.write_bytes(vector_text(words, values))
    return path


def built(options, words):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        encoder = vectors.build(vectors.Options(**options), words=words, dim=DIM)
    encoder.table.take_files({})
    return encoder.eval()


def slow_block(path, words, scale):
    """Word -> its vector, scaled so that all numbers of the words found deviate by ``scale``."""
    lines = [line.split() for line in path.read_text().splitlines()[1:]]
    every = {word: np.array(row, dtype=np.float64) for word, *row in lines}
    known = {word: every[word] for word in words.words if word in every}
    flat = np.concatenate(list(known.values()))
    deviation = np.sqrt(((flat - flat.mean()) ** 2).mean())
    factor = scale / deviation if scale else 1.0
    return {word: row * factor for word, row in known.items()}, len(lines[0]) - 1


def slow(encoder, text, words, files, options):
    """(D,) float64 of one caption, from its text."""
    weights = {name: value.double().numpy() for name, value in encoder.state_dict().items()}
    found = entries(text)
    if words.split == "bag":
        found = found[: (len(found) + 1) // 3]
    else:
        found = text.lower().replace(",", " ,").split()
    total = np.zeros(encoder.table.width)
    for word in found or [None]:
        number = words.index.get(word, UNKNOWN)
        parts = [weights["table.learned.weight"][number]] if options.get("word_dim", 64) else []
        for path in files:
            known, width = slow_block(path, words, options.get("scale", 0.3))
            parts.append(known.get(word, np.zeros(width)))
        total += np.concatenate(parts)
    many = max(len(found), 1)
    total /= many if options.get("divide") == "count" else many**0.5
    result = weights["linear.weight"] @ total + weights["linear.bias"]
    if options.get("hidden", 256):
        inner = weights["deep.0.weight"] @ total + weights["deep.0.bias"]
        result += weights["deep.3.weight"] @ np.maximum(inner, 0) + weights["deep.3.bias"]
    return result


@pytest.mark.parametrize("split", ["words", "bag"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"hidden": 0, "divide": "count"},
        {"word_dim": 0, "hidden": 7},
        {"scale": 0, "divide": "count", "tune": True},
    ],
)
def test_the_network_of_the_summed_vectors(tmp_path, split, options):
    files = [word_file(tmp_path, scale=9), word_file(tmp_path, width=4, name="w.vec")]
    words = vocabulary(split)
    encoder = built({**options, "files": files}, words)
    expected = [slow(encoder, text, words, files, options) for text in CAPTIONS]
    with torch.no_grad():
        given = encoder(*padded(words)).double().numpy()
    np.testing.assert_allclose(given, np.stack(expected), rtol=2e-5, atol=2e-6)


def test_a_file_alone_is_read_by_its_one_path(tmp_path):
    path = word_file(tmp_path)
    one, several = (vectors.Options(files=given) for given in (str(path), [str(path)]))
    assert one == several


def test_the_words_alone_are_those_of_the_entries():
    words = vocabulary("bag")
    tokens, lengths = words_alone(*padded(words), "bag")
    plain = Vocabulary(words.words, 1)
    for text, row, length in zip(CAPTIONS, tokens, lengths, strict=True):
        found = entries(text)
        alone = [plain.index.get(word, UNKNOWN) for word in found[: (len(found) + 1) // 3]]
        assert row[:length].tolist() == [1, *(alone or [UNKNOWN]), 2]
    kept = padded(words)
    assert all(map(torch.equal, words_alone(*kept, "words"), kept))


def test_the_words_of_a_caption_that_was_cut_are_words():
    words = vocabulary("bag")
    row = words.encode("a dog runs on grass a dog runs on grass", max_tokens=14)
    tokens, lengths = words_alone(torch.tensor([row]), torch.tensor([len(row)]), "bag")
    assert tokens[0, : lengths[0]].tolist() == [1, *row[1:6], 2]


def test_what_is_dropped_is_read_as_unknown_and_counted(tmp_path):
    words = vocabulary("words")
    encoder = built({"files": word_file(tmp_path), "word_dropout": 0.5}, words).train()
    tokens, lengths = padded(words)
    with torch.random.fork_rng():
        torch.manual_seed(3)
        given = encoder(tokens, lengths)
        torch.manual_seed(3)
        drawn = torch.rand(tokens.shape) < 0.5
    read = tokens.masked_fill(drawn & (tokens >= len(SPECIALS)), UNKNOWN)
    assert not torch.equal(read, tokens)
    assert torch.equal(given, encoder.eval()(read, lengths))


def test_numbers_of_words_are_dropped_in_training_alone(tmp_path):
    words = vocabulary("words")
    encoder = built({"files": word_file(tmp_path), "vector_dropout": 0.5, "dropout": 0.5}, words)
    tokens = padded(words)
    assert torch.equal(encoder(*tokens), encoder(*tokens))
    assert not torch.equal(encoder.train()(*tokens), encoder(*tokens))


SUM = {
    "task": {"split": "bag"},
    "text": {
        "name": "sum",
        "first": {"name": "bag", "idf": True, "spread": 0.02},
        "second": {"name": "vectors", "word_dim": 6, "hidden": 4},
    },
}


def test_a_sum_is_the_sum(tmp_path):
    recipe, words = resolve(SUM), vocabulary("bag")
    tokens = padded(words)
    with torch.random.fork_rng():
        torch.manual_seed(1)
        encoder = recipe.part("text").build(recipe.section("text"), words=words, dim=DIM)
        torch.manual_seed(1)
        first = bag.build(bag.Options(idf=True, spread=0.02), words=words, dim=DIM)
        second = vectors.build(vectors.Options(word_dim=6, hidden=4), words=words, dim=DIM)
    encoder.prepare(iter([tokens]))
    first.prepare(iter([tokens]))
    torch.testing.assert_close(encoder(*tokens), first(*tokens) + second(*tokens))


def test_a_sequence_beside_a_bag_reads_the_words_in_their_order():
    """As it would read the same captions if they were split into words."""
    words = vocabulary("bag")
    recipe = resolve(SUM, ["text.second=gru", "text.second.word_dim=3"])
    with torch.random.fork_rng():
        torch.manual_seed(1)
        encoder = recipe.part("text").build(recipe.section("text"), words=words, dim=DIM)
    tokens, lengths = padded(words)
    rows = []
    for text in CAPTIONS:
        found = entries(text)
        alone = [words.index.get(word, UNKNOWN) for word in found[: (len(found) + 1) // 3]]
        rows.append(torch.tensor([[1, *(alone or [UNKNOWN]), 2]]))
    expected = [encoder.second(row, torch.tensor([row.shape[1]])) for row in rows]
    given = encoder(tokens, lengths) - encoder.first(tokens, lengths)
    torch.testing.assert_close(given, torch.cat(expected))
    everything = resolve(SUM, ["text.second=gru", "text.second_reads=all"])
    other = everything.part("text").build(everything.section("text"), words=words, dim=DIM)
    torch.testing.assert_close(
        other(tokens, lengths), other.first(tokens, lengths) + other.second(tokens, lengths)
    )
