"""Every sampler repeats under a seed, and gives rows that exist."""

import numpy as np
import pytest
from train.settings import resolve

from core.errors import SettingError
from core.plugins import load, names

SAMPLERS = names("train.samplers")
OWNER = np.repeat(np.arange(7), 3)


def build(name, **changes):
    plugin = load("train.samplers", name)
    return plugin.build(plugin.Options(), **{"owner": OWNER, "batch_size": 4, "seed": 5} | changes)


def flat(batches):
    return np.concatenate(batches).tolist()


@pytest.mark.parametrize("name", SAMPLERS)
def test_rows_exist_and_batches_are_not_too_large(name):
    batches = build(name)(1)
    assert all(batch.dtype == np.int64 for batch in batches)
    assert all(1 <= len(batch) <= 4 for batch in batches)
    assert set(flat(batches)) <= set(range(len(OWNER)))


@pytest.mark.parametrize("name", SAMPLERS)
def test_an_epoch_follows_from_its_number_and_the_seed_alone(name):
    one, other = build(name), build(name)
    one(1), one(2)
    assert flat(one(3)) == flat(other(3))
    assert flat(one(3)) != flat(one(4))
    assert flat(one(3)) != flat(build(name, seed=6)(3))


@pytest.mark.parametrize("name", SAMPLERS)
def test_unknown_options_are_refused(name):
    with pytest.raises(SettingError, match=r"sampler\.nonsense"):
        resolve({"sampler": {"name": name, "nonsense": 1}})


def test_pairs_gives_each_caption_once_and_keeps_the_short_batch():
    batches = build("pairs")(1)
    assert sorted(flat(batches)) == list(range(len(OWNER)))
    assert [len(batch) for batch in batches] == [4, 4, 4, 4, 4, 1]
