"""For programs: the vectors of new sentences and of new pictures, by a run.

>>> from pipeline.searched.embedder import load
>>> run = load("work/runs/NAME")                          # doctest: +SKIP
>>> run.text(["two dogs"]) @ run.image(["a.jpg"]).T       # doctest: +SKIP
"""

import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from core.errors import InputError
from core.heard import Heard
from core.vectors import Vectors
from core.work_folder import WORK
from pipeline.memory.once import Once
from pipeline.searched.hearing import Hearing
from pipeline.searched.sentences import refuse_silent
from pipeline.searched.sight import Sight
from pipeline.typed.by_make import as_typed
from pipeline.typed.made import found as named
from pipeline.typed.recognised import RUN
from train.origins import origins

if TYPE_CHECKING:
    import torch

    from extract.handed import Picture
    from train.trained import Trained

Floats = npt.NDArray[np.float32]


def load(
    run: str | os.PathLike[str],
    *,
    device: str = "auto",
    work: str | os.PathLike[str] = WORK,
    once: Once | None = None,
) -> "Embedder":
    """The best model of a run, in memory; the networks of its pictures are read when one is asked.

    Args:
        run: its directory, or its name or the beginning of it, as ``list`` prints it.
        device: auto, cpu, cuda, cuda:N or mps.
        work: the work folder, where a name is looked up.
        once: what this process has read before.

    Raises:
        InputError: there is nothing of this name, or it is no run.
        RunError: the run is damaged, or no epoch is done.
        SettingError: there is no such device.
    """
    from pipeline.device import resolve
    from train.trained import load as read

    made = as_typed("train CACHE --data DATA", make="train")
    path = named(Path(run), Path(work), RUN, made)
    once = once or Once(Path(work))
    once.opened(path)
    where = resolve(device)
    return Embedder(read(path, where), where, once)


class Embedder:
    """A run that turns sentences and pictures into vectors of one space; any thread may ask.

    Attributes:
        trained: the model.
        similarity: ``inner``: the inner product of two vectors; ``order``: minus the norm of what a
            sentence's vector exceeds a picture's by, number by number.
    """

    def __init__(self, trained: "Trained", device: "torch.device", once: Once):
        """Use ``load``."""
        self.trained, self.similarity = trained, trained.task.similarity
        self._device, self._once = device, once
        self._sight: Sight | None = None
        self._hearing: Hearing | None = None
        self._words, self._eyes = threading.Lock(), threading.Lock()

    def text(self, sentences: Sequence[str]) -> Floats:
        """Sentences as unit vectors (n, D) float32, in their order.

        Of a longer sentence the first words count, as many as in training (``task.max_tokens``).

        Raises:
            InputError: no list is given; or a sentence is empty, is no text, has more than 10,000
                characters or no word that the run knows; which one, and why.
            SettingError: the run's task encodes no sentence by itself.
            RunError, CacheError: the run's sentence encoder is gone, or another by now.
        """
        _refuse_one(sentences, "text", "sentences")
        for number, sentence in enumerate(sentences, start=1):
            refuse_silent(sentence, f"sentence {number}", self.heard)
        if not sentences:
            return np.zeros((0, self.trained.task.dim), dtype=np.float32)
        with self._words:
            if self._hearing is None:
                read = origins(self.trained.run, self.trained.config)
                self._hearing = Hearing(self.trained.run, read, str(self._device))
            found: Floats = self.trained.texts(sentences, self._hearing.sources(sentences)).value
        return found

    def image(self, pictures: Sequence["Picture"], names: Sequence[str] = ()) -> Floats:
        """Pictures as unit vectors (n, D) float32, in their order, one after another.

        Each is decoded, cut and seen as those of the run's caches were, so that a picture of the
        corpus has its vector of there, to the rounding of another batch.

        Args:
            pictures: paths, bytes of picture files, or pictures of Pillow's.
            names: what a message calls each; its path or its number, unless given.

        Raises:
            InputError: no list is given; or one is no picture, damaged or too large; which one,
                and why.
            OSError: a file is not there, or cannot be read; with its name.
            SettingError: the run's task encodes no picture by itself.
            RunError: the run reads imported vectors, or its weights are gone.
            CacheError: its weights or libraries are others by now.
        """
        from extract.handed import opened

        _refuse_one(pictures, "image", "pictures")
        if not pictures:
            return np.zeros((0, self.trained.task.dim), dtype=np.float32)
        names = names or [_name(each, number) for number, each in enumerate(pictures, start=1)]
        with self._eyes:
            if self._sight is None:
                run, config = self.trained.run, self.trained.config
                self._sight = Sight(run, config, self._device, self._once)
            read = (opened(*each) for each in zip(pictures, names, strict=True))
            corpus, sources = self._sight.sources(read, names)
            found: Floats = self.trained.images(corpus, sources).value
        return found

    def heard(self, sentence: str) -> Heard:
        """The words of a sentence that the run knows, and those that it does not."""
        return self.trained.task.heard(sentence)

    def unknown(self, sentence: str) -> tuple[str, ...]:
        """The words of a sentence that the run does not know, lower case, each once."""
        return self.heard(sentence).unknown

    def bias(self, side: Literal["image", "caption"], vectors: Floats) -> Floats:
        """What each candidate has added to its score, (n,) float32; zeros of a run without a bias.

        Args:
            side: of the candidates: ``image``, or ``caption`` where sentences answer.
            vectors: (n, D) of ``image`` or ``text``.
        """
        ids = np.arange(len(vectors)).astype(np.str_)
        found = self.trained.bias(side, Vectors(ids, vectors))
        return np.zeros(len(vectors), dtype=np.float32) if found is None else found


def _refuse_one(given: object, function: str, what: str) -> None:
    """Refuse one in the place of several, whose characters or bytes would be taken for them."""
    if isinstance(given, str | bytes | os.PathLike):
        raise InputError(f".{function} takes a list of {what}; give it as .{function}([...])")


def _name(picture: "Picture", number: int) -> str:
    return os.fspath(picture) if isinstance(picture, str | os.PathLike) else f"picture {number}"
