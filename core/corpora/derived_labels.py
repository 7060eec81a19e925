"""Another corpus with labels of its own: classes told by words of the captions.

``derived_labels.json`` says where that corpus is, the classes with their words, in which share of a
picture's captions one must stand, and what stands in the place of these and of other words, if they
are masked.
Pictures, ids, splits are those of the corpus, so that features of it are found again.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

from core.bare_words import words_of
from core.corpora._formats import read_corpus
from core.corpora._places import corpus_name, unfit
from core.corpora._reading import field, parse_json, read_text
from core.errors import InputError
from core.named_classes import NamedClasses
from core.records import Corpus
from core.wording import counted

FORMAT = "tencrop-derived-labels/1"
LISTING = "derived_labels.json"
NEEDS = "a folder with derived_labels.json (derive one with `label`)"
ENDINGS = (".json",)
EXAMPLE = {
    "photos/images/a.jpg": "",
    "photos/images/b.jpg": "",
    "photos/images/c.jpg": "",
    "photos/dataset_photos.json": """{"images": [
        {"filename": "c.jpg", "split": "train", "sentences": [{"raw": "A dog"}]},
        {"filename": "a.jpg", "split": "val", "sentences": [{"raw": "A cat"}]},
        {"filename": "b.jpg", "split": "test", "sentences": [{"raw": "A dog"}]}
    ]}""",
    "derived_labels.json": """{"format": "tencrop-derived-labels/1", "corpus": "photos",
        "corpus_format": "auto", "share": 0.6, "mask": null, "hidden": [],
        "classes": {"dog": ["dog", "dogs"], "cat": ["cat", "cats"]}}""",
}


def recognises(path: Path) -> bool:
    """Whether this is ``derived_labels.json`` or a folder that holds one."""
    return (path / LISTING).exists() if path.is_dir() else path.name == LISTING


def read(path: Path) -> Corpus:
    """The corpus with these labels; its own, where it has some, are not used, which a note says.

    Raises:
        InputError: no such file, another format, a field that is missing or odd, or a corpus that
            is not there, holds no sentences, or has derived labels itself.
    """
    if not recognises(path):
        raise unfit(path, "derived_labels", NEEDS)
    source = path / LISTING if path.is_dir() else path
    listing = parse_json(read_text(source), str(source))
    form = field(listing, "format", str, str(source))
    if form != FORMAT:
        raise InputError(f"{source}: format {form!r}, not {FORMAT!r}; derive the labels again")
    classes, base = _classes(listing, str(source)), _base(source, listing)
    found = classes.of(base)
    notes = (*base.notes, *_notes(base, found, classes.mask))
    return replace(found, name=corpus_name(source.parent), notes=notes)


def _base(source: Path, listing: Any) -> Corpus:
    said = field(listing, "corpus", str, str(source))
    path = (source.parent / said).resolve()
    if not path.exists():
        raise InputError(f"{source}: the corpus {said!r} is not there; write where it is now")
    if recognises(path):
        raise InputError(
            f"{source}: the corpus {said!r} has derived labels itself; name the one that it is of"
        )
    return read_corpus(path, field(listing, "corpus_format", str, str(source)))


def _classes(listing: Any, where: str) -> NamedClasses:
    share, mask = listing.get("share"), listing.get("mask")
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share <= 1:
        raise InputError(f"{where}: 'share' must be a number above 0 and at most 1; mend it")
    if mask is not None:
        _require_words([mask], where, "'mask' must be null or a word")
    hidden = listing.get("hidden", [])
    _require_words(hidden, where, "'hidden' must be a list of words")
    classes, told = field(listing, "classes", dict, where), f"{where}: classes"
    for label in classes:
        of = f"the class {label!r} must have a name and words"
        words = field(classes, label, list, told)
        _require_words(words if words and label.strip() else None, where, of)
    try:
        return NamedClasses(classes, float(share), mask or "", hidden)
    except InputError as fault:
        raise InputError(f"{where}: {fault}") from None


def _require_words(given: Any, where: str, what: str) -> None:
    """Refuse what is no list of words, saying ``what`` it should be.

    Raises:
        InputError: it is none.
    """
    odd = [x for x in given if words_of(str(x)) != [x]] if isinstance(given, list) else [given]
    if odd:
        raise InputError(
            f"{where}: {what} of letters and digits in lower case, not {odd[0]!r}; mend it"
        )


def _notes(base: Corpus, found: Corpus, mask: str) -> list[str]:
    bare = sum(not image.labels for image in found.images)
    whose = "; its own labels are not used" if any(i.labels for i in base.images) else ""
    told = f"labels are words of the captions of {base.name}: "
    told += f"{counted(bare, 'picture has', 'pictures have')} none{whose}"
    masked = [f"the words of the classes are read as {mask!r} in every caption"] if mask else []
    return [told, *masked]
