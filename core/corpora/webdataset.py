"""WebDataset: tar files of pictures and the texts of their names, read where they lie.

A tar, or a folder of them, holds ``a.jpg`` with ``a.txt`` (a line a caption), ``a.json``
(``caption`` or ``captions``, ``label``, ``split``) or ``a.cls`` (a label). A picture's id is its
name in the tar, in a folder with the tar's name before it: ``train-0000/a.jpg``; a caption's
``id#k``. The split is that of the .json, else the word in the tar's name (``train-0000.tar``);
where neither tells one of any picture, it is ``hash_splits``'s.
"""

from pathlib import Path

from core.corpora._places import corpus_name, hash_splits, note_of_one_split, split_in_name, unfit
from core.corpora._samples import Sample, samples, told
from core.corpora._survey import is_visible
from core.errors import InputError
from core.records import Caption, Corpus, Image
from core.wording import quoted

NEEDS = "a .tar, or a folder of them, with a.jpg and a.txt, a.json or a.cls"
EXAMPLE = {
    "train-0000.tar": {
        "a.jpg": "",
        "a.txt": "A cat",
        "c.jpg": "",
        "c.json": '{"caption": "A dog"}',
    },
    "val-0000.tar": {"b.jpg": "", "b.cls": "3"},
}


def recognises(path: Path) -> bool:
    """Whether this is a ``.tar``, or a folder that holds one."""
    return bool(_tars(path)[0])


def read(path: Path) -> Corpus:
    """The corpus; what is left out of each tar is counted in the notes.

    Raises:
        InputError: a fault in a tar (``samples``), or beside the tars lies a compressed one.
    """
    tars, compressed = _tars(path)
    if compressed:
        raise InputError(
            f"{path}: {compressed[0].name} is compressed, and tars are read where they lie; type "
            f"gunzip {quoted(compressed[0])}"
        )
    if not tars:
        raise unfit(path, "webdataset", NEEDS)
    found: dict[str, tuple[str | None, Sample]] = {}
    notes: list[str] = []
    dropped: list[str] = []
    for tar in tars:
        some, left = samples(tar)
        prefix = f"{tar.stem}/" if path.is_dir() else ""
        named = split_in_name(tar.name)
        found |= {prefix + each.name: (each.split or named, each) for each in some}
        notes += told(left, tar)
        dropped += [f"{tar.name}: {line}" for line in left]
    return _corpus(path, found, notes, dropped)


def _corpus(
    path: Path,
    found: dict[str, tuple[str | None, Sample]],
    notes: list[str],
    dropped: list[str],
) -> Corpus:
    if any(split for split, _ in found.values()):
        splits = {image_id: split or "extra" for image_id, (split, _) in found.items()}
        notes = [*notes, *note_of_one_split(splits.values())]
    else:
        splits = hash_splits({image_id: bool(s.captions) for image_id, (_, s) in found.items()})
    images = [
        Image(image_id, sample.part, splits[image_id], tuple(sample.labels))
        for image_id, (_, sample) in found.items()
    ]
    captions = [
        (image_id, Caption(f"{image_id}#{k}", text))
        for image_id, (_, sample) in found.items()
        for k, text in enumerate(sample.captions)
    ]
    name = corpus_name(path).removesuffix(".tar")
    return Corpus.build(name, images, captions, notes, dropped)


def _tars(path: Path) -> tuple[list[Path], list[Path]]:
    """The tars, and the compressed ones among them, sorted."""
    there = path.iterdir() if path.is_dir() else [path]
    named = sorted(each for each in there if is_visible(each.name))
    tars = [each for each in named if each.name.lower().endswith(".tar")]
    return tars, [each for each in named if each.name.lower().endswith((".tar.gz", ".tgz"))]
