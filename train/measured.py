"""What is measured of the training part, and decides the shapes of a model."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import InputError, RunError, fault
from core.records import Corpus, Image
from core.sealed import read_sealed, write_sealed
from core.sources import Source
from core.text import Vocabulary
from train.record import MEND

VOCABULARY = "vocab.json"
Labels = npt.NDArray[np.bool_] | None
"""(items, classes): which classes each item has; None where there are no classes."""


@dataclass(frozen=True)
class Measured:
    """Of the training part alone; kept in the run, and read back before the weights.

    Attributes:
        shapes: source -> the shape of one item's value, sorted by the names, as files keep them.
        words: the training captions' words; None where a task reads none.
        classes: the labels of the training pictures, sorted.
        instances: the training pictures: the classes of an instance loss.
    """

    shapes: Mapping[str, tuple[int, ...]]
    words: Vocabulary | None = None
    classes: tuple[str, ...] = ()
    instances: int = 0

    @staticmethod
    def of(
        part: Corpus, sources: Mapping[str, Source], *, words: Vocabulary | None = None
    ) -> "Measured":
        """Measure ``part``; its ``words`` are the task's affair."""
        return Measured(
            shapes={name: tuple(source.shape) for name, source in sorted(sources.items())},
            words=words,
            classes=tuple(sorted({label for image in part.images for label in image.labels})),
            instances=len(part.images),
        )

    def to_json(self) -> dict[str, Any]:
        """JSON values; of the words their digest alone, as they have a file of their own."""
        return {
            "shapes": {name: list(shape) for name, shape in self.shapes.items()},
            "vocabulary_sha256": self.words.digest if self.words else "",
            "classes": list(self.classes),
            "instances": self.instances,
        }

    def write_words(self, run: Path) -> None:
        """Write ``vocab.json`` into ``run``, where there are words."""
        if self.words:
            write_sealed(run / VOCABULARY, self.words.to_json())

    @staticmethod
    def read(run: Path, stored: Mapping[str, Any]) -> "Measured":
        """What ``to_json`` gave and ``write_words`` wrote.

        Raises:
            RunError: the words are missing, damaged, or not those of ``stored``.
        """
        digest = stored["vocabulary_sha256"]
        words = _read_words(run, digest) if digest else None
        shapes = {name: tuple(shape) for name, shape in sorted(stored["shapes"].items())}
        return Measured(shapes, words, tuple(stored["classes"]), int(stored["instances"]))

    @property
    def vocabulary(self) -> Vocabulary:
        """The words, for a task that needs some.

        Raises:
            InputError: there are none.
        """
        if self.words is None:
            raise InputError("there are no training captions to take words from; add captions")
        return self.words


def _read_words(run: Path, digest: str) -> Vocabulary:
    file = run / VOCABULARY
    try:
        words = Vocabulary.from_json(read_sealed(file))
    except FileNotFoundError:
        raise RunError(f"{file} is missing; {MEND}") from None
    except (ValueError, RunError) as error:
        raise RunError(f"{file} is damaged ({fault(error)}); {MEND}") from error
    if words.digest != digest:
        raise RunError(f"{file} is of another run; {MEND}")
    return words


def labels_of(images: tuple[Image, ...], classes: tuple[str, ...]) -> Labels:
    """(images, classes) bool: which classes each picture has; None where there are no classes.

    A label that is none of ``classes`` has no column: the training part did not know it.
    """
    if not classes:
        return None
    column = {name: index for index, name in enumerate(classes)}
    table = np.zeros((len(images), len(classes)), dtype=np.bool_)
    for row, image in enumerate(images):
        known = [column[label] for label in image.labels if label in column]
        table[row, known] = True
    return table
