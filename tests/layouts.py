"""Corpora on disk from what a test says of them: texts, bytes, tars, matrices, Parquet tables."""

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest


def layout(folder: Path, files: Mapping[str, Any]) -> Path:
    """Write ``files``, the last of them first: name -> text, bytes, members or rows."""
    for name, content in reversed(files.items()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".mat"):
            mat(path, content)
        elif isinstance(content, Mapping):
            path.write_bytes(tar(content))
        elif isinstance(content, list) and name.endswith(".npy"):
            np.save(path, np.array(content, dtype=np.float32))
        elif isinstance(content, list):
            parquet(path, content)
        else:
            path.write_bytes(_bytes(content))
    return folder


def mat(path: Path, variables: Mapping[str, Any]) -> None:
    """Write matrices as MATLAB's version 5 does."""
    pytest.importorskip("scipy", reason="make setup EXTRAS=1 installs scipy")
    from scipy.io import savemat

    savemat(path, {name: np.array(values) for name, values in variables.items()})


def tar(members: Mapping[str, Any], form: int = tarfile.USTAR_FORMAT) -> bytes:
    """The bytes of a tar: name -> text or bytes, or a ``TarInfo``'s fields for what is odd."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=form) as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            if isinstance(content, Mapping):
                for key, value in content.items():
                    setattr(member, key, value)
                archive.addfile(member)
            else:
                member.size = len(_bytes(content))
                archive.addfile(member, io.BytesIO(_bytes(content)))
    return stream.getvalue()


def parquet(path: Path, rows: list[dict[str, Any]], **options: Any) -> None:
    """Write rows as a Parquet table; pictures' texts become bytes."""
    pyarrow = pytest.importorskip("pyarrow", reason="make setup EXTRAS=1 installs pyarrow")
    from pyarrow import parquet as tables

    told = [{key: _picture(value) for key, value in row.items()} for row in rows]
    tables.write_table(pyarrow.Table.from_pylist(told), path, **options)


def _picture(value: Any) -> Any:
    if isinstance(value, dict) and isinstance(value.get("bytes"), str):
        return value | {"bytes": value["bytes"].encode()}
    return value


def _bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content
