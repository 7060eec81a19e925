"""Reads a foreign checkpoint and its vocabulary; a program of its own, which nothing here imports.

``python -I apart.py CHECKPOINT VOCABULARY OUT`` writes ``OUT/tensors.safetensors`` and
``OUT/told.json``. A pickle may name any function and have it called: here it may name none but
those below, which rebuild tensors, numbers and plain objects; another one ends it. What is left to
trust is torch's and Python's own readers, which is why it is done apart, and only when asked for.
"""

import argparse
import collections
import json
import pickle
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file

TENSORS, TOLD = "tensors.safetensors", "told.json"
REFUSED = 3


class Plain:
    """An object of a class that is not here: its fields."""


def plain(*_told: object) -> Plain:
    """In the place of ``copyreg._reconstructor``, by which Python 2 makes an object of a class."""
    return Plain()


class Bounded(pickle.Unpickler):
    """A reader of pickles for which there is one class: ``Vocabulary``, of whatever module."""

    def find_class(self, module: str, name: str) -> Any:
        """The class of that name.

        Raises:
            pickle.UnpicklingError: it is none of these.
        """
        known = {
            "Vocabulary": Plain,
            "OrderedDict": collections.OrderedDict,
            "_reconstructor": plain,
            "object": object,
        }
        if name not in known:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, which is no vocabulary's")
        return known[name]


def read_checkpoint(file: Path) -> Any:
    """What ``torch.save`` wrote; of classes ``Namespace`` and numpy's numbers may be in it."""
    multiarray = getattr(np, "_core", None) or np.core
    kinds = {type(np.dtype(name)) for name in ("f4", "f8", "i4", "i8", "?")}
    scalar = multiarray.multiarray.scalar
    old, new = "numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar"
    numpy_own: list[Any] = [np.dtype, (scalar, old), (scalar, new), *kinds]
    with torch.serialization.safe_globals([argparse.Namespace, *numpy_own]):
        return torch.load(file, map_location="cpu", weights_only=True)


def read_vocabulary(file: Path) -> dict[str, list[list[Any]]]:
    """``word2idx`` and ``idx2word`` of a pickled vocabulary, as pairs."""
    with file.open("rb") as stream:
        found = vars(Bounded(stream, encoding="utf-8").load())  # noqa: S301, it knows no function
    return {name: [[k, v] for k, v in found[name].items()] for name in ("word2idx", "idx2word")}


def tensors_in(value: Any, path: str = "") -> Iterator[tuple[str, torch.Tensor]]:
    """Each tensor in dicts and lists, by its dotted path."""
    if isinstance(value, torch.Tensor):
        yield path, value.detach().clone().contiguous()
    elif isinstance(value, Mapping | list | tuple):
        pairs = value.items() if isinstance(value, Mapping) else enumerate(value)
        for key, inner in pairs:
            yield from tensors_in(inner, f"{path}.{key}" if path else str(key))


def told_by(value: Any) -> Any:
    """What of it is JSON; of other things their text, of tensors their shape."""
    if isinstance(value, argparse.Namespace | Plain):
        return told_by(vars(value))
    if isinstance(value, torch.Tensor):
        return f"tensor {tuple(value.shape)}"
    if isinstance(value, Mapping):
        return {str(key): told_by(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [told_by(inner) for inner in value]
    if isinstance(value, np.generic):
        return value.item()
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def main(checkpoint: str, vocabulary: str, out: str) -> None:
    """Read both, and write what they hold."""
    whole = read_checkpoint(Path(checkpoint))
    words = read_vocabulary(Path(vocabulary)) if vocabulary else None
    told = {"checkpoint": told_by(whole), "vocabulary": words}
    save_file(dict(tensors_in(whole)), Path(out) / TENSORS)
    (Path(out) / TOLD).write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Exception as error:
        told = " ".join(str(error).split())
        print(f"{type(error).__name__}: {told}", file=sys.stderr)  # noqa: T201, its one way to say
        sys.exit(REFUSED)
