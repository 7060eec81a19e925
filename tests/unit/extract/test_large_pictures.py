"""Peak memory of the largest pictures, beyond the imports: below 12 bytes a pixel, which is 1 GiB.

Linux alone tells the peak of a process since its beginning.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline import allocator
from pipeline.allocator import KEPT

ROOT = Path(__file__).parents[3]
LARGEST = 9459
"""The side of the largest square that is decoded."""
TOP_PAD = dict(KEPT)[allocator.TOP_PAD]
"""The heap grows by as much more than was asked for."""
WORST = ["LA PNG", "P with transparency PNG", "RGBA TIFF turned", "CMYK JPEG turned", "I TIFF"]

linux = pytest.mark.skipif(sys.platform != "linux", reason="/proc/self/status is Linux's")


def peaks(folder, side, names=(), *, times=1, threads=1):
    """Case -> bytes."""
    script = str(ROOT / "tests" / "large_pictures.py")
    command = [sys.executable, "-W", "ignore", script, *map(str, (folder, side, times, threads))]
    done = subprocess.run([*command, *names], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return {each["case"]: each["bytes"] for each in found}


@linux
@pytest.mark.slow
def test_a_large_picture_takes_less_than_three_of_itself(tmp_path):
    side = 5600
    found = peaks(tmp_path, side, WORST)
    assert found.keys() == set(WORST)
    most = 12 * side**2 + TOP_PAD
    assert {name: peak for name, peak in found.items() if peak >= most} == {}


@linux
@pytest.mark.soak
def test_the_largest_picture_of_each_mode_takes_less_than_1_gib(tmp_path):
    found = peaks(tmp_path, LARGEST)
    assert len(found) >= 50
    assert {name: peak for name, peak in found.items() if peak >= 2**30} == {}


@linux
@pytest.mark.soak
@pytest.mark.parametrize("name", ["RGBA TIFF turned", "YCbCr JPEG"])
def test_200_of_them_in_a_row_take_no_more_than_one(tmp_path, name):
    assert peaks(tmp_path, LARGEST, [name], times=200)[name] < 2**30


@linux
@pytest.mark.soak
def test_eight_threads_hold_one_of_them_at_a_time(tmp_path):
    name = "RGBA PNG turned"
    assert peaks(tmp_path, LARGEST, [name], times=16, threads=8)[name] < 2**30
