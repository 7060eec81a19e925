"""What stage two hands to stage three: two sets of vectors in one space, and who owns whom."""

from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from core.errors import InputError, NumberError
from core.files import replace_file

# What numpy and zipfile raise for a file that is missing, damaged or of another kind.
_UNREADABLE = (OSError, EOFError, ValueError, KeyError, TypeError, RuntimeError, BadZipFile)


@dataclass(frozen=True, slots=True)
class Embeddings:
    """Image and caption vectors whose inner product is their similarity.

    ``image_id`` (N,) str, ``image_vector`` (N, D) float32, ``caption_id`` (M,) str,
    ``caption_vector`` (M, D) float32, ``owner`` (M,) int64: the row of the caption's image.

    Raises:
        InputError: shapes that do not fit, or an owner outside the images.
        NumberError: a vector holds a NaN or an infinity.
    """

    image_id: npt.NDArray[np.str_]
    image_vector: npt.NDArray[np.float32]
    caption_id: npt.NDArray[np.str_]
    caption_vector: npt.NDArray[np.float32]
    owner: npt.NDArray[np.int64]

    def __post_init__(self) -> None:
        """Refuse what no ranking could be trusted on."""
        images, captions = len(self.image_id), len(self.caption_id)
        shapes = (self.image_vector.shape, self.caption_vector.shape, self.owner.shape)
        width = self.image_vector.shape[-1] if self.image_vector.ndim == 2 else -1
        if shapes != ((images, width), (captions, width), (captions,)):
            raise InputError(
                f"embeddings do not fit together: {images} image ids, {captions} caption ids, "
                f"image, caption and owner arrays of shape {shapes}; embed the split again"
            )
        if captions and not 0 <= int(self.owner.min()) <= int(self.owner.max()) < images:
            raise InputError("a caption's owner is not a row of the images; embed the split again")
        _finite("image", self.image_id, self.image_vector)
        _finite("caption", self.caption_id, self.caption_vector)

    def save(self, path: Path) -> None:
        """Write ``path`` (.npz), whole or not at all; no array is pickled."""
        with replace_file(path) as stream:
            np.savez(
                stream,
                image_id=self.image_id,
                image_vector=self.image_vector,
                caption_id=self.caption_id,
                caption_vector=self.caption_vector,
                owner=self.owner,
                allow_pickle=False,
            )

    @staticmethod
    def load(path: Path) -> "Embeddings":
        """Read what ``save`` wrote.

        Raises:
            InputError: the file is missing, damaged, or holds something else.
        """
        try:
            with path.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
                return Embeddings(**{name: arrays[name] for name in Embeddings.__slots__})
        except _UNREADABLE as error:
            raise InputError(f"{path}: no embeddings ({error}); run `evaluate` again") from error


def _finite(kind: str, ids: npt.NDArray[np.str_], vectors: npt.NDArray[np.float32]) -> None:
    bad = ~np.isfinite(vectors).all(axis=1)
    if bad.any():
        raise NumberError(
            f"{int(bad.sum())} {kind} vectors are not finite, first {str(ids[bad][0])!r}; "
            "train with a lower learning rate or check the features with `cache verify`"
        )
