"""Sparse matrices written out, against scipy; damaged ones, and ones that are too large."""

import tempfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from scipy import sparse
from scipy.io import savemat

from core.errors import InputError
from core.matrices import open_matrix
from core.sparse import Sparse
from core.variables import variables

_DRAW = np.random.default_rng(0)
THERE = sparse.csc_matrix(_DRAW.normal(size=(30, 7)) * (_DRAW.random((30, 7)) < 0.3))


def v73(path: Path, there: Any = THERE, **changed: Any) -> Path:
    """As MATLAB keeps it: a group, the count of rows an attribute."""
    parts = {"data": there.data, "ir": there.indices.astype("u8"), "jc": there.indptr.astype("u8")}
    with h5py.File(path, "w") as file:
        group = file.create_group("train_texts")
        group.attrs["MATLAB_sparse"] = np.uint64(there.shape[0])
        for name, values in {**parts, **changed}.items():
            if values is not None:
                group[name] = values
    return path


@pytest.mark.parametrize("step", [0, 1, 4, 30])
def test_blocks_are_what_scipy_writes_out(step: int) -> None:
    given = Sparse(THERE.shape, THERE.indptr, THERE.indices, THERE.data)
    blocks = list(given.blocks(step))
    assert [len(block) for block in blocks][:-1] == [step or 30] * (len(blocks) - 1)
    assert np.array_equal(np.concatenate(blocks), THERE.toarray().astype("f4"))


@pytest.mark.parametrize("kind", [THERE, THERE.tocsr(), THERE.astype(bool), 0 * THERE])
def test_a_mat_of_version_5_holds_them(tmp_path: Path, kind: Any) -> None:
    savemat(tmp_path / "a.mat", {"x": kind})
    assert variables(tmp_path / "a.mat") == {"x": ""}
    found = open_matrix(tmp_path / "a.mat", "x")
    assert isinstance(found, np.memmap)
    assert np.array_equal(found, kind.toarray().astype("f4"))


@pytest.mark.parametrize("packed", [False, True])
def test_a_mat_of_version_7_3_holds_them(tmp_path: Path, packed: bool) -> None:
    file = v73(tmp_path / "a.mat", data=None if packed else THERE.data)
    if packed:
        with h5py.File(file, "a") as there:
            there["train_texts"].create_dataset("data", data=THERE.data, compression="gzip")
    assert variables(file) == {"train_texts": ""}
    assert np.array_equal(open_matrix(file, "train_texts"), THERE.toarray().astype("f4"))


def test_one_of_zeros_alone_has_no_numbers(tmp_path: Path) -> None:
    file = v73(tmp_path / "a.mat", data=None, ir=None, jc=np.zeros(8, "u8"))
    assert np.array_equal(open_matrix(file, "train_texts"), np.zeros((30, 7)))


@pytest.mark.parametrize(
    "changed",
    [
        {"jc": THERE.indptr[:-1].astype("u8")},
        {"jc": THERE.indptr.astype("u8")[[0, 3, 2, 1, 4, 5, 6, 7]]},
        {"ir": THERE.indices.astype("u8") + 30},
        {"data": THERE.data[1:]},
        {"data": THERE.data.astype("c16")},
        {"jc": THERE.indptr.astype("f8")},
        {"ir": h5py.ExternalLink("other.h5", "x")},
        {"jc": np.zeros(1, "u8"), "ir": None, "data": None},
    ],
)
def test_a_damaged_one_is_refused(tmp_path: Path, changed: dict[str, Any]) -> None:
    file = v73(tmp_path / "a.mat", **changed)
    with pytest.raises(InputError, match=r"train_texts of .*a\.mat is damaged"):
        open_matrix(file, "train_texts")


def test_one_that_the_temporary_folder_cannot_hold_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    file = v73(tmp_path / "a.mat", sparse.csc_matrix((2**40, 2**10)))
    with pytest.raises(
        InputError, match=r"sparse: written out, .* take 4,503,599,627 MB.*set TMPDIR"
    ):
        open_matrix(file, "train_texts")
