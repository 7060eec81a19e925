"""A corpus without labels to one with classes that are told by words of its captions."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.bare_words import words_of
from core.class_choice import choose_classes
from core.corpora.derived_labels import FORMAT, LISTING, recognises
from core.errors import InputError
from core.files import json_bytes, read_regular, write_bytes
from core.masking import akin
from core.named_classes import NamedClasses
from core.records import ALL_SPLITS, Corpus
from core.wording import counted
from pipeline.corpus import read
from pipeline.memory.whereabouts import noted
from pipeline.said.progress import say
from pipeline.stages.terms import CorpusAt

MASK = "thing"
"""What is read in the place of a class's word: a noun, of which word vectors know, of no class."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelTerms:
    """What the classes shall be: ``nouns`` is a file of the words that may be one, or None."""

    classes: int
    share: float
    nouns: Path | None
    mask: bool


def label(data: CorpusAt, wanted: LabelTerms, *, out: Path, work: Path) -> list[str]:
    """Write a corpus with labels into ``out``; its classes, a line each.

    Args:
        data: the corpus; its classes are chosen by its training captions.
        wanted: what the classes shall be.
        out: an empty folder, or none, or one that holds the same already.
        work: the work folder.

    Raises:
        InputError: the corpus cannot be read, has derived labels itself, has no training part, or
            names too few classes; or ``out`` holds something else.
    """
    if recognises(data.path):
        raise InputError(f"{data.path} has derived labels already; give the corpus that it names")
    corpus = read(data.path, data.data_format, work)
    names = _names(wanted.nouns) if wanted.nouns else None
    share = wanted.share
    chosen = choose_classes(corpus.split("train"), wanted.classes, share=share, names=names)
    classes = _masking(chosen, corpus) if wanted.mask else chosen
    _write(out, json_bytes(_listing(out, data, classes)))
    return list(_table(classes.of(corpus), classes))


def _masking(classes: NamedClasses, corpus: Corpus) -> NamedClasses:
    """The same, which hide their words and all forms of these in the captions of ``corpus``."""
    there = {word for caption in corpus.captions for word in words_of(caption.sentence)}
    own = [word for words in classes.words.values() for word in words]
    return replace(classes, mask=MASK, hidden=akin(own, there))


def _names(file: Path) -> set[str]:
    """The words of a file, a word a line.

    Raises:
        InputError: it holds none, or is no UTF-8 text.
    """
    try:
        lines = read_regular(file).decode("utf-8-sig").split("\n")
    except UnicodeDecodeError:
        raise InputError(f"{file}: not UTF-8 text; save the file as UTF-8") from None
    told = [words for line in lines if (words := words_of(line))]
    found = {words[0] for words in told if len(words) == 1}
    if not found:
        raise InputError(f"{file}: no line is a word; write a noun a line")
    if left := [" ".join(words) for words in told if len(words) > 1]:
        say(f"{file}: {counted(len(left), 'line')} of several words, which are no class: {left[0]}")
    return found


def _listing(out: Path, data: CorpusAt, classes: NamedClasses) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "corpus": noted(out, {"corpus": data.path})["corpus"],
        "corpus_format": data.data_format,
        "share": classes.share,
        "mask": classes.mask or None,
        "hidden": list(classes.hidden),
        "classes": {label: list(words) for label, words in classes.words.items()},
    }


def _write(out: Path, listing: bytes) -> None:
    """Write the one file of ``out``.

    Raises:
        InputError: something else is there.
    """
    file = out / LISTING
    if file.is_file() and read_regular(file) == listing:
        say(f"{file} is there")
    elif out.is_dir() and any(out.iterdir()):
        raise InputError(f"{out} is not empty, and holds other things; choose another --out")
    else:
        write_bytes(file, listing)


def _table(corpus: Corpus, classes: NamedClasses) -> Iterator[str]:
    """Of each class its words and how many pictures of each split have it; of none too."""
    many = Counter((i.split, label) for i in corpus.images for label in i.labels or ("",))
    splits = [split for split in ALL_SPLITS if any(key[0] == split for key in many)]
    for label, words in [*classes.words.items(), ("", ())]:
        each = ", ".join(f"{many[split, label]:,} {split}" for split in splits)
        yield f"{label} ({', '.join(words)}): {each}" if label else f"no class: {each}"
