"""Matrices in MATLAB's and HDF5 files, against scipy and h5py; and what is no such file."""

import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from scipy.io import loadmat, savemat

from core.errors import InputError
from core.matrices import open_matrix, open_numbers
from core.variables import read_variable, variables

THERE = np.random.default_rng(0).normal(size=(30, 7))


def v5(path: Path, **more: Any) -> Path:
    savemat(path, {"I_tr": THERE, "cat": np.arange(30)[:, None], **more}, do_compression=True)
    return path


def v73(path: Path, **options: Any) -> Path:
    """As MATLAB writes it: 512 bytes of its own, axes turned, the class an attribute."""
    with h5py.File(path, "w", userblock_size=512) as file:
        each = file.create_dataset("I_tr", data=THERE.T, **options)
        each.attrs["MATLAB_class"] = np.bytes_("double")
        file.create_group("#refs#")
    with path.open("r+b") as stream:
        stream.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(128))
    return path


def test_a_mat_of_version_5_gives_what_scipy_reads(tmp_path: Path) -> None:
    file = v5(tmp_path / "a.mat", words="abc", cells=np.array([[1], "a"], dtype=object))
    assert variables(file) == {"I_tr": "", "cat": "", "words": "a char", "cells": "a cell"}
    found = open_matrix(file, "I_tr")
    assert isinstance(found, np.memmap)
    assert np.array_equal(found, loadmat(file)["I_tr"])
    assert np.array_equal(open_numbers(file, "cat")[:, 0], np.arange(30))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"chunks": (2, 5), "compression": "gzip", "shuffle": True},
        {"chunks": (2, 5), "compression": "lzf"},
    ],
)
def test_a_mat_of_version_7_3_gives_rows_as_matlab_has_them(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    file = v73(tmp_path / "a.mat", **options)
    assert variables(file) == {"#refs#": "a group", "I_tr": ""}
    found = open_matrix(file, "I_tr")
    assert np.array_equal(found, THERE)
    assert isinstance(found.base, np.memmap)
    assert not found.flags.writeable


@pytest.mark.parametrize("dtype", ["<f4", ">f8", "<f2", "<i8", "|u1"])
@pytest.mark.parametrize("options", [{}, {"chunks": (4, 3), "compression": "gzip"}])
def test_plain_hdf5_gives_what_h5py_reads(
    tmp_path: Path, dtype: str, options: dict[str, Any]
) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("x", data=THERE.astype(dtype), **options)
    with h5py.File(tmp_path / "a.h5") as file:
        assert np.array_equal(open_numbers(tmp_path / "a.h5", "x"), file["x"][()])


def test_what_lies_in_a_group_is_called_by_both_names(tmp_path: Path) -> None:
    file = tmp_path / "a.h5"
    with h5py.File(file, "w") as there:
        there["train/images"] = THERE
        there.create_dataset("train/texts", data=THERE, compression="gzip")
        there["train/out"] = h5py.ExternalLink("other.h5", "x")
        there["elsewhere"] = h5py.ExternalLink("other.h5", "/")
        there["train/deeper/labels"] = THERE
        there.create_group("empty")
    told = {"deeper": "a group", "images": "", "out": "a link", "texts": ""}
    inside = {f"train/{name}": what for name, what in told.items()}
    assert variables(file) == {"elsewhere": "a link", "empty": "a group", **inside}
    for name in ("images", "texts"):
        assert np.array_equal(open_matrix(file, f"train/{name}"), THERE)


def test_large_chunks_are_unpacked_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.hdf5.matrices.BLOCK_BYTES", 300)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("x", data=THERE, chunks=(4, 7), compression="gzip")
    assert np.array_equal(open_matrix(tmp_path / "a.h5", "x"), THERE)


def test_complex_numbers_are_refused(tmp_path: Path) -> None:
    savemat(tmp_path / "a.mat", {"cat": np.arange(30) + 1j})
    with pytest.raises(InputError, match=r"cat of .*a\.mat holds complex128, which are no numbers"):
        open_numbers(tmp_path / "a.mat", "cat")


def test_a_link_and_what_others_packed_are_not_read(tmp_path: Path) -> None:
    file = tmp_path / "a.h5"
    with h5py.File(file, "w") as there:
        there["out"] = h5py.ExternalLink("other.h5", "x")
        there.create_dataset("packed", data=THERE, chunks=(4, 7), scaleoffset=2)
    assert variables(file)["out"] == "a link"
    with pytest.raises(InputError, match=r"packed of .*a\.h5 is damaged .* save its matrices"):
        read_variable(file, "packed")


def test_a_size_that_no_file_of_its_size_holds_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.h5"
    with h5py.File(file, "w") as there:
        there.create_dataset("x", shape=(2**30, 2**10), dtype="f4", chunks=(2**10, 2**10))
    with pytest.raises(InputError, match=r"x of .*a\.h5 is damaged"):
        read_variable(file, "x")


@pytest.mark.parametrize("make", [v5, v73])
def test_a_file_that_was_cut_off_is_refused_with_its_name(tmp_path: Path, make: Any) -> None:
    file = make(tmp_path / "a.mat")
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(InputError, match=r"a\.mat is damaged or cut off.*; fetch"):
        dict.fromkeys(read_variable(file, name)[0, 0] for name in variables(file))


def test_what_is_neither_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.mat").write_text("hello")
    with pytest.raises(InputError, match="is neither HDF5 nor a .mat of version 5 or 7.3"):
        variables(tmp_path / "a.mat")


def test_without_scipy_it_is_said_what_to_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = v5(tmp_path / "a.mat")
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(InputError, match="scipy, which is not installed; type make setup EXTRAS=1"):
        variables(file)
    assert variables(v73(tmp_path / "b.mat")) == {"#refs#": "a group", "I_tr": ""}


def test_a_matrix_that_changes_on_the_disk_is_read_again(tmp_path: Path) -> None:
    file = v5(tmp_path / "a.mat")
    assert open_matrix(file, "I_tr")[0, 0] == THERE[0, 0]
    savemat(file, {"I_tr": THERE + 1})
    assert open_matrix(file, "I_tr")[0, 0] == THERE[0, 0] + 1
