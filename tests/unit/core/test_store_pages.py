"""What was copied out of a cache stands in memory once."""

import sys
from pathlib import Path

import numpy as np
import pytest

from core.store import FeatureCache
from tests.caches import cache_of

WIDTH = 40_000


def resident(file: Path) -> int:
    """The bytes of ``file`` that this process has mapped and in memory."""
    lines = iter(Path("/proc/self/smaps").read_text().splitlines())
    ours = [
        next(line for line in lines if line.startswith("Rss:"))
        for line in lines
        if str(file) in line
    ]
    return sum(int(line.split()[1]) for line in ours) * 1024


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's own table of what is mapped")
def test_pages_that_were_copied_are_given_back(tmp_path):
    pictures = [(f"p{n}", f"{n:064x}") for n in range(4)]
    cache: FeatureCache = cache_of(tmp_path, pictures, 0, layers={"pooled": WIDTH})
    (file,) = cache.path.glob("*.h5")
    one, two = (cache.read("pooled", np.array(rows)) for rows in ([1], [3, 1]))
    assert resident(file) < 2 * WIDTH * 4
    cache.read("pooled", np.array([0]))
    assert resident(file) >= WIDTH * 4
    whole = cache.read("pooled", np.arange(4))
    assert resident(file) < WIDTH * 4
    assert np.array_equal(whole[[3, 1]], two)
    assert np.array_equal(whole[1:2], one)
    assert np.array_equal(cache.read("pooled", np.arange(4)), whole)
