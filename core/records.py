"""Pictures, sentences, and which belongs to which."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from core.errors import InputError, choices
from core.matrices import Row
from core.places import Place
from core.splitting import split_all
from core.text_words import Splitter, TextWords
from core.wording import counted

SPLITS = ("train", "val", "test")
ALL_SPLITS = (*SPLITS, "restval", "extra")
"""Every split that a picture may be in."""
NO_WORDS = "give a corpus of sentences, or a recipe that reads vectors of texts, such as dscmr"


@dataclass(frozen=True, slots=True)
class Image:
    """One picture of a corpus.

    ``id`` is unique in the corpus; ``place`` is the path of its file or a part of one, which need
    not exist (stage one lists it as a failure then), and None for an item that is no picture
    (stored vectors); ``split`` is ``train``, ``val``, ``test``, or another word for pictures
    outside the three (``restval``, ``extra``); ``labels`` is empty where the corpus has none.
    """

    id: str
    place: Place | None
    split: str
    labels: tuple[str, ...] = ()

    @property
    def picture(self) -> Place:
        """The picture's place, for who reads pictures.

        Raises:
            InputError: this item is no picture.
        """
        if isinstance(self.place, Row):
            raise InputError(
                f"{self.id!r} is no picture but a vector, {self.place}; make a cache of these with "
                f"`cache import {self.place.file.parent}`"
            )
        if self.place is None:
            raise InputError(f"{self.id!r} is no picture: it has no file; use its stored vectors")
        return self.place


@dataclass(frozen=True, slots=True)
class Caption:
    """One sentence; ``id`` is unique in the corpus, ``text`` is as the annotator wrote it.

    ``place`` is None, or the row of a stored vector where nobody has the sentence: ``text``, which
    is shown, is the id then, and no words are taken of it.
    """

    id: str
    text: str
    place: Row | None = None

    @property
    def sentence(self) -> str:
        """The text, for who reads words.

        Raises:
            InputError: there is a vector in its place.
        """
        if self.place is not None:
            raise InputError(f"{self.id!r} is no sentence but a vector, {self.place}; {NO_WORDS}")
        return self.text


@dataclass(frozen=True, slots=True)
class Corpus:
    """Pictures and sentences joined by an index.

    ``images`` are sorted by id and ``captions`` by their image, then by reading order;
    ``owner`` is (captions,) int64: ``images[owner[c]]`` is the picture of ``captions[c]``.
    ``notes`` are sentences for a person: what the reader dropped, and how many; ``left_out`` names
    each of these and why. ``splitter`` splits its captions into words, and may keep them.
    """

    name: str
    images: tuple[Image, ...]
    captions: tuple[Caption, ...]
    owner: npt.NDArray[np.int64]
    notes: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    splitter: Splitter = field(default=split_all, repr=False, compare=False)

    @staticmethod
    def build(
        name: str,
        images: Iterable[Image],
        captions: Iterable[tuple[str, Caption]],
        notes: Iterable[str] = (),
        left_out: Iterable[str] = (),
    ) -> "Corpus":
        """Sort the pictures and join each ``(image id, caption)`` to its picture.

        A caption without a visible character is dropped, counted in ``notes`` and named in
        ``left_out``.

        Raises:
            InputError: no pictures, an id given twice, or a caption of a picture not in ``images``.
        """
        ordered = tuple(sorted(images, key=lambda image: image.id))
        row = {image.id: index for index, image in enumerate(ordered)}
        if not ordered:
            raise InputError(f"{name}: no pictures found; check the folder and --format")
        if len(row) < len(ordered):
            twice = next(a.id for a, b in zip(ordered, ordered[1:], strict=False) if a.id == b.id)
            raise InputError(f"{name}: two pictures have the id {twice!r}; make the ids unique")
        pairs: list[tuple[int, Caption]] = []
        empty: list[str] = []
        for image_id, caption in captions:
            if image_id not in row:
                raise InputError(
                    f"{name}: caption {caption.id!r} is of {image_id!r}, which is not among the "
                    "pictures; add the picture or remove the caption"
                )
            if caption.place is not None or caption.text.strip():
                pairs.append((row[image_id], caption))
            else:
                empty.append(f"{caption.id}: empty")
        pairs.sort(key=lambda pair: pair[0])
        _refuse_repeats(name, [caption.id for _, caption in pairs])
        dropped = [f"{counted(len(empty), 'empty caption')} dropped"] if empty else []
        owner = np.array([image for image, _ in pairs], dtype=np.int64)
        kept = tuple(caption for _, caption in pairs)
        found = Corpus(name, ordered, kept, owner, (*notes, *dropped), (*left_out, *empty))
        return replace(found, splitter=_refuse_words(name)) if found.wordless else found

    @property
    def stored(self) -> bool:
        """Whether its pictures are vectors that somebody else made: there is nothing to look at."""
        return all(isinstance(image.place, Row) for image in self.images)

    @property
    def wordless(self) -> bool:
        """Whether vectors stand in the place of its sentences: there are no words to read."""
        return any(caption.place is not None for caption in self.captions)

    def captions_of(self, row: int) -> tuple[Caption, ...]:
        """All captions of the picture in ``row`` of ``images``, in reading order."""
        first, end = np.searchsorted(self.owner, [row, row + 1])
        return self.captions[first:end]

    def select(self, keep: npt.NDArray[np.bool_]) -> "Corpus":
        """The corpus of the pictures where ``keep`` (images,) bool is true, and their captions."""
        position = np.cumsum(keep) - 1
        chosen = np.flatnonzero(keep[self.owner])
        return replace(
            self,
            images=tuple(self.images[i] for i in np.flatnonzero(keep)),
            captions=tuple(self.captions[c] for c in chosen),
            owner=position[self.owner[chosen]].astype(np.int64),
        )

    def split(self, *names: str) -> "Corpus":
        """The pictures whose split is one of ``names``, and their captions.

        Raises:
            InputError: there is no such picture.
        """
        for name in names:
            refuse_unknown_split(name, (image.split for image in self.images))
        part = self.select(np.array([image.split in names for image in self.images], dtype=bool))
        wanted = " + ".join(names)
        if not part.images:
            there = ", ".join(sorted({image.split for image in self.images}))
            raise InputError(
                f"{self.name}: the split {wanted!r} is empty; splits there: {there}; choose one of "
                "these, or say of some pictures that they are of this split"
            )
        return part


def refuse_unknown_split(name: str, there: Iterable[str]) -> None:
    """Refuse what is no split of any corpus, nor one of those that are ``there``.

    Raises:
        InputError: it is none; the nearest ones are named.
    """
    accepted = {*ALL_SPLITS, *there}
    if name not in accepted:
        raise InputError(f"unknown split {name!r}: {choices(name, accepted)}; choose one of these")


def _refuse_words(name: str) -> Splitter:
    def refused(texts: Iterable[str], split: str) -> TextWords:
        raise InputError(f"{name} holds vectors of texts and no sentences; {NO_WORDS}")

    return refused


def _refuse_repeats(name: str, ids: list[str]) -> None:
    seen: set[str] = set()
    for caption_id in ids:
        if caption_id in seen:
            raise InputError(f"{name}: two captions have the id {caption_id!r}; make them unique")
        seen.add(caption_id)
