"""Which pictures are there, told before anything is computed."""

import errno
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.errors import InputError
from core.files import file_sha256
from core.records import Image
from extract import digests
from extract.digests import with_digests


@pytest.fixture
def images(tmp_path):
    for name in ("a", "b", "c"):
        (tmp_path / name).write_bytes(name.encode())
    return [Image(name, tmp_path / name, "train") for name in ("a", "b", "c")]


def taken(images, **given):
    with ThreadPoolExecutor(2) as pool:
        return with_digests(images, pool, **given)


def test_each_file_is_hashed_once(images, monkeypatch):
    seen = []
    monkeypatch.setattr(digests, "place_sha256", lambda path: seen.append(path) or "0" * 64)
    assert [picture.sha256 for picture in taken(images)] == ["0" * 64] * 3
    assert sorted(seen) == [image.place for image in images]


ODD = {
    "missing": (Path.unlink, "missing file"),
    "a folder": (lambda path: (path.unlink(), path.mkdir()), "is not a regular file"),
    "a FIFO": (lambda path: (path.unlink(), os.mkfifo(path)), "is not a regular file"),
    "a device": (
        lambda path: (path.unlink(), path.symlink_to("/dev/zero")),
        "is not a regular file",
    ),
    "a link to nowhere": (lambda path: (path.unlink(), path.symlink_to("gone")), "missing file"),
}


@pytest.mark.parametrize("kind", ODD)
def test_what_is_no_file_has_no_digest_and_is_told(images, kind):
    change, why = ODD[kind]
    change(images[1].place)
    told = []
    found = taken(images, missing=lambda names, total: told.append((names, total)))
    assert [picture.sha256 for picture in found] == [
        file_sha256(images[0].place),
        "",
        file_sha256(images[2].place),
    ]
    assert told == [([f"b: {why}"], 3)]


def failing(times, code, path):
    left = [times]

    def hashing(given):
        if given == path and left[0]:
            left[0] -= 1
            raise OSError(code, os.strerror(code), str(given))
        return file_sha256(given)

    return hashing


@pytest.mark.parametrize("code", [errno.EIO, errno.EMFILE, errno.EACCES])
def test_a_fault_of_the_moment_is_tried_again_and_then_ends_the_run(images, monkeypatch, code):
    path, waited = images[1].place, []
    whole = taken(images)
    monkeypatch.setattr(digests.time, "sleep", waited.append)
    monkeypatch.setattr(digests, "place_sha256", failing(2, code, path))
    assert taken(images) == whole
    assert waited == [0.1, 0.5]
    monkeypatch.setattr(digests, "place_sha256", failing(3, code, path))
    with pytest.raises(InputError, match=r"b cannot be read \(.*\); mend that and run the same"):
        taken(images)


def test_no_pictures_at_all():
    with pytest.raises(InputError, match="none of the 0 pictures is there; check the folder"):
        taken([])


def test_it_is_told_how_many_are_read(images, tmp_path, monkeypatch):
    monkeypatch.setattr(digests, "TOGETHER", 2)
    told = []
    taken(images, progress=lambda done, total: told.append((done, total)))
    assert told == [(0, 3), (2, 3), (3, 3)]
