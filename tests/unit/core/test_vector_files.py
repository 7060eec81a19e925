"""Vectors for other programs: what is written comes back, whole or not at all."""

import json
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from core.errors import NumberError
from core.files import file_sha256
from core.sealed import read_sealed
from core.vector_files import forget_vectors, is_ours, write_vectors
from core.vectors import Vectors

IDS = ["a\nb", "ü.jpg", "c"]


def vectors(rows=3, width=4):
    value = np.random.default_rng(0).normal(size=(rows, width)).astype(np.float32)
    return Vectors(np.array(IDS[:rows]), value)


def test_what_is_written_comes_back(tmp_path):
    bias = np.array([0.5, -1, 0], dtype=np.float32)
    folder = tmp_path / "new"
    assert write_vectors(folder, "images", vectors(), {"run": "r"}, bias) == folder / "images.npy"
    told = read_sealed(folder / "images.json")
    assert (told["ids"], told["run"]) == (IDS, "r")
    assert told["sha256"] == file_sha256(folder / "images.npy")
    assert told["bias_sha256"] == file_sha256(folder / "images-bias.npy")
    assert np.array_equal(np.load(folder / "images.npy"), vectors().value)
    assert np.array_equal(np.load(folder / "images-bias.npy"), bias)


def test_other_programs_read_it_without_us(tmp_path):
    value = vectors()
    turned = Vectors(value.id, np.asfortranarray(value.value))
    write_vectors(tmp_path, "images", turned, {})
    found = np.load(tmp_path / "images.npy", mmap_mode="r", allow_pickle=False)
    assert found.dtype == np.float32
    assert found.flags.c_contiguous
    told = json.loads((tmp_path / "images.json").read_text(encoding="utf-8"))
    assert told["ids"] == IDS
    assert (told["rows"], told["width"]) == found.shape
    assert not (tmp_path / "images-bias.npy").exists()


def test_the_same_vectors_are_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        write_vectors(tmp_path / name, "images", vectors(), {"run": "r"})
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert files == ["images.json", "images.npy"]
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_a_bias_of_before_does_not_stay(tmp_path):
    write_vectors(tmp_path, "images", vectors(), {}, np.zeros(3, dtype=np.float32))
    write_vectors(tmp_path, "images", vectors(2), {})
    assert "bias_sha256" not in read_sealed(tmp_path / "images.json")
    assert not (tmp_path / "images-bias.npy").exists()


def test_what_somebody_else_put_there_is_told_from_ours(tmp_path):
    assert is_ours(tmp_path, "images")
    write_vectors(tmp_path, "images", vectors(), {})
    assert is_ours(tmp_path, "images")
    (tmp_path / "images.json").unlink()
    assert not is_ours(tmp_path, "images")
    for other in ("{}", "no json", '{"format": "another"}'):
        (tmp_path / "images.json").write_text(other)
        assert not is_ours(tmp_path, "images")
    forget_vectors(tmp_path, "images")
    assert list(tmp_path.iterdir()) == []


def test_a_writing_that_fails_leaves_nothing_that_says_it_is_whole(tmp_path, monkeypatch):
    write_vectors(tmp_path, "images", vectors(), {})

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(OSError, match="images.npy"):
        write_vectors(tmp_path, "images", vectors(2), {})
    assert not (tmp_path / "images.json").exists()


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize("writing", [False, True])
def test_what_is_cut_short_anywhere_can_be_repeated(tmp_path, monkeypatch, before, writing):
    bias = np.zeros(3, dtype=np.float32)

    def go(folder):
        if writing:
            write_vectors(folder, "images", vectors(), {}, bias)
        else:
            forget_vectors(folder, "images")

    go(tmp_path / "whole")
    whole = {path.name for path in (tmp_path / "whole").glob("images*")}
    for stop in range(100):
        folder = tmp_path / f"stop-{stop}"
        if before:
            write_vectors(folder, "images", vectors(2), {}, bias[:2])
        with monkeypatch.context() as patch:
            left = cut(patch, stop)
            with suppress(KeyboardInterrupt):
                go(folder)
        assert is_ours(folder, "images"), stop
        if (folder / "images.json").exists():
            rows = len(np.load(folder / "images.npy"))
            assert read_sealed(folder / "images.json")["rows"] == rows
        go(folder)
        assert {path.name for path in folder.glob("images*")} == whole
        if left:
            break
    assert left
    assert stop > 2 * (before or writing)


def cut(patch, stop):
    """Let the names of files change so often, and no more; the list says what is left."""
    left = [None] * stop

    def counting(change):
        def counted(*given, **named):
            if not left:
                raise KeyboardInterrupt
            left.pop()
            return change(*given, **named)

        return counted

    for name in ("replace", "unlink"):
        patch.setattr(Path, name, counting(getattr(Path, name)))
    return left


def test_what_is_not_finite_is_refused_before_anything_is_touched(tmp_path):
    write_vectors(tmp_path, "images", vectors(), {})
    broken = vectors()
    broken.value[1, 1] = np.inf
    with pytest.raises(NumberError, match="images vectors are not finite, first 'ü.jpg'"):
        write_vectors(tmp_path, "images", broken, {})
    assert read_sealed(tmp_path / "images.json")["ids"] == IDS
