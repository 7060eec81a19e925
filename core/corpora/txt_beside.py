"""A text beside each picture: ``a.jpg`` and ``a.txt``, a line a caption, here or in ``images/``.

A picture's id is its path relative to ``images/``, else to the folder; a caption's ``id#k``, k
from 0 over the lines that are not blank. Folders that are called like splits (``train/a.jpg``) say
the split (see ``split_by_folder``); else it is ``hash_splits``'s.
"""

from pathlib import Path

from core.corpora._places import (
    corpus_name,
    hash_splits,
    notes_of_folders,
    split_by_folder,
    unfit,
)
from core.corpora._reading import lines
from core.corpora._roots import inner_root, tables_below, texts_of
from core.corpora._survey import Survey, survey
from core.records import Caption, Corpus, Image
from core.wording import counted

NEEDS = "a text beside each picture: a.jpg and a.txt, a line a caption"
ENDINGS = (".txt",)
EXAMPLE = {
    "a.jpg": "",
    "a.txt": "A cat\n",
    "b.jpg": "",
    "b.txt": "A dog\nA brown dog\n",
    "c.jpg": "",
    "c.txt": "A dog\n",
}


def recognises(path: Path) -> bool:
    """Whether a picture has a text of the same name beside it, and no folder below has tables."""
    found = survey(inner_root(path))
    return bool(texts_of(found)) and not tables_below(found)


def read(path: Path) -> Corpus:
    """The corpus; a picture without a text stays in it, a text without a picture is counted.

    Raises:
        InputError: no picture has a text, a text is not UTF-8, or a name is not.
    """
    root = inner_root(path)
    found = survey(root)
    ids, texts = found.checked_pictures(), texts_of(found)
    if not texts:
        raise unfit(path, "txt_beside", NEEDS)
    told = {image_id: _captions(root / text) for image_id, text in texts.items()}
    splits = split_by_folder(ids) or hash_splits({i: bool(told.get(i)) for i in ids})
    images = [Image(image_id, root / image_id, splits[image_id]) for image_id in ids]
    captions = [
        (image_id, Caption(f"{image_id}#{k}", text))
        for image_id, captions in told.items()
        for k, text in enumerate(captions)
    ]
    notes = [*notes_of_folders(ids), *_notes(found, ids, texts)]
    return Corpus.build(corpus_name(path), images, captions, notes)


def _captions(text: Path) -> list[str]:
    return [line for _, line in lines(text)]


def _notes(found: Survey, ids: tuple[str, ...], texts: dict[str, str]) -> list[str]:
    bare = counted(len(ids) - len(texts), "picture has", "pictures have")
    lonely = len(set(found.texts) - set(texts.values()))
    alone = counted(lonely, "text has", "texts have")
    return [
        *([f"{bare} no text beside"] if len(texts) < len(ids) else []),
        *([f"{alone} no picture of the same name"] if lonely else []),
    ]
