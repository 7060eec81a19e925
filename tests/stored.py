"""Folders of vectors that somebody else made, drawn small."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

KINDS = 8
WORDS = ("dog", "cat", "man", "boy", "bird")


def drawn(
    folder: Path,
    name: str,
    many: int,
    *,
    shape: tuple[int, ...] = (8,),
    each: int = 5,
    seed: int = 0,
) -> npt.NDArray[np.float32]:
    """Write ``NAME_ims.npy`` (many, *shape) and ``NAME_caps.txt`` of ``each`` captions a row."""
    rng = np.random.default_rng([seed, *name.encode()])
    kinds = rng.integers(0, KINDS, many)
    patterns = np.random.default_rng(seed).normal(size=(KINDS, *shape))
    values = (patterns[kinds] + 0.3 * rng.normal(size=(many, *shape))).astype(np.float32)
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / f"{name}_ims.npy", values)
    told = [
        f"of kind{kind} {WORDS[row % 5]} {WORDS[row // 5 % 5]}" for row, kind in enumerate(kinds)
    ]
    texts = [f"a {word} {of}\n" for of in told for word in WORDS[:each]]
    (folder / f"{name}_caps.txt").write_text("".join(texts))
    return values


def corpus(folder: Path, **options: tuple[int, ...] | int) -> Path:
    """A folder with the splits train, dev and test."""
    for name, many in (("train", 40), ("dev", 12), ("test", 15)):
        drawn(folder, name, many, **options)  # type: ignore[arg-type]
    return folder
