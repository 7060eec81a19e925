"""What an answer keeps of what was predicted."""

from collections.abc import Mapping
from pathlib import Path

from core.ensemble import Ensemble
from core.predictions import EMBEDDINGS, Embeddings


def kept_prediction(folder: Path, files: Mapping[str, str]) -> Embeddings | Ensemble | None:
    """The vectors of one run, or of several in the order of their numbers; None of others.

    Args:
        folder: of the answer.
        files: those that its report names.

    Raises:
        InputError: a file is missing, damaged, or holds something else.
    """
    if EMBEDDINGS in files:
        return Embeddings.load(folder)
    stem = EMBEDDINGS.removesuffix(".npz")
    many = sum(name.startswith(f"{stem}-") for name in files)
    each = (Embeddings.load(folder, f"{stem}-{number + 1}.npz") for number in range(many))
    return Ensemble(tuple(each)) if many else None
