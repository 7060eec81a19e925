"""Reading: a failure for good, a fault of the moment, a file that changed; large ones in turn."""

import errno
import hashlib
import io
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image as Pillow
from test_run import tiny

from core import files
from core.errors import InputError
from core.pictures import MOST_PIXELS
from core.records import Corpus, Image
from core.store import FeatureCache
from extract import reading, run
from extract.images import UnreadablePicture
from extract.reading import read_picture
from extract.settings import FeatureSettings


def png(width=8, height=6):
    stream = io.BytesIO()
    Pillow.new("RGB", (width, height), (1, 2, 3)).save(stream, "PNG")
    return stream.getvalue()


PNG = png()
DIGEST = hashlib.sha256(PNG).hexdigest()


@pytest.fixture(autouse=True)
def waits(monkeypatch):
    found = []
    monkeypatch.setattr("time.sleep", found.append)
    return found


@pytest.fixture
def picture(tmp_path):
    (tmp_path / "a.png").write_bytes(PNG)
    return tmp_path / "a.png"


class Faults:
    """Opening a file whose name ends so fails so often, with this error; then it is as it was."""

    def __init__(self, monkeypatch, name, code, times):
        self.left, self._open = times, files.os.open
        self.name, self.code = name, code
        monkeypatch.setattr("core.files.os.open", self)

    def __call__(self, path, *args, **kwargs):
        if str(path).endswith(self.name) and self.left:
            self.left -= 1
            raise OSError(self.code, os.strerror(self.code), str(path))
        return self._open(path, *args, **kwargs)


def failure(path, sha256):
    with pytest.raises(UnreadablePicture) as found, read_picture(path, sha256):
        pass
    return str(found.value)


def refusal(path, sha256):
    with pytest.raises(InputError) as found, read_picture(path, sha256):
        pass
    return str(found.value)


def test_a_picture_is_open_for_the_length_of_the_block(picture):
    with read_picture(picture, DIGEST) as image:
        assert image.getpixel((7, 5)) == (1, 2, 3)
    with pytest.raises(ValueError, match="closed image"):
        image.getpixel((7, 5))


def test_what_had_no_digest_is_a_failure_for_good(tmp_path):
    assert failure(tmp_path / "none.png", "") == "missing file"
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "endless.png").symlink_to("/dev/zero")
    for irregular in (tmp_path, tmp_path / "pipe.png", tmp_path / "endless.png"):
        assert failure(irregular, "") == "is not a regular file"


@pytest.mark.parametrize("code", [errno.EIO, errno.EACCES, errno.EMFILE, errno.ESTALE])
@pytest.mark.parametrize("times", [1, 3])
def test_a_fault_of_the_moment_passes(picture, waits, monkeypatch, code, times):
    Faults(monkeypatch, "a.png", code, times)
    with read_picture(picture, DIGEST) as image:
        assert image.size == (8, 6)
    assert waits == list(reading.WAITS[:times])


@pytest.mark.parametrize("code", [errno.EIO, errno.EACCES, errno.ENOENT])
def test_a_fault_that_stays_is_no_failure_of_the_picture(picture, waits, monkeypatch, code):
    Faults(monkeypatch, "a.png", code, 99)
    said = refusal(picture, DIGEST)
    reason = "missing file" if code == errno.ENOENT else os.strerror(code)
    assert said.startswith(f"{picture} cannot be read now ({reason}); ")
    assert said.endswith("run the same command again: it goes on from there")
    assert waits == list(reading.WAITS)


def test_what_was_a_file_and_is_none_is_no_failure_of_the_picture(picture):
    picture.unlink()
    assert "cannot be read now (missing file)" in refusal(picture, DIGEST)
    picture.mkdir()
    assert "cannot be read now (is not a regular file)" in refusal(picture, DIGEST)


def test_without_a_digest_only_what_is_missing_or_irregular_is_a_failure(picture, monkeypatch):
    assert "changed while it was being read" in refusal(picture, "")
    Faults(monkeypatch, "a.png", errno.EIO, 99)
    assert "cannot be read now (Input/output error)" in refusal(picture, "")


def test_other_bytes_end_the_run_and_damaged_ones_do_not(picture):
    assert "changed while it was being read" in refusal(picture, "0" * 64)
    picture.write_bytes(PNG[:-30])
    assert failure(picture, hashlib.sha256(PNG[:-30]).hexdigest()).startswith("truncated")


def test_a_file_above_the_largest_size_is_a_failure_if_it_is_still_the_same(picture, monkeypatch):
    monkeypatch.setattr(reading, "MOST_FILE", len(PNG) - 1)
    assert (
        failure(picture, DIGEST) == failure(picture, "") == f"is larger than {len(PNG) - 1} bytes"
    )
    assert "changed" in refusal(picture, "0" * 64)
    monkeypatch.setattr(reading, "MOST_FILE", len(PNG))
    with read_picture(picture, DIGEST) as image:
        assert image.size == (8, 6)


@pytest.mark.parametrize("short", [MemoryError(), OSError("out of memory error when reading")])
def test_short_memory_is_neither_a_failure_nor_a_trace(picture, monkeypatch, short):
    def load(self):
        raise short

    monkeypatch.setattr("PIL.PngImagePlugin.PngImageFile.load", load)
    assert refusal(picture, DIGEST).startswith(f"memory is too short for {picture}; close other")


def corpus(folder, count):
    folder.mkdir()
    for number in range(count):
        values = np.random.default_rng(number).integers(0, 256, (50, 60, 3), dtype=np.uint8)
        Pillow.fromarray(values).save(folder / f"{number}.png")
    return Corpus.build("drawn", [Image(p.name, p, "train") for p in folder.iterdir()], [])


@pytest.mark.parametrize("code", [errno.EIO, errno.ENOENT])
def test_an_extraction_never_caches_a_fault_and_goes_on_after_it(tmp_path, monkeypatch, code):
    drawn, made = corpus(tmp_path / "pictures", 6), FeatureSettings(crops=1, shard_size=2)

    def features(root):
        return run.extract(drawn, tiny(), tmp_path / root, made, device=torch.device("cpu"))

    def later(*args):
        listed = taken(*args)
        Faults(monkeypatch, "3.png", code, 99)
        return listed

    taken = run.with_digests
    with monkeypatch.context() as patch:
        patch.setattr("extract.run.with_digests", later)
        with pytest.raises(InputError, match="3.png cannot be read now.*goes on from there"):
            features("faulty")
    monkeypatch.undo()
    again = features("faulty")
    assert (again.failures, again.reused) == ((), 2)
    whole = features("whole")
    assert FeatureCache(again.path).manifest == FeatureCache(whole.path).manifest


def test_large_pictures_are_read_one_at_a_time_and_small_ones_beside(tmp_path, monkeypatch):
    """Both thresholds scaled down: 40 pixels are large here, and 100 are all the room."""
    monkeypatch.setattr(reading, "SMALL", 40)
    monkeypatch.setattr(reading, "_ROOM", reading.Room(100))
    lock, held, most, beside = threading.Lock(), 0, 0, 0
    sizes = [(9, 9), (6, 6), (10, 10), (5, 5), (20, 20), (6, 5)] * 6
    paths = []
    for number, size in enumerate(sizes):
        paths.append(tmp_path / f"{number}.png")
        paths[-1].write_bytes(png(*size))
    inside = threading.Event()

    def work(path: Path):
        nonlocal held, most, beside
        with read_picture(path, hashlib.sha256(path.read_bytes()).hexdigest()) as image:
            large = image.width * image.height > 40
            with lock:
                held += large
                most = max(most, held)
                beside += bool(held) and not large
            inside.wait(0.002)
            with lock:
                held -= large

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, paths))
    assert most == 1
    assert beside


def test_a_large_file_takes_all_the_room_before_it_is_read(picture, monkeypatch):
    taken = []
    monkeypatch.setattr(reading._ROOM, "take", lambda units: taken.append(units) or nullcontext())
    monkeypatch.setattr(reading, "SMALL", len(PNG) // 4 - 1)
    with read_picture(picture, DIGEST):
        assert taken == [MOST_PIXELS]
    monkeypatch.setattr(reading, "SMALL", len(PNG))
    with read_picture(picture, DIGEST):
        assert taken == [MOST_PIXELS]


def test_a_large_picture_is_one_piece_of_memory(picture, monkeypatch):
    asked = []
    monkeypatch.setattr("PIL._imaging.set_block_size", asked.append)
    with read_picture(picture, DIGEST):
        assert asked == []
    monkeypatch.setattr(reading, "SMALL", 40)
    with read_picture(picture, DIGEST):
        assert asked == [reading.BLOCK]
    assert reading.BLOCK > 4 * MOST_PIXELS
