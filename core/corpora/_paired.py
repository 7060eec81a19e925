"""Pairs of stored vectors, of an image and of a text, as a corpus: checked, joined, split."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.corpora._classes import Labels
from core.corpora._held_back import held_back
from core.corpora._places import corpus_name, hash_splits
from core.corpora._stored import Matrix
from core.corpora._twins import apart, rows_of, told_apart
from core.errors import InputError
from core.records import Caption, Corpus, Image
from core.wording import counted


@dataclass(frozen=True, slots=True)
class PairedSplit:
    """A split, "" where the hash tells it: row n of both matrices is item n.

    ``labels``, ``image_ids`` and ``text_ids`` have an entry a row.
    """

    split: str
    image: Matrix
    text: Matrix
    labels: Labels
    image_ids: Sequence[str]
    text_ids: Sequence[str]


def paired(path: Path, parts: Sequence[PairedSplit], notes: Sequence[str] = ()) -> Corpus:
    """The corpus; rows of which one side is missing (all NaN) are left out, and counted.

    Images that stand in two splits are learnt from in none (see ``apart``). Where no split is
    ``val``, some of ``train`` is (see ``held_back``). Notes say both.

    Raises:
        InputError: widths differ between splits, or a class that is asked about has no sample in
            ``train``.
    """
    _refuse_other_widths(parts)
    images, captions = list[Image](), list[tuple[str, Caption]]()
    missing, heads = list[str](), dict[str, bytes]()
    for part in parts:
        image, text = rows_of(part.image), rows_of(part.text)
        heads |= dict(zip(part.image_ids, image.heads, strict=True))
        for number, name in enumerate(part.image_ids):
            if image.missing[number] or text.missing[number]:
                side = part.image if image.missing[number] else part.text
                missing.append(f"{name}: row {number} of {side} is NaN")
                continue
            images.append(Image(name, part.image.row(number), part.split, part.labels[number]))
            told = part.text_ids[number]
            captions.append((name, Caption(told, told, part.text.row(number))))
    digests = told_apart([(part.image, part.image_ids) for part in parts], heads)
    found, moved, twins = apart(_with_splits(images), digests)
    found, more = held_back(found, digests)
    _refuse_untrained(path, found)
    said = [*notes, *_of_missing(missing), *moved, *more]
    return Corpus.build(corpus_name(path), found, captions, said, [*missing, *twins])


def _of_missing(missing: Sequence[str]) -> list[str]:
    many = counted(len(missing), "item")
    return [f"{many} without an image or a text left out: a row of NaN"] if missing else []


def refuse_counts(image: Matrix, text: Matrix) -> int:
    """How many rows both have.

    Raises:
        InputError: their counts differ, or texts have several vectors; the names are told.
    """
    shapes = image.vectors().shape, text.vectors().shape
    if len(shapes[1]) != 2:
        raise InputError(
            f"{text} has the shape {shapes[1]}, and vectors of texts are (N, D); save one of each"
        )
    (rows, *_, wide), (others, width) = shapes
    if rows == others:
        return int(rows)
    turned = rows == width or wide in (others, width)
    way = (
        "one looks turned: save matrices with a row an item (.T)"
        if turned
        else "row n of both must be of item n: leave out images without a text and texts without "
        "an image"
    )
    raise InputError(f"{image} has {rows:,} rows and {text} has {others:,}; {way}")


def _refuse_other_widths(parts: Sequence[PairedSplit]) -> None:
    for sides in ([part.image for part in parts], [part.text for part in parts]):
        first = sides[0].vectors().shape[1:]
        for side in sides[1:]:
            if (shape := side.vectors().shape[1:]) != first:
                raise InputError(
                    f"{sides[0]} has vectors of shape {first} and {side} of {shape}; bring those "
                    "of one extractor, with a row an item"
                )


def _with_splits(images: Sequence[Image]) -> list[Image]:
    if all(image.split for image in images):
        return list(images)
    splits = hash_splits({image.id: True for image in images})
    return [replace(image, split=splits[image.id]) for image in images]


def _refuse_untrained(path: Path, images: Sequence[Image]) -> None:
    trained = {label for image in images if image.split == "train" for label in image.labels}
    for image in (each for each in images if each.split != "extra"):
        lacking = [label for label in image.labels if label not in trained]
        if trained and lacking:
            raise InputError(
                f"{path}: the class {lacking[0]!r} of {image.id!r} ({image.split}) has no sample "
                "in 'train'; bring one, or take this class out of the labels"
            )
