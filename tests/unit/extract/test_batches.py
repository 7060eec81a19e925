"""Short memory on a CPU: one line that names the option; nothing runs on after an error."""

from concurrent.futures import Future
from pathlib import Path

import pytest
import torch
from torch import nn

from core.errors import InputError
from extract.backbone import Calls, Network
from extract.batches import Extractor
from extract.digests import Picture
from extract.settings import FeatureSettings
from extract.transform import IMAGENET

CPU = torch.device("cpu")
PICTURES = [Picture(f"{number}.png", Path(f"{number}.png"), "a" * 64) for number in range(40)]


class Pool:
    """Answers at once with what it is told for each picture; the others wait to be run."""

    def __init__(self, *answers):
        self.answers, self.waiting = list(answers), []

    def submit(self, work, picture):
        future = Future()
        if self.answers:
            answer = self.answers.pop(0)
            (future.set_exception if isinstance(answer, Exception) else future.set_result)(answer)
        else:
            self.waiting.append(future)
        return future


class Hungry(nn.Module):
    """Asks torch for more memory than any machine has."""

    def forward(self, batch):
        return torch.empty(2**59, dtype=torch.int8)


def extractor(pool, module, batch_size=5):
    wanted = FeatureSettings(backbone="tiny", crops=1)
    return Extractor(
        Network(module, nn.Flatten()), IMAGENET, wanted, CPU, Calls.both(batch_size), pool
    )


@pytest.mark.parametrize(
    ("batch_size", "message"),
    [
        (5, r"short for 5 crops .*; use a smaller --batch-size than 5$"),
        (1, "short for 1 crops .*; close other programs and run the same command again$"),
    ],
)
def test_a_network_without_memory_is_one_line(batch_size, message):
    pool = Pool(*[torch.zeros(1, 3, 4, 4)] * 5)
    with pytest.raises(InputError, match=message):
        extractor(pool, Hungry(), batch_size).features(
            PICTURES[:5], {"pooled": (3,)}, lambda done: None
        )


def test_a_shard_without_memory_is_one_line():
    with pytest.raises(InputError, match="short for a shard of 40 pictures; use a smaller --shard"):
        extractor(Pool(), nn.Identity()).features(PICTURES, {"pooled": (2**50,)}, lambda done: None)


def test_an_error_of_the_network_is_not_taken_for_short_memory():
    class Broken(nn.Module):
        def forward(self, batch):
            raise RuntimeError("sizes differ")

    pool = Pool(torch.zeros(1, 3, 4, 4))
    with pytest.raises(RuntimeError, match="sizes differ"):
        extractor(pool, Broken()).features(PICTURES[:1], {"pooled": (3,)}, lambda done: None)


def test_after_an_error_no_further_picture_is_read():
    pool = Pool(InputError("gone"))
    with pytest.raises(InputError, match="gone"):
        extractor(pool, nn.Identity()).features(PICTURES, {"pooled": (3,)}, lambda done: None)
    assert len(pool.waiting) == 16
    assert all(future.cancelled() for future in pool.waiting)
