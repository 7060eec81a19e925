"""Pictures alone, flat or nested, in ``images/`` or in the folder itself: for features only.

A picture's id is its path relative to ``images/``, else to the folder. Folders that are
called like splits (``train/a.jpg``) say the split (see ``split_by_folder``); else it is
``hash_split``'s.
"""

from pathlib import Path

from core.corpora import class_folders, txt_beside
from core.corpora._places import (
    corpus_name,
    hash_splits,
    notes_of_folders,
    split_by_folder,
    unfit,
)
from core.corpora._roots import corpus_above, inner_root, only_pictures
from core.corpora._survey import survey
from core.records import Corpus, Image

NEEDS = "pictures, flat or nested, and no captions or tables beside them"
EXAMPLE = {"a.jpg": "", "b.jpg": "", "more/c.jpg": ""}


def recognises(path: Path) -> bool:
    """Whether pictures are all that there is, and no other format tells more of them."""
    return (
        only_pictures(path)
        and not class_folders.recognises(path)
        and not txt_beside.recognises(path)
        and corpus_above(path) is None
    )


def read(path: Path) -> Corpus:
    """The corpus, without captions.

    Raises:
        InputError: there is no picture, or a name is not UTF-8.
    """
    root = inner_root(path)
    ids = survey(root).checked_pictures()
    if not ids:
        raise unfit(path, "pictures", NEEDS)
    splits = split_by_folder(ids) or hash_splits(dict.fromkeys(ids, False))
    images = [Image(image_id, root / image_id, splits[image_id]) for image_id in ids]
    notes = [*notes_of_folders(ids), *class_folders.note_of_strays(ids)]
    return Corpus.build(corpus_name(path), images, [], notes)
