"""Every sampler repeats under a seed, gives rows that exist, and goes on where it was."""

from types import SimpleNamespace

import numpy as np
import pytest
import safetensors.torch
import torch

from core.errors import SettingError
from core.plugins import load, names
from core.predictions import Embeddings, Vectors
from train.recipe import resolve
from train.sampler import Sampler

SAMPLERS = names("train.samplers")
OWNER = np.repeat(np.arange(7), 3)
IDS = np.array([f"c{row:02d}" for row in range(len(OWNER))])
EXAMPLES = SimpleNamespace(id=IDS, group=OWNER, label=np.eye(3, dtype=bool)[OWNER % 3], notes=())


def build(name, **changes):
    plugin = load("train.samplers", name)
    return plugin.build(
        plugin.Options(), **{"data": EXAMPLES, "batch_size": 4, "seed": 5} | changes
    )


def flat(batches):
    return np.concatenate(batches).tolist()


def prediction(epoch):
    """What a model might say of the training examples after so many epochs."""
    draw = np.random.default_rng(epoch)
    image, caption = (draw.normal(size=(n, 4)).astype(np.float32) for n in (7, len(OWNER)))
    pictures = Vectors(np.array([f"p{row}" for row in range(7)]), image)
    return Embeddings(pictures, Vectors(IDS, caption), OWNER)


def drive(sampler, epochs):
    """As the loop does: look, take the batches, tell what each cost; the batches taken."""
    taken = []
    for epoch in epochs:
        sampler.look(epoch, lambda epoch=epoch: prediction(epoch))
        batches = sampler.batches(epoch)
        for rows in batches:
            sampler.told(rows, torch.from_numpy(np.sin(rows * 1.7 + epoch)).float())
        taken.append([rows.tolist() for rows in batches])
    return taken


@pytest.mark.parametrize("name", SAMPLERS)
def test_rows_exist_and_batches_are_not_too_large(name):
    sampler = build(name)
    assert isinstance(sampler, Sampler)
    drive(sampler, (1, 2))
    batches = sampler.batches(3)
    assert batches
    assert all(batch.dtype == np.int64 for batch in batches)
    assert all(1 <= len(batch) <= 4 for batch in batches)
    assert set(flat(batches)) <= set(range(len(OWNER)))


@pytest.mark.parametrize("name", SAMPLERS)
def test_an_epoch_follows_from_its_number_the_seed_and_what_was_seen(name):
    one, other = build(name), build(name)
    assert drive(one, (1, 2, 3)) == drive(other, (1, 2, 3))
    assert [rows.tolist() for rows in one.batches(4)] == [r.tolist() for r in other.batches(4)]
    with torch.random.fork_rng():
        torch.manual_seed(1)
        np.random.default_rng(1)
        assert flat(one.batches(4)) == flat(other.batches(4))
    assert flat(build(name).batches(3)) != flat(build(name).batches(4))
    assert flat(build(name).batches(3)) != flat(build(name, seed=6).batches(3))


@pytest.mark.parametrize("name", SAMPLERS)
@pytest.mark.parametrize("after", [1, 2, 3])
def test_restored_in_mid_course_equals_uninterrupted(name, after):
    whole, first = build(name), build(name)
    rest = range(after + 1, 6)
    drive(whole, range(1, after + 1))
    drive(first, range(1, after + 1))
    kept = {key: value.clone().contiguous() for key, value in first.tensors().items()}
    again = build(name)
    again.restore(safetensors.torch.load(safetensors.torch.save(kept)))
    assert drive(again, rest) == drive(whole, rest)
    ours, theirs = again.tensors(), whole.tensors()
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[key], theirs[key]) for key in ours)


@pytest.mark.parametrize("name", SAMPLERS)
def test_unknown_options_are_refused(name):
    with pytest.raises(SettingError, match=r"sampler\.nonsense"):
        resolve({"sampler": {"name": name, "nonsense": 1}})


def test_pairs_gives_each_caption_once_and_keeps_the_short_batch():
    batches = build("pairs").batches(1)
    assert sorted(flat(batches)) == list(range(len(OWNER)))
    assert [len(batch) for batch in batches] == [4, 4, 4, 4, 4, 1]
