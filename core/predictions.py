"""What stage two hands to stage three: embeddings in one space, or a decoder to search with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from core.arrays import UNREADABLE, load_arrays, save_arrays
from core.errors import InputError
from core.files import file_sha256
from core.sealed import write_sealed
from core.vectors import Vectors, names, require_finite, require_one_space, require_owned

__all__ = ["Decoding", "Embeddings", "Prediction", "Vectors"]

EMBEDDINGS, CAPTIONS = "embeddings.npz", "captions.json"
WORDS = ("similarity", "protocol")


class Prediction(Protocol):
    """What a protocol of stage three judges."""

    @property
    def protocol(self) -> str:
        """The file of ``evaluate/protocols`` that judges it, unless another is asked for."""

    def save(self, folder: Path) -> dict[str, str]:
        """Write files into ``folder``, each whole or not at all; the SHA-256 of each by its name.

        The same prediction gives the same bytes.
        """


@dataclass(frozen=True, slots=True)
class Embeddings:
    """Images in a space, and captions in the same one or none.

    ``owner`` (captions,) int64 is the row of a caption's image; without it, right is what shares a
    label. Without ``caption``, images ask images. ``similarity`` names a formula: ``inner`` is the
    inner product, ``order`` minus the norm of what a caption exceeds its image by.

    Raises:
        InputError: shapes that do not fit, or an owner outside the images.
        NumberError: a vector holds a NaN or an infinity.
    """

    image: Vectors
    caption: Vectors | None = None
    owner: npt.NDArray[np.int64] | None = None
    similarity: str = "inner"
    protocol: str = "retrieval"

    def __post_init__(self) -> None:
        """Refuse what no ranking could be trusted on."""
        if self.caption is not None:
            require_one_space(self.image, self.caption)
        if self.owner is not None:
            require_owned(self.owner, self.image, self.caption)
        require_finite("image", self.image)
        if self.caption is not None:
            require_finite("caption", self.caption)

    def save(self, folder: Path, name: str = EMBEDDINGS) -> dict[str, str]:
        """Write ``folder/embeddings.npz``, whole or not at all; return its name and SHA-256.

        The arrays ``image_id, image_vector, image_label, caption_id, caption_vector,
        caption_label, owner``, each where it is there, and the words ``similarity, protocol``; none
        is pickled. ``name`` is another for the file.
        """
        arrays = self.image.arrays("image")
        if self.caption is not None:
            arrays |= self.caption.arrays("caption")
        if self.owner is not None:
            arrays["owner"] = self.owner
        words: dict[str, Any] = {"similarity": self.similarity, "protocol": self.protocol}
        return {name: save_arrays(folder / name, {**arrays, **words})}

    @staticmethod
    def load(folder: Path, name: str = EMBEDDINGS) -> "Embeddings":
        """Read what ``save`` wrote; the words may be missing, as in older files.

        Raises:
            InputError: the file is missing, damaged, or holds something else.
        """
        path = folder / name
        try:
            return _embeddings(load_arrays(path))
        except UNREADABLE as error:
            raise InputError(f"{path}: no embeddings ({error}); run `evaluate` again") from error


@dataclass(frozen=True, slots=True)
class Decoding:
    """A decoder of sentences as two functions, so that a search knows no decoder.

    ``references`` are the captions of each image, each the numbers of its words. ``start()`` gives
    the state before the first word, ``step(state, words)`` the scores of the next words and the
    state after; both in arrays of the decoder's own library.

    Raises:
        InputError: not as many references as images.
    """

    image_id: npt.NDArray[np.str_]
    references: list[list[list[int]]]
    start: Callable[[], Any]
    step: Callable[[Any, Any], tuple[Any, Any]]
    protocol: str = "captions"

    def __post_init__(self) -> None:
        """Refuse references that belong to no image."""
        images, references = len(self.image_id), len(self.references)
        if images != references:
            raise InputError(
                f"{images} images come with the references of {references}; decode the split again"
            )

    def save(self, folder: Path) -> dict[str, str]:
        """Write ``folder/captions.json``, sealed; return its name and SHA-256.

        It holds ids and references; sentences come of a search alone.
        """
        facts = {"image_id": self.image_id.tolist(), "references": self.references}
        write_sealed(folder / CAPTIONS, facts)
        return {CAPTIONS: file_sha256(folder / CAPTIONS)}


def _embeddings(arrays: Mapping[str, npt.NDArray[Any]]) -> Embeddings:
    words = {word: str(arrays[word].item()) for word in WORDS if word in arrays}
    # A name that is not known may be a known one with a flipped bit: nothing may go unseen.
    unknown = arrays.keys() - {*names("image"), *names("caption"), "owner", *WORDS}
    if unknown:
        raise ValueError(f"it holds {min(unknown)!r}")
    has_captions = any(name in arrays for name in names("caption"))
    caption = Vectors.of("caption", arrays) if has_captions else None
    return Embeddings(Vectors.of("image", arrays), caption, arrays.get("owner"), **words)
