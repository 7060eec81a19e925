"""What a training keeps in memory: the features, and little a caption; no epoch adds to it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.long_training import make

ROOT = Path(__file__).parents[3]
MIB = 1 << 20


def peaks(folder: Path, pictures: int, captions: int, width: int, epochs: int) -> list[int]:
    """The peak of memory in bytes: of the program alone, and at the end of each epoch."""
    make(folder, pictures, width)
    numbers = map(str, (pictures, captions, epochs))
    words = [sys.executable, "-m", "tests.long_training", str(folder), *numbers]
    found = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True)
    return list(json.loads(found.stdout))


@pytest.mark.slow
def test_no_epoch_adds_to_what_the_first_one_took(tmp_path: Path) -> None:
    _, first, *_, last = peaks(tmp_path, 2000, 10_000, 256, 4)
    assert last - first < 16 * MIB


@pytest.mark.soak
def test_half_a_million_captions_take_the_cache_and_a_gigabyte(tmp_path: Path) -> None:
    pictures, width = 50_000, 2048
    alone, *_, trained = peaks(tmp_path, pictures, 500_000, width, 1)
    assert trained - alone < pictures * width * 4 + 1000 * MIB
