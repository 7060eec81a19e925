"""Matrices of others: what is mapped, and what is refused in one line that names the file."""

import hashlib
import io
import pickle
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import InputError
from core.matrices import Row, open_matrix, row_bytes
from core.places import place_sha256, read_place

VALUES = np.arange(24, dtype=np.float32).reshape(4, 6) / 7


class Trap:
    """What runs when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("unpickled"),))


@pytest.mark.parametrize("dtype", ["<f4", ">f4", "<f8", ">f8"])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("shape", [(4, 6), (4, 3, 2)])
def test_a_row_has_the_same_bytes_however_it_is_kept(
    tmp_path: Path, dtype: str, order: Any, shape: tuple[int, ...]
) -> None:
    file = tmp_path / "a_ims.npy"
    np.save(file, np.array(VALUES.reshape(shape), dtype=dtype, order=order))
    assert open_matrix(file).shape == shape
    for row in range(4):
        plain = b"".join(np.float32(value).tobytes() for value in VALUES[row])
        assert row_bytes(Row(file, row)) == read_place(Row(file, row)) == plain
        assert place_sha256(Row(file, row)) == hashlib.sha256(plain).hexdigest()


def test_half_precision_is_the_same_numbers_as_single(tmp_path: Path) -> None:
    halves = VALUES.astype(np.float16)
    for name, values in (("half", halves), ("single", halves.astype(np.float32))):
        np.save(tmp_path / f"{name}.npy", values)
    assert row_bytes(Row(tmp_path / "half.npy", 2)) == row_bytes(Row(tmp_path / "single.npy", 2))


def test_a_file_that_is_written_again_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "a.npy"
    np.save(file, VALUES)
    before = row_bytes(Row(file, 1))
    file.unlink()
    np.save(file, VALUES + 1)
    assert row_bytes(Row(file, 1)) != before
    with pytest.raises(InputError, match=r"a.npy \(row 4\) is not there: it has 4 rows"):
        row_bytes(Row(file, 4))


def test_a_header_as_python_2_wrote_it(tmp_path: Path) -> None:
    file = tmp_path / "old.npy"
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (4L, 6L), }"
    header += b" " * (118 - len(header) - 1) + b"\n"
    file.write_bytes(b"\x93NUMPY\x01\x00" + bytes([118, 0]) + header + VALUES.tobytes())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.array_equal(open_matrix(file), VALUES)


def saved(values: Any, **options: Any) -> bytes:
    stream = io.BytesIO()
    np.save(stream, values, **options)
    return stream.getvalue()


OBJECTS = np.empty(2, dtype=object)
OBJECTS[:] = [Trap(), Trap()]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (lambda: saved(OBJECTS, allow_pickle=True), "holds pickled Python objects"),
        (lambda: pickle.dumps(Trap()), "holds pickled Python objects"),
        (
            lambda: saved(VALUES)[:-1],
            r"cut off: it has 223 bytes, and \(4, 6\) of float32 need 224",
        ),
        (lambda: saved(VALUES) + b"x", "damaged or cut off"),
        (lambda: saved(VALUES)[:40], "no .npy matrix"),
        (lambda: b"", "no .npy matrix"),
        (lambda: b"version https://git-lfs.github.com/spec/v1\n", "no .npy matrix"),
        (lambda: saved(VALUES.astype(complex)), "holds complex128, which are no numbers"),
        (lambda: saved(VALUES[0]), r"has the shape \(6,\)"),
        (lambda: saved(VALUES.reshape(2, 2, 2, 3)), r"has the shape \(2, 2, 2, 3\).*; save it so$"),
        (
            lambda: saved(VALUES[:0]),
            r"has the shape \(0, 6\).*; bring its numbers, or take it out$",
        ),
        (lambda: saved(VALUES[:, :0]), r"has the shape \(4, 0\)"),
    ],
)
def test_what_is_no_matrix_is_refused_and_never_unpickled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: Any, told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "a.npy"
    file.write_bytes(content())
    with pytest.raises(InputError, match=told) as caught:
        open_matrix(file)
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "unpickled").exists()
